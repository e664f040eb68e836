"""`/campaign join`: whom to call next, what to say, and what came of it.

Each target that someone is shown is a turn with a number of its own: what came of it is logged
once, however often a button is pressed.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from commands.campaign_cards import how_it_goes
from commands.campaign_pages import WHICH, campaign_named
from commands.contact_cards import script_page, where_from
from commands.contact_committee import committee
from commands.contact_subjects import subjects_named
from commands.registry import Command, Option, Reads
from domain.call_scripts import SHIPPED, Caller, Subject, fill
from domain.campaigns import (
    UNDO_FOR,
    Callers,
    CallOutcome,
    Campaign,
    Tally,
    TargetTally,
    Turn,
    next_target,
)
from domain.cards import Action, Card, Notice, Page, Paragraph, Reply, Text, Tone, bold, text
from domain.errors import UserError
from domain.people import Legislator
from domain.ports import Desk, Tx

_JOIN, _LOG, _UNDO = "campaign join", "campaign log", "campaign undo"
_LABELS = {
    CallOutcome.REACHED: "I reached someone",
    CallOutcome.VOICEMAIL: "Voicemail",
    CallOutcome.BUSY: "Busy",
    CallOutcome.REFUSED: "Refused",
    CallOutcome.SKIPPED: "Skip",
}


async def join(desk: Desk, *, campaign: int | None, about: str) -> Reply:
    """Whom to call next; about what no campaign runs for, the committee that has it or one's own."""

    def work(tx: Tx) -> Card | None:
        if not about:
            return _next(tx, desk, campaign_named(tx, desk, campaign, _JOIN))
        (subject, *_) = subjects_named(tx, desk, about, _JOIN)
        running = tx.campaigns.about(desk.space, subject.key)
        return _next(tx, desk, running) if running else None

    card = await desk.store.write(work)
    return Reply(card=card) if card else await committee(desk, about=about, page=None)


async def log(desk: Desk, *, campaign: int | None, call: int | None, outcome: str) -> Reply:
    """Log what came of a call, once; thanks, and the next target."""
    came = CallOutcome(outcome)

    def work(tx: Tx) -> Card:
        one = campaign_named(tx, desk, campaign, _JOIN)
        turn = _turn(tx, desk, one, call)
        if not one.is_running or turn is None:
            return _closed(one)
        if not tx.campaigns.log(one, turn, came, desk.now):
            return _next(tx, desk, one, _logged_before(turn), _undo(tx, desk, one, call))
        tx.outbox.enqueue_card_edits([one.id], desk.now)
        told = _thanks(tx, desk, one, turn, came)
        return _next(tx, desk, one, told, _undo(tx, desk, one, call))

    return Reply(card=await desk.store.write(work))


async def undo(desk: Desk, *, campaign: int | None, call: int | None) -> Reply:
    """Take back what was logged of a call, within some minutes; the target is shown again."""

    def work(tx: Tx) -> Card:
        one = campaign_named(tx, desk, campaign, _JOIN)
        turn = _turn(tx, desk, one, call)
        if not one.is_running or turn is None:
            return _closed(one)
        if turn.logged_at and desk.now - turn.logged_at > UNDO_FOR:
            raise UserError(
                "This call can be taken back no more: it was logged over "
                f"{UNDO_FOR.seconds // 60} minutes ago."
            )
        tally = tx.campaigns.tallies([one.id], desk.now)[one.id]
        if tx.campaigns.undo(one, turn, desk.now):
            tx.outbox.enqueue_card_edits([one.id], desk.now)
        return _shown(tx, desk, one, tally.targets[turn.place], turn, text("Taken back. "), ())

    return Reply(card=await desk.store.write(work))


def _next(
    tx: Tx, desk: Desk, campaign: Campaign, told: Text = (), actions: Sequence[Action] = ()
) -> Card:
    """Whom the asker is to call next, after what is `told` first."""
    if not campaign.is_running:
        return _closed(campaign)
    actor = desk.request.actor.id
    tally = tx.campaigns.tallies([campaign.id], desk.now)[campaign.id]
    turn = tx.campaigns.open_turn(campaign, actor, desk.now)
    if turn is not None:
        return _shown(tx, desk, campaign, tally.targets[turn.place], turn, told, actions)
    own = _own(tx, desk)
    if campaign.callers is Callers.CONSTITUENTS and not own:
        return _whose(campaign)
    mine = tx.campaigns.mine(campaign, actor, desk.now)
    allowed = own if campaign.callers is Callers.CONSTITUENTS else None
    target = next_target(tally, mine, allowed)
    if target is None:
        return _nobody_left(campaign, told, actions, called=bool(mine))
    turn = tx.campaigns.show(campaign, actor, target.place, desk.now)
    return _shown(tx, desk, campaign, target, turn, told, actions)


def _shown(
    tx: Tx,
    desk: Desk,
    campaign: Campaign,
    target: TargetTally,
    turn: Turn,
    told: Text,
    actions: Sequence[Action],
) -> Page:
    """A target: phones in the order to try them, what to say, and what may come of it."""
    one = tx.people.by_key(target.target.key)
    opening = [told] if told else []
    if campaign.bill_outcome:
        ended = f"{campaign.subject.label} {campaign.bill_outcome}; organizers were told. "
        opening.append(text(ended))
    if one is None:
        gone = f"{target.target.name} is in the roster no more, so no phone is known: skip them."
        return Page(
            title=target.target.name,
            blocks=tuple(Paragraph(text=each) for each in (*opening, text(gone))),
            actions=(_button(campaign, turn, CallOutcome.SKIPPED), *actions),
        )
    page = _kit(tx, desk, campaign, one)
    return replace(
        page,
        blocks=(*(Paragraph(text=each) for each in opening), *reversed(page.blocks)),
        actions=(*(_button(campaign, turn, each) for each in CallOutcome), *actions),
    )


def _kit(tx: Tx, desk: Desk, campaign: Campaign, one: Legislator) -> Page:
    """Phones and words; nobody is called a constituent who did not say so."""
    subject = _subject(tx, desk, campaign)
    caller = Caller(constituent=one.key in _own(tx, desk))
    kept = campaign.script or tx.scripts.get(desk.space, subject.key, campaign.position)
    words = fill(kept or SHIPPED, [subject], campaign.position, one, caller)
    busy = tx.campaigns.busy(desk.space, [one.key], desk.now)
    page = script_page(words, [subject], campaign.position, one, desk.now, busy)
    return replace(page, title=f"{one.titled} · {where_from(one)}"[:150])


def _subject(tx: Tx, desk: Desk, campaign: Campaign) -> Subject:
    """What it is about, with where a bill stands now; as kept if it is not to be found any more."""
    try:
        return subjects_named(tx, desk, campaign.subject.key, _JOIN)[0]
    except UserError:
        return campaign.subject


def _own(tx: Tx, desk: Desk) -> AbstractSet[str]:
    """The keys of those who represent the asker, by the districts they asked to be remembered."""
    numbers = tx.people.remembered(desk.space, desk.request.actor.id)
    held = tx.people.holding_numbers(numbers) if numbers else []
    return {one.key for seat in held for one in seat.members}


def _turn(tx: Tx, desk: Desk, campaign: Campaign, call: int | None) -> Turn | None:
    """The asker's own turn; None of a closed campaign. Raises UserError if it is not theirs."""
    turn = tx.campaigns.turn(campaign, desk.request.actor.id, call or 0)
    if turn is None and campaign.is_running:
        raise UserError(
            "This call was not shown to you.", hint="“Make a call” below the card shows you one."
        )
    return turn


def _thanks(tx: Tx, desk: Desk, campaign: Campaign, turn: Turn, came: CallOutcome) -> Text:
    tally: Tally = tx.campaigns.tallies([campaign.id], desk.now)[campaign.id]
    name = tally.targets[turn.place].target.name
    if came is CallOutcome.SKIPPED:
        return text(f"{name} is skipped.")
    return text(
        bold(f"Logged: {name}, {came}. Thank you."), f" {tally.calls} of {campaign.goal} calls."
    )


def _logged_before(turn: Turn) -> Text:
    return text(f"This call was logged before, as {turn.outcome}. It counts once.")


def _undo(tx: Tx, desk: Desk, campaign: Campaign, call: int | None) -> tuple[Action, ...]:
    """The way back, while there is one."""
    turn = tx.campaigns.turn(campaign, desk.request.actor.id, call or 0)
    if turn is None or turn.logged_at is None or desk.now - turn.logged_at > UNDO_FOR:
        return ()
    return (Action(label="Undo", command=_UNDO, arguments=_numbers(campaign, turn)),)


def _button(campaign: Campaign, turn: Turn, outcome: CallOutcome) -> Action:
    numbers = _numbers(campaign, turn)
    return Action(
        label=_LABELS[outcome], command=_LOG, arguments=(*numbers, ("outcome", outcome.value))
    )


def _numbers(campaign: Campaign, turn: Turn) -> tuple[tuple[str, str], ...]:
    return ("campaign", str(campaign.id)), ("call", str(turn.id))


def _closed(campaign: Campaign) -> Notice:
    return Notice(
        text=text(f"The campaign “{campaign.title}” is closed. Nothing more is counted."),
        actions=(how_it_goes(campaign),),
    )


def _whose(campaign: Campaign) -> Notice:
    """Only those who live in a district call; so far nobody knows where the asker does."""
    return Notice(
        text=text(
            "In this campaign people call those who represent them, and yours are not known here."
        ),
        hint=text(
            "Find them, press “Remember my districts”, then “Make a call” again. "
            "The address is not kept."
        ),
        actions=(
            Action(label="Find my legislators", command="contact find"),
            how_it_goes(campaign),
        ),
    )


def _nobody_left(
    campaign: Campaign, told: Text, actions: Sequence[Action], *, called: bool
) -> Notice:
    if called:
        words = "You have called everyone on the list today. Thank you."
    else:
        words = "None of those who represent you is a target of this campaign."
    return Notice(
        text=text(told, " " if told else "", words),
        tone=Tone.DONE if called else Tone.INFO,
        actions=(*actions, how_it_goes(campaign)),
    )


_CAMPAIGN = replace(WHICH, summary="Its number", required=True)
_CALL = Option(
    name="call",
    summary="The call’s number, as its button has it",
    required=True,
    reads=Reads.NUMBER,
    example="12",
)
COMMANDS = (
    Command(
        noun="campaign",
        verb="join",
        summary="Make a call: whom to call next, and what to say",
        handler=join,
        options=(
            WHICH,
            Option(name="about", summary="Or the bill, or the company of the pledge"),
        ),
    ),
    Command(
        noun="campaign",
        verb="log",
        summary="Log what came of a call; the buttons of a call do it",
        handler=log,
        options=(
            _CAMPAIGN,
            _CALL,
            Option(
                name="outcome",
                summary="What came of it",
                required=True,
                choices=tuple(one.value for one in CallOutcome),
                example="reached",
            ),
        ),
    ),
    Command(
        noun="campaign",
        verb="undo",
        summary="Take back a call that was just logged",
        handler=undo,
        options=(_CAMPAIGN, _CALL),
    ),
)
