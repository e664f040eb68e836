"""What commands about bills and hearings need from the rest of the program, as protocols."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from domain.bills import Bill, BillKey, Hearing
from domain.calendars import HearingEdition
from domain.legislature_polls import Poll
from domain.model import Actor, Space, Watch
from domain.record import Stance
from domain.tracked_bills import OwnPosition


class BillsPort(Protocol):
    """What legislatures told of bills, and where a community's people note who stands."""

    def found(self, keys: Iterable[BillKey]) -> dict[BillKey, Bill]:
        """Return those of the bills that some source told of."""
        ...

    def numbered(self, identifiers: Collection[str], jurisdiction: str, limit: int) -> list[Bill]:
        """Return the bills with one of these numbers, of one place or of all, latest session first.

        A town is found by its own name as well as by `us-wa/seattle`.
        """
        ...

    def about(
        self, words: Collection[str], jurisdictions: Collection[str], limit: int
    ) -> list[Bill]:
        """Return bills whose title has all the words, in these places or in all, newest first."""
        ...

    def seen_at(self, keys: Iterable[BillKey]) -> dict[BillKey, datetime]:
        """Return when some source last told, or confirmed, what is known of the bills."""
        ...

    def hearings(
        self, keys: Iterable[BillKey], first: date, last: date
    ) -> list[tuple[Bill, Hearing]]:
        """Return the hearings of the bills from `first` to `last`, by day; cancelled ones too."""
        ...

    def positions(self, space: Space, bills: Collection[str] = ()) -> list[OwnPosition]:
        """Return what the space noted of these bills, or of all, oldest first."""
        ...

    def put_position(
        self,
        space: Space,
        bill: str,
        who: str,
        stance: Stance,
        source: str,
        by: Actor,
        now: datetime,
    ) -> OwnPosition | None:
        """Note where someone stands, in the place of what was noted of them; return that."""
        ...

    def drop_position(self, space: Space, bill: str, who: str, now: datetime) -> OwnPosition | None:
        """Take back what was noted of someone; None if nothing was."""
        ...


class BillSearchesPort(Protocol):
    """Where new bills about topics are searched for."""

    def put(self, watch: Watch, places: Collection[str]) -> None:
        """Search for the topic in these places and in no others; none ends it."""
        ...

    def places(self, watch: Watch) -> list[str]:
        """Return where the topic is searched for."""
        ...


class PollsPort(Protocol):
    """How the legislatures' services are doing."""

    def polls(self) -> list[Poll]:
        """Return every poll there was, by source and place."""
        ...


class CalendarsPort(Protocol):
    """Hearings as calendars show them."""

    def of_bills(self, keys: Iterable[BillKey], now: datetime) -> list[HearingEdition]:
        """Return the hearings of these bills, in the order of time; cancelled ones too.

        Those that were over `domain.calendars.KEPT` ago are left out.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What came of asking services: which were asked, and what those that failed said.

    `asked` are the names people know them by, `faults` sentences, `unserved` the places that no
    service could be asked about.
    """

    asked: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    unserved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBill:
    """A bill that a service found; nothing more is known of it yet."""

    key: BillKey
    title: str
    source: str


class LegislaturesPort(Protocol):
    """Asking the legislatures' services on request. What they tell is kept before it is returned.

    Each call takes some seconds at most. Faults are told, never raised.
    """

    def title(self, source: str) -> str:
        """Return what people call a service."""
        ...

    def allowed(self, source: str) -> int:
        """Return how many requests a day a service is asked at most; 0 where none are counted."""
        ...

    async def look_up(self, key: BillKey) -> Inquiry:
        """Bring what is known of a bill up to date, if it is not of late."""
        ...

    async def look_for(self, place: str, number: str, session: str) -> Inquiry:
        """Look for a bill by its number, in this year's session where none is said."""
        ...

    async def search(self, words: str, places: Sequence[str]) -> tuple[list[FoundBill], Inquiry]:
        """Look for bills about `words` in these places, as each service sorts them."""
        ...
