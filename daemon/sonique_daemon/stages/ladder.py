"""The ladder: how music of an engine that plays no tempo map comes to the cuts, rung by rung, until it meets them.

The fitted tempo is in the words that the engine gets; a draft of the composer may lie under it; several candidates
are made and the best is kept; it is shifted and stretched; and what still misses is made anew round its cuts.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sonique_daemon.domain.alignment import TARGET, Alignment, Rung
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.take import Rendering
from sonique_daemon.domain.tempo import HitKind, TempoMap
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.engine import Descriptor, GenerateRequest, InitAudio
from sonique_daemon.engines.registry import Registry
from sonique_daemon.errors import InvalidRequest
from sonique_daemon.stages.batches import Batches
from sonique_daemon.stages.report import StageReport
from sonique_daemon.workers.executor import Executor
from sonique_daemon.workers.task import ALIGN, GENERATE, AlignRequest

MOST_CANDIDATES = 8
USUAL_CANDIDATES = 4
"""At the most, unless somebody asks for another number; one for an engine that makes one at a time."""

_SEED_STEP = 1_000_003
"""Between the seeds of two candidates, so that the next take's are others."""

_LAST_SEED = 2**63

AROUND = 1.0
"""Seconds made anew on either side of a cut."""

MOST_ANEW = 0.4
"""Share of the cue that is made anew at the most."""


@dataclass(frozen=True, slots=True)
class Ascent:
    """One take on its way.

    Attributes:
        request: what is asked; its workspace is an empty folder.
        report: of the stage generate; its warnings are the take's.
    """

    request: GenerateRequest
    report: StageReport


@dataclass(frozen=True, slots=True)
class Ladder:
    """Makes music and brings it to the cuts.

    Attributes:
        executor: runs the work.
        registry: tells what the generate engines are.
        batches: makes the renderings of the engine.
    """

    executor: Executor
    registry: Registry
    batches: Batches

    def climb(
        self, ascents: Sequence[Ascent], guide: float | None, candidates: int
    ) -> Generator[tuple[Rendering, Alignment | None], None, None]:
        """Music for each of ``ascents``, in order, and what brought it to the cuts; None where no ladder is needed.

        As many takes are made together as fill a batch of the engine with their candidates; each comes as soon as it is
        at the cuts.

        Args:
            ascents: of one job.
            guide: noise, 0 to 1, over a draft of the composer to start from, or None for no draft.
            candidates: how many to choose from for each take; 0 leaves it to the engine.

        Raises:
            InvalidRequest: there is to be a draft, and the engine cannot start from one, or starts from a melody.
        """
        left = list(ascents)
        while left:
            each = _candidates(self.batches.engine, left[0].request, candidates)
            count = max(1, self.batches.most // each)
            together, left = left[:count], left[count:]
            if guide is not None:
                together = [replace(one, request=self._drafted(one.request, one.report, guide)) for one in together]
            yield from self._together(together, each, guided=guide is not None)

    def _together(
        self, ascents: Sequence[Ascent], each: int, *, guided: bool
    ) -> Iterator[tuple[Rendering, Alignment | None]]:
        """The takes of one batch."""
        engine = self.batches.engine
        ascents[0].report.begin(engine.name, takes=len(ascents))
        made = self.batches.parts([_asked(one.request, each) for one in ascents])
        for one, renderings in zip(ascents, made, strict=True):
            told = self.batches.report.warnings
            one.report.warnings.extend(sentence for sentence in told if sentence not in one.report.warnings)
            if _needs_none(engine, one.request):
                yield renderings[0], None
            else:
                yield self._brought(one, renderings, guided=guided)

    def _brought(self, ascent: Ascent, renderings: Sequence[Rendering], *, guided: bool) -> tuple[Rendering, Alignment]:
        """The best of ``renderings`` at the cuts, made anew round them where that meets more."""
        engine, request, report = self.batches.engine, ascent.request, ascent.report
        rendering, alignment = self._aligned(renderings, request, "first", report)
        rungs = [Rung.TEMPO, *([Rung.GUIDE] if guided else []), *alignment.rungs]
        alignment = replace(alignment, rungs=tuple(rungs))
        if not alignment.met and engine.inpainting:
            rendering, alignment = self._mended(engine, request, rendering, alignment, report)
        if not alignment.met:
            report.warn(_missed(engine, alignment))
        return rendering, alignment

    def _drafted(self, request: GenerateRequest, report: StageReport, guide: float) -> GenerateRequest:
        """The request with the composer's draft to start from."""
        engine = self.batches.engine
        if not engine.melody:
            raise InvalidRequest(f"The engine “{engine.name}” cannot start from a draft; leave the guide out.")
        if request.init is not None:
            raise InvalidRequest("There is both a melody and a guide to start from; leave one of them out.")
        player = drafter(self.registry)
        report.begin(player.name)
        plain = replace(request, workspace=_folder(request.workspace, "draft"))
        draft = self.executor.run(GENERATE, player.name, plain, report)
        return replace(request, init=InitAudio(draft.mix, guide))

    def _aligned(
        self, renderings: Sequence[Rendering], request: GenerateRequest, name: str, report: StageReport
    ) -> tuple[Rendering, Alignment]:
        folder = _folder(request.workspace, f"aligned-{name}")
        asked = AlignRequest(tuple(renderings), request.tempo_map, request.samples, folder)
        done = self.executor.run(ALIGN, "", asked, report)
        return done.rendering, done.alignment

    def _mended(
        self,
        engine: Descriptor,
        request: GenerateRequest,
        rendering: Rendering,
        alignment: Alignment,
        report: StageReport,
    ) -> tuple[Rendering, Alignment]:
        """The music with the surroundings of its weightiest cuts made anew, where that meets more than it did."""
        spans = spans_anew(request.tempo_map, request.samples / SAMPLE_RATE)
        if not spans:
            return rendering, alignment
        workspace = _folder(request.workspace, "anew")
        asked = replace(request, init=InitAudio(rendering.mix, 0.0), inpaint=spans, workspace=workspace)
        anew = self.executor.run(GENERATE, engine.name, asked, report)
        best, again = self._aligned((anew,), request, "second", report)
        if again.after <= alignment.after:
            return rendering, alignment
        rungs = (*alignment.rungs, Rung.INPAINT, *(rung for rung in again.rungs if rung not in alignment.rungs))
        return best, replace(alignment, rungs=rungs, after=again.after)


def _needs_none(engine: Descriptor, request: GenerateRequest) -> bool:
    """Whether the music of ``engine`` stays as it is: it plays the map, or there is nothing to meet."""
    return engine.tempo_control or not any(met.hit.weight > 0 for met in request.tempo_map.hits)


def _candidates(engine: Descriptor, request: GenerateRequest, wanted: int) -> int:
    """How many renderings a take of ``engine`` is chosen from."""
    return 1 if _needs_none(engine, request) else wanted or min(USUAL_CANDIDATES, max(1, engine.batch))


def _asked(request: GenerateRequest, count: int) -> tuple[GenerateRequest, ...]:
    """``request`` for each of ``count`` candidates; the first is the take's own seed."""
    return tuple(
        replace(
            request,
            seed=(request.seed + index * _SEED_STEP) % _LAST_SEED,
            workspace=_folder(request.workspace, f"candidate-{index}"),
        )
        for index in range(count)
    )


def drafter(registry: Registry) -> Descriptor:
    """The engine that writes drafts: the first that plays a tempo map beat by beat.

    Raises:
        InvalidRequest: there is none.
    """
    able = [one for one in registry.descriptors() if one.stage is Stage.GENERATE and one.tempo_control]
    if not able:
        raise InvalidRequest("No engine here can write a draft on the cuts; leave the guide out.")
    return able[0]


def spans_anew(tempo_map: TempoMap, duration: float) -> tuple[tuple[float, float], ...]:
    """Spans round the cuts where something changes, the weightiest first until their share is used up; in order."""
    changes = [met.hit for met in tempo_map.hits if met.hit.kind is not HitKind.PHRASE] or [
        met.hit for met in tempo_map.hits
    ]
    spans: list[tuple[float, float]] = []
    left = MOST_ANEW * duration
    for hit in sorted(changes, key=lambda hit: (-hit.weight, hit.time)):
        start, end = max(0.0, float(hit.time) - AROUND), min(duration, float(hit.time) + AROUND)
        apart = all(end < other[0] - AROUND or start > other[1] + AROUND for other in spans)
        if start < end <= start + left and apart:
            spans.append((start, end))
            left -= end - start
    return tuple(sorted(spans))


def _missed(engine: Descriptor, alignment: Alignment) -> str:
    return (
        f"The music of “{engine.name}” meets {round(100 * alignment.after)} of 100 above chance at the cuts, less than "
        f"the {round(100 * TARGET)} that were sought; another seed, more candidates or a guide may do better."
    )


def _folder(workspace: Path, name: str) -> Path:
    folder = workspace / name
    folder.mkdir(mode=0o700)
    return folder
