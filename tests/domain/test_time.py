"""Rational time: frame rates, ranges, samples and timecode."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique_daemon.domain.time import (
    TimeRange,
    exact_rate,
    exact_seconds,
    format_timecode,
    on_the_clock,
    parse_timecode,
    sample_count,
)

NTSC_30, NTSC_60 = Fraction(30_000, 1001), Fraction(60_000, 1001)
RATES = [
    Fraction(24_000, 1001),
    Fraction(24),
    Fraction(25),
    NTSC_30,
    Fraction(30),
    Fraction(48),
    Fraction(50),
    NTSC_60,
    Fraction(60),
    Fraction(120),
]
DAY_30 = 24 * 6 * 17_982
DAY_60 = 24 * 6 * 35_964


rates = st.sampled_from(RATES)
times = st.fractions(min_value=-100_000, max_value=100_000, max_denominator=100_000)
lengths = st.fractions(min_value=0, max_value=100_000, max_denominator=100_000)
ranges = st.builds(TimeRange, times, lengths)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (23.976, Fraction(24_000, 1001)),
        (23.98, Fraction(24_000, 1001)),
        (23.976023976023978, Fraction(24_000, 1001)),
        (24.0, Fraction(24)),
        (25, Fraction(25)),
        (29.97, NTSC_30),
        (30.0, Fraction(30)),
        (47.952, Fraction(48_000, 1001)),
        (59.94, NTSC_60),
        (59.95, Fraction(1199, 20)),
        (119.88, Fraction(120_000, 1001)),
        (12.5, Fraction(25, 2)),
        (48000.0, Fraction(48_000)),
        (Fraction(19_001, 634), Fraction(19_001, 634)),
    ],
)
def test_a_written_rate_means_the_rational_one(written: float, meant: Fraction) -> None:
    assert exact_rate(written) == meant


@given(rates)
def test_every_rate_survives_being_written_as_a_float(rate: Fraction) -> None:
    assert exact_rate(float(rate)) == rate
    assert exact_rate(round(float(rate), 3)) == rate


@given(st.integers(min_value=1, max_value=240))
def test_every_pulled_down_rate_survives_three_decimals(whole: int) -> None:
    rate = Fraction(whole * 1000, 1001)
    assert exact_rate(float(f"{float(rate):.3f}")) == rate


@pytest.mark.parametrize("rate", [0.0, -24.0, math.nan, math.inf, -math.inf, 1e-9, Fraction(0), Fraction(-24)])
def test_what_is_no_positive_number_is_no_rate(rate: float | Fraction) -> None:
    with pytest.raises(ValueError, match="not a frame rate"):
        exact_rate(rate)


@given(st.integers(min_value=-(10**7), max_value=10**7), rates)
def test_whole_frames_are_exact_seconds(frames: int, rate: Fraction) -> None:
    assert exact_seconds(float(frames), float(rate)) == Fraction(frames) / rate
    assert exact_seconds(float(frames), float(rate)) * rate == frames


@given(st.floats(min_value=-1e7, max_value=1e7), rates)
def test_parts_of_a_frame_are_within_a_millionth_of_one(value: float, rate: Fraction) -> None:
    assert abs(exact_seconds(value, rate) * rate - Fraction(value)) <= Fraction(1, 10**6)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_is_no_time(value: float) -> None:
    with pytest.raises(ValueError, match="not a time"):
        exact_seconds(value, 24)


@given(lengths, st.sampled_from([8_000, 44_100, 48_000, 96_000]))
def test_samples_are_the_nearest_whole_number(duration: Fraction, sample_rate: int) -> None:
    assert abs(sample_count(duration, sample_rate) - duration * sample_rate) <= Fraction(1, 2)


def test_half_a_sample_counts_as_one() -> None:
    assert sample_count(Fraction(1, 96_000)) == 1
    assert sample_count(Fraction(3, 96_000)) == 2
    assert sample_count(Fraction(1, 96_001)) == 0


@given(st.integers(min_value=0, max_value=10**6), rates)
def test_a_frame_count_gives_the_same_samples_however_it_is_reached(frames: int, rate: Fraction) -> None:
    assert sample_count(exact_seconds(frames, float(rate))) == round(
        Fraction(frames * 48_000) / rate + Fraction(1, 10**9)
    )


@pytest.mark.parametrize(
    ("text", "rate", "frame"),
    [
        ("01:00:10:00", Fraction(24), 3610 * 24),
        ("00:00:59;29", NTSC_30, 1799),
        ("00:01:00;02", NTSC_30, 1800),
        ("00:10:00;00", NTSC_30, 17_982),
        ("01:00:00;00", NTSC_30, 107_892),
        ("01:00:00:00", NTSC_30, 108_000),
        ("00:01:00;04", NTSC_60, 3600),
        ("01:00:00;00", NTSC_60, 215_784),
        ("23:59:59;29", NTSC_30, DAY_30 - 1),
    ],
)
def test_known_timecodes_name_their_frames(text: str, rate: Fraction, frame: int) -> None:
    assert parse_timecode(text, rate) == Fraction(frame) / rate
    assert format_timecode(Fraction(frame) / rate, rate, drop_frame=";" in text) == text


@given(st.integers(min_value=0, max_value=99 * 3600 * 24), rates)
def test_timecode_comes_back_from_its_text(frame: int, rate: Fraction) -> None:
    time = Fraction(frame) / rate
    assert parse_timecode(format_timecode(time, rate), rate) == time


@given(st.integers(min_value=0, max_value=DAY_30 - 1))
def test_drop_frame_timecode_comes_back_at_29_97(frame: int) -> None:
    time = Fraction(frame) / NTSC_30
    assert parse_timecode(format_timecode(time, NTSC_30, drop_frame=True), NTSC_30) == time


@given(st.integers(min_value=0, max_value=DAY_60 - 1))
def test_drop_frame_timecode_comes_back_at_59_94(frame: int) -> None:
    time = Fraction(frame) / NTSC_60
    assert parse_timecode(format_timecode(time, NTSC_60, drop_frame=True), NTSC_60) == time


@pytest.mark.parametrize("rate", [NTSC_30, NTSC_60])
def test_drop_frame_timecode_names_every_frame_of_twenty_minutes_once(rate: Fraction) -> None:
    count = math.ceil(20 * 60 * rate)
    texts = [format_timecode(Fraction(frame) / rate, rate, drop_frame=True) for frame in range(count)]
    assert len(set(texts)) == count
    assert texts == sorted(texts)
    assert [parse_timecode(text, rate) * rate for text in texts] == list(range(count))


@given(st.integers(min_value=0, max_value=DAY_30 - 1))
def test_drop_frame_timecode_stays_within_two_frames_of_the_clock_on_the_wall(frame: int) -> None:
    time = Fraction(frame) / NTSC_30
    hours, minutes, seconds = format_timecode(time, NTSC_30, drop_frame=True).split(";")[0].split(":")
    shown = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    assert -Fraction(1, 5) < time - shown < Fraction(6, 5)


@given(times.filter(lambda time: time >= 0), rates)
def test_a_timecode_names_the_frame_that_is_showing(time: Fraction, rate: Fraction) -> None:
    shown = parse_timecode(format_timecode(time, rate), rate)
    assert shown <= time < shown + 1 / rate


UNEVEN = st.sampled_from([Fraction(2987, 100), Fraction(25, 2), Fraction(19_001, 634)])


@given(times.filter(lambda time: time >= 0), UNEVEN)
def test_timecode_at_a_rate_that_is_no_timecodes_shows_true_seconds(time: Fraction, rate: Fraction) -> None:
    text = format_timecode(time, rate)
    hours, minutes, seconds, _ = map(int, text.split(":"))
    assert hours * 3600 + minutes * 60 + seconds == time // 1
    assert parse_timecode(text, rate) <= time < parse_timecode(text, rate) + 1 / rate


@pytest.mark.parametrize(
    ("text", "rate", "reason"),
    [
        ("1:10", Fraction(24), "not a timecode"),
        ("", Fraction(24), "not a timecode"),
        ("01:60:00:00", Fraction(24), "not a timecode"),
        ("01:00:00:24", Fraction(24), "names frame 24"),
        ("01:00:00:24", Fraction(24_000, 1001), "names frame 24"),
        ("01:00:00;00", Fraction(24), "does not exist at 24"),
        ("01:00:00;00", Fraction(30), "does not exist at 30"),
        ("00:01:00;00", NTSC_30, "leaves out"),
        ("00:01:00;01", NTSC_30, "leaves out"),
        ("00:01:00;03", NTSC_60, "leaves out"),
    ],
)
def test_a_timecode_that_cannot_be_says_why(text: str, rate: Fraction, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_timecode(text, rate)


@given(ranges, ranges)
def test_what_two_ranges_share_lies_in_both_whoever_asks(one: TimeRange, other: TimeRange) -> None:
    shared = one.intersect(other)
    assert shared == other.intersect(one)
    if shared is None:
        assert one.end <= other.start or other.end <= one.start or 0 in (one.duration, other.duration)
    else:
        assert shared.duration > 0
        assert one.contains(shared.start)
        assert other.contains(shared.start)
        assert shared.end in (one.end, other.end)


@given(ranges, times)
def test_a_shifted_range_is_as_long_and_shifts_back(span: TimeRange, offset: Fraction) -> None:
    assert span.shifted(offset).duration == span.duration
    assert span.shifted(offset).shifted(-offset) == span


def test_a_range_holds_its_start_and_not_its_end() -> None:
    span = TimeRange(Fraction(1), Fraction(2))
    assert span.contains(Fraction(1))
    assert not span.contains(Fraction(3))


def test_a_time_before_zero_is_told_with_a_minus_sign() -> None:
    assert format_timecode(Fraction(-10), Fraction(25)) == "-00:00:10:00"
    assert format_timecode(Fraction(-3661), Fraction(24)) == "-01:01:01:00"


def test_a_clock_before_zero_is_that_of_the_day_before() -> None:
    assert on_the_clock(Fraction(-10)) == 24 * 3600 - 10
    assert on_the_clock(Fraction(90_000)) == 90_000
