"""Legislators, the seats they hold, where they are reached, and the committees they sit on.

Congress is the jurisdiction `us`, its House `lower` and its Senate `upper`. Everything comes from
a roster, one for Congress (`us`) and one for each state (`wa`); what it leaves out is empty.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.bills import Chamber
from domain.divisions import place_name
from domain.model import Validators

CONGRESS = "us"
_SHORT = {"Representative": "Rep.", "Senator": "Sen."}


class OfficeKind(StrEnum):
    """Where an office is: at the seat of the legislature, or among the people represented."""

    CAPITOL = "capitol"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A contact point. `phone` is as the roster writes it; `hours` only where it says them."""

    kind: OfficeKind
    place: str = ""
    phone: str = ""
    address: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeSeat:
    """A legislator's place on a committee; `role` such as `Chair`, empty for a plain member."""

    committee: str
    name: str
    role: str = ""
    rank: int = 0
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Legislator:
    """A person holding a seat.

    `key` is the roster's own id (bioguide, or Open States' person); `state` a postal code in small
    letters; `title` in full (`Representative`, `Delegate`). `form` is a contact form, `site` the
    member's page.
    """

    key: str
    jurisdiction: str
    state: str
    chamber: Chamber
    district: str
    division: str
    name: str
    family_name: str
    title: str
    party: str = ""
    email: str = ""
    site: str = ""
    form: str = ""
    offices: tuple[Office, ...] = ()
    committees: tuple[CommitteeSeat, ...] = ()

    @property
    def titled(self) -> str:
        """The name with its title before it: `Rep. Pramila Jayapal`."""
        return f"{short_title(self.title)} {self.name}"

    @property
    def addressed(self) -> str:
        """How one speaks of them: title and family name."""
        return f"{short_title(self.title)} {self.family_name or self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A district of a chamber and how many members it elects; `title` is what each is called."""

    jurisdiction: str
    state: str
    chamber: Chamber
    chamber_name: str
    district: str
    division: str
    title: str
    members: int = 1

    @property
    def label(self) -> str:
        """How the seat is named: `US House · WA-7`, `State Senate · 36`."""
        if self.jurisdiction != CONGRESS:
            where = self.state.upper()
            return f"{where} {self.chamber_name} · {self.district}"
        if self.chamber is Chamber.UPPER:
            return f"US Senate · {place_name(self.state)}"
        if self.district == "at-large":
            return f"US House · {place_name(self.state)}"
        return f"US House · {self.state.upper()}-{self.district}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Committee:
    """A committee, or the part of one (`parent` is the key of the whole)."""

    key: str
    name: str
    chamber: Chamber
    parent: str = ""
    site: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everyone in one legislature, whole. `lines` is the Congress its districts were drawn for."""

    name: str
    seats: tuple[Seat, ...]
    legislators: tuple[Legislator, ...]
    committees: tuple[Committee, ...] = ()
    lines: int = 0

    @property
    def vacant(self) -> int:
        """How many seats nobody holds."""
        return sum(seat.members for seat in self.seats) - len(self.legislators)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterState:
    """The copy of a roster that is kept: when it was made, and when it was last asked for.

    `as_of` is when the publisher last confirmed it; `error` says why the latest try failed.
    """

    name: str
    as_of: datetime | None
    tried_at: datetime
    error: str = ""
    lines: int = 0
    members: int = 0
    seats: int = 0
    files: tuple[tuple[str, Validators], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Represented:
    """A seat with those who hold it; `id` is the number of its division in the database."""

    id: int
    seat: Seat
    members: tuple[Legislator, ...]

    @property
    def vacant(self) -> int:
        """How many of its seats nobody holds."""
        return max(self.seat.members - len(self.members), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """The districts of a place: division ids, and never the address.

    `house` holds the one House district it lies in, or those it may lie in where that is all that
    is known; `lines` is the Congress whose lines the map had, 0 where it had none. `districts`
    are those of the state. `missing` names, in words, what the map did not give.
    """

    state: str
    house: tuple[str, ...] = ()
    lines: int = 0
    districts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def short_title(title: str) -> str:
    """Return the title as it stands before a name: `Rep.`, `Sen.`, `Assemblymember`."""
    return _SHORT.get(title, title)


def dialled(phone: str) -> str:
    """Return a number as `tel:` links want it, with the country's code; empty if it is none."""
    digits = "".join(one for one in phone.partition("x")[0] if one.isdigit())
    if len(digits) == 10:  # noqa: PLR2004 - area code, exchange, line
        return f"+1{digits}"
    return f"+{digits}" if len(digits) == 11 and digits[0] == "1" else ""  # noqa: PLR2004


def offices_in_order(
    offices: Sequence[Office], open_: AbstractSet[Office], full: AbstractSet[str]
) -> tuple[Office, ...]:
    """Return the offices with a phone, the one to call first first.

    The capitol's line comes first while it is open; else a district office does, those that are
    open before the others. Those in `full`, the numbers found busy today, come last.
    """

    def rank(office: Office) -> tuple[bool, bool, bool, bool]:
        full_line = office.phone in full
        answers = office in open_ and not full_line
        capitol = office.kind is OfficeKind.CAPITOL
        return (full_line, not answers, capitol if not answers else not capitol, not office.place)

    return tuple(sorted((one for one in offices if one.phone), key=rank))


def full_lines(offices: Sequence[Office], open_: AbstractSet[Office], busy: int) -> frozenset[str]:
    """Return the numbers that so many busy calls today found full.

    What is logged of a call tells the legislator, not the line: each call is taken to have found
    full the line that came first then, and the next one the line after it.
    """
    full: list[str] = []
    for office in offices_in_order(offices, open_, frozenset()):
        if len(full) < busy and office.phone not in full:
            full.append(office.phone)
    return frozenset(full)
