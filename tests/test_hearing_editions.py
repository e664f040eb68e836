"""Editions of hearings in a real database: numbered once a change, across restarts and bills."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.bills import Bill, BillKey
from domain.calendars import HearingEdition
from storage.db import Database
from tests.hearings import CANCELLED, HEARING, KEY, OTHER_KEY, SEEN, bill

NOW = datetime(2026, 11, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def keep(database: Database, *bills: Bill, at: datetime = NOW) -> None:
    await database.write(lambda tx: tx.bills.keep({one.key: (one, one) for one in bills}, at))


async def found(database: Database, *keys: BillKey, at: datetime = NOW) -> list[HearingEdition]:
    return await database.read(lambda tx: tx.calendars.of_bills(keys or (KEY,), at))


async def test_each_change_raises_the_sequence_by_one_and_nothing_else_does(
    database: Database,
) -> None:
    moved = replace(HEARING, at=HEARING.at + HOUR) if HEARING.at else HEARING
    told = (HEARING, HEARING, moved, moved, replace(moved, place="Room 2"), HEARING)
    sequences = []
    for passed, hearing in enumerate(told):
        await keep(database, bill(hearing), at=NOW + passed * HOUR)
        (edition,) = await found(database)
        assert edition.hearing == hearing
        sequences.append((edition.sequence, (edition.changed_at - NOW) // HOUR))
    assert sequences == [(0, 0), (0, 0), (1, 2), (1, 2), (2, 4), (3, 5)]


async def test_since_stays_while_it_is_to_be_held_at_the_same_time(database: Database) -> None:
    assert HEARING.at
    told = (
        HEARING,
        replace(HEARING, place="Room 2"),
        replace(HEARING, at=HEARING.at + HOUR),
        replace(HEARING, at=HEARING.at + HOUR, status=CANCELLED),
        replace(HEARING, at=HEARING.at + HOUR),
        replace(HEARING, at=None),
    )
    since = []
    for passed, hearing in enumerate(told):
        await keep(database, bill(hearing), at=NOW + passed * HOUR)
        (edition,) = await found(database)
        since.append((edition.since - NOW) // HOUR)
    assert since == [0, 0, 2, 2, 4, 5]


async def test_the_sequence_goes_on_after_a_restart(tmp_path: Path) -> None:
    for passed, place in enumerate(("Room 1", "Room 2", "Room 3")):
        async with Database(tmp_path / "kept.db") as database:
            await keep(database, bill(replace(HEARING, place=place)))
            (edition,) = await found(database)
            assert edition.sequence == passed


async def test_a_hearing_that_is_told_of_again_goes_on_where_it_was(database: Database) -> None:
    await keep(database, bill(HEARING))
    await keep(database, bill())
    assert await found(database) == []
    await keep(database, bill(replace(HEARING, place="Room 2")))
    (edition,) = await found(database)
    assert edition.sequence == 1


async def test_one_hearing_of_two_bills_is_one_however_each_tells_it(database: Database) -> None:
    other = replace(HEARING, place="rm. 1")
    for _ in range(2):
        await keep(database, bill(HEARING))
        await keep(database, bill(other, key=OTHER_KEY))
    (edition,) = await found(database, KEY, OTHER_KEY)
    assert edition.hearing == HEARING
    assert edition.sequence == 0
    assert [one.key for one in edition.bills] == [KEY, OTHER_KEY]
    (alone,) = await found(database, OTHER_KEY)
    assert alone.hearing == HEARING
    assert [one.key for one in alone.bills] == [OTHER_KEY]


async def test_a_cancelled_hearing_stays_for_thirty_days(database: Database) -> None:
    await keep(database, bill(replace(HEARING, status=CANCELLED)))
    assert HEARING.at
    (edition,) = await found(database, at=HEARING.at + timedelta(days=30, hours=-1))
    assert edition.is_cancelled
    assert await found(database, at=HEARING.at + timedelta(days=30)) == []


async def test_hearings_come_in_the_order_of_time(database: Database) -> None:
    assert HEARING.at
    late = replace(HEARING, key="acme:a", at=HEARING.at + HOUR)
    allday = replace(HEARING, key="acme:z", at=None)
    await keep(database, bill(late, HEARING, allday))
    assert [one.hearing.key for one in await found(database)] == ["acme:z", HEARING.key, "acme:a"]


async def test_what_no_bill_tells_of_is_forgotten_after_a_while(database: Database) -> None:
    await keep(database, bill(HEARING, replace(HEARING, key="acme:kept")))
    await keep(database, bill(replace(HEARING, key="acme:kept")))
    await database.write(lambda tx: tx.calendars.forget_before(NOW + HOUR))
    await keep(
        database,
        bill(replace(HEARING, place="Room 2"), replace(HEARING, key="acme:kept", place="Room 2")),
    )
    editions = {one.hearing.key: one.sequence for one in await found(database)}
    assert editions == {HEARING.key: 0, "acme:kept": 1}
    assert SEEN < NOW
