"""How often a service may be asked: a daily allowance, spread so that it lasts the day. Pure.

Days are UTC's. Polling gets most of the day's allowance, a little of it at once and the rest as
the day goes by; what people ask themselves may use all that is left.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
_FOR_POLLING = 0.8
_AT_ONCE = 0.2


class Asking(StrEnum):
    """On whose behalf a service is asked."""

    POLL = "poll"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How many requests a service allows."""

    per_day: int
    per_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How many requests a service has had on the UTC day and in the minute of the last one.

    `blocked_until` is when the service itself said it may be asked again.
    """

    source: str
    last_at: datetime
    today: int = 0
    this_minute: int = 0
    blocked_until: datetime | None = None

    def at(self, now: datetime) -> "Usage":
        """Return the counts as they stand at `now`, when a new day or minute may have begun."""
        same_day = self.last_at.astimezone(UTC).date() == now.astimezone(UTC).date()
        same_minute = same_day and _minute(self.last_at) == _minute(now)
        blocked = self.blocked_until
        return Usage(
            source=self.source,
            last_at=now,
            today=self.today if same_day else 0,
            this_minute=self.this_minute if same_minute else 0,
            blocked_until=blocked if blocked and blocked > now else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a service may be asked now; if not, when it may, and why not, in a few words."""

    allowed: bool
    next_at: datetime
    why: str = ""


def may_ask(allowance: Allowance, usage: Usage, now: datetime, asking: Asking) -> Verdict:
    """Judge one more request at `now`."""
    current = usage.at(now)
    if current.blocked_until:
        return _wait(current.blocked_until, "the service asked us to wait")
    if current.today >= _released(allowance, now, asking):
        return _wait(
            _next_release(allowance, current.today, now, asking),
            f"{current.today} of today's {allowance.per_day} requests are used",
        )
    if current.this_minute >= allowance.per_minute:
        return _wait(_minute(now) + MINUTE, f"{allowance.per_minute} requests a minute are allowed")
    return Verdict(allowed=True, next_at=now)


def _wait(until: datetime, why: str) -> Verdict:
    return Verdict(allowed=False, next_at=until, why=why)


def _released(allowance: Allowance, now: datetime, asking: Asking) -> int:
    """How many of the day's requests may have been made by `now`; at least one."""
    if asking is Asking.PERSON:
        return allowance.per_day
    gone = (now - _midnight(now)) / DAY
    share = _FOR_POLLING * (_AT_ONCE + (1 - _AT_ONCE) * gone)
    return max(1, int(allowance.per_day * share)) if allowance.per_day else 0


def _next_release(allowance: Allowance, used: int, now: datetime, asking: Asking) -> datetime:
    """When one more request than `used` will have been released; else the next day's beginning."""
    tomorrow = _midnight(now) + DAY
    if asking is Asking.PERSON or not allowance.per_day:
        return tomorrow
    share = (used + 1) / allowance.per_day / _FOR_POLLING
    gone = (share - _AT_ONCE) / (1 - _AT_ONCE)
    at = _midnight(now) + gone * DAY + timedelta(seconds=1)
    return min(max(at, now + timedelta(seconds=1)), tomorrow)


def _midnight(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)
