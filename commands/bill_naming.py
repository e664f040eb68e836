"""Finding the bill that people mean by number, place, session or name, or asking which one.

AB 2261 · CA AB 2261 · AB 2261 California · H.R. 7356 116 · ca 2019-2020 AB 2261 · ca-ab-2261
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from commands.bill_urls import KNOWN_SITES, bill_at
from commands.near import nearest
from domain import bill_numbers, jurisdictions
from domain.bills import BillKey, normal_identifier, normal_session
from domain.cards import Action
from domain.errors import UserError
from domain.model import Space, Watch, WatchKind
from domain.ports import Tx
from domain.record import Record, RecordedBill
from domain.text import clean, fold
from domain.tracked_bills import (
    KnownBill,
    bill_label,
    in_record,
    key_of,
    recorded_key,
    sits_in,
    watch_keys,
)

MAX_NUMBER = 200
_MOST = 60
_CHOICES = 5
_SHORT_KINDS = ("HR", "S", "H", "A")  # what states and news write at more length
_SESSION = re.compile(r"\d{2,4}(?:st|nd|rd|th)?(?:[-–/]\d{2,4})?")
_ODD_NUMBER = re.compile(r"[A-Z]{1,5}[ .-]?\d{1,7}[A-Z]?|\d{2}-\d{3,5}", re.IGNORECASE)


class NoBill(UserError):
    """Nobody told of such a bill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A number someone typed, with the place and the session where they said them.

    `place` is a jurisdiction, or the name of a town as jurisdictions write it: `san-francisco`.
    """

    number: str
    place: str = ""
    session: str = ""

    @property
    def forms(self) -> frozenset[str]:
        """Every identifier that the number may mean somewhere: `HB 3` is `HR 3` in Congress."""
        known = bill_numbers.parse(self.number)
        if known is None:
            return frozenset({normal_identifier(self.number)})
        others = (replace(known, kind=kind) for kind in _SHORT_KINDS)
        return frozenset(str(one) for one in (known, *others) if _also_written(one, known))

    def means(self, key: BillKey) -> bool:
        """Whether it may be that bill."""
        place, _, town = key.jurisdiction.partition("/")
        there = self.place in {"", key.jurisdiction, town or place}
        then = not self.session or _is_session(self.session, key)
        known, meant = bill_numbers.parse(self.number), bill_numbers.parse(key.identifier)
        if known is None or meant is None:
            return there and then and key.identifier in self.forms
        return there and then and known in bill_numbers.ways_to_write(meant, key.jurisdiction)


def _is_session(written: str, key: BillKey) -> bool:
    """Whether it is that session, or a year in which it sits."""
    year = int(written) if written.isdecimal() and len(written) == 4 else 0  # noqa: PLR2004
    return normal_session(key.jurisdiction, written) == key.session or year in sits_in(key)


def _also_written(meant: bill_numbers.BillNumber, written: bill_numbers.BillNumber) -> bool:
    return any(written in bill_numbers.ways_to_write(meant, place) for place in ("us", ""))


def read(written: str, jurisdiction: str = "") -> Asked | None:
    """Read a number with what stands beside it, or a bill's page; None if there is none in it."""
    place = place_of(jurisdiction) if jurisdiction else ""
    words = clean(bill_at(written.strip()) or written, MAX_NUMBER).split()
    for is_number in (bill_numbers.parse, _ODD_NUMBER.fullmatch):
        for start in range(len(words)):
            for end in range(len(words), start, -1):
                number = " ".join(words[start:end])
                rest = _rest([*words[:start], *words[end:]]) if is_number(number) else None
                if rest is not None:
                    return Asked(number=number, place=place or rest[0], session=rest[1])
    return None


def place_of(written: str) -> str:
    """Return the jurisdiction of a place that someone typed: a code, else a town's own name."""
    plain = written.strip()
    if "/" in plain:
        return plain.lower()
    return jurisdictions.code_of(plain) or "-".join(fold(plain).split())


def _rest(words: Sequence[str]) -> tuple[str, str] | None:
    """Read what stands beside a number: place and session, either of them or none."""
    session = [word for word in words if _SESSION.fullmatch(word)]
    place = " ".join(word for word in words if word not in session)
    if len(session) > 1:
        return None
    code = place_of(place) if "/" in place else jurisdictions.code_of(place) if place else ""
    return None if code is None else (code, session[0] if session else "")


def bills_asked(tx: Tx, record: Record, asked: Asked) -> list[KnownBill]:
    """Return the bills that a number may mean, latest session first; positions are not in them."""
    stored = tx.bills.numbered(sorted(asked.forms), asked.place, _MOST)
    told = {bill.key: bill for bill in stored if asked.means(bill.key)}
    found = [KnownBill(told=bill, recorded=in_record(key, record)) for key, bill in told.items()]
    joined = {one.recorded.key for one in found if one.recorded}
    found += [one for one in _numbered_so(record, asked) if one.ref not in joined]
    return _latest_first(found)


def recorded_bills(record: Record, written: str) -> list[KnownBill]:
    """Return the bills of the record that people may mean: one, or those to choose from, or none.

    By the rules of `bill_named`, of the record alone: in each place it is the latest session's.
    """
    asked = read(written)
    named = _by_name(record, written, asked)
    if named:
        return [KnownBill(recorded=one) for one in named]
    found = _numbered_so(record, asked) if asked else []
    return _first_of_each(_latest_first(found))


def bills_watched(tx: Tx, record: Record, watches: Iterable[Watch]) -> list[KnownBill]:
    """Return the bills that these watches are of, in their order; positions are not in them."""
    pairs = [(watch, key_of(watch.key, watch.rule, record)) for watch in watches]
    told = tx.bills.found([key for _, key in pairs if key])
    return [
        KnownBill(recorded=record.bill(watch.key), told=told.get(key) if key else None, watch=watch)
        for watch, key in pairs
    ]


def bill_named(
    tx: Tx, space: Space, record: Record, written: str, jurisdiction: str, command: str
) -> tuple[KnownBill, list[KnownBill]]:
    """Return the bill people mean, and others of that number in other sessions.

    Raises UserError that asks which one where the number stands in several places, or offers
    what comes near; `command` takes the answer as its option `number`.
    """
    asked = read(written, jurisdiction)
    named = _by_name(record, written, asked)
    if len(named) == 1:
        return _one(tx, space, record, [_joined(tx, named[0])]), []
    found = bills_asked(tx, record, asked) if asked else []
    if not found:
        raise no_bill(record, written, command)
    places = dict.fromkeys(one.bill.key.jurisdiction for one in found)
    if len(places) > 1:
        raise UserError(
            f"“{clean(written, MAX_NUMBER)}” is a bill in {len(places)} places.",
            hint="Which one is meant?",
            choices=tuple(choice(one, command) for one in _first_of_each(found)[:_CHOICES]),
        )
    return _one(tx, space, record, found[:1]), found[1:_CHOICES]


def choice(one: KnownBill, command: str) -> Action:
    """A button that asks about just this bill."""
    session = one.bill.key.session
    name = f"{one.label} ({session})" if session else one.label
    return Action(label=name[:70], command=command, arguments=(("number", one.ref),))


def no_bill(record: Record, written: str, command: str) -> NoBill:
    """Nobody told of such a bill; these of the record come near."""
    shown = clean(written, 60)
    if written.startswith(("https://", "http://")) and read(written) is None:
        return NoBill(
            "That address is no page of a bill that can be read.",
            hint=f"Pages of bills at these can: {KNOWN_SITES}.",
        )
    near = [] if read(written) else _near(record, shown)
    return NoBill(
        f"No bill “{shown}” is in the record, and no source told of one.",
        hint="Write it with its place, like CA AB 2261, so that its legislature can be asked.",
        choices=(
            *(choice(KnownBill(recorded=one), command) for one in near),
            Action(label="Search for it", command="bill search", arguments=(("query", shown),)),
        ),
    )


def _near(record: Record, written: str) -> list[RecordedBill]:
    """Bills of the record that come near: all of a bare number, else by label and title."""
    if written.isdecimal():
        return [one for one in record.bills if written in one.number.split()][:_CHOICES]
    by_name = {f"{bill_label(one)}: {one.title}": one for one in record.bills}
    return [by_name[name] for name in nearest(written, by_name)]


def _one(tx: Tx, space: Space, record: Record, found: Sequence[KnownBill]) -> KnownBill:
    """The first of `found` with its watch and what the space noted of it."""
    (one,) = found
    watches = tx.watches.of(space, WatchKind.BILL)
    names = set(one.refs) | ({*watch_keys(one.key, record)} if one.key else set())
    watch = next((each for each in watches if each.key in names), None)
    return replace(one, watch=watch, positions=tuple(tx.bills.positions(space, sorted(names))))


def _joined(tx: Tx, recorded: RecordedBill) -> KnownBill:
    """A bill of the record with what legislatures told of it."""
    key = recorded_key(recorded)
    return KnownBill(recorded=recorded, told=tx.bills.found([key]).get(key) if key else None)


def _by_name(record: Record, written: str, asked: Asked | None) -> list[RecordedBill]:
    """The bill of that key, title or other name, else the measures without number of that place.

    `asked` is what was read of it. A number is no name: it is looked for in every session.
    """
    exact = record.bill(written.strip().lower())
    if exact is not None:
        return [exact]
    wanted = fold(written)
    for one in record.bills:
        if wanted in map(fold, _names(one, spelled=asked is None)):
            return [one]
    return [one for one in record.bills if not one.number and wanted in map(fold, _places(one))]


def _names(one: RecordedBill, *, spelled: bool) -> Iterator[str]:
    """What it is called; with `spelled` its key and label too, for dots and dashes of any kind."""
    yield from (one.title, *one.aliases)
    if spelled:
        yield one.key
        if one.number:
            yield bill_label(one)


def _places(one: RecordedBill) -> tuple[str, ...]:
    return (one.place, one.place.partition(",")[0], one.jurisdiction)


def _numbered_so(record: Record, asked: Asked) -> list[KnownBill]:
    return [KnownBill(recorded=one) for one in record.bills if _recorded_so(one, asked)]


def _recorded_so(one: RecordedBill, asked: Asked) -> bool:
    if not one.number:
        return False
    key = recorded_key(one)
    if key is not None:
        return asked.means(key)
    bare = KnownBill(recorded=one).bill.key
    return asked.means(bare) and not asked.session


def _latest_first(found: Iterable[KnownBill]) -> list[KnownBill]:
    return sorted(found, key=lambda one: one.bill.key.session, reverse=True)


def _first_of_each(found: Sequence[KnownBill]) -> list[KnownBill]:
    """The latest bill of each place."""
    latest: dict[str, KnownBill] = {}
    for one in found:
        latest.setdefault(one.bill.key.jurisdiction, one)
    return list(latest.values())
