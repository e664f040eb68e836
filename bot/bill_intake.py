"""What legislatures tell, taken into the database: snapshot → merge → what happened → deliveries.

One function of a transaction: bills, events and messages are kept together or not at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.bill_changes import NEVER_WAIT, BillChange, changes, settle_hearings
from domain.bill_merging import merge, same_hearing
from domain.bills import Bill, BillKey, Hearing
from domain.cadences import digest_times
from domain.legislature_polls import BillNews
from domain.tracked_bills import watch_keys
from storage.db import Tx

# Whose telling counts where two differ: the legislature's own first.
_TRUST = ("congress", "washington", "legistar", "govinfo", "openstates", "legiscan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """The hearings of a place in some days, as its source lists them.

    What a `complete` one has no more is off.
    """

    place: str
    hearings: tuple[Hearing, ...]
    first: date
    last: date
    complete: bool

    def of(self, key: BillKey) -> list[Hearing]:
        """Return those that take up a bill."""
        return [one for one in self.hearings if key.identifier in one.bills]


@dataclass(slots=True, kw_only=True)
class Intake:
    """What came of tellings: bills new here, bills that were told otherwise, messages queued."""

    new: int = 0
    changed: int = 0
    events: int = 0
    queued: int = 0

    def add(self, other: "Intake") -> None:
        """Count another intake in."""
        self.new += other.new
        self.changed += other.changed
        self.events += other.events
        self.queued += other.queued


def take(
    tx: Tx,
    source: str,
    told: Iterable[Bill],
    now: datetime,
    *,
    agenda: Agenda | None = None,
    lists: bool = False,
) -> Intake:
    """Keep what a source told, and queue what happened for the channels that hear of it.

    Its first telling of a bill is a baseline: nothing is told of it. `agenda` settles the
    hearings of the bills on it, and of those that had one in its days; `lists` says that the
    source has agendas, so that a bill's own telling does not say which hearings are off.
    """
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as finely as it is kept
    given = {bill.key: bill for bill in told}
    held = tx.bills.snapshots(_concerned(tx, source, given, agenda))
    kept: dict[BillKey, tuple[Bill, Bill]] = {}
    found: dict[BillKey, list[BillChange]] = {}
    done = Intake()
    for key in {**given, **held}:
        snapshots = held.get(key, [])
        others = [one for one in snapshots if one.sources[0].source != source]
        before = next((one for one in snapshots if one not in others), None)
        after = _settled(before, given.get(key), agenda, today=now.date(), lists=lists)
        if after is None:
            continue
        kept[key] = (merge(_by_trust([*others, after])), after)
        if before is None:
            done.new += 1
        elif replace(before, sources=after.sources) != after:
            done.changed += 1
            found[key] = changes(before, after, others)
    tx.bills.keep(kept, now)
    _tell(tx, found, now, done)
    return done


def _tell(tx: Tx, found: Mapping[BillKey, list[BillChange]], now: datetime, done: Intake) -> None:
    """Note what happened and queue one message a bill, of a hearing whatever the cadence."""
    record = tx.record.load()
    noted = tx.bills.note(found, now)
    done.events += sum(map(len, noted.values()))
    done.queued += tx.bills.enqueue(
        [
            (
                BillNews(bill=key, at=now).key,
                watch_keys(key, record),
                any(one.kind in NEVER_WAIT for one in happened),
            )
            for key, happened in noted.items()
        ],
        now,
        *digest_times(now),
    )


def _concerned(
    tx: Tx, source: str, given: Iterable[BillKey], agenda: Agenda | None
) -> set[BillKey]:
    """The bills told, and those whose hearings an agenda may change."""
    keys = set(given)
    if agenda is None:
        return keys
    listed = {number for one in agenda.hearings for number in one.bills}
    sighted = tx.bills.sighted(source, agenda.place)
    ahead = tx.bills.with_hearings(agenda.place, agenda.first, agenda.last)
    return keys | {key for key in sighted if key.identifier in listed or key in ahead}


def _settled(
    before: Bill | None, told: Bill | None, agenda: Agenda | None, *, today: date, lists: bool
) -> Bill | None:
    """A telling with the hearings that are known of beside it.

    Where the source `lists` hearings besides, a bill's own telling cancels none.
    """
    after = told or before
    if after is None:
        return None
    hearings = before.hearings if before else ()
    if told and told.hearings:
        first, last = (date.max, date.min) if lists else (today, date.max)
        listed = _as_known(hearings, told.hearings)
        hearings = settle_hearings(hearings, listed, first=first, last=last)
    if agenda is not None:
        first, last = (agenda.first, agenda.last) if agenda.complete else (date.max, date.min)
        hearings = settle_hearings(hearings, agenda.of(after.key), first=first, last=last)
    return replace(after, hearings=hearings)


def _as_known(known: Sequence[Hearing], told: Sequence[Hearing]) -> list[Hearing]:
    """Hearings as told; those that an agenda told more of before, at the same time, as it did."""
    return [
        next(
            (
                replace(one, status=hearing.status)
                for one in known
                if same_hearing(one, hearing)
                and (one.on, one.at) == (hearing.on, hearing.at)
                and not hearing.place
            ),
            hearing,
        )
        for hearing in told
    ]


def _by_trust(snapshots: Iterable[Bill]) -> list[Bill]:
    return sorted(snapshots, key=lambda one: _TRUST.index(one.sources[0].source))
