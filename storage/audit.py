"""Who changed what, and the arguments of buttons that are too long to travel in them."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.model import Actor, Space
from storage.rows import from_ms, to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of the audit log."""

    at: datetime
    actor: str
    verb: str
    subject: str
    before: str
    after: str


class Audit:
    """Queries about the audit log and about buttons."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def note(
        self,
        space: Space,
        actor: Actor,
        verb: str,
        subject: str,
        now: datetime,
        *,
        before: str = "",
        after: str = "",
    ) -> None:
        """Keep that `actor` did `verb` to `subject`."""
        self._db.execute(
            """INSERT INTO audit (space_id, at, actor, verb, subject, before, after)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (space.id, to_ms(now), actor.id, verb, subject, before, after),
        )

    def others_did(self, space: Space, actor: Actor, verbs: Iterable[str]) -> bool:
        """Whether someone else than `actor` did one of `verbs` in the space."""
        row = self._db.execute(
            """SELECT 1 FROM audit WHERE space_id = ? AND actor <> ?
            AND verb IN (SELECT value FROM json_each(?)) LIMIT 1""",
            (space.id, actor.id, json.dumps(sorted(verbs))),
        ).fetchone()
        return row is not None

    def of(self, space: Space, limit: int) -> list[Change]:
        """Return the space's latest changes, newest first."""
        rows = self._db.execute(
            """SELECT at, actor, verb, subject, before, after FROM audit
            WHERE space_id = ? ORDER BY id DESC LIMIT ?""",
            (space.id, limit),
        )
        return [
            Change(
                at=from_ms(row[0]),
                actor=row[1],
                verb=row[2],
                subject=row[3],
                before=row[4],
                after=row[5],
            )
            for row in rows
        ]

    def keep_arguments(self, values: Mapping[str, str], expires_at: datetime) -> int:
        """Store a button's arguments until they expire and return the row's id."""
        done = self._db.execute(
            "INSERT INTO button_arguments (body, expires_at) VALUES (?, ?)",
            (json.dumps(dict(values)), to_ms(expires_at)),
        )
        assert done.lastrowid is not None
        return done.lastrowid

    def arguments(self, row_id: int, now: datetime) -> dict[str, str] | None:
        """Return a button's arguments, None once they expired."""
        row = self._db.execute(
            "SELECT body FROM button_arguments WHERE id = ? AND expires_at > ?",
            (row_id, to_ms(now)),
        ).fetchone()
        return (
            {str(name): str(value) for name, value in json.loads(row[0]).items()} if row else None
        )
