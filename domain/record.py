"""The public pledge record: who promised what, in which terms, what happened since, who says so.

Each class is also the shape of a table in the files under `records/`; `records/README.md`
gives the sourcing rules. Nothing is shown finer or surer than its citation.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.dates import PartialDate


class Audience(StrEnum):
    """Who might be sold the technology."""

    POLICE = "local and state police"
    FEDERAL = "federal law enforcement"
    IMMIGRATION = "immigration authorities"
    MILITARY = "military"
    FOREIGN_POLICE = "police abroad"
    PRIVATE = "private buyers"
    RESELLERS = "resellers"


class Answer(StrEnum):
    """Whether the terms reach an audience."""

    YES = "yes"
    NO = "no"
    UNSTATED = "unstated"


class Span(StrEnum):
    """How long terms last."""

    FIXED = "until a day"
    CONDITION = "until a condition is met"
    INDEFINITE = "no end"
    UNSTATED = "unstated"


class EventKind(StrEnum):
    """What can happen to a pledge."""

    ANNOUNCED = "announced"
    ACTIVE = "active"
    EXTENDED = "extended"
    NARROWED = "narrowed"
    EXPIRED = "expired"
    CONDITION_POSSIBLY_MET = "condition possibly met"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    DISPUTED = "disputed"
    BROKEN = "broken"
    MET = "met"


class Bearing(StrEnum):
    """How evidence bears on a pledge."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    CONTEXT = "context"


class EvidenceKind(StrEnum):
    """What sort of thing the evidence is."""

    CONTRACT = "contract"
    LOBBYING = "lobbying filing"
    POSITION = "bill position"
    POLICY = "policy text"
    NEWS = "news"
    RECORDS = "records request"
    AUDIT = "audit study"
    VOTE = "shareholder vote"
    COURT = "court case"


class Stance(StrEnum):
    """Where someone stands on a bill."""

    WROTE = "wrote"
    SUPPORTS = "supports"
    OPPOSES = "opposes"
    NEUTRAL = "neutral"
    EMPLOYS_SPONSOR = "employs the sponsor"


class Voice(StrEnum):
    """Who speaks: what companies say is kept apart from what affected communities say."""

    COMPANY = "company"
    COMMUNITY = "community"
    OFFICIAL = "official"
    OTHER = "other"


class Verified(StrEnum):
    """How a citation was checked."""

    READ = "read"
    LINKED = "linked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a fact stands. `url` is None where the right address is not known."""

    key: str
    outlet: str
    title: str = ""
    on: PartialDate | None = None
    url: str | None = None
    verified: Verified = Verified.READ
    note: str = ""
    archive_url: str | None = None
    retrieved_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the terms say about one audience, and the few words or the silence it rests on."""

    audience: Audience
    answer: Answer
    words: str
    disputed: bool = False
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """When terms end: on a day, on a condition (and the bills that may meet it), or not."""

    span: Span
    expires_on: date | None = None
    condition: str = ""
    bills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One dated version of what a pledge says, in our own words."""

    since: PartialDate
    action: str
    products: str
    geography: str
    framing: str
    duration: Duration
    coverage: tuple[Coverage, ...]
    exemptions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def covers(self, audience: Audience) -> Coverage:
        """What these terms say about `audience`; silence is `unstated`."""
        for row in self.coverage:
            if row.audience is audience:
                return row
        return Coverage(audience=audience, answer=Answer.UNSTATED, words="nothing is said of them")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEvent:
    """Something that happened to a pledge; only ever added, never changed."""

    kind: EventKind
    on: PartialDate
    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Something that bears on a pledge or a company, with the company's answer if there is one."""

    on: PartialDate
    kind: EvidenceKind
    bearing: Bearing
    text: str
    pledge: str | None = None
    bill: str | None = None
    response: str = ""
    strength: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a conflict between sources."""

    claim: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Where sources disagree: both sides are kept."""

    about: str
    sides: tuple[Side, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a company, group or office stands on a bill."""

    who: str
    stance: Stance
    voice: Voice
    on: PartialDate | None = None
    text: str = ""
    company: str | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledge:
    """A company's dated public commitment and its history.

    News of the company that holds a word of `subject` may bear on the pledge.
    """

    key: str
    title: str
    technology: str
    announced_on: PartialDate
    announced_by: str
    promise: str
    terms: tuple[Terms, ...]
    events: tuple[StatusEvent, ...]
    subject: tuple[str, ...] = ()
    leaves_out: tuple[str, ...] = ()
    communities: tuple[Side, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A tracked organization: its names, its pledges or that it has none, and the evidence.

    `ambiguous` names mean other things too and count only beside a word of `context`.
    """

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    subsidiaries: tuple[str, ...] = ()
    no_pledge: str = ""
    no_pledge_sources: tuple[str, ...] = ()
    pledges: tuple[Pledge, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A dated step on a bill or measure, as the record keeps it."""

    on: PartialDate
    text: str
    kind: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedBill:
    """A bill, law or local measure in the record.

    `jurisdiction` is `us`, a state's postal code in small letters, `eu`, or `us-ca/san-francisco`
    for a place inside a state; `number` is empty for a measure without one.
    """

    key: str
    jurisdiction: str
    place: str
    title: str
    summary: str
    number: str = ""
    session: str = ""
    outcome: str = ""
    aliases: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    watched: bool = False
    overrules_local: Answer = Answer.UNSTATED
    overrules_local_words: str = ""
    overrules_local_sources: tuple[str, ...] = ()
    succeeds: str | None = None
    steps: tuple[Step, ...] = ()
    positions: tuple[Position, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coalition:
    """Organizations that signed on to a demand."""

    key: str
    name: str
    demand: str
    steps: tuple[Step, ...] = ()
    companies: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The whole record as one space sees it."""

    companies: tuple[Company, ...] = ()
    bills: tuple[RecordedBill, ...] = ()
    coalitions: tuple[Coalition, ...] = ()

    def company(self, key: str) -> Company | None:
        """Return the company with that key."""
        return next((company for company in self.companies if company.key == key), None)

    def bill(self, key: str) -> RecordedBill | None:
        """Return the bill with that key."""
        return next((bill for bill in self.bills if bill.key == key), None)
