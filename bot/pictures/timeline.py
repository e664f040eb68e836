"""A timeline as a drawing: for each lane its name and standing, a bar, and flags for its marks.

Pure. What is in force is a thick bar, what was narrowed a thin one, what is still to come an
empty one; a stop at the end of a bar says that it ended there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.pictures.lettering import line_of, width, wrapped
from bot.pictures.shapes import WIDTH, Anchor, Box, Drawing, Ink, Line, Outline, Shape, Words
from domain.dates import plain_date
from domain.pictures import Lane, Mark, Timeline

_LEFT, _RIGHT = 14.0, WIDTH - 14.0
_ROOM = _RIGHT - _LEFT
_TITLE, _NAME, _SMALL = 17.0, 16.0, 14.0
_LINE = 19.0
_BAR, _THIN = 16.0, 7.0
_LEAST = 3.0  # a bar of some days is still to be seen
_YEAR_GAP = 10.0
_MARK = 6.0
_NOTE_LINES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Days across the drawing: whole years, from January of the first to December of the last."""

    first: int
    last: int

    @classmethod
    def of(cls, timeline: Timeline) -> "Axis":
        """Return the axis that holds all of `timeline`."""
        return cls(first=timeline.first.year, last=timeline.last.year)

    def share(self, day: date) -> float:
        """Where `day` lies between the ends, 0 to 1."""
        start = date(self.first, 1, 1)
        return (day - start).days / ((date(self.last, 12, 31) - start).days + 1)

    def x(self, day: date) -> float:
        """Where `day` lies across."""
        return _LEFT + _ROOM * self.share(day)

    def years(self, room: float) -> list[int]:
        """Years to name, as many as there is room for if each takes `room` of the whole."""
        count = self.last - self.first + 1
        step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if count / step * room <= 1)
        return [year for year in range(self.first, self.last + 1) if not year % step]


def draw_timeline(timeline: Timeline) -> Drawing:
    """Return the drawing."""
    axis = Axis.of(timeline)
    shapes: list[Shape] = []
    head = 2 * _LINE + 24
    y = head
    for lane in timeline.lanes:
        drawn, y = _lane(lane, axis, timeline.on, y)
        shapes += drawn
    foot = list(_foot(timeline, axis, y))
    ground = [*_head(timeline), *_years(axis, y), *_day(timeline, axis, head, y)]
    height = max(shape.y for shape in foot) + 14
    return Drawing(height=height, shapes=(*ground, *shapes, *foot))


def _head(timeline: Timeline) -> Iterator[Shape]:
    yield line_of(timeline.title, (_LEFT, 26), _TITLE, _ROOM, bold=True)


def _years(axis: Axis, bottom: float) -> Iterator[Shape]:
    """The axis: a line at each January, named where there is room."""
    y = _LINE + 30
    for year in axis.years((width("2020", _SMALL) + _YEAR_GAP) / _ROOM):
        x = axis.x(date(year, 1, 1))
        yield Line(start=(x, y - 12), end=(x, bottom), ink=Ink.GRID)
        yield line_of(str(year), (x + 3, y), _SMALL, _RIGHT - x, ink=Ink.FAINT)


def _day(timeline: Timeline, axis: Axis, top: float, bottom: float) -> Iterator[Shape]:
    """The day that it is drawn as of: a broken line from top to bottom."""
    x = axis.x(timeline.on)
    yield Line(start=(x, top - 4), end=(x, bottom + 4), ink=Ink.DAY, weight=1.5, gaps=3)


def _lane(lane: Lane, axis: Axis, on: date, y: float) -> tuple[list[Shape], float]:
    """A lane from `y` down, and where the next begins."""
    head, told = _named(lane, y + 15)
    if not lane.stretches:
        listed, bottom = _listed(lane, axis, y + 24)
        return [*head, *listed], bottom + 14
    middle = y + 22 + _BAR / 2
    flags, bottom = _flags(lane.marks[told:], axis, middle)
    return [*head, *_bars(lane, axis, on, middle), *flags, *_marks(lane, axis, middle)], bottom + 12


def _named(lane: Lane, y: float) -> tuple[list[Shape], int]:
    """The name, where it stands, and between them how it began: how many marks are told so."""
    room = _ROOM * 0.6 if lane.standing else _ROOM
    name = line_of(lane.name, (_LEFT, y), _NAME, room, bold=True)
    after = name.x + name.width + _YEAR_GAP
    standing = line_of(lane.standing, (_RIGHT, y), _SMALL, _RIGHT - after, anchor=Anchor.END)
    shown = [*_on_paper(name), *(_on_paper(standing) if lane.standing else [])]
    if lane.stretches and lane.marks:
        begun = line_of(lane.marks[0].label, (after, y), _SMALL, _ROOM, ink=Ink.FAINT)
        if after + begun.width + _YEAR_GAP <= _RIGHT - standing.width:
            return [*shown, *_on_paper(begun)], 1
    return shown, 0


def _bars(lane: Lane, axis: Axis, on: date, middle: float) -> Iterator[Shape]:
    """A dotted line for the whole time, bars for where something was in force."""
    yield Line(start=(_LEFT, middle), end=(_RIGHT, middle), ink=Ink.FAINT, gaps=2)
    for stretch in lane.stretches:
        left, right = axis.x(stretch.since), axis.x(stretch.until)
        tall, ink = (_THIN, Ink.NARROWED) if stretch.narrowed else (_BAR, Ink.HOLDS)
        wide = max(right - left, _LEAST)
        yield Box(x=left, y=middle - tall / 2, width=wide, height=tall, ink=ink)
    if lane.ends_on:
        left, right = axis.x(on), axis.x(lane.ends_on)
        box = Box(
            x=left, y=middle - _BAR / 2, width=right - left, height=_BAR, ink=Ink.HOLDS, hollow=True
        )
        yield box


def _marks(lane: Lane, axis: Axis, middle: float) -> Iterator[Shape]:
    """A stop where something ends, else a lozenge."""
    for mark in lane.marks:
        x = axis.x(mark.on)
        if mark.ends:
            yield Box(x=x - 2, y=middle - 13, width=4, height=26, ink=Ink.ENDED)
        else:
            corners = ((x, middle - _MARK), (x + _MARK, middle), (x, middle + _MARK))
            points = (*corners, (x - _MARK, middle))
            yield Outline(points=points, fill=Ink.PAPER, border=Ink.TEXT)


def _listed(lane: Lane, axis: Axis, y: float) -> tuple[list[Shape], float]:
    """Marks without bars: numbered ticks, and below what each number stands for."""
    line = y + 20
    shapes: list[Shape] = [
        Line(start=(_LEFT, line), end=(_RIGHT, line), ink=Ink.FAINT, gaps=2),
    ]
    ticks = [axis.x(mark.on) for mark in lane.marks]
    wide = width(str(len(ticks)), _SMALL) + 4
    numbers = zip(ticks, _spread(ticks, wide, WIDTH - wide / 2), lane.marks, strict=True)
    for number, (x, number_at, mark) in enumerate(numbers, 1):
        shapes.append(Box(x=x - 1.5, y=line - 6, width=3, height=12, ink=Ink.BILL))
        tag = line_of(str(number), (number_at, line - 9), _SMALL, _ROOM, anchor=Anchor.MIDDLE)
        place = line + 6 + number * _LINE
        row = line_of(f"{number}: {mark.label}", (_LEFT, place), _SMALL, _ROOM)
        shapes += [*_on_paper(tag), *_on_paper(row)]
    return shapes, line + 6 + len(lane.marks) * _LINE


def _spread(places: Sequence[float], apart: float, last: float) -> list[float]:
    """Return ascending places moved so that they are `apart` at least and end at `last` at most.

    To the right where they are too near, and all that reach too far to the left.
    """
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + apart) if moved else place)
    for number, place in enumerate(reversed(moved)):
        moved[-1 - number] = min(place, last - number * apart)
    return moved


def _flags(marks: Sequence[Mark], axis: Axis, middle: float) -> tuple[list[Shape], float]:
    """What the marks mean, on as many rows as keep them apart, each tied to its mark."""
    placed = _rows(marks, axis)
    top = middle + _BAR / 2 + 16
    lines: list[Shape] = []
    labels: list[Shape] = []
    for mark, row, left in placed:
        x, y = axis.x(mark.on), top + row * _LINE
        lines.append(Line(start=(x, middle), end=(x, y - 5), ink=Ink.FAINT))
        labels += _on_paper(line_of(mark.label, (left, y), _SMALL, _ROOM))
    rows = 1 + max((row for _, row, _ in placed), default=-1)
    return [*lines, *labels], middle + _BAR / 2 + rows * _LINE


def _on_paper(words: Words) -> list[Shape]:
    """Words on ground of their own, so that no line runs through them."""
    left = words.x - (words.width if words.anchor is Anchor.END else 0)
    left -= words.width / 2 if words.anchor is Anchor.MIDDLE else 0
    ground = Box(x=left - 2, y=words.y - 13, width=words.width + 4, height=_LINE - 1, ink=Ink.PAPER)
    return [ground, words]


def _rows(marks: Sequence[Mark], axis: Axis) -> list[tuple[Mark, int, float]]:
    """Each mark with its row and its label's left end; the last come first, in the upper rows."""
    taken: list[list[tuple[float, float]]] = []
    placed = []
    for mark in reversed(marks):
        wide = line_of(mark.label, (0, 0), _SMALL, _ROOM).width
        left = max(_LEFT, min(axis.x(mark.on) - 4, _RIGHT - wide))
        row = next(
            (row for row, held in enumerate(taken) if _free(held, left, left + wide)), len(taken)
        )
        taken += [[]] if row == len(taken) else []
        taken[row].append((left, left + wide))
        placed.append((mark, row, left))
    return placed


def _free(held: list[tuple[float, float]], left: float, right: float) -> bool:
    return all(right + _YEAR_GAP <= start or end + _YEAR_GAP <= left for start, end in held)


def _foot(timeline: Timeline, axis: Axis, y: float) -> Iterator[Words]:
    """The day's date under its line, and the note."""
    day = plain_date(timeline.on)
    half = width(day, _SMALL) / 2
    x = min(max(axis.x(timeline.on), _LEFT + half), _RIGHT - half)
    yield line_of(day, (x, y + 18), _SMALL, _ROOM, anchor=Anchor.MIDDLE)
    lines = wrapped(timeline.note, _SMALL, _ROOM, _NOTE_LINES) if timeline.note else []
    for number, line in enumerate(lines):
        yield line_of(line, (_LEFT, y + 42 + number * _LINE), _SMALL, _ROOM)
