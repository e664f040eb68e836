"""A calendar as a file that calendar programs read (RFC 5545), and as something to serve. Pure.

A hearing keeps its UID whatever changes about it; SEQUENCE tells its editions apart, and one that
was cancelled stays in the file as such. Hours are written in UTC, which needs no rules for the
clocks' changes; the hour at the place stands in the description. Where no hour is known, or no
end, none is made up: the event is of the whole day, or has no end.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from hashlib import blake2b
from uuid import NAMESPACE_URL, UUID, uuid5

from icalendar import Calendar as File
from icalendar import Event

from domain.bills import Hearing
from domain.calendars import Calendar, HearingEdition, when
from domain.text import clean
from domain.tracked_bills import label

CONTENT_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
_PRODUCT = "-//Pledgewatch//Hearings//EN"
_LINE, _BILLS = 500, 20
_LINK = re.compile(r"https?://[!-~]{1,1000}")  # printable ASCII: no blank, no line break
_NO_LINK = re.compile(r"""["<>\\^`{|}]""")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedCalendar:
    """A calendar file with what a client needs to ask whether it changed."""

    body: bytes
    etag: str
    last_modified: str


def calendar_file(calendar: Calendar) -> bytes:
    """Return the file; the same calendar always makes the same bytes."""
    file = File()
    file.add("prodid", _PRODUCT)
    file.add("version", "2.0")
    file.add("method", "PUBLISH")
    file.add("x-wr-calname", clean(calendar.title, _LINE))
    for edition in calendar.editions:
        file.add_component(_event(edition))
    body: bytes = file.to_ical()
    return body


def served(calendar: Calendar) -> ServedCalendar:
    """Return the file with its validators. Last-Modified is empty where there is no hearing."""
    body = calendar_file(calendar)
    changed = max((one.changed_at for one in calendar.editions), default=None)
    return ServedCalendar(
        body=body,
        etag=f'"{blake2b(body, digest_size=16).hexdigest()}"',
        last_modified=format_datetime(changed, usegmt=True) if changed else "",
    )


def uid(hearing: Hearing) -> UUID:
    """Return what names a hearing in every calendar, made of its key alone."""
    return uuid5(NAMESPACE_URL, f"pledgewatch:hearing:{hearing.key}")


def _event(edition: HearingEdition) -> Event:
    hearing = edition.hearing
    event = Event()
    event.add("uid", str(uid(hearing)))
    event.add("dtstamp", edition.changed_at)
    event.add("last-modified", edition.changed_at)
    event.add("sequence", edition.sequence)
    event.add("status", "CANCELLED" if edition.is_cancelled else "CONFIRMED")
    _add_time(event, hearing)
    event.add("summary", _summary(edition))
    event.add("description", _description(edition))
    if hearing.place.strip():
        event.add("location", clean(hearing.place, _LINE))
    link = _link(hearing.url) or next(filter(None, map(_link, _bill_urls(edition))), "")
    if link:
        event.add("url", link)
    return event


def _add_time(event: Event, hearing: Hearing) -> None:
    if hearing.at is None:
        event.add("dtstart", hearing.on)
        event.add("transp", "TRANSPARENT")
        return
    event.add("dtstart", _whole_second(hearing.at))
    if hearing.ends_at and _whole_second(hearing.ends_at) > _whole_second(hearing.at):
        event.add("dtend", _whole_second(hearing.ends_at))


def _whole_second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _summary(edition: HearingEdition) -> str:
    """Many programs do not show STATUS: a cancelled hearing says so in its title too."""
    labels = ", ".join(label(one.key) for one in edition.bills[:3])
    body = edition.hearing.committee or edition.hearing.title
    told = ": ".join(part for part in (f"Hearing of {labels}", body) if part)
    return clean(f"Cancelled: {told}" if edition.is_cancelled else told, _LINE)


def _description(edition: HearingEdition) -> str:
    hearing = edition.hearing
    lines = [
        "This hearing was cancelled." if edition.is_cancelled else "",
        *(f"{label(one.key)}: {one.title}" for one in edition.bills[:_BILLS]),
        f"Committee: {hearing.committee}" if hearing.committee else "",
        f"Hearing: {hearing.title}" if hearing.title not in {"", hearing.committee} else "",
        f"When: {when(hearing)}",
        "" if hearing.at else "The source gives no hour that can be read.",
        f"On the agenda: {', '.join(hearing.bills[:_BILLS])}" if hearing.bills else "",
        f"Source: {_link(hearing.url)}" if _link(hearing.url) else "",
    ]
    return "\n".join(clean(line, _LINE) for line in lines if line)


def _bill_urls(edition: HearingEdition) -> list[str]:
    return [one.url for one in edition.bills]


def _link(url: str) -> str:
    """The address if it can stand in a file as it is; else nothing."""
    return url if _LINK.fullmatch(url) and not _NO_LINK.search(url) else ""
