"""From parsed feeds to queued deliveries: decide → match → cluster → queue, in one transaction.

Everything a poll learns goes into one transaction, reads and writes together, so two processes
on one database cannot both take an entry for new. A few feeds that stand ready are taken through
each step together: they share the flush to disk, what is the same for all is asked once, and one
step for all and then the next costs a twentieth less than all steps for each.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from domain.cadences import digest_times
from domain.entries import Entries, Feed, KnownEntries
from domain.model import Match, Rule, Source, StoryTrace, ToldEntry
from feeds import decide
from feeds.addresses import source_key
from feeds.decide import Sorted
from feeds.match import Matcher
from feeds.stories import WINDOW, StoryIndex
from storage.db import Tx

_NOTHING = Entries.of(())
# Entries of a source that new ones are compared with: at first, and if something looks new. The
# latter is twice what is read of one document.
_RECENT, _KEPT = 200, 2000


@dataclass(frozen=True, slots=True)
class Brought:
    """A feed that was read, with its source before and after."""

    source: Source
    after: Source
    feed: Feed
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many entries were new, and how many deliveries were queued for them."""

    fresh: int
    told: int


class Pipeline:
    """From parsed feeds to queued deliveries, inside one transaction.

    Rules and recent stories are held in memory and brought up to date at the start of each
    transaction from what other processes wrote.
    """

    def __init__(self) -> None:
        self._rules: dict[int, Rule] = {}
        self._revision = -1
        self._matcher = Matcher({})
        self._index = StoryIndex()
        self._writes_of_others = -1

    def forget(self) -> None:
        """Read the recent stories anew next time: a transaction that stored some was undone."""
        self._index, self._writes_of_others = StoryIndex(), -1

    def record(self, tx: Tx, brought: Sequence[Brought]) -> Outcome:
        """Store what is new in feeds and queue what is to be told.

        If it raises, or the transaction cannot be committed, `forget` must be called.
        """
        self._refresh_rules(tx)
        sorted_out = _sorted_out(tx, brought)
        # A first poll is the baseline: nothing in it is told.
        listings = [
            _NOTHING if one.source.is_new else found.fresh
            for one, found in zip(brought, sorted_out, strict=True)
        ]
        matches = self._matcher.match(listings)
        told: list[ToldEntry] = []
        for one, found, matched in zip(brought, sorted_out, matches, strict=True):
            news = _news(one, found, matched)
            plain = [place for place in range(len(found.fresh)) if place not in news]
            tx.polling.relist(found.relist, one.at)
            tx.polling.insert(one.source.id, *found.at(plain), one.at)
            told += news.values()
        tx.polling.save([one.after for one in brought])
        for one in brought:
            if one.after.url != one.source.url:
                tx.polling.rekey(one.source.id, source_key(one.after.url))
        now = max(one.at for one in brought)
        fresh = sum(len(found.fresh) for found in sorted_out)
        return Outcome(fresh, self._tell(tx, told, now))

    def _tell(self, tx: Tx, told: Sequence[ToldEntry], now: datetime) -> int:
        """Cluster and store entries that matched; queue posts and edits."""
        if not told:
            return 0
        self._refresh_stories(tx, now)
        first_id, new_story = tx.stories.next_ids()
        begun = itertools.count(new_story)
        in_order = sorted(told, key=attrgetter("dated_at"))
        stories: list[int] = []
        for entry_id, one in enumerate(in_order, first_id):
            known = self._index.find(_trace(one))
            stories.append(next(begun) if known is None else known)
            self._index.add([_trace(one, entry_id=entry_id, story_id=stories[-1])])
        tx.stories.add(in_order, stories, first_id, now)
        placed = range(first_id, first_id + len(stories))
        posts = tx.outbox.enqueue_posts(placed, now, *digest_times(now))
        # Of a story begun here no message can lack an outlet.
        joined = [story_id for story_id in stories if story_id < new_story]
        return posts + (tx.outbox.enqueue_edits(joined, now) if joined else 0)

    def _refresh_rules(self, tx: Tx) -> None:
        revision = tx.watches.revision()
        if revision != self._revision:
            rules = tx.watches.rules()
            if rules != self._rules:
                self._rules, self._matcher = rules, Matcher(rules)
            self._revision = revision

    def _refresh_stories(self, tx: Tx, now: datetime) -> None:
        self._index.forget_before(now - WINDOW)
        writes = tx.stories.writes_of_others()
        if writes != self._writes_of_others:
            self._index.add(tx.stories.traces_after(self._index.last_entry, now - WINDOW))
            self._writes_of_others = writes


def _sorted_out(tx: Tx, brought: Sequence[Brought]) -> list[Sorted]:
    """Tell what is new in each feed.

    Nearly always a feed lists what it listed last; only where something looks new is it compared
    with all that is kept.
    """
    known = tx.polling.known((one.source.id for one in brought if not one.source.is_new), _RECENT)
    found = [_told_apart(one, known) for one in brought]
    older = {
        one.source.id
        for one, told in zip(brought, found, strict=True)
        if told.places and one.source.id in known and len(known[one.source.id].ids) == _RECENT
    }
    if not older:
        return found
    known = tx.polling.known(older, _KEPT)
    return [
        _told_apart(one, known) if one.source.id in older else told
        for one, told in zip(brought, found, strict=True)
    ]


def _told_apart(one: Brought, known: Mapping[int, KnownEntries]) -> Sorted:
    return decide.sort_out(one.feed.entries, known.get(one.source.id), one.at, one.feed.site_url)


def _news(
    one: Brought, found: Sorted, matched: Mapping[int, Sequence[Match]]
) -> dict[int, ToldEntry]:
    """Return, by place, the new entries that satisfy rules and are no old news."""
    news = [place for place in matched if decide.is_news(found.dated_at[place], one.at)]
    if not news:
        return {}
    links = decide.telling_links(one.feed.entries, one.feed.site_url)
    return {
        place: ToldEntry(
            source_id=one.source.id,
            entry=found.fresh[place],
            link=links[found.places[place]],
            dated_at=found.dated_at[place],
            matches=matched[place],
        )
        for place in news
    }


def _trace(told: ToldEntry, *, entry_id: int = 0, story_id: int = 0) -> StoryTrace:
    """What clustering looks at; at first the entry has no id and no story."""
    return StoryTrace(
        entry_id=entry_id,
        story_id=story_id,
        source_id=told.source_id,
        title=told.entry.title,
        summary=told.entry.summary,
        link=told.link,
        dated_at=told.dated_at,
        rules=frozenset([match.rule_id for match in told.matches]),
    )
