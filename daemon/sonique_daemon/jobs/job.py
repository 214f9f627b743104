"""A job at a glance, and the words for what it is at."""

from dataclasses import dataclass
from enum import StrEnum

from sonique_daemon.domain.events import Done, Event, Failed, JobCancelled, Stage
from sonique_daemon.domain.request import DescribeJob, GenerateJob, Job, Priority, ScoreJob, TagJob


class JobState(StrEnum):
    """What a job is at."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    """It was told to stop, and does within one model step."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing can happen to the job any more."""
        return self in ENDED


ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})
"""The states that a job stays in."""

UNFINISHED = frozenset(JobState) - ENDED
"""The states that a job leaves again."""


class JobKind(StrEnum):
    """What kind of request a job came from."""

    DESCRIBE = "describe"
    TAG = "tag"
    GENERATE = "generate"
    SCORE = "score"

    @classmethod
    def of(cls, request: Job) -> "JobKind":
        """The kind of ``request``."""
        return _KINDS[type(request)]


_KINDS: dict[type[Job], JobKind] = {
    DescribeJob: JobKind.DESCRIBE,
    TagJob: JobKind.TAG,
    GenerateJob: JobKind.GENERATE,
    ScoreJob: JobKind.SCORE,
}


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job at a glance.

    Attributes:
        id: what the client chose.
        kind: what was asked.
        state: what it is at.
        client: who asked, or "".
        priority: how soon it is wanted.
        created_ns: when it came in, in nanoseconds since 1970.
        started_ns: when it first ran; 0 while it waits.
        ended_ns: when it ended; 0 until then.
        last_seq: sequence number of its latest event; 0 before the first.
        failure: why it failed, or None.
        position: place in the queue while it waits, 0 runs next; else None.
        stage: the stage that runs, or None.
        seconds_left: estimated seconds until it ends, or None where that cannot be told.
        title: what it is about; "" where that is not known yet.
    """

    id: str
    kind: JobKind
    state: JobState
    client: str
    priority: Priority
    created_ns: int
    started_ns: int = 0
    ended_ns: int = 0
    last_seq: int = 0
    failure: Failed | None = None
    position: int | None = None
    stage: Stage | None = None
    seconds_left: float | None = None
    title: str = ""


def state_after(event: Event) -> JobState | None:
    """The state that ``event`` ends a job in; None where it is no terminal event."""
    match event:
        case Done():
            return JobState.DONE
        case Failed():
            return JobState.FAILED
        case JobCancelled():
            return JobState.CANCELLED
    return None
