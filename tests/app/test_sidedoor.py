"""Metrics, and the door that they are seen through."""

import http.client
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sonique_daemon.app.metrics import Held, MeasuredRunner, Metrics
from sonique_daemon.app.sidedoor import SideDoor
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Event, Stage, StageStarted
from sonique_daemon.domain.request import TagJob
from sonique_daemon.errors import Cancelled, MediaNotFound
from sonique_daemon.jobs.runner import FakeRunner, Step
from sonique_daemon.stages.finished import Finished


@dataclass(frozen=True)
class FakeQueue:
    running: int = 2
    waiting: int = 5


@dataclass(frozen=True)
class FakeWorker:
    name: str
    memory_bytes: int


@pytest.fixture
def metrics() -> Metrics:
    found = Metrics()
    found.watch(Held(FakeQueue(), lambda: (FakeWorker("desk", 100), FakeWorker("desk", 50))))
    return found


@pytest.fixture
def port(metrics: Metrics) -> Iterator[int]:
    door = SideDoor(0, metrics.expose)
    door.open()
    yield door.port
    door.close()


def ask(port: int, path: str = "/metrics", host: "str | None" = None, method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest(method, path, skip_host=True)
    if host is None or host:
        connection.putheader("Host", host or f"127.0.0.1:{port}")
    connection.endheaders()
    answer = connection.getresponse()
    said = answer.read().decode()
    connection.close()
    return answer.status, said


def test_metrics_are_shown_to_who_asks_by_the_ports_own_address(port: int) -> None:
    for name in ("127.0.0.1", "localhost", "[::1]"):
        status, said = ask(port, host=f"{name}:{port}")
        assert status == 200
        assert "sonique_jobs_waiting 5.0" in said


@pytest.mark.parametrize(
    "host", ["", "evil.example", "127.0.0.1", "127.0.0.1:1", "evil.example:{port}", "127.0.0.1:{port}@x"]
)
def test_any_other_host_is_refused(port: int, host: str) -> None:
    assert ask(port, host=host.format(port=port)) == (403, "Ask this port by its own address, as 127.0.0.1.\n")


@pytest.mark.parametrize("path", ["/", "/metrics/", "/metrics?x", "/../metrics", "/etc/passwd"])
def test_there_is_one_page_and_no_other(port: int, path: str) -> None:
    assert ask(port, path)[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"])
def test_nothing_can_be_done_there_but_look(port: int, method: str) -> None:
    assert ask(port, method=method)[0] == 501


def test_what_is_held_now_is_told(metrics: Metrics) -> None:
    said = metrics.expose().decode()
    assert "sonique_jobs_running 2.0" in said
    assert 'sonique_memory_bytes{process="desk"} 150.0' in said
    assert 'sonique_memory_bytes{process="daemon"}' in said


def run(metrics: Metrics, *steps: Step) -> list[Event]:
    heard: list[Event] = []
    runner = MeasuredRunner(FakeRunner(lambda _: steps), metrics)
    try:
        runner.run(TagJob(Brief()), heard.append, lambda: None, finished=Finished())
    except (MediaNotFound, Cancelled):
        heard.append(StageStarted(Stage.DELIVER))
    return heard


def test_jobs_are_counted_by_their_end_and_hear_nothing_of_it(metrics: Metrics) -> None:
    begun = StageStarted(Stage.TAG)
    assert run(metrics, begun) == [begun]
    run(metrics, MediaNotFound("Gone."))
    run(metrics, MediaNotFound("Gone."))
    said = metrics.expose().decode()
    assert 'sonique_jobs_total{end="done"} 1.0' in said
    assert 'sonique_jobs_total{end="MEDIA_NOT_FOUND"} 2.0' in said


def test_stages_are_timed_where_they_are_computed_and_counted_where_they_were_known(metrics: Metrics) -> None:
    run(metrics, StageStarted(Stage.DESCRIBE, cached=True), StageStarted(Stage.TAG), StageStarted(Stage.FIT))
    said = metrics.expose().decode()
    assert 'sonique_cached_stages_total{stage="describe"} 1.0' in said
    assert 'sonique_stage_seconds_count{stage="tag"} 1.0' in said
    assert 'sonique_stage_seconds_count{stage="fit"} 1.0' in said
    assert 'sonique_stage_seconds_count{stage="describe"}' not in said
