"""The chain: what each kind of job runs, one value after the other."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from sonique_daemon.domain.description import Description
from sonique_daemon.domain.events import Conformed, Described, Stage, StageStarted, Tagged, TakeReady, Warned
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.request import CutSource, DescribeJob, GenerateJob, Job, ScoreJob, TagJob, Timeline
from sonique_daemon.domain.tags import Tags
from sonique_daemon.engines.engine import DescribeRequest, TagRequest
from sonique_daemon.engines.lexicon.vocabulary import check_brief
from sonique_daemon.errors import InvalidRange, LimitExceeded
from sonique_daemon.stages.cue import CueMaker
from sonique_daemon.stages.report import Check, Emit, StageReport
from sonique_daemon.workers.executor import Executor

SHORTEST = Fraction(2)
"""Seconds of the shortest cue."""

LONGEST = Fraction(1800)
"""Seconds of the longest cue."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Runs jobs.

    Attributes:
        executor: runs the engines.
        cues: makes takes from tags.
        conform: reads a timeline's range into a picture.
    """

    executor: Executor
    cues: CueMaker
    conform: Callable[[Timeline], Picture]

    def run(self, job: Job, emit: Emit, check: Check) -> None:
        """Runs one job to its end in the caller's thread.

        Emits everything but the waiting and the terminal event; raises ``SoniqueError`` where the job fails and
        ``Cancelled`` where ``check`` said so.
        """
        match job:
            case DescribeJob():
                self._describe(job.timeline, job.engine, emit, check)
            case TagJob():
                self._tag(TagRequest(job.brief, job.description), job.engine, emit, check)
            case GenerateJob():
                self._generate(job, emit, check)
            case ScoreJob():
                self._score(job, emit, check)

    def _score(self, job: ScoreJob, emit: Emit, check: Check) -> None:
        check_brief(job.brief)
        picture = self._picture(job.timeline, emit, check)
        require_length(picture.duration)
        description = self._look(picture, job.timeline.cuts, job.describe_engine, emit, check)
        tags = self._tag(TagRequest(job.brief, description), job.tag_engine, emit, check)
        delivery = job.delivery
        if delivery.record_start is None:
            delivery = replace(delivery, record_start=picture.start)
        self._generate(
            GenerateJob(tags, picture.duration, description, job.seed, job.takes, delivery, job.generate_engine),
            emit,
            check,
        )

    def _describe(self, timeline: Timeline, engine: str, emit: Emit, check: Check) -> Description:
        return self._look(self._picture(timeline, emit, check), timeline.cuts, engine, emit, check)

    def _picture(self, timeline: Timeline, emit: Emit, check: Check) -> Picture:
        check()
        emit(StageStarted(Stage.CONFORM))
        picture = self.conform(timeline)
        for sentence in picture.warnings:
            emit(Warned(sentence))
        emit(Conformed(picture))
        return picture

    def _look(self, picture: Picture, cuts: CutSource, engine: str, emit: Emit, check: Check) -> Description:
        emit(StageStarted(Stage.DESCRIBE, engine))
        detect = cuts is CutSource.DETECT or (cuts is CutSource.AUTO and len(picture.shots) == 1)
        report = StageReport(Stage.DESCRIBE, emit, check)
        description = self.executor.describe(engine, DescribeRequest(picture, detect), report)
        emit(Described(description))
        return description

    def _tag(self, request: TagRequest, engine: str, emit: Emit, check: Check) -> Tags:
        check()
        emit(StageStarted(Stage.TAG, engine))
        tags = self.executor.tag(engine, request, StageReport(Stage.TAG, emit, check))
        for sentence in tags.notes:
            emit(Warned(sentence))
        emit(Tagged(tags))
        return tags

    def _generate(self, job: GenerateJob, emit: Emit, check: Check) -> None:
        require_length(job.duration)
        for index in range(job.takes):
            take = self.cues.make(replace(job, seed=job.seed + index, takes=1), emit, check)
            emit(TakeReady(index, take))


def require_length(duration: Fraction) -> None:
    """Checks that music of that length can be made.

    Raises:
        InvalidRange: it is shorter than 2 s.
        LimitExceeded: it is longer than 30 min.
    """
    if duration < SHORTEST:
        raise InvalidRange(f"The range is {float(duration):.2f} s long; music needs at least 2 s, so widen it.")
    if duration > LONGEST:
        minutes = float(duration) / 60
        raise LimitExceeded(f"The range is {minutes:.0f} min long; at most 30 min are scored at once, so split it.")
