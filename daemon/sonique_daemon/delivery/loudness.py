"""Loudness as ITU-R BS.1770-4 and EBU R 128 measure it, streamed, so that length costs no memory.

A meter keeps the K-weighted power of every 10 ms. All figures follow from those powers alone, so that loudness after a
gain, even a gain that moves, is known without filtering again.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.filters import K_WEIGHTING, Stream

Powers = NDArray[np.float64]
"""K-weighted power of both channels together, one value for each 10 ms."""

HOP = 480
"""Samples of one power."""

SILENCE_LUFS = -70.0
"""The absolute gate of BS.1770: nothing below it counts, and it stands for silence."""

_MOMENTARY, _SHORT_TERM, _STEP = 40, 300, 10
"""400 ms, 3 s, and the 100 ms between the starts of blocks, in powers."""


class LoudnessMeter:
    """Takes 48 kHz stereo in blocks and keeps the powers of all whole 10 ms."""

    def __init__(self) -> None:
        self._weighted = Stream(K_WEIGHTING, 2)
        self._rest = np.zeros(0)
        self._powers: list[Powers] = []

    def feed(self, frames: NDArray[np.float32]) -> None:
        """Goes on with ``frames`` ``[samples, 2]``."""
        weighted = self._weighted.feed(frames.T)
        squares = np.concatenate([self._rest, np.square(weighted).sum(axis=0, dtype=np.float64)])
        whole = len(squares) // HOP * HOP
        self._powers.append(squares[:whole].reshape(-1, HOP).mean(axis=1))
        self._rest = squares[whole:]

    @property
    def powers(self) -> Powers:
        """What was measured so far; audio shorter than 10 ms has one power, its own mean."""
        powers = np.concatenate([*self._powers, np.zeros(0)])
        if len(powers) == 0 and len(self._rest):
            return np.array([self._rest.sum() / len(self._rest)])
        return powers


def integrated(powers: Powers) -> float:
    """Integrated loudness in LUFS, gated at -70 LUFS and 10 LU below the rest (BS.1770-4 annex 1).

    Audio shorter than one gating block of 400 ms is measured as one single block of its own length. Silence is
    ``SILENCE_LUFS``.
    """
    blocks = _blocks(powers, _MOMENTARY)
    blocks = blocks[_lufs(blocks) > SILENCE_LUFS]
    if len(blocks) == 0:
        return SILENCE_LUFS
    return _mean_lufs(blocks[_lufs(blocks) > _mean_lufs(blocks) - 10.0])


def momentary_peak(powers: Powers) -> float:
    """The loudest 400 ms, in LUFS."""
    return _loudest(powers, _MOMENTARY)


def short_term_peak(powers: Powers) -> float:
    """The loudest 3 s, in LUFS; shorter audio counts as a whole."""
    return _loudest(powers, _SHORT_TERM)


def loudness_range(powers: Powers) -> float:
    """Loudness range in LU (EBU Tech 3342): 10th to 95th percentile of the gated 3 s blocks; 0 for short audio."""
    blocks = _blocks(powers, _SHORT_TERM)
    blocks = blocks[_lufs(blocks) > SILENCE_LUFS]
    if len(blocks) < 2:
        return 0.0
    levels = _lufs(blocks[_lufs(blocks) > _mean_lufs(blocks) - 20.0])
    low, high = np.percentile(levels, (10, 95))
    return float(high - low)


def settle(
    target: float, start: float, limit: float, loudness_at: Callable[[float], float], tolerance: float = 0.01
) -> float:
    """The gain at which ``loudness_at(gain)`` is ``target`` LUFS, searched from ``start`` and at most ``limit``.

    Loudness grows by no more than the gain does (a gate or a limiter takes some of it back), so that stepping by what
    is missing comes closer each time.
    """
    gain = min(start, limit)
    for _ in range(16):
        missing = target - loudness_at(gain)
        if abs(missing) <= tolerance or (gain >= limit and missing > 0):
            break
        gain = min(gain * 10 ** (missing / 20), limit)
    return gain


def _blocks(powers: Powers, length: int) -> Powers:
    """Mean power of each block of ``length`` powers, a block every 100 ms; shorter audio is one block."""
    if len(powers) < length:
        return powers.mean(keepdims=True) if len(powers) else powers
    sums = np.concatenate([[0.0], np.cumsum(powers)])
    starts = np.arange(0, len(powers) - length + 1, _STEP)
    return np.asarray(np.maximum((sums[starts + length] - sums[starts]) / length, 0.0), np.float64)


def _lufs(powers: Powers) -> Powers:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(powers, 1e-30)), np.float64)


def _mean_lufs(powers: Powers) -> float:
    return -0.691 + 10 * math.log10(max(float(powers.mean()), 1e-30)) if len(powers) else SILENCE_LUFS


def _loudest(powers: Powers, length: int) -> float:
    blocks = _blocks(powers, length)
    return max(SILENCE_LUFS, float(_lufs(blocks).max())) if len(blocks) else SILENCE_LUFS
