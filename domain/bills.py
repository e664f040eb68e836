"""Bills as the legislatures tell of them: one frozen shape for every source.

A client makes a `Bill` from one answer of one source (a snapshot: `sources` holds one Sighting);
`merge` in `domain.bill_merging` makes one bill of several snapshots, `progress` in
`domain.bill_progress` says how far it came. Lists are in the source's order, actions and votes
oldest first. What a source leaves out is empty or None, never guessed.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.bill_numbers import parse


class Chamber(StrEnum):
    """Who acts. The only chamber of Nebraska, D.C. or a city is `LEGISLATURE`."""

    LOWER = "lower"
    UPPER = "upper"
    LEGISLATURE = "legislature"
    EXECUTIVE = "executive"
    UNKNOWN = ""


class ActionKind(StrEnum):
    """What an action does, in the words of Open States."""

    FILING = "filing"
    INTRODUCTION = "introduction"
    READING_1 = "reading-1"
    READING_2 = "reading-2"
    READING_3 = "reading-3"
    REFERRAL = "referral"
    REFERRAL_COMMITTEE = "referral-committee"
    COMMITTEE_PASSAGE = "committee-passage"
    COMMITTEE_PASSAGE_FAVORABLE = "committee-passage-favorable"
    COMMITTEE_PASSAGE_UNFAVORABLE = "committee-passage-unfavorable"
    COMMITTEE_FAILURE = "committee-failure"
    AMENDMENT_INTRODUCTION = "amendment-introduction"
    AMENDMENT_PASSAGE = "amendment-passage"
    AMENDMENT_FAILURE = "amendment-failure"
    AMENDMENT_WITHDRAWAL = "amendment-withdrawal"
    AMENDMENT_AMENDMENT = "amendment-amendment"
    AMENDMENT_DEFERRAL = "amendment-deferral"
    SUBSTITUTION = "substitution"
    PASSAGE = "passage"
    FAILURE = "failure"
    CONCURRENCE = "concurrence"
    RECEIPT = "receipt"
    DEFERRAL = "deferral"
    WITHDRAWAL = "withdrawal"
    CARRIED_OVER = "carried-over"
    ENROLLED = "enrolled"
    EXECUTIVE_RECEIPT = "executive-receipt"
    EXECUTIVE_SIGNATURE = "executive-signature"
    EXECUTIVE_VETO = "executive-veto"
    EXECUTIVE_VETO_LINE_ITEM = "executive-veto-line-item"
    VETO_OVERRIDE_PASSAGE = "veto-override-passage"
    VETO_OVERRIDE_FAILURE = "veto-override-failure"
    BECAME_LAW = "became-law"


class SponsorRole(StrEnum):
    """How someone stands behind a bill."""

    PRIMARY = "primary"
    COSPONSOR = "cosponsor"


class HearingStatus(StrEnum):
    """Whether a hearing is to be held."""

    SCHEDULED = "scheduled"
    MOVED = "moved"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """How it ended, or that it did not yet. `ADOPTED` is for what needs no executive."""

    PENDING = "under way"
    LAW = "law"
    ADOPTED = "adopted"
    VETOED = "vetoed"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class BillKey:
    """What makes two tellings one bill. Build it with `bill_key`, which normalizes.

    `jurisdiction` is `us`, a state's postal code in small letters, or `us-wa/seattle`; `session`
    is a Congress's number (`117`) or years (`2019-2020`, `2021`), else the source's own word.
    """

    jurisdiction: str
    session: str
    identifier: str

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.session} {self.identifier}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Which source told this, and when. `id` and `session` are the source's own, to ask it again.

    `mark` changes whenever the source's telling does (LegiScan's hash, an ETag, a time of change).
    """

    source: str
    id: str
    session: str = ""
    url: str = ""
    mark: str = ""
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sponsor:
    """Who stands behind a bill: a member, or a committee. `district` as the source writes it."""

    name: str
    role: SponsorRole
    party: str = ""
    district: str = ""
    chamber: Chamber = Chamber.UNKNOWN
    joined_on: date | None = None
    withdrawn_on: date | None = None
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillAction:
    """A dated step. `kinds` is empty where nobody classified it."""

    on: date
    text: str
    kinds: tuple[ActionKind, ...] = ()
    chamber: Chamber = Chamber.UNKNOWN
    committee: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillCommittee:
    """A committee that has or had the bill."""

    name: str
    chamber: Chamber = Chamber.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class BillVote:
    """A vote that was counted. `other` is who was present or absent and voted neither way."""

    on: date
    motion: str
    chamber: Chamber
    passed: bool | None
    yes: int
    no: int
    other: int = 0
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """A scheduled meeting of a committee or council that takes up bills.

    `key` is stable (`legistar:seattle:2544`). `on` is the day in the place's `zone` (IANA); `at`
    is the instant in UTC, None where the source gives no readable time: `time_text` then holds
    what it does give ("after session"). `bills` are the identifiers on the agenda, normalized.
    """

    key: str
    on: date
    zone: str
    at: datetime | None = None
    ends_at: datetime | None = None
    time_text: str = ""
    title: str = ""
    committee: str = ""
    chamber: Chamber = Chamber.UNKNOWN
    place: str = ""
    status: HearingStatus = HearingStatus.SCHEDULED
    url: str = ""
    bills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BillVersion:
    """A printed version of the text."""

    name: str
    on: date | None = None
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedBill:
    """A companion, an identical bill, or the same bill of an earlier session."""

    key: BillKey
    relation: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A measure, as one source tells it or as several do together.

    `status` and `said_outcome` are the source's own verdict, where it gives one; what the program
    shows is derived by `domain.bill_progress`.
    """

    key: BillKey
    title: str
    sources: tuple[Sighting, ...]
    summary: str = ""
    classification: str = "bill"
    chamber: Chamber = Chamber.UNKNOWN
    introduced_on: date | None = None
    status: str = ""
    said_outcome: Outcome | None = None
    sponsors: tuple[Sponsor, ...] = ()
    actions: tuple[BillAction, ...] = ()
    committees: tuple[BillCommittee, ...] = ()
    votes: tuple[BillVote, ...] = ()
    hearings: tuple[Hearing, ...] = ()
    versions: tuple[BillVersion, ...] = ()
    related: tuple[RelatedBill, ...] = ()
    subjects: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()

    @property
    def latest_action(self) -> BillAction | None:
        """The last action; of several on one day, the one the source lists last."""
        return max(reversed(self.actions), key=lambda action: action.on, default=None)

    @property
    def primary_sponsors(self) -> tuple[Sponsor, ...]:
        """Who brought it in and still stands behind it."""
        return tuple(one for one in self.standing_sponsors if one.role is SponsorRole.PRIMARY)

    @property
    def standing_sponsors(self) -> tuple[Sponsor, ...]:
        """Sponsors and cosponsors who have not withdrawn."""
        return tuple(one for one in self.sponsors if one.withdrawn_on is None)

    def next_hearing(self, now: datetime) -> Hearing | None:
        """Return the next hearing that is to be held; one without a time counts its whole day."""
        ahead = [one for one in self.hearings if one.status is not HearingStatus.CANCELLED]
        ahead = [one for one in ahead if (one.at or now) >= now and one.on >= _eve(now)]
        return min(ahead, key=lambda one: (one.on, one.at or now), default=None)


def _eve(now: datetime) -> date:
    """The day it still is somewhere in America while it is `now` in UTC."""
    return date.fromordinal(now.date().toordinal() - 1)


_CONGRESS_BEGAN = 1787  # the 119th Congress sits in 2025 and 2026: 2 × 119 + 1787
# Legislatures that number their two-year sessions: first year less twice the number.
_NUMBERED = {
    "ak": 1957, "il": 1817, "ma": 1637, "me": 1761, "ne": 1807, "oh": 1753, "tn": 1797,
}  # fmt: skip
_YEARS = re.compile(r"((?:19|20)\d\d)\s?[-_/–]?\s?((?:19|20)?\d\d)?(?!\d)(.*)")
_ORDINAL = re.compile(r"(\d{1,3})(?:st|nd|rd|th)?\b(.*)")
_LEADING_ZEROS = re.compile(r"([A-Z][A-Z.]*?)[\s.-]*0*(\d+)")
_SPECIAL = re.compile(
    r"(?:(\d+)(?:st|nd|rd|th)?\s+|_)?(?:special|extraordinary)\b(?:\s+(\d+))?", re.IGNORECASE
)


def bill_key(jurisdiction: str, session: str, identifier: str) -> BillKey:
    """Return the key of a bill whatever way its source writes session and number."""
    place = jurisdiction.strip().lower()
    return BillKey(
        jurisdiction=place,
        session=normal_session(place, session),
        identifier=normal_identifier(identifier),
    )


def normal_identifier(written: str) -> str:
    """Return the one spelling of a number: `HB0003` and `H.B. 3` are `HB 3`.

    What is no bill number of a known kind (`CB 119996`, `26-0043`) keeps its own form.
    """
    plain = " ".join(written.upper().split())
    lettered = _LEADING_ZEROS.fullmatch(plain)
    if lettered:
        plain = f"{lettered[1].replace('.', '')} {lettered[2]}"
    known = parse(plain)
    return str(known) if known else plain


def normal_session(jurisdiction: str, written: str) -> str:
    """Return a session as a Congress's number or as years; as it is written if it is neither."""
    plain = " ".join(written.split())
    years = _YEARS.match(plain)
    if years and years.start() == 0:
        return _in_years(jurisdiction, int(years[1]), years[2], years[3])
    ordinal = _ORDINAL.match(plain)
    if ordinal and jurisdiction == "us":
        return ordinal[1]
    if ordinal and jurisdiction in _NUMBERED:
        first = 2 * int(ordinal[1]) + _NUMBERED[jurisdiction]
        return _in_years(jurisdiction, first, str(first + 1), ordinal[2])
    return plain


def session_of_years(jurisdiction: str, first: int, last: int, special: str = "") -> str:
    """Return the normalized session that sits from `first` to `last`; `special` is its name."""
    return _in_years(jurisdiction, first, str(last) if last > first else None, special)


def congress_of(year: int) -> int:
    """Return the number of the Congress that sits in `year`."""
    return (year - _CONGRESS_BEGAN) // 2


def _in_years(jurisdiction: str, first: int, last: str | None, rest: str) -> str:
    if jurisdiction == "us":
        return str(congress_of(first))
    written = str(first)
    if last:
        written += f"-{last if len(last) > 2 else str(first)[:2] + last}"  # noqa: PLR2004
    special = _SPECIAL.search(rest)
    if special:
        number = special[1] or special[2]
        written += " special" + (f" {number}" if number else "")
    return written
