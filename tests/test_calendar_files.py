"""Calendar files: read back by a strict parser, safe against what strangers wrote, stable."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar as File
from icalendar import Component, Event
from icalendar.parser import Contentline

from bot.calendar.ics import calendar_file, served, uid
from domain.bills import Hearing, HearingStatus, bill_key
from domain.calendars import Calendar, HeardBill, HearingEdition
from tests.hearings import CANCELLED, DATE_ONLY, EASTERN, HEARING, PACIFIC, SEEN, edition

KNOWN = {
    "BEGIN", "END", "PRODID", "VERSION", "METHOD", "X-WR-CALNAME", "UID", "DTSTAMP",
    "LAST-MODIFIED", "SEQUENCE", "STATUS", "DTSTART", "DTEND", "TRANSP", "SUMMARY",
    "DESCRIPTION", "LOCATION", "URL",
}  # fmt: skip


def calendar(*editions: HearingEdition, title: str = "Hearings of WA SB 9901") -> Calendar:
    return Calendar(name="wa-sb-9901", title=title, editions=editions)


def read(body: bytes) -> list[Any]:
    """Read a file strictly: every line by the letter, and no component with a fault passed over."""
    assert body.endswith(b"\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", body)
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    for line in body.decode("utf-8").replace("\r\n ", "").split("\r\n")[:-1]:
        name, _, _ = Contentline(line, strict=True).parts()  # type: ignore[no-untyped-call]
        assert name in KNOWN, line
    file = File.from_ical(body)
    assert isinstance(file, File)
    parts: list[Component] = list(file.walk())
    assert [part.errors for part in parts] == [[]] * len(parts)
    assert file["VERSION"] == "2.0"
    assert file["METHOD"] == "PUBLISH"
    events: list[Any] = [part for part in parts if isinstance(part, Event)]
    assert len(parts) == len(events) + 1
    for event in events:
        assert event["UID"]
        assert event["DTSTAMP"].dt.tzinfo is not None
    return events


def test_a_hearing_says_when_where_of_what_and_by_whom() -> None:
    (event,) = read(calendar_file(calendar(edition())))
    assert event["DTSTART"].dt == HEARING.at
    assert event["SUMMARY"] == "Hearing of WA SB 9901: Committee on Synthetic Matters"
    assert event["LOCATION"] == "Room 1, Acme Building"
    assert event["URL"] == "https://example.org/hearings/7"
    assert event["STATUS"] == "CONFIRMED"
    assert event["SEQUENCE"] == 0
    assert "DTEND" not in event
    said = str(event["DESCRIPTION"])
    assert "WA SB 9901: An act about synthetic faces" in said
    assert "When: Tuesday 17 November 2026, 10:00 PST" in said
    assert "https://example.org/hearings/7" in said


def test_an_end_is_shown_only_where_the_source_gives_one() -> None:
    assert HEARING.at
    ending = replace(HEARING, ends_at=HEARING.at + timedelta(hours=2))
    (event,) = read(calendar_file(calendar(edition(ending))))
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(hours=2)
    backwards = replace(HEARING, ends_at=HEARING.at)
    (event,) = read(calendar_file(calendar(edition(backwards))))
    assert "DTEND" not in event


def test_without_an_hour_it_is_a_day_that_blocks_nothing_and_the_words_are_told() -> None:
    (event,) = read(calendar_file(calendar(edition(DATE_ONLY))))
    assert event["DTSTART"].dt == date(2026, 11, 17)
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event["TRANSP"] == "TRANSPARENT"
    assert "When: Tuesday 17 November 2026, after session" in event["DESCRIPTION"]
    assert "no hour" in event["DESCRIPTION"]


def test_a_cancelled_hearing_stays_and_says_so_twice() -> None:
    (event,) = read(calendar_file(calendar(edition(replace(HEARING, status=CANCELLED)))))
    assert event["STATUS"] == "CANCELLED"
    assert str(event["SUMMARY"]).startswith("Cancelled: ")


def test_an_update_keeps_the_uid_and_shows_its_sequence() -> None:
    assert HEARING.at
    moved = replace(
        HEARING, at=HEARING.at + timedelta(days=3), on=date(2026, 11, 20), title="Another title"
    )
    (before,) = read(calendar_file(calendar(edition())))
    (after,) = read(calendar_file(calendar(edition(moved, sequence=1))))
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)


def test_the_uid_comes_of_the_key_alone() -> None:
    assert uid(HEARING) == uid(Hearing(key=HEARING.key, on=date(2030, 1, 1), zone=EASTERN))
    assert uid(HEARING) != uid(replace(HEARING, key="acme:hearing:8"))
    assert str(uid(HEARING)) == "0eef64e7-10d0-581b-b964-5385d11a8940"  # for good


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ((2026, 3, 8, 1, 30), "2026-03-08 09:30"),  # before the clocks go forward
        ((2026, 3, 8, 9, 0), "2026-03-08 16:00"),  # after
        ((2026, 11, 1, 9, 0), "2026-11-01 17:00"),  # after they went back
    ],
)
def test_on_days_when_the_clocks_change_the_hour_is_right(
    local: tuple[int, int, int, int, int], utc: str
) -> None:
    at = datetime(*local, tzinfo=ZoneInfo(PACIFIC)).astimezone(UTC)
    hearing = replace(HEARING, at=at, on=date(*local[:3]))
    (event,) = read(calendar_file(calendar(edition(hearing))))
    assert f"{event['DTSTART'].dt:%Y-%m-%d %H:%M}" == utc
    assert f"{local[3]:02d}:{local[4]:02d} P" in event["DESCRIPTION"]


HOSTILE = (
    "x\r\nATTENDEE:mailto:a@example.org",
    "x\nEND:VEVENT\nBEGIN:VALARM\nACTION:EMAIL",
    "a\\nb;c,d:e\"f'\\",
    "x\u2028END:VEVENT\x85\x0b\x0cBEGIN:VEVENT",
    "\ud800 half of a character \x00\x07",
    "日本語" * 60,
    "🏛️" * 80,
)


@pytest.mark.parametrize("words", HOSTILE)
def test_what_strangers_wrote_stays_text(words: str) -> None:
    hostile = replace(
        HEARING,
        key=words.encode(errors="ignore").decode(),  # else it could not be kept
        title=words,
        committee=words,
        place=words,
        time_text=words,
        url=f"https://example.org/{words}",
        bills=(words,),
    )
    heard = HeardBill(key=bill_key("wa", words, words), title=words, url=words)
    one = replace(edition(hostile), bills=(heard,))
    events = read(calendar_file(calendar(one, title=words)))
    assert len(events) == 1
    assert not events[0].subcomponents


def test_an_address_that_could_break_a_line_is_left_out() -> None:
    for url in (
        "https://example.org/a b",
        "https://example.org/\r\nX:1",
        "javascript:alert(1)",
        "",
    ):
        (event,) = read(calendar_file(calendar(edition(replace(HEARING, url=url)))))
        assert "URL" not in event


texts = st.text(max_size=200)
instants = st.timedeltas(timedelta(0), timedelta(days=36500)).map(
    lambda span: datetime(2000, 1, 1, tzinfo=UTC) + span
)
hearings = st.builds(
    Hearing,
    key=texts,
    on=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    zone=st.sampled_from((PACIFIC, EASTERN, "", "No/Such_Zone", "Asia/Kathmandu")),
    at=st.none() | instants,
    ends_at=st.none() | instants,
    time_text=texts,
    title=texts,
    committee=texts,
    place=texts,
    status=st.sampled_from(HearingStatus),
    url=texts | st.builds("https://{}".format, texts),
    bills=st.lists(texts, max_size=3).map(tuple),
)


@given(st.lists(hearings, max_size=4, unique_by=lambda one: one.key), texts)
def test_any_hearing_makes_a_file_that_reads_back(found: list[Hearing], title: str) -> None:
    one = calendar(*(edition(hearing, sequence=3) for hearing in found), title=title)
    events = read(calendar_file(one))
    assert [str(event["UID"]) for event in events] == [str(uid(hearing)) for hearing in found]
    for event, hearing in zip(events, found, strict=True):
        start = hearing.at.replace(microsecond=0) if hearing.at else hearing.on
        assert event["DTSTART"].dt == start
        assert event["SEQUENCE"] == 3
        assert (event["STATUS"] == "CANCELLED") is (hearing.status is CANCELLED)


def test_it_is_served_with_validators_that_change_with_it() -> None:
    first, again = served(calendar(edition())), served(calendar(edition()))
    assert first == again
    assert re.fullmatch(r'"[0-9a-f]{32}"', first.etag)
    assert first.last_modified == "Sun, 01 Nov 2026 00:00:00 GMT"
    later = served(calendar(edition(sequence=1, since=SEEN + timedelta(days=1))))
    assert later.etag != first.etag
    assert later.last_modified == "Mon, 02 Nov 2026 00:00:00 GMT"
    assert served(calendar()).last_modified == ""
