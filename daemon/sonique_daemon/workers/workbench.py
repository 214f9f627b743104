"""The workbench: does the work of any task in the process in which it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from sonique_daemon.domain.description import Description
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.take import Measures, Rendering
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.engines.engine import (
    Batching,
    DescribeRequest,
    GenerateRequest,
    Rehearsing,
    Report,
    Sparing,
    TagRequest,
)
from sonique_daemon.engines.registry import Registry
from sonique_daemon.workers.importing import importing
from sonique_daemon.workers.task import (
    Aligned,
    AlignRequest,
    Batch,
    ConformRequest,
    Converted,
    ConvertRequest,
    Delivered,
    DeliverRequest,
    FitRequest,
    Heard,
    HearRequest,
    MeasureRequest,
    Reading,
    Renderings,
    Request,
    Result,
    Task,
)

_NEEDS = {
    "conform": ("sonique_daemon.timeline.fingerprint", "sonique_daemon.timeline.reader"),
    "hear": ("sonique_daemon.timeline.recording",),
    "fit": ("sonique_daemon.sync.plan",),
    "measure": ("sonique_daemon.sync.hearing",),
    "align": ("sonique_daemon.sync.align",),
    "convert": ("sonique_daemon.catalogue.convert",),
    "convert_pipeline": ("sonique_daemon.engines.diffusion.makers.pipeline",),
    "deliver": ("sonique_daemon.delivery.deliver", "sonique_daemon.sync.hearing"),
}
"""The modules that a task without an engine imports when it first runs."""


@dataclass(frozen=True, slots=True)
class Workbench:
    """Runs tasks in the caller's thread; libraries are imported by the task that needs them first."""

    registry: Registry

    def run(
        self, task: Task[Request, Result], engine: str, request: Request, report: Report, savings: int = 0
    ) -> Result:
        """The task's result; raises what the work raises. ``engine`` "" is the profile's, and plays no part else.

        ``savings`` is how many of its savings the engine is to work with; see ``engine.Sparing``.
        """
        self._spare(task.stage, engine, savings)
        work: Callable[[str, Any, Report], Any] = getattr(self, f"_{task.name}")
        return cast("Result", work(engine, request, report))

    def _spare(self, stage: Stage | None, engine: str, savings: int) -> None:
        made = None if stage is None else getattr(self.registry, f"{stage}_engine")(engine)
        if isinstance(made, Sparing):
            made.spare(savings)

    def prepare(self, task: str, engine: str) -> None:
        """Imports what the task of that name needs, and makes its engine where it has one, which may rehearse."""
        with importing():
            for module in _NEEDS.get(task, ()):
                import_module(module)
            made = None if task in _NEEDS else getattr(self.registry, f"{task}_engine")(engine)
        if isinstance(made, Rehearsing):
            made.rehearse()

    def _conform(self, _: str, request: ConformRequest, report: Report) -> Reading:
        from sonique_daemon.timeline.fingerprint import fingerprints
        from sonique_daemon.timeline.reader import TimelineReader

        report.check()
        picture = TimelineReader(request.uploads, request.media_roots).read(request.timeline, report.check)
        return Reading(picture, fingerprints(picture))

    def _describe(self, engine: str, request: DescribeRequest, report: Report) -> Description:
        return self.registry.describe_engine(engine).run(request, report)

    def _tag(self, engine: str, request: TagRequest, report: Report) -> Tags:
        return self.registry.tag_engine(engine).run(request, report)

    def _fit(self, _: str, request: FitRequest, report: Report) -> TempoMap:
        from sonique_daemon.sync.plan import plan

        report.check()
        return plan(request.tags, request.duration, request.description, request.seed)

    def _generate(self, engine: str, request: GenerateRequest, report: Report) -> Rendering:
        return self.registry.generate_engine(engine).run(request, report)

    def _generate_batch(self, engine: str, request: Batch, report: Report) -> Renderings:
        """The engine's own batch, or one after the other where it has none."""
        made = self.registry.generate_engine(engine)
        if isinstance(made, Batching):
            return Renderings(made.run_batch(request.requests, report))
        return Renderings(tuple(made.run(one, report) for one in request.requests))

    def _hear(self, _: str, request: HearRequest, report: Report) -> Heard:
        from sonique_daemon.timeline.recording import RecordingReader

        reader = RecordingReader(request.uploads, request.media_roots)
        return Heard(*reader.read(request.melody, request.samples, request.target, report.check))

    def _align(self, _: str, request: AlignRequest, report: Report) -> Aligned:
        from sonique_daemon.sync.align import align

        report.check()
        return Aligned(*align(request.renderings, request.tempo_map, request.samples, request.folder, report.check))

    def _measure(self, _: str, request: MeasureRequest, report: Report) -> Measures:
        from sonique_daemon.delivery.metering import metered
        from sonique_daemon.sync.hearing import Against, hear
        from sonique_daemon.sync.sound import frames_of
        from sonique_daemon.sync.spotting import spot
        from sonique_daemon.timeline.locator import MediaLocator
        from sonique_daemon.timeline.recording import open_recording
        from sonique_daemon.timeline.roots import Roots

        cue, picture = request.cue, request.description
        path = MediaLocator(Roots.default().including(request.media_roots)).locate(cue.path)
        hits = spot(picture, picture.duration, cue.hit_strength)
        heard = hear(path, Against(hits, picture), report.check, open_recording)
        return Measures(*metered(frames_of(path, report.check, open_recording))).with_heard(heard)

    def _deliver(self, _: str, request: DeliverRequest, report: Report) -> Delivered:
        from sonique_daemon.delivery.deliver import deliver, stem_header
        from sonique_daemon.delivery.splice import loudness_of, splice
        from sonique_daemon.sync.hearing import Against, hear

        files, measures = deliver(request.rendering, request.order, request.folder, report.check)
        if request.kept is not None and request.kept.spans:
            files = splice(files, request.kept, lambda name: stem_header(request.order, name))
            measures = loudness_of(files[0].path)
        hits = tuple(met.hit for met in request.tempo_map.hits)
        heard = hear(files[0].path, Against(hits, request.description, request.tempo_map), report.check)
        return Delivered(files, measures.with_heard(heard))

    def _convert(self, _: str, request: ConvertRequest, report: Report) -> Converted:
        from sonique_daemon.catalogue.convert import convert

        return Converted(convert(request.source, request.target, report.check))

    def _convert_pipeline(self, _: str, request: ConvertRequest, report: Report) -> Converted:
        from sonique_daemon.engines.diffusion.makers.pipeline import write_pipeline

        return Converted(write_pipeline(request.source, request.target, report.check))
