"""Taking things out of the books: rows first; what audio may go afterwards is returned, to be asked after once more."""

import sqlite3
from collections.abc import Iterable

from sonique_daemon.errors import JobNotFound, JobRunning
from sonique_daemon.jobs.job import ENDED, JobState

_OURS = 0x536F6E71
"""Marks the database of a store that is complete."""


def drop_job(connection: sqlite3.Connection, job_id: str) -> set[str]:
    """Drops an ended job, the takes that no other job has and the results that name these; digests of their audio.

    Raises:
        JobNotFound: it is not there.
        JobRunning: it has not ended.
    """
    row = connection.execute("SELECT number, state FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise JobNotFound(f"There is no job “{job_id[:64]}”; it may have been deleted.")
    number, state = row
    if JobState(state) not in ENDED:
        raise JobRunning(f"The job “{job_id}” has not ended yet; cancel it first.")
    takes = connection.execute("SELECT take FROM job_takes WHERE job = ?", (number,)).fetchall()
    connection.execute("DELETE FROM jobs WHERE number = ?", (number,))
    alone = [take for (take,) in takes if not _rows(connection, "SELECT 1 FROM job_takes WHERE take = ?", take)]
    return {sha256 for take in alone for sha256 in _drop_take(connection, take)}


def drop_take(connection: sqlite3.Connection, take: str) -> set[str]:
    """Drops a take that no unfinished job has, and the results that name it; digests of their audio."""
    needed = (
        "SELECT 1 FROM job_takes JOIN jobs ON number = job WHERE take = ? AND ended_ns = 0"  # what still runs keeps it
    )
    return set() if _rows(connection, needed, take) else _drop_take(connection, take)


def drop_result(connection: sqlite3.Connection, number: int) -> set[str]:
    """Drops a cached result; digests of its audio."""
    files = _rows(connection, "SELECT sha256 FROM result_files WHERE result = ?", number)
    connection.execute("DELETE FROM results WHERE number = ?", (number,))
    return set(files)


def is_needed(connection: sqlite3.Connection, sha256: str) -> bool:
    """Whether a take or a result names the audio, or it is spared because its books were lost."""
    return any(
        _rows(connection, f"SELECT 1 FROM {table} WHERE sha256 = ? LIMIT 1", sha256)  # noqa: S608
        for table in ("take_files", "result_files", "spared")
    )


def knows_its_audio(connection: sqlite3.Connection) -> bool:
    """Whether ``spare`` was called, so that audio which the books do not name is nobody's."""
    return bool(connection.execute("PRAGMA application_id").fetchone()[0] == _OURS)


def spare(connection: sqlite3.Connection, digests: Iterable[str]) -> None:
    """Notes the audio that was there before the books were begun, and that is not to go for being unknown."""
    connection.executemany("INSERT OR IGNORE INTO spared VALUES (?)", [(sha256,) for sha256 in digests])
    connection.execute(f"PRAGMA application_id = {_OURS}")


def _drop_take(connection: sqlite3.Connection, take: str) -> set[str]:
    files = set(_rows(connection, "SELECT sha256 FROM take_files WHERE take = ?", take))
    connection.execute("DELETE FROM takes WHERE id = ?", (take,))
    for sha256 in sorted(files):
        if not _rows(connection, "SELECT 1 FROM take_files WHERE sha256 = ?", sha256):
            for number in _rows(connection, "SELECT result FROM result_files WHERE sha256 = ?", sha256):
                files |= drop_result(connection, int(number))
    return files


def _rows(connection: sqlite3.Connection, query: str, value: str | int) -> list[str]:
    return [row[0] for row in connection.execute(query, (value,))]
