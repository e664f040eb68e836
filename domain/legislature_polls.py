"""When a legislature's service is asked again about a place, and what news of a bill is called. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from domain.bills import BillKey

EVERY = timedelta(hours=1)
"""How often what changed in a place is asked for."""
HEARINGS_EVERY = timedelta(hours=6)
CONFIRMED_EVERY = timedelta(days=7)
"""How long a telling is believed that no list of changes covers any more."""
_LONGEST = timedelta(hours=12)
_SPREAD = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """How a service was doing for a place when it was last asked; `cursor` is its own."""

    source: str
    place: str
    next_at: datetime
    cursor: str = ""
    hearings_at: datetime | None = None
    failures: int = 0
    last_error: str = ""
    polled_at: datetime | None = None
    ok_at: datetime | None = None

    def succeeded(self, now: datetime, cursor: str, *, soon: bool, jitter: float) -> Self:
        """Return it after an answer; `soon` if there is more to fetch. `jitter` is in 0…1."""
        wait = timedelta(minutes=1) if soon else EVERY * (1 + _SPREAD * jitter)
        return replace(
            self,
            next_at=now + wait,
            cursor=cursor,
            failures=0,
            last_error="",
            polled_at=now,
            ok_at=now,
        )

    def failed(self, now: datetime, error: str, after: timedelta | None, jitter: float) -> Self:
        """Return it after a fault; `after` is when the service may be asked again, if it said."""
        wait = min(EVERY * 2 ** min(self.failures, 8), _LONGEST) * (1 + _SPREAD * jitter)
        return replace(
            self,
            next_at=now + (after or wait),
            failures=self.failures + 1,
            last_error=error,
            polled_at=now,
        )

    def hearings_due(self, now: datetime) -> bool:
        """Whether the hearings of the place are to be asked for."""
        return self.hearings_at is None or self.hearings_at + HEARINGS_EVERY <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class BillNews:
    """What happened to a bill, as noted at one instant: one message. `parse` reads `key` back."""

    bill: BillKey
    at: datetime

    @property
    def key(self) -> str:
        """What stands in the outbox."""
        one = self.bill
        return f"{self.at.isoformat()}|{one.jurisdiction}|{one.session}|{one.identifier}"

    @classmethod
    def parse(cls, key: str) -> Self:
        """Read a key."""
        at, place, session, number = key.split("|")
        bill = BillKey(jurisdiction=place, session=session, identifier=number)
        return cls(bill=bill, at=datetime.fromisoformat(at))
