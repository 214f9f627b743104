"""Calls: a client of one daemon, as thin as can be, so that what it sees is what the daemon sent."""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import grpc
from sonique.runtime_file import RuntimeFile
from sonique.v1 import (
    daemon_pb2_grpc,
    engines_pb2_grpc,
    events_pb2,
    jobs_pb2,
    jobs_pb2_grpc,
    media_pb2_grpc,
    scoring_pb2,
    scoring_pb2_grpc,
    store_pb2_grpc,
    takes_pb2_grpc,
)
from sonique_client.bearer import TokenBearer

from bench.faults.asks import Request

ENDED = (jobs_pb2.JOB_STATE_DONE, jobs_pb2.JOB_STATE_FAILED, jobs_pb2.JOB_STATE_CANCELLED)
TERMINAL = ("done", "failed", "cancelled")

OPTIONS: tuple[tuple[str, Any], ...] = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", 64 * 2**20),
    ("grpc.max_send_message_length", 64 * 2**20),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 200),
)
SECONDS = 120.0
"""Longest that a call of a test may take."""


class Caller:
    """An open channel with the token; a context manager that closes it."""

    def __init__(self, runtime: RuntimeFile, target: str = "") -> None:
        self.runtime = runtime
        self._channel = grpc.insecure_channel(target or runtime.address, options=OPTIONS)
        signed: grpc.Channel = grpc.intercept_channel(self._channel, TokenBearer(runtime.token))
        self.channel = signed
        self.scoring = scoring_pb2_grpc.ScoringStub(signed)
        self.jobs = jobs_pb2_grpc.JobsStub(signed)
        self.takes = takes_pb2_grpc.TakesStub(signed)
        self.media = media_pb2_grpc.MediaStub(signed)
        self.engines = engines_pb2_grpc.EnginesStub(signed)
        self.store = store_pb2_grpc.StoreStub(signed)
        self.daemon = daemon_pb2_grpc.DaemonStub(signed)

    def begin(self, request: Request, seconds: float = SECONDS) -> Iterator[events_pb2.JobEvent]:
        """Sends a job; its events as they come."""
        match request:
            case scoring_pb2.DescribeRequest():
                return iter(self.scoring.Describe(request, timeout=seconds))
            case scoring_pb2.TagRequest():
                return iter(self.scoring.Tag(request, timeout=seconds))
            case scoring_pb2.GenerateRequest():
                return iter(self.scoring.Generate(request, timeout=seconds))
            case _:
                return iter(self.scoring.Score(request, timeout=seconds))

    def submit(self, request: Request) -> events_pb2.JobEvent:
        """Sends a job, and leaves once its first event came."""
        events: Any = self.begin(request)
        try:
            first: events_pb2.JobEvent = next(events)
        finally:
            events.cancel()
        return first

    def run(self, request: Request, seconds: float = SECONDS) -> list[events_pb2.JobEvent]:
        """Sends a job and waits for its end."""
        return list(self.begin(request, seconds))

    def watch(self, job_id: str, after: int = 0, seconds: float = SECONDS) -> Iterator[events_pb2.JobEvent]:
        """The job's events after sequence number ``after``, to its end."""
        return iter(self.jobs.Watch(jobs_pb2.WatchRequest(job_id=job_id, after_seq=after), timeout=seconds))

    def poll(self, job_id: str, after: int = 0) -> jobs_pb2.PollResponse:
        """What is there of a job."""
        answer: jobs_pb2.PollResponse = self.jobs.Poll(
            jobs_pb2.PollRequest(job_id=job_id, after_seq=after), timeout=SECONDS
        )
        return answer

    def log(self, job_id: str) -> list[events_pb2.JobEvent]:
        """Everything that is there of a job, page by page."""
        events: list[events_pb2.JobEvent] = []
        while page := self.poll(job_id, len(events)).events:
            events.extend(page)
        return events

    def state(self, job_id: str) -> "jobs_pb2.JobState.ValueType":
        """What a job is at."""
        answer: jobs_pb2.GetResponse = self.jobs.Get(jobs_pb2.GetRequest(job_id=job_id), timeout=SECONDS)
        return answer.job.state

    def cancel(self, job_id: str) -> "jobs_pb2.JobState.ValueType":
        """Cancels a job; its state right after."""
        answer: jobs_pb2.CancelResponse = self.jobs.Cancel(jobs_pb2.CancelRequest(job_id=job_id), timeout=SECONDS)
        return answer.job.state

    def close(self) -> None:
        """Closes the channel."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def kind(event: events_pb2.JobEvent) -> str:
    """Which kind of event it is ("take_ready")."""
    return event.WhichOneof("event") or ""


def code(error: grpc.RpcError) -> grpc.StatusCode:
    """A failed call's status."""
    found: grpc.StatusCode = error.code()
    return found
