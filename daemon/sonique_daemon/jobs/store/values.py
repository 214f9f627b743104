"""What goes into the store and comes out of it."""

from dataclasses import dataclass, field
from enum import StrEnum

from sonique_daemon.domain.events import Failed, Stage
from sonique_daemon.domain.request import Ticket
from sonique_daemon.jobs.job import JobKind, JobState
from sonique_daemon.jobs.log import Entry
from sonique_daemon.stages.cache import Remembered

__all__ = [
    "Appended",
    "Holding",
    "MeasuredRun",
    "OutOfOrder",
    "PruneOrder",
    "Remembered",
    "StoreKind",
    "StoreLocked",
    "StoreTooNew",
    "StoredJob",
    "Usage",
]


class StoreLocked(Exception):
    """Another process uses the store."""


class StoreTooNew(Exception):
    """A newer release of Sonique wrote the store."""


class OutOfOrder(Exception):
    """An event that is not its job's next, or that follows the terminal one; a mistake of the caller's."""


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job as it stands on the disk.

    Attributes:
        id: what the client chose.
        digest: of the request; the same request has the same.
        kind: what was asked.
        request: the request by ``codec.encode_one_of``; b"" in lists, and once the job has ended and nothing needs it.
        ticket: its place in the queue.
        state: what it is at.
        created_ns: when it came in, in nanoseconds since 1970.
        started_ns: when it first ran; 0 while it waits.
        ended_ns: when it ended; 0 until then.
        last_seq: sequence number of its latest event; 0 before the first.
        attempts: how many times it began to run.
        cancelling: whether it was told to stop.
        title: what it is about; "" where that is not known yet.
        failure: why it failed, or None.
    """

    id: str
    digest: bytes
    kind: JobKind
    request: bytes
    ticket: Ticket = field(default_factory=Ticket)
    state: JobState = JobState.QUEUED
    created_ns: int = 0
    started_ns: int = 0
    ended_ns: int = 0
    last_seq: int = 0
    attempts: int = 0
    cancelling: bool = False
    title: str = ""
    failure: Failed | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """What happened to a job: an event, a change of state, a title, or several of these.

    Attributes:
        job_id: which job.
        entry: the next event; its ``seq`` is the job's ``last_seq`` + 1. A terminal event sets the state by itself.
        state: the job's new state, or None where that stays. An ended state comes with its terminal event alone.
            ``QUEUED`` puts a running job back, and its attempt does not count.
        title: the job's new title; "" where that stays.
    """

    job_id: str
    entry: Entry | None = None
    state: JobState | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class MeasuredRun:
    """How long one stage of one job took.

    Attributes:
        stage: which.
        engine: name of the engine; "" for a stage without.
        version: of the engine.
        length: seconds of timeline or music that it worked on.
        seconds: how long it took.
    """

    stage: Stage
    engine: str
    version: str
    length: float
    seconds: float


class StoreKind(StrEnum):
    """A kind of thing in the store."""

    RESULTS = "results"
    TAKES = "takes"
    UPLOADS = "uploads"
    JOBS = "jobs"
    SCRATCH = "scratch"


@dataclass(frozen=True, slots=True)
class Holding:
    """How much of a kind: ``count`` things that take ``bytes`` on the disk."""

    kind: StoreKind
    count: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Usage:
    """How much lies in the store, or went.

    Attributes:
        holdings: one for each kind; of what went, one for each kind of which something did.
        free_bytes: free on the store's disk.
    """

    holdings: tuple[Holding, ...]
    free_bytes: int

    @property
    def bytes(self) -> int:
        """Bytes of all of it."""
        return sum(holding.bytes for holding in self.holdings)

    def of(self, kind: StoreKind) -> Holding:
        """The holding of that kind."""
        found = (holding for holding in self.holdings if holding.kind is kind)
        return next(found, Holding(kind, 0, 0))


@dataclass(frozen=True, slots=True)
class PruneOrder:
    """What to clear.

    Attributes:
        kinds: what may go; empty for all but scratch. Takes go from jobs that stay, where jobs are not named.
        keep_bytes: stop as soon as at most this many bytes of these kinds are left; 0 clears all that may go.
        keep_seconds: keep what was used within the last so many seconds.
        rehearse: only say what would go.
    """

    kinds: frozenset[StoreKind] = frozenset()
    keep_bytes: int = 0
    keep_seconds: float = 0.0
    rehearse: bool = False
