"""What tests of campaigns stand on: synthetic rosters, a synthetic bill, people who ask and press."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache

from bot.app import Core
from bot.chats.terminal_chat import make_request
from domain import divisions
from domain.bills import (
    ActionKind,
    Bill,
    BillAction,
    BillKey,
    Chamber,
    Sighting,
    Sponsor,
    SponsorRole,
)
from domain.cards import Action, Bullets, Card, Facts, Notice, Page, Paragraph, plain
from domain.model import Actor
from domain.people import Roster
from domain.ports import Clock, Request
from feeds.rosters_congress import read_congress
from feeds.rosters_states import read_state
from storage.db import Database
from tests.stage import SPACE
from tests.synthetic_rosters import congress_files, state_csv

KEY = BillKey(jurisdiction="us", session="119", identifier="HR 9901")
LABEL = "US HR 9901"
WA_7 = divisions.house_division("wa", "7")
COMMITTEE = "committee Examples"
CREATE = f'/campaign create {LABEL} targets:"{COMMITTEE}" goal:10 ends:"7 days"'


def bill(now: datetime, *actions: BillAction) -> Bill:
    """A bill before the House, as a source would tell it; synthetic."""
    introduced = BillAction(
        on=date(2026, 1, 12),
        text="Introduced.",
        kinds=(ActionKind.INTRODUCTION,),
        chamber=Chamber.LOWER,
    )
    return Bill(
        key=KEY,
        title="Synthetic: face scans",
        sources=(Sighting(source="congress", id="synthetic", seen_at=now),),
        chamber=Chamber.LOWER,
        sponsors=(
            Sponsor(name="Wa Seven", role=SponsorRole.PRIMARY),
            Sponsor(name="Acme Example", role=SponsorRole.COSPONSOR),
        ),
        actions=(introduced, *actions),
    )


@cache
def rosters() -> tuple[Roster, Roster]:
    """Congress and Washington, of people who do not exist."""
    return read_congress(congress_files()), read_state("wa", state_csv("wa"))


async def furnish(database: Database, now: datetime, *actions: BillAction) -> None:
    """Put the rosters and the bill in, with what happened to it."""
    for one in rosters():
        await database.write(lambda tx, one=one: tx.people.swap(one, [], now))  # type: ignore[misc]
    told = bill(now, *actions)
    await database.write(lambda tx: tx.bills.keep({KEY: (told, told)}, now))


@dataclass
class Caller:
    """Someone in a channel of the community."""

    core: Core
    clock: Clock
    name: str
    organizer: bool = False
    channel: str = "c1"

    async def say(self, line: str) -> Card:
        """Type a command."""
        return (await self.core.desk.answer_line(line, self._request)).card

    async def press(self, card: Card, label: str) -> Card:
        """Press the button with that label, by the token it carries."""
        action = actions(card)[label]
        request = self._request
        tokens = await self.core.tokens.sign([action], request.channel)
        return (await self.core.desk.answer_button(tokens[action], request)).card

    async def lives_in(self, *wanted: str) -> None:
        """Have districts remembered."""
        space = await self.core.database.write(lambda tx: tx.spaces.ensure(SPACE, self.clock.now()))
        numbers = [
            one.id for one in await self.core.database.read(lambda tx: tx.people.holding(wanted))
        ]
        await self.core.database.write(lambda tx: tx.people.remember(space, self.name, numbers))

    @property
    def _request(self) -> Request:
        asked = make_request(
            self.clock, organizer=self.organizer, space=SPACE, channel=self.channel
        )
        return replace(asked, actor=Actor(id=self.name, name=self.name))


def actions(card: object) -> dict[str, Action]:
    """The buttons of a card by their labels."""
    return {one.label: one for one in getattr(card, "actions", ())}


def words(card: Card) -> str:
    """All that a page or a notice says."""
    if isinstance(card, Notice):
        return f"{plain(card.text)} {plain(card.hint)}"
    assert isinstance(card, Page), card
    lines = [card.title]
    for block in card.blocks:
        match block:
            case Paragraph():
                lines.append(plain(block.text))
            case Facts():
                lines += [f"{one.label}: {plain(one.value)}" for one in block.facts]
            case Bullets():
                lines += map(plain, block.items)
            case _:
                pass
    return "\n".join([*lines, card.note])
