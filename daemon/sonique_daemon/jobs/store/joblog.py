"""Jobs and their events as rows."""

import sqlite3
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sonique_daemon.domain.codec import decode, decode_one_of, encode, encode_one_of
from sonique_daemon.domain.events import EVENTS, Event, Failed, TakeReady
from sonique_daemon.domain.request import Ticket
from sonique_daemon.domain.take import Take
from sonique_daemon.errors import JobExists, JobNotFound
from sonique_daemon.jobs.job import UNFINISHED, JobKind, JobState, state_after
from sonique_daemon.jobs.log import Entry
from sonique_daemon.jobs.store.values import Appended, OutOfOrder, StoredJob

_COLUMNS = (
    "id, digest, kind, ticket, state, created_ns, started_ns, ended_ns, last_seq, attempts, cancelling, title, failure"
)
_PLACES = ", ".join("?" * 14)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened to a job, ready to be written: all that costs time is done.

    Attributes:
        appended: what happened.
        event: the event as bytes, or None.
        take: a take that became ready, as bytes, or None.
    """

    appended: Appended
    event: bytes | None
    take: bytes | None

    @classmethod
    def of(cls, appended: Appended) -> "Line":
        """Makes ``appended`` ready; raises ``ValueError`` where its state and its event disagree."""
        ends = state_after(appended.entry.event) if appended.entry else None
        if appended.state is not None and (ends or appended.state.ended) and appended.state is not ends:
            raise ValueError(f"The state {appended.state} does not go with that event.")
        event = encode_one_of(appended.entry.event) if appended.entry else None
        take = cls._take(appended)
        return cls(appended, event, encode(take) if take else None)

    @property
    def ready(self) -> Take | None:
        """The take that became ready."""
        return self._take(self.appended)

    @property
    def state(self) -> JobState | None:
        """The job's new state."""
        entry = self.appended.entry
        return (state_after(entry.event) if entry else None) or self.appended.state

    @property
    def time_ns(self) -> int:
        """When it happened."""
        return self.appended.entry.time_ns if self.appended.entry else time.time_ns()

    @staticmethod
    def _take(appended: Appended) -> Take | None:
        event = appended.entry.event if appended.entry else None
        return event.take if isinstance(event, TakeReady) else None


def add_job(connection: sqlite3.Connection, job: StoredJob) -> None:
    """Adds a row; raises ``JobExists`` where the id is used."""
    if _number(connection, job.id) is not None:
        raise JobExists(f"The job “{job.id}” is there already; choose a new id.")
    failure = encode(job.failure) if job.failure else None
    values = (
        *(job.id, job.digest, job.kind.value, encode(job.ticket), job.state.value),
        *(job.created_ns, job.started_ns, job.ended_ns, job.last_seq, job.attempts, int(job.cancelling)),
        *(encode(job.title), failure, 512 + len(job.request)),
    )
    placed = connection.execute(f"INSERT INTO jobs ({_COLUMNS}, bytes) VALUES ({_PLACES})", values)  # noqa: S608
    connection.execute("INSERT INTO requests VALUES (?, ?)", (placed.lastrowid, job.request))


def write_line(connection: sqlite3.Connection, line: Line) -> None:
    """Writes one line.

    Raises:
        JobNotFound: the job is not there.
        OutOfOrder: the event is not the job's next, or the job has ended.
    """
    job_id = line.appended.job_id
    number = _number(connection, job_id)
    if number is None:
        raise JobNotFound(f"There is no job “{job_id[:64]}”; it may have been deleted.")
    try:
        _write_event(connection, number, line)
        _write_state(connection, number, line)
    except sqlite3.IntegrityError as error:
        seq = line.appended.entry.seq if line.appended.entry else 0
        raise OutOfOrder(f"Job {job_id}, event {seq}: {error}.") from None


def begin_attempt(connection: sqlite3.Connection, job_id: str) -> int:
    """Counts one more run of an unfinished job, and returns how many they are."""
    changed = connection.execute(
        "UPDATE jobs SET attempts = attempts + 1, started_ns = CASE started_ns WHEN 0 THEN ? ELSE started_ns END,"
        " state = CASE state WHEN 'queued' THEN 'running' ELSE state END WHERE id = ? AND ended_ns = 0",
        (time.time_ns(), job_id),
    )
    if not changed.rowcount:
        raise JobNotFound(f"There is no unfinished job “{job_id[:64]}”; it may have been deleted.")
    return int(connection.execute("SELECT attempts FROM jobs WHERE id = ?", (job_id,)).fetchone()[0])


def read_job(connection: sqlite3.Connection, job_id: str) -> StoredJob | None:
    """The job with its request."""
    row = connection.execute(
        f"SELECT {_COLUMNS}, request FROM jobs LEFT JOIN requests ON job = number WHERE id = ?",  # noqa: S608
        (job_id,),
    ).fetchone()
    return _job(row) if row else None


def read_jobs(
    connection: sqlite3.Connection, limit: int, before: str, states: Collection[JobState]
) -> tuple[StoredJob, ...]:
    """Jobs without their requests, the newest first; raises ``JobNotFound`` where ``before`` is not there."""
    number = _number(connection, before) if before else 2**62
    if number is None:
        raise JobNotFound(f"There is no job “{before[:64]}”; it may have been deleted.")
    wanted = sorted(state.value for state in states or JobState)
    rows = connection.execute(
        f"SELECT {_COLUMNS}, NULL FROM jobs WHERE number < ? AND state IN ({_marks(wanted)})"  # noqa: S608
        " ORDER BY number DESC LIMIT ?",
        (number, *wanted, limit),
    )
    return tuple(map(_job, rows))


def read_unfinished(connection: sqlite3.Connection) -> tuple[StoredJob, ...]:
    """Unfinished jobs with their requests, the oldest first."""
    wanted = sorted(UNFINISHED)
    rows = connection.execute(
        f"SELECT {_COLUMNS}, request FROM jobs LEFT JOIN requests ON job = number"  # noqa: S608
        f" WHERE state IN ({_marks(wanted)}) ORDER BY number",
        wanted,
    )
    return tuple(map(_job, rows))


def read_events(
    connection: sqlite3.Connection, job_id: str, after_seq: int, limit: int
) -> list[tuple[int, int, bytes]]:
    """Sequence number, time and bytes of the job's events after ``after_seq``; at most ``limit``."""
    return connection.execute(
        "SELECT seq, time_ns, event FROM events WHERE job = (SELECT number FROM jobs WHERE id = ?) AND seq > ?"
        " ORDER BY seq LIMIT ?",
        (job_id, after_seq, limit),
    ).fetchall()


def entries(rows: Iterable[tuple[int, int, bytes]]) -> tuple[Entry, ...]:
    """Rows of ``read_events`` as values."""
    return tuple(Entry(seq, time_ns, _event(data)) for seq, time_ns, data in rows)


def _event(data: bytes) -> Event:
    event: Event = decode_one_of(EVENTS, data)
    return event


def _number(connection: sqlite3.Connection, job_id: str) -> int | None:
    row = connection.execute("SELECT number FROM jobs WHERE id = ?", (job_id,)).fetchone()
    return row[0] if row else None


def _write_event(connection: sqlite3.Connection, number: int, line: Line) -> None:
    entry = line.appended.entry
    if entry is not None:
        connection.execute("INSERT INTO events VALUES (?, ?, ?, ?)", (number, entry.seq, entry.time_ns, line.event))


def _write_state(connection: sqlite3.Connection, number: int, line: Line) -> None:
    changes = _changes(line)
    if changes:
        columns = ", ".join(changes)
        connection.execute(
            f"UPDATE jobs SET {columns} WHERE number = ?",  # noqa: S608
            (*(value for values in changes.values() for value in values), number),
        )
    if line.state is not None and line.state.ended:
        _forget_request(connection, number)


def _changes(line: Line) -> dict[str, tuple[Any, ...]]:
    """What a line sets, each assignment with its values."""
    changes: dict[str, tuple[Any, ...]] = {}
    if line.appended.title:
        changes["title = ?"] = (encode(line.appended.title),)
    if line.state is None:
        return changes
    changes["state = ?"] = (line.state.value,)
    if line.state is JobState.RUNNING:
        changes["started_ns = CASE started_ns WHEN 0 THEN ? ELSE started_ns END"] = (line.time_ns,)
    elif line.state is JobState.QUEUED:
        changes["attempts = max(0, attempts - (state = 'running'))"] = ()
    elif line.state is JobState.CANCELLING:
        changes["cancelling = 1"] = ()
    else:
        changes["ended_ns = ?"] = (max(1, line.time_ns),)
        changes["failure = ?"] = (_failure(line),)
    return changes


def _failure(line: Line) -> bytes | None:
    event = line.appended.entry.event if line.appended.entry else None
    return encode(event) if isinstance(event, Failed) else None


def _forget_request(connection: sqlite3.Connection, number: int) -> None:
    """Lets the request of an ended job go: it may hold megabytes, and its digest tells it from another."""
    connection.execute(
        "UPDATE jobs SET bytes = bytes - coalesce((SELECT length(request) FROM requests WHERE job = number), 0)"
        " WHERE number = ?",
        (number,),
    )
    connection.execute("DELETE FROM requests WHERE job = ?", (number,))


def _job(row: Sequence[Any]) -> StoredJob:
    job_id, digest, kind, ticket, state, created, started, ended, last_seq, attempts, cancelling, title, failure = row[
        :13
    ]
    return StoredJob(
        id=job_id,
        digest=digest,
        kind=JobKind(kind),
        request=row[13] or b"",
        ticket=decode(Ticket, ticket),
        state=JobState(state),
        created_ns=created,
        started_ns=started,
        ended_ns=ended,
        last_seq=last_seq,
        attempts=attempts,
        cancelling=bool(cancelling),
        title=decode(str, title),
        failure=decode(Failed, failure) if failure else None,
    )


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
