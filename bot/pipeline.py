"""From parsed feeds to queued deliveries: decide → match → cluster → queue, in one transaction.

Everything a poll learns goes into one transaction, reads and writes together, so two processes
on one database cannot both take an entry for new. A few feeds that stand ready are taken through
each step together: they share the flush to disk, and what is the same for all is asked once.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from domain.cadences import digest_times
from domain.model import Feed, Rule, Source, StoryTrace, ToldEntry
from feeds import decide
from feeds.addresses import source_key
from feeds.decide import Sorted
from feeds.match import Matcher
from feeds.stories import WINDOW, StoryIndex
from storage.db import Tx


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
        known = tx.polling.known(one.source.id for one in brought if not one.source.is_new)
        told: list[ToldEntry] = []
        count = 0
        for one in brought:
            source_id, listed = one.source.id, one.feed.entries
            found = decide.sort_out(listed, known.get(source_id), one.at, one.feed.site_url)
            news = self._news(one, found)
            plain = [place for place in range(len(found.fresh)) if place not in news]
            tx.polling.relist(found.relist, one.at)
            tx.polling.insert(source_id, *found.at(plain), one.at)
            told += news.values()
            count += len(found.fresh)
        tx.polling.save([one.after for one in brought])
        for one in brought:
            if one.after.url != one.source.url:
                tx.polling.rekey(one.source.id, source_key(one.after.url))
        now = max(one.at for one in brought)
        return Outcome(count, self._tell(tx, told, now))

    def _news(self, one: Brought, found: Sorted) -> dict[int, ToldEntry]:
        """Return, by place, the new entries that satisfy rules and are no old news.

        Of a first poll, the baseline, there are none.
        """
        matches = {} if one.source.is_new else self._matcher.match(found.fresh)
        news = [place for place in matches if decide.is_news(found.dated_at[place], one.at)]
        if not news:
            return {}
        links = decide.telling_links(one.feed.entries, one.feed.site_url)
        return {
            place: ToldEntry(
                source_id=one.source.id,
                entry=found.fresh[place],
                link=links[found.places[place]],
                dated_at=found.dated_at[place],
                matches=matches[place],
            )
            for place in news
        }

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
