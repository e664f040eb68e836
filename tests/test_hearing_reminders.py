"""When hearings are told again, worked out without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.calendars import over_at, starts_at, when, when_in
from domain.hearing_reminders import (
    Ahead,
    HearingReminder,
    due_at,
    due_in,
    is_hearing_key,
    reminder_due,
    still_fits,
)
from tests.hearings import CANCELLED, DATE_ONLY, EASTERN, HEARING, PACIFIC, edition

HOUR = timedelta(hours=1)


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def told(hearing: object = HEARING, *, first: datetime, hours: int) -> list[tuple[str, str]]:
    """Look every hour; return when which reminder was first due."""
    found: dict[HearingReminder, datetime] = {}
    for passed in range(hours):
        now = first + passed * HOUR
        due = reminder_due(edition(hearing), now)  # type: ignore[arg-type]
        if due:
            found.setdefault(due, now)
    return [(one.ahead.value, f"{now:%m-%d %H:%M}") for one, now in found.items()]


def test_seven_days_a_day_and_two_hours_ahead() -> None:
    assert told(first=at("2026-11-08"), hours=24 * 11) == [
        ("7d", "11-10 18:00"),
        ("24h", "11-16 18:00"),
        ("2h", "11-17 16:00"),
    ]


def test_without_an_hour_at_eight_in_the_morning_at_the_place() -> None:
    assert told(DATE_ONLY, first=at("2026-11-08"), hours=24 * 11) == [
        ("7d", "11-10 16:00"),
        ("24h", "11-16 16:00"),
        ("2h", "11-17 16:00"),
    ]


def test_nothing_once_it_has_begun() -> None:
    assert HEARING.at
    assert reminder_due(edition(), HEARING.at - timedelta(seconds=1))
    assert reminder_due(edition(), HEARING.at) is None
    assert reminder_due(edition(DATE_ONLY), at("2026-11-18T07:59"))
    assert reminder_due(edition(DATE_ONLY), at("2026-11-18T08:00")) is None


def test_a_cancelled_hearing_has_no_reminders() -> None:
    now = at("2026-11-16T19:00")
    assert reminder_due(edition(), now)
    assert reminder_due(edition(replace(HEARING, status=CANCELLED)), now) is None


def test_what_became_known_after_the_reminder_fell_due_is_not_told_again_at_once() -> None:
    late = edition(since=at("2026-11-12"))
    assert reminder_due(late, at("2026-11-12T00:05")) is None
    due = reminder_due(late, at("2026-11-16T18:00"))
    assert due
    assert due.ahead is Ahead.DAY


def test_a_reminder_of_the_old_time_fits_no_more() -> None:
    now = at("2026-11-16T19:00")
    due = reminder_due(edition(), now)
    assert due
    assert still_fits(due, edition(), now)
    assert HEARING.at
    moved = replace(HEARING, at=HEARING.at + HOUR)
    assert not still_fits(due, edition(moved), now)
    assert not still_fits(due, edition(DATE_ONLY), now)
    assert not still_fits(due, edition(replace(HEARING, status=CANCELLED)), now)
    assert not still_fits(due, edition(), HEARING.at)
    assert still_fits(due, edition(replace(HEARING, place="Room 2")), now)


def test_an_earlier_reminder_gives_way_to_a_later_one() -> None:
    week = reminder_due(edition(), at("2026-11-11"))
    assert week
    assert still_fits(week, edition(), at("2026-11-16T17:59"))
    assert not still_fits(week, edition(), at("2026-11-16T18:00"))


@pytest.mark.parametrize("hearing", [HEARING, DATE_ONLY, replace(HEARING, key="odd|key: of|acme")])
def test_a_key_is_read_back(hearing: object) -> None:
    due = reminder_due(edition(hearing), at("2026-11-16T19:00"))  # type: ignore[arg-type]
    assert due
    assert HearingReminder.parse(due.key) == due
    assert is_hearing_key(due.key)
    assert not is_hearing_key("ends|amazon|amazon-2020|2021-06-10|2021-05-11")


def test_24_hours_are_24_hours_when_the_clocks_change() -> None:
    # Sunday 8 March 2026, 9:00 in Seattle; the clocks went forward at 2:00.
    hearing = replace(HEARING, on=date(2026, 3, 8), at=at("2026-03-08T16:00"))
    assert due_at(hearing, Ahead.DAY) == at("2026-03-07T16:00")  # 8:00 there
    assert when(hearing) == "Sunday 8 March 2026, 09:00 PDT"
    # Sunday 1 November 2026, 9:00; they went back at 2:00.
    hearing = replace(HEARING, on=date(2026, 11, 1), at=at("2026-11-01T17:00"))
    assert due_at(hearing, Ahead.DAY) == at("2026-10-31T17:00")  # 10:00 there
    assert when(hearing) == "Sunday 1 November 2026, 09:00 PST"


def test_without_an_hour_it_stays_eight_in_the_morning_when_the_clocks_change() -> None:
    for on, before, after in (
        (date(2026, 3, 8), "2026-03-07T16:00", "2026-03-08T15:00"),
        (date(2026, 11, 1), "2026-10-31T15:00", "2026-11-01T16:00"),
    ):
        hearing = replace(DATE_ONLY, on=on)
        assert due_at(hearing, Ahead.DAY) == at(before)
        assert due_at(hearing, Ahead.HOURS) == at(after)


def test_a_day_of_23_or_25_hours_ends_when_it_ends() -> None:
    spring, autumn = (replace(DATE_ONLY, on=on) for on in (date(2026, 3, 8), date(2026, 11, 1)))
    assert over_at(spring) - starts_at(spring) == timedelta(hours=23)
    assert over_at(autumn) - starts_at(autumn) == timedelta(hours=25)


def test_a_channel_further_west_hears_of_a_day_in_its_own_morning_but_not_too_late() -> None:
    boston = replace(DATE_ONLY, zone=EASTERN)
    assert due_in("", boston, Ahead.WEEK) == at("2026-11-10T13:00")
    assert due_in(PACIFIC, boston, Ahead.WEEK) == at("2026-11-10T16:00")
    assert due_in(PACIFIC, boston, Ahead.DAY) == at("2026-11-16T16:00")
    assert due_in(PACIFIC, boston, Ahead.HOURS) == at("2026-11-17T13:00")
    assert due_in("Europe/Berlin", boston, Ahead.WEEK) == at("2026-11-10T13:00")
    assert due_in(PACIFIC, HEARING, Ahead.WEEK) == due_at(HEARING, Ahead.WEEK)


def test_the_hour_is_the_places_and_the_channels_where_that_differs() -> None:
    assert when(HEARING) == "Tuesday 17 November 2026, 10:00 PST"
    assert when_in(EASTERN, HEARING) == "Tuesday 17 November 2026, 13:00 EST"
    assert when_in("Asia/Kathmandu", HEARING) == "Tuesday 17 November 2026, 23:45 UTC+0545"
    assert not when_in(PACIFIC, HEARING)
    assert not when_in("America/Vancouver", HEARING)
    assert not when_in("", HEARING)
    assert not when_in(EASTERN, DATE_ONLY)
    assert when(DATE_ONLY) == "Tuesday 17 November 2026, after session"


def test_a_zone_that_there_is_not_counts_as_utc() -> None:
    assert when(replace(HEARING, zone="No/Such_Zone")) == "Tuesday 17 November 2026, 18:00 UTC"
