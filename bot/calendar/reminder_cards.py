"""Reminders of hearings as cards, composed when they are sent: from the hearing as it is then. Pure."""

from collections.abc import Iterator
from datetime import datetime

from commands.bill_pages import as_calendar, days_left
from commands.campaign_cards import contact_about
from domain.calendars import HearingEdition, when, when_in, zone_of
from domain.cards import Action, AlertCard, AlertKind, Text, bold, text
from domain.hearing_reminders import HearingReminder, still_fits
from domain.text import shorten
from domain.tracked_bills import label

_NAMED, _TITLE = 3, 240


def reminder_card(
    reminder: HearingReminder, edition: HearingEdition | None, zone: str, now: datetime
) -> AlertCard | None:
    """The card for a channel in `zone` ("" if it did not say), about the bills of `edition`.

    None if the hearing was cancelled or moved meanwhile, has begun, or has a later reminder.
    """
    if edition is None or not edition.bills or not still_fits(reminder, edition, now):
        return None
    hearing = edition.hearing
    soon = how_soon(edition, zone, now)
    return AlertCard(
        kind=AlertKind.BILL,
        label=f"Hearing {soon}",
        subjects=tuple(label(one.key) for one in edition.bills[:_NAMED]),
        title=" · ".join(one for one in (hearing.committee or hearing.title, when(hearing)) if one),
        url=hearing.url,
        summary=shorten("; ".join(one.title for one in edition.bills[:_NAMED]), _TITLE),
        background=tuple(_lines(edition, zone)),
        actions=tuple(_actions(edition)),
    )


def how_soon(edition: HearingEdition, zone: str, now: datetime) -> str:
    """Return how long it is until then: `in 7 days`, `tomorrow`, `in 2 hours`, `today`.

    Days are counted by the calendar of the channel, or of the place if it has no zone.
    """
    at = edition.hearing.at
    if at is None:
        today = now.astimezone(zone_of(edition.hearing.zone)).date()
        return days_left(edition.hearing.on, today)
    minutes = round((at - now).total_seconds() / 60)
    if minutes < 60:  # noqa: PLR2004
        return f"in {minutes} minute{'' if minutes == 1 else 's'}"
    hours = round(minutes / 60)
    there = zone_of(zone or edition.hearing.zone)
    days = (at.astimezone(there).date() - now.astimezone(there).date()).days
    if days == 0 or hours < 12:  # noqa: PLR2004
        return f"in {hours} hour{'' if hours == 1 else 's'}"
    return days_left(at.astimezone(there).date(), now.astimezone(there).date())


def _lines(edition: HearingEdition, zone: str) -> Iterator[Text]:
    hearing = edition.hearing
    here = when_in(zone, hearing)
    if here:
        yield text(bold("Here: "), here)
    if hearing.place:
        yield text(bold("Where: "), hearing.place)
    if hearing.committee and hearing.title not in {"", hearing.committee}:
        yield text(bold("What: "), hearing.title)
    more = len(edition.bills) - _NAMED
    if more > 0:
        yield text(f"and {more} more bill{'' if more == 1 else 's'} that you watch")


def _actions(edition: HearingEdition) -> Iterator[Action]:
    for one in edition.bills[:_NAMED]:
        alone = len(edition.bills) == 1
        yield Action(
            label="The bill" if alone else label(one.key),
            command="bill show",
            arguments=(("number", str(one.key)),),
        )
    if not edition.is_cancelled and edition.bills:
        yield contact_about(str(edition.bills[0].key))
    yield as_calendar(str(edition.bills[0].key) if len(edition.bills) == 1 else "")
    yield Action(label="What is heard here", command="subscribe list")
