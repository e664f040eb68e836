"""Reminders of hearings through the whole flow, with the clock moved hour by hour."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from domain.bills import Bill, Hearing
from domain.cards import AlertCard, plain
from domain.errors import Refusal, Rejected
from domain.model import SpaceRef, WatchKind
from domain.tracked_bills import label, recorded_key, rule_for
from tests.hearings import CANCELLED, DATE_ONLY, EASTERN, HEARING, KEY, OTHER_KEY, bill
from tests.recorder import Sent
from tests.stage import OTHER, SPACE, Stage, staged

FIRST = datetime(2026, 11, 9, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as stage:
        await stage.core.schedule.tell_due()
        yield stage


async def track(stage: Stage, *bills: Bill, space: SpaceRef = SPACE) -> None:
    """Let a community track bills and its channel c1 hear all."""
    now = stage.clock.now()
    held = await stage.core.database.write(lambda tx: tx.spaces.ensure(space, now))
    for one in bills:
        await stage.core.database.write(
            lambda tx, one=one: tx.watches.put(  # type: ignore[misc]
                held, WatchKind.BILL, str(one.key), label(one.key), rule_for(one), now
            )
        )
    await stage.say("/subscribe here all", space=space)


async def told_now(stage: Stage, *hearings: Hearing) -> None:
    """A source tells of the bill's hearings now."""
    one = bill(*hearings)
    now = stage.clock.now()
    await stage.core.database.write(lambda tx: tx.bills.keep({one.key: (one, one)}, now))


async def go_to(stage: Stage, at: datetime) -> None:
    """Let hours pass with nothing working."""
    stage.clock.pass_(seconds=(at - stage.clock.now()).total_seconds())


async def hours(stage: Stage, until: datetime) -> list[tuple[str, str]]:
    """Let hours pass; return when what was posted in the channel."""
    posted: list[tuple[str, str]] = []
    while stage.clock.now() <= until:
        now = stage.clock.now()
        for one in await work(stage):
            assert isinstance(one.card, AlertCard)
            posted.append((f"{now:%m-%d %H:%M}", one.card.label))
        await go_to(stage, now + HOUR)
    return posted


async def work(stage: Stage) -> list[Sent]:
    """Look once, deliver what is due; return it."""
    before = len(stage.chat.messages)
    await stage.core.schedule.tell_due()
    await stage.deliver()
    return list(stage.chat.messages.values())[before:]


def card(sent: Sent) -> AlertCard:
    assert isinstance(sent.card, AlertCard)
    return sent.card


async def test_three_reminders_hour_by_hour(stage: Stage) -> None:
    await told_now(stage, HEARING)
    await track(stage, bill())
    await go_to(stage, FIRST)
    assert await hours(stage, datetime(2026, 11, 19, tzinfo=UTC)) == [
        ("11-10 18:00", "Hearing in 7 days"),
        ("11-16 18:00", "Hearing tomorrow"),
        ("11-17 16:00", "Hearing in 2 hours"),
    ]


async def test_a_reminder_says_what_when_where_and_leads_to_the_bill(stage: Stage) -> None:
    await told_now(stage, HEARING)
    await track(stage, bill())
    await go_to(stage, datetime(2026, 11, 16, 18, 5, tzinfo=UTC))
    (sent,) = await work(stage)
    shown = card(sent)
    assert shown.title == "Committee on Synthetic Matters · Tuesday 17 November 2026, 10:00 PST"
    assert shown.headline.startswith("WA SB 9901: Committee on Synthetic Matters")
    assert shown.summary == "An act about synthetic faces"
    assert shown.url == "https://example.org/hearings/7"
    assert [plain(line) for line in shown.background] == ["Where: Room 1, Acme Building"]
    assert shown.actions[0].typed == f"/bill show {KEY}"


async def test_the_channels_hour_is_shown_where_it_is_another(stage: Stage) -> None:
    await told_now(stage, HEARING)
    await track(stage, bill())
    await set_zone(stage, EASTERN)
    await go_to(stage, datetime(2026, 11, 16, 18, 5, tzinfo=UTC))
    (sent,) = await work(stage)
    assert "10:00 PST" in card(sent).title
    assert plain(card(sent).background[0]) == "Here: Tuesday 17 November 2026, 13:00 EST"


async def test_a_cancelled_hearing_is_not_told_though_its_reminder_waits(stage: Stage) -> None:
    await told_now(stage, HEARING)
    await track(stage, bill())
    await go_to(stage, datetime(2026, 11, 16, 18, 5, tzinfo=UTC))
    assert await stage.core.schedule.tell_due() == 1
    await told_now(stage, replace(HEARING, status=CANCELLED))
    await stage.deliver()
    assert stage.chat.messages == {}
    assert await hours(stage, datetime(2026, 11, 19, tzinfo=UTC)) == []


async def test_a_moved_hearing_is_told_at_its_new_time_alone(stage: Stage) -> None:
    await told_now(stage, HEARING)
    await track(stage, bill())
    await go_to(stage, datetime(2026, 11, 16, 18, 5, tzinfo=UTC))
    assert await stage.core.schedule.tell_due() == 1
    assert HEARING.at
    moved = replace(HEARING, on=date(2026, 11, 20), at=HEARING.at + timedelta(days=3))
    await told_now(stage, moved)
    await go_to(stage, datetime(2026, 11, 16, 19, tzinfo=UTC))
    assert await hours(stage, datetime(2026, 11, 21, tzinfo=UTC)) == [
        ("11-19 18:00", "Hearing tomorrow"),
        ("11-20 16:00", "Hearing in 2 hours"),
    ]


async def test_who_slept_through_two_reminders_hears_one(stage: Stage) -> None:
    await told_now(stage, HEARING)
    await track(stage, bill())
    await go_to(stage, datetime(2026, 11, 17, 3, 0, tzinfo=UTC))
    assert [card(one).label for one in await work(stage)] == ["Hearing tomorrow"]
    assert await work(stage) == []


async def test_a_channel_that_was_paused_through_two_reminders_hears_one(stage: Stage) -> None:
    await told_now(stage, HEARING)
    await track(stage, bill())
    stage.chat.fail("c1", Rejected(Refusal.NO_PERMISSION, "no permission"))
    await go_to(stage, datetime(2026, 11, 10, 18, 5, tzinfo=UTC))
    await work(stage)
    await go_to(stage, datetime(2026, 11, 16, 18, 5, tzinfo=UTC))
    await work(stage)
    assert stage.chat.sent("c1") == []
    await stage.say("/subscribe here all")
    assert [card(one).label for one in await work(stage)] == ["Hearing tomorrow"]


async def test_a_hearing_first_heard_of_three_days_ahead_is_reminded_of_from_then_on(
    stage: Stage,
) -> None:
    await track(stage, bill())
    await go_to(stage, datetime(2026, 11, 14, 12, tzinfo=UTC))
    await told_now(stage, HEARING)
    assert await hours(stage, datetime(2026, 11, 19, tzinfo=UTC)) == [
        ("11-16 18:00", "Hearing tomorrow"),
        ("11-17 16:00", "Hearing in 2 hours"),
    ]


async def test_without_an_hour_the_morning_is_the_places(stage: Stage) -> None:
    await told_now(stage, DATE_ONLY)
    await track(stage, bill())
    await go_to(stage, FIRST)
    assert await hours(stage, datetime(2026, 11, 19, tzinfo=UTC)) == [
        ("11-10 16:00", "Hearing in 7 days"),
        ("11-16 16:00", "Hearing tomorrow"),
        ("11-17 16:00", "Hearing today"),
    ]


async def test_without_an_hour_a_channel_further_west_is_not_woken(stage: Stage) -> None:
    await told_now(stage, replace(DATE_ONLY, zone=EASTERN))
    await track(stage, bill())
    await set_zone(stage, "America/Los_Angeles")
    await go_to(stage, FIRST)
    assert await hours(stage, datetime(2026, 11, 19, tzinfo=UTC)) == [
        ("11-10 16:00", "Hearing in 7 days"),
        ("11-16 16:00", "Hearing tomorrow"),
        ("11-17 13:00", "Hearing today"),
    ]


async def test_on_the_day_the_clocks_change_the_hours_are_right(stage: Stage) -> None:
    stage.clock.pass_(days=100)  # February 2027
    # Sunday 14 March 2027, 9:00 in Olympia; the clocks went forward at 2:00.
    hearing = replace(HEARING, on=date(2027, 3, 14), at=datetime(2027, 3, 14, 16, tzinfo=UTC))
    await told_now(stage, hearing)
    await track(stage, bill())
    await go_to(stage, datetime(2027, 3, 12, tzinfo=UTC))
    posted = await hours(stage, datetime(2027, 3, 15, tzinfo=UTC))
    assert posted[1:] == [
        ("03-13 16:00", "Hearing tomorrow"),
        ("03-14 14:00", "Hearing in 2 hours"),
    ]
    assert "09:00 PDT" in card(list(stage.chat.messages.values())[-1]).title


async def test_only_those_are_told_who_track_a_bill_and_only_of_their_own(stage: Stage) -> None:
    one, other = bill(HEARING), bill(HEARING, key=OTHER_KEY)
    now = stage.clock.now()
    await stage.core.database.write(
        lambda tx: tx.bills.keep({each.key: (each, each) for each in (one, other)}, now)
    )
    await track(stage, one)
    await track(stage, other, space=OTHER)
    await go_to(stage, datetime(2026, 11, 16, 18, 5, tzinfo=UTC))
    posted = await work(stage)
    assert sorted(card(sent).subjects for sent in posted) == [("WA HB 9902",), ("WA SB 9901",)]


async def test_a_watch_by_the_records_key_is_heard_too(stage: Stage) -> None:
    record = await stage.core.database.read(lambda tx: tx.record.load())
    known = next(one for one in record.bills if one.watched and recorded_key(one))
    key = recorded_key(known)
    assert key
    one = bill(HEARING, key=key)
    now = stage.clock.now()
    await stage.core.database.write(lambda tx: tx.bills.keep({key: (one, one)}, now))
    await stage.say(f"/subscribe here {known.key}")
    await go_to(stage, datetime(2026, 11, 16, 18, 5, tzinfo=UTC))
    (sent,) = await work(stage)
    assert card(sent).subjects == (label(key),)


async def set_zone(stage: Stage, zone: str) -> None:
    space = await stage.core.database.read(lambda tx: tx.spaces.find(SPACE))
    assert space
    await stage.core.database.write(
        lambda tx: tx.spaces.set_zone(tx.spaces.channel(space, "c1").id, zone)
    )
