"""The delivery loop: claim → compose → send → settle.

A delivery is in the outbox before it is sent and settled after, each in its own transaction.
Channels are leased, so that one sender at a time works on a channel and its order is kept.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.alerts import alert_card, digest_card
from bot.bill_news import News, bill_news, news_card
from bot.calendar.reminder_cards import reminder_card
from bot.calendar.reminding import Heard, heard
from bot.chats.port import Chat
from bot.occasion_cards import occasion_card
from bot.tokens import Tokens
from commands.campaign_cards import campaign_card
from domain.campaigns import Campaign, Tally
from domain.cards import Notice, Postable, text
from domain.errors import (
    EditClosed,
    MaybeSent,
    MessageGone,
    Refusal,
    Rejected,
    RetryLater,
)
from domain.hearing_reminders import HearingReminder, is_hearing_key
from domain.model import Channel, Delivery, DeliveryKind, Platform, StoryView
from domain.occasions import Occasion
from domain.ports import Clock
from domain.record import Record
from storage.db import Database, Tx

_log = logging.getLogger(__name__)
_CHANNELS = 50
_PER_CHANNEL = 500
_IN_A_ROW = 12  # so that a slow channel is done before its lease ends
_DIGEST_OVER = 10
_GIVE_UP = 6
_LEASE = timedelta(seconds=45)
_IDLE = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(minutes=2)
_FIRST_WAIT = timedelta(seconds=5)
_SEND_TIMEOUT = 20.0
_SHUT = timedelta(minutes=5)
_EDIT_WAIT = timedelta(minutes=5)
_NOW = timedelta(0)
_EDITS = frozenset({DeliveryKind.EDIT, DeliveryKind.CARD_EDIT})
_MAYBE_SENT_WAIT = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class _Batch:
    """What was claimed, with all that composing needs."""

    due: Mapping[Channel, Sequence[Delivery]]
    views: Mapping[tuple[int, int], StoryView]
    newest: Mapping[int, int]
    shipped: Record
    own: Mapping[int, Record]
    hearings: Heard
    bills: News
    campaigns: Mapping[int, tuple[Campaign, Tally]]

    def record(self, channel: Channel) -> Record:
        """The record as the channel's community sees it."""
        return self.own.get(channel.space_id, self.shipped)


class Deliverer:
    """Sends what waits in the outbox."""

    def __init__(
        self,
        *,
        database: Database,
        chats: Mapping[Platform, Chat],
        clock: Clock,
        tokens: Tokens,
        queued: asyncio.Event,
    ) -> None:
        self._database = database
        self._chats = chats
        self._clock = clock
        self._tokens = tokens
        self._queued = queued
        self._shut_until: dict[Platform, datetime] = {}
        self._stopping = False
        self.sent = 0

    async def run(self) -> None:
        """Send what falls due, until stopped. Faults of the loop itself are logged."""
        while not self._stopping:
            try:
                tried = await self.deliver_due()
            except Exception:
                _log.exception("delivery.loop_failed")
                tried = 0
            if not tried:
                await self._wait()

    def stop(self) -> None:
        """Finish what is being sent and claim nothing more."""
        self._stopping = True
        self._queued.set()

    async def drain(self, patience: timedelta) -> None:
        """Send until nothing waits, or what waits falls due later than `patience` from now."""
        deadline = self._clock.now() + patience
        while True:
            if await self.deliver_due():
                continue
            due = await self._database.read(lambda tx: tx.outbox.next_due(list(self._chats)))
            if due is None or due > deadline:
                return
            await self._clock.sleep(max(due - self._clock.now(), timedelta(milliseconds=50)))

    async def deliver_due(self) -> int:
        """Send what is due now; return how many deliveries were tried."""
        batch = await self._claim()
        if not batch.due:
            return 0
        await asyncio.gather(*(self._serve(channel, batch) for channel in batch.due))
        return sum(len(deliveries) for deliveries in batch.due.values())

    async def _wait(self) -> None:
        """Wait until something is queued or a moment has passed."""
        if self._stopping:
            return
        self._queued.clear()
        idle = asyncio.ensure_future(self._clock.sleep(_IDLE))
        queued = asyncio.ensure_future(self._queued.wait())
        try:
            await asyncio.wait({idle, queued}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            idle.cancel()
            queued.cancel()

    async def _claim(self) -> _Batch:
        now = self._clock.now()
        open_for = [one for one in self._chats if self._shut_until.get(one, now) <= now]

        def work(tx: Tx) -> _Batch:
            channels = tx.outbox.channels_due(open_for, now, _CHANNELS)
            if not channels:
                return _Batch({}, {}, {}, Record(), {}, {}, {}, {})
            tx.spaces.lease([channel.id for channel in channels], now, _LEASE)
            due: defaultdict[Channel, list[Delivery]] = defaultdict(list)
            for delivery in tx.outbox.due(channels, now, _PER_CHANNEL):
                due[delivery.channel].append(delivery)
            told = [
                (one.channel.space_id, one.story_id)
                for deliveries in due.values()
                for one in deliveries
                if one.story_id is not None
            ]
            shipped = tx.record.load()
            return _Batch(
                due=due,
                views=tx.stories.views(told),
                newest=tx.stories.newest_entry(story for _, story in told),
                shipped=shipped,
                own={
                    space.id: tx.record.load(space)
                    for space in tx.record.spaces_with_additions()
                    if any(channel.space_id == space.id for channel in due)
                },
                hearings=heard(tx, (one for held in due.values() for one in held), shipped),
                bills=bill_news(tx, (one for held in due.values() for one in held), shipped),
                campaigns=tx.campaigns.held(
                    (one.campaign_id for held in due.values() for one in held), now
                ),
            )

        return await self._database.write(work)

    async def _serve(self, channel: Channel, batch: _Batch) -> None:
        """Send one channel's deliveries in order, as far as they go, and give its lease back."""
        together, single = _arrange(batch.due[channel])
        gap = self._chats[channel.ref.space.platform].gap
        try:
            if together and not await self._send(channel, together, batch, digest=True):
                return
            for delivery in single:
                await self._clock.sleep(gap if delivery is not single[0] or together else _NOW)
                if self._stopping or not await self._send(channel, [delivery], batch, digest=False):
                    return
        finally:
            await asyncio.shield(self._database.write(lambda tx: self._release(tx, channel, gap)))

    def _release(self, tx: Tx, channel: Channel, gap: timedelta) -> None:
        tx.spaces.release(channel.id, self._clock.now() + gap)

    async def _send(
        self, channel: Channel, deliveries: Sequence[Delivery], batch: _Batch, *, digest: bool
    ) -> bool:
        """Send one message and settle what it tells; False if the channel must wait."""
        views = [
            view
            for one in deliveries
            if (view := batch.views.get((channel.space_id, one.story_id or 0)))
        ]
        card = self._compose(deliveries[0], views, batch, digest=digest)
        if card is None:
            await self._fail(deliveries, "nothing of it may be shown here any more")
            return True
        try:
            message = await asyncio.wait_for(self._hand_over(deliveries[0], card), _SEND_TIMEOUT)
        except MessageGone:
            await self._retire(deliveries[0])
            return True
        except EditClosed as error:
            await self._postpone(deliveries[0], str(error))
            return True
        except Rejected as error:
            return await self._rejected(channel, deliveries, error)
        except (RetryLater, MaybeSent, TimeoutError) as error:
            await self._wait_and_retry(channel, deliveries, error)
            return False
        except Exception as error:  # a bug of ours must not stop the channel for good
            _log.exception("delivery.fault delivery=%s", deliveries[0].id)
            if deliveries[0].attempts >= _GIVE_UP:
                await self._fail(deliveries, f"internal fault: {type(error).__name__}")
                return True
            await self._wait_and_retry(channel, deliveries, error)
            return False
        shows = max((batch.newest.get(view.story_id, 0) for view in views), default=0)
        if deliveries[0].campaign_id is not None:
            shows = batch.campaigns[deliveries[0].campaign_id][0].revision
        await self._settle(deliveries, views, message, shows, digest=digest)
        return True

    def _compose(
        self, first: Delivery, views: Sequence[StoryView], batch: _Batch, *, digest: bool
    ) -> Postable | None:
        now, record = self._clock.now(), batch.record(first.channel)
        if first.kind is DeliveryKind.NOTICE:
            return Notice(text=text(first.notice))
        if first.kind is DeliveryKind.OCCASION and is_hearing_key(first.notice):
            reminder = HearingReminder.parse(first.notice)
            hearing = batch.hearings.get((first.channel.space_id, reminder.hearing))
            return reminder_card(reminder, hearing, first.channel.zone, now)
        if first.kind is DeliveryKind.BILL:
            return news_card(batch.bills, first, record, now)
        if first.kind is DeliveryKind.OCCASION:
            return occasion_card(Occasion.parse(first.notice), record, now.date())
        if first.campaign_id is not None:
            held = batch.campaigns.get(first.campaign_id)
            return campaign_card(*held) if held else None
        if not views:
            return None
        if digest and len(views) > 1:
            return digest_card(views)
        return alert_card(views[0], record, now.date())

    async def _hand_over(self, delivery: Delivery, card: Postable) -> str:
        chat = self._chats[delivery.channel.ref.space.platform]
        if delivery.kind in _EDITS:
            await chat.edit(delivery.channel.ref, delivery.message, card)
            return delivery.message
        return await chat.post(delivery.channel.ref, card, self._tokens.nonce(delivery.id))

    async def _settle(
        self,
        deliveries: Sequence[Delivery],
        views: Sequence[StoryView],
        message: str,
        shows: int,
        *,
        digest: bool,
    ) -> None:
        """Note that it went out; what joined its story or campaign meanwhile becomes an edit."""
        now = self._clock.now()

        def work(tx: Tx) -> None:
            ids = [one.id for one in deliveries]
            tx.outbox.sent(ids, message, shows, now, digest=digest and len(views) > 1)
            if deliveries[0].kind in _EDITS:
                tx.outbox.shown(deliveries[0], shows)
            tx.outbox.enqueue_edits([view.story_id for view in views], now)
            tx.outbox.enqueue_card_edits([one.campaign_id for one in deliveries], now)

        await self._database.write(work)
        self.sent += 1
        _log.info(
            "delivery.sent channel=%s kind=%s count=%s",
            deliveries[0].channel.ref,
            deliveries[0].kind,
            len(deliveries),
        )

    async def _wait_and_retry(
        self, channel: Channel, deliveries: Sequence[Delivery], error: Exception
    ) -> None:
        """Leave the deliveries waiting and the channel alone for a while."""
        attempts = deliveries[0].attempts
        wait = min(_FIRST_WAIT * 2 ** min(attempts, 8), _LONGEST_WAIT)
        if isinstance(error, RetryLater):
            wait = max(error.after, min(wait, _LONGEST_WAIT)) if attempts else error.after
        elif isinstance(error, MaybeSent | TimeoutError) and attempts < 3:  # noqa: PLR2004
            wait = _MAYBE_SENT_WAIT  # while the platform still knows the key
        until = self._clock.now() + wait
        reason = str(error) or type(error).__name__

        def work(tx: Tx) -> None:
            tx.outbox.tried([one.id for one in deliveries], reason)
            tx.spaces.hold(channel.id, until)

        await self._database.write(work)
        _log.warning("delivery.waits channel=%s for=%s reason=%s", channel.ref, wait, reason)

    async def _retire(self, delivery: Delivery) -> None:
        """The message was deleted: it is let be, and so is the channel."""
        now = self._clock.now()

        def work(tx: Tx) -> None:
            tx.outbox.failed([delivery.id], "its message was deleted", now)
            tx.outbox.retire(delivery)

        await self._database.write(work)

    async def _postpone(self, delivery: Delivery, reason: str) -> None:
        """The message takes no more edits for now: later ones are gathered into this one."""
        now = self._clock.now()
        if delivery.attempts >= _GIVE_UP:
            await self._fail([delivery], reason)
            return
        until = now + _EDIT_WAIT * 2**delivery.attempts
        await self._database.write(lambda tx: tx.outbox.postpone(delivery.id, until, reason))

    async def _fail(self, deliveries: Sequence[Delivery], reason: str) -> None:
        now = self._clock.now()
        await self._database.write(
            lambda tx: tx.outbox.failed([one.id for one in deliveries], reason, now)
        )

    async def _rejected(
        self, channel: Channel, deliveries: Sequence[Delivery], error: Rejected
    ) -> bool:
        """The platform refuses for good: this message, this channel, or us."""
        _log.warning("delivery.refused channel=%s refusal=%s %s", channel.ref, error.refusal, error)
        if error.refusal is Refusal.INVALID:
            await self._fail(deliveries, str(error))
            return True
        if error.refusal is Refusal.NOT_CONNECTED:
            self._shut_until[channel.ref.space.platform] = self._clock.now() + _SHUT
            await self._wait_and_retry(channel, deliveries, error)
            return False
        await self._pause(channel, deliveries, error)
        return False

    async def _pause(
        self, channel: Channel, deliveries: Sequence[Delivery], error: Rejected
    ) -> None:
        """Send nothing more there, and say so where someone of the community will see it."""
        now = self._clock.now()

        def work(tx: Tx) -> None:
            tx.outbox.tried([one.id for one in deliveries], str(error))
            if not tx.spaces.pause(channel.id, str(error), now):
                return
            elsewhere = tx.spaces.subscriber_elsewhere(channel)
            space = tx.spaces.find(channel.ref.space)
            if elsewhere is not None and space is not None:
                spot = tx.spaces.channel(space, elsewhere.external_id)
                tx.outbox.enqueue_notice(spot, _paused_notice(channel, error), now)

        await self._database.write(work)
        self._queued.set()


def _arrange(due: Sequence[Delivery]) -> tuple[list[Delivery], list[Delivery]]:
    """Part what is told together from what is told by itself.

    Digests are told together, and so is everything when there is too much of it at once.
    """
    posts = [one for one in due if one.kind is DeliveryKind.POST]
    plain = [one for one in posts if not one.digest]
    flood = len(plain) > _DIGEST_OVER
    together = [one for one in posts if flood or one.digest]
    single = [one for one in due if one not in together]
    return together, single[:_IN_A_ROW]


def _paused_notice(channel: Channel, error: Rejected) -> str:
    fix = f" {error.fix}" if error.fix else ""
    return (
        f"Alerts for channel {channel.ref.external_id} are paused: {error.reason}.{fix} "
        "Then use /subscribe here in it; what waits is sent then."
    )
