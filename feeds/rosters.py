"""Fetching rosters: asked whether they changed, read whole, or left as they are."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from domain.model import Validators
from domain.people import CONGRESS, Roster
from feeds.http import Answer, Fetcher
from feeds.rosters_congress import FILES, read_congress
from feeds.rosters_states import read_state, states

_NEVER_ASKED = Validators()


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshRoster:
    """A roster that was read, with what to ask each of its files for next time."""

    roster: Roster
    files: tuple[tuple[str, Validators], ...]


def roster_names() -> tuple[str, ...]:
    """Return the names of all rosters there are, Congress first."""
    return (CONGRESS, *states())


class RosterFeed:
    """Reads rosters from where they are published."""

    def __init__(self, fetcher: Fetcher, *, congress_url: str, openstates_url: str) -> None:
        self._fetcher = fetcher
        self._congress_url = congress_url.rstrip("/")
        self._openstates_url = openstates_url.rstrip("/")

    async def fetch(self, name: str, known: Mapping[str, Validators]) -> FreshRoster | None:
        """Return a roster if any of its files changed, else None. Raises FeedError.

        `known` has the validators of the copy that is kept. A roster is only ever read from all
        of its files together.
        """
        answers = {
            url: await self._fetcher.get(url, known.get(url, _NEVER_ASKED))
            for url in self.urls(name)
        }
        if all(answer.body is None for answer in answers.values()):
            return None
        for url, answer in answers.items():
            if answer.body is None:
                answers[url] = await self._fetcher.get(url)
        return FreshRoster(
            roster=await asyncio.to_thread(self._read, name, list(answers.values())),
            files=tuple((url, answer.validators) for url, answer in answers.items()),
        )

    def urls(self, name: str) -> tuple[str, ...]:
        """Return where the files of a roster are."""
        if name == CONGRESS:
            return tuple(f"{self._congress_url}/{file}" for file in FILES)
        return (f"{self._openstates_url}/{name}.csv",)

    @staticmethod
    def _read(name: str, answers: list[Answer]) -> Roster:
        bodies = [answer.body or b"" for answer in answers]
        if name == CONGRESS:
            return read_congress(dict(zip(FILES, bodies, strict=True)))
        return read_state(name, bodies[0])
