"""The loop over the legislatures' services: what communities track → what changed → `bot.bill_intake`.

Services are asked side by side, each about one place after the other. One that fails keeps none of
the others; what it told before the fault is kept, and its cursor stays where it was.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from random import Random

from bot.bill_intake import Agenda, Intake, take
from domain.bills import Bill, BillKey
from domain.legislature_polls import CONFIRMED_EVERY, Poll
from domain.ports import Clock
from domain.tracked_bills import ended, key_of
from feeds.legislatures.port import (
    BadAnswer,
    BillRef,
    LegislatureError,
    LegislatureSource,
    NotThere,
    Offer,
)
from storage.bills import Seen
from storage.db import Database, Tx

_log = logging.getLogger(__name__)
_IDLE = timedelta(minutes=1)
_NEW_AT_ONCE = 40
_CONFIRMED_AT_ONCE = 10
_CHANGED_AT_ONCE = 200
_AHEAD = timedelta(days=60)
_ABSENT_FOR = timedelta(days=7)
_OF_ONE_ANSWER = (BadAnswer, NotThere)  # others are of the service, which is asked no more
Wanted = Mapping[str, Collection[BillKey]]
"""Place → the bills of it that some community tracks."""


@dataclass(slots=True)
class Polled:
    """What polls did; counted over a run."""

    asked: int = 0
    failed: int = 0
    bills: Intake = field(default_factory=Intake)


@dataclass(slots=True)
class _Answer:
    """What a service told of a place, and how far it came."""

    told: dict[BillKey, Bill] = field(default_factory=dict)
    absent: list[BillKey] = field(default_factory=list)
    cursor: str | None = None
    more: bool = False
    agenda: Agenda | None = None
    fault: LegislatureError | None = None


class Legislatures:
    """Polls the services for the bills that communities track."""

    def __init__(
        self,
        *,
        database: Database,
        sources: Sequence[LegislatureSource],
        clock: Clock,
        random: Random,
        queued: asyncio.Event,
    ) -> None:
        """`queued` is set whenever something new waits in the outbox."""
        self._database = database
        self.sources = tuple(sources)
        self._clock = clock
        self._random = random
        self._queued = queued
        self._wanted: tuple[tuple[int, int], Wanted] | None = None
        self.polled = Polled()

    @property
    def told(self) -> str:
        """What polls did, in a sentence; empty if no service was asked."""
        if not self.polled.asked:
            return ""
        bills = self.polled.bills
        return (
            f"{bills.new} new bills, {bills.changed} changed, "
            f"{self.polled.failed} of {self.polled.asked} questions to legislatures failed."
        )

    async def run(self) -> None:
        """Poll what falls due, until cancelled. Faults of the loop itself are logged."""
        while True:
            try:
                await self.poll_due()
            except Exception:
                _log.exception("legislatures.loop_failed")
            await self._clock.sleep(_IDLE)

    async def poll_due(self) -> None:
        """Ask every service about each place that is due."""
        await self._poll(everything=False)

    async def poll_all(self) -> None:
        """Ask every service about every place, whatever its schedule."""
        await self._poll(everything=True)

    async def _poll(self, *, everything: bool) -> None:
        if not self.sources:
            return
        wanted, polls = await self._database.read(
            lambda tx: (self._wanted_now(tx), tx.legislatures.polls())
        )
        known = {(one.source, one.place): one for one in polls}
        async with asyncio.TaskGroup() as asking:
            for source in self.sources:
                asking.create_task(self._poll_source(source, wanted, known, everything=everything))

    def _wanted_now(self, tx: Tx) -> Wanted:
        """The bills that are tracked, from memory as long as no watch and no record changed."""
        revision = (tx.watches.revision(), tx.record.revision())
        if self._wanted is None or self._wanted[0] != revision:
            self._wanted = (revision, _wanted(tx))
        return self._wanted[1]

    async def _poll_source(
        self,
        source: LegislatureSource,
        wanted: Wanted,
        known: Mapping[tuple[str, str], Poll],
        *,
        everything: bool,
    ) -> None:
        """Ask one service about its places, until it fails or all are done."""
        now = self._clock.now()
        for place, keys in wanted.items():
            poll = known.get((source.name, place))
            poll = poll or Poll(source=source.name, place=place, next_at=now)
            if not source.covers(place) or not (everything or poll.next_at <= now):
                continue
            try:
                fault = await self._poll_place(source, poll, keys, everything=everything)
            except Exception:
                _log.exception("legislatures.failed source=%s place=%s", source.name, place)
                await self._failed(poll, "An internal fault; it was logged.", None)
                return
            if fault is not None and not isinstance(fault, _OF_ONE_ANSWER):
                return  # what is down, or asks to wait, is not asked about the next place

    async def _poll_place(
        self, source: LegislatureSource, poll: Poll, keys: Collection[BillKey], *, everything: bool
    ) -> LegislatureError | None:
        """Ask about one place and keep what came; return what went wrong."""
        now = self._clock.now()
        sighted, absent = await self._database.read(
            lambda tx: (
                tx.bills.sighted(source.name, poll.place),
                tx.legislatures.absent(source.name, now - _ABSENT_FOR),
            )
        )
        answer = _Answer()
        tracked = _tracked(sighted, keys)
        missing = sorted({*keys} - sighted.keys() - absent)
        steps: tuple[Callable[[], Awaitable[None]], ...] = (
            partial(self._fetch_new, source, missing, answer),
            partial(self._fetch_changed, source, poll, tracked, answer),
            partial(self._confirm, source, tracked, answer, everything=everything),
            partial(self._fetch_agenda, source, poll, answer, everything=everything),
        )
        for step in steps:
            try:
                await step()
            except LegislatureError as error:
                answer.fault = error
                if not isinstance(error, _OF_ONE_ANSWER):
                    break
        await self._keep(source, poll, answer)
        return answer.fault

    async def _fetch_new(
        self, source: LegislatureSource, keys: Sequence[BillKey], answer: _Answer
    ) -> None:
        """Fetch bills that the source never told of; one it does not have is noted."""
        for key in keys[:_NEW_AT_ONCE]:
            try:
                bill = await source.bill(await source.find(key))
            except NotThere:
                answer.absent.append(key)
            except BadAnswer as error:
                answer.fault = error
            else:
                answer.told[bill.key] = bill

    async def _fetch_changed(
        self,
        source: LegislatureSource,
        poll: Poll,
        tracked: Mapping[BillKey, Seen],
        answer: _Answer,
    ) -> None:
        """Fetch the bills that changed since the last time, of those that are tracked."""
        known = {one.id: one.mark for one in tracked.values()}
        known |= {one.sources[0].id: one.sources[0].mark for one in answer.told.values()}
        if not known:
            return
        changes = await source.changed_bills(poll.place, poll.cursor, known)
        listed = changes.bills[:_CHANGED_AT_ONCE]
        for ref in listed:
            await self._fetch(source, ref, changes.whole.get(ref.id), answer)
        whole = len(listed) == len(changes.bills)
        answer.more = not changes.complete or not whole
        answer.cursor = changes.cursor if whole and answer.fault is None else None

    async def _confirm(
        self,
        source: LegislatureSource,
        tracked: Mapping[BillKey, Seen],
        answer: _Answer,
        *,
        everything: bool,
    ) -> None:
        """Ask again for what no list of changes covers: ended sessions, and what was not seen long."""
        now = self._clock.now()
        old = [
            (seen.at, key, seen)
            for key, seen in tracked.items()
            if key not in answer.told
            and (
                seen.at + CONFIRMED_EVERY <= now
                or (everything and ended(key, now.date()) and seen.at < now)
            )
        ]
        most = _NEW_AT_ONCE if everything else _CONFIRMED_AT_ONCE
        for _, key, seen in sorted(old)[:most]:
            await self._fetch(source, BillRef(key=key, id=seen.id), None, answer)

    async def _fetch(
        self, source: LegislatureSource, ref: BillRef, whole: Bill | None, answer: _Answer
    ) -> None:
        try:
            bill = whole or await source.bill(ref)
        except _OF_ONE_ANSWER as error:
            answer.fault = error
        else:
            answer.told[bill.key] = bill

    async def _fetch_agenda(
        self, source: LegislatureSource, poll: Poll, answer: _Answer, *, everything: bool
    ) -> None:
        """Fetch the hearings of the place, where the source lists them and it is time."""
        now = self._clock.now()
        if Offer.HEARINGS not in source.offers or not (everything or poll.hearings_due(now)):
            return
        first, last = now.date(), (now + _AHEAD).date()
        listed = await source.hearings(poll.place, first, last)
        answer.agenda = Agenda(
            place=poll.place,
            hearings=listed.hearings,
            first=first,
            last=last,
            complete=listed.complete,
        )

    async def _keep(self, source: LegislatureSource, poll: Poll, answer: _Answer) -> None:
        """Keep what was told and how the poll went, in one transaction."""
        now = self._clock.now()
        fault = answer.fault
        jitter = self._random.random()
        if fault is not None:
            after = poll.failed(now, str(fault), fault.retry_after, jitter)
        else:
            cursor = poll.cursor if answer.cursor is None else answer.cursor
            after = poll.succeeded(now, cursor, soon=answer.more, jitter=jitter)
        if answer.agenda is not None:
            after = replace(after, hearings_at=now)
        lists = Offer.HEARINGS in source.offers

        def work(tx: Tx) -> Intake:
            tx.legislatures.note_absent(source.name, answer.absent, now)
            tx.legislatures.save(after)
            return take(
                tx, source.name, answer.told.values(), now, agenda=answer.agenda, lists=lists
            )

        done = await self._database.write(work)
        self.polled.asked += 1
        self.polled.bills.add(done)
        if fault is not None:
            self._note_fault(poll, fault)
        if done.queued:
            self._queued.set()

    def _note_fault(self, poll: Poll, fault: LegislatureError) -> None:
        self.polled.failed += 1
        _log.info(
            "legislatures.no_answer source=%s place=%s error=%s", poll.source, poll.place, fault
        )

    async def _failed(self, poll: Poll, error: str, after: timedelta | None) -> None:
        self.polled.failed += 1
        failed = poll.failed(self._clock.now(), error, after, self._random.random())
        await self._database.write(lambda tx: tx.legislatures.save(failed))


def _wanted(tx: Tx) -> dict[str, list[BillKey]]:
    """The bills that some community tracks, by place."""
    record = tx.record.load()
    wanted: defaultdict[str, set[BillKey]] = defaultdict(set)
    for watch_key, rule in tx.bills.tracked():
        key = key_of(watch_key, rule, record)
        if key is not None:
            wanted[key.jurisdiction].add(key)
    return {place: sorted(keys) for place, keys in sorted(wanted.items())}


def _tracked(sighted: Mapping[BillKey, Seen], keys: Collection[BillKey]) -> dict[BillKey, Seen]:
    wanted = set(keys)
    return {key: seen for key, seen in sighted.items() if key in wanted}
