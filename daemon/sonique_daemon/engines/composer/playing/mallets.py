"""Bars, tongues and bells: a few inharmonic modes each.

Ratios of the modes are those of Fletcher & Rossing, The Physics of Musical Instruments.
"""

from dataclasses import dataclass

import numpy as np

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.envelope import decay, eased
from sonique_daemon.engines.composer.playing.modes import Modes, ring
from sonique_daemon.engines.composer.playing.noise import band, coloured
from sonique_daemon.engines.composer.playing.strike import Strike
from sonique_daemon.engines.composer.playing.tone import Samples, hertz


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that is struck and rings.

    Attributes:
        ratios: its modes' frequencies over the note's.
        levels: their amplitudes.
        lasts: seconds to fall by 60 dB at C4.
        fall: how lasting depends on pitch: exponent of 262 Hz over the frequency.
        mallet: level of the mallet's noise.
        mallet_hz: its corner at full velocity.
        quicker: how much sooner upper modes die.
    """

    ratios: tuple[float, ...]
    levels: tuple[float, ...]
    lasts: float
    fall: float
    mallet: float = 0.06
    mallet_hz: float = 3000.0
    quicker: float = 0.8


MARIMBA = Bar((1, 3.93, 9.6), (1, 0.32, 0.10), 1.7, 0.6, 0.10, 2200, 1.4)
VIBRAPHONE = Bar((1, 4, 10.1), (1, 0.34, 0.10), 7.0, 0.45, 0.05, 3200, 0.9)
KALIMBA = Bar((1, 5.9, 14.3), (1, 0.20, 0.06), 1.6, 0.5, 0.10, 2600, 1.5)
CELESTA = Bar((1, 2.76, 4.02, 5.40, 8.93), (1, 0.16, 0.30, 0.12, 0.06), 2.6, 0.4, 0.04, 4000, 0.7)
GLOCKENSPIEL = Bar((1, 2.756, 5.404, 8.933), (1, 0.42, 0.28, 0.16), 5.0, 0.35, 0.04, 9000, 0.5)
BELLS = Bar(
    (0.5, 1, 1.2, 1.5, 2, 2.52, 2.67, 3.01, 4.17, 5.43, 6.8),
    (0.30, 1, 0.45, 0.25, 0.75, 0.20, 0.18, 0.30, 0.24, 0.16, 0.10),
    8.0,
    0.4,
    0.03,
    5000,
    0.35,
)
MUSIC_BOX = Bar((1, 2.01, 6.27, 9.1, 13.2), (1, 0.10, 0.26, 0.10, 0.05), 2.2, 0.35, 0.07, 7000, 0.9)


def bar_ring(bar: Bar, pitch: int) -> float:
    """Seconds that a note of ``bar`` can be heard."""
    return float(np.clip(1.15 * bar.lasts * (262 / hertz(pitch)) ** bar.fall, 0.4, 9.0))


def struck_bar(strike: Strike, bar: Bar) -> Samples:
    """A struck bar: its modes, a second copy just sharp that makes them beat, and the mallet."""
    sound = ring(_modes(strike, bar).audible(), strike.samples)
    count = min(len(sound), round(0.08 * SAMPLE_RATE))
    corner = 600 + (bar.mallet_hz - 600) * strike.velocity * strike.tone.brightness
    noise = coloured(count, band(150, corner), strike.chance("mallet")) * decay(count, 0.006)
    noise *= np.float32(bar.mallet * (0.4 + 0.6 * strike.velocity))
    sound[:count] += eased(strike.tone.filtered(noise), 0.0005, 0.01)
    return eased(sound, 0.001, 0.05)


def _modes(strike: Strike, bar: Bar) -> Modes:
    chance = strike.chance("bar")
    ratio, level = np.array(bar.ratios), np.array(bar.levels)
    upper = np.where(ratio > 1, (0.25 + 1.15 * strike.velocity) * strike.tone.brightness**0.7, 1.0)
    level = level * upper * 10 ** (chance.uniform(-1, 1, len(ratio)) / 20)
    frequency = strike.frequency * ratio
    lasts = bar.lasts * (262 / strike.frequency) ** bar.fall / np.maximum(ratio, 0.7) ** bar.quicker
    phase = chance.uniform(-0.4, 0.4, (2, len(ratio)))
    main = Modes(frequency, lasts, level, phase[0] - np.pi / 2)
    return main + Modes(frequency * 2 ** (1.2 / 1200), lasts, 0.3 * level, phase[1] - np.pi / 2)
