"""What falls due by the clock is queued once for its channels: record, hearings, campaigns.

What the shipped record gives goes to every community but those that added to it; each of those
is told from the record as it sees it. The first look at a database tells nothing of the record.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.calendar.reminding import tell_reminders, untold_reminders
from bot.campaign_ends import campaigns_due, end_campaigns
from domain.model import Space, WatchKind
from domain.occasions import Occasion, OccasionKind, occasions
from domain.ports import Clock
from domain.record import Record
from storage.db import Database, Tx

_log = logging.getLogger(__name__)
_EVERY = timedelta(minutes=5)
_REMEMBERED = timedelta(days=60)
_EDITIONS_REMEMBERED = timedelta(days=400)
_BEGUN = "occasions begun"


class Schedule:
    """Looks for what is to be told now. The days of the record are those of UTC."""

    def __init__(self, *, database: Database, clock: Clock, queued: asyncio.Event) -> None:
        """`queued` is set whenever something new waits in the outbox."""
        self._database = database
        self._clock = clock
        self._queued = queued
        self._seen: tuple[int, object] | None = None

    async def run(self) -> None:
        """Look now and then, until cancelled. Faults are logged."""
        while True:
            try:
                await self.tell_due()
            except Exception:
                _log.exception("schedule.failed")
            await self._clock.sleep(_EVERY)

    async def tell_due(self) -> int:
        """Queue what fell due; return how many messages that makes."""
        now = self._clock.now()
        queued = await self._tell_of_record(now) + await self._remind(now)
        queued += await self._end_campaigns(now)
        if queued:
            _log.info("schedule.queued messages=%s", queued)
            self._queued.set()
        return queued

    async def _tell_of_record(self, now: datetime) -> int:
        if await self._database.read(lambda tx: (tx.record.revision(), now.date())) == self._seen:
            return 0
        queued, self._seen = await self._database.write(lambda tx: _tell_due(tx, now))
        return queued

    async def _remind(self, now: datetime) -> int:
        if not await self._database.read(lambda tx: untold_reminders(tx, now)):
            return 0
        return await self._database.write(lambda tx: tell_reminders(tx, tx.record.load(), now))

    async def _end_campaigns(self, now: datetime) -> int:
        if not await self._database.read(lambda tx: campaigns_due(tx, now)):
            return 0
        return await self._database.write(lambda tx: end_campaigns(tx, now))


def _tell_due(tx: Tx, now: datetime) -> tuple[int, tuple[int, object]]:
    own = tx.record.spaces_with_additions()
    shipped = tx.record.load()
    if tx.marks.get(_BEGUN):
        queued = _tell(tx, shipped, now, but=[space.id for space in own])
        queued += sum(_tell(tx, tx.record.load(space), now, space=space) for space in own)
    else:
        queued = 0
        tx.occasions.note((one.key for one in occasions(shipped, now.date())), None, now)
        tx.marks.put(_BEGUN, now.isoformat())
    tx.occasions.forget_before(now - _REMEMBERED)
    tx.calendars.forget_before(now - _EDITIONS_REMEMBERED)
    return queued, (tx.record.revision(), now.date())


def _tell(
    tx: Tx, record: Record, now: datetime, *, space: Space | None = None, but: Sequence[int] = ()
) -> int:
    due = {one.key: one for one in occasions(record, now.date())}
    fresh = tx.occasions.untold(due, space)
    tx.occasions.note(fresh, space, now)
    return sum(
        tx.occasions.enqueue(key, _watched(one), now, only=space, but=but)
        for key, one in due.items()
        if key in fresh
    )


def _watched(occasion: Occasion) -> list[tuple[WatchKind, str]]:
    """What a channel hears that hears of the occasion."""
    company = (WatchKind.COMPANY, occasion.company)
    if occasion.kind is OccasionKind.BILL:
        return [company, (WatchKind.BILL, occasion.what)]
    return [company]
