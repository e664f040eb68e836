"""When a hearing that is to come is told again: 7 days, 24 hours and 2 hours ahead. Pure.

Where no hour is known, people are told at eight in the morning at the place, seven days before,
the day before and on the day. Who slept through a reminder hears the latest alone, and nobody is
reminded of what was known only after the reminder fell due: the news of it was told just then.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Self

from domain.bills import Hearing
from domain.calendars import HearingEdition, at_hour, over_at, zone_of

PREFIX = "hearing"
_MORNING = time(8)


class Ahead(StrEnum):
    """How long before the hearing, earliest first."""

    WEEK = "7d"
    DAY = "24h"
    HOURS = "2h"


_SPAN = {
    Ahead.WEEK: timedelta(days=7),
    Ahead.DAY: timedelta(hours=24),
    Ahead.HOURS: timedelta(hours=2),
}
_DAYS = {Ahead.WEEK: timedelta(days=7), Ahead.DAY: timedelta(days=1), Ahead.HOURS: timedelta(0)}
HORIZON = _SPAN[Ahead.WEEK]
"""How far ahead one must look to find every reminder that fell due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingReminder:
    """A reminder of a hearing at the time it has. `starts` is that time, as `beginning` writes it.

    A hearing that is moved has other reminders, and those of the old time fit it no more.
    """

    ahead: Ahead
    starts: str
    hearing: str

    @property
    def key(self) -> str:
        """What tells it again; `parse` reads it back."""
        return f"{PREFIX}|{self.ahead}|{self.starts}|{self.hearing}"

    @classmethod
    def parse(cls, key: str) -> Self:
        """Read a key."""
        _, ahead, starts, hearing = key.split("|", 3)
        return cls(ahead=Ahead(ahead), starts=starts, hearing=hearing)


def is_hearing_key(key: str) -> bool:
    """Whether it is a reminder's key."""
    return key.startswith(f"{PREFIX}|")


def beginning(hearing: Hearing) -> str:
    """Write when a hearing begins: an instant in UTC, or a day."""
    return (hearing.at or hearing.on).isoformat()


def due_at(hearing: Hearing, ahead: Ahead) -> datetime:
    """Return when a reminder falls due."""
    if hearing.at is not None:
        return hearing.at - _SPAN[ahead]
    return at_hour(hearing.on - _DAYS[ahead], _MORNING, hearing.zone)


def due_in(zone: str, hearing: Hearing, ahead: Ahead) -> datetime:
    """Return when a channel in `zone` is told.

    Where no hour is known and it is not yet eight there, it can wait until then; not on the day.
    """
    due = due_at(hearing, ahead)
    if hearing.at is not None or ahead is Ahead.HOURS or not zone:
        return due
    return max(due, at_hour(due.astimezone(zone_of(zone)).date(), _MORNING, zone))


def reminder_due(edition: HearingEdition, now: datetime) -> HearingReminder | None:
    """Return the latest reminder that fell due; None before the first and once it has begun."""
    hearing = edition.hearing
    if edition.is_cancelled or over_at(hearing) <= now:
        return None
    ahead = max(
        (one for one in Ahead if due_at(hearing, one) <= now),
        key=lambda one: due_at(hearing, one),
        default=None,
    )
    if ahead is None or due_at(hearing, ahead) < edition.since:
        return None
    return HearingReminder(ahead=ahead, starts=beginning(hearing), hearing=hearing.key)


def reminders_due(editions: Iterable[HearingEdition], now: datetime) -> list[HearingReminder]:
    """Return the latest reminder of each hearing, in their order."""
    found = (reminder_due(one, now) for one in editions)
    return [one for one in found if one]


def still_fits(reminder: HearingReminder, edition: HearingEdition, now: datetime) -> bool:
    """Whether it may be told now: not of a cancelled, moved or begun hearing, nor after a later one."""
    return reminder_due(edition, now) == reminder
