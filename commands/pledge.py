"""`/pledge`: what was promised, to whom it reaches, how the promises compare."""

from datetime import date

from commands.naming import companies_named, company_named
from commands.pledge_cards import (
    compare_page,
    coverage_answer,
    no_pledge_page,
    not_yet_page,
    pledge_card,
    status_word,
)
from commands.registry import Command, Completes, Option, Reads
from domain import pledges
from domain.cards import Action, Bullets, Card, Page, Paragraph, Reply, bold, text
from domain.dates import plain_date
from domain.errors import UserError
from domain.ports import Desk
from domain.record import Audience, Company, EventKind, Record
from domain.text import fold


async def show(desk: Desk, *, company: str, covers: str, on: date | None) -> Reply:
    """One company's pledge, or whether it covers someone."""
    record = await desk.store.read(lambda tx: tx.record.load(desk.space))
    named = company_named(record, company, "pledge show")
    return Reply(card=_show(named, covers, on or desk.now.date(), today=on is None))


async def list_all(desk: Desk, *, status: str) -> Reply:
    """Every company of the record with where its pledge stands."""
    record = await desk.store.read(lambda tx: tx.record.load(desk.space))
    on = desk.now.date()
    rows = [(one, status_word(one, on)) for one in record.companies]
    shown = [row for row in rows if not status or row[1] == status]
    return Reply(card=_list(shown, status, on))


async def compare(desk: Desk, *, companies: str) -> Reply:
    """Pledges side by side."""
    record = await desk.store.read(lambda tx: tx.record.load(desk.space))
    on = desk.now.date()
    chosen, others = _chosen(record, companies, on)
    return Reply(card=compare_page(chosen, others, on, record.bills))


def _show(company: Company, covers: str, on: date, *, today: bool) -> Card:
    made = [pledge for pledge in company.pledges if pledges.known(pledge, on)]
    if not made:
        future = company.pledges[:1]
        return not_yet_page(company, future[0], on) if future else no_pledge_page(company)
    if covers:
        return coverage_answer(company, made[-1], _audience(covers), on)
    return pledge_card(company, made[-1], on, today=today)


def _audience(covers: str) -> Audience:
    audience = pledges.audience_named(fold(covers))
    if audience is None:
        raise UserError(
            f"“{covers}” is none of those the record tells apart.",
            hint=f"It can be: {', '.join(Audience)}; or such as ICE, FBI, sheriff.",
        )
    return audience


def _list(rows: list[tuple[Company, str]], status: str, on: date) -> Page:
    if not rows:
        return Page(
            title="Pledges",
            blocks=(Paragraph(text=text(f"No pledge is “{status}” as of {plain_date(on)}.")),),
            actions=(Action(label="All pledges", command="pledge list"),),
        )
    items = tuple(text(bold(company.name), f" · {word}{_title(company)}") for company, word in rows)
    return Page(
        title=f"Pledges: {status}" if status else "Pledges",
        blocks=(Bullets(items=items),),
        note=f"As of {plain_date(on)}. /pledge show and a name tells more.",
        actions=(Action(label="Compare them", command="pledge compare"),),
    )


def _title(company: Company) -> str:
    return f" · {company.pledges[-1].title}" if company.pledges else ""


def _chosen(record: Record, companies: str, on: date) -> tuple[list[Company], list[Company]]:
    """The companies to set side by side, and those only named as having no pledge.

    Unless others are asked for, those are the ones whose pledges bear on police.
    """
    if not companies:
        made = [one for one in record.companies if any(pledges.known(p, on) for p in one.pledges)]
        return made, [one for one in record.companies if one not in made]
    chosen = companies_named(record, companies, "pledge compare")
    return chosen, [one for one in record.companies if not one.pledges and one not in chosen]


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
