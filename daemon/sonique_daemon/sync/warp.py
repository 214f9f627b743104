"""Warps: how music is shifted and stretched, span by span, so that its beats meet the hit points.

Between two knots time runs at one speed; the speed changes at knots alone, and time never jumps, so that there is
nothing to join. A dynamic programme over the knots finds the displacements that meet the most weight.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.alignment import LARGEST_STRETCH

Floats = NDArray[np.float64]

GRID = 0.010
"""Seconds between two displacements that are tried."""

REACH = 0.055
"""Seconds within which a beat counts towards a hit, less the farther off it is."""

LEAST_SPAN = 2.0
"""Seconds between two knots."""

STRAIN, MOVE = 0.02, 0.01
"""Prices of a span at the full stretch, and of half a beat's shift, in shares of all weight."""


@dataclass(frozen=True, slots=True)
class Warp:
    """A map of time.

    Attributes:
        heard: seconds in the music as it was made, increasing, from 0 to its end.
        wanted: the same moments in the take.
    """

    heard: tuple[float, ...]
    wanted: tuple[float, ...]

    @property
    def shift(self) -> float:
        """Seconds by which the beginning is moved."""
        return self.wanted[0] - self.heard[0]

    @property
    def stretch(self) -> float:
        """The largest share by which a span is longer (positive) or shorter."""
        shares = np.diff(self.wanted) / np.diff(self.heard) - 1.0
        return float(shares[int(np.abs(shares).argmax())])

    def moved(self, times: Sequence[float]) -> tuple[float, ...]:
        """Where ``times`` of the music come to stand."""
        return tuple(np.interp(times, self.heard, self.wanted).tolist()) if len(times) else ()


def no_check() -> None:
    """A check for callers that have nothing to be stopped by."""


def found_warp(
    beats: Sequence[float],
    hits: Sequence[tuple[float, float]],
    borders: Sequence[float],
    duration: float,
    check: Callable[[], None] = no_check,
) -> Warp:
    """The warp after which ``beats`` meet most of the hits' weight for the least strain.

    Args:
        beats: times in seconds in the music as it was made, increasing, at least two.
        hits: time in seconds in the take, and weight, of each hit point.
        borders: times in seconds at which the speed may change.
        duration: length of the music, in seconds.
        check: called for each span; may raise to stop.
    """
    grid, knots = np.asarray(beats, dtype=np.float64), _knots(borders, duration)
    half = 0.5 * float(np.median(np.diff(grid)))
    most = half + LARGEST_STRETCH * duration
    steps: Floats = GRID * np.arange(-int(most / GRID), int(most / GRID) + 1, dtype=np.float64)
    total = sum(weight for _, weight in hits) or 1.0
    value = np.where(np.abs(steps) <= half, -MOVE * total * (steps / half) ** 2, -np.inf)
    sources = []
    for start, end in pairwise(knots.tolist()):
        check()
        value, source = _onward(value, steps, grid, hits, (start, end))
        sources.append(source)
    place = int(value.argmax())
    places = [place]
    for source in reversed(sources):
        place = int(source[place])
        places.append(place)
    moved = knots + steps[np.array(places[::-1])]
    return Warp(tuple(knots.tolist()), tuple(moved.tolist()))


def _knots(borders: Sequence[float], duration: float) -> Floats:
    """The borders that lie far enough apart, with both ends."""
    kept = [0.0]
    for border in sorted(borders):
        if border - kept[-1] >= LEAST_SPAN and duration - border >= LEAST_SPAN:
            kept.append(border)
    return np.array([*kept, duration])


def _onward(
    value: Floats, steps: Floats, beats: Floats, hits: Sequence[tuple[float, float]], span: tuple[float, float]
) -> tuple[Floats, NDArray[np.int64]]:
    """Best sums at the displacements of a span's end ``[step]``, and the displacements of its start they come from."""
    start, end = span
    change = int(LARGEST_STRETCH * (end - start) / GRID)
    strain = STRAIN * (sum(weight for _, weight in hits) or 1.0)
    best, source = np.full(steps.size, -np.inf), np.zeros(steps.size, dtype=np.int64)
    for offset in range(-change, change + 1):
        live = np.flatnonzero(_from(value, offset) > -np.inf)
        slope = 1.0 + offset * GRID / (end - start)
        gain = _met(beats, hits, span, steps[live - offset], slope)
        sums = value[live - offset] + gain - strain * ((slope - 1.0) / LARGEST_STRETCH) ** 2
        better = sums > best[live]
        best[live[better]], source[live[better]] = sums[better], live[better] - offset
    return best, source


def _from(value: Floats, offset: int) -> Floats:
    """For each displacement of an end, the sum at the displacement ``offset`` steps before it."""
    before = np.arange(value.size) - offset
    inside = (before >= 0) & (before < value.size)
    moved: Floats = np.where(inside, value[before.clip(0, value.size - 1)], -np.inf)
    return moved


def _met(
    beats: Floats, hits: Sequence[tuple[float, float]], span: tuple[float, float], moved: Floats, slope: float
) -> Floats:
    """Weight that is met in a span whose start is ``moved`` by each displacement, at one speed."""
    met = np.zeros(moved.size)
    low, high = (span[0] + float(moved.min()), span[0] + float(moved.max())) if moved.size else (0.0, 0.0)
    for time, weight in hits:
        if not low - REACH <= time <= high + (span[1] - span[0]) * slope + REACH:  # too far off for any displacement
            continue
        here = span[0] + (time - span[0] - moved) / slope  # of the hit, in the music's own time
        inside = (here >= span[0]) & (here < span[1])
        if inside.any():
            after = np.searchsorted(beats, here).clip(1, beats.size - 1)
            away = np.minimum(np.abs(beats[after] - here), np.abs(here - beats[after - 1])) * slope
            met += np.where(inside, weight * np.clip(1.0 - (away / REACH) ** 2, 0.0, 1.0), 0.0)
    return met
