"""Engines that keep the protocol and do next to nothing: for tests of all that stands above the engines.

They pass the same contract tests as the real ones.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sonique_daemon.domain.audio import BLOCK_SAMPLES, Block, RawAudioWriter
from sonique_daemon.domain.description import Description, Look, ShotDescription
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.tags import Key, Origin, Tags, Tempo
from sonique_daemon.domain.take import Rendering
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.engine import DescribeRequest, Descriptor, GenerateRequest, Report, TagRequest

_UNSEEING = Descriptor("unseeing", Stage.DESCRIBE, "Looks at nothing.", "GPL-3.0-or-later", "1")
_LITERAL = Descriptor("literal", Stage.TAG, "Takes a tempo.", "GPL-3.0-or-later", "1")
_TONE = Descriptor(
    name="tone",
    stage=Stage.GENERATE,
    summary="Plays a tone.",
    licence="GPL-3.0-or-later",
    version="1",
    shortest=0.1,
    longest=36_000.0,
    sample_rate=SAMPLE_RATE,
    channels=2,
    stems=("tone",),
)


@dataclass(frozen=True, slots=True)
class UnseeingDescriber:
    """Describes every shot of the picture without a look at its media."""

    descriptor: Descriptor = _UNSEEING

    def run(self, request: DescribeRequest, report: Report) -> Description:
        """The picture's shots, each with the same sentence."""
        picture = request.picture
        shots = tuple(
            ShotDescription(shot.record, "A shot.", Look(), shot.join, 0.5 if index else 0.0)
            for index, shot in enumerate(picture.shots)
        )
        for index, shot in enumerate(shots):
            report.shot(index, shot)
            report.progress(float(shot.record.end), float(picture.duration), "s of picture")
        summary = f"{len(shots)} shots."
        return Description(picture.duration, summary, shots, markers=picture.markers, rate=picture.rate)


@dataclass(frozen=True, slots=True)
class LiteralTagger:
    """Takes the tempo of the brief and nothing else."""

    descriptor: Descriptor = _LITERAL

    def run(self, request: TagRequest, report: Report) -> Tags:
        """Ambient in C at the brief's tempo, or 60."""
        report.check()
        bpm = request.brief.bpm
        tempo = Tempo(60.0, 55.0, 70.0) if bpm is None else Tempo(bpm, bpm * 0.98, bpm * 1.02, Origin.USER)
        strength = request.brief.hit_strength
        return Tags("ambient", (), tempo, Key(0, "ionian"), hit_strength=strength)


@dataclass(frozen=True, slots=True)
class ToneGenerator:
    """Plays a quiet tone, as one stem, whose pitch is the seed's."""

    descriptor: Descriptor = _TONE

    def run(self, request: GenerateRequest, report: Report) -> Rendering:
        """``request.samples`` samples of a sine."""
        frequency = 220.0 + request.seed % 220
        mix = RawAudioWriter(request.workspace / "mix.raw", 2)
        stem = RawAudioWriter(request.workspace / "tone.raw", 2)
        with mix, stem:
            for start in range(0, request.samples, BLOCK_SAMPLES):
                block = _tone(frequency, start, min(BLOCK_SAMPLES, request.samples - start))
                mix.write(block)
                stem.write(block)
                done = Fraction(start + block.shape[1], SAMPLE_RATE)
                report.progress(float(done), float(Fraction(request.samples, SAMPLE_RATE)), "s of audio")
        return Rendering(mix.result, (("tone", stem.result),))


def _tone(frequency: float, start: int, count: int) -> Block:
    times = np.arange(start, start + count, dtype=np.float64) / SAMPLE_RATE
    mono = (0.1 * np.sin(2 * np.pi * frequency * times)).astype(np.float32)
    return np.stack((mono, mono))
