"""The cue: hits are spotted, the tempo map is fitted, the engine plays, and delivery writes the files of a take."""

import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from sonique_daemon import __version__
from sonique_daemon.delivery.deliver import Order, deliver
from sonique_daemon.delivery.provenance import Provenance
from sonique_daemon.domain.events import Fitted, Stage, StageStarted
from sonique_daemon.domain.request import GenerateJob
from sonique_daemon.domain.tags import TagKind, Tags
from sonique_daemon.domain.take import Rendering, Take
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.domain.time import sample_count
from sonique_daemon.engines.engine import Descriptor, GenerateRequest
from sonique_daemon.errors import StoreFull
from sonique_daemon.stages.energy import energy_curve
from sonique_daemon.stages.report import Check, Emit, StageReport
from sonique_daemon.sync.fit import fit
from sonique_daemon.sync.measure import measure
from sonique_daemon.sync.spotting import Spotting, spot
from sonique_daemon.workers.executor import Executor

Recipe = Callable[[GenerateJob], bytes]
"""Turns a job for one take into the bytes that a file carries, from which the same take can be made again."""


@dataclass(frozen=True, slots=True)
class CueMaker:
    """Makes takes.

    Attributes:
        executor: runs the generate engine.
        descriptor: tells what the generate engine of a name is.
        takes: folder of the store in which each take gets a folder of its own.
        scratch: folder of the store for audio on its way.
        recipe: what each file carries.
    """

    executor: Executor
    descriptor: Callable[[str], Descriptor]
    takes: Path
    scratch: Path
    recipe: Recipe

    def make(self, job: GenerateJob, emit: Emit, check: Check) -> Take:
        """One take of ``job`` with its seed; nothing is left behind where it fails."""
        tempo_map = self._fit(job, emit, check)
        try:
            with TemporaryDirectory(dir=self.scratch, prefix="cue-") as workspace:
                rendering = self._generate(job, tempo_map, Path(workspace), emit, check)
                emit(StageStarted(Stage.DELIVER))
                return self._deliver(job, tempo_map, rendering, check)
        except OSError as error:
            reason = error.strerror or "no room is left"  # what numpy raises for a short write carries no reason
            raise StoreFull(
                f"The store “{self.takes.parent}” cannot be written ({reason}); make room there."
            ) from error

    def _fit(self, job: GenerateJob, emit: Emit, check: Check) -> TempoMap:
        check()
        emit(StageStarted(Stage.FIT))
        tags = job.tags
        hits = spot(job.description, job.duration, tags.hit_strength, Spotting(drive=_drive(tags)))
        curve = energy_curve(tags, job.duration, job.description)
        tempo_map = fit(hits, job.duration, tags.tempo, tags.hit_strength, curve, seed=job.seed)
        emit(Fitted(tempo_map))
        return tempo_map

    def _generate(self, job: GenerateJob, tempo_map: TempoMap, workspace: Path, emit: Emit, check: Check) -> Rendering:
        emit(StageStarted(Stage.GENERATE, job.engine))
        samples = sample_count(job.duration)
        request = GenerateRequest(job.tags, tempo_map, samples, job.seed, workspace, job.description)
        return self.executor.generate(job.engine, request, StageReport(Stage.GENERATE, emit, check))

    def _deliver(self, job: GenerateJob, tempo_map: TempoMap, rendering: Rendering, check: Check) -> Take:
        identity = f"{job.tags.style}-{job.seed}-{secrets.token_hex(6)}"
        folder = self.takes / identity
        order = self._order(job)
        folder.mkdir(mode=0o700)
        try:
            files, measures = deliver(rendering, order, folder, check)
        except BaseException:
            with suppress(OSError):
                shutil.rmtree(folder)
            raise
        hits = [(float(met.hit.time), met.hit.weight) for met in tempo_map.hits]
        sync = measure(tempo_map.beats, hits, float(job.duration))
        return Take(
            id=identity,
            seed=job.seed,
            engine=order.provenance.engine,
            samples=order.length,
            files=files,
            tempo_map=tempo_map,
            measures=replace(measures, hit_share=sync.share, chance_share=sync.chance),
        )

    def _order(self, job: GenerateJob) -> Order:
        wanted = job.delivery
        return Order(
            samples=sample_count(job.duration),
            provenance=self._provenance(job),
            recipe=self.recipe(replace(job, delivery=replace(wanted, stems=False))),  # the same take, stems or not
            loudness_lufs=wanted.loudness_lufs,
            pad_to_frames=wanted.pad_to_frames,
            record_start=wanted.record_start or Fraction(0),
            stems=wanted.stems,
        )

    def _provenance(self, job: GenerateJob) -> Provenance:
        engine = self.descriptor(job.engine)
        texts = tuple(tag.text for tag in job.tags.tags if tag.kind is not TagKind.NEGATIVE)
        without = tuple(f"no {text}" for text in job.tags.texts(TagKind.NEGATIVE))
        return Provenance(
            title=f"Sonique cue, {job.tags.style}, seed {job.seed}",
            engine=engine.name,
            engine_version=engine.version,
            licence=engine.licence,
            seed=job.seed,
            tags=(*texts, *without),
            software_version=__version__,
        )


def _drive(tags: Tags) -> float:
    """How eagerly music of that mood meets the picture: 0 where it is calm, 1 where it is excited."""
    return min(1.0, max(0.0, 0.5 + 0.5 * tags.affect.arousal))
