"""New bills about topics: searched for once a day where a community asked; offered, not tracked."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from domain.bill_finds import BillSearch, FoundBy, NewBill, searches_for
from domain.bills import BillKey
from domain.cadences import digest_times
from domain.ports import Clock
from feeds.legislatures.federal_register import FederalRegister
from feeds.legislatures.port import LegislatureError, LegislatureSource, Offer, QuotaUsedUp
from storage.db import Database, Tx

_log = logging.getLogger(__name__)
_IDLE = timedelta(minutes=5)
_EVERY = timedelta(days=1)
_AFTER_FAULT = timedelta(hours=3)
_MOST = 50
_RULES_OF_LATE = timedelta(days=7)


class BillDiscovery:
    """Searches for new bills. What the first search of a source brings is a baseline."""

    def __init__(
        self,
        *,
        database: Database,
        sources: Sequence[LegislatureSource],
        register: FederalRegister | None,
        clock: Clock,
        queued: asyncio.Event,
    ) -> None:
        """`register` is asked for topics of Congress; `queued` is set when something waits."""
        self._database = database
        self._sources = [one for one in sources if Offer.SEARCH in one.offers]
        self._register = register
        self._clock = clock
        self._queued = queued

    async def run(self) -> None:
        """Search what is due now and then, until cancelled. Faults are logged."""
        while True:
            try:
                await self.search_due()
            except Exception:
                _log.exception("discovery.failed")
            await self._clock.sleep(_IDLE)

    async def search_due(self) -> None:
        """Ask each source for the topics that are due, each topic of a place once for all."""
        searches = await self._database.read(lambda tx: tx.bill_searches.all())
        if searches:
            await asyncio.gather(*(self._search(one, searches) for one in self._sources))
            await self._ask_register(searches)

    async def _search(self, source: LegislatureSource, searches: Sequence[BillSearch]) -> None:
        for (place, query), due in self._due(source.name, searches).items():
            if not source.covers(place):
                continue
            try:
                refs = [
                    ref
                    for words in searches_for(query)
                    for ref in await source.search(place, words)
                ]
            except LegislatureError as error:
                await self._postpone(source.name, place, due, error)
                if isinstance(error, QuotaUsedUp):
                    return
                continue
            found = [
                NewBill(key=ref.key, title=ref.title, source=source.name) for ref in refs[:_MOST]
            ]
            await self._keep(source.name, place, due, found)

    async def _ask_register(self, searches: Sequence[BillSearch]) -> None:
        if self._register is None:
            return
        since = (self._clock.now() - _RULES_OF_LATE).date()
        for (place, query), due in self._due(self._register.name, searches).items():
            if place != "us":
                continue
            try:
                documents = [
                    one
                    for words in searches_for(query)
                    for one in await self._register.documents(words, since)
                ]
            except LegislatureError as error:
                await self._postpone(self._register.name, place, due, error)
                return
            found = [
                NewBill(
                    key=BillKey(jurisdiction="us", session="register", identifier=one.number),
                    title=one.title,
                    source=self._register.name,
                    url=one.url,
                )
                for one in documents[:_MOST]
            ]
            await self._keep(self._register.name, place, due, found)

    def _due(
        self, source: str, searches: Sequence[BillSearch]
    ) -> dict[tuple[str, str], list[BillSearch]]:
        now = self._clock.now()
        due: defaultdict[tuple[str, str], list[BillSearch]] = defaultdict(list)
        for one in searches:
            if one.next_at.get(source, now) <= now:
                due[one.place, one.query].append(one)
        return dict(due)

    async def _keep(
        self, source: str, place: str, due: Sequence[BillSearch], found: Sequence[NewBill]
    ) -> None:
        """Keep what was found; tell what is new of topics that this source was asked for before."""
        now = self._clock.now()
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as finely as it is kept
        begun = {one.watch_id for one in due if source in one.begun}
        asked = [one.watch_id for one in due]

        def work(tx: Tx) -> int:
            fresh = tx.bill_searches.note(asked, found, now)
            tx.bill_searches.searched(asked, source, place, now + _EVERY, answered=True)
            return tx.bill_searches.enqueue(
                [(one, FoundBy(watch_id=one, at=now).key) for one in sorted(fresh & begun)],
                now,
                *digest_times(now),
            )

        if await self._database.write(work):
            self._queued.set()

    async def _postpone(
        self, source: str, place: str, due: Sequence[BillSearch], error: LegislatureError
    ) -> None:
        _log.info("discovery.no_answer source=%s place=%s error=%s", source, place, error)
        until = self._clock.now() + max(error.retry_after or _AFTER_FAULT, _AFTER_FAULT)
        asked = [one.watch_id for one in due]
        await self._database.write(
            lambda tx: tx.bill_searches.searched(asked, source, place, until, answered=False)
        )
