"""One live job as the service keeps it: from when it comes in until its terminal event is on the disk."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from threading import Event as Flag

from sonique_daemon.domain.events import Conformed, Event, Failed, Tagged
from sonique_daemon.domain.request import GenerateJob, Job
from sonique_daemon.jobs.course import Course
from sonique_daemon.jobs.estimate import Estimates
from sonique_daemon.jobs.job import JobInfo, JobState, state_after
from sonique_daemon.jobs.journal import Draft, Line
from sonique_daemon.jobs.log import Entry, Log
from sonique_daemon.jobs.store.values import Appended, StoredJob
from sonique_daemon.jobs.told import Told
from sonique_daemon.stages.finished import Finished


@dataclass(slots=True, eq=False)
class Record:
    """One live job.

    Attributes:
        job: as it stands on the disk, or did when it came in; without its request.
        request: what is asked.
        course: how far it is.
        log: its events that are on the disk.
        line: its line in the journal.
        finished: what a former daemon had finished of it.
        told: what its log said when this daemon took it over; None for a new job.
        state: what it is at.
        title: what it is about, or "".
        started_ns: when it first ran, or 0.
        ended_ns: when it ended, or 0.
        failure: why it failed, or None.
        position: place in the queue, or None.
        told_position: the place that was last told, or None.
        told_at: when that was, by the loop's clock.
        cancelled: tells the running thread to stop, because somebody wants that.
        suspended: tells it to stop, because the daemon ends and the job is to go on later.
        stop: has it written that the job was told to stop, or None.
        removals: how many times the store had taken out jobs when this one last began to run; -1 before.
        ended: set as soon as the terminal event is on the disk.
    """

    job: StoredJob
    request: Job
    course: Course
    log: Log
    line: Line
    finished: Finished
    told: Told | None
    state: JobState = JobState.QUEUED
    title: str = ""
    started_ns: int = 0
    ended_ns: int = 0
    failure: Failed | None = None
    position: int | None = None
    told_position: int | None = None
    told_at: float = float("-inf")
    cancelled: Flag = field(default_factory=Flag)
    suspended: Flag = field(default_factory=Flag)
    stop: Draft | None = None
    removals: int = -1
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(cls, job: StoredJob, request: Job, estimates: Estimates, entries: tuple[Entry, ...] = ()) -> "Record":
        """A job that waits: a new one, or one of which a former daemon had written ``entries``."""
        events = [entry.event for entry in entries]
        finished = Finished.of(events)
        return cls(
            job=replace(job, request=b""),
            request=request,
            course=Course(request, finished, estimates),
            log=Log(entries),
            line=Line(job.id, job.last_seq, entries[-1].time_ns if entries else 0),
            finished=finished,
            told=Told.of(events) if events else None,
            title=job.title,
            started_ns=job.started_ns,
        )

    @property
    def id(self) -> str:
        """What the client chose."""
        return self.job.id

    @property
    def name(self) -> str:
        """How the job is called in a sentence."""
        return f"“{self.title[:60]}”" if self.title else f"the job “{self.id}”"

    def take(self, appended: Appended) -> None:
        """Follows what was written to the disk."""
        entry = appended.entry
        self.title = appended.title or self.title
        if entry is not None:
            self._hear(entry)
        if appended.state is not None and not self.ended.is_set():
            self.state = appended.state

    def _hear(self, entry: Entry) -> None:
        self.log.append(entry)
        state = state_after(entry.event)
        if state is not None:
            self.state, self.ended_ns = state, entry.time_ns
            self.failure = entry.event if isinstance(entry.event, Failed) else None
            self.ended.set()

    def stored(self) -> StoredJob:
        """The job as it stands on the disk once it has ended."""
        return replace(
            self.job,
            state=self.state,
            started_ns=self.started_ns,
            ended_ns=self.ended_ns,
            last_seq=self.log.last_seq,
            title=self.title,
            failure=self.failure,
        )

    def info(self, seconds_left: float | None) -> JobInfo:
        """The job at a glance."""
        waits = self.state is JobState.QUEUED
        return JobInfo(
            id=self.id,
            kind=self.job.kind,
            state=self.state,
            client=self.job.ticket.client,
            priority=self.job.ticket.priority,
            created_ns=self.job.created_ns,
            started_ns=self.started_ns,
            ended_ns=self.ended_ns,
            last_seq=self.log.last_seq,
            failure=self.failure,
            position=self.position if waits else None,
            stage=None if waits or self.state.ended else self.course.stage,
            seconds_left=None if self.state.ended else seconds_left,
            title=self.title,
        )


async def until_ended(records: Collection[Record], cut: asyncio.Event, seconds: float) -> None:
    """Returns when all of ``records`` have ended, or after ``seconds``, or when the wait is ``cut`` short."""
    ends, other = asyncio.ensure_future(_all_ended(records)), asyncio.ensure_future(cut.wait())
    try:
        await asyncio.wait((ends, other), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ends.cancel()
        other.cancel()


async def _all_ended(records: Collection[Record]) -> None:
    for record in records:
        await record.ended.wait()


def info_of(job: StoredJob) -> JobInfo:
    """A job that does not live any more, at a glance."""
    return JobInfo(
        id=job.id,
        kind=job.kind,
        state=job.state,
        client=job.ticket.client,
        priority=job.ticket.priority,
        created_ns=job.created_ns,
        started_ns=job.started_ns,
        ended_ns=job.ended_ns,
        last_seq=job.last_seq,
        failure=job.failure,
        title=job.title,
    )


def first_title(request: Job) -> str:
    """What ``request`` is about, as far as it says so itself."""
    return request.tags.style if isinstance(request, GenerateJob) else ""


def title_in(event: Event) -> str:
    """What a job is about, as far as ``event`` says so."""
    match event:
        case Conformed(picture):
            return picture.name
        case Tagged(tags):
            return tags.style
        case _:
            return ""
