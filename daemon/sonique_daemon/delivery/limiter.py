"""A look-ahead limiter as a gain curve, so that the mix and all its stems can be given the very same gain.

The curve has one node a millisecond and runs straight between nodes. It falls ahead of a peak within 9 ms and comes
back at 40 dB/s; it is never above what any peak allows.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d, uniform_filter1d

from sonique_daemon.delivery.truepeak import HOP

Curve = NDArray[np.float32]
"""Gains 0..1 at every 48th sample from the first; one more than there are milliseconds."""

_BOX = 5
_RELEASE_DB = 0.04
_RAMP = ((np.arange(HOP, dtype=np.float32) + 0.5) / HOP)[None, :]


def gain_curve(overload: NDArray[np.float32]) -> Curve | None:
    """The curve that brings every millisecond to 1 or below, or None where none is above it.

    Args:
        overload: for each millisecond its peak as a share of what is allowed.
    """
    if float(overload.max(initial=0.0)) <= 1.0:
        return None
    allowed = -20 * np.log10(np.maximum(overload.astype(np.float64), 1.0))
    reach = 2 * _BOX
    nodes = np.pad(allowed, (reach, reach + 1))
    lowest = minimum_filter1d(nodes, reach, origin=0, mode="constant", cval=0.0)
    gains = 10 ** (_released(lowest) / 20)
    for _ in range(2):
        gains = uniform_filter1d(gains, _BOX, mode="nearest")
    return np.minimum(gains[reach:-reach], 1.0).astype(np.float32)


def applied(frames: NDArray[np.float32], curve: Curve, start: int) -> NDArray[np.float32]:
    """``frames`` ``[samples, 2]``, which begin at sample ``start`` (a multiple of 48), under the curve's gain."""
    first, hops = start // HOP, -(-len(frames) // HOP)
    nodes = curve[first : first + hops + 1]
    nodes = np.pad(nodes, (0, hops + 1 - len(nodes)), constant_values=1.0)
    if nodes.min() >= 1.0:
        return frames
    gains = nodes[:-1, None] + np.diff(nodes)[:, None] * _RAMP
    both = np.ascontiguousarray(frames).view(np.complex64)  # one number for both channels: three times as fast
    return np.asarray((both * gains.reshape(-1)[: len(frames), None]).view(np.float32))


def mean_square(curve: Curve, hops: int, length: int) -> NDArray[np.float64]:
    """Mean squared gain over each of ``hops`` spans of ``length`` milliseconds."""
    squares = np.square(curve[:-1].astype(np.float64))
    squares = np.pad(squares, (0, max(0, hops * length - len(squares))), constant_values=1.0)
    return np.asarray(squares[: hops * length].reshape(hops, length).mean(axis=1), np.float64)


def _released(decibels: NDArray[np.float64]) -> NDArray[np.float64]:
    """``decibels`` (0 or below), but rising by no more than the release allows."""
    slope = _RELEASE_DB * np.arange(len(decibels))
    return np.asarray(np.minimum(np.minimum.accumulate(decibels - slope) + slope, 0.0), np.float64)
