"""Synthesisers: lead and basses, as band-limited oscillators with a filter that closes."""

import numpy as np

from sonique_daemon.engines.composer.playing.envelope import decay, eased
from sonique_daemon.engines.composer.playing.oscillator import cycles, harmonics, period, read, vibrato
from sonique_daemon.engines.composer.playing.strike import Strike
from sonique_daemon.engines.composer.playing.tone import Numbers, Samples


def _filtered_saw(frequency: Numbers, corner: float) -> Numbers:
    return np.asarray(frequency[0] / frequency / np.sqrt(1 + (frequency / corner) ** 4))


def lead_synth(strike: Strike) -> Samples:
    """Three detuned saws through a low-pass, with a short glide and late vibrato; two of them stand to the sides."""
    count, chance = strike.samples, strike.chance("lead")
    frequency = harmonics(strike.frequency, 90)
    corner = (1000 + 5200 * strike.velocity**1.2) * strike.tone.brightness
    levels = _filtered_saw(frequency, corner)
    table = period(levels / np.linalg.norm(levels))
    bend = vibrato(count, 5.6, 12.0, 0.3, chance.uniform(0, 6.28)) - decay(count, 0.02) * np.float32(60)
    voices = [
        read(table, cycles(strike.frequency, count, bend + np.float32(cents), chance.random()))
        for cents in (-7.0, 0.5, 5.5)
    ]
    middle = voices[1] + np.float32(0.6) * (voices[0] + voices[2])
    side = np.float32(0.35) * (voices[0] - voices[2])
    return eased(np.stack((middle, side)) * np.float32(0.65), 0.015)


def synth_bass(strike: Strike) -> Samples:
    """Two saws and a sine; the filter closes as a cross-fade from a bright to a dark spectrum."""
    count, chance = strike.samples, strike.chance("bass")
    frequency = harmonics(strike.frequency, 60)
    bright = _filtered_saw(frequency, (450 + 1500 * strike.velocity**1.3) * strike.tone.brightness)
    dark = _filtered_saw(frequency, 230 * strike.tone.brightness**0.5)
    bright[0] = dark[0] = 0.0
    tables = [period(levels) for levels in (bright, dark)]
    opening = decay(count, 0.22)
    sound = np.zeros(count, np.float32)
    for cents in (-3.0, 3.0):
        phase = cycles(strike.frequency, count, cents, chance.uniform(0, 0.15))
        sound += read(tables[0], phase) * opening + read(tables[1], phase) * (1 - opening)
    # The fundamental is one sine: two of them, detuned, would cancel for seconds.
    ground = period(np.ones(1))
    sound += np.float32(2.2) * read(ground, cycles(strike.frequency, count, 0.0))
    return eased(strike.tone.filtered(sound * np.float32(0.4)), 0.004)


def sub_bass(strike: Strike) -> Samples:
    """Nearly a sine; its second and third harmonic, which let small loudspeakers tell the note, grow with velocity."""
    frequency = harmonics(strike.frequency, 4)
    velocity = strike.velocity * strike.tone.brightness
    levels = np.array([1, 0.04 + 0.16 * velocity, 0.02 + 0.10 * velocity, 0.03 * velocity**2])[: len(frequency)]
    table = period(levels / np.linalg.norm(levels))
    sound = read(table, cycles(strike.frequency, strike.samples, 0.0))
    sound *= np.float32(0.7) + np.float32(0.3) * decay(strike.samples, 0.4)
    return eased(sound, 0.012)
