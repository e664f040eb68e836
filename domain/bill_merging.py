"""When two tellings are of one thing, and one bill out of what several sources tell. Pure.

The sources word, order and number things each in their own way, and one source in another way
after it reprocessed its data; so things are told again by what they say: an action by its day and
its folded words, a person by the name, a hearing by day and committee, a vote by its tallies.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Protocol, TypeVar

from domain.bills import (
    ActionKind,
    Bill,
    BillAction,
    BillCommittee,
    BillVersion,
    BillVote,
    Chamber,
    Hearing,
    HearingStatus,
    Outcome,
    Sighting,
    Sponsor,
    SponsorRole,
)
from domain.text import fold

T = TypeVar("T")
# The Congressional Record's page, which is put behind an action a day later.
_CITATION = re.compile(r"\([^()]{0,80}\bCR [HSE]\d[^()]{0,80}\)")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_SHORTEST_PART = 12
# Steps that happen once a day in a chamber, however many ways they are told.
_ONCE = frozenset(
    {
        ActionKind.INTRODUCTION,
        ActionKind.PASSAGE,
        ActionKind.ENROLLED,
        ActionKind.EXECUTIVE_RECEIPT,
        ActionKind.EXECUTIVE_SIGNATURE,
        ActionKind.EXECUTIVE_VETO,
        ActionKind.VETO_OVERRIDE_PASSAGE,
        ActionKind.BECAME_LAW,
    }
)


class _Dated(Protocol):
    @property
    def on(self) -> date: ...


D = TypeVar("D", bound=_Dated)


@lru_cache(16384)
def told(text: str) -> str:
    """Return what an action's text says, without case, punctuation, spacing and citations."""
    return fold(_CITATION.sub(" ", text))


def same_action(one: BillAction, other: BillAction) -> bool:
    """Whether a source tells one step twice: on one day, in the same words or in more of them."""
    if one.on != other.on:
        return False
    first, second = told(one.text), told(other.text)
    if first == second:
        return True
    shorter, longer = sorted((first, second), key=len)
    return (
        len(shorter) >= _SHORTEST_PART
        and shorter in longer
        and _fit(one.chamber, other.chamber)
        and _main(one) == _main(other)
    )


def same_step(one: BillAction, other: BillAction) -> bool:
    """Whether two sources tell one step, each in its own words."""
    if same_action(one, other):
        return True
    shared = set(one.kinds) & set(other.kinds) & _ONCE
    return one.on == other.on and bool(shared) and _fit(one.chamber, other.chamber)


def same_person(one: Sponsor, other: Sponsor) -> bool:
    """Whether two sponsors are one, as far as name and party tell. Names are `First Last`."""
    first, second = _name(one.name), _name(other.name)
    if first == second:
        return True
    if not first or not second or first[-1] != second[-1]:
        return False
    if one.party and other.party and one.party[0].lower() != other.party[0].lower():
        return False
    return len(first) == 1 or len(second) == 1 or first[0][0] == second[0][0]


def same_vote(one: BillVote, other: BillVote) -> bool:
    """Whether two votes are one."""
    tallies = (one.on, one.yes, one.no) == (other.on, other.yes, other.no)
    return tallies and _fit(one.chamber, other.chamber)


def same_hearing(one: Hearing, other: Hearing) -> bool:
    """Whether two hearings are one: by key, else by day and committee and no different hour."""
    if one.key == other.key:
        return True
    if one.on != other.on or (one.at and other.at and one.at != other.at):
        return False
    first, second = (fold(each.committee or each.title) for each in (one, other))
    return bool(first.strip() and second.strip()) and (first in second or second in first)


def merge(snapshots: Sequence[Bill]) -> Bill:
    """Make one bill of what several sources tell of it; the first is trusted most.

    One snapshot is returned as it is. Raises ValueError for none, or for different bills.
    """
    if not snapshots or len({one.key for one in snapshots}) > 1:
        raise ValueError("only snapshots of one bill can be merged")
    merged = snapshots[0]
    for other in snapshots[1:]:
        merged = _join(merged, other)
    return merged


def _join(one: Bill, other: Bill) -> Bill:
    actions = _paired(one.actions, other.actions, same_step, _join_actions)
    return replace(
        one,
        title=one.title or other.title,
        summary=one.summary or other.summary,
        chamber=one.chamber or other.chamber,
        introduced_on=one.introduced_on or other.introduced_on,
        status=one.status or other.status,
        said_outcome=_verdict(one.said_outcome, other.said_outcome),
        sources=_sightings((*one.sources, *other.sources)),
        sponsors=_all_paired(one.sponsors, other.sponsors, same_person, _join_sponsors),
        actions=tuple(sorted(actions, key=lambda action: action.on)),
        committees=_all_paired(one.committees, other.committees, _same_committee, _first),
        votes=_by_day(_paired(one.votes, other.votes, same_vote, _join_votes)),
        hearings=_by_day(_paired(one.hearings, other.hearings, same_hearing, _join_hearings)),
        versions=_all_paired(one.versions, other.versions, _same_version, _first),
        related=_unique((*one.related, *other.related), lambda related: related.key),
        subjects=_unique((*one.subjects, *other.subjects), fold),
        urls=_unique((*one.urls, *other.urls), str),
    )


def _paired(
    ours: Sequence[D],
    theirs: Sequence[D],
    same: Callable[[D, D], bool],
    join: Callable[[D, D], D],
) -> tuple[D, ...]:
    """Join each of `theirs` to the one of `ours` that is the same; both are of the same day."""
    days: dict[date, list[D]] = defaultdict(list)
    for one in theirs:
        days[one.on].append(one)
    joined = []
    for one in ours:
        rest = days.get(one.on, [])
        # The very same words first: a step may be told twice in one day, once more fully.
        matches = [place for place, other in enumerate(rest) if same(one, other)]
        exact = [place for place in matches if rest[place] == one]
        if matches:
            joined.append(join(one, rest.pop((exact or matches)[0])))
        else:
            joined.append(one)
    return (*joined, *(one for rest in days.values() for one in rest))


def _all_paired(
    ours: Sequence[T],
    theirs: Sequence[T],
    same: Callable[[T, T], bool],
    join: Callable[[T, T], T],
) -> tuple[T, ...]:
    """Join as `_paired` does, for short lists that have no days."""
    rest = list(theirs)
    joined = []
    for one in ours:
        match = next((place for place, other in enumerate(rest) if same(one, other)), None)
        joined.append(one if match is None else join(one, rest.pop(match)))
    return (*joined, *rest)


def _join_actions(one: BillAction, other: BillAction) -> BillAction:
    kinds = (*one.kinds, *(kind for kind in other.kinds if kind not in one.kinds))
    return replace(
        one,
        kinds=kinds,
        chamber=one.chamber or other.chamber,
        committee=one.committee or other.committee,
    )


def _join_sponsors(one: Sponsor, other: Sponsor) -> Sponsor:
    primary = SponsorRole.PRIMARY in {one.role, other.role}
    return replace(
        one,
        name=max(one.name, other.name, key=len),
        role=SponsorRole.PRIMARY if primary else SponsorRole.COSPONSOR,
        party=one.party or other.party,
        district=one.district or other.district,
        chamber=one.chamber or other.chamber,
        joined_on=one.joined_on or other.joined_on,
        withdrawn_on=one.withdrawn_on or other.withdrawn_on,
        id=one.id or other.id,
    )


def _join_votes(one: BillVote, other: BillVote) -> BillVote:
    return replace(
        one,
        chamber=one.chamber or other.chamber,
        passed=other.passed if one.passed is None else one.passed,
        other=one.other or other.other,
        url=one.url or other.url,
    )


def _join_hearings(one: Hearing, other: Hearing) -> Hearing:
    off = HearingStatus.CANCELLED
    return replace(
        one,
        at=one.at or other.at,
        ends_at=one.ends_at or other.ends_at,
        place=one.place or other.place,
        committee=one.committee or other.committee,
        status=off if off in {one.status, other.status} else one.status,
        url=one.url or other.url,
        bills=_unique((*one.bills, *other.bills), str),
    )


def _sightings(all_of_them: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Return the latest sighting of each source, in the order in which they first came."""
    latest: dict[tuple[str, str], Sighting] = {}
    for one in all_of_them:
        known = latest.get((one.source, one.id))
        if known is None or known.seen_at < one.seen_at:
            latest[one.source, one.id] = one
    return tuple(latest.values())


def _verdict(one: Outcome | None, other: Outcome | None) -> Outcome | None:
    return other if one in {None, Outcome.PENDING} and other is not None else one


def _fit(one: Chamber, other: Chamber) -> bool:
    return one is other or Chamber.UNKNOWN in {one, other}


def _main(action: BillAction) -> frozenset[ActionKind]:
    return frozenset(action.kinds) & _ONCE


@lru_cache(16384)
def _name(name: str) -> tuple[str, ...]:
    return tuple(word for word in fold(name).split() if word not in _SUFFIXES)


def _same_committee(one: BillCommittee, other: BillCommittee) -> bool:
    first, second = set(fold(one.name).split()), set(fold(other.name).split())
    rest = first ^ second
    return _fit(one.chamber, other.chamber) and rest <= {
        "committee",
        "on",
        "the",
        "house",
        "senate",
    }


def _same_version(one: BillVersion, other: BillVersion) -> bool:
    return (one.on, fold(one.name)) == (other.on, fold(other.name)) or bool(
        one.url and one.url == other.url
    )


def _first(one: T, _: T) -> T:
    return one


def _by_day(items: Iterable[D]) -> tuple[D, ...]:
    return tuple(sorted(items, key=lambda one: one.on))


def _unique(items: Iterable[T], key: Callable[[T], object]) -> tuple[T, ...]:
    return tuple({key(one): one for one in reversed(tuple(items))}.values())[::-1]
