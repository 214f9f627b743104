"""Plucked strings: guitars, harp, pizzicato, basses and the plucked synthesiser, as banks of string modes."""

from dataclasses import dataclass

import numpy as np
from scipy import fft

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.envelope import decay, eased
from sonique_daemon.engines.composer.playing.modes import Modes, ring
from sonique_daemon.engines.composer.playing.noise import band, coloured
from sonique_daemon.engines.composer.playing.strike import Strike
from sonique_daemon.engines.composer.playing.tone import HIGHEST_HZ, Numbers, Samples, hertz


@dataclass(frozen=True, slots=True)
class PluckedString:
    """A string, where it is plucked, and the box that it is on.

    Attributes:
        lasts: seconds to fall by 60 dB at G3.
        place: where it is plucked, as a share of its length.
        corner_hz: of its spectrum at middle velocity.
        damping: how much sooner high partials die.
        stiffness: inharmonicity.
        slope: exponent of the partials' fall.
        body: resonances as (Hz, octaves wide, strength).
        finger: level of the finger's noise.
        finger_hz: where that noise lies.
        partials: at most so many.
    """

    lasts: float
    place: float
    corner_hz: float
    damping: float
    stiffness: float
    slope: float
    body: tuple[tuple[float, float, float], ...] = ()
    finger: float = 0.03
    finger_hz: float = 1200.0
    partials: int = 60


_GUITAR_BODY = ((105.0, 0.3, 0.7), (205.0, 0.3, 0.8), (420.0, 0.3, 0.4))
NYLON = PluckedString(3.4, 0.15, 2800, 0.50, 6e-5, 0.7, _GUITAR_BODY, 0.05, 900)
STEEL = PluckedString(6.0, 0.11, 5000, 0.28, 1.1e-4, 0.6, _GUITAR_BODY, 0.07, 2500)
MUTED = PluckedString(0.42, 0.12, 2400, 0.9, 1.0e-4, 0.6, ((180.0, 0.6, 0.5),), 0.10, 700, 40)
ELECTRIC = PluckedString(7.0, 0.13, 2600, 0.30, 1.0e-4, 0.6, (), 0.03, 1500, 40)
HARP = PluckedString(3.6, 0.22, 3200, 0.60, 4e-5, 0.8, ((180.0, 0.5, 0.4), (340.0, 0.5, 0.3)), 0.02)
PIZZICATO = PluckedString(0.55, 0.14, 2300, 1.4, 5e-5, 0.75, ((270.0, 0.4, 0.7), (460.0, 0.3, 0.8)), 0.06, 800, 40)
UPRIGHT = PluckedString(2.4, 0.20, 1300, 1.1, 9e-5, 0.8, ((100.0, 0.4, 0.6), (210.0, 0.4, 0.4)), 0.06, 600, 40)
FINGERED = PluckedString(3.2, 0.16, 1500, 0.7, 1.2e-4, 0.7, (), 0.03, 900, 40)
SYNTHETIC = PluckedString(0.9, 0.10, 6000, 0.8, 0.0, 0.7, (), 0.0)


def string_ring(string: PluckedString, pitch: int) -> float:
    """Seconds that a note of ``string`` can be heard."""
    return float(min(1.5 * string.lasts * (196 / hertz(pitch)) ** 0.35, 12.0))


def pluck(strike: Strike, string: PluckedString) -> Samples:
    """A plucked note: two polarisations of each partial, the box's resonances, and the finger."""
    sound = ring(string_modes(strike, string).audible(), strike.samples)
    if string.finger:
        _add_finger(sound, strike, string)
    return eased(sound, 0.001)


def string_modes(strike: Strike, string: PluckedString) -> Modes:
    """The string's partials: lower ones shaped by the place of the pluck, higher ones by the velocity."""
    root, chance = strike.frequency, strike.chance("string")
    number = np.arange(1, max(2, min(string.partials, int(HIGHEST_HZ / root))) + 1)
    frequency = number * root * np.sqrt((1 + string.stiffness * number**2) / (1 + string.stiffness))
    place = string.place * chance.uniform(0.92, 1.08)
    corner = string.corner_hz * (0.3 + 1.3 * strike.velocity) * strike.tone.brightness
    level = np.abs(np.sin(np.pi * number * place)) / number**string.slope
    level *= _body(string, frequency) / (1 + (frequency / corner) ** 2)
    lasts = string.lasts * (196 / root) ** 0.35 / (1 + string.damping * 0.25 * (number - 1))
    phase = chance.uniform(0, 2 * np.pi, (2, len(number)))
    spread = 2 ** (chance.normal(0.8, 0.4) / 1200)
    across = Modes(frequency, 0.7 * lasts, 0.7 * level, phase[0])
    return across + Modes(frequency * spread, 1.25 * lasts, 0.3 * level, phase[1])


def _body(string: PluckedString, frequency: Numbers) -> Numbers:
    octaves = np.log2(frequency)
    gain = np.ones_like(frequency)
    for centre, width, strength in string.body:
        gain += strength * np.exp(-0.5 * ((octaves - np.log2(centre)) / width) ** 2)
    return gain


def _add_finger(sound: Samples, strike: Strike, string: PluckedString) -> None:
    count = min(len(sound), round(0.06 * SAMPLE_RATE))
    response = band(string.finger_hz, string.finger_hz * (2 + 4 * strike.velocity))
    noise = coloured(count, response, strike.chance("finger")) * decay(count, 0.008)
    noise *= np.float32(string.finger * (0.4 + 0.6 * strike.velocity))
    sound[:count] += eased(strike.tone.filtered(noise), 0.0005, 0.01)


def synth_pluck(strike: Strike) -> Samples:
    """A bright, short string with a second one a little apart to the sides."""
    middle = pluck(strike, SYNTHETIC)
    other = Strike(strike.name, strike.pitch, strike.velocity, strike.seconds, strike.variant + 2, strike.tone)
    side = pluck(other, SYNTHETIC)
    return np.stack((middle, np.float32(0.35) * side))


_DRIVEN_RATE = 2 * SAMPLE_RATE


def power_guitar(strike: Strike) -> Samples:
    """A string through an overdriven valve stage and a loudspeaker cabinet, made at twice the rate against aliases."""
    modes = string_modes(strike, ELECTRIC)
    few = modes.frequency < 3200
    string = Modes(modes.frequency[few], modes.decay[few], modes.level[few], modes.phase[few])
    power = np.sqrt(np.sum(string.level**2))
    string = Modes(string.frequency, string.decay, string.level / power, string.phase)
    count = fft.next_fast_len(2 * strike.samples, real=True)
    driven = ring(string, count, _DRIVEN_RATE)
    driven *= np.float32(3 + 9 * strike.velocity)
    driven += np.float32(0.25)
    np.tanh(driven, out=driven)
    driven -= np.float32(np.tanh(0.25))
    eased(driven, 0.004, 0.04)
    return _cabinet(driven, strike)[: strike.samples]


def _cabinet(driven: Samples, strike: Strike) -> Samples:
    half = len(driven) // 4 * 2
    spectrum = fft.rfft(driven)[: half // 2 + 1]
    frequency = np.arange(len(spectrum)) * (SAMPLE_RATE / half)
    presence = 1 + 0.9 * np.exp(-0.5 * (np.log2(np.maximum(frequency, 1) / 2300) / 0.5) ** 2)
    top = (3400 + 1600 * strike.velocity) * strike.tone.brightness**0.5
    spectrum *= band(85, top, 8)(frequency) * presence
    result: Samples = fft.irfft(spectrum, half).astype(np.float32) * np.float32(0.5)
    return eased(result, 0.002)
