"""Dates as feeds are told to write them: RFC 822 for RSS, RFC 3339 for Atom and JSON Feed. Pure."""

import re
from datetime import UTC, datetime
from functools import lru_cache

_MONTHS = {
    "Jan": "01", "Feb": "02", "Mar": "03", "Apr": "04", "May": "05", "Jun": "06",
    "Jul": "07", "Aug": "08", "Sep": "09", "Oct": "10", "Nov": "11", "Dec": "12",
}  # fmt: skip
_ZONES = {
    "GMT": "Z", "UTC": "Z", "UT": "Z", "Z": "Z", "+0000": "Z", "-0000": "Z",
    "EST": "-05:00", "EDT": "-04:00", "CST": "-06:00", "CDT": "-05:00",
    "MST": "-07:00", "MDT": "-06:00", "PST": "-08:00", "PDT": "-07:00",
}  # fmt: skip
_UTC = frozenset(zone for zone, offset in _ZONES.items() if offset == "Z")
_RFC_822 = re.compile(
    r"(?:[A-Z][a-z]{2,8},? +)?(\d\d?) +([A-Z][a-z]{2})[a-z]{0,6} +(\d{4}) +"
    r"(\d\d:\d\d(?::\d\d)?) +([+-]\d\d:?\d\d|[A-Z]{1,3})",
    re.ASCII,
)
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:?\d\d)?)?", re.ASCII
)


def moment(written: str) -> datetime | None:
    """Return the instant that a date names, in UTC and whole seconds; None if it is none of ours.

    Where no zone is given the time is taken for UTC, and a day for its first instant.
    """
    try:
        day = _day(written[3:17])
        if day and written[25:26] == " ":  # nearly all of RSS: each part has its place
            local = day + written[17:25]
            if written[26:] in _UTC:
                return datetime.fromisoformat(local + "Z")
            return _read(local, written[26:])
        if _RFC_3339.fullmatch(written):
            return _whole(datetime.fromisoformat(written.upper()))
        found = _RFC_822.fullmatch(written)
        if not found:
            return None
        return _read(f"{found[3]}-{_MONTHS[found[2]]}-{found[1]:0>2}T{found[4]}", found[5])
    except (KeyError, ValueError, OverflowError):
        return None  # no such month or zone, the 30th of February, the year 9999 further west


@lru_cache(maxsize=1024)
def _day(written: str) -> str:
    """Read a day such as `, 08 Jun 2020 `, as the beginning of an ISO 8601 date; mostly known."""
    month = _MONTHS.get(written[5:8], "")
    plain = month and written[:2] == ", " and written[13:] == " "
    return f"{written[9:13]}-{month}-{written[2:4]}T" if plain else ""


def _read(local: str, zone: str) -> datetime:
    """Read what is in the order now that Python reads fastest, and checks."""
    offset = _ZONES.get(zone) or f"{zone[:3]}:{zone[3:].removeprefix(':')}"
    read = datetime.fromisoformat(local + offset)
    return read if offset == "Z" else _whole(read)


def _whole(read: datetime) -> datetime:
    if read.microsecond:
        read = read.replace(microsecond=0)
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
