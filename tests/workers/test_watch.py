"""When a busy worker counts as hung."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest
from sonique_daemon.errors import WorkerHung
from sonique_daemon.workers.home import Home
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.process import WorkerProcess
from sonique_daemon.workers.roster import Worker, WorkerState
from sonique_daemon.workers.watch import verdict

HOME = Home("vlm", "", 1, 2**40, items=(("describe", "vlm"),), model=True)
LIMITS = PoolLimits(stall_seconds=60.0, start_seconds=120.0)


@pytest.fixture
def process() -> Iterator[WorkerProcess]:
    """A process that listens, and was heard last at 0."""
    pipe = subprocess.PIPE
    idle = [sys.executable, "-c", "input()"]
    started = subprocess.Popen(idle, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)
    process = WorkerProcess("vlm", started, lambda: None)
    process.ready.set()
    process.heard = 0.0
    yield process
    process.kill()
    assert process.ended.wait(60)


@pytest.fixture
def starved() -> Iterator[WorkerProcess]:
    """A process that would run and is not let: another wants its one processor too, and it is polite."""
    if not Path("/proc/self/schedstat").exists():
        pytest.skip("The system does not tell for how long a process waits.")
    bound = f"import os\nos.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}})\n"
    pipe, endless = subprocess.PIPE, "while True: pass"
    # Of one session, or a system that shares processors out by session would take no heed of the politeness.
    rival = subprocess.Popen([sys.executable, "-c", f"{bound}{endless}"], process_group=0)
    polite = [sys.executable, "-c", f"{bound}os.nice(19)\n{endless}"]
    process = WorkerProcess(
        "vlm", subprocess.Popen(polite, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, process_group=0), lambda: None
    )
    process.ready.set()
    while os.getpriority(os.PRIO_PROCESS, process.pid) != 19:
        time.sleep(0.01)
    yield process
    rival.kill()
    process.kill()
    rival.wait(60)
    assert process.ended.wait(60)


def busy(calls: int) -> Worker:
    return Worker(HOME, 0.0, WorkerState.BUSY, calls=calls)


def test_a_model_has_time_to_be_loaded_until_a_call_went_well(process: WorkerProcess) -> None:
    for calls in (0, 1, 5):
        assert verdict(busy(calls), process, LIMITS, now=90.0) is None
        assert verdict(busy(calls), process, LIMITS, now=130.0) is not None


def test_a_model_that_is_there_hangs_sooner(process: WorkerProcess) -> None:
    worker = busy(1)
    worker.made.add(HOME.items[0])
    doom = verdict(worker, process, LIMITS, now=90.0)
    assert doom is not None
    assert isinstance(doom("The engine"), WorkerHung)


def test_a_worker_for_which_there_is_no_processor_is_waited_for(starved: WorkerProcess) -> None:
    began = monotonic()
    starved.heard = began
    assert verdict(busy(1), starved, LIMITS, began) is None
    time.sleep(3.0)
    patient, impatient = (replace(LIMITS, stall_seconds=s, start_seconds=s) for s in (1.5, 0.0))
    assert verdict(busy(1), starved, patient, began + 3.0) is None
    assert verdict(busy(1), starved, impatient, began + 1000.0) is not None


def test_so_is_one_that_does_not_listen_yet(starved: WorkerProcess) -> None:
    starved.ready.clear()
    began = monotonic()
    worker = replace(busy(0), started=began)
    assert verdict(worker, starved, LIMITS, began) is None
    time.sleep(3.0)
    assert verdict(worker, starved, replace(LIMITS, start_seconds=1.5), began + 3.0) is None
    starved.ready.set()
