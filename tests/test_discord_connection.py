"""Logging in to Discord, staying connected, telling the commands, and what is kept of it all."""

import asyncio
import logging
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot.chats.discord_client import Client
from bot.chats.discord_faults import chat_error
from domain.cards import plain
from domain.errors import (
    ChatError,
    MaybeSent,
    Refusal,
    Rejected,
    RetryLater,
)
from tests.discord_bench import ALERT, Bench, until
from tests.doubles.discord import Permission


async def test_a_server_that_cannot_be_reached_got_nothing(bench: Bench) -> None:
    chat = bench.make()
    await chat.login()
    await bench.discord.__aexit__(None, None, None)
    with pytest.raises((RetryLater, MaybeSent)):  # a kept connection may break while in use
        await chat.post(bench.ref(), ALERT, "key-1")
    with pytest.raises(RetryLater, match="could not be reached"):
        await chat.post(bench.ref(), ALERT, "key-1")
    await chat.close()
    await bench.discord.__aenter__()


async def test_a_wrong_token_is_refused_in_plain_words(bench: Bench) -> None:
    chat = bench.make(token="wrong")
    for call in (chat.login, chat.run):
        with pytest.raises(Rejected, match="refuses the bot's token") as refused:
            await call()
        assert refused.value.refusal is Refusal.NOT_CONNECTED
    await chat.close()


@pytest.mark.parametrize("fault", [{"status": 503}, {"drop": True, "times": 2}, {"status": 403}])
async def test_a_passing_fault_at_login_passes(bench: Bench, fault: dict[str, Any]) -> None:
    bench.discord.fail("GET", "/users/@me$", **fault)
    chat = bench.make()
    with pytest.raises(RetryLater, match="Discord cannot be reached"):
        await chat.login()
    assert await chat.login() == "pledgewatch"
    await chat.close()
    await chat.close()
    with pytest.raises(RetryLater):
        await chat.post(bench.ref(), ALERT, "key-1")


def closed(code: int) -> discord.ConnectionClosed:
    socket: Any = SimpleNamespace(close_code=code)
    return discord.ConnectionClosed(socket, shard_id=0)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (discord.PrivilegedIntentsRequired(0), Rejected),
        (closed(4013), Rejected),
        (closed(4004), Rejected),
        (closed(4000), RetryLater),
        (discord.GatewayNotFound(), RetryLater),  # type: ignore[no-untyped-call]
        (aiohttp.ConnectionTimeoutError(), RetryLater),
        (aiohttp.ServerTimeoutError(), MaybeSent),
        (TimeoutError(), MaybeSent),
    ],
)
def test_what_breaks_the_connection_is_told_apart(
    error: Exception, expected: type[ChatError]
) -> None:
    fault = chat_error(error)
    assert type(fault) is expected
    assert not isinstance(fault, Rejected) or fault.refusal is Refusal.NOT_CONNECTED


async def test_what_is_posted_first_logs_in(bench: Bench) -> None:
    chat = bench.make()
    await asyncio.gather(*(chat.post(bench.ref(), ALERT, f"key-{n}") for n in range(3)))
    assert len(bench.posted) == 3
    assert sum(one.path == "/users/@me" for one in bench.discord.requests) == 1
    await chat.close()


async def test_it_comes_up_once_the_service_does(bench: Bench) -> None:
    outage = bench.discord.fail("*", "", status=503, times=4)
    async with bench.connected() as chat:
        assert outage.hits == 4
        assert bench.clock.slept[:3] == [timedelta(seconds=one) for one in (1, 2, 4)]
        await chat.post(bench.ref(), ALERT, "key-1")
    assert len(bench.posted) == 1


async def test_a_fault_inside_discord_py_is_loud_and_not_the_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connect = Client.connect
    faults = [ZeroDivisionError("a frame that cannot be read")]

    async def fragile(self: Client, *, reconnect: bool = True) -> None:
        if faults:
            raise faults.pop()
        await connect(self, reconnect=reconnect)

    monkeypatch.setattr(Client, "connect", fragile)
    async with bench.connected():
        assert "ZeroDivisionError: a frame that cannot be read" in caplog.text


async def test_a_dropped_gateway_is_resumed(bench: Bench) -> None:
    async with bench.connected():
        await bench.discord.drop_gateway()
        await bench.discord.connected()
        assert [one.op for one in bench.discord.logins] == [2, 6]
        await bench.discord.slash(bench.guild.add_member("ana"), bench.channel, "/pledge list")


async def test_a_lost_session_is_replaced(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(*_: object, **__: object) -> None:
        """Do not wait five seconds between logins."""

    monkeypatch.setattr("bot.chats.discord_client.Client.before_identify_hook", at_once)
    async with bench.connected():
        await bench.discord.drop_gateway(4009, resumable=False)
        await until(lambda: [one.op for one in bench.discord.logins] == [2, 6, 2])
        await bench.discord.connected()
        await bench.discord.slash(bench.guild.add_member("ana"), bench.channel, "/pledge list")


async def test_a_token_that_is_withdrawn_ends_it(bench: Bench) -> None:
    chat = bench.make()
    running = asyncio.create_task(chat.run())
    await bench.discord.connected()
    await bench.discord.drop_gateway(4004)
    with pytest.raises(Rejected, match="refuses the bot's token"):
        await running
    await chat.close()


def told(bench: Bench) -> int:
    return sum(
        one.method == "PUT" and one.path.endswith("/commands") for one in bench.discord.requests
    )


async def test_commands_are_told_once_and_again_when_they_change(bench: Bench) -> None:
    async with bench.connected():
        pass
    bench.restarted()
    async with bench.started():
        await asyncio.sleep(0.05)
    assert told(bench) == 1
    await bench.desk.mark(f"discord.tree.{bench.discord.application_id}", "of another version")
    async with bench.started():
        await until(lambda: told(bench) == 2)


async def test_failing_to_tell_the_commands_is_tried_again_and_harms_nothing(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.discord.fail("PUT", "/commands$", status=503, times=3)
    async with bench.connected():
        assert told(bench) == 4
        assert bench.clock.slept == [timedelta(seconds=one) for one in (15, 30, 60)]
    assert caplog.text.count("discord.commands_not_told") == 3
    mark = await bench.desk.marked(f"discord.tree.{bench.discord.application_id}")
    assert len(mark) == 64


async def test_joining_a_server_says_nothing_and_leaving_forgets_it(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="bot")
    async with bench.connected():
        ana = bench.guild.add_member("ana", Permission.MANAGE_GUILD)
        await bench.discord.slash(ana, bench.channel, "/subscribe here")
        kept = await bench.database.read(lambda tx: tx.spaces.find(bench.ref().space))
        assert kept is not None
        joined = bench.discord.add_guild("Fremont")
        general = joined.add_channel("general")
        bench.discord.world.emit(
            "GUILD_DELETE", {"id": joined.id, "unavailable": True}, guild=joined.id, intent=1
        )
        bench.guild.remove_bot()
        await until(lambda: "space.left" in caplog.text)
        assert await bench.database.read(lambda tx: tx.spaces.find(bench.ref().space)) is None
        assert bench.discord.messages(general) == []


async def test_nothing_is_kept_of_what_was_sent(bench: Bench) -> None:
    async with bench.connected() as chat:
        ana = bench.guild.add_member("ana", Permission.MANAGE_GUILD)
        number = await chat.post(bench.ref(), ALERT, "key-1")
        await chat.edit(bench.ref(), number, ALERT)
        reply = await bench.discord.slash(ana, bench.channel, "/pledgewatch help")
        await bench.discord.click(ana, reply.message, "How it is going")
        client: Any = chat._client
        store = client._connection._view_store
        assert store._views == store._modals == store._synced_message_views == {}
        assert len(store._dynamic_items) == 1
        assert not list(client.cached_messages)


async def test_no_secret_and_no_words_reach_the_log(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="bot")
    async with bench.connected() as chat:
        bench.discord.fail("POST", "/messages$", status=400, code=50035)
        with pytest.raises(Rejected):
            await chat.post(bench.ref(), ALERT, "key-1")
    ours = "\n".join(one.getMessage() for one in caplog.records if one.name.startswith("bot"))
    assert bench.discord.token not in caplog.text
    assert plain(ALERT.background[0]) not in ours
    assert "evil.example" not in ours
