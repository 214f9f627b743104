"""Takes and the audio that they name, as rows."""

import sqlite3

from sonique_daemon.domain.codec import decode
from sonique_daemon.domain.take import FileKind, Take, TakeFile
from sonique_daemon.errors import TakeNotFound


def put_take(connection: sqlite3.Connection, job_id: str, take: Take, data: bytes, now: float) -> None:
    """Notes that the job made ``take``, which other jobs may have made as well."""
    connection.execute(
        "INSERT INTO takes VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET value = excluded.value, used = excluded.used",
        (take.id, data, now),
    )
    connection.execute("DELETE FROM take_files WHERE take = ?", (take.id,))
    digests = sorted({file.sha256 for file in take.files})
    connection.executemany("INSERT INTO take_files VALUES (?, ?)", [(take.id, sha256) for sha256 in digests])
    connection.execute("INSERT OR IGNORE INTO job_takes SELECT number, ? FROM jobs WHERE id = ?", (take.id, job_id))


def read_take(connection: sqlite3.Connection, take_id: str) -> tuple[bytes, float]:
    """The take as bytes, and when it was last used, in seconds since 1970; raises ``TakeNotFound``."""
    row = connection.execute("SELECT value, used FROM takes WHERE id = ?", (take_id,)).fetchone()
    if row is None:
        raise TakeNotFound(f"There is no take “{take_id[:64]}”; its job may have been deleted.")
    return row[0], row[1]


def file_of(data: bytes, name: str, kind: FileKind) -> TakeFile:
    """The file of that name and kind; raises ``TakeNotFound``."""
    take = decode(Take, data)
    for file in take.files:
        if file.name == name and file.kind is kind:
            return file
    choices = ", ".join(f"{file.name} ({file.kind})" for file in take.files)
    raise TakeNotFound(f"The take “{take.id}” has no {kind} file “{name[:64]}”; it has {choices}.")
