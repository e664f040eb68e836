"""What the services have in common beneath their forms: chambers, names, and hours of the day.

Pure. A place's zone is its capital's: that is where its legislature meets.
"""

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.bills import Chamber

_ZONES = {
    "America/New_York": "us ct dc de fl ga in ky ma md me mi nc nh nj ny oh pa ri sc va vt wv",
    "America/Chicago": "al ar ia il ks la mn mo ms nd ne ok sd tn tx wi",
    "America/Denver": "co id mt nm ut wy",
    "America/Phoenix": "az",
    "America/Los_Angeles": "ca nv or wa",
    "America/Anchorage": "ak",
    "Pacific/Honolulu": "hi",
    "America/Puerto_Rico": "pr",
}
_ZONE_OF = {code: zone for zone, codes in _ZONES.items() for code in codes.split()}
_HOUR = re.compile(r"\s*(\d{1,2})(?::(\d\d))?(?::\d\d)?\s*([ap])?\.?\s*(?:m\.?)?\s*", re.IGNORECASE)
_FULL_NAME = re.compile(
    r"(?:(?:Rep|Sen|Del|Resident Commissioner|Com)\.?\s+)?([^,\[]+),\s*([^\[]+)"
)
_NOON = 12
_CHAMBERS = {
    "h": Chamber.LOWER,
    "house": Chamber.LOWER,
    "assembly": Chamber.LOWER,
    "lower": Chamber.LOWER,
    "a": Chamber.LOWER,
    "s": Chamber.UPPER,
    "senate": Chamber.UPPER,
    "upper": Chamber.UPPER,
    "legislature": Chamber.LEGISLATURE,
    "joint": Chamber.LEGISLATURE,
    "j": Chamber.LEGISLATURE,
    "l": Chamber.LEGISLATURE,
    "executive": Chamber.EXECUTIVE,
}


def zone_of(place: str) -> str:
    """Return the IANA zone in which a jurisdiction's legislature meets."""
    state = place.partition("/")[0].removeprefix("us-")
    return _ZONE_OF.get(state, "America/New_York")


def chamber_of(word: str) -> Chamber:
    """Return the chamber a source's word or letter means."""
    return _CHAMBERS.get(word.strip().lower(), Chamber.UNKNOWN)


def chamber_in(text: str) -> Chamber:
    """Return the chamber an action's words begin with or name as their place, if one only."""
    first = chamber_of(text.split(" ", 1)[0])
    if first in {Chamber.LOWER, Chamber.UPPER}:
        return first
    found = {chamber_of(name) for name in re.findall(r"\bin (?:the )?(House|Senate)\b", text[:200])}
    return found.pop() if len(found) == 1 else Chamber.UNKNOWN


def hour_of(told: str) -> time | None:
    """Read an hour as people write it (`2:30 PM`, `9 a.m.`, `14:00`, `noon`); None if unclear."""
    plain = told.strip().lower()
    if plain == "noon":
        return time(_NOON)
    found = _HOUR.fullmatch(told)
    if not found or (found[2] is None and found[3] is None):
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if found[3].lower() == "p" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        return None


def instant_of(day: date, hour: time | None, zone: str) -> datetime | None:
    """Return the instant, in UTC, of an hour of a day in a zone."""
    if hour is None:
        return None
    return datetime.combine(day, hour, tzinfo=_zone(zone)).astimezone(UTC)


def day_in(at: datetime, zone: str) -> date:
    """Return the day it is in a zone at an instant."""
    return at.astimezone(_zone(zone)).date()


def local(at: datetime, zone: str) -> datetime:
    """Return an instant as the clock in a zone shows it; a naive one is taken for that zone's."""
    return at.replace(tzinfo=_zone(zone)) if at.tzinfo is None else at.astimezone(_zone(zone))


def full_name(first: str, middle: str, last: str, written: str) -> str:
    """Return `First M. Last`, out of its parts or else of `Rep. Last, First M. [D-VA-11]`."""
    if last and first:
        return " ".join(part for part in (first, middle, last) if part)
    found = _FULL_NAME.match(written)
    return f"{found[2].strip()} {found[1].strip()}" if found else written


@lru_cache(64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
