"""Entries against rules: one automaton for all of them, then exact checks on the candidates.

Pure. Text and terms are folded (`domain.text.fold`) to words between single spaces, so a hit of
the automaton is a hit of whole words; what Python does afterwards is for the few candidates.

A name that means other things too counts beside a word of its context, and where it is written
as a name: not in small letters, nor as part of another word (a "meta-analysis", an "X-ray").
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice

from ahocorasick_rs import AhoCorasick, BytesAhoCorasick, Implementation, MatchKind

from domain import bill_numbers, topics
from domain.entries import Entries, Entry
from domain.errors import UserError
from domain.jurisdictions import NAMES, code_before
from domain.model import Field, Found, Match, Rule
from domain.text import BREAK, fold, fold_latin, word_places

_MAX_FOUND = 6
_TEXT = 2000
_DFA_LIMIT = 5_000
_APART = f" {BREAK} "
_BREAK = BREAK.encode()
_SYMBOL = "&"  # folds to nothing, and "at T-Mobile" is not AT&T
# A hyphen that makes another word of a name, unless it is one like "Amazon-owned".
_OTHER_WORD = re.compile(r"-(?!\w+ed\b|made\b|built\b|led\b|run\b|style\b)\w")

Positions = dict[str, list[int]]
"""Folded term → character offsets in the folded text."""


@dataclass(slots=True)
class _Rules:
    """Which rules a term or number may satisfy."""

    named: set[int] = field(default_factory=set)
    ambiguous: set[int] = field(default_factory=set)
    topics: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Reasons:
    """What made a rule hold: terms that name it, and words of its context."""

    names: Positions = field(default_factory=dict)
    context: Positions = field(default_factory=dict)


class Matcher:
    """All rules, compiled. Immutable once made; matching is linear in the text."""

    def __init__(self, rules: Mapping[int, Rule]) -> None:
        """Compile `rules` by id. A rule whose topic cannot be read any more never matches."""
        self._rules = dict(rules)
        self._terms: defaultdict[str, _Rules] = defaultdict(_Rules)
        self._numbers: defaultdict[bill_numbers.BillNumber, set[int]] = defaultdict(set)
        self._bills: set[str] = set()
        self._context: dict[int, frozenset[str]] = {}
        self._written: dict[tuple[int, str], str] = {}
        self._queries: dict[int, topics.Query] = {}
        for rule_id, rule in rules.items():
            self._add(rule_id, rule)
        if self._numbers:
            for name in NAMES:
                self._terms[name]
        hints = [f" {word} ".encode("latin-1") for word in _telling_words(self._tellers())]
        self._hints = BytesAhoCorasick(hints, implementation=_fastest(hints))
        self._names = list(self._terms)
        self._automaton = AhoCorasick(
            [f" {term} " for term in self._names],
            matchkind=MatchKind.Standard,
            implementation=_fastest(self._names),
        )

    def match(self, listings: Sequence[Entries]) -> list[dict[int, list[Match]]]:
        """Return, for each listing, by place the entries that satisfy rules, these with the words.

        Most entries of a listing are dismissed together.
        """
        hinted = [self._hinted(entries) for entries in listings]
        found = [
            {place: self._match(entries[place]) for place in places}
            for entries, places in zip(listings, hinted, strict=True)
        ]
        return [{place: one for place, one in each.items() if one} for each in found]

    def _hinted(self, entries: Entries) -> Sequence[int]:
        """Return which entries may satisfy a rule: the others have no word that any rule wants."""
        size = len(entries)
        whole = f" {_APART.join([*entries.titles, *entries.summaries])} "
        simple = fold_latin(whole)
        if simple is not None:
            hits = self._hints.find_matches_as_indexes(simple)
            return sorted({simple.count(_BREAK, 0, start) % size for _, start, _ in hits})
        if size == 1:
            return (0,)
        return [place for place in range(size) if self._hinted(entries[place : place + 1])]

    def _match(self, entry: Entry) -> list[Match]:
        # The break keeps phrases from running on from the title into the summary.
        text = fold(f" {entry.title[:_TEXT]}{_APART}{entry.summary[:_TEXT]} ")
        hits = self._automaton.find_matches_as_indexes(text, overlapping=True)
        if not hits:
            return []
        positions: Positions = {}
        for pattern, start, _ in hits:
            positions.setdefault(self._names[pattern], []).append(start)
        numbers = self._mentions(entry) if positions.keys() & self._bills else {}
        places = _Places(entry, text)
        satisfied = self._satisfied(positions, numbers, places)
        return [
            Match(rule_id=rule_id, found=places.of(reasons, numbers.get(rule_id, ())))
            for rule_id, reasons in sorted(satisfied.items())
        ]

    def _tellers(self) -> Iterator[str]:
        """Yield the terms without one of which no rule holds: all but context and NOT."""
        yield from self._bills
        for term, rules in self._terms.items():
            if rules.named or rules.ambiguous or rules.topics:
                yield term

    def _add(self, rule_id: int, rule: Rule) -> None:
        if rule.query:
            with suppress(UserError):  # what an older version let pass
                self._add_topic(rule_id, topics.parse(rule.query))
        for name, written in _folded(rule.names):
            self._terms[name].named.add(rule_id)
            if _SYMBOL in written:
                self._written[rule_id, name] = written
        for name, written in _folded(rule.ambiguous):
            self._terms[name].ambiguous.add(rule_id)
            self._written[rule_id, name] = written
        self._context[rule_id] = frozenset(name for name, _ in _folded(rule.context))
        for context in self._context[rule_id]:
            self._terms[context]  # looked for, and of no rule by itself
        number = bill_numbers.parse(rule.number) if rule.number else None
        if number is not None:
            for way in bill_numbers.ways_to_write(number, rule.jurisdiction):
                self._numbers[way].add(rule_id)
                for term in bill_numbers.folded_forms(way):
                    self._bills.add(term)
                    self._terms[term]  # where it stands it is worth looking closer

    def _add_topic(self, rule_id: int, query: topics.Query) -> None:
        self._queries[rule_id] = query
        for term in topics.terms(query):
            self._terms[term.folded]  # looked for, and under NOT of no rule
        for term in topics.wanted(query):
            self._terms[term.folded].topics.add(rule_id)

    def _mentions(self, entry: Entry) -> dict[int, list[Found]]:
        """Return, by rule, the bill numbers in the entry that may be its bill."""
        found: dict[int, list[Found]] = {}
        for part in Field:
            text = _text_of(entry, part)
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
        self, positions: Positions, numbers: Mapping[int, list[Found]], places: "_Places"
    ) -> dict[int, _Reasons]:
        """Return the rules that hold, each with what made it hold."""
        satisfied: defaultdict[int, _Reasons] = defaultdict(_Reasons)
        for term, starts in positions.items():
            for rule_id in self._terms[term].named:
                meant = self._meant(rule_id, term, starts, places, strict=False)
                if meant:
                    satisfied[rule_id].names[term] = meant
            for rule_id in self._terms[term].ambiguous:
                context = self._context_in(rule_id, positions)
                named = starts if context else []
                meant = self._meant(rule_id, term, named, places, strict=True)
                if meant:
                    satisfied[rule_id].names[term] = meant
                    satisfied[rule_id].context |= context
        for rule_id in {one for term in positions for one in self._terms[term].topics}:
            wanted = self._topic(rule_id, positions, places)
            if wanted:
                satisfied[rule_id].names |= wanted
        for rule_id, mentions in numbers.items():
            if rule_id in satisfied or self._is_our_bill(rule_id, positions, mentions, places):
                satisfied[rule_id].context |= self._context_in(rule_id, positions)
        return satisfied

    def _meant(
        self, rule_id: int, term: str, starts: list[int], places: "_Places", *, strict: bool
    ) -> list[int]:
        """Return where a term is written like the rule's name; `strict` for ambiguous ones."""
        written = self._written.get((rule_id, term))
        if written is None:
            return starts
        return [one for one in starts if places.is_name(written, term, one, strict=strict)]

    def _context_in(self, rule_id: int, positions: Positions) -> Positions:
        return {
            term: starts[:1] for term, starts in positions.items() if term in self._context[rule_id]
        }

    def _topic(self, rule_id: int, positions: Positions, places: "_Places") -> Positions:
        """Return the terms that make a topic hold; none if it does not."""
        query = self._queries[rule_id]
        own = {term.folded for term in topics.terms(query)} & positions.keys()
        words = {term: [places.word(start) for start in positions[term]] for term in own}
        if not topics.holds(query, words):
            return {}
        wanted = (term.folded for term in topics.wanted(query))
        return {term: positions[term] for term in wanted if term in positions}

    def _is_our_bill(
        self, rule_id: int, positions: Positions, mentions: Iterable[Found], places: "_Places"
    ) -> bool:
        """Whether a number is the rule's bill: other places have bills of that number too.

        It is if the text names its place or a context term. It is not if the text names only
        other places, nor if its one letter (`S 12`) may mean anything.
        """
        rule = self._rules[rule_id]
        positions = _without_parts_of_places(positions)
        named = {code for term in positions for code in NAMES.get(term, ())}
        named |= places.codes_before(mentions)
        if rule.jurisdiction in named or self._context_in(rule_id, positions):
            return True
        number = bill_numbers.parse(rule.number)
        return not named and number is not None and not number.single_letter


def _fastest(patterns: Sized) -> Implementation | None:
    """The fastest automaton, unless there are so many patterns that it takes too much memory."""
    return Implementation.DFA if len(patterns) < _DFA_LIMIT else None


def _folded(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the folded forms a name is looked for in, with its apostrophe and without."""
    for name in names:
        folded = fold(name).strip()
        if folded:
            yield folded, name
        joined = fold(name.replace("'", "").replace("’", "")).strip()
        if joined and joined != folded:
            yield joined, name


def _telling_words(terms: Iterable[str]) -> set[str]:
    """The longest word of each term: a text without any of them has none of the terms."""
    words = (max(term.split(), key=len) for term in terms)
    return {word for word in words if all(char < "\u0100" for char in word)}


def _without_parts_of_places(positions: Positions) -> Positions:
    """Drop what is only part of a place's longer name: the Virginia in West Virginia."""
    spans = [
        (start, start + len(term))
        for term, starts in positions.items()
        if term in NAMES and " " in term
        for start in starts
    ]
    kept = {
        term: [
            one
            for one in starts
            if not any(a <= one and one + len(term) <= b and len(term) < b - a for a, b in spans)
        ]
        for term, starts in positions.items()
    }
    return {term: starts for term, starts in kept.items() if starts}


def _text_of(entry: Entry, part: Field) -> str:
    return (entry.title if part is Field.TITLE else entry.summary)[:_TEXT]


class _Places:
    """Finds where words of the folded text stand in the entry."""

    def __init__(self, entry: Entry, text: str) -> None:
        self._entry = entry
        self._text = text
        self._break = text.index(BREAK)
        self._words: dict[Field, list[tuple[int, int]]] = {}

    def of(self, reasons: _Reasons, mentions: Iterable[Found]) -> tuple[Found, ...]:
        """Return the places of what made a rule hold: names first, and not too many."""
        names = [*mentions, *self._founds(reasons.names)]
        found = sorted(names, key=_reading_order)
        found += sorted(self._founds(reasons.context), key=_reading_order)
        return tuple(dict.fromkeys(found))[:_MAX_FOUND]

    def word(self, start: int) -> int:
        """Return which word of the folded text begins at `start`."""
        return self._text.count(" ", 0, start)

    def is_name(self, written: str, term: str, start: int, *, strict: bool) -> bool:
        """Whether what stands there is written the way a name is."""
        found = self._found(term, start)
        if _SYMBOL in written and _SYMBOL not in found.words:
            return False
        if not strict:
            return True
        text = _text_of(self._entry, found.field)
        small = found.words == found.words.lower() and written != written.lower()
        if small and text != text.lower():  # who writes no capitals at all means the name
            return False
        return not _OTHER_WORD.match(text, found.end)

    def codes_before(self, mentions: Iterable[Found]) -> set[str]:
        """Return the postal codes that stand right before bill numbers."""
        codes = (code_before(_text_of(self._entry, one.field), one.start) for one in mentions)
        return {code for code in codes if code}

    def _founds(self, positions: Positions) -> Iterator[Found]:
        for term, starts in positions.items():
            yield from (self._found(term, start) for start in islice(starts, 2))

    def _found(self, term: str, start: int) -> Found:
        part, begins = (Field.SUMMARY, self._break) if start > self._break else (Field.TITLE, 0)
        text = _text_of(self._entry, part)
        if part not in self._words:
            self._words[part] = word_places(text)
        first = self._text.count(" ", begins, start)
        last = first + term.count(" ")
        begin, end = self._words[part][first][0], self._words[part][last][1]
        return Found(field=part, start=begin, end=end, words=text[begin:end])


def _reading_order(found: Found) -> tuple[bool, int, int]:
    return (found.field is Field.SUMMARY, found.start, -found.end)
