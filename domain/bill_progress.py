"""How far a bill came: the stations between its introduction and a law, and how it ended. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.bills import ActionKind, Bill, BillAction, Chamber, Outcome

_PASSED = frozenset({ActionKind.PASSAGE, ActionKind.VETO_OVERRIDE_PASSAGE})
_IN_COMMITTEE = frozenset({ActionKind.REFERRAL, ActionKind.REFERRAL_COMMITTEE})
_OUT_OF_COMMITTEE = frozenset(
    {
        ActionKind.COMMITTEE_PASSAGE,
        ActionKind.COMMITTEE_PASSAGE_FAVORABLE,
        ActionKind.COMMITTEE_PASSAGE_UNFAVORABLE,
    }
)
_BY_EXECUTIVE = frozenset(
    {
        ActionKind.EXECUTIVE_RECEIPT,
        ActionKind.EXECUTIVE_SIGNATURE,
        ActionKind.EXECUTIVE_VETO,
        ActionKind.EXECUTIVE_VETO_LINE_ITEM,
    }
)
# What ends a bill, or takes an end back; the last of them counts.
_ENDS = {
    ActionKind.BECAME_LAW: Outcome.LAW,
    ActionKind.EXECUTIVE_SIGNATURE: Outcome.LAW,
    ActionKind.EXECUTIVE_VETO: Outcome.VETOED,
    ActionKind.VETO_OVERRIDE_FAILURE: Outcome.VETOED,
    ActionKind.FAILURE: Outcome.FAILED,
    ActionKind.WITHDRAWAL: Outcome.WITHDRAWN,
    ActionKind.CARRIED_OVER: Outcome.PENDING,
    ActionKind.PASSAGE: Outcome.PENDING,
    ActionKind.REFERRAL_COMMITTEE: Outcome.PENDING,
    ActionKind.VETO_OVERRIDE_PASSAGE: Outcome.PENDING,
}
_SINGLE_CHAMBERS = frozenset({"ne", "dc"})
_OTHER = {Chamber.LOWER: Chamber.UPPER, Chamber.UPPER: Chamber.LOWER}


class Station(StrEnum):
    """A stop on the way, in the order in which bills come to them."""

    INTRODUCED = "introduced"
    COMMITTEE = "committee"
    FLOOR = "floor"
    OTHER_CHAMBER = "other chamber"
    EXECUTIVE = "executive"
    END = "law"


class Reached(StrEnum):
    """Where a station lies as seen from the bill."""

    BEHIND = "behind"
    HERE = "here"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A station and since when the bill was there; `on` is None where no action tells."""

    station: Station
    reached: Reached
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The stops of a bill's way and its outcome. `chamber` is where it lies now.

    What ended lies `HERE` at the station where it did; a law's last stop is `END`.
    """

    stops: tuple[Stop, ...]
    outcome: Outcome
    chamber: Chamber
    on: date | None

    @property
    def here(self) -> Stop:
        """The stop where the bill is."""
        return next(stop for stop in self.stops if stop.reached is Reached.HERE)


def progress(bill: Bill) -> Progress:
    """Return how far `bill` came by its actions, and by its source's verdict where they are mute."""
    dates = _dates(bill)
    outcome, ended_on = outcome_of(bill)
    if outcome in {Outcome.LAW, Outcome.ADOPTED}:
        dates.setdefault(Station.END, ended_on)
    else:
        dates.pop(Station.END, None)
    way = _way(bill)
    furthest = max((way.index(one) for one in dates if one in way), default=0)
    stops = tuple(
        Stop(station=one, reached=_side(place, furthest), on=dates.get(one))
        for place, one in enumerate(way)
    )
    latest = bill.latest_action
    return Progress(
        stops=stops,
        outcome=outcome,
        chamber=_lies_in(bill),
        on=ended_on or (latest.on if latest else bill.introduced_on),
    )


def outcome_of(bill: Bill) -> tuple[Outcome, date | None]:
    """Return how a bill ended and when; PENDING if it did not."""
    ending: tuple[Outcome, date | None] = (Outcome.PENDING, None)
    for action in _in_order(bill):
        found = [_ENDS[kind] for kind in action.kinds if kind in _ENDS]
        if not found or ending[0] is Outcome.LAW:
            continue
        verdict = next((one for one in found if one is not Outcome.PENDING), Outcome.PENDING)
        ending = (verdict, action.on) if verdict is not Outcome.PENDING else (verdict, None)
    if ending[0] is Outcome.PENDING and bill.said_outcome not in {None, Outcome.PENDING}:
        assert bill.said_outcome is not None
        latest = bill.latest_action
        return bill.said_outcome, latest.on if latest else None
    if ending[0] is Outcome.PENDING and _needs_no_executive(bill):
        return _adopted(bill)
    return ending


def _adopted(bill: Bill) -> tuple[Outcome, date | None]:
    passed = [action for action in _in_order(bill) if ActionKind.PASSAGE in action.kinds]
    if len({action.chamber for action in passed}) >= (2 if _joint(bill) else 1):
        return Outcome.ADOPTED, passed[-1].on
    return Outcome.PENDING, None


def _needs_no_executive(bill: Bill) -> bool:
    return "resolution" in bill.classification and "joint resolution" not in bill.classification


def _joint(bill: Bill) -> bool:
    return "concurrent" in bill.classification


def _way(bill: Bill) -> tuple[Station, ...]:
    """The stations a bill of this kind passes in this place."""
    place = bill.key.jurisdiction
    single = "/" in place or place in _SINGLE_CHAMBERS
    skipped = set()
    if single or (_needs_no_executive(bill) and not _joint(bill)):
        skipped.add(Station.OTHER_CHAMBER)
    if _needs_no_executive(bill):
        skipped.add(Station.EXECUTIVE)
    return tuple(one for one in Station if one not in skipped)


def _dates(bill: Bill) -> dict[Station, date | None]:
    """Return when the bill first came to each station it came to."""
    dates: dict[Station, date | None] = {Station.INTRODUCED: bill.introduced_on}
    origin = _origin(bill)
    passed: set[Chamber] = set()
    for action in _in_order(bill):
        if dates[Station.INTRODUCED] is None:
            dates[Station.INTRODUCED] = action.on
        stations = _stations(action, origin, passed)
        if stations == [Station.COMMITTEE]:
            dates.pop(Station.FLOOR, None)  # from one committee to the next
        for station in stations:
            dates.setdefault(station, action.on)
    return dates


def _stations(action: BillAction, origin: Chamber, passed: set[Chamber]) -> list[Station]:
    """Return where an action puts the bill; `passed` gathers the chambers that passed it."""
    kinds = set(action.kinds)
    found = []
    other = _OTHER.get(origin)
    if kinds & _IN_COMMITTEE and not passed:
        found.append(Station.COMMITTEE)
    onwards = ActionKind.REFERRAL_COMMITTEE in kinds
    if kinds & (_OUT_OF_COMMITTEE | {ActionKind.READING_3}) and not (passed or onwards):
        found.append(Station.FLOOR)
    if kinds & _PASSED:
        passed.add(action.chamber)
        found.append(Station.FLOOR)
    received = ActionKind.RECEIPT in kinds and action.chamber is other
    if other and (other in passed or received or (passed and kinds & _IN_COMMITTEE)):
        found.append(Station.OTHER_CHAMBER)
    if kinds & _BY_EXECUTIVE:
        found.append(Station.EXECUTIVE)
    if kinds & {ActionKind.BECAME_LAW, ActionKind.EXECUTIVE_SIGNATURE}:
        found.append(Station.END)
    return found


def _origin(bill: Bill) -> Chamber:
    if bill.chamber is not Chamber.UNKNOWN:
        return bill.chamber
    return {"H": Chamber.LOWER, "A": Chamber.LOWER, "S": Chamber.UPPER}.get(
        bill.key.identifier[:1], Chamber.UNKNOWN
    )


def _lies_in(bill: Bill) -> Chamber:
    """The chamber of the last action that names one."""
    named = [one for one in _in_order(bill) if one.chamber is not Chamber.UNKNOWN]
    return named[-1].chamber if named else _origin(bill)


def _in_order(bill: Bill) -> list[BillAction]:
    return sorted(bill.actions, key=lambda action: action.on)


def _side(place: int, here: int) -> Reached:
    if place == here:
        return Reached.HERE
    return Reached.BEHIND if place < here else Reached.AHEAD
