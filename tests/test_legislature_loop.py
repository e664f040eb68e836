"""From the legislatures' answers to messages: replayed, edited, failing."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from domain.bills import BillKey, bill_key
from domain.cards import Action, AlertKind
from tests.doubles.legislatures import Fault
from tests.legislature_bench import RECORDED, openstates_bill, openstates_event, recorded, synthetic
from tests.legislature_stage import (
    CHANNEL,
    Stage,
    lay_out_congress,
    lay_out_govinfo,
    lay_out_legiscan,
    legiscan,
    staged,
    words,
)
from tests.test_bill_commands import words as page_words

SHARED = [
    pytest.mark.shared,
    pytest.mark.skipif(not RECORDED.exists(), reason="the sample data is not there"),
]
SB_5 = bill_key("wa", "2021-2022", "SB 5")
HR_21 = bill_key("us", "117", "HR 21")
S_35 = bill_key("us", "117", "S 35")
FILES = {
    "117sconres7": bill_key("us", "117", "SCONRES 7"),
    "117hr6658": bill_key("us", "117", "HR 6658"),
    "117s35": S_35,
    "116hr4907": bill_key("us", "116", "HR 4907"),
    "116s832": bill_key("us", "116", "S 832"),
}
LATER = datetime(2026, 11, 22, 12, tzinfo=UTC)
EDITED = "Synthetic edit: placed on the calendar of examples."


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as stage:
        yield stage


@pytest.fixture
async def keyless(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path, keys=False) as stage:
        yield stage


def feed(*names: str, day: int) -> bytes:
    """GovInfo's feed of changed files; synthetic."""
    links = "".join(
        f"&lt;a href=https://www.govinfo.gov/bulkdata/x/BILLSTATUS-{name}.xml&gt;x&lt;/a&gt;"
        for name in names
    )
    return (
        "<rss><channel><title>synthetic</title><item>"
        f"<pubDate>Thu, {day} Feb 2022 14:00:00 GMT</pubDate>"
        f"<description>{links}</description></item></channel></rss>"
    ).encode()


def with_action(name: str, text: str = EDITED) -> bytes:
    """A recorded BILLSTATUS file with one action more."""
    body = recorded(f"govinfo/BILLSTATUS-{name}.xml").decode()
    place = body.index("<actions>") + len("<actions>")
    added = (
        f"<item><actionDate>2022-02-09</actionDate><text>{text}</text><type>Calendars</type></item>"
    )
    return (body[:place] + added + body[place:]).encode()


def openstates(
    stage: Stage, *bills: dict[str, Any], events: list[dict[str, Any]] | None = None
) -> None:
    """Lay out what Open States tells; synthetic."""
    stage.capitol.lists["openstates/bills"] = list(bills)
    stage.capitol.lists["openstates/events"] = events or []
    for one in bills:
        stage.capitol.put(f"openstates/bills/{one['id']}", one)


class TestRecorded:
    pytestmark = SHARED

    async def replay(self, stage: Stage) -> dict[BillKey, int]:
        """Track every recorded bill; return how many actions each has in its file."""
        expected = {}
        stage.capitol.put("govinfo/rss/billstatus-batch.xml", feed(*FILES, day=9))
        for name, key in FILES.items():
            lay_out_govinfo(stage.capitol, name)
            root = ET.fromstring(recorded(f"govinfo/BILLSTATUS-{name}.xml"))
            expected[key] = len(root.findall("bill/actions/item"))
        lay_out_congress(stage.capitol)
        actions = json.loads(recorded("congress-gov/bill_117_hr_21_actions.json"))
        expected[HR_21] = len(actions["actions"])
        for place, names in (("ak", ("HB1", "HB2", "HB3")), ("ar", ("HB1044", "HB1045", "HB1046"))):
            bills = [legiscan(name) for name in names]
            lay_out_legiscan(stage.capitol, *bills)
            session = "2011-2012" if place == "ak" else "2012"
            for one in bills:
                expected[bill_key(place, session, one["bill_number"])] = len(one["history"])
        histories = json.loads(recorded("legistar/chicago/no_dupe_event.json"))
        city = "legistar/v1/chicago"
        matter = {
            "MatterId": 7, "MatterFile": "O2013-1547", "MatterTitle": "Synthetic matter",
            "MatterLastModifiedUtc": "2022-02-01T10:00:00",
        }  # fmt: skip
        stage.capitol.put(f"{city}/matters/7", matter)
        stage.capitol.lists[f"{city}/matters"] = [matter]
        stage.capitol.lists[f"{city}/events"] = []
        stage.capitol.put(f"{city}/matters/7/histories", histories)
        for part in ("sponsors", "attachments"):
            stage.capitol.put(f"{city}/matters/7/{part}", [])
        expected[bill_key("us-il/chicago", "", "O2013-1547")] = len(histories)
        await stage.track(*expected)
        await stage.say("/subscribe here all")
        return expected

    async def test_replaying_stores_what_the_files_hold_and_posts_nothing(
        self, stage: Stage
    ) -> None:
        expected = await self.replay(stage)
        assert await stage.once() == []
        stored = {key: len((await stage.stored(key)).actions) for key in expected}
        assert stored == expected
        assert await stage.count("bills") == len(expected) == 13
        assert stage.core.legislatures.polled.bills.new == 13

    async def test_replaying_again_stores_and_posts_nothing(self, stage: Stage) -> None:
        expected = await self.replay(stage)
        await stage.once()
        before = {key: await stage.stored(key) for key in expected}
        assert await stage.once() == []
        assert await stage.once() == []
        after = {key: await stage.stored(key) for key in expected}
        for key, bill in before.items():
            assert replace(after[key], sources=()) == replace(bill, sources=())
        assert await stage.count("bill_events") == 0
        assert await stage.count("bills") == len(expected)
        assert stage.core.legislatures.polled.bills.changed == 0

    async def test_one_action_edited_into_govinfo_is_one_alert_that_names_it(
        self, stage: Stage
    ) -> None:
        await self.replay(stage)
        await stage.once()
        lay_out_govinfo(stage.capitol, "117s35", with_action("117s35"))
        stage.capitol.put("govinfo/rss/billstatus-batch.xml", feed("117s35", day=10))
        (card,) = await stage.once()
        assert card.subjects == ("US S 35",)
        assert EDITED in card.summary
        assert "9 February 2022" in card.summary
        assert card.kind is AlertKind.BILL
        assert await stage.once() == []

    async def test_an_edit_that_no_list_of_changes_tells_is_found_once_the_session_is_over(
        self, tmp_path: Path
    ) -> None:
        async with staged(tmp_path, now=LATER) as stage:
            lay_out_govinfo(stage.capitol, "116s832")
            stage.capitol.put("govinfo/rss/billstatus-batch.xml", feed(day=9))
            await stage.track(FILES["116s832"])
            await stage.say("/subscribe here all")
            await stage.once()
            lay_out_govinfo(stage.capitol, "116s832", with_action("116s832"))
            (card,) = await stage.once()
            assert EDITED in card.summary

    async def test_a_list_that_is_not_there_does_not_hide_an_edit(self, tmp_path: Path) -> None:
        async with staged(tmp_path, now=LATER) as stage:  # the list asked for is the 119th's
            lay_out_congress(stage.capitol)
            await stage.track(HR_21)
            await stage.say("/subscribe here all")
            await stage.once()
            actions = json.loads(recorded("congress-gov/bill_117_hr_21_actions.json"))
            actions["actions"].insert(0, {"actionDate": "2022-02-09", "text": EDITED})
            lay_out_congress(stage.capitol, actions=actions)
            (card,) = await stage.once()
            assert EDITED in card.summary

    async def test_one_action_edited_into_congress_gov_is_one_alert(self, stage: Stage) -> None:
        await self.replay(stage)
        await stage.once()
        actions = json.loads(recorded("congress-gov/bill_117_hr_21_actions.json"))
        actions["actions"].insert(0, {"actionDate": "2022-02-09", "text": EDITED})
        listed = {
            "congress": 117, "type": "HR", "number": "21", "title": "x", "updateDate": "2022-02-10",
        }  # fmt: skip
        lay_out_congress(stage.capitol, actions=actions, listed=[listed])
        (card,) = await stage.once()
        assert card.subjects == ("US HR 21",)
        assert EDITED in card.summary

    async def test_a_bulk_reprocessing_at_the_source_is_no_news(self, stage: Stage) -> None:
        await self.replay(stage)
        await stage.once()
        item = json.loads(recorded("congress-gov/bill_117_hr_21.json"))
        item["bill"]["updateDate"] = "2022-02-10"
        listed = {
            "congress": 117, "type": "HR", "number": "21", "title": "x", "updateDate": "2022-02-10",
        }  # fmt: skip
        lay_out_congress(stage.capitol, item=item, listed=[listed])
        for name in FILES:
            body = recorded(f"govinfo/BILLSTATUS-{name}.xml").decode()
            touched = re.sub(r"<updateDate>[^<]*", "<updateDate>2022-02-10T00:00:00Z", body)
            lay_out_govinfo(stage.capitol, name, touched.encode())
        stage.capitol.put("govinfo/rss/billstatus-batch.xml", feed(*FILES, day=10))
        assert await stage.once() == []
        assert await stage.count("bill_events") == 0

    async def test_one_action_edited_into_legiscan_is_one_alert(self, stage: Stage) -> None:
        await self.replay(stage)
        await stage.once()
        bills = [legiscan(name) for name in ("HB1", "HB2", "HB3")]
        bills[1]["change_hash"] = "edited"
        bills[1]["history"].append(
            {
                "date": "2022-02-09",
                "action": EDITED,
                "chamber": "H",
                "chamber_id": 0,
                "importance": 0,
            }
        )
        lay_out_legiscan(stage.capitol, *bills)
        before = len(stage.capitol.asked)
        (card,) = await stage.round()
        assert card.subjects == ("AK HB 2",)
        assert EDITED in card.summary
        asked = [
            one.query.get("op") for one in stage.capitol.asked[before:] if "legiscan" in one.path
        ]
        assert asked.count("getBill") == 1

    async def test_a_bill_that_two_sources_tell_of_is_one_and_told_once(self, stage: Stage) -> None:
        key = FILES["117s35"]
        lay_out_govinfo(stage.capitol, "117s35")
        stage.capitol.put("govinfo/rss/billstatus-batch.xml", feed("117s35", day=9))
        openstates(
            stage,
            openstates_bill(
                35, identifier="S 35", session="117", updated_at="2022-02-01T00:00:00+00:00",
                jurisdiction={"id": "ocd-jurisdiction/country:us/government", "name": "US"},
                title="As Open States tells it",
            ),
        )  # fmt: skip
        await stage.track(key)
        await stage.say("/subscribe here all")
        assert await stage.once() == []
        bill = await stage.stored(key)
        assert {one.source for one in bill.sources} == {"govinfo", "openstates"}
        assert await stage.count("bills") == 1
        assert await stage.count("bill_snapshots") == 2


class TestWhatIsTold:
    async def begin(self, stage: Stage, **changed: Any) -> None:
        openstates(stage, openstates_bill(5, **changed))
        await stage.track(SB_5)
        await stage.say("/subscribe here all")
        assert await stage.round() == []

    def acted(self, number: int, *actions: dict[str, Any], **changed: Any) -> dict[str, Any]:
        bill = openstates_bill(number)
        bill["actions"] = [*actions, *bill["actions"]]
        return {**bill, "updated_at": f"2022-02-10T1{len(actions)}:00:00+00:00", **changed}

    async def test_passage_names_the_chamber_and_the_tallies(self, stage: Stage) -> None:
        await self.begin(stage)
        house = {"id": "x", "name": "House", "classification": "lower"}
        passed = {
            "organization": house, "description": "Third reading, passed; yeas, 54; nays, 20.",
            "date": "2022-02-10", "classification": ["reading-3", "passage"], "order": 9,
        }  # fmt: skip
        vote = {
            "id": "v2", "motion_text": "Final passage", "start_date": "2022-02-10",
            "result": "pass", "organization": house,
            "counts": [{"option": "yes", "value": 54}, {"option": "no", "value": 20}],
        }  # fmt: skip
        bill = self.acted(5, passed)
        openstates(stage, {**bill, "votes": [*bill["votes"], vote]})
        (card,) = await stage.round()
        assert card.label == "Passed the House 54–20"
        assert card.title == "Synthetic act about face recognition"
        told = words(card)
        assert "By: Ada Example (Democratic-5)" in told
        assert "─" in told
        assert card.outlet == "Open States"
        assert (
            Action(label="The bill", command="bill show", arguments=(("number", str(SB_5)),))
            in card.actions
        )

    async def test_several_things_at_one_poll_are_one_message(self, stage: Stage) -> None:
        await self.begin(stage)
        senate = {"id": "x", "name": "Senate", "classification": "upper"}
        first = {
            "organization": senate, "description": "Referred to Example Ways.",
            "date": "2022-02-08", "classification": ["referral-committee"], "order": 8,
        }  # fmt: skip
        second = {
            "organization": senate, "description": "Vetoed by the governor.",
            "date": "2022-02-09", "classification": ["executive-veto"], "order": 9,
        }  # fmt: skip
        openstates(stage, self.acted(5, second, first))
        (card,) = await stage.round()
        assert card.label == "Vetoed"
        assert "Referred to Example Ways." in words(card)

    async def test_a_hearing_is_told_moved_and_cancelled(self, stage: Stage) -> None:
        await self.begin(stage)
        ahead = openstates_event(start_date="2022-02-16T18:00:00+00:00")
        openstates(stage, openstates_bill(5), events=[ahead])
        (card,) = await stage.round(hours=7)
        assert card.label == "Hearing in 6 days"
        assert "Law Example" in card.summary
        assert "16 February 2022" in card.summary
        shown = await stage.say("/bill hearings")
        assert "WA SB 5" in str(shown)
        assert await stage.round(hours=7) == []
        moved = openstates_event(start_date="2022-02-18T18:00:00+00:00")
        openstates(stage, openstates_bill(5), events=[moved])
        (card,) = await stage.round(hours=7)
        assert card.label == "Hearing moved"
        assert "18 February 2022, was 16 February 2022" in card.summary
        openstates(stage, openstates_bill(5), events=[])
        (card,) = await stage.round(hours=7)
        assert card.label == "Hearing cancelled"

    async def test_who_joined_is_named(self, stage: Stage) -> None:
        await self.begin(stage)
        bill = openstates_bill(5)
        bill["sponsorships"].append(
            {"name": "Newcomer", "primary": False, "classification": "cosponsor"}
        )
        openstates(stage, {**bill, "updated_at": "2022-02-10T11:00:00+00:00"})
        (card,) = await stage.round()
        assert (card.label, card.summary) == ("1 cosponsor joined", "Newcomer")

    async def test_positions_of_the_community_stand_in_its_alert(self, stage: Stage) -> None:
        await self.begin(stage)
        await stage.say("/bill position WA SB 5 who:Acme stance:opposes source:letter")
        bill = openstates_bill(5)
        bill["title"] = "Another title"
        step = {
            "organization": {"id": "x", "name": "Senate", "classification": "upper"},
            "description": "Synthetic step.", "date": "2022-02-09", "classification": [], "order": 9,
        }  # fmt: skip
        openstates(stage, self.acted(5, step))
        (card,) = await stage.round()
        assert "Against: Acme" in words(card)
        assert card.label == "A step in the Senate"

    async def test_only_channels_that_hear_the_bill_are_told_and_each_once(
        self, stage: Stage
    ) -> None:
        await self.begin(stage)
        await stage.say("/subscribe here WA SB 5")  # besides all
        await stage.say("/subscribe here IBM", channel="c2")
        step = {
            "organization": {"id": "x", "name": "Senate", "classification": "upper"},
            "description": "Synthetic step.", "date": "2022-02-09", "classification": [], "order": 9,
        }  # fmt: skip
        openstates(stage, self.acted(5, step))
        assert len(await stage.round()) == 1
        assert stage.chat.sent("c2") == []

    async def test_an_untracked_bill_is_asked_about_no_more(self, stage: Stage) -> None:
        await self.begin(stage)
        await stage.say("/bill untrack WA SB 5")
        before = len(stage.capitol.asked)
        await stage.round()
        assert stage.capitol.asked[before:] == []


class TestFaults:
    async def begin(self, stage: Stage) -> None:
        openstates(stage, openstates_bill(5))
        await stage.track(SB_5, bill_key("wa", "2021-2022", "SB 6"))
        await stage.say("/subscribe here all")

    async def test_a_source_that_is_down_keeps_what_is_known_and_says_so(
        self, stage: Stage
    ) -> None:
        await self.begin(stage)
        await stage.round()
        stage.capitol.fault = Fault(503)
        assert await stage.round() == []
        polls = await stage.core.database.read(lambda tx: tx.legislatures.polls())
        failing = [one for one in polls if one.failures]
        assert {one.source for one in failing} >= {"openstates"}
        assert all("503" in one.last_error for one in failing)
        assert (await stage.stored(SB_5)).title == "Synthetic act about face recognition"
        stage.capitol.fault = None
        await stage.round(hours=13)
        polls = await stage.core.database.read(lambda tx: tx.legislatures.polls())
        assert next(one for one in polls if one.source == "openstates").failures == 0

    async def test_status_tells_of_each_service_what_it_was_asked_and_what_is_wrong(
        self, stage: Stage
    ) -> None:
        await self.begin(stage)
        await stage.round()
        told = page_words(await stage.say("/pledgewatch status"))
        assert re.search(r"Open States: \d+ of 250 requests today; read 2022-02-10 14:00", told)
        stage.capitol.fault = Fault(503)
        await stage.round()
        told = page_words(await stage.say("/pledgewatch status"))
        assert re.search(r"Open States: .*; failing: Open States: .*503.* Next try 2022", told)

    async def test_a_failing_source_keeps_the_others_going(self, stage: Stage) -> None:
        await self.begin(stage)
        stage.capitol.put(
            "washington/LegislationService.asmx/GetLegislation", b"<html>not what was asked"
        )
        await stage.round()
        assert (await stage.stored(SB_5)).sources[0].source == "openstates"

    async def test_an_answer_that_breaks_its_form_stores_nothing_of_that_bill(
        self, stage: Stage
    ) -> None:
        await self.begin(stage)
        await stage.round()
        before = await stage.stored(SB_5)
        broken = openstates_bill(5, updated_at="2022-02-10T11:00:00+00:00")
        broken["actions"][0]["date"] = 17
        openstates(stage, broken)
        assert await stage.round() == []
        assert await stage.stored(SB_5) == before
        polls = await stage.core.database.read(lambda tx: tx.legislatures.polls())
        poll = next(one for one in polls if one.source == "openstates")
        assert "actions[0].date" in poll.last_error

    async def test_a_bill_that_a_source_does_not_have_is_not_asked_for_each_time(
        self, stage: Stage
    ) -> None:
        await self.begin(stage)
        await stage.round()
        before = len(stage.capitol.asked)
        await stage.round()
        asked = [one.query.get("identifier") for one in stage.capitol.asked[before:]]
        assert "SB 6" not in asked

    async def test_once_tells_what_the_services_told(self, stage: Stage) -> None:
        await self.begin(stage)
        assert stage.core.legislatures.told == ""
        await stage.once()
        assert re.fullmatch(
            r"1 new bills?, 0 changed, \d of \d questions to legislatures failed\.",
            stage.core.legislatures.told,
        )

    async def test_without_any_key_washington_is_read(self, keyless: Stage) -> None:
        key = bill_key("wa", "2021-2022", "SB 5999")
        path = "washington/LegislationService.asmx"
        for name, answer in (
            ("GetLegislation", "wa-legislation.xml"),
            ("GetLegislativeStatusChangesByBillNumber", "wa-steps.xml"),
            ("GetLegislativeStatusChangesByDateRange", "wa-steps.xml"),
            ("GetHearings", "wa-hearings.xml"),
            ("GetSponsors", "wa-sponsors.xml"),
            ("GetRollCalls", "wa-rollcalls.xml"),
        ):
            keyless.capitol.put(f"{path}/{name}", synthetic(answer))
        meetings = "washington/CommitteeMeetingService.asmx"
        keyless.capitol.put(f"{meetings}/GetCommitteeMeetings", b"<ArrayOfCommitteeMeeting/>")
        await keyless.track(key)
        assert await keyless.once() == []
        bill = await keyless.stored(key)
        assert len(bill.actions) == 3
        assert bill.introduced_on is None or bill.introduced_on < date(2021, 6, 1)
        assert await keyless.once() == []
        assert keyless.chat.sent(CHANNEL) == []
