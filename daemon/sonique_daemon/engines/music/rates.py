"""Rates: audio from a model's sample rate to another by one polyphase filter, block by block, and mono made stereo.

The filter is a windowed sinc (Kaiser, β = 12) of 48 zero crossings to each side, whose band ends at 95 % of the lower
Nyquist frequency. Measured in ``tests/engines/music/test_rates.py``: what lies below 0.94 of that frequency has images
and aliases below -115 dB, and the pass band is flat within 0.1 dB up to 0.9 of it.
"""

from functools import lru_cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.audio import Block

_CROSSINGS = 48
_BETA = 12.0
_BAND = 0.95
_LEAST_ROW = 32
"""Samples of input by which one row of the product goes on, at the least."""
_ROWS = 64
"""Of every product: always as many, so that what comes out does not depend on the sizes of the blocks."""


class RateChanger:
    """Changes the rate of a stream of blocks. What comes out is exactly in time with what goes in.

    Input is worked on in rows of ``length`` samples, each heard with its neighbours; the filter is a matrix that turns
    ``_ROWS`` of them into output at once, which is several times as quick as sample by sample.

    Args:
        source: rate of what goes in, in Hz.
        target: rate of what comes out.
    """

    def __init__(self, source: int, target: int) -> None:
        shared = gcd(source, target)
        self._up, self._down = target // shared, source // shared
        self._length = -(-_LEAST_ROW // self._down) * self._down
        self._guard = _half(self._up, self._down) // self._up + 1
        self._held: Block | None = None
        self._read = 0
        self._made = 0

    def feed(self, block: Block) -> Block:
        """Takes ``[channels, n]``; gives as much of the output as is certain by now."""
        if self._up == self._down:
            return block
        if self._held is None:
            self._held = np.zeros((len(block), self._guard), np.float32)
        self._held = np.concatenate((self._held, block), axis=1)
        self._read += block.shape[1]
        return self._give()

    def finish(self) -> Block:
        """The rest: as much as makes the whole as long as what went in."""
        if self._held is None:
            return np.zeros((0, 0), np.float32)
        self._held = np.pad(self._held, ((0, 0), (0, self._guard + _ROWS * self._length)))
        left = round(self._read * self._up / self._down) - self._made
        return self._give()[:, :left]

    def _give(self) -> Block:
        """The output of the rows that are there with all their neighbours; what no later one needs is let go."""
        held = self._held
        assert held is not None
        step = _ROWS * self._length
        count = (held.shape[1] - 2 * self._guard) // step
        matrix = _matrix(self._up, self._down, self._length, self._guard)
        parts = [
            self._product(held[:, place * step : (place + 1) * step + 2 * self._guard], matrix)
            for place in range(count)
        ]
        self._held = held[:, count * step :]
        made = np.concatenate(parts, axis=1) if parts else np.zeros((len(held), 0), np.float32)
        self._made += made.shape[1]
        return made

    def _product(self, span: Block, matrix: NDArray[np.float32]) -> Block:
        windows = np.lib.stride_tricks.sliding_window_view(span, len(matrix), axis=1)[:, :: self._length]
        return np.asarray(np.ascontiguousarray(windows) @ matrix, np.float32).reshape(len(span), -1)


def _half(up: int, down: int) -> int:
    """Taps to each side at ``up`` times the source's rate."""
    return _CROSSINGS * max(up, down)


@lru_cache(8)
def _matrix(up: int, down: int, length: int, guard: int) -> NDArray[np.float32]:
    """The filter as ``[guard + length + guard, length * up / down]``: a column for each sample of output."""
    half, taps = _half(up, down), _taps(up, down)
    inputs = np.arange(-guard, length + guard)[:, None] * up
    outputs = np.arange(length * up // down)[None] * down
    place = outputs - inputs + half
    inside = (place >= 0) & (place < len(taps))
    return np.asarray(np.where(inside, taps[np.clip(place, 0, len(taps) - 1)], 0.0), np.float32)


def _taps(up: int, down: int) -> NDArray[np.float64]:
    half, band = _half(up, down), _BAND / max(up, down)
    taps = np.sinc(band * np.arange(-half, half + 1)) * np.kaiser(2 * half + 1, _BETA)
    return np.asarray(taps * up / taps.sum(), np.float64)


def changed(block: Block, source: int, target: int) -> Block:
    """All of ``block`` at another rate."""
    changer = RateChanger(source, target)
    begin = changer.feed(block)
    return begin if source == target else np.concatenate((begin, changer.finish()), axis=1)


def with_channels(block: Block, channels: int) -> Block:
    """``block`` with 1 or 2 channels.

    Mono becomes stereo by two equal channels: nothing is widened, for what was never recorded cannot be known. Stereo
    becomes mono as the mean of both.
    """
    if len(block) == channels:
        return block
    if channels == 1:
        return np.asarray(block.mean(axis=0, keepdims=True), np.float32)
    return np.repeat(block[:1], 2, axis=0)


def fitted_length(block: Block, samples: int) -> Block:
    """``block`` cut or filled with silence to ``samples``."""
    if block.shape[1] >= samples:
        return block[:, :samples]
    return np.pad(block, ((0, 0), (0, samples - block.shape[1])))
