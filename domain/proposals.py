"""What a community adds to the record for itself: proposals, their reviews, what they come to.

Anyone may propose. An entry counts once two different organizers confirm it. Proposing is no
confirmation, but a proposer who is an organizer may confirm like any other and be one of the two.
Where there is only one organizer, who must say so, that one is enough. One decline with a reason
ends a proposal. What counts can be taken back by an organizer, and nothing is ever edited: each
step is a review that is kept, and the state is what the reviews come to.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.errors import NotAllowed, UserError
from domain.record import Citation, Company, Evidence, Pledge, Record, StatusEvent, Terms

QUORUM = 2


class ProposalKind(StrEnum):
    """What is proposed."""

    EVENT = "event"
    EVIDENCE = "evidence"
    TERMS = "terms"
    PLEDGE = "pledge"


class ProposalState(StrEnum):
    """Where a proposal stands; only what is confirmed is part of the record."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What someone does with a proposal. Reopening begins the review anew."""

    CONFIRM = "confirm"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What is laid over the record: one of event, evidence, terms and a pledge that was made.

    `company` is a key and `name` what the company is called if the record does not have it;
    `pledge` is the key of the pledge that an event or terms belong to.
    """

    company: str
    name: str
    pledge: str | None = None
    event: StatusEvent | None = None
    evidence: Evidence | None = None
    terms: Terms | None = None
    made: Pledge | None = None
    citations: tuple[Citation, ...] = ()

    @property
    def kind(self) -> ProposalKind:
        """Which of the four it is."""
        if self.event:
            return ProposalKind.EVENT
        if self.evidence:
            return ProposalKind.EVIDENCE
        return ProposalKind.TERMS if self.terms else ProposalKind.PLEDGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One step in a review. `alone` says that the actor is the only organizer there is."""

    actor: str
    verdict: Verdict
    at: datetime
    reason: str = ""
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An addition on its way into a community's record; `reviews` are oldest first."""

    id: int
    addition: Addition
    proposed_by: str
    at: datetime
    state: ProposalState = ProposalState.OPEN
    reason: str = ""
    reviews: tuple[Review, ...] = ()


def state_after(reviews: Iterable[Review]) -> ProposalState:
    """Return what reviews, oldest first, come to."""
    state = ProposalState.OPEN
    confirmed_by: set[str] = set()
    for review in reviews:
        match review.verdict:
            case Verdict.CONFIRM:
                confirmed_by.add(review.actor)
                if review.alone or len(confirmed_by) >= QUORUM:
                    state = ProposalState.CONFIRMED
            case Verdict.DECLINE:
                state = ProposalState.DECLINED
            case Verdict.WITHDRAW:
                state = ProposalState.WITHDRAWN
            case Verdict.REOPEN:
                state = ProposalState.OPEN
                confirmed_by.clear()
    return state


def confirmed_by(proposal: Proposal) -> frozenset[str]:
    """Return who has confirmed it since it was last opened."""
    actors: set[str] = set()
    for review in proposal.reviews:
        if review.verdict is Verdict.CONFIRM:
            actors.add(review.actor)
        elif review.verdict is Verdict.REOPEN:
            actors.clear()
    return frozenset(actors)


def reviewed(proposal: Proposal, review: Review, *, organizer: bool) -> Proposal:
    """Return the proposal after the review. Raises UserError where it may not be."""
    _check(proposal, review, organizer=organizer)
    reviews = (*proposal.reviews, review)
    return replace(proposal, reviews=reviews, state=state_after(reviews), reason=review.reason)


def with_additions(record: Record, additions: Iterable[Addition]) -> Record:
    """Return the record with confirmed additions, oldest first, laid over it.

    What belongs to a pledge or a company that the record has no more is left out.
    """
    companies = {one.key: one for one in record.companies}
    for addition in additions:
        company = companies.get(addition.company) or _new_company(addition)
        if company and has_place(company, addition):
            companies[addition.company] = _laid_over(company, addition)
    return replace(record, companies=tuple(companies.values()))


def has_place(company: Company | None, addition: Addition) -> bool:
    """Whether the record still has what the addition belongs to."""
    if addition.made:
        return company is None or all(one.key != addition.made.key for one in company.pledges)
    if company is None:
        return False
    return addition.pledge is None or any(one.key == addition.pledge for one in company.pledges)


def _check(proposal: Proposal, review: Review, *, organizer: bool) -> None:
    match review.verdict:
        case Verdict.CONFIRM:
            _check_open(proposal)
            _check_organizer(organizer, "confirm")
            if review.actor in confirmed_by(proposal) and not review.alone:
                raise UserError(
                    f"You have confirmed proposal {proposal.id} already.",
                    hint="It counts once another organizer confirms it.",
                )
        case Verdict.DECLINE:
            _check_open(proposal)
            _check_organizer(organizer, "decline")
            if not review.reason:
                raise UserError("A proposal is declined with a reason.", hint="Say why.")
        case Verdict.WITHDRAW:
            _check_withdrawal(proposal, review, organizer=organizer)
        case Verdict.REOPEN:
            _check_reopening(proposal, review, organizer=organizer)


def _check_open(proposal: Proposal) -> None:
    if proposal.state is not ProposalState.OPEN:
        why = f"Reason: {proposal.reason}" if proposal.reason else ""
        raise UserError(f"Proposal {proposal.id} is {proposal.state.value} already.", hint=why)


def _check_organizer(organizer: bool, verb: str) -> None:  # noqa: FBT001 - a rule on one fact
    if not organizer:
        raise NotAllowed(
            f"Only organizers can {verb} a proposal.", hint="Anyone can propose; ask one of them."
        )


def _check_withdrawal(proposal: Proposal, review: Review, *, organizer: bool) -> None:
    if proposal.state is ProposalState.CONFIRMED:
        _check_organizer(organizer, "take back")
        return
    _check_open(proposal)
    if review.actor != proposal.proposed_by:
        hint = "An organizer declines it with a reason." if organizer else ""
        raise NotAllowed("Only who proposed it can withdraw it.", hint=hint)


def _check_reopening(proposal: Proposal, review: Review, *, organizer: bool) -> None:
    """Only one's own step is undone; but what once counted is every organizer's."""
    if proposal.state is ProposalState.CONFIRMED:
        raise UserError(f"Proposal {proposal.id} counts already.", hint="Take it back instead.")
    if proposal.state is ProposalState.OPEN and confirmed_by(proposal) != {review.actor}:
        raise UserError(f"Proposal {proposal.id} is open already.")
    counted = state_after(proposal.reviews[:-1]) is ProposalState.CONFIRMED
    if counted:
        _check_organizer(organizer, "reopen")
    elif proposal.reviews[-1].actor != review.actor:
        raise NotAllowed("Only who ended it can reopen it.", hint="Propose it again instead.")


def _new_company(addition: Addition) -> Company | None:
    """A company of which only this pledge is known; its bare name means it wherever it stands."""
    if addition.made is None:
        return None
    return Company(key=addition.company, name=addition.name, aliases=(addition.name,))


def _laid_over(company: Company, addition: Addition) -> Company:
    cited = {one.key for one in company.citations}
    company = replace(
        company,
        citations=(
            *company.citations,
            *(one for one in addition.citations if one.key not in cited),
        ),
    )
    if addition.evidence:
        return replace(company, evidence=(*company.evidence, addition.evidence))
    if addition.made:
        pledges = sorted((*company.pledges, addition.made), key=lambda one: one.announced_on.latest)
        return replace(company, pledges=tuple(pledges), no_pledge="", no_pledge_sources=())
    pledges = [
        _added_to(one, addition) if one.key == addition.pledge else one for one in company.pledges
    ]
    return replace(company, pledges=tuple(pledges))


def _added_to(pledge: Pledge, addition: Addition) -> Pledge:
    """The pledge with one more event or version; of two on one day the later in the row wins."""
    if addition.event:
        events = sorted((*pledge.events, addition.event), key=lambda one: one.on.latest)
        return replace(pledge, events=tuple(events))
    assert addition.terms is not None
    terms = sorted((*pledge.terms, addition.terms), key=lambda one: one.since.latest)
    return replace(pledge, terms=tuple(terms))
