"""What an answer's headers say, held to a size and to sense. Pure.

Dates are measured against the answer's own Date header (RFC 9110, 10.2.3; RFC 9111, 4.2.1), so
that neither our clock nor the server's has to be right; without one, a date says nothing.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from aiohttp import hdrs

from domain.model import Validators

_LONGEST_VALIDATOR = 1024
_LONGEST_TYPE = 256
_LONGEST_DATE = 64
_RETRY = (timedelta(minutes=1), timedelta(hours=24))
_AGE = (timedelta(0), timedelta(days=365))
_FRESH = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?([0-9]{1,9})", re.IGNORECASE)
_SECONDS = re.compile(r"\s*([0-9]{1,9})[0-9]*\s*")


def validators(headers: Mapping[str, str]) -> Validators:
    """Return ETag and Last-Modified as given, each empty where it could not be sent back."""
    return Validators(
        etag=_bounded(headers.get(hdrs.ETAG), _LONGEST_VALIDATOR),
        last_modified=_bounded(headers.get(hdrs.LAST_MODIFIED), _LONGEST_VALIDATOR),
    )


def content_type(headers: Mapping[str, str]) -> str:
    """Return Content-Type with its parameters, as given, or nothing."""
    return _bounded(headers.get(hdrs.CONTENT_TYPE), _LONGEST_TYPE)


def max_age(headers: Mapping[str, str]) -> timedelta | None:
    """How long the answer is good for, by Cache-Control or else Expires; at most a year."""
    fresh = _FRESH.search(headers.get(hdrs.CACHE_CONTROL, ""))
    if fresh:
        return _within(timedelta(seconds=int(fresh[1])), _AGE)
    return _within(_until(headers.get(hdrs.EXPIRES), headers), _AGE)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long the server asks us to stay away, within a minute and a day."""
    value = headers.get(hdrs.RETRY_AFTER)
    if value is None:
        return None
    seconds = _SECONDS.fullmatch(value)
    wait = timedelta(seconds=int(seconds[1])) if seconds else _until(value, headers)
    return _within(wait, _RETRY)


def _bounded(value: str | None, longest: int) -> str:
    if value and len(value) <= longest and value.isascii() and value.isprintable():
        return value
    return ""


def _within(span: timedelta | None, bounds: tuple[timedelta, timedelta]) -> timedelta | None:
    least, most = bounds
    return None if span is None else min(max(span, least), most)


def _until(date: str | None, headers: Mapping[str, str]) -> timedelta | None:
    when = _parse_date(date)
    now = when and _parse_date(headers.get(hdrs.DATE))
    return when - now if when and now else None


def _parse_date(text: str | None) -> datetime | None:
    if not text or len(text) > _LONGEST_DATE:
        return None
    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
