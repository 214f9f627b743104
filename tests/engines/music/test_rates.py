"""Changing a rate keeps time, level and band, and makes nothing up."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sonique_daemon.engines.music.rates import RateChanger, changed, fitted_length, with_channels

RATES = [(44_100, 48_000), (32_000, 48_000), (48_000, 44_100), (48_000, 32_000), (16_000, 48_000)]


def tone(frequency: float, rate: int, seconds: float = 2.0) -> NDArray[np.float32]:
    times = np.arange(round(seconds * rate)) / rate
    return np.sin(2 * np.pi * frequency * times).astype(np.float32)[None]


def spectrum(block: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """Level of each of its tones in dB, without its edges."""
    middle = block[0, rate // 10 : -rate // 10].astype(np.float64)
    window = np.blackman(len(middle))
    return np.asarray(20 * np.log10(np.abs(np.fft.rfft(middle * window)) / window.sum() * 2 + 1e-12))


@pytest.mark.parametrize(("source", "target"), RATES)
def test_a_tone_stays_in_time_and_level(source: int, target: int) -> None:
    made = changed(tone(1000.0, source), source, target)
    wanted = tone(1000.0, target)
    assert made.shape == wanted.shape
    assert np.abs(made - wanted)[:, 2000:-2000].max() < 1e-6


@pytest.mark.parametrize(("source", "target"), RATES)
@pytest.mark.parametrize("share", [0.2, 0.6, 0.9, 0.94])
def test_nothing_else_is_heard_beside_a_tone(source: int, target: int, share: float) -> None:
    frequency = share * min(source, target) / 2
    levels = spectrum(changed(tone(frequency, source), source, target), target)
    place = round(frequency * (len(levels) - 1) / (target / 2))
    beside = np.concatenate((levels[: place - 40], levels[place + 41 :]))
    assert beside.max() < -115.0
    if share <= 0.9:
        assert levels[place - 40 : place + 41].max() == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize(("source", "target"), [(48_000, 44_100), (48_000, 32_000)])
def test_what_a_lower_rate_cannot_hold_is_left_out(source: int, target: int) -> None:
    assert spectrum(changed(tone(0.55 * target, source), source, target), target).max() < -115.0


@pytest.mark.parametrize(("source", "target"), [*RATES, (48_000, 48_000)])
def test_blocks_of_any_size_give_the_same(source: int, target: int) -> None:
    whole = np.random.default_rng(0).normal(0, 0.1, (2, source)).astype(np.float32)
    changer, parts, place = RateChanger(source, target), [], 0
    for size in (1, 5000, 17, 0, 300, source):
        parts.append(changer.feed(whole[:, place : place + size]))
        place += size
    parts.append(changer.finish())
    made = np.concatenate([part for part in parts if part.size], axis=1)
    np.testing.assert_array_equal(made, changed(whole, source, target))
    assert made.shape == (2, target)


def test_mono_becomes_two_equal_channels() -> None:
    mono = tone(440.0, 1000)
    np.testing.assert_array_equal(with_channels(mono, 2), np.concatenate((mono, mono)))


def test_stereo_becomes_mono_as_its_mean() -> None:
    stereo = np.stack((np.ones(4, np.float32), np.zeros(4, np.float32)))
    np.testing.assert_array_equal(with_channels(stereo, 1), np.full((1, 4), 0.5, np.float32))


def test_a_length_is_cut_or_filled_with_silence() -> None:
    block = np.ones((2, 4), np.float32)
    assert fitted_length(block, 3).shape == (2, 3)
    np.testing.assert_array_equal(fitted_length(block, 6)[:, 4:], 0.0)
