"""What the program notes for itself, such as which commands it has announced to a platform."""

import sqlite3


class Marks:
    """Queries about marks."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def get(self, name: str) -> str:
        """Return what was noted under `name`; empty if nothing was."""
        row = self._db.execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def put(self, name: str, value: str) -> None:
        """Note `value` under `name`."""
        self._db.execute(
            """INSERT INTO marks (name, value) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value""",
            (name, value),
        )
