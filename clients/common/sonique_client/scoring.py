"""Running a job and following its events, over broken streams and a full queue too."""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sonique_client.connection import Connection, calling, failure
from sonique_client.errors import (
    CallFailed,
    ClientError,
    DaemonGone,
    JobCancelled,
    JobFailed,
    speaks_for_itself,
    status_of,
)

if TYPE_CHECKING:
    from sonique.v1.events_pb2 import JobEvent
    from sonique.v1.jobs_pb2 import Job
    from sonique.v1.scoring_pb2 import DescribeRequest, GenerateRequest, ScoreRequest, TagRequest

    ScoringRequest: TypeAlias = DescribeRequest | TagRequest | GenerateRequest | ScoreRequest
    Stream: TypeAlias = Iterator[JobEvent]

QUEUE_FULL = "QUEUE_FULL"
"""Code of the refusal that is worth another try."""

_BROKEN = ("UNAVAILABLE", "INTERNAL", "UNKNOWN", "CANCELLED")
"""Statuses by which a stream may break though the job goes on."""

_ATTEMPTS = 5
"""Times in a row that a stream may break without bringing anything."""

_PAUSE_SECONDS = 0.1
"""Pause after the first break; it grows with each in a row."""

_SHORTEST_RETRY_SECONDS = 0.1
"""Pause before another try at a full queue, however short a one the daemon names."""

_USUAL_RETRY_SECONDS = 2.0
"""The same where the daemon names none."""


def _unsaid(refusal: ClientError, seconds: float) -> None:
    """Says nothing of a wait."""
    del refusal, seconds


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a full queue is tried again.

    Attributes:
        seconds: how long in all; 0 tries once.
        told: called before each wait with the daemon's refusal and the seconds until the next try.
    """

    seconds: float = 0.0
    told: Callable[[ClientError, float], None] = _unsaid


def new_job_id() -> str:
    """A job id that nobody else chose."""
    return secrets.token_hex(12)


def run(connection: Connection, request: "ScoringRequest", patience: Patience = Patience()) -> "Stream":
    """Submits ``request`` and yields its events, the terminal one included.

    The job id in ``request`` must be set. Where the same request runs or ran already, its events are yielded, so that
    submitting again is always safe. Where the stream breaks and the daemon lives, it goes on without a gap. Where the
    queue is full, the request is sent again after the time that the daemon names, as long as ``patience`` lasts.
    Leaving the iterator cancels nothing.

    Raises:
        CallFailed: the daemon refused the request.
        JobFailed: after the event ``failed``.
        JobCancelled: after the event ``cancelled``.
        DaemonGone: the daemon stopped; the job goes on when one starts again.
    """
    waited = 0.0
    while True:
        try:
            yield from _followed(connection, request.job_id, 0, lambda: _submit(connection, request))
        except CallFailed as refusal:
            delay = _delay(refusal)
            if refusal.code != QUEUE_FULL or waited + delay > patience.seconds:
                raise
            patience.told(refusal, delay)
            time.sleep(delay)
            waited += delay
        else:
            return


def watch(connection: Connection, job_id: str, after_seq: int = 0) -> "Stream":
    """Yields the job's events after ``after_seq``, those to come included; else like ``run``."""
    return _followed(connection, job_id, after_seq, None)


def request_cancel(connection: Connection, job_id: str) -> "Job":
    """Tells the job to stop, and returns at once with what it is at; one that has ended stays as it is.

    Raises:
        CallFailed: no such job.
        DaemonGone: the daemon stopped.
    """
    from sonique.v1.jobs_pb2 import CancelRequest

    with calling(connection, f"the job “{job_id}” was being cancelled"):
        return connection.jobs.Cancel(CancelRequest(job_id=job_id)).job


def cancel(connection: Connection, job_id: str) -> str:
    """Cancels the job, waits until it has ended, and says how: "done", "failed" or "cancelled".

    Raises:
        CallFailed: no such job.
        DaemonGone: the daemon stopped.
    """
    told = request_cancel(connection, job_id)
    return ending(connection, job_id, max(0, told.last_seq - 1))


def ending(connection: Connection, job_id: str, after_seq: int = 0) -> str:
    """Waits until the job has ended, and says how: "done", "failed" or "cancelled"; else like ``watch``.

    Args:
        connection: to the daemon.
        job_id: which job.
        after_seq: an event before its terminal one.
    """
    try:
        for _ in watch(connection, job_id, after_seq):
            pass
    except JobFailed:
        return "failed"
    except JobCancelled:
        return "cancelled"
    return "done"


def _submit(connection: Connection, request: "ScoringRequest") -> "Stream":
    calls: dict[str, Callable[[Any], Stream]] = {
        "DescribeRequest": connection.scoring.Describe,
        "TagRequest": connection.scoring.Tag,
        "GenerateRequest": connection.scoring.Generate,
        "ScoreRequest": connection.scoring.Score,
    }
    return calls[request.DESCRIPTOR.name](request)


def _followed(connection: Connection, job_id: str, after_seq: int, submit: "Callable[[], Stream] | None") -> "Stream":
    """The events, over breaks of the stream; ``submit`` opens it as long as no event has come, where it is given."""
    import grpc
    from sonique.v1.jobs_pb2 import WatchRequest

    seq, attempts = after_seq, 0
    while True:
        submitting = submit is not None and seq == 0
        try:
            watched = WatchRequest(job_id=job_id, after_seq=seq)
            for event in submit() if submit is not None and submitting else connection.jobs.Watch(watched):
                seq, attempts = event.seq, 0
                yield event
                if _ends(event):
                    return
        except grpc.RpcError as error:
            attempts += 1
            if attempts > _ATTEMPTS or not _mends(connection, error):
                raise failure(connection, error, f"the job “{job_id}” was running") from None
        else:
            attempts += 1
            if _is_over(connection, job_id, seq):
                return
            if attempts > _ATTEMPTS:
                raise _unended(job_id)
        time.sleep(_PAUSE_SECONDS * attempts)


def _mends(connection: Connection, error: Any) -> bool:
    """Whether the stream merely broke: the daemon lives and did not itself say why the call failed."""
    return status_of(error) in _BROKEN and not speaks_for_itself(error) and connection.daemon_lives


def _is_over(connection: Connection, job_id: str, seq: int) -> bool:
    """Whether a stream that ended of itself was right to: no event of the job comes after ``seq``."""
    from sonique.v1 import jobs_pb2

    with calling(connection, f"the job “{job_id}” was being asked after"):
        job = connection.jobs.Get(jobs_pb2.GetRequest(job_id=job_id)).job
    ended = (jobs_pb2.JOB_STATE_DONE, jobs_pb2.JOB_STATE_FAILED, jobs_pb2.JOB_STATE_CANCELLED)
    return job.state in ended and job.last_seq <= seq


def _unended(job_id: str) -> DaemonGone:
    return DaemonGone(f"The Sonique daemon no longer tells of the job “{job_id}”, which has not ended; start it again.")


def _delay(refusal: CallFailed) -> float:
    named = refusal.retry_seconds
    return _USUAL_RETRY_SECONDS if named is None else max(_SHORTEST_RETRY_SECONDS, named)


def _ends(event: "JobEvent") -> bool:
    """Whether it is the last event and all went well; raises where it is the last and did not."""
    kind = event.WhichOneof("event")
    if kind == "failed":
        raise JobFailed(event.failed.sentence, event.failed.code, event.failed.status)
    if kind == "cancelled":
        raise JobCancelled("The job was cancelled.")
    return kind == "done"
