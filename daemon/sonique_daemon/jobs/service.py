"""The job service: takes requests in, runs two at a time in threads, and tells everyone who asks how they go."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from functools import partial
from threading import Thread

from sonique_daemon.domain.events import Event, JobCancelled, Queued, TakeReady, Terminal
from sonique_daemon.domain.request import Job
from sonique_daemon.domain.take import FileKind, TakeFile
from sonique_daemon.errors import (
    Cancelled,
    DaemonStopping,
    InvalidRequest,
    JobExists,
    JobNotFound,
    JobRunning,
    QueueFull,
)
from sonique_daemon.jobs.failure import ending
from sonique_daemon.jobs.log import Entry
from sonique_daemon.jobs.pace import PacedEmitter
from sonique_daemon.jobs.record import JobInfo, JobState, Record
from sonique_daemon.jobs.runner import Runner
from sonique_daemon.jobs.takes import TakeIndex, remove_files

POLL_LIMIT = 1000
"""Events in one answer of ``poll``."""


class JobService:
    """Keeps jobs in memory and runs them. Belongs to the event loop in which it is made; call it from there only.

    Attributes:
        at_once: how many jobs run at a time.
        waiting_limit: how many may wait.
        kept: how many ended jobs are remembered; the oldest is forgotten first.
    """

    def __init__(self, runner: Runner, *, at_once: int = 2, waiting_limit: int = 64, kept: int = 1000) -> None:
        self._runner = runner
        self.at_once, self.waiting_limit, self.kept = at_once, waiting_limit, kept
        self._loop = asyncio.get_running_loop()
        self._records: dict[str, Record] = {}
        self._ended: deque[str] = deque()
        self._waiting: deque[Record] = deque()
        self._running: dict[str, Record] = {}
        self._takes = TakeIndex()
        self._stopping = False

    @property
    def running(self) -> int:
        """How many jobs run now."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """How many jobs wait now."""
        return len(self._waiting)

    def submit(self, job_id: str, request: Job, digest: bytes) -> None:
        """Takes a job in; where the same one is there already, nothing happens.

        Raises:
            JobExists: the id was used for a request with another digest.
            QueueFull: too many jobs wait.
            DaemonStopping: no new jobs are taken.
        """
        known = self._records.get(job_id)
        if known is None:
            self._admit(Record.of(job_id, request, digest))
        elif known.digest != digest:
            raise JobExists(f"The job “{job_id}” was another request; choose a new id for this one.")

    def watch(self, job_id: str, after_seq: int = 0) -> AsyncIterator[Entry]:
        """The job's events after ``after_seq``, those to come included, up to its terminal event.

        Raises:
            JobNotFound: no job of that id.
        """
        return self._find(job_id).log.follow(_sequence(after_seq))

    def poll(self, job_id: str, after_seq: int = 0) -> tuple[tuple[Entry, ...], JobInfo]:
        """The job's events after ``after_seq`` that are there now (at most ``POLL_LIMIT``), and the job.

        Raises:
            JobNotFound: no job of that id.
        """
        record = self._find(job_id)
        return record.log.since(_sequence(after_seq), POLL_LIMIT), record.info()

    def get(self, job_id: str) -> JobInfo:
        """One job; raises ``JobNotFound``."""
        return self._find(job_id).info()

    def all(self) -> tuple[JobInfo, ...]:
        """All jobs, the newest first."""
        return tuple(record.info() for record in reversed(self._records.values()))

    async def cancel(self, job_id: str) -> JobInfo:
        """Cancels the job, waiting or running, and returns when it has ended; raises ``JobNotFound``."""
        record = self._find(job_id)
        self._stop(record)
        await record.ended.wait()
        return record.info()

    async def delete(self, job_id: str) -> None:
        """Forgets an ended job and removes the files of its takes.

        Raises:
            JobNotFound: no job of that id.
            JobRunning: it has not ended.
        """
        record = self._find(job_id)
        if not record.ended.is_set():
            raise JobRunning(f"The job “{job_id}” has not ended yet; cancel it first.")
        del self._records[job_id]
        self._ended.remove(job_id)
        await asyncio.to_thread(remove_files, self._takes.remove(job_id))

    def take_file(self, take_id: str, name: str, kind: FileKind) -> TakeFile:
        """One file of a take; raises ``TakeNotFound``."""
        return self._takes.file(take_id, name, kind)

    async def close(self, patience: float) -> None:
        """Takes no new jobs and cancels all others; those that do not stop within ``patience`` seconds are given up."""
        self._stopping = True
        live = [*self._waiting, *self._running.values()]
        for record in live:
            self._stop(record)
        ends = [asyncio.ensure_future(record.ended.wait()) for record in live]
        if ends:
            await asyncio.wait(ends, timeout=patience)
        for record in live:
            if not record.ended.is_set():
                self._finish(record, JobCancelled())

    def _find(self, job_id: str) -> Record:
        record = self._records.get(job_id)
        if record is None:
            raise JobNotFound(f"There is no job “{job_id[:64]}”; it may have been deleted, or the daemon started anew.")
        return record

    def _admit(self, record: Record) -> None:
        if self._stopping:
            raise DaemonStopping("The Sonique daemon is stopping and takes no new job; start it again.")
        if self.running >= self.at_once and self.waiting >= self.waiting_limit:
            raise QueueFull(f"{self.waiting} jobs wait already; try again when some have ended, or cancel some.")
        self._records[record.id] = record
        self._waiting.append(record)
        self._advance()

    def _advance(self) -> None:
        """Starts what can run, and tells those that wait where they stand now."""
        while self._waiting and self.running < self.at_once:
            self._start(self._waiting.popleft())
        for position, record in enumerate(self._waiting):
            if record.position != position:
                record.position = position
                record.log.append(Queued(position, _reason(position, self.at_once)))

    def _start(self, record: Record) -> None:
        assert record.request is not None
        record.state = JobState.RUNNING
        self._running[record.id] = record
        Thread(target=self._run, args=(record, record.request), name=f"job-{record.id}", daemon=True).start()

    def _run(self, record: Record, request: Job) -> None:
        """Runs in the job's own thread, and speaks to the loop by messages alone."""
        emit = PacedEmitter(lambda event: self._post(partial(self._note, record, event)))

        def check() -> None:
            emit.tick()
            if record.cancelled.is_set():
                raise Cancelled

        error: BaseException | None = None
        try:
            self._runner.run(request, emit, check)
        except BaseException as raised:  # noqa: BLE001 - whatever breaks here ends one job and not the daemon
            error = raised
        emit.close()
        self._post(partial(self._finish, record, ending(record.id, error)))

    def _post(self, call: "partial[None]") -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # the loop is closed: the daemon has given this job up
            return

    def _note(self, record: Record, event: Event) -> None:
        if record.ended.is_set():
            return
        if isinstance(event, TakeReady):
            self._takes.add(record.id, event.take)
        record.log.append(event)

    def _stop(self, record: Record) -> None:
        record.cancelled.set()
        if record.state is JobState.QUEUED:
            self._waiting.remove(record)
            self._finish(record, JobCancelled())

    def _finish(self, record: Record, event: Terminal) -> None:
        if record.ended.is_set():
            return
        record.end(event)
        self._running.pop(record.id, None)
        self._ended.append(record.id)
        while len(self._ended) > self.kept:
            del self._records[self._ended.popleft()]
        if not self._stopping:
            self._advance()


def _reason(position: int, at_once: int) -> str:
    running = "One job runs" if at_once == 1 else f"{at_once} jobs run"
    if position == 0:
        return f"{running} at a time; this one is next."
    ahead = "one job is" if position == 1 else f"{position} jobs are"
    return f"{running} at a time; {ahead} ahead of this one."


def _sequence(after_seq: int) -> int:
    if after_seq < 0:
        raise InvalidRequest(f"after_seq is {after_seq}; it counts from 0, which asks for all events.")
    return after_seq
