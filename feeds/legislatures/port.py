"""What every legislature's client offers, and how it fails.

LegislatureError
 ├─ QuotaUsedUp   the allowance of the day or minute is used; `retry_after` says when to ask again
 ├─ KeyRefused    no key, or one that the service does not take
 ├─ NotThere      the service has no such bill or place
 ├─ NotOffered    this service cannot be asked that
 ├─ BadAnswer     the answer breaks its schema; names the place in the document
 └─ ServiceDown   it could not be reached, or answered with a fault of its own

Each `str()` is a sentence for organizers; no key and no address is in it. A call that fails has
returned nothing: what it read before the fault is dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from domain.bills import Bill, BillKey, Hearing
from domain.errors import FeedError
from domain.quotas import Allowance

TITLES: Mapping[str, str] = {
    "openstates": "Open States",
    "legiscan": "LegiScan",
    "congress": "Congress.gov",
    "govinfo": "GovInfo",
    "legistar": "Legistar",
    "washington": "Washington’s legislature",
    "federal_register": "The Federal Register",
}
"""What people call each service, by the name it has in settings, errors and the database."""

ALLOWANCES: Mapping[str, Allowance] = {
    "openstates": Allowance(per_day=250, per_minute=10),  # a free key's
    "legiscan": Allowance(per_day=967, per_minute=60),  # 30,000 in a month of 31 days
    "congress": Allowance(per_day=20_000, per_minute=80),  # 5,000 an hour
    # These publish no limit; what follows is ours, to be a polite guest.
    "govinfo": Allowance(per_day=10_000, per_minute=60),
    "legistar": Allowance(per_day=10_000, per_minute=60),
    "washington": Allowance(per_day=10_000, per_minute=60),
    "federal_register": Allowance(per_day=2_000, per_minute=30),
}
"""How often each service may be asked."""


class LegislatureError(FeedError):
    """A legislature's service could not be used."""

    def __init__(self, source: str, sentence: str, *, retry_after: timedelta | None = None) -> None:
        """`sentence` goes behind the service's name."""
        super().__init__(f"{TITLES.get(source, source)}: {sentence}")
        self.source = source
        self.retry_after = retry_after


class QuotaUsedUp(LegislatureError):
    """No request may be made for `retry_after`."""

    def __init__(self, source: str, why: str, *, retry_after: timedelta) -> None:
        minutes = max(1, -(-int(retry_after.total_seconds()) // 60))
        wait = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"  # noqa: PLR2004
        super().__init__(
            source, f"no request for now, {why}; the next in {wait}.", retry_after=retry_after
        )


class KeyRefused(LegislatureError):
    """The service wants a key, or another than the one in the settings."""

    def __init__(self, source: str, *, has_key: bool) -> None:
        told = "it does not take the key" if has_key else "it wants a key"
        super().__init__(source, f"{told}; see sources.{source}.key in the settings.")


class NotThere(LegislatureError):
    """What was asked for does not exist there."""


class NotOffered(LegislatureError):
    """The service has no way to ask this."""

    def __init__(self, source: str, what: str) -> None:
        super().__init__(source, f"it offers no {what}.")


class BadAnswer(LegislatureError):
    """The answer is not what the service's contract says; `path` is where, `` for all of it."""

    def __init__(self, source: str, path: str, expected: str) -> None:
        place = f" at {path}" if path else ""
        super().__init__(source, f"its answer breaks its own form{place}: {expected}.")
        self.path = path


class ServiceDown(LegislatureError):
    """The service gave no answer that can be used."""


class Offer(StrEnum):
    """What a service can be asked."""

    CHANGES = "list of changes"
    BILLS = "bills"
    HEARINGS = "hearings"
    SEARCH = "search"


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRef:
    """A bill as its source lists it: enough to ask for the whole. `id`, `session` are its own.

    `mark` is as in `domain.bills.Sighting`: another mark, another telling.
    """

    key: BillKey
    id: str
    session: str = ""
    mark: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Bills that a source lists as changed. `cursor` is to be given back the next time.

    `complete` is False where the listing was cut at its bound: ask again with the cursor soon.
    `whole` are bills, by the source's own id, that the listing held so fully that none need ask.
    """

    bills: tuple[BillRef, ...]
    cursor: str
    complete: bool = True
    whole: Mapping[str, Bill] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearings:
    """Hearings of some days, by time; cancelled ones that the source still lists are among them.

    Only of a `complete` listing can `domain.bill_changes.settle_hearings` tell what was withdrawn.
    """

    hearings: tuple[Hearing, ...]
    complete: bool = True


class Meter(Protocol):
    """Counts requests before they are made."""

    async def take(self, source: str) -> None:
        """Count one request. Raises QuotaUsedUp if it may not be made now."""
        ...

    async def block(self, source: str, wait: timedelta) -> None:
        """Note that the service itself said to wait."""
        ...


class LegislatureSource(Protocol):
    """A service that tells of bills. Every call raises LegislatureError and nothing else.

    A `place` is a jurisdiction as in `domain.bills.BillKey`. What is not in `offers` raises
    NotOffered. Repeating a call is harmless; it costs requests of the allowance.
    """

    @property
    def name(self) -> str:
        """The name in settings, errors and the database: a key of `TITLES`."""
        ...

    @property
    def offers(self) -> frozenset[Offer]:
        """What it can be asked."""
        ...

    def covers(self, place: str) -> bool:
        """Whether it tells of that jurisdiction. No request."""
        ...

    async def changed_bills(
        self, place: str, cursor: str = "", known: Mapping[str, str] | None = None
    ) -> Changes:
        """Return the bills that changed since `cursor`, oldest change first where that is told.

        `known` are marks by the source's own ids; if given, only those bills are returned, and
        none whose mark is still the same. An empty cursor lists what changed of late.
        """
        ...

    async def bill(self, ref: BillRef) -> Bill:
        """Return the whole bill: one snapshot with one Sighting. Raises NotThere."""
        ...

    async def find(self, key: BillKey) -> BillRef:
        """Return where the source has the bill of that number. Raises NotThere."""
        ...

    async def hearings(self, place: str, first: date, last: date) -> Hearings:
        """Return the hearings in a place from `first` to `last`, both included."""
        ...

    async def search(self, place: str, words: str) -> tuple[BillRef, ...]:
        """Return bills about `words`, best or newest first as the source sorts; one page."""
        ...
