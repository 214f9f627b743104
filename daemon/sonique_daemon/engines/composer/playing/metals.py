"""Metal, wood and seeds: hats, cymbals, tambourine, triangle, cowbell, shaker, claves and blocks."""

import numpy as np

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.envelope import clock, decay
from sonique_daemon.engines.composer.playing.modes import Modes, ring
from sonique_daemon.engines.composer.playing.noise import band, coloured
from sonique_daemon.engines.composer.playing.skins import finished
from sonique_daemon.engines.composer.playing.strike import Strike
from sonique_daemon.engines.composer.playing.tone import HIGHEST_HZ, Samples


def plate(strike: Strike, count: int, low: float, high: float, lasts: float) -> Modes:
    """Modes of a plate, spread evenly by octaves; the lower last longer, and harder strokes wake the higher."""
    chance = strike.chance("plate")
    place = np.sort(chance.random(count))
    frequency = low * (high / low) ** place
    tilt = (frequency / np.sqrt(low * high)) ** (0.9 * (strike.velocity - 0.6) + 0.6 * (strike.tone.brightness - 1))
    level = chance.uniform(0.3, 1.0, count) * tilt
    decays = lasts * (low / frequency) ** 0.35 * chance.uniform(0.6, 1.4, count)
    heard = frequency < HIGHEST_HZ
    level /= np.linalg.norm(level)
    phase = chance.uniform(0, 2 * np.pi, count)
    return Modes(frequency[heard], decays[heard], level[heard], phase[heard])


def _hat(strike: Strike, tau: float, noise_level: float, low: float = 3500.0) -> Samples:
    count = strike.samples
    sound = ring(plate(strike, 48, low, 15_000, tau * 9), count)
    top = (7000 + 7000 * strike.velocity) * strike.tone.brightness
    noise = coloured(count, band(5000, min(top, 16_000)), strike.chance("hiss"))
    sound += noise * decay(count, tau) * np.float32(noise_level)
    return sound


def closed_hat(strike: Strike) -> Samples:
    """A closed hi-hat; harder strokes ring a little longer."""
    return finished(_hat(strike, 0.022 + 0.022 * strike.velocity, 0.6), strike.tone)


def pedal_hat(strike: Strike) -> Samples:
    """The hi-hat closed with the foot."""
    sound = _hat(strike, 0.03, 0.5, 2800) * np.float32(1)
    sound *= 1 - decay(len(sound), 0.006)
    return finished(sound, strike.tone)


def open_hat(strike: Strike) -> Samples:
    """An open hi-hat."""
    return finished(_hat(strike, 0.22 + 0.08 * strike.velocity, 0.5, 2800), strike.tone, 0.1)


def machine_hat(strike: Strike) -> Samples:
    """The closed hat of a drum machine: noise and six squares' partials."""
    return finished(_machine_hat(strike, 0.025 + 0.01 * strike.velocity), strike.tone)


def machine_open_hat(strike: Strike) -> Samples:
    """The open hat of a drum machine."""
    return finished(_machine_hat(strike, 0.20), strike.tone, 0.1)


def _machine_hat(strike: Strike, tau: float) -> Samples:
    count = strike.samples
    roots = np.array([263.0, 400.0, 421.0, 474.0, 587.0, 845.0]) * 8.3
    frequency = np.concatenate([roots, roots * 3, roots * 5])
    level = np.concatenate([np.ones(6), np.full(6, 0.5), np.full(6, 0.3)])
    heard = (frequency > 3000) & (frequency < 16_000)
    modes = Modes(frequency[heard], np.full(heard.sum(), tau * 6.9), level[heard] / 3, np.arange(18)[heard] * 2.1)
    top = (8000 + 6000 * strike.velocity) * strike.tone.brightness
    noise = coloured(count, band(6500, min(top, 16_000)), strike.chance("hiss"))
    return ring(modes, count) + noise * decay(count, tau) * np.float32(0.7)


def crash(strike: Strike) -> Samples:
    """A crash cymbal: its energy climbs into the treble in the first moments."""
    count = strike.samples
    sound = ring(plate(strike, 150, 320, 15_500, 3.4), count)
    noise = coloured(count, band(2500, 13_000 * min(strike.tone.brightness, 1.2)), strike.chance("wash"))
    build = 1 - np.float32(0.6) * decay(count, 0.025)
    sound += noise * decay(count, 0.35 + 0.3 * strike.velocity) * build * np.float32(0.25 + 0.3 * strike.velocity)
    return finished(sound, strike.tone, 0.4)


def ride(strike: Strike) -> Samples:
    """A ride cymbal: a clear tip on a quiet wash."""
    count = strike.samples
    sound = ring(plate(strike, 90, 420, 14_000, 2.6), count) * np.float32(0.45)
    tip = ring(plate(strike, 24, 2600, 9500, 0.5), count)
    sound += tip * np.float32(0.5 + 0.4 * strike.velocity)
    return finished(sound, strike.tone, 0.3)


def bell_of_ride(strike: Strike) -> Samples:
    """The bell of a ride cymbal."""
    count = strike.samples
    ratio = np.array([1, 1.48, 2.12, 2.63, 3.4, 4.6])
    level = np.array([1, 0.7, 0.6, 0.5, 0.4, 0.3 + 0.5 * strike.velocity]) / 3
    bell = Modes(640 * ratio, 1.8 / ratio**0.4, level, ratio)
    sound = ring(bell, count) + ring(plate(strike, 60, 900, 14_000, 1.6), count) * np.float32(0.25)
    return finished(sound, strike.tone, 0.3)


def tambourine(strike: Strike) -> Samples:
    """A tambourine: jingles that settle in two bursts."""
    count = strike.samples
    jingles = ring(plate(strike, 40, 4200, 15_000, 0.5), count)
    top = (9000 + 5000 * strike.velocity) * min(strike.tone.brightness, 1.3)
    noise = coloured(count, band(5000, top), strike.chance("jingle"))
    shape = decay(count, 0.05)
    second = min(round(0.028 * SAMPLE_RATE), count - 1)
    shape[second:] += np.float32(0.6) * decay(count - second, 0.07)
    return finished((noise * np.float32(0.6) + jingles) * shape, strike.tone)


def shaker(strike: Strike) -> Samples:
    """Seeds that gather and land."""
    count = strike.samples
    top = (5500 + 5500 * strike.velocity) * strike.tone.brightness
    noise = coloured(count, band(3400, min(top, 15_000)), strike.chance("seeds"))
    seconds = clock(count)
    rise_time = np.float32(0.030)
    shape = np.where(seconds < rise_time, (seconds / rise_time) ** 2, np.exp((rise_time - seconds) / np.float32(0.020)))
    return finished(noise * shape.astype(np.float32), strike.tone)


def _struck_modes(
    strike: Strike, frequency: tuple[float, ...], lasts: tuple[float, ...], level: tuple[float, ...], click: float
) -> Samples:
    upper = np.where(np.arange(len(level)) > 0, 0.4 + strike.velocity * strike.tone.brightness, 1.0)
    near = 1 + strike.chance("struck").uniform(-0.004, 0.004)
    modes = Modes(np.array(frequency) * near, np.array(lasts), np.array(level) * upper, np.full(len(level), -1.57))
    count = strike.samples
    sound = ring(modes, count)
    noise = coloured(count, band(1500, 4000 + 7000 * strike.velocity), strike.chance("click"))
    return finished(sound + noise * decay(count, 0.003) * np.float32(click), strike.tone, 0.05)


def triangle(strike: Strike) -> Samples:
    """A triangle left to ring."""
    frequency = (1640.0, 4180.0, 5080.0, 7230.0, 9020.0, 11_400.0, 14_100.0)
    return _struck_modes(strike, frequency, (2.6, 2.4, 2.2, 1.9, 1.6, 1.2, 0.9), (0.3, 1, 0.8, 0.7, 0.6, 0.4, 0.3), 0.1)


def muted_triangle(strike: Strike) -> Samples:
    """A triangle held in the hand."""
    frequency = (1640.0, 4180.0, 5080.0, 7230.0, 9020.0, 11_400.0)
    return _struck_modes(strike, frequency, (0.14, 0.13, 0.12, 0.11, 0.1, 0.08), (0.3, 1, 0.8, 0.7, 0.6, 0.4), 0.1)


def cowbell(strike: Strike) -> Samples:
    """A cowbell."""
    return _struck_modes(strike, (562.0, 845.0, 1690.0, 2530.0), (0.35, 0.42, 0.2, 0.12), (0.7, 1, 0.35, 0.25), 0.12)


def agogo(strike: Strike) -> Samples:
    """A pair of agogo bells, the low one at 68."""
    root = 660.0 if strike.pitch == 68 else 920.0
    frequency = (root, root * 1.47, root * 2.61, root * 4.1)
    return _struck_modes(strike, frequency, (0.7, 0.5, 0.3, 0.2), (1, 0.7, 0.4, 0.25), 0.1)


def claves(strike: Strike) -> Samples:
    """Two sticks of hardwood."""
    return _struck_modes(strike, (2480.0, 5300.0, 7900.0), (0.16, 0.08, 0.05), (1, 0.18, 0.1), 0.08)


def woodblock(strike: Strike) -> Samples:
    """A woodblock: the low one at 77."""
    root = 620.0 if strike.pitch == 77 else 920.0
    return _struck_modes(strike, (root, root * 1.98, root * 3.4), (0.11, 0.08, 0.05), (1, 0.45, 0.25), 0.15)
