"""A campaign's own words: typed or asked for, judged before they are kept, said in its calls alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.call_scripts import SHIPPED
from domain.cards import CampaignCard, Card, Form
from tests.calling import COMMITTEE, CREATE, LABEL, Caller, actions, furnish, words
from tests.discord_bench import make_bench
from tests.doubles.discord import Permission
from tests.stage import Stage, staged

OURS = "Hello, {introduction}. Would {legislator} {ask}?"
SAID = f"Hello, I’m calling about a concern. Would Rep. Seven support {LABEL} (“Synthetic: face scans”)?"
TYPED = f'{CREATE} script:"{OURS}"'


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as made:
        await furnish(made.core.database, made.clock.now())
        yield made


@pytest.fixture
def ada(stage: Stage) -> Caller:
    return Caller(stage.core, stage.clock, "ada", organizer=True)


@pytest.fixture
def ben(stage: Stage) -> Caller:
    return Caller(stage.core, stage.clock, "ben")


def form_of(card: Card) -> dict[str, str]:
    assert isinstance(card, Form), card
    return {one.name: one.value for one in card.fields}


async def posted(stage: Stage) -> CampaignCard:
    await stage.deliver()
    (card,) = [one.card for one in stage.chat.sent("c1") if isinstance(one.card, CampaignCard)]
    return card


async def test_typed_words_are_tried_out_and_said_in_its_calls_alone(
    stage: Stage, ada: Caller, ben: Caller
) -> None:
    preview = await ada.say(TYPED)
    assert f"What is said: {SAID}" in words(preview)
    await ada.press(preview, "Start")
    assert SAID in words(await ben.say("/campaign join 1"))
    script = await ben.press(await posted(stage), "Script")
    assert words(script).startswith(f"What to say: support {LABEL}\nHello, I’m calling")
    assert list(actions(script)) == ["Log a call"]
    outside = words(await ben.say(f'/contact script "{LABEL}"'))
    assert "Hi, I’m calling about a concern" in outside


async def test_the_preview_leads_to_a_form_that_asks_for_the_words_alone(
    ada: Caller, ben: Caller
) -> None:
    form = await ada.press(await ada.say(CREATE), "Change the words")
    assert isinstance(form, Form)
    assert [one.name for one in form.fields if not one.settled] == ["script"]
    given = form_of(form)
    assert given["script"] == SHIPPED
    assert "step" not in given
    line = " ".join(f'{name}:"{value}"' for name, value in {**given, "script": OURS}.items())
    preview = await ada.say(f"/campaign create {line}")
    assert SAID in words(preview)
    assert form_of(await ada.press(preview, "Change it"))["script"] == OURS
    assert form_of(await ada.press(preview, "Change the words"))["script"] == OURS
    await ada.press(preview, "Start")
    assert SAID in words(await ben.say("/campaign join 1"))


async def test_the_form_begins_with_the_communitys_words(ada: Caller) -> None:
    await ada.say(f'/contact wording "{LABEL}" text:"Ours: {{ask}}" step:save')
    form = await ada.press(await ada.say(CREATE), "Change the words")
    assert form_of(form)["script"] == "Ours: {ask}"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("Dear {senator}", "There is no field “{senator}”. These can be used: {introduction}"),
        ("Dear {legislator", "A brace stands alone in it."),
        ("word " * 120, "this takes 120 words; a call has fewer than a hundred."),
        ("word " * 97 + "{legislator}", ""),
        ("word " * 98 + "{legislator}", "this takes 100 words"),
        ("x" * 1201, "A script has at most 1200 characters."),
    ],
)
async def test_words_that_cannot_be_said_come_back_with_what_is_wrong(
    stage: Stage, ada: Caller, script: str, why: str
) -> None:
    for step in ("", " step:start"):
        card = await ada.say(f'{CREATE} script:"{script}"{step}')
        if not why:
            assert not isinstance(card, Form)
            continue
        assert isinstance(card, Form)
        assert why in card.fault
        (asked,) = [one for one in card.fields if not one.settled]
        assert (asked.name, asked.value) == ("script", script.strip())
    space_campaigns = await ada.say("/campaign list")
    assert ("Campaigns" in words(space_campaigns)) == (not why)


async def test_discord_asks_for_the_words_and_keeps_the_rest() -> None:
    async with make_bench(record=False) as bench, bench.connected():
        await furnish(bench.database, bench.clock.now())
        ada = bench.guild.add_member("ada", Permission.MANAGE_GUILD)
        form = await bench.discord.slash(ada, bench.channel, "/campaign create")
        assert form.modal is not None
        fields = {"about": LABEL, "targets": COMMITTEE, "goal": "4", "ends": "7 days"}
        preview = await bench.discord.submit(ada, form.modal, **fields)
        opened = await bench.discord.click(ada, preview.message, "Change the words")
        assert opened.modal is not None
        assert [one.get("value") for _, one in opened.modal.inputs] == [SHIPPED]
        refused = await bench.discord.submit(ada, opened.modal, script="Dear {senator}")
        again = await bench.discord.click(ada, refused.message, "Fill it in")
        assert again.modal is not None
        tried = await bench.discord.submit(ada, again.modal, script=OURS)
        assert "Would Rep. Seven support" in tried.text
        started = await bench.discord.click(ada, tried.message, "Start")
        assert "has started" in started.text
