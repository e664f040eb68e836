"""Asking the legislatures' services for someone who waits: one bill, a number, words."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.bill_intake import take
from domain.bill_ports import FoundBill, Inquiry
from domain.bills import Bill, BillKey, bill_key
from domain.ports import Clock
from domain.tracked_bills import ended, label, sessions_of
from feeds.legislatures.port import (
    ALLOWANCES,
    TITLES,
    BillRef,
    LegislatureError,
    LegislatureSource,
    NotThere,
    Offer,
)
from storage.db import Database, Tx

_log = logging.getLogger(__name__)
_PATIENCE = 8.0
_FRESH = timedelta(minutes=15)
_FRESH_WHEN_ENDED = timedelta(days=7)
_ABSENT_FOR = timedelta(days=1)
_MOST_PLACES = 6
_MOST_FOUND = 20
_MOST_RESOLVED = 3


@dataclass(slots=True)
class _Told:
    """What one service told, and how it failed."""

    bills: list[Bill] = field(default_factory=list)
    found: list[BillRef] = field(default_factory=list)
    absent: list[BillKey] = field(default_factory=list)
    fault: str = ""


_Ask = Callable[[LegislatureSource, _Told], Awaitable[None]]


class BillDesk:
    """Implements `domain.bill_ports.LegislaturesPort`."""

    def __init__(
        self,
        *,
        database: Database,
        sources: Sequence[LegislatureSource],
        clock: Clock,
        queued: asyncio.Event,
    ) -> None:
        """`queued` is set whenever something new waits in the outbox."""
        self._database = database
        self._sources = sources
        self._clock = clock
        self._queued = queued

    def title(self, source: str) -> str:
        """Return what people call a service."""
        return TITLES.get(source, source)

    def allowed(self, source: str) -> int:
        """Return how many requests a day a service is asked at most; 0 where none are counted."""
        allowance = ALLOWANCES.get(source)
        return allowance.per_day if allowance else 0

    async def look_up(self, key: BillKey) -> Inquiry:
        """Bring what is known of a bill up to date, if it is not of late."""
        now = self._clock.now()
        known, gone = await self._database.read(
            lambda tx: (
                {one.sources[0].source: one for one in tx.bills.snapshots([key]).get(key, ())},
                {
                    one.name
                    for one in self._sources
                    if key in tx.legislatures.absent(one.name, now - _ABSENT_FOR)
                },
            )
        )
        fresh = _FRESH_WHEN_ENDED if ended(key, now.date()) else _FRESH
        late = [
            one
            for one in self._covering([key.jurisdiction])
            if one.name not in gone
            and (one.name not in known or known[one.name].sources[0].seen_at + fresh <= now)
        ]

        async def ask(source: LegislatureSource, told: _Told) -> None:
            held = known.get(source.name)
            try:
                ref = BillRef(key=key, id=held.sources[0].id) if held else await source.find(key)
                told.bills.append(await source.bill(ref))
            except NotThere:
                told.absent.append(key)

        return (await self._ask(late, ask))[0]

    async def look_for(self, place: str, number: str, session: str) -> Inquiry:
        """Look for a bill by its number, in this year's session where none is said."""
        year = int(session) if session.isdecimal() and len(session) == 4 else 0  # noqa: PLR2004
        sessions = sessions_of(place, year or self._clock.now().year)
        if session and not year:
            sessions = (session,)
        keys = [bill_key(place, one, number) for one in sessions]

        async def ask(source: LegislatureSource, told: _Told) -> None:
            for key in keys:
                try:
                    told.bills.append(await source.bill(await source.find(key)))
                except NotThere:
                    continue
                return

        return (await self._ask(self._covering([place]), ask))[0]

    async def search(self, words: str, places: Sequence[str]) -> tuple[list[FoundBill], Inquiry]:
        """Look for bills about `words` in these places, as each service sorts them."""
        asked = list(dict.fromkeys(places))[:_MOST_PLACES]

        async def ask(source: LegislatureSource, told: _Told) -> None:
            for place in asked:
                if source.covers(place):
                    refs = (await source.search(place, words))[:_MOST_FOUND]
                    told.found += await _resolved(source, refs, told)

        able = [one for one in self._covering(asked) if Offer.SEARCH in one.offers]
        inquiry, told = await self._ask(able, ask)
        found: dict[BillKey, FoundBill] = {}
        for source, answer in told:
            for ref in answer.found:
                title = ref.title or label(ref.key)
                found.setdefault(
                    ref.key, FoundBill(key=ref.key, title=title, source=self.title(source.name))
                )
        unserved = tuple(
            place for place in asked if not any(source.covers(place) for source in able)
        )
        return list(found.values()), replace(inquiry, unserved=unserved)

    def _covering(self, places: Iterable[str]) -> list[LegislatureSource]:
        return [one for one in self._sources if any(one.covers(place) for place in places)]

    async def _ask(
        self, sources: Sequence[LegislatureSource], ask: _Ask
    ) -> tuple[Inquiry, list[tuple[LegislatureSource, _Told]]]:
        """Ask services side by side and keep what they told."""
        answers = [(source, _Told()) for source in sources]
        await asyncio.gather(*(self._ask_one(source, told, ask) for source, told in answers))
        for source, told in answers:
            await self._keep(source, told)
        inquiry = Inquiry(
            asked=tuple(self.title(source.name) for source in sources),
            faults=tuple(told.fault for _, told in answers if told.fault),
        )
        return inquiry, answers

    async def _ask_one(self, source: LegislatureSource, told: _Told, ask: _Ask) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                await ask(source, told)
        except LegislatureError as error:
            told.fault = str(error)
        except TimeoutError:
            told.fault = f"{self.title(source.name)}: it did not answer in time."
        except Exception:
            _log.exception("bill_desk.failed source=%s", source.name)
            told.fault = f"{self.title(source.name)}: an internal fault; it was logged."

    async def _keep(self, source: LegislatureSource, told: _Told) -> None:
        if not (told.bills or told.absent):
            return
        now = self._clock.now()

        def work(tx: Tx) -> int:
            tx.legislatures.note_absent(source.name, told.absent, now)
            lists = Offer.HEARINGS in source.offers
            return take(tx, source.name, told.bills, now, lists=lists).queued

        if await self._database.write(work):
            self._queued.set()


async def _resolved(
    source: LegislatureSource, refs: Sequence[BillRef], told: _Told
) -> list[BillRef]:
    """References with their sessions; a few of those that lack them are read whole."""
    known = [ref for ref in refs if ref.key.session or "/" in ref.key.jurisdiction]
    for ref in [one for one in refs if one not in known][:_MOST_RESOLVED]:
        bill = await source.bill(ref)
        told.bills.append(bill)
        known.append(replace(ref, key=bill.key, title=bill.title))
    return known
