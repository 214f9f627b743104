"""Generated timelines: cut lists as three kinds of editing make them, for benchmarks and tests alike."""

from fractions import Fraction

import numpy as np

STYLES = (("drama", 4.0), ("montage", 1.4), ("talk", 6.0))
"""Kinds of editing with their median shot length in seconds; timeline ``i`` is of kind ``i % 3``."""

RATES = (Fraction(24), Fraction(25), Fraction(30))
SPREAD = 0.6
"""Standard deviation of the logarithm of a shot's length."""

SHORTEST = 0.35
"""Seconds; no shot is shorter."""

Timeline = tuple[Fraction, tuple[Fraction, ...]]
"""Duration and the times of its cuts, in seconds, increasing, all inside the duration and on a frame grid."""


def random_timelines(count: int, seed: int) -> list[Timeline]:
    """``count`` timelines of 20 to 120 s with 8 to 40 cuts each; the same seed gives the same ones.

    Shot lengths are log-normal around the median of each kind of editing (see ``STYLES``).
    """
    return [_timeline(index, seed) for index in range(count)]


def _timeline(index: int, seed: int) -> Timeline:
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, index])))
    rate = RATES[int(random.integers(len(RATES)))]
    while True:
        frames = int(random.uniform(20.0, 120.0) * float(rate))
        cuts = _cuts(frames, STYLES[index % len(STYLES)][1], rate, random)
        if 8 <= len(cuts) <= 40:
            return Fraction(frames) / rate, cuts


def _cuts(frames: int, median: float, rate: Fraction, random: np.random.Generator) -> tuple[Fraction, ...]:
    lengths = np.exp(random.normal(np.log(median), SPREAD, size=400)).clip(SHORTEST)
    ends = np.cumsum(np.ceil(lengths * float(rate) - 0.5).astype(int).clip(1))
    return tuple(Fraction(int(end)) / rate for end in ends[ends < frames - SHORTEST * float(rate)])
