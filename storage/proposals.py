"""Proposals to a community's own record, and their reviews: nothing in them is ever edited."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from domain.codec import make_converter
from domain.model import Actor, Platform, Space, SpaceRef
from domain.proposals import Addition, Proposal, ProposalState, Review, Verdict
from storage.rows import from_ms, to_ms

_converter = make_converter()


class Proposals:
    """Queries about proposals. Who may review what is decided by `domain.proposals`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def add(self, space: Space, addition: Addition, actor: Actor, now: datetime) -> Proposal:
        """Keep a proposal, open for review."""
        done = self._db.execute(
            """INSERT INTO proposals (space_id, kind, company, pledge, body, proposed_by, at, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                space.id,
                addition.kind,
                addition.company,
                addition.pledge,
                _to_json(addition),
                actor.id,
                to_ms(now),
                ProposalState.OPEN,
            ),
        )
        assert done.lastrowid is not None
        return Proposal(id=done.lastrowid, addition=addition, proposed_by=actor.id, at=now)

    def find(self, space: Space, proposal_id: int) -> Proposal | None:
        """Return a proposal of the space with its reviews."""
        rows = self._db.execute(f"{_SELECT} WHERE space_id = ? AND id = ?", (space.id, proposal_id))
        return next(iter(self._with_reviews(rows.fetchall())), None)

    def same(self, space: Space, addition: Addition) -> Proposal | None:
        """Return an open or confirmed proposal that says just this."""
        rows = self._db.execute(
            f"{_SELECT} WHERE space_id = ? AND company = ? AND body = ? AND state IN (?, ?)",
            (
                space.id,
                addition.company,
                _to_json(addition),
                ProposalState.OPEN,
                ProposalState.CONFIRMED,
            ),
        )
        return next(iter(self._with_reviews(rows.fetchall())), None)

    def of(self, space: Space, state: ProposalState, limit: int) -> list[Proposal]:
        """Return the space's proposals in that state, oldest first."""
        rows = self._db.execute(
            f"{_SELECT} WHERE space_id = ? AND state = ? ORDER BY id LIMIT ?",
            (space.id, state, limit),
        )
        return self._with_reviews(rows.fetchall())

    def open_by(self, space: Space, actor: Actor) -> int:
        """Return how many proposals of the actor wait for review."""
        row = self._db.execute(
            """SELECT count(*) FROM proposals
            WHERE space_id = ? AND state = ? AND proposed_by = ?""",
            (space.id, ProposalState.OPEN, actor.id),
        ).fetchone()
        number: int = row[0]
        return number

    def everyones(self) -> list[tuple[SpaceRef, list[Proposal]]]:
        """Return all proposals, by the name of their space and oldest first."""
        rows = self._db.execute(
            """SELECT p.id, p.body, p.proposed_by, p.at, p.state, p.reason,
                s.platform, s.external_id
            FROM proposals p JOIN spaces s ON s.id = p.space_id
            ORDER BY s.platform, s.external_id, p.id"""
        ).fetchall()
        spaces = (SpaceRef(platform=Platform(row[6]), external_id=row[7]) for row in rows)
        held = zip(spaces, self._with_reviews(rows), strict=True)
        return [
            (ref, [proposal for _, proposal in each])
            for ref, each in groupby(held, key=itemgetter(0))
        ]

    def restore(self, held: Iterable[tuple[Space, Proposal]]) -> None:
        """Make these all the proposals there are, each with its number and its reviews."""
        rows = list(held)
        self._db.execute("DELETE FROM proposals")
        self._db.executemany(
            """INSERT INTO proposals
                (id, space_id, kind, company, pledge, body, proposed_by, at, state, reason)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            [
                (
                    one.id,
                    space.id,
                    one.addition.kind,
                    one.addition.company,
                    one.addition.pledge,
                    _to_json(one.addition),
                    one.proposed_by,
                    to_ms(one.at),
                    one.state,
                    one.reason,
                )
                for space, one in rows
            ],
        )
        self._db.executemany(
            _INSERT_REVIEW,
            [_review_row(space, one, review) for space, one in rows for review in one.reviews],
        )
        self._db.execute("UPDATE revisions SET number = number + 1 WHERE area = 'record'")

    def keep(self, space: Space, after: Proposal) -> None:
        """Keep the last review of `after` and what the proposal came to with it."""
        self._db.execute(_INSERT_REVIEW, _review_row(space, after, after.reviews[-1]))
        self._db.execute(
            "UPDATE proposals SET state = ?, reason = ? WHERE space_id = ? AND id = ?",
            (after.state, after.reason, space.id, after.id),
        )
        self._db.execute("UPDATE revisions SET number = number + 1 WHERE area = 'record'")

    def _with_reviews(self, rows: Sequence[tuple[Any, ...]]) -> list[Proposal]:
        """Proposals of the columns of `_SELECT`; one more query brings all their reviews."""
        held = self._db.execute(
            """SELECT proposal_id, actor, verdict, reason, alone, at FROM reviews
            WHERE proposal_id IN (SELECT value FROM json_each(?)) ORDER BY id""",
            (json.dumps([row[0] for row in rows]),),
        )
        reviews: defaultdict[int, list[Review]] = defaultdict(list)
        for proposal_id, actor, verdict, reason, alone, at in held:
            review = Review(
                actor=actor,
                verdict=Verdict(verdict),
                at=from_ms(at),
                reason=reason,
                alone=bool(alone),
            )
            reviews[proposal_id].append(review)
        return [
            Proposal(
                id=row[0],
                addition=addition_of(row[1]),
                proposed_by=row[2],
                at=from_ms(row[3]),
                state=ProposalState(row[4]),
                reason=row[5],
                reviews=tuple(reviews[row[0]]),
            )
            for row in rows
        ]


_SELECT = "SELECT id, body, proposed_by, at, state, reason FROM proposals"
_INSERT_REVIEW = """INSERT INTO reviews
    (space_id, proposal_id, actor, verdict, reason, alone, at) VALUES (?, ?, ?, ?, ?, ?, ?)"""


def _review_row(space: Space, proposal: Proposal, review: Review) -> tuple[str | int, ...]:
    return (
        space.id,
        proposal.id,
        review.actor,
        review.verdict,
        review.reason,
        int(review.alone),
        to_ms(review.at),
    )


@lru_cache(maxsize=2048)
def addition_of(body: str) -> Addition:
    """Read an addition as it is kept; what was read stays in memory, told by its text."""
    return _converter.structure(json.loads(body), Addition)


def _to_json(addition: Addition) -> str:
    return json.dumps(_converter.unstructure(addition), ensure_ascii=False, sort_keys=True)
