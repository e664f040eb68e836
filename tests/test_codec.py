import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codec import Faults, make_converter, structure
from domain.dates import PartialDate
from domain.model import Rule, WatchKind
from domain.record import Company, Record


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    name: str
    size: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    key: str
    count: int = 0
    on: PartialDate | None = None
    day: date | None = None
    flag: bool = False
    colour: Colour = Colour.RED
    parts: tuple[Part, ...] = ()
    words: tuple[str, ...] = ()


def read(data: dict[str, Any]) -> Whole:
    return structure(make_converter(), data, Whole)


def faults(data: dict[str, Any]) -> list[str]:
    with pytest.raises(Faults) as raised:
        read(data)
    return raised.value.lines


def test_a_document_becomes_records() -> None:
    data = {
        "key": "k",
        "on": "by 2022-spring",
        "colour": "blue",
        "parts": [{"name": "p", "size": 2}],
    }
    assert read(data) == Whole(
        key="k",
        on=PartialDate(year=2022, season="spring", by=True),
        colour=Colour.BLUE,
        parts=(Part(name="p", size=2),),
    )


def test_dates_of_toml_and_written_dates_are_both_read() -> None:
    assert read({"key": "k", "on": date(2020, 6, 10), "day": date(2020, 6, 10)}) == read(
        {"key": "k", "on": "2020-06-10", "day": "2020-06-10"}
    )


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({}, "key: missing"),
        ({"key": 1}, "key: expected a text, not 1"),
        ({"key": "k", "count": "3"}, "count: expected a whole number, not '3'"),
        ({"key": "k", "count": True}, "count: expected a whole number, not True"),
        ({"key": "k", "flag": "yes"}, "flag: expected true or false, not 'yes'"),
        ({"key": "k", "colour": "green"}, "colour: expected one of 'red', 'blue', not 'green'"),
        ({"key": "k", "words": "one"}, "words: expected a list, not 'one'"),
        ({"key": "k", "words": [1]}, "words[0]: expected a text, not 1"),
        ({"key": "k", "parts": [{}]}, "parts[0].name: missing"),
        ({"key": "k", "parts": [{"name": "p", "size": "big"}]}, "parts[0].size: expected a number, not 'big'"),
        ({"key": "k", "parts": ["p"]}, "parts[0]: expected a table or a list, not what stands there"),
        ({"key": "k", "parts": [{"name": "p", "shape": 1}]}, "parts[0].shape: no such key"),
        ({"key": "k", "colr": "red"}, "colr: no such key"),
        ({"key": "k", "day": "10.6.2020"}, "day: expected a date such as 2020-06-10, not '10.6.2020'"),
    ],
)  # fmt: skip
def test_a_fault_names_its_key_and_what_was_expected(data: dict[str, Any], fault: str) -> None:
    assert faults(data) == [fault]


def test_every_fault_is_told_at_once() -> None:
    assert faults({"count": "x", "parts": [{"name": 1}, {}], "nope": 0}) == [
        "count: expected a whole number, not 'x'",
        "key: missing",
        "nope: no such key",
        "parts[0].name: expected a text, not 1",
        "parts[1].name: missing",
    ]


def test_a_partial_date_says_which_forms_there_are() -> None:
    (fault,) = faults({"key": "k", "on": "soon"})
    assert fault.startswith("on: 'soon' is no date: expected YYYY-MM-DD")


def test_what_is_default_is_left_out() -> None:
    assert make_converter().unstructure(Whole(key="k")) == {"key": "k"}


def test_instants_are_written_as_text() -> None:
    assert (
        make_converter().unstructure(datetime(2020, 6, 10, tzinfo=UTC))
        == "2020-06-10T00:00:00+00:00"
    )


TEXTS = st.text(max_size=8)
RULES = st.builds(
    Rule,
    kind=st.sampled_from(WatchKind),
    names=st.lists(TEXTS, max_size=3).map(tuple),
    ambiguous=st.lists(TEXTS, max_size=3).map(tuple),
    context=st.lists(TEXTS, max_size=3).map(tuple),
    number=TEXTS,
    jurisdiction=TEXTS,
    query=TEXTS,
)


@given(RULES)
def test_a_rule_survives_being_stored(rule: Rule) -> None:
    converter = make_converter()
    assert structure(converter, json.loads(json.dumps(converter.unstructure(rule))), Rule) == rule


def test_the_whole_record_survives_being_stored(record: Record) -> None:
    converter = make_converter()
    for company in record.companies:
        stored = json.dumps(converter.unstructure(company))
        assert structure(converter, json.loads(stored), Company) == company


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*Whole.__slots__, "name", "x"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*Whole.__slots__, "x"]), JSON, max_size=6))
def test_any_data_is_read_or_refused_with_reasons(data: dict[str, Any]) -> None:
    lines = ["read"]
    try:
        read(data)
    except Faults as refused:
        lines = refused.lines
    assert lines
    assert all(line.strip() for line in lines)
