"""Bills: what each legislature's source told of them, what came of it, what happened, who stands where.

A bill is one row however many sources tell of it: each source's last telling is a snapshot beside
it, and `body` is what `domain.bill_merging.merge` makes of them. Documents are JSON; the columns
are what queries need.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from domain.bill_changes import BillChange
from domain.bills import Bill, BillKey, Hearing
from domain.codec import make_converter
from domain.model import Actor, Rule, Space
from domain.record import Stance
from domain.tracked_bills import OwnPosition
from storage.calendars import Calendars
from storage.rows import from_ms, to_ms
from storage.subscriptions import DUE_AT

_converter = make_converter()
_converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
_ASKED = """JOIN json_each(:keys) j ON b.jurisdiction = json_extract(j.value, '$[0]')
    AND b.session = json_extract(j.value, '$[1]') AND b.identifier = json_extract(j.value, '$[2]')"""


class Seen(NamedTuple):
    """A source's telling of a bill: its id there, its mark, when it was last told or confirmed."""

    id: str
    mark: str
    at: datetime


class Bills:
    """Queries about bills."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def found(self, keys: Iterable[BillKey]) -> dict[BillKey, Bill]:
        """Return those of the bills that some source told of."""
        rows = self._db.execute(f"SELECT b.body FROM bills b {_ASKED}", {"keys": _keys(keys)})
        return {bill.key: bill for (body,) in rows for bill in (_bill(body),)}

    def numbered(self, identifiers: Collection[str], jurisdiction: str, limit: int) -> list[Bill]:
        """Return the bills with one of these numbers, of one place or of all, latest session first."""
        rows = self._db.execute(
            """SELECT body FROM bills WHERE identifier IN (SELECT value FROM json_each(:numbers))
            AND (:place = '' OR jurisdiction = :place OR jurisdiction LIKE '%/' || :place)
            ORDER BY session DESC, jurisdiction LIMIT :limit""",
            {"numbers": json.dumps(list(identifiers)), "place": jurisdiction, "limit": limit},
        )
        return [_bill(body) for (body,) in rows]

    def about(
        self, words: Collection[str], jurisdictions: Collection[str], limit: int
    ) -> list[Bill]:
        """Return bills whose title has all the words, in these places or in all, newest first."""
        rows = self._db.execute(
            """SELECT body FROM bills WHERE (:all
                OR jurisdiction IN (SELECT value FROM json_each(:places)))
            AND NOT EXISTS (SELECT 1 FROM json_each(:words) w
                WHERE instr(lower(title), w.value) = 0)
            ORDER BY changed_at DESC, id DESC LIMIT :limit""",
            {
                "all": not jurisdictions,
                "places": json.dumps(list(jurisdictions)),
                "words": json.dumps(list(words)),
                "limit": limit,
            },
        )
        return [_bill(body) for (body,) in rows]

    def snapshots(self, keys: Iterable[BillKey]) -> dict[BillKey, list[Bill]]:
        """Return each source's last telling of the bills, in the order in which they came."""
        rows = self._db.execute(
            f"""SELECT s.body FROM bills b {_ASKED}
            JOIN bill_snapshots s ON s.bill_id = b.id ORDER BY b.id, s.first_seen_at, s.source""",
            {"keys": _keys(keys)},
        )
        held: defaultdict[BillKey, list[Bill]] = defaultdict(list)
        for (body,) in rows:
            bill = _bill(body)
            held[bill.key].append(bill)
        return dict(held)

    def sighted(self, source: str, place: str) -> dict[BillKey, Seen]:
        """Return under which id and mark the source told of each bill of a place, and when."""
        rows = self._db.execute(
            """SELECT b.jurisdiction, b.session, b.identifier, s.source_id, s.mark, s.seen_at
            FROM bill_snapshots s JOIN bills b ON b.id = s.bill_id
            WHERE s.source = ? AND b.jurisdiction = ?""",
            (source, place),
        )
        return {
            BillKey(jurisdiction=row[0], session=row[1], identifier=row[2]): Seen(
                row[3], row[4], from_ms(row[5])
            )
            for row in rows
        }

    def with_hearings(self, place: str, first: date, last: date) -> set[BillKey]:
        """Return the bills of a place that have a hearing within these days."""
        rows = self._db.execute(
            """SELECT DISTINCT b.jurisdiction, b.session, b.identifier
            FROM bill_hearings h JOIN bills b ON b.id = h.bill_id
            WHERE h.day BETWEEN ? AND ? AND b.jurisdiction = ?""",
            (first.isoformat(), last.isoformat(), place),
        )
        return {BillKey(jurisdiction=row[0], session=row[1], identifier=row[2]) for row in rows}

    def keep(self, told: Mapping[BillKey, tuple[Bill, Bill]], now: datetime) -> None:
        """Keep bills as they are now: of each what is known in all, and the telling that is new.

        A telling has one sighting: its source and mark are kept beside it.
        """
        self._db.executemany(
            """INSERT INTO bills (jurisdiction, session, identifier, title, body, changed_at)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (jurisdiction, session, identifier) DO UPDATE SET
                title = excluded.title, body = excluded.body,
                changed_at = CASE WHEN body = excluded.body THEN changed_at
                    ELSE excluded.changed_at END""",
            [
                (*_parts(key), merged.title, _to_json(merged), to_ms(now))
                for key, (merged, _) in told.items()
            ],
        )
        self._db.executemany(
            """INSERT INTO bill_snapshots
                (bill_id, source, source_id, mark, first_seen_at, seen_at, body)
            SELECT id, ?, ?, ?, ?, ?, ? FROM bills
            WHERE jurisdiction = ? AND session = ? AND identifier = ?
            ON CONFLICT (bill_id, source) DO UPDATE SET source_id = excluded.source_id,
                mark = excluded.mark, seen_at = excluded.seen_at, body = excluded.body""",
            [
                (
                    snapshot.sources[0].source,
                    snapshot.sources[0].id,
                    snapshot.sources[0].mark,
                    to_ms(now),
                    to_ms(now),
                    _to_json(snapshot),
                    *_parts(key),
                )
                for key, (_, snapshot) in told.items()
            ],
        )
        self._keep_hearings({key: merged.hearings for key, (merged, _) in told.items()})
        Calendars(self._db).note(told, now)

    def seen_at(self, keys: Iterable[BillKey]) -> dict[BillKey, datetime]:
        """Return when some source last told, or confirmed, what is known of the bills."""
        rows = self._db.execute(
            f"""SELECT b.jurisdiction, b.session, b.identifier, max(s.seen_at)
            FROM bills b {_ASKED} JOIN bill_snapshots s ON s.bill_id = b.id GROUP BY b.id""",
            {"keys": _keys(keys)},
        )
        return {
            BillKey(jurisdiction=row[0], session=row[1], identifier=row[2]): from_ms(row[3])
            for row in rows
        }

    def _keep_hearings(self, held: Mapping[BillKey, Iterable[Hearing]]) -> None:
        self._db.execute(
            f"""DELETE FROM bill_hearings WHERE bill_id IN (SELECT b.id FROM bills b {_ASKED})""",
            {"keys": _keys(held)},
        )
        self._db.executemany(
            """INSERT INTO bill_hearings (bill_id, key, day, body)
            SELECT id, ?, ?, ? FROM bills
            WHERE jurisdiction = ? AND session = ? AND identifier = ? ON CONFLICT DO NOTHING""",
            [
                (one.key, one.on.isoformat(), _to_json(one), *_parts(key))
                for key, hearings in held.items()
                for one in hearings
            ],
        )

    def hearings(
        self, keys: Iterable[BillKey], first: date, last: date
    ) -> list[tuple[Bill, Hearing]]:
        """Return the hearings of the bills from `first` to `last`, by day; cancelled ones too."""
        rows = self._db.execute(
            f"""SELECT b.body, h.body FROM bills b {_ASKED}
            JOIN bill_hearings h ON h.bill_id = b.id
            WHERE h.day BETWEEN :first AND :last ORDER BY h.day, b.id, h.key""",
            {"keys": _keys(keys), "first": first.isoformat(), "last": last.isoformat()},
        )
        return [(_bill(bill), _hearing(hearing)) for bill, hearing in rows]

    def note(
        self, found: Mapping[BillKey, Iterable[BillChange]], now: datetime
    ) -> dict[BillKey, list[BillChange]]:
        """Keep what happened to stored bills; return what was not kept before."""
        rows = {(key, one.key): one for key, held in found.items() for one in held}
        fresh = self._db.execute(
            """INSERT INTO bill_events (bill_id, key, body, noted_at)
            SELECT b.id, json_extract(j.value, '$[3]'), json_extract(j.value, '$[4]'), :now
            FROM json_each(:rows) j JOIN bills b ON b.jurisdiction = json_extract(j.value, '$[0]')
                AND b.session = json_extract(j.value, '$[1]')
                AND b.identifier = json_extract(j.value, '$[2]')
            WHERE true ORDER BY j.key ON CONFLICT (bill_id, key) DO NOTHING
            RETURNING (SELECT json_array(jurisdiction, session, identifier) FROM bills
                WHERE id = bill_id), key""",
            {
                "now": to_ms(now),
                "rows": json.dumps(
                    [(*_parts(key), name, _to_json(one)) for (key, name), one in rows.items()]
                ),
            },
        ).fetchall()
        noted: defaultdict[BillKey, list[BillChange]] = defaultdict(list)
        for parts, name in fresh:
            place, session, number = json.loads(parts)
            key = BillKey(jurisdiction=place, session=session, identifier=number)
            noted[key].append(rows[key, name])
        return dict(noted)

    def told(
        self, asked: Collection[tuple[BillKey, datetime]]
    ) -> dict[tuple[BillKey, datetime], tuple[Bill, list[BillChange]]]:
        """Return bills as they are now with what was noted of each at the instant given with it."""
        rows = self._db.execute(
            """SELECT b.body, e.body, e.noted_at FROM json_each(:asked) j
            JOIN bills b ON b.jurisdiction = json_extract(j.value, '$[0]')
                AND b.session = json_extract(j.value, '$[1]')
                AND b.identifier = json_extract(j.value, '$[2]')
            JOIN bill_events e ON e.bill_id = b.id
                AND e.noted_at = json_extract(j.value, '$[3]')
            ORDER BY e.id""",
            {"asked": json.dumps([(*_parts(key), to_ms(at)) for key, at in asked])},
        )
        held: dict[tuple[BillKey, datetime], tuple[Bill, list[BillChange]]] = {}
        for body, change, noted_at in rows:
            bill = _bill(body)
            changes = held.setdefault((bill.key, from_ms(noted_at)), (bill, []))[1]
            changes.append(_converter.structure(json.loads(change), BillChange))
        return held

    def enqueue(
        self,
        noted: Iterable[tuple[str, Iterable[str], bool]],
        now: datetime,
        daily: datetime,
        weekly: datetime,
    ) -> int:
        """Queue a message for every channel that hears a watch of the bills; return how many.

        `noted` gives the notice that names what is told, the keys that watches of that bill may
        have, and whether it goes out now whatever the cadence; else a channel is told at the
        soonest time of its subscriptions to them. One that hears a bill by two watches is told
        once.
        """
        done = self._db.execute(
            f"""INSERT INTO deliveries (space_id, channel_id, kind, due_at, created_at, notice)
            SELECT s.space_id, s.channel_id, 'bill',
                CASE WHEN max(json_extract(j.value, '$[2]')) THEN :now ELSE {DUE_AT} END, :now,
                json_extract(j.value, '$[0]')
            FROM json_each(:noted) j
            JOIN watches w ON w.kind = 'bill' AND w.key = json_extract(j.value, '$[1]')
                AND w.removed_at IS NULL
            JOIN subscriptions s ON s.space_id = w.space_id
                AND (s.watch_id IS NULL OR s.watch_id = w.id)
            GROUP BY s.space_id, s.channel_id, json_extract(j.value, '$[0]')
            ORDER BY min(j.key)""",
            {
                "now": to_ms(now),
                "daily": to_ms(daily),
                "weekly": to_ms(weekly),
                "noted": json.dumps(
                    [(notice, key, at_once) for notice, keys, at_once in noted for key in keys]
                ),
            },
        )
        return done.rowcount

    def tracked(self) -> list[tuple[str, Rule]]:
        """Return key and rule of every bill that some community watches."""
        rows = self._db.execute(
            """SELECT DISTINCT w.key, r.body FROM watches w JOIN rules r ON r.id = w.rule_id
            WHERE w.kind = 'bill' AND w.removed_at IS NULL ORDER BY w.key"""
        )
        return [(key, _converter.structure(json.loads(body), Rule)) for key, body in rows]

    def noted(self, asked: Collection[tuple[int, str]]) -> dict[tuple[int, str], list[OwnPosition]]:
        """Return what spaces, by their ids, noted of bills."""
        rows = self._db.execute(
            """SELECT p.id, p.bill, p.who, p.stance, p.source, p.noted_by, p.at, p.space_id
            FROM json_each(:asked) j JOIN bill_positions p
                ON p.space_id = json_extract(j.value, '$[0]')
                AND p.bill = json_extract(j.value, '$[1]') AND p.removed_at IS NULL
            ORDER BY p.id""",
            {"asked": json.dumps(list(asked))},
        )
        held: defaultdict[tuple[int, str], list[OwnPosition]] = defaultdict(list)
        for row in rows:
            held[row[7], row[1]].append(_position(row[:7]))
        return dict(held)

    def positions(self, space: Space, bills: Collection[str] = ()) -> list[OwnPosition]:
        """Return what the space noted of these bills, or of all, oldest first."""
        rows = self._db.execute(
            """SELECT id, bill, who, stance, source, noted_by, at FROM bill_positions
            WHERE space_id = :space AND removed_at IS NULL
            AND (:all OR bill IN (SELECT value FROM json_each(:bills))) ORDER BY id""",
            {"space": space.id, "all": not bills, "bills": json.dumps(list(bills))},
        )
        return [_position(row) for row in rows]

    def put_position(
        self,
        space: Space,
        bill: str,
        who: str,
        stance: Stance,
        source: str,
        by: Actor,
        now: datetime,
    ) -> OwnPosition | None:
        """Note where someone stands, in the place of what was noted of them; return that."""
        before = self._db.execute(
            """UPDATE bill_positions SET removed_at = ? WHERE space_id = ? AND bill = ?
            AND who = ? COLLATE NOCASE AND removed_at IS NULL
            RETURNING id, bill, who, stance, source, noted_by, at""",
            (to_ms(now), space.id, bill, who),
        ).fetchone()
        self._db.execute(
            """INSERT INTO bill_positions (space_id, bill, who, stance, source, noted_by, at)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (space.id, bill, who, stance, source, by.id, to_ms(now)),
        )
        return _position(before) if before else None

    def drop_position(self, space: Space, bill: str, who: str, now: datetime) -> OwnPosition | None:
        """Take back what was noted of someone; None if nothing was."""
        row = self._db.execute(
            """UPDATE bill_positions SET removed_at = ? WHERE space_id = ? AND bill = ?
            AND who = ? COLLATE NOCASE AND removed_at IS NULL
            RETURNING id, bill, who, stance, source, noted_by, at""",
            (to_ms(now), space.id, bill, who),
        ).fetchone()
        return _position(row) if row else None


def _keys(keys: Iterable[BillKey]) -> str:
    return json.dumps([_parts(key) for key in keys])


def _parts(key: BillKey) -> tuple[str, str, str]:
    return key.jurisdiction, key.session, key.identifier


def _bill(body: str) -> Bill:
    return _converter.structure(json.loads(body), Bill)


def _hearing(body: str) -> Hearing:
    return _converter.structure(json.loads(body), Hearing)


def _to_json(document: Bill | Hearing | BillChange) -> str:
    return json.dumps(_converter.unstructure(document), ensure_ascii=False, sort_keys=True)


def _position(row: tuple[int, str, str, str, str, str, int]) -> OwnPosition:
    return OwnPosition(
        id=row[0],
        bill=row[1],
        who=row[2],
        stance=Stance(row[3]),
        source=row[4],
        noted_by=row[5],
        at=from_ms(row[6]),
    )
