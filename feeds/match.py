"""Entries against rules: one automaton for all of them, then exact checks on the candidates.

Pure. Text and terms are folded (`domain.text.fold`) to words between single spaces, so a hit of
the automaton is a hit of whole words; what Python does afterwards is for the few candidates.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from domain import bill_numbers, topics
from domain.jurisdictions import NAMES
from domain.model import Entry, Field, Found, Match, Rule
from domain.text import BREAK, fold, word_places

_MAX_FOUND = 6
_SUMMARY = 2000

Positions = dict[str, list[int]]
"""Folded term → character offsets in the folded text."""


@dataclass(slots=True)
class _Rules:
    """Which rules a term or number may satisfy."""

    named: set[int] = field(default_factory=set)
    ambiguous: set[int] = field(default_factory=set)
    topics: set[int] = field(default_factory=set)


class Matcher:
    """All rules, compiled. Immutable once made; matching is linear in the text."""

    def __init__(self, rules: Mapping[int, Rule]) -> None:
        """Compile `rules` by id. A rule whose topic cannot be read any more never matches."""
        self._rules = dict(rules)
        self._terms: defaultdict[str, _Rules] = defaultdict(_Rules)
        self._numbers: defaultdict[bill_numbers.BillNumber, set[int]] = defaultdict(set)
        self._context: dict[int, frozenset[str]] = {}
        self._queries: dict[int, topics.Query] = {}
        for rule_id, rule in rules.items():
            self._add(rule_id, rule)
        if self._numbers:
            for name in NAMES:
                self._terms[name]
        self._names = list(self._terms)
        self._automaton = AhoCorasick(
            [f" {term} " for term in self._names],
            matchkind=MatchKind.Standard,
            implementation=Implementation.DFA if len(self._names) < _DFA_LIMIT else None,
        )

    def match(self, entry: Entry) -> list[Match]:
        """Return the rules an entry satisfies, each with the words that did."""
        # The break keeps phrases from running on from the title into the summary.
        text = fold(f"{entry.title} {BREAK} {entry.summary[:_SUMMARY]}")
        hits = self._automaton.find_matches_as_indexes(text, overlapping=True)
        numbers = self._mentions(entry) if self._numbers else {}
        if not hits and not numbers:
            return []
        positions: Positions = {}
        for pattern, start, _ in hits:
            positions.setdefault(self._names[pattern], []).append(start)
        satisfied = self._satisfied(text, positions, numbers)
        if not satisfied:
            return []
        places = _Places(entry, text)
        return [
            Match(rule_id=rule_id, found=places.of(found, numbers.get(rule_id, ())))
            for rule_id, found in sorted(satisfied.items())
        ]

    def _add(self, rule_id: int, rule: Rule) -> None:
        if rule.query:
            query = topics.parse(rule.query)
            self._queries[rule_id] = query
            for term in topics.terms(query):
                self._terms[term.folded]
            for term in topics.wanted(query):
                self._terms[term.folded].topics.add(rule_id)
        for name in _folded(rule.names):
            self._terms[name].named.add(rule_id)
        for name in _folded(rule.ambiguous):
            self._terms[name].ambiguous.add(rule_id)
        self._context[rule_id] = frozenset(_folded(rule.context))
        for context in self._context[rule_id]:
            self._terms[context]
        number = bill_numbers.parse(rule.number) if rule.number else None
        if number is not None:
            for written in bill_numbers.ways_to_write(number, rule.jurisdiction):
                self._numbers[written].add(rule_id)

    def _mentions(self, entry: Entry) -> dict[int, list[Found]]:
        """Return, by rule, the bill numbers in the entry that may be its bill."""
        found: dict[int, list[Found]] = {}
        parts = ((Field.TITLE, entry.title), (Field.SUMMARY, entry.summary[:_SUMMARY]))
        for part, text in parts:
            for mention in bill_numbers.find(text):
                place = Found(
                    field=part,
                    start=mention.start,
                    end=mention.end,
                    words=text[mention.start : mention.end],
                )
                for rule_id in self._numbers.get(mention.bill, ()):
                    found.setdefault(rule_id, []).append(place)
        return found

    def _satisfied(
        self, text: str, positions: Positions, numbers: Mapping[int, list[Found]]
    ) -> dict[int, Positions]:
        """Return the rules that hold, each with the terms that made it hold."""
        satisfied: dict[int, Positions] = {}
        for term, starts in positions.items():
            rules = self._terms[term]
            for rule_id in rules.named:
                satisfied.setdefault(rule_id, {})[term] = starts
            for rule_id in rules.ambiguous:
                context = self._context_in(rule_id, positions)
                if context:
                    satisfied.setdefault(rule_id, {}).update({term: starts} | context)
            for rule_id in rules.topics - satisfied.keys():
                satisfied.update(self._topic(rule_id, text, positions))
        for rule_id in numbers:
            if rule_id not in satisfied and self._is_our_bill(rule_id, positions):
                satisfied[rule_id] = self._context_in(rule_id, positions)
        return satisfied

    def _context_in(self, rule_id: int, positions: Positions) -> Positions:
        return {
            term: starts[:1] for term, starts in positions.items() if term in self._context[rule_id]
        }

    def _topic(self, rule_id: int, text: str, positions: Positions) -> dict[int, Positions]:
        query = self._queries[rule_id]
        own = {term.folded for term in topics.terms(query)} & positions.keys()
        places = {term: [text.count(" ", 0, start) for start in positions[term]] for term in own}
        if not topics.holds(query, places):
            return {}
        return {
            rule_id: {
                term.folded: positions[term.folded]
                for term in topics.wanted(query)
                if term.folded in positions
            }
        }

    def _is_our_bill(self, rule_id: int, positions: Positions) -> bool:
        """Whether a number is the rule's bill: other places have bills of that number too.

        It is if the text names its place or a context term. It is not if the text names only
        other places, nor if its one letter (`S 12`) may mean anything.
        """
        rule = self._rules[rule_id]
        named = {place for term in positions for place in NAMES.get(term, ())}
        if rule.jurisdiction in named or self._context_in(rule_id, positions):
            return True
        number = bill_numbers.parse(rule.number)
        return not named and number is not None and not number.single_letter


_DFA_LIMIT = 5_000


def _folded(names: Iterable[str]) -> Iterator[str]:
    """Yield the folded forms a name is looked for in: with its apostrophe and without."""
    for name in names:
        folded = fold(name).strip()
        if folded:
            yield folded
        joined = fold(name.replace("'", "").replace("’", "")).strip()
        if joined and joined != folded:
            yield joined


class _Places:
    """Finds where words of the folded text stand in the entry."""

    def __init__(self, entry: Entry, text: str) -> None:
        self._entry = entry
        self._text = text
        self._break = text.index(BREAK)
        self._words: dict[Field, list[tuple[int, int]]] = {}

    def of(self, positions: Positions, mentions: Iterable[Found]) -> tuple[Found, ...]:
        found = list(mentions)
        for term, starts in positions.items():
            found += (self._found(term, start) for start in islice(starts, 2))
        unique = dict.fromkeys(found)
        return tuple(sorted(unique, key=_reading_order)[:_MAX_FOUND])

    def _found(self, term: str, start: int) -> Found:
        part, begins = (Field.SUMMARY, self._break) if start > self._break else (Field.TITLE, 0)
        text = self._entry.title if part is Field.TITLE else self._entry.summary
        if part not in self._words:
            self._words[part] = word_places(text[:_SUMMARY])
        first = self._text.count(" ", begins, start)
        last = first + term.count(" ")
        begin, end = self._words[part][first][0], self._words[part][last][1]
        return Found(field=part, start=begin, end=end, words=text[begin:end])


def _reading_order(found: Found) -> tuple[bool, int, int]:
    return (found.field is Field.SUMMARY, found.start, -found.end)
