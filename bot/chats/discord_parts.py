"""Blocks of cards as parts of a message that must not grow too long. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from bot.chats.discord_text import draw, draw_words
from domain.cards import Block, Bullets, Fact, Facts, Heading, Paragraph, Row, Table, Text

_LINE = 700
_PARAGRAPH = 1500
_LABEL = 100
_CELL = 160
_NAMES = 300


class Above(Enum):
    """What stands between a part and the one above it."""

    NOTHING = auto()
    SPACE = auto()
    LINE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Lines that belong together, under a head that stands only with one of them.

    Of parts that do not all fit, those of higher `rank` give way first. `rest` says what the
    lines are that had to go.
    """

    lines: tuple[str, ...]
    head: str = ""
    rank: int = 0
    rest: str = "lines"
    above: Above = Above.NOTHING


def fit(parts: Sequence[Part], room: int) -> list[str]:
    """Return the text of each part, together at most `room` characters; cuts are visible."""
    texts = [""] * len(parts)
    for place in sorted(range(len(parts)), key=lambda one: (parts[one].rank, one)):
        texts[place] = _taken(parts[place], room)
        room -= len(texts[place]) + 2  # for what parts them
    return texts


def laid_out(parts: Sequence[Part], room: int) -> list[str]:
    """Return the texts of a message, a line across between each two; none is blank."""
    texts: list[str] = []
    for part, text in zip(parts, fit(parts, room), strict=True):
        if text and texts and part.above is not Above.LINE:
            space = "\n\n" if part.above is Above.SPACE else "\n"
            texts[-1] = f"{texts[-1]}{space}{text}"
        elif text:
            texts.append(text)
    return texts


def part_of(block: Block, rank: int, above: Above) -> Part:
    """A block of a page as a part; `above` counts for running text."""
    match block:
        case Paragraph(text=text):
            return Part(lines=(draw(text, _PARAGRAPH),), rank=rank, above=above)
        case Heading(text=words):
            return Part(lines=(headed(words),), rank=rank, above=Above.SPACE)
        case Facts(facts=facts):
            return Part(lines=fact_lines(facts), rank=rank)
        case Bullets(items=items):
            return Part(lines=bullet_lines(items), rank=rank, rest="items")
        case Table():
            lines = tuple(_row(block.columns, row) for row in block.rows)
            return Part(lines=lines, rank=rank, rest="rows: ask for fewer companies")


def headed(words: str) -> str:
    """A heading inside a page."""
    shown = draw_words(words.strip(), _LABEL)
    return f"**{shown}**" if shown else ""


def bullet_lines(items: Iterable[Text]) -> tuple[str, ...]:
    """A line for each item of a list."""
    return tuple(f"- {shown}" for item in items if (shown := draw(item, _LINE).strip()))


def fact_lines(facts: Iterable[Fact]) -> tuple[str, ...]:
    """A line for each fact, its label in bold."""
    return tuple(f"{headed(fact.label)} {draw(fact.value, _LINE)}".strip() for fact in facts)


def small(words: str, limit: int = _LINE) -> str:
    """A line of small print."""
    shown = draw_words(words.strip(), limit)
    return f"-# {shown}" if shown else ""


def _row(columns: Sequence[str], row: Row) -> str:
    """A row of a table as a short block, those who agree together; small print where all do."""
    label = headed(row.label)
    if not row.differs and row.cells:
        return f"-# {label} {draw_words(row.cells[0], _CELL)}".rstrip()
    alike: dict[str, list[str]] = {}
    for name, cell in zip(columns, row.cells, strict=False):
        alike.setdefault(cell, []).append(name)
    told = [
        f"{draw_words(', '.join(names), _NAMES)}: {draw_words(cell, _CELL)}"
        for cell, names in alike.items()
    ]
    return f"{label}\n{' · '.join(told)}".strip()


def _taken(part: Part, room: int) -> str:
    """As many of a part's lines as fit, and how many there are besides."""
    lines = [line for line in part.lines if line.strip()]
    whole = "\n".join([part.head, *lines] if part.head else lines)
    if len(whole) <= room:
        return whole if lines else ""
    kept = [part.head] if part.head else []
    for count, line in enumerate(lines):
        left = f"-# …and {len(lines) - count} more {part.rest}"
        if len("\n".join([*kept, line, left])) > room:
            cut = "\n".join([*kept, left]) if count else left
            return cut if len(cut) <= room else ""
        kept.append(line)
    return ""
