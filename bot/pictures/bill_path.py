"""The way of a bill as a drawing: its stations below each other, joined by a line.

Pure. A station that is done is a full disc with a tick, the one where the bill is a ring with a
dot, one to come an empty ring; the words beside it say the same.
"""

from collections.abc import Iterator, Sequence

from bot.pictures.lettering import line_of
from bot.pictures.shapes import WIDTH, Anchor, Dot, Drawing, Ink, Line, Shape
from domain.pictures import PathStation, StationState

_LEFT, _RIGHT = 14.0, WIDTH - 14.0
_TITLE, _NAME, _SMALL = 17.0, 16.0, 14.0
_FIRST, _STEP = 62.0, 40.0
_CENTRE = _LEFT + 11
_TEXT = _LEFT + 34
_RADIUS = 9.0
_GAP = 10.0


def draw_bill_path(title: str, stations: Sequence[PathStation]) -> Drawing:
    """Return the drawing of the stations in their order."""
    shapes: list[Shape] = [line_of(title, (_LEFT, 26), _TITLE, _RIGHT - _LEFT, bold=True)]
    shapes += _joints(stations)
    for place, station in enumerate(stations):
        shapes += _station(station, _FIRST + place * _STEP)
    return Drawing(height=_FIRST + max(len(stations) - 1, 0) * _STEP + 26, shapes=tuple(shapes))


def _joints(stations: Sequence[PathStation]) -> Iterator[Shape]:
    """The line between stations: whole as far as the bill has come, then broken."""
    for place, station in enumerate(stations[1:]):
        y = _FIRST + place * _STEP
        start, end = (_CENTRE, y), (_CENTRE, y + _STEP)
        if station.state is StationState.OPEN:
            yield Line(start=start, end=end, ink=Ink.FAINT, weight=2, gaps=3)
        else:
            yield Line(start=start, end=end, ink=Ink.BILL, weight=4)


def _station(station: PathStation, y: float) -> Iterator[Shape]:
    yield from _sign(station.state, y)
    told = line_of(station.told, (_RIGHT, y + 5), _SMALL, (_RIGHT - _TEXT) * 0.6, anchor=Anchor.END)
    here = station.state is StationState.CURRENT
    yield line_of(
        station.label, (_TEXT, y + 5.5), _NAME, told.x - told.width - _TEXT - _GAP, bold=here
    )
    if station.told:
        yield told


def _sign(state: StationState, y: float) -> Iterator[Shape]:
    full = state is StationState.DONE
    border = Ink.FAINT if state is StationState.OPEN else Ink.BILL
    fill = Ink.BILL if full else Ink.PAPER
    yield Dot(centre=(_CENTRE, y), radius=_RADIUS, fill=fill, border=border)
    if full:
        corner = (_CENTRE - 1, y + 4)
        yield Line(start=(_CENTRE - 5, y), end=corner, ink=Ink.PAPER, weight=2.5)
        yield Line(start=corner, end=(_CENTRE + 5, y - 4), ink=Ink.PAPER, weight=2.5)
    elif state is StationState.CURRENT:
        yield Dot(centre=(_CENTRE, y), radius=3, fill=Ink.BILL, border=Ink.BILL)
