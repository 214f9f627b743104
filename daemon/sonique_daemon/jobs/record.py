"""One job as the service keeps it, and as others see it."""

import asyncio
import time
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event as Flag

from sonique_daemon.domain.events import Done, Failed, JobCancelled, Terminal
from sonique_daemon.domain.request import DescribeJob, GenerateJob, Job, ScoreJob, TagJob
from sonique_daemon.jobs.log import Log


class JobState(StrEnum):
    """What a job is at."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobKind(StrEnum):
    """What kind of request a job came from."""

    DESCRIBE = "describe"
    TAG = "tag"
    GENERATE = "generate"
    SCORE = "score"


_KINDS: dict[type[Job], JobKind] = {
    DescribeJob: JobKind.DESCRIBE,
    TagJob: JobKind.TAG,
    GenerateJob: JobKind.GENERATE,
    ScoreJob: JobKind.SCORE,
}
_STATES: dict[type[Terminal], JobState] = {
    Done: JobState.DONE,
    Failed: JobState.FAILED,
    JobCancelled: JobState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job at a glance.

    Attributes:
        id: what the client chose.
        kind: what was asked.
        state: what it is at.
        created_ns: when it came in, in nanoseconds since 1970.
        last_seq: sequence number of its latest event.
        failure: why it failed, or None.
    """

    id: str
    kind: JobKind
    state: JobState
    created_ns: int
    last_seq: int
    failure: Failed | None


@dataclass(slots=True)
class Record:
    """One job as the service keeps it.

    Attributes:
        id: what the client chose.
        request: what is asked; let go when the job ends, because it may hold megabytes.
        digest: tells this request from another.
        position: place in the queue that was last told, or None.
        cancelled: tells the running thread to stop.
        ended: set after the terminal event.
    """

    id: str
    request: Job | None
    digest: bytes
    kind: JobKind
    log: Log = field(default_factory=Log)
    state: JobState = JobState.QUEUED
    created_ns: int = field(default_factory=time.time_ns)
    position: int | None = None
    failure: Failed | None = None
    cancelled: Flag = field(default_factory=Flag)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(cls, job_id: str, request: Job, digest: bytes) -> "Record":
        """A new job, which waits."""
        return cls(job_id, request, digest, _KINDS[type(request)])

    def info(self) -> JobInfo:
        """The job at a glance."""
        return JobInfo(self.id, self.kind, self.state, self.created_ns, self.log.last_seq, self.failure)

    def end(self, event: Terminal) -> None:
        """Closes the job with its terminal event."""
        self.log.append(event)
        self.state = _STATES[type(event)]
        self.failure = event if isinstance(event, Failed) else None
        self.request = None
        self.ended.set()
