"""When a bill of the record, a bill of a legislature and a watch are one."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain import tracked_bills
from domain.bill_progress import Station, progress
from domain.bills import Bill, BillKey, Outcome, bill_key
from domain.model import Rule, Watch, WatchKind
from domain.record import Record, RecordedBill
from domain.tracked_bills import KnownBill

NOW = datetime(2026, 11, 22, tzinfo=UTC)
AB_2261 = BillKey(jurisdiction="ca", session="2019-2020", identifier="AB 2261")
OTHER = BillKey(jurisdiction="wa", session="2025-2026", identifier="SB 5000")


def recorded(record: Record, key: str) -> RecordedBill:
    found = record.bill(key)
    assert found is not None
    return found


def watch(key: str, rule: Rule) -> Watch:
    return Watch(
        id=1, space_id=1, kind=WatchKind.BILL, key=key, label=key, rule_id=1, rule=rule, since=NOW
    )


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("ca-ab-2261", "ca 2019-2020 AB 2261"),
        ("us-116-hr-7356", "us 116 HR 7356"),
        ("us-117-s-2052", "us 117 S 2052"),
        ("va-sb-741", "va 2022 SB 741"),
    ],
)
def test_the_records_bills_are_told_by_number_and_session(
    key: str, expected: str, record: Record
) -> None:
    known = tracked_bills.recorded_key(recorded(record, key))
    assert str(known) == expected
    assert known
    found = tracked_bills.in_record(known, record)
    assert found
    assert found.key == key


def test_what_has_no_number_or_no_session_is_told_by_none(record: Record) -> None:
    for key in ("san-francisco-ca", "eu-ai-act", "me-ld-1585"):
        assert tracked_bills.recorded_key(recorded(record, key)) is None


def test_a_bill_without_session_in_the_record_is_found_by_the_years_of_its_steps(
    record: Record,
) -> None:
    then = tracked_bills.in_record(bill_key("me", "2021-2022", "LD 1585"), record)
    assert then
    assert then.key == "me-ld-1585"
    assert tracked_bills.in_record(bill_key("me", "2023-2024", "LD 1585"), record) is None


def test_a_watch_leads_to_its_bill_by_the_records_key_or_its_own(record: Record) -> None:
    shipped = tracked_bills.bill_rule(recorded(record, "ca-ab-2261"))
    assert tracked_bills.key_of("ca-ab-2261", shipped, record) == AB_2261
    own = tracked_bills.rule_for(Bill(key=OTHER, title="Synthetic", sources=()))
    assert tracked_bills.key_of(str(OTHER), own, record) == OTHER
    assert tracked_bills.watch_keys(OTHER, record) == (str(OTHER),)
    assert tracked_bills.watch_keys(AB_2261, record) == ("ca-ab-2261", str(AB_2261))


@pytest.mark.parametrize("session", ["2021 special 2", "131st Legislature", "119"])
def test_sessions_that_hold_spaces_are_read_back(session: str, record: Record) -> None:
    key = BillKey(jurisdiction="us-wa/seattle", session=session, identifier="CB 119996")
    rule = tracked_bills.rule_for(Bill(key=key, title="Synthetic", sources=()))
    assert tracked_bills.key_of(str(key), rule, record) == key


def test_a_watch_without_session_is_of_no_bill_a_source_can_be_asked_for(record: Record) -> None:
    rule = Rule(kind=WatchKind.BILL, number="AB 13", jurisdiction="ca")
    assert tracked_bills.key_of("ca AB 13", rule, record) is None
    assert tracked_bills.key_of("something else", rule, record) is None


@pytest.mark.parametrize(
    ("key", "outcome", "station"),
    [
        ("ca-ab-2261", Outcome.FAILED, Station.COMMITTEE),
        ("wa-sb-6280", Outcome.LAW, Station.END),
        ("us-118-hr-1404", Outcome.FAILED, Station.INTRODUCED),
        ("us-119-hr-4695", Outcome.PENDING, Station.INTRODUCED),
    ],
)
def test_the_record_alone_tells_how_far_a_bill_came(
    key: str, outcome: Outcome, station: Station, record: Record
) -> None:
    way = progress(tracked_bills.as_bill(recorded(record, key)))
    assert (way.outcome, way.here.station) == (outcome, station)


def test_nothing_after_the_day_is_told(record: Record) -> None:
    then = tracked_bills.as_of(recorded(record, "ca-ab-2261"), date(2020, 5, 20))
    assert [str(step.on) for step in then.steps] == ["2020-02-21", "2020-05-05"]
    assert then.outcome == ""
    assert [one.who for one in then.positions] == ["ACLU and 55 civil-rights organizations"]


@pytest.mark.parametrize(
    ("place", "session", "on", "over"),
    [
        ("us", "116", date(2021, 1, 2), False),
        ("us", "116", date(2021, 1, 3), True),
        ("ca", "2019-2020", date(2020, 12, 31), False),
        ("ca", "2019-2020", date(2021, 1, 1), True),
        ("va", "2022", date(2022, 6, 1), False),
        ("zz", "Synthetic session", date(2030, 1, 1), False),
        ("zz", "", date(2030, 1, 1), False),
    ],
)
def test_a_session_is_over_when_its_last_year_is(
    place: str, session: str, on: date, *, over: bool
) -> None:
    assert tracked_bills.ended(bill_key(place, session, "HB 1"), on) is over


def test_the_bill_that_took_it_up_last_is_the_successor(record: Record) -> None:
    newest = tracked_bills.later(recorded(record, "us-116-hr-7356"), record)
    assert newest
    assert newest.key == "us-118-hr-1404"
    assert tracked_bills.later(recorded(record, "us-118-hr-1404"), record) is None


def test_a_pledge_waits_for_a_bill_that_it_names_or_its_company_stands_on(record: Record) -> None:
    def waits(ref: str, on: date) -> list[str]:
        return [one.key for one, _ in tracked_bills.waiting_pledges(ref, record, on)]

    assert waits("us-119-hr-4695", NOW.date()) == ["microsoft"]
    assert waits("ca-ab-2261", NOW.date()) == ["microsoft"]
    assert waits("us-119-hr-4695", date(2020, 6, 1)) == []
    assert waits("va-hb-2031", NOW.date()) == []


def test_a_bill_that_takes_a_named_one_up_again_is_waited_for_too(record: Record) -> None:
    again = replace(recorded(record, "us-119-hr-7363"), key="again", succeeds="us-118-s-681")
    grown = replace(record, bills=(*record.bills, again))
    found = tracked_bills.waiting_pledges("again", grown, NOW.date())
    assert [one.key for one, _ in found] == ["microsoft"]


def test_what_is_known_names_it(record: Record) -> None:
    own = KnownBill(told=Bill(key=OTHER, title="Synthetic", sources=()))
    assert (own.ref, own.label, own.title) == (str(OTHER), "WA SB 5000", "Synthetic")
    both = KnownBill(
        recorded=recorded(record, "ca-ab-2261"),
        told=Bill(key=AB_2261, title="An act to add …", sources=()),
    )
    assert both.ref == "ca-ab-2261"
    assert both.refs == ("ca-ab-2261", str(AB_2261))
    assert both.title == "Facial recognition technology"
    town = BillKey(jurisdiction="us-wa/seattle", session="2021", identifier="CB 119996")
    assert tracked_bills.label(town) == "Seattle CB 119996"
    bare = KnownBill(watch=watch("x", Rule(kind=WatchKind.BILL, number="AB 13", jurisdiction="ca")))
    assert (bare.ref, bare.label, bare.title, bare.key) == ("x", "CA AB 13", "", None)
