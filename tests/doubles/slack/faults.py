"""Trouble to order: errors, slow answers, broken connections, rate limits."""

import math
from dataclasses import dataclass
from typing import Literal

from tests.doubles.slack.errors import Json

HTML = "<html><body><h1>Something went wrong</h1></body></html>"


@dataclass(slots=True, eq=False, kw_only=True)
class Fault:
    """What is to happen to the next `times` calls of `method` (`*` means any)."""

    method: str
    times: int = 1
    error: str = ""
    status: int | None = None
    retry_after: int | None = None
    drop: Literal["before", "after"] | None = None
    stored: bool = False
    delay: float = 0.0
    body: str | None = None

    @property
    def answers(self) -> bool:
        """Whether the fault has an answer of its own instead of the real one."""
        return bool(self.error or self.status or self.body is not None)

    @property
    def processed(self) -> bool:
        """Whether the call has its effect before the fault strikes."""
        return self.stored or self.drop == "after" or not (self.answers or self.drop)

    def answer(self) -> tuple[int, dict[str, str], Json | str]:
        """The status, headers and body of the faulty answer."""
        status = self.status or 200
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.body is not None:
            return status, headers, self.body
        if status == 429:
            limited = {"ok": False, "error": self.error or "ratelimited"}
            return status, {"Retry-After": "1", **headers}, limited
        if self.error:
            return status, headers, {"ok": False, "error": self.error}
        return status, headers, HTML


@dataclass(slots=True)
class Bucket:
    """Tokens that refill with time: `burst` at once, then `rate` a second."""

    rate: float
    burst: float
    tokens: float
    at: float

    def take(self, now: float) -> int:
        """Take one token; or give the whole seconds to wait for one."""
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0
        return max(1, math.ceil((1 - self.tokens) / self.rate))


class Limits:
    """About one post a second in each channel; off until it is set."""

    def __init__(self) -> None:
        self.rate = 0.0
        self.burst = 1.0
        self._buckets: dict[str, Bucket] = {}

    def set(self, rate: float, burst: float) -> None:
        """Allow `rate` posts a second in each channel, and `burst` at once."""
        self.rate, self.burst = rate, burst
        self._buckets.clear()

    def wait(self, channel: str, now: float) -> int:
        """The whole seconds this channel must wait before the next post; 0 to go ahead."""
        if not self.rate:
            return 0
        bucket = Bucket(rate=self.rate, burst=self.burst, tokens=self.burst, at=now)
        return self._buckets.setdefault(channel, bucket).take(now)
