"""A picture in characters, for where no image can be shown. Pure.

All of them are in the fonts that terminals and Slack use for code.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from textwrap import wrap

from bot.pictures.lettering import printable
from bot.pictures.timeline import Axis
from domain.dates import plain_date
from domain.pictures import BillPath, Lane, Mark, PathStation, Picture, StationState, Timeline
from domain.text import shorten

_EMPTY, _HOLDS, _NARROWED, _AHEAD = "·", "═", "─", "-"
_MARK, _STOP, _DAY = "●", "┤", "│"
_SIGNS = {StationState.DONE: "●", StationState.CURRENT: "◉", StationState.OPEN: "○"}


def lines_of(picture: Picture, width: int) -> list[str]:
    """Return the lines, none longer than `width`, which is at least 24."""
    return [line.rstrip() for line in _lines(picture.scene, width)]


def _lines(scene: Timeline | BillPath, width: int) -> Iterator[str]:
    match scene:
        case Timeline():
            return _timeline(scene, width)
        case BillPath():
            return _path(scene, width)


def _timeline(timeline: Timeline, width: int) -> Iterator[str]:
    axis = Axis.of(timeline)
    yield from wrap(printable(timeline.title), width)
    yield ""
    yield _years(axis, width)
    for lane in timeline.lanes:
        yield from _named(lane, width)
        yield _track(lane, axis, timeline.on, width)
        yield from _told(lane, width)
        yield ""
    yield f"{_DAY} {plain_date(timeline.on)}"
    yield from wrap(printable(timeline.note), width)


def _years(axis: Axis, width: int) -> str:
    line = [" "] * width
    for year in axis.years(5 / width):
        at = _column(axis, date(year, 1, 1), width)
        line[at : at + 4] = str(year)
    return "".join(line[:width])


def _named(lane: Lane, width: int) -> Iterator[str]:
    """The name, and where it stands: at the end of the line, or below if there is no room."""
    name, standing = shorten(printable(lane.name), width), printable(lane.standing)
    if len(name) + len(standing) + 1 <= width:
        yield name + standing.rjust(width - len(name))
    else:
        yield name
        yield from wrap(standing, width)


def _track(lane: Lane, axis: Axis, on: date, width: int) -> str:
    """One character for each part of the time."""
    line = [_EMPTY] * width
    today = _column(axis, on, width)
    for stretch in lane.stretches:
        first, last = _column(axis, stretch.since, width), _column(axis, stretch.until, width)
        line[first : last + 1] = (_NARROWED if stretch.narrowed else _HOLDS) * (last + 1 - first)
    if lane.ends_on:
        last = _column(axis, lane.ends_on, width)
        line[today + 1 : last + 1] = _AHEAD * max(last - today, 0)
    line[today] = _DAY
    for number, mark in enumerate(lane.marks, 1):
        sign = _STOP if mark.ends else _MARK
        line[_column(axis, mark.on, width)] = sign if lane.stretches else str(number % 10)
    return "".join(line)


def _told(lane: Lane, width: int) -> Iterator[str]:
    """What the marks mean: in one go along a bar, as a numbered list where there is none."""
    if lane.stretches:
        yield from wrap(", ".join(printable(mark.label) for mark in lane.marks), width)
        return
    yield from _numbered(lane.marks, width)


def _numbered(marks: Sequence[Mark], width: int) -> Iterator[str]:
    for number, mark in enumerate(marks, 1):
        yield from wrap(f"{number} {printable(mark.label)}", width, subsequent_indent="  ")


def _path(path: BillPath, width: int) -> Iterator[str]:
    yield from wrap(printable(path.title), width)
    yield ""
    for station in path.stations:
        yield from _station(station, width)


def _station(station: PathStation, width: int) -> Iterator[str]:
    told = f", {station.told}" if station.told else ""
    line = printable(f"{_SIGNS[station.state]} {station.label}{told}")
    yield from wrap(line, width, subsequent_indent="  ")


def _column(axis: Axis, day: date, width: int) -> int:
    return min(int(axis.share(day) * width), width - 1)
