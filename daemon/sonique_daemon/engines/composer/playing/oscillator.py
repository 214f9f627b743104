"""A band-limited oscillator: one period in a table, read at any pitch."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
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
    whole, part = _places(phase)
    return _between(table.take(whole), table.take(whole + 1), part)


class Morph:
    """A tone that moves through several periods: a blend of the two that it stands between, at every sample."""

    def __init__(self, tables: Sequence[Samples], place: Samples) -> None:
        """``place`` is where each sample stands: 0 for the first table to just below the number of the last."""
        step = place.astype(np.int64)
        self._share = (place - step).astype(np.float32)
        self._starts = step * (_SIZE + 1)
        self._tables = np.concatenate(tables)

    def read(self, phase: Numbers) -> Samples:
        """The tone at ``phase`` cycles, interpolated linearly in both directions."""
        whole, part = _places(phase)
        whole += self._starts
        near, far = (
            _between(self._tables.take(place), self._tables.take(place + 1), part)
            for place in (whole, whole + (_SIZE + 1))
        )
        return _between(near, far, self._share)


def _places(phase: Numbers) -> tuple[NDArray[np.int64], Samples]:
    """Where in a table's period ``phase`` cycles lie, and how far towards the next place."""
    position = phase * _SIZE
    whole = position.astype(np.int64)
    position -= whole
    whole &= _SIZE - 1
    return whole, position.astype(np.float32)


def _between(low: Samples, high: Samples, share: Samples) -> Samples:
    """From ``low`` to ``high`` by ``share``, in the place of ``high``."""
    high -= low
    high *= share
    high += low
    return high


def vibrato(samples: int, rate: float, cents: float, enters: float, turn: float = 0.0) -> Samples:
    """A sine of ``rate`` Hz and ``cents`` depth that enters between ``enters`` and twice that, in seconds."""
    seconds = np.arange(samples, dtype=np.float32) / np.float32(SAMPLE_RATE)
    depth = np.clip(seconds / np.float32(enters) - 1, 0, 1) * np.float32(cents)
    return np.asarray(depth * np.sin(seconds * np.float32(2 * np.pi * rate) + np.float32(turn)), np.float32)
