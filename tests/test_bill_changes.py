"""What happened to a bill: events from two snapshots, and none from a source's housekeeping."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bill_actions import classify
from domain.bill_changes import ChangeKind, changes, settle_hearings, successor
from domain.bill_merging import merge, same_action, same_person
from domain.bills import (
    ActionKind,
    Bill,
    BillAction,
    BillVote,
    Chamber,
    Hearing,
    HearingStatus,
    Outcome,
    RelatedBill,
    Sighting,
    Sponsor,
    SponsorRole,
    bill_key,
)

NOW = datetime(2021, 6, 1, 12, tzinfo=UTC)
KEY = bill_key("wa", "2021-2022", "SB 5555")
T = TypeVar("T")
ZONE = "America/Los_Angeles"


def action(day: int, text: str, chamber: Chamber = Chamber.UPPER) -> BillAction:
    return BillAction(on=date(2021, 2, day), text=text, kinds=classify(text), chamber=chamber)


def sponsor(name: str, role: SponsorRole = SponsorRole.COSPONSOR, **more: date | None) -> Sponsor:
    return Sponsor(name=name, role=role, joined_on=more.get("on"), withdrawn_on=more.get("off"))


def vote(day: int, yes: int, no: int, motion: str = "Third reading") -> BillVote:
    return BillVote(
        on=date(2021, 2, day), motion=motion, chamber=Chamber.UPPER, passed=yes > no, yes=yes, no=no
    )


def hearing(day: int, hour: int = 18, key: str = "synthetic:1") -> Hearing:
    return Hearing(
        key=key,
        on=date(2021, 2, day),
        at=datetime(2021, 2, day, hour, tzinfo=UTC),
        zone=ZONE,
        committee="Example Committee",
        place="Room 1",
    )


BILL = Bill(
    key=KEY,
    title="Synthetic act",
    sources=(Sighting(source="synthetic", id="1", seen_at=NOW),),
    sponsors=(sponsor("Ada Example", SponsorRole.PRIMARY), sponsor("Bo Sample")),
    actions=(
        action(1, "First reading, referred to Example Committee."),
        action(8, "EX - Majority; do pass."),
    ),
    hearings=(hearing(5),),
)
WORDS = st.text("abcdefgh ", min_size=1, max_size=30).filter(str.strip)
DAYS = st.dates(date(2021, 1, 1), date(2021, 12, 31))
ACTIONS = st.builds(
    BillAction,
    on=DAYS,
    text=WORDS,
    kinds=st.lists(st.sampled_from(ActionKind), max_size=2, unique=True).map(tuple),
    chamber=st.sampled_from(Chamber),
)
SPONSORS = st.builds(Sponsor, name=WORDS, role=st.sampled_from(SponsorRole), joined_on=DAYS)
VOTES = st.builds(
    BillVote,
    on=DAYS,
    motion=WORDS,
    chamber=st.sampled_from(Chamber),
    passed=st.booleans(),
    yes=st.integers(0, 99),
    no=st.integers(0, 99),
)
HEARINGS = st.builds(
    Hearing,
    key=WORDS,
    on=DAYS,
    zone=st.just(ZONE),
    committee=WORDS,
    status=st.sampled_from(HearingStatus),
)


def listed(items: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(items, max_size=6).map(tuple)


BILLS = st.builds(
    lambda **parts: replace(BILL, **parts),
    title=WORDS,
    sponsors=listed(SPONSORS),
    actions=listed(ACTIONS),
    votes=listed(VOTES),
    hearings=st.lists(HEARINGS, max_size=4, unique_by=lambda one: one.key).map(tuple),
)


@given(BILLS)
def test_nothing_happened_between_a_snapshot_and_itself(bill: Bill) -> None:
    assert changes(bill, bill) == []


@given(BILLS, st.randoms(use_true_random=False), st.sampled_from([str.upper, str.title]))
def test_reprocessing_at_the_source_is_nothing(
    bill: Bill, chance: random.Random, recase: Callable[[str], str]
) -> None:
    def shuffled(items: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(chance.sample(items, len(items)))

    again = replace(
        bill,
        sources=(replace(bill.sources[0], mark="new", seen_at=NOW + timedelta(days=9)),),
        actions=tuple(
            replace(one, text=f"  {recase(one.text)} ") for one in shuffled(bill.actions)
        ),
        sponsors=tuple(
            replace(one, name=recase(one.name), id="new") for one in shuffled(bill.sponsors)
        ),
        votes=shuffled(bill.votes),
        hearings=shuffled(bill.hearings),
    )
    assert changes(bill, again) == []


@given(BILLS, ACTIONS)
def test_one_new_action_is_one_change_that_names_it(bill: Bill, new: BillAction) -> None:
    new = replace(new, text=f"zzz {new.text}", on=date(2022, 1, 1))
    found = changes(bill, replace(bill, actions=(*bill.actions, new)))
    assert [change.text for change in found if change.action] == [new.text]
    assert len({change.key for change in found}) == len(found)


@given(BILLS)
def test_a_bill_merged_with_itself_is_itself(bill: Bill) -> None:
    assert merge([bill]) is bill
    again = merge([bill, bill])
    assert sorted(again.actions, key=repr) == sorted(bill.actions, key=repr)
    assert again.sources == bill.sources
    assert len(again.votes) == len(bill.votes)
    assert len(again.hearings) == len(bill.hearings)


@given(BILLS, BILLS)
def test_a_merged_bill_keeps_every_action_of_both(one: Bill, other: Bill) -> None:
    merged = merge([one, replace(other, title=one.title)])
    for each in (*one.actions, *other.actions):
        assert any(each.on == kept.on for kept in merged.actions)
    assert len(merged.actions) >= max(len(one.actions), len(other.actions))
    assert list(merged.actions) == sorted(merged.actions, key=lambda kept: kept.on)


@given(BILLS, BILLS)
def test_finding_a_change_again_gives_it_the_same_key(one: Bill, other: Bill) -> None:
    first = [change.key for change in changes(one, other)]
    assert first == [change.key for change in changes(one, other)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Introduced in Senate", ChangeKind.INTRODUCED),
        ("Referred to the Committee on Examples.", ChangeKind.REFERRED),
        ("1st substitute bill substituted.", ChangeKind.AMENDED),
        ("EX - Majority; do pass.", ChangeKind.REPORTED),
        ("Third reading, passed; yeas, 30; nays, 18.", ChangeKind.PASSED),
        ("Delivered to Governor.", ChangeKind.SENT_TO_EXECUTIVE),
        ("Governor signed.", ChangeKind.ENACTED),
        ("Vetoed by Governor.", ChangeKind.VETOED),
        ("Governor partially vetoed.", ChangeKind.VETOED),
        ("Passed Senate over veto.", ChangeKind.OVERRIDDEN),
        ("Failed to pass the Senate.", ChangeKind.FAILED),
        ("Bill withdrawn.", ChangeKind.WITHDRAWN),
        (
            "By resolution, reintroduced and retained in present status.",
            ChangeKind.CARRIED_OVER,
        ),
        ("Placed on the calendar.", ChangeKind.STEP),
    ],
)
def test_each_step_is_told_as_what_it_is(text: str, kind: ChangeKind) -> None:
    after = replace(BILL, actions=(*BILL.actions, action(20, text)))
    [change] = changes(BILL, after)
    assert (change.kind, change.text, change.on) == (kind, text, date(2021, 2, 20))


def test_a_page_of_the_record_cited_later_is_no_step() -> None:
    before = replace(BILL, actions=(action(3, "Passed Senate by Voice Vote."),))
    told = "Passed Senate by Voice Vote. (consideration: CR S694-695; text: CR S694)"
    assert changes(before, replace(BILL, actions=(action(3, told),))) == []
    both = (action(3, told), action(3, f"Passed/agreed to in Senate: {told}"))
    assert changes(before, replace(BILL, actions=both)) == []


def test_a_date_put_right_is_no_step() -> None:
    after = replace(BILL, actions=(BILL.actions[0], action(9, BILL.actions[1].text)))
    assert changes(BILL, after) == []


def test_a_step_repeated_on_another_day_is_one() -> None:
    after = replace(BILL, actions=(*BILL.actions, action(9, BILL.actions[1].text)))
    assert [change.kind for change in changes(BILL, after)] == [ChangeKind.REPORTED]


def test_a_vote_is_told_with_the_passage_it_decided() -> None:
    passed = action(20, "Third reading, passed; yeas, 30; nays, 18.")
    after = replace(BILL, actions=(*BILL.actions, passed), votes=(vote(20, 30, 18),))
    [change] = changes(BILL, after)
    assert change.kind is ChangeKind.PASSED
    assert change.vote == vote(20, 30, 18)
    [alone] = changes(BILL, replace(BILL, votes=(vote(20, 30, 18),)))
    assert (alone.kind, alone.text) == (ChangeKind.VOTE, "Third reading")


def test_a_lost_vote_does_not_decide_a_passage() -> None:
    passed = action(20, "Third reading, passed.")
    after = replace(BILL, actions=(*BILL.actions, passed), votes=(vote(20, 3, 18, "Amendment"),))
    assert {change.kind for change in changes(BILL, after)} == {ChangeKind.PASSED, ChangeKind.VOTE}


def test_cosponsors_of_one_day_are_one_change() -> None:
    day = date(2021, 2, 9)
    joined = (sponsor("Cy Third", on=day), sponsor("Di Fourth", on=day))
    [change] = changes(BILL, replace(BILL, sponsors=(*BILL.sponsors, *joined)))
    assert (change.kind, change.text) == (ChangeKind.COSPONSOR_ADDED, "Cy Third, Di Fourth")
    assert change.people == joined


def test_a_cosponsor_withdraws_by_date_or_by_vanishing() -> None:
    stays, goes = BILL.sponsors
    dated = replace(BILL, sponsors=(stays, replace(goes, withdrawn_on=date(2021, 2, 9))))
    [change] = changes(BILL, dated)
    assert (change.kind, change.text) == (ChangeKind.COSPONSOR_WITHDRAWN, "Bo Sample")
    [change] = changes(BILL, replace(BILL, sponsors=(stays,)))
    assert (change.kind, change.people) == (ChangeKind.COSPONSOR_WITHDRAWN, (goes,))
    assert changes(dated, dated) == []


def test_sponsors_lost_in_one_body_are_the_sources_doing() -> None:
    assert changes(BILL, replace(BILL, sponsors=())) == []


def test_a_name_written_more_fully_is_no_new_sponsor() -> None:
    fuller = (sponsor("Ada B. Example", SponsorRole.PRIMARY), sponsor("Sample"))
    assert changes(BILL, replace(BILL, sponsors=fuller)) == []
    assert not same_person(sponsor("Ada Example"), sponsor("Bo Example"))


def test_hearings_are_scheduled_moved_and_cancelled() -> None:
    new = hearing(12, key="synthetic:2")
    [change] = changes(BILL, replace(BILL, hearings=(*BILL.hearings, new)))
    assert (change.kind, change.hearing) == (ChangeKind.HEARING_SCHEDULED, new)
    later = hearing(6)
    [change] = changes(BILL, replace(BILL, hearings=(later,)))
    assert (change.kind, change.hearing, change.was) == (
        ChangeKind.HEARING_MOVED,
        later,
        hearing(5),
    )
    off = replace(hearing(5), status=HearingStatus.CANCELLED)
    [change] = changes(BILL, replace(BILL, hearings=(off,)))
    assert (change.kind, change.hearing) == (ChangeKind.HEARING_CANCELLED, off)
    assert changes(replace(BILL, hearings=(off,)), replace(BILL, hearings=(off,))) == []


def test_a_hearing_with_a_new_id_is_the_same() -> None:
    assert changes(BILL, replace(BILL, hearings=(hearing(5, key="synthetic:99"),))) == []


def test_an_hour_or_place_that_becomes_known_is_no_move() -> None:
    vague = replace(hearing(5), at=None, place="")
    assert changes(replace(BILL, hearings=(vague,)), BILL) == []


def test_a_hearing_the_listing_has_no_more_is_cancelled() -> None:
    known = (hearing(5), hearing(20, key="synthetic:2"))
    settled = settle_hearings(
        known, (hearing(5, key="synthetic:9"),), first=date(2021, 2, 1), last=date(2021, 2, 28)
    )
    assert [(one.key, one.status) for one in settled] == [
        ("synthetic:9", HearingStatus.SCHEDULED),
        ("synthetic:2", HearingStatus.CANCELLED),
    ]
    kept = settle_hearings(known, (), first=date(2021, 2, 6), last=date(2021, 2, 10))
    assert kept == known


def test_an_end_that_no_action_tells_is_told_by_the_verdict() -> None:
    after = replace(BILL, said_outcome=Outcome.FAILED, status="Failed")
    [change] = changes(BILL, after)
    assert (change.kind, change.text) == (ChangeKind.FAILED, "Failed")
    assert changes(after, after) == []


def test_a_law_is_told_once_though_it_is_signed_and_then_numbered() -> None:
    signed = replace(BILL, actions=(*BILL.actions, action(20, "Governor signed.")))
    numbered = replace(signed, actions=(*signed.actions, action(21, "Chapter 257, 2021 Laws.")))
    assert [one.kind for one in changes(BILL, numbered)] == [ChangeKind.ENACTED, ChangeKind.STEP]
    assert [one.kind for one in changes(signed, numbered)] == [ChangeKind.STEP]


def test_a_bill_of_which_nobody_told_was_introduced() -> None:
    [change] = changes(None, BILL)
    assert (change.kind, change.on) == (ChangeKind.INTRODUCED, date(2021, 2, 1))
    prior = RelatedBill(key=bill_key("wa", "2019-2020", "SB 5111"), relation="prior-session")
    [change] = changes(None, replace(BILL, related=(prior,)))
    assert (change.kind, change.related) == (ChangeKind.REINTRODUCED, prior)


def test_what_another_source_told_before_is_not_told_again() -> None:
    assert changes(None, BILL, also=[BILL]) == []
    passed = action(20, "Third reading, passed; yeas, 30; nays, 18.")
    elsewhere = replace(BILL, actions=(action(20, "PASSED Y30 N18"),), votes=(vote(20, 30, 18),))
    after = replace(BILL, actions=(*BILL.actions, passed), votes=(vote(20, 30, 18, "Final"),))
    assert changes(BILL, after, also=[elsewhere]) == []
    assert len(changes(BILL, after)) == 1


def test_two_sources_tell_one_bill_that_remembers_both() -> None:
    other = replace(
        BILL,
        sources=(Sighting(source="other", id="x", url="https://example.org/x", seen_at=NOW),),
        summary="What it does.",
        actions=(
            action(1, "FIRST READING,  REFERRED TO EXAMPLE COMMITTEE"),
            action(20, "PASSED Y30 N18", Chamber.UNKNOWN),
        ),
    )
    ours = replace(
        BILL, actions=(*BILL.actions, action(20, "Third reading, passed; yeas, 30; nays, 18."))
    )
    merged = merge([ours, other])
    assert [one.source for one in merged.sources] == ["synthetic", "other"]
    assert merged.summary == "What it does."
    assert [one.text for one in merged.actions] == [one.text for one in ours.actions]
    assert len(merged.sponsors) == 2


def test_different_bills_are_not_merged() -> None:
    with pytest.raises(ValueError, match="one bill"):
        merge([BILL, replace(BILL, key=bill_key("wa", "2021-2022", "SB 1"))])
    with pytest.raises(ValueError, match="one bill"):
        merge([])


def test_a_step_of_other_words_on_one_day_is_another_step() -> None:
    assert not same_action(action(3, "Reported out."), action(3, "Reported back."))
    assert not same_action(action(3, "Passed."), action(4, "Passed."))


def test_the_successor_says_so_or_has_title_and_sponsor_in_common() -> None:
    alike = replace(BILL, key=bill_key("wa", "2023-2024", "SB 5001"))
    stranger = replace(
        alike, key=bill_key("wa", "2023-2024", "SB 5002"), sponsors=(sponsor("Zoe Other"),)
    )
    assert successor(BILL, [stranger, alike]) == alike
    assert successor(BILL, [stranger]) is None
    named = replace(stranger, title="Renamed", related=(RelatedBill(key=BILL.key),))
    assert successor(BILL, [alike, named]) == named
    assert successor(alike, [BILL]) is None
