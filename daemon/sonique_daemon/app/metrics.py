"""Metrics for Prometheus: what jobs and stages did, and what the daemon holds now."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from sonique_daemon.domain.events import Event, ShotDescribed, Stage, StageStarted
from sonique_daemon.domain.request import Job
from sonique_daemon.errors import Cancelled
from sonique_daemon.jobs.runner import Check, Emit, Runner
from sonique_daemon.server.memory import resident_bytes
from sonique_daemon.stages.finished import Finished

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000)


class MetricsMissing(Exception):
    """The library that metrics need is not installed."""


class Queue(Protocol):
    """What is counted of the job service; read from another thread."""

    @property
    def running(self) -> int:
        """Jobs that run now."""

    @property
    def waiting(self) -> int:
        """Jobs that wait now."""


class WorkerInfo(Protocol):
    """What is told of a worker."""

    @property
    def name(self) -> str:
        """What it runs."""

    @property
    def memory_bytes(self) -> int:
        """Resident memory."""


@dataclass(frozen=True, slots=True)
class Held:
    """Where the numbers of this moment come from."""

    queue: Queue
    workers: Callable[[], tuple[WorkerInfo, ...]]


class Metrics:
    """All of the daemon's numbers. Safe to use from any thread.

    Raises:
        MetricsMissing: prometheus-client is not installed.
    """

    def __init__(self) -> None:
        try:
            from prometheus_client import CollectorRegistry, Counter, Histogram
        except ImportError:
            raise MetricsMissing(
                "Metrics need prometheus-client; install “sonique[metrics]” or leave --metrics-port out."
            ) from None
        self.registry: CollectorRegistry = CollectorRegistry(auto_describe=True)
        self._stages = Histogram(
            "sonique_stage_seconds",
            "How long stages took that were computed.",
            ("stage",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._jobs = Counter("sonique_jobs", "Jobs that ran and ended, by their end.", ("end",), registry=self.registry)
        self._recalled = Counter(
            "sonique_cached_stages", "Stages whose result was known.", ("stage",), registry=self.registry
        )
        self._shots = Counter(
            "sonique_shots", "Shots described, by whether they were known.", ("cached",), registry=self.registry
        )

    def watch(self, held: Held) -> None:
        """Tells from now on what the daemon holds at the moment of asking."""
        self.registry.register(_Moment(held))

    def expose(self) -> bytes:
        """All numbers in the text format of Prometheus."""
        from prometheus_client import generate_latest

        return bytes(generate_latest(self.registry))

    def stage_took(self, stage: Stage, seconds: float) -> None:
        """Counts a stage that was computed."""
        self._stages.labels(stage.value).observe(seconds)

    def stage_recalled(self, stage: Stage) -> None:
        """Counts a stage whose result was known."""
        self._recalled.labels(stage.value).inc()

    def shot_described(self, cached: bool) -> None:
        """Counts a shot."""
        self._shots.labels("yes" if cached else "no").inc()

    def job_ended(self, end: str) -> None:
        """Counts a job by how it ended: ``done``, ``cancelled``, or the code of its error."""
        self._jobs.labels(end).inc()


@dataclass(frozen=True, slots=True)
class MeasuredRunner:
    """A runner whose jobs are counted; otherwise the one that it stands before."""

    runner: Runner
    metrics: Metrics

    def run(self, job: Job, emit: Emit, check: Check, *, finished: Finished) -> None:
        """Runs ``job``."""
        listener = _Listener(emit, self.metrics)
        end = "done"
        try:
            self.runner.run(job, listener.hear, check, finished=finished)
        except Cancelled:
            end = "cancelled"
            raise
        except Exception as error:
            end = getattr(error, "code", "INTERNAL")
            raise
        finally:
            listener.close()
            self.metrics.job_ended(end)


class _Listener:
    """Hears the events of one job on their way, and times its stages."""

    def __init__(self, emit: Emit, metrics: Metrics) -> None:
        self._emit, self._metrics = emit, metrics
        self._lock = Lock()
        self._stage: Stage | None = None
        self._began = 0.0

    def hear(self, event: Event) -> None:
        """Counts ``event`` and hands it on."""
        with self._lock:
            if isinstance(event, StageStarted):
                self._turn(event)
            elif isinstance(event, ShotDescribed):
                self._metrics.shot_described(event.cached)
        self._emit(event)

    def close(self) -> None:
        """The last stage is over."""
        with self._lock:
            self._finish()

    def _turn(self, event: StageStarted) -> None:
        self._finish()
        if event.cached:
            self._metrics.stage_recalled(event.stage)
            return
        self._stage, self._began = event.stage, time.monotonic()

    def _finish(self) -> None:
        if self._stage is not None:
            self._metrics.stage_took(self._stage, time.monotonic() - self._began)
        self._stage = None


@dataclass(frozen=True, slots=True)
class _Moment:
    """A collector: asks at the moment of being asked."""

    held: Held

    def collect(self) -> "Iterator[Metric]":
        """The numbers of this moment."""
        yield _gauge("sonique_jobs_running", "Jobs that run now.", {(): self.held.queue.running}, ())
        yield _gauge("sonique_jobs_waiting", "Jobs that wait now.", {(): self.held.queue.waiting}, ())
        memory: dict[tuple[str, ...], float] = {("daemon",): resident_bytes()}
        for worker in self.held.workers():
            memory[worker.name,] = memory.get((worker.name,), 0) + worker.memory_bytes
        yield _gauge("sonique_memory_bytes", "Resident memory, by process.", memory, ("process",))

    def describe(self) -> "Iterator[Metric]":
        """Nothing: the numbers are asked for when they are wanted."""
        return iter(())


def _gauge(name: str, help_text: str, values: Any, labels: tuple[str, ...]) -> "Metric":
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(name, help_text, labels=labels)
    for value_labels, value in values.items():
        family.add_metric(value_labels, value)
    return family
