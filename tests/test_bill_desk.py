"""Asking the legislatures for someone who waits: over loopback, with faults and quotas."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.checking import check
from domain.bills import bill_key
from domain.cards import Card, Notice, Page, plain
from tests.doubles.legislatures import Capitol, Fault
from tests.legislature_bench import RECORDED, openstates_bill
from tests.legislature_stage import (
    Stage,
    lay_out_congress,
    lay_out_govinfo,
    settings,
    staged,
)
from tests.test_bill_commands import buttons, words

SHARED = [
    pytest.mark.shared,
    pytest.mark.skipif(not RECORDED.exists(), reason="the sample data is not there"),
]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as stage:
        bill = openstates_bill(5)
        stage.capitol.lists["openstates/bills"] = [bill]
        stage.capitol.put(f"openstates/bills/{bill['id']}", bill)
        yield stage


def requests(stage: Stage, service: str) -> int:
    return sum(path.startswith(f"/{service}/") for path in stage.capitol.paths)


async def test_a_number_that_nobody_knew_is_looked_for_in_its_place(stage: Stage) -> None:
    card = await stage.say("/bill show WA SB 5")
    told = words(card)
    assert "WA SB 5 · Synthetic act about face recognition" in told
    assert "Open States, read 2022-02-10 12:00 UTC" in told
    assert "Track" in buttons(card)


async def test_what_was_read_of_late_is_not_asked_for_again(stage: Stage) -> None:
    await stage.say("/bill show WA SB 5")
    before = requests(stage, "openstates")
    await stage.say("/bill show WA SB 5")
    assert requests(stage, "openstates") == before
    stage.clock.pass_(minutes=20)
    await stage.say("/bill show WA SB 5")
    assert requests(stage, "openstates") == before + 1


async def test_a_source_that_is_down_leaves_the_cached_answer_with_its_age(stage: Stage) -> None:
    await stage.say("/bill show WA SB 5")
    stage.clock.pass_(hours=3)
    stage.capitol.fault = Fault(503)
    card = await stage.say("/bill show WA SB 5")
    assert isinstance(card, Page)
    assert "Synthetic act" in card.title
    assert "Open States: " in card.note
    assert card.note.endswith("What you see is from 3 hours ago.")


async def test_a_source_out_of_quota_leaves_the_cached_answer(stage: Stage) -> None:
    await stage.say("/bill show WA SB 5")
    stage.clock.pass_(hours=3)
    stage.capitol.fault = Fault(429, {"Retry-After": "3600"})
    await stage.say("/bill show WA SB 5")
    stage.capitol.fault = None
    stage.clock.pass_(minutes=5)
    before = requests(stage, "openstates")
    card = await stage.say("/bill show WA SB 5")
    assert isinstance(card, Page)
    assert "no request for now" in card.note
    assert requests(stage, "openstates") == before


async def test_the_record_answers_where_a_source_is_down(stage: Stage) -> None:
    stage.capitol.fault = Fault(503)
    card = await stage.say("/bill show CA AB 2261")
    assert isinstance(card, Page)
    assert card.title.startswith("CA AB 2261")
    assert card.note.endswith("What you see is from the record alone.")


async def test_an_unknown_number_says_who_was_asked(stage: Stage) -> None:
    card = await stage.say("/bill show WA SB 77")
    assert isinstance(card, Notice)
    assert plain(card.text).startswith("No bill “WA SB 77” is in the record")
    assert "Washington’s legislature" in plain(card.hint) or "Open States" in plain(card.hint)


async def test_a_change_that_someone_asking_finds_is_told_in_the_channels(stage: Stage) -> None:
    await stage.say("/bill track WA SB 5")
    await stage.say("/subscribe here WA SB 5")
    bill = openstates_bill(5, updated_at="2022-02-10T12:30:00+00:00")
    step = {
        "organization": {"id": "x", "name": "Senate", "classification": "upper"},
        "description": "Synthetic step.", "date": "2022-02-10", "classification": [], "order": 9,
    }  # fmt: skip
    bill["actions"].append(step)
    stage.capitol.put(f"openstates/bills/{bill['id']}", bill)
    stage.clock.pass_(hours=1)
    await stage.say("/bill show WA SB 5")
    (card,) = await stage.posted()
    assert "Synthetic step." in card.summary


class TestTrackByAddress:
    pytestmark = SHARED

    async def tracked(self, stage: Stage, url: str) -> Card:
        return await stage.say(f"/bill track {url}")

    async def test_of_congress_gov(self, stage: Stage) -> None:
        lay_out_congress(stage.capitol)
        card = await self.tracked(
            stage, "https://www.congress.gov/bill/117th-congress/house-bill/21/actions?q=x"
        )
        assert isinstance(card, Page)
        assert card.title == "US HR 21 is tracked"
        assert "FedRAMP Authorization Act" in words(card)
        bill = await stage.stored(bill_key("us", "117", "HR 21"))
        assert [one.source for one in bill.sources] == ["congress"]

    async def test_without_a_key_govinfo_is_asked(self, tmp_path: Path) -> None:
        async with staged(tmp_path, keys=False) as stage:
            lay_out_govinfo(stage.capitol, "117s35")
            card = await self.tracked(
                stage, "https://www.congress.gov/bill/117th-congress/senate-bill/35"
            )
            assert isinstance(card, Page)
            assert card.title == "US S 35 is tracked"


async def test_an_address_of_another_page_is_refused_plainly(stage: Stage) -> None:
    card = await stage.say("/bill track https://news.example/bill/5")
    assert isinstance(card, Notice)
    assert plain(card.text) == "That address is no page of a bill that can be read."
    assert "legiscan.com" in plain(card.hint)


async def test_check_tries_each_service_and_mends_only_those_with_a_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Capitol() as capitol:
        capitol.lists["openstates/bills"] = []
        config = settings(capitol, tmp_path / "check.db")
        faults = await check(config)
        told = capsys.readouterr().out
    assert "ok   Open States: it answers." in told
    assert "ok   GovInfo: it has nothing under that name (404)." in told
    assert re.search(r"FIX  (LegiScan|Congress.gov): ", told)
    assert faults == 1
