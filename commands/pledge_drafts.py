"""What people type into a proposal, read into what would be laid over the record. Pure.

Every fault of a draft is found at once and told by the option it is in.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar
from urllib.parse import urlsplit

from commands.bill_naming import recorded_bills
from commands.naming import split_names
from domain import pledges
from domain.dates import PartialDate, plain_date
from domain.proposals import Addition, ProposalKind
from domain.record import (
    Answer,
    Audience,
    Bearing,
    Citation,
    Company,
    Coverage,
    Duration,
    EventKind,
    Evidence,
    EvidenceKind,
    Pledge,
    Record,
    Span,
    StatusEvent,
    Terms,
    Verified,
)
from domain.text import clean, fold, host, shorten

T = TypeVar("T", bound=StrEnum)
EVENT_KINDS = tuple(one for one in EventKind if one is not EventKind.ANNOUNCED)
_ALIKE = "as before"
_UNSAID = "unstated"
_UNSTATED = frozenset({"unstated", "not stated", "nothing said"})
_ENDLESS = frozenset({"no end", "no date", "none", "never", "indefinite", "until further notice"})
_TEXT, _WORDS, _TITLE, _URL, _NAME = 1000, 300, 80, 1000, 80
_AUDIENCES = 20
_OFFERED = 5
_SOURCE = re.compile(r"<?(?P<url>[^\s|<>]+)(?:\|[^>]*)?>?[\s,;]*(?P<outlet>.*)", re.DOTALL)
_NOT = re.compile(r"^(?:but |and )?(?:not|no|except)\s+", re.IGNORECASE)
_SILENT = re.compile(r"^unstated:?\s+|\s+unstated$", re.IGNORECASE)
_FACES = ("facial recognition", "face recognition")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A proposal as typed. `company` is None for one that is not in the record."""

    record: Record
    company: Company | None
    name: str
    typed: Mapping[str, str]
    today: date
    faults: dict[str, str] = field(default_factory=dict)

    def read(self, kind: ProposalKind) -> Addition | None:
        """Return what was typed; None if there are faults, which are then all in `faults`."""
        addition = _READERS[kind](self)
        return None if self.faults else addition

    @property
    def key(self) -> str:
        """The company's key; of a new one made of its name."""
        return self.company.key if self.company else "-".join(fold(self.name).split())

    def value(self, name: str) -> str:
        """What was typed for an option, empty if nothing was."""
        return self.typed.get(name, "").strip()

    def fault(self, name: str, words: str) -> None:
        """Note what is wrong with an option, behind what else is."""
        self.faults[name] = f"{self.faults.get(name, '')} {words}".strip()

    def needed(self, name: str, limit: int) -> str:
        """A text that must be there."""
        value = self.value(name)
        if not value:
            self.fault(name, "This is needed.")
        elif len(value) > limit:
            self.fault(name, f"This is longer than {limit} characters.")
        return clean(value, limit)

    def said(self, name: str, limit: int, otherwise: str = "") -> str:
        """A text that may be there."""
        return self.needed(name, limit) if self.value(name) else otherwise


def _event(draft: Draft) -> Addition:
    pledge = _pledge_named(draft)
    kind = _choice(draft, "kind", EventKind, EVENT_KINDS)
    on = _day(draft, pledge)
    text = draft.needed("text", _TEXT)
    source = _source(draft)
    event = StatusEvent(kind=kind, on=on, text=text, sources=(source.key,))
    return _addition(draft, source, pledge=pledge.key if pledge else None, event=event)


def _evidence(draft: Draft) -> Addition:
    has_some = draft.company is not None and draft.company.pledges
    pledge = _pledge_named(draft) if has_some else None
    bearing = _choice(draft, "bearing", Bearing, tuple(Bearing))
    kind = _choice(draft, "kind", EvidenceKind, tuple(EvidenceKind))
    on = _day(draft, pledge if bearing is not Bearing.CONTEXT else None)
    text = draft.needed("text", _TEXT)
    source = _source(draft, draft.said("title", _WORDS))
    found = Evidence(
        on=on,
        kind=kind,
        bearing=bearing,
        text=text,
        pledge=pledge.key if pledge else None,
        bill=_bill(draft),
        response=draft.said("response", _TEXT),
        strength=draft.said("strength", _WORDS),
        sources=(source.key,),
    )
    return _addition(draft, source, pledge=found.pledge, evidence=found)


def _terms(draft: Draft) -> Addition:
    pledge = _pledge_named(draft)
    since = _day(draft, pledge)
    source = _source(draft)
    words = draft.needed("text", _WORDS)
    base = pledges.terms_on(pledge, since.latest) if pledge else None
    version = _version(draft, since, source, words, base)
    if base and not draft.faults and not pledges.changes(base, version):
        draft.fault("covers", f"This says what the terms of {base.since.plain} say already.")
    return _addition(draft, source, pledge=pledge.key if pledge else None, terms=version)


def _pledge(draft: Draft) -> Addition:
    on = _day(draft, None)
    source = _source(draft)
    promise = draft.needed("text", _TEXT)
    if not fold(draft.name).strip():
        draft.fault("company", "A name needs at least one letter or digit.")
    elif len(draft.name) > _NAME:
        draft.fault("company", f"A name has at most {_NAME} characters.")
    terms = _version(draft, on, source, promise, None)
    about = split_names(draft.said("about", _WORDS)) or _FACES
    announced = StatusEvent(kind=EventKind.ANNOUNCED, on=on, text=promise, sources=(source.key,))
    made = Pledge(
        key=f"{draft.key}-{on}-{_digest(promise)[:6]}".replace(" ", "-"),
        title=draft.said("title", _TITLE, shorten(promise, _TITLE).rstrip(".")),
        technology=about[0],
        announced_on=on,
        announced_by=draft.name,
        promise=promise,
        terms=(terms,),
        events=(announced,),
        subject=about,
        sources=(source.key,),
    )
    return _addition(draft, source, made=made)


def _version(
    draft: Draft, since: PartialDate, source: Citation, words: str, base: Terms | None
) -> Terms:
    """Terms: those before with what was typed in its place; what nobody said is unstated."""

    def kept(name: str, before: str) -> str:
        return draft.said(name, _WORDS, before)

    exempt = split_names(draft.said("exempt", _WORDS))
    return Terms(
        since=since,
        action=kept("action", base.action if base else _UNSAID),
        products=kept("products", base.products if base else _UNSAID),
        geography=kept("where", base.geography if base else _UNSAID),
        framing=kept("framing", base.framing if base else _UNSAID),
        duration=_duration(draft, since, base),
        coverage=_coverage(draft, source, shorten(words, _WORDS), base),
        exemptions=exempt or (base.exemptions if base else ()),
        sources=(source.key,),
    )


def _coverage(
    draft: Draft, source: Citation, words: str, base: Terms | None
) -> tuple[Coverage, ...]:
    said: dict[Audience, Answer] = {}
    value = draft.needed("covers", _WORDS)
    alike = base is not None and value.lower() == _ALIKE
    if value.lower() not in _UNSTATED and not alike:
        said = _answers(draft, value)
    return tuple(
        Coverage(audience=one, answer=said[one], words=words, sources=(source.key,))
        if one in said
        else base.covers(one)
        if base
        else replace(_SILENCE, audience=one, sources=(source.key,))
        for one in Audience
    )


_SILENCE = Coverage(
    audience=Audience.POLICE, answer=Answer.UNSTATED, words="nothing is said of them"
)


def _answers(draft: Draft, value: str) -> dict[Audience, Answer]:
    """Read `police, ICE, not the military, resellers unstated`."""
    said: dict[Audience, Answer] = {}
    for part in split_names(value)[:_AUDIENCES]:
        answer, named = Answer.YES, part
        if _NOT.search(part):
            answer, named = Answer.NO, _NOT.sub("", part)
        elif _SILENT.search(part):
            answer, named = Answer.UNSTATED, _SILENT.sub("", part)
        audience = pledges.audience_named(fold(named))
        if audience is None:
            draft.fault(
                "covers",
                f"“{shorten(named, 40)}” is none of those the record tells apart: "
                f"{', '.join(Audience)}.",
            )
        elif said.setdefault(audience, answer) is not answer:
            draft.fault(
                "covers",
                f"This contradicts itself: {audience.value} cannot be both "
                f"{_SAID[said[audience]]} and {_SAID[answer]}.",
            )
    return said


_SAID = {Answer.YES: "covered", Answer.NO: "not covered", Answer.UNSTATED: "unstated"}


def _duration(draft: Draft, since: PartialDate, base: Terms | None) -> Duration:
    """Read when terms end: a day, a condition, no end, or as before."""
    value = draft.needed("ends", _WORDS)
    folded = value.lower().rstrip(".")
    if base and folded == _ALIKE:
        return base.duration
    if folded in _ENDLESS:
        return Duration(span=Span.INDEFINITE)
    if not value or folded in _UNSTATED:
        return Duration(span=Span.UNSTATED)
    if not re.match(r"\d{4}\b", value):
        return Duration(span=Span.CONDITION, condition=value.removeprefix("until "))
    try:
        end = date.fromisoformat(value)
    except ValueError:
        draft.fault(
            "ends",
            f"“{value}” is no day: write it as 2027-06-30, or say in words what ends it.",
        )
        return Duration(span=Span.UNSTATED)
    if end <= since.latest:
        draft.fault(
            "ends",
            f"This contradicts itself: {plain_date(end)} is not after the beginning, {since.plain}.",
        )
    return Duration(span=Span.FIXED, expires_on=end)


def _day(draft: Draft, pledge: Pledge | None) -> PartialDate:
    """Read the date; none of the future, none before the pledge was made."""
    value = draft.needed("on", _WORDS)
    try:
        on = PartialDate.parse(value)
    except ValueError:
        if value:
            draft.fault(
                "on",
                f"“{shorten(value, 40)}” is no date: write it as 2026-05-01, 2026-05 or 2026.",
            )
        return PartialDate.of(draft.today)
    if date(on.year, on.month or 1, on.day or 1) > draft.today:
        draft.fault("on", f"“{value}” is in the future.")
    elif pledge and on.latest < pledge.announced_on.latest:
        draft.fault(
            "on",
            f"“{value}” is before the pledge was announced, {pledge.announced_on.plain}.",
        )
    return on


def _source(draft: Draft, title: str = "") -> Citation:
    """Read an address with the outlet's name behind it; without one, the host is its name."""
    value = draft.value("source")
    found = _SOURCE.fullmatch(value)
    url = found["url"] if found else ""
    outlet = clean(found["outlet"], _TITLE) if found else ""
    fault = _address_fault(url)
    if fault:
        draft.fault("source", fault)
    outlet = outlet or host(url)
    return Citation(
        key=f"added-{_digest(f'{url} {outlet} {title}')[:12]}",
        outlet=outlet,
        title=title,
        url=url,
        verified=Verified.UNKNOWN,
        retrieved_on=draft.today,
    )


def _address_fault(url: str) -> str:
    if not url:
        return "A source is needed: the address of a page, then the outlet’s name."
    if len(url) > _URL:
        return f"This address is longer than {_URL} characters."
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname)
    except ValueError:
        return f"“{shorten(url, 60)}” is no address."
    if parts.scheme not in {"http", "https"} or not named:
        return f"“{shorten(url, 60)}” is no http or https address. Put the address first."
    if parts.username is not None or parts.password is not None:
        return "This address holds a name or a password. Leave them out."
    return ""


def _choice(draft: Draft, name: str, shape: type[T], offered: tuple[T, ...]) -> T:
    value = draft.value(name).lower()
    for one in offered:
        if value == one.value:
            return one
    listed = ", ".join(one.value for one in offered)
    draft.fault(
        name,
        f"“{shorten(value, 40)}” is none of: {listed}." if value else f"Choose one of: {listed}.",
    )
    return next(iter(shape))


def _bill(draft: Draft) -> str | None:
    asked = draft.value("bill")
    found = recorded_bills(draft.record, asked) if asked else []
    if len(found) > 1:
        some = [one.label if one.numbered else one.title for one in found[:_OFFERED]]
        draft.fault("bill", f"“{shorten(asked, 40)}” may be {' or '.join(some)}. Name one of them.")
    elif asked and not found:
        draft.fault("bill", f"No bill “{shorten(asked, 40)}” is in the record.")
    return found[0].ref if found else None


def _pledge_named(draft: Draft) -> Pledge | None:
    """The pledge that is meant: by its key or title, else the last one made."""
    held = draft.company.pledges if draft.company else ()
    made = [one for one in held if pledges.known(one, draft.today)]
    asked = fold(draft.value("pledge"))
    if not asked.strip():
        return made[-1] if made else None
    for one in made:
        if asked in {fold(one.key), fold(one.title)}:
            return one
    draft.fault("pledge", f"It is none of: {', '.join(one.title for one in made)}.")
    return None


def _addition(
    draft: Draft,
    source: Citation,
    *,
    pledge: str | None = None,
    event: StatusEvent | None = None,
    evidence: Evidence | None = None,
    terms: Terms | None = None,
    made: Pledge | None = None,
) -> Addition:
    return Addition(
        company=draft.key,
        name=draft.company.name if draft.company else clean(draft.name, _NAME),
        pledge=pledge,
        event=event,
        evidence=evidence,
        terms=terms,
        made=made,
        citations=(source,),
    )


def _digest(words: str) -> str:
    return sha256(words.encode()).hexdigest()


_READERS: dict[ProposalKind, Callable[[Draft], Addition]] = {
    ProposalKind.EVENT: _event,
    ProposalKind.EVIDENCE: _evidence,
    ProposalKind.TERMS: _terms,
    ProposalKind.PLEDGE: _pledge,
}
