"""Compression of a stem: one gain for both of its channels, so that nothing moves sideways."""

from dataclasses import dataclass

import numpy as np
from pedalboard import Chain, Compressor

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.envelope import interpolated
from sonique_daemon.engines.composer.playing.tone import Samples

_HOP = 32
_SILENCE = np.float32(1e-6)


@dataclass(frozen=True, slots=True)
class Squeeze:
    """A compressor's settings.

    Attributes:
        threshold_db: peak level in dBFS from which it works.
        ratio: to one.
        attack_ms: time constant of its attack.
        release_ms: time constant of its release.
        makeup_db: gain behind it.
    """

    threshold_db: float
    ratio: float
    attack_ms: float
    release_ms: float
    makeup_db: float


class Press:
    """A compressor while it plays.

    The plug-in hears the peaks of both together, one for each 0.7 ms and as high wherever a part stands, and what it
    makes of them is the gain of middle and side alike: two compressors would pull what stands aside to the centre.
    """

    def __init__(self, squeeze: Squeeze) -> None:
        compressor = Compressor(squeeze.threshold_db, squeeze.ratio, squeeze.attack_ms, squeeze.release_ms)
        self._board = Chain([compressor])
        self._makeup = np.float32(10 ** (squeeze.makeup_db / 20))
        self._last = self._makeup

    def process(self, layer: Samples) -> None:
        """Applies it to ``layer`` ``[2, samples]`` (middle and side), in place; silence stays silence."""
        count = layer.shape[1]
        peaks = np.maximum(np.hypot(_peaks(layer[0]), _peaks(layer[1])), _SILENCE)
        pressed = self._board.process(peaks, SAMPLE_RATE / _HOP, reset=False)
        gains = np.concatenate(([self._last], pressed / peaks * self._makeup)).astype(np.float32)
        self._last = gains[-1]
        layer *= interpolated(gains, _HOP)[:count]


def _peaks(channel: Samples) -> Samples:
    """The highest magnitude in each hop, the last of which may be short."""
    magnitudes = np.abs(channel)
    return np.asarray(np.maximum.reduceat(magnitudes, np.arange(0, len(magnitudes), _HOP)), np.float32)
