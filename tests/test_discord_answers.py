"""Commands and buttons on Discord, from a person’s hands to what they see."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

import pytest
from discord import ui

from bot.chats.discord_chat import DiscordChat
from commands.registry import Command, Reads
from domain.cards import (
    Action,
    Notice,
    Page,
    Paragraph,
    Reply,
    Tone,
    text,
)
from domain.errors import UserError
from domain.ports import Desk
from tests.discord_bench import ALERT, Bench, until
from tests.doubles.discord import (
    BadOption,
    Member,
    NoAnswer,
    Value,
)


def fitting(command: Command) -> dict[str, Value]:
    """A value for each option that a command needs."""
    needed = (one for one in command.options if one.required)
    return {
        one.name: int(one.example) if one.reads is Reads.NUMBER else one.example or "x"
        for one in needed
    }


async def test_every_command_is_there_and_answers(bench: Bench, ana: Member) -> None:
    async with bench.connected():
        for command in bench.desk.registry.commands:
            reply = await bench.discord.slash(
                ana, bench.channel, f"/{command.path}", **fitting(command)
            )
            await reply.settled()
            assert reply.modal or reply.text, command.path
            assert reply.modal or reply.message.v2
            assert reply.modal or reply.ephemeral or not command.private, command.path
            if fitting(command):
                with pytest.raises(BadOption):
                    await bench.discord.slash(ana, bench.channel, f"/{command.path}")


async def test_the_commands_are_those_of_the_registry(bench: Bench) -> None:
    async with bench.connected():
        groups = {one["name"]: one for one in bench.discord.commands()}
    registry = bench.desk.registry
    assert list(groups) == list(registry.nouns)
    for group in groups.values():
        assert group["contexts"] == [0]
        assert group["integration_types"] == [0]
        assert group["default_member_permissions"] is None
    shown = {
        f"{noun} {verb['name']}": verb for noun, one in groups.items() for verb in one["options"]
    }
    assert shown.keys() == {command.path for command in registry.commands}
    for command in registry.commands:
        options = {one["name"]: one for one in shown[command.path].get("options", [])}
        assert options.keys() == {one.name for one in command.options}
        for option in command.options:
            told = options[option.name]
            assert told["type"] == (4 if option.reads == "number" else 3)
            assert bool(told.get("required")) is option.required
            assert bool(told.get("autocomplete")) is bool(option.completes)
            choices = [one["value"] for one in told.get("choices", [])]
            assert choices == list(option.choices)
            assert told["description"] == option.summary


async def test_options_are_read_as_they_were_typed(bench: Bench, ana: Member) -> None:
    async with bench.connected():
        asked = bench.discord.slash
        reply = await asked(
            ana, bench.channel, "/pledge show", company="Microsoft", covers="ICE", on="2021-02-01"
        )
        assert "Does Microsoft’s pledge cover immigration authorities?" in reply.text
        assert "As of 1 February 2021." in reply.text
        reply = await asked(ana, bench.channel, "/watch list", page=2)
        assert "Company: **Meta**" in reply.text
        reply = await asked(ana, bench.channel, "/company alias", company="IBM", alias="Big Blue")
        assert "Big Blue" in reply.text


async def test_names_are_completed_from_memory(bench: Bench, ana: Member) -> None:
    async with bench.connected():

        async def typed(command: str, option: str, value: str) -> list[str]:
            found = await bench.discord.autocomplete(
                ana, bench.channel, command, option=option, value=value
            )
            return [str(one.value) for one in found]

        assert await typed("/pledge show", "company", "mic") == ["Microsoft"]
        assert len(await typed("/pledgewatch help", "command", "")) <= 25
        assert await typed("/pledge compare", "companies", "ibm, AMA") == ["ibm, Amazon"]
        assert await typed("/pledge show", "company", "zzz") == []
        long = f'"{"police " * 20}"'
        await bench.discord.slash(ana, bench.channel, "/watch add", topic=long)
        await bench.discord.slash(ana, bench.channel, "/watch add", topic="police cameras")
        await typed("/watch remove", "watch", "")  # brings what is in memory up to date
        await asyncio.sleep(0.05)
        assert await typed("/watch remove", "watch", "police") == ["police cameras"]


async def test_a_slow_command_is_awaited(bench: Bench, ana: Member) -> None:
    bench.feeds.takes = 3.2  # seconds, more than Discord waits
    async with bench.connected():
        reply = await bench.discord.slash(
            ana, bench.channel, "/feed test", url="https://news.example/feed"
        )
        assert reply.deferred
        assert reply.ephemeral
        await reply.settled()
        assert "1 item; 0 would be told if new." in reply.text
        assert reply.message.v2
        assert reply.message.labels == ["Follow it"]


DONE = Notice(text=text("Done."), tone=Tone.DONE)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("meant", [True, False])
@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize("takes", [0.0, 0.1])
async def test_a_reply_is_seen_by_whom_it_is_meant_for(
    bench: Bench, ben: Member, meant: bool, private: bool, takes: float
) -> None:
    bench.add_command(Reply(card=DONE, private=private), private=meant, takes=takes)
    async with bench.connected():
        await bench.discord.slash(ben, bench.channel, "/feed try")

        def shown() -> list[str]:
            return [one.text for one in bench.discord.messages(bench.channel, seen_by=ben)]

        await until(lambda: shown() == ["Done."])
        (message,) = bench.discord.messages(bench.channel, seen_by=ben)
        assert message.ephemeral is private
        assert message.allowed_mentions == {"parse": []}


async def test_buttons_outlive_a_restart_and_leave_the_alert_alone(
    bench: Bench, ana: Member
) -> None:
    chat = bench.make()
    await chat.post(bench.ref(), ALERT, "key-1")
    await chat.close()
    (alert,) = bench.posted
    bench.restarted()
    async with bench.connected():
        reply = await bench.discord.click(ana, alert, "The pledge")
        assert reply.ephemeral
        assert "### IBM · No general-purpose face recognition" in reply.text
        reply = await bench.discord.click(ana, alert, "Hear all")
        assert not reply.ephemeral
        assert "This channel now hears **all that is watched**" in reply.text
        reply = await bench.discord.click(ana, alert, "Long")
        assert "is in the record" in reply.text
    assert alert.edits == []


@pytest.mark.usefixtures("quick")
async def test_a_slow_button_is_awaited_as_its_command_is(bench: Bench, ben: Member) -> None:
    bench.add_command(Reply(card=DONE, private=False), private=False, takes=0.1)
    card = replace(ALERT, actions=(Action(label="Try", command="feed try"),))
    async with bench.connected() as chat:
        await chat.post(bench.ref(), card, "key-1")
        reply = await bench.discord.click(ben, bench.posted[0], "Try")
        assert reply.deferred
        await reply.settled()
        assert (reply.text, reply.ephemeral) == ("Done.", False)


async def test_a_button_copied_elsewhere_is_refused(bench: Bench, ana: Member) -> None:
    other = bench.guild.add_channel("other")
    async with bench.connected() as chat:
        await chat.post(bench.ref(), ALERT, "key-1")
        (alert,) = bench.posted
        client: Any = chat._client
        view = ui.View(timeout=None)
        view.add_item(ui.Button(label="Copied", custom_id=alert.controls[0]["custom_id"]))
        view.add_item(ui.Button(label="Forged", custom_id="p1|feed list||nonsense"))
        view.stop()
        await client.get_partial_messageable(int(other.id)).send("x", view=view)
        (copy,) = bench.discord.messages(other)
        for label in ("Copied", "Forged"):
            reply = await bench.discord.click(ana, copy, label)
            assert "This button does not belong here any more." in reply.text


async def test_an_answer_that_discord_does_not_take_is_said_to_be_our_fault(
    bench: Bench, ben: Member, caplog: pytest.LogCaptureFixture
) -> None:
    bench.add_command(Reply(card=DONE), private=True)
    async with bench.connected():
        bench.discord.fail("POST", "/callback$", status=400, code=50035)
        reply = await bench.discord.slash(ben, bench.channel, "/feed try")
        assert "The fault is ours and was logged." in reply.text
    assert "discord.fault command=feed try" in caplog.text


async def test_who_gets_no_answer_is_logged_without_what_they_typed(
    bench: Bench, ben: Member, caplog: pytest.LogCaptureFixture
) -> None:
    bench.add_command(Reply(card=DONE), private=True)
    bench.discord.settings.answer_within = 0.1
    caplog.set_level(logging.INFO)
    async with bench.connected():
        bench.discord.fail("POST", "/callback$", status=404, code=10062)
        with pytest.raises(NoAnswer):
            await bench.discord.slash(ben, bench.channel, "/feed try", name="12 Secret Street")
    ours = "\n".join(one.getMessage() for one in caplog.records)
    assert f"discord.unanswered command=feed try space={bench.guild.id} why=NotFound" in ours
    assert "Secret Street" not in caplog.text


async def test_a_fault_of_a_handler_is_a_plain_reply(bench: Bench, ben: Member) -> None:
    async def broken(desk: Desk) -> Reply:
        raise ZeroDivisionError

    async def refuses(desk: Desk) -> Reply:
        raise UserError("Not so.", hint="But so.")

    for verb, handler in (("break", broken), ("refuse", refuses)):
        bench.desk.registry.add(Command(noun="feed", verb=verb, summary="Try it", handler=handler))
    async with bench.connected():
        reply = await bench.discord.slash(ben, bench.channel, "/feed break")
        assert "Something went wrong on our side." in reply.text
        reply = await bench.discord.slash(ben, bench.channel, "/feed refuse")
        assert reply.text == "Not so.\n-# But so."


async def test_a_command_of_an_earlier_version_is_answered(bench: Bench, ben: Member) -> None:
    async with bench.connected():
        group = next(one for one in bench.discord.commands() if one["name"] == "pledge")
        group["options"].append({"type": 1, "name": "sing", "description": "Sing", "options": []})
        reply = await bench.discord.slash(ben, bench.channel, "/pledge sing")
        assert reply.ephemeral
        assert "Reload Discord" in reply.text


@pytest.mark.parametrize("path", ["form feed gone", "feed gone"])
async def test_a_button_of_an_earlier_version_is_answered(
    bench: Bench, ben: Member, path: str
) -> None:
    card = replace(ALERT, actions=(Action(label="Old", command=path),))
    async with bench.connected() as chat:
        await chat.post(bench.ref(), card, "key-1")
        reply = await bench.discord.click(ben, bench.posted[0], "Old")
        assert "There is no command “/feed gone”." in reply.text


async def test_hostile_words_of_others_are_shown_and_do_nothing(bench: Bench, ben: Member) -> None:
    words = "@everyone [x](http://evil.example) *bold* <@1>"
    page = Page(title=words, blocks=(Paragraph(text=text(words)),), note=words)
    bench.add_command(Reply(card=page, private=False), private=False)
    async with bench.connected():
        reply = await bench.discord.slash(ben, bench.channel, "/feed try")
    escaped = "@\u200beveryone \\[x](http\\://evil.example) \\*bold\\* \\<@\u200b1>"
    assert reply.text == f"### {escaped}\n{escaped}\n-# {escaped}"
    assert not reply.message.pings


async def test_closing_gives_up_what_is_being_worked_on(bench: Bench, ben: Member) -> None:
    bench.add_command(Reply(card=DONE), private=True, takes=60)
    async with bench.connected() as chat:
        await asyncio.wait({asyncio.create_task(_asked(bench, ben))}, timeout=0.1)
        assert isinstance(chat, DiscordChat)
        assert len(chat._answers._working) == 1
    await until(lambda: not chat._answers._working)


async def _asked(bench: Bench, ben: Member) -> None:
    bench.discord.settings.answer_within = 0.2
    with pytest.raises(NoAnswer):
        await bench.discord.slash(ben, bench.channel, "/feed try")
