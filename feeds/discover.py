"""Links that strangers wrote: which may be shown, and which of a page's lead to its feeds. Pure."""

import re
from collections.abc import Sequence
from contextlib import suppress
from html.parser import HTMLParser
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from domain.model import FeedLink
from domain.text import clean

MAX_FEEDS = 10
"""No more feeds are offered from one page."""

_LONGEST = 2000
_PAGE = 512 * 1024  # characters of a page that are looked at; feeds are announced in its head
# What nearly every link looks like; it is what it will be.
_PLAIN = re.compile(
    r"https?://[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9](?::\d{1,4})?"
    r"(?:/[!$-:=@-\[\]_a-z~]*(?:\?[!$-:=@-\[\]_a-z~]+)?)?"
)
_ALL_PLAIN = re.compile(rf"(?:{_PLAIN.pattern}\n)*")
_HOST = re.compile(r"[a-z0-9_][a-z0-9._-]*|[0-9a-f.]*:[0-9a-f:.]*")
_ENCODED = re.compile(r"[!#-;=?-\[\]_a-z~]*")
_SAFE = "!#$%&'()*+,/:;=?@[]~"

_FEED_TYPES = frozenset({
    "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
    "application/x.atom+xml", "application/x-atom+xml", "text/rss+xml", "text/atom+xml",
    "text/rss", "text/atom",
})  # fmt: skip
_VAGUE_TYPES = frozenset({"application/json", "application/xml", "text/xml"})
_FEED_PATH = re.compile(
    r"(?:^|/)(?:feeds?|rss|atom|rdf)(?:/|/?$|\.(?:xml|json|php|aspx?)$)|\.(?:rss|atom|rdf)$"
    r"|(?:^|[/._-])(?:feed|rss|atom)[^/]{0,40}\.(?:xml|json)$",
    re.IGNORECASE,
)


def web_link(written: str, base: str = "") -> str:
    """Return a link as it may be shown: http(s), with a host and no userinfo; else nothing.

    A relative one is resolved against `base`. What no address may hold is percent-encoded.
    """
    if _PLAIN.fullmatch(written) and len(written) <= _LONGEST:
        return written
    if not written.isprintable():
        written = "".join(filter(str.isprintable, written[: 2 * _LONGEST]))
    written = written.strip()
    if not written or len(written) > _LONGEST:
        return ""
    try:
        begun = urlsplit(written)
        if begun.scheme and not begun.netloc:
            return ""
        parts = urlsplit(urljoin(base, written))
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
        name, _ = urlsplit(f"//{host}").hostname or "", parts.port
    except ValueError:  # a port that is none, brackets that do not match, a name IDNA cannot take
        return ""
    if parts.scheme not in {"http", "https"} or "@" in host or not _HOST.fullmatch(name):
        return ""
    link = urlunsplit(parts._replace(netloc=host))
    if not _ENCODED.fullmatch(link):
        written_parts = (parts.path, parts.query, parts.fragment)
        encoded = (quote(part, _SAFE, errors="replace") for part in written_parts)
        link = urlunsplit((parts.scheme, host, *encoded))
    return link if len(link) <= _LONGEST else ""


def web_links(written: Sequence[str], base: str = "") -> list[str]:
    """Return `web_link` of each of a feed's links; if all are plain they are so at once."""
    lines = "".join([f"{one}\n" for one in written])
    if (
        _ALL_PLAIN.fullmatch(lines)
        and lines.count("\n") == len(written)
        and max(map(len, written), default=0) <= _LONGEST
    ):
        return list(written)
    return [web_link(one, base) for one in written]


def find_feeds(page: str, url: str) -> tuple[FeedLink, ...]:
    """Return the feeds that an HTML page at `url` links to: announced ones first, each once."""
    finder = _Finder(url)
    with suppress(AssertionError):  # so the library gives up; what it found till then stands
        finder.feed(page[:_PAGE])
    found: dict[str, FeedLink] = {}
    for link in (*finder.announced, *finder.linked):
        found.setdefault(link.url, link)
    return tuple(found.values())[:MAX_FEEDS]


class _Finder(HTMLParser):
    """Collects the feeds of a page as it is read."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.base = url
        self.announced: list[FeedLink] = []
        self.linked: list[FeedLink] = []
        self.anchor = ""
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at `<base>`, `<link>` and `<a>`."""
        told = {name: value or "" for name, value in attrs}
        if tag == "base" and told.get("href"):
            self.base = web_link(told["href"].strip(), self.base) or self.base
        elif tag == "link" and "alternate" in told.get("rel", "").lower().split():
            if _announces(told):
                self.note(self.announced, told.get("href", ""), told.get("title", ""))
        elif tag == "a":
            self.handle_endtag("a")
            if _leads_to_feed(told):
                self.anchor = told.get("href", "")

    def handle_data(self, data: str) -> None:
        """Keep the words of an anchor."""
        if self.anchor:
            self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        """End an anchor, if one is open."""
        if tag == "a" and self.anchor:
            self.note(self.linked, self.anchor, "".join(self.words))
            self.anchor = ""
            self.words.clear()

    def note(self, where: list[FeedLink], href: str, title: str) -> None:
        """Keep a feed, unless its address is none or there are enough."""
        url = web_link(href.strip(), self.base).partition("#")[0]
        if url and len(where) < MAX_FEEDS:
            where.append(FeedLink(url=url, title=clean(title, 100)))


def _announces(told: dict[str, str]) -> bool:
    """Whether a `<link rel=alternate>` is to a feed: some types of data are other things too."""
    kind = told.get("type", "").partition(";")[0].strip().lower()
    path = told.get("href", "").partition("?")[0]
    return kind in _FEED_TYPES or (kind in _VAGUE_TYPES and bool(_FEED_PATH.search(path)))


def _leads_to_feed(told: dict[str, str]) -> bool:
    """Whether an `<a>` clearly leads to a feed."""
    kind = told.get("type", "").partition(";")[0].strip().lower()
    path = told.get("href", "").partition("#")[0].partition("?")[0].strip()
    return kind in _FEED_TYPES or bool(_FEED_PATH.search(path[:_LONGEST]))
