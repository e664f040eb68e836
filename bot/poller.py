"""The poll loop: due sources → guarded fetch → parse → `bot.pipeline`.

Sources are asked side by side on the event loop. What came is read in a lull and then recorded
(`bot.rounds`), and who brought something asks for no more until then: two threads that both want
the interpreter cost a tenth more than one after the other. Each feed is recorded whole or not at
all; those that stand ready are flushed to disk together, which costs little more than one alone.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import sha256
from random import Random

from bot.pipeline import Brought, Pipeline
from bot.rounds import Round
from domain.entries import Feed
from domain.errors import DatabaseBusy, FeedError, SourceGone
from domain.model import Source, SourceState
from domain.ports import Clock
from domain.text import host
from feeds import decide
from feeds.decide import Pace
from feeds.http import Answer, Fetcher
from feeds.parse import Parser
from storage.db import Database, Tx

_log = logging.getLogger(__name__)
_LEASE = timedelta(minutes=10)
_CLAIM = 1000
_AT_ONCE = 64
_SAVED = 100  # sources that brought nothing, together
_IDLE = timedelta(seconds=30)


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
        self._pipeline = Pipeline()
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
                lambda tx: tx.polling.claim_due(self._clock.now(), _CLAIM, _LEASE)
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
        await self._poll_each([source])
        now = await self._database.read(lambda tx: tx.sources.by_id(source.id))
        return now or source

    async def _poll_each(self, sources: Sequence[Source]) -> None:
        """Poll sources side by side; what they bring is recorded meanwhile."""
        this = Round()
        waiting = iter(sources)
        async with asyncio.TaskGroup() as recording:
            recording.create_task(self._record_all(this))
            async with asyncio.TaskGroup() as polling:
                for _ in range(min(_AT_ONCE, len(sources))):
                    polling.create_task(self._work(waiting, this))
            await this.ready.put(None)

    async def _work(self, waiting: Iterable[Source], this: Round) -> None:
        for source in waiting:
            this.asking += 1
            try:
                brought = await self._poll(source, this)
            except Exception:
                _log.exception("poll.failed source=%s", source.id)
                brought = self._failed(source, "An internal fault; it was logged.", None)
            this.asking -= 1
            this.ready.put_nowait(brought)
            if isinstance(brought, Brought):
                await this.ready.join()

    async def _record_all(self, this: Round) -> None:
        """Record what stands ready whenever there is a lull, until None comes."""
        idle: list[Source] = []
        more = True
        while more:
            batch = await this.next_batch()
            more = None not in batch
            read = [one for one in batch if isinstance(one, Brought)]
            if read:
                await self._record(read)
            this.done(batch)
            idle += [one for one in batch if isinstance(one, Source)]
            if idle and (len(idle) >= _SAVED or not more):
                await self._save(idle)
                idle = []

    async def _save(self, idle: Sequence[Source]) -> None:
        """Write what is known of sources that brought nothing; tell followers of those now gone."""
        gone = [one for one in idle if one.state is SourceState.GONE]
        now = self._clock.now()

        def work(tx: Tx) -> None:
            tx.polling.save(idle)
            for one in gone:
                tx.outbox.enqueue_notice_to_followers(one.id, _gone(one), now)

        try:
            await self._database.write(work)
        except DatabaseBusy:  # they are asked again when their leases end
            _log.warning("poll.database_busy sources=%s", len(idle))
            return
        if gone:
            self._queued.set()

    async def _record(self, batch: Sequence[Brought]) -> None:
        """Record feeds together; if that fails each by itself, so that none fails another."""
        try:
            outcome = await self._database.write(partial(self._pipeline.record, brought=batch))
        except DatabaseBusy:  # each by itself would only wait as long again
            self._pipeline.forget()
            _log.warning("poll.database_busy feeds=%s", len(batch))
            self.polled.failed += len(batch)
            return
        except Exception:
            self._pipeline.forget()
            if len(batch) > 1:
                for one in batch:
                    await self._record([one])
                return
            _log.exception("poll.not_recorded source=%s", batch[0].source.id)
            self.polled.failed += 1
            return
        self.polled.read += len(batch)
        self.polled.fresh += outcome.fresh
        self.polled.told += outcome.told
        if outcome.told:
            self._queued.set()

    async def _poll(self, source: Source, this: Round) -> Brought | Source:
        """Ask a source and read what comes; return the source alone if it brought nothing."""
        try:
            answer = await self._fetcher.get(source.url, source.validators)
            body_hash = sha256(answer.body).hexdigest() if answer.body else ""
            if answer.body is None or (body_hash == source.body_hash and not source.failures):
                return self._unchanged(source, answer)
            await this.lull()
            feed = await self._parser.parse(
                answer.body, content_type=answer.content_type, url=answer.url
            )
        except SourceGone as error:
            return decide.after_gone(source, self._clock.now(), str(error))
        except FeedError as error:
            return self._failed(source, str(error), error.retry_after)
        return self._read(source, answer, feed, body_hash)

    def _read(self, source: Source, answer: Answer, feed: Feed, body_hash: str) -> Brought:
        now = self._clock.now()
        after = decide.after_answer(
            source,
            now,
            self._pace,
            validators=answer.validators,
            body_hash=body_hash,
            title=feed.title,
            dates=list(filter(None, feed.entries.published_at)),
            max_age=answer.max_age,
            moved_to=answer.moved_to,
            jitter=self._random.random(),
        )
        return Brought(source, after, feed, now)

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


def _gone(source: Source) -> str:
    name = source.title or host(source.url)
    return f"{name} is gone for good, says its publisher; it is read no more."
