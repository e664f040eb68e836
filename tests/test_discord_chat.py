"""Posting to Discord and editing what was posted, and every way in which that goes wrong."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.chats.discord_chat import DiscordChat
from domain.cards import Notice, text
from domain.errors import (
    ChatError,
    EditClosed,
    MaybeSent,
    MessageGone,
    Refusal,
    Rejected,
    RetryLater,
)
from tests.discord_bench import ALERT, Bench, until
from tests.doubles.discord import ORDINARY, Permission
from tests.doubles.discord.messages import SUPPRESS_EMBEDS

LATER = replace(ALERT, also_in=(("Slate", "https://slate.example/1"),))


@pytest.fixture
async def chat(bench: Bench) -> AsyncIterator[DiscordChat]:
    """A chat that can post and does not listen."""
    made = bench.make()
    assert await made.login() == "pledgewatch"
    yield made
    await made.close()


async def test_an_alert_arrives_as_it_was_designed(bench: Bench, chat: DiscordChat) -> None:
    number = await chat.post(bench.ref(), ALERT, "key-1")
    (message,) = bench.posted
    escaped = "@\u200beveryone \\<@\u200b1> \\[x](http\\://evil.example) \\*look\\*"
    assert message.id == number
    assert message.sent == {
        "tts": False,
        "content": f"News · IBM: {escaped}",
        "embeds": [
            {
                "type": "rich",
                "flags": 0,
                "title": escaped,
                "color": 0x2F6FB5,
                "description": (
                    # the title names another host, so the outlet leads to the story
                    "[News @\u200bhere](https://news.example/1) · <t:1591617600:f>"
                    f"\n\n{escaped}\n\n**IBM’s pledge:** {escaped}"
                ),
            }
        ],
        "components": message.sent["components"],
        "nonce": "key-1",
        "enforce_nonce": True,
        "allowed_mentions": {"parse": []},
    }
    assert message.labels == ["The pledge", "Hear all", "Long", "Watch"]
    assert not message.pings


async def test_an_edit_replaces_all_and_still_pings_nobody(bench: Bench, chat: DiscordChat) -> None:
    number = await chat.post(bench.ref(), ALERT, "key-1")
    await chat.edit(bench.ref(), number, LATER)
    (message,) = bench.posted
    assert "also in [Slate](https://slate.example/1)" in message.embeds[0]["description"]
    assert message.edits[-1].allowed_mentions == {"parse": []}
    assert not message.edits[-1].pings
    await chat.edit(bench.ref(), number, Notice(text=text("Taken back.")))
    assert (message.content, message.embeds, message.controls) == ("Taken back.", [], [])
    assert message.edits[-1].allowed_mentions == {"parse": []}


async def test_the_same_key_posts_once(bench: Bench, chat: DiscordChat) -> None:
    first = await chat.post(bench.ref(), ALERT, "key-1")
    assert await chat.post(bench.ref(), ALERT, "key-1") == first
    await chat.post(bench.ref(), ALERT, "key-2")
    assert len(bench.posted) == 2


async def test_what_may_have_been_sent_and_is_sent_again_is_there_once(
    bench: Bench, chat: DiscordChat
) -> None:
    bench.discord.fail("POST", "/messages$", drop=True, before=False)
    with pytest.raises(MaybeSent):
        await chat.post(bench.ref(), ALERT, "key-1")
    await chat.post(bench.ref(), ALERT, "key-1")
    assert len(bench.posted) == 1


async def test_giving_up_on_a_slow_post_does_not_send_it_twice(
    bench: Bench, chat: DiscordChat
) -> None:
    bench.discord.fail("POST", "/messages$", delay=0.2)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(chat.post(bench.ref(), ALERT, "key-1"), 0.05)
    number = await chat.post(bench.ref(), ALERT, "key-1")
    assert [one.id for one in bench.posted] == [number]
    assert sum(one.method == "POST" for one in bench.discord.requests) == 1


async def test_giving_up_in_a_global_limit_blocks_nobody_else(
    bench: Bench, chat: DiscordChat
) -> None:
    other = bench.guild.add_channel("other")
    bench.discord.fail("POST", "/messages$", status=429, retry_after=0.2, everywhere=True)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(chat.post(bench.ref(), ALERT, "key-1"), 0.05)
    async with asyncio.timeout(2):
        await chat.post(bench.ref(other), ALERT, "key-2")
    await until(lambda: bench.posted)


async def test_a_later_edit_waits_for_an_earlier_one(bench: Bench, chat: DiscordChat) -> None:
    number = await chat.post(bench.ref(), ALERT, "key-1")
    bench.discord.fail("PATCH", "/messages/", delay=0.1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(chat.edit(bench.ref(), number, ALERT), 0.02)
    await chat.edit(bench.ref(), number, LATER)
    (message,) = bench.posted
    assert len(message.edits) == 2
    assert "Slate" in message.text


FAULTS: list[tuple[dict[str, Any], ChatError]] = [
    ({"status": 503}, RetryLater(timedelta(seconds=5), "")),
    ({"status": 429, "retry_after": 31.0}, RetryLater(timedelta(seconds=31), "")),
    ({"status": 429, "retry_after": 77.0, "via": False}, RetryLater(timedelta(seconds=77), "")),
    ({"drop": True}, MaybeSent("")),
    ({"reset": True}, MaybeSent("")),
    ({"status": 401}, Rejected(Refusal.NOT_CONNECTED, "")),
    ({"status": 403, "code": 50001}, Rejected(Refusal.NO_PERMISSION, "")),
    ({"status": 403, "code": 50013}, Rejected(Refusal.NO_PERMISSION, "")),
    ({"status": 403}, Rejected(Refusal.NO_PERMISSION, "")),
    ({"status": 404, "code": 10003}, Rejected(Refusal.CHANNEL_GONE, "")),
    ({"status": 404}, Rejected(Refusal.CHANNEL_GONE, "")),
    ({"status": 400, "code": 50035}, Rejected(Refusal.INVALID, "")),
    ({"status": 400, "code": 50008}, Rejected(Refusal.CHANNEL_GONE, "")),
    ({"status": 400, "code": 50083}, Rejected(Refusal.NO_PERMISSION, "")),
]


@pytest.mark.parametrize(("fault", "expected"), FAULTS)
async def test_what_goes_wrong_while_posting_is_told_apart(
    bench: Bench, chat: DiscordChat, fault: dict[str, Any], expected: ChatError
) -> None:
    bench.discord.fail("POST", "/messages$", **fault)
    with pytest.raises(type(expected)) as caught:
        await chat.post(bench.ref(), ALERT, "key-1")
    error = caught.value
    assert str(error)
    if isinstance(error, RetryLater):
        assert isinstance(expected, RetryLater)
        assert error.after == expected.after
    if isinstance(error, Rejected):
        assert isinstance(expected, Rejected)
        assert error.refusal is expected.refusal
    assert bench.posted == []


EDIT_FAULTS: list[tuple[dict[str, Any], type[ChatError]]] = [
    ({"status": 404, "code": 10008}, MessageGone),
    ({"status": 429, "code": 30046, "retry_after": 0.01, "times": 5}, EditClosed),
    ({"status": 429, "retry_after": 31.0}, RetryLater),
    ({"status": 403, "code": 50005}, Rejected),
    ({"drop": True, "before": False}, MaybeSent),
]


@pytest.mark.parametrize(("fault", "expected"), EDIT_FAULTS)
async def test_what_goes_wrong_while_editing_is_told_apart(
    bench: Bench, chat: DiscordChat, fault: dict[str, Any], expected: type[ChatError]
) -> None:
    number = await chat.post(bench.ref(), ALERT, "key-1")
    bench.discord.fail("PATCH", "/messages/", **fault)
    with pytest.raises(expected):
        await chat.edit(bench.ref(), number, LATER)


async def test_an_alert_of_which_only_the_headline_arrives_is_refused(
    bench: Bench, chat: DiscordChat
) -> None:
    """Discord drops embeds in silence where Embed Links was taken away."""
    number = await chat.post(bench.ref(), ALERT, "key-1")
    bench.channel.bot_permissions = ORDINARY & ~Permission.EMBED_LINKS
    for again in (
        chat.post(bench.ref(), ALERT, "key-2"),
        chat.edit(bench.ref(), number, LATER),
    ):
        with pytest.raises(Rejected) as refused:
            await again
        assert refused.value.refusal is Refusal.NO_PERMISSION
        assert (refused.value.reason, refused.value.fix) == (
            "I lack Embed Links there",
            "Give me Embed Links there.",
        )


async def test_embeds_that_a_moderator_hid_are_no_fault(bench: Bench, chat: DiscordChat) -> None:
    number = await chat.post(bench.ref(), ALERT, "key-1")
    bench.posted[0].flags |= SUPPRESS_EMBEDS
    await chat.edit(bench.ref(), number, LATER)
    assert len(bench.posted[0].edits) == 1


async def test_a_deleted_message_is_gone_and_so_is_a_deleted_channel(
    bench: Bench, chat: DiscordChat
) -> None:
    number = await chat.post(bench.ref(), ALERT, "key-1")
    bench.posted[0].deleted = True
    with pytest.raises(MessageGone):
        await chat.edit(bench.ref(), number, LATER)
    bench.channel.delete()
    with pytest.raises(Rejected) as gone:
        await chat.post(bench.ref(), ALERT, "key-2")
    assert gone.value.refusal is Refusal.CHANNEL_GONE
    assert gone.value.stops_channel


@pytest.mark.parametrize("window", [20.0, 60.0])
async def test_an_old_message_takes_few_edits_and_nobody_waits_for_more(
    bench: Bench, chat: DiscordChat, window: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chats.discord_chat._OLD_PATIENCE", 0.1)
    bench.discord.old_message_edits = 1
    bench.discord.settings.old_message_window = window
    number = await chat.post(bench.ref(), ALERT, "key-1")
    bench.discord.advance(3601)
    bench.clock.ahead += timedelta(seconds=3601)
    await chat.edit(bench.ref(), number, LATER)
    with pytest.raises(EditClosed):
        await chat.edit(bench.ref(), number, ALERT)


@pytest.mark.parametrize(
    ("allowed", "named"),
    [
        (Permission(0), "View Channel, Send Messages and Embed Links"),
        (Permission.VIEW_CHANNEL, "Send Messages and Embed Links"),
    ],
)
async def test_a_refusal_names_the_permission_that_is_missing(
    bench: Bench, allowed: Permission, named: str
) -> None:
    closed = bench.guild.add_channel("closed", bot_permissions=allowed)
    async with bench.connected() as chat:
        with pytest.raises(Rejected) as refused:
            await chat.post(bench.ref(closed), ALERT, "key-1")
    assert str(refused.value) == f"I lack {named} there"
    assert refused.value.fix == f"Give me {named} there."


async def test_a_refusal_in_a_thread_names_the_permission_for_threads(bench: Bench) -> None:
    thread = bench.guild.add_thread(bench.channel, "aside", thread_id="77")
    bench.channel.bot_permissions = ORDINARY & ~Permission.SEND_MESSAGES_IN_THREADS
    async with bench.connected() as chat:
        with pytest.raises(Rejected) as refused:
            await chat.post(bench.ref(thread), ALERT, "key-1")
    assert refused.value.fix == "Give me Send Messages in Threads and Embed Links there."


async def test_without_a_gateway_a_refusal_names_the_usual_permissions(
    bench: Bench, chat: DiscordChat
) -> None:
    closed = bench.guild.add_channel("closed", bot_permissions=0)
    with pytest.raises(Rejected, match="I lack View Channel there"):
        await chat.post(bench.ref(closed), ALERT, "key-1")
    closed.bot_permissions = Permission.VIEW_CHANNEL
    with pytest.raises(Rejected, match="I lack Send Messages and Embed Links there"):
        await chat.post(bench.ref(closed), ALERT, "key-2")


async def test_a_person_is_told_in_a_direct_message_without_buttons(
    bench: Bench, chat: DiscordChat
) -> None:
    ana = bench.guild.add_member("ana")
    place = bench.named(f"user:{ana.id}")
    number = await chat.post(place, ALERT, "key-1")
    await chat.edit(place, number, LATER)
    (message,) = bench.discord.messages(bench.discord.dm(ana))
    assert "Slate" in message.text
    assert message.controls == []
    ana.user.dms_open = False
    with pytest.raises(Rejected, match="take no direct messages") as refused:
        await chat.post(place, ALERT, "key-2")
    assert refused.value.refusal is Refusal.NO_PERMISSION


@pytest.mark.parametrize("place", ["user:1", "user:x", "general", ""])
async def test_a_place_that_is_none_is_gone(bench: Bench, chat: DiscordChat, place: str) -> None:
    with pytest.raises(Rejected) as refused:
        await chat.post(bench.named(place), ALERT, "key-1")
    assert refused.value.refusal is Refusal.CHANNEL_GONE
