"""Tone: a part's filters and a room's brightness, as they act on an instrument while it is made."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from sonique_daemon.domain.time import SAMPLE_RATE

Samples = NDArray[np.float32]
"""Mono audio ``[samples]``, or ``[2, samples]`` as middle and side."""

Numbers = NDArray[np.floating]
"""Frequencies in Hz, levels or times in seconds, one for each thing spoken of."""

HIGHEST_HZ = 0.45 * SAMPLE_RATE
"""Partials above this are left out, so that nothing folds back."""


@dataclass(frozen=True, slots=True)
class Tone:
    """How bright an instrument sounds and which band its part may use.

    Attributes:
        brightness: multiplies the corner frequencies of its spectrum, 0.4 to 2.5.
        low_cut_hz: second-order high-pass, 20 for none.
        high_cut_hz: second-order low-pass, 20000 for none.
    """

    brightness: float = 1.0
    low_cut_hz: float = 20.0
    high_cut_hz: float = 20_000.0

    def gain(self, frequency: Numbers) -> Numbers:
        """The filters' gain at each frequency: Butterworth magnitudes, for sounds that are made partial by partial."""
        result = np.ones_like(frequency)
        if self.low_cut_hz > 20:
            result /= np.sqrt(1 + (self.low_cut_hz / np.maximum(frequency, 1e-3)) ** 4)
        if self.high_cut_hz < 20_000:
            result /= np.sqrt(1 + (frequency / self.high_cut_hz) ** 4)
        return result

    def filtered(self, sound: Samples) -> Samples:
        """``sound`` through the filters, and in any case without what lies below 20 Hz."""
        result: Samples = sosfilt(_sections(self.low_cut_hz, self.high_cut_hz), sound).astype(np.float32, copy=False)
        return result


@lru_cache(maxsize=64)
def _sections(low_cut_hz: float, high_cut_hz: float) -> Samples:
    sections = [butter(2, max(low_cut_hz, 20.0), "highpass", fs=SAMPLE_RATE, output="sos")]
    if high_cut_hz < 20_000:
        sections.append(butter(2, high_cut_hz, "lowpass", fs=SAMPLE_RATE, output="sos"))
    return np.concatenate(sections).astype(np.float32)


def loudness_weight(frequency: Numbers) -> Numbers:
    """Amplitude weight of a partial's loudness, after the two filters of ITU-R BS.1770-4 (+4 dB above 1.7 kHz)."""
    treble = (frequency / 1700) ** 2
    bass = (frequency / 38) ** 2
    return (1 + 1.585 * treble) / (1 + treble) * bass / (1 + bass)


def hertz(pitch: float) -> float:
    """Frequency of a MIDI note number in equal temperament, A4 = 440 Hz."""
    return float(440.0 * 2 ** ((pitch - 69) / 12))
