"""When a busy worker counts as hung."""

import subprocess
import sys
from collections.abc import Iterator

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
