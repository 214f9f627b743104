"""What an engine's audio holds before anything is done to it: peaks, offsets, and whether it is sound at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.delivery.limiter import Curve, mean_square
from sonique_daemon.delivery.loudness import HOP as POWER_HOP
from sonique_daemon.delivery.loudness import LoudnessMeter, Powers
from sonique_daemon.delivery.source import Frames, Offsets, Source
from sonique_daemon.delivery.truepeak import HOP, TruePeakMeter, hop_peaks
from sonique_daemon.errors import EngineFailed

Peaks = NDArray[np.float32]
"""The highest magnitude in each millisecond."""

_HEARD_IN_PEAKS = 5e-4
_OFFSET = 5e-4
"""What the means of seconds amount to, as a share of the mix's peak, below which a rendering has no offset: -66 dB. A
bass note that a second cuts through has a mean as well."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What one file of a rendering holds.

    Attributes:
        source: the file and what is to be done to it.
        peaks: sample peaks, right within 0.005 dB of what they are after that.
        powers: K-weighted powers, or empty where they were not asked for.
        means: of each second, which are its DC offset where there is one.
    """

    source: Source
    peaks: Peaks
    powers: Powers
    means: Offsets

    @property
    def peak(self) -> float:
        """The highest sample."""
        return float(self.peaks.max(initial=0.0))


def survey_mix(source: Source, check: Callable[[], None]) -> Survey:
    """Surveys the mix, its loudness included; raises ``EngineFailed`` where a sample is no number."""
    meter = LoudnessMeter()
    survey = _survey(source, check, meter.feed)
    return replace(survey, powers=meter.powers)


def survey_stem(source: Source, check: Callable[[], None]) -> Survey:
    """Surveys a stem; raises ``EngineFailed`` where a sample is no number."""
    return _survey(source, check, lambda _block: None)


def true_peaks(source: Source, threshold: float, check: Callable[[], None]) -> Peaks:
    """True peaks of ``source``; a millisecond that cannot exceed ``threshold`` is told by its sample peak."""
    meter = TruePeakMeter(lambda _highest: threshold)
    peaks = []
    for block in source.blocks():
        check()
        peaks.append(meter.feed(block))
    peaks.append(meter.finish())
    return np.concatenate(peaks)[: -(-source.shape.samples // HOP)]


def gained(powers: Powers, gain: float, curve: Curve | None) -> Powers:
    """``powers`` after a gain and under a curve."""
    scaled = powers * gain**2
    return scaled if curve is None else scaled * mean_square(curve, len(powers), POWER_HOP // HOP)


def _survey(source: Source, check: Callable[[], None], listen: Callable[[Frames], None]) -> Survey:
    peaks, offsets, left = [], [], source.shape.content
    for block in source.unfaded().blocks():  # a fade would hide a part of an offset
        check()
        peaks.append(_checked_peaks(block))
        if left > 0:
            content = block[:left]
            offsets.append(np.ones(len(content), np.float32) @ content / len(content))
        left -= len(block)
        listen(block)
    means = np.array(offsets, np.float64).reshape(-1, 2)
    return Survey(source, np.concatenate([*peaks, np.zeros(0, np.float32)]), np.zeros(0), means)


def centred(mix: Survey, stems: Sequence[Survey], check: Callable[[], None]) -> tuple[Survey, tuple[Survey, ...]]:
    """The surveys with their DC offsets to be taken out: of all of them, or of none where none has any.

    So stems add up to the mix either way.
    """
    largest = max(_offset(one.means) for one in (mix, *stems))
    if largest <= _OFFSET * mix.peak:
        return mix, tuple(stems)
    return _without_offsets(mix, check), tuple(_without_offsets(stem, check) for stem in stems)


def _offset(means: Offsets) -> float:
    """What the means of seconds amount to, as their root mean square, of the channel in which it is more."""
    return float(np.sqrt(np.square(means).sum(axis=0) / max(len(means), 1)).max())


def _without_offsets(survey: Survey, check: Callable[[], None]) -> Survey:
    """``survey`` with its offsets to be taken out; its peaks are read again where that changes them."""
    source = survey.source.without(survey.means)
    largest = float(np.abs(survey.means).max(initial=0.0))
    if largest <= _HEARD_IN_PEAKS * survey.peak:
        return replace(survey, source=source)
    return replace(survey, source=source, peaks=survey_stem(source, check).peaks)


def _checked_peaks(block: Frames) -> Peaks:
    """Peaks of a block, its last hop filled up with silence."""
    rest = -len(block) % HOP
    peaks = hop_peaks(np.pad(block, ((0, rest), (0, 0))) if rest else block)
    if not np.isfinite(peaks).all():
        raise EngineFailed("The engine’s audio holds samples that are no numbers; ask again with another seed.")
    return peaks
