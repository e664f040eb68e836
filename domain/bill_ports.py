"""What commands about bills and hearings need from the rest of the program, as protocols."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Protocol

from domain.bills import Bill, BillKey, Hearing
from domain.calendars import HearingEdition
from domain.model import Actor, Space
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

    def in_places(self, jurisdictions: Collection[str], limit: int) -> list[Bill]:
        """Return the bills of these places, or of all where none is named, latest change first."""
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


class CalendarsPort(Protocol):
    """Hearings as calendars show them."""

    def of_bills(self, keys: Iterable[BillKey], now: datetime) -> list[HearingEdition]:
        """Return the hearings of these bills, in the order of time; cancelled ones too.

        Those that were over `domain.calendars.KEPT` ago are left out.
        """
        ...
