"""The whole record out and back in: nothing lost, nothing half stored, every fault at once."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import cli
from bot.exchange import (
    JSON_FILE,
    README_FILE,
    ImportRefused,
    export_record,
    from_files,
    held,
    import_record,
    to_files,
)
from bot.records import ship, sync_records
from bot.tables import TABLES, _layout, from_tables, to_tables
from domain.codec import Faults, make_converter, structure
from domain.dates import PartialDate
from domain.exchange import Community, WholeRecord, replaced
from domain.model import Actor, Platform, Space, SpaceRef
from domain.proposals import Addition, Proposal, ProposalState, Review, Verdict, reviewed
from domain.record import (
    Bearing,
    Citation,
    Coalition,
    EventKind,
    Evidence,
    EvidenceKind,
    Record,
    Side,
    StatusEvent,
)
from storage.db import Database, Tx
from tests.fakes import START, FakeClock

SOURCE = Citation(key="added-1", outlet="Example Paper", url="https://paper.example/1")
SPACE = SpaceRef(platform=Platform.DISCORD, external_id="1")
OTHER = SpaceRef(platform=Platform.SLACK, external_id="T1")


def event() -> Addition:
    happened = StatusEvent(
        kind=EventKind.BROKEN,
        on=PartialDate.parse("2021-05"),
        text='=SUM(1) said "no",\nand «né»',
        sources=("added-1",),
    )
    return Addition(
        company="amazon", name="Amazon", pledge="amazon-2020", event=happened, citations=(SOURCE,)
    )


def evidence() -> Addition:
    found = Evidence(
        on=PartialDate.parse("by 2021-spring"),
        kind=EvidenceKind.NEWS,
        bearing=Bearing.CONTRADICTS,
        text="-1 is no formula",
        sources=("added-1",),
    )
    return Addition(company="ibm", name="IBM", evidence=found, citations=(SOURCE,))


def add_proposals(tx: Tx) -> None:
    """Two communities: one confirmed and one declined proposal here, one that is open there."""
    space, other = (tx.spaces.ensure(ref, START) for ref in (SPACE, OTHER))
    first = tx.proposals.add(space, event(), person("a"), START)
    for number, who in enumerate(("b", "c"), 1):
        at = START + timedelta(milliseconds=number)
        first = _review(tx, space, first, Review(actor=who, verdict=Verdict.CONFIRM, at=at))
    tx.proposals.add(other, evidence(), person("z"), START)
    second = tx.proposals.add(space, evidence(), person("a"), START)
    _review(
        tx, space, second, Review(actor="b", verdict=Verdict.DECLINE, at=START, reason="@both: no")
    )


def _review(tx: Tx, space: Space, proposal: Proposal, review: Review) -> Proposal:
    after = reviewed(proposal, review, organizer=True)
    tx.proposals.keep(space, after)
    return after


def person(name: str) -> Actor:
    return Actor(id=name, name=name)


@pytest.fixture
async def full(shipped: Database) -> Database:
    """A database with the shipped record and what two communities proposed."""
    await shipped.write(add_proposals)
    return shipped


@pytest.fixture
async def empty() -> AsyncIterator[Database]:
    async with Database(":memory:") as database:
        yield database


@pytest.fixture
async def exported(full: Database, tmp_path: Path) -> Path:
    folder = tmp_path / "exported"
    await export_record(full, folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def tables_of(folder: Path) -> dict[str, list[dict[str, str]]]:
    return {
        path.name: list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
        for path in folder.glob("*.csv")
    }


def edit(path: Path, old: str, new: str) -> None:
    # Not read_text: it would turn the line ends of RFC 4180 into others.
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


async def refused(database: Database, folder: Path, clock: FakeClock) -> list[str]:
    """Why the import was refused; the database must hold what it held."""
    before = await database.read(held)
    with pytest.raises(ImportRefused) as why:
        await import_record(database, folder, clock, replace=True)
    assert await database.read(held) == before
    return why.value.lines


class TestRoundTrip:
    @pytest.mark.parametrize("only_tables", [False, True], ids=["json", "csv"])
    async def test_export_import_export_gives_identical_files(
        self,
        exported: Path,
        full: Database,
        empty: Database,
        clock: FakeClock,
        tmp_path: Path,
        only_tables: bool,
    ) -> None:
        before = contents(exported)
        if only_tables:
            (exported / JSON_FILE).unlink()
        await import_record(empty, exported, clock, replace=False)
        await export_record(empty, tmp_path / "again")
        assert contents(tmp_path / "again") == before
        assert await empty.read(held) == await full.read(held)

    async def test_what_communities_confirmed_counts_again_for_them_alone(
        self, exported: Path, empty: Database, clock: FakeClock
    ) -> None:
        await import_record(empty, exported, clock, replace=False)

        def kinds(tx: Tx, ref: SpaceRef) -> list[EventKind]:
            company = tx.record.load(tx.spaces.ensure(ref, START)).company("amazon")
            assert company is not None
            return [one.kind for one in company.pledges[0].events]

        assert EventKind.BROKEN in await empty.write(lambda tx: kinds(tx, SPACE))
        assert EventKind.BROKEN not in await empty.write(lambda tx: kinds(tx, OTHER))

    async def test_the_next_proposal_has_a_new_number(
        self, exported: Path, empty: Database, clock: FakeClock
    ) -> None:
        await import_record(empty, exported, clock, replace=False)

        def add(tx: Tx) -> Proposal:
            return tx.proposals.add(tx.spaces.ensure(OTHER, START), evidence(), person("z"), START)

        assert (await empty.write(add)).id == 4

    async def test_a_new_community_watches_what_was_imported(
        self, exported: Path, empty: Database, clock: FakeClock
    ) -> None:
        await import_record(empty, exported, clock, replace=False)

        def watched(tx: Tx) -> int:
            return len(tx.watches.of(tx.spaces.ensure(SPACE, START)))

        assert await empty.write(watched) >= 20

    def test_the_command_line_takes_it_there_and_back(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def run(*arguments: str, database: str) -> int:
            config = tmp_path / f"{database}.toml"
            config.write_text(f'[storage]\nurl = "sqlite:///{tmp_path / database}.db"\n')
            with pytest.raises(SystemExit) as done:
                cli.main([*arguments, "--config", str(config)])
            return int(done.value.code or 0)

        assert run("export", str(tmp_path / "one"), database="here") == 0
        assert run("import", str(tmp_path / "one"), database="there") == 0
        assert run("export", str(tmp_path / "two"), database="there") == 0
        assert contents(tmp_path / "one") == contents(tmp_path / "two")
        assert "11 companies, 28 bills, 5 coalitions" in capsys.readouterr().out
        edit(tmp_path / "one" / JSON_FILE, '"bills"', '"laws"')
        assert run("import", str(tmp_path / "one"), database="there") == 1
        complaint = capsys.readouterr().err
        assert "Nothing was imported" in complaint
        assert "record.json: laws: no such key" in complaint
        (tmp_path / "blocked").write_text("")
        assert run("export", str(tmp_path / "blocked"), database="here") == 1
        assert "cannot be written" in capsys.readouterr().err
        assert run("import", str(tmp_path / "nowhere"), database="there") == 1


def _values(hint: Any, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Values that a field of that kind may have."""
    if get_origin(hint) is tuple:
        return st.lists(_values(get_args(hint)[0], texts), max_size=2).map(tuple)
    if type(None) in get_args(hint):
        return st.none() | _values(get_args(hint)[0], texts)
    if hint is PartialDate:
        return st.sampled_from(
            [PartialDate.parse(one) for one in ("2020-06-10", "by 2022-spring", "2021-05", "2019")]
        )
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(
            hint, **{each.name: _values(hints[each.name], texts) for each in fields(hint)}
        )
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    plain: dict[type, st.SearchStrategy[Any]] = {
        str: texts,
        bool: st.booleans(),
        int: st.integers(-5, 10**12),
        date: st.dates(),
        datetime: st.datetimes(timezones=st.just(UTC)),
    }
    return plain[hint]


NASTY = st.sampled_from(
    ["", "'", "''", "'=", "=1+1", " =1+1", "+1", "-1", "@a", "＝1", "\t", "\r", "\n", "\r\n-", "a,b",
     '"', '""', "é«»", "\ufeff", "null", "[]", "true", "2020-06-10", "a\nb", " "]
)  # fmt: skip
TEXTS = NASTY | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


def _unique(values: list[Any], name: str) -> tuple[Any, ...]:
    return tuple({getattr(one, name): one for one in values}.values())


@st.composite
def whole_records(draw: st.DrawFn) -> WholeRecord:
    """Records that no rule but their shapes holds together; only the keys are told apart."""
    parts = get_type_hints(WholeRecord)
    drawn = {
        name: draw(st.lists(_values(get_args(hint)[0], TEXTS), max_size=1))
        for name, hint in parts.items()
    }
    return WholeRecord(
        **{
            name: _unique(values, "space" if name == "communities" else "key")
            for name, values in drawn.items()
        }
    )


SLOW = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class TestAnyRecord:
    @SLOW
    @given(whole_records())
    def test_survives_both_forms(self, whole: WholeRecord) -> None:
        converter = make_converter()
        files = to_files(whole)
        plain = json.loads(files[JSON_FILE])
        del plain["format"]
        assert structure(converter, plain, WholeRecord) == whole
        texts = {name: files[name].decode("utf-8-sig") for name in TABLES.values()}
        back, _ = from_tables(texts, WholeRecord)
        again = structure(converter, back, WholeRecord)
        assert again == whole
        assert to_files(again) == files

    @SLOW
    @given(whole_records())
    def test_has_no_cell_that_a_spreadsheet_takes_for_a_formula(self, whole: WholeRecord) -> None:
        plain = make_converter().unstructure(whole)
        for text in to_tables(plain, WholeRecord).values():
            for row in csv.reader(io.StringIO(text, newline="")):
                assert not any(cell.strip().startswith(("=", "+", "-", "@", "＝")) for cell in row)
                assert not any(cell.startswith(("\t", "\r", "\n")) for cell in row)

    def test_tells_nothing_from_an_empty_text_in_the_tables(self) -> None:
        known = Coalition(
            key="one",
            name="",
            demand="'",
            citations=(
                Citation(key="a", outlet="b", url=None),
                Citation(key="c", outlet="d", url="", on=None),
            ),
        )
        whole = WholeRecord(companies=(), bills=(), coalitions=(known,), communities=())
        tables = to_tables(make_converter().unstructure(whole), WholeRecord)
        rows = list(csv.DictReader(io.StringIO(tables["citations.csv"], newline="")))
        assert [row["url"] for row in rows] == ["", "'"]
        back, _ = from_tables(tables, WholeRecord)
        assert structure(make_converter(), back, WholeRecord) == whole


class TestForm:
    async def test_one_table_a_shape_and_an_explanation(self, exported: Path) -> None:
        assert contents(exported).keys() == {JSON_FILE, README_FILE, *TABLES.values()}
        about = (exported / README_FILE).read_text("utf-8")
        for shape, file in TABLES.items():
            assert file in about
            assert {"address", "owner", "list", "order"}.isdisjoint(_layout(shape).cells)

    async def test_json_is_sorted_readable_and_ends_its_last_line(self, exported: Path) -> None:
        text = (exported / JSON_FILE).read_bytes().decode()
        assert text.endswith("}\n")
        assert "“police departments in the United States”" in text
        assert list(json.loads(text)) == sorted(json.loads(text))

    async def test_tables_are_as_rfc_4180_has_them(self, exported: Path) -> None:
        raw = (exported / "terms.csv").read_bytes()
        assert raw.startswith("\ufeffaddress,owner,list,order,since,".encode())
        assert raw.endswith(b"\r\n")
        tables = tables_of(exported)
        assert {row["duration.expires_on"] for row in tables["terms.csv"]} >= {"2021-06-10", ""}
        own = [row for row in tables["coverage.csv"] if row["owner"].startswith("companies/ibm/")]
        assert [row["order"] for row in own] == [str(number) for number in (*range(1, 8),) * 2]
        assert own[0]["owner"] == "companies/ibm/pledges/1/terms/1"
        assert {row["disputed"] for row in own} == {"true", "false"}
        assert json.loads(own[0]["sources"]) == ["erp-today-2023", "cnbc-2020"]

    async def test_communities_come_with_who_said_what_when(self, exported: Path) -> None:
        tables = tables_of(exported)
        assert [row["space"] for row in tables["communities.csv"]] == ["discord:1", "slack:T1"]
        assert [(row["id"], row["state"]) for row in tables["proposals.csv"]] == [
            ("1", "confirmed"), ("3", "declined"), ("2", "open"),
        ]  # fmt: skip
        assert [row["verdict"] for row in tables["reviews.csv"]] == [
            "confirm", "confirm", "decline",
        ]  # fmt: skip
        assert tables["reviews.csv"][2]["reason"] == "'@both: no"
        assert tables["reviews.csv"][0]["at"] == "2021-06-01T12:00:00.001000+00:00"

    def test_the_same_record_gives_the_same_bytes(self, record: Record) -> None:
        whole = WholeRecord(
            companies=record.companies,
            bills=record.bills,
            coalitions=record.coalitions,
            communities=(),
        )
        assert to_files(whole) == to_files(replace(whole))
        assert from_files(to_files(whole)) == whole


class TestReplacing:
    async def test_what_is_new_needs_no_leave(
        self, exported: Path, record: Record, empty: Database, clock: FakeClock
    ) -> None:
        await ship(empty, record, clock)
        whole, notes = await import_record(empty, exported, clock, replace=False)
        assert notes == []
        assert whole.summary.endswith("3 proposals of 2 communities")

    async def test_what_is_held_otherwise_is_named_and_kept(
        self, exported: Path, full: Database, clock: FakeClock
    ) -> None:
        def confirm(tx: Tx) -> None:
            space = tx.spaces.ensure(OTHER, START)
            proposal = tx.proposals.find(space, 2)
            assert proposal is not None
            _review(tx, space, proposal, Review(actor="y", verdict=Verdict.CONFIRM, at=START))

        await full.write(confirm)
        edit(exported / JSON_FILE, "No police use of Amazon's", "No use of Amazon's")
        before = await full.read(held)
        with pytest.raises(ImportRefused, match="--replace") as why:
            await import_record(full, exported, clock, replace=False)
        assert why.value.lines == [
            "companies/amazon: is changed",
            "slack:T1: proposal 2: is changed",
        ]
        assert await full.read(held) == before
        await import_record(full, exported, clock, replace=True)
        after = await full.read(held)
        assert after == from_files(contents(exported))
        assert after != before

    async def test_what_the_import_does_not_have_is_taken_out(
        self, exported: Path, full: Database, clock: FakeClock
    ) -> None:
        plain = json.loads((exported / JSON_FILE).read_text("utf-8"))
        plain["communities"] = plain["communities"][:1]
        plain["coalitions"].pop()
        (exported / JSON_FILE).write_text(json.dumps(plain), "utf-8")
        with pytest.raises(ImportRefused) as why:
            await import_record(full, exported, clock, replace=False)
        assert why.value.lines == [
            "coalitions/safe-face-pledge: is taken out",
            "slack:T1: proposal 2: is taken out",
        ]
        await import_record(full, exported, clock, replace=True)
        assert [one.space for one in (await full.read(held)).communities] == ["discord:1"]

    async def test_the_same_again_changes_nothing(
        self, exported: Path, full: Database, clock: FakeClock
    ) -> None:
        before = await full.read(held)
        await import_record(full, exported, clock, replace=False)
        assert await full.read(held) == before

    def test_names_many_in_few_lines(self) -> None:
        why = ImportRefused("No.", (str(number) for number in range(100)))
        assert len(why.shown) == 41
        assert why.shown[-1] == "… and 60 more"


class TestNextStart:
    async def test_another_record_stays_until_the_shipped_one_is_asked_for(
        self, exported: Path, empty: Database, record: Record, clock: FakeClock
    ) -> None:
        edit(exported / JSON_FILE, "No police use of Amazon's", "No use of Amazon's")
        _, notes = await import_record(empty, exported, clock, replace=False)
        assert any("sync records" in note for note in notes)
        assert await sync_records(empty, clock) == 0
        assert _promise(await empty.read(lambda tx: tx.record.load())) != _promise(record)
        assert await sync_records(empty, clock, anew=True) == 1
        assert _promise(await empty.read(lambda tx: tx.record.load())) == _promise(record)
        assert len((await empty.read(held)).communities) == 2
        assert await sync_records(empty, clock) == 0

    async def test_our_own_record_is_brought_up_to_date_as_ever(
        self, exported: Path, empty: Database, record: Record, clock: FakeClock
    ) -> None:
        await import_record(empty, exported, clock, replace=False)
        older = replace(record, companies=record.companies[1:])
        await ship(empty, older, clock)  # as a version with fewer companies would have
        assert await sync_records(empty, clock) == 1

    async def test_tables_that_say_something_else_are_not_passed_over_in_silence(
        self, exported: Path, empty: Database, clock: FakeClock
    ) -> None:
        edit(exported / "pledges.csv", "No police use of Amazon's", "No use of Amazon's")
        _, [note] = await import_record(empty, exported, clock, replace=False)
        assert "record.json, which was read" in note


def _promise(record: Record) -> str:
    company = record.company("amazon")
    assert company is not None
    return company.pledges[0].promise


Damage = Callable[[Path], object]


def in_json(*steps: str | int, value: object) -> Damage:
    """Write `value` at that place of the document."""

    def damage(folder: Path) -> None:
        plain = json.loads((folder / JSON_FILE).read_text("utf-8"))
        at: Any = plain
        for one in steps[:-1]:
            at = at[one]
        at[steps[-1]] = value
        (folder / JSON_FILE).write_text(json.dumps(plain), "utf-8")

    return damage


def in_table(file: str, old: str, new: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / JSON_FILE).unlink(missing_ok=True)
        edit(folder / file, old, new)

    return damage


JSON_DAMAGE: list[tuple[Damage, str]] = [
    (in_json("format", value=2), "record.json: format: this is no record of format 1"),
    (in_json("companies", value={}), "record.json: companies: expected a list"),
    (
        in_json("companies", 0, "pledges", 0, "announced_on", value="soon"),
        "record.json: companies/amazon: pledges[0].announced_on: 'soon' is no date",
    ),
    (
        in_json("bills", 1, "outcome", value=None),
        "record.json: bills/boston-ma: outcome: expected a text, not None",
    ),
    (
        in_json("companies", 0, "evidence", 0, "sources", value=["rumour"]),
        "record.json: companies/amazon: evidence[0].sources: 'rumour' is not among the citations",
    ),
    (in_json("companies", 0, "key", value="ibm"), "record.json: companies: 'ibm' occurs 2 times"),
    (
        in_json("communities", 0, "space", value="elsewhere"),
        "record.json: communities/elsewhere: space: “elsewhere” names no space.",
    ),
    (
        in_json("communities", 0, "proposals", 0, "state", value="open"),
        "communities/discord:1: proposals[0].state: is 'open', but the reviews come to 'confirmed'",
    ),
    (
        in_json("communities", 0, "proposals", 0, "at", value="2021-06-01T12:00:00"),
        "proposals[0].at: expected an instant such as",
    ),
    (
        in_json("communities", 0, "proposals", 0, "id", value=2),
        "record.json: communities: proposal 2 occurs 2 times",
    ),
    (
        in_json("communities", 0, "proposals", 0, "id", value=0),
        "proposals[0].id: 0 is no number of a proposal",
    ),
    (
        in_json("communities", 0, "proposals", 0, "addition", "event", value=None),
        "proposals[0].addition: holds 0 of event, evidence, terms and made, not one",
    ),
    (
        in_json("communities", 0, "proposals", 0, "addition", "pledge", value=None),
        "proposals[0].addition.pledge: is missing",
    ),
    (lambda folder: (folder / JSON_FILE).write_text("{"), "record.json: Expecting property name"),
    (lambda folder: (folder / JSON_FILE).write_bytes(b"\xff"), "record.json: 'utf-8' codec"),
]
TABLE_DAMAGE: list[tuple[Damage, str]] = [
    (
        in_table("terms.csv", ",2021-06-10,", ",10 June,"),
        "terms.csv: row 2: duration.expires_on: expected a date such as 2020-06-10, not '10 June'",
    ),
    (
        in_table("terms.csv", "pledges/1,terms,1", "pledges/9,terms,1"),
        "terms.csv: row 2: owner: no row has the address 'companies/amazon/pledges/9'",
    ),
    (
        in_table("terms.csv", "pledges/1,terms,1", "pledges/1,events,1"),
        "terms.csv: row 2: list: 'events' holds no rows of this table",
    ),
    (
        in_table("terms.csv", "pledges/1,terms,2", "pledges/1,terms,1"),
        "terms.csv: row 3: order: 1 is taken by terms.csv: row 2",
    ),
    (
        in_table("terms.csv", "pledges/1,terms,2", "pledges/1,terms,-1"),
        "terms.csv: row 3: order: expected a number from 1, not '-1'",
    ),
    (
        in_table("terms.csv", "companies/amazon/pledges/1/terms/2", "companies/amazon"),
        "terms.csv: row 3: address: 'companies/amazon' is that of companies.csv: row 2 too",
    ),
    (
        in_table("coalitions.csv", "coalitions/eyes-on-amazon,", ","),
        "coalitions.csv: row 3: address: is empty",
    ),
    (in_table("bills.csv", ",watched,", ",seen,"), "bills.csv: row 1: the columns are not address"),
    (
        in_table("bills.csv", ",true,", ",maybe,"),
        "watched: expected true or false, not 'maybe'",
    ),
    (in_table("proposals.csv", ",1,amazon", ",one,amazon"), "row 2: id: expected a whole number"),
    (
        in_table("coalitions.csv", '"[""amazon""]"', "amazon"),
        """coalitions.csv: row 3: companies: expected a list such as ["one", "two"], not 'amazon'""",
    ),
    (in_table("steps.csv", "passage,", "passage,,"), "cells, not"),
    (in_table("steps.csv", ',"', ',"x"'), "steps.csv: line"),
    (
        in_table("coverage.csv", ",yes,", ",perhaps,"),
        "coverage.csv: row 2: answer: expected one of 'yes', 'no', 'unstated', not 'perhaps'",
    ),
    (
        in_table("coverage.csv", "input-2020", "rumour"),
        "coverage.csv: row 2: sources: 'rumour' is not among the citations",
    ),
    (
        in_table("events.csv", "companies/amazon/pledges/1,events,2", "proposals/1,event,1"),
        "events.csv: row 3: owner: no row has the address 'proposals/1'",
    ),
    (
        in_table(
            "events.csv",
            "companies/amazon/pledges/1,events,2",
            "communities/discord:1/proposals/1,addition.event,2",
        ),
        "proposals.csv: row 2: addition.event: there are 2, not one",
    ),
    (
        lambda folder: (folder / JSON_FILE).rename(folder / "sides.csv"),
        "sides.csv: row 1: the columns are not address, owner, list, order, claim, sources",
    ),
    (
        lambda folder: (folder / "sides.csv").rename(folder / JSON_FILE).unlink(),
        "sides.csv: is missing",
    ),
    (
        lambda folder: (folder / JSON_FILE).rename(folder / "sides.csv").write_bytes(b"\xff"),
        "sides.csv: 'utf-8' codec",
    ),
]


class TestFaults:
    @pytest.mark.parametrize(("damage", "fault"), [*JSON_DAMAGE, *TABLE_DAMAGE])
    async def test_are_named_with_file_and_place_and_nothing_is_stored(
        self, exported: Path, empty: Database, clock: FakeClock, damage: Damage, fault: str
    ) -> None:
        damage(exported)
        lines = await refused(empty, exported, clock)
        assert any(fault in line for line in lines), lines

    async def test_of_the_tables_are_told_all_at_once(
        self, exported: Path, empty: Database, clock: FakeClock
    ) -> None:
        in_table("bills.csv", ",true,", ",maybe,")(exported)
        edit(exported / "terms.csv", "pledges/1,terms,2", "pledges/1,terms,x")
        edit(exported / "coalitions.csv", '"[""amazon""]"', "amazon")
        assert len(await refused(empty, exported, clock)) == 3

    async def test_of_values_are_told_all_at_once(
        self, exported: Path, empty: Database, clock: FakeClock
    ) -> None:
        in_json("companies", 0, "pledges", 0, "announced_on", value="soon")(exported)
        in_json("bills", 1, "outcome", value=None)(exported)
        in_json("communities", 1, "proposals", 0, "state", value="won")(exported)
        assert len(await refused(empty, exported, clock)) == 3

    async def test_a_folder_without_an_export_is_said_to_be_none(
        self, empty: Database, clock: FakeClock, tmp_path: Path
    ) -> None:
        [line] = await refused(empty, tmp_path, clock)
        assert "record.json" in line

    async def test_a_file_that_cannot_be_read_is_named(
        self, empty: Database, clock: FakeClock, tmp_path: Path
    ) -> None:
        (tmp_path / JSON_FILE).mkdir()
        [line] = await refused(empty, tmp_path, clock)
        assert JSON_FILE in line

    async def test_spreadsheets_may_write_true_in_capitals(
        self, exported: Path, full: Database, empty: Database, clock: FakeClock
    ) -> None:
        in_table("bills.csv", ",true,", ",TRUE,")(exported)
        await import_record(empty, exported, clock, replace=False)
        assert await empty.read(held) == await full.read(held)


def test_two_records_differ_by_what_one_loses() -> None:
    side = WholeRecord(companies=(), bills=(), coalitions=(), communities=())
    proposal = Proposal(id=1, addition=event(), proposed_by="a", at=START)
    more = replace(side, communities=(Community(space="discord:1", proposals=(proposal,)),))
    assert replaced(side, more) == []
    assert replaced(more, side) == ["discord:1: proposal 1: is taken out"]
    assert proposal.state is ProposalState.OPEN
    assert Side(claim="a") != Side(claim="b")
    with pytest.raises(Faults):
        from_files({JSON_FILE: b"[]"})
