"""Campaigns as rules and as rows: whom to call next, calls logged once, callers nobody can tell."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.call_scripts import Position, Subject, SubjectKind
from domain.campaigns import (
    SHOWN_FOR,
    Callers,
    CallOutcome,
    Campaign,
    Draft,
    Tally,
    Target,
    TargetTally,
    closing_words,
    next_target,
    pseudonym,
    read_end,
)
from domain.errors import UserError
from domain.model import DeliveryKind, Platform, Space, SpaceRef
from storage.db import Database, Tx

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SPACE = SpaceRef(platform=Platform.DISCORD, external_id="1")
BILL = Subject(kind=SubjectKind.BILL, key="wa 2021 SB 9901", label="WA SB 9901")


def target(number: int) -> Target:
    return Target(key=f"T{number}", name=f"Sen. Example {number}", seat="WA Senate, 1")


def draft(targets: int = 3, **more: object) -> Draft:
    told: dict[str, object] = {
        "subject": BILL,
        "position": Position.SUPPORT,
        "whom": "the Committee on Examples",
        "callers": Callers.ANYONE,
        "goal": 10,
        "ends_at": NOW + timedelta(days=7),
        "targets": tuple(target(number) for number in range(targets)),
    }
    return Draft(**(told | more))  # type: ignore[arg-type]


def tally(*counts: int, under_way: tuple[int, ...] = (), shown: tuple[int, ...] = ()) -> Tally:
    return Tally(
        targets=tuple(
            TargetTally(
                place=place,
                target=target(place),
                outcomes={CallOutcome.REACHED: count, CallOutcome.SKIPPED: 9},
                under_way=under_way[place] if under_way else 0,
                shown_at=NOW + timedelta(minutes=shown[place]) if shown else None,
            )
            for place, count in enumerate(counts)
        ),
        people=2,
    )


def place(found: TargetTally | None) -> int | None:
    return found.place if found else None


class TestWhomToCallNext:
    def test_the_least_called_comes_first(self) -> None:
        assert place(next_target(tally(2, 1, 3), {}, None)) == 1

    def test_of_equals_the_one_shown_longest_ago(self) -> None:
        assert place(next_target(tally(1, 1, 1, shown=(5, 1, 3)), {}, None)) == 1

    def test_whom_someone_else_is_calling_counts_as_called(self) -> None:
        assert place(next_target(tally(0, 0, 5, under_way=(1, 0, 0)), {}, None)) == 1

    def test_nobody_is_called_twice_a_day_by_one_person(self) -> None:
        done = {0: {CallOutcome.REACHED}, 1: {CallOutcome.BUSY}, 2: {CallOutcome.SKIPPED}}
        assert place(next_target(tally(0, 0, 0, 9), done, None)) == 3
        assert place(next_target(tally(0, 0, 0), done, None)) == 1
        all_done = {key: {CallOutcome.VOICEMAIL} for key in range(3)}
        assert next_target(tally(0, 0, 0), all_done, None) is None

    def test_only_those_one_may_call(self) -> None:
        assert place(next_target(tally(0, 7), {}, {"T1"})) == 1
        assert next_target(tally(0, 7), {}, set()) is None


class TestTheEnd:
    def test_a_day_ends_in_the_channels_zone(self) -> None:
        assert read_end("2026-11-10", "America/Los_Angeles", NOW) == datetime(
            2026, 11, 11, 7, 59, tzinfo=UTC
        )

    def test_a_day_with_an_hour_and_a_span(self) -> None:
        assert read_end("2026-11-10 10:00", "", NOW) == datetime(2026, 11, 10, 10, tzinfo=UTC)
        assert read_end("in 2 weeks", "", NOW) == NOW + timedelta(days=14)

    @pytest.mark.parametrize(
        ("written", "why"),
        [
            ("soon", "no end that can be read"),
            ("2026-02-30", "no end that can be read"),
            ("2026-10-01", "over already"),
            ("2027-11-01", "at most 90 days"),
            ("0 days", "over already"),
        ],
    )
    def test_what_is_no_end_is_said(self, written: str, why: str) -> None:
        with pytest.raises(UserError, match=why):
            read_end(written, "", NOW)


async def started(database: Database, **more: object) -> tuple[Space, Campaign]:
    def work(tx: Tx) -> tuple[Space, Campaign]:
        space = tx.spaces.ensure(SPACE, NOW)
        channel = tx.spaces.channel(space, "c1")
        return space, tx.campaigns.start(space, channel, draft(**more), "u1", NOW)  # type: ignore[arg-type]

    return await database.write(work)


def call(tx: Tx, campaign: Campaign, actor: str, where: int, outcome: CallOutcome) -> None:
    assert tx.campaigns.log(campaign, tx.campaigns.show(campaign, actor, where, NOW), outcome, NOW)


class TestKeeping:
    async def test_what_was_started_is_found_again(self, database: Database) -> None:
        space, campaign = await started(database)
        assert campaign.title == "Call the Committee on Examples: support WA SB 9901"
        assert await database.read(lambda tx: tx.campaigns.find(space, campaign.id)) == campaign
        assert await database.read(lambda tx: tx.campaigns.about(space, BILL.key)) == campaign
        other = await database.write(
            lambda tx: tx.spaces.ensure(SpaceRef(platform=Platform.SLACK, external_id="other"), NOW)
        )
        assert await database.read(lambda tx: tx.campaigns.find(other, campaign.id)) is None

    async def test_a_turn_is_logged_once_and_can_be_taken_back(self, database: Database) -> None:
        _, campaign = await started(database)

        def work(tx: Tx) -> None:
            turn = tx.campaigns.show(campaign, "ana", 1, NOW)
            assert tx.campaigns.open_turn(campaign, "ana", NOW) == turn
            assert tx.campaigns.turn(campaign, "ben", turn.id) is None
            assert tx.campaigns.log(campaign, turn, CallOutcome.REACHED, NOW)
            assert not tx.campaigns.log(campaign, turn, CallOutcome.BUSY, NOW)
            assert tx.campaigns.tallies([campaign.id], NOW)[campaign.id].calls == 1
            assert tx.campaigns.undo(campaign, turn, NOW)
            assert not tx.campaigns.undo(campaign, turn, NOW)
            counted = tx.campaigns.tallies([campaign.id], NOW)[campaign.id]
            assert (counted.calls, counted.people) == (0, 0)

        await database.write(work)

    async def test_a_target_shown_long_ago_is_not_under_way(self, database: Database) -> None:
        _, campaign = await started(database)

        def work(tx: Tx) -> tuple[int, int]:
            tx.campaigns.show(campaign, "ana", 1, NOW)
            later = NOW + SHOWN_FOR
            assert tx.campaigns.open_turn(campaign, "ana", later) is None
            return tuple(  # type: ignore[return-value]
                tx.campaigns.tallies([campaign.id], at)[campaign.id].targets[1].under_way
                for at in (NOW, later)
            )

        assert await database.write(work) == (1, 0)

    async def test_people_are_told_apart_and_skipping_is_no_call(self, database: Database) -> None:
        _, campaign = await started(database)

        def work(tx: Tx) -> Tally:
            call(tx, campaign, "ana", 0, CallOutcome.REACHED)
            call(tx, campaign, "ana", 1, CallOutcome.BUSY)
            call(tx, campaign, "ben", 0, CallOutcome.VOICEMAIL)
            call(tx, campaign, "cy", 0, CallOutcome.SKIPPED)
            return tx.campaigns.tallies([campaign.id], NOW)[campaign.id]

        counted = await database.write(work)
        assert (counted.calls, counted.people, counted.called) == (3, 2, 2)
        assert counted.least is not None
        assert counted.least.place == 2

    async def test_after_the_end_nobody_can_be_told(self, tmp_path: Path) -> None:
        path = tmp_path / "calls.db"
        async with Database(path) as database:
            space, campaign = await started(database)

            def work(tx: Tx) -> tuple[str, str]:
                call(tx, campaign, "ana", 0, CallOutcome.REACHED)
                call(tx, campaign, "ben", 0, CallOutcome.BUSY)
                tx.campaigns.show(campaign, "ana", 1, NOW)
                (key,) = tx.campaigns._db.execute("SELECT caller_key FROM campaigns").fetchone()
                return key, pseudonym(key, "ana")

            key, ana = await database.write(work)
            assert await database.read(lambda tx: tx.campaigns.mine(campaign, "ana", NOW)) == {
                0: {CallOutcome.REACHED}
            }
            assert await database.write(lambda tx: tx.campaigns.close(campaign, NOW))
            assert not await database.write(lambda tx: tx.campaigns.close(campaign, NOW))
            closed = await database.read(lambda tx: tx.campaigns.find(space, campaign.id))
            assert closed is not None
            assert closed.people == 2
            assert await database.read(lambda tx: tx.campaigns.mine(campaign, "ana", NOW)) == {}
            counted = await database.read(lambda tx: tx.campaigns.tallies([campaign.id], NOW))
            assert (counted[campaign.id].calls, counted[campaign.id].people) == (2, 2)
        held = b"".join(one.read_bytes() for one in tmp_path.iterdir())  # noqa: ASYNC240
        assert b"Sen. Example" in held
        assert key.encode() not in held
        assert ana.encode() not in held
        with closing(sqlite3.connect(path)) as left:
            rows = left.execute("SELECT caller, shown_at, logged_at FROM calls").fetchall()
        assert set(rows) == {("", 0, None)}

    async def test_counts_by_target_and_day_name_nobody(self, database: Database) -> None:
        _, campaign = await started(database)

        def work(tx: Tx) -> list[tuple[str, str, str, int]]:
            call(tx, campaign, "ana", 0, CallOutcome.REACHED)
            call(tx, campaign, "ben", 0, CallOutcome.REACHED)
            call(tx, campaign, "ben", 2, CallOutcome.REFUSED)
            call(tx, campaign, "ben", 1, CallOutcome.SKIPPED)
            return [
                (str(one.day), one.target.key, one.outcome, one.calls)
                for one in tx.campaigns.by_day(campaign)
            ]

        assert await database.write(work) == [
            ("2026-11-02", "T0", "reached", 2),
            ("2026-11-02", "T2", "refused", 1),
        ]

    async def test_a_call_outside_a_campaign_counts_once(self, database: Database) -> None:
        space, campaign = await started(database)

        def work(tx: Tx) -> dict[CallOutcome, int]:
            day = NOW.date()
            assert tx.campaigns.log_alone(space, BILL.key, "x", CallOutcome.REACHED, day)
            assert not tx.campaigns.log_alone(space, BILL.key, "x", CallOutcome.REACHED, day)
            assert tx.campaigns.log_alone(space, BILL.key, "y", CallOutcome.BUSY, day)
            assert tx.campaigns.undo_alone(space, "y", day)
            call(tx, campaign, "ana", 0, CallOutcome.REACHED)
            call(tx, campaign, "ana", 1, CallOutcome.SKIPPED)
            return tx.campaigns.logged(space, BILL.key)

        assert await database.write(work) == {CallOutcome.REACHED: 2}

    async def test_what_ended_is_found_and_goes_with_its_space(self, database: Database) -> None:
        _, campaign = await started(database)
        end = campaign.ends_at
        assert await database.read(lambda tx: tx.campaigns.ended(end - timedelta(seconds=1))) == []
        assert await database.read(lambda tx: tx.campaigns.ended(end)) == [campaign]
        assert await database.read(lambda tx: tx.campaigns.on_open_bills()) == [campaign]
        await database.write(lambda tx: tx.campaigns.bill_ended(campaign, "failed"))
        assert await database.read(lambda tx: tx.campaigns.on_open_bills()) == []
        await database.write(lambda tx: tx.spaces.forget(SPACE))
        assert await database.read(lambda tx: tx.campaigns.ended(end)) == []


class TestTheCardsEdits:
    async def test_ten_calls_are_one_edit_and_none_is_lost(self, database: Database) -> None:
        _, campaign = await started(database)

        def post(tx: Tx) -> None:
            tx.outbox.enqueue_card(campaign, NOW)
            tx.outbox.enqueue_card(campaign, NOW)
            (card,) = tx.outbox.due([campaign.channel], NOW, 9)
            assert (card.kind, card.campaign_id) == (DeliveryKind.CARD, campaign.id)
            assert tx.outbox.enqueue_card_edits([campaign.id], NOW) == 0
            tx.outbox.sent([card.id], "m1", 0, NOW, digest=False)
            for _ in range(10):
                call(tx, campaign, "ana", 0, CallOutcome.REACHED)
                tx.outbox.enqueue_card_edits([campaign.id], NOW)

        await database.write(post)
        due = await database.read(lambda tx: tx.outbox.next_due([Platform.DISCORD]))
        assert due == NOW + timedelta(seconds=20)

        def edit(tx: Tx) -> None:
            (one,) = tx.outbox.due([campaign.channel], due, 9)
            assert (one.kind, one.message) == (DeliveryKind.CARD_EDIT, "m1")
            call(tx, campaign, "ana", 0, CallOutcome.REACHED)  # while it is being sent
            assert tx.outbox.enqueue_card_edits([campaign.id], due) == 0
            tx.outbox.sent([one.id], "m1", 10, due, digest=False)
            tx.outbox.shown(one, 10)
            assert tx.outbox.enqueue_card_edits([campaign.id], due) == 1

        await database.write(edit)

    async def test_a_deleted_card_is_let_be(self, database: Database) -> None:
        _, campaign = await started(database)

        def work(tx: Tx) -> int:
            tx.outbox.enqueue_card(campaign, NOW)
            (card,) = tx.outbox.due([campaign.channel], NOW, 9)
            tx.outbox.sent([card.id], "m1", 0, NOW, digest=False)
            tx.outbox.retire(card)
            call(tx, campaign, "ana", 0, CallOutcome.REACHED)
            return tx.outbox.enqueue_card_edits([campaign.id], NOW)

        assert await database.write(work) == 0


async def test_the_closing_words_have_counts_and_no_names(database: Database) -> None:
    _, campaign = await started(database)

    def work(tx: Tx) -> str:
        call(tx, campaign, "ana", 0, CallOutcome.REACHED)
        call(tx, campaign, "ben", 0, CallOutcome.BUSY)
        tx.campaigns.close(campaign, NOW)
        counted = tx.campaigns.tallies([campaign.id], NOW)[campaign.id]
        return closing_words(campaign, counted, "")

    assert await database.write(work) == (
        "The campaign “Call the Committee on Examples: support WA SB 9901” is closed. "
        "2 calls by 2 people; the goal was 10. 1 reached, 1 busy. 1 of 3 legislators were called. "
        "Who called cannot be told any more: only these counts are kept."
    )
