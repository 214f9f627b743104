"""Endless loops for sustained sounds: smeared harmonics, single players with vibrato, and noise.

Smeared harmonics follow the PADsynth algorithm (Nasca 2005): each harmonic becomes a bell of bins with random phases,
and one inverse Fourier transform makes a loop without a seam.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.chance import draw
from sonique_daemon.engines.composer.playing.oscillator import harmonics, period, read
from sonique_daemon.engines.composer.playing.tone import HIGHEST_HZ, Numbers, Samples, Tone, hertz, loudness_weight

LOOP = 2**17
"""Samples of a loop, 2.73 s."""

_BIN = SAMPLE_RATE / LOOP

Levels = Callable[[Numbers, float], Numbers]
"""Amplitudes of harmonics at the given frequencies of a tone of the given fundamental."""


@dataclass(frozen=True, slots=True)
class LoopRecipe:
    """How a sustained sound is made.

    Attributes:
        name: unique; decides its chance.
        dark: its spectrum when soft.
        bright: its spectrum when loud.
        cents: width of its harmonics' bells.
        harmonics: at most so many.
        players: single players under the ensemble, each with vibrato.
        player_share: their share of the power, 0 to 1.
        vibrato_cents: depth of their vibrato.
        intervals: semitones above the note that sound with it, with their amplitudes.
        breath: share of noise in the bright layer, 0 to 1.
        breath_band: Hz.
    """

    name: str
    dark: Levels
    bright: Levels
    cents: float = 30.0
    harmonics: int = 80
    players: int = 0
    player_share: float = 0.4
    vibrato_cents: float = 9.0
    intervals: tuple[tuple[float, float], ...] = ((0.0, 1.0),)
    breath: float = 0.0
    breath_band: tuple[float, float] = (1500.0, 6000.0)


def render_loop(recipe: LoopRecipe, pitch: int, tone: Tone) -> Samples:
    """The dark and the bright layer ``[2, LOOP]``, each at unit loudness before the tone's filters."""
    fundamental = hertz(pitch)
    spectrum = _ensemble(recipe, fundamental, tone) * _phases(recipe.name, pitch)
    layers: Samples = fft.irfft(spectrum, LOOP, axis=1) * np.float32(LOOP)
    if recipe.players:
        layers *= np.float32(np.sqrt(1 - recipe.player_share))
        layers += _players(recipe, pitch, tone)
    return layers


def _strengths(recipe: LoopRecipe, frequency: Numbers, fundamental: float, tone: Tone) -> Numbers:
    """Amplitudes ``[2, harmonics]`` at unit loudness."""
    reference = frequency / tone.brightness**0.7
    both = np.stack((recipe.dark(reference, fundamental), recipe.bright(reference, fundamental)))
    power = np.sum((both * loudness_weight(frequency)) ** 2, axis=1, keepdims=True) / 2
    return np.asarray(both / np.sqrt(power))


def _ensemble(recipe: LoopRecipe, fundamental: float, tone: Tone) -> NDArray[np.float32]:
    result = np.zeros((2, LOOP // 2 + 1), np.float64)
    scale = 1 / np.sqrt(sum(level**2 for _, level in recipe.intervals))
    for interval, level in recipe.intervals:
        root = fundamental * 2 ** (interval / 12)
        frequency = harmonics(root, recipe.harmonics)
        strengths = _strengths(recipe, frequency, root, tone) * (level * scale)
        for strength, centre in zip(strengths.T, frequency, strict=True):
            _add_bell(result, strength, centre, recipe.cents)
    if recipe.breath:
        _add_breath(result, recipe)
    return np.sqrt(result).astype(np.float32)


def _add_bell(result: Numbers, strength: Numbers, centre: float, cents: float) -> None:
    width = max(centre * (2 ** (cents / 2400) - 1), 0.35)
    first, last = int((centre - 4 * width) / _BIN), int((centre + 4 * width) / _BIN) + 2
    first, last = max(first, 1), min(last, int(HIGHEST_HZ / _BIN))
    if last <= first:
        return
    bell = np.exp(-0.5 * ((np.arange(first, last) * _BIN - centre) / width) ** 2)
    result[:, first:last] += (strength**2 / 4)[:, None] * (bell / bell.sum())


def _add_breath(result: Numbers, recipe: LoopRecipe) -> None:
    low, high = recipe.breath_band
    frequency = np.maximum(np.arange(LOOP // 2 + 1) * _BIN, 1.0)
    power = 1 / ((1 + (low / frequency) ** 4) * (1 + (frequency / high) ** 4))
    weighted = np.sum(power * loudness_weight(frequency) ** 2)
    result *= np.array([[1 - recipe.breath / 4], [1 - recipe.breath]])
    result += power / weighted / 2 * np.array([[recipe.breath / 4], [recipe.breath]])
    result[:, frequency < 20] = 0
    result[:, frequency > HIGHEST_HZ] = 0


@lru_cache(maxsize=16)
def _turns(name: str) -> NDArray[np.complex64]:
    turn = draw("loop", name).random(LOOP // 2 + 1, np.float32) * np.float32(2 * np.pi)
    return np.asarray(np.cos(turn) + 1j * np.sin(turn), np.complex64)


def _phases(name: str, pitch: int) -> NDArray[np.complex64]:
    return np.roll(_turns(name), pitch * 1499)


def _players(recipe: LoopRecipe, pitch: int, tone: Tone) -> Samples:
    fundamental = hertz(pitch)
    frequency = harmonics(fundamental, recipe.harmonics)
    strengths = _strengths(recipe, frequency, fundamental, tone)
    chance = draw("players", recipe.name, pitch)
    tables = [period(strength, chance.random(len(frequency)) * 2 * np.pi) for strength in strengths]
    loud = _LOUD[: recipe.players] / np.linalg.norm(_LOUD[: recipe.players])
    result = np.zeros((2, LOOP), np.float32)
    for index in range(recipe.players):
        phase = _player_phase(recipe, fundamental, index, chance)
        gain = np.float32(loud[index] * np.sqrt(recipe.player_share))
        for layer, table in enumerate(tables):
            result[layer] += read(table, phase) * gain
    return result


def _player_phase(recipe: LoopRecipe, fundamental: float, index: int, chance: np.random.Generator) -> Numbers:
    """Cycles of one player: a whole number of periods and of vibratos in the loop, so that it closes."""
    detune = (recipe.vibrato_cents / 2 + 4) * _APART[index % 4]
    periods = round(fundamental * 2 ** (detune / 1200) / _BIN)
    depth = fundamental * (2 ** (recipe.vibrato_cents / 1200) - 1) / (_vibratos(index) * _BIN * 2 * np.pi)
    swing = np.roll(_swing(index), int(chance.integers(LOOP))) * np.float32(depth)
    return np.asarray(_TURNS * periods + swing + (64 + chance.random()))


_APART = (0.05, -0.75, 0.85, -0.35)
_LOUD = np.array([1.0, 0.7, 0.75, 0.6])
"""Where single players stand around the note and how loud they are: uneven, so that they never beat in step."""

_TURNS = np.arange(LOOP, dtype=np.float64) / LOOP


def _vibratos(index: int) -> int:
    """Vibratos of a player in one loop: 4.8 to 5.9 a second."""
    return (14, 13, 15, 16)[index % 4]


@lru_cache(maxsize=8)
def _swing(index: int) -> Samples:
    """A vibrato of unit depth with a drift of its own, closed over the loop."""
    second = np.sin(2 * np.pi * (_TURNS * 2 + index / 3)) * 0.8
    return (np.sin(2 * np.pi * _vibratos(index) * _TURNS) * (1 + 0.3 * np.sin(2 * np.pi * _TURNS)) + second).astype(
        np.float32
    )
