"""Recovery: what a former daemon left unfinished, read back from the store."""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from sonique_daemon.domain.codec import Undecodable, decode_one_of
from sonique_daemon.domain.events import Failed, JobCancelled, Terminal
from sonique_daemon.domain.request import JOBS, Job
from sonique_daemon.errors import InvalidRequest, JobAbandoned, SoniqueError, StoreFull
from sonique_daemon.jobs.job import JobState
from sonique_daemon.jobs.log import Entry
from sonique_daemon.jobs.store.values import Appended, MeasuredRun, StoredJob

_logger = logging.getLogger(__name__)

ATTEMPTS = 3
"""How many times a job begins to run before it is given up."""

PAGE = 1000
"""Entries read from the store at a time."""


class Archive(Protocol):
    """What recovery needs of the store."""

    def unfinished(self) -> tuple[StoredJob, ...]:
        """Jobs that have no end, the oldest first."""

    def events(self, job_id: str, after_seq: int, limit: int) -> tuple[Entry, ...]:
        """Entries after ``after_seq``."""

    def append(self, entries: Sequence[Appended]) -> None:
        """Writes what happened."""

    def runs(self) -> tuple[MeasuredRun, ...]:
        """The latest measured runs, the oldest first."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A job that a former daemon left.

    Attributes:
        job: as it stands on the disk.
        entries: its log so far.
        request: what is asked.
        end: how it ends without running again; None where it goes on.
    """

    job: StoredJob
    entries: tuple[Entry, ...]
    request: Job
    end: Terminal | None


def read_leftovers(archive: Archive) -> tuple[tuple[Leftover, ...], tuple[MeasuredRun, ...]]:
    """The unfinished jobs, oldest first, and how long stages took before; blocks.

    A job that this release cannot read is ended here.
    """
    found = [_read(archive, job) for job in archive.unfinished()]
    return tuple(left for left in found if left is not None), archive.runs()


def _read(archive: Archive, job: StoredJob) -> Leftover | None:
    try:
        entries = tuple(_entries(archive, job.id))
        request: Job = decode_one_of(JOBS, job.request)
    except Undecodable as error:
        _logger.warning("The job %s cannot be read: %s", job.id, error)
        _end_unread(archive, job)
        return None
    return Leftover(job, entries, request, _end(job))


def _end_unread(archive: Archive, job: StoredJob) -> None:
    """Ends a job whose request, or whose log, this release cannot read."""
    last_ns = max(time.time_ns(), job.created_ns, job.started_ns)
    entry = Entry(job.last_seq + 1, last_ns, _failed(_unreadable(job)))
    try:
        archive.append([Appended(job.id, entry)])
    except StoreFull as error:
        _logger.warning("The job %s stays unfinished: %s", job.id, error)


def _entries(archive: Archive, job_id: str) -> Iterator[Entry]:
    place = 0
    while page := archive.events(job_id, place, PAGE):
        yield from page
        place = page[-1].seq


def _end(job: StoredJob) -> Terminal | None:
    if job.cancelling or job.state is JobState.CANCELLING:
        return JobCancelled()
    if job.attempts >= ATTEMPTS:
        return _failed(
            JobAbandoned(
                f"The daemon ended {job.attempts} times while the job “{job.title or job.id}” ran, so it is not tried "
                "again; see `sonique logs` for why, or ask for it anew."
            )
        )
    return None


def _unreadable(job: StoredJob) -> SoniqueError:
    return InvalidRequest(
        f"The job “{job.title or job.id}” was begun by another release of Sonique and cannot be read by this one; "
        "ask for it anew."
    )


def _failed(error: SoniqueError) -> Failed:
    return Failed(error.code, error.status, error.sentence)
