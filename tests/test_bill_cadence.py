"""News of bills waits for a channel's cadence, as stories do; news of hearings never waits."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.chats.terminal_chat import make_request
from domain.cadences import digest_times
from domain.cards import AlertCard, Digest
from tests.legislature_bench import openstates_bill, openstates_event
from tests.legislature_stage import CHANNEL, Stage, staged
from tests.recorder import words as title
from tests.stage import OTHER
from tests.test_bill_commands import buttons
from tests.test_bill_discovery import begin, lay_out
from tests.test_legislature_loop import SB_5, openstates

# The stage is set on Thursday 10 February 2022 at noon; the first poll is two hours later.
TOMORROW = datetime(2022, 2, 11, 15, tzinfo=UTC)
MONDAY = datetime(2022, 2, 14, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STEP = "Placed on the calendar of examples."
OTHER_STEP = "Taken off the calendar of examples."


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as stage:
        openstates(stage, openstates_bill(5))
        await stage.track(SB_5)
        yield stage


async def first_poll(stage: Stage) -> None:
    assert await stage.round() == []


def acted(*steps: str) -> dict[str, Any]:
    """The bill with these steps more; synthetic."""
    bill = openstates_bill(5)
    senate = {"id": "x", "name": "Senate", "classification": "upper"}
    added = [
        {
            "organization": senate, "description": step, "date": "2022-02-09",
            "classification": [], "order": 9 + place,
        }
        for place, step in enumerate(steps)
    ]  # fmt: skip
    bill["actions"] = [*bill["actions"], *added]
    return {**bill, "updated_at": f"2022-02-10T1{len(steps)}:00:00+00:00"}


def hearing(day: int) -> dict[str, Any]:
    return openstates_event(start_date=f"2022-02-{day}T18:00:00+00:00")


async def heard(stage: Stage, channel: str = CHANNEL) -> list[str]:
    """Deliver what is due; return what the channel was told so far."""
    await stage.deliverer.drain(timedelta(0))
    cards = [one.card for one in stage.chat.sent(channel)]
    return [one.summary for one in cards if isinstance(one, AlertCard)]


async def heard_at(stage: Stage, at: datetime, channel: str = CHANNEL) -> list[str]:
    """Let time pass until then, deliver what is due; return what the channel was told so far."""
    stage.clock.pass_(seconds=(at - stage.clock.now()).total_seconds())
    return await heard(stage, channel)


def told(*steps: str) -> list[str]:
    return [f"9 February 2022: {one}" for one in steps]


@pytest.mark.parametrize(
    ("now", "daily", "weekly"),
    [
        ("2022-02-10T14:59", "2022-02-10T15:00", "2022-02-14T15:00"),
        ("2022-02-10T15:00", "2022-02-11T15:00", "2022-02-14T15:00"),
        ("2022-02-14T14:59", "2022-02-14T15:00", "2022-02-14T15:00"),
        ("2022-02-14T15:00", "2022-02-15T15:00", "2022-02-21T15:00"),
    ],
)
def test_daily_is_the_next_three_o_clock_and_weekly_that_of_monday(
    now: str, daily: str, weekly: str
) -> None:
    times = digest_times(datetime.fromisoformat(f"{now}+00:00"))
    assert [f"{one:%Y-%m-%dT%H:%M}" for one in times] == [daily, weekly]


async def test_a_daily_channel_hears_a_step_at_its_time_and_another_at_once(stage: Stage) -> None:
    await stage.say("/subscribe here all cadence:daily")
    await stage.say("/subscribe here all", channel="c2")
    await first_poll(stage)
    openstates(stage, acted(STEP))
    assert await stage.round() == []
    assert await heard(stage, "c2") == told(STEP)
    assert await heard_at(stage, TOMORROW - MINUTE) == []
    assert await heard_at(stage, TOMORROW) == told(STEP)
    assert await heard_at(stage, MONDAY) == told(STEP)
    assert await heard(stage, "c2") == told(STEP)


async def test_a_weekly_channel_hears_a_step_on_monday(stage: Stage) -> None:
    await stage.say("/subscribe here WA SB 5 cadence:weekly")
    await first_poll(stage)
    openstates(stage, acted(STEP))
    assert await stage.round() == []
    assert await heard_at(stage, MONDAY - MINUTE) == []
    assert await heard_at(stage, MONDAY) == told(STEP)


async def test_the_soonest_of_the_subscriptions_that_cover_a_bill_counts(stage: Stage) -> None:
    for channel, bill, everything in (
        ("now", "now", "weekly"),
        ("daily", "weekly", "daily"),
    ):
        await stage.say(f"/subscribe here WA SB 5 cadence:{bill}", channel=channel)
        await stage.say(f"/subscribe here all cadence:{everything}", channel=channel)
    await first_poll(stage)
    openstates(stage, acted(STEP))
    await stage.round()
    assert await heard(stage, "now") == told(STEP)
    assert await heard(stage, "daily") == []
    assert await heard_at(stage, TOMORROW, "daily") == told(STEP)
    assert await heard_at(stage, MONDAY, "daily") == told(STEP)
    assert await heard(stage, "now") == told(STEP)


async def test_a_subscription_to_something_else_makes_no_bill_sooner(stage: Stage) -> None:
    await stage.say("/subscribe here WA SB 5 cadence:daily")
    await stage.say("/subscribe here IBM")
    await first_poll(stage)
    openstates(stage, acted(STEP))
    assert await stage.round() == []


async def test_a_hearing_scheduled_moved_and_cancelled_is_told_at_once(stage: Stage) -> None:
    await stage.say("/subscribe here all cadence:weekly")
    await stage.say("/subscribe here all", channel="c2")
    await first_poll(stage)
    for events, label in (
        ([hearing(20)], "Hearing in 10 days"),
        ([hearing(22)], "Hearing moved"),
        ([], "Hearing cancelled"),
    ):
        openstates(stage, openstates_bill(5), events=events)
        (card,) = await stage.round(hours=7)
        assert card.label == label
        assert stage.chat.sent("c2")[-1].card == card


async def test_what_comes_with_a_hearing_is_told_with_it(stage: Stage) -> None:
    await stage.say("/subscribe here all cadence:daily")
    await first_poll(stage)
    openstates(stage, acted(STEP), events=[hearing(20)])
    (card,) = await stage.round(hours=7)
    assert card.label == "Hearing in 10 days"
    assert STEP in str(card.background)
    assert len(await heard_at(stage, MONDAY)) == 1


async def test_a_hearing_overtakes_what_waits_and_all_of_it_is_told_once(stage: Stage) -> None:
    await stage.say("/subscribe here all cadence:daily")
    await first_poll(stage)
    openstates(stage, acted(STEP))
    assert await stage.round() == []
    openstates(stage, acted(STEP, OTHER_STEP))
    assert await stage.round() == []
    openstates(stage, acted(STEP, OTHER_STEP), events=[hearing(20)])
    (card,) = await stage.round(hours=7)
    assert card.label == "Hearing in 9 days"
    assert STEP not in str(card)
    assert (await heard_at(stage, TOMORROW))[1:] == told(STEP, OTHER_STEP)
    assert len(await heard_at(stage, MONDAY)) == 3


async def test_a_bill_untracked_before_its_news_is_due_is_told_of_no_more(stage: Stage) -> None:
    await stage.say("/subscribe here all cadence:daily")
    await first_poll(stage)
    openstates(stage, acted(STEP))
    await stage.round()
    await stage.say("/bill untrack WA SB 5")
    assert await heard_at(stage, TOMORROW) == []


async def test_one_community_that_untracks_a_bill_leaves_it_to_another(stage: Stage) -> None:
    await stage.say("/subscribe here all cadence:daily")
    await first_poll(stage)
    theirs = make_request(stage.clock, organizer=True, space=OTHER, channel="c2")
    for line in ("/bill track WA SB 5", "/subscribe here WA SB 5 cadence:daily"):
        await stage.core.desk.answer_line(line, theirs)
    await stage.round()  # the record's bills, which a new community watches, are asked for first
    openstates(stage, acted(STEP))
    await stage.round()
    await stage.say("/bill untrack WA SB 5")
    assert await heard_at(stage, TOMORROW) == []
    assert await heard(stage, "c2") == told(STEP)


async def test_news_that_waits_outlasts_an_untracking_that_is_undone(stage: Stage) -> None:
    await stage.say("/subscribe here WA SB 5 cadence:daily")
    await first_poll(stage)
    openstates(stage, acted(STEP))
    await stage.round()
    await stage.say(buttons(await stage.say("/bill untrack WA SB 5"))["Undo"])
    assert await heard_at(stage, TOMORROW) == told(STEP)


async def test_new_bills_of_a_topic_wait_for_a_daily_channel(stage: Stage) -> None:
    await begin(stage)
    await stage.say("/subscribe here synthetic faces cadence:daily")
    await stage.say("/subscribe here synthetic faces cadence:weekly", channel="c2")
    await stage.say("/subscribe here all cadence:weekly", channel="c2")
    await stage.say("/subscribe here all", channel="c3")
    lay_out(stage, 3, 4, 1, 2)
    stage.clock.pass_(hours=25)  # 11 February, past one
    await stage.core.discovery.search_due()
    assert await found_at(stage, TOMORROW - MINUTE, "c3") == ["New about synthetic faces: 2"]
    assert await found_at(stage, TOMORROW - MINUTE) == []
    assert await found_at(stage, TOMORROW) == ["New about synthetic faces: 2"]
    assert await found_at(stage, MONDAY - MINUTE, "c2") == []
    assert await found_at(stage, MONDAY, "c2") == ["New about synthetic faces: 2"]
    assert len(stage.chat.messages) == 3


async def found_at(stage: Stage, at: datetime, channel: str = CHANNEL) -> list[str]:
    """Let time pass until then, deliver what is due; return the finds the channel was told."""
    await heard_at(stage, at, channel)
    cards = [one.card for one in stage.chat.sent(channel)]
    assert all(isinstance(one, Digest) for one in cards)
    return [title(one) for one in cards]
