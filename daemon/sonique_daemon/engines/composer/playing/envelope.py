"""Envelopes of single sounds: onsets, decays and endings, as float32 curves or applied in place."""

from functools import lru_cache

import numpy as np

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.tone import Samples


def clock(samples: int) -> Samples:
    """Seconds since the first sample."""
    return np.arange(samples, dtype=np.float32) / np.float32(SAMPLE_RATE)


def decay(samples: int, tau: float) -> Samples:
    """An exponential from 1 that falls to 1/e in ``tau`` seconds."""
    exponent = np.arange(samples, dtype=np.float32) * np.float32(-1 / (tau * SAMPLE_RATE))
    return np.asarray(np.exp(np.maximum(exponent, np.float32(-60))), np.float32)


@lru_cache(maxsize=128)
def rise(samples: int) -> Samples:
    """Half a raised cosine from 0 to 1."""
    turn = (np.arange(samples, dtype=np.float64) + 0.5) * (np.pi / max(samples, 1))
    return (0.5 - 0.5 * np.cos(turn)).astype(np.float32)


def eased(sound: Samples, onset: float = 0.002, ending: float = 0.01) -> Samples:
    """``sound`` with its first ``onset`` and last ``ending`` seconds faded, in place."""
    first = min(round(onset * SAMPLE_RATE), sound.shape[-1])
    last = min(round(ending * SAMPLE_RATE), sound.shape[-1])
    sound[..., :first] *= rise(first)
    sound[..., sound.shape[-1] - last :] *= rise(last)[::-1]
    return sound


@lru_cache(maxsize=64)
def damping(tau: float) -> Samples:
    """A release: exponential of time constant ``tau`` seconds that reaches exactly 0 after six of them."""
    samples = max(round(6 * tau * SAMPLE_RATE), 2)
    return decay(samples, tau) * rise(samples)[::-1] ** np.float32(0.5)


def interpolated(values: Samples, step: int) -> Samples:
    """Values that stand ``step`` samples apart, joined by lines; one step shorter than their number."""
    result = np.repeat(np.diff(values), step).reshape(-1, step)  # in place: fresh memory would cost more than the sums
    result *= np.arange(step, dtype=np.float32) / np.float32(step)
    result += values[:-1, None]
    return result.ravel()
