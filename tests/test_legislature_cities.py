"""Legistar over loopback: matters, meetings and agendas of city councils; and the Register."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.bills import ActionKind, HearingStatus, Outcome, SponsorRole, bill_key
from feeds.legislatures.port import BillRef, NotThere
from tests.doubles.legislatures import KEYS
from tests.fakes import FakeClock
from tests.legislature_bench import RECORDED, Clients, clients, recorded

SHARED = [
    pytest.mark.shared,
    pytest.mark.skipif(not RECORDED.exists(), reason="the sample data is not there"),
]
SEATTLE = "legistar/v1/seattle"


@pytest.fixture
async def at(clock: FakeClock) -> AsyncIterator[Clients]:
    """Every client, and the double they ask."""
    async for made in clients(clock):
        yield made


def matter(number: int, **changed: Any) -> dict[str, Any]:
    """Return a matter as Legistar tells it; synthetic."""
    told = {
        "MatterId": number,
        "MatterFile": f"CB {100000 + number}",
        "MatterName": None,
        "MatterTitle": "A synthetic ordinance about face recognition",
        "MatterTypeName": "Council Bill (CB)",
        "MatterStatusName": "In Committee",
        "MatterBodyName": "Example Committee",
        "MatterIntroDate": "2021-05-01T00:00:00",
        "MatterEnactmentDate": None,
        "MatterLastModifiedUtc": f"2021-05-30T10:{number % 60:02}:00.64",
    }
    return {**told, **changed}


def step(day: str, name: str, body: str = "City Council", **changed: Any) -> dict[str, Any]:
    """Return a line of a matter's history; synthetic."""
    told = {
        "MatterHistoryActionDate": day,
        "MatterHistoryActionName": name,
        "MatterHistoryActionText": None,
        "MatterHistoryActionBodyName": body,
        "MatterHistoryPassedFlag": None,
        "MatterHistoryTally": None,
    }
    return {**told, **changed}


def event(number: int, **changed: Any) -> dict[str, Any]:
    """Return a meeting as Legistar tells it; synthetic."""
    told = {
        "EventId": number,
        "EventBodyName": "Example Committee",
        "EventDate": "2021-06-10T00:00:00",
        "EventTime": "2:30 PM",
        "EventAgendaStatusName": "Final",
        "EventLocation": "Council Chamber",
        "EventComment": None,
        "EventInSiteURL": "https://example.org/meeting",
    }
    return {**told, **changed}


class TestMatters:
    def lay_out(self, at: Clients) -> BillRef:
        at.capitol.put(f"{SEATTLE}/matters/7", matter(7))
        steps = [
            step("2021-05-20T00:00:00", "pass", "Example Committee"),
            step("2021-05-02T00:00:00", "referred"),
            step("2021-05-25T00:00:00", "Passed", MatterHistoryPassedFlag=1),
            step("2021-05-24T00:00:00", "Passed", "Example Committee", MatterHistoryTally="5:1"),
            step("2021-05-26T00:00:00", "Signed by Mayor", "Mayor"),
            {"MatterHistoryActionDate": None, "MatterHistoryActionName": "draft"},
        ]
        at.capitol.put(f"{SEATTLE}/matters/7/histories", steps)
        sponsors = [
            {"MatterSponsorName": "Ada Example", "MatterSponsorSequence": 0},
            {"MatterSponsorName": "Bo Sample", "MatterSponsorSequence": 1},
        ]
        at.capitol.put(f"{SEATTLE}/matters/7/sponsors", sponsors)
        papers = [
            {
                "MatterAttachmentName": "Summary",
                "MatterAttachmentHyperlink": "https://example.org/s.pdf",
            }
        ]
        at.capitol.put(f"{SEATTLE}/matters/7/attachments", papers)
        return BillRef(key=bill_key("us-wa/seattle", "", "CB 100007"), id="7")

    async def test_a_matter_is_told_whole(self, at: Clients) -> None:
        ref = self.lay_out(at)
        bill = await at.legistar.bill(ref)
        assert bill.key == ref.key
        assert [one.on.day for one in bill.actions] == [2, 20, 24, 25, 26]
        kinds = [one.kinds for one in bill.actions]
        assert kinds[0] == (ActionKind.REFERRAL_COMMITTEE,)
        assert kinds[2] == (ActionKind.COMMITTEE_PASSAGE_FAVORABLE,)
        assert kinds[3] == (ActionKind.PASSAGE,)
        assert kinds[4] == (ActionKind.EXECUTIVE_SIGNATURE,)
        [vote] = bill.votes
        assert (vote.yes, vote.no) == (5, 1)
        assert [one.role for one in bill.sponsors] == [SponsorRole.PRIMARY, SponsorRole.COSPONSOR]
        assert bill.versions[0].url == "https://example.org/s.pdf"

    async def test_an_enacted_matter_is_law(self, at: Clients) -> None:
        ref = self.lay_out(at)
        enacted = matter(7, MatterEnactmentDate="2021-06-01T00:00:00")
        at.capitol.put(f"{SEATTLE}/matters/7", enacted)
        assert (await at.legistar.bill(ref)).said_outcome is Outcome.LAW
        at.capitol.put(f"{SEATTLE}/matters/7", matter(7, MatterStatusName="Withdrawn"))
        assert (await at.legistar.bill(ref)).said_outcome is Outcome.WITHDRAWN

    async def test_every_look_goes_back_72_hours_further(self, at: Clients) -> None:
        at.capitol.lists[f"{SEATTLE}/matters"] = [matter(1), matter(2)]
        told = await at.legistar.changed_bills("us-wa/seattle", "2021-05-30T08:00:00")
        assert len(told.bills) == 2
        assert told.cursor == "2021-05-30T10:02:00.64"
        assert at.capitol.asked[0].query["$filter"] == (
            "MatterLastModifiedUtc gt datetime'2021-05-27T08:00:00'"
        )
        known = {ref.id: ref.mark for ref in told.bills}
        again = await at.legistar.changed_bills("us-wa/seattle", told.cursor, known)
        assert again.bills == ()

    async def test_lists_go_page_by_page(self, at: Clients) -> None:
        at.capitol.lists[f"{SEATTLE}/matters"] = [matter(n) for n in range(2300)]
        told = await at.legistar.changed_bills("us-wa/seattle")
        assert (len(told.bills), told.complete) == (2300, True)
        assert [one.query["$skip"] for one in at.capitol.asked] == ["0", "1000", "2000"]

    async def test_matters_are_found_and_searched(self, at: Clients) -> None:
        at.capitol.lists[f"{SEATTLE}/matters"] = [matter(7)]
        ref = await at.legistar.find(bill_key("us-wa/seattle", "", "CB 100007"))
        assert ref.id == "7"
        [found] = await at.legistar.search("us-wa/seattle", "people's faces")
        assert found.key == ref.key
        asked = at.capitol.asked[1].query["$filter"]
        assert asked == "substringof('people''s faces', MatterTitle)"
        at.capitol.lists[f"{SEATTLE}/matters"] = []
        with pytest.raises(NotThere, match="it has no CB 1"):
            await at.legistar.find(bill_key("us-wa/seattle", "", "CB 1"))


class TestMeetings:
    async def test_a_meeting_is_a_hearing_of_what_is_on_its_agenda(self, at: Clients) -> None:
        at.capitol.lists[f"{SEATTLE}/events"] = [event(1)]
        items = [{"EventItemMatterFile": "CB 100007"}, {"EventItemMatterFile": None}]
        at.capitol.put(f"{SEATTLE}/events/1/eventitems", items)
        told = await at.legistar.hearings("us-wa/seattle", date(2021, 6, 1), date(2021, 6, 30))
        [one] = told.hearings
        assert told.complete
        assert one.at == datetime(2021, 6, 10, 21, 30, tzinfo=UTC)
        assert (one.key, one.on) == ("legistar:seattle:1", date(2021, 6, 10))
        assert (one.bills, one.status) == (("CB 100007",), HearingStatus.SCHEDULED)
        assert at.capitol.asked[0].query["$filter"] == (
            "EventDate ge datetime'2021-06-01' and EventDate lt datetime'2021-07-01'"
        )

    @pytest.mark.parametrize(
        ("changed", "status"),
        [
            ({"EventAgendaStatusName": "Cancelled"}, HearingStatus.CANCELLED),
            ({"EventAgendaStatusName": "Canceled"}, HearingStatus.CANCELLED),
            ({"EventTime": "CANCELLED"}, HearingStatus.CANCELLED),
            ({"EventComment": "Meeting postponed"}, HearingStatus.CANCELLED),
            ({"EventAgendaStatusName": "Rescheduled"}, HearingStatus.MOVED),
            ({"EventAgendaStatusName": None, "EventTime": None}, HearingStatus.SCHEDULED),
        ],
    )
    async def test_a_cancellation_shows_wherever_it_is_written(
        self, at: Clients, changed: dict[str, Any], status: HearingStatus
    ) -> None:
        at.capitol.lists[f"{SEATTLE}/events"] = [event(1, **changed)]
        at.capitol.put(f"{SEATTLE}/events/1/eventitems", [])
        told = await at.legistar.hearings("us-wa/seattle", date(2021, 6, 1), date(2021, 6, 30))
        assert told.hearings[0].status is status

    async def test_an_hour_that_is_words_is_kept_as_words(self, at: Clients) -> None:
        at.capitol.lists[f"{SEATTLE}/events"] = [event(1, EventTime="After Full Council")]
        at.capitol.put(f"{SEATTLE}/events/1/eventitems", [])
        told = await at.legistar.hearings("us-wa/seattle", date(2021, 6, 1), date(2021, 6, 30))
        assert (told.hearings[0].at, told.hearings[0].time_text) == (None, "After Full Council")

    async def test_the_token_goes_to_new_york_alone(self, at: Clients) -> None:
        for city in ("nyc", "seattle"):
            at.capitol.lists[f"legistar/v1/{city}/events"] = []
        for place in ("us-ny/new-york", "us-wa/seattle"):
            await at.legistar.hearings(place, date(2021, 6, 1), date(2021, 6, 2))
        tokens = [request.query.get("token") for request in at.capitol.asked]
        assert tokens == [KEYS["legistar"], None]

    async def test_what_it_does_not_cover_costs_no_request(self, clock: FakeClock) -> None:
        async for at in clients(clock, keys={}):
            assert at.legistar.covers("us-wa/seattle")
            assert not at.legistar.covers("us-ny/new-york")
            with pytest.raises(NotThere, match="does not tell of us-ny/new-york"):
                await at.legistar.search("us-ny/new-york", "faces")
            assert at.capitol.asked == []


class TestRecordedLegistar:
    pytestmark = SHARED

    @pytest.mark.parametrize("name", ["dupe_event", "no_dupe_event"])
    async def test_every_recorded_step_is_told(self, at: Clients, name: str) -> None:
        raw = json.loads(recorded(f"legistar/chicago/{name}.json"))
        city = "legistar/v1/chicago/matters/7"
        at.capitol.put(city, matter(7, MatterFile="O2013-1547"))
        at.capitol.put(f"{city}/histories", raw)
        at.capitol.put(f"{city}/sponsors", [])
        at.capitol.put(f"{city}/attachments", [])
        key = bill_key("us-il/chicago", "", "O2013-1547")
        bill = await at.legistar.bill(BillRef(key=key, id="7"))
        assert bill.key == key
        assert len(bill.actions) == len(raw)
        assert [one.kinds for one in bill.actions][:3] == [
            (ActionKind.REFERRAL_COMMITTEE,),
            (ActionKind.COMMITTEE_PASSAGE_FAVORABLE,),
            (ActionKind.PASSAGE,),
        ]

    async def test_the_recorded_meeting_and_matter_are_told(self, at: Clients) -> None:
        raw = json.loads(recorded("legistar/phoenix_event_matter_2026.json"))
        city = "legistar/v1/phoenix"
        at.capitol.lists[f"{city}/events"] = [raw["event"]]
        at.capitol.put(f"{city}/events/2544/eventitems", raw["event"]["EventItems"])
        at.capitol.lists[f"{city}/matters"] = [raw["matter"]]
        told = await at.legistar.hearings("us-az/phoenix", date(2026, 1, 1), date(2026, 1, 31))
        [one] = told.hearings
        assert one.at == datetime(2026, 1, 7, 21, 30, tzinfo=UTC)  # Arizona keeps no summer time
        assert one.url == raw["event"]["EventInSiteURL"]
        [ref] = (await at.legistar.changed_bills("us-az/phoenix")).bills
        assert (ref.key.identifier, ref.title) == ("26-0043", raw["matter"]["MatterTitle"])


class TestFederalRegister:
    async def test_documents_are_told(self, at: Clients) -> None:
        results = [
            {
                "document_number": "2021-99999",
                "type": "Proposed Rule",
                "title": "Synthetic rule",
                "abstract": None,
                "publication_date": "2021-05-31",
                "html_url": "https://example.org/rule",
                "agencies": [{"name": "Example Agency"}, {"raw_name": "OFFICE OF EXAMPLES"}],
                "comments_close_on": "2021-07-30",
            },
            {"document_number": "2021-1", "title": "Old", "publication_date": "2021-01-01"},
        ]
        at.capitol.put("federal_register/documents.json", {"count": 2, "results": results})
        [one] = await at.federal_register.documents("face recognition", date(2021, 5, 1))
        assert (one.number, one.kind) == ("2021-99999", "Proposed Rule")
        assert one.agencies == ("Example Agency", "OFFICE OF EXAMPLES")
        assert one.comments_until == date(2021, 7, 30)
        asked = at.capitol.asked[0].query
        assert asked["conditions[term]"] == "face recognition"
        assert asked["conditions[publication_date][gte]"] == "2021-05-01"

    async def test_nothing_found_is_nothing(self, at: Clients) -> None:
        at.capitol.put("federal_register/documents.json", {"count": 0})
        assert await at.federal_register.documents("x", date(2021, 5, 1)) == ()
