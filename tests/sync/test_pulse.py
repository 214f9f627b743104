"""A pulse is heard where there is one, however soft, and nowhere else."""

from collections.abc import Callable

import numpy as np
import pytest
from sonique_daemon.domain.measures import Rhythm
from sonique_daemon.sync.hearing import Against, hear

from tests.sync.conftest import RATE, Floats, WriteWav, burst, kick, struck

SECONDS = 40.0
Chance = np.random.Generator


def never() -> None:
    return None


def heard(wav: WriteWav, audio: Floats) -> Rhythm:
    return hear(wav(audio), Against(), never).rhythm


def pad(chance: Chance) -> Floats:
    """Detuned chords that swell and fade at any time."""
    time = np.arange(int(SECONDS * RATE)) / RATE
    sound = np.zeros(time.size)
    for start in np.sort(chance.uniform(0, SECONDS, 9)):
        end = min(start + chance.uniform(4, 9), SECONDS)
        inside = slice(int(start * RATE), int(end * RATE))
        here = time[inside]
        swell = np.clip((here - start) / 1.5, 0, 1) * np.clip((end - here) / 2, 0, 1)
        root = 110 * 2 ** (int(chance.integers(0, 12)) / 12)
        for share in (1.0, 1.003, 1.25, 1.5, 1.504):
            sound[inside] += 0.02 * swell * np.sin(2 * np.pi * root * share * here)
    return sound


def wind(chance: Chance) -> Floats:
    """Noise whose level wanders."""
    time = np.arange(int(SECONDS * RATE)) / RATE
    level = np.interp(time, np.arange(0, SECONDS + 2, 1.3), chance.uniform(0.1, 1, len(np.arange(0, SECONDS + 2, 1.3))))
    sound: Floats = 0.1 * level * chance.normal(size=time.size)
    return sound


def rain(chance: Chance) -> Floats:
    """Drops at any time, some louder than others."""
    times = np.sort(chance.uniform(0, SECONDS, 80))
    sound = np.zeros(int(SECONDS * RATE))
    for time in times:
        sound += struck([time], 0.3 * chance.uniform(0.2, 1) * burst(0.05, 80), SECONDS)
    return sound


def talk(chance: Chance) -> Floats:
    """Syllables of uneven length with pauses between phrases."""
    sound, time = np.zeros(int(SECONDS * RATE)), 0.3
    while time < SECONDS - 1:
        length = float(chance.uniform(0.1, 0.3))
        syllable = np.sin(2 * np.pi * chance.uniform(100, 180) * np.arange(int(length * RATE)) / RATE)
        sound += struck([time], 0.2 * syllable * np.hanning(syllable.size), SECONDS)
        time += length + (
            float(chance.uniform(0.4, 1.2)) if chance.random() < 0.2 else float(chance.uniform(0.02, 0.1))
        )
    return sound


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("sound", [pad, wind, rain, talk])
def test_what_has_no_pulse_is_told_to_have_none(wav: WriteWav, sound: Callable[[Chance], Floats], seed: int) -> None:
    rhythm = heard(wav, sound(np.random.Generator(np.random.PCG64(seed))))
    assert (rhythm.bpm, rhythm.beats) == (0.0, ())


@pytest.mark.parametrize("bpm", [50.0, 60.0, 68.0])
def test_a_soft_slow_tick_over_a_pad_is_a_pulse(wav: WriteWav, bpm: float) -> None:
    ticks = struck(np.arange(0.5, SECONDS - 1, 60 / bpm), 0.05 * burst(0.04, 90), SECONDS)
    rhythm = heard(wav, pad(np.random.Generator(np.random.PCG64(4))) + ticks)
    assert rhythm.bpm == pytest.approx(bpm, rel=0.005)


def test_a_snare_that_drags_and_hats_that_swing_do_not_hide_the_pulse(wav: WriteWav) -> None:
    beats = np.arange(0.2, SECONDS - 1, 60 / 84)
    between = beats + 0.6 * 60 / 84
    audio = 0.3 * struck(beats[::2], kick(), SECONDS) + 0.05 * struck(between, burst(0.05, 80, 3), SECONDS)
    audio += 0.15 * struck(beats[1::2] + 0.02, burst(0.2, 22, 2), SECONDS)
    assert heard(wav, audio).bpm == pytest.approx(84.0, rel=0.005)
