"""Whom a campaign calls: a chamber, a committee, a bill's sponsors or a list, by today's rosters."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from commands.bill_words import chamber_name
from commands.contact_cards import where_from
from commands.contact_subjects import legislator_named, no_roster
from commands.near import nearest
from domain.bills import Bill, Chamber
from domain.campaigns import MAX_TARGETS, Callers, Target, named_together
from domain.divisions import place_name
from domain.errors import UserError
from domain.jurisdictions import code_of
from domain.people import CONGRESS, Committee, Legislator
from domain.ports import Tx
from domain.text import clean, fold

HOW = "US Senate · WA House · committee Judiciary · sponsors · names, parted by commas"
_LISTED = 25
_LONGEST = 300
_CHAMBERS = {
    "house": Chamber.LOWER,
    "house of representatives": Chamber.LOWER,
    "house of delegates": Chamber.LOWER,
    "assembly": Chamber.LOWER,
    "general assembly": Chamber.LOWER,
    "senate": Chamber.UPPER,
    "legislature": Chamber.LEGISLATURE,
    "council": Chamber.LEGISLATURE,
}
_CHAMBER = re.compile(
    rf"(?:chamber:? *)?(?P<place>\S.*?) (?:state )?(?P<chamber>{'|'.join(sorted(_CHAMBERS, key=len, reverse=True))})",
    re.IGNORECASE,
)
_COMMITTEE = re.compile(r"committee:? +(?P<name>.+)", re.IGNORECASE)
_SPONSORS = frozenset({"sponsors", "sponsor", "its sponsors", "the sponsors"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The legislators chosen, what they are called together, and who calls them if nobody says.

    `missing` names sponsors whom the roster does not have.
    """

    whom: str
    legislators: tuple[Legislator, ...]
    callers: Callers = Callers.ANYONE
    missing: tuple[str, ...] = ()

    @property
    def targets(self) -> tuple[Target, ...]:
        """As a campaign keeps them."""
        return tuple(as_target(one) for one in self.legislators)


def as_target(one: Legislator) -> Target:
    """A legislator as a campaign keeps them."""
    return Target(key=one.key, name=one.titled, seat=where_from(one))


def targets_named(tx: Tx, written: str, bill: Bill | None) -> Chosen:
    """Return the legislators that people mean. Raises UserError that says how to name them."""
    asked = clean(written, _LONGEST)
    chamber = _CHAMBER.fullmatch(asked)
    place = code_of(chamber["place"]) if chamber else None
    if fold(asked).strip() in _SPONSORS:
        chosen = _sponsors(tx, bill)
    elif chamber and place:
        chosen = _chamber(tx, place, _CHAMBERS[chamber["chamber"].lower()])
    else:
        chosen = _committee_or_list(tx, asked)
    if not chosen.legislators:
        raise UserError(f"Nobody is known for the targets “{asked}”.", hint=f"Write one of: {HOW}.")
    if len(chosen.legislators) > MAX_TARGETS:
        raise UserError(f"A campaign has at most {MAX_TARGETS} targets.")
    return chosen


def _chamber(tx: Tx, place: str, chamber: Chamber) -> Chosen:
    """Everyone in a chamber; where a place has just one, that."""
    members = [
        one
        for one in _everyone(tx, place)
        if one.chamber is chamber or one.chamber is Chamber.LEGISLATURE
    ]
    name = chamber_name(place, chamber)
    where = "US" if place == CONGRESS else place_name(place)
    return Chosen(
        whom=f"the {where} {name}", legislators=_once(members), callers=Callers.CONSTITUENTS
    )


def _committee_or_list(tx: Tx, asked: str) -> Chosen:
    known = tx.people.committees()
    named = _COMMITTEE.fullmatch(asked)
    exact = [one for one in known if fold(one.name) == fold(asked)]
    if named or exact:
        committee = (
            exact[0] if len(exact) == 1 else _committee(known, named["name"] if named else asked)
        )
        name = committee.name.removeprefix("the ")
        return Chosen(
            whom=f"the {name}" if "ommittee" in name else f"the Committee {name}",
            legislators=_once(tx.people.committee_members(committee.key)),
        )
    return _list(tx, asked)


def _committee(known: Sequence[Committee], asked: str) -> Committee:
    """Return the committee with these words in its name. Raises UserError if it is not one."""
    words = fold(asked).split()
    found = [one for one in known if all(f" {word} " in fold(one.name) for word in words)]
    whole = [one for one in found if not one.parent]
    best = whole if len(whole) == 1 else found
    if len(best) == 1:
        return best[0]
    if best:
        names = "; ".join(one.name for one in best[:8])
        raise UserError(
            f"{len(best)} committees are meant by the targets “{clean(asked, 80)}”.",
            hint=f"Write one of these in full: {names}.",
        )
    near = nearest(asked, [one.name for one in known])
    raise UserError(
        f"The rosters have no committee “{clean(asked, 80)}”, which the targets name.",
        hint=f"Did you mean {' or '.join(near)}?"
        if near
        else "They know the committees of Congress; of a state’s, list the members’ names.",
    )


def _sponsors(tx: Tx, bill: Bill | None) -> Chosen:
    """Who stands behind the bill, as far as the roster knows them."""
    if bill is None or not bill.standing_sponsors:
        raise UserError(
            "No sponsors are known, so the targets cannot be “sponsors”.",
            hint="Name a chamber, a committee or the legislators themselves.",
        )
    everyone = _everyone(tx, bill.key.jurisdiction)
    by_key = {one.key: one for one in everyone}
    by_name: dict[str, list[Legislator]] = {}
    for one in everyone:
        for name in {fold(one.name), fold(one.titled)}:
            by_name.setdefault(name, []).append(one)
    found: list[Legislator] = []
    missing: list[str] = []
    for sponsor in bill.standing_sponsors:
        same = by_name.get(fold(sponsor.name), [])
        held = by_key.get(sponsor.id) or (same[0] if len(same) == 1 else None)
        if held:
            found.append(held)
        else:
            missing.append(sponsor.name)
    return Chosen(whom="its sponsors", legislators=_once(found), missing=tuple(missing))


def _list(tx: Tx, asked: str) -> Chosen:
    """The legislators named one by one. Raises UserError at the first that is not plain."""
    names = [name for part in re.split(r"[,;\n]", asked) if (name := part.strip())]
    if len(names) > _LISTED:
        raise UserError(f"A list of targets has at most {_LISTED} names.")
    found = _once(_one(tx, name) for name in names)  # few enough to look up one by one
    return Chosen(whom=named_together([as_target(one) for one in found]), legislators=found)


def _one(tx: Tx, name: str) -> Legislator:
    try:
        return legislator_named(tx, name, "campaign create", "targets")
    except UserError as error:
        if not error.choices:
            raise
        meant = "; ".join(f"{one.label} is {one.arguments[0][1]}" for one in error.choices)
        raise UserError(
            f"Who is “{name}” among the targets? {error.message}",
            hint=f"Write the name in full or the roster’s own id: {meant}.",
        ) from None


def _everyone(tx: Tx, place: str) -> list[Legislator]:
    """Everyone in a legislature. Raises UserError if its roster is not there."""
    roster = tx.people.state(place)
    if roster is None or roster.as_of is None:
        if place == CONGRESS:
            raise no_roster()
        raise UserError(
            f"The roster of {place_name(place)}’s legislature was not fetched yet.",
            hint=f"`pledgewatch sync rosters {place}` does so, as far as there is one.",
        )
    return [one for seat in tx.people.seats_of(place) for one in seat.members]


def _once(legislators: Iterable[Legislator]) -> tuple[Legislator, ...]:
    """Each legislator once, in their order."""
    return tuple({one.key: one for one in legislators}.values())
