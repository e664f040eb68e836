"""The demo's outlets: feeds on loopback that list what is published by the demo's clock."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any, Self
from xml.sax.saxutils import escape

from aiohttp import web

from domain.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something an outlet publishes."""

    outlet: str
    at: datetime
    title: str
    summary: str
    link: str


class Outlets:
    """Serves each outlet's RSS feed while it is open."""

    def __init__(self, clock: Clock) -> None:
        data: dict[str, Any] = tomllib.loads(
            files("bot.demo").joinpath("june_2020.toml").read_text("utf-8")
        )
        self._clock = clock
        self._titles: dict[str, str] = {one["key"]: one["title"] for one in data["outlets"]}
        self._items = [_item(number, one) for number, one in enumerate(data["items"])]
        self._port = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{outlet}.xml", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def urls(self) -> list[str]:
        """The feeds' addresses."""
        return [f"http://127.0.0.1:{self._port}/{key}.xml" for key in self._titles]

    async def _serve(self, request: web.Request) -> web.Response:
        key = request.match_info["outlet"]
        if key not in self._titles:
            raise web.HTTPNotFound
        now = self._clock.now()
        listed = [one for one in self._items if one.outlet == key and one.at <= now]
        body = _rss(self._titles[key], key, listed)
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": etag})


def _item(number: int, written: dict[str, Any]) -> Item:
    link = written.get("link", f"{written['outlet']}.example/2020/06/{number}")
    return Item(
        outlet=written["outlet"],
        at=written["at"],
        title=written["title"],
        summary=written["summary"],
        link=f"https://{link}",
    )


def _rss(title: str, key: str, items: Sequence[Item]) -> bytes:
    listed = "".join(
        f"<item><title>{escape(one.title)}</title><link>{escape(one.link)}</link>"
        f"<guid isPermaLink='false'>{escape(one.link)}</guid>"
        f"<description>{escape(one.summary)}</description>"
        f"<pubDate>{format_datetime(one.at, usegmt=True)}</pubDate></item>"
        for one in reversed(items)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>{escape(title)}</title><link>https://{key}.example/</link>"
        f"<description>Made up for a demo</description>{listed}</channel></rss>"
    ).encode()
