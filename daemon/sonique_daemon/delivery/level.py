"""Level: the one gain, and where peaks demand it the one gain curve, that bring a rendering to its target."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sonique_daemon.delivery.limiter import Curve, gain_curve
from sonique_daemon.delivery.loudness import integrated, settle
from sonique_daemon.delivery.survey import Peaks, Survey, gained
from sonique_daemon.delivery.truepeak import BOUND, HOP
from sonique_daemon.domain.ducking import GainPoint
from sonique_daemon.domain.time import SAMPLE_RATE

CEILING_DBTP = -1.0
"""No delivered mix rises above this true peak."""

_MARGIN_DB = 0.2
"""Kept below the ceiling, for what interpolation cannot see between its points."""

_CEILING = 10 ** ((CEILING_DBTP - _MARGIN_DB) / 20)
_STEM_CEILING = 0.998
_MAKE_UP = 4.0
"""At most 12 dB are given back of what limiting takes; past that a piece is left quieter than asked."""

_LITTLE = 1.25
"""Most pieces need less than 2 dB back. Then only what could come so near to the ceiling has to be measured exactly."""


@dataclass(frozen=True, slots=True)
class Level:
    """What brings a rendering to its target: a gain, and a curve on top of it or None."""

    gain: float
    curve: Curve | None

    def ducked(self, points: tuple[GainPoint, ...], samples: int) -> "Level":
        """The same with a gain on top that goes through ``points``, for ``samples`` samples.

        It comes after the level is found: music that is turned down must not be made louder for it.
        """
        if not points:
            return self
        seconds = np.arange(-(-samples // HOP) + 1) * (HOP / SAMPLE_RATE)
        decibels = np.interp(seconds, [point.seconds for point in points], [point.db for point in points])
        gains = (10 ** (decibels / 20)).astype(np.float32)
        return Level(self.gain, gains if self.curve is None else gains * self.curve[: len(gains)])


def level(target: float, mix: Survey, stems: tuple[Survey, ...], true_peaks_above: Callable[[float], Peaks]) -> Level:
    """The level at which ``mix`` measures ``target`` LUFS with no true peak above the ceiling, and no stem overloads.

    Args:
        target: integrated loudness in LUFS.
        mix: the survey of the mix, loudness included; not silent.
        stems: those of the stems that will be delivered.
        true_peaks_above: measures the mix's true peaks, exactly where they can exceed the threshold it is given.
    """
    start = settle(target, 1.0 / mix.peak, np.inf, lambda gain: integrated(gained(mix.powers, gain, None)))
    loudest_stem = max((stem.peak for stem in stems), default=0.0)
    if start * mix.peak * BOUND <= _CEILING and start * loudest_stem <= _STEM_CEILING:
        return Level(start, None)
    found = _limited(
        target, mix, start, start * _LITTLE, _load(mix, stems, true_peaks_above(_CEILING / start / _LITTLE))
    )
    if found.gain < start * _LITTLE:
        return found
    most = start * _MAKE_UP
    return _limited(target, mix, start, most, _load(mix, stems, true_peaks_above(_CEILING / most)))


def _limited(target: float, mix: Survey, start: float, most: float, load: Peaks) -> Level:
    """The level with a limiter, its gain at most ``most``; ``load`` is exact up to that."""

    def loudness(gain: float) -> float:
        return integrated(gained(mix.powers, gain, gain_curve(load * np.float32(gain))))

    gain = settle(target, start, most, loudness)
    return Level(gain, gain_curve(load * np.float32(gain)))


def _load(mix: Survey, stems: tuple[Survey, ...], true_peaks: Peaks) -> Peaks:
    """Each millisecond's peak at a gain of 1 as a share of what is allowed, over the mix and all stems."""
    load = np.asarray(np.maximum(mix.peaks, true_peaks) / np.float32(_CEILING), np.float32)
    for stem in stems:
        load = np.maximum(load, stem.peaks / np.float32(_STEM_CEILING))
    return load
