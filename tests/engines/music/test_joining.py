"""Joins keep the beat and the level."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sonique_daemon.engines.music.joining import best_shift, crossfaded, restored

RATE = 32_000
Block = NDArray[np.float32]


def clicks(first: float, seconds: float, every: float = 0.5) -> Block:
    """A decaying click every half second from ``first`` on."""
    block = np.zeros((2, round(seconds * RATE)), np.float32)
    for start in np.arange(first, seconds, every):
        place = round(start * RATE)
        length = min(2000, block.shape[1] - place)
        block[:, place : place + length] += np.exp(-np.arange(length) / 300).astype(np.float32)
    return block


def noise(seed: int, seconds: float = 1.0, level: float = 0.1) -> Block:
    made = np.random.default_rng(seed).normal(0.0, level, (2, round(seconds * RATE)))
    return made.astype(np.float32)


def levels(block: Block, parts: int = 8) -> NDArray[np.float64]:
    return np.array([float(np.sqrt(np.square(part).mean())) for part in np.array_split(block, parts, axis=1)])


@pytest.mark.parametrize("late", [0.0, 0.07, 0.2])
def test_a_window_is_moved_so_that_its_beat_falls_on_the_one_before(late: float) -> None:
    shift = best_shift(clicks(0.1, 2.0), clicks(0.1 + late, 2.3), RATE, round(0.25 * RATE))
    assert shift / RATE == pytest.approx(late, abs=0.006)


def test_silence_is_not_moved() -> None:
    assert best_shift(np.zeros((2, RATE), np.float32), noise(1, 2.0), RATE, 1000) == 0


def test_strangers_go_over_at_even_power() -> None:
    joined = levels(crossfaded(noise(1), noise(2)))
    assert np.abs(20 * np.log10(joined / 0.1)).max() < 0.6


def test_the_same_goes_over_unchanged() -> None:
    block = noise(1)
    np.testing.assert_allclose(crossfaded(block, block), block, atol=1e-6)


def test_a_quieter_window_is_brought_to_the_level_of_the_one_before() -> None:
    joined = levels(crossfaded(noise(1), noise(2, level=0.06)))
    assert np.abs(20 * np.log10(joined / 0.1)).max() < 0.6


def test_a_join_begins_in_one_and_ends_in_the_other() -> None:
    first, second = noise(1), noise(2)
    joined = crossfaded(first, second)
    np.testing.assert_allclose(joined[:, 0], first[:, 0], atol=1e-6)
    assert np.corrcoef(joined[0, -500:], second[0, -500:])[0, 1] > 0.99


def test_only_the_spans_are_made_anew() -> None:
    given, made = noise(1), noise(2)
    result = restored(made, given, [(-500, 1000), (8000, 16_000)], 320)
    changed = np.flatnonzero((result != given).any(axis=0))
    assert set(changed) <= {*range(1000), *range(8000, 16_000)}
    np.testing.assert_array_equal(result[:, :600], made[:, :600])
    np.testing.assert_array_equal(result[:, 8400:15_600], made[:, 8400:15_600])
