"""Pictures of the record: what was promised when, for how long, and what the bills did meanwhile.

Pure: the record and a day in, what to draw out.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from domain import pledges
from domain.dates import plain_date
from domain.pictures import ALT_LIMIT, Lane, Mark, Picture, Stretch, Timeline
from domain.record import Company, EventKind, Pledge, RecordedBill, StatusEvent
from domain.text import shorten
from domain.tracked_bills import bill_label

_LANES, _MARKS, _WITHOUT = 12, 8, 12
# The steps of a bill that a timeline has room for.
_STEPS = {
    "introduction": "introduced",
    "passage": "passed",
    "failure": "failed",
    "committee-failure": "held in committee",
    "executive-signature": "signed",
    "executive-veto": "vetoed",
    "became-law": "became law",
}


def timeline_of(
    companies: Sequence[Company], bills: Iterable[RecordedBill], on: date
) -> Picture | None:
    """What the companies had pledged by `on`, and the bills that may meet a condition of theirs.

    Of `bills` only those count that the terms of a pledge name. None where nothing was pledged.
    """
    made = [(one, pledge) for one in companies for pledge in _made(one, on)]
    if not made:
        return None
    shown = made[:_LANES]
    lanes = [_lane(company, pledge, on) for company, pledge in shown]
    awaited = _awaited([pledge for _, pledge in shown], bills, on)
    one = f"{companies[0].name}: {'pledge' if len(made) == 1 else 'pledges'}"
    title = one if len(companies) == 1 else "Pledges over time"
    scene = Timeline(
        title=f"{title}, as of {plain_date(on)}",
        on=on,
        lanes=(*lanes, *([awaited] if awaited else [])),
        note=_note(companies, len(made) - len(shown), on),
    )
    return Picture(name=f"pledges-{on}", alt=_alt(scene), scene=scene)


def _made(company: Company, on: date) -> Iterator[Pledge]:
    return (pledge for pledge in company.pledges if pledges.status_on(pledge, on))


def _lane(company: Company, pledge: Pledge, on: date) -> Lane:
    status = pledges.status_on(pledge, on)
    assert status is not None
    end = pledges.expires_on(pledge, on)
    several = len(company.pledges) > 1
    happened = pledges.events_until(pledge, on)
    marks = [_mark(event, f"{event.kind.value} {event.on.plain}") for event in happened]
    planned = end if status.in_force and end and end > on else None
    standing = f"{status.kind.value}, ends {plain_date(planned)}" if planned else status.kind.value
    return Lane(
        name=f"{company.name} · {pledge.title}" if several else company.name,
        standing=standing,
        stretches=tuple(_stretches(happened, on)),
        marks=tuple(_bounded(marks)),
        ends_on=planned,
    )


def _mark(event: StatusEvent, label: str) -> Mark:
    return Mark(on=event.on.latest, label=label, ends=event.kind in pledges.ENDED)


def _bounded(marks: list[Mark]) -> list[Mark]:
    """The first, and the last as far as there is room."""
    return marks if len(marks) <= _MARKS else [marks[0], *marks[1 - _MARKS :]]


def _stretches(happened: Sequence[StatusEvent], on: date) -> Iterator[Stretch]:
    """The times in which something was promised, and how much of it; between them are gaps."""
    since: date | None = None
    narrowed = False
    for event in happened:
        day = event.on.latest
        ends, narrows = event.kind in pledges.ENDED, event.kind is EventKind.NARROWED
        if since is not None and (ends or (narrows and not narrowed)):
            yield Stretch(since=since, until=day, narrowed=narrowed)
            since = None
        if not ends and since is None:
            since = day
            narrowed = narrows
    if since is not None:
        yield Stretch(since=since, until=on, narrowed=narrowed)


def _awaited(made: Sequence[Pledge], bills: Iterable[RecordedBill], on: date) -> Lane | None:
    """The bills that may meet a condition; what happened to several on one day is one mark."""
    known = [terms for one in made for terms in one.terms if terms.since.latest <= on]
    named = {key for terms in known for key in terms.duration.bills}
    steps: dict[tuple[date, str], list[str]] = {}
    for bill in bills:
        if bill.key in named:
            for step in bill.steps:
                done = _STEPS.get(step.kind)
                if done and step.on.latest <= on:
                    told = steps.setdefault((step.on.latest, f"{done} {step.on.plain}"), [])
                    told.append(bill_label(bill))
    if not steps:
        return None
    marks = [
        Mark(on=day, label=f"{_listed(labels)} {done}")
        for (day, done), labels in sorted(steps.items())
    ]
    return Lane(name="Bills that may meet a condition", marks=tuple(_bounded(marks)))


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(labels[:2]) + (f" and {len(labels) - 2} more" if len(labels) > 2 else "")  # noqa: PLR2004 - as many as a line holds


def _note(companies: Sequence[Company], left_out: int, on: date) -> str:
    without = [one.name for one in pledges.without_pledge(companies, on)]
    named = ", ".join(without[:_WITHOUT])
    more = f" and {len(without) - _WITHOUT} more" if len(without) > _WITHOUT else ""
    told = [f"{left_out} more pledges are not drawn."] if left_out else []
    return " ".join([*told, *([f"No pledge: {named}{more}."] if without else [])])


def _alt(scene: Timeline) -> str:
    """What the picture says, lane by lane."""
    told = [f"Timeline. {scene.title}."]
    for lane in scene.lanes:
        happened = ", ".join(mark.label for mark in lane.marks)
        now = f"; now {lane.standing}" if lane.standing else ""
        told.append(f"{lane.name}: {happened}{now}.")
    return shorten(" ".join([*told, scene.note]).strip(), ALT_LIMIT)
