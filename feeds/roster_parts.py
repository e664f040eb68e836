"""What both kinds of roster are read with: whole or not at all, every fault with its place. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from domain.bills import Chamber
from domain.divisions import place_name
from domain.errors import FeedError
from domain.people import CONGRESS, Legislator, Roster, Seat
from domain.text import clean

T = TypeVar("T")
Json = Mapping[str, Any]
SENATE, HOUSE = "Senate", "House"
_FILLED = 0.6  # a roster with fewer of its seats filled was cut off on its way
_LONGEST = 500
_FAULTS = (KeyError, IndexError, TypeError, AttributeError, ValueError)


class RosterFault(FeedError):
    """A roster is not as it must be: says which, where and why."""


def roster_name(name: str) -> str:
    """Return how a roster is called: `Congress`, or its state's name."""
    return "Congress" if name == CONGRESS else place_name(name)


def whole(name: str, seats: Sequence[Seat], legislators: Sequence[Legislator]) -> Roster:
    """Put seats and members together.

    A district that only the members name becomes a seat of its own. Raises RosterFault for what
    was plainly cut off, or holds someone twice.
    """
    twice = [key for key, count in Counter(one.key for one in legislators).items() if count > 1]
    if twice:
        raise RosterFault(f"The roster of {roster_name(name)} lists {line(twice[0])} twice.")
    expected = sum(seat.members for seat in seats)
    if len(legislators) < _FILLED * expected or not legislators:
        raise RosterFault(
            f"The roster of {roster_name(name)} is not whole: "
            f"{len(legislators)} members for {expected} seats."
        )
    known = {(seat.chamber, seat.division) for seat in seats}
    own: dict[tuple[Chamber, str], list[Legislator]] = defaultdict(list)
    for one in legislators:
        if (one.chamber, one.division) not in known:
            own[one.chamber, one.division].append(one)
    added = tuple(_seat_of(held[0], len(held)) for held in own.values())
    return Roster(name=name, seats=(*seats, *added), legislators=tuple(legislators))


def each(name: str, listed: Sequence[Json], read: Callable[[Json], T]) -> list[T]:
    """Read every entry of a list. Raises RosterFault that names the entry and what it lacks."""
    done: list[T] = []
    for place, one in enumerate(listed):
        try:
            done.append(read(one))
        except _FAULTS as error:
            why = line(error) or type(error).__name__
            raise RosterFault(f"{name}: entry {place} is not complete ({why}).") from None
    return done


def needed(one: Json, *path: str) -> str:
    """Return the text at a path. Raises KeyError or ValueError if there is none."""
    found: Any = one
    for part in path:
        found = found[part]
    if not isinstance(found, str | int) or not str(found).strip():
        raise ValueError(".".join(path))
    return line(found)


def line(value: object) -> str:
    """Return a value as one clean line; empty for None."""
    return clean(str(value), _LONGEST) if value is not None else ""


def web(value: object) -> str:
    """Return a web address; empty if it is none."""
    address = line(value)
    return address if address.startswith(("https://", "http://")) else ""


def _seat_of(one: Legislator, members: int) -> Seat:
    return Seat(
        jurisdiction=one.jurisdiction,
        state=one.state,
        chamber=one.chamber,
        chamber_name=SENATE if one.chamber is Chamber.UPPER else HOUSE,
        district=one.district,
        division=one.division,
        title=one.title,
        members=members,
    )
