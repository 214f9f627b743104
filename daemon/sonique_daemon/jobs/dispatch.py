"""Dispatch: starts what may run, keeps the others waiting in their order, and foresees when their turn comes."""

import asyncio
from collections.abc import Callable

from sonique_daemon.domain.request import Ticket
from sonique_daemon.jobs.job import JobState
from sonique_daemon.jobs.journal import Draft
from sonique_daemon.jobs.notice import Notices
from sonique_daemon.jobs.queue import FairQueue, starts
from sonique_daemon.jobs.record import Record

_LEAST_RETRY, _USUAL_RETRY, _LONGEST_RETRY = 1.0, 5.0, 120.0
"""Seconds after which a client that found the queue full is told to try again; the usual where nothing is known."""

_OUTLOOK_SECONDS = 0.5
"""How long a look ahead holds; many ask for it at once."""


class Dispatch:
    """Decides who runs. Belongs to one event loop.

    Attributes:
        at_once: how many jobs run at a time.
        running: those that run, by id, from when they start until their end is on the disk.
        waiting: those that wait, by id.
    """

    def __init__(
        self,
        queue: FairQueue,
        at_once: int,
        start: Callable[[Record], None],
        post: Callable[[Draft], None],
        notice_seconds: float,
    ) -> None:
        self.at_once = at_once
        self.running: dict[str, Record] = {}
        self.waiting: dict[str, Record] = {}
        self._queue, self._start = queue, start
        self._notices = Notices(post, self._tell, notice_seconds)
        self._halted = False
        self._loop = asyncio.get_running_loop()
        self._outlook: tuple[float, dict[str, float | None]] = (float("-inf"), {})

    def check(self, ticket: Ticket) -> None:
        """Whether one more job of that client can be taken in; raises ``QueueFull``."""
        if len(self.running) >= self.at_once:
            self._queue.check(ticket, self._retry_seconds)

    def add(self, *records: Record) -> None:
        """Takes jobs in; those that can run start at once."""
        for record in records:
            self._queue.add(record.id, record.job.ticket)
            self.waiting[record.id] = record
        self._advance()

    def withdraw(self, record: Record) -> bool:
        """Takes a job out of the queue; False where it does not wait."""
        if self.waiting.pop(record.id, None) is None:
            return False
        self._queue.remove(record.id)
        self._advance()
        return True

    def release(self, record: Record) -> None:
        """Has the next job run in the place of one that ended."""
        if self.running.pop(record.id, None) is not None:
            self._advance()

    def halt(self) -> None:
        """Starts nothing any more, and tells nobody any place."""
        self._halted = True
        self._notices.close()

    def seconds_left(self, record: Record) -> float | None:
        """Seconds until the job ends, the wait included, or None where that cannot be told."""
        if record.state is JobState.RUNNING:
            return record.course.seconds_left()
        return self._ends().get(record.id)

    def _advance(self) -> None:
        if self._halted:
            return
        while self.waiting and len(self.running) < self.at_once:
            record = self.waiting.pop(self._queue.pop())
            self.running[record.id] = record
            self._start(record)
        self._outlook = (float("-inf"), {})
        self._tell()

    def _tell(self) -> None:
        self._notices.tell([self.waiting[job_id] for job_id in self._queue.order()], list(self.running.values()))

    def _ends(self) -> dict[str, float | None]:
        """Seconds until each job that waits ends; not older than half a second."""
        now = self._loop.time()
        if now - self._outlook[0] > _OUTLOOK_SECONDS:
            self._outlook = now, self._look_ahead()
        return self._outlook[1]

    def _look_ahead(self) -> dict[str, float | None]:
        order = self._queue.order()
        needs = [self.waiting[job_id].course.seconds_left() for job_id in order]
        lefts = [record.course.seconds_left() for record in self.running.values()]
        begins = starts(lefts, needs, self.at_once)
        return {
            job_id: None if begin is None or need is None else begin + need
            for job_id, begin, need in zip(order, begins, needs, strict=True)
        }

    def _retry_seconds(self, job_id: str) -> float:
        """Seconds until the job that waits runs, which leaves a place."""
        end, need = self._ends().get(job_id), self.waiting[job_id].course.seconds_left()
        if end is None or need is None:
            return _USUAL_RETRY
        return min(max(_LEAST_RETRY, end - need), _LONGEST_RETRY)
