"""Having the legislatures' services asked before a bill is answered for, and saying how that went."""

from datetime import datetime, timedelta

from commands.bill_naming import NoBill, bill_named, read
from domain.bill_ports import Inquiry
from domain.cards import Text, instant, text
from domain.errors import UserError
from domain.ports import Desk, Tx
from domain.tracked_bills import KnownBill

_ALMOST_NOW = timedelta(minutes=20)
_NO_ONE = Inquiry()


async def ask_about(desk: Desk, written: str, jurisdiction: str) -> Inquiry:
    """Have services asked about the bill that someone named; about none that cannot be told."""

    def work(tx: Tx) -> KnownBill | None:
        record = tx.record.load(desk.space)
        try:
            return bill_named(tx, desk.space, record, written, jurisdiction, "bill show")[0]
        except UserError:
            return None

    known = await desk.store.read(work)
    if known is not None:
        return await desk.legislatures.look_up(known.key) if known.key else _NO_ONE
    asked = read(written, jurisdiction)
    if asked is None or not asked.place:
        return _NO_ONE
    return await desk.legislatures.look_for(asked.place, asked.number, asked.session)


def read_from(desk: Desk, known: KnownBill, seen_at: datetime | None) -> Text:
    """Say which services told of a bill and when; nothing where none did."""
    if known.told is None or seen_at is None:
        return ()
    names = dict.fromkeys(desk.legislatures.title(one.source) for one in known.told.sources)
    return text(f"{', '.join(names)}, read ", instant(seen_at))


def trouble(inquiry: Inquiry, seen_at: datetime | None, now: datetime) -> str:
    """Say which services could not be asked, and from when that is what is shown instead."""
    if not inquiry.faults:
        return ""
    faults = " ".join(inquiry.faults)
    if seen_at is None:
        return f"{faults} What you see is from the record alone."
    if now - seen_at < _ALMOST_NOW:
        return faults
    return f"{faults} What you see is from {ago(now - seen_at)}."


def with_asked(error: NoBill, inquiry: Inquiry, written: str, jurisdiction: str) -> NoBill:
    """The refusal for a bill that nobody knows, with who was asked for it."""
    asked = read(written, jurisdiction)
    if inquiry.faults:
        error.hint = " ".join(inquiry.faults)
    elif inquiry.asked:
        error.hint = f"Asked: {', '.join(inquiry.asked)}."
    elif asked and asked.place:
        error.hint = "No service that tells of that place is set up here."
    return error


def ago(span: timedelta) -> str:
    """How long ago something was: `5 minutes ago`, `3 hours ago`, `2 days ago`."""
    minutes = int(span.total_seconds() // 60)
    for count, unit in ((minutes // 1440, "day"), (minutes // 60, "hour"), (minutes, "minute")):
        if count:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"
