"""How places name the parts of a legislature, and a bill's way as a line of text. Pure."""

from dataclasses import replace
from datetime import date

from domain import tracked_bills
from domain.bill_progress import Progress, Reached, Station, progress
from domain.bills import BillKey, Chamber, Outcome
from domain.cards import Span, Text, bold, text
from domain.tracked_bills import KnownBill

_LOWER = {
    **dict.fromkeys(("ca", "nv", "ny", "wi"), "Assembly"),
    "nj": "General Assembly",
    **dict.fromkeys(("md", "va", "wv"), "House of Delegates"),
}
_MARKS = {Reached.BEHIND: "●", Reached.HERE: "◐", Reached.AHEAD: "○"}
_DONE = frozenset({Outcome.LAW, Outcome.ADOPTED})
_LOST = frozenset({Outcome.FAILED, Outcome.VETOED, Outcome.WITHDRAWN})


def chamber_name(place: str, chamber: Chamber) -> str:
    """Return what a chamber is called in a jurisdiction; empty where it is unknown."""
    if "/" in place:
        return "Council"
    if place in {"ne", "dc"} and chamber in {Chamber.LOWER, Chamber.UPPER, Chamber.LEGISLATURE}:
        return "Council" if place == "dc" else "Legislature"
    match chamber:
        case Chamber.LOWER:
            return _LOWER.get(place, "House")
        case Chamber.UPPER:
            return "Senate"
        case Chamber.LEGISLATURE:
            return "Legislature"
        case Chamber.EXECUTIVE:
            return executive_name(place)
        case Chamber.UNKNOWN:
            return ""


def executive_name(place: str) -> str:
    """Return who signs a law there."""
    if place == "us":
        return "President"
    return "mayor" if "/" in place or place == "dc" else "governor"


def station_name(place: str, station: Station) -> str:
    """Return a station as people of the place call it."""
    return executive_name(place) if station is Station.EXECUTIVE else station.value


def bar(key: BillKey, way: Progress, *, over: bool = False) -> Text:
    """Return the way of a bill as marks with the stations' names behind: where it is stands out.

    `over` says that its session is, so that it goes no further.
    """
    here = _MARKS[Reached.HERE]
    if way.outcome in _DONE:
        here = _MARKS[Reached.BEHIND]
    elif over or way.outcome in _LOST:
        here = "✕"
    marks = (here if stop.reached is Reached.HERE else _MARKS[stop.reached] for stop in way.stops)
    names: list[str | Span] = []
    for stop in way.stops:
        name = station_name(key.jurisdiction, stop.station)
        names += [" · " if names else "  ", bold(name) if stop.reached is Reached.HERE else name]
    return text("─".join(marks), *names)


def standing(key: BillKey, way: Progress) -> str:
    """Return where a bill stands, in a few words."""
    if way.outcome is not Outcome.PENDING:
        return way.outcome.value
    station = way.here.station
    chamber = chamber_name(key.jurisdiction, way.chamber)
    match station:
        case Station.INTRODUCED:
            return f"introduced in the {chamber}" if chamber else "introduced"
        case Station.COMMITTEE | Station.FLOOR:
            where = "in committee" if station is Station.COMMITTEE else "on the floor"
            return f"{where}, {chamber}" if chamber else where
        case Station.OTHER_CHAMBER:
            return f"in the other chamber, the {chamber}" if chamber else "in the other chamber"
        case Station.EXECUTIVE:
            return f"with the {executive_name(key.jurisdiction)}"
        case Station.END:
            return "at its end"


def state(known: KnownBill, on: date) -> str:
    """Return where a bill stands on a day, in a few words; that its session is over, if it is."""
    known = as_of(known, on)
    recorded, bill = known.recorded, known.bill
    if recorded and recorded.outcome and not known.told:
        return recorded.outcome
    if not bill.actions and not bill.introduced_on:
        return "no source told where it stands"
    way = progress(bill)
    over = way.outcome is Outcome.PENDING and tracked_bills.ended(bill.key, on)
    return standing(bill.key, way) + (f"; session {bill.key.session} is over" if over else "")


def as_of(known: KnownBill, on: date) -> KnownBill:
    """Return a bill without what the record dates after `on`."""
    if known.recorded is None:
        return known
    return replace(known, recorded=tracked_bills.as_of(known.recorded, on))
