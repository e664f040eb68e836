"""`/contact script` and `/contact wording`: what to say on the phone, and who chose the words."""

from commands.contact_cards import script_page
from commands.contact_subjects import legislator_named, subjects_named
from commands.registry import Command, Option, Reads
from domain.call_scripts import (
    FIELDS,
    MAX_PLACE,
    MAX_SCRIPT,
    SHIPPED,
    Caller,
    Position,
    Subject,
    check,
    fill,
)
from domain.cards import (
    Action,
    Bullets,
    Card,
    Form,
    Input,
    Notice,
    Page,
    Paragraph,
    Reply,
    Tone,
    code,
    text,
)
from domain.errors import UserError
from domain.ports import Desk, Tx
from domain.text import clean

_SCRIPT, _WORDING = "contact script", "contact wording"
_POSITIONS = tuple(one.value for one in Position)


async def script(
    desk: Desk,
    *,
    about: str,
    position: str,
    legislator: str,
    place: str,
    own: str,
    campaign: int | None,
) -> Reply:
    """A few words to say about bills or a pledge, with all that is known filled in."""
    stance = Position(position or Position.SUPPORT)

    def work(tx: Tx) -> Card:
        subjects = subjects_named(tx, desk, about, _SCRIPT)
        one = legislator_named(tx, legislator, _SCRIPT, "legislator") if legislator else None
        mine = own == "yes"
        if one is not None and not own:
            numbers = tx.people.remembered(desk.space, desk.request.actor.id)
            held = tx.people.holding_numbers(numbers) if numbers else []
            mine = any(each.key == one.key for seat in held for each in seat.members)
        caller = Caller(constituent=mine, place=clean(place, MAX_PLACE))
        running = tx.campaigns.find(desk.space, campaign) if campaign else None
        its = running.script if running else ""
        words = fill(its or _template(tx, desk, subjects, stance), subjects, stance, one, caller)
        busy = tx.campaigns.busy(desk.space, [one.key] if one else [], desk.now)
        return script_page(words, subjects, stance, one, desk.now, busy, own=bool(its))

    return Reply(card=await desk.store.read(work))


async def wording(desk: Desk, *, about: str, position: str, text: str, step: str) -> Reply:
    """The words of a script: shown in a form, tried out, and kept once they were looked at."""
    stance = Position(position or Position.SUPPORT)
    if text:
        check(text)

    def work(tx: Tx) -> Card:
        (subject, *more) = subjects_named(tx, desk, about, _WORDING)
        if more:
            raise UserError("One script at a time: name one bill or one company.")
        before = tx.scripts.get(desk.space, subject.key, stance)
        if step == "reset":
            return _reset(tx, desk, subject, stance, before)
        if not text or step == "edit":
            return _form(subject, stance, text or before or SHIPPED)
        tried = fill(text, [subject], stance, None, Caller())
        if step != "save":
            return _preview(subject, stance, text, tried)
        tx.scripts.put(desk.space, subject.key, stance, text, desk.request.actor.id, desk.now)
        _note(tx, desk, subject, stance, before, text)
        return _kept(subject, stance, before)

    return Reply(card=await desk.store.write(work))


def _template(tx: Tx, desk: Desk, subjects: tuple[Subject, ...], position: Position) -> str:
    """The community's own words where the call is about one thing, else the shipped ones."""
    if len(subjects) > 1:
        return SHIPPED
    return tx.scripts.get(desk.space, subjects[0].key, position) or SHIPPED


def _form(subject: Subject, position: Position, words: str) -> Form:
    return Form(
        title=f"Words for calls: {position.value} {subject.label}"[:120],
        command=_WORDING,
        fields=(
            Input(name="about", label="Bill or company", value=subject.key),
            Input(name="position", label="Position", value=position.value, choices=_POSITIONS),
            Input(
                name="text",
                label="What to say",
                placeholder=SHIPPED[:90],
                value=words,
                long=True,
            ),
        ),
    )


def _preview(subject: Subject, position: Position, words: str, tried: str) -> Page:
    fields = tuple(text(code(f"{{{name}}}"), f" {told}") for name, told in FIELDS.items())
    arguments = (("about", subject.key), ("position", position.value), ("text", words))
    return Page(
        title=f"Preview: {position.value} {subject.label}"[:120],
        blocks=(Paragraph(text=text(tried)), Bullets(items=fields)),
        note=f"{len(tried.split())} words, filled in for a caller who said nothing of themselves. "
        "Nothing is kept yet.",
        actions=(
            Action(label="Save", command=_WORDING, arguments=(*arguments, ("step", "save"))),
            Action(label="Change it", command=_WORDING, arguments=(*arguments, ("step", "edit"))),
        ),
    )


def _kept(subject: Subject, position: Position, before: str) -> Notice:
    arguments = (("about", subject.key), ("position", position.value))
    back = (("text", before), ("step", "save")) if before else (("step", "reset"),)
    return Notice(
        text=text(f"Calls to {position.value} {subject.label} now have these words."),
        tone=Tone.DONE,
        actions=(Action(label="Undo", command=_WORDING, arguments=(*arguments, *back)),),
    )


def _reset(tx: Tx, desk: Desk, subject: Subject, position: Position, before: str) -> Notice:
    if not tx.scripts.remove(desk.space, subject.key, position):
        return Notice(text=text(f"{subject.label} has the shipped words already."))
    _note(tx, desk, subject, position, before, "")
    return Notice(
        text=text(f"Calls to {position.value} {subject.label} have the shipped words again."),
        tone=Tone.DONE,
    )


def _note(
    tx: Tx, desk: Desk, subject: Subject, position: Position, before: str, after: str
) -> None:
    tx.audit.note(
        desk.space,
        desk.request.actor,
        _WORDING,
        f"{position.value} {subject.label}",
        desk.now,
        before=before,
        after=after,
    )


_ABOUT = Option(
    name="about",
    summary="A bill, several with commas, or a company for its pledge",
    required=True,
    example="CA AB 2261",
)
_POSITION = Option(name="position", summary="Which way; support if not said", choices=_POSITIONS)
COMMANDS = (
    Command(
        noun="contact",
        verb="script",
        summary="What to say in a call about a bill or a pledge",
        handler=script,
        options=(
            _ABOUT,
            _POSITION,
            Option(name="legislator", summary="Whom you call", example="Maria Cantwell"),
            Option(
                name="place",
                summary="Where you live, as you would say it; it is not kept",
                private=True,
                example="Ballard",
            ),
            Option(name="own", summary="Whether they represent you", choices=("yes", "no")),
            Option(name="campaign", summary="The campaign, for its own words", reads=Reads.NUMBER),
        ),
    ),
    Command(
        noun="contact",
        verb="wording",
        summary="Change what is said in calls about a bill or a pledge",
        handler=wording,
        organizers=True,
        options=(
            _ABOUT,
            _POSITION,
            Option(name="text", summary=f"The words, at most {MAX_SCRIPT} letters", long=True),
            Option(name="step", summary="Look again, or keep", choices=("edit", "save", "reset")),
        ),
    ),
)
