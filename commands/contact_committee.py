"""`/contact committee`: those who matter now to a bill, the committee that has it before it."""

from commands.bill_pages import days_left
from commands.contact import find
from commands.contact_cards import member_line, rosters_line
from commands.contact_subjects import bill_known, subjects_named
from commands.paging import PAGE, next_page, page_of
from commands.registry import Command, Option
from domain.bill_progress import outcome_of
from domain.bills import Bill, Outcome
from domain.call_scripts import Subject
from domain.cards import Action, Bullets, Card, Notice, Page, Paragraph, Reply, text
from domain.committees import Docket, chair_first, dockets, role_on, same_committee
from domain.dates import plain_date
from domain.divisions import place_name
from domain.people import CONGRESS, Committee, Legislator
from domain.ports import Desk, Tx
from domain.tracked_bills import ended

_COMMITTEE = "contact committee"
_SIZE = 8


async def committee(desk: Desk, *, about: str, page: int | None) -> Reply:
    """The committee that hears the bill next or has it now; else the asker's own legislators."""
    card = await desk.store.read(lambda tx: _card(tx, desk, about, page))
    return Reply(card=card) if card else await find(desk, place="", about=about)


def _card(tx: Tx, desk: Desk, about: str, page: int | None) -> Card | None:
    """The members of the committee, or why they are not named; None where there is none."""
    subject = subjects_named(tx, desk, about, _COMMITTEE)[0]
    known = bill_known(tx, desk, subject, _COMMITTEE)
    bill = known.told if known else None
    if bill is None or _is_over(bill, desk):
        return None
    before = dockets(bill, desk.now)
    if not before:
        return None
    if bill.key.jurisdiction != CONGRESS:
        return _unnamed(subject, bill.key.jurisdiction, before[0])
    kept = tx.people.committees()
    for docket in before:
        found = same_committee(kept, docket)
        if found is not None:
            parent = next((one.name for one in kept if one.key == found.parent), "")
            name = f"{parent}, {found.name}" if parent else found.name
            heading = f"{name}: {subject.label}"
            return _members(tx, desk, subject, found, page, heading, _why(subject, docket, desk))
    return None


def _is_over(bill: Bill, desk: Desk) -> bool:
    return outcome_of(bill)[0] is not Outcome.PENDING or ended(bill.key, desk.now.date())


def _members(
    tx: Tx,
    desk: Desk,
    subject: Subject,
    found: Committee,
    page: int | None,
    heading: str,
    why: str,
) -> Page | None:
    """Who sits on it, with phones; None where the roster names nobody."""
    members = chair_first(tx.people.committee_members(found.key), found.key)
    if not members:
        return None
    shown, left = page_of(members, page, _SIZE)
    busy = tx.campaigns.busy(desk.space, [one.key for one in shown], desk.now)
    lines = tuple(
        member_line(one, desk.now, busy, role=role_on(one, found.key), seat=True) for one in shown
    )
    roster = tx.people.state(CONGRESS)
    return Page(
        title=heading[:150],
        blocks=(Paragraph(text=text(why)), Bullets(items=lines)),
        note=rosters_line([roster] if roster else []),
        actions=(
            *(_script(one, subject) for one in shown),
            *next_page(_COMMITTEE, page, left, ("about", subject.key)),
            _own(subject),
        ),
    )


def _why(subject: Subject, docket: Docket, desk: Desk) -> str:
    """Why this committee matters now."""
    hearing = docket.hearing
    if hearing is None:
        return f"{subject.label} is before this committee."
    soon = days_left(hearing.on, desk.now.date())
    return f"This committee hears {subject.label} on {plain_date(hearing.on)} ({soon})."


def _unnamed(subject: Subject, place: str, docket: Docket) -> Notice:
    """Where no public roster has committees, nobody is named but one's own legislators."""
    what = "of a city" if "/" in place else f"of {place_name(place)}’s legislature"
    when = f" on {plain_date(docket.hearing.on)}" if docket.hearing else ""
    deed = "hears" if docket.hearing else "has"
    return Notice(
        text=text(
            f"{docket.name} {deed} {subject.label}{when}; the public rosters hold no committees "
            f"{what}, so its members are not named here."
        ),
        hint=text("Your own legislators are a call away."),
        actions=(_own(subject),),
    )


def _script(one: Legislator, subject: Subject) -> Action:
    arguments = (("about", subject.key), ("legislator", one.key))
    return Action(label=one.addressed[:75], command="contact script", arguments=arguments)


def _own(subject: Subject) -> Action:
    arguments = (("about", subject.key),)
    return Action(label="My own legislators", command="contact find", arguments=arguments)


COMMAND = Command(
    noun="contact",
    verb="committee",
    summary="The committee that hears a bill next, or has it now",
    handler=committee,
    options=(
        Option(name="about", summary="A bill", required=True, example="US HR 7356"),
        PAGE,
    ),
)
