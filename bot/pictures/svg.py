"""A drawing as SVG: light, and dark where the reader's system is. Pure."""

from collections.abc import Iterator
from html import escape

from bot.pictures.lettering import printable
from bot.pictures.shapes import DARK, LIGHT, Box, Dot, Drawing, Line, Outline, Palette, Shape, Words

_DASH = 4


def to_svg(drawing: Drawing, title: str, alt: str) -> str:
    """Return the SVG; `title` and `alt` are what is read aloud."""
    size = f'viewBox="0 0 {_n(drawing.width)} {_n(drawing.height)}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="t d">',
            f'<title id="t">{escape(printable(title))}</title>',
            f'<desc id="d">{escape(printable(alt))}</desc>',
            f"<style>{_style()}</style>",
            f'<rect class="f-paper" width="{_n(drawing.width)}" height="{_n(drawing.height)}"/>',
            *(_element(shape) for shape in drawing.shapes),
            "</svg>\n",
        ]
    )


def _style() -> str:
    dark = "".join(_rules(DARK))
    font = 'text{font-family:"Noto Sans",system-ui,sans-serif}.b{font-weight:700}'
    return f"{font}{''.join(_rules(LIGHT))}@media (prefers-color-scheme:dark){{{dark}}}"


def _rules(palette: Palette) -> Iterator[str]:
    for ink, colour in palette.items():
        yield f".f-{ink}{{fill:{colour}}}.s-{ink}{{stroke:{colour}}}"


def _element(shape: Shape) -> str:
    match shape:
        case Box():
            return _box(shape)
        case Line(start=(x1, y1), end=(x2, y2)):
            dash = f' stroke-dasharray="{_n(shape.gaps)}"' if shape.gaps else ""
            return (
                f'<line class="s-{shape.ink}" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" '
                f'y2="{_n(y2)}" stroke-width="{_n(shape.weight)}"{dash}/>'
            )
        case Outline():
            points = " ".join(f"{_n(x)},{_n(y)}" for x, y in shape.points)
            inks = f'class="f-{shape.fill} s-{shape.border}"'
            return f'<polygon {inks} points="{points}" stroke-width="1.5"/>'
        case Dot(centre=(x, y)):
            inks = f'class="f-{shape.fill} s-{shape.border}"'
            place = f'cx="{_n(x)}" cy="{_n(y)}" r="{_n(shape.radius)}"'
            return f'<circle {inks} {place} stroke-width="2"/>'
        case Words():
            return _words(shape)


def _box(box: Box) -> str:
    place = f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}"'
    if box.hollow:
        return f'<rect class="s-{box.ink}" {place} fill="none" stroke-dasharray="{_DASH}"/>'
    return f'<rect class="f-{box.ink}" {place}/>'


def _words(words: Words) -> str:
    """Letters of another font than the measured one are set as wide as that."""
    weight = " b" if words.bold else ""
    return (
        f'<text class="f-{words.ink}{weight}" x="{_n(words.x)}" y="{_n(words.y)}" '
        f'font-size="{_n(words.size)}" text-anchor="{words.anchor}" '
        f'textLength="{_n(words.width)}" lengthAdjust="spacingAndGlyphs">{escape(words.text)}</text>'
    )


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
