"""Tone: a room's brightness, as it acts on an instrument while it is made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.filters import high_pass
from sonique_daemon.domain.time import SAMPLE_RATE

Samples = NDArray[np.float32]
"""Mono audio ``[samples]``, or ``[2, samples]`` as middle and side."""

Numbers = NDArray[np.floating]
"""Frequencies in Hz, levels or times in seconds, one for each thing spoken of."""

HIGHEST_HZ = 0.45 * SAMPLE_RATE
"""Partials above this are left out, so that nothing folds back."""


@dataclass(frozen=True, slots=True)
class Tone:
    """How bright an instrument sounds.

    Attributes:
        brightness: multiplies the corner frequencies of its spectrum, 0.4 to 2.5.
    """

    brightness: float = 1.0

    def filtered(self, sound: Samples) -> Samples:
        """``sound`` without what lies below 20 Hz."""
        return _RUMBLE.applied(sound)


_RUMBLE = high_pass(20.0, SAMPLE_RATE)


def loudness_weight(frequency: Numbers) -> Numbers:
    """Amplitude weight of a partial's loudness, after the two filters of ITU-R BS.1770-4 (+4 dB above 1.7 kHz)."""
    treble = (frequency / 1700) ** 2
    bass = (frequency / 38) ** 2
    return (1 + 1.585 * treble) / (1 + treble) * bass / (1 + bass)


def hertz(pitch: float) -> float:
    """Frequency of a MIDI note number in equal temperament, A4 = 440 Hz."""
    return float(440.0 * 2 ** ((pitch - 69) / 12))
