"""Workers are started when they are needed, kept while they may be, and let go when others need their memory."""

import math
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import psutil
import pytest
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.engine import RecordedReport
from sonique_daemon.engines.hazards import hazards
from sonique_daemon.errors import Cancelled, DaemonStopping, EngineNotFound, OutOfMemory, WorkerCrashed, WorkerHung
from sonique_daemon.workers.pool import Pool
from sonique_daemon.workers.roster import WorkerState

Build = Callable[..., Any]
Until = Callable[[Callable[[], bool]], None]
MEGABYTES = 1_000_000


def _names(bench: Any) -> list[str]:
    return [info.name for info in bench.pool.workers()]


def _never() -> None:
    """Cancels nothing."""


def test_no_worker_is_started_before_it_is_needed(bench: Any) -> None:
    assert bench.pool.workers() == ()
    assert bench.pool.memory_in_use() == 0


def test_a_worker_stays_warm_for_the_next_call(bench: Any) -> None:
    bench.tag("literal")
    first = bench.pool.workers()
    bench.tag("literal")
    (info,) = bench.pool.workers()
    assert (info.pid, info.calls, info.state, info.task) == (first[0].pid, 2, WorkerState.IDLE, "")
    assert 0.0 < info.expires <= 300.0
    assert info.memory_bytes > MEGABYTES
    assert bench.pool.memory_in_use() > MEGABYTES


def test_a_busy_worker_shows_what_it_does(bench: Any) -> None:
    running, report = bench.start("linger")
    (info,) = bench.pool.workers()
    assert (info.name, info.state, info.task, info.expires) == ("hazards", WorkerState.BUSY, "tag", None)
    bench.stop(running, report)


def test_with_no_keep_alive_a_worker_ends_with_its_call(build: Build, until: Until) -> None:
    bench = build(keep_alive_seconds=0.0)
    bench.tag("literal")
    until(lambda: not bench.pool.workers())


def test_an_idle_worker_ends_when_its_time_is_over(build: Build, until: Until) -> None:
    bench = build(keep_alive_seconds=0.2)
    bench.tag("literal")
    until(lambda: not bench.pool.workers())


def test_a_worker_that_is_kept_for_good_has_no_end(build: Build) -> None:
    bench = build(keep_alive_seconds=math.inf)
    bench.tag("literal")
    assert bench.pool.workers()[0].expires is None


def test_the_idle_worker_that_worked_longest_ago_makes_room(build: Build) -> None:
    bench = build(memory_budget_bytes=150 * MEGABYTES)
    bench.tag("literal")
    bench.tag("print")
    bench.tag("literal")
    bench.pool.load(hazards().descriptor(Stage.DESCRIBE, "unseeing"))
    assert _names(bench) == ["literal", "unseeing"]


def test_work_waits_for_memory_that_busy_workers_hold(build: Build) -> None:
    bench = build(memory_budget_bytes=100 * MEGABYTES)
    running, report = bench.start("linger")
    checked = Event()

    def check() -> None:
        if checked.is_set():
            raise Cancelled
        assert _names(bench) == ["hazards"]
        checked.set()

    with suppress(Cancelled), bench.pool.lease("literal", "tag", check):
        raise AssertionError("There is no room.")
    bench.stop(running, report)
    assert bench.tag("literal").style == "ambient"
    assert _names(bench) == ["literal"]


def test_a_worker_that_can_never_fit_is_refused_with_both_numbers(build: Build) -> None:
    bench = build(memory_budget_bytes=50 * MEGABYTES)
    with pytest.raises(OutOfMemory, match=r"64 MB.* 50 MB"):
        bench.tag("literal")


def test_there_is_one_worker_of_an_engine_and_the_next_call_waits(bench: Any) -> None:
    running, report = bench.start("linger")
    waits = Event()

    def check() -> None:
        if waits.is_set():
            raise Cancelled
        waits.set()

    with suppress(Cancelled), bench.pool.lease("hazards", "tag", check):
        raise AssertionError("It is busy.")
    assert _names(bench) == ["hazards"]
    bench.stop(running, report)


def test_a_shared_worker_has_as_many_copies_as_it_may(build: Build) -> None:
    bench = build(shared_copies=2)
    with bench.pool.lease("desk", "conform", _never) as one, bench.pool.lease("desk", "conform", _never) as other:
        assert one.process.pid != other.process.pid
        waits = Event()

        def check() -> None:
            if waits.is_set():
                raise Cancelled
            waits.set()

        with suppress(Cancelled), bench.pool.lease("desk", "conform", check):
            raise AssertionError("There are only two.")
    assert _names(bench) == ["desk", "desk"]


def test_an_engine_is_loaded_once_it_is_ready_and_until_it_is_unloaded(bench: Any, until: Until) -> None:
    literal = hazards().descriptor(Stage.TAG, "literal")
    assert not bench.pool.loaded(literal)
    bench.pool.load(literal)
    assert bench.pool.loaded(literal)
    bench.pool.unload(literal)
    assert not bench.pool.loaded(literal)
    until(lambda: not bench.pool.workers())


def test_a_call_loads_its_engine(bench: Any) -> None:
    bench.tag("")
    assert bench.pool.loaded(hazards().descriptor(Stage.TAG, "literal"))
    assert not bench.pool.loaded(hazards().descriptor(Stage.GENERATE, "tone"))


def test_unloading_waits_for_the_call(bench: Any, until: Until) -> None:
    running, report = bench.start("linger")
    bench.pool.unload(hazards().descriptor(Stage.TAG, "linger"))
    assert _names(bench) == ["hazards"]
    bench.stop(running, report)
    until(lambda: not bench.pool.workers())


def test_workers_are_made_ready_in_the_background(bench: Any, until: Until) -> None:
    bench.pool.warm(["literal", "desk", "tone"])
    until(lambda: _names(bench) == ["desk", "literal", "tone"])
    until(lambda: bench.pool.loaded(hazards().descriptor(Stage.TAG, "literal")))
    until(lambda: bench.pool.loaded(hazards().descriptor(Stage.GENERATE, "tone")))
    assert [info.calls for info in bench.pool.workers()] == [0, 0, 0]


def test_work_may_begin_while_its_worker_is_made_ready(bench: Any) -> None:
    bench.pool.warm(["literal"])
    bench.tag("literal")
    assert _names(bench) == ["literal"]


def test_closing_ends_busy_workers_and_tells_their_callers(bench: Any) -> None:
    running, _ = bench.start("linger")
    pid = bench.pid("hazards")
    bench.pool.close()
    assert isinstance(running.outcome(), DaemonStopping)
    assert not psutil.pid_exists(pid)
    with pytest.raises(DaemonStopping):
        bench.tag("literal")


def test_closing_ends_a_wait(bench: Any) -> None:
    running, _ = bench.start("linger")
    waiting = Event()

    def close() -> None:
        if not waiting.is_set():
            waiting.set()
            bench.pool.close()

    with pytest.raises(DaemonStopping), bench.pool.lease("hazards", "tag", close):
        raise AssertionError("It is busy.")
    running.outcome()


def test_a_closed_pool_leaves_nothing(build: Build, holdings: Callable[[], Any], until: Until) -> None:
    build().pool.close()
    before = holdings()
    bench = build()
    bench.tag("literal")
    bench.tag("print")
    bench.pool.close()
    until(lambda: bool(holdings().within(before)))


def test_an_unknown_worker_is_named(bench: Any) -> None:
    with pytest.raises(EngineNotFound, match="nobody"), bench.pool.lease("nobody", "tag", _never):
        raise AssertionError("There is none.")


@pytest.mark.skipif(sys.platform == "win32", reason="a script as interpreter")
@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        ("exit 7", WorkerCrashed, "cannot be started.*exit code 7"),
        ("exec sleep 600", WorkerHung, "does not start"),
        ("echo This is no frame; exec sleep 600", WorkerCrashed, "cannot be understood"),
        (None, WorkerCrashed, "cannot be started.*No such file"),
    ],
)
def test_an_interpreter_that_does_not_work_is_told(
    build: Build, tmp_path: Path, script: str | None, kind: type[Exception], words: str
) -> None:
    bench = build(start_seconds=0.5 if kind is WorkerHung else 60.0)
    interpreter = tmp_path / "python"
    if script is not None:
        interpreter.write_text(f"#!/bin/sh\n{script}\n")
        interpreter.chmod(0o700)
    bench.pool.homes = {"literal": replace(bench.pool.homes["literal"], interpreter=str(interpreter))}
    for _ in range(2):
        with pytest.raises(kind, match=words):
            bench.tag("literal")
    assert bench.pool.workers() == ()


def test_a_worker_never_sees_the_token(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONIQUE_TOKEN", "a secret")
    monkeypatch.setenv("SONIQUE_TOKEN_FILE", "a secret's place")
    bench.tag("literal")
    environment = psutil.Process(bench.pid("literal")).environ()
    assert not [name for name in environment if name.startswith("SONIQUE_TOKEN")]
    assert environment["PATH"] == os.environ["PATH"]


@pytest.mark.skipif(sys.platform != "linux", reason="what a process may have is read from /proc")
def test_a_worker_is_confined(bench: Any) -> None:
    bench.tag("literal")
    folder = Path(f"/proc/{bench.pid('literal')}")
    limits = {line[:26].strip(): line[26:].split()[0] for line in (folder / "limits").read_text().splitlines()[1:]}
    status = dict(line.split(":\t") for line in (folder / "status").read_text().splitlines() if ":\t" in line)
    assert limits["Max core file size"] == "0"
    assert limits["Max data size"] == "400000000"
    assert int(limits["Max open files"]) <= 1024
    assert status["Umask"] == "0077"
    assert int((folder / "oom_score_adj").read_text()) >= 500


def test_a_worker_is_polite_as_a_session_too(bench: Any) -> None:
    if not _sessions_are_grouped():
        pytest.skip("the system makes no groups of sessions")
    bench.tag("literal")
    ours, its = (Path(f"/proc/{number}/autogroup").read_text().split() for number in ("self", bench.pid("literal")))
    assert its[0] not in ours  # which has nothing in it where no program began a session yet
    assert int(its[-1]) == 10


def _sessions_are_grouped() -> bool:
    """Whether a process that begins a session gets a group of its own, as a worker should."""
    look = [sys.executable, "-c", "print(open('/proc/self/autogroup').read())"]
    seen = subprocess.run(look, start_new_session=True, capture_output=True, text=True, check=False)
    return bool(seen.stdout.strip())


def test_a_cancelled_wait_leaves_the_worker_to_others(bench: Any) -> None:
    with pytest.raises(Cancelled):
        bench.tag("literal", RecordedReport(cancelled=True))
    assert bench.tag("literal").style == "ambient"
    assert [info.state for info in bench.pool.workers()] == [WorkerState.IDLE]


def test_the_budget_is_the_limits_own() -> None:
    pool = Pool()
    assert pool.limits.memory_budget_bytes > 0
    assert set(pool.homes) == {"desk", "studio", "converter"}
    pool.close()
