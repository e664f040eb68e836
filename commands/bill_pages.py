"""Pages about bills: one in full, many in a list, the hearings ahead. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from commands.bill_path import path_of
from commands.bill_words import as_of, bar, chamber_name, state
from commands.campaign_cards import contact_about
from commands.pledge_cards import cite
from domain import pledges, tracked_bills
from domain.bill_progress import progress
from domain.bills import Bill, BillAction, Chamber, Hearing, HearingStatus, Outcome, Sponsor
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
    instant,
    link,
    text,
)
from domain.dates import plain_date
from domain.jurisdictions import name_of
from domain.record import Record, RecordedBill, Stance
from domain.text import shorten
from domain.tracked_bills import KnownBill, OwnPosition

_STEPS = 8
_NAMED = 6
_SOURCES = 5
_TITLE = 90
_STANCES = {
    Stance.WROTE: "wrote it",
    Stance.SUPPORTS: "for it",
    Stance.OPPOSES: "against it",
    Stance.NEUTRAL: "neutral",
    Stance.EMPLOYS_SPONSOR: "employs its sponsor",
}


def bill_page(
    known: KnownBill,
    record: Record,
    now: datetime,
    *,
    others: Sequence[KnownBill] = (),
    newer: KnownBill | None = None,
    read_from: Text = (),
    trouble: str = "",
) -> Page:
    """One bill in full. `others` have its number in other sessions, `newer` takes it up again.

    `read_from` says which sources told of it and when, `trouble` why that is not just now.
    """
    on = now.date()
    known = as_of(known, on)
    bill = known.bill
    blocks: list[Block] = []
    if known.numbered and (bill.actions or bill.introduced_on):
        over = tracked_bills.ended(bill.key, on)
        blocks.append(Paragraph(text=bar(bill.key, progress(bill), over=over)))
    summary = known.recorded.summary if known.recorded else bill.summary
    if summary:
        blocks.append(Paragraph(text=text(shorten(summary, 600))))
    blocks.append(Facts(facts=tuple(_facts(known, record, now))))
    blocks += _positions(known)
    blocks += _steps(known)
    blocks += _sources(known, read_from)
    return Page(
        title=shorten(_heading(known), 200),
        blocks=tuple(blocks),
        note=trouble,
        actions=tuple(_actions(known, record, on, others, newer)),
        picture=path_of(known, on),
    )


def bill_item(known: KnownBill, on: date) -> Text:
    """A bill in a line of a list: what it is and where it stands."""
    title = (
        f" · {shorten(known.title, _TITLE)}" if known.title and known.title != known.label else ""
    )
    return text(bold(known.label), f"{title} · {state(known, on)}")


def hearing_item(bill: Bill, hearing: Hearing, on: date) -> Text:
    """A hearing in a line: which day, how soon, which bill, which committee, where."""
    off = hearing.status is HearingStatus.CANCELLED
    who = hearing.committee or hearing.title
    return text(
        bold(f"{plain_date(hearing.on)}{'' if off else f' ({days_left(hearing.on, on)})'}: "),
        tracked_bills.label(bill.key),
        " · cancelled" if off else "",
        f" · {who}" if who else "",
        *_when(hearing),
        f" · {hearing.place}" if hearing.place else "",
    )


def days_left(day: date, on: date) -> str:
    """How soon a day is: `today`, `tomorrow`, `in 3 days`, `2 days ago`."""
    left = (day - on).days
    if left < 0:
        return "yesterday" if left == -1 else f"{-left} days ago"
    return {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")


def as_calendar(bill: str = "") -> Action:
    """The button that hands out the hearings of a bill, or of all that the channel hears of."""
    given = (("days", ""), *((("bill", bill),) if bill else ()), ("calendar", "yes"))
    return Action(label="Calendar file", command="bill hearings", arguments=given)


def stances(positions: Iterable[OwnPosition]) -> tuple[Text, ...]:
    """What a community noted of who stands where, in lines."""
    return tuple(
        text(
            bold(one.who),
            f" · {_STANCES[one.stance]} · noted here {plain_date(one.at.date())} · ",
            _linked(one.source),
        )
        for one in positions
    )


def _heading(known: KnownBill) -> str:
    name = known.label
    if known.recorded and not known.numbered:
        name = known.recorded.place
    return f"{name} · {known.title}" if known.title and known.title != name else name


def _facts(known: KnownBill, record: Record, now: datetime) -> Iterable[Fact]:
    bill, on = known.bill, now.date()
    yield _fact("Stands", state(known, on)[:1].upper() + state(known, on)[1:])
    place = known.recorded.place if known.recorded else name_of(bill.key.jurisdiction)
    session = f", session {bill.key.session}" if bill.key.session else ""
    yield _fact("Where", f"{place}{session}")
    if bill.standing_sponsors:
        yield _fact("Sponsors", sponsors(bill))
    if bill.committees:
        yield _fact("Committees", ", ".join(one.name for one in bill.committees[:_NAMED]))
    hearing = bill.next_hearing(now)
    if hearing:
        yield Fact(label="Next hearing", value=hearing_item(bill, hearing, on))
    for company, pledge in tracked_bills.waiting_pledges(known.ref, record, on):
        terms = pledges.terms_on(pledge, on)
        assert terms is not None
        here = "" if bill.key.jurisdiction == "us" else " This is no national law."
        yield _fact("A pledge", f"{company.name}’s lasts until {terms.duration.condition}.{here}")


def sponsors(bill: Bill) -> str:
    """Who brought a bill in, and how many stand behind it besides."""
    primary = bill.primary_sponsors
    others = len(bill.standing_sponsors) - len(primary)
    named = ", ".join(_sponsor(one) for one in primary[:_NAMED])
    if len(primary) > _NAMED:
        named += f" and {len(primary) - _NAMED} more"
    cosponsors = f"{others} cosponsor{'s' if others > 1 else ''}" if others else ""
    return "; ".join(part for part in (named, cosponsors) if part)


def _sponsor(one: Sponsor) -> str:
    detail = "-".join(part for part in (one.party, one.district) if part)
    return f"{one.name} ({detail})" if detail else one.name


def _positions(known: KnownBill) -> list[Block]:
    recorded = known.recorded.positions if known.recorded else ()
    favour, against, rest = tracked_bills.sides(recorded, ())
    facts = [
        _fact(label, _names(names))
        for label, names in (("For", favour), ("Against", against), ("Also", rest))
        if names
    ]
    blocks: list[Block] = [Heading(text="Who is for it and against it")]
    if facts:
        blocks.append(Facts(facts=tuple(facts)))
    if known.positions:
        blocks.append(Bullets(items=stances(known.positions[:_NAMED])))
    return blocks if len(blocks) > 1 else []


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _steps(known: KnownBill) -> list[Block]:
    """What happened, oldest first: by the legislature where it was asked, else by the record."""
    if known.told:
        steps = sorted(known.told.actions, key=lambda one: one.on)[-_STEPS:]
        facts = [_fact(plain_date(one.on), _step(known.told, one)) for one in steps]
    else:
        held = known.recorded.steps[-_STEPS:] if known.recorded else ()
        facts = [_fact(one.on.plain, one.text) for one in held]
    return [Heading(text="What happened"), Facts(facts=tuple(facts))] if facts else []


def _step(bill: Bill, action: BillAction) -> str:
    who = chamber_name(bill.key.jurisdiction, action.chamber)
    named = who and action.chamber is not Chamber.EXECUTIVE and who not in action.text
    return f"{who}: {shorten(action.text, 200)}" if named else shorten(action.text, 200)


def _sources(known: KnownBill, read_from: Text) -> list[Block]:
    items = [read_from] if read_from else []
    if known.told:
        items += [text(link(url, url)) for url in known.told.urls[:2]]
    if known.recorded:
        used = _cited(known.recorded)
        items += [cite(one) for one in known.recorded.citations if one.key in used][:_SOURCES]
    return [Heading(text="Sources"), Bullets(items=tuple(items))] if items else []


def _cited(recorded: RecordedBill) -> set[str]:
    """The citations that the steps and positions shown rest on."""
    shown = [one.sources for one in recorded.steps[-_STEPS:]]
    shown += [one.sources for one in recorded.positions]
    return {key for sources in shown for key in sources}


def _actions(
    known: KnownBill,
    record: Record,
    on: date,
    others: Sequence[KnownBill],
    newer: KnownBill | None,
) -> Iterable[Action]:
    named = (("number", known.ref),)
    over = tracked_bills.ended(known.bill.key, on)
    if newer and over:
        yield Action(
            label=f"Taken up again: {newer.label} ({newer.bill.key.session})"[:75],
            command="bill show",
            arguments=(("number", newer.ref),),
        )
    if known.watch:
        yield Action(label="Untrack", command="bill untrack", arguments=named)
    else:
        yield Action(label="Track", command="bill track", arguments=named)
    if not over and progress(known.bill).outcome is Outcome.PENDING:
        yield contact_about(known.ref)
    yield Action(label="Hearings", command="bill hearings")
    if known.told and known.told.hearings:
        yield as_calendar(known.ref)
    for company, _ in tracked_bills.waiting_pledges(known.ref, record, on)[:1]:
        yield Action(
            label=f"{company.name}’s pledge",
            command="pledge show",
            arguments=(("company", company.key),),
        )
    for one in others[:2]:
        yield Action(
            label=f"In {one.bill.key.session}"[:75],
            command="bill show",
            arguments=(("number", one.ref),),
        )


def _when(hearing: Hearing) -> list[str | Span]:
    if hearing.at:
        return [", ", instant(hearing.at)]
    return [f", {hearing.time_text}"] if hearing.time_text else []


def _linked(source: str) -> Span:
    web = source.startswith(("https://", "http://"))
    return link(shorten(source, 80), source) if web else Span(text=source)


def _fact(label: str, value: str) -> Fact:
    return Fact(label=label, value=text(value))
