"""The gate: reads a plain feed in one linear pass of expat, or says that it is none. Pure.

Most feeds are plain: well-formed RSS, RDF or Atom that says each thing once and in its place.
Reading one costs expat's time and two callbacks an element, whatever it holds, so it may be done
on the event loop. All else (damage, DTDs, markup in titles, dates in words, fields said twice)
raises Unplain and is feedparser's to judge, in a worker that can be killed. What both can read
they read alike; the corpora in the tests hold them to that.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final, NamedTuple
from xml.parsers import expat

from feeds.dates import moment

MAX_ENTRIES = 1000
"""No more entries are read from one document."""

_ATOM = "http://www.w3.org/2005/Atom"
_ATOM_03 = "http://purl.org/atom/ns#"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_DCTERMS = "http://purl.org/dc/terms/"
_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_MEDIA = "http://search.yahoo.com/mrss/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XHTML = "http://www.w3.org/1999/xhtml"
_RSS_10 = "http://purl.org/rss/1.0/"
_RSS_090 = "http://my.netscape.com/rdf/simple/0.9/"
# Namespaces as they are read here, by what feedparser takes for them: it ignores case.
_SPACES = {
    space.lower(): space
    for space in (
        _ATOM,
        _ATOM_03,
        _CONTENT,
        _DC,
        _DCTERMS,
        _ITUNES,
        _MEDIA,
        _RDF,
        _RSS_10,
        _RSS_090,
    )
} | {_MEDIA[:-1]: _MEDIA}

# What a child of an entry is: a field, by its place in the entry's list …
_TITLE, _LINK, _GUID, _PUBLISHED, _UPDATED, _SUMMARY, _BODY, _OTHER_SUMMARY, _OTHER_TITLE = range(9)
_FIELDS = 9
# … or nothing whose text is kept.
_IGNORED, _SOURCE, _ATOM_LINK, _GROUP, _UNPLAIN = range(-1, -6, -1)

_RSS_CHILDREN = {
    "title": _TITLE, "link": _LINK, "guid": _GUID, "description": _SUMMARY,
    "pubDate": _PUBLISHED, "source": _SOURCE, "author": _IGNORED, "category": _IGNORED,
    "comments": _IGNORED, "enclosure": _IGNORED,
}  # fmt: skip
_ATOM_CHILDREN = {
    "title": _TITLE, "link": _ATOM_LINK, "id": _GUID, "summary": _SUMMARY, "content": _BODY,
    "published": _PUBLISHED, "issued": _PUBLISHED, "updated": _UPDATED, "modified": _UPDATED,
    "source": _SOURCE, "author": _IGNORED, "contributor": _IGNORED, "category": _IGNORED,
    "rights": _IGNORED,
}  # fmt: skip
_CHILDREN: Final = {
    **_RSS_CHILDREN,
    **{f"{_RSS_10} {name}": kind for name, kind in _RSS_CHILDREN.items()},
    **{f"{_RSS_090} {name}": kind for name, kind in _RSS_CHILDREN.items()},
    **{f"{_ATOM} {name}": kind for name, kind in _ATOM_CHILDREN.items()},
    **{f"{_ATOM_03} {name}": kind for name, kind in _ATOM_CHILDREN.items()},
    f"{_CONTENT} encoded": _BODY, f"{_ITUNES} summary": _OTHER_SUMMARY,
    f"{_DC} title": _OTHER_TITLE, f"{_DC} description": _OTHER_SUMMARY, f"{_DC} date": _UPDATED,
    f"{_DCTERMS} issued": _PUBLISHED, f"{_DCTERMS} modified": _UPDATED,
    f"{_DCTERMS} created": _UNPLAIN,
    f"{_MEDIA} title": _OTHER_TITLE, f"{_MEDIA} description": _OTHER_SUMMARY,
    f"{_MEDIA} group": _GROUP,
}  # fmt: skip

# Words that feedparser takes for a field, whatever their case, unless a prefix says otherwise.
_FIELD_WORDS = frozenset({
    "title", "link", "guid", "id", "description", "summary", "abstract", "content", "pubdate",
    "published", "issued", "updated", "modified", "lastbuilddate", "created", "item", "entry",
    "body", "fullitem",
})  # fmt: skip

_ENTRIES = {"item", f"{_RSS_10} item", f"{_RSS_090} item", f"{_ATOM} entry", f"{_ATOM_03} entry"}
_FEEDS = {f"{_ATOM} feed", f"{_ATOM_03} feed"}
_CHANNELS = {"channel", f"{_RSS_10} channel", f"{_RSS_090} channel"}
# Document elements, with how many elements its entries stand in.
_ROOTS = {"rss": 2, f"{_RDF} RDF": 1, f"{_ATOM} feed": 1, f"{_ATOM_03} feed": 1}
_TEXT = frozenset({"text", "html", "plain", "text/plain", "text/html", "escaped"})
_MARKUP = frozenset({"xhtml", "application/xhtml+xml"})
_BASES = frozenset({"http://www.w3.org/XML/1998/namespace base", "base"})
_LINKING = frozenset({"href", "rel", "type", "uri", "url"})
_PAGES = frozenset({"html", "xhtml", "text/html", "application/xhtml+xml"})

# Letters encoded twice, and Windows' quotation marks taken for control characters.
_TWICE = re.compile("[\xc2-\xf4][\x80-\xbf]")
_CONTROLS = re.compile("[\x80-\x9f]")
_REFERENCE = re.compile(r"&\w+;")


class Unplain(Exception):
    """The document is not for the gate; says why in a few words, for those who tune it."""


class Damaged(Unplain):
    """The document is not well-formed XML, from `line` on."""

    def __init__(self, fault: expat.ExpatError) -> None:
        super().__init__(expat.ErrorString(fault.code) or "not well-formed")
        self.line = fault.lineno


class RawEntry(NamedTuple):
    """One item as the document has it, a field empty where it says nothing."""

    title: str
    link: str
    guid: str
    guid_is_link: bool
    summary: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """A feed document before cleaning; its entries in order, at most MAX_ENTRIES."""

    title: str
    link: str
    entries: list[RawEntry]


def read_plain(document: bytes) -> RawFeed:
    """Read a plain feed that is in UTF-8, whatever it declares. Raises Unplain."""
    return _Reader().read(document)


class _Reader:
    """One pass over a document.

    Expat calls `outside` and `left` between entries, `child` and `ended` within one.
    """

    def __init__(self) -> None:
        self.parser = parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartNamespaceDeclHandler = self.declared
        parser.StartElementHandler = self.outside
        parser.EndElementHandler = self.left
        self.entries: list[RawEntry] = []
        self.path, self.entry_level = list[str](), 0
        self.is_feed = self.based = self.doubtful = self.titled_within = False
        self.children = dict(_CHILDREN)
        self.unprefixed = {"", _ATOM, _ATOM_03, _RSS_10, _RSS_090, _XHTML}
        self.text: list[str] = []
        self.add = self.text.append
        # Of the feed, of the entry being read, of the child of either.
        self.feed = self.fields = [""] * _FIELDS
        self.guid_is_link = True
        self.kind, self.depth, self.marked_up = _IGNORED, 0, False

    def read(self, document: bytes) -> RawFeed:
        """Read the document. Raises Unplain."""
        # Without these bytes nothing in it can be misread; see `_misread`.
        self.doubtful = b"\xc2" in document or b"&#" in document
        try:
            self.parser.Parse(document, True)  # noqa: FBT003 - it takes no keywords
        except expat.ExpatError as fault:
            raise Damaged(fault) from None
        finally:
            del self.parser  # it holds us, and we it
        if not self.is_feed:
            raise Unplain("no feed in it")
        guid = self.feed[_GUID].strip()
        return RawFeed(
            title=self.feed[_TITLE] or self.feed[_OTHER_TITLE],
            link=self.feed[_LINK].strip() or (guid if guid.startswith("http") else ""),
            entries=self.entries,
        )

    def outside(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element that is not in an entry: the feed, what it says of itself, an entry."""
        if attributes and not _BASES.isdisjoint(attributes):
            self.based = True
        path = self.path
        if name in _ENTRIES:
            self.begin(attributes)
            return
        if self.kind >= 0:
            raise Unplain("markup in a field of the feed")
        if not path:
            self.entry_level = _ROOTS.get(name, 0)
            if not self.entry_level:
                raise Unplain("no kind of feed known here")
        elif path[-1] in _FEEDS or path[-1] in _CHANNELS:
            self.kind = self.about(name, attributes)
        if name.rpartition(" ")[2].lower() in {"item", "entry"}:
            raise Unplain("an unusual entry")
        self.is_feed = self.is_feed or name in _FEEDS or name in _CHANNELS
        path.append(name)

    def about(self, name: str, attributes: dict[str, str]) -> int:
        """Return what something is that the feed says of itself."""
        kind = self.children.get(name, _IGNORED)
        if kind == _ATOM_LINK and self.path[-1] not in _FEEDS:
            return _IGNORED
        if attributes or kind == _ATOM_LINK:
            kind = self.qualified(kind, attributes)
        if kind == _UNPLAIN:
            raise Unplain(name)
        if kind not in {_TITLE, _LINK, _GUID, _OTHER_TITLE}:
            return _IGNORED
        self.parser.CharacterDataHandler = self.add
        return kind

    def left(self, _name: str) -> None:
        """End what `outside` began."""
        self.path.pop()
        if self.kind >= 0:
            self.parser.CharacterDataHandler = None
            self.keep()
            self.kind = _IGNORED

    def begin(self, attributes: dict[str, str]) -> None:
        """Begin an entry, or hear no more if there are enough."""
        if not self.path or len(self.path) != self.entry_level or self.kind >= 0:
            raise Unplain("an entry out of place")
        parser = self.parser
        if len(self.entries) == MAX_ENTRIES:
            parser.StartElementHandler = parser.EndElementHandler = None
            return
        self.fields = [""] * _FIELDS
        self.guid_is_link = True
        if attributes:
            if "href" in attributes or "lastmod" in attributes:
                raise Unplain("an entry of a channel definition")
            self.fields[_GUID] = attributes.get(f"{_RDF} about", "")
            self.guid_is_link = not self.fields[_GUID]
        parser.StartElementHandler = self.child
        parser.EndElementHandler = self.ended

    def child(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element in an entry."""
        if self.depth:
            self.depth += 1
            self.within(name)
            return
        kind = self.children.get(name)
        if kind is None:
            kind = self.children[name] = self.judged(name)
        if attributes or kind == _ATOM_LINK:
            kind = self.qualified(kind, attributes)
        if kind == _BODY and self.fields[_SUMMARY]:
            kind = _IGNORED  # often the whole article, and not needed
            self.marked_up = False
        elif kind >= 0:
            self.parser.CharacterDataHandler = self.escaped if self.marked_up else self.add
        elif kind <= _GROUP:
            if kind == _GROUP:
                return  # its children count as the entry's own
            raise Unplain(name)
        self.kind = kind
        self.depth = 1

    def declared(self, prefix: str | None, space: str | None) -> None:
        """Note a namespace, and whether its names may stand without a prefix."""
        if space and _SPACES.get(space.lower(), space) != space:
            raise Unplain("a namespace spelled otherwise")
        if space and not prefix:
            self.unprefixed.add(space)

    def judged(self, name: str) -> int:
        """Return what an element is that is not among the known children of entries."""
        space, _, word = name.rpartition(" ")
        return _UNPLAIN if space in self.unprefixed and word.lower() in _FIELD_WORDS else _IGNORED

    def ended(self, name: str) -> None:
        """End a child of an entry, keeping its text, or the entry itself."""
        if self.depth == 1:
            self.depth = 0
            if self.kind >= 0:
                self.parser.CharacterDataHandler = None
                self.keep()
        elif self.depth:
            self.depth -= 1
            if self.marked_up:
                self.text.append(f"</{name.rpartition(' ')[2]}>")
        elif name in _ENTRIES:
            self.entries.append(self.finished())
            self.fields = self.feed
            self.kind = _IGNORED
            self.parser.StartElementHandler = self.outside
            self.parser.EndElementHandler = self.left

    def keep(self) -> None:
        """Keep the text of a field. Of two dates the last counts, of two texts the first."""
        kind, text = self.kind, self.text
        if not self.fields[kind] or kind in {_PUBLISHED, _UPDATED}:
            self.fields[kind] = text[0] if len(text) == 1 else "".join(text)
        elif kind <= _GUID:
            raise Unplain("said twice")
        text.clear()
        self.marked_up = False

    def within(self, name: str) -> None:
        """Begin an element in a child of an entry: markup in a body of text, or something else."""
        kind = self.kind
        if name in _ENTRIES:
            raise Unplain("an entry out of place")
        word = name.rpartition(" ")[2]
        if kind >= _SUMMARY:
            if word == "div" and not self.marked_up:
                raise Unplain("markup that may be escaped once more")  # as TypePad did
            if not self.marked_up:
                self.marked_up = True
                self.text[:] = [escape(piece) for piece in self.text]
                self.parser.CharacterDataHandler = self.escaped
            self.text.append(f"<{word}>")
        elif kind >= 0:
            raise Unplain("markup in a field")
        elif kind != _SOURCE:
            inner = self.children.get(name, _IGNORED)
            if _LINK <= inner <= _UPDATED:
                raise Unplain("a field out of place")
            self.titled_within = self.titled_within or inner in {_TITLE, _OTHER_TITLE}

    def escaped(self, text: str) -> None:
        """Keep a piece of text that stands in markup."""
        self.text.append(escape(text))

    def qualified(self, kind: int, attributes: dict[str, str]) -> int:
        """Return what a child of an entry is in the light of its attributes."""
        if kind == _GUID:
            for key, value in attributes.items():
                if key == "isPermaLink" or key.lower() == "ispermalink":
                    self.guid_is_link = value == "true"
        elif kind == _ATOM_LINK:
            self.linked(attributes)
        elif kind == _LINK and not _LINKING.isdisjoint(attributes):
            return _UNPLAIN
        elif kind == _TITLE or kind >= _SUMMARY:
            form = attributes.get("type", "text").lower()
            if form in _MARKUP and kind != _TITLE:
                self.marked_up = True
            elif form not in _TEXT or attributes.get("mode") == "base64":
                return _UNPLAIN
        if not _BASES.isdisjoint(attributes):
            self.based = True
        return kind

    def linked(self, attributes: dict[str, str]) -> None:
        """Note an Atom link; the last that leads to a page counts."""
        if "href" not in attributes:
            raise Unplain("a link without an address")
        rel, form = attributes.get("rel", "alternate"), attributes.get("type", "html")
        if rel.lower() == "alternate" and form.lower() in _PAGES:
            if self.path[0] not in _FEEDS:
                raise Unplain("an Atom link in RSS")
            self.fields[_LINK] = attributes["href"]

    def finished(self) -> RawEntry:
        """Return the entry that ends here."""
        fields = self.fields
        title, link, guid = fields[_TITLE].strip(), fields[_LINK].strip(), fields[_GUID].strip()
        summary = fields[_SUMMARY] or fields[_BODY] or fields[_OTHER_SUMMARY]
        when = fields[_PUBLISHED].strip() or fields[_UPDATED].strip()
        published_at = moment(when) if when else None
        if when and published_at is None:
            raise Unplain("a date in other words")
        if not title and (self.titled_within or fields[_OTHER_TITLE]):
            raise Unplain("a title elsewhere")
        if self.based and link and not link.startswith(("https://", "http://")):
            raise Unplain("a relative link")
        if "&" in link and _REFERENCE.search(link):
            raise Unplain("a link escaped twice")
        if self.doubtful:
            for text in (title, link, guid, summary):
                if not text.isascii() and _misread(text):
                    raise Unplain("letters misread before")
        return RawEntry(title, link, guid, self.guid_is_link, summary, published_at)


def _refuse_doctype(*_: object) -> None:
    raise Unplain("a document type of its own")


def _misread(text: str) -> bool:
    """Whether a text was decoded wrongly before it came into the feed, as feedparser can mend."""
    if _CONTROLS.search(text):
        return True
    try:
        return bool(_TWICE.search(text) and text.encode("latin-1").decode())
    except UnicodeError:
        return False
