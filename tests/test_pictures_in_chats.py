"""Pictures where no image can be shown: in Slack's private answers and in a terminal."""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from bot.chats.slack_render import render as slack
from bot.chats.terminal_chat import to_plain
from bot.chats.terminal_render import render as terminal
from domain.cards import Page, Paragraph, text
from domain.pictures import Lane, Mark, Picture, Stretch, Timeline
from tests.doubles.slack.blocks import check_message_blocks

ON = date(2021, 6, 10)
TIMELINE = Timeline(
    title="Acme: pledge",
    on=ON,
    lanes=(
        Lane(
            name="Acme & <Sons>",
            standing="active",
            stretches=(Stretch(since=date(2020, 1, 1), until=ON),),
            marks=(Mark(on=date(2020, 1, 1), label="announced 1 January 2020"),),
        ),
    ),
)
PAGE = Page(
    title="Acme",
    blocks=(Paragraph(text=text("It promised.")),),
    picture=Picture(name="acme", alt="Acme: announced 1 January 2020.", scene=TIMELINE),
)


def drawn_in_slack(page: Page) -> str:
    blocks: Any = slack(page, {}).blocks
    (block,) = [one for one in blocks if one["type"] == "rich_text"]
    (element,) = block["elements"]
    assert element["type"] == "rich_text_preformatted"
    return str(element["elements"][0]["text"])


def test_slack_shows_it_in_characters_that_fit_a_phone() -> None:
    drawn = drawn_in_slack(PAGE)
    assert max(map(len, drawn.splitlines())) <= 34
    assert "●════" in drawn
    assert "announced 1 January 2020" in drawn
    assert "Acme & <Sons>" in drawn  # taken literally there


def test_slack_takes_it() -> None:
    assert check_message_blocks([dict(one) for one in slack(PAGE, {}).blocks]) == []


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_terminal_shows_it_as_wide_as_it_is(width: int) -> None:
    out = StringIO()
    Console(file=out, width=width, highlight=False).print(terminal(PAGE, width))
    lines = out.getvalue().splitlines()
    (track,) = [line for line in lines if "●══" in line]
    assert width - 1 <= len(track.rstrip()) <= width or width > 100
    assert max(map(len, lines)) <= width
    assert "It promised." in out.getvalue()


def test_a_picture_can_be_told_as_plain_data() -> None:
    plain: Any = json.loads(json.dumps(to_plain(PAGE)))
    assert plain["picture"]["alt"] == "Acme: announced 1 January 2020."
    assert plain["picture"]["scene"]["on"] == "2021-06-10"
