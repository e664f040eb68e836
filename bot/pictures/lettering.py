"""The letters of pictures: one font in two weights, measured for every backend alike."""

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from bot.pictures.shapes import Anchor, Ink, Words

_FONTS = Path(__file__).parent / "fonts"
_MEASURED_AT = 100  # widths grow evenly with the size: there is no hinting


@lru_cache(maxsize=32)
def font(size: float, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return the font at `size` units."""
    weight = "Bold" if bold else "Regular"
    # The basic layout is the same wherever Pillow runs.
    return ImageFont.truetype(
        _FONTS / f"NotoSans-{weight}.ttf", size, layout_engine=ImageFont.Layout.BASIC
    )


@lru_cache(maxsize=4096)
def width(words: str, size: float, *, bold: bool = False) -> float:
    """Return how wide `words` are at `size`, in the same units."""
    return font(_MEASURED_AT, bold=bold).getlength(words) * size / _MEASURED_AT


def printable(words: str) -> str:
    """Return `words` on one line, without what no letter stands for."""
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())


def fitted(words: str, size: float, room: float, *, bold: bool = False) -> str:
    """Return as much of `words` as `room` holds, cut visibly."""
    words = printable(words)
    if width(words, size, bold=bold) <= room:
        return words
    while words and width(f"{words}…", size, bold=bold) > room:
        words = words[:-1].rstrip()
    return f"{words}…"


def wrapped(words: str, size: float, room: float, most: int) -> list[str]:
    """Return `words` on lines no wider than `room`; what needs more than `most` is cut visibly."""
    lines: list[str] = []
    for word in printable(words).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (len(lines) == most or width(longer, size) <= room):
            lines[-1] = longer
        else:
            lines.append(word)
    return [fitted(line, size, room) for line in lines]


def line_of(
    words: str,
    place: tuple[float, float],
    size: float,
    room: float,
    *,
    ink: Ink = Ink.TEXT,
    bold: bool = False,
    anchor: Anchor = Anchor.START,
) -> Words:
    """Return as much of `words` as `room` holds, measured, at `place`."""
    shown = fitted(words, size, room, bold=bold)
    wide = width(shown, size, bold=bold)
    x, y = place
    return Words(x=x, y=y, text=shown, size=size, width=wide, ink=ink, bold=bold, anchor=anchor)
