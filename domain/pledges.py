"""Rules about pledges, always as of a date: events after it do not count yet.

Status follows the events in the order of their dates; of two on one day the later in the record
wins. What the terms themselves say (the day they end) is worked out, never written down.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from domain.dates import PartialDate, plain_date
from domain.record import (
    Audience,
    Company,
    Coverage,
    EventKind,
    Pledge,
    Span,
    StatusEvent,
    Terms,
)
from domain.text import fold

# After these nothing of the pledge is in force.
ENDED = frozenset(
    {EventKind.EXPIRED, EventKind.SUPERSEDED, EventKind.WITHDRAWN, EventKind.BROKEN, EventKind.MET}
)
# Words people use for the audiences, folded.
_AUDIENCE_WORDS: dict[Audience, tuple[str, ...]] = {
    Audience.POLICE: ("police", "local police", "state police", "sheriff", "sheriffs", "lapd", "nypd"),
    Audience.FEDERAL: ("federal", "fbi", "dea", "doj", "federal agencies", "atf", "marshals"),
    Audience.IMMIGRATION: (
        "immigration", "ice", "cbp", "border patrol", "customs", "dhs", "homeland security",
    ),
    Audience.MILITARY: ("military", "army", "pentagon", "defense", "dod", "navy", "air force"),
    Audience.FOREIGN_POLICE: ("abroad", "foreign", "foreign police", "police abroad", "uk police"),
    Audience.PRIVATE: ("private", "companies", "stores", "landlords", "schools", "business"),
    Audience.RESELLERS: ("resellers", "reseller", "third parties", "partners", "integrators"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where a pledge stands: the kind of the last event that counts, and since when it does."""

    kind: EventKind
    on: PartialDate
    terms: Terms | None

    @property
    def in_force(self) -> bool:
        """Whether anything is still promised."""
        return self.kind not in ENDED


def known(pledge: Pledge, on: date) -> bool:
    """Whether the pledge had been made by `on`."""
    return pledge.announced_on.latest <= on


def terms_on(pledge: Pledge, on: date) -> Terms | None:
    """Return the version of the terms that stood on `on`."""
    versions = [terms for terms in reversed(pledge.terms) if terms.since.latest <= on]
    return max(versions, key=lambda terms: terms.since.latest, default=None)


def events_until(pledge: Pledge, on: date) -> tuple[StatusEvent, ...]:
    """Return what had happened by `on`, oldest first, the terms' own end included."""
    happened = [event for event in pledge.events if event.on.latest <= on]
    happened += [end for end in _ends(pledge) if end.on.latest <= on]
    return tuple(sorted(happened, key=lambda event: event.on.latest))


def status_on(pledge: Pledge, on: date) -> Status | None:
    """Return the status as of `on`; None before the announcement."""
    happened = events_until(pledge, on)
    if not happened or not known(pledge, on):
        return None
    last = happened[-1]
    kind = _state(last)
    if kind is EventKind.ACTIVE:  # a later word that it still holds does not begin it anew
        run = takewhile(lambda event: _state(event) is kind, reversed(happened))
        last = list(run)[-1]
    return Status(kind=kind, on=last.on, terms=terms_on(pledge, on))


def expires_on(pledge: Pledge, on: date) -> date | None:
    """Return the day on which the terms that stood on `on` end, if they name one."""
    terms = terms_on(pledge, on)
    return terms.duration.expires_on if terms else None


def describe_end(terms: Terms) -> str:
    """Say when the terms end."""
    duration = terms.duration
    match duration.span:
        case Span.FIXED if duration.expires_on:
            return plain_date(duration.expires_on)
        case Span.CONDITION:
            return duration.condition
        case Span.INDEFINITE:
            return "no date"
        case _:
            return "unstated"


def audience_named(words: str) -> Audience | None:
    """Return the audience people mean by `words` (folded), such as `ice` or `the fbi`."""
    asked = words.strip().removeprefix("the ").strip()
    for audience, names in _AUDIENCE_WORDS.items():
        if asked == audience.value or asked in names:
            return audience
    return None


def covers(pledge: Pledge, audience: Audience, on: date) -> Coverage | None:
    """Return what the pledge said of `audience` on `on`; None before it was made."""
    terms = terms_on(pledge, on)
    return terms.covers(audience) if terms else None


def changes(before: Terms, after: Terms) -> list[tuple[str, str, str]]:
    """Return what a new version of the terms says otherwise: label, old words, new words."""
    rows = [
        ("Ends", describe_end(before), describe_end(after)),
        ("Action", before.action, after.action),
        ("Products", before.products, after.products),
        ("Where", before.geography, after.geography),
        ("Framing", before.framing, after.framing),
        *(
            (
                one.value.capitalize(),
                before.covers(one).answer.value,
                after.covers(one).answer.value,
            )
            for one in Audience
        ),
        ("Exempt", "; ".join(before.exemptions), "; ".join(after.exemptions)),
    ]
    return [row for row in rows if row[1] != row[2]]


def terms_before(pledge: Pledge, terms: Terms) -> Terms | None:
    """Return the version that these terms took the place of."""
    earlier = [one for one in pledge.terms if one.since.latest < terms.since.latest]
    return max(earlier, key=lambda one: one.since.latest, default=None)


def bears_on(pledge: Pledge, on: date, folded: str) -> bool:
    """Whether a text (folded) about the company may bear on its pledge.

    The pledge must be in force on `on`, and the text must hold a word of the pledge's subject. It
    is a question put to the reader, not a verdict.
    """
    status = status_on(pledge, on)
    if status is None or not status.in_force:
        return False
    return any(fold(word) in folded for word in pledge.subject)


def without_pledge(companies: Iterable[Company], on: date) -> list[Company]:
    """Return the companies that had made none by `on`."""
    return [one for one in companies if not any(known(pledge, on) for pledge in one.pledges)]


def _state(event: StatusEvent) -> EventKind:
    """What a pledge is once the event has happened."""
    return EventKind.ACTIVE if event.kind is EventKind.ANNOUNCED else event.kind


def _ends(pledge: Pledge) -> Iterable[StatusEvent]:
    """The expiry of each version that no later version or ending overtook."""
    for version in pledge.terms:
        end = version.duration.expires_on
        if end is None or version.duration.span is not Span.FIXED:
            continue
        ended = any(event.kind in ENDED and event.on.latest <= end for event in pledge.events)
        if terms_on(pledge, end) is version and not ended:
            yield StatusEvent(
                kind=EventKind.EXPIRED,
                on=PartialDate.of(end),
                text="The time it was given ran out.",
            )
