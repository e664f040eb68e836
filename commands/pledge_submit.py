"""Keeping what someone proposes, or giving the form back with what is wrong with it."""

from commands.naming import no_company
from commands.pledge_drafts import Draft
from commands.pledge_proposals import (
    RULE,
    heading,
    in_full,
    propose_action,
    review_action,
    standing,
)
from commands.registry import Command, Option, form_for
from domain.cards import Action, Card, Notice, Page, Reply, bold, text
from domain.errors import UserError
from domain.ports import Desk, Tx
from domain.proposals import Addition, Proposal, ProposalKind
from domain.record import EventKind, Record
from domain.text import shorten

MAX_NAME = 80
_MOST_OPEN = 20
# After these the terms are others than before.
_NEW_TERMS = frozenset({EventKind.EXTENDED, EventKind.NARROWED})
SOURCE = Option(
    name="source",
    summary="The source: a page’s address, then the outlet",
    example="https://paper.example/story Example Paper",
)
ON = Option(name="on", summary="When: a day, a month or a year", example="2026-05-01")


async def proposed(desk: Desk, draft: Draft, kind: ProposalKind, command: Command) -> Reply:
    """Keep what a draft says; with faults, its form again, each told at its field."""
    addition = draft.read(kind)
    if addition is None:
        return Reply(card=_form(draft, command))

    def work(tx: Tx) -> tuple[Proposal, bool]:
        held = tx.proposals.same(desk.space, addition)
        if held:
            return held, False
        _check_room(tx, desk)
        made = tx.proposals.add(desk.space, addition, desk.request.actor, desk.now)
        tx.audit.note(
            desk.space,
            desk.request.actor,
            command.path,
            f"proposal {made.id}: {heading(addition)}",
            desk.now,
            after=made.state.value,
        )
        return made, True

    proposal, fresh = await desk.store.write(work)
    return Reply(card=_kept(proposal, draft.record) if fresh else _known_already(proposal))


def not_in_record(record: Record, asked: str, command: str) -> UserError:
    """The record has no such company: near names, and the way to bring it in."""
    error = no_company(record, asked, command)
    name = shorten(asked, MAX_NAME)
    offer = propose_action(f"Propose a pledge of {shorten(name, 40)}", name, ProposalKind.PLEDGE)
    return UserError(error.message, hint=error.hint, choices=(*error.choices, offer))


def _form(draft: Draft, command: Command) -> Card:
    """The form with what was typed and, unless it is still empty, what is wrong with it."""
    assert command.asked
    if not any(draft.value(one.name) for one in command.asked(draft.typed)):
        return form_for(command, draft.typed, fault="")
    options = {one.name: one for one in command.options}
    told = " ".join(
        f"{options[name].name.capitalize()}: {fault}" for name, fault in draft.faults.items()
    )
    return form_for(command, draft.typed, fault=told, faults=draft.faults)


def _check_room(tx: Tx, desk: Desk) -> None:
    if tx.proposals.open_by(desk.space, desk.request.actor) >= _MOST_OPEN:
        raise UserError(
            f"{_MOST_OPEN} of your proposals wait for review already.",
            hint="Wait until organizers have been through them, or withdraw some.",
            choices=(Action(label="Those that wait", command="pledge review"),),
        )


def _kept(proposal: Proposal, record: Record) -> Page:
    return Page(
        title=f"Proposed: {heading(proposal.addition)}",
        blocks=in_full(proposal.addition, record),
        note=f"It is proposal {proposal.id}. {RULE}",
        actions=(
            review_action("Review it", proposal),
            *_what_follows(proposal.addition),
            review_action("Undo", proposal, "withdraw"),
        ),
    )


def _what_follows(addition: Addition) -> tuple[Action, ...]:
    if addition.event and addition.event.kind in _NEW_TERMS:
        return (propose_action("Propose the new terms too", addition.name, ProposalKind.TERMS),)
    return ()


def _known_already(proposal: Proposal) -> Notice:
    return Notice(
        text=text(bold(f"Proposal {proposal.id}"), " says just this already."),
        hint=text(standing(proposal)),
        actions=(review_action("Look at it", proposal),),
    )
