"""Allowances: spread over the day, counted in the database, kept across restarts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.metering import QuotaMeter
from domain.quotas import Allowance, Asking, Usage, may_ask
from feeds.legislatures.port import QuotaUsedUp
from storage.db import Database
from tests.fakes import FakeClock

DAY = datetime(2021, 6, 1, tzinfo=UTC)
NOON = DAY + timedelta(hours=12)
ALLOWED = Allowance(per_day=250, per_minute=10)
MOMENTS = st.datetimes(datetime(2021, 6, 1), datetime(2021, 6, 1, 23, 59, 59)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)


def used(today: int, at: datetime = DAY, *, minute: int = 0) -> Usage:
    return Usage(source="openstates", last_at=at, today=today, this_minute=minute)


def test_polling_spreads_its_share_over_the_day() -> None:
    asked: list[int] = []
    for hour in range(24):
        now, count = DAY + timedelta(hours=hour), sum(asked)
        while may_ask(ALLOWED, used(count), now + timedelta(minutes=5), Asking.POLL).allowed:
            count += 1
        asked.append(count - sum(asked))
    assert asked[0] == 40  # a fifth of polling's four fifths
    assert max(asked[1:]) <= 8
    assert 190 <= sum(asked) <= 200


def test_people_may_use_what_polling_leaves() -> None:
    assert not may_ask(ALLOWED, used(200), NOON, Asking.POLL).allowed
    assert may_ask(ALLOWED, used(200), NOON, Asking.PERSON).allowed
    assert may_ask(ALLOWED, used(249), NOON, Asking.PERSON).allowed
    refused = may_ask(ALLOWED, used(250), NOON, Asking.PERSON)
    assert (refused.allowed, refused.next_at) == (False, DAY + timedelta(days=1))
    assert refused.why == "250 of today's 250 requests are used"


@given(MOMENTS, st.integers(0, 300), st.sampled_from(Asking), st.integers(1, 5000))
def test_when_it_says_to_come_again_it_may_be_asked(
    now: datetime, today: int, asking: Asking, per_day: int
) -> None:
    allowance = Allowance(per_day=per_day, per_minute=10)
    verdict = may_ask(allowance, used(today, now), now, asking)
    if verdict.allowed:
        assert verdict.next_at == now
        return
    assert now < verdict.next_at <= DAY + timedelta(days=1)
    assert may_ask(allowance, used(today, now), verdict.next_at, asking).allowed


def test_a_minute_has_its_own_allowance() -> None:
    at = NOON + timedelta(seconds=20)
    verdict = may_ask(ALLOWED, used(10, at, minute=10), at, Asking.PERSON)
    assert verdict.next_at == NOON + timedelta(minutes=1)
    assert may_ask(ALLOWED, used(10, at, minute=10), verdict.next_at, Asking.PERSON).allowed


def test_nothing_is_allowed_where_nothing_is() -> None:
    none = Allowance(per_day=0, per_minute=10)
    for asking in Asking:
        assert not may_ask(none, used(0), NOON, asking).allowed


async def test_counts_outlast_a_restart_and_end_with_the_day(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    few = Allowance(per_day=3, per_minute=10)
    async with Database(path) as first:
        for _ in range(3):
            took = await first.write(
                lambda tx: tx.quotas.take("legiscan", few, NOON, Asking.PERSON)
            )
            assert took.allowed
    async with Database(path) as again:
        refused = await again.write(lambda tx: tx.quotas.take("legiscan", few, NOON, Asking.PERSON))
        assert not refused.allowed
        [told] = await again.read(lambda tx: tx.quotas.all(NOON))
        assert (told.source, told.today, told.this_minute) == ("legiscan", 3, 3)
        tomorrow = NOON + timedelta(days=1)
        [told] = await again.read(lambda tx: tx.quotas.all(tomorrow))
        assert told.today == 0
        took = await again.write(
            lambda tx: tx.quotas.take("legiscan", few, tomorrow, Asking.PERSON)
        )
        assert took.allowed


async def test_the_meter_refuses_in_plain_words(database: Database, clock: FakeClock) -> None:
    few = {"openstates": Allowance(per_day=1, per_minute=1)}
    meter = QuotaMeter(database, clock, few, Asking.PERSON)
    await meter.take("openstates")
    with pytest.raises(QuotaUsedUp) as refused:
        await meter.take("openstates")
    assert str(refused.value) == (
        "Open States: no request for now, 1 of today's 1 requests are used; the next in 12 h."
    )
    assert refused.value.retry_after == timedelta(hours=12)
    await meter.take("a service without an allowance")


async def test_the_meter_heeds_a_service_that_says_to_wait(
    database: Database, clock: FakeClock
) -> None:
    meter = QuotaMeter(database, clock, {"congress": ALLOWED}, Asking.POLL)
    await meter.block("congress", timedelta(minutes=30))
    with pytest.raises(QuotaUsedUp, match="asked us to wait; the next in 30 min"):
        await meter.take("congress")
    clock.advance(timedelta(minutes=31))
    await meter.take("congress")
