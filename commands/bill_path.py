"""A bill's way as a picture: its stations, how far it came, since when. Pure."""

from datetime import date

from commands.bill_words import as_of, state, station_name
from domain.bill_progress import Progress, Reached, progress
from domain.bills import Outcome
from domain.dates import plain_date
from domain.pictures import ALT_LIMIT, BillPath, PathStation, Picture, StationState
from domain.text import shorten
from domain.tracked_bills import KnownBill, ended

_STATES = {
    Reached.BEHIND: StationState.DONE,
    Reached.HERE: StationState.CURRENT,
    Reached.AHEAD: StationState.OPEN,
}
_DONE = frozenset({Outcome.LAW, Outcome.ADOPTED})


def path_of(known: KnownBill, on: date) -> Picture | None:
    """The picture of a bill's way as of `on`; None where nothing tells how far it came."""
    known = as_of(known, on)
    bill = known.bill
    if not known.numbered or not (bill.actions or bill.introduced_on):
        return None
    way = progress(bill)
    days = _exact(known)
    stations = tuple(
        PathStation(
            label=_capital(station_name(bill.key.jurisdiction, stop.station)),
            state=StationState.DONE if way.outcome in _DONE else _STATES[stop.reached],
            when=_when(known, way, stop.reached, stop.on if stop.on in days else None, on),
        )
        for stop in way.stops
    )
    told = "; ".join(f"{one.label}: {one.told or one.state.value}" for one in stations)
    where = state(known, on)
    return Picture(
        name="-".join(known.label.lower().replace(".", "").replace("’", "").split()),
        alt=shorten(f"The way of {known.label}, {where}. {told}.", ALT_LIMIT),
        scene=BillPath(title=f"{known.label}: {where}", stations=stations),
    )


def _when(known: KnownBill, way: Progress, reached: Reached, day: date | None, on: date) -> str:
    """What stands beside a station: its day, how it ended there, or that it was not reached."""
    lost = way.outcome not in {*_DONE, Outcome.PENDING}
    over = ended(known.bill.key, on) and way.outcome is Outcome.PENDING
    told = plain_date(day) if day else ""
    if reached is Reached.AHEAD and (lost or over):
        return "not reached"
    if reached is not Reached.HERE or not (lost or over):
        return told
    if over:
        return f"{told}, the session ended" if told else "the session ended"
    exact = way.on in _exact(known)
    return f"{way.outcome.value}, {plain_date(way.on)}" if way.on and exact else way.outcome.value


def _exact(known: KnownBill) -> set[date]:
    """The days that a source gives as days: the record's may be the end of a month."""
    if known.told or not known.recorded:
        told = {one.on for one in known.bill.actions}
        return told | ({known.bill.introduced_on} if known.bill.introduced_on else set())
    return {day for step in known.recorded.steps if (day := step.on.exact)}


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
