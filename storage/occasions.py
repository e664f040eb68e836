"""Which occasions were told, of the record and of hearings, and to whom they go.

Space None is everyone.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from domain.model import Space, WatchKind
from storage.rows import to_ms


class Occasions:
    """Queries about what falls due to be told."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def untold(self, keys: Iterable[str], space: Space | None) -> set[str]:
        """Return those of `keys` that were told neither to everyone nor to the space."""
        asked = set(keys)
        told = self._db.execute(
            """SELECT key FROM told_occasions WHERE (space_id IS NULL OR space_id = ?)
            AND key IN (SELECT value FROM json_each(?))""",
            (space.id if space else None, json.dumps(sorted(asked))),
        )
        return asked - {row[0] for row in told}

    def note(self, keys: Iterable[str], space: Space | None, now: datetime) -> None:
        """Note that these were told. Idempotent."""
        self._db.executemany(
            """INSERT INTO told_occasions (space_id, key, told_at) VALUES (?, ?, ?)
            ON CONFLICT DO NOTHING""",
            [(space.id if space else None, key, to_ms(now)) for key in keys],
        )

    def enqueue(
        self,
        key: str,
        watched: Iterable[tuple[WatchKind, str]],
        now: datetime,
        *,
        only: Space | None = None,
        but: Iterable[int] = (),
        later: Mapping[str, datetime] = MappingProxyType({}),
    ) -> int:
        """Queue an occasion for every channel that hears one of the `watched` kinds and keys.

        In the space `only` if one is given, else in all spaces `but` those with these ids. It
        goes out now, or at the instant that `later` gives for the channel's zone.
        """
        done = self._db.execute(
            """INSERT INTO deliveries (space_id, channel_id, kind, due_at, created_at, notice)
            SELECT DISTINCT s.space_id, s.channel_id, 'occasion', max(:now, coalesce(
                (SELECT z.value FROM json_each(:later) z WHERE z.key = c.zone), :now)), :now, :key
            FROM json_each(:watched) j
            JOIN watches w ON w.kind = json_extract(j.value, '$[0]')
                AND w.key = json_extract(j.value, '$[1]') AND w.removed_at IS NULL
            JOIN subscriptions s ON s.space_id = w.space_id
                AND (s.watch_id IS NULL OR s.watch_id = w.id)
            JOIN channels c ON c.id = s.channel_id
            WHERE (:only IS NULL OR s.space_id = :only)
                AND s.space_id NOT IN (SELECT value FROM json_each(:but))""",
            {
                "now": to_ms(now),
                "key": key,
                "watched": json.dumps(list(watched)),
                "only": only.id if only else None,
                "but": json.dumps(list(but)),
                "later": json.dumps({zone: to_ms(at) for zone, at in later.items()}),
            },
        )
        return done.rowcount

    def forget_before(self, moment: datetime) -> None:
        """Drop the notes of what was told before `moment`."""
        self._db.execute("DELETE FROM told_occasions WHERE told_at < ?", (to_ms(moment),))
