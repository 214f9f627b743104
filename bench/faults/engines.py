"""Engines that take their time and do little: a daemon that is to be disturbed needs work that goes on for a while.

Times are read from the request, so that one daemon plays short and long jobs: a cue of ``n`` seconds takes about
``n / 20`` seconds to generate, a shot 20 ms to describe.
"""

import time
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from sonique_daemon.domain.audio import Block, RawAudioWriter
from sonique_daemon.domain.description import Description, Look, ShotDescription
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.take import Rendering
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.engine import DescribeRequest, Descriptor, GenerateRequest, Report
from sonique_daemon.engines.fake import fakes
from sonique_daemon.engines.registry import Offer, Registry, Shelf

SHOT_SECONDS = 0.02
SPEED = 20
"""Times faster than real time that a tone is played."""

_STEP = SAMPLE_RATE // 2

_UNHURRIED = Descriptor("unhurried", Stage.DESCRIBE, "Looks at nothing, slowly.", "GPL-3.0-or-later", "1")
_DRONE = Descriptor(
    name="drone",
    stage=Stage.GENERATE,
    summary="Plays a drone, slowly.",
    licence="GPL-3.0-or-later",
    version="1",
    shortest=0.1,
    longest=36_000.0,
    sample_rate=SAMPLE_RATE,
    channels=2,
)


@dataclass(frozen=True, slots=True)
class UnhurriedDescriber:
    """Describes every shot without a look at it, in ``SHOT_SECONDS`` each."""

    descriptor: Descriptor = _UNHURRIED

    def run(self, request: DescribeRequest, report: Report) -> Description:
        """The picture's shots, each with the same sentence."""
        picture = request.picture
        shots = tuple(
            ShotDescription(shot.record, "A shot.", Look(), shot.join, 0.5 if index else 0.0)
            for index, shot in enumerate(picture.shots)
        )
        for index, shot in enumerate(shots):
            time.sleep(SHOT_SECONDS)
            report.shot(index, shot)
            report.progress(float(shot.record.end), float(picture.duration), "s of picture")
        return Description(picture.duration, "Shots.", shots, markers=picture.markers, rate=picture.rate)


@dataclass(frozen=True, slots=True)
class DroneGenerator:
    """Plays a drone whose level is the seed's, half a second of it at a time."""

    descriptor: Descriptor = _DRONE

    def run(self, request: GenerateRequest, report: Report) -> Rendering:
        """``request.samples`` samples of a sine."""
        total = float(Fraction(request.samples, SAMPLE_RATE))
        with RawAudioWriter(request.workspace / "mix.raw", 2) as mix:
            for start in range(0, request.samples, _STEP):
                count = min(_STEP, request.samples - start)
                mix.write(_drone(request.seed, start, count))
                time.sleep(count / SAMPLE_RATE / SPEED)
                report.progress((start + count) / SAMPLE_RATE, total, "s of audio")
        return Rendering(mix.result, ())


def _drone(seed: int, start: int, count: int) -> Block:
    times = np.arange(start, start + count, dtype=np.float64) / SAMPLE_RATE
    mono = (0.1 * np.sin(2 * np.pi * (110.0 + seed % 990) * times)).astype(np.float32)
    return np.stack((mono, mono))


def patient() -> Registry:
    """A registry of the engines of this module, and the tagger of ``engines.fake``."""
    return Registry(
        Shelf(Stage.DESCRIBE, {"unhurried": Offer(_UNHURRIED, UnhurriedDescriber)}),
        fakes().taggers,
        Shelf(Stage.GENERATE, {"drone": Offer(_DRONE, DroneGenerator)}),
    )
