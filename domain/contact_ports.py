"""What commands about legislators need from the rest of the program, as protocols."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from domain.model import Space
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


class PlacesPort(Protocol):
    """From a place to its districts. Nothing that is asked is kept or logged."""

    async def locate(self, address: str, lines: int) -> Located:
        """Return the districts of a street address, those of Congress as drawn for `lines`.

        Raises UserError that says what is odd and what to do, and does not repeat the address.
        """
        ...

    def zip_areas(self, code: str, lines: int) -> tuple[str, ...]:
        """Return the House divisions that a ZIP code of five digits reaches into; none if unknown."""
        ...
