"""The whole record as one document, to be taken out and brought back in.

It holds what is shipped and, for each community, what was proposed there with its reviews. The
rules of an import: what may not come in, and what it would replace.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain import record_check
from domain.errors import UserError
from domain.model import SpaceRef
from domain.proposals import Proposal, state_after
from domain.record import Coalition, Company, Record, RecordedBill

Document = Company | RecordedBill | Coalition
Fault = tuple[str, str]
"""A dotted key of the whole record and what is wrong there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """What one community proposed, by number. `space` is written `discord:ID`."""

    space: str
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeRecord:
    """Companies, bills and coalitions by key; communities by the name of their space."""

    companies: tuple[Company, ...]
    bills: tuple[RecordedBill, ...]
    coalitions: tuple[Coalition, ...]
    communities: tuple[Community, ...]

    @property
    def shipped(self) -> Record:
        """The part that every community sees."""
        return Record(companies=self.companies, bills=self.bills, coalitions=self.coalitions)

    @property
    def summary(self) -> str:
        """How much of each there is."""
        proposals = sum(len(one.proposals) for one in self.communities)
        return (
            f"{len(self.companies)} companies, {len(self.bills)} bills, "
            f"{len(self.coalitions)} coalitions, {proposals} proposals of "
            f"{len(self.communities)} communities"
        )


def check(whole: WholeRecord) -> list[Fault]:
    """Return every fault that the shapes leave open."""
    twice = [*_twice(whole)]
    return twice or [*_record_faults(whole), *_community_faults(whole.communities)]


def replaced(held: WholeRecord, given: WholeRecord) -> list[str]:
    """Name what `held` has and `given` has otherwise or not at all; what is new replaces nothing."""
    before, after = _parts(held), _parts(given)
    return [
        f"{name}: {'is changed' if name in after else 'is taken out'}"
        for name, part in before.items()
        if after.get(name) != part
    ]


def _parts(whole: WholeRecord) -> Mapping[str, object]:
    """What may be replaced, by a name people understand."""
    parts: dict[str, object] = {}
    for kind, documents in _named(whole).items():
        parts |= {f"{kind}/{one.key}": one for one in documents}
    for community in whole.communities:
        parts |= {f"{community.space}: proposal {one.id}": one for one in community.proposals}
    return parts


def _named(whole: WholeRecord) -> Mapping[str, tuple[Document, ...]]:
    return {"companies": whole.companies, "bills": whole.bills, "coalitions": whole.coalitions}


def _twice(whole: WholeRecord) -> Iterator[Fault]:
    names: dict[str, Iterable[object]] = {
        kind: [one.key for one in documents] for kind, documents in _named(whole).items()
    }
    names["communities"] = [one.space for one in whole.communities]
    for field, held in names.items():
        times = Counter(held)
        yield from ((field, f"{name!r} occurs {n} times") for name, n in times.items() if n > 1)
    ids = Counter(one.id for each in whole.communities for one in each.proposals)
    for number, n in ids.items():
        if n > 1:
            yield "communities", f"proposal {number} occurs {n} times"


def _record_faults(whole: WholeRecord) -> Iterator[Fault]:
    """The rules that hold between the parts of the record, as for its files."""
    places = {
        f"{kind}/{one.key}": f"{kind}[{index}]"
        for kind, documents in _named(whole).items()
        for index, one in enumerate(documents)
    }
    for line in record_check.check(
        {f"companies/{one.key}": one for one in whole.companies},
        {f"bills/{one.key}": one for one in whole.bills},
        {f"coalitions/{one.key}": one for one in whole.coalitions},
    ):
        name = next(name for name in places if line.startswith(f"{name}: "))
        key, _, reason = line.removeprefix(f"{name}: ").partition(": ")
        yield f"{places[name]}.{key}", reason


def _community_faults(communities: Iterable[Community]) -> Iterator[Fault]:
    for index, community in enumerate(communities):
        try:
            SpaceRef.parse(community.space)
        except UserError as error:
            yield f"communities[{index}].space", str(error)
        for number, proposal in enumerate(community.proposals):
            for field, reason in _proposal_faults(proposal):
                yield f"communities[{index}].proposals[{number}].{field}", reason


def _proposal_faults(proposal: Proposal) -> Iterator[Fault]:
    added = proposal.addition
    given = [one for one in (added.event, added.evidence, added.terms, added.made) if one]
    if len(given) != 1:
        yield "addition", f"holds {len(given)} of event, evidence, terms and made, not one"
    elif (added.event or added.terms) and added.pledge is None:
        yield "addition.pledge", "is missing"
    if proposal.id < 1:
        yield "id", f"{proposal.id} is no number of a proposal"
    come_to = state_after(proposal.reviews)
    if proposal.state is not come_to:
        yield "state", f"is {proposal.state.value!r}, but the reviews come to {come_to.value!r}"
