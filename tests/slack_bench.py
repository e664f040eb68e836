"""A workspace, a front desk and the adapter between them, for the Slack tests."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.chats.slack_chat import SlackChat
from bot.chats.slack_forms import Reference, form_view
from bot.chats.slack_manifest import PATH, slack_manifest
from bot.clock import SystemClock
from bot.config import Secret, Slack
from bot.front_desk import FrontDesk
from bot.records import sync_records
from bot.tokens import Tokens
from commands.all import make_registry
from commands.registry import Command
from domain.cards import Action, AlertCard, AlertKind, Form, Reply, bold, text
from domain.entries import Entry
from domain.errors import FeedError
from domain.model import (
    ChannelRef,
    FeedLink,
    Platform,
    Source,
    Space,
    SpaceRef,
    Watch,
    WatchKind,
    WatchMatch,
)
from domain.ports import Desk, Probe
from storage.db import Database, Tx
from tests.doubles.slack import Channel, Message, SlackDouble, User, View
from tests.doubles.slack import Reply as Seen
from tests.doubles.slack.blocks import check_view
from tests.fakes import FakeLegislatures, FakePlaces

KEY = b"a key for tests, 32 bytes long.."
FEED = "https://news.example/feed"
MODES = ("socket", "http")
AT = datetime(2020, 6, 17, 14, 5, tzinfo=UTC)
HOSTILE = "<!channel> <@U0123> <#C0123> <http://evil.example|ok> &amp; *bold* `x` ```"
ALERT = AlertCard(
    kind=AlertKind.PLEDGE,
    subjects=("Microsoft",),
    title="Microsoft pitched face recognition to a federal agency",
    url="https://redmondmag.example/a?b=1&c=2",
    summary="E-mails show it.",
    published_at=AT,
    outlet="redmondmag.example",
    also_in=(("The Post", "https://post.example/1"), ("Slate", "https://slate.example/2")),
    background=(text(bold("Microsoft’s pledge (11 June 2020): "), "no sales to US police."),),
    actions=(
        Action(label="The pledge", command="pledge show"),
        Action(label="Why this?", command="pledgewatch why"),
    ),
)


class QuickClock(SystemClock):
    """Real time that can be put forward, and in which nobody waits long."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        self.slept: list[timedelta] = []

    def now(self) -> datetime:
        return super().now() + self.ahead

    async def sleep(self, span: timedelta) -> None:
        self.slept.append(span)
        await asyncio.sleep(min(span.total_seconds(), 0.02))


@dataclass
class FakeFeeds:
    """Feeds without a network; `delay` makes them slow, `fault` unreadable."""

    database: Database
    clock: QuickClock
    delay: float = 0.0
    fault: str = ""
    entries: tuple[Entry, ...] = ()
    offers: tuple[FeedLink, ...] = ()
    asked: list[str] = field(default_factory=list)

    def key(self, space: Space, url: str) -> str:
        del space
        return url

    async def probe(self, url: str) -> Probe:
        await self._ask(url)
        return Probe(url=url, title="News", entries=self.entries, offers=self.offers)

    async def follow(self, space: Space, url: str, by: str) -> Source:
        await self._ask(url)
        now = self.clock.now()
        source = await self.database.write(
            lambda tx: tx.sources.add(url, url, timedelta(minutes=15), now)
        )
        await self.database.write(lambda tx: tx.sources.follow(space, source.id, by, now))
        return source

    async def _ask(self, url: str) -> None:
        self.asked.append(url)
        await asyncio.sleep(self.delay)
        if self.fault:
            raise FeedError(self.fault)


class NoMatches:
    """Nothing matches anything."""

    def matches(self, watches: Sequence[Watch], entries: Sequence[Entry]) -> list[list[WatchMatch]]:
        del watches
        return [[] for _ in entries]


class Bench:
    """Everything but the adapter; `chat` puts one on it."""

    def __init__(self, slack: SlackDouble, database: Database) -> None:
        self.slack = slack
        self.database = database
        self.clock = QuickClock()
        self.registry = make_registry()
        self.feeds = FakeFeeds(database, self.clock)
        self.space = SpaceRef(platform=Platform.SLACK, external_id=slack.team_id)
        self.admin = slack.add_user("ana", is_admin=True)
        self.member = slack.add_user("ben")
        self.general = slack.add_channel("general")

    def desk(self) -> FrontDesk:
        return FrontDesk(
            registry=self.registry,
            database=self.database,
            feeds=self.feeds,
            matching=NoMatches(),
            places=FakePlaces(),
            legislatures=FakeLegislatures(),
            tokens=Tokens(KEY, self.database, self.clock),
            starter_feeds=(),
        )

    def config(self, mode: str = "socket", **more: object) -> Slack:
        settings: dict[str, object] = {
            "mode": mode,
            "api_base": self.slack.api_base,
            "bot_token": Secret(self.slack.bot_token),
            "app_token": Secret(self.slack.app_token),
            "signing_secret": Secret(self.slack.signing_secret),
            "listen": f"127.0.0.1:{_free_port() if mode == 'http' else 0}",
        }
        return Slack(**(settings | more))  # type: ignore[arg-type]

    def ref(self, channel: Channel) -> ChannelRef:
        return ChannelRef(space=self.space, external_id=channel.id)

    @asynccontextmanager
    async def posting(self, **more: object) -> AsyncIterator[SlackChat]:
        """An adapter that is not listening."""
        chat = SlackChat(self.config(**more), self.desk(), self.clock)  # type: ignore[arg-type]
        try:
            yield chat
        finally:
            await chat.close()

    @asynccontextmanager
    async def listening(self, mode: str, **more: object) -> AsyncIterator[SlackChat]:
        """An adapter that is installed and connected."""
        config = self.config(mode, **more)
        chat = SlackChat(config, self.desk(), self.clock)
        address = f"http://{config.listen}"
        self.slack.install(slack_manifest(self.registry, config, address))
        before = self.slack.sockets.opened
        running = asyncio.create_task(chat.run())
        try:
            if mode == "http":
                self.slack.use_http(f"{address}{PATH}")
                await _reachable(config.listen)
            else:
                await self.slack.sockets.connected(before + 1)
            yield chat
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await chat.close()


@asynccontextmanager
async def open_bench() -> AsyncIterator[Bench]:
    """A bench on a database with the record in it; afterwards nothing odd may have happened."""
    async with SlackDouble() as slack, Database(":memory:") as database:
        await _fill(database)
        yield Bench(slack, database)
        assert slack.unexpected == []


_recorded: list[bytes] = []


async def _fill(database: Database) -> None:
    """Put the shipped record in, which is read once for all tests."""
    connection = database._connection
    assert connection is not None
    if _recorded:
        await database._on_thread(lambda: connection.deserialize(_recorded[0]))
    else:
        await sync_records(database, SystemClock())
        _recorded.append(await database._on_thread(connection.serialize))


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something has become true."""
    for _ in range(200):
        if await true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("not within four seconds")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _reachable(listen: str) -> None:
    host, _, port = listen.rpartition(":")
    async with asyncio.timeout(5):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(host, int(port))
                writer.close()
                await writer.wait_closed()
                return
            await asyncio.sleep(0.01)


async def asked(bench: Bench, user: User, typed: str) -> Seen:
    command, _, rest = typed.partition(" ")
    return await bench.slack.command(user, bench.general, command, rest)


async def said(bench: Bench, user: User, typed: str) -> Message:
    return await (await asked(bench, user, typed)).message()


async def form(bench: Bench, user: User, typed: str) -> View:
    return await (await asked(bench, user, typed)).modal()


async def topics(bench: Bench) -> list[str]:
    """The topics that the workspace watches."""

    def work(tx: Tx) -> list[str]:
        space = tx.spaces.find(bench.space)
        return [watch.label for watch in tx.watches.of(space, WatchKind.TOPIC)] if space else []

    return await bench.database.read(work)


def instead(monkeypatch: pytest.MonkeyPatch, bench: Bench, path: str, reply: Reply) -> None:
    """Let a command answer with `reply`, whatever it is asked."""

    async def handler(desk: Desk, **options: object) -> Reply:
        del desk, options
        return reply

    command = bench.registry.find(path)
    assert command is not None
    monkeypatch.setitem(bench.registry._by_path, path, replace(command, handler=handler))


def opened(form: Form, command: Command) -> dict[str, Any]:
    reference = Reference(token="p1|x", channel="C1", response_url="https://hooks.example/1")
    view = form_view(form, command, f"/{command.path}", reference)
    assert check_view(json.loads(json.dumps(view))) == []
    assert Reference.read(view) == reference
    return view
