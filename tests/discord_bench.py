"""What the tests of the Discord adapter stand on: the double, a real desk, feeds that are not."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from discord import ui

from bot.chats.discord_chat import DiscordChat
from bot.chats.discord_render import Post
from bot.config import Discord, Secret
from bot.front_desk import FrontDesk
from bot.records import ship, shipped_record
from bot.tokens import Tokens
from commands.all import make_registry
from commands.registry import Command, Option
from domain.cards import Action, AlertCard, AlertKind, Reply, bold, text
from domain.entries import Entry
from domain.errors import FeedError
from domain.model import ChannelRef, Platform, Source, Space, SpaceRef, Watch, WatchMatch
from domain.ports import Desk, Probe
from storage.db import Database
from tests.doubles.discord import Channel, DiscordDouble, Guild, Member, Message, components
from tests.doubles.discord.check_messages import check_message
from tests.fakes import FakeLegislatures, FakePlaces

_record = cache(shipped_record)


HOSTILE = "@everyone <@1> [x](http://evil.example) *look*"
ALERT = AlertCard(
    kind=AlertKind.NEWS,
    subjects=("IBM",),
    title=HOSTILE,
    url="https://news.example/1",
    summary=HOSTILE,
    published_at=datetime(2020, 6, 8, 12, tzinfo=UTC),
    outlet="News @here",
    background=(text(bold("IBM’s pledge: "), HOSTILE),),
    actions=(
        Action(label="The pledge", command="pledge show", arguments=(("company", "IBM"),)),
        Action(label="Hear all", command="subscribe here", arguments=(("what", "all"),)),
        Action(label="Long", command="pledge show", arguments=(("company", "x" * 200),)),
        Action(label="Watch", command="watch add"),
    ),
)


@dataclass
class FakeClock:
    """The system's time, moved on as tests like; sleeping takes no time to speak of."""

    ahead: timedelta = timedelta()
    slept: list[timedelta] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead  # noqa: TID251 - the double's ids tell real time

    async def sleep(self, span: timedelta) -> None:
        self.slept.append(span)
        await asyncio.sleep(0.01)


class FakeFeeds:
    """Feeds of which none can be read, as slowly as tests like."""

    def __init__(self) -> None:
        self.takes = 0.0
        self.asked: list[str] = []

    async def probe(self, url: str) -> Probe:
        self.asked.append(url)
        await asyncio.sleep(self.takes)
        entry = Entry(guid="1", url="https://news.example/1", title="Police buy *cameras*")
        if "bad" in url:
            raise FeedError("This address has no feed.")
        return Probe(url=url, title="News", entries=(entry,))

    async def follow(self, space: Space, url: str, by: str) -> Source:
        self.asked.append(url)
        await asyncio.sleep(self.takes)
        raise FeedError("This feed cannot be read.")

    def key(self, space: Space, url: str) -> str:
        return url


class FakeMatching:
    """Nothing matches."""

    def matches(self, watches: Sequence[Watch], entries: Sequence[Entry]) -> list[list[WatchMatch]]:
        return [[] for _ in entries]


@dataclass(kw_only=True)
class Bench:
    """A guild with one channel, and all that a chat is made of."""

    discord: DiscordDouble
    database: Database
    clock: FakeClock
    feeds: FakeFeeds
    desk: FrontDesk
    guild: Guild
    channel: Channel

    def make(self, *, token: str = "", roles: tuple[str, ...] = ()) -> DiscordChat:
        config = Discord(
            api_base=self.discord.api_base,
            token=Secret(token or self.discord.token),
            organizer_roles=roles,
        )
        return DiscordChat(config, self.desk, self.clock)

    def add_command(self, reply: Reply, *, private: bool = True, takes: float = 0.0) -> None:
        """Make `/feed try` give `reply` after a while."""

        async def handler(desk: Desk, **_: object) -> Reply:
            await asyncio.sleep(takes)
            return reply

        self.desk.registry.add(
            Command(
                noun="feed",
                verb="try",
                summary="Try it",
                handler=handler,
                options=(Option(name="name", summary="A name"),),
                private=private,
            )
        )

    def restarted(self) -> FrontDesk:
        """A desk as the next process has it: the same key and database, nothing in memory."""
        self.desk = make_desk(self.database, self.clock, self.feeds)
        return self.desk

    def ref(self, channel: Channel | None = None) -> ChannelRef:
        return self.named((channel or self.channel).id)

    def named(self, external_id: str) -> ChannelRef:
        space = SpaceRef(platform=Platform.DISCORD, external_id=self.guild.id)
        return ChannelRef(space=space, external_id=external_id)

    @property
    def posted(self) -> list[Message]:
        return self.discord.messages(self.channel)

    async def shown_to(self, member: Member) -> Message:
        """Wait for the one message with words that they see in the channel."""

        def shown() -> list[Message]:
            held = self.discord.messages(self.channel, seen_by=member)
            return [one for one in held if one.text]

        await until(lambda: len(shown()) == 1)
        (message,) = shown()
        return message

    @asynccontextmanager
    async def started(self, *, roles: tuple[str, ...] = ()) -> AsyncIterator[DiscordChat]:
        """A chat that listens; whether it tells its commands is the test's business."""
        chat = self.make(roles=roles)
        running = asyncio.create_task(chat.run())
        try:
            await self.discord.connected()
            yield chat
        finally:
            await chat.close()
            await running

    @asynccontextmanager
    async def connected(self, *, roles: tuple[str, ...] = ()) -> AsyncIterator[DiscordChat]:
        """A chat that listens and has told its commands."""
        async with self.started(roles=roles) as chat:
            await until(self.discord.commands)
            yield chat


def make_desk(database: Database, clock: FakeClock, feeds: FakeFeeds) -> FrontDesk:
    return FrontDesk(
        registry=make_registry(),
        database=database,
        feeds=feeds,
        matching=FakeMatching(),
        places=FakePlaces(),
        legislatures=FakeLegislatures(),
        tokens=Tokens(b"k" * 32, database, clock),
        starter_feeds=(),
    )


@asynccontextmanager
async def make_bench(*, record: bool) -> AsyncIterator[Bench]:
    """A bench, with the shipped record in its database where a test asks about it."""
    clock, feeds = FakeClock(), FakeFeeds()
    async with DiscordDouble() as discord, Database(":memory:") as database:
        if record:
            await ship(database, _record(), clock)
        guild = discord.add_guild("Ballard Neighbours")
        yield Bench(
            discord=discord,
            database=database,
            clock=clock,
            feeds=feeds,
            desk=make_desk(database, clock, feeds),
            guild=guild,
            channel=guild.add_channel("alerts"),
        )
        assert discord.unexpected == []


async def until(ready: Callable[[], object], within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not ready():  # noqa: ASYNC110 - discord.py has no event for every change
            await asyncio.sleep(0.002)


def sent(view: Any) -> list[dict[str, Any]]:
    """The components of a view as they go over the wire."""
    found: list[dict[str, Any]] = view.to_components()
    return found


def words_of(view: ui.LayoutView) -> str:
    return "\n".join(components.texts(sent(view)))


def check_reply(view: ui.LayoutView) -> None:
    """Refuse what Discord would refuse."""
    check_message({"components": sent(view), "flags": 1 << 15}, [])


def payload_of(post: Post) -> dict[str, Any]:
    embeds = [one.to_dict() for one in post.embeds]
    return {"content": post.content, "embeds": embeds, "components": sent(post.view)}
