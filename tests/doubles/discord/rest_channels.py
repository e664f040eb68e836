"""REST: guilds, channels, threads and the messages in them."""

from typing import TYPE_CHECKING

from tests.doubles.discord import checks, posting
from tests.doubles.discord.errors import (
    ApiError,
    FormErrors,
    Json,
    missing_access,
    missing_permissions,
    unknown,
)
from tests.doubles.discord.messages import HAS_THREAD, Message
from tests.doubles.discord.permissions import Permission
from tests.doubles.discord.places import Channel, Guild
from tests.doubles.discord.rest import Answer, Call, Route
from tests.doubles.discord.world import World

if TYPE_CHECKING:
    import datetime as dt

PAGE, MOST = 50, 100


class ChannelRoutes:
    """Handlers for what happens in places."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._old_edits: dict[str, list[dt.datetime]] = {}

    def routes(self) -> list[Route]:
        """The table of paths."""
        messages, message = "/channels/{channel}/messages", "/channels/{channel}/messages/{message}"
        return [
            Route("GET", "/guilds/{guild}", self._guild),
            Route("GET", "/guilds/{guild}/channels", self._guild_channels),
            Route("GET", "/guilds/{guild}/roles", self._guild_roles),
            Route("GET", "/guilds/{guild}/members/{user}", self._guild_member),
            Route("DELETE", "/users/@me/guilds/{guild}", self._leave_guild),
            Route("POST", "/users/@me/channels", self._open_dm),
            Route("GET", "/channels/{channel}", self._channel),
            Route("POST", "/channels/{channel}/typing", self._typing),
            Route("GET", messages, self._history),
            Route("POST", messages, self._post),
            Route("GET", message, self._message),
            Route("PATCH", message, self._edit),
            Route("DELETE", message, self._delete),
            Route("POST", f"{message}/threads", self._thread_from_message),
            Route("POST", "/channels/{channel}/threads", self._thread),
        ]

    def _guild(self, call: Call) -> Answer:
        return Answer(body=self._joined(call).summary())

    def _guild_channels(self, call: Call) -> Answer:
        channels = self._joined(call).channels.values()
        return Answer(body=[one.payload() for one in channels if one.parent is None])

    def _guild_roles(self, call: Call) -> Answer:
        return Answer(body=[one.payload() for one in self._joined(call).roles.values()])

    def _guild_member(self, call: Call) -> Answer:
        member = self._joined(call).members.get(call.params["user"])
        if member is None:
            raise unknown("Member")
        return Answer(body=member.payload())

    def _leave_guild(self, call: Call) -> Answer:
        self._joined(call).remove_bot()
        return Answer()

    def _open_dm(self, call: Call) -> Answer:
        user = self._world.users.get(str(call.json.get("recipient_id")))
        if user is None or user.bot:
            raise ApiError(400, 50033, "Invalid Recipient(s)")
        return Answer(body=self._world.dm(user).payload())

    def _channel(self, call: Call) -> Answer:
        return Answer(body=self._seen(call).payload())

    def _typing(self, call: Call) -> Answer:
        self._may_send(self._seen(call))
        return Answer()

    def _history(self, call: Call) -> Answer:
        channel, query = self._seen(call), call.query
        shown = [one for one in channel.messages if one.shown_to is None]
        if not channel.bot_permissions & Permission.READ_MESSAGE_HISTORY:
            shown = []
        if "before" in query:
            shown = [one for one in shown if int(one.id) < int(query["before"])]
        limit = min(int(query.get("limit", PAGE)), MOST)
        if "after" in query:
            shown = [one for one in shown if int(one.id) > int(query["after"])][:limit]
        return Answer(body=[one.payload() for one in reversed(shown[-limit:])])

    def _post(self, call: Call) -> Answer:
        channel = self._seen(call)
        self._may_send(channel)
        if call.files and not channel.bot_permissions & Permission.ATTACH_FILES:
            raise missing_permissions()
        nonce, enforced = call.json.get("nonce"), bool(call.json.get("enforce_nonce"))
        earlier = self._world.nonces.get(str(nonce))
        if enforced and earlier is not None and self._recent(earlier):
            return Answer(body=earlier.payload())
        answered = self._replied_to(channel, call.json.get("message_reference"))
        message = posting.create(self._world, channel, call.draft, replies_to=answered)
        if nonce is not None:
            self._world.nonces[str(nonce)] = message
        return Answer(body=message.payload())

    def _message(self, call: Call) -> Answer:
        channel = self._seen(call)
        if not channel.bot_permissions & Permission.READ_MESSAGE_HISTORY:
            raise missing_permissions()
        return Answer(body=self._found(channel, call).payload())

    def _edit(self, call: Call) -> Answer:
        message = self._found(self._seen(call), call)
        if message.author is not self._world.bot:
            raise ApiError(403, 50005, "Cannot edit a message authored by another user")
        self._spend_old_edit(message)
        posting.edit(self._world, message, call.draft, as_bot=True)
        return Answer(body=message.payload())

    def _delete(self, call: Call) -> Answer:
        channel = self._seen(call)
        message = self._found(channel, call)
        others = message.author is not self._world.bot
        if others and not channel.bot_permissions & Permission.MANAGE_MESSAGES:
            raise missing_permissions()
        posting.delete(self._world, message)
        return Answer()

    def _thread_from_message(self, call: Call) -> Answer:
        channel = self._seen(call)
        message = self._found(channel, call)
        if message.thread is not None:
            raise ApiError(400, 160004, "A thread has already been created for this message")
        message.thread = self._start_thread(channel, call.json, message.id)
        message.flags |= HAS_THREAD
        return Answer(body=message.thread.payload(), status=201)

    def _thread(self, call: Call) -> Answer:
        thread = self._start_thread(self._seen(call), call.json, self._world.ids.next())
        return Answer(body=thread.payload(), status=201)

    def _start_thread(self, channel: Channel, body: Json, thread_id: str) -> Channel:
        if channel.guild is None or channel.parent is not None:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        if not channel.bot_permissions & Permission.CREATE_PUBLIC_THREADS:
            raise missing_permissions()
        form = FormErrors()
        checks.text(form, ("name",), body.get("name"), 100, low=1)
        allowed = (60, 1440, 4320, 10080)
        lasting = body.get("auto_archive_duration") or 1440
        checks.choice(form, ("auto_archive_duration",), lasting, allowed)
        form.raise_if_any()
        return channel.guild.add_thread(channel, body["name"], thread_id=thread_id)

    def _joined(self, call: Call) -> Guild:
        guild = self._world.guilds.get(call.params["guild"])
        if guild is None:
            raise unknown("Guild")
        if not guild.bot_present:
            raise missing_access()
        return guild

    def _seen(self, call: Call) -> Channel:
        channel = self._world.channels.get(call.params["channel"])
        if channel is None or channel.deleted or (channel.parent and channel.parent.deleted):
            raise unknown("Channel")
        if not channel.visible_to_bot():
            raise missing_access()
        return channel

    def _may_send(self, channel: Channel) -> None:
        if channel.recipient is not None:
            if not self._world.shares_guild(channel.recipient):
                text = "Cannot send messages to this user due to having no mutual guilds"
                raise ApiError(403, 50278, text)
            if not channel.recipient.dms_open:
                raise ApiError(403, 50007, "Cannot send messages to this user")
        needed = Permission.SEND_MESSAGES
        if channel.parent is not None:
            needed = Permission.SEND_MESSAGES_IN_THREADS
        if not channel.bot_permissions & needed:
            raise missing_permissions()

    def _found(self, channel: Channel, call: Call) -> Message:
        message = self._world.messages.get(call.params["message"])
        gone = message is None or message.deleted or message.channel is not channel
        if message is None or gone or message.shown_to is not None:
            raise unknown("Message")
        return message

    def _replied_to(self, channel: Channel, reference: object) -> Message | None:
        if not isinstance(reference, dict):
            return None
        if not channel.bot_permissions & Permission.READ_MESSAGE_HISTORY:
            raise ApiError(403, 160002, "Cannot reply without permission to read message history")
        message = self._world.messages.get(str(reference.get("message_id")))
        if message is not None and not message.deleted and message.channel is channel:
            return message
        if reference.get("fail_if_not_exists", True):
            form = FormErrors()
            form.add(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            form.raise_if_any()
        return None

    def _recent(self, message: Message) -> bool:
        age = self._world.clock.seconds_since(message.created_at)
        return age < self._world.settings.nonce_window

    def _spend_old_edit(self, message: Message) -> None:
        settings, clock = self._world.settings, self._world.clock
        old = clock.seconds_since(message.created_at) >= settings.old_message_age
        if not old or settings.old_message_edits is None:
            return
        edits = self._old_edits.setdefault(message.channel.id, [])
        edits[:] = [one for one in edits if clock.seconds_since(one) < settings.old_message_window]
        if len(edits) >= settings.old_message_edits:
            text = "Maximum number of edits to messages older than 1 hour reached. Try again later."
            since = clock.seconds_since(edits[0]) if edits else 0.0
            wait = round(settings.old_message_window - since, 3)
            raise ApiError(429, 30046, text, retry_after=wait)
        edits.append(clock.now())
