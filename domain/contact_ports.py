"""What commands about legislators need from the rest of the program, as protocols."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol

from domain.campaigns import CallOutcome, Campaign, DayCount, Draft, Tally, Turn
from domain.model import Channel, Space
from domain.people import Committee, Legislator, Located, Represented, RosterState


class PeoplePort(Protocol):
    """Who holds which seat, and whose districts are remembered."""

    def states(self) -> list[RosterState]:
        """Return every roster that was ever asked for, by name."""
        ...

    def state(self, name: str) -> RosterState | None:
        """Return one roster's state; None if it was never asked for."""
        ...

    def holding(self, divisions: Iterable[str]) -> list[Represented]:
        """Return the seats of these divisions with who holds them: Congress first, House first."""
        ...

    def holding_numbers(self, numbers: Iterable[int]) -> list[Represented]:
        """Return the same for divisions by their numbers."""
        ...

    def by_key(self, key: str) -> Legislator | None:
        """Return the legislator with that key."""
        ...

    def named(self, written: str, limit: int = ...) -> list[Legislator]:
        """Return the legislators whose names hold all these words, Congress first, by name."""
        ...

    def names(self) -> list[str]:
        """Return the names of all legislators, each once, by name."""
        ...

    def seats_of(self, roster: str) -> list[Represented]:
        """Return every seat of a roster with who holds it."""
        ...

    def committees(self) -> list[Committee]:
        """Return all committees and their parts, by key."""
        ...

    def committee_members(self, committee: str) -> list[Legislator]:
        """Return who sits on a committee, by rank."""
        ...

    def remember(self, space: Space, person: str, divisions: Sequence[int]) -> None:
        """Keep someone's districts, in the place of those kept before."""
        ...

    def remembered(self, space: Space, person: str) -> list[int]:
        """Return the numbers of the divisions kept for someone."""
        ...

    def forget(self, space: Space, person: str) -> bool:
        """Erase someone's districts; False if none were kept."""
        ...


class ScriptsPort(Protocol):
    """The words that a community chose for its calls, by bill or pledge and position."""

    def get(self, space: Space, subject: str, position: str) -> str:
        """Return the community's own words; empty if it has none."""
        ...

    def put(
        self, space: Space, subject: str, position: str, body: str, by: str, now: datetime
    ) -> None:
        """Keep the community's own words. Idempotent."""
        ...

    def remove(self, space: Space, subject: str, position: str) -> bool:
        """Go back to the shipped words; False if the community had none of its own."""
        ...


class CampaignsPort(Protocol):
    """Campaigns and calls. Actors are known by pseudonyms that only the storage can make."""

    def start(
        self, space: Space, channel: Channel, draft: Draft, by: str, now: datetime
    ) -> Campaign:
        """Keep a campaign with its targets and a key of its own."""
        ...

    def find(self, space: Space, campaign_id: int) -> Campaign | None:
        """Return a campaign of the space."""
        ...

    def of(self, space: Space, limit: int) -> list[Campaign]:
        """Return the space's campaigns, running ones first, then latest first."""
        ...

    def about(self, space: Space, subject: str) -> Campaign | None:
        """Return the space's latest running campaign about a bill or pledge."""
        ...

    def close(self, campaign: Campaign, now: datetime) -> bool:
        """Close it: counts stay, its key and all that tells callers apart goes. Idempotent."""
        ...

    def tallies(self, campaign_ids: Iterable[int], now: datetime) -> dict[int, Tally]:
        """Return the calls of campaigns, counted by target and outcome."""
        ...

    def open_turn(self, campaign: Campaign, actor: str, now: datetime) -> Turn | None:
        """Return the target that someone was just shown and has not told of."""
        ...

    def turn(self, campaign: Campaign, actor: str, turn_id: int) -> Turn | None:
        """Return a turn of someone's own."""
        ...

    def show(self, campaign: Campaign, actor: str, place: int, now: datetime) -> Turn:
        """Note that someone is shown a target."""
        ...

    def log(self, campaign: Campaign, turn: Turn, outcome: CallOutcome, now: datetime) -> bool:
        """Log what came of a turn, once; False if that was logged before."""
        ...

    def undo(self, campaign: Campaign, turn: Turn, now: datetime) -> bool:
        """Take back what was logged of a turn; False if nothing was."""
        ...

    def mine(self, campaign: Campaign, actor: str, now: datetime) -> dict[int, set[CallOutcome]]:
        """Return what came of someone's calls today, by the target's place."""
        ...

    def by_day(self, campaign: Campaign) -> list[DayCount]:
        """Return the calls by day, target and outcome, in that order."""
        ...

    def log_alone(self, space: Space, subject: str, once: str, outcome: str, day: date) -> bool:
        """Log a call outside a campaign, of which nothing is kept but this; `once` counts once."""
        ...

    def undo_alone(self, space: Space, once: str, day: date) -> bool:
        """Take back a call that was logged on that day outside a campaign."""
        ...

    def logged(self, space: Space, subject: str) -> dict[CallOutcome, int]:
        """Return the calls of the space about a bill or pledge, in campaigns and outside."""
        ...

    def busy(self, space: Space, legislators: Iterable[str], now: datetime) -> dict[str, int]:
        """Return how many calls to each of these were busy today, by the campaigns' zones."""
        ...


class PlacesPort(Protocol):
    """From a place to its districts. Nothing that is asked is kept or logged."""

    async def locate(self, address: str, lines: int) -> Located:
        """Return the districts of a street address, those of Congress as drawn for `lines`.

        Raises UserError that says what is odd and what to do, and does not repeat the address.
        """
        ...

    async def zip_areas(self, code: str, lines: int) -> tuple[str, ...]:
        """Return the House divisions that a ZIP code of five digits reaches into; none if unknown."""
        ...
