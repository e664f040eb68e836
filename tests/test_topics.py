from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from domain import topics
from domain.errors import UserError
from domain.text import fold
from domain.topics import All, Either, Near, Not, Query, Term, explain, holds, parse

A, B, C = Term("a"), Term("b"), Term("c")
FACE = Term("face recognition")


@pytest.mark.parametrize(
    ("written", "query"),
    [
        ("a", A),
        ("A", A),
        ("a b", All((A, B))),
        ("a AND b", All((A, B))),
        ("a OR b", Either((A, B))),
        ("a b OR c", Either((All((A, B)), C))),
        ("a (b OR c)", All((A, Either((B, C))))),
        ('"Face Recognition"', FACE),
        ("“face recognition”", FACE),
        ("«face recognition» a", All((FACE, A))),
        ("face-recognition", FACE),
        ("a NOT b", All((A, Not(B)))),
        ("a -b", All((A, Not(B)))),
        ('a -"face recognition"', All((A, Not(FACE)))),
        ("a NOT (b OR c)", All((A, Not(Either((B, C)))))),
        ("a NEAR b", Near(A, B, 10)),
        ("a NEAR/3 b", Near(A, B, 3)),
        ("a NEAR/999 b", Near(A, B, 100)),
        ("a near b", All((A, Term("near"), B))),
        ("a and b", All((A, Term("and"), B))),
        ("a NEAR b c", All((Near(A, B, 10), C))),
        ("((a))", A),
        ("México", Term("mexico")),
        ("顔認証", Term("顔 認 証")),
        ("o'neil", Term("o neil")),
    ],
)
def test_a_topic_is_read(written: str, query: Query) -> None:
    assert parse(written) == query


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("", "A topic needs at least one word."),
        ("   ", "A topic needs at least one word."),
        ("x" * 301, "A topic has at most 300 characters; this has 301."),
        ('"face', "A quotation mark is missing: phrases stand between two."),
        ("a AND", "A word is missing at the end."),
        ("AND a", "A word is missing before “AND”."),
        ("a OR OR b", "A word is missing before “OR”."),
        ("(a", "A “)” is missing."),
        ("a)", "There is a “)” too many."),
        ("()", "A word is missing before “)”."),
        ("NOT a", "A topic needs a word that must occur, not only NOT."),
        ("a OR NOT b", "A topic needs a word that must occur, not only NOT."),
        ("NEAR b", "NEAR stands between two words or phrases, without brackets."),
        ("a NEAR", "NEAR stands between two words or phrases, without brackets."),
        ("a NEAR NOT b", "NEAR stands between two words or phrases, without brackets."),
        ("(a OR b) NEAR c", "NEAR stands between two words or phrases, without brackets."),
        ('""', "“” has no letter or digit to look for."),
        ("a !!!", "“!!!” has no letter or digit to look for."),
        ("(" * 9 + "a" + ")" * 9, "Brackets may stand at most 8 deep."),
        (" ".join("abcdefghijklmnopqrstuvwxy"), "A topic has at most 24 words and phrases."),
    ],
)
def test_a_fault_is_named(written: str, fault: str) -> None:
    with pytest.raises(UserError) as raised:
        parse(written)
    assert raised.value.message == fault


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("a", "“a”"),
        ("a b", "“a” and “b”"),
        ("a OR b", "“a” or “b”"),
        ("a (b OR c)", "“a” and (“b” or “c”)"),
        ("a NEAR/3 b", "“a” within 3 words of “b”"),
        ("a NOT b", "“a” and no “b”"),
        ("a NOT (b OR c)", "“a” and no (“b” or “c”)"),
        (
            '"face recognition" AND (police OR sheriff) NOT football',
            "“face recognition” and (“police” or “sheriff”) and no “football”",
        ),
    ],
)
def test_a_topic_is_explained_in_plain_words(written: str, words: str) -> None:
    assert explain(parse(written)) == words


def test_the_example_in_the_hints_is_a_topic() -> None:
    assert isinstance(parse(topics._EXAMPLE.removeprefix("For example: ")), All)


@settings(max_examples=400)
@given(st.text(st.one_of(st.sampled_from('ab"()-“” NEAROTD/3'), st.characters()), max_size=60))
@example("NOT " * 74)
@example("-(-(-(-(")
@example("a NEAR/٣ b")
@example("a NEAR/ b")
def test_anything_else_is_a_plain_refusal(written: str) -> None:
    try:
        query = parse(written)
    except UserError:
        return
    assert explain(query)
    assert list(topics.wanted(query))


TERMS = st.sampled_from(["a", "b", "c", "a b", "b c"]).map(Term)
QUERIES: st.SearchStrategy[Query] = st.recursive(
    TERMS | st.builds(Near, TERMS, TERMS, st.integers(0, 4)),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(All, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Either, st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


def places_in(words: Sequence[str], query: Query) -> Mapping[str, Sequence[int]]:
    """Where each term of the query starts, as a matcher would find it."""
    found = {term.folded: list(_starts(words, term)) for term in topics.terms(query)}
    return {term: starts for term, starts in found.items() if starts}


def _starts(words: Sequence[str], term: Term) -> Iterator[int]:
    wanted = term.folded.split()
    for start in range(len(words)):
        if list(words[start : start + len(wanted)]) == wanted:
            yield start


def naively(query: Query, words: Sequence[str]) -> bool:
    """What a query means, worked out on the words themselves."""
    match query:
        case Term():
            return any(True for _ in _starts(words, query))
        case Near(left, right, distance):
            pairs = ((one, two) for one in _starts(words, left) for two in _starts(words, right))
            return any(
                _apart(one, left, two, right) <= distance for one, two in pairs if one != two
            )
        case Not(item):
            return not naively(item, words)
        case All(items):
            return all(naively(item, words) for item in items)
        case Either(items):
            return any(naively(item, words) for item in items)


def _apart(one: int, left: Term, two: int, right: Term) -> int:
    mine = set(range(one, one + len(left.folded.split())))
    theirs = set(range(two, two + len(right.folded.split())))
    return min(abs(mine_at - theirs_at) for mine_at in mine for theirs_at in theirs) - 1


@settings(max_examples=400)
@given(QUERIES, st.lists(st.sampled_from("abcd"), max_size=9))
def test_a_query_holds_exactly_when_its_words_say_so(query: Query, words: list[str]) -> None:
    assert holds(query, places_in(words, query)) is naively(query, words)


def written(query: Query) -> str:
    """A query as one would type it."""
    match query:
        case Term(folded):
            return f'"{folded}"'
        case Near(left, right, distance):
            return f"{written(left)} NEAR/{distance} {written(right)}"
        case Not(item):
            return f"NOT {_inside(item)}"
        case All(items):
            return " AND ".join(_inside(item) for item in items)
        case Either(items):
            return " OR ".join(_inside(item) for item in items)


def _inside(query: Query) -> str:
    return f"({written(query)})" if isinstance(query, All | Either) else written(query)


@given(QUERIES)
def test_what_is_typed_is_what_is_meant(query: Query) -> None:
    assume(topics._needs_something(query))
    assert parse(written(query)) == query


def test_a_term_is_folded_like_the_text_it_is_looked_for_in() -> None:
    query = parse("Rékognition")
    assert isinstance(query, Term)
    assert f" {query.folded} " in fold("Amazon’s REKOGNITION")
