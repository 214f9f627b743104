"""Recursive filters of sound, computed by way of their frequency response.

SciPy's ``signal`` filters sample by sample, about as fast. It is not used because importing it takes longer than all
else that a worker imports to score a film, half a second of what somebody waits for who starts the daemon.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import fft

Sound = NDArray[np.float32]
"""``[samples]`` or ``[channels, samples]``."""

_SIZE = 2**15
"""Samples that are transformed at once in a stream: as many as a processor's cache holds."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A row of second-order sections.

    Attributes:
        sections: of each b0, b1, b2, a0, a1 and a2 of its transfer function in z.
        memory: samples after which nothing is left of what it was given, 10 ** -7 of it at most; below ``_SIZE``.
    """

    sections: tuple[tuple[float, float, float, float, float, float], ...]
    memory: int

    def applied(self, sound: Sound) -> Sound:
        """``sound`` through the filter, silence before it; what rings after its end is left out."""
        samples = sound.shape[-1]
        size = fft.next_fast_len(samples + self.memory, real=True)
        spectrum = fft.rfft(sound, size)
        spectrum *= _response(self, size)
        result: Sound = fft.irfft(spectrum, size, overwrite_x=True)[..., :samples]
        return result


class Stream:
    """A filter through which sound comes in blocks, as if they were one."""

    def __init__(self, through: Filter, channels: int) -> None:
        self._filter = through
        self._past = np.zeros((channels, through.memory), np.float32)

    def feed(self, block: Sound) -> Sound:
        """The next ``[channels, samples]``, filtered (overlap and save, Stockham 1966)."""
        memory, samples = self._filter.memory, block.shape[1]
        step = _SIZE - memory
        count = max(-(-samples // step), 1)
        sound = np.zeros((len(block), memory + count * step), np.float32)
        sound[:, :memory] = self._past
        sound[:, memory : memory + samples] = block
        self._past = sound[:, samples : samples + memory].copy()
        spectra = fft.rfft(sliding_window_view(sound, _SIZE, axis=1)[:, ::step])
        spectra *= _response(self._filter, _SIZE)
        filtered: Sound = fft.irfft(spectra, _SIZE, overwrite_x=True)[..., memory:]
        return filtered.reshape(len(block), -1)[:, :samples]


@lru_cache(maxsize=8)
def _response(of: Filter, size: int) -> NDArray[np.complex64]:
    """The frequency response at the bins of a real transform of ``size`` samples."""
    delay = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    result = np.ones(size // 2 + 1, np.complex128)
    for b0, b1, b2, a0, a1, a2 in of.sections:
        result *= (b0 + delay * (b1 + delay * b2)) / (a0 + delay * (a1 + delay * a2))
    return result.astype(np.complex64)


def high_pass(corner: float, rate: int) -> Filter:
    """A Butterworth high-pass of second order: 3 dB less at ``corner`` Hz, 12 dB an octave less below it.

    By the bilinear transform, warped to be exact at the corner.
    """
    turn = math.tan(math.pi * corner / rate)
    scale = 1 / (1 + math.sqrt(2) * turn + turn**2)
    lags = (2 * (turn**2 - 1) * scale, (1 - math.sqrt(2) * turn + turn**2) * scale)
    return Filter(((scale, -2 * scale, scale, 1.0, *lags),), math.ceil(3.2 * rate / corner))


K_WEIGHTING = Filter(
    (
        (1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585),
        (1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621),
    ),
    4800,
)
"""How loudness weighs frequencies at 48 kHz: pre-filter and RLB filter of ITU-R BS.1770-4, tables 1 and 2."""
