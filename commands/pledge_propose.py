"""`/pledge propose`: what someone would add to the record, kept until organizers review it."""

from collections.abc import Mapping
from dataclasses import replace

from commands.naming import company_in
from commands.pledge_drafts import EVENT_KINDS, Draft
from commands.pledge_evidence import evidence_form
from commands.pledge_proposals import RULE, propose_action
from commands.pledge_submit import MAX_NAME, ON, SOURCE, not_in_record, proposed
from commands.registry import Command, Completes, Option, form_for
from domain import pledges
from domain.cards import Page, Paragraph, Reply, text
from domain.errors import UserError
from domain.ports import Desk
from domain.proposals import ProposalKind
from domain.record import Company, Record
from domain.text import shorten


async def propose(desk: Desk, *, company: str, what: str, **typed: str) -> Reply:
    """An event, new terms or a new pledge; without saying which, the choice between them."""
    given = {"company": company, "what": what, **typed}
    if not company:
        return Reply(card=form_for(COMMAND, given, fault=""))
    record = await desk.store.read(lambda tx: tx.record.load(desk.space))
    known = company_in(record, company)
    if not what:
        return Reply(card=_choice(known, company))
    kind = ProposalKind(what)
    _check_place(record, known, company, kind, desk)
    if known and kind is ProposalKind.EVIDENCE:
        return Reply(card=evidence_form({**typed, "company": known.name}))
    draft = Draft(
        record=record,
        company=known,
        name=known.name if known else company,
        typed=given,
        today=desk.now.date(),
    )
    return await proposed(desk, draft, kind, COMMAND)


def _choice(known: Company | None, asked: str) -> Page:
    """What can be proposed about a company."""
    name = known.name if known else shorten(asked, MAX_NAME)
    offers = [propose_action("A new pledge", name, ProposalKind.PLEDGE)]
    if known:
        offers.append(propose_action("Evidence", name, ProposalKind.EVIDENCE))
    if known and known.pledges:
        offers = [
            propose_action("Something happened", name, ProposalKind.EVENT),
            propose_action("The terms changed", name, ProposalKind.TERMS),
            *reversed(offers),
        ]
    return Page(
        title=f"Propose a change: {name}",
        blocks=(Paragraph(text=text("What should the record say that it does not?")),),
        note=f"Anyone can propose. {RULE}",
        actions=tuple(offers),
    )


def _check_place(
    record: Record, known: Company | None, asked: str, kind: ProposalKind, desk: Desk
) -> None:
    """An event and terms need a pledge to belong to, evidence a company."""
    if kind is ProposalKind.PLEDGE:
        return
    if known is None:
        raise not_in_record(record, asked, COMMAND.path)
    made = any(pledges.known(one, desk.now.date()) for one in known.pledges)
    if not made and kind is not ProposalKind.EVIDENCE:
        raise UserError(
            f"{known.name} has no pledge in the record.",
            hint="Propose the pledge first.",
            choices=(propose_action("A new pledge", known.name, ProposalKind.PLEDGE),),
        )


def _asked(given: Mapping[str, str]) -> tuple[Option, ...]:
    """What the form asks for: first about whom and what, then at most five things about that."""
    what, company = given.get("what", "").strip(), given.get("company", "").strip()
    asks = _ASKS.get(what) if company else None
    if asks is None:
        return tuple(replace(one, required=True) for one in _OPTIONS[:2])
    options = {one.name: one for one in _OPTIONS}
    return tuple(replace(options[name], summary=summary, required=True) for name, summary in asks)


_WHEN, _SOURCED = ("on", ON.summary), ("source", SOURCE.summary)
_ASKS: Mapping[str, tuple[tuple[str, str], ...]] = {
    ProposalKind.EVENT: (
        ("kind", "What happened to the pledge"),
        _WHEN,
        ("text", "What happened, in your own words"),
        _SOURCED,
    ),
    ProposalKind.TERMS: (
        _WHEN,
        ("text", "The words that changed, or what is left out"),
        ("covers", "Who is covered and who not; or “as before”"),
        ("ends", "A day, a condition, “no end”, “as before”"),
        _SOURCED,
    ),
    ProposalKind.PLEDGE: (
        _WHEN,
        ("text", "The promise, in one or two sentences"),
        ("covers", "Who is covered and who not; or “unstated”"),
        ("ends", "A day, a condition, “no end”, “unstated”"),
        _SOURCED,
    ),
}
_OPTIONS = (
    Option(
        name="company",
        summary="The company",
        completes=Completes.COMPANY,
        free=True,
        example="Microsoft",
    ),
    Option(name="what", summary="What to propose", choices=tuple(ProposalKind)),
    Option(
        name="kind",
        summary="Of an event: what happened to the pledge",
        choices=tuple(one.value for one in EVENT_KINDS),
        free=True,
    ),
    ON,
    Option(
        name="text",
        summary="What happened or was promised, in your own words",
        long=True,
        example="It extends the pause for a year.",
    ),
    SOURCE,
    Option(
        name="covers",
        summary="Who is covered and who not",
        example="police, ICE, not the military",
    ),
    Option(name="ends", summary="When the terms end", example="2027-06-30"),
    Option(name="pledge", summary="Which pledge, if there are several", example="its title"),
    Option(name="title", summary="Of a pledge: a short title", example="No sales to police"),
    Option(name="action", summary="Of terms: what it does", example="stops selling"),
    Option(name="products", summary="Of terms: what products", example="all"),
    Option(name="where", summary="Of terms: which places", example="United States"),
    Option(name="exempt", summary="Of terms: who is exempt, with commas"),
    Option(name="framing", summary="Of terms: the reason given", example="human rights"),
    Option(name="about", summary="Of a pledge: words its news has, with commas"),
)
COMMAND = Command(
    noun="pledge",
    verb="propose",
    summary="Propose a change to the record",
    handler=propose,
    options=_OPTIONS,
    asked=_asked,
)
