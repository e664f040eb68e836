"""Which committee has a bill before it, and which one of the roster's that is. Pure.

Sources and rosters write one committee's name in several ways: `Energy and Commerce Committee`,
`House Committee on Energy and Commerce`. What is not surely the same one is none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.bill_progress import Station, progress
from domain.bills import ActionKind, Bill, BillAction, Chamber, Hearing
from domain.people import Committee, Legislator
from domain.text import fold

_REFERRED = frozenset({ActionKind.REFERRAL, ActionKind.REFERRAL_COMMITTEE})
_LEFT = frozenset(
    {
        ActionKind.COMMITTEE_PASSAGE,
        ActionKind.COMMITTEE_PASSAGE_FAVORABLE,
        ActionKind.COMMITTEE_PASSAGE_UNFAVORABLE,
        ActionKind.COMMITTEE_FAILURE,
        ActionKind.PASSAGE,
        ActionKind.FAILURE,
        ActionKind.READING_3,
        ActionKind.ENROLLED,
    }
)
_EARLY = frozenset({Station.INTRODUCED, Station.COMMITTEE})
_CHAMBERS = {"house": Chamber.LOWER, "senate": Chamber.UPPER}
_IDLE = frozenset(
    {"a", "and", "committee", "for", "house", "of", "on", "senate", "subcommittee", "the", "to"}
)
_CHAIR = "Chair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Docket:
    """A committee, as a source names it, that has a bill before it.

    `hearing` is when it hears the bill next; None where it has the bill and no hearing is known.
    """

    name: str
    chamber: Chamber
    hearing: Hearing | None = None


def dockets(bill: Bill, now: datetime) -> tuple[Docket, ...]:
    """Return the committees that have `bill` before them, the one that hears it next first."""
    hearing = bill.next_hearing(now)
    heard = (
        [Docket(name=hearing.committee, chamber=hearing.chamber, hearing=hearing)]
        if hearing and hearing.committee
        else []
    )
    return (*heard, *_having(bill))


def same_committee(committees: Sequence[Committee], docket: Docket) -> Committee | None:
    """Return the committee of a roster that a source names; None where it is not surely one."""
    words = fold(docket.name).split()
    chamber = docket.chamber
    if chamber in {Chamber.UNKNOWN, Chamber.LEGISLATURE}:
        chamber = _CHAMBERS.get(words[0] if words else "", Chamber.UNKNOWN)
    wanted = _telling(words)
    there = [one for one in committees if chamber in {Chamber.UNKNOWN, one.chamber}]
    wholes = {one.key: one for one in there if not one.parent}
    parts = [one for one in there if one.parent in wholes]
    in_full = [
        one for one in parts if wanted == _words(one) | _words(wholes[one.parent])
    ]  # "House Example Subcommittee on Parts"
    part_first = [one for one in parts if wanted == _words(one)]
    whole = [one for one in wholes.values() if wanted == _words(one)]
    ways = (in_full, part_first, whole) if "subcommittee" in words else (whole, in_full, part_first)
    found = next((way for way in ways if way), [])
    return found[0] if wanted and len(found) == 1 else None


def chair_first(members: Iterable[Legislator], committee: str) -> list[Legislator]:
    """Return a committee's members with who chairs it before the others, else as they stand."""
    return sorted(members, key=lambda one: role_on(one, committee) != _CHAIR)


def role_on(member: Legislator, committee: str) -> str:
    """Return a member's part in a committee, such as `Chair`; empty for a plain member."""
    return next((one.role for one in member.committees if one.committee == committee), "")


def _having(bill: Bill) -> list[Docket]:
    """The committees that a bill was last referred to and has not left, in the source's order."""
    held: list[BillAction] = []
    left = False
    for action in sorted(bill.actions, key=lambda one: one.on):
        kinds = set(action.kinds)
        if kinds & _LEFT:
            held, left = [], True
        if kinds & _REFERRED:
            same = held and held[0].on == action.on
            held, left = [*held, action] if same else [action], False
    named = [Docket(name=one.committee, chamber=one.chamber) for one in held if one.committee]
    here = progress(bill)
    if left or not (held or here.here.station in _EARLY):
        return []
    listed = [
        Docket(name=one.name, chamber=one.chamber)
        for one in bill.committees
        if one.chamber in {here.chamber, Chamber.UNKNOWN, Chamber.LEGISLATURE}
    ]
    return list(dict.fromkeys([*named, *listed]))


def _words(committee: Committee) -> frozenset[str]:
    return _telling(fold(committee.name).split())


def _telling(words: Iterable[str]) -> frozenset[str]:
    """The words that tell one committee from another."""
    return frozenset(words) - _IDLE
