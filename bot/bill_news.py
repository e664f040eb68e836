"""News of bills between the outbox and their cards: what waits is composed from the bill as it is now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.bill_alerts import bill_alert
from bot.bill_find_cards import find_card
from domain.bill_changes import BillChange
from domain.bill_finds import FoundBy, NewBill, is_find
from domain.bills import Bill
from domain.cards import AlertCard, Digest
from domain.legislature_polls import BillNews
from domain.model import Delivery, DeliveryKind
from domain.record import Record
from domain.tracked_bills import OwnPosition, watch_keys
from feeds.legislatures.port import TITLES
from storage.db import Tx


@dataclass(frozen=True, slots=True)
class Told:
    """A bill as it is now, what happened to it, and what each space noted of it, by its id.

    Of the spaces that still watch it: news waits for a cadence, and meanwhile a watch may end.
    """

    bill: Bill
    changes: tuple[BillChange, ...]
    own: Mapping[int, tuple[OwnPosition, ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a topic."""

    topic: str
    bills: tuple[NewBill, ...]


News = Mapping[str, Told | Found]
"""Key of news of a bill, or of what was found of a topic → what it tells."""


def bill_news(tx: Tx, deliveries: Iterable[Delivery], record: Record) -> News:
    """Return what these deliveries tell of bills; what is not kept any more is left out."""
    waiting = [one for one in deliveries if one.kind is DeliveryKind.BILL]
    finds = {FoundBy.parse(one.notice) for one in waiting if is_find(one.notice)}
    found = tx.bill_searches.found(finds) if finds else {}
    return {
        **{by.key: Found(topic, tuple(bills)) for by, (topic, bills) in found.items()},
        **_changes(tx, [one for one in waiting if not is_find(one.notice)], record),
    }


def _changes(tx: Tx, waiting: Sequence[Delivery], record: Record) -> dict[str, Told]:
    """Return what happened to bills, as these deliveries tell it."""
    if not waiting:
        return {}
    news = {one.notice: BillNews.parse(one.notice) for one in waiting}
    told = tx.bills.told([(one.bill, one.at) for one in news.values()])
    names = {key: watch_keys(one.bill, record) for key, one in news.items()}
    noted = tx.bills.noted(
        {(one.channel.space_id, name) for one in waiting for name in names[one.notice]}
    )
    spaces = {one.channel.space_id for one in waiting}
    watched = tx.calendars.watched(spaces, {name for held in names.values() for name in held})
    return {
        key: Told(
            bill,
            tuple(changes),
            {
                space: tuple(each for name in names[key] for each in noted.get((space, name), ()))
                for space in spaces
                if any((space, name) in watched for name in names[key])
            },
        )
        for key, one in news.items()
        if (one.bill, one.at) in told
        for bill, changes in [told[one.bill, one.at]]
    }


def news_card(
    news: News, delivery: Delivery, record: Record, now: datetime
) -> AlertCard | Digest | None:
    """Return the card of a delivery; None if it tells what is not kept or not watched any more."""
    told = news.get(delivery.notice)
    if told is None:
        return None
    if isinstance(told, Found):
        return find_card(told.topic, told.bills, TITLES)
    own = told.own.get(delivery.channel.space_id)
    if own is None:
        return None
    titles = dict.fromkeys(TITLES.get(one.source, one.source) for one in told.bill.sources)
    return bill_alert(told.bill, told.changes, record, own, list(titles), now)
