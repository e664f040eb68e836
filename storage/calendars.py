"""Which edition of a hearing calendars show. The hearings themselves are kept with their bills.

Bills may tell of one hearing each in its own way. The telling of the bill that was known first
counts: so an edition is new only when the hearing changed, not when another bill was read.
"""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.bills import BillKey, Hearing
from domain.calendars import KEPT, HeardBill, HearingEdition, over_at, starts_at
from domain.codec import make_converter
from domain.model import WatchKind
from storage.rows import from_ms, to_ms

_AT_MOST = 1000
_A_DAY = timedelta(days=1)  # the day at the place may be the one before or after that in UTC
_converter = make_converter()
_converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
_SELECT = """SELECT e.key, e.body, e.sequence, e.changed_at, e.since,
    b.jurisdiction, b.session, b.identifier, b.title, json_extract(b.body, '$.urls[0]')
    FROM hearing_editions e JOIN bill_hearings h ON h.key = e.key JOIN bills b ON b.id = h.bill_id"""
_ASKED = """SELECT b.id FROM json_each(:keys) j JOIN bills b
    ON b.jurisdiction = json_extract(j.value, '$[0]')
    AND b.session = json_extract(j.value, '$[1]') AND b.identifier = json_extract(j.value, '$[2]')"""


class Calendars:
    """Queries about editions of hearings."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def note(self, keys: Iterable[BillKey], now: datetime) -> int:
        """Make a new edition of each hearing of these bills that changed; return how many.

        The number of an edition is one more than that of the one before; `since` stays while the
        hearing is to be held at the same time. Set-wise, and idempotent.
        """
        done = self._db.execute(
            f"""INSERT INTO hearing_editions (key, body, sequence, changed_at, since)
            SELECT h.key, h.body, 0, :now, :now FROM bill_hearings h
            WHERE h.key IN (SELECT key FROM bill_hearings WHERE bill_id IN ({_ASKED}))
            AND NOT EXISTS (SELECT 1 FROM bill_hearings o
                WHERE o.key = h.key AND o.bill_id < h.bill_id)
            ON CONFLICT (key) DO UPDATE SET body = excluded.body, sequence = sequence + 1,
                changed_at = excluded.changed_at,
                since = CASE WHEN json_extract(body, '$.on') = json_extract(excluded.body, '$.on')
                    AND coalesce(json_extract(body, '$.at'), '')
                        = coalesce(json_extract(excluded.body, '$.at'), '')
                    AND coalesce(json_extract(body, '$.status'), '') <> 'cancelled'
                    THEN since ELSE excluded.since END
            WHERE body <> excluded.body""",
            {"keys": _keys(keys), "now": to_ms(now)},
        )
        return done.rowcount

    def of_bills(self, keys: Iterable[BillKey], now: datetime) -> list[HearingEdition]:
        """Return the hearings of these bills, in the order of time; cancelled ones too.

        Those that were over `KEPT` ago are left out, and of more than a thousand the last ones.
        """
        rows = self._db.execute(
            f"""{_SELECT} WHERE b.id IN ({_ASKED}) AND h.day >= :first
            ORDER BY h.day, e.key, b.id LIMIT :most""",
            {"keys": _keys(keys), "first": _day(now - KEPT - _A_DAY), "most": _AT_MOST},
        )
        kept = [one for one in _editions(rows) if over_at(one.hearing) > now - KEPT]
        return sorted(kept, key=_in_time)

    def ahead(self, now: datetime, until: datetime) -> list[HearingEdition]:
        """Return the hearings that are not over and begin by `until`, in the order of time."""
        rows = self._db.execute(
            f"""{_SELECT} WHERE h.day BETWEEN :first AND :last
            ORDER BY h.day, e.key, b.id""",
            {"first": _day(now - _A_DAY), "last": _day(until + _A_DAY)},
        )
        found = (
            one
            for one in _editions(rows)
            if over_at(one.hearing) > now and starts_at(one.hearing) <= until
        )
        return sorted(found, key=_in_time)

    def find(self, keys: Iterable[str]) -> dict[str, HearingEdition]:
        """Return hearings by key; what no bill tells of any more is left out."""
        rows = self._db.execute(
            f"{_SELECT} WHERE e.key IN (SELECT value FROM json_each(?)) ORDER BY e.key, b.id",
            (json.dumps(list(keys)),),
        )
        return {one.hearing.key: one for one in _editions(rows)}

    def watched(self, space_ids: Iterable[int], keys: Iterable[str]) -> set[tuple[int, str]]:
        """Return which of these spaces watch a bill under which of these keys."""
        rows = self._db.execute(
            """SELECT space_id, key FROM watches WHERE kind = ? AND removed_at IS NULL
            AND space_id IN (SELECT value FROM json_each(?))
            AND key IN (SELECT value FROM json_each(?))""",
            (WatchKind.BILL, json.dumps(list(space_ids)), json.dumps(list(keys))),
        )
        return {(row[0], row[1]) for row in rows}

    def forget_before(self, moment: datetime) -> None:
        """Drop the editions from before `moment` of what no bill tells of any more."""
        self._db.execute(
            """DELETE FROM hearing_editions WHERE changed_at < ?
            AND NOT EXISTS (SELECT 1 FROM bill_hearings h WHERE h.key = hearing_editions.key)""",
            (to_ms(moment),),
        )


def _editions(rows: Iterable[tuple]) -> list[HearingEdition]:  # type: ignore[type-arg]
    """Put rows together, one for each bill of a hearing."""
    bills: dict[str, list[HeardBill]] = {}
    first: dict[str, tuple] = {}  # type: ignore[type-arg]
    for row in rows:
        first.setdefault(row[0], row)
        key = BillKey(jurisdiction=row[5], session=row[6], identifier=row[7])
        bills.setdefault(row[0], []).append(HeardBill(key=key, title=row[8], url=row[9] or ""))
    return [
        HearingEdition(
            hearing=_converter.structure(json.loads(row[1]), Hearing),
            sequence=row[2],
            changed_at=from_ms(row[3]),
            since=from_ms(row[4]),
            bills=tuple(bills[key]),
        )
        for key, row in first.items()
    ]


def _in_time(edition: HearingEdition) -> tuple[datetime, str]:
    return starts_at(edition.hearing), edition.hearing.key


def _day(at: datetime) -> str:
    return at.date().isoformat()


def _keys(keys: Iterable[BillKey]) -> str:
    return json.dumps([(one.jurisdiction, one.session, one.identifier) for one in keys])
