"""Motion between two pictures: how the whole frame moves, and how much moves inside it.

The shift of the frame is found by phase correlation (Kuglin and Hines, 1975) and refined, with zoom and roll, by
weighted least squares on the picture's gradients (Lucas and Kanade, 1981). What this cannot explain has moved by
itself; its amount is told by the size of the unexplained difference against that of the gradients.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

Luma = NDArray[np.float32]
"""Pictures' luminance ``[n, height, width]``, 0..255."""

_SMALLEST = 12
_NOISE = 2.0
_ROUNDS = 3
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_STILL, _FASTEST = 0.03, 1.2


@dataclass(frozen=True, slots=True)
class Move:
    """How a picture moves at one moment; lengths are shares of its longer side, for each second of the record clock.

    Attributes:
        start: seconds on the source's clock.
        end: the same.
        x: of the whole frame's content, to the right.
        y: upwards.
        zoom: growth of the content for each second; above 0 it comes nearer.
        local: of what moves inside the frame, averaged over the frame.
    """

    start: float
    end: float
    x: float
    y: float
    zoom: float
    local: float

    @property
    def camera_speed(self) -> float:
        """Speed of the whole frame, a zoom counted as what it does halfway to the edge."""
        return float(np.hypot(np.hypot(self.x, self.y), self.zoom / 4))

    @property
    def speed(self) -> float:
        """Speed of everything."""
        return self.camera_speed + self.local

    @property
    def amount(self) -> float:
        """``speed`` on a scale of 0..1 where typical footage spreads: 0.03 a second is 0.18, 1.2 a second is 1."""
        return min(1.0, float(np.log1p(self.speed / _STILL) / np.log1p(_FASTEST / _STILL)))


def luma(images: NDArray[np.uint8]) -> Luma:
    """Luminance of ``images`` ``[n, height, width, 3]`` at half their size."""
    height, width = (side - side % 2 for side in images.shape[1:3])
    cut = images[:, :height, :width]
    whole = cut @ _LUMA
    halves: Luma = (whole[:, ::2, ::2] + whole[:, 1::2, ::2] + whole[:, ::2, 1::2] + whole[:, 1::2, 1::2]) / 4
    return halves


def measure_moves(
    before: NDArray[np.uint8], after: NDArray[np.uint8], starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> list[Move]:
    """How each of ``before`` became that of ``after``.

    Args:
        before: RGB ``[n, height, width, 3]``.
        after: the same.
        starts: seconds on the source's clock of ``before``.
        ends: of ``after``; each is later than its start.
    """
    moves: list[Move] = []
    for at in range(0, len(before), 32):
        span = slice(at, at + 32)
        moves += _measure(luma(before[span]), luma(after[span]), starts[span], ends[span])
    return moves


def _measure(before: Luma, after: Luma, starts: NDArray[np.float64], ends: NDArray[np.float64]) -> list[Move]:
    longest = max(before.shape[1:])
    if min(before.shape[1:]) < _SMALLEST:
        return [Move(float(s), float(e), 0.0, 0.0, 0.0, 0.0) for s, e in zip(starts, ends, strict=True)]
    before, after = (ndimage.gaussian_filter(part, (0, 0.7, 0.7)) for part in (before, after))
    shifts = _shifts(before, after)
    moves: list[Move] = []
    for index, (down, right) in enumerate(shifts):
        fit, local = _refined(before[index], after[index], int(down), int(right))
        seconds = float(ends[index] - starts[index])
        scale = 1 / (longest * seconds)
        moves.append(
            Move(
                float(starts[index]),
                float(ends[index]),
                float((right + fit[0]) * scale),
                float(-(down + fit[1]) * scale),
                float(fit[2] / seconds),
                float(local * scale),
            )
        )
    return moves


def _shifts(before: Luma, after: Luma) -> NDArray[np.int64]:
    """Whole pixels ``[n, 2]`` (down, right) by which each picture shifted; 0 where a shift explains no more."""
    height, width = before.shape[1:]
    window = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
    spectra = [fft.rfft2((part - part.mean((1, 2), keepdims=True)) * window) for part in (before, after)]
    cross = spectra[1] * np.conj(spectra[0])
    echo = fft.irfft2(cross / (np.abs(cross) + 1e-3), s=(height, width))
    peaks = echo.reshape(len(before), -1).argmax(axis=1)
    shifts = np.stack(np.unravel_index(peaks, (height, width)), axis=1).astype(np.int64)
    size = np.array((height, width))
    shifts = np.where(shifts > size // 2, shifts - size, shifts)
    for index, (down, right) in enumerate(shifts):
        old, new = _overlap(before[index], after[index], int(down), int(right))
        small = old.size < 0.25 * height * width
        if small or np.abs(new - old).mean() > 0.9 * np.abs(after[index] - before[index]).mean():
            shifts[index] = 0
    return shifts


def _overlap(
    before: NDArray[np.float32], after: NDArray[np.float32], down: int, right: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The parts of two pictures that show the same where the second is shifted."""
    height, width = before.shape
    old = before[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
    new = after[max(0, down) : height - max(0, -down), max(0, right) : width - max(0, -right)]
    return old, new


def _refined(
    before: NDArray[np.float32], after: NDArray[np.float32], down: int, right: int
) -> tuple[NDArray[np.float64], float]:
    """What is left after the whole-pixel shift: (right, down, growth, roll), and the pixels of motion unexplained."""
    old, new = _overlap(before, after, down, right)
    mean = (old + new) / 2
    slope_x = (mean[1:-1, 2:] - mean[1:-1, :-2]) / 2
    slope_y = (mean[2:, 1:-1] - mean[:-2, 1:-1]) / 2
    change = (new - old)[1:-1, 1:-1].ravel()
    y, x = np.mgrid[0 : slope_x.shape[0], 0 : slope_x.shape[1]].astype(np.float32)
    x, y = x - x.mean(), y - y.mean()
    basis = np.stack([slope_x, slope_y, slope_x * x + slope_y * y, slope_y * x - slope_x * y]).reshape(4, -1)
    weight = np.ones_like(change)
    steadier = np.diag([1.0, 1.0, 1e3, 1e3]) * 10
    fit = np.zeros(4)
    for _ in range(_ROUNDS):
        weighted = basis * weight
        fit = np.linalg.solve(weighted @ basis.T + steadier, -(weighted @ change))
        left = change + fit.astype(np.float32) @ basis
        spread = max(1.5, 1.5 * float(np.median(np.abs(left))))
        weight = 1 / (1 + np.square(left / spread))
    steepness = float(np.hypot(slope_x, slope_y).mean())
    unexplained = float(np.maximum(np.abs(left) - _NOISE, 0).mean())
    return np.clip(fit, (-2, -2, -0.2, -0.2), (2, 2, 0.2, 0.2)), unexplained / max(steepness, 1.0)
