"""The hearings of a bill, or of all bills that a channel hears, as a calendar to take away."""

from shlex import quote

from commands.bill_naming import bill_named
from commands.bill_pages import days_left
from domain.bills import BillKey
from domain.calendars import Calendar, HearingEdition, over_at, when
from domain.cards import Bullets, Notice, Page, Reply, Text, bold, code, text
from domain.errors import UserError
from domain.model import WatchKind
from domain.ports import Desk, Tx
from domain.text import fold
from domain.tracked_bills import key_of, label

_LISTED = 10
_NOTE = (
    "The file is as of now. A newer one brings what changed into your calendar; "
    "no hearing is in it twice."
)


async def calendar_reply(desk: Desk, bill: str) -> Reply:
    """Answer with the calendar of a bill; of all that this channel hears where none is named.

    Raises UserError if there is no such bill, or the channel hears of none.
    """
    calendar = await desk.store.read(
        lambda tx: bill_calendar(tx, desk, bill) if bill else channel_calendar(tx, desk)
    )
    if not calendar.editions:
        return Reply(card=_empty(calendar))
    ahead = [one for one in calendar.editions if over_at(one.hearing) > desk.now]
    shown = ahead[:_LISTED] or calendar.editions[-_LISTED:]
    return Reply(
        card=Page(
            title=calendar.title,
            blocks=(Bullets(items=tuple(_item(one, desk) for one in shown)),),
            note=_NOTE,
            calendar=calendar,
        )
    )


def bill_calendar(tx: Tx, desk: Desk, bill: str) -> Calendar:
    """The hearings of the bill that someone names. Raises UserError if there is none."""
    record = tx.record.load(desk.space)
    known, _ = bill_named(tx, desk.space, record, bill, "", "bill show")
    return Calendar(
        name="-".join(_ascii(known.label).split()) or "bill",
        title=f"Hearings of {known.label}",
        editions=tuple(tx.calendars.of_bills([known.key] if known.key else [], desk.now)),
        command=_command(desk, f" --bill {quote(known.ref)}"),
    )


def channel_calendar(tx: Tx, desk: Desk) -> Calendar:
    """The hearings of the bills that this channel hears. Raises UserError if it hears of none."""
    keys = bills_heard(tx, desk)
    if not keys:
        raise UserError(
            "This channel hears of no bill.",
            hint="/subscribe here and a bill, or all, changes that.",
        )
    return Calendar(
        name="hearings",
        title="Hearings of the bills heard here",
        editions=tuple(tx.calendars.of_bills(keys, desk.now)),
        command=_command(desk, ""),
    )


def bills_heard(tx: Tx, desk: Desk) -> list[BillKey]:
    """Return the bills that this channel hears of, by the watches it is subscribed to."""
    held = tx.subscriptions.of(desk.space)
    here = {one.watch_id for one in held if one.channel.ref == desk.request.channel}
    watches = tx.watches.of(desk.space, WatchKind.BILL) if here else []
    record = tx.record.load(desk.space)
    keys = (key_of(one.key, one.rule, record) for one in watches if None in here or one.id in here)
    return [key for key in keys if key]


def _item(edition: HearingEdition, desk: Desk) -> Text:
    hearing = edition.hearing
    off = " · cancelled" if edition.is_cancelled else ""
    soon = "" if edition.is_cancelled else f" ({days_left(hearing.on, desk.now.date())})"
    who = hearing.committee or hearing.title
    return text(
        bold(f"{when(hearing)}{soon}: "),
        ", ".join(label(one.key) for one in edition.bills[:3]),
        off,
        f" · {who}" if who else "",
    )


def _empty(calendar: Calendar) -> Notice:
    return Notice(
        text=text(f"{calendar.title}: none is known."),
        hint=text("What the sources announce is shown by ", code("/bill hearings"), "."),
    )


def _command(desk: Desk, rest: str) -> str:
    where = desk.request.channel
    return f"pledgewatch calendar --space {quote(str(where.space))} --channel {quote(where.external_id)}{rest}"


def _ascii(written: str) -> str:
    """Small letters, digits and blanks alone."""
    return "".join(one if one.isascii() else " " for one in fold(written))
