"""New bills about a topic: a baseline first, then offered once, with a button that tracks them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.bill_finds import searches_for
from domain.cards import AlertCard, Digest, Notice, Page, plain
from tests.doubles.legislatures import Fault
from tests.fakes import Person
from tests.legislature_bench import openstates_bill
from tests.legislature_stage import CHANNEL, Stage, staged
from tests.test_bill_commands import buttons, words

ASK = "/bill search synthetic faces jurisdiction:CA notify:yes"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as stage:
        yield stage


def lay_out(stage: Stage, *numbers: int) -> None:
    """What Open States finds in California; synthetic."""
    rows: list[dict[str, Any]] = [
        openstates_bill(n, identifier=f"SB {n}", session="20212022", title=f"Faces, act {n}")
        for n in numbers
    ]
    stage.capitol.lists["openstates/bills"] = rows
    stage.capitol.put("legiscan/op=getSearch/query=synthetic faces/state=CA/year=2",
        {"status": "OK", "searchresult": {"summary": {"count": 0}}},
    )  # fmt: skip
    for one in rows:
        stage.capitol.put(f"openstates/bills/{one['id']}", one)


async def search(stage: Stage, **passed: float) -> list[object]:
    """Let time pass, search what is due, and deliver; return what was posted."""
    stage.clock.pass_(**(passed or {"hours": 25}))
    await stage.core.discovery.search_due()
    before = len(stage.chat.sent(CHANNEL))

    await stage.deliverer.drain(timedelta(0))
    return [one.card for one in stage.chat.sent(CHANNEL)[before:]]


async def begin(stage: Stage) -> None:
    lay_out(stage, 1, 2)
    card = await stage.say(ASK)
    assert isinstance(card, Page), card
    assert "in California are told where that topic is heard" in words(card)
    await stage.say(buttons(card)["Hear of it here"])
    assert await search(stage, minutes=1) == []


async def test_what_is_there_at_first_is_a_baseline_and_what_is_new_is_offered(
    stage: Stage,
) -> None:
    await begin(stage)
    assert await search(stage) == []
    lay_out(stage, 3, 1, 2)
    (card,) = await search(stage)
    assert isinstance(card, AlertCard)
    assert (card.label, card.title) == ("New bill: synthetic faces", "Faces, act 3")
    assert card.subjects == ("CA SB 3",)
    assert await search(stage) == []
    track = next(one for one in card.actions if one.label == "Track")
    tracked = await stage.say(track.typed)
    assert isinstance(tracked, Page), tracked
    assert tracked.title == "CA SB 3 is tracked"


async def test_several_at_once_are_one_message(stage: Stage) -> None:
    await begin(stage)
    lay_out(stage, 3, 4, 5, 1, 2)
    (card,) = await search(stage)
    assert isinstance(card, Digest)
    assert card.title == "New about synthetic faces: 3"
    assert [one.label for one in card.actions][:3] == [
        "Track CA SB 3", "Track CA SB 4", "Track CA SB 5",
    ]  # fmt: skip


async def test_a_source_is_asked_once_a_day_and_after_a_fault_later(stage: Stage) -> None:
    await begin(stage)
    before = len(stage.capitol.asked)
    await search(stage, hours=1)
    assert len(stage.capitol.asked) == before
    stage.capitol.fault = Fault(503)
    assert await search(stage, hours=25) == []
    stage.capitol.fault = None
    lay_out(stage, 3, 1, 2)
    asked = len(stage.capitol.asked)
    assert await search(stage, hours=1) == []
    assert len(stage.capitol.asked) == asked
    assert len(await search(stage, hours=3)) == 1


async def test_it_can_be_taken_back(stage: Stage) -> None:
    await begin(stage)
    card = await stage.say("/bill search synthetic faces jurisdiction:CA notify:no")
    assert "are searched for no more" in words(card)
    lay_out(stage, 3, 1, 2)
    before = len(stage.capitol.asked)
    assert await search(stage) == []
    assert len(stage.capitol.asked) == before


async def test_a_topic_that_is_watched_no_more_is_not_searched_for(stage: Stage) -> None:
    await begin(stage)
    await stage.say("/watch remove synthetic faces")
    before = len(stage.capitol.asked)
    assert await search(stage) == []
    assert len(stage.capitol.asked) == before


async def test_the_federal_register_is_asked_for_topics_of_congress(stage: Stage) -> None:
    def rules(*numbers: int) -> dict[str, Any]:
        return {
            "results": [
                {
                    "document_number": f"2022-{n:05}",
                    "type": "Proposed Rule",
                    "title": f"Synthetic rule {n}",
                    "publication_date": "2022-02-10",
                    "html_url": f"https://example.org/rule/{n}",
                }
                for n in numbers
            ]
        }

    lay_out(stage)
    stage.capitol.put("federal_register/documents.json", rules(1))
    card = await stage.say("/bill search synthetic faces jurisdiction:Congress notify:yes")
    await stage.say(buttons(card)["Hear of it here"])
    assert await search(stage, minutes=1) == []
    stage.capitol.put("federal_register/documents.json", rules(1, 2))
    (card,) = await search(stage)  # type: ignore[assignment]
    assert isinstance(card, AlertCard)
    assert card.label == "In the Federal Register: synthetic faces"
    assert (card.title, card.url) == ("Synthetic rule 2", "https://example.org/rule/2")
    assert [one.label for one in card.actions] == ["What is heard here"]


async def test_only_organizers_have_new_bills_told(member: Person) -> None:
    card = await member.ask(ASK)
    assert isinstance(card, Notice)
    assert plain(card.text) == "Only organizers can have new bills told here."


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("face recognition", ["face recognition"]),
        ('"face recognition" AND police', ["face recognition police"]),
        ('"face recognition" OR biometrics', ["face recognition", "biometrics"]),
        ("faces NOT phones", ["faces"]),
        ("a OR b OR c OR d", ["a", "b", "c"]),
    ],
)
def test_a_topic_becomes_words_to_search_for(query: str, words: list[str]) -> None:
    assert searches_for(query) == words
