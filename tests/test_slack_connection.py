import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from bot.chats import slack_answers, slack_socket
from bot.chats.slack_api import SlackApi
from bot.chats.slack_chat import SlackChat
from bot.chats.slack_manifest import PATH, slack_manifest
from bot.config import Secret
from domain.errors import Refusal, Rejected
from tests.doubles.slack import (
    NOT_A_NUMBER,
    STALE,
    WRONG_SIGNATURE,
    Forgery,
    Message,
    NoAck,
)
from tests.slack_bench import FEED, MODES, Bench, open_bench

OUTAGES: list[dict[str, Any]] = [
    {"error": "internal_error"},
    {"status": 500},
    {"status": 500, "body": "{not json"},
    {"status": 200, "body": "<html>"},
    {"status": 429, "retry_after": 1},
    {"error": "invalid_auth"},
    {"drop": "before"},
]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with open_bench() as bench:
        yield bench


async def works(bench: Bench) -> Message:
    reply = await bench.slack.command(bench.member, bench.general, "/pledge", "show IBM covers:ICE")
    return await reply.message()


@asynccontextmanager
async def running(bench: Bench, **more: Any) -> AsyncIterator[asyncio.Task[None]]:
    """An adapter told to run, whether it can or not."""
    config = bench.config("socket", **more)
    bench.slack.install(slack_manifest(bench.registry, config))
    chat = SlackChat(config, bench.desk(), bench.clock)
    task = asyncio.create_task(chat.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Rejected):
            await task
        await chat.close()


# Socket Mode


@pytest.mark.parametrize("outage", OUTAGES)
async def test_a_disconnect_while_no_connection_can_be_had_is_survived(
    bench: Bench, outage: dict[str, Any]
) -> None:
    async with bench.listening("socket"):
        fault = bench.slack.fail("apps.connections.open", times=3, **outage)
        await bench.slack.sockets.disconnect()
        await bench.slack.until(lambda: fault.times < 2)
        assert (await works(bench)).via == "ack", "the old connection serves meanwhile"
        await bench.slack.sockets.connected(2)
        await asyncio.sleep(0.05)
        assert len(bench.slack.sockets.open) == 1
        assert (await works(bench)).via == "ack"


async def test_a_broken_connection_is_replaced(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_socket, "_LOOK", 0.1)
    async with bench.listening("socket"):
        bench.slack.sockets.drop()
        await bench.slack.sockets.connected(2)
        assert (await works(bench)).via == "ack"
        await bench.slack.sockets.close()
        await bench.slack.sockets.connected(3)
        assert (await works(bench)).via == "ack"


async def test_waiting_grows_and_is_bounded(bench: Bench) -> None:
    async with bench.listening("socket"):
        bench.slack.fail("apps.connections.open", times=9, error="internal_error")
        await bench.slack.sockets.disconnect()
        await bench.slack.sockets.connected(2)
    waits = [span.total_seconds() for span in bench.clock.slept]
    assert waits == [0, 2, 2, 4, 8, 16, 30, 30, 30, 30]


async def test_being_turned_away_at_once_again_and_again_is_no_storm(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench.listening("socket"):
        monkeypatch.setitem(bench.slack.manifest.source["settings"], "socket_mode_enabled", False)
        await bench.slack.sockets.disconnect("link_disabled")
        await bench.slack.until(lambda: len(bench.slack.requests) > 6)
    assert bench.clock.slept[:5] == [timedelta(seconds=span) for span in (0, 1, 2, 4, 8)]


async def test_a_connection_that_lasted_is_replaced_at_once(bench: Bench) -> None:
    async with bench.listening("socket"):
        for opened in (2, 3, 4):
            bench.clock.ahead += timedelta(hours=1)
            await bench.slack.sockets.disconnect()
            await bench.slack.sockets.connected(opened)
            await asyncio.sleep(0.05)
    assert bench.clock.slept == [timedelta(0)] * 3


async def test_a_websocket_that_cannot_be_opened_is_given_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(slack_socket, "_CONNECTING", 0.2)
    real = SlackApi.socket_address

    async def nowhere(api: SlackApi) -> str:
        monkeypatch.setattr(SlackApi, "socket_address", real)
        del api
        return "ws://127.0.0.1:9/link?ticket=secret"

    monkeypatch.setattr(SlackApi, "socket_address", nowhere)
    async with bench.listening("socket"):
        assert (await works(bench)).via == "ack"
    assert "the websocket could not be opened" in caplog.text
    assert "secret" not in caplog.text


async def test_an_answer_goes_over_the_connection_that_is_left(bench: Bench) -> None:
    async with bench.listening("socket"):
        bench.feeds.delay = 0.4
        slack = bench.slack
        asking = asyncio.create_task(
            slack.command(bench.admin, bench.general, "/feed", f"add {FEED}")
        )
        await asyncio.sleep(0.1)
        await slack.sockets.disconnect()
        await slack.sockets.connected(2)
        assert "is followed" in (await (await asking).message()).shown


async def test_trouble_at_the_start_is_waited_out(bench: Bench) -> None:
    bench.slack.fail("auth.test", times=2, status=503)
    bench.slack.fail("apps.connections.open", times=2, status=503)
    async with bench.listening("socket"):
        assert (await works(bench)).via == "ack"


@pytest.mark.parametrize("token", ["bot_token", "app_token"])
async def test_a_token_refused_at_the_start_is_told(bench: Bench, token: str) -> None:
    async with running(bench, **{token: Secret("x-wrong")}) as task:
        with pytest.raises(Rejected) as caught:
            await asyncio.wait_for(task, 5)
    assert caught.value.refusal is Refusal.NOT_CONNECTED


async def test_stopping_does_not_wait_for_slow_commands(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_answers, "_SOON", 0.1)
    monkeypatch.setattr(slack_answers, "_PATIENCE", 0.1)
    async with bench.listening("socket"):
        bench.feeds.delay = 60
        reply = await bench.slack.command(bench.admin, bench.general, "/feed", f"add {FEED}")
        assert (await reply.message()).shown == "Working on it …"
        before = time.monotonic()
    assert time.monotonic() - before < 1


async def test_odd_frames_are_passed_over(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench.listening("socket"):
        [socket] = bench.slack.sockets.open
        for frame in ("nonsense", "{", '{"type":"hello"}', '{"type":"x","envelope_id":"1"}'):
            await socket.send_str(frame)
        assert (await works(bench)).via == "ack"

        def broken(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(slack_socket, "_payload", broken)
        bench.slack.ack_deadline = 0.1
        with pytest.raises(NoAck):
            await works(bench)
    assert "slack.envelope_failed" in caplog.text


# What comes twice


@pytest.mark.parametrize("mode", MODES)
async def test_a_copy_is_acknowledged_and_not_run(bench: Bench, mode: str) -> None:
    async with bench.listening(mode):
        slack = bench.slack
        reply = await slack.command(bench.admin, bench.general, "/feed", f"add {FEED}", copies=2)
        assert "is followed" in (await reply.message()).shown
        assert reply.delivery is not None
        await slack.repeat(reply.delivery)
        assert [answer.problem for answer in reply.delivery.answers] == [""] * 3
        assert [bool(answer.payload) for answer in reply.delivery.answers] == [True, False, False]
        assert bench.feeds.asked == [FEED]
        [message] = reply.messages
        pressed = await slack.click(bench.admin, message, "Undo", copies=3)
        await pressed.settled()
        assert len(pressed.messages) == 1
    assert slack.refusals == []


async def test_copies_are_known_for_ten_minutes(bench: Bench) -> None:
    async with bench.listening("socket"):
        reply = await bench.slack.command(bench.admin, bench.general, "/feed", f"test {FEED}")
        assert reply.delivery is not None
        bench.clock.ahead += timedelta(minutes=9)
        await bench.slack.repeat(reply.delivery)
        assert len(bench.feeds.asked) == 1
        bench.clock.ahead += timedelta(minutes=2)
        await bench.slack.repeat(reply.delivery)
        assert len(bench.feeds.asked) == 2


# Signed HTTP


def signed(bench: Bench, body: bytes, **more: str) -> dict[str, str]:
    headers = bench.slack.courier.http.sign(body, Forgery())
    return {**headers, "Content-Type": "application/x-www-form-urlencoded", **more}


@pytest.mark.parametrize(
    "forgery", [WRONG_SIGNATURE, STALE, NOT_A_NUMBER, Forgery(timestamp="9" * 5000),
                Forgery(timestamp=" 1 "), Forgery(signature="v0=é")],
)  # fmt: skip
async def test_what_slack_did_not_sign_lately_is_refused(bench: Bench, forgery: Forgery) -> None:
    async with bench.listening("http"):
        with pytest.raises(NoAck) as caught:
            await bench.slack.command(
                bench.admin, bench.general, "/feed", f"add {FEED}", forgery=forgery
            )
    assert caught.value.status in {400, 401}
    assert bench.feeds.asked == []


async def test_what_is_signed_and_makes_no_sense_is_refused(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench.listening("http"), aiohttp.ClientSession() as session:
        url = bench.slack.courier.http.url

        async def status(body: bytes | BytesIO, headers: dict[str, str]) -> int:
            async with session.post(url, data=body, headers=headers) as answer:
                return answer.status

        json = "application/json"
        latin = b"command=/feed&text=\xff"
        base = b"v0:" + str(int(time.time())).encode() + b":" + latin  # noqa: TID251
        digest = hmac.new(bench.slack.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        stamp = {"X-Slack-Request-Timestamp": base.split(b":")[1].decode()}
        assert await status(latin, {**stamp, "X-Slack-Signature": f"v0={digest}"}) == 400
        for body in (b"[1]", b"{", b"7", b'"x"'):
            assert await status(body, signed(bench, body, **{"Content-Type": json})) == 400
        body = b"payload=secret-words"
        assert await status(body, signed(bench, body)) == 400
        assert await status(b"secret-words=1", {}) == 401
        assert await status(BytesIO(b"x" * 2 * 1024**2), {}) == 413
        body = b"something=else"
        assert await status(body, signed(bench, body)) == 200, "acknowledged, whatever it is"
        async with session.get(url) as answer:
            assert answer.status == 405
        assert (await works(bench)).via == "ack"
    assert "secret-words" not in caplog.text


async def test_the_request_address_is_verified(bench: Bench) -> None:
    async with bench.listening("http"):
        assert await bench.slack.verify_url()
        assert bench.slack.courier.http.url.endswith(PATH)


async def test_an_address_that_is_taken_is_told(bench: Bench) -> None:
    async with bench.listening("http") as chat:
        listen = chat._config.listen
        other = SlackChat(bench.config("http", listen=listen), bench.desk(), bench.clock)
        with pytest.raises(OSError, match="address already in use"):
            await asyncio.wait_for(other.run(), 5)
        await other.close()
