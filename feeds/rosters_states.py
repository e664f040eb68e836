"""The rosters of the states: one CSV file of Open States (CC0) each. Pure.

Which seats there are is known from `chambers.toml`, so a seat that nobody in a file holds is
vacant. The files hold no committees and no district ids: these are made of the districts' names.
"""

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import cast

from domain import divisions
from domain.bills import Chamber
from domain.people import Legislator, Office, OfficeKind, Roster, Seat
from feeds.roster_parts import RosterFault, line, web, whole

_COLUMNS = (
    "id", "name", "current_party", "current_district", "current_chamber", "family_name", "email",
    "death_date", "links", "capitol_address", "capitol_voice", "district_address",
    "district_voice",
)  # fmt: skip
_TOWN = re.compile(r"([^,]+),\s*[A-Z]{2}\.?\s+\d{5}(?:-\d{4})?\s*\Z")
_PARTIES = {"Democratic": "Democrat"}
_Chambers = Mapping[str, Mapping[str, Mapping[str, str]]]


def states() -> tuple[str, ...]:
    """Return the codes of the places whose legislatures have a roster."""
    return tuple(_chambers())


def read_state(state: str, body: bytes) -> Roster:
    """Read one state's file. Raises RosterFault."""
    seats = tuple(_seats(state))
    titles = {seat.chamber: seat.title for seat in seats}
    members = [_member(state, row, titles) for row in _rows(state, body) if not row["death_date"]]
    return whole(state, seats, members)


@cache
def _chambers() -> _Chambers:
    """The shipped table, read once."""
    text = files("feeds").joinpath("chambers.toml").read_text("utf-8")
    return cast("_Chambers", tomllib.loads(text))


def _seats(state: str) -> Iterator[Seat]:
    for chamber, told in _chambers()[state].items():
        for one in divisions.read_districts(told["districts"]):
            yield Seat(
                jurisdiction=state,
                state=state,
                chamber=Chamber(chamber),
                chamber_name=told["name"],
                district=one.district,
                division=divisions.state_division(state, Chamber(chamber), one.district),
                title=told["title"],
                members=one.members,
            )


def _rows(state: str, body: bytes) -> Iterator[dict[str, str]]:
    """Yield the rows of a file, each complete. Raises RosterFault."""
    try:
        reader = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        missing = [one for one in _COLUMNS if one not in (reader.fieldnames or ())]
        if missing:
            raise RosterFault(f"{state}.csv has no column “{missing[0]}”.")
        for row in reader:
            whole_row = None not in row and None not in row.values()
            if not whole_row or not row["id"] or not row["name"] or not row["current_district"]:
                raise RosterFault(f"{state}.csv: line {reader.line_num} is not complete.")
            yield row
    except (csv.Error, UnicodeDecodeError) as error:
        raise RosterFault(f"{state}.csv cannot be read: {error}.") from None


def _member(state: str, row: Mapping[str, str], titles: Mapping[Chamber, str]) -> Legislator:
    chamber = _chamber(state, row, titles)
    name, email = line(row["name"]), line(row["email"])
    links = [link for one in row["links"].split(";") if (link := web(one))]
    return Legislator(
        key=line(row["id"]).removeprefix("ocd-person/"),  # so that it fits into a button
        jurisdiction=state,
        state=state,
        chamber=chamber,
        district=line(row["current_district"]),
        division=divisions.state_division(state, chamber, row["current_district"]),
        name=name,
        family_name=line(row["family_name"]) or name.rpartition(" ")[2],
        title=titles[chamber],
        party=_PARTIES.get(row["current_party"], line(row["current_party"])),
        email=email if "@" in email and "/" not in email else "",
        site=links[0] if links else "",
        form=web(email),  # some chambers take messages through a form alone
        offices=tuple(_offices(row)),
    )


def _chamber(state: str, row: Mapping[str, str], titles: Mapping[Chamber, str]) -> Chamber:
    """The chamber a row names; where there is only one, it goes by several names."""
    if len(titles) == 1:
        return next(iter(titles))
    named = row["current_chamber"]
    if named not in titles:
        raise RosterFault(f"{state}.csv: “{line(named)}” is no chamber there.")
    return Chamber(named)


def _offices(row: Mapping[str, str]) -> Iterator[Office]:
    """The offices a row names; a number that is given for both is the capitol's."""
    seen = set()
    for kind in OfficeKind:
        phone, address = line(row[f"{kind}_voice"]), line(row[f"{kind}_address"])
        if (phone or address) and phone not in seen:
            town = _TOWN.search(address)
            place = town[1].strip() if town else ""
            yield Office(kind=kind, place=place, phone=phone, address=address)
        seen.add(phone)
