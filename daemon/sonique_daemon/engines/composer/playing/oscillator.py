"""A band-limited oscillator: one period in a table, read at any pitch."""

import numpy as np
from scipy import fft

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.tone import HIGHEST_HZ, Numbers, Samples

_SIZE = 16_384


def harmonics(fundamental: float, most: int) -> Numbers:
    """Frequencies of the harmonics that a tone may have, at most ``most`` of them."""
    count = int(max(1, min(most, HIGHEST_HZ // fundamental)))
    return np.arange(1, count + 1) * fundamental


def period(levels: Numbers, phases: Numbers | None = None) -> Samples:
    """One period of harmonics with the given amplitudes, in sine phase if no ``phases`` are given."""
    spectrum = np.zeros(_SIZE // 2 + 1, np.complex128)
    turn = np.zeros(len(levels)) if phases is None else phases
    spectrum[1 : len(levels) + 1] = -0.5j * _SIZE * levels * np.exp(1j * turn)
    table = fft.irfft(spectrum, _SIZE).astype(np.float32)
    return np.append(table, table[:1])


def cycles(fundamental: float, samples: int, cents: Samples | float = 0.0, start: float = 0.0) -> Numbers:
    """Phase in cycles of a tone that deviates by ``cents``, sample by sample."""
    if isinstance(cents, float):
        step = fundamental * 2 ** (cents / 1200) / SAMPLE_RATE
        return start + step * np.arange(samples, dtype=np.float64)
    factor = np.exp(cents * np.float32(np.log(2) / 1200))
    return start + np.cumsum(factor, dtype=np.float64) * (fundamental / SAMPLE_RATE)


def read(table: Samples, phase: Numbers) -> Samples:
    """The table's period at ``phase`` cycles, interpolated linearly."""
    position = phase * _SIZE
    whole = position.astype(np.int64)
    part = (position - whole).astype(np.float32)
    whole &= _SIZE - 1
    low = table.take(whole)
    high = table.take(whole + 1)
    high -= low
    high *= part
    high += low
    return high


def vibrato(samples: int, rate: float, cents: float, enters: float, turn: float = 0.0) -> Samples:
    """A sine of ``rate`` Hz and ``cents`` depth that enters between ``enters`` and twice that, in seconds."""
    seconds = np.arange(samples, dtype=np.float32) / np.float32(SAMPLE_RATE)
    depth = np.clip(seconds / np.float32(enters) - 1, 0, 1) * np.float32(cents)
    return np.asarray(depth * np.sin(seconds * np.float32(2 * np.pi * rate) + np.float32(turn)), np.float32)
