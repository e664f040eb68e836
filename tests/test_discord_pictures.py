"""Pictures on Discord: a file, shown in the reply, with words for those who do not see it."""

import threading
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from bot.chats import discord_pictures
from bot.chats.discord_render import render_reply
from domain.cards import Action, Page, Paragraph, Reply, text
from domain.pictures import BillPath, PathStation, Picture, StationState
from tests.discord_bench import Bench
from tests.doubles.discord import Member, Message

PATH = BillPath(
    title="XX 1", stations=(PathStation(label="introduced", state=StationState.CURRENT),)
)
PICTURE = Picture(name="path-1", alt="XX 1 is introduced.", scene=PATH)
PAGE = Page(
    title="XX 1",
    blocks=(Paragraph(text=text("A bill.")),),
    picture=PICTURE,
    actions=(Action(label="More", url="https://example.org/"),),
)


def check_shown(message: Message) -> str:
    """The one picture is a PNG that the message shows; return what is read aloud of it."""
    ((file, said),) = message.pictures
    assert message.unseen == []
    image = Image.open(BytesIO(file.content))
    assert (image.format, image.width) == ("PNG", 800)
    assert file.content_type == "image/png"
    assert file.description == said
    return said


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("meant", [True, False])
@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize("takes", [0.0, 0.1])
async def test_a_reply_carries_its_picture_however_it_is_answered(
    bench: Bench, ben: Member, meant: bool, private: bool, takes: float
) -> None:
    """At once, into a “thinking” message, and in place of one that the wrong people would see."""
    bench.add_command(Reply(card=PAGE, private=private), private=meant, takes=takes)
    async with bench.connected():
        await bench.discord.slash(ben, bench.channel, "/feed try")
        message = await bench.shown_to(ben)
        assert message.ephemeral is private
        assert check_shown(message) == "XX 1 is introduced."


async def test_comparing_shows_a_timeline(bench: Bench, ben: Member) -> None:
    async with bench.connected():
        reply = await bench.discord.slash(
            ben, bench.channel, "/pledge compare", companies="ibm amazon microsoft"
        )
        await reply.settled()
        said = check_shown(reply.message)
    assert "Amazon: announced 10 June 2020, extended 18 May 2021" in said
    assert "Pledges compared" in reply.text


async def test_without_a_pledge_there_is_no_picture(bench: Bench, ben: Member) -> None:
    async with bench.connected():
        reply = await bench.discord.slash(
            ben, bench.channel, "/pledge compare", companies="nec, idemia"
        )
        await reply.settled()
        assert reply.message.attachments == []
        assert reply.message.pictures == []


def kinds(card: Page) -> list[str]:
    view: Any = render_reply(card, {})
    (box,) = view.to_components()
    names = {1: "buttons", 10: "text", 12: "picture", 14: "line"}
    return [names[one["type"]] for one in box["components"]]


async def test_the_picture_stands_under_the_title() -> None:
    assert kinds(PAGE) == ["text", "picture", "text", "buttons"]
    assert kinds(replace(PAGE, blocks=())) == ["text", "picture", "buttons"]
    assert kinds(replace(PAGE, picture=None)) == ["text", "buttons"]


async def test_drawing_does_not_hold_up_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn_in: list[str] = []

    def draw(picture: Picture) -> bytes:
        drawn_in.append(threading.current_thread().name)
        return b"x"

    monkeypatch.setattr(discord_pictures, "png_of", draw)
    (file,) = await discord_pictures.files_of(PAGE)
    assert file.filename == "path-1.png"
    assert drawn_in != [threading.main_thread().name]
