"""Communities and their channels."""

import sqlite3
from datetime import datetime, timedelta

from domain.model import Channel, ChannelRef, Platform, Space, SpaceRef
from storage.rows import from_ms, to_ms


class Spaces:
    """Queries about spaces and channels."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def ensure(self, ref: SpaceRef, now: datetime) -> Space:
        """Return the space, made with the shipped watches if it is new."""
        space = self.find(ref)
        if space is not None:
            return space
        found = self._db.execute(
            """INSERT INTO spaces (platform, external_id, created_at) VALUES (?, ?, ?)
            RETURNING id""",
            (ref.platform, ref.external_id, to_ms(now)),
        ).fetchone()
        self._db.execute(
            """INSERT INTO watches (space_id, kind, key, label, rule_id, shipped, since)
            SELECT ?, kind, key, label, rule_id, 1, ? FROM shipped_watches ORDER BY kind, key""",
            (found[0], to_ms(now)),
        )
        self._db.execute("UPDATE revisions SET number = number + 1 WHERE area = 'watches'")
        return Space(id=found[0], ref=ref)

    def find(self, ref: SpaceRef) -> Space | None:
        """Return the space if it is known."""
        row = self._db.execute(
            "SELECT id FROM spaces WHERE platform = ? AND external_id = ?",
            (ref.platform, ref.external_id),
        ).fetchone()
        return Space(id=row[0], ref=ref) if row else None

    def forget(self, ref: SpaceRef) -> None:
        """Delete everything that belongs to a space that removed the bot."""
        self._db.execute(
            "DELETE FROM spaces WHERE platform = ? AND external_id = ?",
            (ref.platform, ref.external_id),
        )
        self._db.execute("UPDATE revisions SET number = number + 1 WHERE area = 'watches'")

    def channel(self, space: Space, external_id: str) -> Channel:
        """Return a channel of the space, made if it is new."""
        self._db.execute(
            "INSERT INTO channels (space_id, external_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (space.id, external_id),
        )
        row = self._db.execute(
            f"{SELECT_CHANNEL} WHERE c.space_id = ? AND c.external_id = ?",
            (space.id, external_id),
        ).fetchone()
        return channel_from(row)

    def pause(self, channel_id: int, because: str, now: datetime) -> bool:
        """Send nothing more to the channel; False if it was paused already."""
        changed = self._db.execute(
            """UPDATE channels SET paused_at = ?, paused_because = ?
            WHERE id = ? AND paused_at IS NULL""",
            (to_ms(now), because, channel_id),
        )
        return changed.rowcount > 0

    def resume(self, channel_id: int) -> bool:
        """Send to the channel again, at once; False if it was not paused."""
        changed = self._db.execute(
            """UPDATE channels SET paused_at = NULL, paused_because = '', next_at = 0
            WHERE id = ? AND paused_at IS NOT NULL""",
            (channel_id,),
        )
        return changed.rowcount > 0

    def set_zone(self, channel_id: int, zone: str) -> None:
        """Show times in that zone in the channel; empty means in each place's own."""
        self._db.execute("UPDATE channels SET zone = ? WHERE id = ?", (zone, channel_id))

    def zones(self) -> list[str]:
        """Return every zone that a channel is in."""
        rows = self._db.execute("SELECT DISTINCT zone FROM channels WHERE zone <> '' ORDER BY zone")
        return [zone for (zone,) in rows]

    def hold(self, channel_id: int, until: datetime) -> None:
        """Send nothing to the channel before `until`."""
        self._db.execute("UPDATE channels SET next_at = ? WHERE id = ?", (to_ms(until), channel_id))

    def lease(self, channel_ids: list[int], now: datetime, span: timedelta) -> None:
        """Keep other senders off the channels until the lease runs out or is given back."""
        until = to_ms(now + span)
        self._db.executemany(
            "UPDATE channels SET lease_until = ? WHERE id = ?",
            [(until, one) for one in channel_ids],
        )

    def release(self, channel_id: int, not_before: datetime) -> None:
        """Give the lease back; the next message may go out at `not_before`."""
        self._db.execute(
            "UPDATE channels SET lease_until = 0, next_at = max(next_at, ?) WHERE id = ?",
            (to_ms(not_before), channel_id),
        )

    def subscriber_elsewhere(self, channel: Channel) -> ChannelRef | None:
        """Where someone of the space will see a notice about `channel`.

        Another channel that hears alerts, else the person who subscribed this one.
        """
        row = self._db.execute(
            """SELECT c.external_id FROM subscriptions s JOIN channels c ON c.id = s.channel_id
            WHERE s.space_id = ? AND c.id <> ? AND c.paused_at IS NULL ORDER BY s.id LIMIT 1""",
            (channel.space_id, channel.id),
        ).fetchone()
        if row is None:
            row = self._db.execute(
                """SELECT 'user:' || created_by FROM subscriptions
                WHERE channel_id = ? AND created_by <> '' ORDER BY id LIMIT 1""",
                (channel.id,),
            ).fetchone()
        return ChannelRef(space=channel.ref.space, external_id=row[0]) if row else None


SELECT_CHANNEL = """SELECT c.id, c.space_id, s.platform, s.external_id, c.external_id,
    c.paused_at, c.paused_because, c.zone FROM channels c JOIN spaces s ON s.id = c.space_id"""


def channel_from(row: tuple[int, int, str, str, str, int | None, str, str]) -> Channel:
    """Make a channel of the columns of `SELECT_CHANNEL`."""
    space = SpaceRef(platform=Platform(row[2]), external_id=row[3])
    return Channel(
        id=row[0],
        space_id=row[1],
        ref=ChannelRef(space=space, external_id=row[4]),
        paused_at=from_ms(row[5]),
        paused_because=row[6],
        zone=row[7],
    )
