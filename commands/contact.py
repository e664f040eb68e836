"""`/contact`: who represents someone, and how to reach them.

An address is sent to the geocoder and is in nothing that is kept: not in the database, a log, an
error or a button. Districts are remembered only for those who press the button that says so.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from commands.contact_cards import found_page, legislator_page
from commands.contact_script import COMMANDS as SCRIPT_COMMANDS
from commands.contact_subjects import legislator_named, no_roster
from commands.registry import Command, Option, form_for
from domain import divisions
from domain.cards import Action, Card, Notice, Reply, Tone, code, text
from domain.errors import UserError
from domain.people import CONGRESS, Located, Represented, RosterState
from domain.ports import Desk, Tx
from domain.text import clean

_LONGEST = 200
_LONGEST_ABOUT = 100
_MOST_DISTRICTS = 20
_ZIP = re.compile(r"(\d{5})(?:[- ]?\d{4})?")
_ASK_AGAIN = "?"
_ADDRESS_SENT = "The address was sent to the US Census geocoder and is not kept."
_ZIP_KEPT_HERE = (
    "The ZIP code was looked up here, was sent nowhere and is not kept. It says nothing of the "
    "state’s legislature: a street address does."
)
_REMEMBERED = "From the districts you asked to be remembered; no address is kept."


async def find(desk: Desk, *, place: str, about: str) -> Reply:
    """Who represents an address, a ZIP code, or the districts remembered for the asker.

    `about` is the bill or pledge that they are to be called about.
    """
    about = clean(about, _LONGEST_ABOUT)
    written = clean(place, _LONGEST + 1)
    if written in {"", _ASK_AGAIN}:
        return Reply(card=await _without_place(desk, about, asked_anew=bool(written)))
    if len(written) > _LONGEST:
        raise UserError(f"A place has at most {_LONGEST} characters.")
    congress = await desk.store.read(lambda tx: tx.people.state(CONGRESS))
    if congress is None or congress.as_of is None:
        raise no_roster()
    code_typed = _ZIP.fullmatch(written)
    if code_typed:
        located = await _by_zip(desk, code_typed[1], congress.lines, about)
        return Reply(card=await _found(desk, located, _ZIP_KEPT_HERE, about))
    located = await desk.places.locate(written, congress.lines)
    return Reply(card=await _found(desk, located, _ADDRESS_SENT, about))


async def remember(desk: Desk, *, districts: str) -> Reply:
    """Keep the districts that were just found, for the asker alone."""
    numbers = [int(one) for one in re.findall(r"\d{1,9}", districts)][:_MOST_DISTRICTS]

    def work(tx: Tx) -> list[Represented]:
        held = tx.people.holding_numbers(numbers)
        if held:
            known = [one.id for one in held]
            tx.people.remember(desk.space, desk.request.actor.id, known)
        return held

    held = await desk.store.write(work)
    if not held:
        raise UserError(
            "These districts are not in the rosters.", hint="/contact find finds yours."
        )
    labels = ", ".join(dict.fromkeys(one.seat.label for one in held))
    return Reply(
        card=Notice(
            text=text(f"Remembered for you in this community: {labels}. No address is kept."),
            tone=Tone.DONE,
            hint=text(code("/contact forget"), " erases them."),
            actions=(Action(label="Forget my districts", command="contact forget"),),
        )
    )


async def forget(desk: Desk) -> Reply:
    """Erase the districts that are remembered for the asker."""
    gone = await desk.store.write(lambda tx: tx.people.forget(desk.space, desk.request.actor.id))
    told = "Your districts are erased." if gone else "No districts were remembered for you here."
    return Reply(card=Notice(text=text(told), tone=Tone.DONE if gone else Tone.INFO))


async def legislator(desk: Desk, *, name: str, own: str, about: str) -> Reply:
    """One legislator: phones, committees, ways to write."""

    def work(tx: Tx) -> Card:
        one = legislator_named(tx, name, "contact legislator", "name")
        roster = tx.people.state(one.jurisdiction)
        busy = tx.campaigns.busy(desk.space, [one.key], desk.now)
        named = clean(about, _LONGEST_ABOUT)
        return legislator_page(one, roster, desk.now, busy, own=own == "yes", about=named)

    return Reply(card=await desk.store.read(work))


async def _by_zip(desk: Desk, code_typed: str, lines: int, about: str) -> Located:
    """The one House district of a ZIP code. Raises UserError, which does not repeat it."""
    areas = await desk.places.zip_areas(code_typed, lines)
    if len(areas) == 1:
        return Located(state=divisions.state_of(areas[0]), house=areas, lines=lines)
    asked = (("place", "?"), *((("about", about),) if about else ()))
    choices = (Action(label="Give the address", command="contact find", arguments=asked),)
    if not areas:
        raise UserError(
            "That ZIP code alone does not say who represents you: it has no area on the Census "
            "map, or the map here is older than today’s districts.",
            hint="Give the street address, with town and state.",
            choices=choices,
        )
    raise UserError(
        f"That ZIP code spans {len(areas)} US House districts, so it alone does not say who "
        "represents you.",
        hint="Give the street address, with town and state. It is sent to the US Census "
        "geocoder and not kept.",
        choices=choices,
    )


async def _without_place(desk: Desk, about: str, *, asked_anew: bool) -> Card:
    """The asker's remembered legislators; without any, or on request, the form for an address."""

    def work(tx: Tx) -> Card:
        numbers = tx.people.remembered(desk.space, desk.request.actor.id)
        held = tx.people.holding_numbers(numbers) if numbers and not asked_anew else []
        if not held:
            return form_for(_FIND, {"about": about}, fault="")
        return found_page(
            Located(state=held[0].seat.state),
            held,
            _rosters(tx, {one.seat.jurisdiction for one in held}),
            told=_REMEMBERED,
            now=desk.now,
            busy=_busy(tx, desk, held),
            remembers=True,
            about=about,
        )

    return await desk.store.read(work)


async def _found(desk: Desk, located: Located, told: str, about: str) -> Card:
    """Who holds the seats of the districts that were found."""
    wanted = [*located.house, *located.districts]
    if not divisions.has_delegate(located.state):
        wanted.append(divisions.senate_division(located.state))

    def work(tx: Tx) -> Card:
        names = {CONGRESS, located.state} if located.districts else {CONGRESS}
        held = tx.people.holding(dict.fromkeys(wanted))
        return found_page(
            located,
            held,
            _rosters(tx, names),
            told=told,
            now=desk.now,
            busy=_busy(tx, desk, held),
            remembers=False,
            about=about,
        )

    return await desk.store.read(work)


def _busy(tx: Tx, desk: Desk, held: Iterable[Represented]) -> Mapping[str, int]:
    """How many calls to each found the line busy today."""
    keys = [member.key for one in held for member in one.members]
    return tx.campaigns.busy(desk.space, keys, desk.now)


def _rosters(tx: Tx, names: set[str]) -> dict[str, RosterState]:
    return {one.name: one for one in tx.people.states() if one.name in names and one.as_of}


def _asked(given: Mapping[str, str]) -> tuple[Option, ...]:
    """The form asks for a place, though the command does without where districts are kept."""
    del given
    return (replace(_PLACE, required=True),)


_PLACE = Option(
    name="place",
    summary="Street address, or a ZIP code",
    private=True,
    example="1600 Main Street, Springfield, WA 98000",
)
_ABOUT = Option(
    name="about", summary="The bill, or the company, to call about", example="CA AB 2261"
)
_FIND = Command(
    noun="contact",
    verb="find",
    summary="Who represents you, by address or ZIP code; nothing typed is kept",
    handler=find,
    options=(_PLACE, _ABOUT),
    asked=_asked,
)
COMMANDS = (
    _FIND,
    Command(
        noun="contact",
        verb="legislator",
        summary="A legislator: phones, committees, ways to write",
        handler=legislator,
        options=(
            Option(name="name", summary="The name", required=True, example="Pramila Jayapal"),
            Option(name="own", summary="Whether they represent you", choices=("yes", "no")),
            _ABOUT,
        ),
    ),
    *SCRIPT_COMMANDS,
    Command(
        noun="contact",
        verb="remember",
        summary="Remember districts for you here; /contact find offers it",
        handler=remember,
        options=(
            Option(
                name="districts",
                summary="Their numbers, as the button of /contact find has them",
                required=True,
                example="12.48.301",
            ),
        ),
    ),
    Command(
        noun="contact",
        verb="forget",
        summary="Erase the districts remembered for you here",
        handler=forget,
    ),
)
