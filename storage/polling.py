"""What a poll reads and writes. All of one poll goes into one transaction."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import chain, repeat

from domain.model import EntryKeys, FreshEntry, KnownEntry, Source
from storage.rows import from_ms, to_ms
from storage.sources import COLUMNS, source_from

_STORED_SUMMARY = 400
_COLUMNS = "source_id, story_id, listed_at, guid, link, title_key, url, title, summary, dated_at"
_ROW = "(?, ?, ?, ?, ?, ?, ?)"  # without the first three, which are the same for all
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

    def known(self, source_ids: Iterable[int]) -> Mapping[int, Sequence[KnownEntry]]:
        """Return what tells the entries of sources again; those without any are left out."""
        # One row for all of a source's, for the reason given at `_insert`.
        rows = self._db.execute(
            """SELECT source_id, json_array(json_group_array(id), json_group_array(guid),
                json_group_array(link), json_group_array(title_key), json_group_array(listed_at))
            FROM entries WHERE source_id IN (SELECT value FROM json_each(?)) GROUP BY source_id""",
            (json.dumps(list(source_ids)),),
        )
        return {source_id: _known(told) for source_id, told in rows}

    def relist(self, entry_ids: Iterable[int], now: datetime) -> None:
        """Note that the feed still lists these entries, so that they are not forgotten."""
        at = to_ms(now)
        rows = [(at, one) for one in entry_ids]
        if rows:
            self._db.executemany("UPDATE entries SET listed_at = ? WHERE id = ?", rows)

    def insert(self, source_id: int, fresh: Sequence[FreshEntry], now: datetime) -> None:
        """Store entries that belong to no story."""
        same = (source_id, None, to_ms(now))
        for start in range(0, len(fresh), _AT_ONCE):
            some = fresh[start : start + _AT_ONCE]
            self._db.execute(_insert(len(some)), (*same, *_own(some)))

    def insert_one(self, source_id: int, fresh: FreshEntry, story_id: int, now: datetime) -> int:
        """Store an entry of a story and return its id."""
        same = (source_id, story_id, to_ms(now))
        done = self._db.execute(_insert(1), (*same, *_own([fresh])))
        assert done.lastrowid is not None
        return done.lastrowid

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
    return f"INSERT INTO entries ({_COLUMNS}) SELECT ?, ?, ?, * FROM (VALUES {own})"


def _known(told: str) -> list[KnownEntry]:
    ids, guids, links, titles, listed = json.loads(told)
    keys = map(tuple.__new__, repeat(EntryKeys), zip(guids, links, titles, strict=True))
    moments = {at: from_ms(at) for at in set(listed)}  # few: polls list many at once
    rows = zip(ids, keys, map(moments.__getitem__, listed), strict=True)
    return list(map(tuple.__new__, repeat(KnownEntry), rows))


def _own(fresh: Sequence[FreshEntry]) -> Iterable[int | str]:
    """Return what entries do not share with others of their feed, as the columns stand."""
    entries, keys, dates = zip(*fresh, strict=True)
    _, urls, titles, summaries, _ = zip(*entries, strict=True)
    stored = [summary[:_STORED_SUMMARY] for summary in summaries]
    columns = (*zip(*keys, strict=True), urls, titles, stored, map(to_ms, dates))
    return chain.from_iterable(zip(*columns, strict=True))
