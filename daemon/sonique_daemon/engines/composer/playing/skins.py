"""Skins: kick, snare, toms, hand drums, taiko and timpani."""

from dataclasses import dataclass

import numpy as np

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.envelope import clock, decay, eased
from sonique_daemon.engines.composer.playing.modes import Modes, ring
from sonique_daemon.engines.composer.playing.noise import band, coloured
from sonique_daemon.engines.composer.playing.strike import Strike
from sonique_daemon.engines.composer.playing.tone import Samples, Tone, hertz

MEMBRANE = np.array([1, 1.594, 2.136, 2.296, 2.653, 2.918, 3.156])
"""Frequencies of a circular membrane's modes over its lowest."""


@dataclass(frozen=True, slots=True)
class Skin:
    """A drum.

    Attributes:
        hertz: its lowest mode.
        lasts: seconds to fall by 60 dB.
        bend: share by which the pitch starts higher.
        bend_tau: seconds in which it comes down.
        upper: level of the other modes.
        stick: level of the stick's noise.
        stick_hz: corner of that noise at full velocity.
        drive: saturation, 0 for none.
    """

    hertz: float
    lasts: float
    bend: float = 0.35
    bend_tau: float = 0.03
    upper: float = 0.5
    stick: float = 0.4
    stick_hz: float = 5500.0
    drive: float = 0.0


KICK = Skin(52.0, 0.42, 1.6, 0.022, 0.10, 0.30, 4500, 1.2)
SOFT_KICK = Skin(56.0, 0.32, 0.8, 0.02, 0.12, 0.12, 1800)
MACHINE_KICK = Skin(48.0, 0.85, 2.5, 0.035, 0.0, 0.22, 6000, 1.6)
TAIKO = Skin(62.0, 1.3, 0.25, 0.05, 0.65, 0.55, 4500, 0.8)


def finished(sound: Samples, tone: Tone, ending: float = 0.02) -> Samples:
    """A drum's sound through its part's filters, at peak 1."""
    result = tone.filtered(sound)
    result *= np.float32(1 / max(float(np.abs(result).max()), 1e-6))
    return eased(result, 0.0004, ending)


def skin(strike: Strike, drum: Skin) -> Samples:
    """A struck skin: a lowest mode that bends down, the modes above it, and the stick."""
    count, velocity = strike.samples, strike.velocity
    root = drum.hertz * (1 + strike.chance("skin").uniform(-0.006, 0.006))
    bend = drum.bend * (0.5 + 0.5 * velocity)
    seconds = clock(count).astype(np.float64)
    turns = root * (seconds + bend * drum.bend_tau * (1 - np.exp(-seconds / drum.bend_tau)))
    sound = np.sin(2 * np.pi * (turns % 1)).astype(np.float32) * decay(count, drum.lasts / 6.908)
    if drum.upper:
        sound += ring(_upper(strike, drum, root), count) * np.float32(drum.upper * (0.4 + 0.9 * velocity))
    if drum.drive:
        sound = np.tanh(sound * np.float32(drum.drive))
    _add_stick(sound, strike, drum)
    return finished(sound, strike.tone)


def _upper(strike: Strike, drum: Skin, root: float) -> Modes:
    ratio = MEMBRANE[1:]
    chance = strike.chance("upper")
    frequency = root * ratio * (1 + drum.bend * 0.12) * (1 + chance.uniform(-0.01, 0.01, len(ratio)))
    level = ratio**-1.2 * chance.uniform(0.7, 1.3, len(ratio))
    return Modes(frequency, 0.6 * drum.lasts / ratio, level / level.sum(), np.full(len(ratio), -np.pi / 2))


def _add_stick(sound: Samples, strike: Strike, drum: Skin) -> None:
    count = min(len(sound), round(0.08 * SAMPLE_RATE))
    corner = (600 + (drum.stick_hz - 600) * strike.velocity) * strike.tone.brightness
    noise = coloured(count, band(250, corner), strike.chance("stick")) * decay(count, 0.009)
    sound[:count] += noise * np.float32(drum.stick * 0.5 * (0.3 + 0.7 * strike.velocity))


def tom_hertz(number: int) -> float:
    """The tuning of the General MIDI tom of that number."""
    tuning = {41: 82.0, 43: 96.0, 45: 112.0, 47: 132.0, 48: 156.0, 50: 184.0}
    return tuning.get(number, 112.0)


def tom(strike: Strike) -> Samples:
    """A tom, tuned by its number."""
    root = tom_hertz(strike.pitch)
    return skin(strike, Skin(root, 0.75 * (110 / root) ** 0.4, 0.30, 0.03, 0.5, 0.30, 5500))


def hand_drum(strike: Strike) -> Samples:
    """A conga, bongo or frame drum: tuned high for small numbers of the pair, with a short, woody stroke."""
    tuning = {60: 380.0, 61: 270.0, 62: 215.0, 63: 205.0, 64: 150.0, 65: 240.0, 66: 180.0, 36: 85.0, 38: 240.0}
    root = tuning.get(strike.pitch, 130.0)
    lasts = 0.14 if strike.pitch == 62 else 0.45 * (150 / root) ** 0.3
    return skin(strike, Skin(root, lasts, 0.12, 0.018, 0.7, 0.45, 4200))


def taiko(strike: Strike) -> Samples:
    """Taiko, larger for lower numbers: two players not quite together."""
    size = 62.0 * 2 ** ((min(max(strike.pitch, 35), 60) - 36) / 16)
    drum = Skin(size, TAIKO.lasts * (62 / size) ** 0.4, TAIKO.bend, TAIKO.bend_tau, TAIKO.upper, TAIKO.stick, 4500, 0.8)
    first = skin(strike, drum)
    second = skin(
        Strike(strike.name, strike.pitch, strike.velocity, strike.seconds, strike.variant + 2, strike.tone), drum
    )
    late = round(strike.chance("late").uniform(0.006, 0.012) * SAMPLE_RATE)
    first[late:] += np.float32(0.6) * second[: len(second) - late]
    return finished(first, Tone())


def timpani_ring(pitch: int) -> float:
    """Seconds that a kettledrum can be heard."""
    return float(min(3.2 * (100 / hertz(pitch)) ** 0.3, 5.0))


def timpani(strike: Strike) -> Samples:
    """A kettledrum: its air load makes modes of near 1, 1.5, 2, 2.44, 2.9 (Rossing 1982), so that it has a pitch."""
    ratio = np.array([1, 1.504, 1.742, 2.0, 2.44, 2.89, 3.36])
    level = np.array([1, 0.75, 0.08, 0.40, 0.25, 0.15, 0.1]) * np.where(
        ratio > 1, 0.35 + 0.9 * strike.velocity * strike.tone.brightness, 1
    )
    lasts = 2.6 * (100 / strike.frequency) ** 0.3 / ratio**0.7
    modes = Modes(strike.frequency * ratio, lasts, level, np.full(len(ratio), -np.pi / 2))
    sound = ring(modes.audible(), strike.samples)
    count = min(len(sound), round(0.12 * SAMPLE_RATE))
    noise = coloured(count, band(60, 400 + 1800 * strike.velocity), strike.chance("felt")) * decay(count, 0.02)
    sound[:count] += strike.tone.filtered(noise * np.float32(0.10 + 0.16 * strike.velocity))
    return eased(sound, 0.001, 0.05)


def snare(strike: Strike) -> Samples:
    """A snare drum: two modes of the skin, and the wires, which rattle longer the harder it is struck."""
    count, velocity = strike.samples, strike.velocity
    sound = _snare_skin(strike, 186.0, 0.09)
    corner = (4500 + 6500 * velocity) * strike.tone.brightness
    wires = coloured(count, band(900, corner), strike.chance("wires"))
    wires *= decay(count, 0.05 + 0.06 * velocity)
    sound += wires * np.float32(0.22 + 0.25 * velocity)
    _burst(sound, strike, 0.012, 0.3)
    return finished(sound, strike.tone)


def machine_snare(strike: Strike) -> Samples:
    """The snare of a drum machine: two sines and gated noise."""
    count = strike.samples
    sound = _snare_skin(strike, 180.0, 0.06)
    noise = coloured(count, band(700, 9500 * strike.tone.brightness), strike.chance("noise"))
    gate = np.clip((0.19 - clock(count)) / 0.02, 0, 1) * decay(count, 0.16)
    return finished(sound + noise * gate * np.float32(0.25 + 0.25 * strike.velocity), strike.tone)


def _snare_skin(strike: Strike, root: float, tau: float) -> Samples:
    ratio = np.array([1, 1.59, 1.78, 2.3])
    chance = strike.chance("head")
    lasts = np.full(len(ratio), tau * 6.908) / ratio**0.3
    level = np.array([0.6, 0.4, 0.2, 0.12])
    return ring(
        Modes(root * ratio * (1 + chance.uniform(-0.01, 0.01, 4)), lasts, level, np.full(4, -1.57)), strike.samples
    )


def _burst(sound: Samples, strike: Strike, seconds: float, level: float) -> None:
    count = min(len(sound), round(4 * seconds * SAMPLE_RATE))
    noise = coloured(count, band(1500, 9000 * strike.tone.brightness), strike.chance("burst"))
    sound[:count] += noise * decay(count, seconds) * np.float32(level * strike.velocity)


def brush(strike: Strike) -> Samples:
    """A brush that taps and then sweeps a snare drum."""
    count = strike.samples
    length = min(count, round((0.30 + 0.1 * strike.velocity) * SAMPLE_RATE))
    corner = (3500 + 4500 * strike.velocity) * strike.tone.brightness
    noise = coloured(count, band(1100, corner), strike.chance("brush"))
    sweep = np.zeros(count, np.float32)
    sweep[:length] = np.maximum(np.sin(np.linspace(0, np.pi, length, dtype=np.float32)), 0) ** 1.5
    tap = decay(count, 0.018) * np.float32(0.5 + 1.2 * strike.velocity)
    sound = noise * (np.float32(0.5) * sweep + tap) + np.float32(0.3) * _snare_skin(strike, 190.0, 0.05)
    return finished(sound, strike.tone)


def clap(strike: Strike) -> Samples:
    """Hands: four bursts of noise and a short room."""
    count = strike.samples
    noise = coloured(count, band(700, (2600 + 2500 * strike.velocity) * strike.tone.brightness), strike.chance("clap"))
    shape = np.zeros(count, np.float32)
    for start, level in ((0.0, 0.7), (0.010, 0.8), (0.021, 0.9), (0.033, 1.0)):
        first = round((start + strike.chance("hands").uniform(0, 0.003)) * SAMPLE_RATE)
        shape[first:] = np.maximum(shape[first:], np.float32(level) * decay(count - first, 0.006))
    first = round(0.036 * SAMPLE_RATE)
    shape[first:] += np.float32(0.35) * decay(count - first, 0.07)
    return finished(noise * shape, strike.tone)


def rim(strike: Strike) -> Samples:
    """A stick laid across the rim."""
    modes = Modes(
        np.array([410.0, 930.0, 1710.0, 2630.0]),
        np.array([0.10, 0.12, 0.09, 0.06]),
        np.array([0.5, 0.8, 1.0, 0.6 * strike.velocity]),
        np.full(4, -1.57),
    )
    sound = ring(modes, strike.samples)
    _burst(sound, strike, 0.004, 0.8)
    return finished(sound, strike.tone)
