"""Curves: measures over the whole range, step by step."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.description import Curve, CurveKind
from sonique_daemon.domain.picture import Picture
from sonique_daemon.engines.signal.tone import LIGHT, SATURATION, WARMTH
from sonique_daemon.engines.signal.views import Views
from sonique_daemon.timeline.soundtrack import Soundtrack

_STEP = Fraction(1, 2)
_MOST = 2000
_CUT_WINDOW = 6.0
_TONES = {CurveKind.LIGHT: LIGHT, CurveKind.SATURATION: SATURATION, CurveKind.WARMTH: WARMTH}


def curve_step(duration: Fraction) -> Fraction:
    """Seconds between the points of a curve: half a second, or as many halves as keep it to 2000 points."""
    return _STEP * max(1, math.ceil(duration / _STEP / _MOST))


def draw_curves(picture: Picture, views: Sequence[Views], soundtrack: Soundtrack) -> tuple[Curve, ...]:
    """The curves of ``picture``; that of loudness only where it has production sound."""
    step = curve_step(picture.duration)
    points = np.arange(max(1, math.ceil(picture.duration / step)), dtype=np.float64) * float(step)
    lines = {kind: np.zeros(len(points)) for kind in (CurveKind.MOTION, *_TONES)}
    for view in views:
        inside = slice(*np.searchsorted(points, _bounds(view)))
        if not view.seen or inside.start == inside.stop:
            continue
        for kind, column in _TONES.items():
            lines[kind][inside] = np.interp(points[inside], view.times, view.tones[:, column])
        if view.moves:
            order = np.argsort(view.move_times, kind="stable")
            amounts = np.array([move.amount for move in view.moves])[order]
            lines[CurveKind.MOTION][inside] = np.interp(points[inside], view.move_times[order], amounts)
    cuts = [float(view.shot.record.start) for view in views[1:]]
    lines[CurveKind.CUT_RATE] = cut_rates(points, cuts, float(picture.duration))
    if picture.sound:
        lines[CurveKind.LOUDNESS] = np.array([soundtrack.loudness_at(float(point)) for point in points])
    return tuple(Curve(kind, step, tuple(round(float(v), 4) for v in line)) for kind, line in lines.items())


def cut_rates(points: NDArray[np.float64], cuts: Sequence[float], duration: float) -> NDArray[np.float64]:
    """Cuts per second round each of ``points``, those within six seconds counting less the further off they are."""
    weights = np.zeros(len(points))
    for cut in cuts:
        near = slice(*np.searchsorted(points, (cut - _CUT_WINDOW, cut + _CUT_WINDOW)))
        weights[near] += np.clip(1 - np.abs(points[near] - cut) / _CUT_WINDOW, 0, None)
    # Near the ends of the range the window hangs over; only the part inside can hold cuts.
    before, after = np.minimum(points, _CUT_WINDOW), np.minimum(np.maximum(duration - points, 0), _CUT_WINDOW)
    area = before - before**2 / (2 * _CUT_WINDOW) + after - after**2 / (2 * _CUT_WINDOW)
    return np.asarray(weights / np.maximum(area, 0.5))


def _bounds(view: Views) -> tuple[float, float]:
    return float(view.shot.record.start) - 1e-9, float(view.shot.record.end) - 1e-9
