"""Conform: the editor's markers."""

from fractions import Fraction
from typing import Any

import opentimelineio as otio


def marker(bench: Any, name: str, frame: float, color: str = "RED") -> Any:
    return otio.schema.Marker(name, bench.frames(frame, 0), color)


def marked(picture: Any) -> list[tuple[str, float]]:
    return [(mark.name, float(mark.time)) for mark in picture.markers]


def test_markers_on_timeline_track_and_clip_are_mapped_to_the_range(bench: Any) -> None:
    clip = bench.clip("b", 100, 48)
    clip.markers.append(marker(bench, "clip", 112))
    track = bench.track(bench.clip("a"), clip)
    track.markers.append(marker(bench, "track", 60))
    timeline = bench.timeline(track)
    timeline.tracks.markers.append(marker(bench, "timeline", 30, "GREEN"))
    picture = bench.conform_document(timeline, text="1-3")
    assert marked(picture) == [("timeline", 0.25), ("clip", 0.5), ("track", 1.5)]
    assert picture.markers[0].color == "GREEN"


def test_markers_outside_the_visible_part_are_dropped(bench: Any) -> None:
    clip = bench.clip("a", 100, 24)
    for name, frame in (("before", 99), ("first", 100), ("last", 123), ("after", 124)):
        clip.markers.append(marker(bench, name, frame))
    assert marked(bench.conform(bench.track(clip))) == [("first", 0), ("last", 23 / 24)]


def test_markers_outside_the_range_are_dropped(bench: Any) -> None:
    track = bench.track(bench.clip("a", 0, 96))
    track.markers.extend([marker(bench, "early", 23), marker(bench, "in", 24), marker(bench, "end", 48)])
    assert marked(bench.conform(track, text="1-2")) == [("in", 0)]


def test_markers_of_a_sped_up_clip_come_sooner(bench: Any) -> None:
    clip = bench.clip("a", 100, 24, effects=[otio.schema.LinearTimeWarp(time_scalar=2)])
    clip.markers.append(marker(bench, "m", 124))
    assert marked(bench.conform(bench.track(clip))) == [("m", 0.5)]


def test_markers_of_a_reversed_clip_stand_on_their_frame(bench: Any) -> None:
    clip = bench.clip("a", 100, 24, effects=[otio.schema.LinearTimeWarp(time_scalar=-1)])
    clip.markers.append(marker(bench, "last frame", 123))
    clip.markers.append(marker(bench, "first frame", 100))
    picture = bench.conform(bench.track(clip))
    assert marked(picture) == [("last frame", 0), ("first frame", 23 / 24)]
    assert picture.shots[0].source_time(picture.markers[1].time) == Fraction(100, 24)


def test_markers_inside_a_nested_stack_follow_its_trim(bench: Any) -> None:
    inner = bench.track(bench.clip("x", 0, 96))
    inner.markers.append(marker(bench, "m", 36))
    nested = otio.schema.Stack("n", children=[inner], source_range=bench.frames(24, 24))
    assert marked(bench.conform(bench.track(bench.clip("a"), nested))) == [("m", 1.5)]


def test_markers_that_a_trim_cuts_off_do_not_stand_on_the_neighbours(bench: Any) -> None:
    clip = bench.clip("b", 100, 24)
    inner = bench.track(bench.clip("x", 0, 96))
    for held, names in ((clip, {"b-": 88, "b+": 130}), (inner, {"n-": 12, "n+": 60})):
        held.markers.extend([marker(bench, name, frame) for name, frame in names.items()])
    nested = otio.schema.Stack("n", children=[inner], source_range=bench.frames(24, 24))
    assert marked(bench.conform(bench.track(bench.clip("a"), clip, bench.clip("c"), nested, bench.clip("d")))) == []


def test_timeline_markers_may_count_on_the_record_clock(bench: Any) -> None:
    timeline = bench.timeline(bench.track(bench.clip("a", 0, 48)), start=otio.opentime.RationalTime(86_400, 24))
    timeline.tracks.markers.append(marker(bench, "m", 86_424))
    assert marked(bench.conform_document(timeline)) == [("m", 1)]


def test_the_same_marker_on_linked_picture_and_sound_counts_once(bench: Any) -> None:
    clips = [bench.clip("a"), bench.clip("a")]
    for clip in clips:
        clip.markers.append(marker(bench, "hit", 12))
    picture = bench.conform(bench.track(clips[0]), bench.track(clips[1], kind="Audio"))
    assert marked(picture) == [("hit", 0.5)]


def test_a_marker_on_a_disabled_clip_is_dropped(bench: Any) -> None:
    clip = bench.clip("b", enabled=False)
    clip.markers.append(marker(bench, "m", 0))
    assert marked(bench.conform(bench.track(bench.clip("a"), clip))) == []


def test_a_nameless_marker_is_called_by_its_comment(bench: Any) -> None:
    track = bench.track(bench.clip("a"))
    track.markers.append(otio.schema.Marker("", bench.frames(6, 0), "RED", comment="door slams"))
    assert marked(bench.conform(track)) == [("door slams", 0.25)]
