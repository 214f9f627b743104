"""Levels: fades and ducking as keyframes of a strip's volume."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from .placement import GainPoint, Placement

_SILENCE_DB = -60.0
"""Below this, a gain is silence."""

_FINE_DB = 0.25
"""What a straight line between two keyframes may differ from the gain that is wanted."""


@dataclass(frozen=True, slots=True)
class Key:
    """A keyframe: the frame, and the volume, 1 leaving the sound as it is. Straight lines lie between keyframes."""

    frame: int
    volume: float


def keys(placement: Placement, rate: Fraction) -> tuple[Key, ...]:
    """The keyframes of a strip's volume that make the fades and ducking of ``placement``; none where it has none."""
    if not (placement.fade_in or placement.fade_out or placement.ducking):
        return ()
    curve = _Curve(placement, rate)
    last = max(placement.span.frames - 1, 0)
    wanted = sorted(frame for frame in {0, last, *curve.corners()} if 0 <= frame <= last)
    frames = [wanted[0]] if len(wanted) == 1 else []
    for start, end in pairwise(wanted):
        frames += [*_between(curve, start, end), end] if frames else [start, *_between(curve, start, end), end]
    return tuple(Key(placement.span.start + frame, curve.volume(frame)) for frame in frames)


class _Curve:
    """Volume over the frames of a placement, counted from its start."""

    def __init__(self, placement: Placement, rate: Fraction) -> None:
        self._wanted, self._rate = placement, float(rate)
        self._points = sorted(placement.ducking, key=lambda point: point.seconds)
        self._last = max(placement.span.frames - 1, 0)

    def corners(self) -> Iterator[int]:
        """Frames at which the curve bends."""
        yield from (round(point.seconds * self._rate) for point in self._points)
        yield self._wanted.fade_in
        yield self._last - self._wanted.fade_out

    def volume(self, frame: int) -> float:
        """At one frame."""
        up = min(1.0, frame / self._wanted.fade_in) if self._wanted.fade_in else 1.0
        down = min(1.0, (self._last - frame) / self._wanted.fade_out) if self._wanted.fade_out else 1.0
        return self._wanted.volume * up * down * _amplitude(_gain_at(self._points, frame / self._rate))


def _between(curve: _Curve, start: int, end: int) -> Iterator[int]:
    """The frames between two at which a straight line alone would be too far from the curve."""
    middle = (start + end) // 2
    if middle in (start, end):
        return
    straight = curve.volume(start) + (curve.volume(end) - curve.volume(start)) * (middle - start) / (end - start)
    if _differ(straight, curve.volume(middle)):
        yield from _between(curve, start, middle)
        yield middle
        yield from _between(curve, middle, end)


def _differ(one: float, other: float) -> bool:
    if max(one, other) <= _amplitude(_SILENCE_DB):
        return False
    ratio = max(one, other) / max(min(one, other), 1e-9)
    return ratio > float(10 ** (_FINE_DB / 20))


def _gain_at(points: Sequence[GainPoint], seconds: float) -> float:
    if not points:
        return 0.0
    if seconds <= points[0].seconds:
        return points[0].gain_db
    for before, after in pairwise(points):
        if seconds <= after.seconds:
            share = (seconds - before.seconds) / max(after.seconds - before.seconds, 1e-9)
            return before.gain_db + (after.gain_db - before.gain_db) * share
    return points[-1].gain_db


def _amplitude(gain_db: float) -> float:
    return 0.0 if gain_db < _SILENCE_DB else float(10 ** (gain_db / 20))
