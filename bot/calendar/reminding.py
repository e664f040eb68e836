"""Reminders of hearings between the database and the rules: what is to be told, and to whom."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from domain.calendars import HearingEdition
from domain.hearing_reminders import (
    HORIZON,
    HearingReminder,
    due_in,
    is_hearing_key,
    reminder_due,
)
from domain.model import Delivery, DeliveryKind, WatchKind
from domain.record import Record
from domain.tracked_bills import watch_keys
from storage.db import Tx

Heard = Mapping[tuple[int, str], HearingEdition]
"""Space and key of a hearing → the hearing, with those of its bills that the space watches."""


def untold_reminders(tx: Tx, now: datetime) -> dict[HearingReminder, HearingEdition]:
    """Return the reminders that fell due and were not told."""
    ahead = tx.calendars.ahead(now, now + HORIZON)
    due = {reminder: one for one in ahead if (reminder := reminder_due(one, now))}
    fresh = tx.occasions.untold((one.key for one in due), None)
    return {one: edition for one, edition in due.items() if one.key in fresh}


def tell_reminders(tx: Tx, record: Record, now: datetime) -> int:
    """Queue the reminders that fell due for every channel that hears one of the bills."""
    due = untold_reminders(tx, now)
    tx.occasions.note((one.key for one in due), None, now)
    zones = tx.spaces.zones() if any(one.hearing.at is None for one in due.values()) else []
    return sum(
        tx.occasions.enqueue(
            reminder.key,
            _watched(edition, record),
            now,
            later={zone: due_in(zone, edition.hearing, reminder.ahead) for zone in zones},
        )
        for reminder, edition in due.items()
    )


def heard(tx: Tx, deliveries: Iterable[Delivery], record: Record) -> Heard:
    """Return the hearings that these deliveries remind of, as each space hears of them."""
    wanted = {
        (one.channel.space_id, HearingReminder.parse(one.notice).hearing)
        for one in deliveries
        if one.kind is DeliveryKind.OCCASION and is_hearing_key(one.notice)
    }
    if not wanted:
        return {}
    editions = tx.calendars.find({key for _, key in wanted})
    keys = {key for one in editions.values() for _, key in _watched(one, record)}
    watched = tx.calendars.watched({space for space, _ in wanted}, keys)
    return {
        (space, key): _as_watched(editions[key], space, watched, record)
        for space, key in wanted
        if key in editions
    }


def _as_watched(
    edition: HearingEdition, space: int, watched: set[tuple[int, str]], record: Record
) -> HearingEdition:
    bills = tuple(
        one
        for one in edition.bills
        if any((space, key) in watched for key in watch_keys(one.key, record))
    )
    return replace(edition, bills=bills)


def _watched(edition: HearingEdition, record: Record) -> list[tuple[WatchKind, str]]:
    return [(WatchKind.BILL, key) for one in edition.bills for key in watch_keys(one.key, record)]
