"""The tables, and what must hold in them whoever writes.

Each script of ``MIGRATIONS`` leads from one ``user_version`` to the next and never changes once it was released.
"""

_FIRST = (
    """
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        digest BLOB NOT NULL,
        kind TEXT NOT NULL,
        ticket BLOB NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'cancelling', 'done', 'failed', 'cancelled')),
        created_ns INTEGER NOT NULL,
        started_ns INTEGER NOT NULL,
        ended_ns INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        cancelling INTEGER NOT NULL,
        title BLOB NOT NULL,
        failure BLOB,
        bytes INTEGER NOT NULL,
        CHECK ((ended_ns > 0) = (state IN ('done', 'failed', 'cancelled')))
    )
    """,
    "CREATE INDEX jobs_by_state ON jobs (state, number)",
    """
    CREATE TRIGGER jobs_stay_ended BEFORE UPDATE OF state ON jobs
    WHEN OLD.ended_ns > 0 AND NEW.state IS NOT OLD.state
    BEGIN SELECT RAISE(ABORT, 'the job has ended'); END
    """,
    # Apart from the jobs, because it may hold megabytes, and only until the job has ended.
    "CREATE TABLE requests (job INTEGER PRIMARY KEY REFERENCES jobs ON DELETE CASCADE, request BLOB NOT NULL)",
    """
    CREATE TABLE events (
        job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        time_ns INTEGER NOT NULL,
        event BLOB NOT NULL,
        PRIMARY KEY (job, seq)
    ) WITHOUT ROWID
    """,
    """
    CREATE TRIGGER events_in_order BEFORE INSERT ON events
    WHEN (SELECT last_seq + 1 = NEW.seq AND ended_ns = 0 FROM jobs WHERE number = NEW.job) IS NOT 1
    BEGIN SELECT RAISE(ABORT, 'not the next event of its job'); END
    """,
    """
    CREATE TRIGGER events_counted AFTER INSERT ON events
    BEGIN
        UPDATE jobs SET last_seq = NEW.seq, bytes = bytes + 64 + length(NEW.event) WHERE number = NEW.job;
    END
    """,
    """
    CREATE TRIGGER events_stay BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'an event never changes'); END
    """,
    """
    CREATE TABLE takes (
        id TEXT PRIMARY KEY,
        value BLOB NOT NULL,
        used REAL NOT NULL
    )
    """,
    """
    CREATE TABLE take_files (
        take TEXT NOT NULL REFERENCES takes ON DELETE CASCADE,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (take, sha256)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX take_files_by_audio ON take_files (sha256)",
    """
    CREATE TABLE job_takes (
        job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
        take TEXT NOT NULL REFERENCES takes ON DELETE CASCADE,
        PRIMARY KEY (job, take)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX job_takes_by_take ON job_takes (take)",
    """
    CREATE TABLE results (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
        stage TEXT NOT NULL,
        value BLOB NOT NULL,
        seconds REAL NOT NULL,
        created REAL NOT NULL,
        used REAL NOT NULL
    )
    """,
    """
    CREATE TABLE result_files (
        result INTEGER NOT NULL REFERENCES results ON DELETE CASCADE,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (result, sha256)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX result_files_by_audio ON result_files (sha256)",
    """
    CREATE TABLE runs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        stage TEXT NOT NULL,
        engine TEXT NOT NULL,
        version TEXT NOT NULL,
        length REAL NOT NULL,
        seconds REAL NOT NULL
    )
    """,
    "CREATE INDEX runs_by_engine ON runs (stage, engine, number)",
    # Audio that stood there before this database did, whose books were lost; it may be the user's only copy.
    "CREATE TABLE spared (sha256 TEXT PRIMARY KEY) WITHOUT ROWID",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST,)
"""Statements that lead from version 0 to 1, from 1 to 2, and so on."""
