"""The workspace that the double pretends to be: its people, channels, messages and clock."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from tests.doubles.slack.errors import ApiError, Json, NothingSeen
from tests.doubles.slack.faults import Fault, Limits
from tests.doubles.slack.manifest import Manifest, read_manifest
from tests.doubles.slack.records import Channel, Content, Message, User, View
from tests.doubles.slack.reply import Reply

if TYPE_CHECKING:
    from tests.doubles.slack.delivery import Delivery

DEFAULT_SCOPES = frozenset({"commands", "chat:write", "users:read"})
TRIGGER_LIFE = 3.0
URL_LIFE = 30 * 60.0
URL_USES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call of the Web API or of a response_url, as it was answered."""

    method: str
    args: Json
    status: int
    error: str
    time: float


@dataclass(slots=True, eq=False, kw_only=True)
class Trigger:
    """A trigger_id: who may be shown a modal, once and for three seconds."""

    user: User
    issued: float
    reply: Reply
    view: View | None = None
    used: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class ResponseUrl:
    """A response_url: five uses in thirty minutes, about `original` where there is one."""

    reply: Reply
    channel: Channel
    issued: float
    original: Message | None = None
    from_message: bool = False
    uses: int = 0


@dataclass(slots=True)
class Known:
    """Everything by id."""

    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)


class Workspace:
    """State, and the rules that hold whatever the way in."""

    def __init__(self, scopes: Iterable[str] = DEFAULT_SCOPES) -> None:
        self.scopes = set(scopes)
        self.manifest = Manifest()
        self.root = ""
        self.ack_deadline = 3.0
        self.app_id = "A0PLEDGE001"
        self.team_id = "T0WORKSPACE"
        self.team_domain = "riverside-coalition"
        self.bot_id = "B0PLEDGE001"
        self.bot_token = "xoxb-100000000001-100000000002-synthetic"
        self.app_token = "xapp-1-A0PLEDGE001-100000000003-synthetic"
        self.signing_secret = "0123456789abcdef0123456789abcdef"
        self.verification_token = "synthetic-verification"
        self.revoked = False
        self.known = Known()
        self.everything: list[Message] = []
        self.modals: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.replies: list[Reply] = []
        self.requests: list[Request] = []
        self.deliveries: list[Delivery] = []
        self.unexpected: list[str] = []
        self.tickets: set[str] = set()
        self.faults: list[Fault] = []
        self.limits = Limits()
        self._skew = 0.0
        self._count = 0
        self._changed = asyncio.Event()
        self.bot_user_id = self._user("pledgewatch", is_bot=True).id

    # Making people and places

    def add_user(
        self,
        name: str,
        *,
        is_admin: bool = False,
        is_owner: bool = False,
        tz: str = "America/Los_Angeles",
    ) -> User:
        """A new member, who is in every channel."""
        return self._user(name, is_admin=is_admin, is_owner=is_owner, tz=tz)

    def add_channel(
        self,
        name: str,
        *,
        bot_is_member: bool = True,
        private: bool = False,
        archived: bool = False,
    ) -> Channel:
        """A new channel with everyone in it, except perhaps the bot."""
        channel = Channel(
            id=self.id("C"),
            name=name,
            bot_is_member=bot_is_member,
            private=private,
            archived=archived,
        )
        self.known.channels[channel.id] = channel
        return channel

    def open_dm(self, user: User) -> Channel:
        """The direct messages between the bot and this person."""
        for channel in self.known.channels.values():
            if channel.im_user == user.id:
                return channel
        channel = Channel(id=self.id("D"), name=user.name, im_user=user.id)
        self.known.channels[channel.id] = channel
        return channel

    def install(self, manifest: Json) -> None:
        """Install the app as this manifest declares it, with exactly the scopes it asks for."""
        self.manifest = read_manifest(manifest)
        self.scopes = set(self.manifest.scopes)
        self.revoked = False

    # Trouble to order

    def fail(
        self,
        method: str,
        *,
        times: int = 1,
        status: int | None = None,
        error: str = "",
        retry_after: int | None = None,
        drop: Literal["before", "after"] | None = None,
        stored: bool = False,
        delay: float = 0.0,
        body: str | None = None,
    ) -> Fault:
        """Let the next `times` calls of a method (`*`: any, `response_url`) go wrong.

        `error` is Slack's code; `status` alone answers with HTML; 429 carries `retry_after`;
        `drop` breaks the connection before or after the call took effect; `stored` lets it take
        effect before the faulty answer; `delay` alone is only slow.
        """
        fault = Fault(
            method=method,
            times=times,
            status=status,
            error=error,
            retry_after=retry_after,
            drop=drop,
            stored=stored,
            delay=delay,
            body=body,
        )
        self.faults.append(fault)
        return fault

    def take_fault(self, method: str) -> Fault | None:
        """The fault that strikes this call, if one was ordered."""
        for fault in self.faults:
            if fault.times > 0 and fault.method in {method, "*"}:
                fault.times -= 1
                return fault
        return None

    def heal(self) -> None:
        """Call off all the trouble that was ordered."""
        self.faults.clear()

    def limit_posts(self, *, per_channel_per_second: float = 1.0, burst: float = 1.0) -> None:
        """Answer 429 to posts that come faster than this in one channel; 0 turns it off."""
        self.limits.set(per_channel_per_second, burst)

    # Messages

    def messages(self, channel: Channel) -> list[Message]:
        """What everyone sees in a channel, oldest first."""
        return [
            message
            for message in self.everything
            if message.channel is channel and not message.ephemeral and not message.deleted
        ]

    async def until(self, true: Callable[[], bool], timeout: float = 2.0) -> None:  # noqa: ASYNC109
        """Wait for something about messages or requests to become true, or raise NothingSeen."""
        try:
            async with asyncio.timeout(timeout):
                while not true():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            message = f"not within {timeout} s"
            raise NothingSeen(message) from None

    async def posted(
        self,
        channel: Channel,
        count: int = 1,
        timeout: float = 2.0,  # noqa: ASYNC109
    ) -> list[Message]:
        """The messages of a channel, once there are at least `count`."""
        await self.until(lambda: len(self.messages(channel)) >= count, timeout)
        return self.messages(channel)

    def ephemerals(self, user: User) -> list[Message]:
        """What only this person sees, oldest first."""
        return [m for m in self.everything if m.to == user.id and not m.deleted]

    def post(self, message: Message) -> Message:
        """Put a message where it is seen."""
        self.everything.append(message)
        self._changed.set()
        for reply in [message.reply] if message.reply else self._witnesses(message):
            reply.add(message)
        return message

    def write(self, user: User, channel: Channel, text: str) -> Message:
        """A person writes something in a channel; the app hears of it only through `event`."""
        message = Message(
            ts=self.ts(),
            channel=channel,
            author=user.id,
            content=Content(text=text),
            via="client",
        )
        self.everything.append(message)
        return message

    def edit(self, message: Message, content: Content) -> None:
        """Change what a message says and keep what it said."""
        message.edits.append(message.content)
        message.content = content
        self._show_change(message)

    def delete(self, message: Message) -> None:
        """Take a message away."""
        message.deleted = True
        self._show_change(message)

    def touch_view(self, view: View) -> None:
        """Show a view's owner what it has become."""
        mine = [reply for reply in self.replies if reply.user is view.user]
        for reply in mine:
            if view in reply.views or reply is mine[-1]:
                reply.open(view)

    def find(self, channel: Channel, ts: str) -> Message | None:
        """The message of a channel by its timestamp; ephemeral ones cannot be found."""
        return next((m for m in self.messages(channel) if m.ts == ts), None)

    def numbered(self, blocks: list[Json]) -> list[Json]:
        """The blocks with the ids filled in that the app left out."""
        return [self._with_ids(block) for block in blocks]

    def note(self, method: str, args: Json, status: int, error: str) -> None:
        """Log a call as it was answered."""
        self.requests.append(
            Request(method=method, args=args, status=status, error=error, time=self.now())
        )
        self._changed.set()

    # Triggers and response addresses

    def trigger(self, reply: Reply, view: View | None = None) -> str:
        """A new trigger_id for what someone just did."""
        self._count += 1
        trigger_id = f"{self._count}.{self._count + 7}.{self._count:032x}"
        self.known.triggers[trigger_id] = Trigger(
            user=reply.user, issued=self.now(), reply=reply, view=view
        )
        return trigger_id

    def exchange(self, trigger_id: str) -> Trigger:
        """Use up a trigger_id, or say why it cannot be used."""
        trigger = self.known.triggers.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if self.now() - trigger.issued > TRIGGER_LIFE:
            raise ApiError("expired_trigger_id")
        trigger.used = True
        return trigger

    def response_url(self, reply: Reply, channel: Channel, original: Message | None = None) -> str:
        """A new response_url for what someone just did."""
        kind = "actions" if original else "commands"
        path = f"/hooks/{kind}/{self.team_id}/{self.token('')}"
        self.known.response_urls[path] = ResponseUrl(
            reply=reply,
            channel=channel,
            issued=self.now(),
            original=original,
            from_message=original is not None,
        )
        return self.root + path

    def require(self, scope: str) -> None:
        """Refuse a call that the granted scopes do not cover."""
        if scope not in self.scopes:
            raise ApiError("missing_scope", needed=scope, provided=",".join(sorted(self.scopes)))

    # Ids and the clock

    def ticket(self) -> str:
        """A ticket for one websocket."""
        ticket = self.token("ticket-")
        self.tickets.add(ticket)
        return ticket

    def id(self, prefix: str) -> str:
        """A new id, such as C000000000A."""
        self._count += 1
        return f"{prefix}{self._count:010X}"

    def token(self, prefix: str) -> str:
        """A new unguessable-looking string."""
        self._count += 1
        return f"{prefix}{self._count:024x}"

    def ts(self) -> str:
        """A new message timestamp, later than all before."""
        self._count += 1
        return f"{int(self.now())}.{self._count:06d}"

    def now(self) -> float:
        """The double's clock, in seconds since 1970."""
        return self.real_time() + self._skew

    def real_time(self) -> float:
        """The system's clock, which signatures go by because the app's does."""
        return time.time()  # noqa: TID251

    def advance(self, seconds: float) -> None:
        """Let time pass for triggers, response addresses and rate limits."""
        self._skew += seconds

    # Inner workings

    def _user(self, name: str, **known: bool | str) -> User:
        user = User(self.id("U"), name, **known)  # type: ignore[arg-type]
        self.known.users[user.id] = user
        return user

    def _with_ids(self, block: Json) -> Json:
        made = {"block_id": self.token("b")[-6:], **block}
        if block.get("type") in {"actions", "context"}:
            made["elements"] = [self._with_action_id(e) for e in block["elements"]]
        for place in ("accessory", "element"):
            if isinstance(block.get(place), dict):
                made[place] = self._with_action_id(block[place])
        return made

    def _with_action_id(self, element: Json) -> Json:
        if element["type"] in {"image", "mrkdwn", "plain_text"}:
            return element
        return {"action_id": self.token("a")[-6:], **element}

    def _witnesses(self, message: Message) -> list[Reply]:
        latest: dict[str, Reply] = {reply.user.id: reply for reply in self.replies}
        return [reply for reply in latest.values() if self._sees(reply, message)]

    def _sees(self, reply: Reply, message: Message) -> bool:
        if message.to:
            return message.to == reply.user.id
        return message.channel is reply.channel or message.channel.im_user == reply.user.id

    def _show_change(self, message: Message) -> None:
        self._changed.set()
        witnesses = self._witnesses(message)
        for reply in self.replies:
            if reply in witnesses or message in reply.everything:
                reply.change(message)
