"""What feeds list: entries, one by one and as columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self, overload


class Entry(NamedTuple):
    """One item in a feed, cleaned: plain text on one line, http(s) links or none."""

    guid: str
    url: str
    title: str
    summary: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Entries(Sequence[Entry]):
    """Items of one feed, as columns of one length: what is done to each is done to a column."""

    guids: Sequence[str]
    urls: Sequence[str]
    titles: Sequence[str]
    summaries: Sequence[str]
    published_at: Sequence[datetime | None]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Self:
        """Return entries as columns."""
        rows = list(entries)
        return cls(*zip(*rows, strict=True)) if rows else cls((), (), (), (), ())

    def at(self, places: Sequence[int]) -> "Entries":
        """Return the entries at `places`, which ascend."""
        if len(places) == len(self):
            return self
        return Entries(*([column[place] for place in places] for column in self._columns()))

    def _columns(self) -> Iterable[Sequence[Any]]:
        return self.guids, self.urls, self.titles, self.summaries, self.published_at

    def __len__(self) -> int:
        return len(self.titles)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entries) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> "Entries": ...
    def __getitem__(self, place: int | slice) -> "Entry | Entries":
        found: list[Any] = [column[place] for column in self._columns()]
        return Entries(*found) if isinstance(place, slice) else Entry(*found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A parsed feed document; entries in the order it lists them."""

    title: str
    site_url: str
    entries: Entries


class KnownEntries(NamedTuple):
    """What a source has brought before, in columns; summaries are as far as they tell an entry."""

    ids: Sequence[int]
    entries: Entries
    listed_at: Sequence[datetime]
