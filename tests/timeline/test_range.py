"""What an editor types for a range."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique_daemon.domain.time import TimeRange, format_timecode
from sonique_daemon.errors import InvalidRange
from sonique_daemon.timeline.range import parse_range

RATE, HOUR, LENGTH = Fraction(24), Fraction(3600), Fraction(120)
NTSC = Fraction(30_000, 1001)


def parsed(text: str) -> tuple[float, float]:
    found = parse_range(text, RATE, HOUR, LENGTH)
    return float(found.start - HOUR), float(found.end - HOUR)


def refused(text: str, rate: Fraction = RATE, start: Fraction = HOUR, duration: Fraction = LENGTH) -> str:
    with pytest.raises(InvalidRange) as caught:
        parse_range(text, rate, start, duration)
    return caught.value.sentence


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("01:00:10:00-01:00:42:12", 10, 42.5),
        ("1:00:10:00 - 1:00:42:12", 10, 42.5),
        ("01:00:10:00–01:00:42:12", 10, 42.5),
        ("10-42.5", 10, 42.5),
        ("10s-42.5s", 10, 42.5),
        ("10..42.5", 10, 42.5),
        ("1:10-1:42", 70, 102),
        ("0:01:10-0:01:42.25", 70, 102.25),
        ("0-2:00", 0, 120),
        ("01:00:10:00-", 10, 120),
        ("30-", 30, 120),
        ("-42", 0, 42),
        ("-01:00:42:00", 0, 42),
        ("01:00:10:00-42.5", 10, 42.5),
    ],
)
def test_a_range_is_read_in_every_form(text: str, start: float, end: float) -> None:
    assert parsed(text) == (start, end)


@pytest.mark.parametrize("text", ["01:00:00;00-01:01:00;02", "01;00;00;00-01;01;00;02"])
def test_drop_frame_timecode_is_read_at_its_rate(text: str) -> None:
    start = Fraction(107_892) / NTSC
    found = parse_range(text, NTSC, start, Fraction(600))
    assert (found.start, found.duration) == (start, 1800 / NTSC)


def test_a_drop_frame_timeline_reads_colons_as_drop_frame() -> None:
    start = Fraction(107_892) / NTSC
    found = parse_range("01:00:00:00-01:01:00:02", NTSC, start, Fraction(600), drop_frame=True)
    assert (found.start, found.duration) == (start, 1800 / NTSC)


@pytest.mark.parametrize(
    "text",
    ["", "-", "10", "a-b", "10-20-30", "1e3-2e3", "nan-inf", "01:00:10-x", "1:70-1:80", "1:61:00-2:00:00", "٣-٤"],
)
def test_what_is_no_range_shows_how_one_is_written(text: str) -> None:
    sentence = refused(text)
    assert "is not a" in sentence
    assert "01:00:10:00-01:00:42:12" in sentence or "60 minutes in an hour" in sentence


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("01:00:10:30-01:00:20:00", "names frame 30"),
        ("01:00:10;00-01:00:20;00", "does not exist at 24"),
        ("01:00:10:00-01:00:99:00", "not a timecode"),
    ],
)
def test_a_timecode_that_cannot_be_says_why(text: str, reason: str) -> None:
    assert reason in refused(text)


def test_an_empty_and_a_reversed_range_are_told_apart() -> None:
    assert refused("10-10") == "The range “10-10” is empty; its end must lie after its start."
    assert "“01:00:20:00-01:00:10:00” is reversed" in refused("01:00:20:00-01:00:10:00")
    assert "does not lie inside" in refused("500-")


def test_a_range_outside_is_named_as_it_was_typed_and_the_timeline_in_the_same_terms() -> None:
    assert refused(" 1:40-2:10 ", rate=Fraction(2399, 100)) == (
        "The range “1:40-2:10” does not lie inside the timeline, which lasts 2:00.000."
    )
    assert refused("01:01:40:00-01:02:10:00") == (
        "The range “01:01:40:00-01:02:10:00” does not lie inside the timeline, "
        "which runs from 01:00:00:00 to 01:02:00:00."
    )
    assert "01:02:00:00" in refused("02:00:00:00-02:00:10:00")


def test_a_timecode_counted_from_zero_is_explained_and_not_guessed() -> None:
    sentence = refused("00:00:10:00-00:00:42:12")
    assert "Timecodes are the timeline's own" in sentence
    assert "01:00:10:00-01:00:42:12" in sentence


def test_a_timecode_counted_from_one_hour_on_a_timeline_from_zero_is_explained() -> None:
    sentence = refused("01:00:10:00-01:00:42:12", start=Fraction(0))
    assert "begins at zero: perhaps 00:00:10:00-00:00:42:12 is meant" in sentence


def test_bounds_of_a_drop_frame_timeline_are_told_in_drop_frame() -> None:
    with pytest.raises(InvalidRange, match="00:00:00;00 to 00:10:00;00"):
        parse_range("00:00:00;00-00:33:20;00", NTSC, Fraction(0), 17_982 / NTSC, drop_frame=True)


def test_an_end_less_than_a_frame_outside_is_drawn_in() -> None:
    assert parsed("0-120.04") == (0, 120)
    assert "does not lie inside" in refused("0-120.05")
    assert "does not lie inside" in refused("120-120.01")


def test_timecode_in_a_film_of_a_varying_rate_counts_true_seconds() -> None:
    found = parse_range("00:01:00:00-00:01:30:00", Fraction(2987, 100), Fraction(0), Fraction(600))
    assert found == TimeRange(Fraction(60), Fraction(30))


@given(st.integers(0, 2879), st.integers(1, 2880))
def test_every_range_of_frames_comes_back_from_its_timecodes(first: int, count: int) -> None:
    end = min(first + count, 2880)
    texts = [format_timecode(HOUR + Fraction(frame, 24), RATE) for frame in (first, end)]
    assert parse_range("-".join(texts), RATE, HOUR, LENGTH) == TimeRange(
        HOUR + Fraction(first, 24), Fraction(end - first, 24)
    )
