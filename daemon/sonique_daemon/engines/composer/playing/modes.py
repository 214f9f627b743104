"""A bank of decaying sinusoids: what bars, strings, bells, skins and plates do once struck."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.tone import HIGHEST_HZ, Numbers, Samples, loudness_weight

_ROW = 256
_FLOOR_DB = 90.0


@dataclass(frozen=True, slots=True)
class Modes:
    """Modes of vibration, one element of each array for each.

    Attributes:
        frequency: Hz.
        decay: seconds to fall by 60 dB.
        level: amplitude at the start.
        phase: radians at the start.
    """

    frequency: Numbers
    decay: Numbers
    level: Numbers
    phase: Numbers

    def audible(self) -> Self:
        """The same at unit loudness, without what cannot be heard or would fold back."""
        power = np.sum((self.level * loudness_weight(self.frequency)) ** 2)
        level = self.level / np.sqrt(max(float(power), 1e-12))
        heard = (self.frequency < HIGHEST_HZ) & (level > 2e-4 * level.max())
        return type(self)(self.frequency[heard], self.decay[heard], level[heard], self.phase[heard])

    def __add__(self, other: "Modes") -> "Modes":
        return Modes(
            np.concatenate((self.frequency, other.frequency)),
            np.concatenate((self.decay, other.decay)),
            np.concatenate((self.level, other.level)),
            np.concatenate((self.phase, other.phase)),
        )


def ring(modes: Modes, samples: int, rate: int = SAMPLE_RATE) -> Samples:
    """The modes sounding together for ``samples`` samples at ``rate``.

    Time is split as row · 256 + column, so that one real matrix product makes all modes at once; modes that die early
    are made for as long as they live (90 dB below the loudest).
    """
    result = np.zeros(-(-samples // _ROW) * _ROW, np.float32)
    rows = _lifetimes(modes, len(result) // _ROW, rate)
    longest = len(result) // _ROW
    while longest:
        shorter = longest // 2
        group = (rows <= longest) & ((rows > shorter) if longest > 4 else True)
        if group.any():
            result[: longest * _ROW] += _product(modes, group, longest, rate).ravel()
        longest = shorter if longest > 4 else 0
    return result[:samples]


def _lifetimes(modes: Modes, rows: int, rate: int) -> NDArray[np.int64]:
    if not modes.level.size:
        return np.zeros(0, np.int64)
    above_db = 20 * np.log10(modes.level / modes.level.max() + 1e-12) + _FLOOR_DB
    seconds = modes.decay * np.maximum(above_db, 0) / 60
    return np.asarray(np.clip(np.ceil(seconds * rate / _ROW), 1, rows), np.int64)


def _product(modes: Modes, group: NDArray[np.bool_], rows: int, rate: int) -> Samples:
    pole = np.exp((-np.log(1000) / modes.decay[group] + 2j * np.pi * modes.frequency[group]) / rate)
    columns = _powers(pole, _ROW)
    starts = _powers(columns[-1] * pole, rows) * (modes.level[group] * np.exp(1j * modes.phase[group]))
    left = np.concatenate((starts.real, -starts.imag), axis=1).astype(np.float32)
    right = np.concatenate((columns.real, columns.imag), axis=1).astype(np.float32)
    return left @ right.T


def _powers(pole: NDArray[np.complex128], count: int) -> NDArray[np.complex128]:
    """``pole`` to the powers 0 to count - 1, ``[count, modes]``, by doubling."""
    result = np.ones((count, len(pole)), np.complex128)
    done, factor = 1, pole
    while done < count:
        more = min(done, count - done)
        result[done : done + more] = result[:more] * factor
        done, factor = done + more, factor * factor
    return result
