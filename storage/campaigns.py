"""Campaigns, their targets, and the calls that people log.

The key that makes pseudonyms never leaves this module. Closing a campaign destroys it, and the
pseudonyms and hours with it.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from secrets import token_hex

from domain.bills import BillKey
from domain.calendars import zone_of
from domain.call_scripts import Position, Subject, SubjectKind
from domain.campaigns import (
    SHOWN_FOR,
    Callers,
    CallOutcome,
    Campaign,
    DayCount,
    Draft,
    Tally,
    Target,
    TargetTally,
    Turn,
    pseudonym,
)
from domain.model import Channel, Space
from storage.rows import from_ms, to_ms
from storage.spaces import channel_from

_SELECT = """SELECT a.id, a.space_id, a.title, a.subject_kind, a.subject, a.subject_label,
    a.subject_title, a.position, a.callers, a.goal, a.ends_at, a.started_at, a.closed_at, a.people,
    a.bill_outcome, a.revision, a.bill_jurisdiction, a.bill_session, a.bill_identifier, a.script,
    c.id, c.space_id, s.platform, s.external_id, c.external_id,
    c.paused_at, c.paused_because, c.zone
    FROM campaigns a JOIN channels c ON c.id = a.channel_id JOIN spaces s ON s.id = a.space_id"""
_CHANNEL = 20
_KEY_BYTES = 32


class Campaigns:
    """Queries about campaigns and calls."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def start(
        self, space: Space, channel: Channel, draft: Draft, by: str, now: datetime
    ) -> Campaign:
        """Keep a campaign with its targets and a key of its own."""
        subject = draft.subject
        row = self._db.execute(
            """INSERT INTO campaigns (space_id, channel_id, title, subject_kind, subject,
            subject_label, subject_title, position, callers, goal, ends_at, started_by, started_at,
            bill_jurisdiction, bill_session, bill_identifier, bill_outcome, script, caller_key)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            (
                space.id,
                channel.id,
                draft.title,
                subject.kind,
                subject.key,
                subject.label,
                subject.title,
                draft.position,
                draft.callers,
                draft.goal,
                to_ms(draft.ends_at),
                by,
                to_ms(now),
                draft.bill.jurisdiction if draft.bill else "",
                draft.bill.session if draft.bill else "",
                draft.bill.identifier if draft.bill else "",
                draft.bill_outcome,
                draft.script,
                token_hex(_KEY_BYTES),
            ),
        ).fetchone()
        self._db.executemany(
            """INSERT INTO campaign_targets (space_id, campaign_id, place, legislator, name, seat)
            VALUES (?, ?, ?, ?, ?, ?)""",
            [
                (space.id, row[0], place, one.key, one.name, one.seat)
                for place, one in enumerate(draft.targets)
            ],
        )
        (campaign,) = self._where("a.id = ?", row[0])
        return campaign

    def find(self, space: Space, campaign_id: int) -> Campaign | None:
        """Return a campaign of the space."""
        return next(iter(self._where("a.space_id = ? AND a.id = ?", space.id, campaign_id)), None)

    def of(self, space: Space, limit: int) -> list[Campaign]:
        """Return the space's campaigns, running ones first, then latest first."""
        order = "a.space_id = ? ORDER BY a.closed_at IS NOT NULL, a.id DESC LIMIT ?"
        return self._where(order, space.id, limit)

    def about(self, space: Space, subject: str) -> Campaign | None:
        """Return the space's latest running campaign about a bill or pledge."""
        found = self._where(
            "a.space_id = ? AND a.subject = ? AND a.closed_at IS NULL ORDER BY a.id DESC LIMIT 1",
            space.id,
            subject,
        )
        return next(iter(found), None)

    def ended(self, now: datetime) -> list[Campaign]:
        """Return the running campaigns of all spaces whose end has come."""
        return self._where("a.closed_at IS NULL AND a.ends_at <= ? ORDER BY a.id", to_ms(now))

    def on_open_bills(self) -> list[Campaign]:
        """Return the running campaigns of all spaces about bills not known to have ended."""
        return self._where(
            "a.closed_at IS NULL AND a.subject_kind = 'bill' AND a.bill_outcome = '' ORDER BY a.id"
        )

    def held(
        self, campaign_ids: Iterable[int | None], now: datetime
    ) -> dict[int, tuple[Campaign, Tally]]:
        """Return campaigns of any space by their number, with their tallies."""
        wanted = {one for one in campaign_ids if one is not None}
        if not wanted:
            return {}
        listed = json.dumps(sorted(wanted))
        found = self._where("a.id IN (SELECT value FROM json_each(?))", listed)
        tallies = self.tallies(wanted, now)
        return {one.id: (one, tallies[one.id]) for one in found}

    def bill_ended(self, campaign: Campaign, outcome: str) -> None:
        """Note how the campaign's bill ended."""
        self._db.execute(
            "UPDATE campaigns SET bill_outcome = ?, revision = revision + 1 WHERE id = ?",
            (outcome, campaign.id),
        )

    def close(self, campaign: Campaign, now: datetime) -> bool:
        """Close a campaign: keep its counts, destroy the key and all that tells callers apart.

        False if it was closed already.
        """
        done = self._db.execute(
            """UPDATE campaigns SET closed_at = ?, caller_key = NULL, revision = revision + 1,
            people = (SELECT count(DISTINCT l.caller) FROM calls l
                WHERE l.campaign_id = campaigns.id AND l.outcome <> 'skip')
            WHERE id = ? AND closed_at IS NULL""",
            (to_ms(now), campaign.id),
        )
        if not done.rowcount:
            return False
        self._db.execute(
            "DELETE FROM calls WHERE campaign_id = ? AND outcome IS NULL", (campaign.id,)
        )
        self._db.execute(
            "UPDATE calls SET caller = '', shown_at = 0, logged_at = NULL WHERE campaign_id = ?",
            (campaign.id,),
        )
        return True

    def tallies(self, campaign_ids: Iterable[int], now: datetime) -> dict[int, Tally]:
        """Return the calls of campaigns, counted by target and outcome."""
        listed = json.dumps(sorted(set(campaign_ids)))
        counts: defaultdict[tuple[int, int], dict[CallOutcome, int]] = defaultdict(dict)
        shown: dict[tuple[int, int], int] = {}
        under_way: dict[tuple[int, int], int] = {}
        for campaign, place, outcome, calls, last, recent in self._db.execute(
            """SELECT campaign_id, place, outcome, count(*), max(shown_at), sum(shown_at > ?)
            FROM calls WHERE campaign_id IN (SELECT value FROM json_each(?))
            GROUP BY campaign_id, place, outcome""",
            (to_ms(now - SHOWN_FOR), listed),
        ):
            key = (campaign, place)
            shown[key] = max(last, shown.get(key, 0))
            if outcome is None:
                under_way[key] = recent
            else:
                counts[key][CallOutcome(outcome)] = calls
        targets: defaultdict[int, list[TargetTally]] = defaultdict(list)
        for campaign, place, *told in self._db.execute(
            """SELECT campaign_id, place, legislator, name, seat FROM campaign_targets
            WHERE campaign_id IN (SELECT value FROM json_each(?)) ORDER BY campaign_id, place""",
            (listed,),
        ):
            key = (campaign, place)
            targets[campaign].append(
                TargetTally(
                    place=place,
                    target=_target(told),
                    outcomes=counts[key],
                    under_way=under_way.get(key, 0),
                    shown_at=from_ms(shown.get(key)),
                )
            )
        people = self._people(listed)
        return {
            one: Tally(targets=tuple(held), people=people.get(one, 0))
            for one, held in targets.items()
        }

    def open_turn(self, campaign: Campaign, actor: str, now: datetime) -> Turn | None:
        """Return the target that someone was just shown and has not told of."""
        row = self._db.execute(
            """SELECT id, place, outcome, logged_at FROM calls WHERE campaign_id = ? AND caller = ?
            AND outcome IS NULL AND shown_at > ? ORDER BY shown_at DESC, id DESC LIMIT 1""",
            (campaign.id, self._caller(campaign, actor), to_ms(now - SHOWN_FOR)),
        ).fetchone()
        return _turn(row) if row else None

    def turn(self, campaign: Campaign, actor: str, turn_id: int) -> Turn | None:
        """Return a turn of someone's own."""
        row = self._db.execute(
            """SELECT id, place, outcome, logged_at FROM calls
            WHERE id = ? AND campaign_id = ? AND caller = ?""",
            (turn_id, campaign.id, self._caller(campaign, actor)),
        ).fetchone()
        return _turn(row) if row else None

    def show(self, campaign: Campaign, actor: str, place: int, now: datetime) -> Turn:
        """Note that someone is shown a target."""
        row = self._db.execute(
            """INSERT INTO calls (space_id, campaign_id, place, caller, shown_at)
            VALUES (?, ?, ?, ?, ?) RETURNING id""",
            (campaign.space_id, campaign.id, place, self._caller(campaign, actor), to_ms(now)),
        ).fetchone()
        return Turn(id=row[0], place=place)

    def log(self, campaign: Campaign, turn: Turn, outcome: CallOutcome, now: datetime) -> bool:
        """Log what came of a turn, once; False if that was logged before."""
        done = self._db.execute(
            """UPDATE calls SET outcome = ?, day = ?, logged_at = ?
            WHERE id = ? AND outcome IS NULL""",
            (outcome, campaign.today(now).isoformat(), to_ms(now), turn.id),
        )
        return self._changed(campaign, outcome, done.rowcount)

    def undo(self, campaign: Campaign, turn: Turn, now: datetime) -> bool:
        """Take back what was logged of a turn; False if nothing was."""
        done = self._db.execute(
            """UPDATE calls SET outcome = NULL, day = '', logged_at = NULL, shown_at = ?
            WHERE id = ? AND outcome IS NOT NULL""",
            (to_ms(now), turn.id),
        )
        return self._changed(campaign, turn.outcome, done.rowcount)

    def mine(self, campaign: Campaign, actor: str, now: datetime) -> dict[int, set[CallOutcome]]:
        """Return what came of someone's calls today, by the target's place."""
        found: defaultdict[int, set[CallOutcome]] = defaultdict(set)
        for place, outcome in self._db.execute(
            """SELECT place, outcome FROM calls WHERE campaign_id = ? AND caller = ? AND day = ?
            AND outcome IS NOT NULL""",
            (campaign.id, self._caller(campaign, actor), campaign.today(now).isoformat()),
        ):
            found[place].add(CallOutcome(outcome))
        return found

    def by_day(self, campaign: Campaign) -> list[DayCount]:
        """Return the calls by day, target and outcome, in that order."""
        rows = self._db.execute(
            """SELECT l.day, l.outcome, count(*), t.legislator, t.name, t.seat FROM calls l
            JOIN campaign_targets t ON t.campaign_id = l.campaign_id AND t.place = l.place
            WHERE l.campaign_id = ? AND l.outcome <> 'skip'
            GROUP BY l.day, l.place, l.outcome ORDER BY l.day, l.place, l.outcome""",
            (campaign.id,),
        )
        return [
            DayCount(
                day=date.fromisoformat(day),
                target=_target(told),
                outcome=CallOutcome(outcome),
                calls=calls,
            )
            for day, outcome, calls, *told in rows
        ]

    def log_alone(self, space: Space, subject: str, once: str, outcome: str, day: date) -> bool:
        """Log a call outside a campaign, of which nothing is kept but this; `once` counts once."""
        done = self._db.execute(
            """INSERT INTO lone_calls (space_id, subject, once, outcome, day)
            VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
            (space.id, subject, once, outcome, day.isoformat()),
        )
        return done.rowcount > 0

    def undo_alone(self, space: Space, once: str, day: date) -> bool:
        """Take back a call that was logged on that day outside a campaign."""
        done = self._db.execute(
            "DELETE FROM lone_calls WHERE space_id = ? AND once = ? AND day = ?",
            (space.id, once, day.isoformat()),
        )
        return done.rowcount > 0

    def logged(self, space: Space, subject: str) -> dict[CallOutcome, int]:
        """Return the calls of the space about a bill or pledge, in campaigns and outside."""
        rows = self._db.execute(
            """SELECT outcome, count(*) FROM (
                SELECT outcome FROM lone_calls WHERE space_id = :space AND subject = :subject
                UNION ALL SELECT l.outcome FROM calls l JOIN campaigns a ON a.id = l.campaign_id
                WHERE a.space_id = :space AND a.subject = :subject AND l.outcome <> 'skip'
            ) GROUP BY outcome""",
            {"space": space.id, "subject": subject},
        )
        return {CallOutcome(outcome): calls for outcome, calls in rows}

    def busy(self, space: Space, legislators: Iterable[str], now: datetime) -> dict[str, int]:
        """Return how many calls to each of these were busy today, by the campaigns' zones."""
        counts: defaultdict[str, int] = defaultdict(int)
        days = [(now + timedelta(days=off)).date().isoformat() for off in (-1, 1)]
        for legislator, zone, day, calls in self._db.execute(
            """SELECT t.legislator, c.zone, l.day, count(*) FROM calls l
            JOIN campaigns a ON a.id = l.campaign_id
            JOIN channels c ON c.id = a.channel_id
            JOIN campaign_targets t ON t.campaign_id = l.campaign_id AND t.place = l.place
            WHERE l.space_id = ? AND l.outcome = 'busy' AND l.day BETWEEN ? AND ?
            AND t.legislator IN (SELECT value FROM json_each(?))
            GROUP BY t.legislator, c.zone, l.day""",
            (space.id, *days, json.dumps([*legislators])),
        ):
            if day == now.astimezone(zone_of(zone)).date().isoformat():
                counts[legislator] += calls
        return dict(counts)

    def _caller(self, campaign: Campaign, actor: str) -> str:
        """The pseudonym; of a closed campaign one that nobody has."""
        row = self._db.execute(
            "SELECT caller_key FROM campaigns WHERE id = ?", (campaign.id,)
        ).fetchone()
        return pseudonym(row[0], actor) if row and row[0] else "nobody"

    def _changed(self, campaign: Campaign, outcome: CallOutcome | None, rows: int) -> bool:
        """Whether there was something to change; the card shows no one who was skipped."""
        if rows and outcome is not CallOutcome.SKIPPED:
            self._db.execute(
                "UPDATE campaigns SET revision = revision + 1 WHERE id = ?", (campaign.id,)
            )
        return rows > 0

    def _people(self, listed: str) -> dict[int, int]:
        """How many people called: as kept for closed campaigns, as counted for running ones."""
        rows = self._db.execute(
            """SELECT a.id, CASE WHEN a.closed_at IS NULL THEN count(DISTINCT l.caller)
                ELSE a.people END
            FROM campaigns a LEFT JOIN calls l ON l.campaign_id = a.id AND l.outcome <> 'skip'
            WHERE a.id IN (SELECT value FROM json_each(?)) GROUP BY a.id""",
            (listed,),
        )
        return dict(rows.fetchall())

    def _where(self, condition: str, *values: object) -> list[Campaign]:
        rows = self._db.execute(f"{_SELECT} WHERE {condition}", values)
        return [
            Campaign(
                id=row[0],
                space_id=row[1],
                channel=channel_from(row[_CHANNEL:]),
                title=row[2],
                subject=Subject(kind=SubjectKind(row[3]), key=row[4], label=row[5], title=row[6]),
                position=Position(row[7]),
                callers=Callers(row[8]),
                goal=row[9],
                ends_at=from_ms(int(row[10])),
                started_at=from_ms(int(row[11])),
                closed_at=from_ms(row[12]),
                people=row[13],
                bill_outcome=row[14],
                revision=row[15],
                bill=BillKey(jurisdiction=row[16], session=row[17], identifier=row[18])
                if row[18]
                else None,
                script=row[19],
            )
            for row in rows
        ]


def _target(told: list[str]) -> Target:
    key, name, seat = told
    return Target(key=key, name=name, seat=seat)


def _turn(row: tuple[int, int, str | None, int | None]) -> Turn:
    outcome = CallOutcome(row[2]) if row[2] else None
    return Turn(id=row[0], place=row[1], outcome=outcome, logged_at=from_ms(row[3]))
