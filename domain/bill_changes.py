"""What happened to a bill between two snapshots of it. Pure.

A change is something that a legislature did. What a source does to its data is none: new update
times, another order, other spacing or capitals, new ids, a page of the record cited, a date put
right. Compare snapshots of one source with each other; `also` says what other sources told before.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from hashlib import blake2b
from itertools import groupby

from domain.bill_merging import (
    same_action,
    same_hearing,
    same_person,
    same_step,
    same_vote,
    told,
)
from domain.bill_progress import outcome_of
from domain.bills import (
    ActionKind,
    Bill,
    BillAction,
    BillVote,
    Chamber,
    Hearing,
    HearingStatus,
    Outcome,
    RelatedBill,
    Sponsor,
)
from domain.text import fold


class ChangeKind(StrEnum):
    """What can happen to a bill. `STEP` is an action of none of the other kinds."""

    INTRODUCED = "introduced"
    REINTRODUCED = "reintroduced"
    COSPONSOR_ADDED = "cosponsor added"
    COSPONSOR_WITHDRAWN = "cosponsor withdrawn"
    REFERRED = "referred"
    HEARING_SCHEDULED = "hearing scheduled"
    HEARING_MOVED = "hearing moved"
    HEARING_CANCELLED = "hearing cancelled"
    AMENDED = "amended"
    REPORTED = "reported"
    PASSED = "passed a chamber"
    VOTE = "vote"
    SENT_TO_EXECUTIVE = "sent to the executive"
    ENACTED = "enacted"
    VETOED = "vetoed"
    OVERRIDDEN = "veto overridden"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    CARRIED_OVER = "carried over"
    STEP = "step"


NEVER_WAIT = frozenset(
    {ChangeKind.HEARING_SCHEDULED, ChangeKind.HEARING_MOVED, ChangeKind.HEARING_CANCELLED}
)
"""What is told at once whatever a channel's cadence: by its time the hearing may be over."""

# What an action of several kinds is told as: the first that fits.
_TOLD_AS = (
    (ActionKind.BECAME_LAW, ChangeKind.ENACTED),
    (ActionKind.EXECUTIVE_SIGNATURE, ChangeKind.ENACTED),
    (ActionKind.VETO_OVERRIDE_PASSAGE, ChangeKind.OVERRIDDEN),
    (ActionKind.EXECUTIVE_VETO, ChangeKind.VETOED),
    (ActionKind.EXECUTIVE_VETO_LINE_ITEM, ChangeKind.VETOED),
    (ActionKind.EXECUTIVE_RECEIPT, ChangeKind.SENT_TO_EXECUTIVE),
    (ActionKind.FAILURE, ChangeKind.FAILED),
    (ActionKind.COMMITTEE_FAILURE, ChangeKind.FAILED),
    (ActionKind.WITHDRAWAL, ChangeKind.WITHDRAWN),
    (ActionKind.CARRIED_OVER, ChangeKind.CARRIED_OVER),
    (ActionKind.PASSAGE, ChangeKind.PASSED),
    (ActionKind.COMMITTEE_PASSAGE_FAVORABLE, ChangeKind.REPORTED),
    (ActionKind.COMMITTEE_PASSAGE_UNFAVORABLE, ChangeKind.REPORTED),
    (ActionKind.COMMITTEE_PASSAGE, ChangeKind.REPORTED),
    (ActionKind.AMENDMENT_PASSAGE, ChangeKind.AMENDED),
    (ActionKind.SUBSTITUTION, ChangeKind.AMENDED),
    (ActionKind.REFERRAL_COMMITTEE, ChangeKind.REFERRED),
    (ActionKind.REFERRAL, ChangeKind.REFERRED),
    (ActionKind.INTRODUCTION, ChangeKind.INTRODUCED),
)
_VOTED_ON = frozenset(
    {ChangeKind.PASSED, ChangeKind.FAILED, ChangeKind.REPORTED, ChangeKind.OVERRIDDEN}
)
_ENDINGS = {
    Outcome.LAW: ChangeKind.ENACTED,
    Outcome.VETOED: ChangeKind.VETOED,
    Outcome.FAILED: ChangeKind.FAILED,
    Outcome.WITHDRAWN: ChangeKind.WITHDRAWN,
    Outcome.ADOPTED: ChangeKind.PASSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BillChange:
    """One thing that happened, with what it happened to.

    `text` is the legislature's own words, or names the people or the committee. `was` is a moved
    hearing as it stood before. `key` is the same whenever the same change is found again.
    """

    kind: ChangeKind
    text: str
    on: date | None = None
    action: BillAction | None = None
    people: tuple[Sponsor, ...] = ()
    vote: BillVote | None = None
    hearing: Hearing | None = None
    was: Hearing | None = None
    related: RelatedBill | None = None

    @property
    def key(self) -> str:
        """A short text that tells this change from every other of the same bill."""
        at = self.hearing.at if self.hearing else None
        held = "|".join((self.kind, str(self.on or ""), told(self.text), str(at or "")))
        return blake2b(held.encode(), digest_size=12).hexdigest()


def changes(before: Bill | None, after: Bill, also: Collection[Bill] = ()) -> list[BillChange]:
    """Return what happened from `before` to `after`, in the order of time, without repetition.

    `before` and `after` are of one source, `also` what other sources tell of the bill. A bill
    nobody told of before was introduced; one that only this source did not is a baseline.
    """
    if before is None:
        return [] if also else [_beginning(after)]
    found = [
        *_from_actions(before, after, also),
        *_from_sponsors(before, after, also),
        *_from_hearings(before, after, also),
    ]
    found = _with_votes(found, _new_votes(before, after, also))
    found += _from_outcome(before, after, also, found)
    return sorted(found, key=lambda change: change.on or date.max)


def settle_hearings(
    known: Iterable[Hearing], listed: Iterable[Hearing], *, first: date, last: date
) -> tuple[Hearing, ...]:
    """Return the hearings of a bill after a complete listing of those from `first` to `last`.

    What was known and the listing has no more is cancelled; what lies outside stays as it was.
    """
    current = list(listed)
    kept = []
    for one in known:
        if any(same_hearing(one, other) for other in current):
            continue
        gone = first <= one.on <= last
        kept.append(replace(one, status=HearingStatus.CANCELLED) if gone else one)
    return tuple(sorted((*kept, *current), key=lambda one: (one.on, one.key)))


def successor(ended: Bill, candidates: Iterable[Bill]) -> Bill | None:
    """Return the bill of a later session that takes up an ended one.

    It says so itself, or has the same title and a sponsor in common.
    """
    later = [
        one
        for one in candidates
        if one.key.jurisdiction == ended.key.jurisdiction and one.key.session > ended.key.session
    ]
    named = [one for one in later if any(each.key == ended.key for each in one.related)]
    alike = [one for one in later if fold(one.title) == fold(ended.title) and _share(one, ended)]
    return min(named or alike, key=lambda one: one.key.session, default=None)


def _beginning(bill: Bill) -> BillChange:
    prior = next((one for one in bill.related if _is_earlier(one, bill)), None)
    kind = ChangeKind.REINTRODUCED if prior else ChangeKind.INTRODUCED
    first = min(bill.actions, key=lambda action: action.on, default=None)
    return BillChange(
        kind=kind,
        text=bill.title,
        on=bill.introduced_on or (first.on if first else None),
        related=prior,
    )


def _is_earlier(related: RelatedBill, bill: Bill) -> bool:
    same_place = related.key.jurisdiction == bill.key.jurisdiction
    return same_place and (
        "prior" in related.relation.lower() or related.key.session < bill.key.session
    )


def _from_actions(before: Bill, after: Bill, also: Collection[Bill]) -> Iterator[BillChange]:
    law = outcome_of(before)[0] is Outcome.LAW
    for action in _new_actions(before, after, also):
        kind = _told_as(action)
        if kind is ChangeKind.ENACTED:
            kind, law = (ChangeKind.STEP if law else kind), True
        yield BillChange(kind=kind, text=action.text, on=action.on, action=action)


def _new_actions(before: Bill, after: Bill, also: Collection[Bill]) -> list[BillAction]:
    known = _by_date(before.actions)
    elsewhere = _by_date(action for bill in also for action in bill.actions)
    moved = _vanished_texts(before.actions, after.actions)
    new: list[BillAction] = []
    for action in sorted(after.actions, key=lambda one: one.on):
        if (
            any(same_action(action, one) for one in known.get(action.on, ()))
            or any(same_step(action, one) for one in elsewhere.get(action.on, ()))
            or any(same_action(action, one) for one in new)
        ):
            continue
        if moved.get(told(action.text), 0):
            moved[told(action.text)] -= 1  # the date was put right
            continue
        new.append(action)
    return new


def _by_date(actions: Iterable[BillAction]) -> dict[date, list[BillAction]]:
    ordered = sorted(actions, key=lambda one: one.on)
    return {day: list(group) for day, group in groupby(ordered, key=lambda one: one.on)}


def _vanished_texts(before: Sequence[BillAction], after: Sequence[BillAction]) -> dict[str, int]:
    """Count, by their words, the actions that are no longer told on the day they were."""
    current = {(one.on, told(one.text)) for one in after}
    gone: dict[str, int] = {}
    for one in {(action.on, told(action.text)) for action in before} - current:
        gone[one[1]] = gone.get(one[1], 0) + 1
    return gone


def _told_as(action: BillAction) -> ChangeKind:
    return next((kind for one, kind in _TOLD_AS if one in action.kinds), ChangeKind.STEP)


def _from_sponsors(before: Bill, after: Bill, also: Collection[Bill]) -> Iterator[BillChange]:
    if not after.sponsors:
        return  # the source lost them; nobody left a bill in one body
    others = [sponsor for bill in also for sponsor in bill.sponsors]
    known = [*before.sponsors, *others]
    joined = [one for one in after.standing_sponsors if not _among(one, known)]
    yield from _people(ChangeKind.COSPONSOR_ADDED, joined, "joined_on")
    left = [
        one
        for one in after.sponsors
        if one.withdrawn_on and not _among(one, _withdrawn(known)) and _among(one, known)
    ]
    yield from _people(ChangeKind.COSPONSOR_WITHDRAWN, left, "withdrawn_on")
    gone = [one for one in before.standing_sponsors if not _among(one, after.sponsors)]
    stay = len(before.standing_sponsors) - len(gone)
    if stay and len(gone) <= max(1, stay):  # more would be the source's doing
        yield from _people(ChangeKind.COSPONSOR_WITHDRAWN, gone, "withdrawn_on")


def _people(kind: ChangeKind, people: Sequence[Sponsor], when: str) -> Iterator[BillChange]:
    """Yield one change for all who joined or left on one day."""
    dated: dict[date | None, list[Sponsor]] = {}
    for one in people:
        dated.setdefault(getattr(one, when), []).append(one)
    for day, group in dated.items():
        names = ", ".join(sorted(one.name for one in group))
        yield BillChange(kind=kind, text=names, on=day, people=tuple(group))


def _among(one: Sponsor, others: Iterable[Sponsor]) -> bool:
    return any(same_person(one, other) or (one.id and one.id == other.id) for other in others)


def _withdrawn(sponsors: Iterable[Sponsor]) -> list[Sponsor]:
    return [one for one in sponsors if one.withdrawn_on]


def _share(one: Bill, other: Bill) -> bool:
    return any(_among(sponsor, other.sponsors) for sponsor in one.sponsors)


def _from_hearings(before: Bill, after: Bill, also: Collection[Bill]) -> Iterator[BillChange]:
    others = [hearing for bill in also for hearing in bill.hearings]
    for one in after.hearings:
        was = _hearing_before(one, before.hearings)
        kind = _hearing_kind(was, one)
        if kind is None or any(_same_telling(one, other) for other in others):
            continue
        name = one.committee or one.title
        yield BillChange(kind=kind, text=name, on=one.on, hearing=one, was=was)


def _hearing_before(one: Hearing, known: Sequence[Hearing]) -> Hearing | None:
    same_key = (other for other in known if other.key == one.key)
    return next(same_key, None) or next((each for each in known if same_hearing(each, one)), None)


def _hearing_kind(was: Hearing | None, one: Hearing) -> ChangeKind | None:
    off = one.status is HearingStatus.CANCELLED
    if was is None:
        return None if off else ChangeKind.HEARING_SCHEDULED
    if off:
        was_off = was.status is HearingStatus.CANCELLED
        return None if was_off else ChangeKind.HEARING_CANCELLED
    if was.status is HearingStatus.CANCELLED:
        return ChangeKind.HEARING_SCHEDULED
    return ChangeKind.HEARING_MOVED if _is_moved(was, one) else None


def _is_moved(was: Hearing, one: Hearing) -> bool:
    """Whether day, hour or place is another; one that only becomes known is not."""
    hour = bool(was.at and one.at and was.at != one.at)
    place = bool(was.place and one.place and fold(was.place) != fold(one.place))
    return was.on != one.on or hour or place


def _same_telling(one: Hearing, other: Hearing) -> bool:
    """Whether another source said the same of the same hearing before."""
    return same_hearing(one, other) and (one.on, one.status) == (other.on, other.status)


def _new_votes(before: Bill, after: Bill, also: Collection[Bill]) -> list[BillVote]:
    known = [*before.votes, *(vote for bill in also for vote in bill.votes)]
    new: list[BillVote] = []
    for vote in after.votes:
        if not any(same_vote(vote, one) for one in (*known, *new)):
            new.append(vote)
    return new


def _with_votes(found: list[BillChange], votes: Iterable[BillVote]) -> list[BillChange]:
    """Put each vote's tallies with the step it decided; the others are changes of their own."""
    found = list(found)
    for vote in votes:
        place = next((n for n, change in enumerate(found) if _decided(change, vote)), None)
        if place is not None:
            found[place] = replace(found[place], vote=vote)
        else:
            found.append(BillChange(kind=ChangeKind.VOTE, text=vote.motion, on=vote.on, vote=vote))
    return found


def _decided(change: BillChange, vote: BillVote) -> bool:
    if change.kind not in _VOTED_ON or change.vote or not change.action or change.on != vote.on:
        return False
    chambers = {change.action.chamber, vote.chamber} - {Chamber.UNKNOWN}
    lost = change.kind is ChangeKind.FAILED
    return len(chambers) <= 1 and vote.passed is not lost


def _from_outcome(
    before: Bill, after: Bill, also: Collection[Bill], found: Sequence[BillChange]
) -> list[BillChange]:
    """Tell an end that no action tells."""
    outcome, ended_on = outcome_of(after)
    kind = _ENDINGS.get(outcome)
    known = {outcome_of(bill)[0] for bill in (before, *also)}
    if kind is None or outcome in known or any(change.kind is kind for change in found):
        return []
    return [BillChange(kind=kind, text=after.status or outcome, on=ended_on)]
