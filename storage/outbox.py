"""The outbox: what is to be sent where, kept before it is sent and settled after.

A channel is leased to one sender at a time and its deliveries are sent in their order, so two
processes on one database neither overtake nor repeat each other.
"""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.campaigns import Campaign
from domain.model import Channel, Delivery, DeliveryKind, Health, Platform, Space
from storage.rows import from_ms, to_ms
from storage.spaces import SELECT_CHANNEL, channel_from
from storage.subscriptions import DUE_AT

# A feed's clock is believed to an hour: what it dates a little before one joined is still news.
GRACE = timedelta(hours=1)
_GRACE = GRACE // timedelta(milliseconds=1)

_CARD_GAP = timedelta(seconds=20)  # calls logged meanwhile are shown by one edit


class Outbox:
    """Queries about deliveries."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def enqueue_posts(
        self, entry_ids: Iterable[int], now: datetime, daily: datetime, weekly: datetime
    ) -> int:
        """Queue a post for every channel that hears of the entries; each story once.

        `daily` and `weekly` are when the next digests go out. Set-wise: one statement however
        many channels hear it, from the entries on (CROSS JOIN keeps that order).
        """
        done = self._db.execute(
            f"""INSERT INTO deliveries
                (space_id, channel_id, story_id, kind, digest, due_at, created_at)
            SELECT s.space_id, s.channel_id, e.story_id, 'post', min(s.cadence <> 'now'),
                {DUE_AT}, :now
            FROM json_each(:entries) told CROSS JOIN entries e ON e.id = told.value
            CROSS JOIN matches m ON m.entry_id = e.id
            CROSS JOIN watches w ON w.rule_id = m.rule_id AND w.removed_at IS NULL
            CROSS JOIN follows f ON f.source_id = e.source_id AND f.space_id = w.space_id
            CROSS JOIN subscriptions s ON s.space_id = w.space_id
                AND (s.watch_id IS NULL OR s.watch_id = w.id)
            WHERE e.story_id IS NOT NULL AND e.dated_at >= f.since - :grace
                AND e.dated_at >= w.since - :grace AND e.dated_at >= s.since - :grace
            GROUP BY s.space_id, s.channel_id, e.story_id
            ORDER BY min(e.dated_at), e.story_id
            ON CONFLICT DO NOTHING""",
            {
                "now": to_ms(now),
                "daily": to_ms(daily),
                "weekly": to_ms(weekly),
                "entries": json.dumps(list(entry_ids)),
                "grace": _GRACE,
            },
        )
        return done.rowcount

    def enqueue_edits(self, story_ids: Iterable[int], now: datetime) -> int:
        """Queue an edit wherever a posted message lacks an outlet its community follows."""
        done = self._db.execute(
            """INSERT INTO deliveries
                (space_id, channel_id, story_id, kind, due_at, created_at, message)
            SELECT DISTINCT d.space_id, d.channel_id, d.story_id, 'edit', :now, :now, d.message
            FROM deliveries d JOIN entries e ON e.story_id = d.story_id AND e.id > d.shows_entry
            JOIN follows f ON f.space_id = d.space_id AND f.source_id = e.source_id
                AND e.dated_at >= f.since - :grace
            WHERE d.kind = 'post' AND d.state = 'sent' AND d.digest = 0 AND d.message <> ''
                AND d.story_id IN (SELECT value FROM json_each(:stories))
                AND NOT EXISTS (SELECT 1 FROM entries b WHERE b.story_id = e.story_id
                    AND b.source_id = e.source_id AND b.id <= d.shows_entry)
            ON CONFLICT DO NOTHING""",
            {"now": to_ms(now), "grace": _GRACE, "stories": json.dumps(list(story_ids))},
        )
        return done.rowcount

    def enqueue_notice(self, channel: Channel, notice: str, now: datetime) -> None:
        """Queue a sentence for a channel."""
        self._db.execute(
            """INSERT INTO deliveries (space_id, channel_id, kind, due_at, created_at, notice)
            VALUES (?, ?, 'notice', ?, ?, ?)""",
            (channel.space_id, channel.id, to_ms(now), to_ms(now), notice),
        )

    def enqueue_card(self, campaign: Campaign, now: datetime) -> None:
        """Queue the card of a campaign for its channel, once."""
        self._db.execute(
            """INSERT INTO deliveries (space_id, channel_id, campaign_id, kind, due_at, created_at)
            VALUES (?, ?, ?, 'card', ?, ?) ON CONFLICT DO NOTHING""",
            (campaign.space_id, campaign.channel.id, campaign.id, to_ms(now), to_ms(now)),
        )

    def enqueue_card_edits(self, campaign_ids: Iterable[int | None], now: datetime) -> int:
        """Queue an edit of each posted card that shows less than is known; edits are gathered.

        One waits at a time, and a while passes after the last; it shows what is known when sent.
        """
        done = self._db.execute(
            """INSERT INTO deliveries
                (space_id, channel_id, campaign_id, kind, due_at, created_at, message)
            SELECT d.space_id, d.channel_id, d.campaign_id, 'card edit', max(:now, :gap + coalesce((
                SELECT max(e.settled_at) FROM deliveries e
                WHERE e.campaign_id = d.campaign_id AND e.state = 'sent'), 0)), :now, d.message
            FROM deliveries d JOIN campaigns c ON c.id = d.campaign_id
            WHERE d.kind = 'card' AND d.state = 'sent' AND d.message <> ''
                AND d.shows_entry < c.revision
                AND d.campaign_id IN (SELECT value FROM json_each(:campaigns))
            ON CONFLICT DO NOTHING""",
            {
                "now": to_ms(now),
                "gap": _CARD_GAP // timedelta(milliseconds=1),
                "campaigns": json.dumps(list(campaign_ids)),
            },
        )
        return done.rowcount

    def enqueue_notice_to_followers(self, source_id: int, notice: str, now: datetime) -> None:
        """Queue a sentence for one channel of every space that follows the source."""
        self._db.execute(
            """INSERT INTO deliveries (space_id, channel_id, kind, due_at, created_at, notice)
            SELECT f.space_id, min(s.channel_id), 'notice', ?, ?, ?
            FROM follows f JOIN subscriptions s ON s.space_id = f.space_id
            WHERE f.source_id = ? GROUP BY f.space_id""",
            (to_ms(now), to_ms(now), notice, source_id),
        )

    def channels_due(
        self, platforms: Iterable[Platform], now: datetime, limit: int
    ) -> list[Channel]:
        """Return channels with something due that nobody holds, longest waiting first."""
        rows = self._db.execute(
            f"""{SELECT_CHANNEL} JOIN (
                SELECT channel_id, min(id) AS first FROM deliveries
                WHERE state = 'waiting' AND due_at <= ? GROUP BY channel_id
            ) d ON d.channel_id = c.id
            WHERE c.paused_at IS NULL AND c.next_at <= ? AND c.lease_until <= ?
            AND s.platform IN (SELECT value FROM json_each(?))
            ORDER BY d.first LIMIT ?""",
            (to_ms(now), to_ms(now), to_ms(now), json.dumps(list(platforms)), limit),
        )
        return [channel_from(row) for row in rows]

    def due(self, channels: Iterable[Channel], now: datetime, limit: int) -> list[Delivery]:
        """Return at most `limit` due deliveries of each of the channels, in their order."""
        by_id = {channel.id: channel for channel in channels}
        rows = self._db.execute(
            """SELECT id, kind, channel_id, story_id, attempts, digest, message, notice, campaign_id
            FROM (
                SELECT d.*, row_number() OVER (PARTITION BY channel_id ORDER BY id) AS place
                FROM deliveries d WHERE state = 'waiting' AND due_at <= ?
                AND channel_id IN (SELECT value FROM json_each(?))
            ) WHERE place <= ? ORDER BY channel_id, id""",
            (to_ms(now), json.dumps(list(by_id)), limit),
        )
        return [
            Delivery(
                id=row[0],
                kind=DeliveryKind(row[1]),
                channel=by_id[row[2]],
                story_id=row[3],
                attempts=row[4],
                digest=bool(row[5]),
                message=row[6],
                notice=row[7],
                campaign_id=row[8],
            )
            for row in rows
        ]

    def next_due(self, platforms: Iterable[Platform]) -> datetime | None:
        """Return when the next delivery that may be sent at all falls due."""
        row = self._db.execute(
            """SELECT min(max(d.due_at, c.next_at, c.lease_until))
            FROM deliveries d JOIN channels c ON c.id = d.channel_id
            JOIN spaces s ON s.id = c.space_id
            WHERE d.state = 'waiting' AND c.paused_at IS NULL
            AND s.platform IN (SELECT value FROM json_each(?))""",
            (json.dumps(list(platforms)),),
        ).fetchone()
        due: int | None = row[0]
        return from_ms(due)

    def sent(
        self, ids: Iterable[int], message: str, shows_entry: int, now: datetime, *, digest: bool
    ) -> None:
        """Settle deliveries that went out as `message`, composed up to entry `shows_entry`."""
        rows = [(message, shows_entry, digest, to_ms(now), one) for one in ids]
        self._db.executemany(
            """UPDATE deliveries SET state = 'sent', message = ?, shows_entry = ?, digest = ?,
                settled_at = ?, error = '', attempts = attempts + 1 WHERE id = ?""",
            rows,
        )

    def shown(self, delivery: Delivery, shows_entry: int) -> None:
        """Note that the posted message of the story now shows up to entry `shows_entry`.

        Of a campaign's card, up to that revision.
        """
        self._db.execute(
            """UPDATE deliveries SET shows_entry = max(shows_entry, ?)
            WHERE (kind = 'post' AND channel_id = ? AND story_id = ?)
            OR (kind = 'card' AND campaign_id = ?)""",
            (shows_entry, delivery.channel.id, delivery.story_id, delivery.campaign_id),
        )

    def retire(self, delivery: Delivery) -> None:
        """Note that the posted message is gone: nothing more is done about it."""
        self._db.execute(
            """UPDATE deliveries SET message = ''
            WHERE (kind = 'post' AND channel_id = ? AND story_id = ?)
            OR (kind = 'card' AND campaign_id = ?)""",
            (delivery.channel.id, delivery.story_id, delivery.campaign_id),
        )

    def failed(self, ids: Iterable[int], error: str, now: datetime) -> None:
        """Settle deliveries that cannot be sent."""
        self._db.executemany(
            """UPDATE deliveries SET state = 'failed', error = ?, settled_at = ?,
                attempts = attempts + 1 WHERE id = ?""",
            [(error, to_ms(now), one) for one in ids],
        )

    def tried(self, ids: Iterable[int], error: str) -> None:
        """Note a try that did not succeed; the deliveries go on waiting."""
        self._db.executemany(
            "UPDATE deliveries SET attempts = attempts + 1, error = ? WHERE id = ?",
            [(error, one) for one in ids],
        )

    def postpone(self, delivery_id: int, until: datetime, error: str) -> None:
        """Note a try that did not succeed; this delivery alone waits until `until`."""
        self._db.execute(
            "UPDATE deliveries SET attempts = attempts + 1, due_at = ?, error = ? WHERE id = ?",
            (to_ms(until), error, delivery_id),
        )

    def waiting(self, channel_id: int) -> int:
        """Return how many deliveries wait for the channel."""
        row = self._db.execute(
            "SELECT count(*) FROM deliveries WHERE channel_id = ? AND state = 'waiting'",
            (channel_id,),
        ).fetchone()
        count: int = row[0]
        return count

    def latest_story(self, channel: Channel) -> int | None:
        """Return the story the channel heard last."""
        row = self._db.execute(
            """SELECT story_id FROM deliveries WHERE channel_id = ? AND kind = 'post'
            AND state = 'sent' ORDER BY settled_at DESC, id DESC LIMIT 1""",
            (channel.id,),
        ).fetchone()
        return row[0] if row else None

    def heard(self, space: Space, story_id: int) -> bool:
        """Whether some channel of the space was told the story."""
        row = self._db.execute(
            "SELECT 1 FROM deliveries WHERE space_id = ? AND story_id = ? LIMIT 1",
            (space.id, story_id),
        ).fetchone()
        return row is not None

    def health(self, space: Space, now: datetime) -> Health:
        """Return how the space's sources and channels are doing."""
        sources = self._db.execute(
            """SELECT count(*), coalesce(sum(o.failures > 0), 0),
                coalesce(sum(o.state = 'gone'), 0), max(o.last_polled_at)
            FROM follows f JOIN sources o ON o.id = f.source_id WHERE f.space_id = ?""",
            (space.id,),
        ).fetchone()
        counts = self._db.execute(
            """SELECT
                (SELECT count(*) FROM watches WHERE space_id = :space AND removed_at IS NULL),
                (SELECT count(*) FROM subscriptions WHERE space_id = :space),
                (SELECT count(*) FROM deliveries WHERE space_id = :space AND state = 'waiting'),
                (SELECT count(*) FROM deliveries WHERE space_id = :space AND state = 'sent'
                    AND kind IN ('post', 'bill') AND settled_at > :since)""",
            {"space": space.id, "since": to_ms(now - timedelta(days=1))},
        ).fetchone()
        paused = self._db.execute(
            f"{SELECT_CHANNEL} WHERE c.space_id = ? AND c.paused_at IS NOT NULL", (space.id,)
        )
        return Health(
            sources=sources[0],
            failing=sources[1],
            gone=sources[2],
            watches=counts[0],
            subscriptions=counts[1],
            waiting=counts[2],
            sent_last_day=counts[3],
            last_poll_at=from_ms(sources[3]),
            paused=tuple(channel_from(row) for row in paused),
        )
