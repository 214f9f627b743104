"""Cut hits measured: how many hit points lie on a beat, and how many would by chance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_GOLDEN = (5**0.5 - 1) / 2

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
    if duration <= 0:
        raise ValueError(f"a cue of {duration} s cannot be measured")
    grid = np.sort(np.asarray(beats, dtype=np.float64))
    times, weights = np.asarray(hits, dtype=np.float64).reshape(-1, 2).T
    inside = grid[(grid >= 0) & (grid < duration)]
    offsets = duration * np.mod((np.arange(shifts) + 0.5) * _GOLDEN, 1.0)
    null = [_share(np.sort(np.mod(inside + offset, duration)), times, weights, tolerance) for offset in offsets]
    chance, spread = (float(np.mean(null)), float(np.std(null))) if null else (0.0, 0.0)
    return SyncMeasure(_share(grid, times, weights, tolerance), chance, spread)


def _share(grid: Floats, times: Floats, weights: Floats, tolerance: float) -> float:
    total = float(weights.sum())
    if not grid.size or total <= 0:
        return 0.0
    return float(weights[distances(grid, times) <= tolerance + 1e-9].sum()) / total


def distances(grid: Floats, times: Floats) -> Floats:
    """Seconds from each of ``times`` to the nearest of ``grid`` (sorted, not empty)."""
    after = np.searchsorted(grid, times).clip(0, grid.size - 1)
    before = (after - 1).clip(0)
    nearest: Floats = np.minimum(np.abs(grid[after] - times), np.abs(grid[before] - times))
    return nearest
