"""When an office is likely to answer, in the time zone where it stands."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.people import CONGRESS, Legislator, Office, OfficeKind

_OPENS, _CLOSES = 9, 17
_FRIDAY = 4
_WASHINGTON = "America/New_York"
# IANA zones by state; where a state has two, an office is open only when it is in both.
_ZONES = {
    _WASHINGTON: "ct dc de ga ma md me nc nh nj ny oh pa ri sc va vt wv",
    "America/Chicago": "al ar ia il la mn mo ms ok wi",
    "America/Denver": "co mt nm ut wy",
    "America/Los_Angeles": "ca nv wa",
    "America/Puerto_Rico": "pr vi",
    "America/Phoenix": "az",
    "America/Anchorage America/Adak": "ak",
    "Pacific/Honolulu": "hi",
    "America/New_York America/Chicago": "fl in ky mi tn",
    "America/Chicago America/Denver": "ks nd ne sd tx",
    "America/Denver America/Los_Angeles": "id or",
    "Pacific/Guam": "gu mp",
    "Pacific/Pago_Pago": "as",
}
_BY_STATE = {state: zones for zones, states in _ZONES.items() for state in states.split()}


def open_offices(legislator: Legislator, now: datetime) -> frozenset[Office]:
    """Return the offices where it is 9 to 17 on a weekday `now`; holidays are not known."""
    return frozenset(
        office for office in legislator.offices if _open(_zones(legislator, office), now) == {True}
    )


def hours_of(legislator: Legislator, office: Office, now: datetime) -> str:
    """Return `open until 17:00 there` or `closed now`; nothing where that is not sure."""
    told = _open(_zones(legislator, office), now)
    if told == {True}:
        return "open until 17:00 there"
    return "closed now" if told == {False} else ""


def _zones(legislator: Legislator, office: Office) -> tuple[ZoneInfo, ...]:
    in_washington = legislator.jurisdiction == CONGRESS and office.kind is OfficeKind.CAPITOL
    return _known(_WASHINGTON if in_washington else _BY_STATE.get(legislator.state, ""))


@cache
def _known(names: str) -> tuple[ZoneInfo, ...]:
    """The zones of that name; none on a machine without a table of them."""
    try:
        return tuple(ZoneInfo(name) for name in names.split())
    except ZoneInfoNotFoundError:
        return ()


def _open(zones: Iterable[ZoneInfo], now: datetime) -> set[bool]:
    """Whether it is office time, in each of the zones."""
    there = [now.astimezone(zone) for zone in zones]
    return {one.weekday() <= _FRIDAY and _OPENS <= one.hour < _CLOSES for one in there}
