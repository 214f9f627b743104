from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from sonique_client.otio import Clip, Gap, Images, Marker, RationalTime, Timeline, TimeRange, Track, one_clip_timeline


def read(text: str) -> Any:
    return otio.adapters.read_from_string(text, "otio_json")


def frames(count: int) -> RationalTime:
    return RationalTime(count, 24)


def span(start: int, count: int) -> TimeRange:
    return TimeRange(frames(start), frames(count))


@pytest.mark.parametrize("name", ["film.mov", "a b – ü.mov", "100%#1?.mov"])
def test_one_file_becomes_a_timeline_that_plays_it_whole(tmp_path: Path, name: str) -> None:
    timeline = read(one_clip_timeline(tmp_path / name))
    (clip,) = timeline.tracks[0]
    assert isinstance(timeline, otio.schema.Timeline)
    assert clip.source_range is None
    assert otio.url_utils.filepath_from_url(clip.media_reference.target_url) == str(tmp_path / name)


def test_a_whole_timeline_is_read_as_it_was_written(tmp_path: Path) -> None:
    clip = Clip(
        "A003", tmp_path / "A003.mov", span(100, 48), span(0, 1000), markers=[Marker(span(110, 1), "hit", "BLUE")]
    )
    tracks = [
        Track([Gap(frames(24)), clip, Clip("lost", None, span(0, 12))], name="V1"),
        Track([Clip("dialogue", tmp_path / "d.wav", span(0, 84))], kind="Audio", enabled=False),
    ]
    written = Timeline("Edit 3", tracks, frames(86_400), [Marker(span(5, 1), "start")], {"host": {"version": 1}})
    timeline = read(written.to_json())
    gap, shot, lost = timeline.tracks[0]
    assert isinstance(gap, otio.schema.Gap)
    assert gap.duration() == otio.opentime.RationalTime(24, 24)
    assert shot.source_range == otio.opentime.TimeRange(
        otio.opentime.RationalTime(100, 24), otio.opentime.RationalTime(48, 24)
    )
    assert (shot.markers[0].name, shot.markers[0].color) == ("hit", "BLUE")
    assert lost.media_reference.is_missing_reference
    assert timeline.global_start_time == otio.opentime.RationalTime(86_400, 24)
    assert timeline.duration() == otio.opentime.RationalTime(84, 24)
    assert timeline.tracks.markers[0].name == "start"
    assert timeline.metadata["host"]["version"] == 1
    assert [track.kind for track in timeline.tracks] == ["Video", "Audio"]
    assert not timeline.tracks[1].enabled


@pytest.mark.parametrize(("speed", "kind"), [(2.0, otio.schema.LinearTimeWarp), (0.0, otio.schema.FreezeFrame)])
def test_speed_is_carried_as_an_effect(tmp_path: Path, speed: float, kind: type[Any]) -> None:
    timeline = read(Timeline("t", [Track([Clip("a", tmp_path / "a.mov", span(0, 24), speed=speed)])]).to_json())
    (effect,) = timeline.tracks[0][0].effects
    assert isinstance(effect, kind)
    assert effect.time_scalar == speed


def test_numbered_images_are_a_sequence(tmp_path: Path) -> None:
    images = Images(tmp_path / "plätze 1", "shot.", ".png", 1001, 4, 24)
    timeline = read(Timeline("t", [Track([Clip("a", images, span(3, 24), span(0, 100))])]).to_json())
    reference = timeline.tracks[0][0].media_reference
    assert isinstance(reference, otio.schema.ImageSequenceReference)
    assert otio.url_utils.filepath_from_url(reference.target_url_for_image_number(2)) == str(
        tmp_path / "plätze 1" / "shot.1003.png"
    )
    assert (reference.rate, reference.frame_step) == (24, 1)
    assert reference.available_range.duration.value == 100
