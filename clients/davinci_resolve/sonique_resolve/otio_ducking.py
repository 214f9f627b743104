"""Ducking: the gain that the daemon tells, as few straight lines between whole frames."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Key:
    """The gain at one frame, counted from the clip's start; between two keys its decibels are a straight line."""

    frame: int
    db: float


def gain_keys(points: Sequence[tuple[float, float]], frames: int, rate: Fraction) -> tuple[Key, ...]:
    """The keys of a clip of ``frames`` frames, in order and inside it; none without points.

    The clip is down by the frame in which the speech begins, and not up before the one in which it has ended: points on
    the way down go to the frame before them, points on the way up to the one after.

    Args:
        points: (seconds from the clip's start, dB), in order; between two of them the decibels are a straight line.
        frames: the clip's length.
        rate: frames per second.
    """
    if frames < 1:
        return ()
    corners: list[Key] = []
    for place, (seconds, db) in enumerate(points):
        exact = Fraction(seconds) * rate
        frame = math.floor(exact) if _falls(points, place) else math.ceil(exact)
        corners.append(Key(frame if not corners else max(frame, corners[-1].frame + 1), db))
    return _inside(corners, frames - 1)


def _falls(points: Sequence[tuple[float, float]], place: int) -> bool:
    """Whether the line that ends or begins at a point goes down."""
    here = points[place][1]
    before = points[place - 1][1] if place else here
    after = points[place + 1][1] if place + 1 < len(points) else here
    return before > here or after < here


def _inside(corners: list[Key], last: int) -> tuple[Key, ...]:
    """The same line between frame 0 and ``last`` alone."""
    inner = [key for key in corners if 0 <= key.frame <= last]
    if corners and corners[0].frame < 0:
        inner = [Key(0, gain_at(corners, 0)), *(key for key in inner if key.frame > 0)]
    if corners and corners[-1].frame > last:
        inner = [*(key for key in inner if key.frame < last), Key(last, gain_at(corners, last))]
    return tuple(inner)


def gain_at(keys: Iterable[Key], frame: int) -> float:
    """The gain in decibels at ``frame``: before the first key and after the last it stays as there; 0 without keys."""
    before: Key | None = None
    for key in keys:
        if key.frame >= frame:
            if before is None or key.frame == frame:
                return key.db
            share = (frame - before.frame) / (key.frame - before.frame)
            return before.db + share * (key.db - before.db)
        before = key
    return 0.0 if before is None else before.db
