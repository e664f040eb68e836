"""What a person can do in Slack: commands, buttons, menus, forms, shortcuts."""

from collections.abc import Iterable

from tests.doubles.slack import payloads
from tests.doubles.slack.courier import Courier
from tests.doubles.slack.delivery import Delivery, Forgery
from tests.doubles.slack.elements import check_choices, options_of
from tests.doubles.slack.errors import InvalidAck, Json, NoSuchElement, NotInManifest
from tests.doubles.slack.hooks import say_ack
from tests.doubles.slack.records import Channel, Message, User, View, find_element
from tests.doubles.slack.reply import Reply
from tests.doubles.slack.schema import Faults
from tests.doubles.slack.submitting import fill_in, finish, refuse_incomplete
from tests.doubles.slack.view_methods import close_view, view_payload
from tests.doubles.slack.workspace import DEFAULT_SCOPES, Workspace

MIN_QUERY = 3
Surface = Message | View


class Acting(Workspace):
    """A workspace whose people can act on the app."""

    def __init__(self, scopes: Iterable[str] = DEFAULT_SCOPES) -> None:
        super().__init__(scopes)
        self.courier = Courier(self)
        self._offered: dict[tuple[str, str], list[Json]] = {}

    async def command(
        self,
        user: User,
        channel: Channel,
        name: str,
        text: str = "",
        *,
        forgery: Forgery | None = None,
        copies: int = 1,
    ) -> Reply:
        """Type a slash command and wait for its acknowledgement.

        Raises NotInManifest, NoAck (with the error the person sees) and InvalidAck. `copies`
        sends the same envelope, or replays the same request, that many times.
        """
        if name not in self.manifest.commands:
            message = f"the installed app has no command {name}"
            raise NotInManifest(message)
        reply = self._begin(user, channel)
        payload: Json = dict(payloads.command(self, user, channel, name, text))
        payload["response_url"] = self.response_url(reply, channel)
        payload["trigger_id"] = self.trigger(reply)
        said = await self._send(reply, "slash_commands", payload, forgery, copies)
        say_ack(self, reply, channel, said)
        return reply

    async def click(
        self,
        user: User,
        surface: Surface,
        wanted: str,
        *,
        forgery: Forgery | None = None,
        copies: int = 1,
    ) -> Reply:
        """Press a button, named by action_id or label, and confirm it if asked."""
        block, element = find_element(surface.blocks, wanted)
        if element["type"] != "button":
            message = f"{wanted} is a {element['type']}: choose from it"
            raise NoSuchElement(message)
        action = payloads.pressed(block, element)
        return await self._act(user, surface, action, {}, forgery, copies)

    async def choose(self, user: User, surface: Surface, wanted: str, value: object) -> Reply:
        """Choose from a menu or picker; in a form the app hears of it only if it asked to."""
        block, element = find_element(surface.blocks, wanted)
        offered = await self._offers(user, surface, element, value)
        action, state = payloads.chosen(block, element, value, offered)
        if isinstance(surface, View):
            surface.entered[block["block_id"], element["action_id"]] = state
        if block["type"] == "input" and not block.get("dispatch_action"):
            return self._begin(user, self._where(surface))
        return await self._act(user, surface, action, state, None, 1)

    async def options(self, user: User, surface: Surface, wanted: str, value: str) -> list[Json]:
        """Type into an external menu and see what it offers, at most a hundred options.

        The app is not asked before as many characters as the menu wants (three by default).
        """
        self._can_use(user, surface)
        block, element = find_element(surface.blocks, wanted)
        if len(value) < element.get("min_query_length", MIN_QUERY):
            return []
        payload = payloads.interaction(self, "block_suggestion", user)
        payload |= payloads.place(self, surface)
        payload |= {"block_id": block["block_id"], "action_id": element["action_id"]}
        payload["value"] = value
        reply = self._begin(user, self._where(surface))
        said = await self._send(reply, "interactive", payload, None, 1)
        offered = _checked_options(said)
        self._offered[_key(surface, element)] = offered
        return offered

    async def submit(self, user: User, view: View, **values: object) -> Reply:
        """Fill in a modal by block_id or action_id and submit it.

        Raises FormRefused where Slack's client would not let it go. The reply holds the app's
        `errors`, or the view it was updated to or had pushed on top; `action` says which.
        """
        self._can_use(user, view)
        if not view.source.get("submit"):
            message = "this view has no submit button"
            raise NoSuchElement(message)
        for name, value in values.items():
            block, element = find_element(view.blocks, name)
            fill_in(view, block, element, value, await self._offers(user, view, element, value))
        refuse_incomplete(view)
        reply = self._begin(user, None)
        payload = payloads.interaction(self, "view_submission", user)
        payload["trigger_id"] = self.trigger(reply, view)
        payload |= {"view": view_payload(self, view), "response_urls": []}
        finish(self, reply, view, await self._send(reply, "interactive", payload, None, 1))
        return reply

    async def dismiss(self, user: User, view: View) -> Reply:
        """Close a modal; the app hears of it if it asked to."""
        self._can_use(user, view)
        close_view(self, view)
        reply = self._begin(user, None)
        if view.source.get("notify_on_close"):
            payload = payloads.interaction(self, "view_closed", user)
            payload |= {"view": view_payload(self, view), "is_cleared": False}
            await self._send(reply, "interactive", payload, None, 1)
        return reply

    async def shortcut(
        self, user: User, callback_id: str, *, message: Message | None = None
    ) -> Reply:
        """Use a global shortcut, or one on a message."""
        declared = self.manifest.shortcuts.get(callback_id, {}).get("type")
        if declared != ("message" if message else "global"):
            problem = f"the installed app has no such shortcut {callback_id}"
            raise NotInManifest(problem)
        reply = self._begin(user, message.channel if message else None)
        kind = "message_action" if message else "shortcut"
        payload = payloads.interaction(self, kind, user)
        payload |= {"callback_id": callback_id, "action_ts": self.ts()}
        payload["trigger_id"] = self.trigger(reply)
        if message:
            channel = {"id": message.channel.id, "name": message.channel.shown_name}
            payload |= {"channel": channel, "message": message.payload(), "message_ts": message.ts}
            payload["response_url"] = self.response_url(reply, message.channel)
        await self._send(reply, "interactive", payload, None, 1)
        return reply

    async def event(self, inner: Json, *, forgery: Forgery | None = None) -> Delivery:
        """Let an event happen, such as {"type": "app_home_opened", …}; retried like Slack does.

        Never raises for want of an acknowledgement: the delivery says whether it was `acked`.
        """
        kind = str(inner["type"])
        if kind == "message":
            places = {"channel": "channels", "group": "groups"}
            where = str(inner.get("channel_type", "channel"))
            kind = f"message.{places.get(where, where)}"
        if kind not in self.manifest.events:
            message = f"the installed app did not subscribe to {kind}"
            raise NotInManifest(message)
        return await self.courier.deliver_event(payloads.event(self, inner), forgery=forgery)

    async def uninstall(self) -> list[Delivery]:
        """Remove the app: its tokens stop working and it hears so, as far as it subscribed."""
        self.revoked = True
        revoked = {"oauth": [], "bot": [self.bot_user_id]}
        news: list[Json] = [{"type": "tokens_revoked", "tokens": revoked}]
        news.append({"type": "app_uninstalled"})
        return [await self.event(inner) for inner in news if inner["type"] in self.manifest.events]

    async def _act(
        self,
        user: User,
        surface: Surface,
        action: Json,
        state: Json,
        forgery: Forgery | None,
        copies: int,
    ) -> Reply:
        self._can_use(user, surface)
        where = self._where(surface)
        reply = self._begin(user, where)
        payload = payloads.block_actions(self, user, surface, action, state)
        payload["trigger_id"] = self.trigger(reply, surface if isinstance(surface, View) else None)
        if isinstance(surface, Message):
            payload["response_url"] = self.response_url(reply, surface.channel, surface)
        await self._send(reply, "interactive", payload, forgery, copies)
        return reply

    async def _send(
        self, reply: Reply, kind: str, payload: Json, forgery: Forgery | None, copies: int
    ) -> Json | None:
        if kind == "interactive" and not self.manifest.interactivity:
            message = "the installed app has no interactivity"
            raise NotInManifest(message)
        reply.delivery = await self.courier.deliver(kind, payload, forgery=forgery, copies=copies)
        return reply.delivery.said()

    async def _offers(
        self, user: User, surface: Surface, element: Json, value: object
    ) -> list[Json]:
        """What an external menu has shown, asked for now if nobody typed in it yet."""
        if "external" not in element["type"] or not isinstance(value, str):
            return self._offered.get(_key(surface, element), [])
        if _key(surface, element) not in self._offered:
            await self.options(user, surface, element["action_id"], value)
        return self._offered.get(_key(surface, element), [])

    def _begin(self, user: User, channel: Channel | None) -> Reply:
        reply = Reply(user, channel)
        self.replies.append(reply)
        return reply

    def _where(self, surface: Surface) -> Channel | None:
        return surface.channel if isinstance(surface, Message) else None

    def _can_use(self, user: User, surface: Surface) -> None:
        if isinstance(surface, Message):
            there = not surface.deleted and surface.to in {"", user.id}
        else:
            there = not surface.closed and surface.user is user
        if not there:
            message = f"{user.name} cannot see that"
            raise NoSuchElement(message)


def _key(surface: Surface, element: Json) -> tuple[str, str]:
    name = surface.ts if isinstance(surface, Message) else surface.id
    return name, element["action_id"]


def _checked_options(said: Json | None) -> list[Json]:
    if said is None:
        error = "no_options"
        raise InvalidAck(error)
    faults = Faults()
    check_choices(said, "", faults, least=0)
    if faults.found:
        error = "invalid_options"
        raise InvalidAck(error, faults.found)
    return options_of(said)
