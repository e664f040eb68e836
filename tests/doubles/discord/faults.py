"""Faults a test asks for, rate limits it sets, and the log of what came in."""

import dataclasses
import datetime as dt
import re

from tests.doubles.discord.clock import Clock
from tests.doubles.discord.errors import ApiError, Json

TOO_MANY = 429


@dataclasses.dataclass(kw_only=True)
class Request:
    """One request as it came in; `status` is None while running and after a cut connection."""

    method: str
    path: str
    json: Json | list[Json] | None
    query: dict[str, str]
    files: list[str]
    headers: dict[str, str]
    time: dt.datetime
    status: int | None = None
    dropped: bool = False


@dataclasses.dataclass(eq=False, kw_only=True)
class Fault:
    """One way for matching requests to go wrong, `times` times (None: until stopped)."""

    method: str
    path: re.Pattern[str]
    times: int | None = 1
    status: int | None = None
    code: int = 0
    message: str = ""
    retry_after: float | None = None
    everywhere: bool = False
    via: bool = True
    before: bool = True
    drop: bool = False
    reset: bool = False
    delay: float = 0.0
    hits: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is to go wrong this way now."""
        spent = self.times is not None and self.hits >= self.times
        right_method = self.method in {"*", method}
        return not spent and right_method and self.path.search(path) is not None

    def stop(self) -> None:
        """Let requests succeed again."""
        self.times = self.hits

    def body(self) -> Json | str:
        """What the failed request is answered with."""
        if self.status == TOO_MANY and self.via:
            return self._limited()
        if self.code or (self.message and self.via):
            return {"message": self.message or f"Error {self.code}", "code": self.code}
        return f"error code: {self.status}"

    def headers(self) -> dict[str, str]:
        """Headers of the failed answer beside the usual ones."""
        if self.status != TOO_MANY:
            return {}
        found = {"Retry-After": str(self.retry_after or 1), "X-RateLimit-Scope": "user"}
        if self.everywhere:
            found |= {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
        return found

    def _limited(self) -> Json:
        return {
            "message": self.message or "You are being rate limited.",
            "retry_after": self.retry_after or 1.0,
            "global": self.everywhere,
        } | ({"code": self.code} if self.code else {})


class Faults:
    """The faults in force, asked for last first."""

    def __init__(self) -> None:
        self._all: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force."""
        self._all.insert(0, fault)
        return fault

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that a request meets, counted."""
        for fault in self._all:
            if fault.matches(method, path):
                fault.hits += 1
                return fault
        return None

    def clear(self) -> None:
        """Take every fault back."""
        self._all.clear()


@dataclasses.dataclass(eq=False, kw_only=True)
class Limit:
    """So many requests in a window for each path that matches; refused ones do not count."""

    method: str
    path: re.Pattern[str]
    limit: int
    window: float
    used: dict[str, list[dt.datetime]] = dataclasses.field(default_factory=dict)

    def matches(self, method: str, path: str) -> bool:
        """Whether a request counts here."""
        return self.method in {"*", method} and self.path.search(path) is not None

    def count(self, path: str, clock: Clock) -> tuple[int, float]:
        """How many requests are left after this one, and in how many seconds all are back."""
        times = self.used.setdefault(path, [])
        times[:] = [one for one in times if clock.seconds_since(one) < self.window]
        if len(times) >= self.limit:
            wait = round(self.window - clock.seconds_since(times[0]), 3)
            raise ApiError(TOO_MANY, 0, "You are being rate limited.", retry_after=wait)
        times.append(clock.now())
        return self.limit - len(times), self.window - clock.seconds_since(times[0])
