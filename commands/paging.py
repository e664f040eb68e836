"""Long lists, a page at a time."""

from collections.abc import Sequence
from typing import TypeVar

from commands.registry import Option, Reads
from domain.cards import Action

T = TypeVar("T")
SIZE = 15
PAGE = Option(name="page", summary="Which page of a long list", reads=Reads.NUMBER, example="2")


def page_of(items: Sequence[T], page: int | None, size: int = SIZE) -> tuple[Sequence[T], int]:
    """Return the items of a page and how many there are after it.

    Pages begin at 1; beyond the last one there is the last one again.
    """
    last = max(len(items) - 1, 0) // size
    start = min(max(page or 1, 1) - 1, last) * size
    shown = items[start : start + size]
    return shown, len(items) - start - len(shown)


def next_page(
    command: str, page: int | None, left: int, *named: tuple[str, str]
) -> tuple[Action, ...]:
    """A button for the rest, if there is any; `named` are the other options it was asked with."""
    if not left:
        return ()
    arguments = (*named, ("page", str(max(page or 1, 1) + 1)))
    return (Action(label=f"{left} more", command=command, arguments=arguments),)
