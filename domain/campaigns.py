"""Campaigns: a drive to call chosen legislators together, and whom to call next. Pure.

Who calls is known by a pseudonym alone, made with a key of the campaign that is destroyed at its
end; from then on nobody can be told again, only counts are left.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.bills import BillKey
from domain.calendars import at_hour, plain_day, plain_hour, zone_of
from domain.call_scripts import Position, Subject, SubjectKind
from domain.errors import UserError
from domain.model import Channel
from domain.text import clean

MAX_TARGETS = 600
MAX_GOAL = 100_000
LONGEST = timedelta(days=90)
SHOWN_FOR = timedelta(minutes=15)
"""How long a target that someone was shown counts as being called."""
UNDO_FOR = timedelta(minutes=10)
"""How long a logged call can be taken back."""
_LAST_MINUTE = time(23, 59)
_SPAN = re.compile(r"(?:in )?(\d{1,3}) ?(h|hours?|d|days?|w|weeks?)", re.IGNORECASE)
_HOURS = {"h": 1, "d": 24, "w": 168}


class CallOutcome(StrEnum):
    """What came of a call. Who was skipped was not called."""

    REACHED = "reached"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    REFUSED = "refused"
    SKIPPED = "skip"


COUNTED = tuple(one for one in CallOutcome if one is not CallOutcome.SKIPPED)
_DONE = frozenset({CallOutcome.REACHED, CallOutcome.VOICEMAIL, CallOutcome.REFUSED})


class Callers(StrEnum):
    """Who may call a target: anyone, or only those who live in its district."""

    ANYONE = "anyone"
    CONSTITUENTS = "constituents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A legislator to be called. `key` is the roster's, `name` has the title, `seat` says where."""

    key: str
    name: str
    seat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A campaign before it starts. `whom` names the targets together: `the US Senate`.

    `bill` is what legislatures know it by, `bill_outcome` says how it ended, if it did. `script`
    holds words of its own for its calls, checked; empty where the community's are said.
    """

    subject: Subject
    position: Position
    whom: str
    callers: Callers
    goal: int
    ends_at: datetime
    targets: tuple[Target, ...]
    bill: BillKey | None = None
    bill_outcome: str = ""
    script: str = ""

    @property
    def title(self) -> str:
        """What the campaign is called."""
        if self.subject.kind is SubjectKind.BILL:
            return f"Call {self.whom}: {self.position} {self.subject.label}"
        return f"Call {self.whom} about {self.subject.label}’s {self.subject.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign as it stands.

    `channel` is where its card is. `people` is how many called, kept when it was closed.
    `revision` grows with everything that the card shows. `script` is as in its draft.
    """

    id: int
    space_id: int
    channel: Channel
    title: str
    subject: Subject
    position: Position
    callers: Callers
    goal: int
    ends_at: datetime
    started_at: datetime
    closed_at: datetime | None = None
    people: int = 0
    bill: BillKey | None = None
    bill_outcome: str = ""
    script: str = ""
    revision: int = 0

    @property
    def is_running(self) -> bool:
        """Whether calls are made for it."""
        return self.closed_at is None

    @property
    def ends(self) -> str:
        """When it ends, by a clock in the channel's zone."""
        return told_at(self.ends_at, self.channel.zone)

    def today(self, now: datetime) -> date:
        """Return the day in the channel's zone, by which calls are counted."""
        return now.astimezone(zone_of(self.channel.zone)).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetTally:
    """A target and what came of the calls to it.

    `under_way` is how many people were shown it just now, `shown_at` when somebody was last.
    """

    place: int
    target: Target
    outcomes: Mapping[CallOutcome, int]
    under_way: int = 0
    shown_at: datetime | None = None

    @property
    def calls(self) -> int:
        """How many calls were logged."""
        return sum(self.outcomes.get(one, 0) for one in COUNTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The targets of a campaign in their order, and how many people called."""

    targets: tuple[TargetTally, ...]
    people: int

    @property
    def calls(self) -> int:
        """How many calls were logged."""
        return sum(one.calls for one in self.targets)

    @property
    def called(self) -> int:
        """How many targets were called at all."""
        return sum(1 for one in self.targets if one.calls)

    @property
    def outcomes(self) -> dict[CallOutcome, int]:
        """How many calls had which outcome, in the order of outcomes."""
        return {one: sum(each.outcomes.get(one, 0) for each in self.targets) for one in COUNTED}

    @property
    def least(self) -> TargetTally | None:
        """The least-called target, the first of several."""
        return min(self.targets, key=lambda one: (one.calls, one.place), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A target as it was shown to someone; what comes of it is logged once."""

    id: int
    place: int
    outcome: CallOutcome | None = None
    logged_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """How many calls to a target had one outcome on a day."""

    day: date
    target: Target
    outcome: CallOutcome
    calls: int


def next_target(
    tally: Tally,
    mine: Mapping[int, AbstractSet[CallOutcome]],
    allowed: AbstractSet[str] | None,
) -> TargetTally | None:
    """Return whom to call next: the least called; of equals, the one shown longest ago.

    What others were just shown counts as called, so two people at once get different ones.
    `mine` is what came of the asker's own calls today, by place: who was called is left out, who
    was busy or skipped comes last. `allowed` holds the keys that the asker may call; None is all.
    """

    def rank(one: TargetTally) -> tuple[bool, int, float, int]:
        shown = one.shown_at.timestamp() if one.shown_at else 0.0
        return (bool(mine.get(one.place)), one.calls + one.under_way, shown, one.place)

    fit = [
        one
        for one in tally.targets
        if (allowed is None or one.target.key in allowed) and not mine.get(one.place, set()) & _DONE
    ]
    return min(fit, key=rank, default=None)


def pseudonym(key: str, actor: str) -> str:
    """Return what someone is called in a campaign; without its key nobody can be told by it."""
    return hmac.digest(key.encode(), actor.encode(errors="surrogatepass"), "sha256").hex()


def closing_words(campaign: Campaign, tally: Tally, why: str) -> str:
    """Return what is said when a campaign was closed. `why` is a sentence, or empty."""
    came = ", ".join(f"{count} {one}" for one, count in tally.outcomes.items() if count)
    calls = _counted(tally.calls, "call")
    people = _counted(tally.people, "person", "people")
    parts = [
        f"The campaign “{campaign.title}” is closed.",
        why,
        f"{calls} by {people}; the goal was {campaign.goal}.",
        f"{came.capitalize()}." if came else "",
        f"{tally.called} of {_counted(len(tally.targets), 'legislator')} were called.",
        "Who called cannot be told any more: only these counts are kept.",
    ]
    return " ".join(part for part in parts if part)


def read_end(written: str, zone: str, now: datetime) -> datetime:
    """Return when a campaign is to end: a day, a day with an hour, or a span from now.

    A day ends in `zone`. Raises UserError if it cannot be read, is past, or too far off.
    """
    at = _end(clean(written, 40), zone, now)
    if at is None:
        raise UserError(
            f"“{clean(written, 40)}” is no end that can be read.",
            hint="Write a day (2026-12-01), a day and an hour (2026-12-01 17:00), or 7 days.",
        )
    if at <= now:
        raise UserError(
            f"{told_at(at, zone)} is over already.", hint="A campaign ends in the future."
        )
    if at - now > LONGEST:
        raise UserError(
            f"A campaign lasts at most {LONGEST.days} days.", hint="Start another one after it."
        )
    return at


def told_at(at: datetime, zone: str) -> str:
    """Return an instant as day and hour by a clock in `zone`."""
    return f"{plain_day(at.astimezone(zone_of(zone)).date())}, {plain_hour(at, zone)}"


def named_together(targets: Sequence[Target]) -> str:
    """Return chosen legislators in a few words."""
    if len(targets) > 3:  # noqa: PLR2004
        return f"{len(targets)} legislators"
    names = [one.name for one in targets]
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _end(written: str, zone: str, now: datetime) -> datetime | None:
    span = _SPAN.fullmatch(written)
    if span:
        return now + timedelta(hours=int(span[1]) * _HOURS[span[2][0].lower()])
    day, _, hour = written.replace("T", " ").partition(" ")
    try:
        return at_hour(
            date.fromisoformat(day), time.fromisoformat(hour) if hour else _LAST_MINUTE, zone
        )
    except (ValueError, OverflowError):
        return None


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"
