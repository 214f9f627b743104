"""The composer as an engine: writes a piece to the tempo map, plays it, and hands over audio, stems and notes."""

from dataclasses import replace

from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.take import Rendering
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer import midi, playing
from sonique_daemon.engines.composer.composition import Stem
from sonique_daemon.engines.composer.writing import compose
from sonique_daemon.engines.engine import Descriptor, GenerateRequest, Report


class ComposerEngine:
    """The embedded generate engine: needs no weights, plays every beat of the tempo map."""

    descriptor = Descriptor(
        name="composer",
        stage=Stage.GENERATE,
        summary="Writes a piece to the tempo map and plays it with synthesised instruments.",
        licence="GPL-3.0-or-later",
        version="1",
        shortest=2.0,
        longest=1800.0,
        sample_rate=SAMPLE_RATE,
        channels=2,
        stems=tuple(stem.value for stem in Stem),
        midi=True,
        tempo_control=True,
        negatives=True,
        memory_bytes=600_000_000,
    )

    def run(self, request: GenerateRequest, report: Report) -> Rendering:
        """Composes and plays ``request.samples`` samples.

        Raises:
            InvalidBrief: the tags name a style that does not exist.
            Cancelled: the job was cancelled.
        """
        report.check()
        composition = compose(request)
        report.check()
        rendering = playing.perform(composition, request.samples, request.seed, request.workspace, report)
        return replace(rendering, midi=midi.score(composition, request.tempo_map))
