"""What becomes of a picture: a PNG for chats, an SVG for the web. Both from the same drawing."""

from functools import lru_cache

from bot.pictures.bill_path import draw_bill_path
from bot.pictures.png import to_png
from bot.pictures.shapes import DARK, Drawing
from bot.pictures.svg import to_svg
from bot.pictures.timeline import draw_timeline
from domain.pictures import BillPath, Picture, Timeline

_KEPT = 64


def drawing_of(picture: Picture) -> Drawing:
    """Return the shapes of a picture."""
    match picture.scene:
        case Timeline() as timeline:
            return draw_timeline(timeline)
        case BillPath(title=title, stations=stations):
            return draw_bill_path(title, stations)


@lru_cache(maxsize=_KEPT)
def png_of(picture: Picture) -> bytes:
    """Return a picture as PNG, light on dark. Takes a tenth of a second: not for the event loop."""
    return to_png(drawing_of(picture), DARK)


def svg_of(picture: Picture) -> str:
    """Return a picture as SVG, dark on light or light on dark as the reader's system is."""
    return to_svg(drawing_of(picture), picture.scene.title, picture.alt)
