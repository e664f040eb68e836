"""What commands need from the rest of the program, as protocols.

A unit of work is a plain function of a `Tx` that `Store.read` or `Store.write` runs: it sees and
changes all or nothing. Lists come in the order their docstrings name, and are bounded by what
one community holds.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from domain.bill_ports import (
    BillSearchesPort,
    BillsPort,
    CalendarsPort,
    LegislaturesPort,
    PollsPort,
)
from domain.campaigns import Campaign
from domain.contact_ports import CampaignsPort, PeoplePort, PlacesPort, ScriptsPort
from domain.entries import Entry
from domain.model import (
    Actor,
    Cadence,
    Channel,
    ChannelRef,
    FeedLink,
    Found,
    Health,
    Rule,
    Source,
    SourceStatus,
    Space,
    SpaceRef,
    StoryView,
    Subscription,
    Watch,
    WatchKind,
    WatchMatch,
)
from domain.proposals import Addition, Proposal, ProposalState
from domain.quotas import Usage
from domain.record import Record

T = TypeVar("T")


class Clock(Protocol):
    """Where `now` comes from."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    async def sleep(self, span: timedelta) -> None:
        """Let `span` of this clock's time pass."""
        ...


class SpacesPort(Protocol):
    """Communities and channels."""

    def ensure(self, ref: SpaceRef, now: datetime) -> Space:
        """Return the space, made with the shipped watches if it is new. Idempotent."""
        ...

    def channel(self, space: Space, external_id: str) -> Channel:
        """Return the channel, made if it is new. Idempotent."""
        ...

    def resume(self, channel_id: int) -> bool:
        """Send to the channel again; False if it was not paused."""
        ...

    def set_zone(self, channel_id: int, zone: str) -> None:
        """Show times in that zone in the channel; empty means in each place's own."""
        ...


class SourcesPort(Protocol):
    """Sources and who follows them."""

    def by_key(self, key: str) -> Source | None:
        """Return the source with that key."""
        ...

    def unfollow(self, space: Space, source_id: int) -> bool:
        """Let the space hear no more of the source; False if it did not."""
        ...

    def followed(self, space: Space) -> list[SourceStatus]:
        """Return the space's sources by title."""
        ...


class StoriesPort(Protocol):
    """Stories as communities see them."""

    def views(self, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], StoryView]:
        """Return stories by (space, story); what a space may not see is left out."""
        ...

    def found(self, story_id: int, space_id: int) -> list[tuple[WatchMatch, str, Found]]:
        """Return each watch that matched, with the text and the place in it."""
        ...

    def recent_entries(
        self, space_id: int, since: datetime, limit: int
    ) -> list[tuple[str, str, str, str, datetime]]:
        """Return title, summary, url, outlet and date of the latest entries, newest first."""
        ...


class WatchesPort(Protocol):
    """A community's watches."""

    def of(self, space: Space, kind: WatchKind | None = None) -> list[Watch]:
        """Return the watches by kind and label."""
        ...

    def find(self, space: Space, kind: WatchKind, key: str) -> Watch | None:
        """Return one watch."""
        ...

    def put(
        self, space: Space, kind: WatchKind, key: str, label: str, rule: Rule, now: datetime
    ) -> Watch:
        """Make the watch or give it another rule. Idempotent."""
        ...

    def remove(self, watch: Watch, now: datetime) -> None:
        """End a watch with the subscriptions to it. Idempotent."""
        ...

    def removed(self, space: Space, kind: WatchKind) -> list[Watch]:
        """Return the watches of a kind that ended."""
        ...

    def bring_back(self, space: Space, kind: WatchKind, key: str, now: datetime) -> bool:
        """Take up a watch that ended, as it was; False if there is none.

        Within a day the subscriptions to it come back too.
        """
        ...

    def restore_shipped(self, space: Space, kind: WatchKind, key: str, now: datetime) -> bool:
        """Give the space the record's own watch again; False if it has none of that key."""
        ...

    def touch(self) -> None:
        """Note that something changed which others hold in memory."""
        ...


class SubscriptionsPort(Protocol):
    """Which channel hears what."""

    def put(
        self, channel: Channel, watch_id: int | None, cadence: Cadence, by: str, now: datetime
    ) -> bool:
        """Let the channel hear the watch, or all; False if it did already."""
        ...

    def of(self, space: Space) -> list[Subscription]:
        """Return the space's subscriptions by channel."""
        ...

    def remove(self, subscription_id: int) -> None:
        """Let the channel hear it no more. Idempotent."""
        ...


class OutboxPort(Protocol):
    """What was sent and what waits."""

    def waiting(self, channel_id: int) -> int:
        """Return how many deliveries wait for the channel."""
        ...

    def latest_story(self, channel: Channel) -> int | None:
        """Return the story the channel heard last."""
        ...

    def heard(self, space: Space, story_id: int) -> bool:
        """Whether some channel of the space was told the story."""
        ...

    def enqueue_notice(self, channel: Channel, notice: str, now: datetime) -> None:
        """Queue a sentence for a channel."""
        ...

    def enqueue_card(self, campaign: Campaign, now: datetime) -> None:
        """Queue the card of a campaign for its channel, once."""
        ...

    def enqueue_card_edits(self, campaign_ids: Iterable[int | None], now: datetime) -> int:
        """Queue an edit of each posted card that shows less than is known; edits are gathered."""
        ...

    def health(self, space: Space, now: datetime) -> Health:
        """Return how the space's sources and channels are doing."""
        ...


class RecordPort(Protocol):
    """The pledge record."""

    def load(self, space: Space | None = None) -> Record:
        """Return the record as the space sees it; without one, the shipped record."""
        ...


class ProposalsPort(Protocol):
    """What a community proposes to add to its record. `domain.proposals` has the rules."""

    def add(self, space: Space, addition: Addition, actor: Actor, now: datetime) -> Proposal:
        """Keep a proposal, open for review."""
        ...

    def find(self, space: Space, proposal_id: int) -> Proposal | None:
        """Return a proposal of the space with its reviews."""
        ...

    def same(self, space: Space, addition: Addition) -> Proposal | None:
        """Return an open or confirmed proposal that says just this."""
        ...

    def of(self, space: Space, state: ProposalState, limit: int) -> list[Proposal]:
        """Return the space's proposals in that state, oldest first."""
        ...

    def open_by(self, space: Space, actor: Actor) -> int:
        """Return how many proposals of the actor wait for review."""
        ...

    def keep(self, space: Space, after: Proposal) -> None:
        """Keep the last review of `after` and what the proposal came to with it."""
        ...


class AuditPort(Protocol):
    """The audited path of every change."""

    def note(
        self,
        space: Space,
        actor: Actor,
        verb: str,
        subject: str,
        now: datetime,
        *,
        before: str = "",
        after: str = "",
    ) -> None:
        """Keep that `actor` did `verb` to `subject`."""
        ...

    def others_did(self, space: Space, actor: Actor, verbs: Iterable[str]) -> bool:
        """Whether someone else than `actor` did one of `verbs` in the space."""
        ...


class QuotasPort(Protocol):
    """How often the legislatures' services were asked."""

    def all(self, now: datetime) -> list[Usage]:
        """Return what every service that was ever asked has had by `now`, by name."""
        ...


class Tx(Protocol):
    """One open transaction."""

    @property
    def spaces(self) -> SpacesPort: ...  # noqa: D102
    @property
    def sources(self) -> SourcesPort: ...  # noqa: D102
    @property
    def stories(self) -> StoriesPort: ...  # noqa: D102
    @property
    def watches(self) -> WatchesPort: ...  # noqa: D102
    @property
    def subscriptions(self) -> SubscriptionsPort: ...  # noqa: D102
    @property
    def outbox(self) -> OutboxPort: ...  # noqa: D102
    @property
    def record(self) -> RecordPort: ...  # noqa: D102
    @property
    def proposals(self) -> ProposalsPort: ...  # noqa: D102
    @property
    def bills(self) -> BillsPort: ...  # noqa: D102
    @property
    def bill_searches(self) -> BillSearchesPort: ...  # noqa: D102
    @property
    def legislatures(self) -> PollsPort: ...  # noqa: D102
    @property
    def calendars(self) -> CalendarsPort: ...  # noqa: D102
    @property
    def people(self) -> PeoplePort: ...  # noqa: D102
    @property
    def scripts(self) -> ScriptsPort: ...  # noqa: D102
    @property
    def campaigns(self) -> CampaignsPort: ...  # noqa: D102
    @property
    def audit(self) -> AuditPort: ...  # noqa: D102
    @property
    def quotas(self) -> QuotasPort: ...  # noqa: D102


class Store(Protocol):
    """The database."""

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on a consistent view; it must not write."""
        ...

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction and commit it; an exception rolls all of it back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What stands at an address: a feed's latest entries, or the feeds that a page offers."""

    url: str
    title: str
    entries: Sequence[Entry] = ()
    offers: tuple[FeedLink, ...] = ()


class FeedsPort(Protocol):
    """Reading feeds on request. Every method raises FeedError with a sentence for people."""

    async def probe(self, url: str) -> Probe:
        """Fetch and read `url` without keeping anything."""
        ...

    async def follow(self, space: Space, url: str, by: str) -> Source:
        """Poll the feed now and let the space hear what it brings from then on. Idempotent."""
        ...

    def key(self, space: Space, url: str) -> str:
        """Return the key of the source at that address for that space."""
        ...


class MatchPort(Protocol):
    """Trying watches out."""

    def matches(self, watches: Sequence[Watch], entries: Sequence[Entry]) -> list[list[WatchMatch]]:
        """Return, for each entry, the watches it satisfies with the words that did."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks, where and when.

    `is_organizer` and `lacking` ask the platform only when a command needs to know; `lacking`
    names the permissions without which the bot cannot post in the channel.
    """

    actor: Actor
    space: SpaceRef
    channel: ChannelRef
    now: datetime
    organizers: str
    is_organizer: Callable[[], Awaitable[bool]]
    lacking: Callable[[], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a command handler works with."""

    request: Request
    space: Space
    store: Store
    feeds: FeedsPort
    matching: MatchPort
    places: PlacesPort
    legislatures: LegislaturesPort
    starter_feeds: tuple[str, ...] = ()

    @property
    def now(self) -> datetime:
        """When it was asked."""
        return self.request.now
