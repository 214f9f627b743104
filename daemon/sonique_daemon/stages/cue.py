"""The cue: a tempo map is fitted, the engine plays to it, delivery writes the files, and the library takes them in."""

import re
import secrets
import shutil
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from sonique_daemon.delivery.order import Order
from sonique_daemon.domain.alignment import Alignment
from sonique_daemon.domain.edit import Kept
from sonique_daemon.domain.events import Fitted, Stage
from sonique_daemon.domain.request import GenerateJob
from sonique_daemon.domain.take import Rendering, Take, TakeFile
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.domain.time import sample_count
from sonique_daemon.engines.engine import Descriptor, GenerateRequest, InitAudio
from sonique_daemon.engines.registry import Registry
from sonique_daemon.errors import MediaNotFound, StoreFull
from sonique_daemon.stages.batches import Batches
from sonique_daemon.stages.cache import Library
from sonique_daemon.stages.casting import ALONE, Company, licensed
from sonique_daemon.stages.editing import changed, played, require_swaps
from sonique_daemon.stages.keys import take_key
from sonique_daemon.stages.ladder import Ascent, Ladder, drafter
from sonique_daemon.stages.orders import alignment_text, gain_under_speech, order_of
from sonique_daemon.stages.report import Check, Emit, StageReport
from sonique_daemon.stages.results import Result, Results, entry
from sonique_daemon.workers.executor import Executor
from sonique_daemon.workers.plan import at_once
from sonique_daemon.workers.task import DELIVER, FIT, Delivered, DeliverRequest, FitRequest

Recipe = Callable[[GenerateJob], bytes]
"""Turns a job for one take into the bytes that a file carries, from which the same take can be made again."""


_WITHOUT_STEMS = ("mix", "score")
"""Names of the files that a take has in any case."""

_NO_LETTERS, _LONGEST_STYLE = re.compile(r"[^A-Za-z0-9_-]+"), 40


@dataclass(frozen=True, slots=True)
class Wish:
    """One take that is asked for.

    Attributes:
        index: counts the takes of its job from 0.
        job: asks for this one take, with its seed.
        tempo_map: where that was fitted and told already, else None; an edited take has the grid of the one before.
        former: whether it is made for a change of it alone, whose own changes were checked when they were made.
        job_takes: how many takes its job makes.
    """

    index: int
    job: GenerateJob
    tempo_map: TempoMap | None = None
    former: bool = False
    job_takes: int = 1


@dataclass(frozen=True, slots=True)
class _Sketch:
    """A take of which all is decided but its sound.

    Attributes:
        wish: what was asked.
        plain: the same without its changes.
        order: how its files are wanted.
        key: of its result.
        grid: its tempo map.
        report: of the stage generate.
        held: the take itself where it is known already, else None.
        kept: what stays of the take before a change.
    """

    wish: Wish
    plain: GenerateJob
    order: Order
    key: bytes
    grid: TempoMap
    report: StageReport
    held: Result[Take] | None = None
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class CueMaker:
    """Makes takes.

    Attributes:
        executor: runs the work.
        registry: tells what the generate engines are.
        results: takes by key.
        library: where finished audio stands.
        recipe: what each file carries.
    """

    executor: Executor
    registry: Registry
    results: Results
    library: Library
    recipe: Recipe

    def make(
        self,
        wishes: Sequence[Wish],
        emit: Emit,
        check: Check,
        init: InitAudio | None = None,
        *,
        company: Company = ALONE,
    ) -> Generator[tuple[int, Take], None, None]:
        """The takes of one job, each with its index, in order, as soon as each is there.

        As many are made together as their engine makes at once. Nothing is left behind of what fails. A take that was
        made before, and whose files are still there, is that very take: each of its stages starts as cached, and none
        of them runs.

        Args:
            wishes: what is asked for; they differ in seed alone.
            emit: takes the events.
            check: says whether the job was cancelled.
            init: the melody's audio, where the job has one, whose digest stands in the job then.
            company: what the other stages leave to these.
        """
        check()
        if not wishes:
            return
        engine = self.registry.descriptor(Stage.GENERATE, wishes[0].job.engine)
        report = StageReport(Stage.GENERATE, emit, check)
        most = at_once(engine, float(wishes[0].job.duration), company.spare_bytes)
        ladder = Ladder(self.executor, self.registry, Batches(self.executor, engine, report, most))
        size = max(1, engine.batch)
        for first in range(0, len(wishes), size):
            begun = monotonic()
            some = [self._sketched(wish, engine, report, init, company) for wish in wishes[first : first + size]]
            new = [sketch for sketch in some if sketch.held is None]
            with closing(self._made(new, ladder, init, company.candidates)) as made:
                for sketch in some:
                    take = _told_again(sketch, engine) if sketch.held is not None else next(made)
                    if sketch.held is None:
                        self._remember(sketch, take, (monotonic() - begun) / len(new))
                    yield sketch.wish.index, take

    def _sketched(
        self,
        wish: Wish,
        engine: Descriptor,
        report: StageReport,
        init: InitAudio | None,
        company: Company,
    ) -> _Sketch:
        """``wish`` with its grid, which is told where it was not."""
        job, own = wish.job, replace(report, warnings=[], take=wish.index, job_takes=wish.job_takes)
        recipe = self.recipe(replace(job, delivery=replace(job.delivery, stems=False)))  # the same, stems or not
        licences = (licensed(engine), *company.words)
        drafts = drafter(self.registry) if job.guide is not None and engine.melody else None
        version = recipe + _version_of(job.soundfont)
        keys = {stems: take_key(engine, version, licences, stems=stems, drafter=drafts) for stems in (False, True)}
        key = keys[job.delivery.stems]
        plain = played(job)
        order = order_of(plain, engine, recipe, licences)
        held = self._held(key) or (None if job.delivery.stems else _stemless(job, self._held(keys[True])))
        if held is not None:
            if wish.tempo_map is None:
                replace(own, stage=Stage.FIT).begin(cached=True)
                own.emit(Fitted(held.value.tempo_map, wish.index))
            return _Sketch(wish, plain, order, key, held.value.tempo_map, own, held)
        kept = None
        if job.changes:
            former = replace(wish, job=replace(job, changes=job.changes[:-1]), tempo_map=None, former=True)
            ((_, before),) = self.make([former], _unfitted(report.emit), report.check_job, init, company=company)
            if not wish.former:
                require_swaps(job.changes, before)
            grid, kept = changed(job.changes[-1], before)
            own.emit(Fitted(grid, wish.index))
        else:
            grid = wish.tempo_map or self._fit(wish, own)
        if job.delivery.ducking is not None and job.description is None:
            own.warn("Nothing is turned down under speech: without a description nobody knows where it is.")
        return _Sketch(wish, plain, order, key, grid, own, kept=kept)

    def _held(self, key: bytes) -> Result[Take] | None:
        """The take of that key, where it is known and all its files are there."""
        held = self.results.recall(key, Take)
        return held if held is not None and all(file.path.is_file() for file in held.value.files) else None

    def _remember(self, sketch: _Sketch, take: Take, seconds: float) -> None:
        files = [file.sha256 for file in take.files]
        result = Result(take, tuple(sketch.report.warnings))
        self.results.remember([entry(sketch.key, Stage.GENERATE, result, seconds, files)])

    def _made(
        self, sketches: Sequence[_Sketch], ladder: Ladder, init: InitAudio | None, candidates: int
    ) -> Generator[Take, None, None]:
        """The takes of ``sketches``, in order, chosen from so many ``candidates`` where their job says no number."""
        if not sketches:
            return
        scratch = self.library.scratch
        try:
            with ExitStack() as rooms:
                folders = [Path(rooms.enter_context(_room(scratch))) for _ in sketches]
                ascents = [
                    Ascent(_request(sketch, _folder(folder, "audio"), init), sketch.report)
                    for sketch, folder in zip(sketches, folders, strict=True)
                ]
                job = sketches[0].wish.job
                with closing(ladder.climb(ascents, job.guide, job.candidates or candidates)) as climbed:
                    for sketch, folder, (rendering, alignment) in zip(sketches, folders, climbed, strict=True):
                        yield self._finished(sketch, folder, rendering, alignment)
                        shutil.rmtree(folder / "audio", ignore_errors=True)
        except OSError as error:
            reason = error.strerror or "no room is left"  # what numpy raises for a short write carries no reason
            raise StoreFull(f"The store “{scratch.parent}” cannot be written ({reason}); make room there.") from error

    def _finished(self, sketch: _Sketch, folder: Path, rendering: Rendering, alignment: Alignment | None) -> Take:
        """The take of ``rendering``, in the library."""
        job, order, report = sketch.plain, sketch.order, sketch.report
        told = replace(order.provenance, tempo=f"{sketch.grid.bpm:.1f}", alignment=alignment_text(alignment))
        order = replace(order, provenance=told)
        files = _folder(folder, "files")
        request = DeliverRequest(rendering, order, sketch.grid, job.duration, files, job.description, sketch.kept)
        delivered = self._deliver(request, replace(report, stage=Stage.DELIVER))
        report.check()
        return self._shelved(job, order, sketch.grid, delivered, alignment)

    def _fit(self, wish: Wish, report: StageReport) -> TempoMap:
        job, fitting = wish.job, replace(report, stage=Stage.FIT)
        fitting.begin()
        request = FitRequest(job.tags, job.duration, job.description, job.seed)
        tempo_map = self.executor.run(FIT, "", request, fitting)
        report.emit(Fitted(tempo_map, wish.index))
        return tempo_map

    def _deliver(self, request: DeliverRequest, report: StageReport) -> Delivered:
        report.begin()
        return self.executor.run(DELIVER, "", request, report)

    def _shelved(
        self, job: GenerateJob, order: Order, tempo_map: TempoMap, delivered: Delivered, alignment: Alignment | None
    ) -> Take:
        return Take(
            id=_identity(job),
            seed=job.seed,
            engine=order.provenance.engine,
            samples=order.length,
            files=tuple(map(self._admitted, delivered.files)),
            tempo_map=tempo_map,
            measures=delivered.measures,
            speech_gain=gain_under_speech(job),
            alignment=alignment,
            licences=order.provenance.licences,
        )

    def _admitted(self, file: TakeFile) -> TakeFile:
        return replace(file, path=self.library.admit(file.path, file.kind, file.sha256))


def _stemless(job: GenerateJob, held: Result[Take] | None) -> Result[Take] | None:
    """The same take where no stems are wanted: its mix is the same to the byte, and need not be made again.

    It has an id of its own, for the stems of the other are still read under that one.
    """
    if held is None:
        return None
    files = tuple(file for file in held.value.files if file.name in _WITHOUT_STEMS)
    return replace(held, value=replace(held.value, id=_identity(job), files=files))


def _identity(job: GenerateJob) -> str:
    """A new take's id. Models play styles that have no file, under whatever name somebody wrote."""
    style = _NO_LETTERS.sub("-", job.tags.style)[:_LONGEST_STYLE]
    return f"{style}-{job.seed}-{secrets.token_hex(6)}"


def _told_again(sketch: _Sketch, engine: Descriptor) -> Take:
    """The take that is known already, after all is told that was told when it was made, but for its progress."""
    assert sketch.held is not None
    report = sketch.report
    report.begin(engine.name, cached=True)
    for sentence in sketch.held.warnings:
        report.warn(sentence)
    replace(report, stage=Stage.DELIVER).begin(cached=True)
    return sketch.held.value


def _unfitted(emit: Emit) -> Emit:
    """Tells all but the grid: that of a take which is only changed is not the job's."""
    return lambda event: None if isinstance(event, Fitted) else emit(event)


def _version_of(path: str) -> bytes:
    """Tells a file from itself before a change; b"" where none is named. Raises ``MediaNotFound`` where it is gone."""
    if not path:
        return b""
    try:
        found = Path(path).stat()
    except OSError:
        raise MediaNotFound(f"The SoundFont “{path}” is not there any more; put it back, or leave it out.") from None
    return f"{found.st_size} {found.st_mtime_ns}".encode()


def _room(scratch: Path) -> TemporaryDirectory[str]:
    """A folder for one take on its way."""
    return TemporaryDirectory(dir=scratch, prefix="cue-", ignore_cleanup_errors=True)


def _request(sketch: _Sketch, workspace: Path, init: InitAudio | None) -> GenerateRequest:
    job = sketch.plain
    if init is not None:  # which may be there for a longer take that a change makes of this one
        own = min(init.audio.samples, sample_count(job.duration))
        init = replace(init, audio=replace(init.audio, samples=own))
    return GenerateRequest(
        job.tags,
        sketch.grid,
        sample_count(job.duration),
        job.seed,
        workspace,
        job.description,
        init,
        options=job.options,
        soundfont=Path(job.soundfont) if job.soundfont else None,
    )


def _folder(workspace: Path, name: str) -> Path:
    folder = workspace / name
    folder.mkdir(mode=0o700)
    return folder
