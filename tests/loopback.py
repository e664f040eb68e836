"""Services on loopback, and a publisher: feeds that a test lays out, requests that it reads."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from types import TracebackType
from typing import ClassVar, Self
from xml.sax.saxutils import escape

from aiohttp import web


@dataclass
class Page:
    """What stands at a path."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/rss+xml"
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[dict[str, str]] = field(default_factory=list)


class Loopback(ABC):
    """Serves paths of one pattern below `root`, from when it is entered until it is left."""

    pattern: ClassVar[str]

    def __init__(self) -> None:
        self.root = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get(self.pattern, self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.root = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    @abstractmethod
    async def _serve(self, request: web.Request) -> web.Response: ...


class Publisher(Loopback):
    """Serves pages at paths."""

    pattern = "/{path:.*}"

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, Page] = {}

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"{self.root}/{path}"

    def put(self, path: str, *items: "Item", title: str = "", etag: str = "") -> Page:
        """Publish a feed of these items, newest first, at a path; what it counted is kept."""
        page = self.pages.setdefault(path, Page())
        page.body, page.status = rss(title or path, items), 200
        page.headers = {"ETag": f'"{etag}"'} if etag else {}
        return page

    async def _serve(self, request: web.Request) -> web.Response:
        page = self.pages.get(request.match_info["path"])
        if page is None:
            raise web.HTTPNotFound
        page.requests.append(dict(request.headers))
        etag = page.headers.get("ETag")
        if etag and request.headers.get("If-None-Match") == etag and page.status == 200:
            return web.Response(status=304, headers=page.headers)
        headers = {"Content-Type": page.content_type, **page.headers}
        return web.Response(body=page.body, status=page.status, headers=headers)


@dataclass(frozen=True)
class Item:
    """An item of a feed; synthetic."""

    title: str
    link: str = ""
    guid: str = ""
    summary: str = ""
    at: datetime | None = None


def rss(title: str, items: Sequence[Item]) -> bytes:
    """Return an RSS document."""
    listed = "".join(_item(one) for one in items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>{escape(title)}</title><link>https://{escape(title)}.example/</link>"
        f"<description>synthetic</description>{listed}</channel></rss>"
    ).encode()


def _item(item: Item) -> str:
    at = format_datetime(item.at.astimezone(UTC), usegmt=True) if item.at else ""
    parts = {
        "title": item.title,
        "link": item.link,
        "guid": item.guid or item.link,
        "description": item.summary,
        "pubDate": at,
    }
    inside = "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in parts.items() if text)
    return f"<item>{inside}</item>"
