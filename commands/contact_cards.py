"""Pages about legislators: who represents someone, how one of them is reached, what to say."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from commands.contact_hours import hours_of, open_offices
from domain.bills import Chamber
from domain.call_scripts import Position, Subject, mail_draft
from domain.cards import (
    Action,
    Block,
    Bullets,
    Fact,
    Facts,
    Heading,
    Page,
    Paragraph,
    Span,
    Text,
    bold,
    code,
    join,
    link,
    text,
)
from domain.dates import plain_date
from domain.divisions import has_delegate, has_roster, place_name
from domain.people import (
    CONGRESS,
    CommitteeSeat,
    Legislator,
    Located,
    Office,
    OfficeKind,
    Represented,
    RosterState,
    dialled,
    full_lines,
    offices_in_order,
)

HOUSE_FINDER = "https://www.house.gov/representatives/find-your-representative"
STATE_FINDER = "https://openstates.org/find_your_legislator/"
_PHONES = 2
_MEMBERS = 12
_COMMITTEES = 8


def found_page(
    located: Located,
    held: Sequence[Represented],
    rosters: Mapping[str, RosterState],
    *,
    told: str,
    now: datetime,
    busy: Mapping[str, int],
    remembers: bool,
    about: str = "",
) -> Page:
    """Who represents a place; `told` says what became of what was typed.

    `busy` is how many calls to each found the line busy today; `about` is what they are called
    about, for the scripts behind the buttons.
    """
    unsure = len(located.house) > 1
    blocks: list[Block] = [Paragraph(text=text(told))]
    for one in held:
        blocks += _seat(one, now, busy, unsure=unsure and _in_house(one))
    blocks += [Paragraph(text=one) for one in _oddities(located, held, rosters)]
    sure = [one for one in held if not (unsure and _in_house(one))]
    return Page(
        title="Who represents you",
        blocks=tuple(blocks),
        note=rosters_line(rosters.values()),
        actions=(*_call_buttons(sure, about), *_memory(sure, about, remembers=remembers)),
    )


def rosters_line(rosters: Iterable[RosterState]) -> str:
    """How old the rosters are: `Roster of Congress as of 1 June 2021.`."""
    told = []
    for one in sorted(rosters, key=lambda each: each.name != CONGRESS):
        name = "Congress" if one.name == CONGRESS else place_name(one.name)
        if one.as_of:
            old = ", the latest try failed" if one.error else ""
            told.append(f"{name} as of {plain_date(one.as_of.date())}{old}")
    return f"Rosters: {'; '.join(told)}." if told else ""


def legislator_page(
    one: Legislator,
    roster: RosterState | None,
    now: datetime,
    busy: Mapping[str, int],
    *,
    own: bool,
    about: str,
) -> Page:
    """One legislator: seat, phones in the order to try them, committees, ways to write."""
    phones = tuple(_phone_facts(one, now, busy))
    seat = [where_from(one), *([one.party] if one.party else [])]
    blocks: list[Block] = [Paragraph(text=text(" · ".join(seat)))]
    blocks.append(Facts(facts=phones) if phones else Paragraph(text=text("No phone is known.")))
    writing = _ways_to_write(one)
    if writing:
        blocks.append(Facts(facts=writing))
    committees = [each for each in one.committees if not each.parent]
    if committees:
        parts = [each for each in one.committees if each.parent]
        blocks += [Heading(text="Committees"), Bullets(items=_committees(committees, parts))]
    return Page(
        title=one.titled,
        blocks=tuple(blocks),
        note=rosters_line([roster] if roster else []),
        actions=(_script_button(one, own=own, about=about),),
    )


def script_page(
    words: str,
    subjects: Sequence[Subject],
    position: Position,
    one: Legislator | None,
    now: datetime,
    busy: Mapping[str, int],
    *,
    own: bool = False,
) -> Page:
    """What to say, and whom to say it to; `own` where the words are those of one campaign."""
    blocks: list[Block] = [Paragraph(text=(Span(text=words),))]
    about = ", ".join(subject.label for subject in subjects)
    if one is not None:
        facts = _phone_facts(one, now, busy)[:_PHONES]
        if one.email:
            draft = mail_draft(one.email, f"{position.value.capitalize()} {about}", words)
            facts.append(Fact(label="E-mail draft", value=text(link(one.email, draft))))
        elif one.form or one.site:
            facts.append(_form_fact(one))
        blocks.append(Facts(facts=tuple(facts)))
    return Page(
        title=f"What to say: {position.value} {about}"[:150],
        blocks=tuple(blocks),
        note=f"{len(words.split())} words. Say it in your own, and only what is true of you.",
        actions=(
            *(() if own else (_wording(subjects[0], position),)),
            Action(
                label="Log a call",
                command="contact log",
                arguments=(("about", subjects[0].key),),
            ),
        ),
    )


def _wording(subject: Subject, position: Position) -> Action:
    return Action(
        label="Change the words",
        command="contact wording",
        arguments=(("about", subject.key), ("position", position.value)),
    )


def where_from(one: Legislator) -> str:
    """The seat of a legislator: `US House, WA-7`, `CA Assembly, district 15`."""
    if one.jurisdiction != CONGRESS:
        return f"{place_name(one.state)}, district {one.district}"
    if one.chamber is Chamber.UPPER:
        return f"US Senate, {place_name(one.state)}"
    if one.district == "at-large":
        return f"US House, {place_name(one.state)}"
    return f"US House, {one.state.upper()}-{one.district}"


def member_line(
    one: Legislator, now: datetime, busy: Mapping[str, int], *, role: str = "", seat: bool = False
) -> Text:
    """A legislator in a line, with phones; with their `role` among others and their `seat`."""
    party = f" ({one.party})" if one.party else ""
    offices, _ = _phones(one, now, busy)
    phones = [_phone(one, office) for office in offices[:_PHONES]]
    site = one.form or one.site
    said = [text(each) for each in (role, where_from(one) if seat else "") if each]
    ways = [*said, *phones, *([text(link("form" if one.form else "site", site))] if site else [])]
    return text(bold(one.titled), party, " · " if ways else "", *join(" · ", ways))


def _seat(one: Represented, now: datetime, busy: Mapping[str, int], *, unsure: bool) -> list[Block]:
    """A seat with who holds it, and what of it is vacant."""
    lines = [member_line(each, now, busy) for each in one.members[:_MEMBERS]]
    if len(one.members) > _MEMBERS:
        lines.append(text(f"and {len(one.members) - _MEMBERS} more"))
    if one.vacant and one.seat.members == 1:
        lines.append(text("This seat is vacant. Nobody holds it until it is filled."))
    elif one.vacant:
        lines.append(text(f"{one.vacant} of its {one.seat.members} seats vacant."))
    maybe = " (perhaps)" if unsure else ""
    return [Heading(text=f"{one.seat.label}{maybe}"), Bullets(items=tuple(lines))]


def _phones(
    one: Legislator, now: datetime, busy: Mapping[str, int]
) -> tuple[tuple[Office, ...], frozenset[str]]:
    """The offices in the order to call them, and the numbers found busy today."""
    open_ = open_offices(one, now)
    full = full_lines(one.offices, open_, busy.get(one.key, 0))
    return offices_in_order(one.offices, open_, full), full


def _phone_facts(one: Legislator, now: datetime, busy: Mapping[str, int]) -> list[Fact]:
    offices, full = _phones(one, now, busy)
    return [_phone_fact(one, office, now, busy=office.phone in full) for office in offices]


def _phone(one: Legislator, office: Office) -> Text:
    return text(f"{_office_name(one, office)} ", _number(office))


def _phone_fact(one: Legislator, office: Office, now: datetime, *, busy: bool) -> Fact:
    told = (office.hours or hours_of(one, office, now), "busy for a caller today" if busy else "")
    hours = ", ".join(each for each in told if each)
    name = _office_name(one, office)
    kind = "" if office.kind is OfficeKind.CAPITOL else " (district office)"
    value = text(_number(office), f" · {hours}" if hours else "")
    return Fact(label=f"{name}{kind}" if name != "District" else "District office", value=value)


def _number(office: Office) -> Span:
    """A phone number; where the platform can, pressing it calls."""
    digits = dialled(office.phone)
    return link(office.phone, f"tel:{digits}" if digits else None)


def _office_name(one: Legislator, office: Office) -> str:
    if office.place:
        return office.place
    if office.kind is OfficeKind.DISTRICT:
        return "District"
    return "Washington" if one.jurisdiction == CONGRESS else "Capitol"


def _ways_to_write(one: Legislator) -> tuple[Fact, ...]:
    facts = [_form_fact(one)] if one.form or one.site else []
    if one.email:
        facts.append(Fact(label="E-mail", value=text(link(one.email, f"mailto:{one.email}"))))
    return tuple(facts)


def _form_fact(one: Legislator) -> Fact:
    label = "Contact form" if one.form else "Site"
    return Fact(label=label, value=text(link(one.form or one.site, one.form or one.site)))


def _committees(whole: Sequence[CommitteeSeat], parts: Sequence[CommitteeSeat]) -> tuple[Text, ...]:
    lines: list[Text] = []
    for one in whole[:_COMMITTEES]:
        of_it = [each.name for each in parts if each.parent == one.committee]
        inside = f": {', '.join(of_it)}" if of_it else ""
        role = f" ({one.role})" if one.role else ""
        lines.append(text(bold(one.name), role, inside))
    if len(whole) > _COMMITTEES:
        lines.append(text(f"and {len(whole) - _COMMITTEES} more"))
    return tuple(lines)


def _oddities(
    located: Located, held: Sequence[Represented], rosters: Mapping[str, RosterState]
) -> Iterable[Text]:
    """What is odd about the answer, each with what to do next."""
    name = place_name(located.state)
    known = {one.seat.division for one in held}
    if len(located.house) > 1:
        yield _unsure(located)
    if has_delegate(located.state):
        yield text(
            f"{name} has nobody in the Senate, and its member of the House may not vote on the "
            "passage of a bill. They do speak and sit on committees: a call still counts there."
        )
    if located.missing:
        yield text(
            f"The Census map gave no answer for {' and '.join(located.missing)}: "
            "try again in a few minutes, or look it up: ",
            *join(", ", (link("US House", HOUSE_FINDER), link("states", STATE_FINDER))),
            ".",
        )
    if located.state in rosters:
        for division in located.districts:
            if division not in known:
                yield text(
                    f"The district {_shown(division)} is not in the roster of {name}: it may have "
                    "been redrawn since. Nobody is named here rather than the wrong person; ",
                    link("look it up", STATE_FINDER),
                    ".",
                )
    elif located.districts and not has_roster(located.state):
        yield text(f"There is no public roster of {name}’s own legislature; nobody of it is named.")
    elif located.districts:
        yield text(
            f"The roster of {name}’s own legislature was not fetched yet, so nobody of it is named. "
            "A running service fetches it within the day; at once does ",
            code(f"pledgewatch sync rosters {located.state}"),
            ".",
        )
    if located.state == "nh" and located.districts:
        yield text(
            "New Hampshire also has overlapping House districts that the Census map leaves out; ",
            link("the state lists them all", STATE_FINDER),
            ".",
        )


def _unsure(located: Located) -> Text:
    why = (
        f"The Census map already has the districts of the {located.lines}th Congress, while "
        "today’s members were elected in earlier ones; the ZIP area reaches into several."
        if located.lines
        else "The Census map gave no House district, and the ZIP area reaches into several."
    )
    return text(
        f"{why} One of those marked “perhaps” represents you: ", link("find out", HOUSE_FINDER), "."
    )


def _shown(division: str) -> str:
    return division.rpartition(":")[2].replace("_", " ")


def _in_house(one: Represented) -> bool:
    return one.seat.jurisdiction == CONGRESS and one.seat.chamber is Chamber.LOWER


def _call_buttons(held: Sequence[Represented], about: str) -> tuple[Action, ...]:
    members = [each for one in held for each in one.members]
    return tuple(
        Action(
            label=f"{one.addressed}"[:75],
            command="contact legislator",
            arguments=(("name", one.key), ("own", "yes"), *_about(about)),
        )
        for one in members[:_MEMBERS]
    )


def _memory(held: Sequence[Represented], about: str, *, remembers: bool) -> tuple[Action, ...]:
    if remembers:
        again = (("place", "?"), *_about(about))
        return (
            Action(label="Another address", command="contact find", arguments=again),
            Action(label="Forget my districts", command="contact forget"),
        )
    numbers = ".".join(dict.fromkeys(str(one.id) for one in held))
    if not numbers:
        return ()
    return (
        Action(
            label="Remember my districts",
            command="contact remember",
            arguments=(("districts", numbers),),
        ),
    )


def _script_button(one: Legislator, *, own: bool, about: str) -> Action:
    mine = (("own", "yes"),) if own else ()
    arguments = (*_about(about), ("legislator", one.key), *mine)
    return Action(label="What to say", command="contact script", arguments=arguments)


def _about(about: str) -> tuple[tuple[str, str], ...]:
    return (("about", about),) if about else ()
