"""Cancelling at random moments of each stage, with the embedded engines."""

import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sonique.v1 import engines_pb2, events_pb2, jobs_pb2

from bench.faults import asks
from bench.faults.calls import ENDED, Caller, kind
from bench.faults.home import Home, home, resident
from bench.table import Row

TIMES = 12
"""How often each stage is cancelled."""

STAGES = (
    events_pb2.STAGE_CONFORM,
    events_pb2.STAGE_DESCRIBE,
    events_pb2.STAGE_TAG,
    events_pb2.STAGE_FIT,
    events_pb2.STAGE_GENERATE,
    events_pb2.STAGE_DELIVER,
)
ACKNOWLEDGED_MILLISECONDS = 100.0
IDLE_MILLISECONDS = 500.0
_GROWN_BYTES = 96 * 2**20
_FILM_SECONDS = 60
_FILM_SIZE = (640, 360)
_PATIENCE = 120.0


@dataclass
class Cancels:
    """What came of them.

    Attributes:
        acknowledged: milliseconds until ``Cancel`` answered.
        idle: milliseconds from the call until no worker was busy.
        faults: what should not have happened.
        stages: the stages that were cancelled, by name, with how often.
    """

    acknowledged: list[float] = field(default_factory=list)
    idle: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    stages: dict[str, int] = field(default_factory=dict)


def rows(folder: Path, times: int = TIMES, seconds: int = _FILM_SECONDS) -> Iterator[Row]:
    """Each stage is cancelled ``times`` times while a film of ``seconds`` s is scored."""
    folder.mkdir(parents=True, exist_ok=True)
    film = asks.make_film(folder / "film.mp4", [2.5] * (seconds * 2 // 5), *_FILM_SIZE)
    with home(folder / "cancels", "--log-level", "info") as here, Caller(here.start()) as caller:
        for number in range(2):
            assert kind(caller.run(_score(film, f"warm-{number}", seconds, number))[-1]) == "done"
        before = _memory(here)
        cancels = _cancel_all(caller, film, times, seconds)
        grown = _memory(here) - before
        assert kind(caller.run(_score(film, "after", seconds, 9))[-1]) == "done"
        yield from _told(cancels, grown, before)


def _told(cancels: Cancels, grown: int, before: int) -> Iterator[Row]:
    count = len(cancels.acknowledged)
    where = ", ".join(f"{name} {times}" for name, times in cancels.stages.items())
    slowest = max(cancels.acknowledged)
    figure = f"at most {slowest:.0f} ms, median {statistics.median(cancels.acknowledged):.1f} ms"
    met = slowest <= ACKNOWLEDGED_MILLISECONDS and not cancels.faults
    yield Row(f"{count} cancels, acknowledged", figure, "≤ 100 ms", met, "; ".join(cancels.faults[:3]) or where)
    slowest = max(cancels.idle)
    figure = f"at most {slowest:.0f} ms, median {statistics.median(cancels.idle):.0f} ms"
    yield Row("the workers idle after it", figure, "≤ 500 ms", slowest <= IDLE_MILLISECONDS)
    figure = f"{grown / 2**20:+.0f} MB"
    yield Row(
        "the workers' memory after all of them",
        figure,
        "< +96 MB",
        grown < _GROWN_BYTES,
        f"{before / 2**20:.0f} MB before",
    )


def _cancel_all(caller: Caller, film: Path, times: int, seconds: int) -> Cancels:
    cancels = Cancels()
    for number in range(times):
        for stage in STAGES:
            dice = random.Random(f"{number}/{stage}")  # noqa: S311 - moments, and no secret
            request = _score(film, f"job-{number}-{stage}", seconds, 10 + number * 10 + stage)
            _cancel(caller, request, stage, dice.uniform(0, 0.3), cancels)
    return cancels


def _cancel(
    caller: Caller, request: asks.Request, stage: "events_pb2.Stage.ValueType", pause: float, cancels: Cancels
) -> None:
    """Begins a job, and cancels it ``pause`` seconds after ``stage`` began."""
    events = caller.begin(request)
    for event in events:
        if event.stage_started.stage == stage:
            break
    time.sleep(pause)
    before = caller.state(request.job_id)
    started = time.perf_counter()
    answered = caller.cancel(request.job_id)
    cancels.acknowledged.append((time.perf_counter() - started) * 1000)
    _wait_until_idle(caller)
    if before not in ENDED:
        cancels.idle.append((time.perf_counter() - started) * 1000)
        name = events_pb2.Stage.Name(stage).removeprefix("STAGE_").lower()
        cancels.stages[name] = cancels.stages.get(name, 0) + 1
    last = kind(list(caller.watch(request.job_id))[-1])
    allowed = {"cancelled", "done"} if before in ENDED or answered == jobs_pb2.JOB_STATE_DONE else {"cancelled"}
    if last not in allowed:
        cancels.faults.append(f"{request.job_id} ended as {last}")


def _wait_until_idle(caller: Caller) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        workers = caller.engines.ListWorkers(engines_pb2.ListWorkersRequest(), timeout=30).workers
        if not any(worker.state == engines_pb2.WORKER_STATE_BUSY for worker in workers):
            return
        time.sleep(0.005)


def _score(film: Path, job_id: str, seconds: int, seed: int) -> asks.Request:
    """A score of a film whose cuts have to be found; each ``seed`` shows a little less of it, so nothing is known."""
    request = asks.score(job_id, film, seed=seed)
    frames = seconds * asks.RATE - 1 - seed
    request.timeline.otio_json = asks.otio([asks.clip(film.as_uri(), 0, frames)])
    return request


def _memory(here: Home) -> int:
    """Resident bytes of the workers, once nothing runs."""
    time.sleep(1.0)
    return sum(resident(process) for process in here.workers())
