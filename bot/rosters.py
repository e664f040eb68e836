"""Keeping the rosters fresh: on demand, and once a day while the service runs."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from domain.errors import FeedError, UserError
from domain.people import RosterState
from domain.ports import Clock
from feeds.roster_parts import roster_name
from feeds.rosters import RosterFeed, roster_names
from storage.db import Database, Tx

_log = logging.getLogger(__name__)
_DAY = timedelta(days=1)
_AFTER_FAULT = timedelta(hours=1)
_AT_START = timedelta(minutes=1)  # feeds come first
_JITTER = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What came of asking for one roster: `changed`, or `error` in a sentence, or neither."""

    name: str
    members: int
    seats: int
    changed: bool = False
    error: str = ""

    @property
    def told(self) -> str:
        """The same in a line."""
        name = roster_name(self.name)
        if self.error:
            kept = " The last good copy stays." if self.members else ""
            return f"{name}: {self.error}{kept}"
        vacant = f", {self.seats - self.members} vacant" if self.seats > self.members else ""
        state = "new" if self.changed else "unchanged"
        return f"{name}: {self.members} members for {self.seats} seats{vacant} ({state})."


def named_rosters(places: Sequence[str]) -> tuple[str, ...]:
    """Return the rosters of these places, all where none is named. Raises UserError."""
    known = roster_names()
    for place in places:
        if place.lower() not in known:
            raise UserError(
                f"There is no roster of “{place}”.", hint=f"There are: {', '.join(known)}."
            )
    return tuple(dict.fromkeys(place.lower() for place in places)) or known


class RosterKeeper:
    """Fetches rosters and puts each, whole, in the place of the one before."""

    def __init__(
        self, *, database: Database, feed: RosterFeed, clock: Clock, random: Random
    ) -> None:
        self._database = database
        self._feed = feed
        self._clock = clock
        self._random = random

    async def run(self) -> None:
        """Ask for every roster once a day, until cancelled; what failed is asked for sooner."""
        await self._clock.sleep(_AT_START * self._random.random())
        while True:
            pause = _DAY
            try:
                due = await self._due()
                failed = [one for one in await self.sync(due) if one.error]
                _log.info("rosters.synced asked=%s failed=%s", len(due), len(failed))
                if failed:
                    names = ",".join(one.name for one in failed)
                    _log.warning("rosters.kept_old names=%s reason=%s", names, failed[0].error)
                    pause = _AFTER_FAULT
            except Exception:
                _log.exception("rosters.failed")
                pause = _AFTER_FAULT
            await self._clock.sleep(pause * (1 + _JITTER * self._random.random()))

    async def sync(self, names: Sequence[str]) -> list[Synced]:
        """Ask for these rosters, one after the other; one that fails leaves its copy as it was."""
        return [await self._sync(name) for name in names]

    async def _due(self) -> list[str]:
        """The rosters that were not asked for today, or not with success in the last hour."""
        now = self._clock.now()
        states = await self._database.read(lambda tx: tx.people.states())
        fresh = {
            one.name
            for one in states
            if now - one.tried_at < (_AFTER_FAULT if one.error else _DAY * (1 - _JITTER))
        }
        return [name for name in roster_names() if name not in fresh]

    async def _sync(self, name: str) -> Synced:
        known = await self._database.read(lambda tx: tx.people.state(name))
        files = dict(known.files) if known else {}
        error = ""
        try:
            fresh = await self._feed.fetch(name, files)
        except FeedError as fault:
            error, fresh = str(fault), None

        def work(tx: Tx) -> RosterState:
            now = self._clock.now()
            if fresh is not None:
                tx.people.swap(fresh.roster, fresh.files, now)
            elif error:
                tx.people.failed(name, error, now)
            else:
                tx.people.confirm(name, now)
            state = tx.people.state(name)
            assert state is not None
            return state

        state = await self._database.write(work)
        return Synced(
            name=name,
            members=state.members,
            seats=state.seats,
            changed=fresh is not None,
            error=error,
        )
