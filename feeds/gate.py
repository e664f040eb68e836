"""The gate: reads a plain feed in one linear pass, or says that it is none. Pure.

Most feeds are plain: well-formed RSS, RDF or Atom that says each thing once and in its place.
Reading one takes time in proportion to its size, whatever it holds, so it may be done on the event
loop. All else (damage, DTDs, dates in words, fields said twice) raises Unplain and is feedparser's
to judge, in a worker that can be killed. What both can read they read alike; the corpora in the
tests hold them to that.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain, islice
from operator import length_hint

from feeds import markup
from feeds.columns import RawEntries, finished
from feeds.elements import (
    ATOM_LINK,
    BASES,
    CHANNELS,
    CHILDREN,
    DATES,
    ENTRIES,
    FEEDS,
    FIELD_WORDS,
    FIELDS,
    FORMS,
    GROUP,
    GUID,
    IGNORED,
    LINK,
    LINKING,
    LOWERED,
    MARKUP,
    NAME,
    OTHER_TITLE,
    PAGES,
    RDF,
    ROOTS,
    SOURCE,
    SPACES,
    SUMMARY,
    TITLE,
    UNPLAIN,
    UNPREFIXED,
    UPDATED,
)
from feeds.markup import Scope, Tag, Unplain
from feeds.runs import Shapes

MAX_ENTRIES = 1000
"""No more entries are read from one document."""

_LIKE_A_TAG = "a text that reads like a tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """A feed document before cleaning; its entries in order, at most MAX_ENTRIES."""

    title: str
    link: str
    entries: RawEntries


def read_plain(document: bytes) -> RawFeed:
    """Read a plain feed that is in UTF-8, whatever it declares. Raises Unplain."""
    # Without these bytes nothing in it can be misread; see `feeds.columns`.
    doubtful = b"\xc2" in document or (b"#" in document and b"&#" in document)
    found = markup.events(document)
    try:
        return _Reader(found, doubtful=doubtful).read()
    except StopIteration:
        raise Unplain(_LIKE_A_TAG) from None


class _Reader:
    """One pass over the tags and texts of a document.

    A text that reads like just one tag passes for one. Nearly always that is noticed, since its end
    is missing; where it has one too, it is what the text's author meant.
    """

    def __init__(self, found: list[str], *, doubtful: bool) -> None:
        self.found = found
        self.events = iter(found)
        self.names = markup.Names(_declared)
        self.shapes = Shapes()
        self.doubtful = doubtful
        self.based = self.titled_within = self.is_feed = False
        self.root = ""
        self.columns: list[list[str]] = [[] for _ in range(FIELDS)]  # the fields of the entries

    def read(self) -> RawFeed:
        """Read the document. Raises Unplain."""
        fields = [""] * FIELDS
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
            if tag.name in ENTRIES:
                if len(path) != ROOTS.get(self.root):
                    raise Unplain("an entry out of place")
                self.entries(tag, event)
                if len(self.columns[0]) == MAX_ENTRIES:
                    break
            elif self.outside(tag, path[-1][0].name if path else "", fields):
                path.append((tag, outer))
                continue
            names.scope = outer
        if not self.is_feed:
            raise Unplain("no feed in it")
        guid = (fields[GUID] or fields[NAME]).strip()
        return RawFeed(
            title=fields[TITLE] or fields[OTHER_TITLE],
            link=fields[LINK].strip() or (guid if guid.startswith("http") else ""),
            entries=finished(
                self.columns,
                based=self.based,
                titled_within=self.titled_within,
                doubtful=self.doubtful,
            ),
        )

    def outside(self, tag: Tag, parent: str, fields: list[str]) -> bool:
        """Take in an element outside of entries; return whether there is more in it."""
        name = tag.name
        self.root = self.root or name
        if self.root not in ROOTS:
            raise Unplain("no kind of feed known here")
        if name.rpartition(" ")[2].lower() in {"item", "entry"}:
            raise Unplain("an unusual entry")
        self.is_feed = self.is_feed or name in FEEDS or name in CHANNELS
        kind = IGNORED
        if parent in FEEDS or (parent in CHANNELS and CHILDREN.get(name) != ATOM_LINK):
            kind = CHILDREN.get(name, IGNORED)
        kind = self.qualified(kind, tag, fields)
        if kind not in {TITLE, LINK, GUID, NAME, OTHER_TITLE}:
            return bool(tag.end)
        _keep(fields, kind, self.content(kind, tag))
        return False

    def entries(self, begun: Tag, written: str) -> None:
        """Read an entry, and those right after it that begin with the same tag."""
        found = self.found
        start = first = len(found) - length_hint(self.events) - 1
        while True:
            try:
                end = found.index(begun.end, start) if begun.end else start
            except ValueError:
                raise Unplain("an end tag with white space") from None
            # Before the next tag there may be white space.
            behind = end + 1 if found[end + 1][0] == "<" else end + 2
            most = MAX_ENTRIES - len(self.columns[0])
            alike = () if begun.attributes else self.shapes.columns(found, start, end, behind, most)
            if alike:
                further = (len(alike[0]) - 1) * (behind - start)
                end += further
                behind += further
            else:
                alike = list(zip(self.child_by_child(begun, found[start + 1 : end])))
                self.shapes.learn(found[start : end + 1], self.names.scope.kinds, FIELDS)
            for column, texts in zip(self.columns, alike, strict=True):
                column.extend(texts)
            if found[behind] != written or len(self.columns[0]) == MAX_ENTRIES:
                break
            start = behind
        deque(islice(self.events, end - first), maxlen=0)

    def child_by_child(self, begun: Tag, inner: list[str]) -> Sequence[str]:
        """Return the fields of an entry that is written unlike those before."""
        fields = [""] * FIELDS
        if begun.attributes:
            if "href" in begun.attributes or "lastmod" in begun.attributes:
                raise Unplain("an entry of a channel definition")
            self.qualified(IGNORED, begun, fields)
            fields[NAME] = begun.attributes.get(f"{RDF} about", "")
        groups: list[str] = []
        behind, self.events = self.events, iter(inner)
        kinds, events = self.names.scope.kinds, self.events
        for event in events:
            if event in kinds:  # nearly always; what follows is `content` without a call
                kind, end = kinds[event]
                text = next(events)
                if text == end:
                    text = ""
                elif (after := next(events)) != end or (text[0] == "<" and kind < TITLE):
                    text = self.mixed(kind, end, (text, after))
                if kind >= 0:
                    _keep(fields, kind, text)
            elif markup.is_tag(event):
                self.special(event, fields, groups)
        if groups:
            raise Unplain(_LIKE_A_TAG)
        self.events = behind
        return fields

    def special(self, event: str, fields: list[str], groups: list[str]) -> None:
        """Take in what its start tag alone does not tell, and where a group ends."""
        if event[1] == "/":
            if not groups or groups.pop() != markup.end(event):
                raise Unplain(_LIKE_A_TAG)
            return
        outer = self.names.scope
        tag = self.names.opened(event)
        kind = self.qualified(self.judged(tag.name), tag, fields)
        if kind == GROUP and tag.end:
            groups.append(tag.end)  # its children count as the entry's own
            return
        text = self.content(kind, tag)
        if kind >= 0:
            _keep(fields, kind, text)
        told_alone = kind != ATOM_LINK and not _is_markup(kind, tag) and not _has_base(tag)
        if tag.end and told_alone and self.names.scope is outer:
            markup.keep(outer.kinds, event, (kind, tag.end))
        self.names.scope = outer

    def content(self, kind: int, tag: Tag) -> str:
        """Read on to the end of an element; return the text in it."""
        if not tag.end or (text := next(self.events)) == tag.end:
            return ""
        after = next(self.events)
        marked_up = _is_markup(kind, tag)
        if after != tag.end or (text[0] == "<" and kind < TITLE):
            return self.mixed(kind, tag.end, (text, after), marked_up=marked_up)
        return escape(text) if marked_up else text

    def judged(self, name: str) -> int:
        """Return what a child of an entry is by its name."""
        space, _, word = name.rpartition(" ")
        unprefixed = space in UNPREFIXED or space == self.names.scope.spaces[""]
        meant = (unprefixed and word.lower() in FIELD_WORDS) or name.lower() in LOWERED
        return CHILDREN.get(name, UNPLAIN if meant else IGNORED)

    def qualified(self, kind: int, tag: Tag, fields: list[str]) -> int:
        """Return what an element is in the light of its attributes; an Atom link is taken in."""
        attributes = tag.attributes
        if not attributes and kind > UNPLAIN and kind != ATOM_LINK:
            return kind
        if kind == GUID:
            told = [value for key, value in attributes.items() if key.lower() == "ispermalink"]
            kind = NAME if told and told[-1] != "true" else GUID
        elif kind == ATOM_LINK:
            fields[LINK] = self.linked(attributes) or fields[LINK]
        elif kind == LINK and not LINKING.isdisjoint(attributes):
            kind = UNPLAIN
        elif kind >= TITLE:
            form = attributes.get("type", "text").lower()
            if form not in FORMS or attributes.get("mode") == "base64":
                kind = UNPLAIN
        if kind == UNPLAIN:
            raise Unplain(tag.name)
        self.based = self.based or _has_base(tag)
        return kind

    def linked(self, attributes: Mapping[str, str]) -> str:
        """Return where an Atom link leads if it leads to a page."""
        if "href" not in attributes:
            raise Unplain("a link without an address")
        rel, form = attributes.get("rel", "alternate"), attributes.get("type", "html")
        if rel.lower() != "alternate" or form.lower() not in PAGES:
            return ""
        if self.root not in FEEDS:
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
        else:
            raise Unplain(_LIKE_A_TAG)
        return "".join(written if marked_up else text)

    def within(self, kind: int, name: str, *, marked_up: bool) -> None:
        """Judge an element in a child of an entry: markup in a text, or something else."""
        if name in ENTRIES:
            raise Unplain("an entry out of place")
        if kind >= TITLE:
            if name.rpartition(" ")[2] == "div" and not marked_up:
                raise Unplain("markup that may be escaped once more")  # as TypePad did
        elif kind >= 0:
            raise Unplain("markup in a field")
        elif kind != SOURCE:
            inner = CHILDREN.get(name, IGNORED)
            if LINK <= inner <= UPDATED:
                raise Unplain("a field out of place")
            self.titled_within = self.titled_within or inner in {TITLE, OTHER_TITLE}


def _declared(space: str) -> None:
    """Hear of a namespace that the document declares."""
    if SPACES.get(space.lower(), space) != space:
        raise Unplain("a namespace spelled otherwise")


def _has_base(tag: Tag) -> bool:
    return not BASES.isdisjoint(tag.attributes)


def _is_markup(kind: int, tag: Tag) -> bool:
    """Whether a text says that it is markup which is not escaped."""
    return kind >= TITLE and tag.attributes.get("type", "").lower() in MARKUP


def _keep(fields: list[str], kind: int, text: str) -> None:
    """Keep the text of a field. Of two dates the last counts, of two texts the first."""
    if not fields[kind] or kind in DATES:
        fields[kind] = text
    elif kind < SUMMARY:
        raise Unplain("said twice")
