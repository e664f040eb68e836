"""How a document's entries are written: nearly all alike, so most are read at a glance. Pure.

An entry is a list of tags and texts (`feeds.markup`). One that has the same tags in the same places
as one before has its fields in the same places too; and of a run of such entries each field's texts
are a slice of the whole list.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from operator import itemgetter
from typing import NamedTuple

_LONGEST = 200  # tags and texts of an entry
_FEW = 3  # entries that are read faster one by one
_MOST = 64  # entries looked at together: what is no run must not be looked through to its end

Columns = Sequence[Sequence[str]]
"""For each field its texts, one an entry, empty where that has none."""
_Pick = Callable[[Sequence[str]], tuple[str, ...]]


class _Shape(NamedTuple):
    """Where in an entry of `size` its tags are, the texts of its fields, and other texts.

    A field that it does not have is at the place `size`, right behind the entry.
    """

    size: int
    places: Sequence[int]
    tags: Sequence[str]
    tags_of: _Pick
    fields: Sequence[int]
    others: Sequence[int]

    def fits(self, entry: Sequence[str]) -> bool:
        """Whether an entry is written so. What is in a field's place passes for its text."""
        return (
            len(entry) == self.size
            and self.tags_of(entry) == self.tags
            and not any("<" in entry[place] for place in self.others)
        )

    def run(self, found: Sequence[str], at: int, step: int, most: int) -> Columns:
        """Return the fields of an entry that is written so, and of those after it, `step` apart.

        They are `most` at most, or less.
        """

        def column(place: int) -> Sequence[str]:
            return found[at + place : at + place + length * step : step]

        length = min(most, _MOST, (len(found) - at) // step)
        for place, tag in zip(self.places, self.tags, strict=True):
            if column(place).count(tag) != length:
                length = next(n for n in count() if found[at + place + n * step] != tag)
        for place in self.others:
            if "<" in "".join(column(place)):
                length = next(n for n in count() if "<" in found[at + place + n * step])
        if step > self.size:  # there is white space in between
            gaps = found[at + self.size : at + (length - 1) * step : step]
            if "<" in "".join(gaps):
                length = next(n for n in count(1) if "<" in gaps[n - 1])
        nothing = [""] * length
        return [column(place) if place < self.size else nothing for place in self.fields]


class Shapes:
    """The shapes of a document's entries: of each size the last one."""

    def __init__(self) -> None:
        self._known: dict[int, _Shape] = {}

    def columns(self, found: list[str], start: int, end: int, behind: int, most: int) -> Columns:
        """Return the fields of an entry, and of those right after it that are written alike.

        It goes from `start` to `end`, and what is after it begins at `behind`. At most `most`; none
        if it is written as none was before.
        """
        entry = found[start : end + 1]
        shape = self._known.get(len(entry))
        if shape is None or not shape.fits(entry):
            return []
        step = behind - start
        ahead = start + step * _FEW
        if shape.fits(found[ahead : ahead + shape.size]):
            return shape.run(found, start, step, most)
        return [[entry[place] if place < shape.size else ""] for place in shape.fields]

    def learn(
        self, entry: Sequence[str], kinds: Mapping[str, tuple[int, str]], fields: int
    ) -> None:
        """Learn how an entry of up to `fields` fields is written, if it is plain.

        That is, if each child begins with a tag of `kinds`, has a text or nothing in it and then
        the end tag that belongs to it, and if no field is there twice. `kinds` tells of a start tag
        which field it begins, negative for none, and its end tag.
        """
        size = len(entry)
        if size > _LONGEST:
            return
        tags, others = [0], list[int]()
        places = [size] * fields
        at = 1
        while at < size:
            kind, end = kinds.get(entry[at], (-1, ""))
            if not end:
                if entry[at][0] != "<":
                    others.append(at)  # white space
                elif at == size - 1:
                    tags.append(at)  # its own end
                else:
                    return
                at += 1
                continue
            child = entry[at : at + 3]
            if end not in child or (kind >= 0 and places[kind] != size):
                return
            ended = at + child.index(end)
            tags += [at, ended]
            if ended - at > 1:
                if kind < 0:
                    others.append(at + 1)
                else:
                    places[kind] = at + 1
            at = ended + 1
        tags_of = itemgetter(*tags)
        self._known[size] = _Shape(size, tags, tags_of(entry), tags_of, places, others)
