"""Reads answers with care: every value is checked where it is taken, and faults name their place.

A Node is a value in a JSON document with its path (`bill.history[3].date`); XML is read into the
same shape by `read_xml`, where every element is a list of the elements of that name. What is
absent, null or empty is an ordinary answer; what is there in another shape is a BadAnswer.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from xml.parsers import expat

from domain.text import clean, plain_from_html
from feeds.legislatures.port import BadAnswer

LONG = 20_000
SHORT = 500
_DEEPEST = 60
_MOST_ELEMENTS = 400_000
_LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class Node:
    """A value in an answer, and where it stands."""

    source: str
    path: str
    value: Any

    def bad(self, expected: str) -> BadAnswer:
        """Return the fault that this value is not what the contract says."""
        return BadAnswer(self.source, self.path, expected)

    @property
    def there(self) -> bool:
        """Whether there is anything: null, nothing and an empty text or list are not."""
        return self.value not in (None, "", [], {})

    def get(self, key: str) -> "Node":
        """Return what stands under a key, an absent one as null."""
        if self.value is None:
            return Node(self.source, self._below(key), None)
        if not isinstance(self.value, dict):
            raise self.bad("expected an object")
        return Node(self.source, self._below(key), self.value.get(key))

    def at(self, *keys: str) -> "Node":
        """Return what stands at the end of several keys."""
        node = self
        for key in keys:
            node = node.get(key)
        return node

    def items(self, most: int) -> "list[Node]":
        """Return the members of a list, none for null. More than `most` is a fault."""
        if self.value is None or self.value in ("", {}):
            return []
        if not isinstance(self.value, list):
            raise self.bad("expected a list")
        if len(self.value) > most:
            raise self.bad(f"expected at most {most} members, not {len(self.value)}")
        return [
            Node(self.source, f"{self.path}[{place}]", one) for place, one in enumerate(self.value)
        ]

    def text(self, limit: int = SHORT) -> str:
        """Return a text or number as a clean line; empty where there is none."""
        if self.value is None:
            return ""
        if isinstance(self.value, bool) or not isinstance(self.value, str | int | float):
            raise self.bad("expected a text")
        return clean(str(self.value), limit)

    def needed(self, limit: int = SHORT) -> str:
        """Return a text that must be there."""
        told = self.text(limit)
        if not told:
            raise self.bad("expected a text, there is none")
        return told

    def markup(self, limit: int = LONG) -> str:
        """Return the readable text of an HTML fragment."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            raise self.bad("expected a text")
        return plain_from_html(self.value, limit)

    def number(self) -> int | None:
        """Return a whole number, also one written as text; None where there is none."""
        value = self.value
        if value is None or value == "":
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and len(value) <= _LONGEST_NUMBER:
            plain = value.strip().removeprefix("-")
            if plain.isascii() and plain.isdigit():
                return int(value)
        raise self.bad("expected a whole number")

    def count(self) -> int:
        """Return a whole number, 0 where there is none."""
        return self.number() or 0

    def day(self) -> date | None:
        """Return the calendar day that a date, or a date with a time, is written for."""
        told = self.text()
        if not told or told.startswith("0000"):
            return None
        try:
            return date.fromisoformat(told[:10])
        except ValueError:
            raise self.bad("expected a date such as 2021-06-01") from None

    def needed_day(self) -> date:
        """Return a day that must be there."""
        day = self.day()
        if day is None:
            raise self.bad("expected a date, there is none")
        return day

    def instant(self) -> datetime | None:
        """Return an ISO date with time as an instant; without an offset it is UTC."""
        told = self.text()
        if not told:
            return None
        try:
            at = datetime.fromisoformat(told)
        except ValueError:
            raise self.bad("expected a date and time") from None
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)

    def url(self) -> str:
        """Return a web address, empty where there is none or something else."""
        told = self.text(2048)
        return told if told.startswith(("https://", "http://")) and " " not in told else ""

    def one(self, *names: str) -> "Node":
        """Of XML: return the first element at the end of a path of names, or null."""
        node = self
        for name in names:
            below = node.get(name) if isinstance(node.value, dict) else Node(self.source, "", None)
            path = node._below(name)
            node = Node(self.source, path, below.value[0] if below.value else None)
        return node

    def all(self, most: int, *names: str) -> "list[Node]":
        """Of XML: return the elements of the last name below the first one of each before it."""
        parent = self.one(*names[:-1])
        if not isinstance(parent.value, dict):
            return []
        return parent.get(names[-1]).items(most)

    def _below(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def read_json(source: str, body: bytes) -> Node:
    """Return the root of a JSON document. Raises BadAnswer."""
    try:
        return Node(source, "", json.loads(body))
    except (ValueError, RecursionError):
        raise BadAnswer(source, "", "it is not JSON") from None


def read_xml(source: str, body: bytes) -> Node:
    """Return the root element of an XML document, in linear time. Raises BadAnswer.

    An element is its text, or {name: [elements]} where it has elements in it. Attributes are left
    out. Documents that define entities are refused.
    """
    builder = _Builder(source)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = builder.refuse_doctype
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    try:
        parser.Parse(body, True)  # noqa: FBT003 - the C function takes no keyword
    except (expat.ExpatError, ValueError):
        raise BadAnswer(source, "", "it is not XML") from None
    return Node(source, builder.root_name, builder.root)


class _Builder:
    """Gathers elements as the parser comes to them."""

    def __init__(self, source: str) -> None:
        self.root: Any = None
        self.root_name = ""
        self._source = source
        self._open: list[tuple[str, dict[str, list[Any]], list[str]]] = []
        self._count = 0

    def start(self, name: str, _: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MOST_ELEMENTS or len(self._open) >= _DEEPEST:
            raise BadAnswer(self._source, self._path(), "it is too large or too deep")
        self._open.append((name.rpartition(":")[2], {}, []))

    def end(self, _: str) -> None:
        name, children, texts = self._open.pop()
        value: Any = children or "".join(texts)
        if self._open:
            self._open[-1][1].setdefault(name, []).append(value)
        else:
            self.root, self.root_name = value, name

    def characters(self, text: str) -> None:
        self._open[-1][2].append(text)

    def refuse_doctype(self, *_: object) -> None:
        raise BadAnswer(self._source, "", "it has a document type definition, which none needs")

    def _path(self) -> str:
        return ".".join(name for name, _, _ in self._open)


def pages(most: int, size: int) -> Iterator[int]:
    """Yield the offsets of at most `most` pages of `size`."""
    yield from range(0, most * size, size)
