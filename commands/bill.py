"""`/bill`: a bill in full, the bills tracked here, the hearings ahead."""

from datetime import timedelta

from commands.bill_asking import ask_about, read_from, trouble, with_asked
from commands.bill_naming import NoBill, bill_named, bills_watched
from commands.bill_pages import as_calendar, bill_item, bill_page, hearing_item
from commands.calendars import calendar_reply
from commands.paging import PAGE, next_page, page_of
from commands.registry import Command, Completes, Option, Reads
from domain.bill_changes import successor
from domain.cards import Action, Bullets, Notice, Page, Reply, code, text
from domain.model import WatchKind
from domain.ports import Desk, Tx
from domain.record import Record
from domain.text import fold
from domain.tracked_bills import KnownBill, ended, later

_DAYS = 30
_MOST_DAYS = 365
_ALIKE = 20


async def show(desk: Desk, *, number: str, jurisdiction: str) -> Reply:
    """One bill: how far it came, who is for and against it, what waits for it."""
    inquiry = await ask_about(desk, number, jurisdiction)

    def work(tx: Tx) -> Reply:
        record = tx.record.load(desk.space)
        known, others = bill_named(tx, desk.space, record, number, jurisdiction, "bill show")
        seen = tx.bills.seen_at([known.key]).get(known.key) if known.key else None
        page = bill_page(
            known,
            record,
            desk.now,
            others=others,
            newer=_newer(tx, record, known, desk),
            read_from=read_from(desk, known, seen),
            trouble=trouble(inquiry, seen, desk.now),
        )
        return Reply(card=page)

    try:
        return await desk.store.read(work)
    except NoBill as error:
        raise with_asked(error, inquiry, number, jurisdiction) from None


async def list_tracked(desk: Desk, *, page: int | None) -> Reply:
    """The bills tracked here and where they stand."""
    held = await desk.store.read(lambda tx: _tracked(tx, desk))
    if not held:
        return Reply(card=_none_tracked())
    shown, left = page_of(held, page)
    return Reply(
        card=Page(
            title=f"Bills tracked here: {len(held)}",
            blocks=(Bullets(items=tuple(bill_item(one, desk.now.date()) for one in shown)),),
            note="/bill show and a number tells more; /bill track adds one.",
            actions=(
                *next_page("bill list", page, left),
                Action(label="Hearings", command="bill hearings"),
            ),
        )
    )


async def hearings(
    desk: Desk, *, days: int | None, page: int | None, calendar: str, bill: str
) -> Reply:
    """The hearings of the bills tracked here, the next ones first; or a calendar of them."""
    if calendar or bill:
        return await calendar_reply(desk, bill)
    span = min(max(days or _DAYS, 1), _MOST_DAYS)
    first = desk.now.date()

    def work(tx: Tx) -> tuple[int, list[Bullets], int]:
        keys = [one.key for one in _tracked(tx, desk) if one.key]
        found = tx.bills.hearings(keys, first, first + timedelta(days=span))
        shown, left = page_of(found, page)
        items = tuple(hearing_item(bill, hearing, first) for bill, hearing in shown)
        return len(found), [Bullets(items=items)] if items else [], left

    count, blocks, left = await desk.store.read(work)
    if not count:
        return Reply(card=_no_hearing(span))
    return Reply(
        card=Page(
            title=f"Hearings in the next {span} days: {count}",
            blocks=tuple(blocks),
            note="Days are those of the place where it is held.",
            actions=(
                *next_page("bill hearings", page, left, ("days", str(span))),
                as_calendar(),
            ),
        )
    )


def _newer(tx: Tx, record: Record, known: KnownBill, desk: Desk) -> KnownBill | None:
    """The bill of a later session that takes up one whose session is over."""
    if known.key is None or not ended(known.key, desk.now.date()):
        return None
    recorded = later(known.recorded, record) if known.recorded else None
    if recorded:
        return KnownBill(recorded=recorded)
    place = known.key.jurisdiction
    alike = tx.bills.about(fold(known.bill.title).split(), [place], _ALIKE) if known.told else []
    found = successor(known.bill, alike)
    return KnownBill(told=found) if found else None


def _tracked(tx: Tx, desk: Desk) -> list[KnownBill]:
    record = tx.record.load(desk.space)
    return bills_watched(tx, record, tx.watches.of(desk.space, WatchKind.BILL))


def _none_tracked() -> Notice:
    return Notice(
        text=text("No bill is tracked here."),
        hint=text("Try ", code("/bill track CA AB 2261"), " or ", code("/bill search"), "."),
    )


def _no_hearing(days: int) -> Notice:
    return Notice(
        text=text(f"No hearing of a bill tracked here is known for the next {days} days."),
        hint=text("What the legislatures’ sources announce is shown here and reminded of."),
        actions=(Action(label="The bills", command="bill list"),),
    )


NUMBER = Option(
    name="number",
    summary="Its number, such as CA AB 2261, or a name",
    required=True,
    completes=Completes.BILL,
    free=True,
    example="CA AB 2261",
)
JURISDICTION = Option(
    name="jurisdiction", summary="Where: a state, Congress or a city", example="California"
)
COMMANDS = (
    Command(
        noun="bill",
        verb="show",
        summary="A bill: how far it came, who is for and against it",
        handler=show,
        options=(NUMBER, JURISDICTION),
    ),
    Command(
        noun="bill",
        verb="list",
        summary="The bills tracked here",
        handler=list_tracked,
        options=(PAGE,),
    ),
    Command(
        noun="bill",
        verb="hearings",
        summary="The hearings of the bills tracked here",
        handler=hearings,
        options=(
            Option(name="days", summary="How many days ahead", reads=Reads.NUMBER, example="14"),
            PAGE,
            Option(name="calendar", summary="As a calendar file", choices=("yes",)),
            Option(
                name="bill",
                summary="A calendar of one bill; of all heard here if not said",
                completes=Completes.BILL,
                free=True,
                example="CA AB 2261",
            ),
        ),
    ),
)
