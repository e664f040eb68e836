"""What a call is about, and whom it goes to, found by what people type."""

import re

from commands.bill_naming import bill_named
from commands.bill_words import standing
from commands.naming import company_in
from commands.near import nearest
from domain import pledges
from domain.bill_progress import progress
from domain.call_scripts import MAX_BILLS, Subject, SubjectKind
from domain.cards import Action
from domain.errors import UserError
from domain.people import Legislator
from domain.ports import Desk, Tx
from domain.record import Company, Record
from domain.text import clean
from domain.tracked_bills import KnownBill

_SHOWN = 8
_NAME = 100


def subjects_named(tx: Tx, desk: Desk, about: str, command: str) -> tuple[Subject, ...]:
    """Return the bills and pledges that people name, parted by commas. Raises UserError.

    Where one name means several bills, the buttons ask `command` about each of them.
    """
    record = tx.record.load(desk.space)
    names = [name for part in re.split(r"[,;\n]", about) if (name := clean(part, _NAME))]
    if not names:
        raise UserError(
            "It is not said what this is about.",
            hint="Name a bill, such as CA AB 2261, or a company.",
        )
    if len(names) > MAX_BILLS:
        raise UserError(f"One call is about at most {MAX_BILLS} bills.", hint="Make it two calls.")
    return tuple(dict.fromkeys(_subject(tx, desk, record, name, command) for name in names))


def bill_known(tx: Tx, desk: Desk, subject: Subject, command: str) -> KnownBill | None:
    """Return the bill as the record and legislatures know it; None for a pledge."""
    if subject.kind is not SubjectKind.BILL:
        return None
    record = tx.record.load(desk.space)
    return bill_named(tx, desk.space, record, subject.key, "", command)[0]


def legislator_named(tx: Tx, written: str, command: str, option: str) -> Legislator:
    """Return the legislator of that key or name. Raises UserError that asks which one is meant."""
    name = clean(written, _NAME)
    held = tx.people.by_key(name)
    if held is not None:
        return held
    found = tx.people.named(name, _SHOWN + 1)
    if len(found) == 1:
        return found[0]
    if found:
        more = " and more" if len(found) > _SHOWN else ""
        raise UserError(
            f"{min(len(found), _SHOWN)}{more} legislators have such a name.",
            hint="Which one is meant?",
            choices=tuple(_choice(one, command, option) for one in found[:_SHOWN]),
        )
    raise _nobody(tx, name, command, option)


def _nobody(tx: Tx, name: str, command: str, option: str) -> UserError:
    names = tx.people.names()
    if not names:
        return no_roster()
    near = [one for each in nearest(name, names) for one in tx.people.named(each, 2)]
    return UserError(
        "No legislator of that name is in the rosters.",
        hint="Did you mean one of these?" if near else "Write the name as the legislature does.",
        choices=tuple(_choice(one, command, option) for one in near[:_SHOWN]),
    )


def no_roster() -> UserError:
    """The rosters were never fetched."""
    return UserError(
        "The rosters of legislators have not been fetched yet.",
        hint="A running service does so within minutes of its first start, and "
        "`pledgewatch sync rosters` at once.",
    )


def _choice(one: Legislator, command: str, option: str) -> Action:
    where = f"{one.state.upper()} {one.district}".strip()
    return Action(
        label=f"{one.titled}, {where}"[:75], command=command, arguments=((option, one.key),)
    )


def _subject(tx: Tx, desk: Desk, record: Record, name: str, command: str) -> Subject:
    company = company_in(record, name)
    if company is not None:
        return _pledge(company, desk)
    try:
        bill, _ = bill_named(tx, desk.space, record, name, "", command)
    except UserError as error:
        error.choices = tuple(_about(one, command) for one in error.choices)
        raise
    return _bill(bill)


def _about(choice: Action, command: str) -> Action:
    """The button of a choice, as the option that ours is called."""
    if choice.command != command:
        return choice
    arguments = tuple(("about", value) for _, value in choice.arguments)
    return Action(label=choice.label, command=command, arguments=arguments)


def _bill(known: KnownBill) -> Subject:
    where = ""
    if known.recorded and not known.told:
        where = known.recorded.outcome
    elif known.told:
        where = standing(known.told.key, progress(known.told))
    return Subject(
        kind=SubjectKind.BILL,
        key=known.ref,
        label=known.label,
        title=known.title if known.title != known.label else "",
        standing=where.rstrip("."),
    )


def _pledge(company: Company, desk: Desk) -> Subject:
    on = desk.now.date()
    made = [pledge for pledge in company.pledges if pledges.known(pledge, on)]
    if not made:
        raise UserError(
            f"The record has no pledge of {company.name} to call about.",
            hint="Name a bill, such as CA AB 2261, or another company.",
        )
    pledge = made[-1]
    return Subject(
        kind=SubjectKind.PLEDGE,
        key=company.key,
        label=company.name,
        title=f"pledge of {pledge.announced_on.plain}",
    )
