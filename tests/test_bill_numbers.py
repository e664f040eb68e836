import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.bill_numbers import BillNumber, find, parse, ways_to_write


def found(text: str) -> list[str]:
    return [str(mention.bill) for mention in find(text)]


WRITINGS = [
    ("AB 2261", "AB 2261"),
    ("A.B. 2261", "AB 2261"),
    ("AB2261", "AB 2261"),
    ("AB-2261", "AB 2261"),
    ("A. B. 2261", "AB 2261"),
    ("A.B.2261", "AB 2261"),
    ("Assembly Bill 2261", "AB 2261"),
    ("assembly bill 2261", "AB 2261"),
    ("ASSEMBLY BILL 2261", "AB 2261"),
    ("Assembly Bill No. 2261", "AB 2261"),
    ("Assembly Bill (AB) 2261", "AB 2261"),
    ("Senate Bill 6280", "SB 6280"),
    ("House Bill (H.B.) 2031", "HB 2031"),
    ("H.R. 7356", "HR 7356"),
    ("HR7356", "HR 7356"),
    ("HR 7356", "HR 7356"),
    ("H.R.7356", "HR 7356"),
    ("H. R. 7356", "HR 7356"),
    ("S. 4084", "S 4084"),
    ("S.4084", "S 4084"),
    ("S 4084", "S 4084"),
    ("S4084", "S 4084"),
    ("LD 1585", "LD 1585"),
    ("L.D. 1585", "LD 1585"),
    ("Legislative Document 1585", "LD 1585"),
    ("H.195", "H 195"),
    ("S.124", "S 124"),
    ("HF 1", "HF 1"),
    ("House File 4", "HF 4"),
    ("SJR 12", "SJR 12"),
    ("S.J.Res. 12", "SJRES 12"),
    ("H.J. Res. 12", "HJRES 12"),
    ("H.Con.Res. 5", "HCONRES 5"),
    ("H. RES. 5", "HRES 5"),
    ("SSB 6280", "SB 6280"),
    ("ESSB 6280", "SB 6280"),
    ("2SSB 5280", "SB 5280"),
    ("E2SSB 5280", "SB 5280"),
    ("ESHB 1654", "HB 1654"),
    ("EHB 1000", "HB 1000"),
]


@pytest.mark.parametrize(("written", "number"), WRITINGS)
def test_every_way_of_writing_a_number_is_read_and_found(written: str, number: str) -> None:
    assert str(parse(written)) == number
    text = f"Lawmakers heard {written} on Tuesday."
    (mention,) = find(text)
    assert str(mention.bill) == number
    assert text[mention.start : mention.end] == written


@pytest.mark.parametrize(
    ("typed", "number"),
    [("ab 2261", "AB 2261"), ("  a.b.  2261 ", "AB 2261"), ("hr7356", "HR 7356"), ("s. 4084", "S 4084")],
)  # fmt: skip
def test_typing_needs_no_capitals(typed: str, number: str) -> None:
    assert str(parse(typed)) == number


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("CA AB 2261 is heard", ["AB 2261"]),
        ("WA SB 6280", ["SB 6280"]),
        ("NO ON AB 2261", ["AB 2261"]),
        ("U.S. HR 7356", ["HR 7356"]),
        ("“AB 2261”, (SB 6280); #HB2031", ["AB 2261", "SB 6280", "HB 2031"]),
        ("SB 6280/HB 2856", ["SB 6280", "HB 2856"]),
        ("AB 2261's author", ["AB 2261"]),
        ("Does it pass AB 2261?", ["AB 2261"]),
        ("AB 2261, as amended", ["AB 2261"]),
    ],
)
def test_a_number_is_found_beside_whatever_stands_there(text: str, numbers: list[str]) -> None:
    assert found(text) == numbers


@pytest.mark.parametrize(
    "text",
    [
        "SAB 2261",
        "SAB2261",
        "AB 2261x",
        "AB 22611234",
        "AB 2.261",
        "AB 2,261",
        "AB 0",
        "AB 02261",
        "XAB 2261",
    ],
)
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert parse(text) is None
    assert found(text) == []


def test_sab_2261_does_not_hide_ab_2261() -> None:
    assert found("SAB 2261 and AB 2261") == ["AB 2261"]


@pytest.mark.parametrize(
    "text",
    [
        "The U.S. 50 years ago",
        "Covid-19 and COVID 19",
        "US 101 was closed near Exit 5",
        "iPhone 12 and WWII 1945",
        "The F.B.I. 1000 agents",
        "3M 100 jobs, 10 of them in June 2020",
        "the 49ers, the G20 and G 20",
        "Apollo 11, LA 2028, DC 10",
        "ab 40 Euro, hr 20",
        "the bill 2261 passed",
        "Section 230 of the Act",
        "Windows 95 at $1,000",
        "",
    ],
)
def test_ordinary_prose_has_no_bill_numbers(text: str) -> None:
    assert found(text) == []


def test_a_single_letter_is_marked_since_much_looks_like_it() -> None:
    assert [one.bill.single_letter for one in find("Vitamin B 12 and S. 4084, AB 1")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("number", "jurisdiction", "written", "same"),
    [
        ("S. 4084", "us", "Senate Bill 4084", True),
        ("H.R. 7356", "us", "House Bill 7356", True),
        ("H.R. 7356", "us", "H. 7356", True),
        ("H.R. 7356", "us", "S. 7356", False),
        ("S.124", "vt", "Senate Bill 124", True),
        ("H.195", "vt", "H.B. 195", True),
        ("SB 741", "va", "S. 741", False),
        ("AB 2261", "ca", "A.B. 2261", True),
    ],
)
def test_people_write_one_bill_in_several_ways(
    number: str, jurisdiction: str, written: str, *, same: bool
) -> None:
    bill, other = parse(number), parse(written)
    assert bill is not None
    assert (other in ways_to_write(bill, jurisdiction)) is same


@given(st.text(st.sampled_from("ABHRSJCones. ()-2261No bil\tuETLDP"), max_size=24))
@example("S.J.Res. 12")
@example("Assembly Bill (AB) 2261")
def test_what_can_be_found_can_be_typed(text: str) -> None:
    for mention in find(text):
        assert parse(text[mention.start : mention.end]) == mention.bill


@given(st.text(max_size=60))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    parse(text)
    for mention in find(text):
        assert 0 <= mention.start < mention.end <= len(text)


@given(st.sampled_from(["AB", "SB", "HR", "S", "LD", "SJRES"]), st.integers(1, 99_999))
def test_the_normalized_form_is_read_back(kind: str, number: int) -> None:
    bill = BillNumber(kind=kind, number=number)
    assert parse(str(bill)) == bill


@pytest.mark.parametrize(
    "piece", ["A", "A.", "A ", "AB 1", "Assembly ", "Assembly Bill (", "S.J.", "2SSB"]
)
def test_a_hostile_text_takes_no_time(piece: str) -> None:
    started = time.perf_counter()
    list(find(piece * (200_000 // len(piece))))
    parse(piece * (200_000 // len(piece)))
    assert time.perf_counter() - started < 2
