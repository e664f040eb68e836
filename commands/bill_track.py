"""`/bill track`, `untrack` and `position`: what organizers change about bills."""

from commands.bill import JURISDICTION, NUMBER
from commands.bill_asking import ask_about, with_asked
from commands.bill_naming import NoBill, bill_named
from commands.bill_words import state
from commands.registry import Command, Completes, Option
from domain.cards import Action, Fact, Facts, Notice, Page, Paragraph, Reply, Tone, bold, text
from domain.errors import UserError
from domain.model import Watch, WatchKind
from domain.ports import Desk, Tx
from domain.record import Stance
from domain.text import clean
from domain.tracked_bills import KnownBill, OwnPosition, bill_rule, rule_for

_MAX_BILLS = 500
_MAX_POSITIONS = 500
_WHO = 80
_SOURCE = 300
_BACK = "none"
_STANCES = tuple(one.value for one in Stance if one is not Stance.EMPLOYS_SPONSOR)


async def track(desk: Desk, *, number: str, jurisdiction: str) -> Reply:
    """Tell of what happens to a bill from now on."""
    inquiry = await ask_about(desk, number, jurisdiction)

    def work(tx: Tx) -> tuple[KnownBill, bool, bool]:
        record = tx.record.load(desk.space)
        known, _ = bill_named(tx, desk.space, record, number, jurisdiction, "bill track")
        if known.watch is None:
            if len(tx.watches.of(desk.space, WatchKind.BILL)) >= _MAX_BILLS:
                raise UserError(f"A community tracks at most {_MAX_BILLS} bills.")
            _watch(tx, desk, known)
            tx.audit.note(desk.space, desk.request.actor, "bill track", known.label, desk.now)
        return known, known.watch is None, bool(tx.subscriptions.of(desk.space))

    try:
        known, fresh, heard = await desk.store.write(work)
    except NoBill as error:
        raise with_asked(error, inquiry, number, jurisdiction) from None
    return Reply(card=_tracked(known, desk, fresh=fresh, heard=heard))


async def untrack(desk: Desk, *, number: str, jurisdiction: str) -> Reply:
    """Tell no more of what happens to a bill."""

    def work(tx: Tx) -> tuple[KnownBill, Watch]:
        record = tx.record.load(desk.space)
        known, _ = bill_named(tx, desk.space, record, number, jurisdiction, "bill untrack")
        if known.watch is None:
            raise UserError(
                f"{known.label} is not tracked here.",
                choices=(Action(label="What is tracked", command="bill list"),),
            )
        tx.watches.remove(known.watch, desk.now)
        tx.audit.note(desk.space, desk.request.actor, "bill untrack", known.label, desk.now)
        return known, known.watch

    known, _ = await desk.store.write(work)
    return Reply(
        card=Notice(
            text=text(bold(known.label), " is tracked no more. Subscriptions to it ended."),
            tone=Tone.DONE,
            actions=(Action(label="Undo", command="bill track", arguments=_named(known)),),
        )
    )


async def position(desk: Desk, *, bill: str, who: str, stance: str, source: str) -> Reply:
    """Note where someone stands on a bill, with the source that says so; or take it back."""
    name, told = clean(who, _WHO), clean(source, _SOURCE)
    if not any(letter.isalnum() for letter in name):
        raise UserError("Who stands there? A name is needed.")
    if stance != _BACK and not told:
        raise UserError(
            "A position needs a source: the address or the document that says so.",
            hint="Such as source:https://… or source:“testimony of 3 May, in our files”.",
        )

    def work(tx: Tx) -> tuple[KnownBill, OwnPosition | None]:
        record = tx.record.load(desk.space)
        known, _ = bill_named(tx, desk.space, record, bill, "", "bill show")
        mine = next((one for one in known.positions if one.who.lower() == name.lower()), None)
        ref = mine.bill if mine else known.ref
        if stance == _BACK:
            before = tx.bills.drop_position(desk.space, ref, name, desk.now)
            if before is None:
                raise UserError(f"Nothing is noted here of {name} on {known.label}.")
        else:
            if len(tx.bills.positions(desk.space)) >= _MAX_POSITIONS:
                raise UserError(f"A community notes at most {_MAX_POSITIONS} positions.")
            before = tx.bills.put_position(
                desk.space, ref, name, Stance(stance), told, desk.request.actor, desk.now
            )
        tx.audit.note(
            desk.space,
            desk.request.actor,
            "bill position",
            f"{known.label}: {name}",
            desk.now,
            before=_said(before),
            after="" if stance == _BACK else f"{stance}, {told}",
        )
        return known, before

    known, before = await desk.store.write(work)
    done = "is noted here no more" if stance == _BACK else f"is noted here: {stance}"
    return Reply(
        card=Notice(
            text=text(bold(name), f" on {known.label} {done}."),
            tone=Tone.DONE,
            hint=text("It stands beside the record, marked as this community’s own."),
            actions=(
                _undo_position(known, name, before),
                Action(label="The bill", command="bill show", arguments=_named(known)),
            ),
        )
    )


def _watch(tx: Tx, desk: Desk, known: KnownBill) -> None:
    """Watch a bill: as it was watched before, as the record watches it, or by its number."""
    kind, key = WatchKind.BILL, known.ref
    if tx.watches.bring_back(desk.space, kind, key, desk.now):
        return
    if known.recorded:
        if not tx.watches.restore_shipped(desk.space, kind, key, desk.now):
            rule = bill_rule(known.recorded)
            tx.watches.put(desk.space, kind, key, known.label, rule, desk.now)
    else:
        tx.watches.put(desk.space, kind, key, known.label, rule_for(known.bill), desk.now)


def _tracked(known: KnownBill, desk: Desk, *, fresh: bool, heard: bool) -> Page:
    hear = Action(
        label="Hear of it here", command="subscribe here", arguments=(("what", known.label),)
    )
    undo = Action(label="Undo", command="bill untrack", arguments=_named(known))
    note = "" if heard else "No channel here hears anything yet: “Hear of it here” changes that."
    facts = (
        Fact(label="Title", value=text(known.title)),
        Fact(label="Stands", value=text(state(known, desk.now.date()))),
    )
    return Page(
        title=f"{known.label} is tracked{'' if fresh else ' already'}",
        blocks=(Facts(facts=facts), Paragraph(text=text(_what_is_told(known)))),
        note=note,
        actions=(
            hear,
            Action(label="The bill", command="bill show", arguments=_named(known)),
            *((undo,) if fresh else ()),
        ),
    )


def _what_is_told(known: KnownBill) -> str:
    if known.key is None:
        return "News that names it is told. No legislature’s source can be asked about it."
    return "What its legislature does and news that names it are told from now on."


def _undo_position(known: KnownBill, who: str, before: OwnPosition | None) -> Action:
    stance, source = (before.stance.value, before.source) if before else (_BACK, "")
    given = (("bill", known.ref), ("who", who), ("stance", stance))
    return Action(
        label="Undo",
        command="bill position",
        arguments=(*given, ("source", source)) if source else given,
    )


def _named(known: KnownBill) -> tuple[tuple[str, str], ...]:
    return (("number", known.ref),)


def _said(position: OwnPosition | None) -> str:
    return f"{position.stance.value}, {position.source}" if position else ""


COMMANDS = (
    Command(
        noun="bill",
        verb="track",
        summary="Tell of what happens to a bill",
        handler=track,
        organizers=True,
        options=(NUMBER, JURISDICTION),
    ),
    Command(
        noun="bill",
        verb="untrack",
        summary="Tell of a bill no more",
        handler=untrack,
        organizers=True,
        options=(NUMBER, JURISDICTION),
    ),
    Command(
        noun="bill",
        verb="position",
        summary="Note who is for or against a bill",
        handler=position,
        organizers=True,
        options=(
            Option(
                name="bill",
                summary="The bill",
                required=True,
                completes=Completes.BILL,
                free=True,
                example="CA AB 2261",
            ),
            Option(name="who", summary="Who: a group, a company", required=True, example="Acme"),
            Option(
                name="stance",
                summary="Where they stand; none takes it back",
                required=True,
                choices=(*_STANCES, _BACK),
                example="opposes",
            ),
            Option(
                name="source",
                summary="The address or document that says so",
                example="https://example.org/letter",
            ),
        ),
    ),
)
