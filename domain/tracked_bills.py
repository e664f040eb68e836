"""When a bill of the record, a bill of a legislature and a watch are one. Pure.

A bill is told by jurisdiction, session and number (`BillKey`), whoever tells of it. The record's
own key (`ca-ab-2261`) stands for the same bill: a watch of a bill the record knows carries the
record's key, any other the BillKey as text. Both are heard, so that a bill which comes into the
record later stays tracked. What the record gives no number or no session stands for itself.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain import pledges
from domain.bills import (
    ActionKind,
    Bill,
    BillAction,
    BillKey,
    Outcome,
    bill_key,
    congress_of,
)
from domain.model import Rule, Watch, WatchKind
from domain.record import Company, Pledge, Position, Record, RecordedBill, Span, Stance

FOR = frozenset({Stance.WROTE, Stance.SUPPORTS})
_SESSION = re.compile(r"((?:19|20)\d\d)(?:-((?:19|20)\d\d))?\b")
_CONGRESS_BEGAN = 1787
_SWORN_IN = (1, 3)  # a Congress ends on 3 January at noon
_KINDS: Mapping[str, ActionKind] = {one.value: one for one in ActionKind}
_LOST = frozenset({ActionKind.COMMITTEE_FAILURE, ActionKind.FAILURE})


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPosition:
    """Where someone stands on a bill, as a community noted it. `source` is an address or words."""

    id: int
    bill: str
    who: str
    stance: Stance
    source: str
    noted_by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBill:
    """A bill as a community knows it: by the record, by legislatures, or as its own watch alone."""

    recorded: RecordedBill | None = None
    told: Bill | None = None
    watch: Watch | None = None
    positions: tuple[OwnPosition, ...] = ()

    @property
    def ref(self) -> str:
        """What names it in a watch, a button and a position: the record's key, else its own."""
        if self.recorded:
            return self.recorded.key
        if self.told:
            return str(self.told.key)
        assert self.watch is not None
        return self.watch.key

    @property
    def refs(self) -> tuple[str, ...]:
        """Everything that may have named it, since it may have come into the record later."""
        names = [self.ref, str(self.key) if self.key else "", self.watch.key if self.watch else ""]
        return tuple(dict.fromkeys(name for name in names if name))

    @property
    def bill(self) -> Bill:
        """What legislatures tell; where none was asked, what the record does; else its number."""
        if self.told:
            return self.told
        if self.recorded:
            return as_bill(self.recorded)
        assert self.watch is not None
        rule = self.watch.rule
        return Bill(key=bill_key(rule.jurisdiction, "", rule.number), title="", sources=())

    @property
    def key(self) -> BillKey | None:
        """What legislatures know it by; None for a measure without number or session."""
        return self.told.key if self.told else recorded_key(self.recorded)

    @property
    def label(self) -> str:
        """How it is named in a line: `CA AB 2261`."""
        if self.recorded and not self.told:
            return bill_label(self.recorded)
        return label(self.bill.key)

    @property
    def numbered(self) -> bool:
        """Whether it has a number; a measure of the record may have none."""
        return not self.recorded or bool(self.recorded.number) or self.told is not None

    @property
    def title(self) -> str:
        """Its title, the record's plain one first; empty where nobody told it."""
        return self.recorded.title if self.recorded else self.bill.title


def label(key: BillKey) -> str:
    """Return how a bill is named in a line: `CA AB 2261`, `US HR 7356`, `Seattle CB 119996`."""
    place = key.jurisdiction
    town = place.partition("/")[2]
    return f"{town.replace('-', ' ').title() if town else place.upper()} {key.identifier}"


def bill_label(recorded: RecordedBill) -> str:
    """Return how a bill of the record is named in a line; by its place where it has no number."""
    if not recorded.number:
        return recorded.place
    return f"{recorded.jurisdiction.upper()} {recorded.number}"


def recorded_key(recorded: RecordedBill | None) -> BillKey | None:
    """Return what legislatures know a bill of the record by, if number and session tell."""
    if recorded is None or not recorded.number or not recorded.session:
        return None
    return bill_key(recorded.jurisdiction, recorded.session, recorded.number)


def in_record(key: BillKey, record: Record) -> RecordedBill | None:
    """Return the bill as the record tells it."""
    return next((one for one in record.bills if _is(one, key)), None)


def _is(recorded: RecordedBill, key: BillKey) -> bool:
    """Whether it is that bill; without a session in the record, its steps' years must fit."""
    if not recorded.number or recorded.session:
        return recorded_key(recorded) == key
    here = bill_key(recorded.jurisdiction, key.session, recorded.number) == key
    years = {step.on.year for step in recorded.steps}
    return here and bool(years) and years <= set(sits_in(key))


def watch_keys(key: BillKey, record: Record) -> tuple[str, ...]:
    """Return the keys that a watch of the bill may have; a new watch takes the first."""
    recorded = in_record(key, record)
    return (recorded.key, str(key)) if recorded else (str(key),)


def key_of(watch_key: str, rule: Rule, record: Record) -> BillKey | None:
    """Return the bill that a watch is of; None for a measure no legislature numbers."""
    recorded = record.bill(watch_key)
    if recorded is not None:
        return recorded_key(recorded)
    place, number = rule.jurisdiction, rule.number
    if not (watch_key.startswith(f"{place} ") and watch_key.endswith(f" {number}")):
        return None
    session = watch_key[len(place) : -len(number)].strip()
    return bill_key(place, session, number) if session or "/" in place else None


def bill_rule(recorded: RecordedBill) -> Rule:
    """Return what to look for in news to find a bill of the record."""
    return Rule(
        kind=WatchKind.BILL,
        names=recorded.aliases,
        context=recorded.context,
        number=recorded.number,
        jurisdiction=recorded.jurisdiction,
    )


def rule_for(bill: Bill) -> Rule:
    """Return what to look for in news to find a bill that the record does not know.

    The number counts beside the place alone: numbers come back in every session.
    """
    return Rule(kind=WatchKind.BILL, number=bill.key.identifier, jurisdiction=bill.key.jurisdiction)


def as_bill(recorded: RecordedBill) -> Bill:
    """Return the record's telling in the shape of a legislature's.

    A date that the record gives no finer than a month stands at its end: fit to put steps in
    order, never to be shown.
    """
    key = recorded_key(recorded) or bill_key(
        recorded.jurisdiction, recorded.session or "", recorded.number or recorded.title
    )
    actions = tuple(_actions(recorded))
    return Bill(
        key=key,
        title=recorded.title,
        summary=recorded.summary,
        sources=(),
        said_outcome=_outcome(recorded, actions),
        status=recorded.outcome,
        actions=actions,
    )


def _outcome(recorded: RecordedBill, actions: Sequence[BillAction]) -> Outcome | None:
    """How it ended, where the record's words say so plainly."""
    if recorded.outcome.startswith(("law", "ordinance")):
        return Outcome.LAW
    lost = bool(actions and set(actions[-1].kinds) & _LOST)
    return Outcome.FAILED if lost or "expired with" in recorded.outcome else None


def _actions(recorded: RecordedBill) -> Iterator[BillAction]:
    for step in recorded.steps:
        kind = _KINDS.get(step.kind)
        yield BillAction(on=step.on.latest, text=step.text, kinds=(kind,) if kind else ())


def as_of(recorded: RecordedBill, on: date) -> RecordedBill:
    """Return the record's telling without what came after `on`."""
    steps = tuple(step for step in recorded.steps if step.on.latest <= on)
    positions = tuple(one for one in recorded.positions if one.on is None or one.on.latest <= on)
    over = len(steps) == len(recorded.steps)
    return replace(
        recorded, steps=steps, positions=positions, outcome=recorded.outcome if over else ""
    )


def ended(key: BillKey, on: date) -> bool:
    """Whether the session in which the bill was brought is over by `on`.

    By the Congress's number or by the session's years; one of neither form is never said to be.
    """
    years = sits_in(key)
    if not years:
        return False
    if key.jurisdiction == "us":
        return on >= date(years[-1] + 1, *_SWORN_IN)
    return years[-1] < on.year


def sits_in(key: BillKey) -> range:
    """Return the years in which a bill's session sits; none where it is named otherwise."""
    found = _SESSION.match(key.session)
    if key.jurisdiction == "us" and key.session.isdigit():
        first = _CONGRESS_BEGAN + 2 * int(key.session)
        return range(first, first + 2)
    return range(int(found[1]), int(found[2] or found[1]) + 1) if found else range(0)


def sessions_of(place: str, year: int) -> tuple[str, ...]:
    """Return what the session that sits in a year may be called in a place, likeliest first.

    Towns have none; Congress is numbered; most states sit for two years from an odd one on, some
    for one, few from an even one.
    """
    if "/" in place:
        return ("",)
    if place == "us":
        return (str(congress_of(year)),)
    odd, even = year - (year + 1) % 2, year - year % 2
    return (f"{odd}-{odd + 1}", str(year), f"{even}-{even + 1}")


def later(recorded: RecordedBill, record: Record) -> RecordedBill | None:
    """Return the bill of the record that took this one up again last."""
    found = None
    following = next((one for one in record.bills if one.succeeds == recorded.key), None)
    while following is not None:
        found, following = (
            following,
            next((one for one in record.bills if one.succeeds == following.key), None),
        )
    return found


def waiting_pledges(ref: str, record: Record, on: date) -> list[tuple[Company, Pledge]]:
    """Return the pledges in force on `on` that last until a law, and may wait for this bill.

    Either their terms name it or one that it takes up again, or their company stands for or
    against it: whether it is the law they mean is a question for the reader.
    """
    family = _family(ref, record)
    bill = record.bill(ref)
    stands = {one.company for one in bill.positions if one.company} if bill else set()
    return [
        (company, pledge)
        for company in record.companies
        for pledge in company.pledges
        if _waits(pledge, on) and (company.key in stands or _named(pledge, on) & family)
    ]


def _family(ref: str, record: Record) -> frozenset[str]:
    """The bill and those that it takes up again, one after the other."""
    found = [ref]
    while (bill := record.bill(found[-1])) is not None and bill.succeeds:
        if bill.succeeds in found:
            break
        found.append(bill.succeeds)
    return frozenset(found)


def _waits(pledge: Pledge, on: date) -> bool:
    status = pledges.status_on(pledge, on)
    return bool(
        status and status.in_force and status.terms and status.terms.duration.span is Span.CONDITION
    )


def _named(pledge: Pledge, on: date) -> frozenset[str]:
    terms = pledges.terms_on(pledge, on)
    return frozenset(terms.duration.bills) if terms else frozenset()


def sides(
    recorded: Iterable[Position], own: Iterable[OwnPosition]
) -> tuple[list[str], list[str], list[str]]:
    """Return who is for a bill, who against it and who neither, each name once."""
    held: list[Position | OwnPosition] = [*recorded, *own]
    stances = [(one.who, one.stance) for one in held]
    favour = dict.fromkeys(who for who, stance in stances if stance in FOR)
    against = dict.fromkeys(who for who, stance in stances if stance is Stance.OPPOSES)
    rest = dict.fromkeys(
        who for who, stance in stances if stance not in FOR and stance is not Stance.OPPOSES
    )
    return list(favour), list(against), list(rest)
