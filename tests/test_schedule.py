"""What the record gives to tell: reminders, events and laws, once each, with the clock moved."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.occasion_cards import occasion_card
from bot.records import ship, shipped_record
from domain.cards import AlertCard, plain
from domain.dates import PartialDate
from domain.model import Actor
from domain.occasions import Occasion, OccasionKind, occasions
from domain.proposals import Addition, Review, Verdict, reviewed
from domain.record import Company, EventKind, Record, StatusEvent, Step
from storage.db import Tx
from tests.recorder import Sent
from tests.stage import OTHER, SPACE, Stage, staged

MAY = datetime(2021, 5, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as stage:
        yield stage


async def begin(stage: Stage, at: datetime) -> None:
    """Set the clock and let the first look pass."""
    stage.clock.pass_(seconds=(at - stage.clock.now()).total_seconds())
    await stage.core.schedule.tell_due()


async def days(stage: Stage, count: int) -> list[tuple[date, Sent]]:
    """Let days pass; return what was posted in the channel, each with its day."""
    told: list[tuple[date, Sent]] = []
    for _ in range(count):
        before = len(stage.chat.sent("c1"))
        await stage.core.schedule.tell_due()
        await stage.deliver()
        told += [(stage.clock.now().date(), one) for one in stage.chat.sent("c1")[before:]]
        stage.clock.pass_(days=1)
    return told


def words(sent: Sent) -> str:
    card = sent.card
    assert isinstance(card, AlertCard)
    return "\n".join([card.label, card.title, card.summary, *map(plain, card.background)])


async def test_may_2021_day_by_day(stage: Stage) -> None:
    await begin(stage, MAY)
    await stage.say("/subscribe here Amazon")
    told = await days(stage, 31)
    assert [day for day, _ in told] == [date(2021, 5, 11), date(2021, 5, 18)]
    reminder, extended = (words(one) for _, one in told)
    assert "Ends in 30 days" in reminder
    assert "on 10 June 2021" in reminder
    assert "Amazon’s pledge was extended" in extended
    assert "Ends: was 10 June 2021, now no date" in extended
    assert "until further notice" in extended


async def test_the_end_is_told_ahead_and_on_the_day(stage: Stage) -> None:
    record = without_extension(shipped_record())
    await ship(stage.core.database, record, stage.clock)
    await begin(stage, datetime(2021, 3, 1, tzinfo=UTC))
    await stage.say("/subscribe here all")
    told = await days(stage, 110)
    mine = [(day, one) for day, one in told if "Amazon" in words(one)]
    assert [(str(day), words(one).splitlines()[0]) for day, one in mine] == [
        ("2021-03-12", "Ends in 90 days"),
        ("2021-05-11", "Ends in 30 days"),
        ("2021-06-03", "Ends in 7 days"),
        ("2021-06-09", "Ends tomorrow"),
        ("2021-06-10", "Expired"),
    ]


async def test_who_slept_hears_one_reminder_with_the_days_that_are_left(stage: Stage) -> None:
    await ship(stage.core.database, without_extension(shipped_record()), stage.clock)
    await begin(stage, datetime(2021, 3, 1, tzinfo=UTC))
    await stage.say("/subscribe here Amazon")
    stage.clock.pass_(days=95)  # 4 June: the reminder of 7 days ahead was due the day before
    told = await days(stage, 1)
    assert [words(one).splitlines()[0] for _, one in told] == ["Ends in 6 days"]


async def test_a_law_asks_whether_the_condition_is_met(stage: Stage) -> None:
    record = shipped_record()
    await begin(stage, datetime(2026, 11, 23, tzinfo=UTC))
    await stage.say("/subscribe here Microsoft")
    bill = record.bill("us-119-hr-4695")
    assert bill is not None
    law = Step(on=PartialDate.parse("2026-11-24"), text="Synthetic: became law.", kind="became-law")
    bills = tuple(
        replace(one, steps=(*one.steps, law)) if one.key == bill.key else one
        for one in record.bills
    )
    await ship(stage.core.database, replace(record, bills=bills), stage.clock)
    told = await days(stage, 4)
    assert [str(day) for day, _ in told] == ["2026-11-24"]
    assert (
        "The condition of Microsoft’s pledge may be met: does this law do what it asked for?"
    ) in words(told[0][1])


async def test_what_is_older_than_two_weeks_is_no_news(stage: Stage) -> None:
    await begin(stage, datetime(2026, 11, 23, tzinfo=UTC))
    await stage.say("/subscribe here IBM")
    record = shipped_record()
    for on, heard in (("2026-11-01", 0), ("2026-11-20", 1), ("2026-11", 0), ("by 2026-11-22", 0)):
        await ship(stage.core.database, with_event(record, "ibm", on), stage.clock)
        assert len(await days(stage, 1)) == heard, on
        stage.clock.pass_(days=-1)


async def test_the_first_look_tells_nothing_and_nothing_is_told_twice(stage: Stage) -> None:
    await stage.say("/subscribe here all")
    record = with_event(shipped_record(), "ibm", "2026-11-01")
    await ship(stage.core.database, record, stage.clock)
    assert await stage.core.schedule.tell_due() == 0
    record = with_event(record, "amazon", "2026-11-02")
    await ship(stage.core.database, record, stage.clock)
    assert await stage.core.schedule.tell_due() == 1
    await ship(stage.core.database, with_event(record, "nec", "2010-01-01"), stage.clock)
    assert await stage.core.schedule.tell_due() == 0


async def test_what_a_community_added_is_told_to_it_alone(stage: Stage) -> None:
    await begin(stage, datetime(2026, 11, 23, 8, tzinfo=UTC))
    await stage.say("/subscribe here IBM")
    await stage.say("/subscribe here IBM", space=OTHER, channel="c2")
    event = StatusEvent(
        kind=EventKind.DISPUTED, on=PartialDate.parse("2026-11-20"), text="Synthetic."
    )
    addition = Addition(company="ibm", name="IBM", pledge="ibm-2020", event=event)

    def confirm(tx: Tx) -> None:
        space = tx.spaces.find(SPACE)
        assert space is not None
        now = stage.clock.now()
        proposal = tx.proposals.add(space, addition, Actor(id="a", name="A"), now)
        for actor in ("a", "b"):
            review = Review(actor=actor, verdict=Verdict.CONFIRM, at=now)
            proposal = reviewed(proposal, review, organizer=True)
            tx.proposals.keep(space, proposal)

    await stage.core.database.write(confirm)
    told = await days(stage, 2)
    assert [words(one).splitlines()[:2] for _, one in told] == [
        ["Disputed", "IBM’s pledge is disputed: No general-purpose face recognition"]
    ]
    assert stage.chat.sent("c2") == []


def test_a_key_is_read_back() -> None:
    for one in occasions(shipped_record(), date(2020, 6, 12)):
        assert Occasion.parse(one.key) == one


def test_a_card_is_made_of_every_occasion_of_ten_years() -> None:
    record, made = shipped_record(), 0
    day = date(2017, 1, 1)
    while day < date(2027, 1, 1):
        for one in occasions(record, day):
            card = occasion_card(one, record, day)
            assert card is not None, one
            assert card.title
            made += 1
        day += timedelta(days=14)
    assert made > 10


def test_what_the_record_took_back_is_not_told() -> None:
    gone = Occasion(
        kind=OccasionKind.ENDS,
        company="amazon",
        pledge="amazon-2020",
        what="2021-06-10",
        on=date(2021, 5, 11),
    )
    record = shipped_record()
    assert occasion_card(gone, record, date(2021, 5, 11)) is not None
    assert occasion_card(gone, record, date(2021, 5, 18)) is None
    assert occasion_card(gone, Record(), date(2021, 5, 11)) is None


def without_extension(record: Record) -> Record:
    """The record as if nothing had come after Amazon's first year."""
    return replace(
        record,
        companies=tuple(
            replace(
                one,
                pledges=tuple(
                    replace(pledge, terms=pledge.terms[:1], events=pledge.events[:1])
                    for pledge in one.pledges
                ),
            )
            if one.key == "amazon"
            else one
            for one in record.companies
        ),
    )


def with_event(record: Record, key: str, on: str) -> Record:
    """The record with one more, synthetic event of a company's first pledge."""
    event = StatusEvent(kind=EventKind.DISPUTED, on=PartialDate.parse(on), text="Synthetic.")

    def changed(company: Company) -> Company:
        pledges = tuple(
            replace(pledge, events=(*pledge.events, event)) for pledge in company.pledges
        )
        return replace(company, pledges=pledges)

    companies = (changed(one) if one.key == key else one for one in record.companies)
    return replace(record, companies=tuple(companies))
