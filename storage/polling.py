"""What a poll reads and writes. All of one poll goes into one transaction."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import chain

from domain.entries import Entries, KnownEntries
from domain.model import Source
from storage.rows import entry_rows, from_ms, to_ms
from storage.sources import COLUMNS, source_from

_COLUMNS = "source_id, listed_at, guid, url, title, summary, published_at, dated_at"
_ROW = "(?, ?, ?, ?, ?, ?)"  # without the first two, which are the same for all
_AT_ONCE = 50


class Polling:
    """Queries of the poll loop."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def claim_due(self, now: datetime, limit: int, lease: timedelta) -> list[Source]:
        """Return sources that are due and followed, longest overdue first, leased to the caller."""
        rows = self._db.execute(
            f"""SELECT {COLUMNS} FROM sources o
            WHERE o.state = 'active' AND o.next_poll_at <= ? AND o.lease_until <= ?
            AND EXISTS (SELECT 1 FROM follows f WHERE f.source_id = o.id)
            ORDER BY o.next_poll_at LIMIT ?""",
            (to_ms(now), to_ms(now), limit),
        ).fetchall()
        until = to_ms(now + lease)
        self._db.executemany(
            "UPDATE sources SET lease_until = ? WHERE id = ?", [(until, row[0]) for row in rows]
        )
        return [source_from(row) for row in rows]

    def next_due(self) -> datetime | None:
        """Return when the next followed source falls due."""
        row = self._db.execute(
            """SELECT min(max(o.next_poll_at, o.lease_until)) FROM sources o
            WHERE o.state = 'active'
            AND EXISTS (SELECT 1 FROM follows f WHERE f.source_id = o.id)"""
        ).fetchone()
        due: int | None = row[0]
        return from_ms(due)

    def save(self, sources: Iterable[Source]) -> None:
        """Write what polls changed about sources and give their leases back."""
        self._db.executemany(
            """UPDATE sources SET url = ?, title = ?, state = ?, etag = ?, last_modified = ?,
                body_hash = ?, interval_s = ?, next_poll_at = ?, lease_until = 0, failures = ?,
                last_error = ?, last_polled_at = ?, last_ok_at = ?, moved_to = ?, moved_times = ?
            WHERE id = ?""",
            [
                (
                    one.url,
                    one.title,
                    one.state,
                    one.validators.etag,
                    one.validators.last_modified,
                    one.body_hash,
                    int(one.interval.total_seconds()),
                    to_ms(one.next_poll_at),
                    one.failures,
                    one.last_error,
                    to_ms(one.last_polled_at) if one.last_polled_at else None,
                    to_ms(one.last_ok_at) if one.last_ok_at else None,
                    one.moved_to,
                    one.moved_times,
                    one.id,
                )
                for one in sources
            ],
        )

    def rekey(self, source_id: int, key: str) -> None:
        """Give a source that moved the key of its new address, unless another has it."""
        self._db.execute("UPDATE OR IGNORE sources SET key = ? WHERE id = ?", (key, source_id))

    def known(self, source_ids: Iterable[int], most: int) -> Mapping[int, KnownEntries]:
        """Return what sources have brought before, of each the `most` that were listed last.

        Those that have brought nothing are left out.
        """
        # One row for all of a source's, for the reason given at `_insert`.
        rows = self._db.execute(
            """SELECT s.value, (
                SELECT json_array(json_group_array(id), json_group_array(listed_at),
                    json_group_array(guid), json_group_array(url), json_group_array(title),
                    json_group_array(summary), json_group_array(published_at))
                FROM (
                    SELECT id, listed_at, guid, url, title, published_at,
                        iif(published_at IS NULL, summary, '') AS summary
                    FROM entries WHERE source_id = s.value ORDER BY listed_at DESC, id DESC LIMIT ?
                )
            ) FROM json_each(?) s""",
            (most, json.dumps(list(source_ids))),
        )
        known = {source_id: _known(told) for source_id, told in rows}
        return {source_id: one for source_id, one in known.items() if one.ids}

    def relist(self, entry_ids: Iterable[int], now: datetime) -> None:
        """Note that the feed still lists these entries, so that they are not forgotten."""
        at = to_ms(now)
        rows = [(at, one) for one in entry_ids]
        if rows:
            self._db.executemany("UPDATE entries SET listed_at = ? WHERE id = ?", rows)

    def insert(
        self, source_id: int, entries: Entries, dated_at: Sequence[datetime], now: datetime
    ) -> None:
        """Store entries that belong to no story, with the date each counts from."""
        rows = list(entry_rows(entries, dated_at))
        same = (source_id, to_ms(now))
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            self._db.execute(_insert(len(some)), (*same, *chain.from_iterable(some)))

    def forget_before(self, moment: datetime) -> int:
        """Delete entries last listed before `moment`, then stories and deliveries left over."""
        at = to_ms(moment)
        gone = self._db.execute("DELETE FROM entries WHERE listed_at < ?", (at,)).rowcount
        self._db.execute(
            "DELETE FROM deliveries WHERE settled_at < ? AND state <> 'waiting' AND kind <> 'card'",
            (at,),
        )
        self._db.execute(
            """DELETE FROM stories WHERE started_at < ?
            AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.story_id = stories.id)""",
            (at,),
        )
        self._db.execute("DELETE FROM button_arguments WHERE expires_at < ?", (at,))
        self._db.execute("DELETE FROM ended_subscriptions WHERE ended_at < ?", (at,))
        return gone


@cache
def _insert(rows: int) -> str:
    """Return a statement that inserts that many rows.

    The driver lets go of the interpreter lock at each step of a statement, and takes it again in
    competition with the event loop: one step for fifty rows costs a third of fifty steps.
    """
    own = ", ".join([_ROW] * rows)
    return f"INSERT INTO entries ({_COLUMNS}) SELECT ?, ?, * FROM (VALUES {own})"


def _known(told: str) -> KnownEntries:
    ids, listed_at, guids, urls, titles, summaries, published = json.loads(told)
    moments = {at: from_ms(at) for at in set(listed_at)}  # few: polls list many at once
    return KnownEntries(
        ids=ids,
        listed_at=list(map(moments.__getitem__, listed_at)),
        entries=Entries(guids, urls, titles, summaries, list(map(from_ms, published))),
    )
