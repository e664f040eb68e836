"""Joins the legislatures' clients to the quotas in the database: every request is counted first."""

from collections.abc import Mapping
from datetime import timedelta

from domain.ports import Clock
from domain.quotas import Allowance, Asking
from feeds.legislatures.port import QuotaUsedUp
from storage.db import Database


class QuotaMeter:
    """Implements `feeds.legislatures.port.Meter` for what is asked on behalf of `asking`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        allowances: Mapping[str, Allowance],
        asking: Asking,
    ) -> None:
        """`allowances` are by the names of sources; one without is not counted."""
        self._database = database
        self._clock = clock
        self._allowances = allowances
        self._asking = asking

    async def take(self, source: str) -> None:
        """Count one request. Raises QuotaUsedUp, which says when the next may be made."""
        allowance = self._allowances.get(source)
        if allowance is None:
            return
        now = self._clock.now()
        verdict = await self._database.write(
            lambda tx: tx.quotas.take(source, allowance, now, self._asking)
        )
        if not verdict.allowed:
            raise QuotaUsedUp(source, verdict.why, retry_after=verdict.next_at - now)

    async def block(self, source: str, wait: timedelta) -> None:
        """Note that the service itself wants to be left alone for `wait`."""
        now = self._clock.now()
        await self._database.write(lambda tx: tx.quotas.block(source, now + wait, now))
