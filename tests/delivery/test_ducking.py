"""Music goes down under speech by the depth that is asked for, in time, and never pumps."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sonique_daemon.delivery.deliver import deliver
from sonique_daemon.delivery.ducking import envelope, gain_at
from sonique_daemon.delivery.order import Order
from sonique_daemon.delivery.provenance import Provenance
from sonique_daemon.domain.ducking import Ducking, GainPoint
from sonique_daemon.domain.take import Rendering
from sonique_daemon.domain.time import TimeRange

Read = Callable[[Path], NDArray[np.float64]]

_SECOND = 48_000
_DUCKING = Ducking()


def _speech(*spans: tuple[float, float]) -> list[TimeRange]:
    return [TimeRange(Fraction(start), Fraction(end) - Fraction(start)) for start, end in spans]


def test_it_goes_down_ahead_of_the_first_word_and_comes_back_after_the_last() -> None:
    points = envelope(_speech((2, 4)), 10.0, _DUCKING)
    assert [point.seconds for point in points] == pytest.approx([1.75, 1.95, 4.4, 5.2])
    assert [point.db for point in points] == [0.0, -9.0, -9.0, 0.0]


def test_a_pause_too_short_to_come_back_and_rest_in_is_passed_over() -> None:
    assert len(envelope(_speech((2, 3), (5.1, 6)), 20.0, _DUCKING)) == 4
    assert len(envelope(_speech((2, 3), (5.3, 6)), 20.0, _DUCKING)) == 8


def test_speech_from_start_to_end_keeps_it_down_throughout() -> None:
    assert envelope(_speech((-1, 30)), 10.0, _DUCKING) == (GainPoint(0.0, -9.0), GainPoint(10.0, -9.0))


@pytest.mark.parametrize("speech", [[], _speech((12, 15)), _speech((3, 3))])
def test_where_nothing_is_said_nothing_goes_down(speech: list[TimeRange]) -> None:
    assert envelope(speech, 10.0, _DUCKING) == ()


def test_a_depth_of_nothing_is_no_ducking() -> None:
    assert envelope(_speech((2, 4)), 10.0, Ducking(depth_db=0.0)) == ()


@given(
    spans=st.lists(st.tuples(st.floats(-5, 60), st.floats(0, 9)), max_size=15),
    times=st.tuples(st.floats(0, 5), st.floats(0.01, 5), st.floats(0, 10), st.floats(0.05, 10)),
)
def test_whatever_is_said_it_never_comes_back_faster_than_its_release_nor_goes_again_before_it_rested(
    spans: list[tuple[float, float]], times: tuple[float, float, float, float]
) -> None:
    ducking = Ducking(9.0, *times)
    points = envelope(_speech(*((start, start + length) for start, length in spans)), 50.0, ducking)
    assert all(0 <= point.seconds <= 50 and -9 <= point.db <= 0 for point in points)
    for before, after in pairwise(points):
        assert after.seconds >= before.seconds
        if after.db > before.db:
            assert after.db - before.db <= 9 / ducking.release * (after.seconds - before.seconds) + 1e-6
        if before.db == after.db == 0:
            assert after.seconds - before.seconds >= ducking.release - 1e-6


@given(spans=st.lists(st.tuples(st.floats(0, 45), st.floats(0.1, 9)), max_size=9))
def test_every_word_has_its_room(spans: list[tuple[float, float]]) -> None:
    points = envelope(_speech(*((start, start + length) for start, length in spans)), 60.0, _DUCKING)
    for start, length in spans:
        for place in (start, start + length / 2, start + length):
            assert gain_at(points, place) == pytest.approx(-9.0)


@pytest.mark.parametrize("depth", [3.0, 9.0, 20.0])
def test_baked_in_the_music_under_speech_is_lower_by_just_the_depth(
    rendering: Callable[..., Rendering], provenance: Provenance, tmp_path: Path, samples_of: Read, depth: float
) -> None:
    speech, samples = _speech((3, 6), (9.5, 10.5)), 14 * _SECOND
    points = envelope(speech, 14.0, Ducking(depth_db=depth))
    made = rendering(samples)
    plain = _delivered(made, Order(samples, provenance, stems=True), tmp_path / "plain")
    ducked = _delivered(made, Order(samples, provenance, stems=True, gain=points), tmp_path / "ducked")
    for name in ("mix.wav", "bass.wav", "lead.wav"):
        before, after = samples_of(plain / name), samples_of(ducked / name)
        for span in speech:
            here = slice(int(span.start * _SECOND), int(span.end * _SECOND))
            assert _rms_db(before[here]) - _rms_db(after[here]) == pytest.approx(depth, abs=0.05)
        assert np.array_equal(before[: int(2.7 * _SECOND)], after[: int(2.7 * _SECOND)])
        assert np.array_equal(before[int(12.5 * _SECOND) :], after[int(12.5 * _SECOND) :])


def test_a_gain_that_limiting_asks_for_and_one_for_speech_stand_together(
    rendering: Callable[..., Rendering], provenance: Provenance, tmp_path: Path, samples_of: Read
) -> None:
    samples = 8 * _SECOND
    points = envelope(_speech((3, 5)), 8.0, _DUCKING)
    made = rendering(samples)
    plain = _delivered(made, Order(samples, provenance, loudness_lufs=-8.0), tmp_path / "plain")
    ducked = _delivered(made, Order(samples, provenance, loudness_lufs=-8.0, gain=points), tmp_path / "ducked")
    here = slice(3 * _SECOND, 5 * _SECOND)
    before, after = samples_of(plain / "mix.wav"), samples_of(ducked / "mix.wav")
    assert _rms_db(before[here]) - _rms_db(after[here]) == pytest.approx(9.0, abs=0.05)


def _delivered(made: Rendering, order: Order, folder: Path) -> Path:
    folder.mkdir()
    deliver(made, order, folder, lambda: None)
    return folder


def _rms_db(sound: NDArray[np.float64]) -> float:
    return float(10 * np.log10(np.mean(np.square(sound))))
