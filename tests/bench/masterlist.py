"""`python -m tests.bench.masterlist`: 10,000 tracked bills against LegiScan's master list.

Says how many requests it took to learn that nothing changed, and how long reading and comparing
took besides the request. The aim is one request and 200 ms.
"""

import asyncio
import json
import statistics
import sys
import time
from typing import Any

from bot.clock import SystemClock
from feeds.legislatures.reading import read_json
from tests.legislature_bench import Clients, clients

_BILLS = 10_000
_ROUNDS = 9
_AIM_MS = 200


def _master() -> dict[str, Any]:
    session = {"session_id": 9, "year_start": 2021, "year_end": 2022, "special": 0}
    listed: dict[str, Any] = {"session": session}
    for place in range(_BILLS):
        listed[str(place)] = {
            "bill_id": 1_000_000 + place,
            "number": f"SB{place + 1:05}",
            "change_hash": f"{place:032x}",
        }
    return {"status": "OK", "masterlist": listed}


async def _measure(at: Clients) -> tuple[list[float], int]:
    at.capitol.put("legiscan/op=getMasterListRaw/state=WA", _master())
    known = {str(1_000_000 + place): f"{place:032x}" for place in range(_BILLS)}
    spent = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        told = await at.legiscan.changed_bills("wa", "", known)
        spent.append((time.perf_counter() - began) * 1000)
        assert not told.bills
    return spent, len(at.capitol.asked) // _ROUNDS


async def _main() -> None:
    async for at in clients(SystemClock()):
        spent, requests = await _measure(at)
        body = json.dumps(_master()).encode()
        began = time.perf_counter()
        read_json("legiscan", body)
        parsed = (time.perf_counter() - began) * 1000
        sys.stdout.write(
            f"{_BILLS:,} tracked bills, nothing changed: {requests} request, "
            f"{statistics.median(spent):.0f} ms with the request over loopback "
            f"({min(spent):.0f} to {max(spent):.0f}; aim ≤ {_AIM_MS}), "
            f"of which reading {len(body) / 2**20:.1f} MiB of JSON {parsed:.0f} ms\n"
        )


if __name__ == "__main__":
    asyncio.run(_main())
