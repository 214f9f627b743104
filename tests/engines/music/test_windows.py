"""Windows cover the cue, fit the model, and join on bars."""

from itertools import accumulate, groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique_daemon.engines.music.windows import Joins, Window, fade, memory, plan

BARS = [index * 2.0 for index in range(200)]


def test_what_fits_is_made_in_one() -> None:
    assert plan([30.0], BARS, Joins(30.0, 4.0)) == (Window(0.0, 30.0),)


def test_windows_join_on_downbeats_and_are_of_like_length() -> None:
    windows = plan([70.0], BARS, Joins(30.0, 4.0))
    assert [window.start for window in windows] == [0.0, 22.0, 44.0]
    assert all(window.start % 2.0 == 0 for window in windows)
    assert {window.overlap for window in windows[1:]} == {4.0}


def test_without_bars_nearby_windows_are_even() -> None:
    windows = plan([70.0], [], Joins(30.0, 4.0))
    assert [window.start for window in windows] == [0.0, 22.0, 44.0]


@given(
    duration=st.floats(2.0, 1800.0),
    longest=st.floats(5.0, 400.0),
    overlap=st.floats(1.0, 10.0),
    bar=st.floats(0.8, 6.0),
)
def test_any_length_is_covered_and_no_window_is_too_long(
    duration: float, longest: float, overlap: float, bar: float
) -> None:
    downbeats = [index * bar for index in range(int(duration / bar) + 2)]
    windows = plan([duration], downbeats, Joins(longest, overlap))
    assert windows[0].start == 0.0
    assert windows[-1].end == duration
    assert all(window.seconds <= longest + 1e-6 for window in windows)
    for before, after in pairwise(windows):
        assert before.end - after.start == pytest.approx(after.overlap)
        assert after.start > before.start
    assert len(windows) <= 2 + duration / (longest / 4)


def test_where_another_part_begins_a_window_is_faded_in() -> None:
    assert plan([20.0, 50.0], BARS, Joins(30.0, 4.0)) == (Window(0.0, 24.0), Window(20.0, 50.0, 4.0, 1))


def test_a_window_that_goes_on_makes_what_is_new_from_the_very_beginning_of_its_part() -> None:
    first, second = plan([20.0, 44.0], BARS, Joins(30.0, 6.0, continues=True))
    assert first == Window(0.0, 20.0)
    assert second == Window(14.0, 44.0, 6.0, 1)


@given(
    shares=st.lists(st.floats(4.0, 90.0), min_size=1, max_size=6),
    longest=st.floats(12.0, 60.0),
    overlap=st.floats(1.0, 10.0),
    continues=st.booleans(),
)
def test_parts_of_any_length_are_covered_each_by_windows_of_its_own(
    shares: list[float], longest: float, overlap: float, continues: bool
) -> None:
    ends = list(accumulate(shares))
    joins = Joins(longest, overlap, continues)
    windows = plan(ends, [index * 2.0 for index in range(300)], joins)
    assert windows[0].start == 0.0
    assert windows[-1].end == ends[-1]
    assert all(window.seconds <= longest + 1e-6 for window in windows)
    for before, after in pairwise(windows):
        assert before.end - after.start == pytest.approx(after.overlap)
        assert after.start >= before.start
        if after.part > before.part:
            heard = after.start + (after.overlap if continues else 0.0)
            assert heard == pytest.approx(ends[before.part])
    assert [part for part, _ in groupby(windows, key=lambda window: window.part)] == list(range(len(shares)))


def test_a_continuation_listens_to_a_part_of_the_window_within_bounds() -> None:
    assert [memory(seconds) for seconds in (4.0, 24.0, 380.0)] == [2.0, 6.0, 10.0]


def test_a_crossfade_lasts_a_bar_within_bounds() -> None:
    assert fade(BARS) == 2.0
    assert fade([0.0, 0.5, 1.0]) == 1.0
    assert fade([0.0, 9.0]) == 4.0
    assert fade([]) == 2.0
