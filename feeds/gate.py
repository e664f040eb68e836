"""The gate: reads a plain feed in one linear pass, or says that it is none. Pure.

Most feeds are plain: well-formed RSS, RDF or Atom that says each thing once and in its place.
Reading one takes time in proportion to its size, whatever it holds, so it may be done on the event
loop. All else (damage, DTDs, dates in words, fields said twice) raises Unplain and is feedparser's
to judge, in a worker that can be killed. What both can read they read alike; the corpora in the
tests hold them to that.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import chain
from typing import Final, NamedTuple

from feeds import markup
from feeds.dates import moment
from feeds.markup import XML, Scope, Tag, Unplain

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
_UNPREFIXED = frozenset({"", _ATOM, _ATOM_03, _RSS_10, _RSS_090, _XHTML})
"""Namespaces of which a name means the same without its prefix, like the default one's."""

# What a child of an entry is: a field, by its place in the entry's list
# (a name is a guid that is no link) …
_LINK, _GUID, _NAME, _PUBLISHED, _UPDATED = range(5)
_TITLE, _SUMMARY, _BODY, _OTHER_SUMMARY, _OTHER_TITLE = range(5, 10)  # may be markup
_FIELDS = 10
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

_DATES = frozenset({_PUBLISHED, _UPDATED})
_ENTRIES = {"item", f"{_RSS_10} item", f"{_RSS_090} item", f"{_ATOM} entry", f"{_ATOM_03} entry"}
_FEEDS = {f"{_ATOM} feed", f"{_ATOM_03} feed"}
_CHANNELS = {"channel", f"{_RSS_10} channel", f"{_RSS_090} channel"}
# Document elements, with how many elements its entries stand in.
_ROOTS = {"rss": 2, f"{_RDF} RDF": 1, f"{_ATOM} feed": 1, f"{_ATOM_03} feed": 1}
_MARKUP = frozenset({"xhtml", "application/xhtml+xml"})
_FORMS = _MARKUP | {"text", "html", "plain", "text/plain", "text/html", "escaped"}
_BASES = frozenset({f"{XML} base", "base"})
_LINKING = frozenset({"href", "rel", "type", "uri", "url"})
_PAGES = frozenset({"html", "xhtml", "text/html", "application/xhtml+xml"})

# Letters encoded twice, and Windows' quotation marks taken for control characters.
_TWICE = re.compile("[\xc2-\xf4][\x80-\xbf]")
_CONTROLS = re.compile("[\x80-\x9f]")
_REFERENCE = re.compile(r"&\w+;")

_LIKE_A_TAG = "a text that reads like a tag"


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
    # Without these bytes nothing in it can be misread; see `_misread`.
    doubtful = b"\xc2" in document or (b"#" in document and b"&#" in document)
    try:
        return _Reader(iter(markup.events(document)), doubtful=doubtful).read()
    except StopIteration:
        raise Unplain(_LIKE_A_TAG) from None


class _Reader:
    """One pass over the tags and texts of a document.

    A text that reads like just one tag passes for one. Nearly always that is noticed, since its end
    is missing; where it has one too, it is what the text's author meant.
    """

    def __init__(self, events: Iterator[str], *, doubtful: bool) -> None:
        self.events = events
        self.names = markup.Names(_declared)
        self.doubtful = doubtful
        self.based = self.titled_within = self.is_feed = False
        self.root = ""
        self.groups: list[str] = []

    def read(self) -> RawFeed:
        """Read the document. Raises Unplain."""
        fields = [""] * _FIELDS
        entries: list[RawEntry] = []
        path: list[tuple[Tag, Scope]] = []
        names = self.names
        for event in self.events:
            if not markup.is_tag(event):
                continue
            if event[1] == "/":
                if not path or path[-1][0].end != markup.end(event):
                    raise Unplain(_LIKE_A_TAG)
                _, names.scope = path.pop()
                continue
            outer = names.scope
            tag = names.opened(event)
            if tag.name in _ENTRIES:
                if len(path) != _ROOTS.get(self.root):
                    raise Unplain("an entry out of place")
                if len(entries) == MAX_ENTRIES:
                    break
                entries.append(self.entry(tag))
            elif self.outside(tag, path[-1][0].name if path else "", fields):
                path.append((tag, outer))
                continue
            names.scope = outer
        if not self.is_feed:
            raise Unplain("no feed in it")
        guid = (fields[_GUID] or fields[_NAME]).strip()
        return RawFeed(
            title=fields[_TITLE] or fields[_OTHER_TITLE],
            link=fields[_LINK].strip() or (guid if guid.startswith("http") else ""),
            entries=entries,
        )

    def outside(self, tag: Tag, parent: str, fields: list[str]) -> bool:
        """Take in an element outside of entries; return whether there is more in it."""
        name = tag.name
        self.root = self.root or name
        if self.root not in _ROOTS:
            raise Unplain("no kind of feed known here")
        if name.rpartition(" ")[2].lower() in {"item", "entry"}:
            raise Unplain("an unusual entry")
        self.is_feed = self.is_feed or name in _FEEDS or name in _CHANNELS
        kind = _IGNORED
        if parent in _FEEDS or (parent in _CHANNELS and _CHILDREN.get(name) != _ATOM_LINK):
            kind = _CHILDREN.get(name, _IGNORED)
        kind = self.qualified(kind, tag, fields)
        if kind not in {_TITLE, _LINK, _GUID, _NAME, _OTHER_TITLE}:
            return bool(tag.end)
        _keep(fields, kind, self.content(kind, tag))
        return False

    def entry(self, begun: Tag) -> RawEntry:
        """Read an entry to its end."""
        fields = [""] * _FIELDS
        if begun.attributes:
            if "href" in begun.attributes or "lastmod" in begun.attributes:
                raise Unplain("an entry of a channel definition")
            self.qualified(_IGNORED, begun, fields)
            fields[_NAME] = begun.attributes.get(f"{_RDF} about", "")
        kinds, events, ends = self.names.scope.kinds, self.events, begun.end
        for event in events if ends else ():
            if event in kinds:  # nearly always; what follows is `content` without a call
                kind, end = kinds[event]
                text = next(events)
                if text == end:
                    text = ""
                elif (after := next(events)) != end or (text[0] == "<" and kind < _TITLE):
                    text = self.mixed(kind, end, (text, after))
                if kind >= 0:
                    if fields[kind]:
                        _keep(fields, kind, text)
                    else:
                        fields[kind] = text
            elif (event == ends and not self.groups) or not self.special(event, ends, fields):
                break
        return self.finished(fields)

    def special(self, event: str, end: str, fields: list[str]) -> bool:
        """Take in what its start tag alone does not tell; return False at the entry's end."""
        if not markup.is_tag(event):
            return True
        if event[1] == "/":
            ends = self.groups.pop() if self.groups else end
            if ends != markup.end(event):
                raise Unplain(_LIKE_A_TAG)
            return ends != end
        outer = self.names.scope
        tag = self.names.opened(event)
        kind = self.qualified(self.judged(tag.name), tag, fields)
        if kind == _GROUP and tag.end:
            self.groups.append(tag.end)  # its children count as the entry's own
            return True
        text = self.content(kind, tag)
        if kind >= 0:
            _keep(fields, kind, text)
        told_alone = kind != _ATOM_LINK and not _is_markup(kind, tag) and not _has_base(tag)
        if tag.end and told_alone and self.names.scope is outer:
            markup.keep(outer.kinds, event, (kind, tag.end))
        self.names.scope = outer
        return True

    def content(self, kind: int, tag: Tag) -> str:
        """Read on to the end of an element; return the text in it."""
        if not tag.end or (text := next(self.events)) == tag.end:
            return ""
        after = next(self.events)
        marked_up = _is_markup(kind, tag)
        if after != tag.end or (text[0] == "<" and kind < _TITLE):
            return self.mixed(kind, tag.end, (text, after), marked_up=marked_up)
        return escape(text) if marked_up else text

    def judged(self, name: str) -> int:
        """Return what a child of an entry is by its name."""
        space, _, word = name.rpartition(" ")
        unprefixed = space in _UNPREFIXED or space == self.names.scope.spaces[""]
        meant = unprefixed and word.lower() in _FIELD_WORDS
        return _CHILDREN.get(name, _UNPLAIN if meant else _IGNORED)

    def qualified(self, kind: int, tag: Tag, fields: list[str]) -> int:
        """Return what an element is in the light of its attributes; an Atom link is taken in."""
        attributes = tag.attributes
        if kind == _GUID:
            told = [value for key, value in attributes.items() if key.lower() == "ispermalink"]
            kind = _NAME if told and told[-1] != "true" else _GUID
        elif kind == _ATOM_LINK:
            fields[_LINK] = self.linked(attributes) or fields[_LINK]
        elif kind == _LINK and not _LINKING.isdisjoint(attributes):
            kind = _UNPLAIN
        elif kind >= _TITLE:
            form = attributes.get("type", "text").lower()
            if form not in _FORMS or attributes.get("mode") == "base64":
                kind = _UNPLAIN
        if kind == _UNPLAIN:
            raise Unplain(tag.name)
        self.based = self.based or _has_base(tag)
        return kind

    def linked(self, attributes: Mapping[str, str]) -> str:
        """Return where an Atom link leads if it leads to a page."""
        if "href" not in attributes:
            raise Unplain("a link without an address")
        rel, form = attributes.get("rel", "alternate"), attributes.get("type", "html")
        if rel.lower() != "alternate" or form.lower() not in _PAGES:
            return ""
        if self.root not in _FEEDS:
            raise Unplain("an Atom link in RSS")
        return attributes["href"]

    def mixed(self, kind: int, end: str, begun: Iterable[str], *, marked_up: bool = False) -> str:
        """Read on to the end of an element that has others in it, or texts in several pieces.

        Return the text, or all of it as markup. `begun` is what was read of it already.
        """
        text: list[str] = []
        written: list[str] = []
        ends, scopes = [end], [self.names.scope]
        for event in chain(begun, self.events):
            if not markup.is_tag(event):
                text.append(event)
                written.append(escape(event))
            elif event[1] == "/":
                if ends.pop() != markup.end(event):
                    raise Unplain(_LIKE_A_TAG)
                self.names.scope = scopes.pop()
                if not ends:
                    break
                written.append(event)
            else:
                outer = self.names.scope
                tag = self.names.opened(event)
                self.within(kind, tag.name, marked_up=marked_up)
                marked_up = True
                written.append(f"<{tag.name.rpartition(' ')[2]}>")
                if tag.end:
                    ends.append(tag.end)
                    scopes.append(outer)
                else:
                    self.names.scope = outer
        return "".join(written if marked_up else text)

    def within(self, kind: int, name: str, *, marked_up: bool) -> None:
        """Judge an element in a child of an entry: markup in a text, or something else."""
        if name in _ENTRIES:
            raise Unplain("an entry out of place")
        if kind >= _TITLE:
            if name.rpartition(" ")[2] == "div" and not marked_up:
                raise Unplain("markup that may be escaped once more")  # as TypePad did
        elif kind >= 0:
            raise Unplain("markup in a field")
        elif kind != _SOURCE:
            inner = _CHILDREN.get(name, _IGNORED)
            if _LINK <= inner <= _UPDATED:
                raise Unplain("a field out of place")
            self.titled_within = self.titled_within or inner in {_TITLE, _OTHER_TITLE}

    def finished(self, fields: list[str]) -> RawEntry:
        """Return the entry that these fields make."""
        link, guid, name, published, updated, title, summary, body, other, other_title = fields
        if guid and name:
            raise Unplain("said twice")
        title, link, guid = title.strip(), link.strip(), (guid or name).strip()
        summary = summary or body or other
        when = published.strip() or updated.strip()
        published_at = moment(when) if when else None
        if when and published_at is None:
            raise Unplain("a date in other words")
        if not title and (self.titled_within or other_title):
            raise Unplain("a title elsewhere")
        if self.based and link and not link.startswith(("https://", "http://")):
            raise Unplain("a relative link")
        if "&" in link and _REFERENCE.search(link):
            raise Unplain("a link escaped twice")
        if self.doubtful:
            for text in (title, link, guid, summary):
                if not text.isascii() and _misread(text):
                    raise Unplain("letters misread before")
        return RawEntry(title, link, guid, not name, summary, published_at)


def _declared(space: str) -> None:
    """Hear of a namespace that the document declares."""
    if _SPACES.get(space.lower(), space) != space:
        raise Unplain("a namespace spelled otherwise")


def _has_base(tag: Tag) -> bool:
    return not _BASES.isdisjoint(tag.attributes)


def _is_markup(kind: int, tag: Tag) -> bool:
    """Whether a text says that it is markup which is not escaped."""
    return kind >= _TITLE and tag.attributes.get("type", "").lower() in _MARKUP


def _keep(fields: list[str], kind: int, text: str) -> None:
    """Keep the text of a field. Of two dates the last counts, of two texts the first."""
    if not fields[kind] or kind in _DATES:
        fields[kind] = text
    elif kind < _SUMMARY:
        raise Unplain("said twice")


def _misread(text: str) -> bool:
    """Whether a text was decoded wrongly before it came into the feed, as feedparser can mend."""
    if _CONTROLS.search(text):
        return True
    try:
        return bool(_TWICE.search(text) and text.encode("latin-1").decode())
    except UnicodeError:
        return False
