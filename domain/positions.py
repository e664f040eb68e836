"""Where companies and communities stand on the bills of the record, always as of a date. Pure."""

from dataclasses import dataclass
from datetime import date

from domain.record import Answer, Position, Record, RecordedBill, Stance, Terms, Voice

_FOR = frozenset({Stance.WROTE, Stance.SUPPORTS, Stance.EMPLOYS_SPONSOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a company did about one bill, oldest first as the record has it."""

    bill: RecordedBill
    positions: tuple[Position, ...]

    @property
    def stances(self) -> tuple[Stance, ...]:
        """Each stance once."""
        return tuple(dict.fromkeys(one.stance for one in self.positions))


def standings(record: Record, company: str, on: date) -> list[Standing]:
    """Return what the company itself did about each bill by `on`; `company` is its key."""
    found = []
    for bill in record.bills:
        taken = tuple(
            one
            for one in bill.positions
            if one.company == company and one.voice is Voice.COMPANY and _taken(one, on)
        )
        if taken:
            found.append(Standing(bill=bill, positions=taken))
    return found


def communities(bill: RecordedBill, stance: Stance, on: date) -> list[str]:
    """Return the communities that had taken that stance on the bill by `on`."""
    return [
        one.who
        for one in bill.positions
        if one.voice is Voice.COMMUNITY and one.stance is stance and _taken(one, on)
    ]


def cuts_against(standing: Standing, terms: Terms, on: date) -> bool:
    """Whether what a company did about a bill may cut against what it promised.

    It does where the company opposed the law that its pledge waits for, or a limit that no
    community opposed; where it stood for a bill that communities opposed, or that overrules
    stricter local law. It is a question put to the reader, not a verdict.
    """
    bill = standing.bill
    opposed = bool(communities(bill, Stance.OPPOSES, on))
    if Stance.OPPOSES in standing.stances:
        return bill.key in terms.duration.bills or not opposed
    stood_for = not _FOR.isdisjoint(standing.stances)
    return stood_for and (opposed or bill.overrules_local is Answer.YES)


def _taken(position: Position, on: date) -> bool:
    return position.on is None or position.on.latest <= on
