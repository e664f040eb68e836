"""How polls of the legislatures' services went, and which bills a service does not have."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from domain.bills import BillKey
from domain.legislature_polls import Poll
from storage.rows import from_ms, to_ms

_COLUMNS = """source, place, next_at, cursor, hearings_at, failures, last_error, polled_at, ok_at"""


class Legislatures:
    """Queries about polls of legislatures."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def polls(self) -> list[Poll]:
        """Return every poll there was, by source and place."""
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM legislature_polls ORDER BY source, place")
        return [_poll(row) for row in rows]

    def save(self, poll: Poll) -> None:
        """Keep how a poll went."""
        self._db.execute(
            f"""INSERT INTO legislature_polls ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (source, place) DO UPDATE SET next_at = excluded.next_at,
                cursor = excluded.cursor, hearings_at = excluded.hearings_at,
                failures = excluded.failures, last_error = excluded.last_error,
                polled_at = excluded.polled_at, ok_at = excluded.ok_at""",
            (
                poll.source,
                poll.place,
                to_ms(poll.next_at),
                poll.cursor,
                _ms(poll.hearings_at),
                poll.failures,
                poll.last_error,
                _ms(poll.polled_at),
                _ms(poll.ok_at),
            ),
        )

    def absent(self, source: str, since: datetime) -> set[BillKey]:
        """Return the bills that the source said since then it does not have."""
        rows = self._db.execute(
            """SELECT jurisdiction, session, identifier FROM bill_absences
            WHERE source = ? AND noted_at >= ?""",
            (source, to_ms(since)),
        )
        return {BillKey(jurisdiction=row[0], session=row[1], identifier=row[2]) for row in rows}

    def note_absent(self, source: str, keys: Iterable[BillKey], now: datetime) -> None:
        """Note that the source does not have these bills."""
        self._db.execute(
            """INSERT INTO bill_absences (source, jurisdiction, session, identifier, noted_at)
            SELECT :source, json_extract(value, '$[0]'), json_extract(value, '$[1]'),
                json_extract(value, '$[2]'), :now FROM json_each(:keys) WHERE true
            ON CONFLICT (source, jurisdiction, session, identifier)
                DO UPDATE SET noted_at = excluded.noted_at""",
            {
                "source": source,
                "now": to_ms(now),
                "keys": json.dumps(
                    [(one.jurisdiction, one.session, one.identifier) for one in keys]
                ),
            },
        )


def _ms(at: datetime | None) -> int | None:
    return to_ms(at) if at else None


def _poll(row: tuple[str, str, int, str, int | None, int, str, int | None, int | None]) -> Poll:
    return Poll(
        source=row[0],
        place=row[1],
        next_at=from_ms(row[2]),
        cursor=row[3],
        hearings_at=from_ms(row[4]),
        failures=row[5],
        last_error=row[6],
        polled_at=from_ms(row[7]),
        ok_at=from_ms(row[8]),
    )
