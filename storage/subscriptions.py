"""Which channel hears what."""

import sqlite3
from datetime import datetime

from domain.model import Cadence, Channel, Space, Subscription
from storage.rows import from_ms, to_ms
from storage.spaces import channel_from

# When a channel is told what it hears by the subscriptions `s`: the soonest of them counts.
DUE_AT = "min(CASE s.cadence WHEN 'now' THEN :now WHEN 'daily' THEN :daily ELSE :weekly END)"
_SELECT = """SELECT c.id, c.space_id, p.platform, p.external_id, c.external_id,
    c.paused_at, c.paused_because, c.zone, s.id, s.watch_id, w.label, s.cadence, s.since
    FROM subscriptions s JOIN channels c ON c.id = s.channel_id
    JOIN spaces p ON p.id = s.space_id LEFT JOIN watches w ON w.id = s.watch_id"""


class Subscriptions:
    """Queries about subscriptions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def put(
        self, channel: Channel, watch_id: int | None, cadence: Cadence, by: str, now: datetime
    ) -> bool:
        """Let the channel hear the watch, or all; False if it did and only the cadence changed."""
        known = self._db.execute(
            """SELECT id FROM subscriptions
            WHERE channel_id = ? AND coalesce(watch_id, 0) = ?""",
            (channel.id, watch_id or 0),
        ).fetchone()
        if known:
            self._db.execute(
                "UPDATE subscriptions SET cadence = ? WHERE id = ?", (cadence, known[0])
            )
            return False
        self._db.execute(
            """INSERT INTO subscriptions (space_id, channel_id, watch_id, cadence, since, created_by)
            VALUES (?, ?, ?, ?, ?, ?)""",
            (channel.space_id, channel.id, watch_id, cadence, to_ms(now), by),
        )
        return True

    def of(self, space: Space) -> list[Subscription]:
        """Return the space's subscriptions by channel."""
        rows = self._db.execute(
            f"{_SELECT} WHERE s.space_id = ? ORDER BY c.id, w.label IS NOT NULL, w.label",
            (space.id,),
        )
        return [_subscription_from(row) for row in rows]

    def remove(self, subscription_id: int) -> None:
        """Let the channel hear it no more; what still waits for it is dropped with the last one."""
        row = self._db.execute(
            "DELETE FROM subscriptions WHERE id = ? RETURNING channel_id", (subscription_id,)
        ).fetchone()
        if row is None:
            return
        self._db.execute(
            """DELETE FROM deliveries WHERE channel_id = ? AND state = 'waiting'
            AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.channel_id = ?)""",
            (row[0], row[0]),
        )


def _subscription_from(row: tuple) -> Subscription:  # type: ignore[type-arg]
    return Subscription(
        id=row[8],
        channel=channel_from(row[:8]),
        watch_id=row[9],
        label=row[10] or "all",
        cadence=Cadence(row[11]),
        since=from_ms(row[12]),
    )
