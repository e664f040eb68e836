"""The bench's publisher, a process of its own: serves the feeds and counts what it served.

GET /feed/N        the feed, with ETag; 304 where it matches
GET /state/S       switch to empty, cold or delta
GET /counts        what was served since the last switch
"""

import asyncio
import sys
from collections import Counter
from hashlib import md5

from aiohttp import web

from tests.bench import corpus


def main() -> None:
    """Serve until killed; print the port."""
    mix = sys.argv[1]
    asyncio.run(_serve(_Publisher(damaged=mix == "damaged")))


class _Publisher:
    def __init__(self, *, damaged: bool) -> None:
        self._bodies: dict[str, list[tuple[bytes, str]]] = {
            "empty": [_tagged(corpus.empty(number)) for number in range(corpus.FEEDS)],
            "cold": [_tagged(self._feed(number, 0, damaged)) for number in range(corpus.FEEDS)],
            "delta": [
                _tagged(self._feed(number, 3 if number % 10 == 1 else 0, damaged))
                for number in range(corpus.FEEDS)
            ],
        }
        self._state = "empty"
        self._counts: Counter[str] = Counter()

    @staticmethod
    def _feed(number: int, changed: int, damaged: bool) -> bytes:
        return corpus.feed(number, changed, damaged=damaged and corpus.is_damaged(number))

    async def feed(self, request: web.Request) -> web.Response:
        body, etag = self._bodies[self._state][int(request.match_info["number"])]
        if request.headers.get("If-None-Match") == etag:
            self._counts["304"] += 1
            return web.Response(status=304, headers={"ETag": etag})
        self._counts["200"] += 1
        self._counts["bytes"] += len(body)
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": etag})

    async def state(self, request: web.Request) -> web.Response:
        self._state = request.match_info["state"]
        self._counts.clear()
        return web.Response()

    async def counts(self, _: web.Request) -> web.Response:
        return web.json_response(dict(self._counts))


def _tagged(body: bytes) -> tuple[bytes, str]:
    return body, f'"{md5(body, usedforsecurity=False).hexdigest()}"'


async def _serve(publisher: _Publisher) -> None:
    app = web.Application()
    app.router.add_get("/feed/{number}", publisher.feed)
    app.router.add_get("/state/{state}", publisher.state)
    app.router.add_get("/counts", publisher.counts)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "0.0.0.0", 0)
    await site.start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    main()
