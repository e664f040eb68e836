"""Bills: one spelling of numbers and sessions, and what a bill says of itself."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.bills import (
    Bill,
    BillAction,
    Hearing,
    HearingStatus,
    Sighting,
    Sponsor,
    SponsorRole,
    bill_key,
    congress_of,
    normal_identifier,
    normal_session,
    session_of_years,
)

NOW = datetime(2021, 6, 1, 12, tzinfo=UTC)
BILL = Bill(
    key=bill_key("wa", "2021-22", "SB 5555"),
    title="Synthetic act",
    sources=(Sighting(source="synthetic", id="1", seen_at=NOW),),
)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("HB0003", "HB 3"),
        ("H.B. 3", "HB 3"),
        ("hb3", "HB 3"),
        ("H.R. 21", "HR 21"),
        ("S. 35", "S 35"),
        ("SCONRES 7", "SCONRES 7"),
        ("ESSB 6280", "SB 6280"),
        ("SJM 8000", "SJM 8000"),
        ("CB 119996", "CB 119996"),
        ("26-0043", "26-0043"),
        ("O2013-1547", "O2013-1547"),
        ("", ""),
    ],
)
def test_numbers_have_one_spelling(written: str, normal: str) -> None:
    assert normal_identifier(written) == normal
    assert normal_identifier(normal) == normal


@pytest.mark.parametrize(
    ("place", "written", "normal"),
    [
        ("us", "117", "117"),
        ("us", "117th Congress", "117"),
        ("us", "2021-2022", "117"),
        ("wa", "2019-20", "2019-2020"),
        ("wa", "2019-2020", "2019-2020"),
        ("ca", "20192020", "2019-2020"),
        ("ga", "2021_22", "2021-2022"),
        ("ma", "193rd", "2023-2024"),
        ("ak", "27", "2011-2012"),
        ("ak", "27th Legislature", "2011-2012"),
        ("va", "2021", "2021"),
        ("va", "2021 Regular Session", "2021"),
        ("ca", "2023-2024 1st Special Session", "2023-2024 special 1"),
        ("tx", "881", "881"),
        ("us-wa/seattle", "", ""),
    ],
)
def test_sessions_are_told_in_years_or_by_congress(place: str, written: str, normal: str) -> None:
    assert normal_session(place, written) == normal
    assert normal_session(place, normal) == normal


def test_years_and_the_number_of_a_congress_agree() -> None:
    assert [congress_of(year) for year in (2021, 2022, 2025)] == [117, 117, 119]
    assert session_of_years("us", 2021, 2022) == "117"
    assert session_of_years("ak", 2011, 2012) == "2011-2012"
    assert session_of_years("ar", 2012, 2012) == "2012"
    assert session_of_years("ar", 2012, 2012, "2nd Special Session") == "2012 special 2"


def test_the_same_bill_written_two_ways_has_one_key() -> None:
    assert bill_key("WA", "2019-20", "ESSB 6280") == bill_key("wa", "2019-2020", "sb6280")


def test_the_latest_action_is_the_last_listed_of_the_last_day() -> None:
    first, second = (BillAction(on=date(2021, 3, 1), text=name) for name in ("one", "two"))
    early = BillAction(on=date(2021, 2, 1), text="early")
    assert replace(BILL, actions=(first, second, early)).latest_action == second
    assert BILL.latest_action is None


def test_who_withdrew_no_longer_stands_behind_it() -> None:
    stays = Sponsor(name="Ada Example", role=SponsorRole.PRIMARY)
    left = replace(stays, name="Bo Example", withdrawn_on=date(2021, 3, 1))
    joins = replace(stays, name="Cy Example", role=SponsorRole.COSPONSOR)
    bill = replace(BILL, sponsors=(stays, left, joins))
    assert bill.primary_sponsors == (stays,)
    assert bill.standing_sponsors == (stays, joins)


def test_the_next_hearing_is_neither_past_nor_cancelled() -> None:
    zone = "America/Los_Angeles"
    past = Hearing(key="a", on=date(2021, 5, 20), zone=zone)
    over = Hearing(key="b", on=date(2021, 6, 1), zone=zone, at=datetime(2021, 6, 1, 11, tzinfo=UTC))
    off = Hearing(key="c", on=date(2021, 6, 2), zone=zone, status=HearingStatus.CANCELLED)
    soon = Hearing(key="d", on=date(2021, 6, 3), zone=zone)
    later = Hearing(key="e", on=date(2021, 6, 9), zone=zone)
    assert replace(BILL, hearings=(later, off, past, over, soon)).next_hearing(NOW) == soon
    assert replace(BILL, hearings=(past, off)).next_hearing(NOW) is None
