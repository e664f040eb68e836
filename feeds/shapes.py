"""How entries are written: a feed writes nearly all of them alike, so most are read at a glance. Pure.

An entry is a list of tags and texts (`feeds.markup`). One that has the same tags in the same places
as an entry that was read before has its fields in the same places too.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

# Shapes outlive documents, and strangers write these: …
_KEPT = 32  # shapes …
_LONGEST = 200  # … of entries with that many tags and texts, …
_WRITTEN = 4000  # … and characters of their tags

_Pick = Callable[[Sequence[str]], tuple[str, ...]]


class _Shape(NamedTuple):
    """The tags of an entry, and what picks its tags and its row from where they stand."""

    tags: tuple[str, ...]
    tags_of: _Pick
    row_of: _Pick


class Shapes:
    """The shapes of entries where prefixes mean the same: the last one of each length."""

    def __init__(self) -> None:
        self._known: dict[int, _Shape] = {}

    def row(self, inner: list[str]) -> tuple[str, ...] | None:
        """Return the fields of an entry, empty where it has none, and then what else is in it.

        Return None if its shape is new. What is in it passes for text; if it reads like an empty
        element it may be one. `inner` is used up.
        """
        shape = self._known.get(len(inner))
        if shape is None or shape.tags_of(inner) != shape.tags:
            return None
        inner.append("")
        return shape.row_of(inner)

    def learn(self, inner: Sequence[str], kinds: Mapping[str, tuple[int, str]], count: int) -> None:
        """Learn the shape of an entry that has up to `count` fields, if it is plain.

        That is, if each child begins with a tag of `kinds`, has a text or nothing in it and then
        the end tag that belongs to it, and if no field is there twice. `kinds` tells of a start
        tag which field it begins, negative for none, and its end tag.
        """
        nothing = len(inner)  # where `row` puts an empty text
        if nothing > _LONGEST:
            return
        tags: list[int] = []
        fields, others = [nothing] * count, list[int]()
        at = 0
        while at < nothing:
            kind, end = kinds.get(inner[at], (-1, ""))
            if not end:
                if inner[at][0] == "<":
                    return
                others.append(at)  # white space
                at += 1
                continue
            child = inner[at : at + 3]
            if end not in child or (kind >= 0 and fields[kind] != nothing):
                return
            last = at + child.index(end)
            tags += [at, last]
            if last - at > 1:
                if kind < 0:
                    others.append(at + 1)
                else:
                    fields[kind] = at + 1
            at = last + 1
        if tags:
            self._keep(inner, itemgetter(*tags), itemgetter(*fields, *others))

    def _keep(self, inner: Sequence[str], tags_of: _Pick, row_of: _Pick) -> None:
        tags = tags_of(inner)
        if sum(map(len, tags)) > _WRITTEN:
            return
        if len(self._known) >= _KEPT:
            self._known.clear()
        self._known[len(inner)] = _Shape(tags, tags_of, row_of)
