"""`/campaign create`: a drive to call legislators, looked at before it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from commands.campaign_calls import COMMANDS as CALL_COMMANDS
from commands.campaign_cards import preview
from commands.campaign_closing import bill_endings
from commands.campaign_pages import COMMANDS as PAGE_COMMANDS
from commands.campaign_targets import HOW, Chosen, targets_named
from commands.contact_subjects import bill_known, subjects_named
from commands.registry import Command, Option, Reads, form_for
from domain.bills import Bill, BillKey
from domain.call_scripts import SHIPPED, Caller, Position, Subject, SubjectKind, check, fill
from domain.campaigns import MAX_GOAL, Callers, Campaign, Draft, read_end
from domain.cards import Action, Card, Form, Notice, Page, Paragraph, Reply, Span, Tone, bold, text
from domain.errors import UserError
from domain.people import Legislator
from domain.ports import Desk, Tx

_CREATE = "campaign create"
_MOST_RUNNING, _LOOKED_AT = 20, 60
_FORM = ("about", "targets", "goal", "ends", "position")
_POSITIONS = tuple(one.value for one in Position)
_CALLERS = tuple(one.value for one in Callers)


class _UnfitWords(UserError):
    """The words of the calls cannot be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """A campaign before it starts, with what should be known of it and its words."""

    draft: Draft
    odd: tuple[str, ...]
    script: str
    words: str
    zone: str


async def create(
    desk: Desk,
    *,
    about: str,
    targets: str,
    goal: int | None,
    ends: str,
    position: str,
    callers: str,
    script: str,
    step: str,
) -> Reply:
    """Shown first, with every target resolved; started by the button below."""
    given = {
        "about": about,
        "targets": targets,
        "goal": str(goal or ""),
        "ends": ends,
        "position": position,
        "callers": callers,
        "script": script,
    }
    if step == "edit" or not (about and targets and goal is not None and ends):
        return Reply(card=form_for(_COMMAND, given, fault=""))
    if not 0 < goal <= MAX_GOAL:
        raise UserError(f"The “goal” is a number of calls, from 1 to {MAX_GOAL}.")
    lacking = await desk.request.lacking()
    if lacking:
        raise UserError(
            f"I cannot post in this channel: I lack {' and '.join(lacking)}.",
            hint="Give me that here, or start the campaign in another channel.",
        )

    def work(tx: Tx) -> Card:
        drawn = _drawn(tx, desk, given, goal)
        if step == "words":
            return _words_form(given, drawn.script, fault="")
        if step != "start":
            return _preview(drawn, given)
        return _started(_start(tx, desk, drawn.draft))

    try:
        return Reply(card=await desk.store.write(work))
    except _UnfitWords as error:
        return Reply(card=_words_form(given, script, fault=f"{error.message} {error.hint}"))


def _words_form(given: Mapping[str, str], words: str, *, fault: str) -> Form:
    """The form that asks for the words of the calls alone; the rest goes along."""

    def asked(_: Mapping[str, str]) -> tuple[Option, ...]:
        return (replace(_SCRIPT, required=True),)

    faults = {_SCRIPT.name: fault} if fault else {}
    alone = replace(_COMMAND, summary="The words of its calls", asked=asked)
    return form_for(alone, {**given, _SCRIPT.name: words}, fault=fault, faults=faults)


def _drawn(tx: Tx, desk: Desk, given: Mapping[str, str], goal: int) -> _Drawn:
    """Resolve what was asked. Raises UserError for what cannot be."""
    (subject, *more) = subjects_named(tx, desk, given["about"], _CREATE)
    if more:
        raise UserError("A campaign is about one bill, or the pledge of one company.")
    key, told = _bill(tx, desk, subject)
    chosen = targets_named(tx, given["targets"], told)
    zone = tx.spaces.channel(desk.space, desk.request.channel.external_id).zone
    position = Position(given["position"] or Position.SUPPORT)
    outcome = _outcome(tx, desk, subject, key)
    draft = Draft(
        subject=replace(subject, standing=""),
        position=position,
        whom=chosen.whom,
        callers=Callers(given["callers"] or chosen.callers),
        goal=goal,
        ends_at=read_end(given["ends"], zone, desk.now),
        targets=chosen.targets,
        bill=key,
        bill_outcome=outcome,
        script=given["script"],
    )
    script = given["script"] or tx.scripts.get(desk.space, subject.key, position) or SHIPPED
    words = _words(script, subject, position, chosen.legislators)
    odd = _odd(subject, outcome, chosen, tx.campaigns.about(desk.space, subject.key))
    return _Drawn(draft=draft, odd=odd, script=script, words=words, zone=zone)


def _words(
    script: str, subject: Subject, position: Position, legislators: Sequence[Legislator]
) -> str:
    """What is said to the first target, by words that fit every one. Raises _UnfitWords."""
    longest = max(legislators, key=lambda one: len(one.addressed.split()))
    try:
        check(script)
        fill(script, [subject], position, longest, Caller())
        return fill(script, [subject], position, legislators[0], Caller())
    except UserError as error:
        raise _UnfitWords(error.message, hint=error.hint) from None


def _bill(tx: Tx, desk: Desk, subject: Subject) -> tuple[BillKey | None, Bill | None]:
    """The bill as legislatures know it; nothing for a pledge."""
    known = bill_known(tx, desk, subject, _CREATE)
    return (known.key, known.told) if known else (None, None)


def _outcome(tx: Tx, desk: Desk, subject: Subject, key: BillKey | None) -> str:
    if subject.kind is not SubjectKind.BILL:
        return ""
    record = tx.record.load(desk.space)
    endings = bill_endings(tx, record, [(subject.key, key)], desk.now.date())
    return endings.get(subject.key, "")


def _odd(subject: Subject, outcome: str, chosen: Chosen, other: Campaign | None) -> tuple[str, ...]:
    """What should be known before it starts."""
    missing = ", ".join(chosen.missing[:5])
    more = len(chosen.missing) - 5
    told = (
        f"{subject.label} {outcome}: calls about it may come too late." if outcome else "",
        f"Campaign {other.id} is about {subject.label} too, and runs already." if other else "",
        f"Not in the roster, so not among the targets: {missing}"
        + (f" and {more} more." if more > 0 else ".")
        if missing
        else "",
    )
    return tuple(one for one in told if one)


def _preview(drawn: _Drawn, given: Mapping[str, str]) -> Page:
    """The whole of it, with the words said to the first target by someone not of the district."""
    arguments = tuple((name, value) for name, value in given.items() if value)
    page = preview(
        drawn.draft,
        drawn.zone,
        drawn.odd,
        (
            Action(label="Start", command=_CREATE, arguments=(*arguments, ("step", "start"))),
            Action(label="Change it", command=_CREATE, arguments=(*arguments, ("step", "edit"))),
            Action(
                label="Change the words",
                command=_CREATE,
                arguments=(*arguments, ("step", "words")),
            ),
        ),
    )
    said = Paragraph(text=text(bold("What is said: "), Span(text=drawn.words)))
    return replace(page, blocks=(*page.blocks, said))


def _start(tx: Tx, desk: Desk, draft: Draft) -> Campaign:
    """Start it, once. Raises UserError if just this runs already."""
    running = [one for one in tx.campaigns.of(desk.space, _LOOKED_AT) if one.is_running]
    same = next((one for one in running if one.title == draft.title), None)
    if same is not None:
        raise UserError(
            f"This campaign runs already: it is number {same.id}.",
            choices=(
                Action(
                    label="How it is going",
                    command="campaign show",
                    arguments=(("campaign", str(same.id)),),
                ),
            ),
        )
    if len(running) >= _MOST_RUNNING:
        raise UserError(
            f"{_MOST_RUNNING} campaigns run here already.", hint="/campaign close ends one."
        )
    spot = tx.spaces.channel(desk.space, desk.request.channel.external_id)
    actor = desk.request.actor
    campaign = tx.campaigns.start(desk.space, spot, draft, actor.id, desk.now)
    tx.outbox.enqueue_card(campaign, desk.now)
    told = f"{len(draft.targets)} targets, goal {draft.goal}"
    tx.audit.note(desk.space, actor, _CREATE, draft.title, desk.now, after=told)
    return campaign


def _started(campaign: Campaign) -> Notice:
    return Notice(
        text=text(f"Campaign {campaign.id} has started. Its card is posted in this channel."),
        tone=Tone.DONE,
        hint=text(f"It ends {campaign.ends}."),
    )


def _asked(given: Mapping[str, str]) -> tuple[Option, ...]:
    """The form asks for five things, which is all that Discord has room for.

    None is needed to type the command, so that the form can be had on Discord too.
    """
    del given
    asked = (one for one in _OPTIONS if one.name in _FORM)
    return tuple(replace(one, required=one.name != "position") for one in asked)


_SCRIPT = Option(
    name="script",
    summary="What is said in its calls; the community’s words if not said",
    long=True,
    example=SHIPPED[:90],
)
_OPTIONS = (
    Option(
        name="about",
        summary="A bill, or a company for its pledge",
        example="CA AB 2261",
    ),
    Option(
        name="targets",
        summary="A chamber, committee, sponsors, or names",
        long=True,
        example=HOW,
    ),
    Option(name="goal", summary="How many calls", reads=Reads.NUMBER, example="100"),
    Option(
        name="ends",
        summary="When it ends, in this channel’s time zone",
        example="2026-12-01 17:00, or 7 days",
    ),
    Option(name="position", summary="Which way; support if not said", choices=_POSITIONS),
    Option(name="callers", summary="Who may call whom", choices=_CALLERS),
    _SCRIPT,
    Option(
        name="step",
        summary="Change it or its words, or start it",
        choices=("edit", "words", "start"),
    ),
)
_COMMAND = Command(
    noun="campaign",
    verb="create",
    summary="Start calling legislators together; shown before it starts",
    handler=create,
    organizers=True,
    options=_OPTIONS,
    asked=_asked,
)
COMMANDS = (_COMMAND, *PAGE_COMMANDS, *CALL_COMMANDS)
