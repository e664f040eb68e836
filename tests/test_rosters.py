"""Rosters: read whole, every seat resolved, swapped at once. Synthetic unless marked shared."""

import csv
import io
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.rosters import RosterKeeper, named_rosters
from domain import divisions
from domain.bills import Chamber
from domain.errors import UserError
from domain.people import (
    CONGRESS,
    Legislator,
    Office,
    OfficeKind,
    Represented,
    Roster,
    dialled,
    offices_in_order,
)
from feeds.roster_parts import RosterFault
from feeds.rosters import RosterFeed, roster_names
from feeds.rosters_congress import COMMITTEES, FILES, MEMBERSHIP, OFFICES, PEOPLE, read_congress
from feeds.rosters_states import read_state
from storage.db import Database, Tx
from tests.loopback import Page
from tests.stage import Stage, staged
from tests.synthetic_rosters import congress_files, state_csv

SHARED = Path(__file__).parents[2] / "shared" / "data" / "civic"
_NOW = datetime(2026, 11, 2, tzinfo=UTC)
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="no sample data")


def held(roster: Roster) -> Counter[tuple[Chamber, str]]:
    return Counter((one.chamber, one.division) for one in roster.legislators)


async def put(database: Database, roster: Roster) -> None:
    await database.write(lambda tx: tx.people.swap(roster, [], _NOW))


async def holding(database: Database, *wanted: str) -> list[Represented]:
    return await database.read(lambda tx: tx.people.holding(wanted))


class TestCongress:
    def test_members_have_their_seat_title_offices_and_committees(self) -> None:
        roster = read_congress(congress_files())
        assert roster.lines == 119
        one = next(each for each in roster.legislators if each.key == "R000007")
        assert (one.titled, one.division) == (
            "Rep. Wa Seven",
            "ocd-division/country:us/state:wa/cd:7",
        )
        assert [(each.kind, each.phone) for each in one.offices] == [
            (OfficeKind.CAPITOL, "202-555-0107"),
            (OfficeKind.DISTRICT, "206-555-0107"),
        ]
        assert [(each.name, each.role, each.parent) for each in one.committees] == [
            ("House Committee on Examples", "Chair", ""),
            ("Small Examples", "", "HSEX"),
        ]

    def test_delegates_and_members_at_large_have_their_own_titles_and_divisions(self) -> None:
        roster = read_congress(congress_files())
        by_state = {one.state: one for one in roster.legislators if one.chamber is Chamber.LOWER}
        assert by_state["dc"].titled.startswith("Delegate ")
        assert by_state["pr"].title == "Resident Commissioner"
        assert by_state["ak"].division.endswith("state:ak/cd:at-large")

    def test_a_seat_that_nobody_holds_is_vacant(self) -> None:
        roster = read_congress(congress_files(without="R000007"))
        assert roster.vacant == 1
        (empty,) = (one for one in roster.seats if not held(roster)[one.chamber, one.division])
        assert empty.label == "US House · WA-7"

    def test_a_roster_that_was_cut_off_is_refused(self) -> None:
        files = congress_files()
        people: list[Any] = json.loads(files[PEOPLE])
        with pytest.raises(RosterFault, match="not whole"):
            read_congress({**files, PEOPLE: json.dumps(people[:200]).encode()})

    @pytest.mark.parametrize("name", FILES)
    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b"3", b"\xff"])
    def test_what_is_no_roster_is_refused_by_name(self, name: str, body: bytes) -> None:
        with pytest.raises(RosterFault, match=name):
            read_congress({**congress_files(), name: body})

    @pytest.mark.parametrize("missing", ["id", "name", "terms"])
    def test_an_entry_that_lacks_something_is_named(self, missing: str) -> None:
        files = congress_files()
        people = json.loads(files[PEOPLE])
        del people[3][missing]
        with pytest.raises(RosterFault, match=f"{PEOPLE}: entry 3"):
            read_congress({**files, PEOPLE: json.dumps(people).encode()})

    def test_nobody_is_listed_twice(self) -> None:
        files = congress_files()
        people = json.loads(files[PEOPLE])
        with pytest.raises(RosterFault, match="twice"):
            read_congress({**files, PEOPLE: json.dumps([*people, people[0]]).encode()})

    def test_committees_keep_their_parts_and_one_that_is_gone_is_passed_over(self) -> None:
        files = congress_files()
        members = {**json.loads(files[MEMBERSHIP]), "HSGONE": [{"bioguide": "R000007"}]}
        roster = read_congress({**files, MEMBERSHIP: json.dumps(members).encode()})
        assert [(one.key, one.parent) for one in roster.committees] == [
            ("HSEX", ""),
            ("HSEX01", "HSEX"),
        ]
        assert COMMITTEES in files
        assert OFFICES in files


class TestStates:
    def test_every_member_of_a_district_is_there(self) -> None:
        roster = read_state("wa", state_csv("wa"))
        assert held(roster)[Chamber.LOWER, divisions.state_division("wa", Chamber.LOWER, "36")] == 2
        assert roster.vacant == 0

    def test_someone_who_died_leaves_the_seat_vacant(self) -> None:
        roster = read_state("wa", state_csv("wa", death={"lower 36 1": "2026-01-02"}))
        assert roster.vacant == 1

    def test_a_district_that_only_the_roster_knows_is_a_seat(self) -> None:
        roster = read_state("wa", state_csv("wa", rename={"lower 36 1": "99"}))
        added = roster.seats[-1]
        assert (added.district, added.members) == ("99", 1)
        assert held(roster)[added.chamber, added.division] == 1

    def test_titles_are_those_the_state_uses(self) -> None:
        def titles(state: str) -> set[str]:
            return {
                one.titled.split()[0] for one in read_state(state, state_csv(state)).legislators
            }

        assert titles("ca") == {"Sen.", "Assemblymember"}
        assert titles("md") == {"Sen.", "Delegate"}
        assert titles("ne") == {"Sen."}

    @pytest.mark.parametrize(
        ("body", "why"),
        [
            (b"", "no column"),
            (b"id,name\n1,2\n", "no column"),
            (b"<html><body>moved</body></html>", "no column"),
            (state_csv("wa")[:-60], "cannot be read"),
            (state_csv("wa")[:-130], "not complete"),
            (state_csv("wa").replace(b",lower,", b",middle,", 1), "is no chamber"),
            (state_csv("wa").replace(b"Wa lower 3 1", b"\xff\xfe", 1), "cannot be read"),
            (b"\n".join(state_csv("wa").splitlines()[:60]), "not whole"),
        ],
    )
    def test_what_is_no_whole_roster_is_refused(self, body: bytes, why: str) -> None:
        with pytest.raises(RosterFault, match=why):
            read_state("wa", body)

    def test_an_address_of_a_form_is_no_mailbox_and_a_number_given_twice_is_one_office(
        self,
    ) -> None:
        roster = read_state("wa", state_csv("wa", email="https://example.org/write"))
        one = roster.legislators[0]
        assert (one.email, one.form) == ("", "https://example.org/write")
        assert [(each.kind, each.place) for each in one.offices] == [
            (OfficeKind.CAPITOL, "Olympia")
        ]


@pytest.mark.shared
@needs_shared
class TestRecorded:
    """Every seat of what was recorded, with counts from the files themselves."""

    @pytest.mark.parametrize("state", ["wa", "ca", "ma"])
    async def test_every_seat_of_a_state_resolves(self, state: str, database: Database) -> None:
        body = (SHARED / "openstates-people" / "current" / f"{state}.csv").read_bytes()
        rows = list(csv.DictReader(io.StringIO(body.decode())))
        expected = Counter((row["current_chamber"], row["current_district"]) for row in rows)
        roster = read_state(state, body)
        await put(database, roster)
        seats = {(one.chamber.value, one.district): one for one in roster.seats}
        assert set(expected) <= set(seats)
        for (chamber, district), count in expected.items():
            division = divisions.state_division(state, Chamber(chamber), district)
            found = await holding(database, division)
            (seat,) = (one for one in found if one.seat.chamber.value == chamber)
            assert len(seat.members) == count
            assert {one.district for one in seat.members} == {district}
            assert seat.vacant == seats[chamber, district].members - count
        assert sum(expected.values()) == len(rows) == len(roster.legislators)

    async def test_every_member_of_congress_resolves(self, database: Database) -> None:
        bodies = {name: (SHARED / "congress-legislators" / name).read_bytes() for name in FILES}
        people = json.loads(bodies[PEOPLE])
        roster = read_congress(bodies)
        await put(database, roster)
        assert len(roster.legislators) == len(people)
        offices = sum(len(one["offices"]) for one in json.loads(bodies[OFFICES]))
        kinds = Counter(each.kind for one in roster.legislators for each in one.offices)
        assert kinds == {OfficeKind.CAPITOL: len(people), OfficeKind.DISTRICT: offices}
        sits = sum(len(one) for one in json.loads(bodies[MEMBERSHIP]).values())
        assert sum(len(one.committees) for one in roster.legislators) == sits
        for state in ("wa", "ca", "ma"):
            wanted = [
                divisions.house_division(state, one) for one in divisions.house_districts(state)
            ]
            found = await holding(database, *wanted, divisions.senate_division(state))
            in_file = [
                one["terms"][-1] for one in people if one["terms"][-1]["state"].lower() == state
            ]
            assert sum(len(one.members) for one in found) == len(in_file)
            assert sum(one.seat.members for one in found) == len(wanted) + 2

    @pytest.mark.parametrize("state", ["wa", "ca", "ma"])
    def test_what_the_states_own_files_say_agrees(self, state: str) -> None:
        body = (SHARED / "openstates-people" / "current" / f"{state}.csv").read_bytes()
        folder = SHARED / "openstates-people" / "data" / state / "legislature"
        assert len(read_state(state, body).legislators) == len(list(folder.glob("*.yml")))


class TestStored:
    async def test_a_swap_leaves_nothing_of_the_copy_before(self, database: Database) -> None:
        first = read_congress(congress_files())
        second = read_congress(congress_files(without="R000007"))
        for roster in (first, second):
            await put(database, roster)
        assert await database.read(lambda tx: tx.people.by_key("R000007")) is None
        members = await database.read(lambda tx: tx.people.committee_members("HSEX"))
        assert "R000007" not in {one.key for one in members}
        (seat,) = await holding(database, divisions.house_division("wa", "7"))
        assert (seat.members, seat.vacant) == ((), 1)

    async def test_a_swap_that_fails_leaves_the_copy_before(self, database: Database) -> None:
        roster = read_congress(congress_files())
        await put(database, roster)

        def broken(tx: Any) -> None:
            tx.people.swap(read_congress(congress_files(without="R000007")), [], _NOW)
            raise RuntimeError

        with pytest.raises(RuntimeError):
            await database.write(broken)
        assert await database.read(lambda tx: tx.people.by_key("R000007"))

    async def test_divisions_keep_their_numbers_through_a_swap(self, database: Database) -> None:
        roster = read_congress(congress_files())
        wanted = [divisions.house_division("wa", "7")]
        numbers = []
        for _ in range(2):
            await put(database, roster)
            (one,) = await holding(database, *wanted)
            numbers.append(one.id)
        assert numbers[0] == numbers[1]

    async def test_names_are_found_by_their_words(self, database: Database) -> None:
        roster = read_congress(congress_files())
        await put(database, roster)
        for written in ("wa seven", "SEVEN, Wa", "Séven wa"):
            (one,) = await database.read(partial(_named, written))
            assert one.key == "R000007"
        assert await database.read(lambda tx: tx.people.named("sev")) == []
        assert await database.read(lambda tx: tx.people.named("%")) == []


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as held_stage:
        yield held_stage


def publish(stage: Stage, *, etag: str = "1", without: str = "") -> None:
    for name, body in congress_files(without=without).items():
        page = stage.publisher.pages.setdefault(f"us/{name}", Page())
        page.body, page.headers = body, {"ETag": f'"{etag}"'}


def keeper(stage: Stage) -> RosterKeeper:
    feed = RosterFeed(
        stage.core.fetcher,
        congress_url=stage.publisher.url("us/"),
        openstates_url=stage.publisher.url("states"),
    )
    return RosterKeeper(
        database=stage.core.database, feed=feed, clock=stage.clock, random=Random(1)
    )


class TestSynced:
    async def test_a_roster_that_did_not_change_is_not_read_again(self, stage: Stage) -> None:
        publish(stage)
        (first,) = await keeper(stage).sync([CONGRESS])
        at = stage.clock.pass_(days=1)
        (second,) = await keeper(stage).sync([CONGRESS])
        assert (first.changed, second.changed, second.error) == (True, False, "")
        state = await stage.core.database.read(lambda tx: tx.people.state(CONGRESS))
        assert state
        assert state.as_of == at
        asked = stage.publisher.pages[f"us/{PEOPLE}"].requests
        assert asked[-1]["If-None-Match"] == '"1"'

    async def test_one_changed_file_brings_all_four(self, stage: Stage) -> None:
        publish(stage)
        await keeper(stage).sync([CONGRESS])
        page = stage.publisher.pages[f"us/{PEOPLE}"]
        page.body, page.headers = congress_files(without="R000007")[PEOPLE], {"ETag": '"2"'}
        (synced,) = await keeper(stage).sync([CONGRESS])
        assert synced.changed
        assert "1 vacant" in synced.told
        one = await stage.core.database.read(lambda tx: tx.people.by_key("R000008"))
        assert one
        assert one.offices[1].phone == "206-555-0108"

    @pytest.mark.parametrize("fault", ["down", "cut off", "no roster"])
    async def test_a_fault_leaves_the_last_good_copy_and_says_why(
        self, stage: Stage, fault: str
    ) -> None:
        publish(stage)
        await keeper(stage).sync([CONGRESS])
        good = stage.clock.now()
        stage.clock.pass_(days=1)
        publish(stage, etag="2")
        page = stage.publisher.pages[f"us/{PEOPLE}"]
        page.status = 503 if fault == "down" else 200
        page.body = {"cut off": page.body[:5000], "no roster": b"[]"}.get(fault, page.body)
        (synced,) = await keeper(stage).sync([CONGRESS])
        assert synced.error
        assert "last good copy stays" in synced.told
        state = await stage.core.database.read(lambda tx: tx.people.state(CONGRESS))
        assert state
        assert (state.as_of, state.error) == (good, synced.error)
        assert await stage.core.database.read(lambda tx: tx.people.by_key("R000007"))

    async def test_a_state_is_had_from_its_own_file(self, stage: Stage) -> None:
        stage.publisher.pages["states/wa.csv"] = Page(body=state_csv("wa"))
        (synced, lacking) = await keeper(stage).sync(["wa", "or"])
        assert synced.told == "Washington: 147 members for 147 seats (new)."
        assert "404" in lacking.told

    def test_a_place_without_a_roster_is_named(self) -> None:
        assert named_rosters(["US", "wa", "wa"]) == ("us", "wa")
        assert named_rosters([]) == roster_names()
        with pytest.raises(UserError, match="xx"):
            named_rosters(["xx"])


def _named(written: str, tx: Tx) -> list[Legislator]:
    return tx.people.named(written)


class TestPhones:
    CAPITOL = Office(kind=OfficeKind.CAPITOL, place="Olympia", phone="360-555-0101")
    NEAR = Office(kind=OfficeKind.DISTRICT, place="Seattle", phone="206-555-0101")
    SILENT = Office(kind=OfficeKind.DISTRICT, place="Ferry")

    @pytest.mark.parametrize(
        ("open_", "full", "first"),
        [
            ({"c", "d"}, set(), "Olympia"),
            ({"c", "d"}, {"360-555-0101"}, "Seattle"),
            ({"d"}, set(), "Seattle"),
            (set(), set(), "Seattle"),
            ({"c"}, {"360-555-0101"}, "Seattle"),
            ({"c"}, set(), "Olympia"),
        ],
    )
    def test_the_district_comes_first_when_the_capitol_is_full_or_closed(
        self, open_: set[str], full: set[str], first: str
    ) -> None:
        names = {"c": self.CAPITOL, "d": self.NEAR}
        ordered = offices_in_order(
            (self.CAPITOL, self.SILENT, self.NEAR), {names[one] for one in open_}, full
        )
        assert ordered[0].place == first
        assert len(ordered) == 2

    @pytest.mark.parametrize(
        ("phone", "digits"),
        [
            ("202-224-3441", "+12022243441"),
            ("(202) 224-3441", "+12022243441"),
            ("1-202-224-3441 x12", "+12022243441"),
            ("ask inside", ""),
            ("555-0101", ""),
        ],
    )
    def test_a_number_is_dialled_with_the_countrys_code(self, phone: str, digits: str) -> None:
        assert dialled(phone) == digits
