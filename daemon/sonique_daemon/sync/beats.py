"""Beats of rendered audio, found by ear alone: onsets, and a tempo that bends round an expected one.

Dynamic-programming beat tracking (Ellis, “Beat Tracking by Dynamic Programming”, 2007).
"""

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.sync.onsets import FRAME_RATE, OnsetStrength, onset_strength

Floats = NDArray[np.float64]

TIGHTNESS = 120.0
"""Price of the squared logarithm of a beat's length against the expected one, in standard deviations of onsets."""

REACH = 0.15
"""Share by which a beat's length may differ from the expected one."""

PEAK = 6.0
"""Onsets count up to so many standard deviations, so that one crash does not outweigh ten beats."""


def track_beats(audio: NDArray[np.float32], bpm: float, sample_rate: int = SAMPLE_RATE) -> tuple[float, ...]:
    """Beat times in seconds, increasing, inside the audio.

    Args:
        audio: ``[samples]`` or ``[channels, samples]``, full scale ±1.
        bpm: the base tempo, from which the music may stray by about 8 %.
        sample_rate: samples per second.

    Raises:
        ValueError: the tempo is not between 20 and 400 bpm.
    """
    if not 20 <= bpm <= 400:
        raise ValueError(f"{bpm} bpm is no tempo to follow")
    return beats_of(onset_strength(audio, sample_rate), bpm)


def beats_of(strength: OnsetStrength, bpm: float) -> tuple[float, ...]:
    """As ``track_beats``, from the onsets."""
    if strength.values.size < 2:
        return ()
    return _times(strength, _path(np.minimum(strength.values, PEAK), FRAME_RATE * 60 / bpm))


def _path(values: Floats, period: float) -> list[int]:
    """Frames of beats: the path that gathers most onset strength for the least strain on the tempo."""
    shortest = max(1, int(period * (1 - REACH)))
    lags = np.arange(shortest, int(np.ceil(period * (1 + REACH))) + 1)
    prices = TIGHTNESS * np.log(lags / period) ** 2
    score, source = values.astype(np.float64).copy(), np.full(values.size, -1)
    for start in range(shortest, values.size, shortest):
        frames = np.arange(start, min(start + shortest, values.size))
        before = frames[:, None] - lags[None, :]
        sums = np.where(before >= 0, score[before.clip(0)] - prices, -np.inf)
        best = sums.argmax(axis=1)
        gained = sums[np.arange(frames.size), best]
        onward = gained > -np.inf
        score[frames[onward]] += gained[onward]
        source[frames[onward]] = before[np.arange(frames.size), best][onward]
    tail = max(0, values.size - lags[-1])
    return _backtracked(source, tail + int(score[tail:].argmax()))


def _backtracked(source: NDArray[np.int64], frame: int) -> list[int]:
    path = []
    while frame >= 0:
        path.append(frame)
        frame = int(source[frame])
    return path[::-1]


def _times(strength: OnsetStrength, frames: list[int]) -> tuple[float, ...]:
    """Times of the frames, moved to the peak of a parabola through each frame and its neighbours."""
    values = strength.values
    times = []
    for frame in frames:
        shift = 0.0
        if 0 < frame < values.size - 1:
            left, here, right = values[frame - 1 : frame + 2]
            curve = left - 2 * here + right
            shift = float(np.clip(0.5 * (left - right) / curve, -0.5, 0.5)) if curve < -1e-9 else 0.0
        times.append(max(0.0, strength.time(frame + shift)))
    return tuple(times)
