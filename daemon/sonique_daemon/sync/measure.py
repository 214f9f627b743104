"""Cut hits measured: how many hit points lie on a beat, and how many would by chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GOLDEN = (5**0.5 - 1) / 2
"""Step of the shifts, as a share of the length: no period is favoured."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SyncMeasure:
    """How well a beat grid meets hit points.

    Attributes:
        share: weighted share of hits within the tolerance of a beat, 0 to 1; 0 where nothing weighs.
        chance: mean of the same share over circular shifts of the same grid.
        spread: standard deviation over those shifts; large where the hits are themselves regular.
    """

    share: float
    chance: float
    spread: float

    @property
    def excess(self) -> float:
        """Share above chance; the figure to read."""
        return self.share - self.chance


def measure(
    beats: Sequence[float],
    hits: Sequence[tuple[float, float]],
    duration: float,
    tolerance: float = 0.040,
    shifts: int = 200,
) -> SyncMeasure:
    """Compares ``beats`` with ``hits`` and with ``shifts`` circular shifts of themselves.

    Args:
        beats: times of beats in seconds; those outside 0 to ``duration`` play no part in the shifts.
        hits: (time in seconds, weight ≥ 0) of each hit point.
        duration: length of the cue in seconds, above 0.
        tolerance: how far a beat may lie from a hit, in seconds, its bound included.
        shifts: how many shifts; they follow the golden ratio, so that no period of the grid is favoured.

    Raises:
        ValueError: the duration is not above 0.
    """
    return measures(beats, hits, duration, (tolerance,), shifts)[0]


def measures(
    beats: Sequence[float],
    hits: Sequence[tuple[float, float]],
    duration: float,
    tolerances: Sequence[float],
    shifts: int = 200,
) -> tuple[SyncMeasure, ...]:
    """As ``measure``, for several tolerances at once."""
    if duration <= 0:
        raise ValueError(f"a cue of {duration} s cannot be measured")
    grid = np.sort(np.asarray(beats, dtype=np.float64))
    times, weights = np.asarray(hits, dtype=np.float64).reshape(-1, 2).T
    inside = grid[(grid >= 0) & (grid < duration)]
    offsets = duration * np.mod((np.arange(shifts) + 0.5) * GOLDEN, 1.0)
    away = np.array([_away(np.sort(np.mod(inside + offset, duration)), times) for offset in offsets])
    away = away.reshape(offsets.size, times.size)
    plain = _away(grid, times)
    return tuple(_measured(plain, away, weights, tolerance) for tolerance in tolerances)


def _measured(plain: Floats, shifted: Floats, weights: Floats, tolerance: float) -> SyncMeasure:
    """Shares from the distances of hits ``[hits]``, and from those under each shift ``[shifts, hits]``."""
    total = float(weights.sum())
    if total <= 0:
        return SyncMeasure(0.0, 0.0, 0.0)
    share = float(((plain <= tolerance + 1e-9) @ weights) / total)
    null = (shifted <= tolerance + 1e-9) @ weights / total
    return SyncMeasure(share, float(null.mean()), float(null.std())) if null.size else SyncMeasure(share, 0.0, 0.0)


def _away(grid: Floats, times: Floats) -> Floats:
    return distances(grid, times) if grid.size else np.full(times.shape, np.inf)


def distances(grid: Floats, times: Floats) -> Floats:
    """Seconds from each of ``times`` to the nearest of ``grid`` (sorted, not empty)."""
    after = np.searchsorted(grid, times).clip(0, grid.size - 1)
    before = (after - 1).clip(0)
    nearest: Floats = np.minimum(np.abs(grid[after] - times), np.abs(grid[before] - times))
    return nearest
