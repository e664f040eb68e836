"""`/contact log`: a call outside a campaign, counted and nothing more; or how many were made."""

from secrets import token_urlsafe

from commands.contact_subjects import subjects_named
from commands.registry import Command, Option
from domain.call_scripts import Subject
from domain.campaigns import COUNTED, CallOutcome, Campaign
from domain.cards import Action, Card, Fact, Facts, Notice, Page, Paragraph, Reply, Tone, text
from domain.errors import UserError
from domain.ports import Desk, Tx

_LOG = "contact log"
_LONGEST = 20


async def log(desk: Desk, *, about: str, outcome: str, once: str, step: str) -> Reply:
    """Log a call; without an outcome, say how many were logged here. `once` counts once."""
    today = desk.now.date()

    def work(tx: Tx) -> Card:
        (subject, *more) = subjects_named(tx, desk, about, _LOG)
        if more:
            raise UserError("One at a time: name one bill or one company.")
        if step == "undo":
            if not tx.campaigns.undo_alone(desk.space, once, today):
                raise UserError("There is nothing to take back: that works on the day of the call.")
            return Notice(text=text("The call is taken back."), tone=Tone.DONE)
        if not outcome:
            return _counts(tx, desk, subject)
        mark = once[:_LONGEST] or token_urlsafe(6)
        new = tx.campaigns.log_alone(desk.space, subject.key, mark, outcome, today)
        return _logged(tx, desk, subject, outcome, mark, new=new)

    return Reply(card=await desk.store.write(work))


def _counts(tx: Tx, desk: Desk, subject: Subject) -> Page:
    """How many calls were logged, with a button for each thing that may have come of one more."""
    held = tx.campaigns.logged(desk.space, subject.key)
    running = tx.campaigns.about(desk.space, subject.key)
    mark = token_urlsafe(6)
    facts = [
        Fact(label=one.value.capitalize(), value=text(str(held.get(one, 0)))) for one in COUNTED
    ]
    return Page(
        title=f"Calls about {subject.label}"[:150],
        blocks=(
            Paragraph(text=text(_told(sum(held.values()), subject))),
            Facts(facts=tuple(facts)),
        ),
        note="Only that there was a call is kept, not who made it.",
        actions=(
            *(_button(subject, one, mark) for one in COUNTED),
            *((_campaign(running),) if running else ()),
        ),
    )


def _logged(tx: Tx, desk: Desk, subject: Subject, outcome: str, mark: str, *, new: bool) -> Notice:
    held = tx.campaigns.logged(desk.space, subject.key)
    opening = f"Logged: {outcome}. Thank you." if new else "This call was logged before."
    arguments = (("about", subject.key), ("once", mark), ("step", "undo"))
    return Notice(
        text=text(f"{opening} {_told(sum(held.values()), subject)}"),
        tone=Tone.DONE if new else Tone.INFO,
        actions=(Action(label="Undo", command=_LOG, arguments=arguments),),
    )


def _told(count: int, subject: Subject) -> str:
    calls = "1 call" if count == 1 else f"{count} calls"
    return f"{calls} about {subject.label} {'was' if count == 1 else 'were'} logged here."


def _button(subject: Subject, outcome: CallOutcome, mark: str) -> Action:
    arguments = (("about", subject.key), ("outcome", outcome.value), ("once", mark))
    return Action(label=outcome.value.capitalize(), command=_LOG, arguments=arguments)


def _campaign(running: Campaign) -> Action:
    return Action(
        label="Call in the campaign",
        command="campaign join",
        arguments=(("campaign", str(running.id)),),
    )


COMMAND = Command(
    noun="contact",
    verb="log",
    summary="Log a call about a bill or a pledge, or see how many were made",
    handler=log,
    options=(
        Option(
            name="about",
            summary="A bill, or a company for its pledge",
            required=True,
            example="CA AB 2261",
        ),
        Option(
            name="outcome", summary="What came of it", choices=tuple(one.value for one in COUNTED)
        ),
        Option(name="once", summary="A mark by which it counts once; the buttons have one"),
        Option(name="step", summary="Take it back", choices=("undo",)),
    ),
)
