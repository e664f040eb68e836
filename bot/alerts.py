"""Alerts: a story made presentable for one community. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date

from commands.bill_cards import bill_line
from commands.campaign_cards import contact_about
from commands.pledge_cards import one_line
from domain import pledges
from domain.cards import Action, AlertCard, AlertKind, Digest, Text, bold, link, text
from domain.model import StoryView, WatchKind
from domain.record import Company, Record
from domain.text import BREAK, fold, shorten

_ALSO = 8
_LISTED = 10
_SUMMARY = 240


def alert_card(view: StoryView, record: Record, on: date) -> AlertCard:
    """The alert about a story, with the pledges it may bear on as of `on`."""
    told = _pledges(view, record, on)
    first, *others = view.outlets
    return AlertCard(
        kind=_kind(view, pledged=bool(told)),
        subjects=tuple(match.label for match in view.matches),
        title=view.title,
        url=view.url,
        summary=shorten(view.summary, _SUMMARY),
        published_at=view.published_at,
        outlet=first.name,
        also_in=tuple((one.name, one.url) for one in others[:_ALSO]),
        background=(*(line for _, line in told), *_bills(view, record, on)),
        actions=(
            *_about_pledges([company for company, _ in told], view.story_id),
            *_contact(view, [company for company, _ in told]),
            Action(
                label="Why this?",
                command="pledgewatch why",
                arguments=(("alert", str(view.story_id)),),
            ),
        ),
    )


def _about_pledges(companies: Sequence[Company], story_id: int) -> Iterator[Action]:
    """The buttons about the pledges it may bear on: to read them, and to file it as evidence."""
    for company in companies[:2]:
        alone = len(companies) == 1
        named = ("company", company.key)
        yield Action(
            label="The pledge" if alone else f"{company.name}’s pledge",
            command="pledge show",
            arguments=(named,),
        )
        yield Action(
            label="File as evidence" if alone else f"Evidence on {company.name}",
            command="pledge evidence",
            arguments=(named, ("story", str(story_id))),
        )


def _contact(view: StoryView, companies: Sequence[Company]) -> Iterator[Action]:
    """The button to those who decide: on the bill it is about, else because of the pledge."""
    bills = [match.key for match in view.matches if match.kind is WatchKind.BILL]
    for subject in [*bills, *(company.key for company in companies)][:1]:
        yield contact_about(subject)


def digest_card(views: Sequence[StoryView]) -> Digest:
    """Several stories told together, the first ones by name."""
    items = tuple(_item(view) for view in views[:_LISTED])
    noun = "story" if len(views) == 1 else "stories"
    return Digest(
        title=f"{len(views)} {noun}",
        items=items,
        more=max(0, len(views) - _LISTED),
        actions=(Action(label="What is heard here", command="subscribe list"),),
    )


def _item(view: StoryView) -> Text:
    labels = ", ".join(match.label for match in view.matches)
    count = len(view.outlets)
    outlets = view.outlets[0].name if count == 1 else f"{count} outlets"
    return text(bold(f"{labels}: ") if labels else "", link(view.title, view.url), f" · {outlets}")


def _bills(view: StoryView, record: Record, on: date) -> list[Text]:
    matched = [match.key for match in view.matches if match.kind is WatchKind.BILL]
    bills = (record.bill(key) for key in matched)
    return [bill_line(bill, on) for bill in bills if bill]


def _kind(view: StoryView, *, pledged: bool) -> AlertKind:
    if pledged:
        return AlertKind.PLEDGE
    if any(match.kind is WatchKind.BILL for match in view.matches):
        return AlertKind.BILL
    return AlertKind.NEWS


def _pledges(view: StoryView, record: Record, on: date) -> list[tuple[Company, Text]]:
    """Each matched company whose pledge the story may bear on, and the pledge in a line."""
    folded = fold(BREAK.join((view.title, view.summary, *(one.title for one in view.outlets))))
    told = []
    for match in view.matches:
        company = record.company(match.key) if match.kind is WatchKind.COMPANY else None
        line = one_line(company, on) if company else None
        if company and line and any(pledges.bears_on(one, on, folded) for one in company.pledges):
            told.append((company, line))
    return told
