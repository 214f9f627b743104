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


class RateChanger:
    """Changes the rate of a stream of blocks. What comes out is exactly in time with what goes in.

    Input is worked on in groups of ``down`` samples, of which each gives ``up`` samples of output.

    Args:
        source: rate of what goes in, in Hz.
        target: rate of what comes out.
    """

    def __init__(self, source: int, target: int) -> None:
        shared = gcd(source, target)
        self._up, self._down = target // shared, source // shared
        self._half = _half(self._up, self._down)
        self._guard = -(-self._half // self._up // self._down) * self._down + self._down
        self._held: Block | None = None
        self._group = 0
        self._read = 0

    def feed(self, block: Block) -> Block:
        """Takes ``[channels, n]``; gives as much of the output as is certain by now."""
        if self._up == self._down:
            return block
        if self._held is None:
            self._held = np.zeros((len(block), self._guard), np.float32)
        self._held = np.concatenate((self._held, block), axis=1)
        self._read += block.shape[1]
        return self._give((self._read - self._guard) // self._down)

    def finish(self) -> Block:
        """The rest: as much as makes the whole as long as what went in."""
        if self._held is None:
            return np.zeros((0, 0), np.float32)
        made = self._group * self._up
        groups = -(-self._read // self._down)
        missing = groups * self._down - self._read + self._guard
        self._held = np.pad(self._held, ((0, 0), (0, missing)))
        return self._give(groups)[:, : round(self._read * self._up / self._down) - made]

    def _give(self, until: int) -> Block:
        """The output of the groups up to ``until``; what no later group needs is let go."""
        held = self._held
        assert held is not None
        count = until - self._group
        if count <= 0:
            return np.zeros((len(held), 0), np.float32)
        from scipy.signal import upfirdn

        whole = upfirdn(_taps(self._up, self._down), held, self._up, self._down, axis=1)
        first = self._guard * self._up // self._down + self._half // self._down
        self._held, self._group = held[:, count * self._down :], until
        return np.asarray(whole[:, first : first + count * self._up], np.float32)


def _half(up: int, down: int) -> int:
    """Taps to each side, a multiple of ``down``, so that the filter's delay is a whole number of output samples."""
    return -(-_CROSSINGS * max(up, down) // down) * down


@lru_cache(8)
def _taps(up: int, down: int) -> NDArray[np.float32]:
    from scipy.signal import firwin

    taps = firwin(2 * _half(up, down) + 1, _BAND / max(up, down), window=("kaiser", _BETA)) * up
    return np.asarray(taps, np.float64)


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
