"""Conform: speed changes, freezes, and transitions."""

from fractions import Fraction
from typing import Any

import opentimelineio as otio
import pytest
from sonique_daemon.domain.picture import JoinKind


def warp(*scalars: float) -> list[Any]:
    return [otio.schema.LinearTimeWarp(time_scalar=scalar) for scalar in scalars]


def test_a_time_warp_plays_the_media_faster(bench: Any) -> None:
    (shot,) = bench.conform(bench.track(bench.clip("a", 24, 24, effects=warp(2)))).shots
    assert (shot.source.start, shot.source.speed, shot.record.duration) == (1, 2, 1)
    assert shot.source_time(Fraction(1, 2)) == 2


def test_the_least_step_aside_in_a_film_at_its_own_speed_is_a_cut(bench: Any) -> None:
    first, second = bench.clip("a", 0, 24), bench.clip("a", 24.01, 24)
    assert len(bench.told(bench.conform(bench.track(first, second)))) == 2


def test_a_through_edit_in_a_clip_of_an_odd_speed_is_no_cut(bench: Any) -> None:
    speed = 9168210 / 4436211
    first, second = (bench.clip("a", at, 24, effects=warp(speed)) for at in (24, 24 + 24 * speed))
    assert bench.told(bench.conform(bench.track(first, second))) == [("a", 0, 2)]


def test_time_warps_on_one_clip_multiply(bench: Any) -> None:
    (shot,) = bench.conform(bench.track(bench.clip("a", effects=warp(2, 0.25)))).shots
    assert shot.source.speed == Fraction(1, 2)


def test_a_disabled_time_warp_does_nothing(bench: Any) -> None:
    clip = bench.clip("a", effects=warp(2))
    clip.effects[0].enabled = False
    assert bench.conform(bench.track(clip)).shots[0].source.speed == 1


def test_a_reversed_clip_starts_on_its_last_frame_and_ends_on_its_first(bench: Any) -> None:
    (shot,) = bench.conform(bench.track(bench.clip("a", 100, 24, effects=warp(-1)))).shots
    assert shot.source.speed == -1
    assert shot.source_time(Fraction(0)) == Fraction(123, 24)
    assert shot.source_time(Fraction(23, 24)) == Fraction(100, 24)


def test_a_fast_reversed_clip_plays_what_it_would_play_forwards(bench: Any) -> None:
    (shot,) = bench.conform(bench.track(bench.clip("a", 100, 24, effects=warp(-2)))).shots
    assert shot.source_time(Fraction(0)) == Fraction(147, 24)
    assert shot.source_time(Fraction(23, 24)) == Fraction(101, 24)


def test_a_freeze_frame_stands_on_its_first_frame(bench: Any) -> None:
    clip = bench.clip("a", 48, 24, effects=[otio.schema.FreezeFrame()])
    (shot,) = bench.conform(bench.track(clip)).shots
    assert (shot.source.start, shot.source.speed) == (2, 0)


def test_speed_on_a_nested_stack_multiplies_with_the_speed_of_its_clips(bench: Any) -> None:
    track = bench.track(bench.clip("a", 0, 24, effects=warp(3)), bench.clip("b", 0, 48))
    nested = otio.schema.Stack("n", children=[track], source_range=bench.frames(0, 24), effects=warp(2))
    picture = bench.conform(bench.track(nested))
    assert bench.told(picture) == [("a", 0, 0.5), ("b", 0.5, 1)]
    assert [shot.source.speed for shot in picture.shots] == [6, 2]


def test_a_reversed_nested_stack_shows_its_last_clip_first(bench: Any) -> None:
    track = bench.track(bench.clip("a", 0, 24), bench.clip("b", 100, 24))
    nested = otio.schema.Stack("n", children=[track], source_range=bench.frames(0, 48), effects=warp(-1))
    picture = bench.conform(bench.track(nested))
    assert bench.told(picture) == [("b", 0, 1), ("a", 1, 2)]
    assert picture.shots[0].source_time(Fraction(0)) == Fraction(123, 24)
    assert picture.shots[1].source_time(Fraction(1)) == Fraction(23, 24)
    assert picture.shots[1].source_time(Fraction(47, 24)) == 0


def test_a_reversed_clip_in_a_reversed_stack_runs_forwards(bench: Any) -> None:
    track = bench.track(bench.clip("a", 100, 24, effects=warp(-1)))
    nested = otio.schema.Stack("n", children=[track], source_range=bench.frames(0, 24), effects=warp(-1))
    (shot,) = bench.conform(bench.track(nested)).shots
    assert (shot.source.start, shot.source.speed) == (Fraction(100, 24), 1)


def test_a_frozen_nested_stack_stands_on_the_frame_at_its_start(bench: Any) -> None:
    track = bench.track(bench.clip("a", 0, 24), bench.clip("b", 100, 24))
    freeze = [otio.schema.FreezeFrame()]
    nested = otio.schema.Stack("n", children=[track], source_range=bench.frames(36, 48), effects=freeze)
    picture = bench.conform(bench.track(nested))
    assert bench.told(picture) == [("b", 0, 2)]
    assert (picture.shots[0].source.start, picture.shots[0].source.speed) == (Fraction(112, 24), 0)


def test_a_speed_change_that_cannot_be_read_is_a_warning(bench: Any) -> None:
    curve = otio.schema.TimeEffect("", "keyframed ramp")
    picture = bench.conform(bench.track(bench.clip("a", effects=[curve])))
    assert picture.warnings == (
        "The changing speed of “a” (“keyframed ramp”) is not read: it is shown at normal speed.",
    )


def test_a_speed_that_resolve_has_vary_is_its_mean(bench: Any) -> None:
    curve = otio.schema.TimeEffect(metadata={"Resolve_OTIO": {"Key Frames": [[0.0, 0.0]], "Speed Ratio": 0.5}})
    picture = bench.conform(bench.track(bench.clip("a", 0, 48, effects=[curve])))
    assert (picture.shots[0].source.speed, picture.shots[0].record.duration) == (Fraction(1, 2), 2)
    assert picture.warnings == ("The changing speed of “a” is read as 50% all through.",)


@pytest.mark.parametrize("told", ["Speed", {"Speed Ratio": "fast"}, {"Speed Ratio": 0.0}, {"Speed Ratio": 1e9}])
def test_a_mean_that_is_none_is_not_read(bench: Any, told: Any) -> None:
    curve = otio.schema.TimeEffect(metadata={"Resolve_OTIO": told})
    picture = bench.conform(bench.track(bench.clip("a", effects=[curve])))
    assert picture.shots[0].source.speed == 1


def test_a_dissolve_joins_its_neighbours_where_they_abut(bench: Any) -> None:
    picture = bench.conform(bench.track(bench.clip("a"), bench.dissolve(9, 9), bench.clip("b")))
    assert bench.told(picture) == [("a", 0, 1), ("b", 1, 2)]
    assert [shot.join for shot in picture.shots] == [JoinKind.CUT, JoinKind.DISSOLVE]
    assert picture.shots[1].join_duration == Fraction(18, 24)


@pytest.mark.parametrize(("before", "after", "cut"), [(0, 12, 30), (12, 0, 18), (6, 12, 27), (0, 13, 30)])
def test_a_dissolve_beside_the_cut_joins_its_neighbours_in_its_middle(
    bench: Any, before: int, after: int, cut: int
) -> None:
    track = bench.track(bench.clip("a", 100), bench.dissolve(before, after), bench.clip("b", 200))
    first, second = bench.conform(track).shots
    assert (first.record.end, second.record.start) == (Fraction(cut, 24), Fraction(cut, 24))
    assert second.join is JoinKind.DISSOLVE
    assert first.source_time(Fraction(0)) == Fraction(100, 24)
    assert second.source_time(second.record.start) == Fraction(200 + cut - 24, 24)


def test_a_dissolve_that_is_longer_than_a_clip_moves_no_cut(bench: Any) -> None:
    track = bench.track(bench.clip("a"), bench.dissolve(0, 48), bench.clip("b", 0, 12), bench.clip("c"))
    assert bench.told(bench.conform(track)) == [("a", 0, 1), ("b", 1, 1.5), ("c", 1.5, 2.5)]


@pytest.mark.parametrize("black_first", [True, False])
def test_a_dissolve_from_or_to_a_gap_is_a_fade(bench: Any, black_first: bool) -> None:
    items = [bench.gap(24), bench.dissolve(0, 12), bench.clip("a")]
    picture = bench.conform(bench.track(*(items if black_first else reversed(items))))
    assert picture.shots[1].join is JoinKind.FADE
    assert picture.shots[1].join_duration == Fraction(1, 2)


def test_a_dissolve_to_a_gap_over_a_lower_track_is_a_dissolve(bench: Any) -> None:
    high = bench.track(bench.clip("high"), bench.dissolve(6, 6), bench.gap(24))
    picture = bench.conform(bench.track(bench.clip("low", 0, 48)), high)
    assert bench.told(picture) == [("high", 0, 1), ("low", 1, 2)]
    assert picture.shots[1].join is JoinKind.DISSOLVE


def test_a_dissolve_under_a_covering_clip_is_not_seen(bench: Any) -> None:
    low = bench.track(bench.clip("a"), bench.dissolve(6, 6), bench.clip("b"))
    picture = bench.conform(low, bench.track(bench.gap(12), bench.clip("high")))
    assert bench.told(picture) == [("a", 0, 0.5), ("high", 0.5, 1.5), ("b", 1.5, 2)]
    assert {shot.join for shot in picture.shots} == {JoinKind.CUT}


def test_a_dissolve_below_the_edge_of_a_covering_clip_is_a_cut(bench: Any) -> None:
    low = bench.track(bench.clip("a"), bench.dissolve(6, 6), bench.clip("b"))
    picture = bench.conform(low, bench.track(bench.gap(24), bench.clip("high")))
    assert [(shot.name, shot.join) for shot in picture.shots] == [("a", JoinKind.CUT), ("high", JoinKind.CUT)]


def test_a_dissolve_is_no_join_where_the_range_begins(bench: Any) -> None:
    track = bench.track(bench.clip("a"), bench.dissolve(6, 6), bench.clip("b"))
    picture = bench.conform(track, text="1-2")
    assert [(shot.name, shot.join) for shot in picture.shots] == [("b", JoinKind.CUT)]


def test_a_dissolve_within_continuous_media_stays_a_join(bench: Any) -> None:
    track = bench.track(bench.clip("a", 0, 24), bench.dissolve(6, 6), bench.clip("a", 24, 24))
    assert [shot.join for shot in bench.conform(track).shots] == [JoinKind.CUT, JoinKind.DISSOLVE]


def test_a_dissolve_inside_a_nested_stack_gets_its_speed(bench: Any) -> None:
    track = bench.track(bench.clip("a"), bench.dissolve(6, 6), bench.clip("b"))
    nested = otio.schema.Stack("n", children=[track], source_range=bench.frames(0, 24), effects=warp(2))
    picture = bench.conform(bench.track(nested))
    assert (picture.shots[1].join, picture.shots[1].join_duration) == (JoinKind.DISSOLVE, Fraction(1, 4))


def premieres(bench: Any, *clips: Any) -> Any:
    """A document as Premiere Pro writes it."""
    document = bench.timeline(bench.track(*clips), start=otio.opentime.RationalTime(0, 24))
    document.tracks.metadata["PremierePro_OTIO"] = {"VideoFrameRate": 24.0}
    return document


def warped(bench: Any, name: str, frames: tuple[int, int], speed: float, available: int = 2400) -> Any:
    warp = otio.schema.LinearTimeWarp(time_scalar=speed)
    return bench.clip(name, *frames, available=bench.frames(0, available), effects=[warp])


@pytest.mark.parametrize(("source", "speed", "lasts"), [(96, 2.0, 48), (24, 0.5, 48), (50, 1.5, 33), (48, -2.0, 24)])
def test_a_clip_of_premiere_lasts_as_long_as_its_source_takes_at_its_speed(
    bench: Any, source: int, speed: float, lasts: int
) -> None:
    document = premieres(bench, warped(bench, "a", (24, source), speed), warped(bench, "b", (0, 24), 1.0))
    picture = bench.conform_document(document)
    assert bench.told(picture) == [("a", 0, Fraction(lasts, 24)), ("b", Fraction(lasts, 24), Fraction(lasts + 24, 24))]
    assert picture.shots[0].source.speed == Fraction(speed).limit_denominator()


def test_a_clip_of_another_program_lasts_what_its_range_says(bench: Any) -> None:
    assert bench.told(bench.conform(bench.track(warped(bench, "a", (0, 96), 2.0)))) == [("a", 0, 4)]


def test_a_document_with_premieres_words_in_which_a_range_is_no_source_is_read_as_of_others(bench: Any) -> None:
    slow = warped(bench, "a", (12, 48), 0.5, available=48)
    assert bench.told(bench.conform_document(premieres(bench, slow))) == [("a", 0, 2)]


def test_a_speed_that_nobody_sees_changes_no_length(bench: Any) -> None:
    assert bench.told(bench.conform_document(premieres(bench, warped(bench, "a", (0, 48), 1e-300)))) == [("a", 0, 2)]


def test_a_frozen_clip_of_premiere_lasts_what_its_range_says(bench: Any) -> None:
    frozen = bench.clip("a", 0, 48, effects=[otio.schema.FreezeFrame()])
    assert bench.told(bench.conform_document(premieres(bench, frozen))) == [("a", 0, 2)]


def test_a_clip_of_premiere_in_a_nested_sequence_lasts_so_too(bench: Any) -> None:
    nested = otio.schema.Stack("nested", children=[bench.track(warped(bench, "a", (0, 96), 2.0), bench.clip("b"))])
    assert bench.told(bench.conform_document(premieres(bench, nested))) == [("a", 0, 2), ("b", 2, 3)]
