"""The pledge record: shipped documents, and what a community added laid over them."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from domain.codec import make_converter
from domain.model import Platform, Space, SpaceRef
from domain.proposals import Addition, ProposalState, with_additions
from domain.record import Coalition, Company, Record, RecordedBill
from storage.proposals import addition_of
from storage.rows import to_ms

_converter = make_converter()
Document = Company | RecordedBill | Coalition
_KINDS: dict[str, type[Document]] = {
    "company": Company,
    "bill": RecordedBill,
    "coalition": Coalition,
}


class RecordStore:
    """Queries about the record. Nothing is changed in place: a newer document replaces."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def revision(self) -> int:
        """Return a number that grows with every change of the record."""
        row = self._db.execute("SELECT number FROM revisions WHERE area = 'record'").fetchone()
        number: int = row[0]
        return number

    def spaces_with_additions(self) -> list[Space]:
        """Return the spaces that see another record than the shipped one."""
        rows = self._db.execute(
            """SELECT id, platform, external_id FROM spaces
            WHERE id IN (SELECT space_id FROM proposals WHERE state = ?) ORDER BY id""",
            (ProposalState.CONFIRMED,),
        )
        return [
            Space(id=row[0], ref=SpaceRef(platform=Platform(row[1]), external_id=row[2]))
            for row in rows
        ]

    def load(self, space: Space | None = None) -> Record:
        """Return the record as a space sees it, its own additions laid over; or the shipped one."""
        shipped = self._shipped()
        return with_additions(shipped, self._additions(space)) if space else shipped

    def _shipped(self) -> Record:
        rows = self._db.execute(
            """SELECT kind, body FROM record_documents
            WHERE replaced_at IS NULL ORDER BY kind, key"""
        )
        held: dict[str, list[Document]] = {kind: [] for kind in _KINDS}
        for kind, body in rows:
            held[kind].append(_document(kind, body))
        return Record(
            companies=tuple(one for one in held["company"] if isinstance(one, Company)),
            bills=tuple(one for one in held["bill"] if isinstance(one, RecordedBill)),
            coalitions=tuple(one for one in held["coalition"] if isinstance(one, Coalition)),
        )

    def _additions(self, space: Space) -> list[Addition]:
        """What the space added and confirmed, in the order it was proposed."""
        rows = self._db.execute(
            "SELECT body FROM proposals WHERE space_id = ? AND state = ? ORDER BY id",
            (space.id, ProposalState.CONFIRMED),
        )
        return [addition_of(body) for (body,) in rows]

    def ship(self, documents: Iterable[Document], now: datetime) -> int:
        """Make the shipped record these documents; return how many were new or changed."""
        current = {
            (kind, key): body
            for kind, key, body in self._db.execute(
                """SELECT kind, key, body FROM record_documents
                WHERE replaced_at IS NULL"""
            )
        }
        given = {(_kind_of(one), one.key): _to_json(one) for one in documents}
        gone = [name for name in current if given.get(name) != current[name]]
        fresh = [name for name in given if given[name] != current.get(name)]
        at = to_ms(now)
        self._db.executemany(
            """UPDATE record_documents SET replaced_at = ?
            WHERE replaced_at IS NULL AND kind = ? AND key = ?""",
            [(at, *name) for name in gone],
        )
        self._db.executemany(
            "INSERT INTO record_documents (kind, key, body, added_at) VALUES (?, ?, ?, ?)",
            [(*name, given[name], at) for name in fresh],
        )
        if gone or fresh:
            self._db.execute("UPDATE revisions SET number = number + 1 WHERE area = 'record'")
        return len(fresh)


@lru_cache(maxsize=1024)
def _document(kind: str, body: str) -> Document:
    """Read a document as it is kept; what was read stays in memory, told by its text."""
    return _converter.structure(json.loads(body), _KINDS[kind])


def _kind_of(document: Document) -> str:
    return next(kind for kind, shape in _KINDS.items() if isinstance(document, shape))


def _to_json(document: Document) -> str:
    return json.dumps(_converter.unstructure(document), ensure_ascii=False, sort_keys=True)
