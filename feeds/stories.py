"""One event, one story: entries of different outlets are put together. Pure.

Two entries tell one story if they have the same canonical link, or the same normalized title,
or are near duplicates. A near duplicate shares a matched rule, comes from another outlet within
two days, agrees in its numbers, and is alike in title, or in title and text (thresholds found
on the labelled pairs in `tests/data/stories.toml`). Grouping is careful: a wrong merge would
hide one event behind another, a missed one only costs a second message.
"""

import re
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rapidfuzz.fuzz import token_set_ratio, token_sort_ratio

from domain.model import StoryTrace
from domain.text import fold

WINDOW = timedelta(days=7)
"""How long a story is remembered for its link."""
_HOUR = timedelta(hours=1)
_SAME_TITLE = timedelta(hours=72)
_SAME_OUTLET = timedelta(hours=24)
_NEAR = timedelta(hours=48)
_CANDIDATES = 20
_TELLING_WORDS = 8
_COMMON_FROM = 300  # holders from which a word tells stories apart no more
_TITLE_ALIKE = 84.0
_TITLE_AND_TEXT = (62.0, 74.0)
_SHORT_TITLE = 4
_TEXT = 400
_OUTLET_SUFFIX = re.compile(r"^(.{20,}?)\s+[-–—|:]\s+([^-–—|:]{2,40})$")
_COMMON = frozenset(
    [
        "a",
        "about",
        "after",
        "amid",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "in",
        "into",
        "is",
        "it",
        "its",
        "may",
        "more",
        "new",
        "not",
        "of",
        "on",
        "or",
        "out",
        "over",
        "s",
        "said",
        "says",
        "than",
        "that",
        "the",
        "their",
        "they",
        "this",
        "to",
        "up",
        "was",
        "were",
        "what",
        "when",
        "which",
        "who",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
_SPELLED = {
    word: str(number)
    for number, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1
    )
}


@dataclass(frozen=True, slots=True)
class _Told:
    """What the index keeps of an entry."""

    trace: StoryTrace
    link: str
    title: str
    text: str
    tokens: frozenset[str]
    numbers: frozenset[str]


class StoryIndex:
    """The entries of recent stories, to find the story that a new entry tells again."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, _Told] = OrderedDict()
        self._by_link: dict[str, int] = {}
        self._by_title: dict[str, int] = {}
        self._by_token: defaultdict[str, dict[int, None]] = defaultdict(dict)
        self._forgot = datetime.min.replace(tzinfo=UTC)
        self._last = 0

    @property
    def last_entry(self) -> int:
        """The highest entry id it was given; 0 if none."""
        return self._last

    def add(self, traces: Iterable[StoryTrace]) -> None:
        """Take in entries that belong to stories."""
        for trace in traces:
            told = _told(trace)
            self._held[trace.entry_id] = told
            self._last = max(self._last, trace.entry_id)
            if told.link:
                self._by_link[told.link] = trace.entry_id
            if told.title:
                self._by_title[told.title] = trace.entry_id
            for token in told.tokens:
                self._by_token[token][trace.entry_id] = None

    def find(self, trace: StoryTrace) -> int | None:
        """Return the id of the story that the entry tells, None if it is a new one."""
        told = _told(trace)
        same = self._same_link(told) or self._same_title(told) or self._near(told)
        return same.trace.story_id if same else None

    def forget_before(self, moment: datetime) -> None:
        """Let go of entries dated before `moment`, an hour's worth at a time."""
        if moment - self._forgot < _HOUR:
            return
        self._forgot = moment
        old = [key for key, told in self._held.items() if told.trace.dated_at < moment]
        for entry_id in old:
            told = self._held.pop(entry_id)
            for token in told.tokens:
                self._by_token[token].pop(entry_id, None)
                if not self._by_token[token]:
                    del self._by_token[token]
            for index, key in ((self._by_link, told.link), (self._by_title, told.title)):
                if index.get(key) == entry_id:
                    del index[key]

    def _same_link(self, told: _Told) -> _Told | None:
        other = self._held.get(self._by_link.get(told.link, 0))
        return other if other and _apart(told, other) <= WINDOW else None

    def _same_title(self, told: _Told) -> _Told | None:
        other = self._held.get(self._by_title.get(told.title, 0))
        if other is None:
            return None
        if len(told.tokens) < _SHORT_TITLE and not told.trace.rules & other.trace.rules:
            return None
        same_outlet = told.trace.source_id == other.trace.source_id
        return (
            other if _apart(told, other) <= (_SAME_OUTLET if same_outlet else _SAME_TITLE) else None
        )

    def _near(self, told: _Told) -> _Told | None:
        """The best near duplicate among the entries that share most of the rarer words."""
        holders = [self._by_token[token] for token in told.tokens if token in self._by_token]
        shared: Counter[int] = Counter()
        for held in sorted(holders, key=len)[:_TELLING_WORDS]:
            if len(held) < _COMMON_FROM:
                shared.update(dict.fromkeys(held, 1000 // (1 + len(held))))
        best, best_score = None, 0.0
        for entry_id, _ in shared.most_common(_CANDIDATES):
            other = self._held[entry_id]
            score = _likeness(told, other) if _comparable(told, other) else 0.0
            if score > best_score:
                best, best_score = other, score
        return best


def _told(trace: StoryTrace) -> _Told:
    title = fold(_without_outlet(trace.title)).strip()
    words = [_SPELLED.get(word, word) for word in title.split()]
    text = fold(trace.summary[:_TEXT]).strip()
    return _Told(
        trace=trace,
        link=trace.link,
        title=title,
        text=text,
        tokens=frozenset(word for word in words if word not in _COMMON),
        numbers=frozenset(word for word in words if word.isdigit()),
    )


def _without_outlet(title: str) -> str:
    """Drop the outlet's name that some feeds put behind the headline."""
    found = _OUTLET_SUFFIX.match(title)
    return found[1] if found and len(found[2].split()) <= _SHORT_TITLE else title


def _apart(told: _Told, other: _Told) -> timedelta:
    return abs(told.trace.dated_at - other.trace.dated_at)


def _comparable(told: _Told, other: _Told) -> bool:
    """Whether both may be one event at all, whatever their words."""
    return (
        told.trace.source_id != other.trace.source_id
        and bool(told.trace.rules & other.trace.rules)
        and _apart(told, other) <= _NEAR
        and (told.numbers <= other.numbers or other.numbers <= told.numbers)
    )


def _likeness(told: _Told, other: _Told) -> float:
    """How alike two comparable entries are; 0 if not enough."""
    mine, theirs = " ".join(sorted(told.tokens)), " ".join(sorted(other.tokens))
    if min(len(told.tokens), len(other.tokens)) < _SHORT_TITLE:
        return 0.0
    title = max(token_sort_ratio(mine, theirs), _overlap(told.tokens, other.tokens))
    if title >= _TITLE_ALIKE:
        return title
    least_title, least_text = _TITLE_AND_TEXT
    if title < least_title or not (told.text and other.text):
        return 0.0
    text = token_set_ratio(told.text, other.text)
    return (title + text) / 2 if text >= least_text else 0.0


def _overlap(mine: frozenset[str], theirs: frozenset[str]) -> float:
    """Share of the shorter title's words that stand in the longer one, in percent."""
    return 100.0 * len(mine & theirs) / min(len(mine), len(theirs))
