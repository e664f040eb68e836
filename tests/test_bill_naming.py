"""The bill of the record that people mean, told from what they typed alone."""

from dataclasses import replace

import pytest

from commands.bill_naming import recorded_bills
from domain.record import Record, RecordedBill


def synthetic(key: str, **given: str) -> RecordedBill:
    """A bill of the record; synthetic."""
    told = {"jurisdiction": "wa", "place": "Washington", "title": f"Synthetic {key}"}
    return RecordedBill(**{"key": key, "summary": "Synthetic.", **told, **given})  # type: ignore[arg-type]


def meant(record: Record, written: str) -> list[str]:
    return [one.ref for one in recorded_bills(record, written)]


NUMBERED = (
    synthetic("wa-sb-5", number="SB 5", session="2023-2024"),
    synthetic("ny-sb-5", number="SB 5", session="2025-2026", jurisdiction="ny", place="New York"),
    synthetic("wa-sb-5-again", number="SB 5", session="2025-2026"),
)
UNNUMBERED = tuple(
    synthetic(f"springfield-{n}", jurisdiction="us-wa/springfield", place="Springfield, Washington")
    for n in (1, 2)
)
OWN = Record(bills=(*NUMBERED, *UNNUMBERED))


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("ca-ab-2261", "ca-ab-2261"),
        (" CA-AB-2261 ", "ca-ab-2261"),
        ("ca–ab–2261", "ca-ab-2261"),
        ("ca 2019-2020 AB 2261", "ca-ab-2261"),
        ("AB 2261 2019", "ca-ab-2261"),
        ("AB 2261", "ca-ab-2261"),
        ("Assembly Bill 2261", "ca-ab-2261"),
        ("CA AB 2261", "ca-ab-2261"),
        ("“CA AB 2261.”", "ca-ab-2261"),
        ("CA, AB 2261", "ca-ab-2261"),
        ("AB 2261 California", "ca-ab-2261"),
        ("https://legiscan.com/CA/bill/AB2261/2019", "ca-ab-2261"),
        ("Facial recognition technology", "ca-ab-2261"),
        ("body camera accountability act", "ca-ab-1215"),
        ("us HB 7356", "us-116-hr-7356"),
        ("H.R. 7356 116", "us-116-hr-7356"),
        ("us h r 7356", "us-116-hr-7356"),
        ("us 116 hr 7356", "us-116-hr-7356"),
        ("Maine LD 1585", "me-ld-1585"),
        ("Senate Bill 124 Vermont", "vt-s-124"),
        ("san francisco", "san-francisco-ca"),
        ("San Francisco, California", "san-francisco-ca"),
        ("San Francisco CA", "san-francisco-ca"),
        ("us-ca/san-francisco", "san-francisco-ca"),
        ("European Union", "eu-ai-act"),
        ("EU", "eu-ai-act"),
        ("Massachusetts", "ma-police-reform"),
    ],
)  # fmt: skip
def test_it_is_found_however_it_is_written(record: Record, written: str, key: str) -> None:
    assert meant(record, written) == [key]


def test_each_is_found_by_its_key_label_and_title(record: Record) -> None:
    titles = [one.title for one in record.bills]
    for bill in record.bills:
        written = [bill.key, bill.key.upper(), bill.key.replace("-", " ")]
        if bill.number:
            written += [f"{bill.jurisdiction} {bill.number}", bill.number]
        if titles.count(bill.title) == 1:
            written.append(bill.title)
        for one in written:
            assert meant(record, one) == [bill.key], one


@pytest.mark.parametrize(
    "written",
    ["", "—", "AB 99999", "CA AB 99999", "NY AB 2261", "AB 2261 2021", "6280", "LD 1585 2019", "x"],
)
def test_none_is_found_where_none_is_meant(record: Record, written: str) -> None:
    assert meant(record, written) == []


def test_of_one_place_the_latest_session_is_meant() -> None:
    assert meant(OWN, "WA SB 5") == ["wa-sb-5-again"]
    assert meant(OWN, "WA SB 5 2023") == ["wa-sb-5"]
    assert meant(OWN, "WA, SB 5") == ["wa-sb-5-again"]


def test_of_several_places_the_latest_of_each_may_be_meant() -> None:
    assert sorted(meant(OWN, "SB 5")) == ["ny-sb-5", "wa-sb-5-again"]
    assert meant(OWN, "SB 5 2024") == ["wa-sb-5"]


def test_of_measures_without_number_each_of_the_place_may_be_meant() -> None:
    assert meant(OWN, "Springfield") == ["springfield-1", "springfield-2"]
    assert meant(OWN, "springfield-2") == ["springfield-2"]


def test_of_bills_that_share_a_title_it_is_the_first() -> None:
    titled = [replace(one, title="The Synthetic Act") for one in NUMBERED]
    assert meant(Record(bills=(*titled,)), "the synthetic act") == ["wa-sb-5"]


def test_a_key_counts_before_another_bills_title() -> None:
    titled = replace(NUMBERED[1], title="wa-sb-5")
    assert meant(Record(bills=(titled, NUMBERED[0])), "wa-sb-5") == ["wa-sb-5"]
