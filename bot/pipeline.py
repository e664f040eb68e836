"""From a parsed feed to queued deliveries: decide → match → cluster → queue, in one transaction.

Everything a poll learns goes into one transaction, reads and writes together, so two processes
on one database cannot both take an entry for new.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter

from domain.model import Feed, FreshEntry, Match, Rule, Source, StoryTrace
from feeds import decide
from feeds.addresses import source_key
from feeds.match import Matcher
from feeds.stories import WINDOW, StoryIndex
from storage.db import Tx

_DIGEST_HOUR = 15  # UTC: morning to noon in the Americas
_MONDAY = 0


@dataclass(frozen=True, slots=True)
class Brought:
    """A feed that was read, with its source before and after."""

    source: Source
    after: Source
    feed: Feed
    at: datetime


@dataclass(slots=True)
class Taken:
    """What a feed had that was new.

    How many entries, the ids of those that are told, and the stories that they joined.
    """

    fresh: int
    placed: list[int]
    joined: list[int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of each feed, or why it could not be recorded; and how many deliveries wait now."""

    taken: list[Taken | Exception]
    told: int


class Pipeline:
    """From parsed feeds to queued deliveries, inside one transaction.

    Rules and recent stories are held in memory and brought up to date once a transaction from what
    other processes wrote. If the transaction fails, all that is forgotten with a new Pipeline.
    """

    def __init__(self) -> None:
        self._rules: dict[int, Rule] = {}
        self._revision = -1
        self._matcher = Matcher({})
        self._index = StoryIndex()
        self._is_current = False
        self._writes_of_others = -1

    def record(self, tx: Tx, brought: Sequence[Brought]) -> Outcome:
        """Store what is new in feeds, each whole or not at all; queue what is to be told."""
        self._refresh_rules(tx)
        self._is_current = False
        taken = [tx.attempt(partial(self._attempt, tx, one)) for one in brought]
        done = [one for one in taken if isinstance(one, Taken)]
        placed = [entry for one in done for entry in one.placed]
        joined = [story for one in done for story in one.joined]
        now = max(one.at for one in brought)
        posts = tx.outbox.enqueue_posts(placed, now, *digest_times(now)) if placed else 0
        edits = tx.outbox.enqueue_edits(joined, now) if joined else 0
        return Outcome(taken, posts + edits)

    def _attempt(self, tx: Tx, one: Brought) -> Taken:
        try:
            return self._take(tx, one)
        except BaseException:
            # What is undone must not be remembered: all is read anew.
            self._index, self._writes_of_others, self._is_current = StoryIndex(), -1, False
            raise

    def _take(self, tx: Tx, one: Brought) -> Taken:
        """Store what is new in a feed."""
        source, after, now = one.source, one.after, one.at
        known = () if source.is_new else tx.polling.known(source.id)
        found = decide.sort_out(one.feed.entries, known, now, one.feed.site_url)
        tx.polling.relist(found.relist, now)
        taken = Taken(len(found.fresh), [], [])
        if source.is_new:
            tx.polling.insert(source.id, found.fresh, now)  # the baseline: nothing is told
        elif found.fresh:
            self._tell(tx, source, found.fresh, now, taken)
        tx.polling.save([after])
        if after.url != source.url:
            tx.polling.rekey(source.id, source_key(after.url))
        return taken

    def _tell(
        self, tx: Tx, source: Source, fresh: Sequence[FreshEntry], now: datetime, taken: Taken
    ) -> None:
        """Match, cluster and store new entries."""
        plain: list[FreshEntry] = []
        in_order = sorted(fresh, key=attrgetter("dated_at"))
        found = self._matcher.match_each([one.entry for one in in_order])
        for one, matches in zip(in_order, found, strict=True):
            if matches and decide.is_news(one, now):
                self._refresh_stories(tx, now)
                entry_id, story_id = self._place(tx, source, one, matches, now)
                taken.placed.append(entry_id)
                if story_id is not None:  # of one begun here no message can lack an outlet
                    taken.joined.append(story_id)
            else:
                plain.append(one)
        tx.polling.insert(source.id, plain, now)

    def _place(
        self, tx: Tx, source: Source, fresh: FreshEntry, matches: Sequence[Match], now: datetime
    ) -> tuple[int, int | None]:
        """Put an entry into its story, begun if it is the first.

        Return the entry's id, and the story's if it was told before.
        """
        rules = frozenset([match.rule_id for match in matches])
        known = self._index.find(_trace(fresh, source.id, rules))
        story_id = tx.stories.start(now) if known is None else known
        entry_id = tx.polling.insert_one(source.id, fresh, story_id, now)
        tx.stories.add_matches(entry_id, matches)
        self._index.add([_trace(fresh, source.id, rules, entry_id=entry_id, story_id=story_id)])
        return entry_id, known

    def _refresh_rules(self, tx: Tx) -> None:
        revision = tx.watches.revision()
        if revision != self._revision:
            rules = tx.watches.rules()
            if rules != self._rules:
                self._rules, self._matcher = rules, Matcher(rules)
            self._revision = revision

    def _refresh_stories(self, tx: Tx, now: datetime) -> None:
        if self._is_current:
            return
        self._is_current = True
        self._index.forget_before(now - WINDOW)
        writes = tx.stories.writes_of_others()
        if writes != self._writes_of_others:
            self._index.add(tx.stories.traces_after(self._index.last_entry, now - WINDOW))
            self._writes_of_others = writes


def digest_times(now: datetime) -> tuple[datetime, datetime]:
    """Return when the next daily and the next weekly digest go out."""
    today = now.replace(hour=_DIGEST_HOUR, minute=0, second=0, microsecond=0)
    daily = today if now < today else today + timedelta(days=1)
    weekly = daily + timedelta(days=(_MONDAY - daily.weekday()) % 7)
    return daily, weekly


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
