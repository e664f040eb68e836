"""What the elements of RSS, RDF and Atom are, as feedparser takes them too. Tables, no more.

Names stand after their namespace and a space, if they have one (`feeds.markup`).
"""

from typing import Final

from feeds.markup import XML

_ATOM = "http://www.w3.org/2005/Atom"
_ATOM_03 = "http://purl.org/atom/ns#"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_DCTERMS = "http://purl.org/dc/terms/"
_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_MEDIA = "http://search.yahoo.com/mrss/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XHTML = "http://www.w3.org/1999/xhtml"
_RSS_10 = "http://purl.org/rss/1.0/"
_RSS_090 = "http://my.netscape.com/rdf/simple/0.9/"
# Namespaces as they are read here, by what feedparser takes for them: it ignores case.
SPACES = {
    space.lower(): space
    for space in (
        _ATOM,
        _ATOM_03,
        _CONTENT,
        _DC,
        _DCTERMS,
        _ITUNES,
        _MEDIA,
        RDF,
        _RSS_10,
        _RSS_090,
    )
} | {_MEDIA[:-1]: _MEDIA}
UNPREFIXED = frozenset({"", _ATOM, _ATOM_03, _RSS_10, _RSS_090, _XHTML})
"""Namespaces of which a name means the same without its prefix, like the default one's."""

# What a child of an entry is: a field, by its place in the entry's row
# (a name is a guid that is no link) …
LINK, GUID, NAME, PUBLISHED, UPDATED = range(5)
TITLE, SUMMARY, BODY, OTHER_SUMMARY, OTHER_TITLE = range(5, 10)  # may be markup
FIELDS = 10
# … or nothing whose text is kept.
IGNORED, SOURCE, ATOM_LINK, GROUP, UNPLAIN = range(-1, -6, -1)

_RSS_CHILDREN = {
    "title": TITLE, "link": LINK, "guid": GUID, "description": SUMMARY,
    "pubDate": PUBLISHED, "source": SOURCE, "author": IGNORED, "category": IGNORED,
    "comments": IGNORED, "enclosure": IGNORED,
}  # fmt: skip
_ATOM_CHILDREN = {
    "title": TITLE, "link": ATOM_LINK, "id": GUID, "summary": SUMMARY, "content": BODY,
    "published": PUBLISHED, "issued": PUBLISHED, "updated": UPDATED, "modified": UPDATED,
    "source": SOURCE, "author": IGNORED, "contributor": IGNORED, "category": IGNORED,
    "rights": IGNORED,
}  # fmt: skip
CHILDREN: Final = {
    **_RSS_CHILDREN,
    **{f"{_RSS_10} {name}": kind for name, kind in _RSS_CHILDREN.items()},
    **{f"{_RSS_090} {name}": kind for name, kind in _RSS_CHILDREN.items()},
    **{f"{_ATOM} {name}": kind for name, kind in _ATOM_CHILDREN.items()},
    **{f"{_ATOM_03} {name}": kind for name, kind in _ATOM_CHILDREN.items()},
    f"{_CONTENT} encoded": BODY, f"{_ITUNES} summary": OTHER_SUMMARY,
    f"{_DC} title": OTHER_TITLE, f"{_DC} description": OTHER_SUMMARY, f"{_DC} date": UPDATED,
    f"{_DCTERMS} issued": PUBLISHED, f"{_DCTERMS} modified": UPDATED,
    f"{_DCTERMS} created": UNPLAIN,
    f"{_MEDIA} title": OTHER_TITLE, f"{_MEDIA} description": OTHER_SUMMARY,
    f"{_MEDIA} group": GROUP,
}  # fmt: skip

LOWERED = frozenset(name.lower() for name, kind in CHILDREN.items() if kind != IGNORED)
"""Names of those that are not ignored, as feedparser takes them: whatever their case."""

# Words that feedparser takes for a field, whatever their case, unless a prefix says otherwise.
FIELD_WORDS = frozenset({
    "title", "link", "guid", "id", "description", "summary", "abstract", "content", "pubdate",
    "published", "issued", "updated", "modified", "lastbuilddate", "created", "item", "entry",
    "body", "fullitem",
})  # fmt: skip

DATES = frozenset({PUBLISHED, UPDATED})
ENTRIES = {"item", f"{_RSS_10} item", f"{_RSS_090} item", f"{_ATOM} entry", f"{_ATOM_03} entry"}
FEEDS = {f"{_ATOM} feed", f"{_ATOM_03} feed"}
CHANNELS = {"channel", f"{_RSS_10} channel", f"{_RSS_090} channel"}
# Document elements, with how many elements its entries stand in.
ROOTS = {"rss": 2, f"{RDF} RDF": 1, f"{_ATOM} feed": 1, f"{_ATOM_03} feed": 1}
MARKUP = frozenset({"xhtml", "application/xhtml+xml"})
FORMS = MARKUP | {"text", "html", "plain", "text/plain", "text/html", "escaped"}
BASES = frozenset({f"{XML} base", "base"})
LINKING = frozenset({"href", "rel", "type", "uri", "url"})
PAGES = frozenset({"html", "xhtml", "text/html", "application/xhtml+xml"})
