"""Drawings, and what writes them: nothing runs into each other, colour is never alone."""

from datetime import date, timedelta
from io import BytesIO
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.pictures.album import drawing_of, png_of, svg_of
from bot.pictures.bill_path import draw_bill_path
from bot.pictures.characters import lines_of
from bot.pictures.lettering import fitted, font, printable, width
from bot.pictures.png import to_png
from bot.pictures.shapes import (
    DARK,
    LIGHT,
    WIDTH,
    Anchor,
    Box,
    Dot,
    Drawing,
    Ink,
    Line,
    Outline,
    Palette,
    Words,
)
from bot.pictures.timeline import draw_timeline
from domain.pictures import (
    ALT_LIMIT,
    BillPath,
    Lane,
    Mark,
    PathStation,
    Picture,
    StationState,
    Stretch,
    Timeline,
)

ON = date(2021, 6, 10)
SVG = "{http://www.w3.org/2000/svg}"


def lane(**changes: object) -> Lane:
    values: dict[str, object] = {
        "name": "Acme",
        "standing": "narrowed",
        "stretches": (
            Stretch(since=date(2019, 5, 2), until=date(2020, 5, 2)),
            Stretch(since=date(2020, 5, 2), until=ON, narrowed=True),
        ),
        "marks": (
            Mark(on=date(2019, 5, 2), label="announced 2 May 2019"),
            Mark(on=date(2020, 5, 2), label="narrowed 2 May 2020"),
        ),
    }
    return Lane(**(values | changes))  # type: ignore[arg-type]


def timeline(*lanes: Lane, on: date = ON, note: str = "") -> Timeline:
    return Timeline(title="Pledges", on=on, lanes=lanes or (lane(),), note=note)


def picture(scene: Timeline | BillPath | None = None) -> Picture:
    return Picture(name="acme", alt="Acme narrowed it.", scene=scene or timeline())


def words(drawing: Drawing) -> list[Words]:
    return [one for one in drawing.shapes if isinstance(one, Words)]


def edges(one: Words) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the letters."""
    shift = {Anchor.START: 0.0, Anchor.MIDDLE: one.width / 2, Anchor.END: one.width}[one.anchor]
    left = one.x - shift
    return left, one.y - one.size * 0.72, left + one.width, one.y + one.size * 0.2


def overlap(one: Words, other: Words) -> bool:
    a, b = edges(one), edges(other)
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def check_legible(drawing: Drawing) -> None:
    """All words are inside, apart from each other and large enough on a small phone."""
    for one in words(drawing):
        left, top, right, bottom = edges(one)
        assert left >= 0, one
        assert right <= WIDTH, one
        assert top >= 0, one
        assert bottom <= drawing.height, one
        assert one.size * 360 / WIDTH >= 12, one
        assert one.width == width(one.text, one.size, bold=one.bold)
    for one, other in combinations(words(drawing), 2):
        assert not overlap(one, other), (one.text, other.text)


DAYS = st.dates(date(1990, 1, 1), date(2045, 12, 31))
LABELS = st.text(max_size=60)
MARKS = st.builds(Mark, on=DAYS, label=LABELS, ends=st.booleans())


@st.composite
def lanes(draw: st.DrawFn, on: date) -> Lane:
    marks = tuple(sorted(draw(st.lists(MARKS, max_size=8)), key=lambda mark: mark.on))
    kept = tuple(mark for mark in marks if mark.on <= on)
    ahead = draw(st.none() | st.integers(1, 4000))
    barred = draw(st.booleans()) if kept else False
    return Lane(
        name=draw(LABELS),
        standing=draw(LABELS),
        marks=kept,
        stretches=(Stretch(since=kept[0].on, until=on, narrowed=draw(st.booleans())),)
        if barred
        else (),
        ends_on=on + timedelta(days=ahead) if ahead and barred else None,
    )


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    on = draw(DAYS)
    return Timeline(
        title=draw(LABELS),
        on=on,
        lanes=tuple(draw(st.lists(lanes(on), max_size=5))),
        note=draw(st.text(max_size=300)),
    )


STATIONS = st.builds(PathStation, label=LABELS, state=st.sampled_from(StationState), when=LABELS)
PATHS = st.builds(
    BillPath, title=LABELS, stations=st.lists(STATIONS, min_size=1, max_size=9).map(tuple)
)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_inks_stand_out_from_the_paper_as_wcag_asks(palette: Palette) -> None:
    assert set(palette) == set(Ink)
    for ink in (Ink.TEXT, Ink.FAINT, Ink.DAY):
        assert contrast(palette[ink], palette[Ink.PAPER]) >= 4.5, ink
    for ink in (Ink.HOLDS, Ink.NARROWED, Ink.ENDED, Ink.BILL):
        assert contrast(palette[ink], palette[Ink.PAPER]) >= 3, ink


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


CROWDED = Timeline(
    title="",
    on=date(2039, 1, 1),
    lanes=(
        Lane(
            name="",
            standing="",
            stretches=(),
            marks=tuple(
                Mark(on=on, label="") for on in (date(2000, 1, 1), *[date(2038, 8, 1)] * 12)
            ),
        ),
    ),
    note="",
)


@settings(deadline=None, max_examples=60)
@given(timelines())
@example(CROWDED)
def test_no_words_of_a_timeline_run_into_each_other(scene: Timeline) -> None:
    check_legible(draw_timeline(scene))


@settings(deadline=None, max_examples=40)
@given(PATHS)
def test_no_words_of_a_path_run_into_each_other(path: BillPath) -> None:
    check_legible(draw_bill_path(path.title, path.stations))


@settings(deadline=None, max_examples=60)
@given(st.one_of(timelines(), PATHS), st.integers(24, 120))
def test_characters_stay_within_their_width(scene: Timeline | BillPath, wide: int) -> None:
    for line in lines_of(picture(scene), wide):
        assert len(line) <= wide
        assert line.isprintable()


@settings(deadline=None, max_examples=15)
@given(st.one_of(timelines(), PATHS))
def test_whatever_the_record_says_both_backends_write_it(scene: Timeline | BillPath) -> None:
    shown = picture(scene)
    drawing = drawing_of(shown)
    image = Image.open(BytesIO(to_png(drawing, DARK)))
    assert image.size == (2 * WIDTH, round(drawing.height * 2))
    texts = ET.fromstring(svg_of(shown)).iter(f"{SVG}text")
    assert [one.text or "" for one in texts] == [one.text for one in words(drawing)]


def test_what_was_narrowed_and_what_is_to_come_differ_in_shape_too() -> None:
    drawing = draw_timeline(timeline(lane(ends_on=date(2022, 6, 10))))
    bars = [one for one in drawing.shapes if isinstance(one, Box) and one.ink is not Ink.PAPER]
    assert [(one.ink, one.hollow) for one in bars] == [
        (Ink.HOLDS, False),
        (Ink.NARROWED, False),
        (Ink.HOLDS, True),
    ]
    assert bars[1].height < bars[0].height


def test_an_end_has_a_stop_and_what_else_happens_a_lozenge() -> None:
    end = Mark(on=ON, label="expired 10 June 2021", ends=True)
    drawing = draw_timeline(timeline(lane(marks=(*lane().marks, end))))
    assert sum(isinstance(one, Outline) for one in drawing.shapes) == 2
    assert sum(isinstance(one, Box) and one.ink is Ink.ENDED for one in drawing.shapes) == 1
    assert "expired 10 June 2021" in [one.text for one in words(drawing)]


def test_a_gap_is_left_between_two_stretches() -> None:
    again = Stretch(since=date(2021, 1, 1), until=ON)
    first = Stretch(since=date(2019, 1, 1), until=date(2020, 1, 1))
    drawing = draw_timeline(timeline(lane(stretches=(first, again))))
    one, other = (
        shape for shape in drawing.shapes if isinstance(shape, Box) and shape.ink is Ink.HOLDS
    )
    assert one.x + one.width < other.x


def test_the_day_it_is_drawn_as_of_has_a_line_and_its_date() -> None:
    drawing = draw_timeline(timeline(on=date(2021, 9, 1)))
    assert any(isinstance(one, Line) and one.ink is Ink.DAY for one in drawing.shapes)
    assert "1 September 2021" in [one.text for one in words(drawing)]


def test_marks_without_bars_are_numbered_and_listed() -> None:
    marks = (
        Mark(on=date(2020, 6, 25), label="US H.R. 1 introduced 25 June 2020"),
        Mark(on=date(2020, 6, 26), label="US S. 2 introduced 26 June 2020"),
    )
    listed = lane(name="Bills that may meet a condition", standing="", stretches=(), marks=marks)
    shown = [one.text for one in words(draw_timeline(timeline(listed)))]
    assert "Bills that may meet a condition" in shown
    assert {"1", "2", "1: US H.R. 1 introduced 25 June 2020"} <= set(shown)


def test_stations_differ_without_colour_and_say_what_they_are() -> None:
    stations = [
        PathStation(label="introduced", state=StationState.DONE, when="5 May 2020"),
        PathStation(label="committee", state=StationState.CURRENT),
        PathStation(label="floor", state=StationState.OPEN),
        PathStation(label="governor", state=StationState.OPEN, when="not reached"),
    ]
    drawing = draw_bill_path("XX 1", stations)
    texts = [one.text for one in words(drawing)]
    assert texts[1:] == [
        *("introduced", "5 May 2020", "committee", "now"),
        *("floor", "to come", "governor", "not reached"),
    ]
    dots = [one for one in drawing.shapes if isinstance(one, Dot)]
    assert len(dots) == len(stations) + 1  # a dot in the ring where it is
    assert [one.fill is one.border for one in dots] == [True, False, True, False, False]


def test_a_png_is_opaque_small_and_the_same_each_time() -> None:
    shown = picture()
    written = png_of(shown)
    image = Image.open(BytesIO(written))
    assert image.format == "PNG"
    assert image.width == 800
    assert "transparency" not in image.info
    assert len(written) < 200_000
    assert png_of(picture()) is written  # kept by what it shows
    paper = tuple(bytes.fromhex(DARK[Ink.PAPER][1:]))
    corner = image.convert("RGB").getpixel((1, 1))
    assert corner == pytest.approx(paper, abs=4)


def test_an_svg_can_be_read_aloud_and_fits_any_font() -> None:
    scene = timeline(lane(name='Acme <script> & "Sons"'), note="No pledge: Other & Co.")
    root = ET.fromstring(svg_of(picture(scene)))
    assert root.findtext(f"{SVG}title") == "Pledges"
    assert root.findtext(f"{SVG}desc") == "Acme narrowed it."
    assert root.get("aria-labelledby") == "t d"
    assert "prefers-color-scheme:dark" in str(root.findtext(f"{SVG}style"))
    assert all(one.get("textLength") for one in root.iter(f"{SVG}text"))
    assert root.find(f".//{SVG}script") is None


def test_the_font_has_the_letters_that_names_need() -> None:
    unknown = bytes(font(30).getmask("\uffff"))
    for bold in (False, True):
        for letter in "áéíóúñÑüößçàèâêîôûëïøåæœžščřőűłśźżğışİ–—’“”…·ΑαЖж№€":
            assert bytes(font(30, bold=bold).getmask(letter)) != unknown, letter


def test_words_that_do_not_fit_are_cut_visibly() -> None:
    assert fitted("A long name", 14, 1000) == "A long name"
    cut = fitted("A long name", 14, 50)
    assert cut.endswith("…")
    assert width(cut, 14) <= 50
    assert printable("two\nlines\x00\ud800") == "two lines"


@pytest.mark.parametrize(
    "changes",
    [{"name": "a b"}, {"name": ""}, {"name": "é"}, {"alt": " "}, {"alt": "x" * (ALT_LIMIT + 1)}],
)
def test_a_picture_that_no_chat_would_take_cannot_be_made(changes: dict[str, str]) -> None:
    values = {"name": "acme", "alt": "Acme."} | changes
    with pytest.raises(ValueError, match=r"name for a file|words of at most"):
        Picture(name=values["name"], alt=values["alt"], scene=timeline())
