"""What a drawing is made of: a few shapes in named inks, and the inks on dark and on light ground.

Lengths are units; a drawing is 400 wide, about what a phone shows in points.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

WIDTH = 400


class Ink(StrEnum):
    """What a colour is for; shape or words always say it too."""

    PAPER = "paper"
    TEXT = "text"
    FAINT = "faint"
    GRID = "grid"
    HOLDS = "holds"
    NARROWED = "narrowed"
    ENDED = "ended"
    BILL = "bill"
    DAY = "day"


Palette = Mapping[Ink, str]
DARK: Palette = {
    Ink.PAPER: "#1e2227",
    Ink.TEXT: "#f2f4f6",
    Ink.FAINT: "#b9c1ca",
    Ink.GRID: "#3a414a",
    Ink.HOLDS: "#5aa9f5",
    Ink.NARROWED: "#efb04c",
    Ink.ENDED: "#ff8d85",
    Ink.BILL: "#46d09c",
    Ink.DAY: "#f2f4f6",
}
LIGHT: Palette = {
    Ink.PAPER: "#ffffff",
    Ink.TEXT: "#16191d",
    Ink.FAINT: "#535c66",
    Ink.GRID: "#d9dee4",
    Ink.HOLDS: "#1c6dc1",
    Ink.NARROWED: "#9a5600",
    Ink.ENDED: "#b3261e",
    Ink.BILL: "#0a6e4d",
    Ink.DAY: "#16191d",
}


class Anchor(StrEnum):
    """Which point of a line of words stands at its place."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle; `hollow` is an outline of broken lines."""

    x: float
    y: float
    width: float
    height: float
    ink: Ink
    hollow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A straight line; `gaps` breaks it into strokes and gaps of that length."""

    start: tuple[float, float]
    end: tuple[float, float]
    ink: Ink
    weight: float = 1
    gaps: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A closed figure with a border."""

    points: tuple[tuple[float, float], ...]
    fill: Ink
    border: Ink


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A disc with a border."""

    centre: tuple[float, float]
    radius: float
    fill: Ink
    border: Ink


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A line of words on the baseline `y`, `width` units wide."""

    x: float
    y: float
    text: str
    size: float
    width: float
    ink: Ink = Ink.TEXT
    bold: bool = False
    anchor: Anchor = Anchor.START


Shape = Box | Line | Outline | Dot | Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Shapes in the order in which they cover each other."""

    height: float
    shapes: tuple[Shape, ...]
    width: float = WIDTH
