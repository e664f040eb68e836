"""Proposals: what reviews come to, what is laid over the record, and how both are kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.records import ship
from domain import pledges
from domain.dates import PartialDate
from domain.errors import NotAllowed, UserError
from domain.model import Actor, Platform, Space, SpaceRef
from domain.proposals import (
    Addition,
    Proposal,
    ProposalKind,
    ProposalState,
    Review,
    Verdict,
    has_place,
    reviewed,
    state_after,
    with_additions,
)
from domain.record import (
    Bearing,
    Citation,
    Duration,
    EventKind,
    Evidence,
    EvidenceKind,
    Pledge,
    Record,
    Span,
    StatusEvent,
    Terms,
)
from storage.db import Database, Tx
from tests.fakes import FakeClock

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOW.date()
SOURCE = Citation(key="added-1", outlet="Example Paper", url="https://paper.example/1")


def event(
    kind: EventKind = EventKind.BROKEN, on: str = "2026-05-01", *, pledge: str = "amazon-2020"
) -> Addition:
    happened = StatusEvent(
        kind=kind, on=PartialDate.parse(on), text="Synthetic.", sources=(SOURCE.key,)
    )
    return Addition(
        company="amazon", name="Amazon", pledge=pledge, event=happened, citations=(SOURCE,)
    )


def evidence() -> Addition:
    found = Evidence(
        on=PartialDate.parse("2026-05"),
        kind=EvidenceKind.NEWS,
        bearing=Bearing.CONTRADICTS,
        text="Synthetic.",
        pledge="amazon-2020",
        sources=(SOURCE.key,),
    )
    return Addition(
        company="amazon", name="Amazon", pledge="amazon-2020", evidence=found, citations=(SOURCE,)
    )


def terms(since: str = "2026-06-01") -> Addition:
    version = Terms(
        since=PartialDate.parse(since),
        action="stops",
        products="all",
        geography="unstated",
        framing="unstated",
        duration=Duration(span=Span.FIXED, expires_on=date(2026, 7, 1)),
        coverage=(),
        sources=(SOURCE.key,),
    )
    return Addition(
        company="amazon", name="Amazon", pledge="amazon-2020", terms=version, citations=(SOURCE,)
    )


def made(company: str = "acme", name: str = "Acme") -> Addition:
    on = PartialDate.parse("2026-01-05")
    version = terms().terms
    assert version
    pledge = Pledge(
        key=f"{company}-2026",
        title="No sales to police",
        technology="facial recognition",
        announced_on=on,
        announced_by=name,
        promise="No sales to police.",
        terms=(replace(version, since=on, duration=Duration(span=Span.INDEFINITE)),),
        events=(StatusEvent(kind=EventKind.ANNOUNCED, on=on, text="Synthetic."),),
    )
    return Addition(company=company, name=name, made=pledge, citations=(SOURCE,))


def proposal(addition: Addition | None = None, by: str = "ann") -> Proposal:
    return Proposal(id=3, addition=addition or event(), proposed_by=by, at=NOW)


def step(actor: str, verdict: Verdict, reason: str = "", *, alone: bool = False) -> Review:
    return Review(actor=actor, verdict=verdict, at=NOW, reason=reason, alone=alone)


def confirm(actor: str, *, alone: bool = False) -> Review:
    return step(actor, Verdict.CONFIRM, alone=alone)


def after(*reviews: Review, by: str = "ann") -> Proposal:
    """A proposal after organizers' reviews."""
    held = proposal(by=by)
    for one in reviews:
        held = reviewed(held, one, organizer=True)
    return held


class TestWhatReviewsComeTo:
    def test_one_confirmation_does_not_count_yet_and_two_do(self) -> None:
        assert after(confirm("bob")).state is ProposalState.OPEN
        assert after(confirm("bob"), confirm("cat")).state is ProposalState.CONFIRMED

    def test_nobody_is_two_people(self) -> None:
        with pytest.raises(UserError, match="You have confirmed proposal 3 already"):
            after(confirm("bob"), confirm("bob"))

    def test_a_proposer_who_is_an_organizer_is_one_of_the_two(self) -> None:
        assert after(confirm("ann"), confirm("bob")).state is ProposalState.CONFIRMED
        assert after(confirm("ann")).state is ProposalState.OPEN

    def test_the_only_organizer_is_enough_and_may_say_so_after_confirming(self) -> None:
        assert after(confirm("ann", alone=True)).state is ProposalState.CONFIRMED
        assert after(confirm("ann"), confirm("ann", alone=True)).state is ProposalState.CONFIRMED

    def test_one_decline_ends_it_whoever_had_confirmed(self) -> None:
        held = after(confirm("bob"), step("cat", Verdict.DECLINE, "The source says otherwise."))
        assert (held.state, held.reason) == (ProposalState.DECLINED, "The source says otherwise.")
        with pytest.raises(UserError, match="declined already") as refused:
            reviewed(held, confirm("dan"), organizer=True)
        assert "The source says otherwise." in refused.value.hint

    def test_a_decline_needs_its_reason(self) -> None:
        with pytest.raises(UserError, match="declined with a reason"):
            after(step("bob", Verdict.DECLINE))

    @pytest.mark.parametrize("verdict", [Verdict.CONFIRM, Verdict.DECLINE])
    def test_members_review_nothing(self, verdict: Verdict) -> None:
        with pytest.raises(NotAllowed):
            reviewed(proposal(), step("ann", verdict, "x"), organizer=False)

    def test_who_proposed_may_withdraw_while_it_is_open_and_nobody_else(self) -> None:
        held = reviewed(proposal(), step("ann", Verdict.WITHDRAW), organizer=False)
        assert held.state is ProposalState.WITHDRAWN
        for organizer in (True, False):
            with pytest.raises(NotAllowed):
                reviewed(proposal(), step("bob", Verdict.WITHDRAW), organizer=organizer)

    def test_what_counts_is_taken_back_by_an_organizer_alone(self) -> None:
        held = after(confirm("bob"), confirm("cat"))
        with pytest.raises(NotAllowed):
            reviewed(held, step("ann", Verdict.WITHDRAW), organizer=False)
        held = reviewed(held, step("dan", Verdict.WITHDRAW), organizer=True)
        assert held.state is ProposalState.WITHDRAWN

    def test_ones_own_confirmation_decline_or_withdrawal_is_undone(self) -> None:
        for first in (
            confirm("ann"),
            step("ann", Verdict.DECLINE, "wrong"),
            step("ann", Verdict.WITHDRAW),
        ):
            held = after(first, step("ann", Verdict.REOPEN))
            assert held.state is ProposalState.OPEN
            assert reviewed(held, confirm("bob"), organizer=True).state is ProposalState.OPEN

    def test_nobody_undoes_what_another_did(self) -> None:
        for first in (confirm("bob"), step("bob", Verdict.DECLINE, "wrong")):
            with pytest.raises(UserError):
                after(first, step("cat", Verdict.REOPEN))

    def test_what_was_taken_back_is_opened_again_and_reviewed_anew(self) -> None:
        held = after(confirm("bob"), confirm("cat"), step("cat", Verdict.WITHDRAW))
        with pytest.raises(NotAllowed):
            reviewed(held, step("ann", Verdict.REOPEN), organizer=False)
        held = reviewed(held, step("dan", Verdict.REOPEN), organizer=True)
        assert held.state is ProposalState.OPEN
        held = reviewed(held, confirm("bob"), organizer=True)
        assert held.state is ProposalState.OPEN

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["ann", "bob", "cat"]),
                st.sampled_from(list(Verdict)),
                st.booleans(),
                st.booleans(),
            ),
            max_size=25,
        )
    )
    def test_the_state_is_always_what_the_kept_reviews_come_to(
        self, steps: Sequence[tuple[str, Verdict, bool, bool]]
    ) -> None:
        held = proposal()
        for actor, verdict, organizer, alone in steps:
            try:
                held = reviewed(
                    held, step(actor, verdict, "because", alone=alone), organizer=organizer
                )
            except UserError:
                continue
            assert held.state is state_after(held.reviews)
        if held.state is ProposalState.CONFIRMED:
            since = [one.verdict for one in held.reviews]
            start = len(since) - since[::-1].index(Verdict.REOPEN) if Verdict.REOPEN in since else 0
            last = [one for one in held.reviews[start:] if one.verdict is Verdict.CONFIRM]
            assert len({one.actor for one in last}) >= 2 or any(one.alone for one in last)


class TestLaidOverTheRecord:
    def test_an_event_changes_the_status_from_its_day_on(self, record: Record) -> None:
        seen = with_additions(record, [event()])
        amazon, before = seen.company("amazon"), record.company("amazon")
        assert amazon
        assert before
        pledge = amazon.pledges[0]
        status, was = pledges.status_on(pledge, TODAY), pledges.status_on(before.pledges[0], TODAY)
        assert status
        assert was
        assert (status.kind, status.on.plain) == (EventKind.BROKEN, "1 May 2026")
        early = pledges.status_on(pledge, date(2026, 4, 30))
        assert early == pledges.status_on(before.pledges[0], date(2026, 4, 30))
        assert SOURCE in amazon.citations

    def test_of_two_events_on_one_day_the_communitys_comes_after_the_shipped(
        self, record: Record
    ) -> None:
        seen = with_additions(record, [event(EventKind.DISPUTED, "2021-05-18")])
        amazon = seen.company("amazon")
        assert amazon
        status = pledges.status_on(amazon.pledges[0], date(2021, 5, 18))
        assert status
        assert status.kind is EventKind.DISPUTED

    def test_terms_stand_from_their_day_and_end_when_they_say(self, record: Record) -> None:
        amazon = with_additions(record, [terms()]).company("amazon")
        assert amazon
        pledge = amazon.pledges[0]
        assert pledges.terms_on(pledge, date(2026, 6, 1)) == terms().terms
        status = pledges.status_on(pledge, date(2026, 7, 1))
        assert status
        assert status.kind is EventKind.EXPIRED

    def test_a_pledge_of_a_company_that_had_none_ends_its_having_none(self, record: Record) -> None:
        nec = with_additions(record, [made("nec", "NEC")]).company("nec")
        assert nec
        assert nec.name == "NEC"
        assert [one.key for one in nec.pledges] == ["nec-2026"]
        assert not nec.no_pledge
        assert not nec.no_pledge_sources

    def test_a_new_company_comes_with_its_pledge_and_later_events_find_it(
        self, record: Record
    ) -> None:
        broken = replace(event(pledge="acme-2026"), company="acme", name="Acme")
        acme = with_additions(record, [made(), broken]).company("acme")
        assert acme
        assert acme.aliases == ("Acme",)
        assert [one.kind for one in acme.pledges[0].events] == [
            EventKind.ANNOUNCED, EventKind.BROKEN,
        ]  # fmt: skip
        assert with_additions(record, [broken]) == record

    def test_what_its_pledge_is_gone_for_is_left_out(self, record: Record) -> None:
        gone = event(pledge="amazon-1999")
        assert with_additions(record, [gone, event()]) == with_additions(record, [event()])
        assert not has_place(record.company("amazon"), gone)
        assert has_place(record.company("amazon"), event())

    def test_one_source_of_two_additions_is_cited_once(self, record: Record) -> None:
        amazon = with_additions(record, [event(), evidence(), terms()]).company("amazon")
        assert amazon
        assert [one.key for one in amazon.citations].count(SOURCE.key) == 1

    def test_each_knows_its_kind(self) -> None:
        kinds = [one.kind for one in (event(), evidence(), terms(), made())]
        assert kinds == list(ProposalKind)


async def space_of(database: Database, name: str = "1") -> Space:
    ref = SpaceRef(platform=Platform.DISCORD, external_id=name)
    return await database.write(lambda tx: tx.spaces.ensure(ref, NOW))


ANN = Actor(id="ann", name="Ann")


class TestKept:
    @pytest.fixture
    async def space(self, shipped: Database) -> Space:
        return await space_of(shipped)

    @pytest.mark.parametrize("addition", [event(), evidence(), terms(), made()])
    async def test_a_proposal_comes_back_as_it_was(
        self, addition: Addition, shipped: Database, space: Space
    ) -> None:
        kept = await shipped.write(lambda tx: tx.proposals.add(space, addition, ANN, NOW))
        assert kept.addition == addition
        found = await shipped.read(lambda tx: tx.proposals.find(space, kept.id))
        assert found == kept
        assert await shipped.read(lambda tx: tx.proposals.same(space, addition)) == kept

    async def test_only_what_is_confirmed_is_in_the_record_and_only_for_its_space(
        self, shipped: Database, space: Space, record: Record
    ) -> None:
        other = await space_of(shipped, "2")
        kept = await shipped.write(lambda tx: tx.proposals.add(space, event(), ANN, NOW))
        seen = await shipped.read(lambda tx: tx.record.load(space))
        plain = await shipped.read(lambda tx: tx.record.load())
        assert seen == plain
        for actor in ("bob", "cat"):
            kept = reviewed(kept, confirm(actor), organizer=True)
            await shipped.write(lambda tx, held=kept: tx.proposals.keep(space, held))  # type: ignore[misc]

        def work(tx: Tx) -> tuple[Record, Record, Record, list[Space]]:
            record_ = tx.record
            return (
                record_.load(space), record_.load(other), record_.load(),
                record_.spaces_with_additions(),
            )  # fmt: skip

        mine, theirs, shared, with_own = await shipped.read(work)
        assert mine == with_additions(plain, [event()])
        assert theirs == shared == plain
        assert with_own == [space]

    async def test_of_two_events_on_one_day_the_one_proposed_later_counts(
        self, shipped: Database, space: Space
    ) -> None:
        def work(tx: Tx) -> Record:
            for kind in (EventKind.DISPUTED, EventKind.MET):
                kept = tx.proposals.add(space, event(kind), ANN, NOW)
                tx.proposals.keep(space, reviewed(kept, confirm("bob", alone=True), organizer=True))
            return tx.record.load(space)

        amazon = (await shipped.write(work)).company("amazon")
        assert amazon
        status = pledges.status_on(amazon.pledges[0], TODAY)
        assert status
        assert status.kind is EventKind.MET

    async def test_a_later_sync_leaves_a_spaces_own_additions_alone(
        self, shipped: Database, space: Space, record: Record, clock: FakeClock
    ) -> None:
        kept = await shipped.write(lambda tx: tx.proposals.add(space, event(), ANN, NOW))
        kept = reviewed(kept, confirm("bob", alone=True), organizer=True)
        await shipped.write(lambda tx: tx.proposals.keep(space, kept))
        changed = replace(
            record,
            companies=tuple(
                replace(one, name="Amazon, renamed") if one.key == "amazon" else one
                for one in record.companies
            ),
        )
        await ship(shipped, changed, clock)
        amazon = (await shipped.read(lambda tx: tx.record.load(space))).company("amazon")
        assert amazon
        assert amazon.name == "Amazon, renamed"
        assert amazon.pledges[0].events[-1] == event().event

    async def test_each_change_of_what_counts_moves_the_revision(
        self, shipped: Database, space: Space
    ) -> None:
        kept = await shipped.write(lambda tx: tx.proposals.add(space, event(), ANN, NOW))
        before = await shipped.read(lambda tx: tx.record.revision())
        kept = reviewed(kept, confirm("bob", alone=True), organizer=True)
        await shipped.write(lambda tx: tx.proposals.keep(space, kept))
        assert await shipped.read(lambda tx: tx.record.revision()) > before

    async def test_a_space_that_leaves_takes_its_proposals_with_it(
        self, shipped: Database, space: Space
    ) -> None:
        kept = await shipped.write(lambda tx: tx.proposals.add(space, event(), ANN, NOW))
        kept = reviewed(kept, confirm("bob"), organizer=True)
        await shipped.write(lambda tx: tx.proposals.keep(space, kept))
        await shipped.write(lambda tx: tx.spaces.forget(space.ref))
        again = await space_of(shipped)
        assert await shipped.read(lambda tx: tx.proposals.find(again, kept.id)) is None
        assert not await shipped.read(lambda tx: tx.proposals.of(again, ProposalState.OPEN, 9))

    async def test_lists_are_by_state_oldest_first_and_bounded(
        self, shipped: Database, space: Space
    ) -> None:
        def work(tx: Tx) -> list[int]:
            return [
                tx.proposals.add(space, event(on=f"2026-05-0{day}"), ANN, NOW + timedelta(day)).id
                for day in (1, 2, 3)
            ]

        first, second, _ = await shipped.write(work)
        listed = await shipped.read(lambda tx: tx.proposals.of(space, ProposalState.OPEN, 2))
        assert [one.id for one in listed] == [first, second]
        assert await shipped.read(lambda tx: tx.proposals.open_by(space, ANN)) == 3
        assert not await shipped.read(lambda tx: tx.proposals.of(space, ProposalState.CONFIRMED, 2))


class TestAtOnce:
    """Two processes on one database file: each decides inside its own write transaction."""

    @pytest.mark.parametrize("round_", range(5))
    async def test_a_confirmation_and_a_decline_at_once_have_one_outcome(
        self, round_: int, tmp_path: Path, record: Record, clock: FakeClock
    ) -> None:
        path = tmp_path / f"{round_}.db"
        async with Database(path) as one, Database(path) as two:
            await ship(one, record, clock)
            space = await space_of(one)
            kept = await one.write(lambda tx: tx.proposals.add(space, event(), ANN, NOW))

            def judge(review: Review):  # type: ignore[no-untyped-def]  # noqa: ANN202
                def work(tx: Tx) -> ProposalState:
                    held = tx.proposals.find(space, kept.id)
                    assert held
                    done = reviewed(held, review, organizer=True)
                    tx.proposals.keep(space, done)
                    return done.state

                return work

            told = await asyncio.gather(
                one.write(judge(confirm("bob", alone=True))),
                two.write(judge(step("cat", Verdict.DECLINE, "No."))),
                return_exceptions=True,
            )
            refused = [outcome for outcome in told if isinstance(outcome, UserError)]
            (settled,) = [outcome for outcome in told if isinstance(outcome, ProposalState)]
            assert len(refused) == 1
            held = await two.read(lambda tx: tx.proposals.find(space, kept.id))
            assert held
            assert (held.state, len(held.reviews)) == (settled, 1)
            assert settled.value in str(refused[0])
