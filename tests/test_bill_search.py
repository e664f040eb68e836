"""`/bill search`: the record, what was told, and the services that can search."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.cards import Notice, Page, plain
from tests.doubles.legislatures import Fault
from tests.fakes import Person
from tests.legislature_bench import openstates_bill
from tests.legislature_stage import Stage, staged
from tests.test_bill_commands import buttons, words


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as stage:
        bill = openstates_bill(5)
        stage.capitol.lists["openstates/bills"] = [bill]
        stage.capitol.put(f"openstates/bills/{bill['id']}", bill)
        yield stage


async def test_the_record_answers_where_nothing_can_be_asked(member: Person) -> None:
    card = await member.ask("/bill search face recognition jurisdiction:WA, CA")
    told = words(card)
    assert "CA AB 2261" in told
    assert "WA SB 6280" in told
    assert "VA" not in told
    assert buttons(card)["CA AB 1215"] == "/bill show ca-ab-1215"


async def test_all_the_words_must_be_there(member: Person) -> None:
    card = await member.ask("/bill search rainforest")
    assert "Nothing of that is known here, and none was found." in words(card)


async def test_words_are_needed(member: Person) -> None:
    card = await member.ask("/bill search !!!")
    assert isinstance(card, Notice)
    assert plain(card.text).startswith("What is it about?")


async def test_the_services_that_can_search_are_asked_and_named(stage: Stage) -> None:
    card = await stage.say("/bill search face recognition jurisdiction:WA")
    told = words(card)
    assert "WA SB 5 (2021-2022) · Synthetic act about face recognition · Open States" in told
    assert isinstance(card, Page)
    assert "Open States" in card.note.partition("Asked: ")[2]
    shown = await stage.say(buttons(card)["WA SB 5"])
    assert "Synthetic act" in words(shown)


async def test_a_service_that_fails_is_said_and_the_others_answer(stage: Stage) -> None:
    stage.capitol.fault = Fault(503)
    card = await stage.say("/bill search face recognition jurisdiction:WA")
    assert isinstance(card, Page)
    assert "WA SB 6280" in words(card)
    assert "Open States: " in card.note


async def test_places_that_nobody_can_search_are_named(tmp_path: Path) -> None:
    async with staged(tmp_path, keys=False) as stage:
        card = await stage.say("/bill search face recognition jurisdiction:CA, Congress")
        assert isinstance(card, Page)
        assert card.note == ("No service that is set up here can search California, United States.")


async def test_what_was_told_is_known_here(stage: Stage) -> None:
    await stage.say("/bill show WA SB 5")
    card = await stage.say("/bill search synthetic act jurisdiction:WA")
    told = words(card)
    assert told.count("WA SB 5") == 1
    assert "WA SB 5 · Synthetic act about face recognition · on the floor, Senate" in told
