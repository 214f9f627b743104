"""Timelines go out as OTIO as Resolve writes it, and come in as Resolve takes it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from sonique_resolve.fake import World

Room = Callable[..., World]
LiveOf = Callable[[World], Any]


def _room_with_everything(cutting_room: Room, **settings: Any) -> World:
    world = cutting_room(**settings)
    film = world.film("/films/hour.mov", frames=5000, start="01:00:00:00")
    world.put(film, at=600, frames=100, source=50, speed=2, kind="both")
    world.title("Lower third", at=10, frames=30)
    item = world.track("audio", 1).items[-1]
    item.fades.update(FadeIn=5, FadeOut=10)
    item.properties.update(AudioVolume=-6.0, Keyframes={0: 0.0, 24: -9.0})
    world.marker(40, "hit", note="the door")
    return world


def test_an_export_is_otio_that_others_read(cutting_room: Room, live: LiveOf, tmp_path: Path) -> None:
    desk, file = live(_room_with_everything(cutting_room)), tmp_path / "edit.otio"
    assert desk.timeline.Export(str(file), desk.resolve.EXPORT_OTIO, desk.resolve.EXPORT_NONE)
    read = otio.adapters.read_from_file(str(file))
    assert [track.name for track in read.tracks] == ["Video 1", "Video 2", "Audio 1", "Audio 2"]
    assert read.global_start_time == otio.opentime.RationalTime(86400, 24)
    fast = read.tracks[0].find_clips()[1]
    assert fast.media_reference.target_url == "/films/hour.mov"
    assert fast.source_range.start_time.value == 86450
    assert fast.effects[0].time_scalar == 2.0


@pytest.mark.parametrize("rate", ["24", "29.97 DF", "59.94"])
def test_an_export_comes_back_as_it_was_but_for_drop_frame_and_markers(
    cutting_room: Room, live: LiveOf, tmp_path: Path, rate: str
) -> None:
    world = _room_with_everything(cutting_room, project_rate=rate)
    desk, file, before = live(world), tmp_path / "edit.otio", world.timeline
    desk.timeline.Export(str(file), desk.resolve.EXPORT_OTIO, desk.resolve.EXPORT_NONE)
    assert desk.pool.ImportTimelineFromFile(str(file), {"timelineName": "Back"})
    back = world.timeline
    for ours, theirs in zip(before.every_track(), back.every_track(), strict=True):
        assert (ours.kind, ours.name, ours.subtype) == (theirs.kind, theirs.name, theirs.subtype)
        for one, other in zip(ours.items, theirs.items, strict=True):
            assert (one.start, one.frames, one.speed, one.source) == (
                other.start,
                other.frames,
                other.speed,
                other.source,
            )
            assert (one.media, one.fades, one.properties) == (other.media, other.fades, other.properties)
    assert (list(before.markers), back.markers) == ([40], {})
    assert back.start_frame == before.start_frame
    assert back.clock == replace(before.clock, drop_frame=False)


def test_markers_that_a_file_has_come_in(cutting_room: Room, live: LiveOf, tmp_path: Path) -> None:
    world = cutting_room()
    desk, file = live(world), tmp_path / "edit.otio"
    desk.timeline.Export(str(file), desk.resolve.EXPORT_OTIO, desk.resolve.EXPORT_NONE)
    document = otio.adapters.read_from_file(str(file))
    times = otio.opentime.RationalTime(40, 24), otio.opentime.RationalTime(1, 24)
    note = {"Resolve_OTIO": {"Note": "the door"}}
    marker = otio.schema.Marker("hit", otio.opentime.TimeRange(*times), "RED", note)
    document.tracks.markers.append(marker)
    otio.adapters.write_to_file(document, str(file))
    assert desk.pool.ImportTimelineFromFile(str(file), {"timelineName": "Back"})
    found = world.timeline.markers[40]
    assert (found.name, found.note, found.color) == ("hit", "the door", "Red")


def test_transitions_and_nested_timelines_are_written_as_such(cutting_room: Room, live: LiveOf, tmp_path: Path) -> None:
    world = World(cutting_room().settings)
    film = world.film("/films/one.mov", frames=900)
    world.put(film, at=0, frames=48)
    outer = world.timeline
    inner = world.new_timeline("Scene 2")
    world.put(film, at=0, frames=90, source=300)
    world.opened.current = outer
    nested = next(media for media in world.opened.root.everything() if media.timeline is inner)
    world.put(nested, at=48, frames=40, source=10)
    world.title("Cross Dissolve", at=42, frames=12, track=1, kind="transition")
    desk, file = live(world), tmp_path / "edit.otio"
    desk.timeline.Export(str(file), desk.resolve.EXPORT_OTIO, desk.resolve.EXPORT_NONE)
    track = otio.adapters.read_from_file(str(file)).tracks[0]
    assert [type(child).__name__ for child in track] == ["Clip", "Transition", "Stack"]
    assert (track[1].in_offset.value, track[1].out_offset.value) == (6, 6)
    assert (track[2].source_range.start_time.value, track[2].duration().value) == (10, 40)


@pytest.mark.parametrize("spoil", ["source", "schema", "text"])
def test_an_import_that_is_not_liked_answers_nothing_and_leaves_nothing(
    cutting_room: Room, live: LiveOf, tmp_path: Path, spoil: str
) -> None:
    world = _room_with_everything(cutting_room)
    desk, file = live(world), tmp_path / "edit.otio"
    desk.timeline.Export(str(file), desk.resolve.EXPORT_OTIO, desk.resolve.EXPORT_NONE)
    parsed = json.loads(file.read_text(encoding="utf-8"))
    if spoil == "source":
        parsed["tracks"]["children"][0]["children"][-1]["source_range"]["start_time"]["value"] = 50.0
    if spoil == "schema":
        parsed["OTIO_SCHEMA"] = "SerializableCollection.1"
    file.write_text(json.dumps(parsed) if spoil != "text" else "{", encoding="utf-8")
    assert desk.pool.ImportTimelineFromFile(str(file), {"timelineName": "Back"}) is None
    assert len(world.opened.timelines) == 1


@pytest.mark.parametrize(
    ("settings", "options", "taken"),
    [
        ({"import_source": "cancelled"}, {}, False),
        ({"import_source": "cancelled"}, {"importSourceClips": False}, True),
        ({"import_titles": "refused"}, {}, False),
    ],
)
def test_an_import_can_fail_as_others_saw_it_fail(  # noqa: PLR0917 fixtures and cases
    cutting_room: Room,
    live: LiveOf,
    tmp_path: Path,
    settings: dict[str, Any],
    options: dict[str, Any],
    taken: bool,
) -> None:
    desk, file = live(_room_with_everything(cutting_room, **settings)), str(tmp_path / "edit.otio")
    desk.timeline.Export(file, desk.resolve.EXPORT_OTIO, desk.resolve.EXPORT_NONE)
    found = desk.pool.ImportTimelineFromFile(file, {"timelineName": "Back"} | options)
    assert (found is not None) is taken
