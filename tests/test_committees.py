"""Which committee has a bill before it, and which of a roster's that is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from domain.bills import (
    ActionKind,
    Bill,
    BillAction,
    BillCommittee,
    Chamber,
    Hearing,
    HearingStatus,
)
from domain.committees import Docket, chair_first, dockets, role_on, same_committee
from domain.people import Committee, Office, OfficeKind, full_lines, offices_in_order
from feeds.rosters_congress import read_congress
from tests.calling import bill, rosters

NOW = datetime(2026, 11, 2, 18, tzinfo=UTC)
SAMPLES = Path(__file__).parents[2] / "shared/data/civic/congress-legislators"
HOUSE, SENATE = Chamber.LOWER, Chamber.UPPER


def kept(key: str, name: str, chamber: Chamber, parent: str = "") -> Committee:
    return Committee(key=key, name=name, chamber=chamber, parent=parent)


COMMITTEES = (
    kept("HSIF", "House Committee on Energy and Commerce", HOUSE),
    kept("HSIF17", "Innovation, Data, and Commerce", HOUSE, "HSIF"),
    kept("HSJU", "House Committee on the Judiciary", HOUSE),
    kept("HSJU01", "Courts", HOUSE, "HSJU"),
    kept("HSHA", "House Committee on House Administration", HOUSE),
    kept("HLIG", "House Permanent Select Committee on Intelligence", HOUSE),
    kept("HSVR", "House Committee on Veterans' Affairs", HOUSE),
    kept("SSJU", "Senate Committee on the Judiciary", SENATE),
    kept("SSJU01", "Courts", SENATE, "SSJU"),
)


@pytest.mark.parametrize(
    ("name", "chamber", "key"),
    [
        ("Energy and Commerce Committee", HOUSE, "HSIF"),
        ("House Committee on Energy and Commerce", Chamber.UNKNOWN, "HSIF"),
        ("ENERGY AND COMMERCE", HOUSE, "HSIF"),
        ("Judiciary Committee", HOUSE, "HSJU"),
        ("Judiciary Committee", SENATE, "SSJU"),
        ("Senate Judiciary", Chamber.LEGISLATURE, "SSJU"),
        ("Judiciary Committee", Chamber.UNKNOWN, ""),
        ("House Administration Committee", HOUSE, "HSHA"),
        ("Intelligence (Permanent Select) Committee", HOUSE, "HLIG"),
        ("Veterans’ Affairs Committee", HOUSE, "HSVR"),
        ("Innovation, Data, and Commerce Subcommittee", HOUSE, "HSIF17"),
        (
            "House Energy and Commerce Subcommittee on Innovation, Data, and Commerce",
            HOUSE,
            "HSIF17",
        ),
        ("Subcommittee on Courts", HOUSE, "HSJU01"),
        ("Subcommittee on Courts", Chamber.UNKNOWN, ""),
        ("Energy Committee", HOUSE, ""),
        ("Committee", HOUSE, ""),
        ("House Committee", HOUSE, ""),
        ("", HOUSE, ""),
    ],
)
def test_one_committee_is_found_however_it_is_written_and_never_guessed(
    name: str, chamber: Chamber, key: str
) -> None:
    found = same_committee(COMMITTEES, Docket(name=name, chamber=chamber))
    assert (found.key if found else "") == key


@pytest.mark.shared
@pytest.mark.skipif(not SAMPLES.exists(), reason="no sample data")
def test_the_committees_of_congress_are_found_by_their_own_names() -> None:
    committees = read_congress(
        {one.name: one.read_bytes() for one in SAMPLES.glob("*.json")}
    ).committees
    wholes = [one for one in committees if not one.parent]
    assert len(wholes) > 40
    for one in wholes:
        assert same_committee(committees, Docket(name=one.name, chamber=one.chamber)) == one


def act(day: int, *kinds: ActionKind, committee: str = "", chamber: Chamber = HOUSE) -> BillAction:
    on = date(2026, 2, day)
    return BillAction(on=on, text="Done.", kinds=kinds, committee=committee, chamber=chamber)


def hearing(days: int, committee: str, status: HearingStatus) -> Hearing:
    at = NOW + timedelta(days=days)
    return Hearing(
        key=f"synthetic:{days}", on=at.date(), zone="America/New_York", at=at,
        committee=committee, chamber=HOUSE, status=status,
    )  # fmt: skip


def names(told: Bill) -> list[str]:
    return [one.name for one in dockets(told, NOW)]


REFERRED = act(1, ActionKind.REFERRAL_COMMITTEE, committee="Examples")


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ((), ["Listed"]),
        ((REFERRED,), ["Examples", "Listed"]),
        ((REFERRED, act(1, ActionKind.REFERRAL, committee="More")), ["Examples", "More", "Listed"]),
        ((REFERRED, act(2, ActionKind.REFERRAL, committee="Next")), ["Next", "Listed"]),
        ((REFERRED, act(2, ActionKind.COMMITTEE_PASSAGE)), []),
        ((REFERRED, act(2, ActionKind.PASSAGE)), []),
        (
            (
                REFERRED,
                act(2, ActionKind.PASSAGE),
                act(3, ActionKind.REFERRAL_COMMITTEE, committee="Upper", chamber=SENATE),
            ),
            ["Upper", "Of the Senate"],
        ),
    ],
)
def test_a_committee_has_a_bill_from_its_referral_until_it_leaves(
    actions: Sequence[BillAction], expected: list[str]
) -> None:
    listed = (
        BillCommittee(name="Listed", chamber=HOUSE),
        BillCommittee(name="Of the Senate", chamber=SENATE),
    )
    assert names(replace(bill(NOW, *actions), committees=listed)) == expected


def test_the_one_that_hears_it_next_comes_first() -> None:
    told = bill(NOW, REFERRED)
    held = (
        hearing(-3, "Past", HearingStatus.SCHEDULED),
        hearing(1, "Off", HearingStatus.CANCELLED),
        hearing(9, "Later", HearingStatus.SCHEDULED),
        hearing(2, "Soon", HearingStatus.MOVED),
    )
    assert names(replace(told, hearings=held)) == ["Soon", "Examples"]
    first = dockets(replace(told, hearings=held), NOW)[0]
    assert first.hearing == held[3]
    assert names(replace(told, hearings=held[:2])) == ["Examples"]


def test_the_chair_comes_first_and_the_others_stay_in_their_order() -> None:
    congress, _ = rosters()
    sits = [one for one in congress.legislators if role_on(one, "HSEX") or one.key == "R000008"]
    assert [one.key for one in chair_first(reversed(sits), "HSEX")] == ["R000007", "R000008"]
    assert [one.key for one in chair_first(reversed(sits), "HSEX01")] == ["R000008", "R000007"]


CAPITOL = Office(kind=OfficeKind.CAPITOL, phone="202-555-0107")
NEAR = Office(kind=OfficeKind.DISTRICT, place="Springfield", phone="206-555-0107")
FAR = Office(kind=OfficeKind.DISTRICT, place="Shelbyville", phone="206-555-0108")


@pytest.mark.parametrize(
    ("busy", "expected"),
    [
        (0, [CAPITOL, NEAR, FAR]),
        (1, [NEAR, FAR, CAPITOL]),
        (2, [FAR, NEAR, CAPITOL]),
        (9, [NEAR, FAR, CAPITOL]),
    ],
)
def test_a_line_that_was_busy_comes_last(busy: int, expected: list[Office]) -> None:
    offices, open_ = [CAPITOL, NEAR, FAR], frozenset({CAPITOL, NEAR, FAR})
    full = full_lines(offices, open_, busy)
    assert len(full) == min(busy, 3)
    assert list(offices_in_order(offices, open_, full)) == expected


def test_after_hours_the_busy_line_is_the_first_of_the_district() -> None:
    full = full_lines([CAPITOL, NEAR, FAR], frozenset(), 1)
    assert full == {NEAR.phone}
    ordered = offices_in_order([CAPITOL, NEAR, FAR], frozenset(), full)
    assert list(ordered) == [FAR, CAPITOL, NEAR]
