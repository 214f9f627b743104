"""What misbehaves in a worker fails one job with a sentence, and the next job runs."""

import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psutil
import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.engine import RecordedReport, TagRequest
from sonique_daemon.engines.hazards import hazards
from sonique_daemon.errors import (
    Cancelled,
    EngineFailed,
    LimitExceeded,
    OutOfMemory,
    SoniqueError,
    WorkerCrashed,
    WorkerHung,
)
from sonique_daemon.workers.task import TAG

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and groups of processes")

Build = Callable[..., Any]
Until = Callable[[Callable[[], bool]], None]


def _make_ready(bench: Any, until: Until) -> None:
    """Has the hazards' worker import all that it needs, which no watchdog minds."""
    bench.pool.warm(["hazards"])
    until(lambda: bool(bench.pool.loaded(hazards().descriptor(Stage.GENERATE, "swell"))))


@pytest.mark.parametrize(
    ("engine", "kind", "words"),
    [
        ("segfault", WorkerCrashed, "segmentation fault"),
        ("abort", WorkerCrashed, "abort"),
        ("exit", WorkerCrashed, "exit code 3"),
        ("quit", EngineFailed, "SystemExit"),
        ("raise", EngineFailed, "ZeroDivisionError"),
        ("hoard", OutOfMemory, "400 MB"),
        ("share", OutOfMemory, "400 MB"),
        ("garble", WorkerCrashed, "cannot be understood"),
    ],
)
def test_one_job_fails_with_a_sentence_and_the_next_runs(
    bench: Any, engine: str, kind: type[SoniqueError], words: str
) -> None:
    with pytest.raises(SoniqueError, match=words) as caught:
        bench.tag(engine)
    assert type(caught.value) is kind
    assert f"The engine “{engine}”" in caught.value.sentence
    assert bench.tag("print").style == "ambient"


@pytest.mark.parametrize("engine", ["hang", "hold", "spin"])
def test_a_hung_worker_is_ended_and_the_log_says_where(
    build: Build, caplog: pytest.LogCaptureFixture, until: Until, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setattr("sonique_daemon.workers.pool._LAST_WORDS_SECONDS", 1.0)
    bench = build(stall_seconds=1.0)
    _make_ready(bench, until)
    with caplog.at_level(logging.INFO), pytest.raises(WorkerHung, match=f"“{engine}” gave no sign of life"):
        bench.tag(engine)
    assert any("hazards.py" in record.message for record in caplog.records)
    bench.pool.limits = replace(bench.pool.limits, stall_seconds=60.0)  # what follows may be slow
    assert bench.tag("print").style == "ambient"


def test_a_worker_that_says_that_it_goes_on_is_not_hung(build: Build) -> None:
    patient, impatient = build(stall_seconds=4.5), build(stall_seconds=4.0)
    running, report = impatient.start("still")
    with pytest.raises(WorkerHung):  # takes longer than the other's patience
        patient.tag("hang")
    impatient.stop(running, report)


@pytest.mark.parametrize("engine", ["deaf", "hold", "spin"])
def test_a_worker_that_does_not_stop_is_ended_and_its_job_is_cancelled(build: Build, engine: str) -> None:
    bench = build(cancel_seconds=0.3)
    running, report = bench.start(engine)
    pid = bench.pid("hazards")
    report.cancelled = True
    assert isinstance(running.outcome(), Cancelled)
    assert bench.tag("print").style == "ambient"
    assert bench.pid("hazards") != pid


def test_a_worker_that_stops_is_kept(bench: Any) -> None:
    running, report = bench.start("linger")
    pid = bench.pid("hazards")
    bench.stop(running, report)
    bench.tag("print")
    assert bench.pid("hazards") == pid


def test_what_libraries_print_breaks_nothing_and_stands_in_the_log(
    bench: Any, caplog: pytest.LogCaptureFixture, until: Until
) -> None:
    with caplog.at_level(logging.INFO, "sonique_daemon.workers.hazards"):
        assert bench.tag("print").style == "ambient"
        until(lambda: any("what a library in C prints" in record.message for record in caplog.records))


def test_a_flood_is_cut_short_in_the_log(build: Build, caplog: pytest.LogCaptureFixture, until: Until) -> None:
    bench = build(keep_alive_seconds=0.0)
    with caplog.at_level(logging.INFO, "sonique_daemon.workers.hazards"):
        bench.tag("flood")
        until(lambda: any("lines more" in record.message for record in caplog.records))
    assert 50 < len(caplog.records) < 300


def test_a_request_that_is_too_large_is_refused_and_a_large_one_passes(bench: Any) -> None:
    run, report = bench.executor.run, RecordedReport()
    assert run(TAG, "", TagRequest(Brief(prompt="p" * 20_000_000), None), report).style == "ambient"
    with pytest.raises(LimitExceeded, match="too large"):
        run(TAG, "", TagRequest(Brief(prompt="p" * 70_000_000), None), report)
    assert run(TAG, "", TagRequest(Brief(prompt="p"), None), report).style == "ambient"


def test_twenty_killed_workers_leave_nothing(bench: Any, holdings: Callable[[], Any], until: Until) -> None:
    bench.tag("print")
    before = holdings()
    for _ in range(20):
        running, _ = bench.start("linger")
        os.kill(bench.pid("hazards"), signal.SIGKILL)
        error = running.outcome()
        assert isinstance(error, WorkerCrashed)
        assert "from outside or by the system" in error.sentence
    bench.tag("print")
    until(lambda: bool(holdings().within(before)))


def test_an_idle_worker_that_was_killed_is_replaced(bench: Any, until: Until) -> None:
    bench.tag("print")
    pid = bench.pid("hazards")
    os.kill(pid, signal.SIGKILL)
    until(lambda: pid not in {info.pid for info in bench.pool.workers()})
    assert bench.tag("print").style == "ambient"
    assert bench.pid("hazards") != pid


def test_a_worker_that_was_killed_while_idle_a_moment_ago_costs_no_job(bench: Any) -> None:
    bench.tag("print")
    for _ in range(10):
        os.kill(bench.pid("hazards"), signal.SIGKILL)
        assert bench.tag("print").style == "ambient"


def test_a_worker_heeds_no_signal_that_is_meant_for_its_daemon(bench: Any) -> None:
    running, report = bench.start("linger")
    pid = bench.pid("hazards")
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGINT)
    report.begun.clear()
    report.await_begin()
    bench.stop(running, report)
    assert bench.pid("hazards") == pid


def test_what_a_worker_started_ends_with_it(bench: Any, until: Until) -> None:
    running, _ = bench.start("parent")
    worker = psutil.Process(bench.pid("hazards"))
    until(lambda: bool(worker.children()))
    child = worker.children()[0]
    worker.kill()
    assert isinstance(running.outcome(), WorkerCrashed)

    def ended() -> bool:
        try:
            return child.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    until(ended)


def test_memory_after_a_cancel_is_what_it_was(bench: Any, until: Until) -> None:
    bench.tag("print")
    before = bench.pool.memory_in_use()
    running, report = bench.start("swell")
    until(lambda: bench.pool.memory_in_use() > before + 150_000_000)
    bench.stop(running, report)
    until(lambda: bench.pool.memory_in_use() < before + 20_000_000)


def test_a_torrent_of_words_arrives_whole(bench: Any) -> None:
    report = RecordedReport()
    assert bench.tag("chatter", report).style == "ambient"
    assert report.warnings == [f"Word {index}." for index in range(30_000)]
