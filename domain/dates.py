"""Dates as exact as their source: a day, a month, a season, a year, or "by" one of these."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from re import ASCII, fullmatch
from typing import Self

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
# The last month of each season on the northern half of the globe.
_SEASONS = {"spring": 5, "summer": 8, "autumn": 11, "winter": 12}
_FORM = (
    r"(?P<by>by )?(?P<year>\d{4})(?:-(?:(?P<month>\d\d)(?:-(?P<day>\d\d))?|(?P<season>[a-z]+)))?"
)


def plain_date(day: date) -> str:
    """Return a calendar date as people write it: `10 June 2020`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDate:
    """A date that is shown no finer than its source gives it.

    Written `2020-06-10`, `2020-06`, `2022-spring`, `2022`, each also with `by ` in front.
    """

    year: int
    month: int | None = None
    day: int | None = None
    season: str | None = None
    by: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the written form. Raises ValueError that says what was expected."""
        found = fullmatch(_FORM, text, ASCII)
        if not found or (found["season"] and found["season"] not in _SEASONS):
            raise ValueError(
                f"{text!r} is no date: expected YYYY-MM-DD, YYYY-MM, YYYY-spring or YYYY, "
                "with 'by ' in front if the source says no more"
            )
        year, month, day = (int(found[part]) if found[part] else None for part in _PARTS)
        assert year is not None
        try:
            date(year, 1 if month is None else month, 1 if day is None else day)
        except ValueError:
            raise ValueError(f"{text!r} is no date: there is no such day") from None
        return cls(year=year, month=month, day=day, season=found["season"], by=bool(found["by"]))

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the exact date `day`."""
        return cls(year=day.year, month=day.month, day=day.day)

    @property
    def latest(self) -> date:
        """The last day it can mean: what is dated counts from the end of that day's range."""
        if self.day is not None and self.month is not None:
            return date(self.year, self.month, self.day)
        month = self.month or (_SEASONS[self.season] if self.season else 12)
        return date(self.year, month, monthrange(self.year, month)[1])

    @property
    def exact(self) -> date | None:
        """The day, where the source gives one."""
        if self.by or self.day is None or self.month is None:
            return None
        return date(self.year, self.month, self.day)

    def __str__(self) -> str:
        written = f"{self.year:04d}"
        if self.season:
            written += f"-{self.season}"
        for part in (self.month, self.day):
            written += f"-{part:02d}" if part is not None else ""
        return ("by " if self.by else "") + written

    @property
    def plain(self) -> str:
        """As people write it: `10 June 2020`, `June 2020`, `by spring 2022`, `2023`."""
        words = [str(self.year)]
        if self.season:
            words.insert(0, self.season)
        if self.month is not None:
            words.insert(0, _MONTHS[self.month - 1])
        if self.day is not None:
            words.insert(0, str(self.day))
        return " ".join((["by"] if self.by else []) + words)


_PARTS = ("year", "month", "day")
