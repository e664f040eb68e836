"""What a workspace holds: people, channels, messages and views."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.doubles.slack.blocks import elements_of
from tests.doubles.slack.errors import Json, NoSuchElement
from tests.doubles.slack.mrkdwn import (
    NAMED,
    attachment_strings,
    links_in,
    pings_in,
    rich_pings,
    shown_as,
    strings,
)

if TYPE_CHECKING:
    from tests.doubles.slack.reply import Reply


@dataclass(slots=True, eq=False)
class User:
    """A member of the workspace."""

    id: str
    name: str
    is_admin: bool = False
    is_owner: bool = False
    tz: str = "America/Los_Angeles"
    is_bot: bool = False
    deleted: bool = False


@dataclass(slots=True, eq=False)
class Channel:
    """A channel or direct message; everyone is in it but the bot, perhaps, and `outsiders`."""

    id: str
    name: str
    bot_is_member: bool = True
    private: bool = False
    archived: bool = False
    im_user: str = ""
    outsiders: set[str] = field(default_factory=set)

    @property
    def shown_name(self) -> str:
        """The name as slash commands carry it."""
        if self.im_user:
            return "directmessage"
        return "privategroup" if self.private else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a message says, checked."""

    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)


@dataclass(slots=True, eq=False, kw_only=True)
class Message:
    """A message as it stands now; `edits` holds what it said before, oldest first."""

    ts: str
    channel: Channel
    author: str
    content: Content
    via: str
    to: str = ""
    thread_ts: str = ""
    unfurl_links: bool | None = None
    unfurl_media: bool | None = None
    link_names: bool = False
    metadata: Json | None = None
    deleted: bool = False
    edits: list[Content] = field(default_factory=list)
    reply: "Reply | None" = None

    @property
    def text(self) -> str:
        """The text, which is the notification when there are blocks."""
        return self.content.text

    @property
    def blocks(self) -> list[Json]:
        """The blocks, ids filled in as Slack does."""
        return self.content.blocks

    @property
    def attachments(self) -> list[Json]:
        """The legacy attachments."""
        return self.content.attachments

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return bool(self.to)

    @property
    def markup(self) -> list[str]:
        """Every text in which Slack would parse `<…>` sequences."""
        inside = [*strings(self.blocks), *attachment_strings(self.attachments)]
        return [self.text, *(value for kind, value in inside if kind == "mrkdwn")]

    @property
    def pings(self) -> list[str]:
        """What would notify or link someone: `<!channel>`, `<@U…>`, `<#C…>` and the like."""
        found = [ping for value in self.markup for ping in pings_in(value)]
        found += rich_pings(self.blocks)
        if self.link_names:
            found += [ping for value in self.markup for ping in NAMED.findall(value)]
        return found

    @property
    def links(self) -> list[tuple[str, str]]:
        """The links in markup as (address, label)."""
        return [link for value in self.markup for link in links_in(value)]

    @property
    def shown(self) -> str:
        """What a person reads: the blocks if there are any, the text otherwise."""
        inside = [*strings(self.blocks), *attachment_strings(self.attachments)]
        parts = inside or [("mrkdwn", self.text)]
        return "\n".join(shown_as(kind, value) for kind, value in parts)

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons."""
        found = [e for block in self.blocks for e in elements_of(block) if e["type"] == "button"]
        return [shown_as("plain_text", element["text"]["text"]) for element in found]

    def payload(self) -> Json:
        """The message as payloads and answers carry it."""
        said: Json = {"type": "message", "ts": self.ts, "user": self.author, "text": self.text}
        if self.blocks:
            said["blocks"] = self.blocks
        if self.attachments:
            said["attachments"] = self.attachments
        if self.thread_ts:
            said["thread_ts"] = self.thread_ts
        if self.edits:
            said["edited"] = {"user": self.author, "ts": self.ts}
        return said


@dataclass(slots=True, eq=False, kw_only=True)
class View:
    """A modal or a home tab as it stands now; `source` is what the app sent."""

    id: str
    user: User
    source: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    closed: bool = False
    errors: dict[str, str] = field(default_factory=dict)
    entered: dict[tuple[str, str], Json] = field(default_factory=dict)
    versions: list[Json] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The title a person reads; empty for a home tab."""
        return str((self.source.get("title") or {}).get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        """The blocks, ids filled in as Slack does."""
        return list(self.source["blocks"])

    @property
    def callback_id(self) -> str:
        """The app's name for this form."""
        return str(self.source.get("callback_id", ""))

    @property
    def shown(self) -> str:
        """What a person reads."""
        inside = [shown_as(kind, value) for kind, value in strings(self.blocks)]
        return "\n".join([self.title, *inside])


def find_element(blocks: list[Json], wanted: str) -> tuple[Json, Json]:
    """The block and the element with this action_id, or else this label or block_id."""
    pairs = [(block, element) for block in blocks for element in elements_of(block)]
    for name in ("action_id", "label", "block_id"):
        for block, element in pairs:
            if wanted in _names(block, element)[name]:
                return block, element
    known = [element.get("action_id", "") for _, element in pairs]
    message = f"no element {wanted!r}; there are {known}"
    raise NoSuchElement(message)


def _names(block: Json, element: Json) -> dict[str, set[str]]:
    label = (element.get("text") or {}).get("text", "")
    return {
        "action_id": {str(element.get("action_id"))},
        "label": {label, shown_as("plain_text", label)} - {""},
        "block_id": {str(block.get("block_id"))},
    }
