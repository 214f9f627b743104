import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Protocol

import grpc
import pytest
from sonique.runtime_file import RuntimeFile
from sonique.v1 import events_pb2, jobs_pb2, scoring_pb2
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
