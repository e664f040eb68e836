"""Rosters: who holds which seat, and the districts that people asked to be remembered.

A roster is replaced as a whole in one transaction, so that half of one is never seen. Divisions
keep their numbers when it is: buttons and remembered districts name them.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.bills import Chamber
from domain.codec import make_converter
from domain.model import Space, Validators
from domain.people import Committee, Legislator, Represented, Roster, RosterState, Seat
from domain.text import fold
from storage.rows import from_ms, to_ms

_converter = make_converter()
_MOST = 100
_SEAT = """s.jurisdiction, s.state, s.chamber, s.chamber_name, s.district, d.ocd, s.title,
    s.members, s.division_id"""
_SeatRow = tuple[str, str, str, str, str, str, str, int, int]


class People:
    """Queries about legislators."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def states(self) -> list[RosterState]:
        """Return every roster that was ever asked for, by name."""
        files: defaultdict[str, list[tuple[str, Validators]]] = defaultdict(list)
        for name, url, etag, modified in self._db.execute(
            "SELECT roster, url, etag, last_modified FROM roster_files ORDER BY roster, url"
        ):
            files[name].append((url, Validators(etag=etag, last_modified=modified)))
        rows = self._db.execute(
            """SELECT name, as_of, tried_at, error, lines, members, seats FROM rosters
            ORDER BY name"""
        )
        return [
            RosterState(
                name=row[0],
                as_of=from_ms(row[1]),
                tried_at=from_ms(row[2]),
                error=row[3],
                lines=row[4],
                members=row[5],
                seats=row[6],
                files=tuple(files[row[0]]),
            )
            for row in rows
        ]

    def state(self, name: str) -> RosterState | None:
        """Return one roster's state; None if it was never asked for."""
        return next((one for one in self.states() if one.name == name), None)

    def swap(self, roster: Roster, files: Sequence[tuple[str, Validators]], now: datetime) -> None:
        """Put a roster in the place of the one that is kept."""
        for table in ("committee_members", "committees", "legislators", "seats", "roster_files"):
            self._db.execute(f"DELETE FROM {table} WHERE roster = ?", (roster.name,))
        divisions = {one.division for one in roster.seats}
        divisions |= {one.division for one in roster.legislators}
        self._db.executemany(
            "INSERT INTO divisions (ocd) VALUES (?) ON CONFLICT DO NOTHING",
            [(one,) for one in sorted(divisions)],
        )
        self._put_seats(roster)
        self._put_legislators(roster)
        self._put_committees(roster)
        self._db.executemany(
            "INSERT INTO roster_files (roster, url, etag, last_modified) VALUES (?, ?, ?, ?)",
            [(roster.name, url, held.etag, held.last_modified) for url, held in files],
        )
        self._db.execute(
            """INSERT INTO rosters (name, as_of, tried_at, error, lines, members, seats)
            VALUES (?, ?, ?, '', ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET as_of = excluded.as_of,
            tried_at = excluded.tried_at, error = '', lines = excluded.lines,
            members = excluded.members, seats = excluded.seats""",
            (
                roster.name,
                to_ms(now),
                to_ms(now),
                roster.lines,
                len(roster.legislators),
                sum(seat.members for seat in roster.seats),
            ),
        )

    def confirm(self, name: str, now: datetime) -> None:
        """Note that the copy that is kept is still what the publisher has."""
        self._db.execute(
            "UPDATE rosters SET as_of = ?, tried_at = ?, error = '' WHERE name = ?",
            (to_ms(now), to_ms(now), name),
        )

    def failed(self, name: str, why: str, now: datetime) -> None:
        """Note that a roster could not be had; the copy that is kept stays as it is."""
        self._db.execute(
            """INSERT INTO rosters (name, as_of, tried_at, error) VALUES (?, NULL, ?, ?)
            ON CONFLICT (name) DO UPDATE SET tried_at = excluded.tried_at,
            error = excluded.error""",
            (name, to_ms(now), why),
        )

    def holding(self, divisions: Iterable[str]) -> list[Represented]:
        """Return the seats of these divisions with who holds them: Congress first, House first."""
        return self._represented("d.ocd", list(divisions))

    def holding_numbers(self, numbers: Iterable[int]) -> list[Represented]:
        """Return the same for divisions by their numbers."""
        return self._represented("d.id", list(numbers))

    def seats_of(self, roster: str) -> list[Represented]:
        """Return every seat of a roster with who holds it, as `holding` orders them."""
        rows = self._db.execute(
            f"""SELECT {_SEAT} FROM seats s JOIN divisions d ON d.id = s.division_id
            WHERE s.roster = ? ORDER BY s.chamber, s.id""",
            (roster,),
        ).fetchall()
        members = self._db.execute(
            "SELECT division_id, chamber, district, body FROM legislators WHERE roster = ?"
            " ORDER BY name",
            (roster,),
        ).fetchall()
        return _joined(rows, [(roster, *one) for one in members])

    def by_key(self, key: str) -> Legislator | None:
        """Return the legislator with that key."""
        row = self._db.execute(
            "SELECT body FROM legislators WHERE key = ? ORDER BY roster LIMIT 1", (key,)
        ).fetchone()
        return _legislator(row[0]) if row else None

    def named(self, written: str, limit: int = _MOST) -> list[Legislator]:
        """Return the legislators whose names hold all these words, Congress first, by name."""
        words = fold(written).split()
        if not words:
            return []
        tests = " AND ".join(["instr(folded, ?) > 0"] * len(words))
        rows = self._db.execute(
            f"""SELECT body FROM legislators WHERE {tests}
            ORDER BY roster <> 'us', name, key LIMIT ?""",
            (*(f" {word} " for word in words), limit),
        )
        return [_legislator(row[0]) for row in rows]

    def names(self) -> list[str]:
        """Return the names of all legislators, each once, by name."""
        rows = self._db.execute("SELECT DISTINCT name FROM legislators ORDER BY name")
        return [row[0] for row in rows]

    def committee_members(self, committee: str) -> list[Legislator]:
        """Return who sits on a committee, by rank, the majority's first."""
        rows = self._db.execute(
            """SELECT l.body FROM committee_members m
            JOIN legislators l ON l.roster = m.roster AND l.key = m.legislator
            WHERE m.committee = ? ORDER BY m.rank, l.name""",
            (committee,),
        )
        return [_legislator(row[0]) for row in rows]

    def committees(self) -> list[Committee]:
        """Return all committees and their parts, by key."""
        rows = self._db.execute(
            "SELECT key, name, chamber, parent, site, phone FROM committees ORDER BY key"
        )
        return [
            Committee(
                key=row[0],
                name=row[1],
                chamber=Chamber(row[2]),
                parent=row[3],
                site=row[4],
                phone=row[5],
            )
            for row in rows
        ]

    def remember(self, space: Space, person: str, divisions: Sequence[int]) -> None:
        """Keep someone's districts, in the place of those kept before."""
        self.forget(space, person)
        self._db.executemany(
            "INSERT INTO remembered_districts (space_id, person, division_id) VALUES (?, ?, ?)",
            [(space.id, person, one) for one in dict.fromkeys(divisions)],
        )

    def remembered(self, space: Space, person: str) -> list[int]:
        """Return the numbers of the divisions kept for someone."""
        rows = self._db.execute(
            """SELECT division_id FROM remembered_districts
            WHERE space_id = ? AND person = ? ORDER BY division_id""",
            (space.id, person),
        )
        return [row[0] for row in rows]

    def forget(self, space: Space, person: str) -> bool:
        """Erase someone's districts; False if none were kept."""
        gone = self._db.execute(
            "DELETE FROM remembered_districts WHERE space_id = ? AND person = ?",
            (space.id, person),
        )
        return gone.rowcount > 0

    def _represented(self, column: str, wanted: list[str] | list[int]) -> list[Represented]:
        listed = json.dumps(wanted)
        rows = self._db.execute(
            f"""SELECT {_SEAT} FROM seats s JOIN divisions d ON d.id = s.division_id
            WHERE {column} IN (SELECT value FROM json_each(?))
            ORDER BY s.roster <> 'us', s.chamber = 'upper' AND s.roster = 'us', s.chamber <> 'upper', s.id""",
            (listed,),
        ).fetchall()
        members = self._db.execute(
            f"""SELECT l.roster, l.division_id, l.chamber, l.district, l.body
            FROM legislators l JOIN divisions d ON d.id = l.division_id
            WHERE {column} IN (SELECT value FROM json_each(?)) ORDER BY l.name""",
            (listed,),
        ).fetchall()
        return _joined(rows, members)

    def _put_seats(self, roster: Roster) -> None:
        self._db.executemany(
            """INSERT INTO seats (roster, division_id, jurisdiction, state, chamber,
            chamber_name, district, title, members)
            VALUES (?, (SELECT id FROM divisions WHERE ocd = ?), ?, ?, ?, ?, ?, ?, ?)""",
            [
                (
                    roster.name,
                    seat.division,
                    seat.jurisdiction,
                    seat.state,
                    seat.chamber,
                    seat.chamber_name,
                    seat.district,
                    seat.title,
                    seat.members,
                )
                for seat in roster.seats
            ],
        )

    def _put_legislators(self, roster: Roster) -> None:
        self._db.executemany(
            """INSERT INTO legislators (roster, key, division_id, chamber, district, name, folded,
            body) VALUES (?, ?, (SELECT id FROM divisions WHERE ocd = ?), ?, ?, ?, ?, ?)""",
            [
                (
                    roster.name,
                    one.key,
                    one.division,
                    one.chamber,
                    one.district,
                    one.name,
                    fold(f"{one.name} {one.family_name}"),
                    json.dumps(_converter.unstructure(one), ensure_ascii=False),
                )
                for one in roster.legislators
            ],
        )

    def _put_committees(self, roster: Roster) -> None:
        self._db.executemany(
            """INSERT INTO committees (roster, key, name, chamber, parent, site, phone)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            [
                (roster.name, one.key, one.name, one.chamber, one.parent, one.site, one.phone)
                for one in roster.committees
            ],
        )
        self._db.executemany(
            """INSERT INTO committee_members (roster, committee, legislator, rank)
            VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING""",
            [
                (roster.name, seat.committee, one.key, seat.rank)
                for one in roster.legislators
                for seat in one.committees
            ],
        )


def _joined(
    rows: Sequence[_SeatRow], members: Sequence[tuple[str, int, str, str, str]]
) -> list[Represented]:
    """Give each seat those who hold it.

    Two seats of a chamber can share a division, as D.C.'s at-large members and their chairman do;
    then the district's name tells them apart.
    """
    sharing: defaultdict[tuple[int, str], int] = defaultdict(int)
    for row in rows:
        sharing[row[8], row[2]] += 1
    held: defaultdict[tuple[int, str], list[tuple[str, Legislator]]] = defaultdict(list)
    for _, division, chamber, district, body in members:
        held[division, chamber].append((district, _legislator(body)))
    return [
        Represented(
            id=row[8],
            seat=Seat(
                jurisdiction=row[0],
                state=row[1],
                chamber=Chamber(row[2]),
                chamber_name=row[3],
                district=row[4],
                division=row[5],
                title=row[6],
                members=row[7],
            ),
            members=tuple(
                one
                for district, one in held[row[8], row[2]]
                if one.jurisdiction == row[0]
                and (sharing[row[8], row[2]] == 1 or fold(district) == fold(row[4]))
            ),
        )
        for row in rows
    ]


def _legislator(body: str) -> Legislator:
    return _converter.structure(json.loads(body), Legislator)
