"""Rosters of people who do not exist, in the shapes of the real ones: every seat filled."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from domain import divisions
from feeds.rosters_congress import COMMITTEES, MEMBERSHIP, OFFICES, PEOPLE
from feeds.rosters_states import _chambers

COLUMNS = (
    "id", "name", "current_party", "current_district", "current_chamber", "given_name",
    "family_name", "gender", "email", "biography", "birth_date", "death_date", "image", "links",
    "sources", "capitol_address", "capitol_voice", "capitol_fax", "district_address",
    "district_voice", "district_fax", "twitter", "youtube", "instagram", "facebook", "wikidata",
)  # fmt: skip
_NUMBERS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def congress_files(*, without: str = "") -> dict[str, bytes]:
    """The four files of Congress; `without` leaves one member out."""
    people = [one for one in _people() if one["id"]["bioguide"] != without]
    offices = [
        {
            "id": one["id"],
            "offices": [
                {
                    "id": "synthetic",
                    "city": "Springfield",
                    "phone": f"206-555-01{one['id']['bioguide'][-2:]}",
                    "address": "1 Example Street",
                }
            ],
        }
        for one in people
    ]
    committees = [
        {
            "type": "house",
            "name": "House Committee on Examples",
            "thomas_id": "HSEX",
            "subcommittees": [{"name": "Small Examples", "thomas_id": "01"}],
        }
    ]
    seven = (
        [] if without == "R000007" else [{"bioguide": "R000007", "rank": 1, "title": "Chairman"}]
    )
    members = {
        "HSEX01": [{"bioguide": one["bioguide"], "rank": 2} for one in seven],
        "HSEX": [*seven, {"bioguide": "R000008", "rank": 2}],
    }
    told: Mapping[str, Any] = {
        PEOPLE: people,
        OFFICES: offices,
        COMMITTEES: committees,
        MEMBERSHIP: members,
    }
    return {name: json.dumps(body).encode() for name, body in told.items()}


def _people() -> Iterator[dict[str, Any]]:
    for state in divisions.congress_states():
        for district in divisions.house_districts(state):
            number = 0 if district == "at-large" else int(district)
            yield _person(state, f"R{_place(state)}{number:02d}", number, "rep")
        if not divisions.has_delegate(state):
            for number in (1, 2):
                key = f"S{_place(state)}{number:02d}"
                yield _person(state, key, number, "sen")


def _place(state: str) -> str:
    """Four digits that tell states apart; Washington is 0000."""
    return "0000" if state == "wa" else f"{1 + divisions.congress_states().index(state):04d}"


def _person(state: str, key: str, number: int, kind: str) -> dict[str, Any]:
    last = _NUMBERS[number] if number < len(_NUMBERS) else f"Number{number}"
    name = f"{state.title()} {last}" if kind == "rep" else f"Senior {state.title()} {last}"
    term: dict[str, Any] = {
        "type": kind,
        "start": "2025-01-03",
        "end": "2027-01-03" if kind == "rep" else "2031-01-03",
        "state": state.upper(),
        "party": "Example",
        "url": "https://example.org/member",
        "phone": f"202-555-01{key[-2:]}",
    }
    if kind == "rep":
        term["district"] = number
    return {
        "id": {"bioguide": key},
        "name": {"first": state.title(), "last": last, "official_full": name},
        "terms": [term],
    }


def state_csv(
    state: str,
    *,
    death: Mapping[str, str] | None = None,
    rename: Mapping[str, str] | None = None,
    email: str = "someone@example.org",
) -> bytes:
    """A state's file. `death` and `rename` are by `chamber district number`."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, restval="")
    writer.writeheader()
    for chamber, told in _chambers()[state].items():
        for seat in divisions.read_districts(told["districts"]):
            for number in range(1, seat.members + 1):
                name = f"{chamber} {seat.district} {number}"
                writer.writerow(
                    {
                        "id": f"ocd-person/{state} {name}",
                        "name": f"{state.title()} {name}",
                        "family_name": f"Number{number}",
                        "current_party": "Democratic",
                        "current_district": (rename or {}).get(name, seat.district),
                        "current_chamber": chamber,
                        "email": email,
                        "death_date": (death or {}).get(name, ""),
                        "links": "https://example.org/one;https://example.org/two",
                        "capitol_address": "1 Example Street, Olympia, WA 98504",
                        "capitol_voice": "360-555-0100",
                        "district_voice": "360-555-0100",
                        "wikidata": "synthetic",
                    }
                )
    return out.getvalue().encode()
