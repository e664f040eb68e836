"""The poll loop: due sources → guarded fetch → parse → decide → match → cluster → queue.

Everything a poll learns goes into one transaction, reads and writes together, so two processes
on one database cannot both take an entry for new.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from random import Random

from domain.errors import FeedError, SourceGone
from domain.model import Feed, FreshEntry, Match, Rule, Source, StoryTrace
from domain.ports import Clock
from domain.text import host
from feeds import decide
from feeds.addresses import source_key
from feeds.decide import Pace
from feeds.http import Answer, Fetcher
from feeds.match import Matcher
from feeds.parse import Parser
from feeds.stories import WINDOW, StoryIndex
from storage.db import Database, Tx

_log = logging.getLogger(__name__)
_LEASE = timedelta(minutes=5)
_BATCH = 100
_AT_ONCE = 64
_IDLE = timedelta(seconds=30)
_DIGEST_HOUR = 15  # UTC: morning to noon in the Americas
_MONDAY = 0


@dataclass(slots=True)
class Polled:
    """What polls did; counted over a run."""

    read: int = 0
    unchanged: int = 0
    failed: int = 0
    fresh: int = 0
    told: int = 0


class Poller:
    """Polls sources and queues what is to be told."""

    def __init__(
        self,
        *,
        database: Database,
        fetcher: Fetcher,
        parser: Parser,
        clock: Clock,
        pace: Pace,
        random: Random,
        queued: asyncio.Event,
    ) -> None:
        """`queued` is set whenever something new waits in the outbox."""
        self._database = database
        self._fetcher = fetcher
        self._parser = parser
        self._clock = clock
        self._pace = pace
        self._random = random
        self._queued = queued
        self._pipeline = _Pipeline()
        self._idle: list[Source] = []
        self.polled = Polled()

    async def run(self) -> None:
        """Poll what falls due, until cancelled. Faults of the loop itself are logged."""
        while True:
            try:
                await self.poll_due()
                due = await self._database.read(lambda tx: tx.polling.next_due())
                wait = due - self._clock.now() if due else _IDLE
            except Exception:
                _log.exception("poll.loop_failed")
                wait = _IDLE
            await self._clock.sleep(max(timedelta(seconds=1), min(wait, _IDLE)))

    async def poll_due(self) -> None:
        """Poll every source that is due now."""
        while True:
            due = await self._database.write(
                lambda tx: tx.polling.claim_due(self._clock.now(), _BATCH, _LEASE)
            )
            if not due:
                return
            await self._poll_each(due)

    async def poll_all(self) -> None:
        """Poll every followed source, whatever its schedule."""
        sources = await self._database.read(lambda tx: list(tx.sources.all_followed()))
        await self._poll_each(sources)

    async def poll(self, source: Source) -> Source:
        """Poll one source; return it as it is afterwards. Faults become its last error."""
        after = await self._poll(source)
        if after is not None:
            self._idle.append(after)
            await self._flush()
        now = await self._database.read(lambda tx: tx.sources.by_id(source.id))
        return now or source

    async def _poll_each(self, sources: Sequence[Source]) -> None:
        waiting = iter(sources)
        await asyncio.gather(*(self._work(waiting) for _ in range(min(_AT_ONCE, len(sources)))))
        await self._flush()

    async def _work(self, waiting: Iterable[Source]) -> None:
        for source in waiting:
            try:
                after = await self._poll(source)
            except Exception:
                _log.exception("poll.failed source=%s", source.id)
                after = self._failed(source, "An internal fault; it was logged.", None)
            if after is not None:
                self._idle.append(after)
                if len(self._idle) >= _BATCH:
                    await self._flush()

    async def _flush(self) -> None:
        """Write the sources that brought nothing, together."""
        idle, self._idle = self._idle, []
        if idle:
            await self._database.write(lambda tx: tx.polling.save(idle))

    async def _poll(self, source: Source) -> Source | None:
        """Poll a source; return it if only the source itself is to be written."""
        try:
            answer = await self._fetcher.get(source.url, source.validators)
            body_hash = blake2b(answer.body, digest_size=16).hexdigest() if answer.body else ""
            if answer.body is None or (body_hash == source.body_hash and not source.failures):
                return self._unchanged(source, answer)
            feed = await self._parser.parse(
                answer.body, content_type=answer.content_type, url=answer.url
            )
        except SourceGone as error:
            reason = str(error)
            await self._database.write(lambda tx: self._gone(tx, source, reason))
            return None
        except FeedError as error:
            return self._failed(source, str(error), error.retry_after)
        await self._take(source, answer, feed, body_hash)
        return None

    async def _take(self, source: Source, answer: Answer, feed: Feed, body_hash: str) -> None:
        now = self._clock.now()
        after = decide.after_answer(
            source,
            now,
            self._pace,
            validators=answer.validators,
            body_hash=body_hash,
            title=feed.title,
            dates=[one.published_at for one in feed.entries if one.published_at],
            max_age=answer.max_age,
            moved_to=answer.moved_to,
            jitter=self._random.random(),
        )
        outcome = await self._database.write(
            lambda tx: self._pipeline.take(tx, source, after, feed, now)
        )
        self.polled.read += 1
        self.polled.fresh += outcome.fresh
        self.polled.told += outcome.told
        if outcome.told:
            self._queued.set()
        _log.debug("poll.read source=%s fresh=%s told=%s", source.id, outcome.fresh, outcome.told)

    def _unchanged(self, source: Source, answer: Answer) -> Source:
        self.polled.unchanged += 1
        return decide.after_no_change(
            source,
            self._clock.now(),
            self._pace,
            validators=answer.validators,
            max_age=answer.max_age,
            moved_to=answer.moved_to,
            jitter=self._random.random(),
        )

    def _failed(self, source: Source, error: str, retry_after: timedelta | None) -> Source:
        self.polled.failed += 1
        _log.info("poll.no_answer source=%s host=%s error=%s", source.id, host(source.url), error)
        return decide.after_failure(
            source,
            self._clock.now(),
            self._pace,
            error=error,
            retry_after=retry_after,
            jitter=self._random.random(),
        )

    def _gone(self, tx: Tx, source: Source, error: str) -> None:
        now = self._clock.now()
        tx.polling.save([decide.after_gone(source, now, error)])
        notice = f"{source.title or host(source.url)} is gone for good, says its publisher; it is read no more."
        tx.outbox.enqueue_notice_to_followers(source.id, notice, now)
        self._queued.set()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one poll brought."""

    fresh: int
    told: int


class _Pipeline:
    """From a parsed feed to queued deliveries, inside one transaction.

    Rules and recent stories are held in memory and brought up to date at the start of each
    transaction from what other processes wrote.
    """

    def __init__(self) -> None:
        self._rules: dict[int, Rule] = {}
        self._revision = -1
        self._matcher = Matcher({})
        self._index = StoryIndex()

    def take(self, tx: Tx, source: Source, after: Source, feed: Feed, now: datetime) -> _Outcome:
        """Store what is new in `feed`; queue what is to be told."""
        try:
            return self._take(tx, source, after, feed, now)
        except BaseException:
            self._index = StoryIndex()  # what the rollback undid must not be remembered
            raise

    def _take(self, tx: Tx, source: Source, after: Source, feed: Feed, now: datetime) -> _Outcome:
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
        return _Outcome(fresh=len(found.fresh), told=told)

    def _tell(self, tx: Tx, source: Source, fresh: Sequence[FreshEntry], now: datetime) -> int:
        """Match, cluster and store new entries; queue posts and edits."""
        self._refresh_rules(tx)
        plain: list[FreshEntry] = []
        placed: dict[int, int] = {}
        for one in sorted(fresh, key=lambda each: each.dated_at):
            matches = self._matcher.match(one.entry) if decide.is_news(one, now) else []
            if matches:
                if not placed:
                    self._refresh_stories(tx, now)
                entry_id, story_id = self._place(tx, source, one, matches, now)
                placed[entry_id] = story_id
            else:
                plain.append(one)
        tx.polling.insert(source.id, plain, now)
        if not placed:
            return 0
        posts = tx.outbox.enqueue_posts(placed, now, *digest_times(now))
        return posts + tx.outbox.enqueue_edits(placed.values(), now)

    def _place(
        self, tx: Tx, source: Source, fresh: FreshEntry, matches: Sequence[Match], now: datetime
    ) -> tuple[int, int]:
        """Put an entry into its story, begun if it is the first; return both ids."""
        rules = frozenset(match.rule_id for match in matches)
        trace = _trace(fresh, source.id, rules)
        story_id = self._index.find(trace)
        if story_id is None:
            story_id = tx.stories.start(now)
        entry_id = tx.polling.insert_one(source.id, fresh, story_id, now)
        tx.stories.add_matches(entry_id, matches)
        self._index.add([replace(trace, story_id=story_id, entry_id=entry_id)])
        return entry_id, story_id

    def _refresh_rules(self, tx: Tx) -> None:
        revision = tx.watches.revision()
        if revision != self._revision:
            rules = tx.watches.rules()
            if rules != self._rules:
                self._rules, self._matcher = rules, Matcher(rules)
            self._revision = revision

    def _refresh_stories(self, tx: Tx, now: datetime) -> None:
        self._index.forget_before(now - WINDOW)
        self._index.add(tx.stories.traces_after(self._index.last_entry, now - WINDOW))


def digest_times(now: datetime) -> tuple[datetime, datetime]:
    """Return when the next daily and the next weekly digest go out."""
    today = now.replace(hour=_DIGEST_HOUR, minute=0, second=0, microsecond=0)
    daily = today if now < today else today + timedelta(days=1)
    weekly = daily + timedelta(days=(_MONDAY - daily.weekday()) % 7)
    return daily, weekly


def _trace(fresh: FreshEntry, source_id: int, rules: frozenset[int]) -> StoryTrace:
    """What clustering looks at, before the entry has an id and a story."""
    return StoryTrace(
        entry_id=0,
        story_id=0,
        source_id=source_id,
        title=fresh.entry.title,
        summary=fresh.entry.summary,
        link=fresh.keys.link,
        dated_at=fresh.dated_at,
        rules=rules,
    )
