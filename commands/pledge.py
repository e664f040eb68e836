"""`/pledge`: what was promised, to whom it reaches, how the promises compare."""

from collections.abc import Sequence
from datetime import date, timedelta

from commands.naming import companies_named, company_in
from commands.paging import PAGE, next_page, page_of
from commands.pledge_cards import (
    compare_page,
    coverage_answer,
    no_pledge_page,
    not_yet_page,
    pledge_card,
    status_word,
)
from commands.pledge_submit import not_in_record
from commands.registry import Command, Completes, Option, Reads
from domain import pledges
from domain.cards import Action, Bullets, Card, Page, Paragraph, Reply, Text, bold, text
from domain.dates import plain_date
from domain.errors import UserError
from domain.ports import Desk
from domain.record import Answer, Audience, Company, EventKind, Record
from domain.text import fold


async def show(desk: Desk, *, company: str, covers: str, on: date | None) -> Reply:
    """One company's pledge, or whether it covers someone."""
    record = await desk.store.read(lambda tx: tx.record.load(desk.space))
    named = company_in(record, company)
    if named is None:
        raise not_in_record(record, company, "pledge show")
    return Reply(card=_show(record, named, covers, on or desk.now.date(), today=on is None))


async def list_all(
    desk: Desk, *, status: str, covers: str, ends: int | None, page: int | None
) -> Reply:
    """Every company of the record with where its pledge stands, or those that are asked for."""
    record = await desk.store.read(lambda tx: tx.record.load(desk.space))
    on = desk.now.date()
    audience = _audience(covers) if covers else None
    shown = [
        one
        for one in record.companies
        if (not status or status_word(one, on) == status)
        and (audience is None or _covering(one, audience, on))
        and (ends is None or _ending(one, on, min(ends, _MOST_DAYS)))
    ]
    asked = [("status", status), ("covers", covers), ("ends", "" if ends is None else str(ends))]
    return Reply(card=_list(shown, [one for one in asked if one[1]], page, on))


async def compare(desk: Desk, *, companies: str) -> Reply:
    """Pledges side by side."""
    record = await desk.store.read(lambda tx: tx.record.load(desk.space))
    on = desk.now.date()
    chosen, others = _chosen(record, companies, on)
    return Reply(card=compare_page(chosen, others, on, record.bills))


def _show(record: Record, company: Company, covers: str, on: date, *, today: bool) -> Card:
    made = [pledge for pledge in company.pledges if pledges.known(pledge, on)]
    if not made:
        future = company.pledges[:1]
        return not_yet_page(company, future[0], on) if future else no_pledge_page(company)
    if covers:
        return coverage_answer(company, made[-1], _audience(covers), on)
    return pledge_card(record, company, made[-1], on, today=today)


def _covering(company: Company, audience: Audience, on: date) -> bool:
    """Whether what is still promised covers them."""
    for pledge in company.pledges:
        status, row = pledges.status_on(pledge, on), pledges.covers(pledge, audience, on)
        if status and status.in_force and row and row.answer is Answer.YES:
            return True
    return False


def _ending(company: Company, on: date, days: int) -> bool:
    """Whether a pledge that is in force ends within so many days."""
    for pledge in company.pledges:
        status, end = pledges.status_on(pledge, on), pledges.expires_on(pledge, on)
        if status and status.in_force and end and on <= end <= on + timedelta(days=days):
            return True
    return False


def _audience(covers: str) -> Audience:
    audience = pledges.audience_named(fold(covers))
    if audience is None:
        raise UserError(
            f"“{covers}” is none of those the record tells apart.",
            hint=f"It can be: {', '.join(Audience)}; or such as ICE, FBI, sheriff.",
        )
    return audience


def _list(
    held: Sequence[Company], asked: Sequence[tuple[str, str]], page: int | None, on: date
) -> Page:
    """`asked` are the filters given, by option."""
    filters = ", ".join(f"{name} {value}" for name, value in asked)
    if not held:
        return Page(
            title="Pledges",
            blocks=(Paragraph(text=text(_none(asked, on))),),
            actions=(Action(label="All pledges", command="pledge list"),),
        )
    shown, left = page_of(held, page)
    rest = [one for one in asked if one[0] != "status"]
    return Page(
        title=f"Pledges: {filters}" if filters else "Pledges",
        blocks=(Bullets(items=tuple(_line(one, on) for one in shown)),),
        note=f"As of {plain_date(on)}. /pledge show and a name tells more.",
        actions=(
            *next_page("pledge list", page, left, ("status", dict(asked).get("status", "")), *rest),
            Action(label="Compare them", command="pledge compare"),
        ),
    )


def _none(asked: Sequence[tuple[str, str]], on: date) -> str:
    match asked:
        case [("status", status)]:
            return f"No pledge is “{status}” as of {plain_date(on)}."
        case [("covers", covers)]:
            return f"No pledge in force covers “{covers}” as of {plain_date(on)}."
        case [("ends", days)]:
            return f"No pledge ends within {days} days of {plain_date(on)}."
        case _:
            return f"No pledge is all of this as of {plain_date(on)}."


def _line(company: Company, on: date) -> Text:
    title = f" · {company.pledges[-1].title}" if company.pledges else ""
    return text(bold(company.name), f" · {status_word(company, on)}{title}")


def _chosen(record: Record, companies: str, on: date) -> tuple[list[Company], list[Company]]:
    """The companies to set side by side, and those only named as having no pledge.

    Unless others are asked for, those are the ones whose pledges bear on police.
    """
    if not companies:
        made = [one for one in record.companies if any(pledges.known(p, on) for p in one.pledges)]
        return made, [one for one in record.companies if one not in made]
    chosen = companies_named(record, companies, "pledge compare")
    return chosen, [one for one in record.companies if not one.pledges and one not in chosen]


_MOST_DAYS = 36_500
# What a pledge can be; an announced one is active.
_STATUSES = (*(one.value for one in EventKind if one is not EventKind.ANNOUNCED), "no pledge")
COMMANDS = (
    Command(
        noun="pledge",
        verb="show",
        summary="What a company promised, and what it leaves out",
        handler=show,
        options=(
            Option(
                name="company",
                summary="The company",
                required=True,
                completes=Completes.COMPANY,
                example="Microsoft",
            ),
            Option(name="covers", summary="Does it cover them? Such as ICE", example="ICE"),
            Option(name="on", summary="As of a day", reads=Reads.DATE, example="2021-03-01"),
        ),
    ),
    Command(
        noun="pledge",
        verb="list",
        summary="All companies of the record and where their pledges stand",
        handler=list_all,
        options=(
            Option(
                name="status",
                summary="Only those that are …",
                choices=_STATUSES,
            ),
            Option(name="covers", summary="Only those that cover …", example="police"),
            Option(
                name="ends",
                summary="Only those that end within so many days",
                reads=Reads.NUMBER,
                example="90",
            ),
            PAGE,
        ),
    ),
    Command(
        noun="pledge",
        verb="compare",
        summary="Pledges side by side",
        handler=compare,
        options=(
            Option(
                name="companies",
                summary="Which ones; none means all",
                completes=Completes.COMPANY,
                example="ibm, amazon, microsoft",
            ),
        ),
    ),
)
