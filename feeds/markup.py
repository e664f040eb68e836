"""XML in one pass of expat, as a flat list of its tags and texts. Pure.

A call from expat into Python costs more than the parsing. So expat calls `list.append` alone, which
is C, and gets no more said of a tag than what is written; who reads the list looks closer at the
few kinds of tags that there are. Names come as expat has them: after their namespace and a space,
if they have one.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from html import unescape
from typing import NamedTuple, TypeVar
from xml.parsers import expat

XML = "http://www.w3.org/XML/1998/namespace"

_KEPT = 100  # tags of a scope …
_LENGTH = 1000  # … and characters of one
_SPACES = 64  # namespaces at a place, and …
_SCOPES = 2500  # … elements that declare some; copying them takes time

T = TypeVar("T")
_WHITE = re.compile(r"\r\n|[\r\n\t]")
# Possessive, and only behind white space: else a long name is tried from each of its letters.
_ATTRIBUTE = re.compile(r"""\s([^\s=]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")


class Unplain(Exception):
    """The document is not for the gate; says why in a few words, for those who tune it."""


class Damaged(Unplain):
    """The document is not well-formed XML, from `line` on."""

    def __init__(self, fault: expat.ExpatError) -> None:
        super().__init__(expat.ErrorString(fault.code) or "not well-formed")
        self.line = fault.lineno


class Tag(NamedTuple):
    """A start tag. `end` is the end tag that belongs to it, "" if the element is empty."""

    name: str
    attributes: Mapping[str, str]
    end: str


class Scope(NamedTuple):
    """Where prefixes mean the same: their namespaces, and what is known of tags as written.

    `tags` has the start tags without attributes or with namespaces, and the scope within each.
    `kinds` is for who reads: what a start tag begins, and the end tag that belongs to it. Scopes
    outlive documents: only what is the same in all of them may be kept there, by `keep`.
    """

    spaces: Mapping[str, str]
    tags: dict[str, tuple[Tag, "Scope"]]
    kinds: dict[str, tuple[int, str]]


def events(document: bytes) -> list[str]:
    """Return the tags, as they are written, and the texts of a document in their order.

    It is in UTF-8, whatever it declares. Texts are what is meant, in one piece each but for
    sections and comments in them, and for entities that only a document type elsewhere knows; these
    are taken for HTML's. Raises Damaged, and Unplain for a document that declares any itself.
    """
    found: list[str] = []
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.CharacterDataHandler = parser.DefaultHandler = found.append
    parser.StartDoctypeDeclHandler = _check_doctype
    parser.SkippedEntityHandler = lambda name, _: found.append(unescape(f"&{name};"))
    parser.XmlDeclHandler = parser.CommentHandler = parser.ProcessingInstructionHandler = _nothing
    parser.StartCdataSectionHandler = parser.EndCdataSectionHandler = _nothing
    try:
        parser.Parse(document, True)  # noqa: FBT003 - it takes no keywords
    except expat.ExpatError as fault:
        raise Damaged(fault) from None
    return found


def is_tag(event: str) -> bool:
    """Whether an event is a tag, or else a text that reads like just one tag."""
    return event[0] == "<" and event[-1] == ">" and event.rfind("<") == 0


def end(event: str) -> str:
    """Return an end tag without white space in it."""
    return event if event[-2] not in " \t\r\n" else f"{event[:-1].rstrip()}>"


def keep(known: dict[str, T], written: str, what: T) -> None:
    """Keep what is known of a tag of a scope, unless it is too long or there are too many."""
    if len(known) < _KEPT and len(written) < _LENGTH:
        known[written] = what


class Names:
    """What tags are called, as namespaces come and go.

    Who reads keeps `scope` as it is before a tag is opened, and sets it back where that ends.
    """

    def __init__(self, declared: Callable[[str], None]) -> None:
        """`declared` hears of each namespace that is declared."""
        self.scope = _scope(frozenset({("", ""), ("xml", XML)}))
        self._declared = declared
        self._scopes = 0

    def opened(self, written: str) -> Tag:
        """Return a start tag. Namespaces that it declares count from now on."""
        outer = self.scope
        known = outer.tags.get(written)
        if known is None:
            known = self._read(written)
            if not known[0].attributes or known[1] is not outer:
                keep(outer.tags, written, known)
        tag, self.scope = known
        return tag

    def _read(self, written: str) -> tuple[Tag, Scope]:
        """Return a start tag and the scope within it."""
        inner = written[1:-1] if written.isprintable() else _WHITE.sub(" ", written[1:-1])
        told = [(key, _meant(one or other)) for key, one, other in _ATTRIBUTE.findall(inner)]
        scope = self._within(told) if "xmlns" in written else self.scope
        name = inner.split(None, 1)[0].rstrip("/")
        attributes = {_spaced(key, scope) if ":" in key else key: value for key, value in told}
        end = "" if written[-2] == "/" else f"</{name}>"
        return Tag(_spaced(name, scope), attributes, end), scope

    def _within(self, attributes: Iterable[tuple[str, str]]) -> Scope:
        spaces = dict(self.scope.spaces)
        for key, space in attributes:
            name, _, prefix = key.partition(":")
            if name == "xmlns":
                spaces[prefix] = space
                self._declared(space)
        self._scopes += 1
        if len(spaces) > _SPACES or self._scopes > _SCOPES:
            raise Unplain("more namespaces than any feed has")
        return _scope(frozenset(spaces.items()))


def _spaced(name: str, scope: Scope) -> str:
    prefix, _, word = name.rpartition(":")
    space = scope.spaces.get(prefix, "")
    return f"{space} {word}" if space else word


@lru_cache(maxsize=64)
def _scope(spaces: frozenset[tuple[str, str]]) -> Scope:
    return Scope(dict(spaces), {}, {})


def _check_doctype(_name: str, _system: str | None, _public: str | None, inner: int) -> None:
    """Let a document name a type that is elsewhere, as RSS 0.91 asked: it is never looked up."""
    if inner:
        raise Unplain("a document type of its own")


def _nothing(*_: object) -> None:
    """Comments and the like say nothing."""


def _meant(value: str) -> str:
    """Return an attribute's value; HTML has all of XML's names, and the document just these."""
    return unescape(value) if "&" in value else value
