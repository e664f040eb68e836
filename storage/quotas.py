"""How often each service was asked today; one row a service, kept across restarts."""

import sqlite3
from datetime import datetime

from domain.quotas import Allowance, Asking, Usage, Verdict, may_ask
from storage.rows import from_ms, to_ms

_COLUMNS = "source, last_at, today, this_minute, blocked_until"


class Quotas:
    """Queries about the requests that services have had."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def take(self, source: str, allowance: Allowance, now: datetime, asking: Asking) -> Verdict:
        """Judge one more request and count it if it is allowed."""
        usage = self.used(source, now)
        verdict = may_ask(allowance, usage, now, asking)
        if verdict.allowed:
            self._db.execute(
                """INSERT INTO quotas (source, last_at, today, this_minute)
                VALUES (?, ?, ?, ?) ON CONFLICT (source) DO UPDATE SET
                last_at = excluded.last_at, today = excluded.today,
                this_minute = excluded.this_minute""",
                (source, to_ms(now), usage.today + 1, usage.this_minute + 1),
            )
        return verdict

    def block(self, source: str, until: datetime, now: datetime) -> None:
        """Note that the service itself wants no request before `until`."""
        self._db.execute(
            """INSERT INTO quotas (source, last_at, blocked_until) VALUES (?, ?, ?)
            ON CONFLICT (source) DO UPDATE SET blocked_until = excluded.blocked_until""",
            (source, to_ms(now), to_ms(until)),
        )

    def used(self, source: str, now: datetime) -> Usage:
        """Return what the service has had by `now`; nothing if it was never asked."""
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM quotas WHERE source = ?", (source,)
        ).fetchone()
        return _usage(row).at(now) if row else Usage(source=source, last_at=now)

    def all(self, now: datetime) -> list[Usage]:
        """Return what every service that was ever asked has had, by name."""
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM quotas ORDER BY source")
        return [_usage(row).at(now) for row in rows]


def _usage(row: tuple[str, int, int, int, int | None]) -> Usage:
    return Usage(
        source=row[0],
        last_at=from_ms(row[1]),
        today=row[2],
        this_minute=row[3],
        blocked_until=from_ms(row[4]),
    )
