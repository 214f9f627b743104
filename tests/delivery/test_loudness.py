"""Loudness agrees with the standard and with another implementation of it."""

from collections.abc import Callable

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sonique_daemon.delivery.loudness import (
    SILENCE_LUFS,
    LoudnessMeter,
    Powers,
    integrated,
    loudness_range,
    momentary_peak,
    settle,
    short_term_peak,
)

Sound = NDArray[np.float32]


def _powers(sound: Sound, block: int = 48_000) -> Powers:
    meter = LoudnessMeter()
    for start in range(0, sound.shape[1], block):
        meter.feed(np.ascontiguousarray(sound[:, start : start + block].T))
    return meter.powers


def _tone(seconds: float, level_dbfs: float, frequency: float = 1000.0) -> Sound:
    wave = 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * frequency * np.arange(int(seconds * 48_000)) / 48_000)
    return np.stack([wave, wave]).astype(np.float32)


def test_a_stereo_sine_at_minus_23_dbfs_measures_minus_23_lufs() -> None:
    assert integrated(_powers(_tone(20, -23.0))) == pytest.approx(-23.0, abs=0.1)


def test_quiet_parts_are_gated_as_ebu_tech_3341_case_3_says() -> None:
    sound = np.concatenate([_tone(10, -36.0), _tone(60, -23.0), _tone(10, -36.0)], axis=1)
    assert integrated(_powers(sound)) == pytest.approx(-23.0, abs=0.1)


def test_silence_between_does_not_count_as_ebu_tech_3341_case_4_says() -> None:
    levels = ((10, -72.0), (10, -36.0), (60, -23.0), (10, -36.0), (10, -72.0))
    assert integrated(_powers(np.concatenate([_tone(*part) for part in levels], axis=1))) == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("seconds", [0.5, 2.0, 3.3, 11.7])
@pytest.mark.parametrize("seed", range(2))
def test_music_measures_as_pyloudnorm_measures_it(piece: Callable[..., Sound], seconds: float, seed: int) -> None:
    sound = piece(int(seconds * 48_000), seed)
    sound *= np.linspace(0.05, 1, sound.shape[1], dtype=np.float32)
    reference = pyloudnorm.Meter(48_000).integrated_loudness(sound.T.astype(np.float64))
    assert integrated(_powers(sound)) == pytest.approx(reference, abs=0.1)


@settings(max_examples=20)
@given(st.integers(1, 70_000), st.integers(1, 200_000))
def test_the_size_of_blocks_changes_nothing(block: int, samples: int) -> None:
    sound = np.random.Generator(np.random.PCG64(3)).standard_normal((2, samples)).astype(np.float32)
    block = max(block, samples // 50)
    assert _powers(sound, block) == pytest.approx(_powers(sound, samples), rel=1e-6)


def test_audio_shorter_than_a_gating_block_is_measured_as_a_whole() -> None:
    assert integrated(_powers(_tone(0.25, -20.0))) == pytest.approx(-20.0, abs=0.2)
    assert integrated(_powers(_tone(0.004, -20.0))) > SILENCE_LUFS


def test_silence_measures_minus_70() -> None:
    assert integrated(_powers(np.zeros((2, 48_000), np.float32))) == SILENCE_LUFS
    assert integrated(_powers(np.zeros((2, 0), np.float32))) == SILENCE_LUFS
    assert loudness_range(_powers(np.zeros((2, 480_000), np.float32))) == 0


def test_loudness_range_is_the_step_of_ebu_tech_3342_case_1() -> None:
    sound = np.concatenate([_tone(20, -20.0), _tone(20, -30.0)], axis=1)
    assert loudness_range(_powers(sound)) == pytest.approx(10.0, abs=1.0)


def test_momentary_and_short_term_peaks_find_a_loud_second() -> None:
    sound = np.concatenate([_tone(5, -40.0), _tone(1, -20.0), _tone(5, -40.0)], axis=1)
    assert momentary_peak(_powers(sound)) == pytest.approx(-20.0, abs=0.1)
    assert short_term_peak(_powers(sound)) == pytest.approx(-20.0 - 10 * np.log10(3), abs=0.2)


def test_settling_finds_the_gain_through_something_that_takes_loudness_away() -> None:
    gain = settle(-14.0, 1.0, np.inf, lambda gain: -20.0 + 0.6 * 20 * np.log10(gain))
    assert -20.0 + 0.6 * 20 * np.log10(gain) == pytest.approx(-14.0, abs=0.05)


def test_settling_stops_at_its_limit() -> None:
    assert settle(0.0, 1.0, 4.0, lambda _gain: -20.0) == 4.0
