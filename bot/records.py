"""The shipped record: read from its files, checked, and turned into what communities watch."""

import logging
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.resources import files
from typing import TypeVar

from domain.codec import Faults, make_converter, structure
from domain.model import Rule, WatchKind
from domain.ports import Clock
from domain.record import Coalition, Company, Record, RecordedBill
from domain.tracked_bills import bill_label, bill_rule
from storage.db import Database, Tx

T = TypeVar("T", Company, RecordedBill, Coalition)
IMPORTED = "record imported"
"""The mark of when a record was imported that this version does not ship; empty if none is kept."""

_log = logging.getLogger(__name__)


class RecordFault(Exception):
    """A file of the record is not as it must be; says which, where and why."""


def shipped_record() -> Record:
    """Read every file under `records/`. Raises RecordFault."""
    return Record(
        companies=tuple(_read("companies", Company).values()),
        bills=tuple(_read("bills", RecordedBill).values()),
        coalitions=tuple(_read("coalitions", Coalition).values()),
    )


async def sync_records(database: Database, clock: Clock, *, anew: bool = False) -> int:
    """Bring the shipped record into the database; return how many documents changed.

    What a community changed itself stays as it is. Nothing is announced. A record that was
    imported stays too, unless it is to be brought `anew`.
    """
    kept = await database.read(lambda tx: tx.marks.get(IMPORTED))
    if kept and not anew:
        _log.info("record.kept imported=%s", kept)
        return 0
    return await ship(database, shipped_record(), clock)


async def ship(database: Database, record: Record, clock: Clock) -> int:
    """Make `record` the shipped one, and its watches what communities have from the start."""

    def work(tx: Tx) -> int:
        tx.marks.put(IMPORTED, "")
        return make_shipped(tx, record, clock.now())

    return await database.write(work)


def make_shipped(tx: Tx, record: Record, now: datetime) -> int:
    """Do so within a transaction; return how many documents are new or changed."""
    before = tx.record.revision()
    changed = tx.record.ship([*record.companies, *record.bills, *record.coalitions], now)
    if tx.record.revision() != before:
        tx.watches.ship(shipped_watches(record), now)
    return changed


def same(one: Record, other: Record) -> bool:
    """Whether both hold the same documents, in whatever order."""
    held = ({*each.companies, *each.bills, *each.coalitions} for each in (one, other))
    return next(held) == next(held)


def shipped_watches(record: Record) -> Iterator[tuple[WatchKind, str, str, Rule]]:
    """Yield kind, key, label and rule of everything a new community watches."""
    for company in record.companies:
        yield WatchKind.COMPANY, company.key, company.name, company_rule(company)
    for bill in record.bills:
        if bill.watched:
            yield WatchKind.BILL, bill.key, bill_label(bill), bill_rule(bill)


def company_rule(company: Company) -> Rule:
    """What to look for to find a company."""
    return Rule(
        kind=WatchKind.COMPANY,
        names=company.aliases,
        ambiguous=company.ambiguous,
        context=company.context,
    )


def _read(folder: str, shape: type[T]) -> Mapping[str, T]:
    converter = make_converter()
    held: dict[str, T] = {}
    found = (
        one for one in files("records").joinpath(folder).iterdir() if one.name.endswith(".toml")
    )
    for one in sorted(found, key=lambda each: each.name):
        try:
            held[one.name] = structure(converter, tomllib.loads(one.read_text("utf-8")), shape)
        except Faults as faults:
            lines = "\n".join(f"{folder}/{one.name}: {line}" for line in faults.lines)
            raise RecordFault(lines) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise RecordFault(f"{folder}/{one.name}: {error}") from None
    return held
