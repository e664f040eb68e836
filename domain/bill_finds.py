"""New bills about a topic: what is searched for where, what was found, what names it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from domain import topics
from domain.bills import BillKey

_MOST = 3
_PREFIX = "found|"


@dataclass(frozen=True, slots=True, kw_only=True)
class BillSearch:
    """A topic that is searched for in a place; `next_at` is when each source is asked again.

    `begun` are the sources that answered before: what the first answer holds is a baseline.
    """

    watch_id: int
    query: str
    place: str
    next_at: Mapping[str, datetime]
    begun: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBill:
    """A bill that a source found. A document of the Federal Register has an address instead."""

    key: BillKey
    title: str
    source: str
    url: str = ""

    @property
    def ref(self) -> str:
        """What names it in a command; some sources leave the session out."""
        return (
            str(self.key) if self.key.session else f"{self.key.jurisdiction} {self.key.identifier}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBy:
    """What was found of a topic at one instant: one message. `parse` reads `key` back."""

    watch_id: int
    at: datetime

    @property
    def key(self) -> str:
        """What stands in the outbox."""
        return f"{_PREFIX}{self.watch_id}|{self.at.isoformat()}"

    @classmethod
    def parse(cls, key: str) -> Self:
        """Read a key."""
        watch_id, at = key.removeprefix(_PREFIX).split("|")
        return cls(watch_id=int(watch_id), at=datetime.fromisoformat(at))


def is_find(key: str) -> bool:
    """Whether a key in the outbox is of something found."""
    return key.startswith(_PREFIX)


def searches_for(query: str) -> list[str]:
    """Return the words to search for to find what a topic asks: each alternative by itself.

    The services know no topic language. What NOT forbids is left out, and judged by no one.
    """
    parsed = topics.parse(query)
    ways = parsed.items if isinstance(parsed, topics.Either) else (parsed,)
    found = (" ".join(term.folded.strip() for term in topics.wanted(way)) for way in ways)
    return [one for one in dict.fromkeys(found) if one][:_MOST]
