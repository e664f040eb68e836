"""What flows through the program: source → entry → match → story → alert → delivery.

Datetimes are aware and in UTC. An `id` is the row's number in the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from domain.entries import Entry
from domain.errors import UserError


class Platform(StrEnum):
    """Where people talk to the bot."""

    DISCORD = "discord"
    SLACK = "slack"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceRef:
    """A community as its platform names it: a Discord guild or a Slack workspace."""

    platform: Platform
    external_id: str

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read `discord:ID`, `slack:ID` or `terminal:ID`. Raises UserError."""
        platform, colon, external_id = written.partition(":")
        if not colon or not external_id or platform not in list(Platform):
            raise UserError(
                f"“{written}” names no space.", hint="Write discord:ID or slack:ID, with the id."
            )
        return cls(platform=Platform(platform), external_id=external_id)

    def __str__(self) -> str:
        return f"{self.platform}:{self.external_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRef:
    """A channel as its platform names it; `user:ID` is a direct message to that person."""

    space: SpaceRef
    external_id: str

    def __str__(self) -> str:
        return f"{self.space}/{self.external_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The tenant: everything that belongs to a community carries its id."""

    id: int
    ref: SpaceRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel that hears alerts. Nothing is sent to a paused one.

    `zone` (IANA) is where its people live, as far as they said.
    """

    id: int
    space_id: int
    ref: ChannelRef
    paused_at: datetime | None = None
    paused_because: str = ""
    zone: str = ""


class SourceState(StrEnum):
    """Whether a source is polled."""

    ACTIVE = "active"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave to ask “has it changed?” with."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A polled place: where it is, how it was last time, when it is asked again."""

    id: int
    key: str
    url: str
    title: str
    state: SourceState
    validators: Validators
    body_hash: str
    interval: timedelta
    next_poll_at: datetime
    failures: int = 0
    last_error: str = ""
    last_polled_at: datetime | None = None
    last_ok_at: datetime | None = None
    moved_to: str = ""
    moved_times: int = 0

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever read from it, so that the next poll is its baseline."""
        return self.last_ok_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A feed that a page offers."""

    url: str
    title: str


class WatchKind(StrEnum):
    """What a watch is about."""

    COMPANY = "company"
    BILL = "bill"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What to look for. Watches of many communities share one rule.

    `names` count by themselves, `ambiguous` ones only beside a term of `context`. A bill's rule
    has `number` and `jurisdiction`; a topic's rule has `query` in the topic language.
    """

    kind: WatchKind
    names: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    number: str = ""
    jurisdiction: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A community's rule. `key` names the company, bill or topic; `since` bounds what it hears.

    `shipped` watches come from the record and follow it; others are the community's own.
    """

    id: int
    space_id: int
    kind: WatchKind
    key: str
    label: str
    rule_id: int
    rule: Rule
    since: datetime
    shipped: bool = False


class Field(StrEnum):
    """The part of an entry in which words were found."""

    TITLE = "title"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Words that satisfied a rule: where they stand and what they are."""

    field: Field
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An entry satisfying a rule, with the words that did; names before context."""

    rule_id: int
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldEntry:
    """A new entry that satisfies rules, so that it belongs to a story.

    `link` is what tells its link again, whoever has it; empty where several entries share it.
    """

    source_id: int
    entry: Entry
    link: str
    dated_at: datetime
    matches: Sequence[Match]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryTrace:
    """What clustering needs to know of an entry that belongs to a story.

    `link` is what tells its link again (`ToldEntry.link`).
    """

    entry_id: int
    story_id: int
    source_id: int
    title: str
    summary: str
    link: str
    dated_at: datetime
    rules: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A source as an alert names it: by its title or host, with its own headline and link."""

    source_id: int
    name: str
    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """A story as one community may see it: only the outlets and watches that are its own."""

    story_id: int
    title: str
    url: str
    summary: str
    published_at: datetime
    outlets: tuple[Outlet, ...]
    matches: tuple["WatchMatch", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchMatch:
    """A community's watch that a story satisfied, and the words that did."""

    kind: WatchKind
    key: str
    label: str
    words: tuple[str, ...]


class Cadence(StrEnum):
    """How soon a subscription is told."""

    NOW = "now"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A channel and what it hears; `watch_id` None means all of its community's watches."""

    id: int
    channel: Channel
    watch_id: int | None
    label: str
    cadence: Cadence
    since: datetime


class DeliveryKind(StrEnum):
    """What is to be sent."""

    POST = "post"
    EDIT = "edit"
    NOTICE = "notice"
    OCCASION = "occasion"
    CARD = "card"
    CARD_EDIT = "card edit"
    BILL = "bill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One alert for one channel, waiting in the outbox.

    `message` is the platform's id of the message to edit; `notice` the text of a notice, or the
    key of an occasion or of news of a bill. `campaign_id` is whose card it is.
    `digest` marks what is told together with others at its time.
    """

    id: int
    kind: DeliveryKind
    channel: Channel
    story_id: int | None
    attempts: int
    digest: bool = False
    message: str = ""
    notice: str = ""
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """A source as one community follows it."""

    source: Source
    since: datetime
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What `/pledgewatch status` tells of a community."""

    sources: int
    failing: int
    gone: int
    watches: int
    subscriptions: int
    waiting: int
    sent_last_day: int
    last_poll_at: datetime | None
    paused: tuple[Channel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who invoked something, as the platform names them."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentRow:
    """Arguments of a button that are too long to travel in it."""

    values: Mapping[str, str]
