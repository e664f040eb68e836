"""Calendars as people ask for them: of a bill, of what a channel hears, at the command line."""

import asyncio
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar as File

from domain.bills import Bill
from domain.calendars import Calendar
from domain.cards import Bullets, Notice, Page, Tone, plain
from domain.model import Platform, SpaceRef, WatchKind
from domain.tracked_bills import label, rule_for
from storage.db import Database, Tx
from tests.fakes import FakeClock, Person
from tests.hearings import CANCELLED, HEARING, KEY, OTHER_KEY, bill

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
REF = SpaceRef(platform=Platform.DISCORD, external_id="1")
OTHER = replace(HEARING, key="acme:hearing:8", committee="Another Committee")


@pytest.fixture
async def told(shipped: Database, clock: FakeClock) -> Database:
    """Two tracked bills, each with a hearing."""
    clock.set(NOW)
    await track(shipped, bill(HEARING), bill(OTHER, key=OTHER_KEY))
    return shipped


async def track(database: Database, *bills: Bill) -> None:
    def work(tx: Tx) -> None:
        space = tx.spaces.ensure(REF, NOW)
        tx.bills.keep({one.key: (one, one) for one in bills}, NOW)
        for one in bills:
            tx.watches.put(space, WatchKind.BILL, str(one.key), label(one.key), rule_for(one), NOW)

    await database.write(work)


async def calendar(person: Person, line: str) -> Calendar:
    card = await person.ask(line)
    assert isinstance(card, Page), card
    assert card.calendar
    return card.calendar


def keys(found: Calendar) -> list[str]:
    return [one.hearing.key for one in found.editions]


@pytest.mark.usefixtures("told")
class TestAsking:
    async def test_of_a_bill(self, member: Person) -> None:
        found = await calendar(member, '/bill hearings bill:"WA SB 9901" calendar:yes')
        assert keys(found) == [HEARING.key]
        assert found.name == "wa-sb-9901"
        assert found.command.startswith("pledgewatch calendar --space discord:1 --channel general")
        assert found.command.endswith(f"--bill '{KEY}'")

    async def test_of_all_that_a_channel_hears(self, organizer: Person) -> None:
        await organizer.ask("/subscribe here all")
        found = await calendar(organizer, "/bill hearings calendar:yes")
        assert keys(found) == [HEARING.key, OTHER.key]
        assert found.name == "hearings"

    async def test_of_one_bill_that_a_channel_hears(self, organizer: Person) -> None:
        await organizer.ask("/subscribe here WA HB 9902")
        await organizer.ask("/subscribe here Microsoft")
        assert keys(await calendar(organizer, "/bill hearings calendar:yes")) == [OTHER.key]

    async def test_what_the_page_shows(self, organizer: Person) -> None:
        card = await organizer.ask('/bill hearings bill:"WA SB 9901" calendar:yes')
        assert isinstance(card, Page)
        (block,) = card.blocks
        assert isinstance(block, Bullets)
        assert plain(block.items[0]) == (
            "Tuesday 17 November 2026, 10:00 PST (in 7 days): WA SB 9901"
            " · Committee on Synthetic Matters"
        )

    async def test_a_channel_that_hears_of_no_bill_is_told_so(self, member: Person) -> None:
        card = await member.ask("/bill hearings calendar:yes")
        assert isinstance(card, Notice)
        assert card.tone is Tone.WRONG
        assert plain(card.text) == "This channel hears of no bill."

    async def test_a_bill_without_hearings(self, member: Person) -> None:
        card = await member.ask("/bill hearings bill:ca-ab-2261 calendar:yes")
        assert isinstance(card, Notice)
        assert plain(card.text) == "Hearings of CA AB 2261: none is known."

    async def test_a_bill_there_is_not(self, member: Person) -> None:
        card = await member.ask("/bill hearings bill:zzzz calendar:yes")
        assert isinstance(card, Notice)
        assert card.tone is Tone.WRONG

    async def test_the_list_of_hearings_offers_it(self, organizer: Person) -> None:
        await organizer.ask("/subscribe here all")
        card = await organizer.ask("/bill hearings")
        assert isinstance(card, Page)
        button = next(one for one in card.actions if one.label == "Calendar file")
        pressed = await organizer.press(button)
        assert isinstance(pressed, Page)
        assert pressed.calendar
        assert len(pressed.calendar.editions) == 2

    async def test_the_page_of_a_bill_offers_its_own(self, member: Person) -> None:
        card = await member.ask("/bill show WA SB 9901")
        assert isinstance(card, Page)
        button = next(one for one in card.actions if one.label == "Calendar file")
        pressed = await member.press(button)
        assert isinstance(pressed, Page)
        assert pressed.calendar
        assert keys(pressed.calendar) == [HEARING.key]

    async def test_a_cancelled_hearing_is_in_it(self, member: Person, told: Database) -> None:
        await track(told, bill(replace(HEARING, status=CANCELLED)))
        found = await calendar(member, '/bill hearings bill:"WA SB 9901" calendar:yes')
        assert found.editions[0].is_cancelled
        assert found.editions[0].sequence == 1


async def test_at_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    config = tmp_path / "config.toml"
    config.write_text(f'[storage]\nurl = "sqlite:///{path}"\n', "utf-8")
    done = await run(tmp_path, "ask", "/subscribe here all", "--config", str(config), *PLACE)
    assert done[0] == 0, done
    soon = datetime.now(UTC) + timedelta(days=3)  # noqa: TID251 - the process asks the real clock
    hearing = replace(HEARING, on=soon.date(), at=soon)
    async with Database(path) as database:
        await track(database, bill(hearing))
    code, out, err = await run(tmp_path, "calendar", "--config", str(config), *PLACE)
    assert (code, err) == (0, b"")
    (event,) = File.from_ical(out).walk("VEVENT")
    assert str(event["SUMMARY"]).startswith("Hearing of WA SB 9901")
    code, out, err = await run(
        tmp_path, "calendar", "--bill", "CA AB 2261", "--config", str(config), *PLACE
    )
    assert (code, out) == (1, b"")
    assert b"none is known" in err


PLACE = ("--space", "discord:1", "--channel", "general")


async def run(folder: Path, *arguments: str) -> tuple[int | None, bytes, bytes]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        env={**os.environ, "HOME": str(folder)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, out, err
