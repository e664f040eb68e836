"""Commands typed at the command line or at its prompt."""

import argparse
import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread

from rich.console import Console

from bot.app import Core, open_core
from bot.chats.terminal_chat import (
    CHANNEL,
    SPACE,
    TerminalChat,
    make_console,
    make_request,
    to_plain,
)
from bot.chats.terminal_render import render
from bot.clock import SystemClock
from bot.config import Config
from domain.cards import Notice, Page, Tone
from domain.model import SpaceRef
from domain.ports import Request
from feeds.opml import OpmlError, read_opml, write_opml

_WIDTH = 100
_HELLO = "Type a command, such as /pledge show Microsoft. /help lists them; a number presses a button; /quit ends."


async def ask(config: Config, place: argparse.Namespace, line: str, *, as_json: bool) -> int:
    """Print the reply to one command; 1 if it was refused."""
    async with open_core(config, SystemClock()) as core:
        reply = await core.desk.answer_line(line, _request(core, place))
    if as_json:
        sys.stdout.write(json.dumps(to_plain(reply), ensure_ascii=False, indent=2) + "\n")
    else:
        console = make_console()
        console.print(render(reply.card, console.width))
    return int(isinstance(reply.card, Notice) and reply.card.tone is Tone.WRONG)


async def write_calendar(config: Config, place: argparse.Namespace, bill: str) -> int:
    """Write hearings as a calendar file to the output; 1 and why if there are none."""
    from bot.calendar.ics import calendar_file  # noqa: PLC0415 - slow to import

    given = {"calendar": "yes", **({"bill": bill} if bill else {})}
    async with open_core(config, SystemClock()) as core:
        reply = await core.desk.answer("bill hearings", given, _request(core, place))
    card = reply.card
    if not isinstance(card, Page) or card.calendar is None:
        Console(stderr=True, highlight=False).print(render(card, _WIDTH))
        return 1
    sys.stdout.buffer.write(calendar_file(card.calendar))
    return 0


async def converse(config: Config, place: argparse.Namespace) -> int:
    """A prompt; alerts for this terminal's own channel appear between the lines."""
    console = make_console()
    async with open_core(config, SystemClock()) as core:
        chat = TerminalChat(console)
        deliverer = core.deliverer({chat.platform: chat})
        works = (
            core.poller.run(),
            core.legislatures.run(),
            core.schedule.run(),
            deliverer.run(),
        )
        loops = [asyncio.create_task(work) for work in works]
        try:
            await prompt(core, chat, console, place)
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
    return 0


async def prompt(
    core: Core, chat: TerminalChat, console: Console, place: argparse.Namespace
) -> None:
    """Read commands until the end of input or /quit."""
    console.print(_HELLO, style="dim")
    while (line := await _read_line()) is not None:
        typed = line.strip()
        if typed in {"/quit", "/exit", "quit", "exit"}:
            return
        if not typed:
            continue
        request = _request(core, place)
        action = chat.pressed(int(typed)) if typed.isdecimal() else None
        if action is not None and action.command:
            reply = await core.desk.answer(action.command, dict(action.arguments), request)
        else:
            reply = await core.desk.answer_line(typed, request)
        chat.show(reply.card)


async def import_feeds(config: Config, place: argparse.Namespace, file: Path) -> int:
    """Follow every feed of an OPML file; say of each what came of it."""
    try:
        outlines = read_opml(file.read_bytes())  # noqa: ASYNC240 - nothing else runs yet
    except (OSError, OpmlError) as error:
        sys.stderr.write(f"{file} cannot be used: {error}\n")
        return 1
    failed = 0
    async with open_core(config, SystemClock()) as core:
        for number, url in enumerate(outlines, 1):
            reply = await core.desk.answer("feed add", {"url": url}, _request(core, place))
            refused = isinstance(reply.card, Notice) and reply.card.tone is Tone.WRONG
            failed += refused
            said = "".join(span.text for span in reply.card.text) if refused else "followed"  # type: ignore[union-attr]
            sys.stdout.write(f"{number}/{len(outlines)} {url}: {said}\n")
    return int(failed > 0)


async def export_feeds(config: Config, place: argparse.Namespace) -> int:
    """Print the feeds followed as OPML."""
    async with open_core(config, SystemClock()) as core:
        request = _request(core, place)
        space = await core.database.write(lambda tx: tx.spaces.ensure(request.space, request.now))
        held = await core.database.read(lambda tx: tx.sources.followed(space))
    sys.stdout.write(write_opml([(one.source.title, one.source.url) for one in held]))
    return 0


def _request(core: Core, place: argparse.Namespace) -> Request:
    space = SpaceRef.parse(place.space) if place.space else SPACE
    return make_request(
        core.clock,
        organizer=place.role == "organizer",
        space=space,
        channel=place.channel or CHANNEL.external_id,
    )


async def _read_line() -> str | None:
    """Read a line without stopping the loops; None at the end of input.

    A daemon thread waits for it, so that leaving does not wait for one more line.
    """
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str | None] = loop.create_future()

    def read() -> None:
        try:
            typed: str | None = input("pledgewatch> ")
        except (EOFError, KeyboardInterrupt):
            typed = None
        with suppress(RuntimeError):  # the loop is closed: we have left
            loop.call_soon_threadsafe(_settle, line, typed)

    Thread(target=read, daemon=True).start()
    return await line


def _settle(line: "asyncio.Future[str | None]", typed: str | None) -> None:
    if not line.done():
        line.set_result(typed)
