"""What is measured, each in a process of its own: ours, a plain bot, and the floor.

Prints one JSON line: for each phase CPU and wall seconds and counts, and the peak memory. CPU is
that of the process and of its worker processes; the publisher's is not in it.

Ours runs as it does for its users, on uvloop. The plain bot and the floor run on the event loop
that comes with Python, as one writes them; the floor also on uvloop.
"""

import asyncio
import gc
import json
import resource
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from io import BytesIO
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.parsers import expat

import aiohttp
import feedparser

from tests.bench import corpus

_AT_ONCE = 20
# Polls are a quarter of an hour apart, so each opens connections of its own. In seconds, longer
# than ours are kept; the others close theirs after each phase.
_APART = 3.0


def main() -> None:
    """Run one subject against the publisher on a port."""
    name, port = sys.argv[1], int(sys.argv[2])
    run: Callable[[list[str], str], Coroutine[Any, Any, dict[str, Any]]] = {
        "ours": _ours,
        "plain": _plain,
        "floor": _floor,
        "floor-uvloop": _floor,
    }[name]
    base = f"http://127.0.0.1:{port}"
    # Many hosts: on Linux every 127.x.y.z is this machine.
    urls = [f"http://{_host(number)}:{port}/feed/{number}" for number in range(corpus.FEEDS)]
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    if name in {"ours", "floor-uvloop"} and sys.platform != "win32":
        from uvloop import new_event_loop as factory  # noqa: PLC0415
    with asyncio.Runner(loop_factory=factory) as runner:
        phases = runner.run(run(urls, base))
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    sys.stdout.write(json.dumps({"phases": phases, "peak_mb": peak / 1024}) + "\n")


def _host(number: int) -> str:
    return f"127.0.{number // 250}.{number % 250 + 1}" if sys.platform == "linux" else "127.0.0.1"


class _Meter:
    """CPU and wall time of phases."""

    def __init__(self, base: str) -> None:
        self._base = base
        self.phases: dict[str, Any] = {}

    @asynccontextmanager
    async def phase(self, name: str, state: str) -> AsyncIterator[dict[str, int]]:
        async with aiohttp.ClientSession() as session:
            (await session.get(f"{self._base}/state/{state}")).close()
        gc.collect()
        counts: dict[str, int] = {}
        wall, cpu = time.perf_counter(), _cpu()
        yield counts
        cpu, wall = _cpu() - cpu, time.perf_counter() - wall
        async with aiohttp.ClientSession() as session:
            served = await (await session.get(f"{self._base}/counts")).json()
        self.phases[name] = {"cpu": cpu, "wall": wall, "served": served, **counts}


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


async def _ours(urls: list[str], base: str) -> dict[str, Any]:
    from bot.app import open_core  # noqa: PLC0415
    from bot.chats.terminal_chat import SPACE  # noqa: PLC0415
    from bot.clock import SystemClock  # noqa: PLC0415
    from bot.config import Config, Networking, Storage  # noqa: PLC0415
    from bot.service import settle  # noqa: PLC0415
    from domain.model import Cadence, Rule, WatchKind  # noqa: PLC0415

    with TemporaryDirectory() as folder:
        config = Config(
            storage=Storage(url=f"sqlite:///{Path(folder) / 'bench.db'}"),
            network=Networking(allow_private=(ip_network("127.0.0.0/8"),)),
        )
        clock = SystemClock()
        async with open_core(config, clock) as core:

            def set_up(tx: Any) -> None:
                now = clock.now() - timedelta(days=3)
                space = tx.spaces.ensure(SPACE, now)
                for url in urls:
                    source = tx.sources.add(url, url, timedelta(minutes=15), now)
                    tx.sources.follow(space, source.id, "bench", now)
                for term in corpus.terms():
                    rule = Rule(kind=WatchKind.COMPANY, names=(term,))
                    tx.watches.put(space, WatchKind.COMPANY, term, term, rule, now)
                channel = tx.spaces.channel(space, "bench")
                tx.subscriptions.put(channel, None, Cadence.NOW, "bench", now)

            await core.database.write(set_up)
            settle()
            meter = _Meter(base)
            async with meter.phase("baseline", "empty"):
                await core.poller.poll_all()
            for name, state in (("cold", "cold"), ("warm", "cold"), ("delta", "delta")):
                await asyncio.sleep(_APART)
                before = (core.poller.polled.fresh, core.poller.polled.told)
                async with meter.phase(name, state) as counts:
                    await core.poller.poll_all()
                    await core.parser.close()  # so that its workers' time is counted
                counts["entries"] = core.poller.polled.fresh - before[0]
                counts["hits"] = core.poller.polled.told - before[1]
                meter.phases[name] |= counts
                meter.phases[name]["failed"] = core.poller.polled.failed
            return meter.phases


async def _plain(urls: list[str], base: str) -> dict[str, Any]:
    """What one writes in an afternoon: GET, feedparser, ids already seen in SQLite.

    Its terms are matched by word pairs in a set, which is kinder than the usual loop over terms.
    """
    wanted = {term.lower() for term in corpus.terms()}
    with TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "plain.db")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE seen (id TEXT PRIMARY KEY, title TEXT, link TEXT)")
        meter = _Meter(base)
        for name, state in (("cold", "cold"), ("warm", "cold"), ("delta", "delta")):
            async with aiohttp.ClientSession() as session, meter.phase(name, state) as counts:
                counts |= {"entries": 0, "hits": 0, "failed": 0}
                await _each(urls, partial(_plain_poll, session, db, wanted, counts))
            meter.phases[name] |= counts
        db.close()
        return meter.phases


async def _plain_poll(
    session: aiohttp.ClientSession,
    db: sqlite3.Connection,
    wanted: set[str],
    counts: dict[str, int],
    url: str,
) -> None:
    async with session.get(url) as response:
        body = await response.read()
    with db:
        for entry in feedparser.parse(BytesIO(body)).entries:
            key = entry.get("id") or entry.get("link")
            added = db.execute(
                "INSERT OR IGNORE INTO seen VALUES (?, ?, ?)",
                (key, entry.get("title"), entry.get("link")),
            )
            if not added.rowcount:
                continue
            counts["entries"] += 1
            words = f"{entry.get('title', '')} {entry.get('summary', '')}".lower().split()
            pairs = {f"{one} {two.rstrip(':')}" for one, two in pairwise(words)}
            counts["hits"] += bool(pairs & wanted)


async def _floor(urls: list[str], base: str) -> dict[str, Any]:
    """The least there is to do: GET and a bare expat parse."""
    meter = _Meter(base)
    async with aiohttp.ClientSession() as session, meter.phase("cold", "cold") as counts:
        counts["documents"] = 0
        await _each(urls, lambda url: _floor_poll(session, url, counts))
    return meter.phases


async def _floor_poll(session: aiohttp.ClientSession, url: str, counts: dict[str, int]) -> None:
    async with session.get(url) as response:
        body = await response.read()
    with suppress(expat.ExpatError):
        expat.ParserCreate().Parse(body, True)
    counts["documents"] += 1


async def _each(urls: list[str], work: Callable[[str], Awaitable[None]]) -> None:
    waiting = iter(urls)

    async def worker() -> None:
        for url in waiting:
            await work(url)

    await asyncio.gather(*(worker() for _ in range(_AT_ONCE)))


if __name__ == "__main__":
    main()
