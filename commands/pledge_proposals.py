"""Proposals in words: what each would add, where it stands, what can be done with it.

Nobody is named: who proposed and who reviewed stands in the audit log alone.
"""

from collections.abc import Sequence

from commands.pledge_cards import cite
from domain import pledges
from domain.cards import (
    Action,
    Block,
    Fact,
    Facts,
    Paragraph,
    Row,
    Table,
    Text,
    bold,
    join,
    text,
)
from domain.dates import PartialDate
from domain.proposals import Addition, Proposal, ProposalKind, ProposalState, confirmed_by
from domain.record import Answer, Bearing, Record, Terms

RULE = "An entry counts once two organizers confirm it; one decline with a reason ends it."
_BEARINGS = {
    Bearing.SUPPORTS: "evidence that supports it",
    Bearing.CONTRADICTS: "evidence that contradicts it",
    Bearing.CONTEXT: "context",
}


def heading(addition: Addition) -> str:
    """What an addition is, in a few words: `Amazon: broken, May 2026`."""
    if addition.event:
        return f"{addition.name}: {addition.event.kind.value}, {addition.event.on.plain}"
    if addition.evidence:
        what = _BEARINGS[addition.evidence.bearing]
        return f"{addition.name}: {what}, {addition.evidence.on.plain}"
    if addition.terms:
        return f"{addition.name}: new terms from {addition.terms.since.plain}"
    assert addition.made
    return f"{addition.name}: a new pledge, {addition.made.announced_on.plain}"


def gist(addition: Addition) -> Text:
    """What an addition says, in a line, with its source."""
    words = (
        (addition.event and addition.event.text)
        or (addition.evidence and addition.evidence.text)
        or (addition.made and addition.made.promise)
        or (addition.terms and f"Ends: {pledges.describe_end(addition.terms)}")
    )
    return text(f"{words} ", *_sources(addition))


def in_full(addition: Addition, record: Record) -> tuple[Block, ...]:
    """All that an addition says; new terms stand beside the ones before."""
    if addition.terms:
        return (_terms_beside(addition, addition.terms, record), *_cited(addition))
    rows: list[tuple[str, str]] = []
    if addition.event:
        rows = [("What happened", addition.event.text)]
    elif addition.evidence:
        found = addition.evidence
        rows = [
            ("What it is", f"{found.kind.value}, {found.bearing.value}"),
            ("What it says", found.text),
            ("The company says", found.response),
            ("Strength", found.strength),
            ("Bill", found.bill or ""),
        ]
    elif addition.made:
        version = addition.made.terms[0]
        covered = [
            f"{row.audience.value}: {row.answer.value}"
            for row in version.coverage
            if row.answer is not Answer.UNSTATED
        ]
        rows = [
            ("The promise", addition.made.promise),
            ("Covered", "; ".join(covered) or "unstated"),
            ("Ends", pledges.describe_end(version)),
            ("Action", version.action),
        ]
        if record.company(addition.company) is None:
            rows.append(("New", f"{addition.name} is not in the record yet and comes with it."))
    facts = tuple(Fact(label=label, value=text(value)) for label, value in rows if value)
    return (Facts(facts=facts), *_cited(addition))


def standing(proposal: Proposal) -> str:
    """Where a proposal stands, in a sentence or two."""
    why = f" Reason: {proposal.reason}" if proposal.reason else ""
    match proposal.state:
        case ProposalState.OPEN if confirmed_by(proposal):
            return "One organizer has confirmed it; it counts once another one does."
        case ProposalState.OPEN:
            return RULE
        case ProposalState.CONFIRMED:
            return how_confirmed(proposal)
        case ProposalState.DECLINED:
            return f"It was declined.{why}"
        case _:
            return f"It was withdrawn.{why}"


def how_confirmed(proposal: Proposal) -> str:
    """Whether two organizers confirmed it, or one as the only one."""
    if len(confirmed_by(proposal)) > 1:
        return "Two organizers confirmed it."
    return "One organizer confirmed it, as the only one here."


def deeds(proposal: Proposal, *, numbered: bool = False) -> tuple[Action, ...]:
    """The buttons that review a proposal; `numbered` where several stand on one card."""
    which = f" {proposal.id}" if numbered else ""
    match proposal.state:
        case ProposalState.OPEN:
            return (
                review_action(f"Confirm{which}", proposal, "confirm"),
                review_action(f"Decline{which}", proposal, "decline"),
            )
        case ProposalState.CONFIRMED:
            return (review_action(f"Take back{which}", proposal, "withdraw", danger=True),)
        case _:
            return (review_action(f"Open again{which}", proposal, "reopen"),)


def review_action(
    label: str, proposal: Proposal, verdict: str = "", *, danger: bool = False, alone: bool = False
) -> Action:
    """A button that looks at a proposal or reviews it."""
    named = [("proposal", str(proposal.id))]
    if verdict:
        named.append(("verdict", verdict))
    if alone:
        named.append(("alone", "yes"))
    return Action(label=label, command="pledge review", arguments=tuple(named), danger=danger)


def propose_action(label: str, company: str, what: ProposalKind | None = None) -> Action:
    """A button that proposes something about a company."""
    named = [("company", company)]
    if what:
        named.append(("what", what.value))
    return Action(label=label, command="pledge propose", arguments=tuple(named))


def table_of_changes(
    rows: Sequence[tuple[str, str, str]], before: PartialDate, after: PartialDate
) -> Table:
    """Old terms beside new ones, each headed by the day from which they stand."""
    return Table(
        columns=(f"Old ({before.plain})", f"New ({after.plain})"),
        rows=tuple(Row(label=label, cells=(old or "–", new or "–")) for label, old, new in rows),
    )


def _terms_beside(addition: Addition, terms: Terms, record: Record) -> Block:
    company = record.company(addition.company)
    held = company.pledges if company else ()
    pledge = next((one for one in held if one.key == addition.pledge), None)
    before = pledges.terms_before(pledge, terms) if pledge else None
    rows = pledges.changes(before, terms) if before else []
    if before and rows:
        return table_of_changes(rows, before.since, terms.since)
    return Facts(facts=(Fact(label="Ends", value=text(pledges.describe_end(terms))),))


def _cited(addition: Addition) -> tuple[Paragraph, ...]:
    return (Paragraph(text=text(bold("Source: "), *_sources(addition))),)


def _sources(addition: Addition) -> Text:
    return join("; ", [cite(one) for one in addition.citations])
