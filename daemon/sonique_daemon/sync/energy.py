"""The energy curve: how much the music should do at each moment, from what the picture does."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.description import Curve, CurveKind, Description
from sonique_daemon.domain.form import EVEN, Course, course
from sonique_daemon.domain.tags import Tags

STEP = Fraction(1, 2)
"""Seconds between two values of the energy curve."""

_SMOOTHING_SECONDS = 5.0
_ROOM, _WIDE = (0.45, 0.6), 0.85
"""Levels that leave room both ways for a course that was asked for, and how far the energy swings then."""

_REACH, _OBEDIENCE = 0.3, 0.8
"""Share of the cue that a start or an ending takes, and how much of the curve it decides."""

_PARTS = {CurveKind.MOTION: 0.6, CurveKind.CUT_RATE: 0.3, CurveKind.LIGHT: 0.1}


def energy_curve(tags: Tags, duration: Fraction, description: Description | None) -> tuple[float, ...]:
    """Energy 0..1 every ``STEP`` seconds over the cue.

    The picture's curves give the shape (motion most, then cutting, then light; each scaled to its own 5th to 95th
    percentile and smoothed over some seconds), the mood gives the level and how far it swings. Without a picture the
    music makes an arch of its own with its height at two thirds. A course that was asked for weighs more than both.
    """
    times = np.arange(max(2, int(duration / STEP) + 1), dtype=np.float64) * np.float64(STEP)
    shape = _arch(times, float(duration)) if description is None else _picture_shape(times, description)
    asked = course(tags)
    shape = _directed(shape, asked)
    level = 0.5 + 0.3 * tags.affect.arousal + 0.2 * (tags.density - 0.5)
    swing = 0.6 - 0.2 * abs(tags.affect.arousal)
    if asked not in (Course(), EVEN):
        level, swing = min(max(level, _ROOM[0]), _ROOM[1]), _WIDE
    energy = np.clip(level + swing * (shape - 0.5), 0.05, 1.0)
    return tuple(float(value) for value in energy)


def _directed(shape: NDArray[np.float64], asked: Course) -> NDArray[np.float64]:
    """The shape bent to a course: wholly where both ends are asked for, else near the one that is, which stands out."""
    place = np.linspace(0.0, 1.0, shape.size)
    if asked.start is not None and asked.end is not None:
        return _bent(shape, asked.start + (asked.end - asked.start) * place, np.ones(shape.size))
    one = asked.start if asked.start is not None else asked.end
    if one is None:
        return shape
    away = place if asked.start is not None else 1.0 - place
    rest = _bent(shape, np.full(shape.size, 1.0 - one), np.full(shape.size, 0.5))
    return _bent(rest, np.full(shape.size, one), np.clip(1.5 - away / _REACH, 0.0, 1.0))


def _bent(shape: NDArray[np.float64], wanted: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(shape + _OBEDIENCE * weight * (wanted - shape))


def picture_curve(duration: Fraction, description: Description, count: int) -> NDArray[np.float64] | None:
    """What the picture does, 0..1, in the middles of ``count`` parts of ``duration`` seconds; None without curves."""
    return _picture(float(duration) * (np.arange(count) + 0.5) / count, description)


def _picture(times: NDArray[np.float64], description: Description) -> NDArray[np.float64] | None:
    found = [(curve, weight) for kind, weight in _PARTS.items() if (curve := description.curve(kind)) is not None]
    if not found:
        return None
    total = sum(weight for _, weight in found)
    parts = [weight / total * _scaled(curve, times) for curve, weight in found]
    return np.asarray(np.sum(parts, axis=0), dtype=np.float64)


def _picture_shape(times: NDArray[np.float64], description: Description) -> NDArray[np.float64]:
    arch, picture = _arch(times, float(description.duration)), _picture(times, description)
    if picture is None:
        return arch
    return np.asarray(0.75 * picture + 0.25 * arch)  # a cue has a shape of its own, even under an even picture


def _scaled(curve: Curve, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """The curve smoothed and stretched to 0..1 by its percentiles; an even curve is 0.5 throughout."""
    values = np.asarray(curve.values, dtype=np.float64)
    if values.size < 2:
        return np.full(times.shape, 0.5)
    grid = np.interp(times, np.arange(values.size) * float(curve.step), values)
    width = max(1, round(_SMOOTHING_SECONDS / float(times[1] - times[0])))
    padded = np.pad(grid, (width // 2, width - 1 - width // 2), mode="edge")
    smooth = np.convolve(padded, np.full(width, 1 / width), mode="valid")
    low, high = np.percentile(smooth, (5, 95))
    if high - low < 0.02:
        return np.full(times.shape, 0.5)
    return np.asarray(np.clip((smooth - low) / (high - low), 0.0, 1.0))


def _arch(times: NDArray[np.float64], duration: float) -> NDArray[np.float64]:
    place = times / max(duration, 1e-9)
    return np.interp(place, (0.0, 0.15, 0.66, 0.85, 1.0), (0.2, 0.4, 1.0, 0.8, 0.2))
