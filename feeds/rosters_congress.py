"""The roster of Congress: four JSON files of unitedstates/congress-legislators (CC0). Pure.

Which seats there are is known from the apportionment of the House and the two senators of each
state, so a seat that nobody in the files holds is vacant.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain import divisions
from domain.bills import Chamber, congress_of
from domain.people import (
    CONGRESS,
    Committee,
    CommitteeSeat,
    Legislator,
    Office,
    OfficeKind,
    Roster,
    Seat,
)
from feeds.roster_parts import HOUSE, SENATE, Json, RosterFault, each, line, needed, web, whole

PEOPLE, OFFICES, COMMITTEES, MEMBERSHIP = FILES = (
    "legislators-current.json",
    "legislators-district-offices.json",
    "committees-current.json",
    "committee-membership-current.json",
)
_CHAMBERS = {"house": Chamber.LOWER, "senate": Chamber.UPPER, "joint": Chamber.LEGISLATURE}
_WHOLE_COMMITTEE = 4  # letters of its id; a part's id adds two
_TITLES = {"Chairman": "Chair", "Chairwoman": "Chair", "Vice Chairman": "Vice Chair"}


def read_congress(bodies: Mapping[str, bytes]) -> Roster:
    """Read the four files, by name. Raises RosterFault."""
    told = {name: _json(name, bodies[name]) for name in FILES}
    committees = [one for held in each(COMMITTEES, told[COMMITTEES], _committees) for one in held]
    sits_on = _memberships(told[MEMBERSHIP], {one.key: one for one in committees})
    offices = dict(each(OFFICES, told[OFFICES], _district_offices))
    people = each(PEOPLE, told[PEOPLE], _member)
    legislators = [
        replace(
            one,
            offices=(*one.offices, *offices.get(one.key, ())),
            committees=tuple(sits_on.get(one.key, ())),
        )
        for one in people
    ]
    roster = whole(CONGRESS, tuple(_seats()), legislators)
    return replace(roster, committees=tuple(committees), lines=_lines(told[PEOPLE]))


def _json(name: str, body: bytes) -> Any:
    try:
        told = json.loads(body)
    except ValueError as error:
        raise RosterFault(f"{name} cannot be read: {error}.") from None
    if not isinstance(told, dict if name == MEMBERSHIP else list) or not told:
        raise RosterFault(f"{name} is not what it was: it lists nothing.")
    return told


def _lines(people: Sequence[Json]) -> int:
    """The Congress that the members of the House sit in, by when their terms end."""
    terms = (one["terms"][-1] for one in people)
    ends = Counter(str(term.get("end"))[:4] for term in terms if term["type"] == "rep")
    year = ends.most_common(1)[0][0]
    if not year.isdigit():
        raise RosterFault(f"{PEOPLE}: the terms of the House have no end.")
    return congress_of(int(year) - 1)


def _seats() -> Iterator[Seat]:
    for state in divisions.congress_states():
        for district in divisions.house_districts(state):
            yield Seat(
                jurisdiction=CONGRESS,
                state=state,
                chamber=Chamber.LOWER,
                chamber_name=HOUSE,
                district=district,
                division=divisions.house_division(state, district),
                title=_house_title(state),
            )
        if not divisions.has_delegate(state):
            yield Seat(
                jurisdiction=CONGRESS,
                state=state,
                chamber=Chamber.UPPER,
                chamber_name=SENATE,
                district="",
                division=divisions.senate_division(state),
                title="Senator",
                members=2,
            )


def _house_title(state: str) -> str:
    if state == "pr":
        return "Resident Commissioner"
    return "Delegate" if divisions.has_delegate(state) else "Representative"


def _member(one: Json) -> Legislator:
    term, name = one["terms"][-1], one["name"]
    state, senator = needed(term, "state").lower(), needed(term, "type") == "sen"
    district = "" if senator else str(term["district"])
    at_large = not senator and len(divisions.house_districts(state)) == 1
    house = "" if senator else divisions.house_division(state, district)
    return Legislator(
        key=needed(one, "id", "bioguide"),
        jurisdiction=CONGRESS,
        state=state,
        chamber=Chamber.UPPER if senator else Chamber.LOWER,
        district="at-large" if at_large else district,
        division=house or divisions.senate_division(state),
        name=line(name.get("official_full") or f"{name['first']} {name['last']}"),
        family_name=needed(name, "last"),
        title="Senator" if senator else _house_title(state),
        party=line(term.get("party")),
        site=web(term.get("url")),
        form=web(term.get("contact_form")),
        offices=(
            Office(
                kind=OfficeKind.CAPITOL,
                place="Washington",
                phone=line(term.get("phone")),
                address=line(term.get("address")),
            ),
        ),
    )


def _district_offices(one: Json) -> tuple[str, tuple[Office, ...]]:
    return needed(one, "id", "bioguide"), tuple(
        Office(
            kind=OfficeKind.DISTRICT,
            place=line(office.get("city")),
            phone=line(office.get("phone")),
            address=line(office.get("address")),
            hours=line(office.get("hours")),
        )
        for office in one["offices"]
    )


def _committees(one: Json) -> list[Committee]:
    """A committee and its parts."""
    whole_one = Committee(
        key=needed(one, "thomas_id"),
        name=needed(one, "name"),
        chamber=_CHAMBERS.get(str(one.get("type")), Chamber.UNKNOWN),
        site=web(one.get("url")),
        phone=line(one.get("phone")),
    )
    parts = [
        Committee(
            key=whole_one.key + needed(part, "thomas_id"),
            name=needed(part, "name"),
            chamber=whole_one.chamber,
            parent=whole_one.key,
            phone=line(part.get("phone")),
        )
        for part in one.get("subcommittees", ())
    ]
    return [whole_one, *parts]


def _memberships(
    told: Mapping[str, Sequence[Json]], committees: Mapping[str, Committee]
) -> dict[str, list[CommitteeSeat]]:
    """Where each person sits, whole committees before their parts."""
    found: dict[str, list[CommitteeSeat]] = defaultdict(list)
    for key in sorted(told, key=lambda one: (len(one) > _WHOLE_COMMITTEE, one)):
        committee = committees.get(key)
        if committee is None:
            continue  # dissolved since the list of committees was made
        for person, seat in each(f"{MEMBERSHIP} {key}", told[key], _sits(committee)):
            found[person].append(seat)
    return found


def _sits(committee: Committee) -> Any:
    def read(one: Json) -> tuple[str, CommitteeSeat]:
        title = line(one.get("title"))
        return needed(one, "bioguide"), CommitteeSeat(
            committee=committee.key,
            name=committee.name,
            role=_TITLES.get(title, title),
            rank=int(one.get("rank") or 0),
            parent=committee.parent,
        )

    return read
