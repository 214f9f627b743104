"""Gestures: single effects that are made for their moment: riser, impact, swell and reverse cymbal."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.composition import Note
from sonique_daemon.engines.composer.playing import skins
from sonique_daemon.engines.composer.playing.chance import draw
from sonique_daemon.engines.composer.playing.envelope import clock, decay, eased
from sonique_daemon.engines.composer.playing.metals import plate
from sonique_daemon.engines.composer.playing.modes import ring
from sonique_daemon.engines.composer.playing.noise import swept
from sonique_daemon.engines.composer.playing.strike import Strike, loudness_of
from sonique_daemon.engines.composer.playing.tone import Numbers, Samples, Tone
from sonique_daemon.engines.composer.playing.voice import Delayed, Recorded, Voice

Gesture = Callable[[Strike, int, np.random.Generator], Samples]
"""Makes middle and side of a gesture whose peak lies at the given sample."""


_LONGEST_LEAD = 60 * SAMPLE_RATE
"""Samples: a longer way to the peak begins in silence."""


@dataclass(frozen=True, slots=True)
class Gesturer:
    """A player of gestures. Each is made anew: no two have the same length.

    Attributes:
        name: unique among the players.
        gesture: makes one.
        ending: seconds that it goes on after its peak.
        leads: share of the note's duration after which its peak lies.
    """

    name: str
    gesture: Gesture
    ending: float
    leads: float = 1.0

    def voice(self, note: Note, tone: Tone, seed: int) -> Voice:
        """The gesture, its peak on the very sample of ``start + duration`` where it leads up to something."""
        first = round(note.start * SAMPLE_RATE)
        peak = max(round((note.start + note.duration * self.leads) * SAMPLE_RATE) - first, 0)
        late = max(peak - _LONGEST_LEAD, 0)
        seconds = (peak - late) / SAMPLE_RATE + self.ending
        strike = Strike(self.name, note.pitch, min(max(note.velocity, 0.05), 1.0), seconds, note.variant & 1, tone)
        chance = draw(self.name, seed, note.part, round(note.start * 1000), note.pitch, note.variant)
        sound = self.gesture(strike, peak - late, chance)
        voice = Recorded(sound, loudness_of(note.velocity), 0.0, sound.shape[-1], np.zeros(1, np.float32))
        return Delayed(voice, late) if late else voice


def riser(strike: Strike, peak: int, chance: np.random.Generator) -> Samples:
    """A band of noise and a tone that climb five octaves, with a surge at the end."""
    count, seconds = strike.samples, max(peak / SAMPLE_RATE, 0.05)
    lowest = 180 * 2 ** ((strike.pitch - 60) / 12)
    width = 0.45 + 0.35 * strike.velocity

    def band(times: Numbers, frequency: Numbers) -> Numbers:
        centre = np.log2(lowest) + 5 * np.minimum(times / seconds, 1)
        octaves = np.log2(np.maximum(frequency, 20)) - centre
        return np.asarray(np.exp(-0.5 * (octaves / width) ** 2) / np.sqrt(2.0 ** np.maximum(centre - 9, 0)))

    both = np.stack([swept(count, band, chance), np.float32(0.6) * swept(count, band, chance)])
    both[0] += np.float32(0.25) * _climbing_tone(count, seconds, lowest)
    return _led(both, strike, peak, power=2.0)


def _climbing_tone(count: int, seconds: float, lowest: float) -> Samples:
    times = np.arange(count) / SAMPLE_RATE
    rate = 2.0 / seconds * np.log(2)
    cycles = lowest / rate * (np.exp(np.minimum(times, seconds) * rate) - 1)
    tone = np.zeros(count, np.float32)
    for factor in (1.0, 1.006, 1.5):
        tone += np.sin(2 * np.pi * ((cycles * factor) % 1)).astype(np.float32)
    return tone


def _led(both: Samples, strike: Strike, peak: int, power: float) -> Samples:
    """The gesture's level: a power of time with a surge into the peak, then gone within ten milliseconds."""
    count = both.shape[-1]
    seconds = clock(count)
    lead = np.float32(max(peak, 1) / SAMPLE_RATE)
    level = np.minimum(seconds / lead, 1) ** np.float32(power) * np.float32(0.6)
    level *= 1 + np.float32(1.1) * np.exp(np.minimum(seconds - lead, 0) / np.float32(0.025))
    level[peak:] *= decay(count - peak, 0.004)
    both = strike.tone.filtered(both * level)
    return eased(both, 0.005, 0.004)


def swell(strike: Strike, peak: int, chance: np.random.Generator) -> Samples:
    """A roll on a suspended cymbal: darker at first, opening into its peak, then dying away."""
    count, seconds = strike.samples, max(peak / SAMPLE_RATE, 0.05)
    colour = 2 ** ((strike.pitch - 60) / 24) * strike.tone.brightness**0.5

    def shimmer(times: Numbers, frequency: Numbers) -> Numbers:
        grown = np.minimum(times / seconds, 1) * np.exp(-np.maximum(times - seconds, 0) / 1.5)
        corner = (900 + (2500 + 4500 * strike.velocity) * grown**2) * colour
        ratio = frequency / 1200
        return np.asarray(ratio / (1 + ratio**1.6) / (1 + (frequency / corner) ** 2))

    both = np.stack([swept(count, shimmer, chance), np.float32(0.7) * swept(count, shimmer, chance)])
    times = clock(count)
    lead = np.float32(seconds)
    level = np.minimum(times / lead, 1) ** np.float32(2.2) * (
        1 + np.float32(0.35) * np.exp(np.minimum(times - lead, 0) / np.float32(0.03))
    )
    level[peak:] *= np.float32(0.35) * decay(count - peak, 0.05) + np.float32(0.65) * decay(count - peak, 0.6)
    return eased(strike.tone.filtered(both * level * np.float32(1.6)), 0.005, 0.3)


def reverse(strike: Strike, peak: int, chance: np.random.Generator) -> Samples:
    """A cymbal backwards: it grows out of nothing and is cut at its own stroke."""
    count = max(peak, 64)
    shift = 2 ** ((strike.pitch - 60) / 12)
    sounds = []
    for detail, level in (("middle", 1.0), ("side", 0.5)):
        name = f"{strike.name} {detail} {chance.integers(2**31)}"
        struck = Strike(name, strike.pitch, strike.velocity, count / SAMPLE_RATE, strike.variant, strike.tone)
        modes = plate(struck, 150, 320 * shift, 15_000, 1.3 * min(count / SAMPLE_RATE, 4.0))
        sounds.append(ring(modes, count)[::-1] * np.float32(level))
    both = np.zeros((2, strike.samples), np.float32)
    both[:, :count] = np.stack(sounds)[:, : both.shape[1]]
    surge = 1 + np.float32(0.5) * decay(count, 0.04)[::-1]
    both[:, :count] *= surge[: both.shape[1]]
    last = min(round(0.0015 * SAMPLE_RATE), count)
    both[:, count - last : count] *= np.linspace(1, 0, last, dtype=np.float32)
    return eased(strike.tone.filtered(both), 0.01, 0.003)


def impact(strike: Strike, peak: int, chance: np.random.Generator) -> Samples:
    """A boom: a sine that falls, a burst of noise that darkens, and a great drum."""
    del peak
    count = strike.samples
    shift = 2 ** ((strike.pitch - 60) / 24)
    seconds = clock(count).astype(np.float64)
    cycles = shift * (34 * seconds + 50 * 0.12 * (1 - np.exp(-seconds / 0.12)))
    sound = np.sin(2 * np.pi * (cycles % 1)).astype(np.float32) * decay(count, 0.7)

    def burst(times: Numbers, frequency: Numbers) -> Numbers:
        corner = 160 + (600 + 3400 * strike.velocity) * strike.tone.brightness * np.exp(-times / 0.22)
        return np.asarray(1 / (1 + (frequency / corner) ** 3) / (1 + (60 / np.maximum(frequency, 1)) ** 2))

    noise = np.stack([swept(count, burst, chance), np.float32(0.6) * swept(count, burst, chance)])
    noise *= (decay(count, 0.30) + np.float32(0.25) * decay(count, 1.1)) * np.float32(0.22 + 0.1 * strike.velocity)
    drum = skins.skin(Strike(strike.name, 36, strike.velocity, 1.5, strike.variant, Tone()), skins.TAIKO)
    noise[0] += np.float32(0.8) * np.tanh(np.float32(1.2) * sound)
    noise[0, : len(drum)] += np.float32(0.6) * drum[:count]
    return eased(strike.tone.filtered(noise * np.float32(0.6)), 0.001, 0.5)
