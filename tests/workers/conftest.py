"""Pools of quick limits that leave nothing behind, and reports that can be waited for."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

import psutil
import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.engines.engine import RecordedReport, TagRequest
from sonique_daemon.engines.hazards import HAZARDS, hazards
from sonique_daemon.errors import Cancelled
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.pool import Pool
from sonique_daemon.workers.processes import ProcessExecutor
from sonique_daemon.workers.task import TAG

PATIENCE = 60.0
REQUEST = TagRequest(Brief(bpm=90.0), None)


@dataclass(slots=True)
class AwaitedReport(RecordedReport):
    """Can be waited for until the work has begun, and cancelled from another thread."""

    begun: Event = field(default_factory=Event)

    def progress(self, done: float, total: float, unit: str) -> None:
        RecordedReport.progress(self, done, total, unit)
        self.begun.set()

    def await_begin(self) -> None:
        assert self.begun.wait(PATIENCE)


@dataclass(slots=True)
class Running:
    """A task that runs in a thread."""

    run: Callable[[], Any]
    result: Any = None
    error: BaseException | None = None
    thread: Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = Thread(target=self._go)
        self.thread.start()

    def _go(self) -> None:
        try:
            self.result = self.run()
        except BaseException as error:  # noqa: BLE001 - for the test to look at
            self.error = error

    def outcome(self) -> BaseException | None:
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()
        return self.error


@dataclass(frozen=True, slots=True)
class Bench:
    """A pool of fakes and hazards, and what tests do with it."""

    pool: Pool
    executor: ProcessExecutor

    def tag(self, engine: str, report: RecordedReport | None = None) -> Any:
        return self.executor.run(TAG, engine, REQUEST, report or RecordedReport())

    def start(self, engine: str) -> tuple[Running, AwaitedReport]:
        """Begins a task and returns when its engine works."""
        report = AwaitedReport()
        running = Running(lambda: self.tag(engine, report))
        report.await_begin()
        return running, report

    def stop(self, running: Running, report: RecordedReport) -> None:
        report.cancelled = True
        assert isinstance(running.outcome(), Cancelled)

    def pid(self, name: str) -> int:
        return next(info.pid for info in self.pool.workers() if info.name == name)


Build = Callable[..., Bench]


@pytest.fixture
def build() -> Iterator[Build]:
    """Makes benches: ``build(keep_alive_seconds=0.0, …)`` with fields of ``PoolLimits``."""
    pools: list[Pool] = []

    def make(**limits: Any) -> Bench:
        quick = {"watch_seconds": 0.05, "worker_bytes": 400_000_000}
        pool = Pool(PoolLimits(**{**quick, **limits}), HAZARDS)
        pools.append(pool)
        return Bench(pool, ProcessExecutor(pool, hazards()))

    yield make
    for pool in pools:
        pool.close()


@pytest.fixture
def bench(build: Build) -> Bench:
    """A bench of quick limits."""
    return build()


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], bool]], None]:
    """Waits until something that tells nobody is so."""

    def wait(condition: Callable[[], bool]) -> None:
        pause = Event()
        for _ in range(int(PATIENCE / 0.01)):
            if condition():
                return
            pause.wait(0.01)
        raise AssertionError("It never came to that.")

    return wait


@dataclass(frozen=True, slots=True)
class Holdings:
    """What this process holds of the system."""

    files: int
    children: int

    def within(self, other: "Holdings") -> bool:
        return self.files <= other.files and self.children <= other.children


@pytest.fixture(scope="session")
def holdings() -> Callable[[], Holdings]:
    """Counts open files and children, the unburied among them."""

    def count() -> Holdings:
        process = psutil.Process(os.getpid())
        return Holdings(process.num_fds() if hasattr(process, "num_fds") else 0, len(process.children(recursive=True)))

    return count
