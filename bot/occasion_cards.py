"""Cards about what the record gives to tell: an end that comes near, a step, a law. Pure."""

from datetime import date

from commands.campaign_cards import contact_about
from commands.pledge_cards import citations, one_line
from domain import occasions, pledges
from domain.cards import Action, AlertCard, AlertKind, Text, bold, text
from domain.dates import plain_date
from domain.occasions import Occasion, OccasionKind
from domain.record import Citation, Company, EventKind, Pledge, Record, RecordedBill
from domain.tracked_bills import bill_label

_CHANGED = frozenset({EventKind.EXTENDED, EventKind.NARROWED, EventKind.SUPERSEDED})
_HAPPENED = {
    EventKind.ANNOUNCED: "A new pledge of {name}",
    EventKind.ACTIVE: "{name}’s pledge still holds",
    EventKind.EXTENDED: "{name}’s pledge was extended",
    EventKind.NARROWED: "{name}’s pledge was narrowed",
    EventKind.EXPIRED: "{name}’s pledge ended today",
    EventKind.CONDITION_POSSIBLY_MET: "The condition of {name}’s pledge may be met",
    EventKind.SUPERSEDED: "{name}’s pledge was replaced by another",
    EventKind.WITHDRAWN: "{name} withdrew its pledge",
    EventKind.DISPUTED: "{name}’s pledge is disputed",
    EventKind.BROKEN: "{name} broke its pledge, says the record",
    EventKind.MET: "{name} met its pledge",
}
_ENACTED = (
    "The condition of {name}’s pledge may be met: does this law do what it asked for?",
    "Condition possibly met",
)
_FAILED = ("A bill that {name}’s pledge may wait for has failed", "A bill failed")
_AGAIN = ("A bill that {name}’s pledge may wait for is back", "A bill is back")


def occasion_card(occasion: Occasion, record: Record, today: date) -> AlertCard | None:
    """The card as of `today`; None if the record does not give the occasion any more."""
    company = record.company(occasion.company)
    held = company.pledges if company else ()
    pledge = next((one for one in held if one.key == occasion.pledge), None)
    if company is None or pledge is None:
        return None
    match occasion.kind:
        case OccasionKind.ENDS:
            return _reminder(company, pledge, date.fromisoformat(occasion.what), today)
        case OccasionKind.EVENT:
            return _event(occasion, company, pledge, today)
        case OccasionKind.BILL:
            bill = record.bill(occasion.what)
            return _bill(occasion, company, pledge, bill) if bill else None


def _reminder(company: Company, pledge: Pledge, end: date, today: date) -> AlertCard | None:
    """None if the pledge was changed meanwhile and does not end then any more."""
    left = (end - today).days
    if left <= 0 or pledges.expires_on(pledge, today) != end:
        return None
    ends = "ends tomorrow" if left == 1 else f"ends in {left} days"
    line = one_line(company, today)
    return AlertCard(
        kind=AlertKind.RECORD,
        label=ends.capitalize(),
        subjects=(company.name,),
        title=f"{company.name}’s pledge {ends}, on {plain_date(end)}",
        summary="Unless the company says more, nothing of it is promised from then on.",
        background=(line,) if line else (),
        actions=_actions(company),
    )


def _event(occasion: Occasion, company: Company, pledge: Pledge, today: date) -> AlertCard | None:
    event = occasions.event_of(occasion, pledge)
    if event is None:
        return None
    title = _HAPPENED[event.kind].format(name=company.name)
    if event.kind is EventKind.EXPIRED and occasion.on != today:
        title = f"{company.name}’s pledge ended on {plain_date(occasion.on)}"
    said = next(iter(citations(company, event.sources)), None)
    return AlertCard(
        kind=AlertKind.RECORD,
        label=event.kind.value.capitalize(),
        subjects=(company.name,),
        title=f"{title}: {pledge.title}",
        url=said.url or "" if said else "",
        summary=event.text,
        outlet=_named(said) if said else "",
        background=_terms(pledge, event.kind, occasion.on),
        actions=_actions(company),
    )


def _terms(pledge: Pledge, kind: EventKind, on: date) -> tuple[Text, ...]:
    """Old terms beside new ones, where the event changed them; else the promise."""
    now = pledges.terms_on(pledge, on)
    before = pledges.terms_before(pledge, now) if now else None
    if kind in _CHANGED and now and before and now.since.latest == on:
        return tuple(
            text(bold(f"{label}: "), f"was {old or 'none'}, now {new or 'none'}")
            for label, old, new in pledges.changes(before, now)
        )
    return (text(bold("The promise: "), pledge.promise),)


def _bill(
    occasion: Occasion, company: Company, pledge: Pledge, bill: RecordedBill
) -> AlertCard | None:
    step = occasions.step_of(occasion, bill)
    terms = pledges.terms_on(pledge, occasion.on)
    if step is None or terms is None:
        return None
    title, label = _AGAIN
    if occasions.is_enacted(step):
        title, label = _ENACTED
    elif occasions.has_failed(step):
        title, label = _FAILED
    said = next((one for one in bill.citations if one.key in step.sources), None)
    return AlertCard(
        kind=AlertKind.RECORD,
        label=label,
        subjects=(company.name, bill_label(bill)),
        title=title.format(name=company.name),
        url=said.url or "" if said else "",
        summary=f"{bill_label(bill)}, {bill.title}. {step.text}",
        outlet=_named(said) if said else "",
        background=(
            text(bold("The promise: "), pledge.promise),
            text(bold("It waits for: "), terms.duration.condition),
            text(bold("The bill: "), bill.summary),
        ),
        actions=_actions(company, bill.key),
    )


def _named(citation: Citation) -> str:
    return f"{citation.outlet}, {citation.on.plain}" if citation.on else citation.outlet


def _actions(company: Company, bill: str = "") -> tuple[Action, ...]:
    named = (("company", company.key),)
    return (
        Action(label="The pledge", command="pledge show", arguments=named),
        contact_about(bill or company.key),
        Action(label="What is heard here", command="subscribe list"),
    )
