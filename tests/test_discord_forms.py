"""Forms on Discord: opened, filled in, refused, opened again."""

import pytest

from domain.cards import (
    Form,
    Input,
    Reply,
)
from tests.discord_bench import ALERT, Bench
from tests.doubles.discord import (
    Member,
    NoAnswer,
)


async def test_a_button_without_what_it_needs_opens_a_form(bench: Bench, ana: Member) -> None:
    async with bench.connected() as chat:
        await chat.post(bench.ref(), ALERT, "key-1")
        reply = await bench.discord.click(ana, bench.posted[0], "Watch")
        assert reply.modal is not None
        assert reply.modal.labels[0] == "Words, “phrases”, AND, OR, NOT, NEAR"
        sent = await bench.discord.submit(ana, reply.modal, topic="police cameras")
        assert sent.ephemeral
        assert "### Topic watched" in sent.text


async def test_a_form_survives_a_restart(bench: Bench, ana: Member) -> None:
    async with bench.connected() as chat:
        await chat.post(bench.ref(), ALERT, "key-1")
        reply = await bench.discord.click(ana, bench.posted[0], "Watch")
    bench.restarted()
    async with bench.connected():
        assert reply.modal is not None
        sent = await bench.discord.submit(ana, reply.modal, topic="police cameras")
        assert "### Topic watched" in sent.text


async def test_a_refused_form_keeps_what_was_typed(bench: Bench, ana: Member) -> None:
    async with bench.connected() as chat:
        await chat.post(bench.ref(), ALERT, "key-1")
        opened = await bench.discord.click(ana, bench.posted[0], "Watch")
        assert opened.modal is not None
        refused = await bench.discord.submit(ana, opened.modal, topic="(police")
        assert refused.ephemeral
        assert refused.message.labels[-1] == "Change it"
        again = await bench.discord.click(ana, refused.message, "Change it")
        assert again.modal is not None
        assert [one.get("value") for _, one in again.modal.inputs] == ["(police", None]
        done = await bench.discord.submit(ana, again.modal, topic="police")
        assert "### Topic watched" in done.text


FORM = Form(
    title="Try it",
    command="feed try",
    fields=(Input(name="name", label="A name", value="kept"),),
    fault="Too short.",
)


@pytest.mark.usefixtures("quick")
async def test_a_form_that_comes_late_waits_behind_a_button(bench: Bench, ben: Member) -> None:
    bench.add_command(Reply(card=FORM), private=True, takes=0.1)
    async with bench.connected():
        reply = await bench.discord.slash(ben, bench.channel, "/feed try")
        await reply.settled()
        assert reply.text == "Too short."
        opened = await bench.discord.click(ben, reply.message, "Fill it in")
        assert opened.modal is not None
        assert [one["value"] for _, one in opened.modal.inputs] == ["kept"]


async def test_a_form_that_answers_a_form_waits_behind_a_button(bench: Bench, ben: Member) -> None:
    bench.add_command(Reply(card=FORM), private=True)
    async with bench.connected():
        opened = await bench.discord.slash(ben, bench.channel, "/feed try")
        assert opened.modal is not None
        assert opened.modal.title == "Try it"
        again = await bench.discord.submit(ben, opened.modal, name="x")
        assert again.message.labels == ["Fill it in"]


async def test_forms_that_are_not_ours_or_forged(bench: Bench, ben: Member) -> None:
    bench.add_command(Reply(card=FORM), private=True)
    async with bench.connected():
        opened = await bench.discord.slash(ben, bench.channel, "/feed try")
        assert opened.modal is not None
        opened.modal.custom_id = "p1|feed try||forged"
        reply = await bench.discord.submit(ben, opened.modal, name="x")
        assert "This button does not belong here any more." in reply.text
        opened.modal.submitted = False
        opened.modal.custom_id = "somebody else's"
        bench.discord.settings.answer_within = 0.1
        with pytest.raises(NoAnswer):
            await bench.discord.submit(ben, opened.modal, name="x")
