"""Alerts about what happened to a bill: what changed, whose it is, who is for it, what comes. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from commands.bill_pages import as_calendar, days_left, sponsors
from commands.bill_words import bar, chamber_name, executive_name
from commands.campaign_cards import contact_about
from domain import pledges
from domain.bill_changes import BillChange, ChangeKind
from domain.bill_progress import outcome_of, progress
from domain.bills import Bill, BillVote, Hearing, Outcome
from domain.cards import Action, AlertCard, AlertKind, Text, bold, text
from domain.dates import plain_date
from domain.record import Record
from domain.text import shorten
from domain.tracked_bills import (
    OwnPosition,
    as_of,
    ended,
    in_record,
    label,
    sides,
    waiting_pledges,
)

_ALSO = 4
_NAMED = 3
_WORDS = 300
_TITLE = 160
# What is told first where several things happened: what ends it, what moves it, what is to come.
_ORDER = (
    ChangeKind.ENACTED,
    ChangeKind.VETOED,
    ChangeKind.OVERRIDDEN,
    ChangeKind.FAILED,
    ChangeKind.WITHDRAWN,
    ChangeKind.PASSED,
    ChangeKind.HEARING_CANCELLED,
    ChangeKind.HEARING_MOVED,
    ChangeKind.HEARING_SCHEDULED,
    ChangeKind.SENT_TO_EXECUTIVE,
    ChangeKind.REPORTED,
    ChangeKind.CARRIED_OVER,
    ChangeKind.REINTRODUCED,
    ChangeKind.INTRODUCED,
    ChangeKind.AMENDED,
    ChangeKind.REFERRED,
    ChangeKind.VOTE,
    ChangeKind.STEP,
    ChangeKind.COSPONSOR_WITHDRAWN,
    ChangeKind.COSPONSOR_ADDED,
)


def bill_alert(
    bill: Bill,
    changes: Sequence[BillChange],
    record: Record,
    own: Sequence[OwnPosition],
    titles: Sequence[str],
    now: datetime,
) -> AlertCard:
    """The alert about what happened to `bill`, the weightiest thing first; there is at least one.

    `own` is what the community noted, `titles` what people call the sources that told of it.
    """
    first, *others = sorted(changes, key=lambda one: _ORDER.index(one.kind))
    recorded = in_record(bill.key, record)
    return AlertCard(
        kind=AlertKind.BILL,
        label=headline(bill, first, now.date()),
        subjects=(label(bill.key),),
        title=shorten(recorded.title if recorded else bill.title, _TITLE),
        url=next(iter((*bill.urls, *(one.url for one in bill.sources if one.url))), ""),
        summary=shorten(in_words(first), _WORDS),
        outlet=", ".join(titles),
        background=tuple(_background(bill, others, record, own, now)),
        actions=tuple(_actions(bill, record, now.date())),
    )


def headline(bill: Bill, change: BillChange, on: date) -> str:
    """Say what changed in a few words: `Passed the Assembly 54–20`, `Hearing in 3 days`."""
    place = bill.key.jurisdiction
    if change.people:
        return _people(change)
    if change.kind is ChangeKind.HEARING_SCHEDULED and change.hearing:
        return f"Hearing {days_left(change.hearing.on, on)}"
    chamber = chamber_name(place, change.action.chamber) if change.action else ""
    committee = change.action.committee if change.action else ""
    tally = _tally(change.vote) if change.vote else ""
    words = {
        ChangeKind.PASSED: ("Passed", f"the {chamber}" if chamber else "", tally),
        ChangeKind.FAILED: ("Failed", f"in the {chamber}" if chamber else "", tally),
        ChangeKind.REFERRED: ("Referred to", committee or "a committee"),
        ChangeKind.REPORTED: ("Reported by", committee or "its committee", tally),
        ChangeKind.VOTE: ("Vote", tally),
        ChangeKind.SENT_TO_EXECUTIVE: (f"Sent to the {executive_name(place)}",),
        ChangeKind.ENACTED: ("Became law",),
        ChangeKind.STEP: ("A step", f"in the {chamber}" if chamber else ""),
    }.get(change.kind, (change.kind.value.capitalize(),))
    return " ".join(filter(None, words))


def in_words(change: BillChange) -> str:
    """Say it in the legislature's own words, with the day and the tallies."""
    if change.hearing:
        return _hearing(change, change.hearing)
    day = f"{plain_date(change.on)}: " if change.on else ""
    vote = f" ({_tally(change.vote)})" if change.vote and _tally(change.vote) else ""
    again = f", after {label(change.related.key)}" if change.related else ""
    return f"{day}{change.text}{vote}{again}"


def _hearing(change: BillChange, hearing: Hearing) -> str:
    when = plain_date(hearing.on)
    was = change.was
    if change.kind is ChangeKind.HEARING_MOVED and was:
        when += f", was {plain_date(was.on)}" if was.on != hearing.on else ""
        when += f", was at {was.place}" if was.place != hearing.place and was.place else ""
    parts = (hearing.committee or hearing.title, when, hearing.time_text, hearing.place)
    return ", ".join(part for part in parts if part)


def _background(
    bill: Bill,
    others: Sequence[BillChange],
    record: Record,
    own: Sequence[OwnPosition],
    now: datetime,
) -> Iterator[Text]:
    on = now.date()
    for one in others[:_ALSO]:
        yield text(bold(f"{headline(bill, one, on)}: "), shorten(in_words(one), _WORDS))
    if len(others) > _ALSO:
        yield text(f"and {len(others) - _ALSO} more changes")
    yield bar(bill.key, progress(bill), over=ended(bill.key, on))
    if bill.standing_sponsors:
        yield text(bold("By: "), sponsors(bill))
    yield from _positions(bill, record, own, on)
    hearing = bill.next_hearing(now)
    told = {one.hearing for one in others}
    if hearing and hearing not in told:
        soon = days_left(hearing.on, on)
        yield text(bold("Next hearing: "), f"{hearing.committee or hearing.title}, {soon}")
    yield from _pledges(bill, record, on)


def _positions(bill: Bill, record: Record, own: Sequence[OwnPosition], on: date) -> Iterator[Text]:
    recorded = in_record(bill.key, record)
    held = as_of(recorded, on).positions if recorded else ()
    favour, against, _ = sides(held, own)
    for name, people in (("For: ", favour), ("Against: ", against)):
        if people:
            more = f" and {len(people) - _NAMED} more" if len(people) > _NAMED else ""
            yield text(bold(name), ", ".join(people[:_NAMED]) + more)


def _pledges(bill: Bill, record: Record, on: date) -> Iterator[Text]:
    recorded = in_record(bill.key, record)
    for company, pledge in waiting_pledges(recorded.key, record, on) if recorded else ():
        terms = pledges.terms_on(pledge, on)
        if terms:
            here = "" if bill.key.jurisdiction == "us" else " This is no national law."
            yield text(
                bold(f"{company.name}’s pledge: "),
                f"lasts until {terms.duration.condition}.{here}",
            )


def _actions(bill: Bill, record: Record, on: date) -> Iterator[Action]:
    recorded = in_record(bill.key, record)
    ref = recorded.key if recorded else str(bill.key)
    yield Action(label="The bill", command="bill show", arguments=(("number", ref),))
    if outcome_of(bill)[0] is Outcome.PENDING and not ended(bill.key, on):
        yield contact_about(ref)
    yield as_calendar(ref)
    for company, _ in (waiting_pledges(ref, record, on) if recorded else [])[:1]:
        yield Action(
            label="The pledge", command="pledge show", arguments=(("company", company.key),)
        )
    yield Action(label="Untrack", command="bill untrack", arguments=(("number", ref),))


def _people(change: BillChange) -> str:
    count = len(change.people)
    done = "left" if change.kind is ChangeKind.COSPONSOR_WITHDRAWN else "joined"
    return f"{count} cosponsor{'s' if count != 1 else ''} {done}"


def _tally(vote: BillVote) -> str:
    return f"{vote.yes}–{vote.no}" if vote.yes or vote.no else ""
