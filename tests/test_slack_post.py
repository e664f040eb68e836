from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.chats import slack_api
from bot.chats.slack_chat import SlackChat
from bot.chats.slack_errors import translated
from bot.config import Secret
from domain.cards import Digest, Notice, link, text
from domain.errors import (
    ChatError,
    MaybeSent,
    MessageGone,
    Refusal,
    Rejected,
    RetryLater,
)
from domain.model import ChannelRef
from tests.slack_bench import ALERT, HOSTILE, Bench, open_bench

CARD = Notice(text=text("Hello."))


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with open_bench() as bench:
        yield bench


@pytest.fixture
async def chat(bench: Bench) -> AsyncIterator[SlackChat]:
    async with bench.posting() as chat:
        yield chat


async def refused(call: Any) -> ChatError:
    with pytest.raises(ChatError) as caught:
        await call
    return caught.value


# What is sent


async def test_an_alert_is_posted_with_its_buttons_signed(bench: Bench, chat: SlackChat) -> None:
    ref = bench.ref(bench.general)
    ts = await chat.post(ref, ALERT, "key")
    [message] = bench.slack.messages(bench.general)
    assert (message.ts, message.unfurl_links, message.unfurl_media) == (ts, False, False)
    assert message.text == "Microsoft pitched face recognition to a federal agency"
    assert message.buttons == ["The pledge", "Why this?"]
    [*_, actions] = message.blocks
    tokens = [element["value"] for element in actions["elements"]]
    desk = bench.desk()
    assert [(await desk.tokens.read(token, ref))[0] for token in tokens] == [
        "pledge show",
        "pledgewatch why",
    ]
    assert [request.method for request in bench.slack.requests] == ["chat.postMessage"]
    assert "key" not in bench.slack.requests[0].args
    assert bench.slack.refusals == []


async def test_a_hostile_alert_calls_nobody(bench: Bench, chat: SlackChat) -> None:
    card = replace(ALERT, title=HOSTILE, summary=HOSTILE, outlet=HOSTILE, subjects=(HOSTILE,))
    await chat.post(bench.ref(bench.general), card, "key")
    [message] = bench.slack.messages(bench.general)
    assert message.pings == []
    assert "http://evil.example" not in [url for url, _ in message.links]
    assert HOSTILE in message.shown


async def test_a_digest_and_a_notice_are_posted(bench: Bench, chat: SlackChat) -> None:
    digest = Digest(title="2 stories", items=(text(link("A", "https://a.org/")), text("B")))
    await chat.post(bench.ref(bench.general), digest, "key")
    await chat.post(bench.ref(bench.general), CARD, "key")
    assert [one.shown for one in bench.slack.messages(bench.general)] == [
        "2 stories\n• A\n• B",
        "Hello.",
    ]


async def test_a_message_is_brought_up_to_date(bench: Bench, chat: SlackChat) -> None:
    ref = bench.ref(bench.general)
    ts = await chat.post(ref, ALERT, "key")
    await chat.edit(ref, ts, replace(ALERT, also_in=(*ALERT.also_in, ("Fourth", "https://f.org"))))
    [message] = bench.slack.messages(bench.general)
    assert len(message.edits) == 1
    assert "also in The Post, Slate, Fourth" in message.shown


async def test_a_person_is_written_to_and_the_message_edited(bench: Bench, chat: SlackChat) -> None:
    ref = ChannelRef(space=bench.space, external_id=f"user:{bench.member.id}")
    message = await chat.post(ref, ALERT, "key")
    await chat.edit(ref, message, CARD)
    [direct] = bench.slack.messages(bench.slack.open_dm(bench.member))
    assert direct.shown == "Hello."


async def test_a_prefix_is_said_in_notices_and_left_out_of_news(bench: Bench) -> None:
    async with bench.posting(command_prefix="pw-") as chat:
        ref = bench.ref(bench.general)
        await chat.post(ref, Notice(text=text("Use /subscribe here in it.")), "key")
        await chat.post(ref, replace(ALERT, title="What /feed means"), "key")
    notice, alert = bench.slack.messages(bench.general)
    assert notice.shown == "Use /pw-subscribe here in it."
    assert "What /feed means" in alert.shown


async def test_the_environment_points_nowhere(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-other")
    async with bench.listening("socket") as chat:
        await chat.post(bench.ref(bench.general), CARD, "key")
        await bench.slack.command(bench.member, bench.general, "/pledge", "list")
    assert bench.slack.refusals == []


# What goes wrong


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        ({"status": 429, "retry_after": 7}, 7),
        ({"status": 429, "retry_after": 10**7}, 3600),
        ({"error": "ratelimited"}, 30),
        ({"error": "internal_error"}, 2),
        ({"error": "fatal_error", "stored": True}, 2),
        ({"error": "service_unavailable"}, 2),
        ({"status": 500}, 2),
        ({"status": 503, "body": "{not json"}, 2),
        ({"status": 502, "body": '{"ok": false}'}, 2),
        ({"status": 200, "body": "<html>log in to the hotel</html>"}, 2),
        ({"status": 200, "body": "{not json"}, 2),
    ],
)
async def test_passing_trouble_is_to_be_tried_again(
    bench: Bench, chat: SlackChat, fault: dict[str, Any], after: int
) -> None:
    bench.slack.fail("chat.postMessage", **fault)
    error = await refused(chat.post(bench.ref(bench.general), CARD, "key"))
    assert isinstance(error, RetryLater)
    assert error.after == timedelta(seconds=after)


@pytest.mark.parametrize("drop", ["before", "after"])
async def test_a_connection_that_breaks_may_have_sent(
    bench: Bench, chat: SlackChat, drop: Any
) -> None:
    bench.slack.fail("chat.postMessage", drop=drop)
    error = await refused(chat.post(bench.ref(bench.general), CARD, "key"))
    assert isinstance(error, MaybeSent)
    assert len(bench.slack.messages(bench.general)) == (drop == "after")


async def test_an_answer_that_does_not_come_may_have_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_api, "_TIMEOUT", 0.2)
    bench.slack.fail("chat.postMessage", delay=0.5)
    async with bench.posting() as chat:
        error = await refused(chat.post(bench.ref(bench.general), CARD, "key"))
    assert isinstance(error, MaybeSent)


async def test_a_service_that_is_not_there_took_nothing(bench: Bench) -> None:
    async with bench.posting(api_base="http://127.0.0.1:9/api/") as chat:
        error = await refused(chat.post(bench.ref(bench.general), CARD, "key"))
    assert isinstance(error, RetryLater)
    assert str(error) == "Slack cannot be reached"


@pytest.mark.parametrize(
    "error", [AttributeError("x"), UnicodeDecodeError("utf-8", b"", 0, 1, "x")]
)
def test_an_answer_the_sdk_stumbles_over_may_have_been_one(error: Exception) -> None:
    assert isinstance(translated(error), MaybeSent)


@pytest.mark.parametrize(
    ("code", "refusal", "fix"),
    [
        ("not_in_channel", Refusal.NO_PERMISSION, "Type /invite @Pledgewatch in it."),
        ("channel_not_found", Refusal.CHANNEL_GONE, "Type /invite @Pledgewatch in it."),
        ("is_archived", Refusal.CHANNEL_GONE, "Unarchive it."),
        ("restricted_action", Refusal.NO_PERMISSION, "Ask a workspace admin to let me post."),
        ("restricted_action_read_only_channel", Refusal.NO_PERMISSION, "Ask a workspace admin to let me post."),
        ("missing_scope", Refusal.NO_PERMISSION, "Update it with `pledgewatch setup slack-manifest` and reinstall it."),
        ("messages_tab_disabled", Refusal.NO_PERMISSION, "Turn on the messages tab under App Home."),
        ("user_not_found", Refusal.CHANNEL_GONE, ""),
        ("invalid_auth", Refusal.NOT_CONNECTED, "Copy the tokens of the app again."),
        ("token_revoked", Refusal.NOT_CONNECTED, "Copy the tokens of the app again."),
        ("account_inactive", Refusal.NOT_CONNECTED, "Copy the tokens of the app again."),
        ("not_authed", Refusal.NOT_CONNECTED, "Copy the tokens of the app again."),
        ("invalid_blocks", Refusal.INVALID, ""),
        ("msg_too_long", Refusal.INVALID, ""),
        ("no_text", Refusal.INVALID, ""),
        ("something_new", Refusal.INVALID, ""),
    ],
)  # fmt: skip
async def test_a_refusal_says_what_it_concerns_and_the_fix(
    bench: Bench, chat: SlackChat, code: str, refusal: Refusal, fix: str
) -> None:
    bench.slack.fail("chat.postMessage", error=code)
    error = await refused(chat.post(bench.ref(bench.general), CARD, "key"))
    assert isinstance(error, Rejected)
    assert (error.refusal, error.fix) == (refusal, fix)
    assert not str(error).endswith(".")


async def test_channels_that_are_closed_to_it_refuse_for_real(
    bench: Bench, chat: SlackChat
) -> None:
    away = bench.slack.add_channel("away", bot_is_member=False)
    hidden = bench.slack.add_channel("hidden", bot_is_member=False, private=True)
    for channel, refusal in ((away, Refusal.NO_PERMISSION), (hidden, Refusal.CHANNEL_GONE)):
        error = await refused(chat.post(bench.ref(channel), CARD, "key"))
        assert isinstance(error, Rejected)
        assert error.refusal is refusal
        assert error.stops_channel


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_a_message_that_takes_no_edits_is_let_be(
    bench: Bench, chat: SlackChat, code: str
) -> None:
    ref = bench.ref(bench.general)
    ts = await chat.post(ref, ALERT, "key")
    bench.slack.fail("chat.update", error=code)
    assert isinstance(await refused(chat.edit(ref, ts, CARD)), MessageGone)


async def test_a_deleted_message_is_gone(bench: Bench, chat: SlackChat) -> None:
    ref = bench.ref(bench.general)
    ts = await chat.post(ref, ALERT, "key")
    bench.slack.delete(bench.slack.messages(bench.general)[0])
    assert isinstance(await refused(chat.edit(ref, ts, CARD)), MessageGone)
    bench.general.archived = True
    error = await refused(chat.edit(ref, ts, CARD))
    assert isinstance(error, Rejected)
    assert error.refusal is Refusal.CHANNEL_GONE


# Who we are


async def test_logging_in_tells_the_bot_and_the_workspace(bench: Bench, chat: SlackChat) -> None:
    assert await chat.login() == "pledgewatch in riverside-coalition"
    assert [request.method for request in bench.slack.requests] == ["auth.test"]


async def test_a_token_that_is_refused_is_told_plainly(bench: Bench) -> None:
    async with bench.posting(bot_token=Secret("xoxb-wrong")) as chat:
        error = await refused(chat.login())
    assert isinstance(error, Rejected)
    assert error.refusal is Refusal.NOT_CONNECTED
    assert str(error) == "Slack does not accept the token (invalid_auth)"
    assert "xoxb" not in str(error)


async def test_trouble_while_logging_in_is_passing(bench: Bench, chat: SlackChat) -> None:
    bench.slack.fail("auth.test", status=503)
    assert isinstance(await refused(chat.login()), RetryLater)


async def test_closing_twice_and_without_ever_connecting_is_fine(bench: Bench) -> None:
    async with bench.posting() as chat:
        await chat.close()
    async with bench.listening("socket") as chat:
        await chat.close()
    assert chat.gap == timedelta(seconds=1.1)
