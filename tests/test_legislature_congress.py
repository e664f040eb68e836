"""Congress.gov and GovInfo over loopback: the same bills, with a key and without one."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from domain.bill_changes import ChangeKind, changes
from domain.bill_merging import merge
from domain.bill_progress import Station, progress
from domain.bills import Bill, Chamber, HearingStatus, SponsorRole, bill_key
from feeds.legislatures.port import BadAnswer, BillRef, NotThere
from tests.fakes import FakeClock
from tests.legislature_bench import RECORDED, Clients, clients, recorded, synthetic

SHARED = [
    pytest.mark.shared,
    pytest.mark.skipif(not RECORDED.exists(), reason="the sample data is not there"),
]
HR21 = BillRef(key=bill_key("us", "117", "HR 21"), id="117/hr/21")
PARTS = ("actions", "cosponsors", "committees", "relatedbills", "summaries", "text")
FILES = ["117sconres7", "117hr6658", "116hr4907", "117s35", "116s832"]


@pytest.fixture
async def at(clock: FakeClock) -> AsyncIterator[Clients]:
    """Every client, and the double they ask."""
    async for made in clients(clock):
        yield made


def listed(number: int, **changed: Any) -> dict[str, Any]:
    """Return a bill as Congress.gov's lists have it; synthetic."""
    bill = {
        "congress": 117,
        "type": "HR",
        "number": str(number),
        "title": "Synthetic Act",
        "updateDate": "2021-05-31",
        "latestAction": {"actionDate": "2021-05-31", "text": "Introduced"},
    }
    return {**bill, **changed}


def item(**changed: Any) -> dict[str, Any]:
    """Return a bill as Congress.gov tells it by itself; synthetic, with no lists."""
    bill = {
        **listed(9),
        "introducedDate": "2021-05-30",
        "originChamber": "House",
        "laws": [],
        "sponsors": [{"bioguideId": "Z1", "fullName": "Rep. Example, Ada B. [D-WA-7]"}],
        "actions": {"count": 0},
        "cosponsors": None,
    }
    return {"bill": {**bill, **changed}}


class TestCongress:
    async def test_an_empty_list_costs_no_request(self, at: Clients) -> None:
        at.capitol.put("congress/v3/bill/117/hr/9", item())
        ref = await at.congress.find(bill_key("us", "117", "H.R. 9"))
        bill = await at.congress.bill(ref)
        assert bill.key == bill_key("us", "117", "HR 9")
        assert [one.name for one in bill.sponsors] == ["Ada B. Example"]
        assert bill.actions == ()
        assert at.capitol.paths == ["/congress/v3/bill/117/hr/9"] * 2
        assert {request.query["format"] for request in at.capitol.asked} == {"json"}

    async def test_changes_go_page_by_page(self, at: Clients) -> None:
        at.capitol.lists["congress/v3/bill/117"] = [listed(n) for n in range(1, 601)]
        told = await at.congress.changed_bills("us", "2021-05-01T00:00:00Z")
        assert (len(told.bills), told.complete) == (600, True)
        assert told.cursor == "2021-05-31T00:00:00Z"
        assert [request.query["offset"] for request in at.capitol.asked] == ["0", "250", "500"]
        assert at.capitol.asked[0].query["fromDateTime"] == "2021-05-01T00:00:00Z"
        assert at.capitol.asked[0].query["sort"] == "updateDate asc"

    async def test_what_is_known_at_that_mark_is_not_told(self, at: Clients) -> None:
        at.capitol.lists["congress/v3/bill/117"] = [listed(n) for n in range(1, 4)]
        known = {"117/hr/1": "2021-05-31", "117/hr/2": "2021-05-01"}
        told = await at.congress.changed_bills("us", "2021-05-01T00:00:00Z", known)
        assert [(ref.id, ref.mark) for ref in told.bills] == [("117/hr/2", "2021-05-31")]

    async def test_a_law_is_one_though_its_actions_are_mute(self, at: Clients) -> None:
        law = item(laws=[{"number": "117-9", "type": "Public Law"}])
        at.capitol.put("congress/v3/bill/117/hr/9", law)
        ref = BillRef(key=bill_key("us", "117", "HR 9"), id="117/hr/9", mark="m")
        bill = await at.congress.bill(ref)
        assert progress(bill).here.station is Station.END
        assert bill.sources[0].mark == "m"

    async def test_meetings_are_hearings(self, at: Clients) -> None:
        path = "congress/v3/committee-meeting/117"
        at.capitol.lists[f"{path}/house"] = [{"eventId": "115538"}]
        at.capitol.lists[f"{path}/senate"] = []
        meeting = {
            "chamber": "House",
            "date": "2021-06-10T14:00:00Z",
            "title": "Legislative hearing",
            "meetingStatus": "Canceled",
            "committees": [{"name": "House Example Committee"}],
            "location": {"room": "1324", "building": "Example House Office Building"},
            "relatedItems": {"bills": [{"congress": 117, "type": "HR", "number": "9"}]},
        }
        at.capitol.put(f"{path}/house/115538", {"committeeMeeting": meeting})
        told = await at.congress.hearings("us", date(2021, 6, 1), date(2021, 6, 30))
        [one] = told.hearings
        assert not told.complete
        assert one.at == datetime(2021, 6, 10, 14, tzinfo=UTC)
        assert (one.key, one.zone) == ("congress:115538", "America/New_York")
        assert (one.status, one.bills) == (HearingStatus.CANCELLED, ("HR 9",))
        assert one.place == "1324, Example House Office Building"

    async def test_meetings_are_read_a_few_at_a_time_and_again_once_changed(
        self, at: Clients
    ) -> None:
        path = "congress/v3/committee-meeting/117"
        listed = [
            {"eventId": str(number), "updateDate": "2021-06-01T00:00:00Z"} for number in range(70)
        ]
        at.capitol.lists[f"{path}/house"] = listed
        at.capitol.lists[f"{path}/senate"] = []
        for one in listed:
            meeting = {"date": "2021-06-10T14:00:00Z", "title": f"Synthetic {one['eventId']}"}
            at.capitol.put(f"{path}/house/{one['eventId']}", {"committeeMeeting": meeting})
        days = (date(2021, 6, 1), date(2021, 6, 30))
        known = [len((await at.congress.hearings("us", *days)).hearings) for _ in range(4)]
        assert known == [30, 60, 70, 70]
        listed[5]["updateDate"] = "2021-06-02T00:00:00Z"
        at.capitol.put(
            f"{path}/house/5",
            {"committeeMeeting": {"date": "2021-06-11T14:00:00Z", "title": "Synthetic, moved"}},
        )
        before = len(at.capitol.asked)
        told = await at.congress.hearings("us", *days)
        assert [one.title for one in told.hearings if one.on.day == 11] == ["Synthetic, moved"]
        assert len(at.capitol.asked) - before == 3

    async def test_what_is_no_bill_of_congress_is_not_there(self, at: Clients) -> None:
        for key in (bill_key("us", "117", "CB 9"), bill_key("us", "", "HR 9")):
            with pytest.raises(NotThere, match="is no bill of Congress"):
                await at.congress.find(key)
            with pytest.raises(NotThere, match="is no bill of Congress"):
                await at.govinfo.find(key)
        with pytest.raises(NotThere, match="does not tell of wa"):
            await at.congress.changed_bills("wa")
        assert at.capitol.asked == []

    async def test_a_broken_action_names_its_place(self, at: Clients) -> None:
        at.capitol.put("congress/v3/bill/117/hr/9", item(actions={"count": 2}))
        broken = {"actions": [{"actionDate": "2021-05-30", "text": "x"}, {"text": "no date"}]}
        at.capitol.put("congress/v3/bill/117/hr/9/actions", broken)
        with pytest.raises(BadAnswer) as raised:
            await at.congress.bill(BillRef(key=bill_key("us", "117", "HR 9"), id="117/hr/9"))
        assert str(raised.value) == (
            "Congress.gov: its answer breaks its own form at actions[1].actionDate: "
            "expected a date, there is none."
        )


class TestRecordedCongress:
    pytestmark = SHARED

    def lay_out(self, at: Clients) -> None:
        at.capitol.put("congress/v3/bill/117/hr/21", recorded("congress-gov/bill_117_hr_21.json"))
        for part in PARTS:
            name = f"congress-gov/bill_117_hr_21_{part}.json"
            at.capitol.put(f"congress/v3/bill/117/hr/21/{part}", recorded(name))

    async def test_everything_recorded_is_told(self, at: Clients) -> None:
        self.lay_out(at)
        bill = await at.congress.bill(HR21)
        raw = {p: json.loads(recorded(f"congress-gov/bill_117_hr_21_{p}.json")) for p in PARTS}
        assert len(bill.actions) == len(raw["actions"]["actions"])
        assert len(bill.sponsors) == 1 + len(raw["cosponsors"]["cosponsors"])
        assert len(bill.committees) == len(raw["committees"]["committees"])
        assert len(bill.versions) == len(raw["text"]["textVersions"])
        assert [one.key for one in bill.related] == [bill_key("us", "117", "S 3099")]
        assert sorted(one.text for one in bill.actions) == sorted(
            " ".join(one["text"].split()) for one in raw["actions"]["actions"]
        )
        assert bill.title == "FedRAMP Authorization Act"
        assert bill.summary.startswith("Federal Risk and Authorization Management Program")
        primary = bill.primary_sponsors[0]
        assert (primary.name, primary.district) == ("Gerald E. Connolly", "VA-11")
        assert progress(bill).here.station is Station.OTHER_CHAMBER
        assert bill.urls == ("https://www.congress.gov/bill/117th-congress/house-bill/21",)

    async def test_one_action_written_into_it_is_one_change(self, at: Clients) -> None:
        self.lay_out(at)
        before = await at.congress.bill(HR21)
        raw = json.loads(recorded("congress-gov/bill_117_hr_21_actions.json"))
        edited = {**raw["actions"][0], "actionDate": "2021-02-01"}
        edited["text"] = "Committee on Homeland Security. Ordered to be reported favorably."
        raw["actions"].insert(0, edited)
        at.capitol.put("congress/v3/bill/117/hr/21/actions", raw)
        after = await at.congress.bill(HR21)
        [change] = changes(before, after)
        assert (change.kind, change.text) == (ChangeKind.REPORTED, edited["text"])
        assert changes(after, await at.congress.bill(HR21)) == []

    async def test_reprocessing_by_the_library_is_no_change(
        self, at: Clients, clock: FakeClock
    ) -> None:
        self.lay_out(at)
        before = await at.congress.bill(HR21)
        raw = json.loads(recorded("congress-gov/bill_117_hr_21.json"))
        raw["bill"]["updateDate"] = "2024-01-01T00:00:00Z"
        at.capitol.put("congress/v3/bill/117/hr/21", raw)
        clock.advance(timedelta(days=300))
        assert changes(before, await at.congress.bill(HR21)) == []

    async def test_the_recorded_list_is_told(self, at: Clients) -> None:
        raw = json.loads(recorded("congress-gov/bill_117.json"))
        at.capitol.lists["congress/v3/bill/117"] = raw["bills"]
        told = await at.congress.changed_bills("us", "2021-01-01T00:00:00Z")
        assert len(told.bills) == len(raw["bills"])
        assert told.bills[0].key == bill_key(
            "us", "117", f"{raw['bills'][0]['type']} {raw['bills'][0]['number']}"
        )


class TestGovInfo:
    async def test_a_file_is_told_whole(self, at: Clients) -> None:
        path = "govinfo/bulkdata/BILLSTATUS/117/hr/BILLSTATUS-117hr9999.xml"
        at.capitol.put(path, synthetic("billstatus.xml"))
        bill = await at.govinfo.bill(await at.govinfo.find(bill_key("us", "117", "HR 9999")))
        assert (bill.title, bill.summary) == ("Synthetic Act", "Synthetic Act Does & undoes.")
        assert len(bill.actions) == 3
        [vote] = bill.votes  # told twice, counted once
        assert (vote.yes, vote.no, vote.passed, vote.chamber) == (220, 203, True, Chamber.LOWER)
        brought, left = bill.sponsors
        assert (brought.role, left.role) == (SponsorRole.PRIMARY, SponsorRole.COSPONSOR)
        assert left.withdrawn_on == date(2021, 3, 1)
        assert bill.related[0].relation == "Identical bill"
        assert progress(bill).here.station is Station.FLOOR

    async def test_the_feed_lists_what_was_put_out(self, at: Clients) -> None:
        at.capitol.put("govinfo/rss/billstatus-batch.xml", synthetic("govinfo-batch.xml"))
        at.capitol.etags["govinfo/rss/billstatus-batch.xml"] = '"one"'
        told = await at.govinfo.changed_bills("us")
        assert [ref.id for ref in told.bills] == ["117/sconres/7", "117/s/35", "117/hr/6658"]
        assert told.bills[1].mark == "2021-06-01T00:31:13+00:00"  # of the later batch
        again = await at.govinfo.changed_bills("us", told.cursor)
        assert again.bills == ()
        assert at.capitol.asked[1].headers["If-None-Match"] == '"one"'
        # A new batch brings only what is in it.
        at.capitol.etags["govinfo/rss/billstatus-batch.xml"] = '"two"'
        assert (await at.govinfo.changed_bills("us", told.cursor)).bills == ()
        known = {"117/s/35": told.bills[1].mark, "117/hr/6658": "older"}
        some = await at.govinfo.changed_bills("us", "", known)
        assert [ref.id for ref in some.bills] == ["117/hr/6658"]

    async def test_a_missing_file_is_not_there(self, at: Clients) -> None:
        with pytest.raises(NotThere, match="GovInfo: it has nothing under that name"):
            await at.govinfo.bill(await at.govinfo.find(bill_key("us", "117", "HR 1")))

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            (b"<billStatus><bill>", "it is not XML"),
            (b"<html><body>busy</body></html>", "at html: expected billStatus"),
            (b"<billStatus><bill></bill></billStatus>", "expected billStatus with a bill"),
            (
                b'<!DOCTYPE x [<!ENTITY a "b">]><billStatus>&a;</billStatus>',
                "document type definition",
            ),
            (b"<a>" * 70 + b"</a>" * 70, "too deep"),
            (b"\xff\xfe\x00", "it is not XML"),
        ],
    )
    async def test_what_is_no_bill_status_is_refused(
        self, at: Clients, body: bytes, told: str
    ) -> None:
        at.capitol.put("govinfo/bulkdata/BILLSTATUS/117/hr/BILLSTATUS-117hr1.xml", body)
        with pytest.raises(BadAnswer, match=told):
            await at.govinfo.bill(await at.govinfo.find(bill_key("us", "117", "HR 1")))

    async def test_a_broken_field_names_its_place(self, at: Clients) -> None:
        body = synthetic("billstatus.xml").replace(b"2021-02-01</actionDate>", b"soon</actionDate>")
        at.capitol.put("govinfo/bulkdata/BILLSTATUS/117/hr/BILLSTATUS-117hr9999.xml", body)
        with pytest.raises(BadAnswer) as raised:
            await at.govinfo.bill(await at.govinfo.find(bill_key("us", "117", "HR 9999")))
        assert raised.value.path == "billStatus.bill.actions.item[2].actionDate"


class TestRecordedGovInfo:
    pytestmark = SHARED

    async def told(self, at: Clients, name: str) -> tuple[Bill, ET.Element]:
        body = recorded(f"govinfo/BILLSTATUS-{name}.xml")
        congress, rest = name[:3], name[3:]
        kind = rest.rstrip("0123456789")
        number = rest[len(kind) :]
        at.capitol.put(f"govinfo/bulkdata/BILLSTATUS/{congress}/{kind}/BILLSTATUS-{name}.xml", body)
        ref = await at.govinfo.find(bill_key("us", congress, f"{kind} {number}"))
        node = ET.fromstring(body).find("bill")
        assert node is not None
        return await at.govinfo.bill(ref), node

    @pytest.mark.parametrize("name", FILES)
    async def test_everything_recorded_is_told(self, at: Clients, name: str) -> None:
        bill, raw = await self.told(at, name)
        assert len(bill.actions) == len(raw.findall("actions/item"))
        assert len(bill.sponsors) == len(raw.findall("sponsors/item")) + len(
            raw.findall("cosponsors/item")
        )
        assert len(bill.committees) == len(raw.findall("committees/item")) + len(
            raw.findall("committees/billCommittees/item")
        )
        assert len(bill.versions) == len(raw.findall("textVersions/item"))
        assert len(bill.related) == len(raw.findall("relatedBills/item"))
        assert bill.title == raw.findtext("title")
        assert all(one.chamber is not Chamber.UNKNOWN for one in bill.actions)
        assert not any("@" in one.name or "[" in one.name for one in bill.sponsors)

    async def test_where_the_recorded_bills_lie(self, at: Clients) -> None:
        stations = {name: progress((await self.told(at, name))[0]).here.station for name in FILES}
        assert stations == {
            "117sconres7": Station.COMMITTEE,
            "117hr6658": Station.COMMITTEE,
            "116hr4907": Station.COMMITTEE,
            "117s35": Station.OTHER_CHAMBER,
            "116s832": Station.OTHER_CHAMBER,
        }

    async def test_with_and_without_a_key_it_is_one_bill(self, at: Clients) -> None:
        """The same steps told by both sources, the one of them in capitals, are told once."""
        bill, _ = await self.told(at, "117s35")
        shouted = replace(
            bill,
            sources=(replace(bill.sources[0], source="congress"),),
            actions=tuple(replace(one, text=one.text.upper()) for one in bill.actions[::-1]),
        )
        merged = merge([bill, shouted])
        assert merged.actions == bill.actions
        assert len(merged.sponsors) == len(bill.sponsors)
        assert [one.source for one in merged.sources] == ["govinfo", "congress"]
