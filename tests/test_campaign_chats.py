"""A campaign from its form to the edited progress bar, in both chats, with the real SDKs."""

import asyncio
from datetime import timedelta

import pytest

from bot.chats.port import Chat
from bot.delivery import Deliverer
from bot.tokens import Tokens
from domain.model import Platform
from domain.ports import Clock
from storage.db import Database
from tests.calling import COMMITTEE, LABEL, furnish
from tests.discord_bench import make_bench
from tests.doubles.discord import Permission
from tests.slack_bench import KEY, MODES, form, open_bench

TITLE = f"Call the House Committee on Examples: support {LABEL}"
EMPTY, ONE_OF_FOUR = "░" * 20, "█" * 5 + "░" * 15


async def deliver(database: Database, platform: Platform, chat: Chat, clock: Clock) -> None:
    """Send what is due, as the service does."""
    tokens = Tokens(b"k" * 32 if platform is Platform.DISCORD else KEY, database, clock)
    deliverer = Deliverer(
        database=database,
        chats={platform: chat},
        clock=clock,
        tokens=tokens,
        queued=asyncio.Event(),
    )
    await deliverer.drain(timedelta(0))


async def test_discord_from_the_form_to_the_edited_bar() -> None:
    async with make_bench(record=False) as bench, bench.connected() as chat:
        await furnish(bench.database, bench.clock.now())
        ana = bench.guild.add_member("ana", Permission.MANAGE_GUILD)
        ben = bench.guild.add_member("ben")

        async def send() -> None:
            await deliver(bench.database, Platform.DISCORD, chat, bench.clock)

        opened = await bench.discord.slash(ana, bench.channel, "/campaign create")
        assert opened.modal is not None
        assert len(opened.modal.inputs) == 5
        fields = {"about": LABEL, "targets": COMMITTEE, "goal": "4", "ends": "7 days"}
        preview = await bench.discord.submit(ana, opened.modal, **fields)
        assert preview.ephemeral
        assert "Rep. Wa Seven, Rep. Wa Eight" in preview.text
        begun = await bench.discord.click(ana, preview.message, "Start")
        assert "has started" in begun.text
        await send()
        (card,) = bench.posted
        assert card.content == f"Campaign · {TITLE}"
        assert EMPTY in card.text
        assert "0 of 4 calls · 0 people · least called: Rep. Wa Seven (0)" in card.text
        assert card.labels == ["Make a call", "Script", "How it is going"]

        kit = await bench.discord.click(ben, card, "Make a call")
        assert kit.ephemeral
        assert "Rep. Wa Seven · US House, WA-7" in kit.text
        assert "206-555-0107" in kit.text
        assert f"to support {LABEL}" in kit.text
        following = await bench.discord.click(ben, kit.message, "I reached someone")
        assert "Logged: Rep. Wa Seven, reached. Thank you." in following.text
        assert "Rep. Wa Eight · US House, WA-8" in following.text
        again = await bench.discord.click(ben, kit.message, "I reached someone")
        assert "It counts once." in again.text
        bench.clock.ahead += timedelta(minutes=1)
        await send()
        (card,) = bench.posted
        assert len(card.edits) == 1
        assert ONE_OF_FOUR in card.text
        assert "1 of 4 calls · 1 person · least called: Rep. Wa Eight (0)" in card.text
        script = await bench.discord.click(ben, card, "Script")
        assert f"to support {LABEL}" in script.text
        going = await bench.discord.click(ben, card, "How it is going")
        assert "Reached" in going.text
        table = await bench.discord.click(ben, going.message, "As a table")
        (file,) = table.message.files
        assert file.filename == "campaign-1.csv"
        assert b'Rep. Wa Seven,"US House, WA-7",reached,1' in file.content
        assert table.message.unseen == []

        closing = await bench.discord.slash(ana, bench.channel, "/campaign close")
        await bench.discord.click(ana, closing.message, "Close it")
        bench.clock.ahead += timedelta(minutes=1)
        await send()
        card, summary = bench.posted
        assert "Campaign closed" in card.text
        assert card.labels == ["How it went"]
        assert "1 call by 1 person; the goal was 4." in summary.text
        assert not any(one.pings for one in bench.posted)


async def test_discord_lets_a_deleted_card_be() -> None:
    async with make_bench(record=False) as bench, bench.connected() as chat:
        await furnish(bench.database, bench.clock.now())
        ana = bench.guild.add_member("ana", Permission.MANAGE_GUILD)
        preview = await bench.discord.slash(
            ana,
            bench.channel,
            "/campaign create",
            about=LABEL,
            targets=COMMITTEE,
            goal=4,
            ends="7 days",
        )
        await bench.discord.click(ana, preview.message, "Start")
        await deliver(bench.database, Platform.DISCORD, chat, bench.clock)
        (card,) = bench.posted
        card.deleted = True
        for _ in range(2):
            kit = await bench.discord.slash(ana, bench.channel, "/campaign join")
            await bench.discord.click(ana, kit.message, "Voicemail")
            bench.clock.ahead += timedelta(minutes=1)
            await deliver(bench.database, Platform.DISCORD, chat, bench.clock)
        assert bench.posted == [card]
        assert card.edits == []
        going = await bench.discord.slash(ana, bench.channel, "/campaign show")
        assert "2 of 4 calls" in going.text


@pytest.mark.parametrize("mode", MODES)
async def test_slack_from_the_form_to_the_edited_bar(mode: str) -> None:
    async with open_bench() as bench, bench.listening(mode) as chat:
        await furnish(bench.database, bench.clock.now())

        async def send() -> None:
            await deliver(bench.database, Platform.SLACK, chat, bench.clock)

        view = await form(bench, bench.admin, "/campaign create")
        wrong = await bench.slack.submit(
            bench.admin, view, about=LABEL, targets="committee Nothing", goal="4", ends="7 days"
        )
        assert "no committee “Nothing”" in str(wrong.errors)
        reply = await bench.slack.submit(
            bench.admin, view, about=LABEL, targets=COMMITTEE, goal="4", ends="7 days"
        )
        assert reply.view is not None
        assert "Rep. Wa Seven, Rep. Wa Eight" in str(reply.view.blocks)
        await (await bench.slack.click(bench.admin, reply.view, "Start")).settled()
        await send()
        (card,) = bench.slack.messages(bench.general)
        assert card.text.endswith(TITLE)
        assert EMPTY in card.shown
        assert "0 of 4 calls · 0 people · least called: Rep. Wa Seven (0)" in card.shown

        kit = await (await bench.slack.click(bench.member, card, "Make a call")).message()
        assert kit.ephemeral
        assert "Rep. Wa Seven · US House, WA-7" in kit.shown
        assert "206-555-0107" in kit.shown
        after = await bench.slack.click(bench.member, kit, "I reached someone", copies=2)
        following = await after.message()
        assert following.ephemeral
        assert "Logged: Rep. Wa Seven, reached. Thank you." in following.shown
        assert "Rep. Wa Eight · US House, WA-8" in following.shown
        bench.clock.ahead += timedelta(minutes=1)
        await send()
        (card,) = [one for one in bench.slack.messages(bench.general) if not one.ephemeral]
        assert len(card.edits) == 1
        assert ONE_OF_FOUR in card.shown
        assert "1 of 4 calls · 1 person · least called: Rep. Wa Eight (0)" in card.shown
        going = await (await bench.slack.click(bench.member, card, "How it is going")).message()
        table = await (await bench.slack.click(bench.member, going, "As a table")).message()
        assert "Slack shows no file in a private answer." in table.shown
        assert 'pledgewatch ask "/campaign export 1" --space slack:' in table.shown
        assert not card.pings
    assert bench.slack.refusals == []
