"""`/pledge review`: organizers decide what counts; nobody's name is shown."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from commands.paging import PAGE, next_page, page_of
from commands.pledge_proposals import (
    RULE,
    deeds,
    gist,
    heading,
    how_confirmed,
    in_full,
    review_action,
    standing,
)
from commands.registry import Command, Option, Reads, Registry, form_for
from domain.cards import (
    Action,
    Block,
    Card,
    Heading,
    Notice,
    Page,
    Paragraph,
    Reply,
    Text,
    Tone,
    bold,
    code,
    text,
)
from domain.errors import NotAllowed, UserError
from domain.ports import Desk, Tx
from domain.proposals import (
    Proposal,
    ProposalState,
    Review,
    Verdict,
    confirmed_by,
    has_place,
    reviewed,
)

_SIZE = 5
_LISTED = 200
_REASON = 500
# What organizers' reviews are called in the audit log, and what others may do with their own.
_REVIEWED, _WITHDREW = "pledge review", "pledge withdraw"


def review_command(registry: Registry) -> Command:
    """The command that reviews; the registry tells what else only organizers do."""

    async def review(
        desk: Desk,
        *,
        proposal: int | None,
        verdict: str,
        reason: str,
        alone: str,
        state: str,
        page: int | None,
    ) -> Reply:
        """The proposals, one of them, or a verdict on it."""
        if proposal is None:
            return Reply(card=await _listed(desk, ProposalState(state or "open"), page))
        if not verdict:
            return Reply(card=await _shown(desk, proposal))
        organizer = await _authorised(desk, Verdict(verdict))
        if verdict == Verdict.DECLINE and not reason:
            await desk.store.read(lambda tx: _found(tx, desk, proposal))
            given = {"proposal": str(proposal), "verdict": verdict}
            return Reply(card=form_for(command, given, fault=""))
        if len(reason) > _REASON:
            raise UserError(f"A “reason” has at most {_REASON} characters.")
        step = Review(
            actor=desk.request.actor.id,
            verdict=Verdict(verdict),
            at=desk.now,
            reason=reason,
            alone=alone == "yes" and verdict == Verdict.CONFIRM,
        )
        verbs = {one.path for one in registry.commands if one.organizers} | {_REVIEWED}
        before, after = await desk.store.write(
            _reviewing(desk, proposal, step, verbs, organizer=organizer)
        )
        return Reply(card=_done(before, after))

    command = Command(
        noun="pledge",
        verb="review",
        summary="Review what was proposed for the record",
        handler=review,
        options=_OPTIONS,
        asked=_asked,
    )
    return command


def _reviewing(
    desk: Desk, number: int, step: Review, verbs: Collection[str], *, organizer: bool
) -> Callable[[Tx], tuple[Proposal, Proposal]]:
    """Decide in one transaction, so that of two reviews at once the second sees the first."""

    def work(tx: Tx) -> tuple[Proposal, Proposal]:
        before = _found(tx, desk, number)
        if step.alone and tx.audit.others_did(desk.space, desk.request.actor, verbs):
            raise UserError(
                "You are not the only organizer here: another one has acted before.",
                hint="It counts once a second organizer confirms it.",
            )
        after = reviewed(before, step, organizer=organizer)
        company = tx.record.load(desk.space).company(before.addition.company)
        if step.verdict is Verdict.CONFIRM and not has_place(company, before.addition):
            raise UserError(
                f"What proposal {number} belongs to is not in the record, or it is in it already.",
                hint="Decline it, or confirm first what it builds on.",
            )
        tx.proposals.keep(desk.space, after)
        tx.audit.note(
            desk.space,
            desk.request.actor,
            _REVIEWED if organizer else _WITHDREW,
            f"proposal {number}: {heading(before.addition)}",
            desk.now,
            before=before.state.value,
            after=_noted(after, step),
        )
        return before, after

    return work


def _noted(after: Proposal, step: Review) -> str:
    """What the audit log says came of a review."""
    alone = ", as the only organizer" if step.alone else ""
    why = f": {step.reason}" if step.reason else ""
    return f"{after.state.value} ({step.verdict.value}{alone}{why})"


async def _authorised(desk: Desk, verdict: Verdict) -> bool:
    """Whether an organizer asks. Raises NotAllowed where the verdict is theirs alone."""
    organizer = await desk.request.is_organizer()
    if not organizer and verdict in {Verdict.CONFIRM, Verdict.DECLINE}:
        raise NotAllowed(
            f"Only organizers can {verdict.value} a proposal here.",
            hint=f"They are: {desk.request.organizers}. Ask one of them.",
        )
    return organizer


def _found(tx: Tx, desk: Desk, number: int) -> Proposal:
    found = tx.proposals.find(desk.space, number)
    if found is None:
        raise UserError(
            f"There is no proposal {number} here.",
            choices=(Action(label="Those that wait", command="pledge review"),),
        )
    return found


async def _listed(desk: Desk, state: ProposalState, page: int | None) -> Card:
    held = await desk.store.read(lambda tx: tx.proposals.of(desk.space, state, _LISTED))
    if not held:
        return _none(state)
    shown, left = page_of(held, page, _SIZE)
    blocks: list[Block] = []
    for one in shown:
        blocks += [
            Heading(text=f"{one.id} · {heading(one.addition)}"),
            Paragraph(text=gist(one.addition)),
        ]
        if state is not ProposalState.OPEN or confirmed_by(one):
            blocks.append(Paragraph(text=text(standing(one))))
    named = (("proposal", ""), ("state", state.value))
    buttons = [button for one in shown for button in deeds(one, numbered=True)]
    number = f"{len(held)}" if len(held) < _LISTED else f"the oldest {_LISTED}"
    return Page(
        title=f"Proposals, {state.value}: {number}",
        blocks=tuple(blocks),
        note=f"{RULE} /pledge review and a number shows one in full.",
        actions=(*buttons, *next_page(_REVIEWED, page, left, *named)),
    )


def _none(state: ProposalState) -> Notice:
    words = "Nothing waits for review." if state is ProposalState.OPEN else None
    return Notice(
        text=text(words or f"No proposal here is {state.value}."),
        hint=text("Anyone can add to the record: ", code("/pledge propose"), "."),
        actions=(Action(label="Propose something", command="pledge propose"),),
    )


async def _shown(desk: Desk, number: int) -> Page:
    """One proposal in full."""

    def work(tx: Tx) -> tuple[Proposal, tuple[Block, ...]]:
        found = _found(tx, desk, number)
        return found, in_full(found.addition, tx.record.load(desk.space))

    found, blocks = await desk.store.read(work)
    mine = found.proposed_by == desk.request.actor.id and found.state is ProposalState.OPEN
    withdraw = (review_action("Withdraw it", found, "withdraw"),) if mine else ()
    return Page(
        title=f"Proposal {number} · {heading(found.addition)}",
        blocks=blocks,
        note=standing(found),
        actions=(*deeds(found), *withdraw),
    )


def _done(before: Proposal, after: Proposal) -> Notice:
    """What came of a review, and the way back."""
    last, title = after.reviews[-1], heading(after.addition)
    number = bold(f"Proposal {after.id}")
    see = Action(
        label="The history",
        command="pledge history",
        arguments=(("company", after.addition.name),),
    )
    reopen = review_action("Undo", after, "reopen")
    match last.verdict:
        case Verdict.CONFIRM if after.state is ProposalState.CONFIRMED:
            undo = review_action("Undo", after, "withdraw")
            told = text(number, f" counts from now on: {title}. {how_confirmed(after)}")
            return _notice(told, (see, undo))
        case Verdict.CONFIRM:
            told = text(number, f" is confirmed by one organizer: {title}.")
            only = review_action("I am the only organizer", after, "confirm", alone=True)
            hint = "It counts once another organizer confirms it."
            return _notice(told, (only, reopen), hint)
        case Verdict.DECLINE:
            return _notice(
                text(number, f" is declined: {title}. Reason: {after.reason}"), (reopen,)
            )
        case Verdict.WITHDRAW:
            counted = before.state is ProposalState.CONFIRMED
            gone = "counts no more" if counted else "is withdrawn"
            again = "If it is opened again, it is confirmed anew." if counted else ""
            return _notice(text(number, f" {gone}: {title}."), (reopen,), again)
        case _:
            told = text(number, f" is open again, confirmed by nobody: {title}.")
            return _notice(told, deeds(after))


def _notice(told: Text, actions: tuple[Action, ...], hint: str = "") -> Notice:
    return Notice(text=told, tone=Tone.DONE, hint=text(hint) if hint else (), actions=actions)


def _asked(given: Mapping[str, str]) -> tuple[Option, ...]:
    """The form of a decline asks why; nothing else needs one."""
    named = {one.name: one for one in _OPTIONS}
    if given.get("verdict") == Verdict.DECLINE:
        return (replace(named["reason"], summary="Why is it declined?", required=True),)
    return tuple(named[name] for name in ("proposal", "verdict", "reason"))


_OPTIONS = (
    Option(
        name="proposal",
        summary="The number of a proposal",
        reads=Reads.NUMBER,
        example="12",
    ),
    Option(
        name="verdict",
        summary="What to do with it",
        choices=tuple(one.value for one in Verdict),
    ),
    Option(
        name="reason",
        summary="Why; needed to decline",
        long=True,
        example="The page does not say so.",
    ),
    Option(
        name="alone",
        summary="I am the only organizer here",
        choices=("yes", "no"),
    ),
    Option(
        name="state",
        summary="List those that are …",
        choices=tuple(one.value for one in ProposalState),
    ),
    PAGE,
)
