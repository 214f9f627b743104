import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Protocol

import grpc
import pytest
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]
from sonique.runtime_file import RuntimeFile
from sonique.v1 import daemon_pb2, events_pb2, jobs_pb2, scoring_pb2
from sonique_client import scoring
from sonique_client.connection import Connection, connect
from sonique_client.errors import CallFailed, DaemonGone, JobCancelled, JobFailed
from sonique_daemon.domain.events import Warned
from sonique_daemon.errors import NothingToSee
from sonique_daemon.jobs.runner import Hold, Script

Ask = Callable[[str], scoring_pb2.TagRequest]


class Served(Protocol):
    """What these tests use of the fixture."""

    script: Script
    runtime: RuntimeFile


class Broken(grpc.RpcError):
    """A stream that broke off."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE


class Breaking:
    """Stubs whose streams break after each event, and note what they were asked."""

    def __init__(self, real: Connection) -> None:
        self.real, self.asked = real, list[Any]()

    def Tag(self, request: Any) -> Iterator[events_pb2.JobEvent]:  # noqa: N802 - as gRPC names it
        return self._one(request, self.real.scoring.Tag(request))

    def Watch(self, request: Any) -> Iterator[events_pb2.JobEvent]:  # noqa: N802 - as gRPC names it
        return self._one(request, self.real.jobs.Watch(request))

    Describe = Generate = Score = Tag

    def _one(self, request: Any, stream: Iterator[events_pb2.JobEvent]) -> Iterator[events_pb2.JobEvent]:
        self.asked.append(request)
        yield next(stream)
        raise Broken


@pytest.fixture
def connection(served: Served) -> Iterator[Connection]:
    """A connection to the server."""
    assert served.runtime.pid == os.getpid()
    with connect(start=None) as connection:
        yield connection


def kinds(events: list[events_pb2.JobEvent]) -> list[str | None]:
    return [event.WhichOneof("event") for event in events]


def test_a_job_is_run_and_its_events_come_in_order(served: Served, connection: Connection, ask: Ask) -> None:
    served.script = lambda _: (Warned("one"), Warned("two"))
    assert kinds(list(scoring.run(connection, ask("a")))) == ["warning", "warning", "done"]
    assert kinds(list(scoring.watch(connection, "a", 2))) == ["done"]


def test_a_failed_job_is_raised_after_its_last_event(served: Served, connection: Connection, ask: Ask) -> None:
    served.script = lambda _: (NothingToSee("All black."),)
    events = scoring.run(connection, ask("a"))
    assert next(events).WhichOneof("event") == "failed"
    with pytest.raises(JobFailed) as caught:
        next(events)
    error = caught.value
    assert (error.sentence, error.code, error.status) == ("All black.", "NOTHING_TO_SEE", "FAILED_PRECONDITION")


def test_a_cancelled_job_is_raised_after_its_last_event(served: Served, connection: Connection, ask: Ask) -> None:
    served.script = lambda _: (Warned("one"), Hold())
    events = scoring.run(connection, ask("a"))
    next(events)
    scoring.cancel(connection, "a")
    assert next(events).WhichOneof("event") == "cancelled"
    with pytest.raises(JobCancelled):
        next(events)


def test_cancelling_waits_until_the_job_has_ended_and_says_how(
    served: Served, connection: Connection, ask: Ask
) -> None:
    served.script = lambda _: (Warned("one"), Hold())
    next(scoring.run(connection, ask("a")))
    assert scoring.cancel(connection, "a") == "cancelled"
    assert kinds(list(connection.jobs.Watch(jobs_pb2.WatchRequest(job_id="a"))))[-1] == "cancelled"


def test_cancelling_a_job_that_has_ended_changes_nothing(served: Served, connection: Connection, ask: Ask) -> None:
    served.script = lambda _: (Warned("one"),)
    list(scoring.run(connection, ask("a")))
    assert scoring.cancel(connection, "a") == "done"


def test_cancelling_a_job_that_nobody_knows_is_refused(connection: Connection) -> None:
    with pytest.raises(CallFailed) as caught:
        scoring.cancel(connection, "never")
    assert caught.value.code == "JOB_NOT_FOUND"


def test_watching_after_the_last_event_ends_at_once(served: Served, connection: Connection, ask: Ask) -> None:
    served.script = lambda _: (Warned("one"),)
    events = list(scoring.run(connection, ask("a")))
    assert list(scoring.watch(connection, "a", events[-1].seq)) == []


class Full(grpc.RpcError):
    """A call that was refused because the queue is full."""

    def __init__(self, retry: float | None) -> None:
        status = status_pb2.Status(code=8)
        status.details.add().Pack(error_details_pb2.ErrorInfo(reason="QUEUE_FULL", domain="sonique"))
        if retry is not None:
            delay = duration_pb2.Duration()
            delay.FromNanoseconds(round(retry * 1e9))
            status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
        self._status = bytes(status.SerializeToString())

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.RESOURCE_EXHAUSTED

    def details(self) -> str:
        return "64 jobs wait already."

    def trailing_metadata(self) -> Any:
        return (("grpc-status-details-bin", self._status),)


class Crowded:
    """A stub whose queue is full for the first calls, and then takes the job."""

    def __init__(self, refusals: int, retry: float | None = 2.0) -> None:
        self.refusals, self.retry, self.calls = refusals, retry, 0

    def Tag(self, request: Any) -> Iterator[events_pb2.JobEvent]:  # noqa: N802 - as gRPC names it
        self.calls += 1
        if self.calls <= self.refusals:
            raise Full(self.retry)
        yield events_pb2.JobEvent(job_id=request.job_id, seq=1, done=events_pb2.Done())

    Describe = Generate = Score = Tag


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits that were asked for; none is waited."""
    waits: list[float] = []
    monkeypatch.setattr(scoring.time, "sleep", waits.append)  # type: ignore[attr-defined]
    return waits


@pytest.fixture
def nowhere() -> Connection:
    """A connection with nobody at its other end."""
    here = RuntimeFile("", "", "t", os.getpid(), "1.0", 1)
    nobody: Any = None
    info = daemon_pb2.InfoResponse()
    return Connection(here, info, nobody, nobody, nobody, nobody, nobody, nobody, nobody)


def crowded(connection: Connection, stub: Crowded) -> Connection:
    return replace(connection, scoring=stub)  # type: ignore[arg-type]


def test_a_full_queue_is_tried_again_after_the_time_that_the_daemon_names(
    nowhere: Connection, ask: Ask, slept: list[float]
) -> None:
    told: list[tuple[str, float]] = []
    patience = scoring.Patience(60.0, lambda refusal, seconds: told.append((refusal.sentence, seconds)))
    events = list(scoring.run(crowded(nowhere, Crowded(3)), ask("a"), patience))
    assert kinds(events) == ["done"]
    assert slept == [2.0, 2.0, 2.0]
    assert told == [("64 jobs wait already.", 2.0)] * 3


def test_patience_with_a_full_queue_ends(nowhere: Connection, ask: Ask, slept: list[float]) -> None:
    stub = Crowded(1000)
    with pytest.raises(CallFailed, match="64 jobs wait") as caught:
        list(scoring.run(crowded(nowhere, stub), ask("a"), scoring.Patience(5.0)))
    assert (sum(slept), stub.calls) == (4.0, 3)
    assert (caught.value.code, caught.value.retry_seconds) == ("QUEUE_FULL", 2.0)


def test_without_patience_a_full_queue_is_told_at_once(nowhere: Connection, ask: Ask, slept: list[float]) -> None:
    with pytest.raises(CallFailed):
        list(scoring.run(crowded(nowhere, Crowded(1)), ask("a")))
    assert slept == []


@pytest.mark.parametrize("retry", [None, 0.0])
def test_a_daemon_that_names_no_time_is_not_asked_without_a_pause(
    nowhere: Connection, ask: Ask, slept: list[float], retry: float | None
) -> None:
    list(scoring.run(crowded(nowhere, Crowded(1, retry)), ask("a"), scoring.Patience(60.0)))
    assert min(slept) > 0


def test_leaving_the_events_cancels_nothing(served: Served, connection: Connection, ask: Ask) -> None:
    hold = Hold()
    served.script = lambda _: (Warned("one"), hold)
    events = scoring.run(connection, ask("a"))
    next(events)
    del events
    hold.gate.set()
    assert kinds(list(scoring.watch(connection, "a"))) == ["warning", "done"]


def test_a_refused_request_is_told_in_the_daemons_words(connection: Connection, ask: Ask) -> None:
    with pytest.raises(CallFailed, match="job id") as caught:
        list(scoring.run(connection, ask("no id")))
    assert caught.value.code == "INVALID_REQUEST"


def test_a_stream_that_breaks_goes_on_without_a_gap(
    served: Served, connection: Connection, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "_PAUSE_SECONDS", 0.0)
    served.script = lambda _: (Warned(str(number)) for number in range(8))
    breaking = Breaking(connection)
    shaky = replace(connection, scoring=breaking, jobs=breaking)  # type: ignore[arg-type]
    events = list(scoring.run(shaky, ask("a")))
    assert [event.seq for event in events] == list(range(1, 10))
    assert [getattr(asked, "after_seq", None) for asked in breaking.asked] == [None, 1, 2, 3, 4, 5, 6, 7, 8]


def test_a_stream_that_breaks_because_the_daemon_died_is_not_tried_again(
    served: Served, connection: Connection, ask: Ask
) -> None:
    served.script = lambda _: (Warned("one"), Warned("two"))
    breaking = Breaking(connection)
    dead = replace(connection.runtime, pid=2**31 - 5)
    gone = replace(connection, scoring=breaking, runtime=dead)  # type: ignore[arg-type]
    events = scoring.run(gone, ask("a"))
    with pytest.raises(DaemonGone, match="The Sonique daemon stopped while the job “a” was running") as caught:
        list(events)
    assert caught.value.code == "DAEMON_GONE"
    assert len(breaking.asked) == 1


def test_a_daemon_that_lives_but_does_not_answer_is_given_up(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "_PAUSE_SECONDS", 0.0)
    asked: list[int] = []

    class Silent:
        def Watch(self, request: jobs_pb2.WatchRequest) -> Iterator[events_pb2.JobEvent]:  # noqa: N802
            asked.append(request.after_seq)
            raise Broken

    assert connection.runtime.pid == os.getpid()
    with pytest.raises(DaemonGone, match="no longer answered"):
        list(scoring.watch(replace(connection, jobs=Silent()), "a"))  # type: ignore[arg-type]
    assert 2 <= len(asked) <= 10


def test_job_ids_are_new_each_time_and_ones_that_the_daemon_takes() -> None:
    ids = {scoring.new_job_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(name) <= 64 and name.isalnum() for name in ids)
