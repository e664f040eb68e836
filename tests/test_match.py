import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.records import company_rule
from domain import topics
from domain.codec import make_converter, structure
from domain.entries import Entries, Entry
from domain.model import Field, Match, Rule, WatchKind
from domain.record import Record
from domain.text import BREAK, fold
from domain.tracked_bills import bill_rule
from feeds.match import Matcher

TABLE: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "data" / "match.toml").read_text("utf-8")
)
CASES: list[dict[str, Any]] = TABLE["cases"]
OWN = {key: structure(make_converter(), rule, Rule) for key, rule in TABLE["rules"].items()}


def entry(title: str, summary: str = "") -> Entry:
    return Entry(guid="", url="", title=title, summary=summary)


def matches_of(matcher: Matcher, one: Entry) -> list[Match]:
    return matcher.match([Entries.of([one])])[0].get(0, [])


def words(match: Match) -> list[str]:
    return list(dict.fromkeys(found.words for found in match.found))


def quoted_exactly(match: Match, read: Entry) -> bool:
    texts = {Field.TITLE: read.title, Field.SUMMARY: read.summary}
    return all(one.words == texts[one.field][one.start : one.end] for one in match.found)


@pytest.fixture(scope="module")
def rules(record: Record) -> dict[str, Rule]:
    """Every rule of the record, and those of the table, by key."""
    held = {one.key: company_rule(one) for one in record.companies}
    held |= {one.key: bill_rule(one) for one in record.bills if one.number}
    return held | OWN


@pytest.fixture(scope="module")
def matcher(rules: Mapping[str, Rule]) -> Matcher:
    return Matcher(dict(enumerate(rules.values())))


def test_the_table_is_large_enough_and_names_each_case_once() -> None:
    about = [case["about"] for case in CASES]
    assert len(CASES) >= 42
    assert len(set(about)) == len(about)


@pytest.mark.parametrize("case", CASES, ids=[case["about"] for case in CASES])
def test_each_case_finds_its_rules_and_their_words(
    case: dict[str, Any], matcher: Matcher, rules: Mapping[str, Rule]
) -> None:
    read = entry(case["title"], case.get("summary", ""))
    matches = matches_of(matcher, read)
    keys = list(rules)
    assert {keys[one.rule_id]: words(one) for one in matches} == case["found"]
    assert all(quoted_exactly(one, read) for one in matches)


def test_names_come_before_context_and_are_never_crowded_out() -> None:
    rule = Rule(kind=WatchKind.COMPANY, ambiguous=("Acme",), context=tuple("abcdefgh"))
    (match,) = matches_of(Matcher({1: rule}), entry("a b c d e f g h", "then Acme"))
    assert words(match)[0] == "Acme"
    assert len(match.found) <= 6


def test_a_stored_topic_that_cannot_be_read_any_more_never_matches() -> None:
    broken = Rule(kind=WatchKind.TOPIC, query='"never closed')
    sound = Rule(kind=WatchKind.TOPIC, query="closed")
    matches = matches_of(Matcher({1: broken, 2: sound}), entry("never closed"))
    assert [match.rule_id for match in matches] == [2]


def test_no_rules_match_nothing() -> None:
    assert matches_of(Matcher({}), entry("Microsoft and facial recognition")) == []


def test_a_name_without_letters_is_not_looked_for() -> None:
    rule = Rule(kind=WatchKind.COMPANY, names=("!!!", ""))
    assert matches_of(Matcher({1: rule}), entry("!!! is a band")) == []


def test_what_stands_beyond_the_first_part_of_a_long_text_is_not_read() -> None:
    matcher = Matcher({1: Rule(kind=WatchKind.COMPANY, names=("Acme",))})
    assert matches_of(matcher, entry("x " * 5000 + "Acme", "y " * 5000 + "Acme")) == []


def test_one_automaton_serves_many_rules_quickly() -> None:
    rules = {n: Rule(kind=WatchKind.COMPANY, names=(f"company number {n}",)) for n in range(20_000)}
    matcher = Matcher(rules)
    read = entry("We met company number 77 and company number 19999 today " * 20)
    started = time.perf_counter()
    for _ in range(20):
        assert [match.rule_id for match in matches_of(matcher, read)] == [77, 19999]
    assert time.perf_counter() - started < 2


TITLES = st.lists(
    st.sampled_from(["police", "Acme", "acme", "facial", "recognition", "a", "漢", "İ", "ß", "½", "-", "’s", "\u200b", "AB", "2261", "CA", "é"]),
    max_size=12,
).map(" ".join)  # fmt: skip
MIXED = Matcher(
    {
        1: Rule(kind=WatchKind.COMPANY, names=("Acme", "ﬁrm", "漢")),
        2: Rule(kind=WatchKind.COMPANY, ambiguous=("Acme",), context=("police", "é")),
        3: Rule(kind=WatchKind.BILL, number="AB 2261", jurisdiction="ca"),
        4: Rule(kind=WatchKind.TOPIC, query='"facial recognition" OR ß'),
    }
)


@given(TITLES, TITLES)
def test_every_place_found_quotes_the_entry_exactly(title: str, summary: str) -> None:
    read = entry(title, summary)
    for match in matches_of(MIXED, read):
        assert match.found
        assert quoted_exactly(match, read)


ANY = st.text(st.one_of(st.characters(), st.sampled_from("Acme policeAB2261 漢é"))).map(
    lambda text: text.replace(BREAK, "")
)


@given(ANY, ANY)
def test_any_text_can_be_matched(title: str, summary: str) -> None:
    read = entry(title, summary)
    assert all(quoted_exactly(match, read) for match in matches_of(MIXED, read))


LETTERS = st.lists(st.sampled_from("abc"), max_size=6).map(" ".join)
QUERIES = st.sampled_from(
    ["a", "a b", '"a b"', "a OR c", "a NOT b", "a NEAR/1 c", '"a b" NEAR/0 c', "(a OR b) NOT c", '"b c" a']
)  # fmt: skip


@given(QUERIES, LETTERS, LETTERS)
def test_a_topic_matches_exactly_when_its_query_holds(
    written: str, title: str, summary: str
) -> None:
    query = topics.parse(written)
    line = fold(f"{title} {BREAK} {summary}").split()
    places = {}
    for term in topics.terms(query):
        parts = term.folded.split()
        starts = [n for n in range(len(line)) if line[n : n + len(parts)] == parts]
        if starts:
            places[term.folded] = starts
    matcher = Matcher({1: Rule(kind=WatchKind.TOPIC, query=written)})
    assert bool(matches_of(matcher, entry(title, summary))) is topics.holds(query, places)


@pytest.mark.parametrize("odd", ["", "東京 Acme", "Zürich Robotics", "Acme", "“Acme”—it’s…", "™"])
def test_entries_taken_together_match_as_each_would(odd: str) -> None:
    rules = {
        1: Rule(kind=WatchKind.COMPANY, names=("Acme",)),
        2: Rule(kind=WatchKind.COMPANY, names=("Zürich Robotics",)),
        3: Rule(kind=WatchKind.COMPANY, names=("Acme Rain",)),
    }
    matcher = Matcher(rules)
    entries = [
        entry("Rain", "of Acme"),
        entry("Rain"),
        entry("Acme", "Rain"),
        entry(odd, odd),
        entry("", ""),
        entry("Sun", "with Zürich Robotics and Acme rain"),
    ]
    found, nothing = matcher.match([Entries.of(entries), Entries.of(())])
    assert nothing == {}
    alone = [matches_of(matcher, one) for one in entries]
    assert found == {place: matches for place, matches in enumerate(alone) if matches}
    assert [len(matches) for matches in alone][:3] == [1, 0, 1]
    assert matcher.match([]) == []
