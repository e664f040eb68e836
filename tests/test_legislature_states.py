"""Open States, LegiScan and Washington's services over loopback: what they tell, and at what cost."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.bill_progress import Station, outcome_of, progress
from domain.bills import (
    ActionKind,
    Chamber,
    HearingStatus,
    Outcome,
    SponsorRole,
    bill_key,
)
from feeds.legislatures.port import (
    BadAnswer,
    BillRef,
    KeyRefused,
    NotOffered,
    NotThere,
    QuotaUsedUp,
    ServiceDown,
)
from tests.fakes import FakeClock
from tests.legislature_bench import (
    RECORDED,
    Clients,
    clients,
    openstates_bill,
    openstates_event,
    recorded,
    synthetic,
)

SHARED = [
    pytest.mark.shared,
    pytest.mark.skipif(not RECORDED.exists(), reason="the sample data is not there"),
]
SAMPLES = ["HB1", "HB2", "HB3", "HB1044", "HB1045", "HB1046"]


@pytest.fixture
async def at(clock: FakeClock) -> AsyncIterator[Clients]:
    """Every client, and the double they ask."""
    async for made in clients(clock):
        yield made


def legiscan_bill(**changed: Any) -> dict[str, Any]:
    """Return a bill as LegiScan tells it; synthetic."""
    bill = {
        "bill_id": 77,
        "change_hash": "abc",
        "session_id": 9,
        "session": {"year_start": 2021, "year_end": 2022, "special": 0, "session_name": "x"},
        "url": "https://example.org/WA/bill/SB5999/2021",
        "status": 1,
        "progress": [{"date": "2021-02-08", "event": 10}],
        "state": "WA",
        "bill_number": "SB5999",
        "bill_type": "B",
        "body": "S",
        "title": "Synthetic act",
        "description": "What it does.",
        "committee": [],
        "history": [
            {"date": "2021-02-01", "action": "First reading.", "chamber": "S", "importance": 1},
            {"date": "2021-02-08", "action": "EX, 5 to 2.", "chamber": "S", "importance": 1},
        ],
        "sponsors": [],
        "sasts": [{"type": "Same As", "sast_bill_number": "HB1999", "sast_bill_id": 78}],
        "calendar": [
            {
                "type": "Hearing",
                "date": "2021-06-10",
                "time": "13:30",
                "location": "Room 1",
                "description": "Senate Example Committee",
            },
            {"type": "Hearing", "date": "2021-06-11", "time": "", "description": "CANCELLED"},
        ],
        "votes": [],
        "texts": [],
    }
    return {**bill, **changed}


def master(count: int, *, changed: frozenset[int] = frozenset()) -> dict[str, Any]:
    """Return a master list of so many bills; synthetic."""
    listed: dict[str, Any] = {
        "session": {"session_id": 9, "year_start": 2021, "year_end": 2022, "special": 0}
    }
    for place in range(count):
        mark = "new" if place in changed else "old"
        listed[str(place)] = {
            "bill_id": 1000 + place,
            "number": f"SB{place + 1}",
            "change_hash": f"{mark}{place}",
        }
    return {"status": "OK", "masterlist": listed}


class TestOpenStates:
    async def test_a_bill_is_told_whole(self, at: Clients) -> None:
        made = openstates_bill(5)
        at.capitol.put(f"openstates/bills/{made['id']}", made)
        ref = BillRef(key=bill_key("wa", "2021-2022", "SB 5"), id=made["id"])
        bill = await at.openstates.bill(ref)
        assert bill.key == ref.key
        assert (bill.summary, bill.chamber) == ("What it does.", Chamber.UPPER)
        assert [one.text for one in bill.actions] == [
            "First reading, referred to Example Committee.",
            "Third reading, passed.",
        ]
        assert bill.actions[1].kinds == (ActionKind.READING_3, ActionKind.PASSAGE)
        assert [(one.name, one.role) for one in bill.sponsors] == [
            ("Ada Example", SponsorRole.PRIMARY),
            ("Sample", SponsorRole.COSPONSOR),
        ]
        [vote] = bill.votes
        assert (vote.yes, vote.no, vote.other, vote.passed) == (30, 18, 1, True)
        assert bill.related[0].key == bill_key("wa", "2021-2022", "HB 1111")
        [sighting] = bill.sources
        assert (sighting.id, sighting.mark) == (made["id"], made["updated_at"])
        asked = at.capitol.asked[-1].query.getall("include")
        assert {"actions", "sponsorships", "votes"} <= set(asked)

    async def test_null_keys_may_be_absent(self, at: Clients) -> None:
        kept = ("id", "session", "identifier", "title", "jurisdiction", "from_organization")
        made = {key: value for key, value in openstates_bill(5).items() if key in kept}
        at.capitol.put("openstates/bills/x", made)
        ref = BillRef(key=bill_key("wa", "2021-2022", "SB 5"), id="x")
        bill = await at.openstates.bill(ref)
        assert (bill.actions, bill.sponsors, bill.votes, bill.introduced_on) == ((), (), (), None)

    async def test_changes_come_whole_page_by_page(self, at: Clients) -> None:
        at.capitol.lists["openstates/bills"] = [openstates_bill(n) for n in range(1, 46)]
        changes = await at.openstates.changed_bills("wa", "2021-04-01T00:00:00")
        assert len(changes.bills) == len(changes.whole) == 45
        assert changes.complete
        assert changes.cursor == openstates_bill(45)["updated_at"]
        assert at.meter.taken == ["openstates"] * 3
        assert changes.whole[changes.bills[0].id].title == changes.bills[0].title
        assert at.capitol.asked[0].query["updated_since"] == "2021-04-01T00:00:00"

    async def test_only_known_bills_of_another_mark_are_told(self, at: Clients) -> None:
        rows = [openstates_bill(n) for n in range(1, 4)]
        at.capitol.lists["openstates/bills"] = rows
        known = {rows[0]["id"]: rows[0]["updated_at"], rows[1]["id"]: "older"}
        changes = await at.openstates.changed_bills("wa", "2021-05-01", known)
        assert [ref.id for ref in changes.bills] == [rows[1]["id"]]
        assert set(changes.whole) == {rows[1]["id"]}

    async def test_a_listing_past_its_bound_says_so(self, at: Clients) -> None:
        at.capitol.lists["openstates/bills"] = [openstates_bill(n) for n in range(1, 240)]
        changes = await at.openstates.changed_bills("wa")
        assert (len(changes.bills), changes.complete) == (200, False)

    async def test_a_bill_is_found_by_number_and_session(self, at: Clients) -> None:
        older = openstates_bill(5, session="2019-2020", id="older")
        at.capitol.lists["openstates/bills"] = [older, openstates_bill(5)]
        ref = await at.openstates.find(bill_key("wa", "2021-22", "SB 5"))
        assert ref.id == openstates_bill(5)["id"]
        with pytest.raises(NotThere, match=r"no SB 5 of 2017-2018"):
            await at.openstates.find(bill_key("wa", "2017-2018", "SB 5"))

    async def test_hearings_have_place_zone_and_bills(self, at: Clients) -> None:
        off = openstates_event(id="ocd-event/2", status="cancelled")
        at.capitol.lists["openstates/events"] = [openstates_event(), off]
        told = await at.openstates.hearings("wa", date(2021, 6, 1), date(2021, 6, 30))
        assert told.complete
        one, other = told.hearings
        assert one.at == datetime(2021, 6, 10, 17, tzinfo=UTC)
        assert (one.on, one.zone) == (date(2021, 6, 10), "America/Los_Angeles")
        assert (one.committee, one.bills) == ("Law Example", ("SB 5",))
        assert other.status is HearingStatus.CANCELLED
        asked = at.capitol.asked[0].query
        assert (asked["require_bills"], asked["before"]) == ("true", "2021-07-01")

    async def test_a_day_without_hour_has_no_instant(self, at: Clients) -> None:
        at.capitol.lists["openstates/events"] = [openstates_event(start_date="2021-06-10")]
        told = await at.openstates.hearings("wa", date(2021, 6, 1), date(2021, 6, 30))
        assert (told.hearings[0].on, told.hearings[0].at) == (date(2021, 6, 10), None)

    async def test_a_search_is_one_page(self, at: Clients) -> None:
        at.capitol.lists["openstates/bills"] = [openstates_bill(n) for n in range(1, 46)]
        assert len(await at.openstates.search("wa", "face recognition")) == 20
        assert len(at.capitol.asked) == 1


class TestLegiScan:
    async def test_a_bill_is_told_whole(self, at: Clients) -> None:
        at.capitol.put("legiscan/id=77/op=getBill", {"status": "OK", "bill": legiscan_bill()})
        ref = BillRef(key=bill_key("wa", "2021-2022", "SB 5999"), id="77")
        bill = await at.legiscan.bill(ref)
        assert bill.key == ref.key
        assert bill.related[0].key == bill_key("wa", "2021-2022", "HB 1999")
        # LegiScan's own list of events classifies what the words leave open.
        assert bill.actions[1].kinds == (ActionKind.COMMITTEE_PASSAGE_FAVORABLE,)
        first, second = bill.hearings
        assert first.at == datetime(2021, 6, 10, 20, 30, tzinfo=UTC)
        assert (first.place, first.bills) == ("Room 1", ("SB 5999",))
        assert (second.at, second.status) == (None, HearingStatus.CANCELLED)

    async def test_unchanged_hashes_cost_one_request(self, at: Clients) -> None:
        at.capitol.put("legiscan/op=getMasterListRaw/state=WA", master(200))
        known = {str(1000 + n): f"old{n}" for n in range(200)}
        changes = await at.legiscan.changed_bills("wa", "", known)
        assert changes.bills == ()
        assert len(at.capitol.asked) == 1

    async def test_only_tracked_bills_of_another_hash_are_told(self, at: Clients) -> None:
        listed = master(200, changed=frozenset({3, 150}))
        at.capitol.put("legiscan/op=getMasterListRaw/state=WA", listed)
        known = {str(1000 + n): f"old{n}" for n in range(100)}
        changes = await at.legiscan.changed_bills("wa", "", known)
        assert [(ref.id, ref.mark) for ref in changes.bills] == [("1003", "new3")]
        assert changes.bills[0].key == bill_key("wa", "2021-2022", "SB 4")
        assert len((await at.legiscan.changed_bills("wa")).bills) == 200

    async def test_a_bill_kept_without_a_mark_is_asked_for(self, at: Clients) -> None:
        at.capitol.put("legiscan/op=getMasterListRaw/state=WA", master(3))
        changes = await at.legiscan.changed_bills("wa", "", {"1001": ""})
        assert [ref.id for ref in changes.bills] == ["1001"]

    async def test_a_bill_is_found_in_this_session_or_an_earlier_one(self, at: Clients) -> None:
        at.capitol.put("legiscan/op=getMasterListRaw/state=WA", master(3))
        ref = await at.legiscan.find(bill_key("wa", "2021-2022", "SB 2"))
        assert ref.id == "1001"
        sessions = [{"session_id": 4, "year_start": 2019, "year_end": 2020, "special": 0}]
        at.capitol.put(
            "legiscan/op=getSessionList/state=WA", {"status": "OK", "sessions": sessions}
        )
        older = master(3)
        older["masterlist"]["0"]["bill_id"] = 5
        at.capitol.put("legiscan/id=4/op=getMasterListRaw", older)
        assert (await at.legiscan.find(bill_key("wa", "2019-2020", "SB 1"))).id == "5"
        with pytest.raises(NotThere, match="no session 2017-2018"):
            await at.legiscan.find(bill_key("wa", "2017-2018", "SB 1"))

    async def test_a_search_finds_bills(self, at: Clients) -> None:
        found = {
            "summary": {"count": 1},
            "0": {"bill_id": 7, "bill_number": "SB5999", "change_hash": "h", "title": "Synthetic"},
        }
        at.capitol.put(
            "legiscan/op=getSearch/query=face recognition/state=WA/year=2",
            {"status": "OK", "searchresult": found},
        )
        [ref] = await at.legiscan.search("wa", "face recognition")
        assert (ref.id, ref.key.identifier, ref.title) == ("7", "SB 5999", "Synthetic")

    @pytest.mark.parametrize(
        ("message", "fault"),
        [
            ("Invalid API Key", KeyRefused),
            ("API limit exceeded for today", QuotaUsedUp),
            ("Unknown bill id", NotThere),
            ("Something else altogether", ServiceDown),
        ],
    )
    async def test_its_faults_come_as_answers(
        self, at: Clients, message: str, fault: type[Exception]
    ) -> None:
        at.capitol.put(
            "legiscan/id=77/op=getBill", {"status": "ERROR", "alert": {"message": message}}
        )
        with pytest.raises(fault):
            await at.legiscan.bill(BillRef(key=bill_key("wa", "2021", "SB 1"), id="77"))
        assert bool(at.meter.blocked) == (fault is QuotaUsedUp)

    async def test_what_it_cannot_list_is_said(self, at: Clients) -> None:
        with pytest.raises(NotOffered, match="LegiScan: it offers no hearings"):
            await at.legiscan.hearings("wa", date(2021, 6, 1), date(2021, 6, 2))

    @pytest.mark.parametrize("fault", [{"bill_id": 1}, "text", {"change_hash": "x"}])
    async def test_a_broken_master_list_names_the_place(self, at: Clients, fault: Any) -> None:
        listed = master(3)
        listed["masterlist"]["1"] = fault
        at.capitol.put("legiscan/op=getMasterListRaw/state=WA", listed)
        with pytest.raises(BadAnswer) as raised:
            await at.legiscan.changed_bills("wa")
        assert raised.value.path == "masterlist.1"


class TestRecordedLegiScan:
    pytestmark = SHARED

    @pytest.mark.parametrize("name", SAMPLES)
    async def test_everything_recorded_is_told(self, at: Clients, name: str) -> None:
        body = json.loads(recorded(f"legiscan/bill/{name}.json"))
        raw = body["bill"]
        at.capitol.put(f"legiscan/id={raw['bill_id']}/op=getBill", {"status": "OK", **body})
        bill = await at.legiscan.bill(BillRef(key=bill_key("ak", "", name), id=str(raw["bill_id"])))
        assert len(bill.actions) == len(raw["history"])
        assert len(bill.sponsors) == len(raw["sponsors"])
        assert len(bill.votes) == len(raw["votes"])
        assert len(bill.versions) == len(raw["texts"])
        assert [one.text for one in bill.actions] == [
            " ".join(one["action"].split()) for one in raw["history"]
        ]
        assert bill.sources[0].mark == raw["change_hash"]
        assert bill.key.session == {"AK": "2011-2012", "AR": "2012"}[raw["state"]]

    async def test_what_became_law_is_known_and_where_others_lie(self, at: Clients) -> None:
        told = {}
        for name in ("HB1044", "HB3"):
            body = json.loads(recorded(f"legiscan/bill/{name}.json"))
            path = f"legiscan/id={body['bill']['bill_id']}/op=getBill"
            at.capitol.put(path, {"status": "OK", **body})
            ref = BillRef(key=bill_key("ar", "2012", name), id=str(body["bill"]["bill_id"]))
            told[name] = await at.legiscan.bill(ref)
        assert outcome_of(told["HB1044"]) == (Outcome.LAW, date(2012, 2, 21))
        assert progress(told["HB3"]).here.station is Station.OTHER_CHAMBER


class TestWashington:
    BILLS = "washington/LegislationService.asmx"

    def lay_out(self, at: Clients) -> None:
        at.capitol.put(f"{self.BILLS}/GetLegislation", synthetic("wa-legislation.xml"))
        steps = synthetic("wa-steps.xml")
        at.capitol.put(f"{self.BILLS}/GetLegislativeStatusChangesByBillNumber", steps)
        at.capitol.put(f"{self.BILLS}/GetLegislativeStatusChangesByDateRange", steps)
        at.capitol.put(f"{self.BILLS}/GetHearings", synthetic("wa-hearings.xml"))
        at.capitol.put(f"{self.BILLS}/GetSponsors", synthetic("wa-sponsors.xml"))
        at.capitol.put(f"{self.BILLS}/GetRollCalls", synthetic("wa-rollcalls.xml"))

    async def test_a_bill_is_told_whole(self, at: Clients) -> None:
        self.lay_out(at)
        ref = await at.washington.find(bill_key("wa", "2021-2022", "SB 5999"))
        bill = await at.washington.bill(ref)
        assert bill.key == ref.key
        assert bill.title == "Concerning a synthetic example of face recognition."
        assert [one.chamber for one in bill.actions] == [Chamber.UPPER] * 3
        assert ActionKind.PASSAGE in bill.actions[2].kinds
        assert [(one.name, one.role) for one in bill.sponsors] == [
            ("Ada Example", SponsorRole.PRIMARY),
            ("Bo Sample", SponsorRole.COSPONSOR),
        ]
        [vote] = bill.votes
        assert (vote.yes, vote.no, vote.other, vote.passed) == (30, 18, 1, True)
        first, second = bill.hearings
        assert first.at == datetime(2021, 1, 22, 18, tzinfo=UTC)  # ten in the winter
        assert first.place == "Senate Hearing Rm 9, Example Building, Olympia"
        assert (second.at, second.status) == (
            datetime(2021, 6, 15, 20, 30, tzinfo=UTC),
            HearingStatus.CANCELLED,
        )
        assert bill.related[0].key == bill_key("wa", "2021-22", "HB 1999")
        assert len(at.capitol.asked) == 5

    async def test_without_sponsors_and_votes_there_is_still_the_bill(self, at: Clients) -> None:
        self.lay_out(at)
        for name in ("GetSponsors", "GetRollCalls"):
            del at.capitol.documents[f"{self.BILLS}/{name}"]
        ref = await at.washington.find(bill_key("wa", "2021-2022", "SB 5999"))
        bill = await at.washington.bill(ref)
        assert [one.name for one in bill.sponsors] == ["Example"]
        assert bill.votes == ()

    async def test_changes_are_told_once_a_bill(self, at: Clients) -> None:
        self.lay_out(at)
        changes = await at.washington.changed_bills("wa", "2021-05-30")
        [ref] = changes.bills
        assert (ref.id, changes.cursor) == ("2021-22/5999", "2021-06-01")
        assert ref.mark.startswith("2021-02-19T00:00:00 Third reading")
        assert at.capitol.asked[0].query["beginDate"] == "2021-05-27"
        again = await at.washington.changed_bills("wa", changes.cursor, {ref.id: ref.mark})
        assert again.bills == ()

    async def test_hearings_are_listed_with_their_bills(self, at: Clients) -> None:
        meetings = "washington/CommitteeMeetingService.asmx"
        at.capitol.put(f"{meetings}/GetCommitteeMeetings", synthetic("wa-meetings.xml"))
        at.capitol.put(f"{meetings}/GetCommitteeMeetingItems", synthetic("wa-meeting-items.xml"))
        told = await at.washington.hearings("wa", date(2021, 6, 1), date(2021, 6, 30))
        [one] = told.hearings
        assert (one.key, one.bills) == ("washington:31005", ("SB 5999",))
        assert (one.chamber, one.committee) == (Chamber.LOWER, "House Committee on Example")

    async def test_new_bills_are_searched_by_their_description(self, at: Clients) -> None:
        body = synthetic("wa-legislation.xml")
        at.capitol.put(f"{self.BILLS}/GetLegislationIntroducedSince", body)
        [ref] = await at.washington.search("wa", "Face Recognition")
        assert ref.key == bill_key("wa", "2021-22", "SB 5999")
        assert await at.washington.search("wa", "artichokes") == ()
        assert await at.washington.search("wa", " ") == ()

    async def test_a_number_nobody_has_is_not_there(self, at: Clients) -> None:
        self.lay_out(at)
        with pytest.raises(NotThere, match="no bill 5999 of 2021-22"):
            await at.washington.bill(await at.washington.find(bill_key("wa", "2021", "HB 5999")))
        with pytest.raises(NotThere, match="no bill of Washington"):
            await at.washington.find(bill_key("wa", "2021", "Initiative"))
        with pytest.raises(NotThere, match="does not tell of ca"):
            await at.washington.changed_bills("ca")
