"""OTIO's times as exact seconds."""

from fractions import Fraction

import opentimelineio as otio
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.timeline.otiotime import seconds, time_range


def test_whole_frames_are_exact_at_any_rate() -> None:
    assert seconds(otio.opentime.RationalTime(7, 23.976)) == Fraction(7 * 1001, 24_000)
    assert seconds(otio.opentime.RationalTime(7, 23_000 / 1001)) == Fraction(7 * 1001, 23_000)
    assert seconds(otio.opentime.RationalTime(12_345, 48_000)) == Fraction(12_345, 48_000)


def test_parts_of_a_frame_that_are_plain_stay_exact() -> None:
    assert seconds(otio.opentime.RationalTime(1.5, 29.97)) == Fraction(1001, 20_000)
    assert seconds(otio.opentime.RationalTime(2.25, 1)) == Fraction(9, 4)


def test_times_between_frames_add_up_without_growing_past_bounds() -> None:
    times = [seconds(otio.opentime.RationalTime(100 / 7 + index / 997, 24)) for index in range(3000)]
    assert sum(times, Fraction(0)).denominator < 2**50
    assert abs(times[1] - (Fraction(100, 7) + Fraction(1, 997)) / 24) < Fraction(1, 10**6)


def test_a_range_is_both_of_its_times() -> None:
    span = otio.opentime.TimeRange(otio.opentime.RationalTime(24, 24), otio.opentime.RationalTime(25, 50))
    assert time_range(span) == TimeRange(Fraction(1), Fraction(1, 2))
