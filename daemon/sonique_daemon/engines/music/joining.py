"""Joins: one window of music goes over into the next, on the beat and without a dent or a bump in its level.

Two windows of the same prompt keep the same tempo, and seldom the same beat. So the second is moved, by half a beat at
the most, to where its onsets fall on those of the first; its level is matched; and the fade keeps the power constant
for just the likeness that the two have (equal gain where they are the same, equal power where they are strangers).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.audio import Block

_HOP_SECONDS = 0.005
_MOST_MATCHING = 2.0
"""The level of a window is moved by a factor of this at the most (6 dB)."""
_SILENCE = 1e-6


def best_shift(first: Block, second: Block, rate: int, most: int) -> int:
    """By how many samples ``second`` is to begin later for its onsets to fall on those of ``first``.

    Args:
        first: the end of the window before, ``[channels, n]``.
        second: the beginning of the next, ``[channels, n + most]`` or longer.
        rate: of both in Hz.
        most: samples that may be left out of the beginning of ``second``.

    Returns:
        0 to ``most``: how many samples of ``second`` are left out.
    """
    hop = max(1, round(rate * _HOP_SECONDS))
    one, other = _onsets(first, hop), _onsets(second, hop)
    room = min(most // hop, len(other) - len(one))
    if room <= 0 or not one.any() or not other.any():
        return 0
    likeness = [float(one @ other[lag : lag + len(one)]) for lag in range(room + 1)]
    return min(int(np.argmax(likeness)) * hop, most)


def crossfaded(first: Block, second: Block) -> Block:
    """``first`` going over into ``second``, both ``[channels, n]`` of the same moment; the result is as long."""
    length = first.shape[1]
    second = second * np.float32(_matching(first, second))
    likeness = _correlation(first, second)
    angle = np.linspace(0.0, np.pi / 2, length, endpoint=False)
    out, into = np.cos(angle), np.sin(angle)
    steady = np.sqrt(out**2 + into**2 + 2 * max(likeness, 0.0) * out * into)
    return np.asarray(first * (out / steady) + second * (into / steady), np.float32)


def level_after(first: Block, second: Block) -> float:
    """The factor that brings ``second`` to the level of ``first``, within bounds."""
    return _matching(first, second)


def restored(made: Block, given: Block, spans: Sequence[tuple[int, int]], ramp: int) -> Block:
    """``given`` with ``made`` in ``spans`` alone, which begin and end with a ramp inside them.

    Args:
        made: what a model made, ``[channels, n]``.
        given: what it was given, the same shape.
        spans: in samples ``(start, end)`` counted from the beginning of both; they may lie before it or after the end.
        ramp: samples of each ramp.
    """
    places = np.arange(given.shape[1], dtype=np.float32)
    share = np.zeros(given.shape[1], np.float32)
    for start, end in spans:
        share = np.maximum(share, np.clip(np.minimum(places - start + 1, end - places) / ramp, 0.0, 1.0))
    return np.asarray(given * (1 - share) + made * share, np.float32)


def _onsets(block: Block, hop: int) -> NDArray[np.float64]:
    """The rise of the level from hop to hop, without its mean."""
    mono = block.mean(axis=0)
    hops = len(mono) // hop
    level = np.sqrt(np.square(mono[: hops * hop].reshape(hops, hop).astype(np.float64)).mean(axis=1))
    rise = np.maximum(np.diff(np.log(level + _SILENCE), prepend=np.log(level[:1] + _SILENCE)), 0.0)
    return np.asarray(rise - rise.mean() if len(rise) else rise)


def _matching(first: Block, second: Block) -> float:
    one, other = (float(np.sqrt(np.square(block.astype(np.float64)).mean())) for block in (first, second))
    if one < _SILENCE or other < _SILENCE:
        return 1.0
    return float(np.clip(one / other, 1 / _MOST_MATCHING, _MOST_MATCHING))


def _correlation(first: Block, second: Block) -> float:
    one, other = first.astype(np.float64).ravel(), second.astype(np.float64).ravel()
    power = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / power if power > _SILENCE else 0.0
