"""Strikes: one sound as an instrument is asked to make it, and the players that make each sound once and keep it."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log2
from typing import Protocol

import numpy as np

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.composition import Note
from sonique_daemon.engines.composer.playing.cache import SOUNDS
from sonique_daemon.engines.composer.playing.chance import draw
from sonique_daemon.engines.composer.playing.envelope import damping
from sonique_daemon.engines.composer.playing.tone import Samples, Tone, hertz
from sonique_daemon.engines.composer.playing.voice import Recorded, Voice

LAYERS = 6
"""Velocity layers of a made sound; loudness follows the velocity exactly."""

_SHORTEST = 0.25
_LONGEST = 45.0


@dataclass(frozen=True, slots=True)
class Strike:
    """One sound to make.

    Attributes:
        name: of the instrument; decides its chance together with pitch and variant.
        pitch: MIDI note number, or a drum's number.
        velocity: of the layer, above 0 to 1.
        seconds: length.
        variant: 0 or 1.
        tone: filters and brightness.
    """

    name: str
    pitch: int
    velocity: float
    seconds: float
    variant: int
    tone: Tone

    @property
    def frequency(self) -> float:
        """Fundamental in Hz."""
        return hertz(self.pitch)

    @property
    def samples(self) -> int:
        """Length in samples."""
        return round(self.seconds * SAMPLE_RATE)

    def chance(self, detail: str = "") -> np.random.Generator:
        """The chance of this sound: the same for all its velocities and lengths."""
        return draw(self.name, detail, self.pitch, self.variant)


Render = Callable[[Strike], Samples]
"""Makes the sound of a strike, ``strike.samples`` long at least, at unit loudness."""


class Player(Protocol):
    """One who turns notes into voices."""

    def voice(self, note: Note, tone: Tone, seed: int) -> Voice:
        """The voice of ``note``; its gain is that of the velocity alone."""


def loudness_of(velocity: float) -> float:
    """Amplitude for a velocity: 1 at 0.7, and 14 dB between 0.3 and 0.9."""
    return float((max(velocity, 0.0) / 0.7) ** 1.5)


def layer_of(velocity: float) -> float:
    """The velocity of the nearest layer."""
    return min(max(round(velocity * LAYERS), 1), LAYERS) / LAYERS


def length_class(seconds: float) -> float:
    """The next half-power of two of a second at or above ``seconds``, so that notes of like lengths share a sound."""
    step = ceil(2 * log2(max(seconds, _SHORTEST) / _SHORTEST) - 1e-9)
    return float(min(_SHORTEST * 2 ** (step / 2), _LONGEST))


@dataclass(frozen=True, slots=True)
class Struck:
    """A player whose sounds are made once and kept.

    Attributes:
        name: unique among the players.
        render: makes a sound.
        release: time constant of the damper in seconds.
        ring: seconds that a sound lasts at most, by its pitch; longer holding changes nothing.
        lets_ring: whether notes sound on after their key is released.
    """

    name: str
    render: Render
    release: float = 0.06
    ring: Callable[[int], float] = lambda _pitch: _LONGEST
    lets_ring: bool = False

    def voice(self, note: Note, tone: Tone, seed: int) -> Voice:  # noqa: ARG002 - a kept sound is the same for all seeds
        """The note's sound from the cache, cut and damped at its release."""
        longest = self.ring(note.pitch)
        release = damping(self.release)
        held = longest if self.lets_ring else min(note.duration, longest)
        wanted = longest if self.lets_ring else min(length_class(held + 5 * self.release), longest)
        strike = Strike(self.name, note.pitch, layer_of(note.velocity), wanted, note.variant & 1, tone)
        sound = SOUNDS.get(strike, lambda: self.render(strike))
        return Recorded(sound, loudness_of(note.velocity), 0.0, round(held * SAMPLE_RATE), release)
