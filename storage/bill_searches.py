"""Topics whose new bills are told: where each is searched for, when, and what was found."""

import json
import sqlite3
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from domain.bill_finds import BillSearch, FoundBy, NewBill
from domain.bills import BillKey
from domain.model import Watch
from storage.rows import from_ms, to_ms
from storage.subscriptions import DUE_AT

_SAME_FOR = timedelta(days=365)


class BillSearches:
    """Queries about searches for new bills."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def put(self, watch: Watch, places: Collection[str]) -> None:
        """Search for the topic in these places and in no others; none ends it."""
        self._db.execute(
            """DELETE FROM bill_searches WHERE watch_id = ?
            AND place NOT IN (SELECT value FROM json_each(?))""",
            (watch.id, json.dumps(list(places))),
        )
        self._db.executemany(
            """INSERT INTO bill_searches (watch_id, space_id, place) VALUES (?, ?, ?)
            ON CONFLICT DO NOTHING""",
            [(watch.id, watch.space_id, place) for place in places],
        )

    def places(self, watch: Watch) -> list[str]:
        """Return where the topic is searched for."""
        rows = self._db.execute(
            "SELECT place FROM bill_searches WHERE watch_id = ? ORDER BY place", (watch.id,)
        )
        return [place for (place,) in rows]

    def all(self) -> list[BillSearch]:
        """Return every search of a topic that is watched, with when each source is due for it."""
        rows = self._db.execute(
            """SELECT b.watch_id, json_extract(r.body, '$.query'), b.place,
                (SELECT json_group_object(p.source, json_array(p.next_at, p.begun))
                FROM bill_search_polls p
                WHERE p.watch_id = b.watch_id AND p.place = b.place)
            FROM bill_searches b JOIN watches w ON w.id = b.watch_id AND w.removed_at IS NULL
            JOIN rules r ON r.id = w.rule_id ORDER BY b.place, b.watch_id"""
        )
        return [
            BillSearch(
                watch_id=row[0],
                query=row[1],
                place=row[2],
                next_at={name: from_ms(at) for name, (at, _) in json.loads(row[3]).items()},
                begun=frozenset(name for name, (_, begun) in json.loads(row[3]).items() if begun),
            )
            for row in rows
        ]

    def searched(
        self,
        watch_ids: Iterable[int],
        source: str,
        place: str,
        next_at: datetime,
        *,
        answered: bool,
    ) -> None:
        """Note that a source was asked for these topics, and when it is asked again."""
        self._db.execute(
            """INSERT INTO bill_search_polls (watch_id, space_id, source, place, next_at, begun)
            SELECT id, space_id, :source, :place, :next_at, :answered FROM watches
            WHERE id IN (SELECT value FROM json_each(:watches))
            ON CONFLICT (watch_id, source, place) DO UPDATE SET next_at = excluded.next_at,
                begun = max(begun, excluded.begun)""",
            {
                "source": source,
                "place": place,
                "next_at": to_ms(next_at),
                "answered": answered,
                "watches": json.dumps(list(watch_ids)),
            },
        )

    def note(self, watch_ids: Collection[int], found: Iterable[NewBill], now: datetime) -> set[int]:
        """Keep what was found for these topics; return those for which some of it is new.

        A service may leave the session out: such a number is the same bill for a year.
        """
        rows = self._db.execute(
            """INSERT INTO found_bills (watch_id, space_id, jurisdiction, session, identifier,
                title, url, source, noted_at)
            SELECT w.id, w.space_id, json_extract(j.value, '$[0]'), json_extract(j.value, '$[1]'),
                json_extract(j.value, '$[2]'), json_extract(j.value, '$[3]'),
                json_extract(j.value, '$[4]'), json_extract(j.value, '$[5]'), :now
            FROM watches w CROSS JOIN json_each(:found) j
            WHERE w.id IN (SELECT value FROM json_each(:watches))
            AND NOT EXISTS (SELECT 1 FROM found_bills f WHERE f.watch_id = w.id
                AND f.jurisdiction = json_extract(j.value, '$[0]')
                AND f.identifier = json_extract(j.value, '$[2]')
                AND (f.session IN ('', json_extract(j.value, '$[1]'))
                    OR json_extract(j.value, '$[1]') = '')
                AND f.noted_at > :year_ago)
            ON CONFLICT DO NOTHING RETURNING watch_id""",
            {
                "now": to_ms(now),
                "year_ago": to_ms(now - _SAME_FOR),
                "watches": json.dumps(list(watch_ids)),
                "found": json.dumps(
                    [
                        (
                            one.key.jurisdiction,
                            one.key.session,
                            one.key.identifier,
                            one.title,
                            one.url,
                            one.source,
                        )
                        for one in found
                    ]
                ),
            },
        ).fetchall()
        return {watch_id for (watch_id,) in rows}

    def enqueue(
        self, notices: Iterable[tuple[int, str]], now: datetime, daily: datetime, weekly: datetime
    ) -> int:
        """Queue a message for every channel that hears one of the topics, by its watch.

        It goes out at the soonest time of the channel's subscriptions to the topic.
        """
        done = self._db.execute(
            f"""INSERT INTO deliveries (space_id, channel_id, kind, due_at, created_at, notice)
            SELECT s.space_id, s.channel_id, 'bill', {DUE_AT}, :now, json_extract(j.value, '$[1]')
            FROM json_each(:notices) j JOIN watches w ON w.id = json_extract(j.value, '$[0]')
            JOIN subscriptions s ON s.space_id = w.space_id
                AND (s.watch_id IS NULL OR s.watch_id = w.id)
            WHERE NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.channel_id = s.channel_id
                AND d.state = 'waiting' AND d.notice = json_extract(j.value, '$[1]'))
            GROUP BY s.space_id, s.channel_id, json_extract(j.value, '$[1]')
            ORDER BY min(j.key)""",
            {
                "now": to_ms(now),
                "daily": to_ms(daily),
                "weekly": to_ms(weekly),
                "notices": json.dumps(list(notices)),
            },
        )
        return done.rowcount

    def found(self, asked: Collection[FoundBy]) -> dict[FoundBy, tuple[str, list[NewBill]]]:
        """Return the topics' labels with what was found of each at the instant given with it."""
        rows = self._db.execute(
            """SELECT w.id, f.noted_at, w.label, f.jurisdiction, f.session, f.identifier, f.title,
                f.url, f.source
            FROM json_each(:asked) j JOIN watches w ON w.id = json_extract(j.value, '$[0]')
                AND w.removed_at IS NULL
            JOIN found_bills f ON f.watch_id = w.id
                AND f.noted_at = json_extract(j.value, '$[1]')
            ORDER BY f.jurisdiction, f.identifier""",
            {"asked": json.dumps([(one.watch_id, to_ms(one.at)) for one in asked])},
        )
        held: dict[FoundBy, tuple[str, list[NewBill]]] = {}
        for row in rows:
            by = FoundBy(watch_id=row[0], at=from_ms(row[1]))
            key = BillKey(jurisdiction=row[3], session=row[4], identifier=row[5])
            bill = NewBill(key=key, title=row[6], url=row[7], source=row[8])
            held.setdefault(by, (row[2], []))[1].append(bill)
        return held
