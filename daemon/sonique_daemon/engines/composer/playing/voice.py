"""Voices: single notes while they sound. A voice adds any stretch of itself to a bus, so blocks leave no seams."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.envelope import interpolated
from sonique_daemon.engines.composer.playing.tone import Numbers, Samples


class Voice(Protocol):
    """One note that sounds."""

    @property
    def samples(self) -> int:
        """Its length with everything that rings on."""

    def add(self, bus: Samples, at: int) -> None:
        """Adds its samples from ``at`` on to ``bus`` ``[2, samples]`` (middle and side); outside of it is silence."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A voice that plays a made sound, damped when its key is released.

    Attributes:
        sound: mono or middle and side.
        gain: amplitude.
        side: amplitude of the side signal of a mono sound: negative to the right, positive to the left.
        held: samples until the release begins.
        damping: gains of the release, down to 0.
    """

    sound: Samples
    gain: float
    side: float
    held: int
    damping: Samples

    @property
    def samples(self) -> int:
        """Until the damping ends, or the sound where that is shorter."""
        return min(int(self.sound.shape[-1]), self.held + len(self.damping))

    def add(self, bus: Samples, at: int) -> None:
        """Adds the held stretch as it is and the released one through the damping."""
        size = bus.shape[-1]
        self._lay(bus, at, max(at, 0), min(at + size, self.samples, self.held), None)
        self._lay(bus, at, max(at, self.held, 0), min(at + size, self.samples), self.damping)

    def _lay(self, bus: Samples, at: int, start: int, stop: int, damping: Samples | None) -> None:
        if stop <= start:
            return
        piece = self.sound[..., start:stop] * np.float32(self.gain)
        if damping is not None:
            piece *= damping[start - self.held : stop - self.held]
        if piece.ndim == 2:
            bus[:, start - at : stop - at] += piece
            return
        bus[0, start - at : stop - at] += piece
        if self.side:
            bus[1, start - at : stop - at] += piece * np.float32(self.side)


@dataclass(frozen=True, slots=True)
class Delayed:
    """A voice that begins some samples after its note."""

    voice: Voice
    delay: int

    @property
    def samples(self) -> int:
        """With the delay."""
        return self.delay + self.voice.samples

    def add(self, bus: Samples, at: int) -> None:
        """Adds the voice, later."""
        self.voice.add(bus, at - self.delay)


@dataclass(frozen=True, slots=True)
class Contour:
    """How a sustained sound comes, moves and goes.

    Attributes:
        attack: seconds from silence to full.
        release: seconds from full to silence.
        swell_db: rise towards the middle of notes that last.
        settle: seconds in which it settles from full to ``sustain``, 0 for never.
        sustain: level after settling, 0 to 1.
        bright: share of the bright layer at velocity 1, 0 to 1.
        opening: seconds in which brightness follows the start.
        wander: depth of the slow wandering of brightness, 0 to 1.
        wander_hz: its rate.
        spread: level of the side signal, 0 to 1.
    """

    attack: float
    release: float
    swell_db: float = 0.0
    settle: float = 0.0
    sustain: float = 1.0
    bright: float = 0.9
    opening: float = 0.1
    wander: float = 0.0
    wander_hz: float = 0.07
    spread: float = 0.6


_STEP = 64


@dataclass(frozen=True, slots=True)
class Sustained:
    """A voice that reads an endless loop through a contour.

    Attributes:
        loop: ``[2, loop]``, a dark and a bright layer that share their phases.
        contour: its shape in time.
        gain: amplitude.
        velocity: 0 to 1, decides brightness.
        held: samples until the release begins.
        offset: where in the loop it starts, in samples.
        turn: phase of the wandering, in cycles.
    """

    loop: Samples
    contour: Contour
    gain: float
    velocity: float
    held: int
    offset: int
    turn: float

    @property
    def samples(self) -> int:
        """Until the release ends."""
        return self.held + round(self.contour.release * SAMPLE_RATE)

    def add(self, bus: Samples, at: int) -> None:
        """Adds both layers, once as the middle and once, half a loop away, as the side."""
        start, stop = max(at, 0), min(at + bus.shape[-1], self.samples)
        if stop <= start:
            return
        dark, bright = self._levels(start, stop)
        half = self.loop.shape[-1] // 2
        self._lay(bus[0, start - at : stop - at], start + self.offset, dark, bright)
        spread = np.float32(self.contour.spread)
        self._lay(bus[1, start - at : stop - at], start + self.offset + half, dark * spread, bright * spread)

    def _lay(self, bus: Samples, position: int, dark: Samples, bright: Samples) -> None:
        size, done = self.loop.shape[-1], 0
        while done < len(dark):
            first = (position + done) % size
            count = min(size - first, len(dark) - done)
            here = slice(done, done + count)
            bus[here] += self.loop[0, first : first + count] * dark[here]
            bus[here] += self.loop[1, first : first + count] * bright[here]
            done += count

    def _levels(self, start: int, stop: int) -> tuple[Samples, Samples]:
        first = start // _STEP
        count = -(-stop // _STEP) - first
        seconds = (np.arange(count + 1) + first) * (_STEP / SAMPLE_RATE)
        level = self._level(seconds) * self.gain
        share = self._share(seconds)
        skip = start - first * _STEP
        here = slice(skip, skip + stop - start)
        return interpolated(level * (1 - share), _STEP)[here], interpolated(level * share, _STEP)[here]

    def _level(self, seconds: Numbers) -> Samples:
        contour, held = self.contour, self.held / SAMPLE_RATE
        level = np.sin(np.clip(seconds / contour.attack, 0, 1) * (np.pi / 2)) ** 2
        level *= np.cos(np.clip((seconds - held) / contour.release, 0, 1) * (np.pi / 2)) ** 2
        if contour.settle:
            level *= contour.sustain + (1 - contour.sustain) * np.exp(-seconds / contour.settle)
        swell = contour.swell_db * float(np.clip(held - 1, 0, 2)) / 2
        if swell:
            level *= 10 ** (swell / 20 * np.sin(np.clip(seconds / held, 0, 1) * np.pi) ** 2)
        return np.asarray(level, np.float32)

    def _share(self, seconds: Numbers) -> Samples:
        contour = self.contour
        opening = 0.5 + 0.5 * np.clip(seconds / contour.opening, 0, 1)
        wander = 1 + contour.wander * np.sin((seconds * contour.wander_hz + self.turn) * (2 * np.pi))
        return np.asarray(np.clip(contour.bright * self.velocity**1.3 * opening * wander, 0, 1), np.float32)
