"""Keyboards: pianos as banks of string modes, the electric piano as frequency modulation."""

from dataclasses import dataclass

import numpy as np

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.envelope import decay, eased
from sonique_daemon.engines.composer.playing.modes import Modes, ring
from sonique_daemon.engines.composer.playing.noise import band, coloured
from sonique_daemon.engines.composer.playing.strike import Strike
from sonique_daemon.engines.composer.playing.tone import HIGHEST_HZ, Numbers, Samples, hertz


@dataclass(frozen=True, slots=True)
class Hammer:
    """What strikes a piano's strings.

    Attributes:
        soft_hz: corner of the spectrum for the softest stroke, at C4.
        hard_hz: how much the hardest adds.
        partials: at most so many.
        thump: level of the key's and felt's noise.
    """

    soft_hz: float
    hard_hz: float
    partials: int
    thump: float


FELT = Hammer(430.0, 2600.0, 48, 0.09)
HARD = Hammer(900.0, 7500.0, 70, 0.05)


def piano_ring(pitch: int) -> float:
    """Seconds that a piano's note can be heard."""
    return float(min(1.5 * 9 * (262 / hertz(pitch)) ** 0.55 + 0.2, 16.0))


def piano(strike: Strike, hammer: Hammer) -> Samples:
    """A piano's note: stiff strings in two-stage decay (Weinreich 1977), soundboard knock and felt."""
    modes = _strings(strike, hammer).audible()
    sound = ring(modes, strike.samples)
    _add_thump(sound, strike, hammer)
    return eased(sound, 0.0015)


def _strings(strike: Strike, hammer: Hammer) -> Modes:
    pitch, root, chance = strike.pitch, strike.frequency, strike.chance("strings")
    number = np.arange(1, max(2, min(hammer.partials, int(HIGHEST_HZ / root))) + 1)
    # The stiffness of a grand piano's strings by pitch, in the form of Rigaud et al. 2013.
    stiffness = np.exp(0.0926 * pitch - 13.64) + np.exp(-0.0847 * pitch - 5.82)
    frequency = number * root * np.sqrt((1 + stiffness * number**2) / (1 + stiffness))
    corner = (hammer.soft_hz + hammer.hard_hz * strike.velocity**1.6) * 0.9 * (root / 262) ** 0.35
    slope = 1 + (frequency / (corner * strike.tone.brightness)) ** 2.2
    level = (np.abs(np.sin(0.12 * np.pi * number)) + 0.05) ** 0.8 * number**-0.4 / slope
    level *= 10 ** (chance.uniform(-1.5, 1.5, len(number)) / 20)
    lasts = 9 * (262 / root) ** 0.55 / (1 + 0.09 * (number - 1))
    return _two_stages(frequency, lasts, level, chance.uniform(0, 2 * np.pi, (3, len(number))))


def _two_stages(frequency: Numbers, lasts: Numbers, level: Numbers, phase: Numbers) -> Modes:
    sharp, flat = 2 ** (0.6 / 1200), 2 ** (-0.5 / 1200)
    quick = Modes(frequency, 0.45 * lasts, 0.75 * level, phase[0])
    slow = Modes(frequency * sharp, 1.5 * lasts, 0.22 * level, phase[1])
    late = Modes(frequency * flat, 1.3 * lasts, 0.10 * level, phase[2])
    few = frequency < 40 * frequency[0]
    late = Modes(*(values[few] for values in (late.frequency, late.decay, late.level, late.phase)))
    return quick + slow + late


def _add_thump(sound: Samples, strike: Strike, hammer: Hammer) -> None:
    count = min(len(sound), round(0.12 * SAMPLE_RATE))
    low, high = 60.0, 300 + 700 * strike.velocity
    noise = coloured(count, band(low, high), strike.chance("thump")) * decay(count, 0.025)
    noise *= np.float32(hammer.thump * (0.5 + 0.5 * strike.velocity))
    sound[:count] += eased(strike.tone.filtered(noise), 0.001, 0.02)


def electric_piano_ring(pitch: int) -> float:
    """Seconds that a tine can be heard."""
    return float(min(1.2 * 4.5 * (262 / hertz(pitch)) ** 0.5, 12.0))


def electric_piano(strike: Strike) -> Samples:
    """A tine and its bar by frequency modulation (Chowning 1973): the index follows the velocity and dies away."""
    root, velocity, count = strike.frequency, strike.velocity, strike.samples
    bright = strike.tone.brightness**0.6
    index = (0.35 + 1.5 * velocity) * min(1.7, (420 / root) ** 0.5) * bright
    tine = min(14 * root, 9000.0) if root * 14 < 9000 else root * max(1, int(9000 / root))
    lasts = 4.5 * (262 / root) ** 0.5
    body = _modulated(count, root, root, decay(count, 0.9) * np.float32(index))
    sound = body * decay(count, lasts / 6.908)
    short = min(count, round(1.2 * SAMPLE_RATE))
    ping = _modulated(short, tine, root, decay(short, 0.1) * np.float32(0.1 + 0.9 * velocity**2))
    sound[:short] += ping * decay(short, 0.12) * np.float32((0.04 + 0.22 * velocity**1.5) * bright)
    return eased(strike.tone.filtered(sound * np.float32(1.2)), 0.002)


def _modulated(count: int, carrier: float, modulator: float, index: Samples) -> Samples:
    whole = np.arange(count, dtype=np.float64) / SAMPLE_RATE
    turn = np.float32(2 * np.pi)
    inner = ((whole * modulator) % 1).astype(np.float32) * turn
    outer = ((whole * carrier) % 1).astype(np.float32) * turn
    return np.asarray(np.sin(outer + index * np.sin(inner)), np.float32)
