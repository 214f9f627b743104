"""The measure tells meeting from chance."""

import numpy as np
import pytest
from sonique_daemon.sync.measure import measure


def test_beats_on_every_hit_are_a_full_share() -> None:
    beats = [0.5 * n for n in range(121)]
    hits = [(3.5, 1.0), (11.0, 0.5), (40.5, 0.2)]
    found = measure(beats, hits, 60.0)
    assert found.share == 1.0
    assert found.chance == pytest.approx(0.16, abs=0.04)
    assert found.excess == pytest.approx(0.84, abs=0.04)


def test_random_beats_meet_no_more_than_chance() -> None:
    random = np.random.Generator(np.random.PCG64(5))
    found = []
    for _ in range(60):
        beats = np.sort(random.uniform(0, 60, 110))
        hits = [
            (float(time), float(weight))
            for time, weight in zip(random.uniform(0, 60, 25), random.random(25), strict=False)
        ]
        found.append(measure(beats.tolist(), hits, 60.0).excess)
    assert abs(np.mean(found)) < 0.02


def test_a_grid_whose_period_divides_the_cue_is_no_special_case() -> None:
    for period in (0.3, 0.5, 0.6, 0.75):
        beats = np.arange(0, 60, period).tolist()
        assert measure(beats, [(30.0, 1.0)], 60.0).chance == pytest.approx(0.08 / period, abs=0.03)


def test_weights_count() -> None:
    assert measure([1.0, 2.0], [(1.0, 3.0), (1.5, 1.0)], 4.0).share == 0.75


def test_the_tolerance_includes_its_bound_on_both_sides() -> None:
    assert measure([1.0], [(1.04, 1.0), (0.96, 1.0), (1.05, 2.0)], 4.0).share == 0.5


def test_nothing_to_meet_is_zero() -> None:
    assert measure([], [(1.0, 1.0)], 4.0).share == 0
    assert measure([1.0], [], 4.0).share == 0
    assert measure([1.0], [(1.0, 0.0)], 4.0).excess == 0


def test_a_cue_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be measured"):
        measure([1.0], [(1.0, 1.0)], 0.0)
