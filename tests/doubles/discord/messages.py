"""Messages as the double keeps them: what was sent, what became of it, what it says."""

import dataclasses
import datetime as dt
from collections.abc import Iterator

from tests.doubles.discord.clock import iso
from tests.doubles.discord.components import BUTTON, SELECTS, each, texts
from tests.doubles.discord.errors import Json
from tests.doubles.discord.mentions import NOBODY, Pings
from tests.doubles.discord.people import User
from tests.doubles.discord.places import Channel

SUPPRESS_EMBEDS = 1 << 2
HAS_THREAD = 1 << 5
EPHEMERAL = 1 << 6
LOADING = 1 << 7
SUPPRESS_NOTIFICATIONS = 1 << 12
COMPONENTS_V2 = 1 << 15

ORDINARY_MESSAGE, REPLY, COMMAND_REPLY = 0, 19, 20


@dataclasses.dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that the bot uploaded with a message."""

    id: str
    filename: str
    content: bytes = dataclasses.field(repr=False)
    content_type: str
    description: str | None
    url: str

    def payload(self) -> Json:
        """The attachment object."""
        return {
            "id": self.id,
            "filename": self.filename,
            "size": len(self.content),
            "url": self.url,
            "proxy_url": self.url,
            "content_type": self.content_type,
            "description": self.description,
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Edit:
    """One edit: the body as sent with its allowed_mentions, and what the message said then."""

    at: dt.datetime
    payload: Json
    content: str
    embeds: list[Json]
    components: list[Json]
    allowed_mentions: Json | None
    pings: Pings


@dataclasses.dataclass(eq=False, kw_only=True)
class Message:
    """A message; `allowed_mentions` and `pings` are those of the latest body that set its text."""

    id: str
    channel: Channel
    author: User
    created_at: dt.datetime
    sent: Json
    kind: int = ORDINARY_MESSAGE
    content: str = ""
    embeds: list[Json] = dataclasses.field(default_factory=list)
    components: list[Json] = dataclasses.field(default_factory=list)
    attachments: list[Attachment] = dataclasses.field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    allowed_mentions: Json | None = None
    pings: Pings = NOBODY
    dropped_embeds: list[Json] = dataclasses.field(default_factory=list)
    replies_to: "Message | None" = None
    shown_to: User | None = None
    interaction: Json | None = None
    edits: list[Edit] = dataclasses.field(default_factory=list)
    edited_at: dt.datetime | None = None
    deleted: bool = False
    thread: Channel | None = None

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Whether it only says that the bot is thinking."""
        return bool(self.flags & LOADING)

    @property
    def v2(self) -> bool:
        """Whether it consists of components alone."""
        return bool(self.flags & COMPONENTS_V2)

    @property
    def text(self) -> str:
        """All that a reader reads in it, one part a line: content, embeds, text displays."""
        parts = [self.content, *_embed_texts(self.embeds), *texts(self.components)]
        return "\n".join(part for part in parts if part)

    @property
    def controls(self) -> list[Json]:
        """Its buttons and select menus, in reading order."""
        kinds = SELECTS | {BUTTON}
        return [one for one in each(self.components) if one.get("type") in kinds]

    @property
    def pictures(self) -> list[tuple[Attachment, str]]:
        """Uploaded files that its components show, each with the description read aloud."""
        held = {one.url: one for one in self.attachments}
        items = [one for part in each(self.components) for one in part.get("items", [])]
        shown = [(one["media"]["url"], one.get("description") or "") for one in items]
        return [(held[url], said) for url, said in shown if url in held]

    @property
    def files(self) -> list[Attachment]:
        """Uploaded files that its components offer to take away."""
        held = {one.url: one for one in self.attachments}
        offered = [part["file"]["url"] for part in each(self.components) if "file" in part]
        return [held[url] for url in offered if url in held]

    @property
    def unseen(self) -> list[Attachment]:
        """Uploaded files that nothing in a message of components shows: nobody sees them."""
        seen = [*self.files, *(one for one, _ in self.pictures)]
        return [one for one in self.attachments if one not in seen] if self.v2 else []

    @property
    def labels(self) -> list[str]:
        """What its buttons say."""
        return [str(one["label"]) for one in self.controls if one.get("label")]

    def payload(self) -> Json:
        """The message object."""
        body: Json = {
            "id": self.id,
            "channel_id": self.channel.id,
            "author": self.author.payload(),
            "type": self.kind,
            "content": self.content,
            "timestamp": iso(self.created_at),
            "edited_timestamp": iso(self.edited_at) if self.edited_at else None,
            "tts": False,
            "pinned": False,
            "flags": self.flags,
            "embeds": [] if self.flags & SUPPRESS_EMBEDS else self.embeds,
            "attachments": [one.payload() for one in self.attachments],
            "components": self.components,
        }
        return body | self._mention_fields() | self._origin_fields()

    def _mention_fields(self) -> Json:
        guild = self.channel.guild
        members = guild.members if guild else {}
        return {
            "mentions": [members[one].user.payload() for one in self.pings.users & members.keys()],
            "mention_roles": sorted(self.pings.roles),
            "mention_everyone": self.pings.everyone,
        }

    def _origin_fields(self) -> Json:
        body: Json = {}
        if self.nonce is not None:
            body["nonce"] = self.nonce
        if self.interaction is not None:
            own = self.author.id
            body |= {"interaction_metadata": self.interaction, "application_id": own}
            body["webhook_id"] = own
        if self.replies_to is not None:
            body["message_reference"] = _reference(self.replies_to)
            body["referenced_message"] = None
            if not self.replies_to.deleted:
                body["referenced_message"] = self.replies_to.payload()
        if self.thread is not None:
            body["thread"] = self.thread.payload()
        return body

    def event(self) -> Json:
        """The message object as the gateway carries it."""
        guild = self.channel.guild
        return self.payload() | ({"guild_id": guild.id} if guild else {})

    def record_edit(self, payload: Json, now: dt.datetime) -> None:
        """Add an edit that has just been made to the history."""
        self.edited_at = now
        self.edits.append(
            Edit(
                at=now,
                payload=payload,
                content=self.content,
                embeds=self.embeds,
                components=self.components,
                allowed_mentions=payload.get("allowed_mentions"),
                pings=self.pings,
            )
        )


def _reference(message: Message) -> Json:
    body: Json = {"type": 0, "message_id": message.id, "channel_id": message.channel.id}
    return body | ({"guild_id": message.channel.guild.id} if message.channel.guild else {})


def _embed_texts(embeds: list[Json]) -> Iterator[str]:
    for embed in embeds:
        yield (embed.get("author") or {}).get("name", "")
        yield embed.get("title", "")
        yield embed.get("description", "")
        for field in embed.get("fields", []):
            yield f"{field['name']}\n{field['value']}"
        yield (embed.get("footer") or {}).get("text", "")
