"""`/pledge history`: every event, every version of the terms, and where sources disagree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from commands.naming import company_in
from commands.paging import PAGE, next_page, page_of
from commands.pledge_cards import citations, cite_short
from commands.pledge_proposals import propose_action, table_of_changes
from commands.pledge_submit import not_in_record
from commands.registry import Command, Completes, Option, Reads
from commands.timelines import timeline_of
from domain import pledges
from domain.cards import (
    Action,
    Block,
    Bullets,
    Card,
    Heading,
    Notice,
    Page,
    Paragraph,
    Reply,
    Text,
    bold,
    join,
    text,
)
from domain.dates import plain_date
from domain.ports import Desk
from domain.record import Company, Conflict, Pledge, Side, StatusEvent, Terms

_SIZE = 6
_CITED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """Something on one day; terms come after what happened that day."""

    on: date
    rank: int
    blocks: tuple[Block, ...]


async def history(desk: Desk, *, company: str, on: date | None, page: int | None) -> Reply:
    """What happened to a company's pledges until a day, oldest first."""
    record = await desk.store.read(lambda tx: tx.record.load(desk.space))
    known = company_in(record, company)
    if known is None:
        raise not_in_record(record, company, "pledge history")
    day = on or desk.now.date()
    moments = [*_moments(known, day), *_conflicts(known, day)]
    if not moments:
        return Reply(card=_nothing(known, day))
    named = [("company", known.name), *([("on", on.isoformat())] if on else [])]
    shown, left = page_of(moments, page, _SIZE)
    return Reply(
        card=Page(
            title=f"History · {known.name}",
            blocks=tuple(block for one in shown for block in one.blocks),
            note=f"Until {plain_date(day)}, oldest first.",
            actions=(*next_page("pledge history", page, left, *named), *_actions(known)),
            picture=timeline_of([known], record.bills, day) if page in {None, 1} else None,
        )
    )


def _moments(company: Company, on: date) -> list[_Moment]:
    """What happened to each pledge by `on`, oldest first."""
    made = [one for one in company.pledges if pledges.known(one, on)]
    found = [
        moment
        for pledge in made
        for moment in (*_events(company, pledge, on), *_versions(company, pledge, on))
    ]
    return sorted(found, key=lambda one: (one.on, one.rank))


def _events(company: Company, pledge: Pledge, on: date) -> Iterator[_Moment]:
    several = len(company.pledges) > 1
    for event in pledges.events_until(pledge, on):
        title = f" ({pledge.title})" if several else ""
        yield _Moment(
            on=event.on.latest,
            rank=0,
            blocks=(Paragraph(text=_told(company, event, title)),),
        )


def _told(company: Company, event: StatusEvent, title: str) -> Text:
    when = event.on.plain
    head = bold(f"{when[:1].upper()}{when[1:]} · {event.kind.value}{title}")
    return text(head, f": {event.text} ", *_sources(company, event.sources))


def _versions(company: Company, pledge: Pledge, on: date) -> Iterator[_Moment]:
    """Each version of the terms; from the second on, what it says otherwise, old beside new."""
    for terms in pledge.terms:
        blocks = _version(company, pledge, terms) if terms.since.latest <= on else ()
        if blocks:
            yield _Moment(on=terms.since.latest, rank=1, blocks=blocks)


def _version(company: Company, pledge: Pledge, terms: Terms) -> tuple[Block, ...]:
    sources = Paragraph(text=_sources(company, terms.sources))
    before = pledges.terms_before(pledge, terms)
    if before is None:
        said = f"{terms.action}; {terms.products}. Ends: {pledges.describe_end(terms)}."
        first = text(bold(f"The first terms, {terms.since.plain}"), f": {said} ", sources.text)
        return (Paragraph(text=first),)
    rows = pledges.changes(before, terms)
    if not rows:
        return ()
    table = table_of_changes(rows, before.since, terms.since)
    return (Heading(text=f"New terms, {terms.since.plain}"), table, sources)


def _conflicts(company: Company, on: date) -> list[_Moment]:
    """Where sources disagree, both sides; what they disagree about need have no day."""
    return [
        _Moment(on=on, rank=2, blocks=_conflict(company, conflict, place == 0))
        for place, conflict in enumerate(company.conflicts)
    ]


def _conflict(company: Company, conflict: Conflict, first: bool) -> tuple[Block, ...]:  # noqa: FBT001 - told by its place
    head = (Heading(text="Where sources disagree"),) if first else ()
    about = Paragraph(text=text(bold(conflict.about), f" {conflict.note}".rstrip()))
    sides = Bullets(items=tuple(_side(company, one) for one in conflict.sides))
    return (*head, about, sides)


def _side(company: Company, side: Side) -> Text:
    return text(f"{side.claim} ", *_sources(company, side.sources))


def _sources(company: Company, keys: Sequence[str]) -> Text:
    held = citations(company, keys)
    if not held:
        return ()
    more = [f"{len(held) - _CITED} more"] if len(held) > _CITED else []
    return text("(", join("; ", [*(cite_short(one) for one in held[:_CITED]), *more]), ")")


def _nothing(company: Company, on: date) -> Card:
    return Notice(
        text=text(f"{company.name} had made no pledge by {plain_date(on)}."),
        hint=text("What else the record has about it stands under evidence."),
        actions=_actions(company),
    )


def _actions(company: Company) -> tuple[Action, ...]:
    named = (("company", company.name),)
    return (
        Action(label="The pledge", command="pledge show", arguments=named),
        Action(label="Evidence", command="pledge evidence", arguments=named),
        propose_action("Propose a change", company.name),
    )


COMMAND = Command(
    noun="pledge",
    verb="history",
    summary="Every event, every version of the terms, and where sources disagree",
    handler=history,
    options=(
        Option(
            name="company",
            summary="The company",
            required=True,
            completes=Completes.COMPANY,
            example="Amazon",
        ),
        Option(name="on", summary="As of a day", reads=Reads.DATE, example="2021-03-01"),
        PAGE,
    ),
)
