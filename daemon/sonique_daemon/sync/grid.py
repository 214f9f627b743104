"""The grid: beat times through anchors, as smooth as the anchors and the bend allow.

The beats minimise the sum of squared changes of the beat length, with the anchors as observations (Whittaker 1923, the
discrete smoothing spline), and are drawn towards straight spans wherever a beat would leave the bend's bounds.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

from sonique_daemon.sync.anchors import Anchoring

Floats = NDArray[np.float64]

SLACK = 0.012
"""Seconds by which the grid may miss an anchor for the sake of smoothness: well under a frame."""

_FIRMNESS = (10.0, 30.0, 100.0, 300.0, 1e3, 1e4, 1e7)
"""Weights of the anchors against smoothness, the softest first."""

_HOMEWARD = 1e-3
"""Weight of the pull towards the base tempo against smoothness."""


def beat_times(anchoring: Anchoring, duration: float, margin: int) -> Floats:
    """Beat times in seconds, strictly increasing, from at least ``margin`` beats before 0 to as many after the end."""
    period, bend = anchoring.period, anchoring.bend
    shortest = period * math.exp(-bend)
    first, last = anchoring.anchors[0], anchoring.anchors[-1]
    lead = math.ceil(max(0.0, first.time) / shortest) + margin
    count = lead + last.part // anchoring.parts + math.ceil(max(0.0, duration - last.time) / shortest) + margin + 2
    places = np.array([lead + anchor.part / anchoring.parts for anchor in anchoring.anchors])
    times = np.array([anchor.time for anchor in anchoring.anchors])
    return _fitted(places, times, count, period, bend)


def _fitted(places: Floats, times: Floats, count: int, period: float, bend: float) -> Floats:
    """The softest smooth grid that keeps to the slack and can keep to the bend."""
    for firmness in _FIRMNESS:
        smooth = _smoothed(places, times, count, period, firmness)
        met = np.interp(places, np.arange(count), smooth)
        if np.abs(met - times).max() <= SLACK and _spans_hold(places, met, period, bend):
            return _bounded(smooth, _straight(places, met, count, period), places, period, bend)
    return _straight(places, times, count, period)


def _smoothed(places: Floats, times: Floats, count: int, period: float, firmness: float) -> Floats:
    """Solves the penalised least squares; the start of the cue and all anchors are observations."""
    bands, right = np.zeros((3, count)), np.zeros(count)
    _add_changes(bands, count)
    bands[0, :-1] += _HOMEWARD
    bands[0, 1:] += _HOMEWARD
    bands[1, :-1] -= _HOMEWARD
    right[0], right[-1] = -_HOMEWARD * period, _HOMEWARD * period
    whole = np.floor(places).astype(int)
    after = places - whole
    here = 1.0 - after
    weight = np.where(times <= 0, 1e7, firmness)
    np.add.at(bands[0], whole, weight * here**2)
    np.add.at(bands[0], whole + 1, weight * after**2)
    np.add.at(bands[1], whole, weight * here * after)
    np.add.at(right, whole, weight * here * times)
    np.add.at(right, whole + 1, weight * after * times)
    solved: Floats = solveh_banded(bands, right, lower=True)
    return solved


def _add_changes(bands: Floats, count: int) -> None:
    """Adds the squares of second differences, as the lower bands of a symmetric matrix."""
    for offset, pattern in ((0, (1.0, 4.0, 1.0)), (1, (-2.0, -2.0)), (2, (1.0,))):
        for start, value in enumerate(pattern):
            bands[offset, start : start + count - 2] += value


def _spans_hold(places: Floats, times: Floats, period: float, bend: float) -> bool:
    lengths = np.diff(times) / np.diff(places)
    return bool(np.all(np.abs(np.log(lengths.clip(1e-9) / period)) <= bend + 1e-9))


def _straight(places: Floats, times: Floats, count: int, period: float) -> Floats:
    """Even beats between anchors, the base tempo outside them."""
    beats = np.arange(count, dtype=np.float64)
    inside: Floats = np.interp(beats, places, times)
    inside += np.minimum(beats - places[0], 0.0) * period
    inside += np.maximum(beats - places[-1], 0.0) * period
    return inside


def _bounded(smooth: Floats, straight: Floats, places: Floats, period: float, bend: float) -> Floats:
    """Draws spans towards straight ones, as far as needed, until every beat keeps to the bend."""
    span = np.searchsorted(places, np.arange(smooth.size), side="right")
    share = np.ones(places.size + 1)
    for _ in range(24):
        times = straight + share[span] * (smooth - straight)
        over = np.abs(np.log(np.diff(times).clip(1e-9) / period)) > bend + 1e-9
        if not over.any():
            return times
        share[np.union1d(span[:-1][over], span[1:][over])] *= 0.7
    return straight
