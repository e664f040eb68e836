"""The sources communities follow."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.model import Source, SourceState, SourceStatus, Space, Validators
from storage.rows import from_ms, to_ms

COLUMNS = """o.id, o.key, o.url, o.title, o.state, o.etag, o.last_modified, o.body_hash,
    o.interval_s, o.next_poll_at, o.failures, o.last_error, o.last_polled_at, o.last_ok_at,
    o.moved_to, o.moved_times"""


class Sources:
    """Queries about sources and who follows them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(self, key: str, url: str, interval: timedelta, now: datetime) -> Source:
        """Return the source with that key, made and due at once if it is new.

        One that its publisher had declared gone is tried again.
        """
        self._db.execute(
            """INSERT INTO sources (key, url, interval_s, next_poll_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET state = 'active'""",
            (key, url, int(interval.total_seconds()), to_ms(now)),
        )
        found = self.by_key(key)
        assert found is not None
        return found

    def by_key(self, key: str) -> Source | None:
        """Return the source with that key."""
        return self._one("WHERE o.key = ?", key)

    def by_id(self, source_id: int) -> Source | None:
        """Return the source with that id."""
        return self._one("WHERE o.id = ?", source_id)

    def follow(self, space: Space, source_id: int, by: str, now: datetime) -> bool:
        """Let the space hear what the source brings from now on; False if it did already."""
        changed = self._db.execute(
            """INSERT INTO follows (space_id, source_id, since, added_by) VALUES (?, ?, ?, ?)
            ON CONFLICT DO NOTHING""",
            (space.id, source_id, to_ms(now), by),
        )
        self._touch()
        return changed.rowcount > 0

    def unfollow(self, space: Space, source_id: int) -> bool:
        """Let the space hear no more of the source; False if it did not.

        A source that nobody follows any more is not polled; what it brought is kept.
        """
        changed = self._db.execute(
            "DELETE FROM follows WHERE space_id = ? AND source_id = ?", (space.id, source_id)
        )
        self._touch()
        return changed.rowcount > 0

    def followed(self, space: Space) -> list[SourceStatus]:
        """Return the space's sources by title, each with how many entries it brought."""
        rows = self._db.execute(
            f"""SELECT {COLUMNS}, f.since,
                (SELECT count(*) FROM entries e WHERE e.source_id = o.id)
            FROM follows f JOIN sources o ON o.id = f.source_id
            WHERE f.space_id = ? ORDER BY o.title, o.url""",
            (space.id,),
        )
        return [
            SourceStatus(source=source_from(row), since=from_ms(row[-2]), entries=row[-1])
            for row in rows
        ]

    def drop_unread(self, source_id: int) -> None:
        """Delete a source that was never read and that nobody follows."""
        self._db.execute(
            """DELETE FROM sources WHERE id = ? AND last_ok_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.source_id = sources.id)""",
            (source_id,),
        )

    def all_followed(self) -> Iterable[Source]:
        """Return every active source that someone follows, whatever its schedule."""
        rows = self._db.execute(
            f"""SELECT {COLUMNS} FROM sources o WHERE o.state = 'active'
            AND EXISTS (SELECT 1 FROM follows f WHERE f.source_id = o.id) ORDER BY o.id"""
        )
        return [source_from(row) for row in rows]

    def _touch(self) -> None:
        """Note that the names of what is followed changed."""
        self._db.execute("UPDATE revisions SET number = number + 1 WHERE area = 'watches'")

    def _one(self, where: str, value: str | int) -> Source | None:
        row = self._db.execute(f"SELECT {COLUMNS} FROM sources o {where}", (value,)).fetchone()
        return source_from(row) if row else None


def source_from(row: tuple) -> Source:  # type: ignore[type-arg]
    """Make a source of the columns of `COLUMNS`."""
    return Source(
        id=row[0],
        key=row[1],
        url=row[2],
        title=row[3],
        state=SourceState(row[4]),
        validators=Validators(etag=row[5], last_modified=row[6]),
        body_hash=row[7],
        interval=timedelta(seconds=row[8]),
        next_poll_at=from_ms(row[9]),
        failures=row[10],
        last_error=row[11],
        last_polled_at=from_ms(row[12]),
        last_ok_at=from_ms(row[13]),
        moved_to=row[14],
        moved_times=row[15],
    )
