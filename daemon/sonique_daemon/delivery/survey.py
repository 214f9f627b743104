"""What an engine's audio holds before anything is done to it: peaks, offsets, and whether it is sound at all."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.delivery.limiter import Curve, mean_square
from sonique_daemon.delivery.loudness import HOP as POWER_HOP
from sonique_daemon.delivery.loudness import LoudnessMeter, Powers
from sonique_daemon.delivery.source import Shape, shaped
from sonique_daemon.delivery.truepeak import HOP, TruePeakMeter, hop_peaks
from sonique_daemon.domain.audio import RawAudio
from sonique_daemon.errors import EngineFailed

Peaks = NDArray[np.float32]
"""The highest magnitude in each millisecond."""

_WINDOW_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Survey:
    """What one file of a rendering holds.

    Attributes:
        peaks: sample peaks.
        offsets: mean of each second, ``[seconds, 2]``.
        powers: K-weighted powers, or empty where they were not asked for.
    """

    peaks: Peaks
    offsets: NDArray[np.float64]
    powers: Powers

    @property
    def peak(self) -> float:
        """The highest sample."""
        return float(self.peaks.max(initial=0.0))

    @property
    def wanders(self) -> bool:
        """Whether there is a DC offset: over the whole, or over any ten seconds, where low notes leave none behind."""
        if len(self.offsets) == 0:
            return False
        length = min(_WINDOW_SECONDS, len(self.offsets))
        sums = np.concatenate([np.zeros((1, 2)), np.cumsum(self.offsets, axis=0)])
        local = np.abs(sums[length:] - sums[:-length]).max() / length
        whole = np.abs(self.offsets.mean(axis=0)).max()
        return bool(local > 5e-4 * self.peak or whole > 1e-4 * self.peak)


def survey_mix(audio: RawAudio, shape: Shape, check: Callable[[], None]) -> Survey:
    """Surveys the mix, its loudness included; raises ``EngineFailed`` where a sample is no number."""
    return _survey(audio, shape, check, LoudnessMeter())


def survey_stem(audio: RawAudio, shape: Shape, check: Callable[[], None]) -> Survey:
    """Surveys a stem; raises ``EngineFailed`` where a sample is no number."""
    return _survey(audio, shape, check, None)


def true_peaks(audio: RawAudio, shape: Shape, threshold: float, check: Callable[[], None]) -> Peaks:
    """True peaks of ``audio``; a millisecond that cannot exceed ``threshold`` is told by its sample peak."""
    meter = TruePeakMeter(lambda: threshold)
    peaks = []
    for block in shaped(audio, shape):
        check()
        peaks.append(meter.feed(block))
    peaks.append(meter.finish())
    return np.concatenate(peaks)[: -(-shape.samples // HOP)]


def gained(powers: Powers, gain: float, curve: Curve | None) -> Powers:
    """``powers`` after a gain and under a curve."""
    scaled = powers * gain**2
    return scaled if curve is None else scaled * mean_square(curve, len(powers), POWER_HOP // HOP)


def _survey(audio: RawAudio, shape: Shape, check: Callable[[], None], meter: LoudnessMeter | None) -> Survey:
    peaks, offsets = [], []
    for block in shaped(audio, shape):
        check()
        peaks.append(_checked_peaks(block))
        offsets.append(np.ones(len(block), np.float32) @ block / len(block))
        if meter is not None:
            meter.feed(block)
    powers = np.zeros(0) if meter is None else meter.powers
    return Survey(np.concatenate([*peaks, np.zeros(0, np.float32)]), np.array(offsets, np.float64), powers)


def _checked_peaks(block: NDArray[np.float32]) -> Peaks:
    """Peaks of a block, its last hop filled up with silence."""
    rest = -len(block) % HOP
    peaks = hop_peaks(np.pad(block, ((0, rest), (0, 0))) if rest else block)
    if not np.isfinite(peaks).all():
        raise EngineFailed("The engine’s audio holds samples that are no numbers; ask again with another seed.")
    return peaks
