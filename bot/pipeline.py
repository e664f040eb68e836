"""From parsed feeds to queued deliveries: decide → match → cluster → queue, in one transaction.

Everything a poll learns goes into one transaction, reads and writes together, so two processes
on one database cannot both take an entry for new. A few feeds that stand ready are taken through
each step together: they share the flush to disk, and what is the same for all is asked once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.cadences import digest_times
from domain.model import Feed, FreshEntry, KnownEntry, Match, Rule, Source, StoryTrace
from feeds import decide
from feeds.addresses import source_key
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


class _Told(NamedTuple):
    """A new entry that satisfies rules."""

    fresh: FreshEntry
    source_id: int
    matches: Sequence[Match]


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
        told: list[_Told] = []
        count = 0
        for one in brought:
            fresh = _fresh(tx, one, known.get(one.source.id, ()))
            found = self._matches(one.source, fresh)
            plain: list[FreshEntry] = []
            for entry, matches in zip(fresh, found, strict=True):
                if matches and decide.is_news(entry, one.at):
                    told.append(_Told(entry, one.source.id, matches))
                else:
                    plain.append(entry)
            tx.polling.insert(one.source.id, plain, one.at)
            count += len(fresh)
        tx.polling.save([one.after for one in brought])
        for one in brought:
            if one.after.url != one.source.url:
                tx.polling.rekey(one.source.id, source_key(one.after.url))
        now = max(one.at for one in brought)
        return Outcome(count, self._tell(tx, told, now))

    def _matches(self, source: Source, fresh: Sequence[FreshEntry]) -> Sequence[Sequence[Match]]:
        """Return the rules that each entry satisfies; none for a first poll, the baseline."""
        if source.is_new:
            return [()] * len(fresh)
        return self._matcher.match_each([one.entry for one in fresh])

    def _tell(self, tx: Tx, told: Sequence[_Told], now: datetime) -> int:
        """Cluster and store entries that matched; queue posts and edits."""
        if not told:
            return 0
        self._refresh_stories(tx, now)
        placed: list[int] = []
        joined: list[int] = []
        for one in sorted(told, key=lambda each: each.fresh.dated_at):
            entry_id, story_id = self._place(tx, one, now)
            placed.append(entry_id)
            if story_id is not None:  # of one begun here no message can lack an outlet
                joined.append(story_id)
        posts = tx.outbox.enqueue_posts(placed, now, *digest_times(now))
        return posts + (tx.outbox.enqueue_edits(joined, now) if joined else 0)

    def _place(self, tx: Tx, told: _Told, now: datetime) -> tuple[int, int | None]:
        """Put an entry into its story, begun if it is the first.

        Return the entry's id, and the story's if it was told before.
        """
        fresh, source_id, matches = told
        rules = frozenset([match.rule_id for match in matches])
        known = self._index.find(_trace(fresh, source_id, rules))
        story_id = tx.stories.start(now) if known is None else known
        entry_id = tx.polling.insert_one(source_id, fresh, story_id, now)
        tx.stories.add_matches(entry_id, matches)
        self._index.add([_trace(fresh, source_id, rules, entry_id=entry_id, story_id=story_id)])
        return entry_id, known

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


def _trace(
    fresh: FreshEntry,
    source_id: int,
    rules: frozenset[int],
    *,
    entry_id: int = 0,
    story_id: int = 0,
) -> StoryTrace:
    """What clustering looks at; at first the entry has no id and no story."""
    return StoryTrace(
        entry_id=entry_id,
        story_id=story_id,
        source_id=source_id,
        title=fresh.entry.title,
        summary=fresh.entry.summary,
        link=fresh.keys.link,
        dated_at=fresh.dated_at,
        rules=rules,
    )


def _fresh(tx: Tx, one: Brought, known: Sequence[KnownEntry]) -> Sequence[FreshEntry]:
    """Return the entries that a feed has not brought before; note that it lists the known ones."""
    found = decide.sort_out(one.feed.entries, known, one.at, one.feed.site_url)
    tx.polling.relist(found.relist, one.at)
    return found.fresh
