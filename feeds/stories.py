"""One event, one story: entries of different outlets are put together. Pure.

Two entries tell one story if they have the same canonical link, or the same title, or are near
duplicates. A near duplicate shares a matched rule, comes from another outlet within two days,
does not contradict (`feeds.headlines`), and says mostly the same words, or has the same text
under another headline. Thresholds were found on the labelled headlines in
`tests/data/stories.toml`. Grouping is careful: a wrong merge would hide one event behind
another, a missed one only costs a second message.
"""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from rapidfuzz.fuzz import ratio

from domain.model import StoryTrace
from domain.text import fold
from feeds import headlines
from feeds.headlines import Headline

WINDOW = timedelta(days=7)
"""How long a story is remembered for its link."""
_HOUR = timedelta(hours=1)
_SAME_TITLE = timedelta(hours=72)
_SAME_OUTLET = timedelta(hours=24)
_NEAR = timedelta(hours=48)
_CANDIDATES = 20
_TELLING_WORDS = 8
_COMMON_FROM = 300  # holders from which a word tells stories apart no more
_LEAST_SHARED = 3
_OF_THE_SHORTER = 0.75
_OF_BOTH = 0.4
_SHORT_TITLE = 4
_TEXT = 400
_LEAST_TEXT = 80
_SAME_TEXT = 85.0


class _Told(NamedTuple):
    """What the index keeps of an entry."""

    trace: StoryTrace
    headline: Headline

    @property
    def link(self) -> str:
        return self.trace.link

    @property
    def title(self) -> str:
        return self.headline.plain

    @property
    def words(self) -> Iterator[tuple[int, str]]:
        """What finds its near duplicates: each rule with each word, for both must be shared."""
        return product(self.trace.rules, self.headline.tokens)


class StoryIndex:
    """The entries of recent stories, to find the story that a new entry tells again."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, _Told] = OrderedDict()
        self._by_link: dict[str, int] = {}
        self._by_title: dict[str, int] = {}
        self._by_word: defaultdict[tuple[int, str], dict[int, None]] = defaultdict(dict)
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
            for word in told.words:
                self._by_word[word][trace.entry_id] = None

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
            for word in told.words:
                self._by_word[word].pop(entry_id, None)
                if not self._by_word[word]:
                    del self._by_word[word]
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
        if len(told.headline.tokens) < _SHORT_TITLE and not told.trace.rules & other.trace.rules:
            return None
        if told.trace.source_id != other.trace.source_id:
            return other if _apart(told, other) <= _SAME_TITLE else None
        # An outlet gives one title to many things: "Committee agenda".
        one_text = _alike(_text(told.trace.summary), _text(other.trace.summary))
        return other if one_text and _apart(told, other) <= _SAME_OUTLET else None

    def _near(self, told: _Told) -> _Told | None:
        """The best near duplicate among the entries that share most of the rarer words."""
        holders = list(filter(None, map(self._by_word.get, told.words)))
        if not holders:
            return None
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
    return _Told(trace=trace, headline=_read(trace.title))


# An entry is looked at when it comes and again when it is taken in.
_read = lru_cache(maxsize=256)(headlines.read)


@lru_cache(maxsize=1024)
def _text(summary: str) -> str:
    return fold(summary[:_TEXT]).strip()


def _apart(told: _Told, other: _Told) -> timedelta:
    return abs(told.trace.dated_at - other.trace.dated_at)


def _comparable(told: _Told, other: _Told) -> bool:
    """Whether both, which share a rule, may be one event at all, whatever their words."""
    return told.trace.source_id != other.trace.source_id and _apart(told, other) <= _NEAR


def _likeness(told: _Told, other: _Told) -> float:
    """How alike two comparable entries are, from 0 to 3; 0 if not enough."""
    mine, theirs = told.headline.said, other.headline.said
    shared = mine & theirs
    if all(map(str.isdigit, shared - headlines.GENERAL)):
        return 0.0
    if _same_text(told, other) and not headlines.elsewhere(told.headline, other.headline):
        return 3.0
    of_the_shorter = len(shared) / min(len(mine), len(theirs))
    of_both = len(shared) / len(mine | theirs)
    if len(shared) < _LEAST_SHARED or of_the_shorter < _OF_THE_SHORTER or of_both < _OF_BOTH:
        return 0.0
    if headlines.contradict(told.headline, other.headline):
        return 0.0
    return of_the_shorter + of_both


def _same_text(told: _Told, other: _Told) -> bool:
    """Whether both print one agency's text, under whatever headline."""
    mine, theirs = _text(told.trace.summary), _text(other.trace.summary)
    return min(len(mine), len(theirs)) >= _LEAST_TEXT and _alike(mine, theirs)


def _alike(one: str, other: str) -> bool:
    return ratio(one, other, score_cutoff=_SAME_TEXT) >= _SAME_TEXT
