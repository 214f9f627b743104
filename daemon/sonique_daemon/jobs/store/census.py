"""The census: all that lies in a store at one moment, and who needs what."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from sonique_daemon.jobs.store.folders import Folders, measured
from sonique_daemon.jobs.store.shelf import Shelf
from sonique_daemon.jobs.store.uploads import Upload, needed_uploads, uploads_in
from sonique_daemon.jobs.store.values import Holding, StoreKind

_ROW_BYTES = 128
"""What a row takes besides its value, about."""


class Standing(IntEnum):
    """What a piece of audio is there for; the first that holds counts."""

    TAKE = 0
    RESULT = 1
    LOOSE = 2


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job: its id, bytes, when it ended in seconds since 1970 (0 for not yet), and its takes."""

    id: str
    bytes: int
    ended: float
    takes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TakeRow:
    """A take: its id, bytes of its row, last use in seconds since 1970, its audio, whether an unfinished job has it."""

    id: str
    bytes: int
    used: float
    files: tuple[str, ...]
    needed: bool


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A cached result: its number, bytes of its row, last use in seconds since 1970, and its audio."""

    number: int
    bytes: int
    used: float
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Census:
    """All that lies in a store.

    Attributes:
        jobs: in the order in which they came.
        takes: all.
        results: all.
        uploads: all, finished or not.
        needed: digests of uploads that unfinished jobs name.
        audio: bytes of every audio file by its digest.
        spared: audio that no book knows and that stays nevertheless.
        held: audio that running jobs took up.
        scratch: files and bytes that running jobs have not finished.
    """

    jobs: tuple[JobRow, ...]
    takes: tuple[TakeRow, ...]
    results: tuple[ResultRow, ...]
    uploads: tuple[Upload, ...]
    needed: frozenset[str]
    audio: Mapping[str, int]
    spared: frozenset[str]
    held: frozenset[str]
    scratch: tuple[int, int]

    @property
    def in_takes(self) -> frozenset[str]:
        """Audio that takes name."""
        return frozenset(sha256 for take in self.takes for sha256 in take.files)

    @property
    def in_results(self) -> frozenset[str]:
        """Audio that results name."""
        return frozenset(sha256 for result in self.results for sha256 in result.files)

    def holdings(self) -> tuple[Holding, ...]:
        """How much of each kind; a file that a take and a result share counts as the take's."""
        takes = self.in_takes | self.spared
        results = self.in_results - takes
        loose = self.audio.keys() - takes - results
        in_results = sum(result.bytes for result in self.results) + self._bytes(results)
        in_takes = sum(take.bytes for take in self.takes) + self._bytes(takes)
        files, scratch = self.scratch
        return (
            Holding(StoreKind.RESULTS, len(self.results), in_results),
            Holding(StoreKind.TAKES, len(self.takes), in_takes),
            Holding(StoreKind.UPLOADS, len(self.uploads), sum(upload.size for upload in self.uploads)),
            Holding(StoreKind.JOBS, len(self.jobs), sum(job.bytes for job in self.jobs)),
            Holding(StoreKind.SCRATCH, files + len(loose), scratch + self._bytes(loose)),
        )

    def _bytes(self, digests: Iterable[str]) -> int:
        return sum(self.audio.get(sha256, 0) for sha256 in digests)


def take_census(connection: sqlite3.Connection, folders: Folders, shelf: Shelf) -> Census:
    """Counts. The books are of one moment; files that come or go meanwhile may be missed."""
    return Census(
        jobs=_jobs(connection),
        takes=_takes(connection),
        results=_results(connection),
        uploads=uploads_in(folders.uploads),
        needed=needed_uploads(connection),
        audio=shelf.sizes(),
        spared=frozenset(sha256 for (sha256,) in connection.execute("SELECT sha256 FROM spared")),
        held=shelf.held(),
        scratch=measured(folders.scratch),
    )


def total_bytes(connection: sqlite3.Connection, folders: Folders, shelf: Shelf) -> int:
    """The bytes of all holdings together, without asking whose each file is."""
    (rows,) = connection.execute(
        "SELECT (SELECT total(bytes) FROM jobs) + (SELECT total(length(value) + ?) FROM takes)"
        " + (SELECT total(length(value) + ?) FROM results)",
        (_ROW_BYTES, _ROW_BYTES),
    ).fetchone()
    uploads = sum(upload.size for upload in uploads_in(folders.uploads))
    return int(rows) + sum(shelf.sizes().values()) + uploads + measured(folders.scratch)[1]


def _jobs(connection: sqlite3.Connection) -> tuple[JobRow, ...]:
    rows = connection.execute(
        "SELECT id, bytes, ended_ns / 1e9, (SELECT group_concat(take) FROM job_takes WHERE job = number)"
        " FROM jobs ORDER BY number"
    )
    return tuple(JobRow(job, size, ended, _list(takes)) for job, size, ended, takes in rows)


def _takes(connection: sqlite3.Connection) -> tuple[TakeRow, ...]:
    rows = connection.execute(
        "SELECT id, length(value), used, (SELECT group_concat(sha256) FROM take_files WHERE take = id),"
        " EXISTS (SELECT 1 FROM job_takes JOIN jobs ON number = job WHERE take = takes.id AND ended_ns = 0)"
        " FROM takes ORDER BY id"
    )
    return tuple(
        TakeRow(take, size + _ROW_BYTES, used, _list(files), bool(needed)) for take, size, used, files, needed in rows
    )


def _results(connection: sqlite3.Connection) -> tuple[ResultRow, ...]:
    rows = connection.execute(
        "SELECT number, length(value), used, (SELECT group_concat(sha256) FROM result_files WHERE result = number)"
        " FROM results ORDER BY number"
    )
    return tuple(ResultRow(number, size + _ROW_BYTES, used, _list(files)) for number, size, used, files in rows)


def _list(joined: str | None) -> tuple[str, ...]:
    return tuple(joined.split(",")) if joined else ()
