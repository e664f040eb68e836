"""What in the record is to be told on which day: an end that comes near, a step, a law. Pure.

Everything is worked out as of a day, from exact dates alone: what a source dates to a month, or
“by” a day, is shown in the record but is news on no day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from domain import pledges
from domain.dates import PartialDate
from domain.record import Company, EventKind, Pledge, Record, RecordedBill, Span, StatusEvent, Step

REMIND = (90, 30, 7, 1)
"""Days ahead on which an end is told; the end itself is an event of its day."""
WINDOW = timedelta(days=14)
"""How long after its day an occasion is still news."""
_ENACTED = frozenset({"became-law", "executive-signature", "veto-override-passage"})
_FAILED = frozenset({"failure", "executive-veto"})
_BEGUN = "introduction"


class OccasionKind(StrEnum):
    """What sort of occasion it is."""

    ENDS = "ends"
    EVENT = "event"
    BILL = "bill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Something to tell of a pledge once.

    `on` is the day it falls due. `what` is the day of the end, the kind of the event, or the bill.
    """

    kind: OccasionKind
    company: str
    pledge: str
    what: str
    on: date

    @property
    def key(self) -> str:
        """What tells it again; `parse` reads it back."""
        return f"{self.kind}|{self.company}|{self.pledge}|{self.what}|{self.on}"

    @classmethod
    def parse(cls, key: str) -> Self:
        """Read a key."""
        kind, company, pledge, what, on = key.split("|")
        return cls(
            kind=OccasionKind(kind),
            company=company,
            pledge=pledge,
            what=what,
            on=date.fromisoformat(on),
        )


def occasions(record: Record, today: date) -> list[Occasion]:
    """Return what fell due within WINDOW up to `today`, oldest first."""
    found = [
        one
        for company in record.companies
        for pledge in company.pledges
        for one in _of_pledge(record, company, pledge, today)
        if today - WINDOW < one.on <= today
    ]
    return sorted(found, key=lambda one: (one.on, one.key))


def event_of(occasion: Occasion, pledge: Pledge) -> StatusEvent | None:
    """Return the event an occasion is about; None if the record has it no more."""
    held = pledges.events_until(pledge, occasion.on)
    return next((one for one in held if _is(one, occasion)), None)


def step_of(occasion: Occasion, bill: RecordedBill) -> Step | None:
    """Return the step of the bill an occasion is about; None if the record has it no more."""
    return next(
        (one for one in bill.steps if _counts(one, bill) and one.on.latest == occasion.on), None
    )


def is_enacted(step: Step) -> bool:
    """Whether the step made the bill a law."""
    return step.kind in _ENACTED


def has_failed(step: Step) -> bool:
    """Whether the step ended the bill."""
    return step.kind in _FAILED


def _of_pledge(record: Record, company: Company, pledge: Pledge, today: date) -> Iterator[Occasion]:
    status = pledges.status_on(pledge, today)
    if status is None:
        return
    for event in pledges.events_until(pledge, today):
        if _exact(event.on):
            yield _occasion(OccasionKind.EVENT, company, pledge, event.kind, event.on.latest)
    if not status.in_force or status.terms is None:
        return
    duration = status.terms.duration
    if duration.span is Span.FIXED and duration.expires_on:
        yield from _reminder(company, pledge, duration.expires_on, today)
    if duration.span is Span.CONDITION:
        for bill in _with_successors(record, duration.bills):
            for step in bill.steps:
                if _counts(step, bill):
                    yield _occasion(OccasionKind.BILL, company, pledge, bill.key, step.on.latest)


def _reminder(company: Company, pledge: Pledge, end: date, today: date) -> Iterator[Occasion]:
    """The latest reminder whose day has come: who slept through two hears of one."""
    left = (end - today).days
    ahead = min((days for days in REMIND if days >= left), default=None)
    if ahead is not None:
        due = end - timedelta(days=ahead)
        yield _occasion(OccasionKind.ENDS, company, pledge, end.isoformat(), due)


def _with_successors(record: Record, keys: tuple[str, ...]) -> list[RecordedBill]:
    """The bills with these keys and those that took them up again, in whatever Congress."""
    wanted = set(keys)
    grown = True
    while grown:
        later = {one.key for one in record.bills if one.succeeds in wanted}
        grown = not later <= wanted
        wanted |= later
    return [one for one in record.bills if one.key in wanted]


def _counts(step: Step, bill: RecordedBill) -> bool:
    """Whether the step is one that a condition turns on."""
    again = step.kind == _BEGUN and bill.succeeds is not None
    return _exact(step.on) and (again or is_enacted(step) or has_failed(step))


def _is(event: StatusEvent, occasion: Occasion) -> bool:
    return event.kind == EventKind(occasion.what) and event.on.latest == occasion.on


def _exact(on: PartialDate) -> bool:
    return on.day is not None and not on.by


def _occasion(
    kind: OccasionKind, company: Company, pledge: Pledge, what: str, on: date
) -> Occasion:
    return Occasion(kind=kind, company=company.key, pledge=pledge.key, what=what, on=on)
