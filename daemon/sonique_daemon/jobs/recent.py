"""Jobs that ended a moment ago: many who watched or polled them, or come late, ask for them at once."""

from collections import OrderedDict
from dataclasses import dataclass

from sonique_daemon.jobs.log import Log
from sonique_daemon.jobs.record import Record
from sonique_daemon.jobs.store.values import StoredJob

_MOST_JOBS = 32
_MOST_ENTRIES = 2000
"""Of all of them together; a log that is longer by itself is read from the store each time."""


@dataclass(slots=True)
class _Kept:
    """An ended job and its log; the store had it when it had taken out jobs ``removals`` times."""

    job: StoredJob
    log: Log
    removals: int


class RecentJobs:
    """The ended jobs that were asked for last, so that their logs need not be read back for each who asks.

    Once the store has taken out any job, whichever that was, each is to be found there again before it is given here.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._entries = 0

    def keep(self, record: Record) -> None:
        """Keeps a job that has ended, and lets go those that nobody asked for the longest."""
        if record.log.closed:
            self.drop(record.id)
            self._kept[record.id] = _Kept(record.stored(), record.log, record.removals)
            self._entries += record.log.last_seq
        while len(self._kept) > _MOST_JOBS or self._entries > _MOST_ENTRIES:
            self.drop(next(iter(self._kept)))

    def confirm(self, job: StoredJob, removals: int) -> None:
        """Notes that ``job`` was found in the store after that many ``removals``."""
        kept = self._kept.get(job.id)
        if kept is not None and kept.job.created_ns == job.created_ns:
            kept.removals = removals

    def drop(self, job_id: str) -> None:
        """Lets that job go, where it is kept."""
        if job_id in self._kept:
            self._entries -= self._kept.pop(job_id).log.last_seq

    def job(self, job_id: str, removals: int) -> StoredJob | None:
        """The job of that id, after ``removals`` by the store; None where it is not kept or may have been removed."""
        kept = self._kept.get(job_id)
        if kept is None or kept.removals != removals:
            return None
        self._kept.move_to_end(job_id)
        return kept.job

    def log(self, job: Record | StoredJob) -> Log | None:
        """The log of ``job`` where it is in memory: a living one has it, of an ended one it may be kept."""
        if isinstance(job, Record):
            return job.log
        kept = self._kept.get(job.id)  # one that was deleted and asked for again came in at another time
        return kept.log if kept is not None and kept.job.created_ns == job.created_ns else None
