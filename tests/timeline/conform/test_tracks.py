"""Conform: tracks, gaps, nesting, what is disabled, and the range."""

from fractions import Fraction
from typing import Any

import opentimelineio as otio
import pytest
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.errors import InvalidRange, LimitExceeded, NothingToSee
from sonique_daemon.timeline import conform


def test_clips_follow_each_other(bench: Any) -> None:
    picture = bench.conform(bench.track(bench.clip("a"), bench.clip("b", 10, 48)))
    assert bench.told(picture) == [("a", 0, 1), ("b", 1, 3)]
    assert picture.shots[1].source.start == Fraction(10, 24)
    assert picture.shots[1].source.path.endswith("b.mov")
    assert (picture.rate, picture.duration, picture.name) == (24, 3, "edit")
    assert picture.warnings == ()


def test_the_topmost_enabled_clip_wins(bench: Any) -> None:
    low = bench.track(bench.clip("low", 0, 96))
    middle = bench.track(bench.gap(24), bench.clip("middle"))
    high = bench.track(bench.gap(24), bench.clip("high", enabled=False))
    picture = bench.conform(low, middle, high)
    assert bench.told(picture) == [("low", 0, 1), ("middle", 1, 2), ("low", 2, 4)]
    assert picture.shots[2].source.start == 2


def test_a_gap_in_the_upper_track_lets_the_lower_show(bench: Any) -> None:
    picture = bench.conform(
        bench.track(bench.clip("low", 0, 96)),
        bench.track(bench.clip("one", 0, 24), bench.gap(12), bench.clip("two", 0, 24)),
    )
    assert bench.told(picture) == [("one", 0, 1), ("low", 1, 1.5), ("two", 1.5, 2.5), ("low", 2.5, 4)]


def test_a_gap_with_nothing_below_is_black(bench: Any) -> None:
    picture = bench.conform(bench.track(bench.gap(12), bench.clip("a"), bench.gap(12)))
    assert bench.told(picture) == [("", 0, 0.5), ("a", 0.5, 1.5), ("", 1.5, 2)]
    assert picture.shots[0].source is None
    assert picture.shots[2].source is None


def test_a_disabled_clip_keeps_its_place_and_shows_nothing(bench: Any) -> None:
    picture = bench.conform(bench.track(bench.clip("a"), bench.clip("b", enabled=False), bench.clip("c")))
    assert bench.told(picture) == [("a", 0, 1), ("", 1, 2), ("c", 2, 3)]


def test_a_disabled_track_shows_nothing(bench: Any) -> None:
    high = bench.track(bench.clip("high"))
    high.enabled = False
    assert bench.told(bench.conform(bench.track(bench.clip("low")), high)) == [("low", 0, 1)]


def test_a_disabled_stack_shows_nothing(bench: Any) -> None:
    nested = otio.schema.Stack("nested", children=[bench.track(bench.clip("high"))])
    nested.enabled = False
    picture = bench.conform(bench.track(bench.clip("low")), bench.track(nested))
    assert bench.told(picture) == [("low", 0, 1)]


def test_a_long_audio_track_makes_the_timeline_longer(bench: Any) -> None:
    picture = bench.conform(bench.track(bench.clip("a")), bench.track(bench.clip("m", 0, 48), kind="Audio"))
    assert bench.told(picture) == [("a", 0, 1), ("", 1, 2)]


def test_tracks_of_captions_are_not_picture(bench: Any) -> None:
    picture = bench.conform(bench.track(bench.clip("a")), bench.track(bench.clip("words"), kind="Subtitle"))
    assert bench.told(picture) == [("a", 0, 1)]


def test_a_nested_stack_shows_what_its_trim_shows(bench: Any) -> None:
    inner = otio.schema.Stack(
        "inner",
        children=[bench.track(bench.clip("x", 100, 24), bench.clip("y", 200, 24))],
        source_range=bench.frames(12, 24),
    )
    picture = bench.conform(bench.track(bench.clip("a"), inner, bench.clip("b")))
    assert bench.told(picture) == [("a", 0, 1), ("x", 1, 1.5), ("y", 1.5, 2), ("b", 2, 3)]
    assert picture.shots[1].source.start == Fraction(112, 24)
    assert picture.shots[2].source.start == Fraction(200, 24)


def test_trims_at_every_depth_add_up(bench: Any) -> None:
    deepest = bench.track(bench.clip("x", 100, 240), source_range=bench.frames(24, 192))
    middle = otio.schema.Stack("middle", children=[deepest], source_range=bench.frames(24, 96))
    outer = bench.track(middle, source_range=bench.frames(30, 48, 30))
    picture = bench.conform(bench.track(otio.schema.Stack("top", children=[outer])))
    assert bench.told(picture) == [("x", 0, 1.6)]
    assert picture.shots[0].source.start == Fraction(100 + 24 + 24, 24) + 1


def test_a_trim_past_the_end_of_a_nested_stack_is_black(bench: Any) -> None:
    inner = otio.schema.Stack("i", children=[bench.track(bench.clip("x"))], source_range=bench.frames(0, 48))
    assert bench.told(bench.conform(bench.track(inner))) == [("x", 0, 1), ("", 1, 2)]


def test_a_trim_on_the_timecode_of_a_nested_stack_counts_from_its_hour(bench: Any) -> None:
    content = bench.track(bench.clip("x", 0, 24), bench.clip("y", 0, 48))
    inner = otio.schema.Stack("i", children=[content], source_range=bench.frames(86_400 + 12, 24))
    assert bench.told(bench.conform(bench.track(inner))) == [("x", 0, 0.5), ("y", 0.5, 1)]


def test_a_gap_inside_a_nested_stack_lets_lower_tracks_show(bench: Any) -> None:
    inner = otio.schema.Stack("i", children=[bench.track(bench.clip("x"), bench.gap(24))])
    picture = bench.conform(bench.track(bench.clip("low", 0, 48)), bench.track(inner))
    assert bench.told(picture) == [("x", 0, 1), ("low", 1, 2)]


def test_clips_of_different_rates_meet_exactly(bench: Any) -> None:
    picture = bench.conform(
        bench.track(
            bench.clip("a", 0, 100, 23.976),
            bench.clip("b", 0, 100, 25),
            bench.clip("c", 7, 100, 29.97),
            bench.clip("d"),
        )
    )
    starts = [shot.record.start for shot in picture.shots]
    first, third = Fraction(100 * 1001, 24_000), Fraction(100 * 1001, 30_000)
    assert starts == [0, first, first + 4, first + 4 + third]
    assert picture.shots[2].source.start == Fraction(7 * 1001, 30_000)


def test_the_start_of_the_timeline_puts_the_range_on_the_record_clock(bench: Any) -> None:
    start = otio.opentime.RationalTime(86_400, 24)
    picture = bench.conform(
        bench.track(bench.clip("a"), bench.clip("b", 0, 48)), start=start, text="01:00:00:12-01:00:02:00"
    )
    assert (picture.start, picture.duration) == (Fraction(3600) + Fraction(1, 2), Fraction(3, 2))
    assert bench.told(picture) == [("a", 0, 0.5), ("b", 0.5, 1.5)]


def test_a_range_that_cuts_through_a_clip_trims_it(bench: Any) -> None:
    picture = bench.conform(
        bench.track(bench.clip("a", 100, 48), bench.clip("b")), within=TimeRange(Fraction(1, 2), Fraction(2))
    )
    assert bench.told(picture) == [("a", 0, 1.5), ("b", 1.5, 2)]
    assert picture.shots[0].source.start == Fraction(112, 24)


@pytest.mark.parametrize(
    "within",
    [
        TimeRange(Fraction(0), Fraction(0)),
        TimeRange(Fraction(1), Fraction(-1)),
        TimeRange(Fraction(0), Fraction(5)),
        TimeRange(Fraction(-1), Fraction(1)),
        TimeRange(Fraction(3600), Fraction(1)),
    ],
)
def test_a_range_that_is_empty_reversed_or_outside_is_refused(bench: Any, within: TimeRange) -> None:
    with pytest.raises(InvalidRange):
        bench.conform(bench.track(bench.clip("a", 0, 48)), within=within)


def test_a_through_edit_is_no_cut(bench: Any) -> None:
    track = bench.track(bench.clip("a", 0, 24), bench.clip("a", 24, 24), bench.clip("a", 50, 24))
    picture = bench.conform(track)
    assert bench.told(picture) == [("a", 0, 2), ("a", 2, 3)]
    assert picture.shots[1].source.start == Fraction(50, 24)


def test_the_rate_is_the_one_that_most_items_count_in(bench: Any) -> None:
    track = bench.track(bench.clip("a", 0, 50, 50), bench.clip("b", 0, 25, 25), bench.gap(25, 25))
    assert bench.conform(track).rate == 25


def test_the_rate_of_the_start_comes_first(bench: Any) -> None:
    start = otio.opentime.RationalTime(0, 29.97)
    assert bench.conform(bench.track(bench.clip("a")), start=start).rate == Fraction(30_000, 1001)


@pytest.mark.parametrize(
    ("first_frame", "drop_frame"),
    [(107_892, True), (108_000, False), (0, False), (107_892 + 17_982, True)],
)
def test_a_start_that_is_round_only_in_drop_frame_means_drop_frame(
    bench: Any, first_frame: int, drop_frame: bool
) -> None:
    start = otio.opentime.RationalTime(first_frame, 29.97)
    assert bench.conform(bench.track(bench.clip("a", 0, 24, 29.97)), start=start).drop_frame is drop_frame


@pytest.mark.parametrize(("said", "drop_frame"), [("DF", True), ("NDF", False)])
def test_what_metadata_says_of_drop_frame_holds(bench: Any, said: str, drop_frame: bool) -> None:
    start = otio.opentime.RationalTime(107_892, 29.97)
    timeline = bench.timeline(bench.track(bench.clip("a", 0, 24, 29.97)), start=start)
    timeline.metadata["fcp_xml"] = {"timecode": {"displayformat": said}}
    assert bench.conform_document(timeline).drop_frame is drop_frame


def test_a_drop_frame_timeline_reads_colons_as_drop_frame(bench: Any) -> None:
    start = otio.opentime.RationalTime(107_892, 29.97)
    picture = bench.conform(bench.track(bench.clip("a", 0, 3000, 29.97)), start=start, text="01:00:00:00-01:01:00:02")
    assert picture.start == Fraction(107_892 * 1001, 30_000)
    assert picture.duration == Fraction(1800 * 1001, 30_000)


def test_a_drop_frame_range_on_a_timeline_that_says_nothing_means_drop_frame(bench: Any) -> None:
    track = bench.track(bench.clip("a", 0, 3000, 29.97))
    assert bench.conform(track, text="00:00:00;00-00:01:00;02").drop_frame
    assert not bench.conform(track.deepcopy(), text="00:00:00:00-00:01:00:02").drop_frame


def test_seconds_and_samples_are_no_frame_rates(bench: Any) -> None:
    start = otio.opentime.RationalTime(0, 1)
    track = bench.track(
        bench.clip("a", 0, 48_000, 48_000), bench.clip("b", 0, 48_000, 48_000), bench.clip("c", 0, 25, 25)
    )
    assert bench.conform(track, start=start).rate == 25


def test_a_timeline_without_tracks_has_nothing_to_see(bench: Any) -> None:
    with pytest.raises(NothingToSee, match="no tracks"):
        bench.conform()


def test_a_timeline_with_empty_tracks_has_nothing_to_see(bench: Any) -> None:
    with pytest.raises(NothingToSee, match="is empty"):
        bench.conform(bench.track(), bench.track(kind="Audio"))


def test_gaps_alone_are_black_and_no_error(bench: Any) -> None:
    assert [shot.source for shot in bench.conform(bench.track(bench.gap(48))).shots] == [None]


def test_a_range_of_over_twelve_hours_is_refused(bench: Any) -> None:
    with pytest.raises(LimitExceeded, match=r"13\.0 hours"):
        bench.conform(bench.track(bench.gap(13 * 3600 * 24)))


def test_more_shots_than_the_limit_are_refused(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert conform.MAX_SHOTS == 10_000
    monkeypatch.setattr(conform, "MAX_SHOTS", 10)
    pairs = [item for _ in range(6) for item in (bench.clip("a", 0, 1), bench.gap(1))]
    assert len(bench.conform(bench.track(*(item.deepcopy() for item in pairs[:10]))).shots) == 10
    with pytest.raises(LimitExceeded, match="12 shots; the limit is 10"):
        bench.conform(bench.track(*pairs))
