"""Fixtures for every test: a clock to set, a database in memory, the front desk over both.

At the end those of the tests that stand on Discord's bench.
"""

from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import HealthCheck, settings

from bot.feed_desk import MatchDesk
from bot.front_desk import FrontDesk
from bot.records import ship, shipped_record
from bot.tokens import Tokens
from commands.all import make_registry
from commands.registry import Registry
from domain.record import Record
from storage.db import Database
from tests import discord_bench
from tests.doubles.discord import Member, Permission
from tests.fakes import FakeClock, FakeFeeds, FakeLegislatures, FakePlaces, Person

# A busy machine is no fault of the code: rules are tried out, not timed.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
STARTER = ("https://news.example/feed", "https://laws.example/feed")


@pytest.fixture
def clock() -> FakeClock:
    """1 June 2021, noon UTC, until a test sets it."""
    return FakeClock()


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    """A real database in memory, empty but for its tables."""
    async with Database(":memory:") as held:
        yield held


@pytest.fixture(scope="session")
def record() -> Record:
    """The shipped record, read from its files once."""
    return shipped_record()


@pytest.fixture
async def shipped(database: Database, record: Record, clock: FakeClock) -> Database:
    """The database with the shipped record in it."""
    await ship(database, record, clock)
    return database


@pytest.fixture
def registry() -> Registry:
    """Every command there is."""
    return make_registry()


@pytest.fixture
def feeds(shipped: Database, clock: FakeClock) -> FakeFeeds:
    """The feeds of the world, as laid out by the test."""
    return FakeFeeds(shipped, clock)


@pytest.fixture
def places() -> FakePlaces:
    """The districts of the world, as laid out by the test."""
    return FakePlaces()


@pytest.fixture
def front_desk(
    shipped: Database,
    feeds: FakeFeeds,
    places: FakePlaces,
    registry: Registry,
    clock: FakeClock,
) -> FrontDesk:
    """The real front desk; only the feeds and the clock are fakes."""
    return FrontDesk(
        registry=registry,
        database=shipped,
        feeds=feeds,
        matching=MatchDesk(),
        places=places,
        legislatures=FakeLegislatures(),
        tokens=Tokens(b"k" * 32, shipped, clock),
        starter_feeds=STARTER,
    )


@pytest.fixture
def person(front_desk: FrontDesk, clock: FakeClock) -> Callable[..., Person]:
    """Makes people: `person(organizer=False, space="2", channel="news")`."""

    def make(
        *,
        organizer: bool = True,
        space: str = "1",
        channel: str = "general",
        lacking: tuple[str, ...] = (),
    ) -> Person:
        return Person(front_desk, clock, organizer, space, channel, lacking)

    return make


@pytest.fixture
def organizer(person: Callable[..., Person]) -> Person:
    """An organizer in #general of community 1."""
    return person()


@pytest.fixture
def member(person: Callable[..., Person]) -> Person:
    """Someone in the same channel who is no organizer."""
    return person(organizer=False)


@pytest.fixture
async def bench() -> AsyncIterator[discord_bench.Bench]:
    """A Discord server with one channel, and the shipped record; Slack's tests have their own."""
    async with discord_bench.make_bench(record=True) as made:
        yield made


@pytest.fixture
def ana(bench: discord_bench.Bench) -> Member:
    """Someone on Discord with Manage Server."""
    return bench.guild.add_member("ana", Permission.MANAGE_GUILD)


@pytest.fixture
def ben(bench: discord_bench.Bench) -> Member:
    """Someone on Discord without."""
    return bench.guild.add_member("ben")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less before Discord is told that an answer is being thought of."""
    monkeypatch.setattr("bot.chats.discord_answers._PATIENCE", 0.05)
    monkeypatch.setattr("bot.chats.discord_answers._FORM_PATIENCE", 0.1)
