"""Rules, and the watches by which communities share them."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.codec import make_converter
from domain.model import Rule, Space, Watch, WatchKind
from storage.rows import from_ms, to_ms

_converter = make_converter()
_UNDO = timedelta(days=1)
_COLUMNS = """w.id, w.space_id, w.kind, w.key, w.label, w.rule_id, r.body, w.since, w.shipped
    FROM watches w JOIN rules r ON r.id = w.rule_id"""


class Watches:
    """Queries about rules and watches. Every change raises the revision `watches`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def revision(self) -> int:
        """Return a number that grows with every change of watches, subscriptions or follows."""
        row = self._db.execute("SELECT number FROM revisions WHERE area = 'watches'").fetchone()
        number: int = row[0]
        return number

    def touch(self) -> None:
        """Note that something changed which others hold in memory."""
        self._db.execute("UPDATE revisions SET number = number + 1 WHERE area = 'watches'")

    def rules(self) -> dict[int, Rule]:
        """Return every rule that some watch uses."""
        rows = self._db.execute(
            """SELECT id, body FROM rules r WHERE EXISTS
            (SELECT 1 FROM watches w WHERE w.rule_id = r.id AND w.removed_at IS NULL)"""
        )
        return {row[0]: _rule_from_json(row[1]) for row in rows}

    def of(self, space: Space, kind: WatchKind | None = None) -> list[Watch]:
        """Return the space's watches by kind and label."""
        rows = self._db.execute(
            f"""SELECT {_COLUMNS} WHERE w.space_id = ? AND w.removed_at IS NULL
            AND (w.kind = ? OR ? IS NULL) ORDER BY w.kind, w.label COLLATE NOCASE""",
            (space.id, kind, kind),
        )
        return [_watch_from(row) for row in rows]

    def find(self, space: Space, kind: WatchKind, key: str) -> Watch | None:
        """Return one watch."""
        row = self._db.execute(
            f"""SELECT {_COLUMNS} WHERE w.space_id = ? AND w.kind = ? AND w.key = ?
            AND w.removed_at IS NULL""",
            (space.id, kind, key),
        ).fetchone()
        return _watch_from(row) if row else None

    def put(
        self, space: Space, kind: WatchKind, key: str, label: str, rule: Rule, now: datetime
    ) -> Watch:
        """Make the watch or give it another rule; it is the community's own from then on.

        One that was there keeps its `since`; one that was removed begins anew.
        """
        self._db.execute(
            """INSERT INTO watches (space_id, kind, key, label, rule_id, since)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (space_id, kind, key) DO UPDATE SET
                label = excluded.label, rule_id = excluded.rule_id, shipped = 0,
                since = CASE WHEN removed_at IS NULL THEN since ELSE excluded.since END,
                removed_at = NULL""",
            (space.id, kind, key, label, self.intern(rule), to_ms(now)),
        )
        self.touch()
        watch = self.find(space, kind, key)
        assert watch is not None
        return watch

    def remove(self, watch: Watch, now: datetime) -> None:
        """End a watch with the subscriptions to it; the record will not bring it back.

        What waits to be sent and no other watch asks for is dropped.
        """
        names = {
            "watch": watch.id, "space": watch.space_id, "rule": watch.rule_id, "now": to_ms(now)
        }  # fmt: skip
        self._db.execute("UPDATE watches SET removed_at = :now WHERE id = :watch", names)
        self._db.execute("DELETE FROM ended_subscriptions WHERE watch_id = :watch", names)
        self._db.execute(
            """INSERT INTO ended_subscriptions
            SELECT watch_id, channel_id, cadence, since, created_by, :now FROM subscriptions
            WHERE space_id = :space AND watch_id = :watch""",
            names,
        )
        self._db.execute(
            "DELETE FROM subscriptions WHERE space_id = :space AND watch_id = :watch", names
        )
        self._db.execute(
            """DELETE FROM deliveries WHERE state = 'waiting' AND space_id = :space
            AND EXISTS (SELECT 1 FROM entries e JOIN matches m ON m.entry_id = e.id
                WHERE e.story_id = deliveries.story_id AND m.rule_id = :rule)
            AND NOT EXISTS (SELECT 1 FROM entries e JOIN matches m ON m.entry_id = e.id
                JOIN watches w ON w.rule_id = m.rule_id AND w.space_id = :space
                WHERE e.story_id = deliveries.story_id AND w.removed_at IS NULL)""",
            names,
        )
        self.touch()

    def removed(self, space: Space, kind: WatchKind) -> list[Watch]:
        """Return the space's watches of a kind that ended."""
        rows = self._db.execute(
            f"""SELECT {_COLUMNS} WHERE w.space_id = ? AND w.removed_at IS NOT NULL
            AND w.kind = ? ORDER BY w.label COLLATE NOCASE""",
            (space.id, kind),
        )
        return [_watch_from(row) for row in rows]

    def bring_back(self, space: Space, kind: WatchKind, key: str, now: datetime) -> bool:
        """Take up a watch that ended, as it was; False if there is none.

        Within a day it is as if it had not ended, subscriptions included; after that it begins
        anew and nobody is subscribed.
        """
        row = self._db.execute(
            """SELECT id, removed_at FROM watches
            WHERE space_id = ? AND kind = ? AND key = ? AND removed_at IS NOT NULL""",
            (space.id, kind, key),
        ).fetchone()
        if row is None:
            return False
        names = {"watch": row[0], "now": to_ms(now), "soon": to_ms(now - _UNDO), "space": space.id}
        self._db.execute(
            """UPDATE watches SET since = CASE WHEN removed_at >= :soon THEN since ELSE :now END,
            removed_at = NULL WHERE id = :watch""",
            names,
        )
        self._db.execute(
            """INSERT INTO subscriptions
                (space_id, channel_id, watch_id, cadence, since, created_by)
            SELECT :space, channel_id, watch_id, cadence, since, created_by
            FROM ended_subscriptions WHERE watch_id = :watch AND ended_at >= :soon""",
            names,
        )
        self._db.execute("DELETE FROM ended_subscriptions WHERE watch_id = :watch", names)
        self.touch()
        return True

    def restore_shipped(self, space: Space, kind: WatchKind, key: str, now: datetime) -> bool:
        """Give the space the shipped watch again; False if the record has none of that key."""
        changed = self._db.execute(
            """INSERT INTO watches (space_id, kind, key, label, rule_id, shipped, since)
            SELECT ?, kind, key, label, rule_id, 1, ? FROM shipped_watches
            WHERE kind = ? AND key = ?
            ON CONFLICT (space_id, kind, key) DO UPDATE SET
                label = excluded.label, rule_id = excluded.rule_id, shipped = 1,
                since = CASE WHEN removed_at IS NULL THEN since ELSE excluded.since END,
                removed_at = NULL""",
            (space.id, to_ms(now), kind, key),
        )
        self.touch()
        return changed.rowcount > 0

    def ship(self, shipped: Iterable[tuple[WatchKind, str, str, Rule]], now: datetime) -> None:
        """Bring what the record watches to every space, leaving alone what a space changed."""
        rows = [(kind, key, label, self.intern(rule)) for kind, key, label, rule in shipped]
        self._db.execute("DELETE FROM shipped_watches")
        self._db.executemany("INSERT INTO shipped_watches VALUES (?, ?, ?, ?)", rows)
        self._db.execute(
            """UPDATE watches SET
                rule_id = (SELECT s.rule_id FROM shipped_watches s
                    WHERE s.kind = watches.kind AND s.key = watches.key),
                label = (SELECT s.label FROM shipped_watches s
                    WHERE s.kind = watches.kind AND s.key = watches.key)
            WHERE shipped = 1 AND EXISTS (SELECT 1 FROM shipped_watches s
                WHERE s.kind = watches.kind AND s.key = watches.key)"""
        )
        self._db.execute(
            """INSERT INTO watches (space_id, kind, key, label, rule_id, shipped, since)
            SELECT p.id, s.kind, s.key, s.label, s.rule_id, 1, ?
            FROM spaces p CROSS JOIN shipped_watches s WHERE true
            ON CONFLICT (space_id, kind, key) DO NOTHING""",
            (to_ms(now),),
        )
        self.touch()

    def intern(self, rule: Rule) -> int:
        """Return the id of the rule, stored if it is new."""
        body = _rule_to_json(rule)
        self._db.execute("INSERT INTO rules (body) VALUES (?) ON CONFLICT DO NOTHING", (body,))
        found: int = self._db.execute("SELECT id FROM rules WHERE body = ?", (body,)).fetchone()[0]
        return found


def _rule_to_json(rule: Rule) -> str:
    return json.dumps(_converter.unstructure(rule), ensure_ascii=False, sort_keys=True)


def _rule_from_json(body: str) -> Rule:
    return _converter.structure(json.loads(body), Rule)


def _watch_from(row: tuple[int, int, str, str, str, int, str, int, int]) -> Watch:
    return Watch(
        id=row[0],
        space_id=row[1],
        kind=WatchKind(row[2]),
        key=row[3],
        label=row[4],
        rule_id=row[5],
        rule=_rule_from_json(row[6]),
        since=from_ms(row[7]),
        shipped=bool(row[8]),
    )
