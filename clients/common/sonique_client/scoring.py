"""Running a job and following its events, over broken streams too."""

import secrets
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from sonique_client.connection import Connection, calling, failure
from sonique_client.errors import JobCancelled, JobFailed, status_of

if TYPE_CHECKING:
    from sonique.v1.events_pb2 import JobEvent
    from sonique.v1.scoring_pb2 import DescribeRequest, GenerateRequest, ScoreRequest, TagRequest

    ScoringRequest: TypeAlias = DescribeRequest | TagRequest | GenerateRequest | ScoreRequest
    Stream: TypeAlias = Iterator[JobEvent]

_BROKEN = ("UNAVAILABLE", "INTERNAL", "UNKNOWN", "CANCELLED")
"""Statuses by which a stream may break though the job goes on."""

_ATTEMPTS = 5
"""Times in a row that a stream may break without bringing anything."""

_PAUSE_SECONDS = 0.1
"""Pause after the first break; it grows with each in a row."""


def new_job_id() -> str:
    """A job id that nobody else chose."""
    return secrets.token_hex(12)


def run(connection: Connection, request: "ScoringRequest") -> "Stream":
    """Submits ``request`` and yields its events, the terminal one included.

    The job id in ``request`` must be set. Where the same request runs or ran already, its events are yielded. Where the
    stream breaks and the daemon lives, it goes on without a gap. Leaving the iterator cancels nothing.

    Raises:
        CallFailed: the daemon refused the request.
        JobFailed: after the event ``failed``.
        JobCancelled: after the event ``cancelled``.
        DaemonGone: the daemon stopped.
    """
    return _followed(connection, request.job_id, 0, lambda: _submit(connection, request))


def watch(connection: Connection, job_id: str, after_seq: int = 0) -> "Stream":
    """Yields the job's events after ``after_seq``, those to come included; else like ``run``."""
    return _followed(connection, job_id, after_seq, None)


def cancel(connection: Connection, job_id: str) -> None:
    """Cancels the job and waits until it has ended; one that has ended already stays as it is.

    Raises:
        CallFailed: no such job.
        DaemonGone: the daemon stopped.
    """
    from sonique.v1.jobs_pb2 import CancelRequest

    with calling(connection, f"the job “{job_id}” was being cancelled"):
        connection.jobs.Cancel(CancelRequest(job_id=job_id))


def _submit(connection: Connection, request: "ScoringRequest") -> "Stream":
    calls: dict[str, Callable[[Any], Stream]] = {
        "DescribeRequest": connection.scoring.Describe,
        "TagRequest": connection.scoring.Tag,
        "GenerateRequest": connection.scoring.Generate,
        "ScoreRequest": connection.scoring.Score,
    }
    return calls[request.DESCRIPTOR.name](request)


def _followed(connection: Connection, job_id: str, after_seq: int, submit: "Callable[[], Stream] | None") -> "Stream":
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
            if status_of(error) not in _BROKEN or attempts > _ATTEMPTS or not connection.daemon_lives:
                raise failure(connection, error, f"the job “{job_id}” was running") from None
            time.sleep(_PAUSE_SECONDS * attempts)
        else:
            return


def _ends(event: "JobEvent") -> bool:
    """Whether it is the last event and all went well; raises where it is the last and did not."""
    kind = event.WhichOneof("event")
    if kind == "failed":
        raise JobFailed(event.failed.sentence, event.failed.code, event.failed.status)
    if kind == "cancelled":
        raise JobCancelled("The job was cancelled.")
    return kind == "done"
