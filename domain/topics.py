"""The topic language: words and "phrases" with AND, OR, NOT and NEAR. Never a regex.

    query  = either { "OR" either }
    either = item { ["AND"] item }
    item   = ["NOT" | "-"] ( "(" query ")" | near )
    near   = term { ("NEAR" | "NEAR/n") term }        n words between at most, 10 if not said

Words next to each other must all occur, in any order; operators are written in capitals.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.errors import UserError
from domain.text import fold

MAX_LENGTH = 300
MAX_TERMS = 24
DEFAULT_NEAR = 10
MAX_NEAR = 100
_DEPTH = 8
_TOKEN = re.compile(r'\s*(?:"([^"]*)"|([()])|(-)(?=[^\s-])|([^\s()"]+))')
_QUOTES = str.maketrans("“”„«»", '"""""')

Places = Mapping[str, Sequence[int]]
"""Folded term → the positions, in words, at which it starts in a text."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase, folded."""

    folded: str


@dataclass(frozen=True, slots=True)
class Near:
    """Both terms within `distance` words of each other, in either order."""

    left: Term
    right: Term
    distance: int


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of `item`."""

    item: "Query"


@dataclass(frozen=True, slots=True)
class All:
    """Every one of `items`."""

    items: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of `items`."""

    items: tuple["Query", ...]


Query = Term | Near | Not | All | Either


def parse(text: str) -> Query:
    """Read a topic. Raises UserError that names the fault and shows how to write it."""
    written = text.translate(_QUOTES).strip()
    if not written:
        raise UserError("A topic needs at least one word.", hint=_EXAMPLE)
    if len(written) > MAX_LENGTH:
        raise UserError(f"A topic has at most {MAX_LENGTH} characters; this has {len(written)}.")
    if written.count('"') % 2:
        raise UserError("A quotation mark is missing: phrases stand between two.", hint=_EXAMPLE)
    query = _Reader(written).read()
    if sum(1 for _ in terms(query)) > MAX_TERMS:
        raise UserError(f"A topic has at most {MAX_TERMS} words and phrases.")
    if not _needs_something(query):
        raise UserError("A topic needs a word that must occur, not only NOT.", hint=_EXAMPLE)
    return query


def terms(query: Query) -> Iterator[Term]:
    """Yield every term of the query, those under NOT included."""
    match query:
        case Term():
            yield query
        case Near(left, right):
            yield left
            yield right
        case Not(item):
            yield from terms(item)
        case All(items) | Either(items):
            for item in items:
                yield from terms(item)


def wanted(query: Query) -> Iterator[Term]:
    """Yield the terms whose occurrence can satisfy the query: all but those under NOT."""
    match query:
        case Not():
            return
        case All(items) | Either(items):
            for item in items:
                yield from wanted(item)
        case _:
            yield from terms(query)


def holds(query: Query, places: Places) -> bool:
    """Whether a text satisfies the query."""
    match query:
        case Term(folded):
            return folded in places
        case Near(left, right, distance):
            return _near(left, right, places, distance)
        case Not(item):
            return not holds(item, places)
        case All(items):
            return all(holds(item, places) for item in items)
        case Either(items):
            return any(holds(item, places) for item in items)


def explain(query: Query) -> str:
    """Say in plain words what the query asks for."""
    match query:
        case Term(folded):
            return f"“{folded}”"
        case Near(left, right, distance):
            return f"{explain(left)} within {distance} words of {explain(right)}"
        case Not(item):
            return f"no {_nested(item)}"
        case All(items):
            return " and ".join(_nested(item) for item in items)
        case Either(items):
            return " or ".join(_nested(item) for item in items)


_NEAR_WHERE = "NEAR stands between two words or phrases, without brackets."
_EXAMPLE = 'For example: "face recognition" AND (police OR sheriff) NOT football'


def _nested(item: Query) -> str:
    return f"({explain(item)})" if isinstance(item, All | Either) else explain(item)


def _near(left: Term, right: Term, places: Places, distance: int) -> bool:
    return any(
        _between(one, left, two, right) <= distance
        for one in places.get(left.folded, ())
        for two in places.get(right.folded, ())
        if one != two
    )


def _between(one: int, left: Term, two: int, right: Term) -> int:
    """Words between the two occurrences."""
    first, length, second = (one, left, two) if one < two else (two, right, one)
    return max(0, second - first - len(length.folded.split()))


def _needs_something(query: Query) -> bool:
    match query:
        case Not():
            return False
        case All(items):
            return any(_needs_something(item) for item in items)
        case Either(items):
            return all(_needs_something(item) for item in items)
        case _:
            return True


class _Reader:
    """A recursive-descent reader over the tokens of one topic."""

    def __init__(self, written: str) -> None:
        self._tokens = [found.groups() for found in _TOKEN.finditer(written)]
        self._at = 0
        self._depth = 0

    def read(self) -> Query:
        query = self._either()
        if self._at < len(self._tokens):
            raise UserError("There is a “)” too many.", hint=_EXAMPLE)
        return query

    def _peek(self) -> str | None:
        """The next operator or bracket, `term` for a term, None at the end."""
        if self._at == len(self._tokens):
            return None
        phrase, bracket, minus, word = self._tokens[self._at]
        if phrase is not None:
            return "term"
        if bracket or minus:
            return bracket or "NOT"
        return word if word in {"AND", "OR", "NOT"} or _NEAR.fullmatch(word) else "term"

    def _take(self) -> str:
        token = self._tokens[self._at]
        self._at += 1
        return next(part for part in token if part is not None)

    def _either(self) -> Query:
        items = [self._all()]
        while self._peek() == "OR":
            self._take()
            items.append(self._all())
        return items[0] if len(items) == 1 else Either(tuple(items))

    def _all(self) -> Query:
        items = [self._item()]
        while self._peek() not in {None, "OR", ")"}:
            if self._peek() == "AND":
                self._take()
            items.append(self._item())
        return items[0] if len(items) == 1 else All(tuple(items))

    def _item(self) -> Query:
        match self._peek():
            case "NOT":
                self._take()
                return Not(self._item())
            case "(":
                return self._bracketed()
            case "term":
                return self._near()
            case None:
                raise UserError("A word is missing at the end.", hint=_EXAMPLE)
            case other if _NEAR.fullmatch(other):
                raise UserError(_NEAR_WHERE, hint=_EXAMPLE)
            case other:
                raise UserError(f"A word is missing before “{other}”.", hint=_EXAMPLE)

    def _bracketed(self) -> Query:
        self._take()
        self._depth += 1
        if self._depth > _DEPTH:
            raise UserError(f"Brackets may stand at most {_DEPTH} deep.")
        query = self._either()
        if self._peek() != ")":
            raise UserError("A “)” is missing.", hint=_EXAMPLE)
        self._take()
        self._depth -= 1
        return query

    def _near(self) -> Query:
        left = self._term()
        operator = self._peek()
        if operator is None or not _NEAR.fullmatch(operator):
            return left
        distance = min(int(self._take()[5:] or DEFAULT_NEAR), MAX_NEAR)
        if self._peek() != "term":
            raise UserError(_NEAR_WHERE, hint=_EXAMPLE)
        return Near(left, self._term(), distance)

    def _term(self) -> Term:
        written = self._take()
        folded = fold(written).strip()
        if not folded:
            raise UserError(f"“{written}” has no letter or digit to look for.", hint=_EXAMPLE)
        return Term(folded)


_NEAR = re.compile(r"NEAR(?:/\d{1,3})?")
