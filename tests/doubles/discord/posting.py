"""Making, changing and removing messages: the part that REST and interactions share."""

import dataclasses
import mimetypes
import re
from typing import TYPE_CHECKING

from tests.doubles.discord import checks
from tests.doubles.discord.check_messages import check_message, flags_of, says_something
from tests.doubles.discord.components import kept, texts
from tests.doubles.discord.errors import (
    ApiError,
    FormErrors,
    Json,
    empty_message,
    missing_permissions,
)
from tests.doubles.discord.mentions import NOBODY, pings
from tests.doubles.discord.messages import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    ORDINARY_MESSAGE,
    REPLY,
    SUPPRESS_EMBEDS,
    SUPPRESS_NOTIFICATIONS,
    Attachment,
    Message,
)
from tests.doubles.discord.people import User
from tests.doubles.discord.permissions import Permission
from tests.doubles.discord.places import Channel

if TYPE_CHECKING:
    from tests.doubles.discord.world import World

GUILD_MESSAGES_INTENT, DIRECT_MESSAGES_INTENT = 1 << 9, 1 << 12
SETTABLE = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2
FILES = 10
DESCRIPTION = 1024
_ODD = re.compile(r"[^A-Za-z0-9_.-]")
PICTURES = (("image", "url"), ("thumbnail", "url"), ("footer", "icon_url"), ("author", "icon_url"))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Upload:
    """One file of a multipart body."""

    filename: str
    content: bytes = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Draft:
    """The body of a message as it came in, and its files by number."""

    payload: Json
    files: dict[int, Upload] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Origin:
    """Where an interaction's message comes from: no channel permissions apply to it."""

    kind: int
    metadata: Json
    shown_to: User | None = None


def create(
    world: "World",
    channel: Channel,
    draft: Draft,
    *,
    author: User | None = None,
    origin: Origin | None = None,
    replies_to: Message | None = None,
) -> Message:
    """Store a new message and tell the gateway, or refuse it."""
    attachments = _uploads(world, channel, draft, [])
    check_message(draft.payload, [one.filename for one in attachments])
    message = Message(
        id=world.ids.next(),
        channel=channel,
        author=author or world.bot,
        created_at=world.clock.now(),
        sent=draft.payload,
        kind=REPLY if replies_to else ORDINARY_MESSAGE,
        nonce=draft.payload.get("nonce"),
        replies_to=replies_to,
        attachments=attachments,
        flags=flags_of(draft.payload) & SETTABLE,
    )
    if origin is not None:
        _mark(message, origin)
    _fill(message, draft.payload, drop=origin is None)
    _settle_pings(message, draft.payload)
    if message.dropped_embeds and _is_empty(message):
        raise missing_permissions()
    _refuse_empty(message)
    keep(world, message)
    return message


def placeholder(world: "World", channel: Channel, origin: Origin, sent: Json) -> Message:
    """Store the message that says the bot is thinking."""
    message = Message(
        id=world.ids.next(),
        channel=channel,
        author=world.bot,
        created_at=world.clock.now(),
        sent=sent,
        flags=LOADING,
    )
    _mark(message, origin)
    keep(world, message)
    return message


def keep(world: "World", message: Message) -> None:
    """Put a finished message in its place and tell the gateway."""
    world.messages[message.id] = message
    message.channel.messages.append(message)
    _tell(world, "MESSAGE_CREATE", message)


def edit(world: "World", message: Message, draft: Draft, *, as_bot: bool = False) -> None:
    """Change a message, or refuse to; `as_bot` counts the channel's permissions."""
    attachments = _uploads(world, message.channel, draft, message.attachments)
    check_message(draft.payload, [one.filename for one in attachments], message)
    first = message.loading
    before = _snapshot(message)
    try:
        message.attachments = attachments
        _set_flags(message, draft.payload)
        _fill(message, draft.payload, drop=as_bot)
        _refuse_empty(message)
    except ApiError:
        _restore(message, before)
        raise
    if first or _sets_text(message, draft.payload):
        _settle_pings(message, draft.payload)
    if first:
        message.sent = draft.payload
    else:
        message.record_edit(draft.payload, world.clock.now())
    _tell(world, "MESSAGE_UPDATE", message)


def delete(world: "World", message: Message) -> None:
    """Remove a message."""
    message.deleted = True
    message.channel.messages.remove(message)
    if message.shown_to is None:
        guild = message.channel.guild
        body = {"id": message.id, "channel_id": message.channel.id}
        body |= {"guild_id": guild.id} if guild else {}
        world.emit("MESSAGE_DELETE", body, guild=message.channel.guild_id, intent=_intent(message))
    world.changes.tell()


def _mark(message: Message, origin: Origin) -> None:
    message.kind = origin.kind
    message.interaction = origin.metadata
    message.shown_to = origin.shown_to
    message.flags |= EPHEMERAL if origin.shown_to else 0


def _set_flags(message: Message, payload: Json) -> None:
    message.flags &= ~LOADING
    if payload.get("flags") is not None:
        wanted = flags_of(payload) & (SUPPRESS_EMBEDS | COMPONENTS_V2)
        message.flags = (message.flags & ~SUPPRESS_EMBEDS) | wanted


def _fill(message: Message, payload: Json, *, drop: bool) -> None:
    """Take over what the body says; `drop` leaves out embeds that the channel does not permit."""
    files = {one.filename: one.url for one in message.attachments}
    if "content" in payload:
        message.content = (payload["content"] or "").strip()
    if "components" in payload:
        message.components = kept(payload["components"] or [], files)
    if "embeds" in payload:
        embeds = [_shown(one, files) for one in payload["embeds"] or []]
        _place_embeds(message, embeds, drop=drop)


def _shown(embed: Json, files: dict[str, str]) -> Json:
    """An embed as the service shows it, with `attachment://` names turned into addresses."""
    shown = embed | {"type": "rich"}
    for part, key in PICTURES:
        if isinstance(shown.get(part), dict) and shown[part].get(key):
            name = str(shown[part][key]).removeprefix("attachment://")
            shown[part] = shown[part] | {key: files.get(name, shown[part][key])}
    return shown


def _place_embeds(message: Message, embeds: list[Json], *, drop: bool) -> None:
    if any(not says_something(one) for one in embeds):
        raise empty_message()
    permitted = message.channel.bot_permissions & Permission.EMBED_LINKS
    if drop and embeds and not permitted:
        message.dropped_embeds = embeds
        embeds = []
    message.embeds = embeds


def _refuse_empty(message: Message) -> None:
    if _is_empty(message):
        raise empty_message()


def _is_empty(message: Message) -> bool:
    if message.v2:
        return not message.components
    return not (message.content or message.embeds or message.attachments or message.components)


def _sets_text(message: Message, payload: Json) -> bool:
    """Whether a body sets what mentions are looked for in; only then do they change."""
    return ("components" if message.v2 else "content") in payload


def _settle_pings(message: Message, payload: Json) -> None:
    allowed = payload.get("allowed_mentions")
    replied_to = message.replies_to.author.id if message.replies_to else None
    text = "\n".join([message.content, *(texts(message.components) if message.v2 else [])])
    message.allowed_mentions = allowed
    message.pings = NOBODY
    if message.shown_to is None:
        message.pings = pings(text, allowed, message.channel, replied_to)


def _uploads(
    world: "World", channel: Channel, draft: Draft, existing: list[Attachment]
) -> list[Attachment]:
    """The attachments the message will have: those kept, then those uploaded."""
    if sum(len(one.content) for one in draft.files.values()) > world.settings.upload_limit:
        raise ApiError(413, 40005, "Request entity too large")
    listed = draft.payload.get("attachments")
    described = {str(one.get("id")): one for one in listed or []}
    left = [one for one in existing if listed is None or one.id in described]
    _check_listed(described, draft, left)
    return left + [
        _upload(world, channel, file, described.get(str(number), {}))
        for number, file in sorted(draft.files.items())
    ]


def _check_listed(described: dict[str, Json], draft: Draft, left: list[Attachment]) -> None:
    form = FormErrors()
    known = {str(number) for number in draft.files} | {one.id for one in left}
    for index, name in enumerate(described):
        if name not in known:
            message = "The attachment does not exist in this message or upload"
            form.add(("attachments", index), "ATTACHMENT_NOT_FOUND", message)
        said = described[name].get("description")
        checks.text(form, ("attachments", index, "description"), said, DESCRIPTION)
    if len(left) + len(draft.files) > FILES:
        form.add(("files",), "BASE_TYPE_MAX_LENGTH", f"Must be {FILES} or fewer in length.")
    form.raise_if_any()


def _upload(world: "World", channel: Channel, file: Upload, described: Json) -> Attachment:
    number = world.ids.next()
    # As the service does: other characters are not kept, and what refers to them finds nothing.
    name = _ODD.sub("_", described.get("filename") or file.filename)
    return Attachment(
        id=number,
        filename=name,
        content=file.content,
        content_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
        description=described.get("description"),
        url=f"{world.base}/attachments/{channel.id}/{number}/{name}",
    )


def _snapshot(message: Message) -> Json:
    names = ("content", "embeds", "components", "attachments", "flags", "dropped_embeds")
    return {name: getattr(message, name) for name in names}


def _restore(message: Message, before: Json) -> None:
    for name, value in before.items():
        setattr(message, name, value)


def _intent(message: Message) -> int:
    return GUILD_MESSAGES_INTENT if message.channel.guild else DIRECT_MESSAGES_INTENT


def _tell(world: "World", event: str, message: Message) -> None:
    if message.shown_to is None:
        world.emit(event, message.event(), guild=message.channel.guild_id, intent=_intent(message))
    world.changes.tell()
