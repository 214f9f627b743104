"""The limiter's curve keeps every peak below what is allowed, smoothly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sonique_daemon.delivery.limiter import applied, gain_curve, mean_square

_OVERLOADS = arrays(np.float32, st.integers(1, 300), elements=st.floats(0, 20, width=32))


@settings(max_examples=60)
@given(_OVERLOADS)
def test_no_millisecond_stays_above_what_is_allowed(overload: np.ndarray) -> None:
    curve = gain_curve(overload)
    if curve is None:
        assert overload.max() <= 1
        return
    assert len(curve) == len(overload) + 1
    highest = np.maximum(curve[:-1], curve[1:]) * overload
    assert highest.max() <= 1 + 1e-5
    assert curve.max() <= 1
    assert curve.min() > 0


def test_nothing_is_done_where_nothing_is_too_loud() -> None:
    assert gain_curve(np.full(100, 1.0, np.float32)) is None


def test_far_from_a_peak_the_gain_is_one() -> None:
    overload = np.full(2000, 0.5, np.float32)
    overload[1000] = 2.0
    curve = gain_curve(overload)
    assert curve is not None
    assert curve[1000] == pytest.approx(0.5, abs=0.01)
    assert (curve[:985] == 1).all()
    assert (curve[1400:] == 1).all()


def test_the_gain_moves_without_steps() -> None:
    overload = np.full(2000, 0.5, np.float32)
    overload[1000] = 4.0
    curve = gain_curve(overload)
    assert curve is not None
    assert np.abs(np.diff(curve)).max() < 0.2
    assert np.diff(20 * np.log10(curve))[1010:].max() < 0.045


def test_blocks_join_without_a_seam() -> None:
    overload = np.full(200, 0.5, np.float32)
    overload[90:110] = 3.0
    curve = gain_curve(overload)
    assert curve is not None
    frames = np.ones((9600, 2), np.float32)
    whole = applied(frames, curve, 0)
    parts = np.concatenate([applied(frames[:4800], curve, 0), applied(frames[4800:], curve, 4800)])
    assert np.array_equal(whole, parts)
    assert np.array_equal(whole[:, 0], whole[:, 1])


def test_after_the_curve_ends_the_gain_is_one() -> None:
    curve = np.full(11, 0.5, np.float32)
    assert applied(np.ones((960, 2), np.float32), curve, 0)[-1, 0] == 1


def test_the_mean_square_is_taken_over_each_span() -> None:
    curve = np.array([1.0] * 10 + [0.5] * 10 + [1.0], np.float32)
    assert mean_square(curve, 2, 10) == pytest.approx([1.0, 0.25])
