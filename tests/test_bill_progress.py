"""How far a bill came, and what its actions' words say they do."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.bill_actions import classify
from domain.bill_progress import Reached, Station, outcome_of, progress
from domain.bills import (
    ActionKind,
    Bill,
    BillAction,
    Chamber,
    Outcome,
    Sighting,
    bill_key,
)

U, L, X = Chamber.UPPER, Chamber.LOWER, Chamber.EXECUTIVE
SENATE_BILL = Bill(
    key=bill_key("wa", "2021-2022", "SB 5555"),
    title="Synthetic act",
    sources=(Sighting(source="synthetic", id="1", seen_at=datetime(2021, 6, 1, tzinfo=UTC)),),
)
# A whole life, in the words of Washington's legislature.
LIFE = (
    (1, U, "First reading, referred to Example Committee."),
    (2, U, "EX - Majority; do pass."),
    (3, U, "Third reading, passed; yeas, 30; nays, 18."),
    (4, L, "First reading, referred to Example Committee."),
    (5, L, "Third reading, passed; yeas, 63; nays, 33."),
    (6, X, "Delivered to Governor."),
    (7, X, "Governor signed."),
    (8, X, "Chapter 257, 2021 Laws."),
)
WAY = [Station.INTRODUCED, Station.COMMITTEE, Station.FLOOR, Station.OTHER_CHAMBER]


def lived(bill: Bill, *life: tuple[int, Chamber, str]) -> Bill:
    actions = tuple(
        BillAction(on=date(2021, 2, day), chamber=chamber, text=text, kinds=classify(text))
        for day, chamber, text in life
    )
    return replace(bill, actions=actions)


@pytest.mark.parametrize(
    ("steps", "station", "outcome"),
    [
        (0, Station.INTRODUCED, Outcome.PENDING),
        (1, Station.COMMITTEE, Outcome.PENDING),
        (2, Station.FLOOR, Outcome.PENDING),
        (3, Station.FLOOR, Outcome.PENDING),
        (4, Station.OTHER_CHAMBER, Outcome.PENDING),
        (5, Station.OTHER_CHAMBER, Outcome.PENDING),
        (6, Station.EXECUTIVE, Outcome.PENDING),
        (7, Station.END, Outcome.LAW),
        (8, Station.END, Outcome.LAW),
    ],
)
def test_a_bill_goes_from_station_to_station(
    steps: int, station: Station, outcome: Outcome
) -> None:
    told = progress(lived(SENATE_BILL, *LIFE[:steps]))
    assert (told.here.station, told.outcome) == (station, outcome)
    place = [stop.station for stop in told.stops].index(station)
    assert {stop.reached for stop in told.stops[:place]} <= {Reached.BEHIND}
    assert {stop.reached for stop in told.stops[place + 1 :]} <= {Reached.AHEAD}


def test_each_station_says_since_when() -> None:
    told = progress(lived(SENATE_BILL, *LIFE))
    assert [(stop.on.day if stop.on else 0) for stop in told.stops] == [1, 1, 2, 4, 6, 7]
    assert told.on == date(2021, 2, 7)


def test_a_bill_that_failed_stays_where_it_did() -> None:
    told = progress(lived(SENATE_BILL, *LIFE[:2], (3, U, "Failed to pass.")))
    assert (told.here.station, told.outcome, told.on) == (
        Station.FLOOR,
        Outcome.FAILED,
        date(2021, 2, 3),
    )
    assert told.stops[-1].reached is Reached.AHEAD


def test_a_veto_can_be_overridden() -> None:
    vetoed = (*LIFE[:6], (7, X, "Vetoed by Governor."))
    assert outcome_of(lived(SENATE_BILL, *vetoed))[0] is Outcome.VETOED
    assert progress(lived(SENATE_BILL, *vetoed)).here.station is Station.EXECUTIVE
    again = (*vetoed, (8, U, "Passed Senate over veto."), (9, X, "Chapter 9, 2021 Laws."))
    assert outcome_of(lived(SENATE_BILL, *again)) == (Outcome.LAW, date(2021, 2, 9))


def test_a_lost_vote_can_be_taken_again() -> None:
    life = (*LIFE[:2], (3, U, "Failed to pass."), (4, U, "Passed on reconsideration."))
    assert outcome_of(lived(SENATE_BILL, *life))[0] is Outcome.PENDING


def test_a_law_stays_one_whatever_is_noted_after() -> None:
    assert outcome_of(lived(SENATE_BILL, *LIFE, (9, U, "Failed to pass."))) == (
        Outcome.LAW,
        date(2021, 2, 7),
    )


def test_the_sources_verdict_counts_where_actions_are_mute() -> None:
    said = replace(lived(SENATE_BILL, *LIFE[:2]), said_outcome=Outcome.FAILED)
    assert outcome_of(said) == (Outcome.FAILED, date(2021, 2, 2))
    law = replace(said, said_outcome=Outcome.LAW)
    assert progress(law).here.station is Station.END


@pytest.mark.parametrize(
    ("place", "number", "kind", "way"),
    [
        ("wa", "SB 1", "bill", [*WAY, Station.EXECUTIVE, Station.END]),
        ("ne", "LB 1", "bill", [*WAY[:3], Station.EXECUTIVE, Station.END]),
        ("us-wa/seattle", "CB 1", "bill", [*WAY[:3], Station.EXECUTIVE, Station.END]),
        ("us", "HRES 1", "resolution", [*WAY[:3], Station.END]),
        ("us", "HCONRES 1", "concurrent resolution", [*WAY, Station.END]),
        ("us", "HJRES 1", "joint resolution", [*WAY, Station.EXECUTIVE, Station.END]),
    ],
)
def test_the_way_depends_on_place_and_kind(
    place: str, number: str, kind: str, way: list[Station]
) -> None:
    bill = replace(SENATE_BILL, key=bill_key(place, "117", number), classification=kind)
    assert [stop.station for stop in progress(bill).stops] == way


def test_a_resolution_is_adopted_where_it_needs_no_other_chamber() -> None:
    simple = replace(SENATE_BILL, classification="resolution")
    passed = (3, U, "Passed Senate by Voice Vote.")
    assert outcome_of(lived(simple, passed))[0] is Outcome.ADOPTED
    both = replace(SENATE_BILL, classification="concurrent resolution")
    assert outcome_of(lived(both, passed))[0] is Outcome.PENDING
    assert outcome_of(lived(both, passed, (4, L, "Passed House.")))[0] is Outcome.ADOPTED


K = ActionKind


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("READ THE FIRST TIME - REFERRALS", {K.READING_1, K.REFERRAL_COMMITTEE}),
        ("STA RPT CS(STA) 3DP 4NR", {K.COMMITTEE_PASSAGE}),
        ("AM NO 1 FAILED Y10 N24 E5 A1", {K.AMENDMENT_FAILURE}),
        ("PASSED Y32 N2 E5 A1", {K.PASSAGE}),
        ("Minority; do not pass.", set()),
        ("Passed to Rules Committee for second reading.", {K.REFERRAL_COMMITTEE}),
        ("Senate Returned to the House as Passed.", set()),
        ("House TO BE ENROLLED", set()),
        ("Motion to reconsider laid on the table Agreed to without objection.", set()),
        ("President signed.", set()),
        ("Signed by President.", {K.EXECUTIVE_SIGNATURE}),
        ("Governor partially vetoed.", {K.EXECUTIVE_VETO_LINE_ITEM}),
        ("Passed House over veto", {K.VETO_OVERRIDE_PASSAGE}),
        ("Held under submission.", {K.COMMITTEE_FAILURE}),
        ("On passage Passed by the Yeas and Nays: 220 - 203 (Roll no. 62).", {K.PASSAGE}),
        ("On passage Failed by recorded vote: 203 - 220 (Roll no. 62).", {K.FAILURE}),
        ("On agreeing to the resolution Agreed to by voice vote.", {K.PASSAGE}),
        ("Passed by for the day", {K.DEFERRAL}),
        ("Passed by indefinitely in Courts of Justice", {K.FAILURE}),
        ("Became Public Law No: 116-283.", {K.BECAME_LAW}),
        ("Notification that HB1044 is now Act 36", {K.BECAME_LAW}),
        ("Senate refuses to concur in House amendments", set()),
        ("", set()),
    ],
)
def test_the_words_of_an_action_say_what_it_does(text: str, kinds: set[ActionKind]) -> None:
    assert set(classify(text)) == kinds


def test_words_without_end_are_read_in_no_time() -> None:
    assert classify("amendment " * 200_000) == ()
