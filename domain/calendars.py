"""Hearings as calendars and reminders see them: which edition of a hearing it is, and of what bills.

A change of a hearing is a new edition of it, never another hearing: the key stays and the number
of the edition is raised. Days and hours are those of the place where it is held.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.bills import BillKey, Hearing, HearingStatus
from domain.dates import plain_date

KEPT = timedelta(days=30)
"""How long after its day a hearing, held or cancelled, stays in calendars."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardBill:
    """A bill that a hearing takes up."""

    key: BillKey
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingEdition:
    """A hearing as it stands.

    `sequence` is 0 and grows by one with each change, the last of which was at `changed_at`.
    `since` is when it was first known to be held at this time. `bills` are in the order of keys.
    """

    hearing: Hearing
    bills: tuple[HeardBill, ...]
    sequence: int
    changed_at: datetime
    since: datetime

    @property
    def is_cancelled(self) -> bool:
        """Whether it is not to be held."""
        return self.hearing.status is HearingStatus.CANCELLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Hearings in the order of time, to be handed out as one file.

    `name` is the file's name without its ending, `title` what calendar programs call it.
    `command` is what writes it at the command line, for chats that show no file.
    """

    name: str
    title: str
    editions: tuple[HearingEdition, ...]
    command: str = ""

    @property
    def file_name(self) -> str:
        """What the file is called."""
        return f"{self.name}.ics"


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of that IANA name; UTC for what is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found, no name at all, a folder of names
        return ZoneInfo("UTC")


def starts_at(hearing: Hearing) -> datetime:
    """Return the instant it begins; of one without an hour, the beginning of its day there."""
    return hearing.at or midnight(hearing.on, hearing.zone)


def over_at(hearing: Hearing) -> datetime:
    """Return the instant from which it is not ahead any more: its beginning, or its day's end."""
    return hearing.at or midnight(hearing.on + _ONE_DAY, hearing.zone)


def midnight(day: date, zone: str) -> datetime:
    """Return the instant at which a day begins in a zone, in UTC."""
    return at_hour(day, time(), zone)


def at_hour(day: date, hour: time, zone: str) -> datetime:
    """Return the instant of a wall clock's hour, in UTC; the first of two where it comes twice."""
    return datetime.combine(day, hour, zone_of(zone)).astimezone(ZoneInfo("UTC"))


def plain_day(day: date) -> str:
    """Return a day as people write it: `Tuesday 2 June 2020`."""
    return f"{_DAYS[day.weekday()]} {plain_date(day)}"


def plain_hour(at: datetime, zone: str) -> str:
    """Return an instant as a clock in `zone` shows it: `10:00 PDT`."""
    local = at.astimezone(zone_of(zone))
    name = local.tzname() or ""
    return f"{local:%H:%M} {name if name.isalpha() else f'UTC{name}'}"


def when(hearing: Hearing) -> str:
    """Return day and hour at the place, or the source's own words where it gives no hour."""
    if hearing.at is None:
        words = f", {hearing.time_text}" if hearing.time_text else ""
        return f"{plain_day(hearing.on)}{words}"
    day = hearing.at.astimezone(zone_of(hearing.zone)).date()
    return f"{plain_day(day)}, {plain_hour(hearing.at, hearing.zone)}"


def when_in(zone: str, hearing: Hearing) -> str:
    """Return day and hour by a clock in `zone`; empty where that is no other or there is no hour."""
    if hearing.at is None or not zone:
        return ""
    there = hearing.at.astimezone(zone_of(zone))
    if there.replace(tzinfo=None) == hearing.at.astimezone(zone_of(hearing.zone)).replace(
        tzinfo=None
    ):
        return ""
    return f"{plain_day(there.date())}, {plain_hour(hearing.at, zone)}"
