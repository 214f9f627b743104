"""How a daemon ends, and what becomes of its jobs."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]
from sonique.runtime_file import RuntimeFile
from sonique.v1 import brief_pb2, daemon_pb2, events_pb2, jobs_pb2, scoring_pb2
from sonique_client.connection import Connection, connect

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
TERMINAL = {"done", "failed", "cancelled"}


class Home(Protocol):
    """What these tests use of the fixture."""

    @property
    def file(self) -> Path: ...
    @property
    def gate(self) -> Path: ...
    def spawn(self, *arguments: str) -> "subprocess.Popen[str]": ...
    def start(self, *arguments: str) -> tuple["subprocess.Popen[str]", RuntimeFile]: ...
    def stop(self, process: "subprocess.Popen[str]") -> int: ...


def submit(connection: Connection, job_id: str, prompt: str) -> Any:
    """Asks for a job; returns the call once the job's engine has begun."""
    request = scoring_pb2.TagRequest(job_id=job_id, brief=brief_pb2.Brief(prompt=prompt))
    call = connection.scoring.Tag(request)
    while next(call).WhichOneof("event") != "warning":
        pass
    return call


def watch(connection: Connection, job_id: str) -> list[events_pb2.JobEvent]:
    return list(connection.jobs.Watch(jobs_pb2.WatchRequest(job_id=job_id)))


def kinds(events: Iterable[events_pb2.JobEvent]) -> list[str]:
    return [str(event.WhichOneof("event")) for event in events]


def goes_on(home: Home, job_id: str) -> list[events_pb2.JobEvent]:
    """The whole log of a job that a new daemon goes on with to its end."""
    process, _ = home.start()
    home.gate.touch()
    with connect(start=None) as connection:
        events = watch(connection, job_id)
    home.stop(process)
    return events


def test_a_job_that_ends_in_time_is_done_before_the_daemon_ends(home: Home) -> None:
    process, _ = home.start("--drain-seconds", "20")
    with connect(start=None) as connection:
        call = submit(connection, "a", str(home.gate))
        process.terminate()
        home.gate.touch()
        assert kinds(call)[-1] == "done"
    assert process.wait(60) == 0


def test_a_job_that_does_not_end_in_time_goes_on_in_the_next_daemon(home: Home) -> None:
    process, _ = home.start("--drain-seconds", "0")
    with connect(start=None) as connection:
        call = submit(connection, "a", str(home.gate))
        process.terminate()
        with pytest.raises(grpc.RpcError) as caught:
            list(call)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert process.wait(60) == 0
    events = goes_on(home, "a")
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert kinds(events)[-1] == "done"
    assert len(TERMINAL.intersection(kinds(events))) == 1
    assert "resumed" in kinds(events)


def test_a_job_goes_on_after_the_daemon_was_killed(home: Home) -> None:
    process, _ = home.start()
    with connect(start=None) as connection:
        submit(connection, "a", str(home.gate))
        process.kill()
        process.wait(60)
    events = goes_on(home, "a")
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert kinds(events)[-1] == "done"
    assert "resumed" in kinds(events)


@pytest.mark.parametrize("flag", ["--port", "--metrics-port"])
def test_a_job_outlives_daemons_that_cannot_start(home: Home, flag: str) -> None:
    process, _ = home.start()
    with connect(start=None) as connection:
        submit(connection, "a", str(home.gate))
        process.kill()
        process.wait(60)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for _ in range(4):
            late = home.spawn(flag, str(taken.getsockname()[1]))
            assert late.wait(60) == 1
    events = goes_on(home, "a")
    assert kinds(events)[-1] == "done", events[-1]


def test_a_job_that_does_not_listen_keeps_no_daemon(home: Home) -> None:
    process, _ = home.start("--drain-seconds", "0")
    with connect(start=None) as connection:
        submit(connection, "a", "deaf")
        process.terminate()
        assert process.wait(60) == 0  # and such a job sleeps for ten minutes
    assert not home.file.exists()


def test_a_second_signal_ends_the_wait(home: Home) -> None:
    process, _ = home.start("--drain-seconds", "600")
    with connect(start=None) as connection:
        submit(connection, "a", str(home.gate))
        process.send_signal(signal.SIGHUP)
        while not connection.daemon.Info(daemon_pb2.InfoRequest()).draining:
            pass
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_a_daemon_on_its_way_out_takes_no_job_and_says_so(home: Home) -> None:
    process, _ = home.start()
    with connect(start=None) as connection:
        call = submit(connection, "a", str(home.gate))
        connection.daemon.Shutdown(daemon_pb2.ShutdownRequest(drain_seconds=600))
        assert connection.daemon.Info(daemon_pb2.InfoRequest()).draining
        health = health_pb2_grpc.HealthStub(connection.channel)
        serving = health_pb2.HealthCheckResponse.SERVING
        while health.Check(health_pb2.HealthCheckRequest()).status == serving:
            pass
        with pytest.raises(grpc.RpcError) as caught:
            submit(connection, "b", "short")
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert "takes no new job" in str(caught.value.details())
        home.gate.touch()
        assert kinds(call)[-1] == "done"
    assert process.wait(60) == 0


def test_nobody_needs_it_and_it_ends(home: Home) -> None:
    process = home.spawn("--idle-exit", "0.002")
    assert process.wait(60) == 0
    assert not home.file.exists()


def test_it_stays_as_long_as_a_job_runs(home: Home) -> None:
    first, _ = home.start()
    with connect(start=None) as connection:
        submit(connection, "a", str(home.gate))
        first.kill()
        first.wait(60)
    process, _ = home.start("--idle-exit", "0.005", "--drain-seconds", "0")  # and the job goes on from its start on
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(2.0)
    home.gate.touch()
    assert process.wait(60) == 0
