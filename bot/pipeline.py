"""From a parsed feed to queued deliveries: decide → match → cluster → queue, in one transaction.

Everything a poll learns goes into one transaction, reads and writes together, so two processes
on one database cannot both take an entry for new.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
class Outcome:
    """What one poll brought."""

    fresh: int
    told: int


class Pipeline:
    """From a parsed feed to queued deliveries, inside one transaction.

    Rules and recent stories are held in memory and brought up to date at the start of each
    transaction from what other processes wrote.
    """

    def __init__(self) -> None:
        self._rules: dict[int, Rule] = {}
        self._revision = -1
        self._matcher = Matcher({})
        self._index = StoryIndex()
        self._writes_of_others = -1

    def take(self, tx: Tx, source: Source, after: Source, feed: Feed, now: datetime) -> Outcome:
        """Store what is new in `feed`; queue what is to be told."""
        try:
            return self._take(tx, source, after, feed, now)
        except BaseException:
            # What the rollback undid must not be remembered: all is read anew.
            self._index, self._writes_of_others = StoryIndex(), -1
            raise

    def _take(self, tx: Tx, source: Source, after: Source, feed: Feed, now: datetime) -> Outcome:
        known = () if source.is_new else tx.polling.known(source.id)
        found = decide.sort_out(feed.entries, known, now, feed.site_url)
        tx.polling.relist(found.relist, now)
        told = 0
        if source.is_new:
            tx.polling.insert(source.id, found.fresh, now)  # the baseline: nothing is told
        elif found.fresh:
            told = self._tell(tx, source, found.fresh, now)
        tx.polling.save([after])
        if after.url != source.url:
            tx.polling.rekey(source.id, source_key(after.url))
        return Outcome(fresh=len(found.fresh), told=told)

    def _tell(self, tx: Tx, source: Source, fresh: Sequence[FreshEntry], now: datetime) -> int:
        """Match, cluster and store new entries; queue posts and edits."""
        self._refresh_rules(tx)
        plain: list[FreshEntry] = []
        placed: list[int] = []
        joined: list[int] = []
        in_order = sorted(fresh, key=attrgetter("dated_at"))
        found = self._matcher.match_each([one.entry for one in in_order])
        for one, matches in zip(in_order, found, strict=True):
            if matches and decide.is_news(one, now):
                if not placed:
                    self._refresh_stories(tx, now)
                entry_id, story_id = self._place(tx, source, one, matches, now)
                placed.append(entry_id)
                if story_id is not None:  # of one begun here no message can lack an outlet
                    joined.append(story_id)
            else:
                plain.append(one)
        tx.polling.insert(source.id, plain, now)
        if not placed:
            return 0
        posts = tx.outbox.enqueue_posts(placed, now, *digest_times(now))
        return posts + (tx.outbox.enqueue_edits(joined, now) if joined else 0)

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
