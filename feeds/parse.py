"""From the bytes that a server sent to a Feed.

    bytes → UTF-8 → refuse what is no feed → JSON Feed, or plain (feeds.gate) → finish
                                           → damaged: mend (feeds.documents), then plain → finish
                                           → anything else: feedparser        → finish

The upper ways are gone where we are if the document is not too big: it costs time in proportion.
Large documents, and the lowest way, go to a worker (feeds.workers): feedparser has inputs that keep
it busy for minutes, and there it can be killed. However it was read, a feed is finished alike:
plain text, links that may be shown, dates that can be.
"""

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

from domain.entries import Entries, Feed
from domain.errors import FeedError
from domain.model import FeedLink
from domain.text import clean, plain_each, shorten
from feeds.columns import RawEntries, RawEntry, in_columns
from feeds.dates import moment
from feeds.discover import find_feeds, web_link, web_links
from feeds.documents import mended, mends_fast, to_utf8
from feeds.gate import MAX_ENTRIES, RawFeed, read_plain
from feeds.markup import Damaged, Unplain
from feeds.workers import Overrun, Workers

INLINE = 128 * 1024
"""Bytes of a document that may be read on the event loop …"""
INLINE_TAGS = 10_000
"""… and `<` in it. The worst that fits costs 60 ms of a slow processor."""

_TITLE, _SUMMARY, _GUID = 300, 2000, 500  # characters kept
_STAND_IN = 100  # characters of a summary that serve as title
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web no news was published on it
_HEAD = 4096  # bytes in which a document shows what it is

_EMPTY = "The answer was empty."
_PAGE = "This is a web page, not a feed."
_LIST = "This is a list of feeds (OPML), not a feed."
_XML = "This is XML, but not a feed."
_JSON = "This is JSON, but not a JSON Feed."
_OTHER = "This is not a feed."
_CUT = "The feed is cut off in the middle."
_DAMAGED = "The feed is damaged near line {line}: {fault}."
_BROKEN = "The feed is damaged beyond reading."
_ENTITIES = "The feed defines entities within entities; such feeds are not read."
_LONG = "The {what} took too long to read, or too much memory."
_NOBODY = "The {what} could not be read just now: no process could be started for it."

_START = re.compile(rb"<(?:[a-z_][\w.-]*:)?(rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_ENTITY = re.compile(rb"<!ENTITY\s+[\w.:-]+\s+(?:\"([^\"]*)\"|'([^']*)')")
_NESTED = re.compile(rb"&(?!#|amp;|lt;|gt;|quot;|apos;)")
_NAME = re.compile(r"[!-~]*")  # what needs no cleaning
_WEB = ("http://", "https://")
_FOREIGN_HOST = re.compile(r"(?:[a-z]+:)?//[^/?#]*[^\0-\x7f/?#]", re.IGNORECASE)
T = TypeVar("T")


class NotAFeed(FeedError):
    """What came is no feed that can be read to its end. `str()` tells an organizer why."""


class Parser:
    """Reads feeds, and the feeds that pages announce. Starts workers when one is first needed."""

    def __init__(self, *, workers: int = 2, timeout: float = 10.0) -> None:
        """`timeout` is how many seconds one document may take in a worker."""
        self._workers = Workers(count=workers, timeout=timeout, prepare=prepare)

    async def parse(self, body: bytes, *, content_type: str, url: str) -> Feed:
        """Read a feed that came from `url`, with at most MAX_ENTRIES entries. Raises NotAFeed."""
        feed = read_here(body, content_type, url)
        if feed is None:
            feed = await self._apart("feed", read, body, content_type, url)
        return feed

    async def discover(self, body: bytes, *, content_type: str, url: str) -> tuple[FeedLink, ...]:
        """Return the feeds that the page at `url` links to, at most ten. Raises NotAFeed."""
        return await self._apart("page", find, body, content_type, url)

    async def close(self) -> None:
        """Kill the workers; what they were reading is abandoned. Idempotent."""
        await self._workers.close()

    async def _apart(
        self,
        what: str,
        task: Callable[[bytes, str, str], T],
        body: bytes,
        content_type: str,
        url: str,
    ) -> T:
        try:
            return await self._workers.run(task, body, content_type, url)
        except Overrun:
            raise NotAFeed(_LONG.format(what=what)) from None
        except BrokenExecutor as fault:
            raise NotAFeed(_NOBODY.format(what=what)) from fault


def prepare() -> None:
    """Load feedparser, which only workers need."""
    from feedparser.mixin import _FeedParserMixin  # noqa: PLC0415

    # A guid is a name, even one that says it is a link: resolved, it would change with the
    # address that the feed came from, and every entry would be new.
    _FeedParserMixin.can_be_relative_uri.discard("id")


def read_here(body: bytes, content_type: str, url: str) -> Feed | None:
    """Read a feed if that takes no longer than its size tells, else None. Raises NotAFeed."""
    size = len(body)
    # A tag takes three bytes at least, so that a short document need not be counted through.
    if size > INLINE or (size > 3 * INLINE_TAGS and body.count(b"<") > INLINE_TAGS):
        return None
    for document in _readings(body, content_type):
        try:
            raw = _read_simple(document)
        except Damaged:
            continue
        except Unplain:
            return None
        links = [*raw.entries.links, *raw.entries.guids]
        # A host name that must be spelled in ASCII takes a third of a millisecond each.
        if not "".join(links).isascii() and any(map(_FOREIGN_HOST.match, links)):
            return None
        return _finished(raw, url)
    return None


def _readings(body: bytes, content_type: str) -> Iterator[bytes]:
    """Yield what a document may be until it can be read, as far as that is soon found out."""
    taken = to_utf8(body, content_type, check=not body.startswith(b"<"))
    yield taken
    checked = to_utf8(body, content_type)
    if checked != taken:
        yield checked
    if len(checked) <= INLINE // 2 and mends_fast(checked):
        yield mended(checked)


def read(body: bytes, content_type: str, url: str) -> Feed:
    """Read a feed however long it takes. Raises NotAFeed."""
    document = to_utf8(body, content_type)
    damage = ""
    try:
        return _finished(_read_simple(document), url)
    except Damaged as fault:
        damage = _DAMAGED.format(line=fault.line, fault=fault)
    except Unplain:
        pass
    _refuse_half(document)
    document = mended(document)
    if damage:
        with suppress(Unplain):
            return _finished(_read_simple(document), url)
    return _finished(_read_tolerantly(document, url, damage), url)


def find(body: bytes, content_type: str, url: str) -> tuple[FeedLink, ...]:
    """Return the feeds that a page links to, however long it takes."""
    return find_feeds(to_utf8(body, content_type).decode(), url)


def _read_simple(document: bytes) -> RawFeed:
    """Read a JSON Feed or a plain feed. Raises NotAFeed, Unplain."""
    if not document:
        raise NotAFeed(_EMPTY)
    if document[:1] in {b"{", b"["}:
        return _read_json(document)
    if document[:20].lower().startswith((b"<!doctype html", b"<html")) or b"<" not in document:
        raise NotAFeed(_sentence(document))
    return read_plain(document)


def _sentence(document: bytes) -> str:
    """Say what a document is that is no feed."""
    head = document[:_HEAD].lower()
    if b"<opml" in head:
        return _LIST
    if any(mark in head for mark in (b"<html", b"<!doctype html", b"<head", b"<body")):
        return _PAGE
    return _XML if head.startswith(b"<?xml") else _OTHER


def _read_json(document: bytes) -> RawFeed:
    """Read a JSON Feed, 1.0 or 1.1. Raises NotAFeed."""
    try:
        told = json.loads(document)
    except RecursionError:
        raise NotAFeed(_BROKEN) from None
    except json.JSONDecodeError as fault:
        whole = document.rstrip().endswith((b"}", b"]"))
        raise NotAFeed(
            _DAMAGED.format(line=fault.lineno, fault=fault.msg) if whole else _CUT
        ) from None
    except ValueError:  # a number of thousands of digits
        raise NotAFeed(_BROKEN) from None
    items = told.get("items") if isinstance(told, dict) else None
    if not isinstance(items, list) or "jsonfeed.org/version/1" not in _said(told, "version"):
        raise NotAFeed(_JSON)
    return RawFeed(
        title=_said(told, "title"),
        link=_said(told, "home_page_url"),
        entries=in_columns(
            [_json_entry(item) for item in items[:MAX_ENTRIES] if isinstance(item, dict)]
        ),
    )


def _json_entry(item: Mapping[str, Any]) -> RawEntry:
    return (
        _said(item, "title"),
        _said(item, "url", "external_url"),
        _said(item, "id"),
        True,
        _said(item, "summary", "content_text", "content_html"),
        moment(_said(item, "date_published", "date_modified")),
    )


def _said(told: Mapping[str, Any], *keys: str) -> str:
    """Return the first of the values that says something, a number as it is written."""
    for key in keys:
        value = told.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def _refuse_half(document: bytes) -> None:
    """Refuse what breaks off, and what may grow while it is read. Raises NotAFeed."""
    found = _START.search(document)
    if found is None:
        return
    lowered, root = document.lower(), found[0][1:-1].lower()
    # Some templates forget to end what the channel stands in; in RDF entries come after it.
    if b"</" + root not in lowered and (root != b"rss" or b"</channel" not in lowered):
        raise NotAFeed(_CUT)
    for values in _ENTITY.findall(document, 0, found.start()):
        if any(_NESTED.search(value) for value in values):
            raise NotAFeed(_ENTITIES)


def _read_tolerantly(document: bytes, url: str, damage: str) -> RawFeed:
    """Read a feed with feedparser. Raises NotAFeed."""
    import feedparser  # noqa: PLC0415

    try:
        told = feedparser.parse(
            io.BytesIO(document),
            response_headers={
                "content-type": "application/xml; charset=utf-8",
                "content-location": url,
            },
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except MemoryError:
        raise
    except Exception as fault:
        raise NotAFeed(damage or _BROKEN) from fault
    entries = told["entries"][:MAX_ENTRIES]
    begun = _START.search(document)
    if not (begun and told.get("version")) or (damage and not entries):
        raise NotAFeed(damage if damage and begun else _sentence(document))
    title, link, guid, *_ = _tolerated(told["feed"])
    return RawFeed(
        title=title,
        link=link or (guid if guid.startswith("http") else ""),
        entries=in_columns([_tolerated(entry) for entry in entries]),
    )


def _tolerated(entry: Any) -> RawEntry:
    """Return an entry as feedparser has it, unless it made a link of a guid."""
    guid, link = _said(entry, "id"), _said(entry, "link")
    guid_is_link = bool(entry.get("guidislink"))
    contents = entry.get("content")
    content = _said(contents[0], "value") if contents and isinstance(contents, list) else ""
    return (
        _said(entry, "title"),
        "" if guid_is_link and link == guid else link,
        guid,
        guid_is_link,
        _said(entry, "summary") or content,
        _dated(entry),
    )


def _dated(entry: dict[str, Any]) -> datetime | None:
    """Return the first date that can be; feedparser's own `get` gives some in place of others."""
    for key in ("published_parsed", "updated_parsed", "created_parsed"):
        parts = dict.get(entry, key)
        if parts:
            try:
                year, month, day, hour, minute, second = parts[:6]
                return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            except ValueError:
                continue  # the year 0, or 10000
    return None


def _finished(raw: RawFeed, url: str) -> Feed:
    """Return the feed as the rest of the program may see it. `url` is where it came from."""
    title, *titles = plain_each([raw.title, *raw.entries.titles], _TITLE)
    return Feed(
        title=title,
        site_url=web_link(raw.link.strip(), url),
        entries=_finished_entries(raw.entries, titles, url) if titles else Entries.of(()),
    )


def _finished_entries(raw: RawEntries, titles: Sequence[str], base: str) -> Entries:
    """Return those entries that say something, with links and dates as they may be."""
    _, links, guids, permalinks, markups, told = raw
    urls = web_links(links, base)
    if not all(urls):
        urls = list(map(_link_of, urls, guids, permalinks))
    if max(map(len, guids)) > _GUID or not _NAME.fullmatch("".join(guids)):
        guids = tuple(map(_name_of, guids))
    summaries = plain_each(markups, _SUMMARY)
    if not all(titles):
        titles = list(map(_title_of, titles, summaries, urls))
    dates = [when if when is None or when >= _EARLIEST else None for when in told]
    entries = Entries(guids, urls, titles, summaries, dates)
    return entries.at([place for place, title in enumerate(titles) if title])


def _link_of(url: str, guid: str, guid_is_link: bool) -> str:  # noqa: FBT001 - called by `map`
    return url or (web_link(guid) if guid_is_link and guid.startswith(_WEB) else "")


def _name_of(guid: str) -> str:
    return guid if len(guid) <= _GUID and _NAME.fullmatch(guid) else clean(guid, _GUID)


def _title_of(title: str, summary: str, url: str) -> str:
    return title or shorten(summary, _STAND_IN) or url
