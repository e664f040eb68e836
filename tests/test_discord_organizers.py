"""Who may do what on Discord, whichever way they ask, and what the bot itself may do."""

from typing import Any

import discord
import pytest
from discord import ui

from tests.discord_bench import ALERT, Bench
from tests.doubles.discord import (
    ORDINARY,
    Member,
    NotAllowed,
    Permission,
)


async def test_only_organizers_may_whichever_way_they_ask(
    bench: Bench, ana: Member, ben: Member
) -> None:
    refused = "Only organizers can use /watch add here."
    async with bench.connected() as chat:
        await chat.post(bench.ref(), ALERT, "key-1")
        slash = await bench.discord.slash(ben, bench.channel, "/watch add", topic="police")
        button = await bench.discord.click(ben, bench.posted[0], "Watch")
        for reply in (slash, button):
            assert refused in reply.text
            assert "They are: people with Manage Server. Ask one of them." in reply.text
            assert reply.ephemeral
        opened = await bench.discord.click(ana, bench.posted[0], "Watch")
        assert opened.modal is not None
        bench.guild.members[ana.id].roles.clear()  # while the form is open
        sent = await bench.discord.submit(ana, opened.modal, topic="police")
        assert refused in sent.text
        assert sent.message.labels == []
        watched = await bench.discord.slash(ben, bench.channel, "/watch list", page=2)
        assert "Topic" not in watched.text


async def test_configured_roles_make_organizers_by_name_or_id(bench: Bench, ben: Member) -> None:
    stewards, others = bench.guild.add_role("Stewards"), bench.guild.add_role("Others")
    cleo = bench.guild.add_member("cleo", roles=[stewards])
    dora = bench.guild.add_member("dora", roles=[others])
    async with bench.connected(roles=("@Stewards", others.id)):
        for person, topic in ((cleo, "police"), (dora, "cameras")):
            reply = await bench.discord.slash(person, bench.channel, "/watch add", topic=topic)
            assert "### Topic watched" in reply.text
        reply = await bench.discord.slash(ben, bench.channel, "/watch add", topic="x y")
        who = "people with Manage Server and those with the role “Stewards” or “Others”"
        assert f"They are: {who}. Ask one of them." in reply.text


async def test_administrators_are_organizers(bench: Bench) -> None:
    ada = bench.guild.add_member("ada", Permission.ADMINISTRATOR)
    async with bench.connected():
        reply = await bench.discord.slash(ada, bench.channel, "/watch add", topic="police")
        assert "### Topic watched" in reply.text


async def test_subscribing_says_what_the_bot_lacks(bench: Bench, ana: Member) -> None:
    thread = bench.guild.add_thread(bench.channel, "aside", thread_id="77")
    bench.channel.bot_permissions = ORDINARY & ~Permission.EMBED_LINKS
    async with bench.connected():
        reply = await bench.discord.slash(ana, bench.channel, "/subscribe here")
        assert "I cannot post in this channel: I lack Embed Links." in reply.text
        bench.channel.bot_permissions = ORDINARY & ~Permission.SEND_MESSAGES_IN_THREADS
        reply = await bench.discord.slash(ana, thread, "/subscribe here")
        assert "I lack Send Messages in Threads." in reply.text
        reply = await bench.discord.slash(ana, bench.channel, "/subscribe here")
        assert "This channel now hears" in reply.text


async def test_in_direct_messages_it_says_where_it_answers(bench: Bench, ana: Member) -> None:
    async with bench.connected() as chat:
        with pytest.raises(NotAllowed):
            await bench.discord.slash(ana, bench.discord.dm(ana), "/pledge list")
        client: Any = chat._client
        place = await client.create_dm(discord.Object(int(ana.id)))
        view = ui.View(timeout=None).add_item(ui.Button(label="Press", custom_id="p1|x||y"))
        await place.send("x", view=view)
        (message,) = bench.discord.messages(bench.discord.dm(ana))
        reply = await bench.discord.click(ana, message, "Press")
        assert reply.text.startswith("I answer in a server’s channels, not here.")
