"""The chain: what each kind of job runs, one value after the other."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from sonique_daemon.domain.description import Description
from sonique_daemon.domain.events import Conformed, Event, Fitted, Measured, Stage, StageStarted, TakeReady, Warned
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.request import CutSource, DescribeJob, GenerateJob, Job, ScoreJob, TagJob, Timeline
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.time import on_the_clock
from sonique_daemon.domain.upload import upload_path
from sonique_daemon.engines.engine import InitAudio, TagRequest
from sonique_daemon.engines.lexicon.vocabulary import check_brief
from sonique_daemon.engines.registry import Registry
from sonique_daemon.errors import InvalidRange, LimitExceeded, SoniqueError
from sonique_daemon.stages.casting import Cast, Casting, as_embedded, left_out
from sonique_daemon.stages.cue import CueMaker, Wish
from sonique_daemon.stages.demands import MelodyReader, require_able, unheeded
from sonique_daemon.stages.describer import Describer
from sonique_daemon.stages.finished import Finished
from sonique_daemon.stages.report import Check, Emit, StageReport
from sonique_daemon.stages.tagger import Tagger
from sonique_daemon.timeline.roots import Roots
from sonique_daemon.workers.executor import Executor
from sonique_daemon.workers.task import CONFORM, MEASURE, ConformRequest, MeasureRequest, Reading

SHORTEST = Fraction(2)
"""Seconds of the shortest cue."""

LONGEST = Fraction(1800)
"""Seconds of the longest cue."""

NOTHING = Finished()
"""Of a job that runs for the first time."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Runs jobs. All work is the executor's: nothing is read, decoded or computed in this process.

    Attributes:
        registry: tells what the engines are.
        executor: runs the work.
        describer: describes pictures.
        tagger: makes tags.
        cues: makes takes from tags.
        uploads: folder that holds uploaded media, each file named by its SHA-256.
        media_roots: folders under which media may be opened besides the defaults.
        casting: chooses engines.
    """

    registry: Registry
    executor: Executor
    describer: Describer
    tagger: Tagger
    cues: CueMaker
    uploads: Path
    media_roots: tuple[Path, ...]
    casting: Casting

    def run(self, job: Job, emit: Emit, check: Check, finished: Finished = NOTHING) -> None:
        """Runs one job to its end in the caller's thread.

        Emits everything but the waiting and the terminal event; raises ``SoniqueError`` where the job fails and
        ``Cancelled`` where ``check`` said so. What is ``finished`` is neither made nor told again.
        """
        cast = self._cast(job)
        run = _Run(self, emit, check, finished, cast)
        if finished == NOTHING:
            run.tell_cast()
        match cast.job:
            case DescribeJob() as asked:
                run.describe(asked)
            case TagJob() as asked:
                run.tag(TagRequest(asked.brief, asked.description))
            case GenerateJob() as asked:
                run.generate(asked)
            case ScoreJob() as asked:
                run.score(asked)

    def _cast(self, job: Job) -> Cast:
        """The engines of ``job``; raises before any work is done for it where one cannot do what is asked."""
        cast = self.casting.cast(job)
        if isinstance(job, GenerateJob | ScoreJob):
            require_able(job, self.registry.descriptor(Stage.GENERATE, cast.playing[Stage.GENERATE]), self.registry)
        return cast


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of one job."""

    chain: Chain
    emit: Emit
    check: Check
    finished: Finished
    cast: Cast

    def tell_cast(self) -> None:
        """Tells what will be in memory, and what goes otherwise than it was asked."""
        for sentence in self.cast.warnings:
            self.emit(Warned(sentence))
        if self.cast.plan is not None:
            self.emit(self.cast.plan)

    def score(self, job: ScoreJob) -> None:
        check_brief(job.brief)
        reading = self._read(job.timeline)
        picture = reading.picture
        require_length(picture.duration)
        description = self._describe(reading, job.timeline.cuts)
        tags = self.tag(TagRequest(job.brief, description))
        delivery = job.delivery
        if delivery.record_start is None:
            delivery = replace(delivery, record_start=on_the_clock(picture.start))
        self.generate(
            GenerateJob(
                tags=tags,
                duration=picture.duration,
                description=description,
                seed=job.seed,
                takes=job.takes,
                delivery=delivery,
                engine=job.generate_engine,
                options=job.options,
                melody=job.melody,
                guide=job.guide,
                candidates=job.candidates,
                soundfont=job.soundfont,
                media_roots=_named(job),
            )
        )

    def describe(self, job: DescribeJob) -> None:
        description = self._describe(self._read(job.timeline), job.timeline.cuts)
        if job.cue is not None and self.finished.measures is None:
            roots = (*self._roots(_named(job)), self.chain.uploads)
            cue = replace(job.cue, path=upload_path(job.cue.path, self.chain.uploads))
            request = MeasureRequest(cue, description, roots)
            report = StageReport(Stage.DESCRIBE, self.emit, self.check)
            self.emit(Measured(self.chain.executor.run(MEASURE, "", request, report)))

    def tag(self, request: TagRequest) -> Tags:
        if self.finished.tags is not None:
            return self.finished.tags
        tagger = self.chain.tagger
        return self.cast.play(Stage.TAG, lambda name: tagger.tag(request, name, self.emit, self.check), self.emit)

    def generate(self, job: GenerateJob) -> None:
        require_length(job.duration)
        if sentence := unheeded(job.options, self.chain.registry.descriptor(Stage.GENERATE, job.engine)):
            self.emit(Warned(sentence))
        if job.soundfont:
            roots = Roots.default().including((*self._roots(job.media_roots), self.chain.uploads))
            job = replace(job, soundfont=str(roots.check(Path(upload_path(job.soundfont, self.chain.uploads)))))
            if not self.chain.registry.descriptor(Stage.GENERATE, job.engine).midi:
                self.emit(Warned("The SoundFont is passed over: the engine that makes this music writes no notes."))
        with self._melody(job) as (known, init):
            self._takes(known, init)

    def _takes(self, job: GenerateJob, init: InitAudio | None) -> None:
        """The takes that are not there yet; where the engine fails and may be replaced, those that it left."""
        grids = dict(self.finished.tempo_maps)
        left = [index for index in range(job.takes) if index not in self.finished.takes]

        def tell(event: Event) -> None:
            if isinstance(event, Fitted):
                grids[event.take] = event.tempo_map
            self.emit(event)

        def make(name: str) -> None:
            one, given = self._played_by(name, job, init)
            wishes = [
                Wish(index, replace(one, seed=job.seed + index, takes=1), grids.get(index), job_takes=job.takes)
                for index in left
            ]
            cues = self.chain.cues.make(wishes, tell, self.check, given, company=self.cast.company())
            with closing(cues):
                for index, take in cues:
                    self.emit(TakeReady(index, take))
                    left.remove(index)

        self.cast.play(Stage.GENERATE, make, self.emit)

    def _played_by(self, name: str, job: GenerateJob, init: InitAudio | None) -> tuple[GenerateJob, InitAudio | None]:
        """What the engine of that name makes of ``job``; the embedded one, in another's place, of the tags alone."""
        engine = self.chain.registry.descriptor(Stage.GENERATE, name)
        if engine.name == job.engine:
            return job, init
        for sentence in left_out(job, engine):
            self.emit(Warned(sentence))
        return as_embedded(replace(job, engine=name)), None

    def _melody(self, job: GenerateJob) -> AbstractContextManager[tuple[GenerateJob, InitAudio | None]]:
        chain = self.chain
        reader = MelodyReader(chain.executor, chain.cues.library.scratch, chain.uploads, self._roots(job.media_roots))
        return reader.read(job, StageReport(Stage.GENERATE, self.emit, self.check))

    def _roots(self, named: Iterable[str]) -> tuple[Path, ...]:
        """Where the files that a job names besides its timeline may be read, where it names those folders itself."""
        return (*self.chain.media_roots, *map(Path, named))

    def _read(self, timeline: Timeline) -> Reading:
        self.check()
        if self.finished.picture is not None:
            return self._read_again(timeline, self.finished.picture)
        self.emit(StageStarted(Stage.CONFORM))
        reading = self._conform(timeline, self.emit)
        for sentence in reading.picture.warnings:
            self.emit(Warned(sentence))
        self.emit(Conformed(reading.picture))
        return reading

    def _read_again(self, timeline: Timeline, picture: Picture) -> Reading:
        """The picture that was told, with its media's fingerprints, which stand in no log.

        Where the timeline does not give that picture any more, media having come or gone since, there are none:
        the job goes on with the picture that it told, and nothing is recalled or remembered for it.
        """
        nothing_told = Reading(picture, ())
        if self.finished.description is not None:
            return nothing_told
        try:
            reading = self._conform(timeline, _say_nothing)
        except SoniqueError:
            return nothing_told
        return reading if reading.picture == picture else nothing_told

    def _conform(self, timeline: Timeline, emit: Emit) -> Reading:
        request = ConformRequest(timeline, self.chain.uploads, self.chain.media_roots)
        return self.chain.executor.run(CONFORM, "", request, StageReport(Stage.CONFORM, emit, self.check))

    def _describe(self, reading: Reading, cuts: CutSource) -> Description:
        if self.finished.description is not None:
            return self.finished.description
        detect = cuts is CutSource.DETECT or (cuts is CutSource.AUTO and len(reading.picture.shots) == 1)
        return self.cast.play(
            Stage.DESCRIBE,
            lambda name: self.chain.describer.describe(reading, name, self.emit, self.check, detect=detect),
            self.emit,
        )


def _named(job: DescribeJob | ScoreJob) -> tuple[str, ...]:
    """The folders that ``job`` names, for its media and for what it names besides."""
    return (*job.timeline.media_roots, *job.media_roots)


def _say_nothing(_: Event) -> None:
    """Tells nobody: it was told before."""


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
