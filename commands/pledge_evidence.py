"""`/pledge evidence`: what supports and contradicts a pledge, who says so, and more of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from commands.naming import company_in
from commands.paging import PAGE, next_page, page_of
from commands.pledge_cards import citations, cite_short
from commands.pledge_drafts import Draft
from commands.pledge_proposals import propose_action
from commands.pledge_submit import ON, SOURCE, not_in_record, proposed
from commands.registry import Command, Completes, Option, Reads, form_for
from domain.cards import (
    Action,
    Block,
    Card,
    Fact,
    Facts,
    Form,
    Heading,
    Notice,
    Page,
    Reply,
    Text,
    join,
    text,
)
from domain.errors import UserError
from domain.model import StoryView
from domain.ports import Desk, Tx
from domain.proposals import ProposalKind
from domain.record import Bearing, Company, Evidence, EvidenceKind, Record, Side

_SIZE = 5
_CITED = 2
_GROUPS = {
    Bearing.SUPPORTS: "Supports the pledge",
    Bearing.CONTRADICTS: "Contradicts the pledge",
    Bearing.CONTEXT: "Context",
}
_VOICES = "What affected communities say"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """One thing in the list, under the heading it belongs to."""

    group: str
    facts: tuple[Fact, ...]


async def evidence(
    desk: Desk, *, company: str, story: int | None, page: int | None, **typed: str
) -> Reply:
    """The evidence about a company; with more typed, one more piece is proposed."""

    def work(tx: Tx) -> tuple[Record, StoryView | None]:
        wanted = (desk.space.id, story or 0)
        return tx.record.load(desk.space), tx.stories.views([wanted]).get(wanted)

    record, told = await desk.store.read(work)
    known = company_in(record, company)
    if known is None:
        raise not_in_record(record, company, COMMAND.path)
    if story is not None and told is None:
        raise UserError("There is no such story here.", hint="/pledge evidence adds any page.")
    given = {"company": company, **typed, **({"story": str(story)} if story else {})}
    if not any(typed.values()):
        return Reply(card=_filed(told, given) if told else _listed(known, page, desk))
    draft = Draft(record=record, company=known, name=known.name, typed=given, today=desk.now.date())
    return await proposed(desk, draft, ProposalKind.EVIDENCE, COMMAND)


def evidence_form(given: Mapping[str, str]) -> Form:
    """The form that adds evidence about a company, with what is known already."""
    return form_for(COMMAND, given, fault="")


def _filed(story: StoryView, given: Mapping[str, str]) -> Form:
    """The form for a story that was told here, filled with what it says."""
    outlet = next((one for one in story.outlets if one.url == story.url), story.outlets[0])
    filled = {
        **given,
        "kind": EvidenceKind.NEWS.value,
        "on": story.published_at.date().isoformat(),
        "text": story.title,
        "title": story.title,
        "source": f"{story.url} {outlet.name}",
    }
    return evidence_form(filled)


def _listed(company: Company, page: int | None, desk: Desk) -> Card:
    on = desk.now.date()
    items = [*_found(company, on), *_voices(company)]
    add = propose_action("Add evidence", company.name, ProposalKind.EVIDENCE)
    named = ("company", company.name)
    pledge = Action(label="The pledge", command="pledge show", arguments=(named,))
    if not items:
        return Notice(
            text=text(f"The record has no evidence about {company.name} yet."),
            hint=text("Anyone can add some; organizers confirm it."),
            actions=(add, pledge),
        )
    shown, left = page_of(items, page, _SIZE)
    blocks: list[Block] = []
    for group, rows in groupby(shown, key=lambda one: one.group):
        number = sum(one.group == group for one in items)
        blocks.append(Heading(text=f"{group} ({number})"))
        blocks += [Facts(facts=row.facts) for row in rows]
    return Page(
        title=f"Evidence · {company.name}",
        blocks=tuple(blocks),
        note="Newest first. What the company answers stands beside it, not in its place.",
        actions=(*next_page(COMMAND.path, page, left, named), add, pledge),
    )


def _found(company: Company, on: date) -> list[_Item]:
    """Evidence by bearing, newest first."""
    held = [one for one in company.evidence if one.on.latest <= on]
    held.sort(key=lambda one: one.on.latest, reverse=True)
    return [
        _Item(group=_GROUPS[bearing], facts=_facts(company, one))
        for bearing in _GROUPS
        for one in held
        if one.bearing is bearing
    ]


def _facts(company: Company, found: Evidence) -> tuple[Fact, ...]:
    rows = [
        Fact(label=found.on.plain, value=text(f"{found.text} ({found.kind.value})")),
        Fact(label="The company says", value=text(found.response)),
        Fact(label="Sources", value=_sources(company, found.sources)),
    ]
    return tuple(row for row in rows if row.value and row.value[0].text)


def _voices(company: Company) -> list[_Item]:
    return [_voice(company, one) for pledge in company.pledges for one in pledge.communities]


def _voice(company: Company, side: Side) -> _Item:
    facts = (
        Fact(label="They say", value=text(side.claim)),
        Fact(label="Sources", value=_sources(company, side.sources)),
    )
    return _Item(group=_VOICES, facts=facts)


def _sources(company: Company, keys: Sequence[str]) -> Text:
    held = citations(company, keys)
    more = [f"{len(held) - _CITED} more"] if len(held) > _CITED else []
    return join("; ", [*(cite_short(one) for one in held[:_CITED]), *more])


def _asked(given: Mapping[str, str]) -> tuple[Option, ...]:
    """The five things that evidence needs; first of all, the company."""
    options = {one.name: one for one in COMMAND.options}
    if not given.get("company", "").strip():
        return (options["company"],)
    return tuple(replace(options[name], required=True) for name in _NEEDED)


_NEEDED = ("bearing", "kind", "on", "text", "source")
COMMAND = Command(
    noun="pledge",
    verb="evidence",
    summary="The evidence about a pledge; adds to it",
    handler=evidence,
    asked=_asked,
    options=(
        Option(
            name="company",
            summary="The company",
            required=True,
            completes=Completes.COMPANY,
            example="Microsoft",
        ),
        Option(
            name="bearing",
            summary="Does it support or contradict the pledge?",
            choices=tuple(one.value for one in Bearing),
            free=True,
        ),
        Option(
            name="kind",
            summary="What sort of evidence it is",
            choices=tuple(one.value for one in EvidenceKind),
            free=True,
        ),
        ON,
        Option(
            name="text",
            summary="What it says, in your own words",
            long=True,
            example="A police department pays for its software.",
        ),
        SOURCE,
        Option(name="response", summary="What the company says to it"),
        Option(name="strength", summary="How strong it is", example="one outlet"),
        Option(name="bill", summary="The bill it concerns", example="CA AB 2261"),
        Option(name="pledge", summary="Which pledge, if there are several"),
        Option(name="title", summary="The page’s headline"),
        Option(
            name="story",
            summary="The number of an alert to file",
            reads=Reads.NUMBER,
            example="12",
        ),
        PAGE,
    ),
)
