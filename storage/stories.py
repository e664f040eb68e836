"""Stories, their matches, and how each community sees them."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.entries import Entries
from domain.model import (
    Field,
    Found,
    Outlet,
    StoryTrace,
    StoryView,
    ToldEntry,
    WatchKind,
    WatchMatch,
)
from domain.text import host
from storage.rows import entry_rows, from_ms, to_ms

_to_json = json.JSONEncoder(ensure_ascii=False).encode


class Stories:
    """Queries about stories and matches."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def next_ids(self) -> tuple[int, int]:
        """Return the ids that the next entry and the next story may have."""
        row = self._db.execute(
            """SELECT (SELECT coalesce(max(id), 0) FROM entries) + 1,
                (SELECT coalesce(max(id), 0) FROM stories) + 1"""
        ).fetchone()
        entry_id, story_id = row
        return entry_id, story_id

    def add(
        self, told: Sequence[ToldEntry], stories: Sequence[int], first_id: int, now: datetime
    ) -> None:
        """Store entries under ids from `first_id` on, each in its story; new stories begin."""
        self._db.executemany(
            "INSERT INTO stories (id, started_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(story_id, to_ms(now)) for story_id in set(stories)],
        )
        ids = range(first_id, first_id + len(told))
        rows = entry_rows(Entries.of(one.entry for one in told), [one.dated_at for one in told])
        self._db.executemany(
            """INSERT INTO entries (id, story_id, source_id, listed_at, link,
                guid, url, title, summary, published_at, dated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            [
                (entry_id, story_id, one.source_id, to_ms(now), one.link, *row)
                for entry_id, story_id, one, row in zip(ids, stories, told, rows, strict=True)
            ],
        )
        self._db.executemany(
            "INSERT INTO matches (entry_id, rule_id, found) VALUES (?, ?, ?)",
            [
                (entry_id, match.rule_id, _found_to_json(match.found))
                for entry_id, one in zip(ids, told, strict=True)
                for match in one.matches
            ],
        )

    def writes_of_others(self) -> int:
        """Return a number that changes when another process has written anything."""
        row = self._db.execute("PRAGMA data_version").fetchone()
        number: int = row[0]
        return number

    def traces_after(self, entry_id: int, since: datetime) -> list[StoryTrace]:
        """Return the entries of stories with a higher id that are dated after `since`."""
        rows = self._db.execute(
            """SELECT e.id, e.story_id, e.source_id, e.title, e.summary, e.link, e.dated_at,
                group_concat(m.rule_id)
            FROM entries e JOIN matches m ON m.entry_id = e.id
            WHERE e.id > ? AND e.story_id IS NOT NULL AND e.dated_at > ?
            GROUP BY e.id ORDER BY e.id""",
            (entry_id, to_ms(since)),
        )
        return [
            StoryTrace(
                entry_id=row[0],
                story_id=row[1],
                source_id=row[2],
                title=row[3],
                summary=row[4],
                link=row[5],
                dated_at=from_ms(row[6]),
                rules=frozenset(map(int, row[7].split(","))),
            )
            for row in rows
        ]

    def views(self, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], StoryView]:
        """Return, for each (space, story), the story as that space may see it.

        Only outlets the space follows and watches of its own are in it; a story of which the
        space may see nothing any more is left out. Set-wise: two queries whatever the number.
        """
        pairs = json.dumps(sorted(set(wanted)))
        outlets = self._outlets(pairs)
        matches = self._matches(pairs)
        views = {}
        for key, rows in outlets.items():
            first = rows[0]
            views[key] = StoryView(
                story_id=key[1],
                title=first[1],
                url=first[2],
                summary=first[3],
                published_at=from_ms(first[4]),
                outlets=_one_per_source(rows),
                matches=tuple(matches.get(key, ())),
            )
        return views

    def newest_entry(self, story_ids: Iterable[int]) -> dict[int, int]:
        """Return the highest entry id of each story."""
        rows = self._db.execute(
            """SELECT story_id, max(id) FROM entries
            WHERE story_id IN (SELECT value FROM json_each(?)) GROUP BY story_id""",
            (json.dumps(list(story_ids)),),
        )
        return dict(rows.fetchall())

    def found(self, story_id: int, space_id: int) -> list[tuple[WatchMatch, str, Found]]:
        """Return, for “why this alert?”, each watch with the headline or summary and the place."""
        rows = self._db.execute(
            """SELECT w.kind, w.key, w.label, e.title, e.summary, m.found
            FROM entries e JOIN matches m ON m.entry_id = e.id
            JOIN watches w ON w.rule_id = m.rule_id AND w.space_id = ? AND w.removed_at IS NULL
            JOIN follows f ON f.source_id = e.source_id AND f.space_id = w.space_id
            WHERE e.story_id = ? ORDER BY w.kind, w.label, e.id""",
            (space_id, story_id),
        )
        told = []
        for kind, key, label, title, summary, found in rows:
            match = WatchMatch(kind=WatchKind(kind), key=key, label=label, words=())
            told += [
                (match, title if place.field is Field.TITLE else summary, place)
                for place in _found_from_json(found)
            ]
        return told

    def recent_entries(
        self, space_id: int, since: datetime, limit: int
    ) -> list[tuple[str, str, str, str, datetime]]:
        """Return title, summary, url, outlet and date of what the space's sources brought."""
        rows = self._db.execute(
            """SELECT e.title, e.summary, e.url, coalesce(nullif(o.title, ''), o.url), e.dated_at
            FROM entries e JOIN follows f ON f.source_id = e.source_id
            JOIN sources o ON o.id = e.source_id
            WHERE f.space_id = ? AND e.dated_at > ? ORDER BY e.dated_at DESC LIMIT ?""",
            (space_id, to_ms(since), limit),
        )
        return [(*row[:4], from_ms(row[4])) for row in rows]

    def _outlets(self, pairs: str) -> dict[tuple[int, int], list[tuple]]:  # type: ignore[type-arg]
        rows = self._db.execute(
            """SELECT p.value ->> 0, p.value ->> 1, e.source_id, e.title, e.url, e.summary,
                e.dated_at, o.title, o.url
            FROM json_each(?) p JOIN entries e ON e.story_id = p.value ->> 1
            JOIN follows f ON f.source_id = e.source_id AND f.space_id = p.value ->> 0
            JOIN sources o ON o.id = e.source_id
            ORDER BY e.id""",
            (pairs,),
        )
        told: dict[tuple[int, int], list[tuple]] = defaultdict(list)  # type: ignore[type-arg]
        for row in rows:
            told[row[0], row[1]].append(row[2:])
        return told

    def _matches(self, pairs: str) -> dict[tuple[int, int], list[WatchMatch]]:
        rows = self._db.execute(
            """SELECT p.value ->> 0, p.value ->> 1, w.kind, w.key, w.label, min(m.found)
            FROM json_each(?) p JOIN entries e ON e.story_id = p.value ->> 1
            JOIN follows f ON f.source_id = e.source_id AND f.space_id = p.value ->> 0
            JOIN matches m ON m.entry_id = e.id
            JOIN watches w ON w.rule_id = m.rule_id AND w.space_id = p.value ->> 0
                AND w.removed_at IS NULL
            GROUP BY 1, 2, w.id ORDER BY 1, 2, w.kind, w.label""",
            (pairs,),
        )
        told: dict[tuple[int, int], list[WatchMatch]] = defaultdict(list)
        for space_id, story_id, kind, key, label, found in rows:
            words = tuple(dict.fromkeys(place.words for place in _found_from_json(found)))
            told[space_id, story_id].append(
                WatchMatch(kind=WatchKind(kind), key=key, label=label, words=words)
            )
        return told


def _one_per_source(rows: Iterable[tuple]) -> tuple[Outlet, ...]:  # type: ignore[type-arg]
    outlets: dict[int, Outlet] = {}
    for source_id, title, url, _summary, _dated, name, address in rows:
        outlets.setdefault(
            source_id,
            Outlet(source_id=source_id, name=name or host(address), url=url, title=title),
        )
    return tuple(outlets.values())


def _found_to_json(found: Iterable[Found]) -> str:
    return _to_json([[place.field, place.start, place.end, place.words] for place in found])


def _found_from_json(written: str) -> list[Found]:
    return [
        Found(field=Field(field), start=start, end=end, words=words)
        for field, start, end, words in json.loads(written)
    ]
