"""The tables of rosters, remembered districts, scripts, campaigns and calls."""

CONTACT_TABLES = (
    # Who represents whom. A roster is replaced as a whole; divisions keep their numbers.
    "CREATE TABLE divisions (id INTEGER PRIMARY KEY, ocd TEXT NOT NULL UNIQUE) STRICT",
    """CREATE TABLE rosters (
        name TEXT PRIMARY KEY,
        as_of INTEGER,
        tried_at INTEGER NOT NULL,
        error TEXT NOT NULL DEFAULT '',
        lines INTEGER NOT NULL DEFAULT 0,
        members INTEGER NOT NULL DEFAULT 0,
        seats INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE roster_files (
        roster TEXT NOT NULL,
        url TEXT NOT NULL,
        etag TEXT NOT NULL DEFAULT '',
        last_modified TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (roster, url)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE seats (
        id INTEGER PRIMARY KEY,
        roster TEXT NOT NULL,
        division_id INTEGER NOT NULL REFERENCES divisions,
        jurisdiction TEXT NOT NULL,
        state TEXT NOT NULL,
        chamber TEXT NOT NULL,
        chamber_name TEXT NOT NULL,
        district TEXT NOT NULL,
        title TEXT NOT NULL,
        members INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX seats_division ON seats (division_id)",
    "CREATE INDEX seats_roster ON seats (roster)",
    """CREATE TABLE legislators (
        roster TEXT NOT NULL,
        key TEXT NOT NULL,
        division_id INTEGER NOT NULL REFERENCES divisions,
        chamber TEXT NOT NULL,
        district TEXT NOT NULL,
        name TEXT NOT NULL,
        folded TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (roster, key)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX legislators_division ON legislators (division_id)",
    "CREATE INDEX legislators_key ON legislators (key)",
    """CREATE TABLE committees (
        roster TEXT NOT NULL,
        key TEXT NOT NULL,
        name TEXT NOT NULL,
        chamber TEXT NOT NULL,
        parent TEXT NOT NULL DEFAULT '',
        site TEXT NOT NULL DEFAULT '',
        phone TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (roster, key)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE committee_members (
        committee TEXT NOT NULL,
        roster TEXT NOT NULL,
        legislator TEXT NOT NULL,
        rank INTEGER NOT NULL,
        PRIMARY KEY (committee, roster, legislator)
    ) STRICT, WITHOUT ROWID""",
    # Districts, never addresses, of those who asked for it.
    """CREATE TABLE remembered_districts (
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        person TEXT NOT NULL,
        division_id INTEGER NOT NULL REFERENCES divisions,
        PRIMARY KEY (space_id, person, division_id)
    ) STRICT, WITHOUT ROWID""",
    # The words a community chose for its calls about a bill or a pledge.
    """CREATE TABLE scripts (
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        subject TEXT NOT NULL,
        position TEXT NOT NULL,
        body TEXT NOT NULL,
        written_by TEXT NOT NULL,
        written_at INTEGER NOT NULL,
        PRIMARY KEY (space_id, subject, position)
    ) STRICT, WITHOUT ROWID""",
    # A drive to call legislators. `caller_key` makes callers' pseudonyms; closing destroys it.
    """CREATE TABLE campaigns (
        id INTEGER PRIMARY KEY,
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        channel_id INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
        title TEXT NOT NULL,
        subject_kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        subject_label TEXT NOT NULL,
        subject_title TEXT NOT NULL DEFAULT '',
        position TEXT NOT NULL,
        callers TEXT NOT NULL,
        goal INTEGER NOT NULL,
        ends_at INTEGER NOT NULL,
        started_by TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        closed_at INTEGER,
        people INTEGER NOT NULL DEFAULT 0,
        bill_jurisdiction TEXT NOT NULL DEFAULT '',
        bill_session TEXT NOT NULL DEFAULT '',
        bill_identifier TEXT NOT NULL DEFAULT '',
        bill_outcome TEXT NOT NULL DEFAULT '',
        script TEXT NOT NULL DEFAULT '',
        caller_key TEXT,
        revision INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    "CREATE INDEX campaigns_space ON campaigns (space_id, subject)",
    "CREATE INDEX campaigns_running ON campaigns (ends_at) WHERE closed_at IS NULL",
    """CREATE TABLE campaign_targets (
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        campaign_id INTEGER NOT NULL REFERENCES campaigns ON DELETE CASCADE,
        place INTEGER NOT NULL,
        legislator TEXT NOT NULL,
        name TEXT NOT NULL,
        seat TEXT NOT NULL,
        PRIMARY KEY (campaign_id, place)
    ) STRICT, WITHOUT ROWID""",
    # A target as it was shown to someone, and what came of it; the row's number logs it once.
    """CREATE TABLE calls (
        id INTEGER PRIMARY KEY,
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        campaign_id INTEGER NOT NULL REFERENCES campaigns ON DELETE CASCADE,
        place INTEGER NOT NULL,
        caller TEXT NOT NULL,
        shown_at INTEGER NOT NULL,
        outcome TEXT,
        day TEXT NOT NULL DEFAULT '',
        logged_at INTEGER
    ) STRICT""",
    "CREATE INDEX calls_target ON calls (campaign_id, place)",
    "CREATE INDEX calls_caller ON calls (campaign_id, caller)",
    "CREATE INDEX calls_busy ON calls (space_id, day) WHERE outcome = 'busy'",
    # Calls outside a campaign: that there was one, and nothing of who made it.
    """CREATE TABLE lone_calls (
        space_id INTEGER NOT NULL REFERENCES spaces ON DELETE CASCADE,
        once TEXT NOT NULL,
        subject TEXT NOT NULL,
        outcome TEXT NOT NULL,
        day TEXT NOT NULL,
        PRIMARY KEY (space_id, once)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX lone_calls_subject ON lone_calls (space_id, subject)",
)
