"""The program on a stage: the real core on a real database, a publisher, a clock that is set."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from bot.app import Core, open_core
from bot.chats.terminal_chat import make_request
from bot.config import Config, Networking, Storage
from bot.delivery import Deliverer
from domain.cards import Card, Notice, plain
from domain.model import Platform, Source, SpaceRef
from tests.loopback import Publisher
from tests.recorder import RecordingChat

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SPACE = SpaceRef(platform=Platform.DISCORD, external_id="1")
OTHER = SpaceRef(platform=Platform.DISCORD, external_id="2")


class SetClock:
    """A clock that stands until it is set; sleeping moves it."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def pass_(self, **span: float) -> datetime:
        """Let time pass; return the new now."""
        self._now += timedelta(**span)
        return self._now

    async def sleep(self, span: timedelta) -> None:
        self._now += span
        await asyncio.sleep(0)


@dataclass
class Stage:
    """All that a test of the flow needs."""

    core: Core
    clock: SetClock
    publisher: Publisher
    chat: RecordingChat
    deliverer: Deliverer

    async def say(self, line: str, *, space: SpaceRef = SPACE, channel: str = "c1") -> Card:
        """Type a command as an organizer."""
        request = make_request(self.clock, organizer=True, space=space, channel=channel)
        return (await self.core.desk.answer_line(line, request)).card

    async def follow(self, path: str, *, space: SpaceRef = SPACE) -> None:
        """Follow a published feed."""
        card = await self.say(f"/feed add {self.publisher.url(path)}", space=space)
        assert isinstance(card, Notice), card
        assert "is followed" in plain(card.text), plain(card.text)

    async def round(self) -> None:
        """Poll everything and deliver all that can be."""
        await self.core.poller.poll_all()
        await self.deliver()

    async def deliver(self) -> None:
        """Deliver all that can be delivered now."""
        await self.deliverer.drain(timedelta(0))

    async def source(self, path: str) -> Source:
        """A followed source as it is stored."""
        space = await self.core.database.read(lambda tx: tx.spaces.find(SPACE))
        assert space is not None
        held = await self.core.database.read(lambda tx: tx.sources.followed(space))
        return next(one.source for one in held if one.source.url.endswith(path))


@asynccontextmanager
async def staged(folder: Path, *, chat: RecordingChat | None = None) -> AsyncIterator[Stage]:
    """Set the stage with an empty community in Discord."""
    clock = SetClock()
    config = Config(
        storage=Storage(url=f"sqlite:///{folder / 'stage.db'}"),
        network=Networking(
            allow_private=(ip_network("127.0.0.0/8"),), timeout=timedelta(seconds=5)
        ),
    )
    async with AsyncExitStack() as stack:
        publisher = await stack.enter_async_context(Publisher())
        core = await stack.enter_async_context(open_core(config, clock))
        chat = chat or RecordingChat()
        yield Stage(core, clock, publisher, chat, core.deliverer({chat.platform: chat}))
