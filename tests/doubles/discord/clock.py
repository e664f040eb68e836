"""Time, ids and waiting, as one double keeps them."""

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

DISCORD_EPOCH_MS = 1_420_070_400_000


class Clock:
    """The service's clock: the system's, moved on by as much as a test advanced it."""

    def __init__(self) -> None:
        self._ahead = dt.timedelta()

    def now(self) -> dt.datetime:
        """The service's time, aware, in UTC."""
        return dt.datetime.now(dt.UTC) + self._ahead  # noqa: TID251  (this is the double's clock)

    def advance(self, seconds: float) -> None:
        """Let seconds pass for the service alone."""
        self._ahead += dt.timedelta(seconds=seconds)

    def seconds_since(self, moment: dt.datetime) -> float:
        """How many seconds ago a moment was."""
        return (self.now() - moment).total_seconds()


class Snowflakes:
    """Makes ids that rise with time and never repeat."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """A new id for the present moment."""
        self._last = max(self._present(), self._last + 1)
        return str(self._last)

    def next_apart(self) -> str:
        """A new id in a millisecond of its own, so that ids spread over shards."""
        self._last = max(self._present(), self._last + (1 << 22))
        return str(self._last)

    def _present(self) -> int:
        milliseconds = int(self._clock.now().timestamp() * 1000)
        return (milliseconds - DISCORD_EPOCH_MS) << 22


class Changes:
    """Wakes whoever waits for the double's state to become something."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def tell(self) -> None:
        """Say that something changed."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    async def until(self, ready: Callable[[], T | None], within: float) -> T:
        """The first true answer of `ready`, or TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while not (found := ready()):
                waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiting.add(waiter)
                await waiter
        return found


def iso(moment: dt.datetime) -> str:
    """A moment as the service writes it."""
    return moment.isoformat(timespec="microseconds")
