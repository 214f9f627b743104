"""The composer as an engine: writes a piece to the tempo map, plays it, and hands over audio, stems and notes."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from sonique_daemon.domain.form import metre_of
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.take import Rendering
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer import midi, playing
from sonique_daemon.engines.composer.playing import soundfont
from sonique_daemon.engines.composer.playing.orchestra import ORCHESTRA
from sonique_daemon.engines.composer.writing import compose
from sonique_daemon.engines.embedded import composer
from sonique_daemon.engines.engine import GenerateRequest, RecordedReport, Report

_TAGS = Tags("cinematic", (), Tempo(80.0, 80.0, 80.0), Key(0, "aeolian"))
_GRID = TempoMap(Fraction(2), (0.0, 0.75, 1.5, 2.25), (0,), 80.0, (Section(0, 1, 0.8),))
_SAMPLES = 2 * SAMPLE_RATE


class ComposerEngine:
    """The embedded generate engine: needs no weights, plays every beat of the tempo map."""

    descriptor = composer()

    def run(self, request: GenerateRequest, report: Report) -> Rendering:
        """Composes and plays ``request.samples`` samples.

        Raises:
            InvalidBrief: the tags name a style that does not exist.
            EngineUnavailable: there is a SoundFont, and no FluidSynth to play it.
            MediaUnreadable: the SoundFont is none.
            Cancelled: the job was cancelled.
        """
        report.check()
        composition = compose(request, report.check)
        report.check()
        players = ORCHESTRA if request.soundfont is None else soundfont.orchestra(request.soundfont)
        rendering = playing.perform(
            composition, request.samples, request.seed, request.workspace, report, players=players
        )
        return replace(rendering, midi=midi.score(composition, request.tempo_map, threes=metre_of(request.tags).threes))

    def rehearse(self) -> None:
        """Plays two seconds for nobody: tables are computed and plans made that the first cue would wait for."""
        with TemporaryDirectory(prefix="sonique-rehearsal-") as workspace:
            self.run(GenerateRequest(_TAGS, _GRID, _SAMPLES, 0, Path(workspace)), RecordedReport())
