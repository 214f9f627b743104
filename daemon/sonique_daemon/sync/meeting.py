"""Meeting: which hit points a beat or a strong onset meets, in windows of several widths, against circular shifts."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from sonique_daemon.domain.measures import HeardHit, HitWindow, Rhythm
from sonique_daemon.domain.tempo import Hit
from sonique_daemon.sync.measure import Floats, distances, measures

HEADLINE = "40 ms"
"""Name of the window whose share stands for the take."""

NEAR = 0.25
"""Seconds beyond which nothing is heard at a hit point."""


def windows_of(rhythm: Rhythm, hits: Sequence[Hit], duration: float, rate: Fraction) -> tuple[HitWindow, ...]:
    """One for each width, the narrowest first; empty where no hit point weighs anything.

    Args:
        rhythm: what is heard.
        hits: hit points; those outside the take are left out.
        duration: length of the take in seconds, above 0.
        rate: the picture's frames per second.
    """
    inside = [(float(hit.time), hit.weight) for hit in hits if 0 <= hit.time < duration and hit.weight > 0]
    if not inside:
        return ()
    frame = float(1 / rate)
    widths = {"1 frame": frame, "2 frames": 2 * frame, HEADLINE: 0.040, "70 ms": 0.070}
    ordered = sorted(widths.items(), key=lambda width: width[1])
    tolerances = [seconds for _, seconds in ordered]
    either = measures((*rhythm.beats, *rhythm.onsets), inside, duration, tolerances)
    beats = measures(rhythm.beats, inside, duration, tolerances)
    return tuple(
        HitWindow(name, seconds, any_.share, any_.chance, any_.spread, beat.share, beat.chance)
        for (name, seconds), any_, beat in zip(ordered, either, beats, strict=True)
    )


def heard_hits(rhythm: Rhythm, hits: Sequence[Hit], duration: float) -> tuple[HeardHit, ...]:
    """What is heard at every hit point inside the take, in order of time."""
    inside = sorted((hit for hit in hits if 0 <= hit.time < duration), key=lambda hit: hit.time)
    grid = np.sort(np.array((*rhythm.beats, *rhythm.onsets)))
    return tuple(HeardHit(hit.time, hit.weight, hit.label, _error(grid, float(hit.time))) for hit in inside)


def _error(grid: Floats, time: float) -> float | None:
    if not grid.size or float(distances(grid, np.array([time]))[0]) > NEAR:
        return None
    nearest: float = grid[int(np.abs(grid - time).argmin())] - time
    return float(nearest)
