"""From a street address to districts, by the geocoder of the US Census.

An address is sent there and nowhere else. It is kept nowhere, follows no redirect, and is in no
error: what cannot be answered is told in sentences that do not repeat it.
"""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from domain import divisions
from domain.bills import Chamber
from domain.errors import FeedError, UserError
from domain.people import Located
from feeds.http import Fetcher
from feeds.zips import zip_areas

MAX_ADDRESS = 100  # the geocoder takes no more
_PATIENCE = 25.0
_MATCHES = 10
_CONGRESS = re.compile(r"(\d+)(?:st|nd|rd|th) Congressional Districts")
_STATE = re.compile(r"(?:(\d{4}) )?State Legislative Districts - (Upper|Lower)")
_CHAMBERS = {"Upper": Chamber.UPPER, "Lower": Chamber.LOWER}
_ONE_CHAMBER = frozenset({"ne", "dc", "gu", "vi"})
_NAMES = {Chamber.UPPER: "the state senate district", Chamber.LOWER: "the state house district"}
_FORM = "Write it like “1600 Main Street, Springfield, WA 98000”, with street, town and state."
_LATER = "Try again in a few minutes; a ZIP code alone answers where it lies in one district."
Json = Mapping[str, Any]


class Places:
    """Implements `domain.contact_ports.PlacesPort`."""

    def __init__(self, fetcher: Fetcher, base_url: str) -> None:
        self._fetcher = fetcher
        self._url = f"{base_url.rstrip('/')}/geographies/onelineaddress"

    async def zip_areas(self, code: str, lines: int) -> tuple[str, ...]:
        """Return the House divisions that a ZIP code reaches into."""
        return await asyncio.to_thread(zip_areas, code, lines)

    async def locate(self, address: str, lines: int) -> Located:
        """Return the districts of an address. Raises UserError, which does not repeat it."""
        if len(address) > MAX_ADDRESS:
            raise UserError(f"An address has at most {MAX_ADDRESS} characters.", hint=_FORM)
        query = {
            "address": address,
            "benchmark": "Public_AR_Current",
            "vintage": "Current_Current",
            "layers": "all",
            "format": "json",
        }
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = await self._fetcher.get(f"{self._url}?{urlencode(query)}", private=True)
        except TimeoutError:
            raise _down("it did not answer in time") from None
        except FeedError as error:
            raise _down(str(error).rstrip(".")) from None
        return await asyncio.to_thread(read_answer, answer.body or b"", lines)


def read_answer(body: bytes, lines: int) -> Located:
    """Return the districts an answer holds, those of Congress as drawn for its number `lines`.

    Raises UserError that says what is odd about the answer and what to do.
    """
    try:
        matches = json.loads(body)["result"]["addressMatches"]
        found = {_located(match, lines) for match in matches[:_MATCHES]}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _down("its answer cannot be read") from None
    if not found:
        raise UserError(
            "The Census geocoder does not know this address.",
            hint=f"{_FORM} A PO box or a new street may be missing there: "
            "try a neighbour’s house number, or the ZIP code alone.",
        )
    if len(found) > 1:
        raise UserError(
            "Several places fit this address, and they lie in different districts.",
            hint="Add the town, the state and the ZIP code.",
        )
    located = found.pop()
    if not located.state:
        raise UserError(
            "The Census geocoder found the address but could not say which state it is in.",
            hint=_LATER,
        )
    return located


def _located(match: Json, lines: int) -> Located:
    layers: Json = match["geographies"]
    state = _state(match, layers)
    if not state:
        return Located(state="")
    maps = dict(_congress_maps(layers))
    house = maps.get(lines, "")
    area = zip_areas(str(match.get("addressComponents", {}).get("zip", "")), lines)
    certain = divisions.house_districts(state)
    named = [divisions.house_division(state, one) for one in ((house,) if house else certain)]
    alone = len(named) == 1
    districts, missing = _state_districts(state, layers)
    return Located(
        state=state,
        house=tuple(named) if alone else area,
        lines=max(maps, default=0) if lines not in maps else lines,
        districts=districts,
        missing=missing if alone or area else ("the US House district", *missing),
    )


def _state(match: Json, layers: Json) -> str:
    """The state's code, by its Census number, else as the address was matched."""
    for name, listed in layers.items():
        for one in listed if name == "States" else ():
            state = divisions.state_of_fips(str(one.get("GEOID", "")))
            if state:
                return state
    named = str(match.get("addressComponents", {}).get("state", "")).lower()
    return named if named in divisions.congress_states() else ""


def _congress_maps(layers: Json) -> Iterator[tuple[int, str]]:
    """Each Congress the answer has a district for, and the district's number."""
    for name, listed in layers.items():
        found = _CONGRESS.fullmatch(name)
        for one in listed if found else ():
            geoid = str(one.get("GEOID", ""))
            if found and geoid[2:].isdigit():
                yield int(found[1]), geoid[2:]


def _state_districts(state: str, layers: Json) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The divisions of the state's legislature, and what is missing of them."""
    told: dict[Chamber, tuple[str, str]] = {}
    for name, listed in layers.items():
        found = _STATE.fullmatch(name)
        for one in listed if found else ():
            district = str(one.get("BASENAME") or "").strip()
            if found and one.get("GEOID") and district:
                year, chamber = found[1] or "", _CHAMBERS[found[2]]
                told[chamber] = max(told.get(chamber, ("", "")), (year, district))
    wanted = (Chamber.UPPER,) if state in _ONE_CHAMBER else tuple(_NAMES)
    missing = tuple(_NAMES[chamber] for chamber in wanted if chamber not in told)
    if state in _ONE_CHAMBER and missing:
        missing = ("the legislature’s district",)
    return tuple(_divisions(state, told)), missing


def _divisions(state: str, told: Mapping[Chamber, tuple[str, str]]) -> Iterator[str]:
    for chamber, (_, district) in told.items():
        one_chamber = Chamber.LEGISLATURE if state in _ONE_CHAMBER else chamber
        yield divisions.state_division(state, one_chamber, district)
    yield from divisions.at_large_divisions(state)


def _down(why: str) -> UserError:
    return UserError(f"The Census geocoder cannot be asked now: {why}.", hint=_LATER)
