"""A worker ends with its daemon, however that ends and whatever the worker is at."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")

DAEMON = """
import sys, threading
from sonique_daemon.domain.brief import Brief
from sonique_daemon.engines.engine import RecordedReport, TagRequest
from sonique_daemon.engines.hazards import HAZARDS, hazards
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.pool import Pool
from sonique_daemon.workers.processes import ProcessExecutor
from sonique_daemon.workers.task import TAG

class Report(RecordedReport):
    def progress(self, done, total, unit):
        print(*(info.pid for info in pool.workers()), flush=True)

pool = Pool(PoolLimits(), HAZARDS)
executor = ProcessExecutor(pool, hazards())
request = TagRequest(Brief(), None)
executor.run(TAG, "literal", request, RecordedReport())
threading.Thread(target=executor.run, args=(TAG, sys.argv[1], request, Report()), daemon=True).start()
sys.stdin.readline()
"""

HOLDER = """
import ctypes, os
from sonique_daemon.workers.tether import tie_by_watch
tie_by_watch(os.getppid(), 0.5)
ctypes.PyDLL(None).sleep(600)
"""

STRANGER = """
import os, time
from sonique_daemon.workers.tether import tie_by_watch
tie_by_watch(os.getpid(), 60.0)
time.sleep(600)
"""


@contextmanager
def _daemon(engine: str) -> Iterator[tuple["subprocess.Popen[bytes]", list[psutil.Process]]]:
    """A small daemon, of which one worker is idle and one runs ``engine``."""
    with subprocess.Popen((sys.executable, "-c", DAEMON, engine), stdin=-1, stdout=-1) as daemon:
        assert daemon.stdout is not None
        workers = [psutil.Process(int(pid)) for pid in daemon.stdout.readline().split()]
        try:
            assert len(workers) == 2
            yield daemon, workers
        finally:
            daemon.kill()
            for worker in workers:
                with suppress(psutil.NoSuchProcess):
                    worker.kill()


def _left(workers: list[psutil.Process]) -> list[psutil.Process]:
    """Those that run, once all had time to end; the dead need not be buried, which not every machine sees to."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (left := [worker for worker in workers if _runs(worker)]):
        time.sleep(0.01)
    return left


def _runs(worker: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE)
    return False


@pytest.mark.parametrize("engine", ["linger", "hang", "hold"])
def test_no_worker_outlives_a_daemon_that_was_killed(engine: str) -> None:
    with _daemon(engine) as (daemon, workers):
        daemon.kill()
        assert _left(workers) == []


def test_no_worker_outlives_a_daemon_that_just_ends() -> None:
    with _daemon("linger") as (daemon, workers):
        daemon.communicate(b"\n", timeout=60)
        assert _left(workers) == []


def test_a_process_that_holds_its_lock_for_too_long_ends_itself() -> None:
    ended = subprocess.run((sys.executable, "-c", HOLDER), capture_output=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert b"Timeout" in ended.stderr


def test_a_process_whose_parent_is_another_ends_itself() -> None:
    ended = subprocess.run((sys.executable, "-c", STRANGER), capture_output=True, timeout=60, check=False)
    assert ended.returncode == 1
