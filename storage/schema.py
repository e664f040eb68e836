"""The tables, as append-only migrations. Instants are UTC milliseconds, flags 0 or 1.

Every row that belongs to a community carries its space. Sources, entries, stories and rules are
global: they are polled, read and matched once however many communities share them.
"""

import sqlite3

from sqlite_utils import Database as SqliteUtils
from sqlite_utils import Migrations

from storage.schema_contacts import CONTACT_TABLES

migrations = Migrations("pledgewatch")

_FIRST = (
    """CREATE TABLE spaces (
        id INTEGER PRIMARY KEY,
        platform TEXT NOT NULL,
        external_id TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (platform, external_id)
    ) STRICT""",
    """CREATE TABLE channels (
        id INTEGER PRIMARY KEY,
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        external_id TEXT NOT NULL,
        paused_at INTEGER,
        paused_because TEXT NOT NULL DEFAULT '',
        zone TEXT NOT NULL DEFAULT '',
        next_at INTEGER NOT NULL DEFAULT 0,
        lease_until INTEGER NOT NULL DEFAULT 0,
        UNIQUE (space_id, external_id)
    ) STRICT""",
    """CREATE TABLE sources (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        url TEXT NOT NULL,
        title TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL DEFAULT 'active',
        etag TEXT NOT NULL DEFAULT '',
        last_modified TEXT NOT NULL DEFAULT '',
        body_hash TEXT NOT NULL DEFAULT '',
        interval_s INTEGER NOT NULL,
        next_poll_at INTEGER NOT NULL,
        lease_until INTEGER NOT NULL DEFAULT 0,
        failures INTEGER NOT NULL DEFAULT 0,
        last_error TEXT NOT NULL DEFAULT '',
        last_polled_at INTEGER,
        last_ok_at INTEGER,
        moved_to TEXT NOT NULL DEFAULT '',
        moved_times INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    "CREATE INDEX sources_due ON sources (state, next_poll_at)",
    # A community follows a source; nothing older than `since` reaches it.
    """CREATE TABLE follows (
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        source_id INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
        since INTEGER NOT NULL,
        added_by TEXT NOT NULL,
        PRIMARY KEY (space_id, source_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX follows_source ON follows (source_id)",
    """CREATE TABLE stories (
        id INTEGER PRIMARY KEY,
        started_at INTEGER NOT NULL
    ) STRICT""",
    # `dated_at` is the date an entry counts from. `link` is what tells its link again, of those in
    # a story.
    """CREATE TABLE entries (
        id INTEGER PRIMARY KEY,
        source_id INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
        story_id INTEGER REFERENCES stories ON DELETE SET NULL,
        guid TEXT NOT NULL,
        url TEXT NOT NULL,
        title TEXT NOT NULL,
        summary TEXT NOT NULL,
        published_at INTEGER,
        dated_at INTEGER NOT NULL,
        listed_at INTEGER NOT NULL,
        link TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE INDEX entries_source ON entries (source_id, listed_at)",
    "CREATE INDEX entries_story ON entries (story_id) WHERE story_id IS NOT NULL",
    """CREATE TABLE rules (
        id INTEGER PRIMARY KEY,
        body TEXT NOT NULL UNIQUE
    ) STRICT""",
    """CREATE TABLE matches (
        entry_id INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
        rule_id INTEGER NOT NULL REFERENCES rules,
        found TEXT NOT NULL,
        PRIMARY KEY (entry_id, rule_id)
    ) STRICT, WITHOUT ROWID""",
    # What a new community watches from the start.
    """CREATE TABLE shipped_watches (
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        label TEXT NOT NULL,
        rule_id INTEGER NOT NULL REFERENCES rules,
        PRIMARY KEY (kind, key)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE watches (
        id INTEGER PRIMARY KEY,
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        label TEXT NOT NULL,
        rule_id INTEGER NOT NULL REFERENCES rules,
        shipped INTEGER NOT NULL DEFAULT 0,
        since INTEGER NOT NULL,
        removed_at INTEGER,
        UNIQUE (space_id, kind, key)
    ) STRICT""",
    "CREATE INDEX watches_rule ON watches (rule_id)",
    "CREATE INDEX watches_key ON watches (kind, key)",
    """CREATE TABLE subscriptions (
        id INTEGER PRIMARY KEY,
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        channel_id INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
        watch_id INTEGER REFERENCES watches ON DELETE CASCADE,
        cadence TEXT NOT NULL,
        since INTEGER NOT NULL,
        created_by TEXT NOT NULL
    ) STRICT""",
    "CREATE UNIQUE INDEX subscriptions_one ON subscriptions (channel_id, coalesce(watch_id, 0))",
    "CREATE INDEX subscriptions_space ON subscriptions (space_id)",
    # Subscriptions that ended with their watch; they come back when that is undone soon.
    """CREATE TABLE ended_subscriptions (
        watch_id INTEGER NOT NULL REFERENCES watches ON DELETE CASCADE,
        channel_id INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
        cadence TEXT NOT NULL,
        since INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        ended_at INTEGER NOT NULL,
        PRIMARY KEY (watch_id, channel_id)
    ) STRICT, WITHOUT ROWID""",
    *CONTACT_TABLES,
    # The outbox and its history. A post is there once for a channel and a story.
    """CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY,
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        channel_id INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
        story_id INTEGER REFERENCES stories ON DELETE CASCADE,
        campaign_id INTEGER REFERENCES campaigns ON DELETE CASCADE,
        kind TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'waiting',
        digest INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        message TEXT NOT NULL DEFAULT '',
        shows_entry INTEGER NOT NULL DEFAULT 0,
        notice TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '',
        created_at INTEGER NOT NULL,
        settled_at INTEGER
    ) STRICT""",
    """CREATE UNIQUE INDEX deliveries_post ON deliveries (channel_id, story_id)
        WHERE kind = 'post'""",
    """CREATE UNIQUE INDEX deliveries_edit ON deliveries (channel_id, story_id)
        WHERE kind = 'edit' AND state = 'waiting'""",
    """CREATE UNIQUE INDEX deliveries_card ON deliveries (campaign_id) WHERE kind = 'card'""",
    """CREATE UNIQUE INDEX deliveries_card_edit ON deliveries (campaign_id)
        WHERE kind = 'card edit' AND state = 'waiting'""",
    "CREATE INDEX deliveries_campaign ON deliveries (campaign_id) WHERE campaign_id IS NOT NULL",
    "CREATE INDEX deliveries_waiting ON deliveries (due_at, channel_id) WHERE state = 'waiting'",
    "CREATE INDEX deliveries_story ON deliveries (story_id)",
    """CREATE INDEX deliveries_settled ON deliveries (settled_at)
        WHERE settled_at IS NOT NULL""",
    # The shipped record; what a community added lies over it, in `proposals`.
    """CREATE TABLE record_documents (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        body TEXT NOT NULL,
        added_at INTEGER NOT NULL,
        replaced_at INTEGER
    ) STRICT""",
    """CREATE UNIQUE INDEX record_current ON record_documents (kind, key)
        WHERE replaced_at IS NULL""",
    # What a community proposes to add to the record, and each step of its review.
    """CREATE TABLE proposals (
        id INTEGER PRIMARY KEY,
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        kind TEXT NOT NULL,
        company TEXT NOT NULL,
        pledge TEXT,
        body TEXT NOT NULL,
        proposed_by TEXT NOT NULL,
        at INTEGER NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE INDEX proposals_space ON proposals (space_id, state)",
    """CREATE TABLE reviews (
        id INTEGER PRIMARY KEY,
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        proposal_id INTEGER NOT NULL REFERENCES proposals ON DELETE CASCADE,
        actor TEXT NOT NULL,
        verdict TEXT NOT NULL,
        reason TEXT NOT NULL DEFAULT '',
        alone INTEGER NOT NULL DEFAULT 0,
        at INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX reviews_proposal ON reviews (proposal_id)",
    # What the record gave to tell and was told, to everyone or to one community.
    """CREATE TABLE told_occasions (
        id INTEGER PRIMARY KEY,
        space_id INTEGER REFERENCES spaces ON DELETE CASCADE,
        key TEXT NOT NULL,
        told_at INTEGER NOT NULL
    ) STRICT""",
    "CREATE UNIQUE INDEX told_once ON told_occasions (key, coalesce(space_id, 0))",
    # Bills. `body` is what all sources tell together; a snapshot is what one of them told last,
    # under its own id, with the mark by which it says that nothing changed.
    """CREATE TABLE bills (
        id INTEGER PRIMARY KEY,
        jurisdiction TEXT NOT NULL,
        session TEXT NOT NULL,
        identifier TEXT NOT NULL,
        title TEXT NOT NULL,
        body TEXT NOT NULL,
        changed_at INTEGER NOT NULL,
        UNIQUE (jurisdiction, session, identifier)
    ) STRICT""",
    "CREATE INDEX bills_number ON bills (identifier)",
    """CREATE TABLE bill_snapshots (
        bill_id INTEGER NOT NULL REFERENCES bills ON DELETE CASCADE,
        source TEXT NOT NULL,
        source_id TEXT NOT NULL,
        mark TEXT NOT NULL,
        first_seen_at INTEGER NOT NULL,
        seen_at INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (bill_id, source)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX bill_snapshots_source ON bill_snapshots (source, source_id, mark)",
    # What happened to bills; what was noted at one instant is told in one message.
    """CREATE TABLE bill_events (
        id INTEGER PRIMARY KEY,
        bill_id INTEGER NOT NULL REFERENCES bills ON DELETE CASCADE,
        key TEXT NOT NULL,
        body TEXT NOT NULL,
        noted_at INTEGER NOT NULL,
        UNIQUE (bill_id, key)
    ) STRICT""",
    "CREATE INDEX bill_events_noted ON bill_events (bill_id, noted_at)",
    """CREATE TABLE bill_hearings (
        bill_id INTEGER NOT NULL REFERENCES bills ON DELETE CASCADE,
        key TEXT NOT NULL,
        day TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (bill_id, key)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX bill_hearings_day ON bill_hearings (day)",
    "CREATE INDEX bill_hearings_key ON bill_hearings (key, bill_id)",
    # What calendars show of a hearing; each change of it is one edition more.
    """CREATE TABLE hearing_editions (
        key TEXT PRIMARY KEY,
        body TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        changed_at INTEGER NOT NULL,
        since INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID""",
    # How each legislature's service was doing for each place; the cursor is the service's own.
    """CREATE TABLE legislature_polls (
        source TEXT NOT NULL,
        place TEXT NOT NULL,
        next_at INTEGER NOT NULL,
        cursor TEXT NOT NULL,
        hearings_at INTEGER,
        failures INTEGER NOT NULL,
        last_error TEXT NOT NULL,
        polled_at INTEGER,
        ok_at INTEGER,
        PRIMARY KEY (source, place)
    ) STRICT, WITHOUT ROWID""",
    # Bills that a service said it does not have.
    """CREATE TABLE bill_absences (
        source TEXT NOT NULL,
        jurisdiction TEXT NOT NULL,
        session TEXT NOT NULL,
        identifier TEXT NOT NULL,
        noted_at INTEGER NOT NULL,
        PRIMARY KEY (source, jurisdiction, session, identifier)
    ) STRICT, WITHOUT ROWID""",
    # Topics whose new bills are told, by place; when each source is asked again; what was found.
    """CREATE TABLE bill_searches (
        watch_id INTEGER NOT NULL REFERENCES watches ON DELETE CASCADE,
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        place TEXT NOT NULL,
        PRIMARY KEY (watch_id, place)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE bill_search_polls (
        watch_id INTEGER NOT NULL REFERENCES watches ON DELETE CASCADE,
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        source TEXT NOT NULL,
        place TEXT NOT NULL,
        next_at INTEGER NOT NULL,
        begun INTEGER NOT NULL,
        PRIMARY KEY (watch_id, source, place)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE found_bills (
        watch_id INTEGER NOT NULL REFERENCES watches ON DELETE CASCADE,
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        jurisdiction TEXT NOT NULL,
        session TEXT NOT NULL,
        identifier TEXT NOT NULL,
        title TEXT NOT NULL,
        url TEXT NOT NULL,
        source TEXT NOT NULL,
        noted_at INTEGER NOT NULL,
        PRIMARY KEY (watch_id, jurisdiction, session, identifier)
    ) STRICT, WITHOUT ROWID""",
    # Who stands where, as a community noted it; `bill` is what its watches call the bill.
    """CREATE TABLE bill_positions (
        id INTEGER PRIMARY KEY,
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        bill TEXT NOT NULL,
        who TEXT NOT NULL,
        stance TEXT NOT NULL,
        source TEXT NOT NULL,
        noted_by TEXT NOT NULL,
        at INTEGER NOT NULL,
        removed_at INTEGER
    ) STRICT""",
    """CREATE UNIQUE INDEX bill_positions_one ON bill_positions (space_id, bill, who COLLATE NOCASE)
        WHERE removed_at IS NULL""",
    """CREATE TABLE button_arguments (
        id INTEGER PRIMARY KEY,
        body TEXT NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE audit (
        id INTEGER PRIMARY KEY,
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        verb TEXT NOT NULL,
        subject TEXT NOT NULL,
        before TEXT NOT NULL DEFAULT '',
        after TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE TABLE marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    # How often each legislature's service was asked on the day and in the minute of `last_at`.
    """CREATE TABLE quotas (
        source TEXT PRIMARY KEY,
        last_at INTEGER NOT NULL,
        today INTEGER NOT NULL DEFAULT 0,
        this_minute INTEGER NOT NULL DEFAULT 0,
        blocked_until INTEGER
    ) STRICT, WITHOUT ROWID""",
    # Counts changes, so that what is held in memory is known to be stale.
    "CREATE TABLE revisions (area TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "INSERT INTO revisions VALUES ('watches', 0), ('record', 0)",
)


@migrations()
def first(db: SqliteUtils) -> None:
    """The tables of version 0.1."""
    for statement in _FIRST:
        db.execute(statement)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to today's schema; the caller has opened the transaction."""
    migrations.apply(SqliteUtils(connection, execute_plugins=False))
