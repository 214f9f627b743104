"""The course of one job: which stage it is at, how long is left, and how long each stage took."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from sonique_daemon.domain.events import (
    Conformed,
    Described,
    Event,
    Fitted,
    Progress,
    ShotDescribed,
    Stage,
    StageStarted,
    Tagged,
    TakeReady,
)
from sonique_daemon.domain.request import DescribeJob, GenerateJob, Job, ScoreJob, TagJob
from sonique_daemon.jobs.estimate import EngineVersion, Estimates
from sonique_daemon.jobs.store.values import MeasuredRun
from sonique_daemon.stages.finished import Finished

_RESULTS = (Conformed, Described, Tagged, Fitted, TakeReady)

Steps = tuple[tuple[Stage, str], ...]
"""Stages in the order in which they run, each with the engine's name as the request gives it."""


@dataclass(slots=True)
class _Span:
    """One stage that runs.

    Attributes:
        started: what was told when it began.
        engine: runs it.
        began: by the clock.
        left: seconds that were left when that was last told, or None.
        told: when that was, by the clock.
        whole: whether all of it is computed, and nothing taken from the cache.
    """

    started: StageStarted
    engine: EngineVersion
    began: float
    left: float | None
    told: float
    whole: bool


class Course:
    """Listens to the events of one job, and answers how far it is. Safe to use from any thread."""

    def __init__(
        self, job: Job, finished: Finished, estimates: Estimates, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._estimates, self._clock = estimates, clock
        self._steps, self._takes_left = _steps(job, finished), _takes_left(job, finished)
        self._length = _length(job, finished)
        self._span: _Span | None = None
        self._stage: Stage | None = None
        self._lock = Lock()

    @property
    def stage(self) -> Stage | None:
        """The stage that runs, or the one that ran last; None before the first."""
        return self._stage

    def expect(self, started: StageStarted) -> float | None:
        """Seconds that the stage which begins will take, where that was learned."""
        if started.cached:
            return 0.0
        engine = self._estimates.resolve(started.stage, started.engine)
        each = self._estimates.seconds(started.stage, engine, self._length)
        return None if each is None else each * started.takes

    def hear(self, event: Event) -> MeasuredRun | None:
        """Follows the job by one event; returns what a stage took that ended with it."""
        with self._lock:
            match event:
                case StageStarted():
                    ended = self._end()
                    self._begin(event)
                    return ended
                case Progress(seconds_left=left) if self._span is not None and left is not None:
                    self._span.left, self._span.told = left, self._clock()
                case ShotDescribed(cached=True) if self._span is not None:
                    self._span.whole = False
                case Conformed(picture):
                    self._length = float(picture.duration)
                    return self._end()
                case TakeReady():
                    self._takes_left = max(0, self._takes_left - 1)
                    most = self._takes_left * len(_making(""))
                    self._steps = self._steps[len(self._steps) - most :] if most < len(self._steps) else self._steps
                    return self._end()
                case _ if isinstance(event, _RESULTS):
                    return self._end()
            return None

    def seconds_left(self) -> float | None:
        """Seconds until the job ends once it runs, or None where that cannot be told."""
        with self._lock:
            left = 0.0 if self._span is None else self._left_of(self._span)
            for stage, name in self._steps:
                more = self._estimates.seconds(stage, self._estimates.resolve(stage, name), self._length)
                if left is None or more is None:
                    return None
                left += more
            return left

    def _left_of(self, span: _Span) -> float | None:
        return None if span.left is None else max(0.0, span.left - (self._clock() - span.told))

    def _begin(self, event: StageStarted) -> None:
        for _ in range(event.takes):
            self._steps = _without(self._steps, event.stage)
        self._stage = event.stage
        now = self._clock()
        engine = self._estimates.resolve(event.stage, event.engine)
        self._span = _Span(event, engine, now, self.expect(event), now, whole=not event.cached)

    def _end(self) -> MeasuredRun | None:
        span, self._span = self._span, None
        if span is None or not span.whole or self._length is None:
            return None
        seconds = (self._clock() - span.began) / max(1, span.started.takes)
        run = MeasuredRun(span.started.stage, span.engine.name, span.engine.version, self._length, seconds)
        self._estimates.note(run)
        return run


def _steps(job: Job, finished: Finished) -> Steps:
    """What is left to do of ``job``."""
    match job:
        case DescribeJob():
            steps = _looking(job.engine)
        case TagJob():
            steps = ((Stage.TAG, job.engine),)
        case GenerateJob():
            steps = _making(job.engine) * _takes_left(job, finished)
        case ScoreJob():
            making = _making(job.generate_engine) * _takes_left(job, finished)
            steps = (*_looking(job.describe_engine), (Stage.TAG, job.tag_engine), *making)
    following = finished.next_stage(job)
    stages = [stage for stage, _ in steps]
    return steps[stages.index(following) :] if following in stages else ()


def _takes_left(job: Job, finished: Finished) -> int:
    return job.takes - len(finished.takes) if isinstance(job, GenerateJob | ScoreJob) else 0


def _without(steps: Steps, stage: Stage) -> Steps:
    """``steps`` without the first that is of ``stage``."""
    index = next((index for index, (each, _) in enumerate(steps) if each is stage), len(steps))
    return (*steps[:index], *steps[index + 1 :])


def _looking(engine: str) -> Steps:
    return (Stage.CONFORM, ""), (Stage.DESCRIBE, engine)


def _making(engine: str) -> Steps:
    return (Stage.FIT, ""), (Stage.GENERATE, engine), (Stage.DELIVER, "")


def _length(job: Job, finished: Finished) -> float | None:
    """Seconds of what ``job`` works on, as far as that is known before it runs."""
    if finished.picture is not None:
        return float(finished.picture.duration)
    match job:
        case GenerateJob(duration=duration):
            return float(duration)
        case TagJob(description=description):
            return 0.0 if description is None else float(description.duration)
        case DescribeJob(timeline=timeline) | ScoreJob(timeline=timeline):
            return None if timeline.range is None else float(timeline.range.duration)
