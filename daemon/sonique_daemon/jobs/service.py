"""The job service: takes requests in, runs two at a time in threads, and tells everyone who asks how they go."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from threading import Thread
from typing import Any, ParamSpec, TypeVar

from sonique_daemon.domain.codec import encode_one_of
from sonique_daemon.domain.events import JobCancelled
from sonique_daemon.domain.request import Job, Ticket
from sonique_daemon.domain.take import FileKind, TakeFile
from sonique_daemon.errors import DaemonStopping, JobExists, JobNotFound, JobRunning, StoreFull
from sonique_daemon.jobs.dispatch import Dispatch
from sonique_daemon.jobs.estimate import Estimates, Resolve, by_name
from sonique_daemon.jobs.job import UNFINISHED, JobInfo, JobKind, JobState
from sonique_daemon.jobs.journal import Draft, Journal
from sonique_daemon.jobs.log import Entry, sequence
from sonique_daemon.jobs.notice import NOTICE_SECONDS
from sonique_daemon.jobs.queue import FairQueue
from sonique_daemon.jobs.recent import RecentJobs
from sonique_daemon.jobs.record import Record, first_title, info_of, until_ended
from sonique_daemon.jobs.recovery import PAGE, Leftover, read_leftovers
from sonique_daemon.jobs.run import Run
from sonique_daemon.jobs.runner import Runner
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.jobs.store.values import Appended, StoredJob

_logger = logging.getLogger(__name__)

POLL_LIMIT = 1000
"""Events in one answer of ``poll``."""

UNWIND_SECONDS = 5.0
"""Seconds that the thread of a job has to end in after it was told to stop for the daemon's sake."""

ANYBODY = Ticket()
"""The ticket of whoever brings none."""

_READERS = 4

Given = ParamSpec("Given")
Result = TypeVar("Result")


class JobService:
    """Runs jobs and keeps them in the store. Belongs to the event loop in which it is made; call it from there only.

    What a former daemon left unfinished goes on as soon as the service is made. Whatever is asked before that was read
    back waits for it.

    Every method but ``take_file`` raises ``JobNotFound`` for an id that no job has, and ``StoreFull`` where the disk
    cannot even be read; after ``close`` they raise ``DaemonStopping``.

    Attributes:
        at_once: how many jobs run at a time.
    """

    def __init__(
        self,
        runner: Runner,
        store: Store,
        *,
        at_once: int = 2,
        waiting_limit: int = 64,
        client_limit: int = 48,
        budget_bytes: int = 0,
        resolve: Resolve = by_name,
        notice_seconds: float = NOTICE_SECONDS,
    ) -> None:
        """Begins to read back what is unfinished.

        Args:
            runner: runs the jobs.
            store: keeps them; closed by whoever opened it, after this service.
            at_once: how many jobs run at a time.
            waiting_limit: how many may wait.
            client_limit: how many of one client may wait.
            budget_bytes: what the store is trimmed to after each job; 0 for no limit.
            resolve: tells engines by the names that requests give them, so that measured runs are of one version.
            notice_seconds: time between two events that tell one waiting job its place.
        """
        self.at_once = at_once
        self._runner, self._store, self._budget = runner, store, budget_bytes
        self._loop = asyncio.get_running_loop()
        self._readers = ThreadPoolExecutor(_READERS, "jobs-store")
        self._records: dict[str, Record] = {}
        self._recent = RecentJobs()
        self._entrance, self._drained = asyncio.Lock(), asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._estimates = Estimates(resolve=resolve)
        self._journal = Journal(store, self._publish)
        queue = FairQueue(waiting_limit, client_limit)
        self._dispatch = Dispatch(queue, at_once, self._start, self._journal.post, notice_seconds)
        self._threads: list[Thread] = []
        self._stopping = self._closed = self._trimming = self._untrimmed = False
        self._ready = self._begin(self._recover())

    @property
    def running(self) -> int:
        """How many jobs run now."""
        return len(self._dispatch.running)

    @property
    def waiting(self) -> int:
        """How many jobs wait now."""
        return len(self._dispatch.waiting)

    @property
    def stopping(self) -> bool:
        """Whether no new jobs are taken."""
        return self._stopping

    async def submit(self, job_id: str, request: Job, digest: bytes, ticket: Ticket = ANYBODY) -> None:
        """Takes a job in; where the same one is there already, ended or not, nothing happens.

        Once it returns, the job is on the disk. It is taken in even where the caller is cancelled meanwhile.

        Raises:
            JobExists: the id was used for a request with another digest.
            QueueFull: too many jobs wait, of all clients or of this one.
            StoreFull: it cannot be written.
            DaemonStopping: no new jobs are taken.
        """
        await asyncio.shield(self._begin(self._submit(job_id, request, digest, ticket)))

    async def watch(self, job_id: str, after_seq: int = 0) -> AsyncIterator[Entry]:
        """The job's events after ``after_seq``, those to come included, up to its terminal event.

        Raises:
            InvalidRequest: ``after_seq`` is negative.
            DaemonStopping: the daemon ends before the job does.
        """
        place = sequence(after_seq)
        found = await self._find(job_id)
        if (log := self._recent.log(found)) is not None:
            async for entry in log.follow(place):
                yield entry
            return
        while page := await self._ask(self._store.events, job_id, place, PAGE):
            for entry in page:
                yield entry
            place = page[-1].seq

    async def poll(self, job_id: str, after_seq: int = 0) -> tuple[tuple[Entry, ...], JobInfo]:
        """The job's events after ``after_seq`` that are there now (at most ``POLL_LIMIT``), and the job.

        Raises:
            InvalidRequest: ``after_seq`` is negative.
        """
        place = sequence(after_seq)
        found = await self._find(job_id)
        info = self._info(found)
        if (log := self._recent.log(found)) is not None:
            return log.since(place, POLL_LIMIT), info
        return await self._ask(self._store.events, job_id, place, POLL_LIMIT), info

    async def get(self, job_id: str) -> JobInfo:
        """One job."""
        found = await self._find(job_id)
        return self._info(found)

    async def page(
        self, limit: int = 100, before: str = "", states: Collection[JobState] = ()
    ) -> tuple[tuple[JobInfo, ...], bool]:
        """Jobs, the newest first, and whether older ones are there.

        Args:
            limit: at most this many, 1 or more.
            before: only jobs older than the one of this id; "" for the newest.
            states: only jobs in one of these; all where empty.
        """
        await self._recovered()
        live = dict(self._records)
        wanted = frozenset(states) or frozenset(JobState)
        stored = wanted | UNFINISHED if wanted & UNFINISHED else wanted  # the disk lags behind what lives
        found: list[JobInfo] = []
        while len(found) <= limit:
            jobs = await self._ask(self._store.jobs, limit + 1, before, stored)
            infos = [self._info(live.get(job.id, job)) for job in jobs]
            found += [info for info in infos if info.state in wanted]
            if len(jobs) <= limit:
                break
            before = jobs[-1].id
        return tuple(found[:limit]), len(found) > limit

    async def cancel(self, job_id: str) -> JobInfo:
        """Tells the job to stop, and returns as soon as that is on the disk; an ended job stays as it is.

        It ends as cancelled at its next step. Where this daemon does not live to see that, the next one ends it.
        """
        found = await self._find(job_id)
        if not isinstance(found, Record):
            return info_of(found)
        await asyncio.shield(self._begin(self._cancel(found)))
        return self._info(found)

    async def delete(self, job_id: str) -> None:
        """Forgets an ended job, with its takes that no other job made.

        Raises:
            JobRunning: it has not ended.
        """
        await self._recovered()
        async with self._entrance:  # within which nobody may ask ``_find``, who may wait for it
            if job_id in self._records:
                raise JobRunning(f"The job “{job_id}” has not ended yet; cancel it first.")
            self._recent.drop(job_id)
            await self._ask(self._store.delete, job_id)

    async def take_file(self, take_id: str, name: str, kind: FileKind) -> TakeFile:
        """One file of a take; raises ``TakeNotFound``."""
        return await self._ask(self._store.take_file, take_id, name, kind)

    async def drain(self, seconds: float) -> None:
        """Takes no new jobs, and returns when none runs any more.

        Running jobs have ``seconds`` to end in; those that have not then are stopped, but do not end: the next daemon
        goes on with them, and with those that wait. Whoever watches one is told so. Drained again with less patience,
        it takes no longer than that.
        """
        self._stopping = True
        self._dispatch.halt()
        with suppress(Exception):  # it was logged, and whoever asked was told
            await self._recovered()
        async with self._entrance:  # those who came in before are in now
            running = tuple(self._dispatch.running.values())
        await until_ended(running, self._drained, seconds)
        for record in running:
            record.suspended.set()
        await self._ask(self._join)
        await self._ask(self._journal.close)
        self._drained.set()
        for record in self._records.values():
            record.log.leave(DaemonStopping(f"The Sonique daemon is stopping; {record.name} goes on when it starts."))

    async def close(self) -> None:
        """Drains without patience where that was not done, and leaves no thread behind."""
        if self._closed:
            return
        await self.drain(0.0)
        self._closed = True
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._readers.shutdown()

    async def _submit(self, job_id: str, request: Job, digest: bytes, ticket: Ticket) -> None:
        await self._recovered()
        async with self._entrance:
            known = await self._look(job_id)
            if known is None:
                await self._admit(job_id, request, digest, ticket)
            elif (known.job if isinstance(known, Record) else known).digest != digest:
                raise JobExists(f"The job “{job_id}” was another request; choose a new id for this one.")

    async def _admit(self, job_id: str, request: Job, digest: bytes, ticket: Ticket) -> None:
        if self._stopping:
            raise _stopped()
        full = self._journal.full
        if full is not None:
            raise StoreFull(full.sentence)
        self._dispatch.check(ticket)
        job = await self._ask(self._write, job_id, request, digest, ticket)
        record = Record.of(job, request, self._estimates)
        self._records[job_id] = record
        self._dispatch.add(record)

    def _write(self, job_id: str, request: Job, digest: bytes, ticket: Ticket) -> StoredJob:
        """Puts a new job on the disk; blocks. What is returned lacks the request, which may be large."""
        kind, title = JobKind.of(request), first_title(request)
        job = StoredJob(job_id, digest, kind, b"", ticket, created_ns=time.time_ns(), title=title)
        self._store.add(replace(job, request=encode_one_of(request)))
        return job

    async def _cancel(self, record: Record) -> None:
        if record.stop is None and not record.state.ended:
            record.stop = Draft(record.line, state=JobState.CANCELLING)
            record.state = JobState.CANCELLING
            record.cancelled.set()
            self._journal.post(record.stop)
            if self._dispatch.withdraw(record):
                self._journal.post(Draft(record.line, JobCancelled()))
        if record.stop is not None:
            with suppress(StoreFull):  # it stops all the same
                await asyncio.wrap_future(record.stop.written)

    async def _recover(self) -> None:
        """Goes on with what a former daemon left."""
        try:
            leftovers, runs = await self._ask(read_leftovers, self._store)
        except Exception:
            _logger.exception("The unfinished jobs cannot be read back")
            raise
        for run in runs:
            self._estimates.note(run)
        for left in leftovers:
            self._restore(left)
        self._dispatch.add(*[self._records[left.job.id] for left in leftovers if left.end is None])

    def _restore(self, left: Leftover) -> None:
        record = Record.of(left.job, left.request, self._estimates, left.entries)
        self._records[record.id] = record
        if left.end is not None:
            self._journal.post(Draft(record.line, left.end))

    async def _recovered(self) -> None:
        if self._closed:
            raise _stopped()
        await asyncio.shield(self._ready)

    async def _look(self, job_id: str) -> Record | StoredJob | None:
        """The job as it lives, or else as it lies on the disk."""
        return self._records.get(job_id) or await self._ask(self._store.job, job_id)

    async def _find(self, job_id: str) -> Record | StoredJob:
        """The job as it lives, or as it ended; raises ``JobNotFound`` where there is none."""
        await self._recovered()
        removals = self._store.removals
        if (kept := self._records.get(job_id) or self._recent.job(job_id, removals)) is not None:
            return kept
        found = await self._look(job_id)
        if isinstance(found, StoredJob) and not found.state.ended:
            async with self._entrance:  # it is just being taken in
                found = await self._look(job_id)
        if found is None:
            raise JobNotFound(f"There is no job “{job_id[:64]}”; it may have been deleted.")
        if isinstance(found, StoredJob):
            self._recent.confirm(found, removals)
        return found

    def _info(self, found: Record | StoredJob) -> JobInfo:
        return found.info(self._dispatch.seconds_left(found)) if isinstance(found, Record) else info_of(found)

    def _start(self, record: Record) -> None:
        record.state, record.position, record.removals = JobState.RUNNING, None, self._store.removals
        record.started_ns = record.started_ns or time.time_ns()
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._threads.append(Run(record, self._runner, self._journal, self._store).start())

    def _publish(self, entries: Sequence[Appended]) -> None:
        """Hands what is on the disk to the loop; called in the journal's thread."""
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(self._take, entries)

    def _take(self, entries: Sequence[Appended]) -> None:
        for appended in entries:
            record = self._records.get(appended.job_id)
            if record is not None:
                record.take(appended)
                if record.ended.is_set():
                    self._let_go(record)

    def _let_go(self, record: Record) -> None:
        del self._records[record.id]
        self._recent.keep(record)
        self._dispatch.release(record)
        self._untrimmed = self._budget > 0
        if self._untrimmed and not self._trimming:
            self._trimming = True
            self._begin(self._trim())

    async def _trim(self) -> None:
        try:
            while self._untrimmed:
                self._untrimmed = False
                await self._ask(self._store.trim, self._budget)
        except Exception:
            _logger.exception("The store cannot be trimmed")
        finally:
            self._trimming = False

    def _join(self) -> None:
        """Waits for the threads of jobs to end; blocks."""
        last = time.monotonic() + UNWIND_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, last - time.monotonic()))
            if thread.is_alive():
                _logger.warning("%s does not stop and is given up; the next daemon goes on with it", thread.name)

    async def _ask(self, question: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
        """Calls what blocks in a thread of the service's own."""
        if self._closed:
            raise _stopped()
        return await self._loop.run_in_executor(self._readers, partial(question, *args, **kwargs))

    def _begin(self, work: Coroutine[Any, Any, Result]) -> "asyncio.Task[Result]":
        """Has ``work`` done whoever waits for it or does not."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _stopped() -> DaemonStopping:
    return DaemonStopping("The Sonique daemon is stopping and takes no new job; start it again.")
