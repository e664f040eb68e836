"""The demo: 1 to 12 June 2020 through the real pipeline, on a compressed clock."""

import asyncio
import sys
import tempfile
from argparse import Namespace
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from bot.app import Core, open_core
from bot.asking import prompt
from bot.chats.terminal_chat import TerminalChat, make_console, make_request
from bot.config import (
    Config,
    GovInfo,
    Legistar,
    Networking,
    Polling,
    Services,
    Storage,
    Washington,
)
from bot.delivery import Deliverer
from bot.demo.outlets import Outlets
from domain.cards import Postable
from domain.model import ChannelRef

_BEGIN = datetime(2020, 6, 1, 6, tzinfo=UTC)
_END = datetime(2020, 6, 13, 0, tzinfo=UTC)
_READING = 1.1  # seconds an alert stays alone on the screen
_TOUR = (
    "/pledge compare ibm amazon microsoft",
    "/pledge show amazon covers:ICE",
    "/pledgewatch status",
)


class SteppedClock:
    """A clock that stands still until it is set."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return where it stands."""
        return self._now

    def set(self, to: datetime) -> None:
        """Move it forward."""
        self._now = max(self._now, to)

    async def sleep(self, span: timedelta) -> None:
        """Let others run; time does not pass by itself here."""
        del span
        await asyncio.sleep(0)


class _PacedChat(TerminalChat):
    """The terminal, with a moment to read each alert."""

    def __init__(self, console: Console, pause: float) -> None:
        super().__init__(console)
        self._pause = pause

    async def post(self, channel: ChannelRef, card: Postable, key: str) -> str:
        """Draw a card and wait a moment."""
        message = await super().post(channel, card, key)
        await asyncio.sleep(self._pause)
        return message


async def demo(*, fast: bool) -> int:
    """Run the demo; at a terminal it then takes commands."""
    console = make_console()
    clock = SteppedClock(_BEGIN)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pledgewatch-demo-"))
        outlets = await stack.enter_async_context(Outlets(clock))
        core = await stack.enter_async_context(open_core(_config(Path(folder)), clock))
        chat = _PacedChat(console, 0 if fast else _READING)
        deliverer = core.deliverer({chat.platform: chat})
        await _set_up(core, outlets, chat, console)
        await _replay(core, deliverer, clock, console)
        await _tour(core, chat, console, pause=0 if fast else _READING)
        if sys.stdin.isatty() and console.is_terminal:
            place = Namespace(space=None, channel=None, role="organizer")
            await prompt(core, chat, console, place)
    return 0


def _config(folder: Path) -> Config:
    return Config(
        storage=Storage(url=f"sqlite:///{folder / 'demo.db'}"),
        polling=Polling(
            interval=timedelta(hours=1),
            min_interval=timedelta(minutes=30),
            max_interval=timedelta(hours=2),
        ),
        network=Networking(allow_private=(ip_network("127.0.0.0/8"),)),
        sources=Services(
            govinfo=GovInfo(base_url=""),
            legistar=Legistar(base_url=""),
            washington=Washington(base_url=""),
        ),
    )


async def _set_up(core: Core, outlets: Outlets, chat: TerminalChat, console: Console) -> None:
    """Follow the outlets' feeds and subscribe, as an organizer would."""
    console.rule("Pledgewatch · 1 to 12 June 2020, replayed", style="dim")
    console.print(
        "Four outlets made up for this demo, served on this machine; what they report on "
        "companies and bills is cited in the record.\n",
        style="dim",
    )
    for url in outlets.urls:
        await _type(core, f"/feed add {url}")
    console.print(f"> /feed add …  ({len(outlets.urls)} feeds)", style="cyan")
    console.print("> /subscribe here all", style="cyan")
    reply = await core.desk.answer_line(
        "/subscribe here all", make_request(core.clock, organizer=True)
    )
    chat.show(reply.card)
    console.print()


async def _type(core: Core, line: str) -> None:
    await core.desk.answer_line(line, make_request(core.clock, organizer=True))


async def _replay(core: Core, deliverer: Deliverer, clock: SteppedClock, console: Console) -> None:
    """Move the clock from one due poll to the next and deliver what each brings."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[done]}"),
        console=console,
        transient=True,
    ) as progress:
        whole = (_END - _BEGIN).total_seconds()
        task = progress.add_task("", total=whole, done="")
        while clock.now() < _END:
            due = await core.database.read(lambda tx: tx.polling.next_due())
            clock.set(min(due or _END, _END))
            await core.poller.poll_due()
            await deliverer.drain(timedelta(0))
            polled = core.poller.polled
            progress.update(
                task,
                completed=(clock.now() - _BEGIN).total_seconds(),
                description=f"{clock.now():%d %B %Y, %H:%M}",
                done=f"{polled.read + polled.unchanged} polls · {deliverer.sent} messages",
            )
    polled = core.poller.polled
    console.print(
        f"{polled.read + polled.unchanged} polls, {polled.fresh} new items, "
        f"{deliverer.sent} messages; the rainforest and the sports page stayed out.\n",
        style="dim",
    )


async def _tour(core: Core, chat: TerminalChat, console: Console, *, pause: float) -> None:
    for line in _TOUR:
        console.print(f"> {line}", style="cyan")
        reply = await core.desk.answer_line(line, make_request(core.clock, organizer=True))
        chat.show(reply.card)
        console.print()
        await asyncio.sleep(pause)
