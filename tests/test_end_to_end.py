"""The command line as a newcomer uses it, against both doubles and a publisher on loopback."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.config import Config
from bot.setup import slack_manifest
from tests.doubles.discord import Channel as DiscordChannel
from tests.doubles.discord import DiscordDouble, Guild, Permission
from tests.doubles.slack import Channel as SlackChannel
from tests.doubles.slack import SlackDouble
from tests.loopback import Item, Publisher

ROOT = Path(__file__).parents[1]
TITLE = "Amazon pauses police use of Rekognition"


@dataclass
class World:
    """Everything around the program, which runs as a process of its own."""

    config: Path
    environment: dict[str, str]
    publisher: Publisher
    discord: DiscordDouble
    guild: Guild
    discord_channel: DiscordChannel
    slack: SlackDouble
    slack_channel: SlackChannel

    async def run(self, *arguments: str, code: int = 0) -> str:
        """Run `pledgewatch` and return what it printed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            cwd=ROOT,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == code, f"{arguments}: {out.decode()}\n{err.decode()}"
        return out.decode()

    async def ask(self, line: str, *, slack: bool = False, code: int = 0) -> str:
        """Ask a command for one of the two communities."""
        space = f"slack:{self.slack.team_id}" if slack else f"discord:{self.guild.id}"
        channel = self.slack_channel.id if slack else self.discord_channel.id
        place = ("--config", str(self.config), "--space", space, "--channel", channel)
        return await self.run("ask", line, *place, code=code)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        publisher = await stack.enter_async_context(Publisher())
        discord = await stack.enter_async_context(DiscordDouble())
        slack = await stack.enter_async_context(SlackDouble())
        slack.install(slack_manifest(Config()))
        guild = discord.add_guild("Synthetic neighbours")
        config = tmp_path / "config.toml"
        config.write_text(
            f"""
            [storage]
            url = "sqlite:///e2e.db"
            [discord]
            enabled = true
            api_base = "{discord.api_base}"
            [slack]
            enabled = true
            mode = "socket"
            api_base = "{slack.api_base}"
            [network]
            allow_private = ["127.0.0.0/8"]
            [sources.govinfo]
            base_url = ""
            [sources.washington]
            base_url = ""
            [sources.legistar]
            base_url = ""
            """
        )
        environment = {
            **{
                key: value for key, value in os.environ.items() if not key.startswith("PLEDGEWATCH")
            },
            "HOME": str(tmp_path),
            "PLEDGEWATCH_DISCORD_TOKEN": discord.token,
            "PLEDGEWATCH_SLACK_BOT_TOKEN": slack.bot_token,
            "PLEDGEWATCH_SLACK_APP_TOKEN": slack.app_token,
        }
        yield World(
            config,
            environment,
            publisher,
            discord,
            guild,
            guild.add_channel("alerts"),
            slack,
            slack.add_channel("alerts"),
        )
        assert discord.unexpected == []
        assert slack.unexpected == []
        assert slack.refusals == []


async def test_one_story_of_three_outlets_is_one_message_a_channel(world: World) -> None:
    for slack in (False, True):
        for path in ("one", "two", "three"):
            world.publisher.put(path)
            await world.ask(f"/feed add {world.publisher.url(path)}", slack=slack)
        await world.ask("/subscribe here all", slack=slack)
    once = ("run", "--once", "--config", str(world.config))
    await world.run(*once)
    assert world.discord.messages(world.discord_channel) == []
    for path in ("one", "two", "three"):
        world.publisher.put(path, Item(TITLE, f"https://{path}.example/a"))
    await world.run(*once)
    (posted,) = world.discord.messages(world.discord_channel)
    (said,) = world.slack.messages(world.slack_channel)
    assert TITLE in posted.text
    assert TITLE in said.shown
    for outlet in ("one", "two", "three"):
        assert outlet in posted.text
        assert outlet in said.shown
    assert not posted.pings
    assert not said.pings
    printed = await world.run(*once)
    assert "0 messages sent" in printed
    assert len(world.discord.messages(world.discord_channel)) == 1
    assert len(world.slack.messages(world.slack_channel)) == 1


async def test_a_pledge_is_printed_with_its_terms_and_sources(world: World) -> None:
    printed = " ".join((await world.run("ask", "/pledge show amazon")).split())
    assert "one year, from 10 June 2020" in printed
    assert "2021-05-18 extended" in printed
    assert "Ends no date" in printed
    assert "Covered local and state police" in printed
    assert "Unstated federal law enforcement" in printed
    assert "https://www.nasdaq.com/articles/exclusive-amazon-extends-moratorium" in printed


async def test_a_member_may_look_and_not_change(world: World) -> None:
    await world.run("ask", "/pledge show microsoft", "--as", "member")
    printed = await world.run("ask", "/feed add https://x.example/", "--as", "member", code=1)
    assert "Only organizers" in printed


async def test_wrong_tokens_are_said_in_a_sentence(world: World) -> None:
    world.environment["PLEDGEWATCH_DISCORD_TOKEN"] = "wrong"
    await world.run("run", "--once", "--config", str(world.config), code=1)
    world.environment.pop("PLEDGEWATCH_DISCORD_TOKEN")
    await world.run("run", "--once", "--config", str(world.config), code=2)
    world.discord.unexpected.clear()


async def test_the_service_answers_posts_and_stops_when_told(world: World) -> None:
    world.publisher.put("one")
    await world.ask(f"/feed add {world.publisher.url('one')}")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", "--config", str(world.config),
        cwd=ROOT, env=world.environment, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        await asyncio.wait_for(world.discord.connected(), 20)
        ana = world.guild.add_member("ana", Permission.MANAGE_GUILD)
        reply = await world.discord.slash(ana, world.discord_channel, "/pledge show", company="IBM")
        await reply.settled(5)
        assert "IBM" in reply.text
        await asyncio.wait_for(world.slack.sockets.connected(), 10)
        owner = world.slack.add_user("bo", is_owner=True)
        said = await world.slack.command(owner, world.slack_channel, "/pledge", "show ibm")
        assert "IBM" in (await said.message()).shown
        process.terminate()
        _, err = await asyncio.wait_for(process.communicate(), 10)
        assert process.returncode == 0, err.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
