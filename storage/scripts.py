"""The words that a community chose for its calls."""

import sqlite3
from datetime import datetime

from domain.model import Space
from storage.rows import to_ms


class Scripts:
    """Queries about call scripts. `subject` is a bill's or pledge's key, `position` for or against."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def get(self, space: Space, subject: str, position: str) -> str:
        """Return the community's own words; empty if it has none."""
        row = self._db.execute(
            "SELECT body FROM scripts WHERE space_id = ? AND subject = ? AND position = ?",
            (space.id, subject, position),
        ).fetchone()
        return row[0] if row else ""

    def put(
        self, space: Space, subject: str, position: str, body: str, by: str, now: datetime
    ) -> None:
        """Keep the community's own words. Idempotent."""
        self._db.execute(
            """INSERT INTO scripts (space_id, subject, position, body, written_by, written_at)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (space_id, subject, position) DO UPDATE SET body = excluded.body,
            written_by = excluded.written_by, written_at = excluded.written_at""",
            (space.id, subject, position, body, by, to_ms(now)),
        )

    def remove(self, space: Space, subject: str, position: str) -> bool:
        """Go back to the shipped words; False if the community had none of its own."""
        gone = self._db.execute(
            "DELETE FROM scripts WHERE space_id = ? AND subject = ? AND position = ?",
            (space.id, subject, position),
        )
        return gone.rowcount > 0
