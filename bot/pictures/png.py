"""A drawing as PNG, with Pillow. Pure, but slow: not for the event loop."""

import math
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise

from PIL import Image, ImageDraw

from bot.pictures.lettering import font
from bot.pictures.shapes import Anchor, Box, Dot, Drawing, Ink, Line, Outline, Palette, Shape, Words

DENSITY = 2  # pixels a unit
_FINER = 2  # drawn that much larger and scaled down, so that edges are smooth
_SCALE = DENSITY * _FINER
_DASH = 4
_COLOURS = 64
_ANCHORS = {Anchor.START: "ls", Anchor.MIDDLE: "ms", Anchor.END: "rs"}


def to_png(drawing: Drawing, palette: Palette) -> bytes:
    """Return the PNG on opaque ground."""
    size = (round(drawing.width * _SCALE), round(drawing.height * _SCALE))
    image = Image.new("RGB", size, palette[Ink.PAPER])
    canvas = ImageDraw.Draw(image)
    for shape in drawing.shapes:
        _draw(canvas, shape, palette)
    small = image.reduce(_FINER).quantize(_COLOURS, Image.Quantize.FASTOCTREE)
    written = BytesIO()
    small.save(written, "PNG")
    return written.getvalue()


def _draw(canvas: ImageDraw.ImageDraw, shape: Shape, palette: Palette) -> None:
    match shape:
        case Box():
            _box(canvas, shape, palette)
        case Line():
            for stroke in _strokes(shape):
                weight = round(shape.weight * _SCALE)
                canvas.line(_scaled(*stroke), fill=palette[shape.ink], width=weight)
        case Outline():
            points = _scaled(*shape.points)
            canvas.polygon(points, fill=palette[shape.fill])
            closed = [*points, points[0], points[1]]
            border = palette[shape.border]
            canvas.line(closed, fill=border, width=round(1.5 * _SCALE), joint="curve")
        case Dot(centre=(x, y), radius=radius):
            canvas.circle(
                (x * _SCALE, y * _SCALE),
                (radius + 1) * _SCALE,
                fill=palette[shape.fill],
                outline=palette[shape.border],
                width=2 * _SCALE,
            )
        case Words():
            canvas.text(
                (shape.x * _SCALE, shape.y * _SCALE),
                shape.text,
                font=font(shape.size * _SCALE, bold=shape.bold),
                fill=palette[shape.ink],
                anchor=_ANCHORS[shape.anchor],
            )


def _box(canvas: ImageDraw.ImageDraw, box: Box, palette: Palette) -> None:
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    if not box.hollow:
        corners = _scaled((left, top), (right, bottom))
        (x1, y1), (x2, y2) = corners
        canvas.rectangle((x1, y1, max(x2 - 1, x1), max(y2 - 1, y1)), fill=palette[box.ink])
        return
    edges = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    for start, end in pairwise(edges):
        _draw(canvas, Line(start=start, end=end, ink=box.ink, gaps=_DASH), palette)


def _strokes(line: Line) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """The parts of a line between its gaps."""
    length = math.dist(line.start, line.end)
    if not line.gaps or not length:
        yield line.start, line.end
        return
    at = 0.0
    while at < length:
        yield _along(line, at / length), _along(line, min(at + line.gaps, length) / length)
        at += 2 * line.gaps


def _along(line: Line, part: float) -> tuple[float, float]:
    (x1, y1), (x2, y2) = line.start, line.end
    return x1 + (x2 - x1) * part, y1 + (y2 - y1) * part


def _scaled(*points: tuple[float, float]) -> list[tuple[float, float]]:
    return [(x * _SCALE, y * _SCALE) for x, y in points]
