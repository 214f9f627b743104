"""Gains in time: the duck under the kick, the common glue, and the edges of the cue."""

from dataclasses import dataclass, field

import numpy as np

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.envelope import interpolated
from sonique_daemon.engines.composer.playing.tone import Numbers, Samples

_STEP = 64
_RETURN = 0.15
_ATTACK = 0.004


@dataclass(frozen=True, slots=True)
class Pump:
    """A duck shaped from the kick's onsets: down in 4 ms, back with a time constant of 150 ms.

    Attributes:
        onsets: seconds, ascending.
        depth_db: how far down.
    """

    onsets: Numbers
    depth_db: float

    def gain(self, at: int, samples: int) -> Samples:
        """The gain of ``samples`` samples from ``at`` on."""
        first = at // _STEP
        count = -(-(at + samples) // _STEP) - first + 1
        seconds = (np.arange(count) + first) * (_STEP / SAMPLE_RATE)
        place = np.searchsorted(self.onsets, seconds, "right")
        last = np.concatenate(([-1e3], self.onsets))[place]
        following = np.concatenate((self.onsets, [1e9]))[place]
        depth = np.maximum(np.exp((last - seconds) / _RETURN), np.clip(1 - (following - seconds) / _ATTACK, 0, 1))
        gain = (10 ** (-self.depth_db / 20 * depth)).astype(np.float32)
        skip = at - first * _STEP
        return interpolated(gain, _STEP)[skip : skip + samples]


HOP = 2048
"""Samples between two values of the glue's gain, 43 ms; blocks are whole numbers of it."""

_THRESHOLD_DB = -21.0
_SLOPE = 0.45
_RISE, _FALL = 0.12, 0.6


@dataclass(slots=True)
class Glue:
    """A slow compressor whose gain is common to all stems, so that they still add up.

    Attributes:
        amount: 0 for none to 1 for 1.8 to 1.
    """

    amount: float
    _level: float = field(default=0.0, init=False)
    _gain: float = field(default=1.0, init=False)

    def gain(self, mix: Samples) -> Samples | None:
        """The gain for ``mix`` ``[2, samples]`` (middle and side), or None where there is none to apply."""
        if self.amount <= 0:
            return None
        hops = -(-mix.shape[1] // HOP)
        power = np.zeros(hops * HOP, np.float32)
        power[: mix.shape[1]] = mix[0] * mix[0] + mix[1] * mix[1]
        gains = [self._gain, *(self._step(float(value)) for value in power.reshape(hops, HOP).mean(axis=1))]
        return interpolated(np.asarray(gains, np.float32), HOP)[: mix.shape[1]]

    def _step(self, power: float) -> float:
        seconds = _RISE if power > self._level else _FALL
        self._level += (power - self._level) * (1 - np.exp(-HOP / SAMPLE_RATE / seconds))
        over_db = max(10 * np.log10(self._level + 1e-12) - _THRESHOLD_DB, 0.0)
        self._gain = float(10 ** (-self.amount * _SLOPE * over_db / 20))
        return self._gain


@dataclass(frozen=True, slots=True)
class Fader:
    """A hand on the level of the whole, common to all stems.

    Attributes:
        seconds: times of its levels, ascending.
        decibels: the levels; between them they go straight, and outside them they stay.
    """

    seconds: Numbers
    decibels: Numbers

    def gain(self, at: int, samples: int) -> Samples | None:
        """The gain of ``samples`` samples from ``at`` on, or None where there is none."""
        if not len(self.seconds):
            return None
        places = (at + np.arange(-(-samples // HOP) + 1) * HOP) / SAMPLE_RATE
        levels = np.interp(places, self.seconds, self.decibels)
        return interpolated((10 ** (levels / 20)).astype(np.float32), HOP)[:samples]


@dataclass(frozen=True, slots=True)
class Edges:
    """How the cue begins and ends.

    Attributes:
        samples: its length.
        fade: samples of fade-out.
        stop: the sample at which all sound ends.
    """

    samples: int
    fade: int
    stop: int

    _FIRST = round(0.002 * SAMPLE_RATE)
    _DEAD = round(0.020 * SAMPLE_RATE)
    _LONGEST = round(0.4 * SAMPLE_RATE)

    @property
    def last(self) -> int:
        """Samples in which what still rings is let down: 20 ms at a dead stop, else 5 % of the cue, at most 0.4 s."""
        return self._DEAD if self.stop < self.samples else max(self._DEAD, min(self.samples // 20, self._LONGEST))

    def gain(self, at: int, samples: int) -> Samples | None:
        """The gain of ``samples`` samples from ``at`` on, or None where it is 1."""
        end = min(self.stop, self.samples)
        if at > self._FIRST and at + samples < min(end - self.last, self.samples - self.fade):
            return None
        place = np.arange(at, at + samples, dtype=np.float64)
        letting = np.sin(np.clip((end - 1 - place) / self.last, 0, 1) * (np.pi / 2)) ** 2
        gain = np.minimum(np.clip(place / self._FIRST, 0, 1), letting)
        if self.fade:
            gain *= np.cos(np.clip((place - self.samples + self.fade) / self.fade, 0, 1) * (np.pi / 2)) ** 2
        return np.asarray(gain, np.float32)
