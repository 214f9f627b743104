"""Winds: flute, whistle and brass, as oscillators whose spectrum follows their breath."""

import numpy as np

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.envelope import clock, decay, eased, rise
from sonique_daemon.engines.composer.playing.noise import band, coloured
from sonique_daemon.engines.composer.playing.oscillator import Morph, cycles, harmonics, period, read, vibrato
from sonique_daemon.engines.composer.playing.strike import Strike
from sonique_daemon.engines.composer.playing.tone import Numbers, Samples


def flute(strike: Strike) -> Samples:
    """A flute: few harmonics that grow with the breath, a scoop, late vibrato, and air."""
    velocity = strike.velocity * strike.tone.brightness**0.5
    levels = np.array(
        [
            1,
            0.30 + 0.5 * velocity,
            0.04 + 0.45 * velocity**1.3,
            0.30 * velocity**2,
            0.16 * velocity**2,
            0.08 * velocity**3,
        ]
    )
    return _blown(strike, levels, vibrato_cents=9.0, breath=0.028 - 0.022 * strike.velocity, scoop=-14.0)


def whistle(strike: Strike) -> Samples:
    """Whistling lips or a tin whistle: nearly a sine."""
    velocity = strike.velocity * strike.tone.brightness**0.5
    levels = np.array([1, 0.03 + 0.16 * velocity, 0.005 + 0.07 * velocity**1.5, 0.03 * velocity**2])
    return _blown(strike, levels, vibrato_cents=14.0, breath=0.018 - 0.015 * strike.velocity, scoop=-30.0)


def _blown(strike: Strike, levels: Numbers, vibrato_cents: float, breath: float, scoop: float) -> Samples:
    count, root, chance = strike.samples, strike.frequency, strike.chance("wind")
    frequency = harmonics(root, len(levels))
    strengths = levels[: len(frequency)]
    wave = vibrato(count, 5.1 + chance.uniform(-0.4, 0.4), 1.0, 0.3, chance.uniform(0, 6.28))
    bend = wave * np.float32(vibrato_cents) + decay(count, 0.035) * np.float32(scoop)
    sound = read(period(strengths / np.linalg.norm(levels)), cycles(root, count, bend, chance.random()))
    sound *= 1 + np.float32(0.12) * wave
    sound += _breath(strike, breath)
    onset = min(count, round(0.055 * SAMPLE_RATE))
    sound[:onset] *= rise(onset)
    return eased(sound, 0.002)


def _breath(strike: Strike, level: float) -> Samples:
    root, count = strike.frequency, strike.samples
    noise = coloured(min(count, 2 * SAMPLE_RATE), band(0.9 * root, min(4 * root, 7000.0)), strike.chance("breath"))
    noise = strike.tone.filtered(np.resize(noise, count))
    return noise * (np.float32(level) * (1 + 3 * decay(count, 0.03)))


_STEPS = 6


def brass(strike: Strike) -> Samples:
    """A section of three: the louder the breath, the more harmonics (Risset & Mathews 1969), at each moment."""
    count, chance = strike.samples, strike.chance("brass")
    breath = Morph([period(levels) for levels in _brass_levels(strike)], _breath_curve(strike) * (_STEPS - 1.001))
    sound, side = np.zeros(count, np.float32), np.zeros(count, np.float32)
    # No two players are equally far apart or equally loud, so that their beating never falls into step.
    for detune, level, across in ((-5.3, 0.7, 0.35), (0.6, 1.0, 0.0), (4.4, 0.6, -0.4)):
        voice = _brass_player(strike, breath, detune, chance)
        sound += voice * np.float32(level)
        side += voice * np.float32(level * across)
    return eased(np.stack((sound, side)) * np.float32(0.7), 0.003)


def _brass_player(strike: Strike, breath: Morph, detune: float, chance: np.random.Generator) -> Samples:
    count = strike.samples
    bend = vibrato(count, 5.3 + chance.uniform(-0.3, 0.3), 7.0, 0.35, chance.uniform(0, 6.28))
    bend += decay(count, 0.028) * np.float32(-22 + chance.uniform(-6, 6)) + np.float32(detune)
    bend += np.sin(clock(count) * np.float32(chance.uniform(3, 7)) + np.float32(chance.uniform(0, 6.28))) * np.float32(
        3
    )
    return breath.read(cycles(strike.frequency, count, bend, chance.random()))


def _brass_levels(strike: Strike) -> list[Numbers]:
    frequency = harmonics(strike.frequency, 48)
    formant = 1 + 0.8 * np.exp(-0.5 * ((frequency - 1250) / 450) ** 2)
    result = []
    for step in range(_STEPS):
        corner = 0.9 * strike.frequency + (260 + strike.frequency / 2) * 1.62**step * strike.tone.brightness
        levels = formant / (1 + (frequency / corner) ** (3.2 - 0.2 * step))
        result.append(levels / np.linalg.norm(levels))
    return result


def _breath_curve(strike: Strike) -> Samples:
    """How hard the players blow, 0 to 1: a fast start, a slight sag, and growth through long notes."""
    count = strike.samples
    attack = 0.095 - 0.05 * strike.velocity
    seconds = clock(count)
    start = 1 - np.exp(-seconds / np.float32(attack / 2.5))
    sag = 1 - np.float32(0.15) * (1 - decay(count, 0.25)) + np.float32(0.12) * np.clip(seconds / 3, 0, 1)
    return np.asarray(np.clip(start**1.5 * sag * np.float32(0.12 + 0.85 * strike.velocity), 0, 1), np.float32)
