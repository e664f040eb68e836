"""Alerts: a story made presentable for one community. Pure."""

from collections.abc import Sequence
from datetime import date

from commands.bill_cards import bill_line
from commands.pledge_cards import one_line
from domain.cards import Action, AlertCard, AlertKind, Digest, Text, bold, link, text
from domain.model import StoryView, WatchKind
from domain.record import Record
from domain.text import shorten

_ALSO = 8
_LISTED = 10
_SUMMARY = 240


def alert_card(view: StoryView, record: Record, on: date) -> AlertCard:
    """The alert about a story, with the pledges it may bear on as of `on`."""
    pledges = _pledges(view, record, on)
    first, *others = view.outlets
    return AlertCard(
        kind=_kind(view, pledged=bool(pledges)),
        subjects=tuple(match.label for match in view.matches),
        title=view.title,
        url=view.url,
        summary=shorten(view.summary, _SUMMARY),
        published_at=view.published_at,
        outlet=first.name,
        also_in=tuple((one.name, one.url) for one in others[:_ALSO]),
        background=(*(line for _, line in pledges), *_bills(view, record, on)),
        actions=(
            *(
                Action(
                    label="The pledge" if len(pledges) == 1 else f"{name}’s pledge",
                    command="pledge show",
                    arguments=(("company", key),),
                )
                for (key, name), _ in pledges[:3]
            ),
            Action(
                label="Why this?",
                command="pledgewatch why",
                arguments=(("alert", str(view.story_id)),),
            ),
        ),
    )


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


def _pledges(view: StoryView, record: Record, on: date) -> list[tuple[tuple[str, str], Text]]:
    """Key and name of each matched company with a pledge, and the pledge in a line."""
    told = []
    for match in view.matches:
        company = record.company(match.key) if match.kind is WatchKind.COMPANY else None
        line = one_line(company, on) if company else None
        if company and line:
            told.append(((company.key, company.name), line))
    return told
