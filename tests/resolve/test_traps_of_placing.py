"""The behaviours of Resolve that have cost somebody a day, rows 1 to 16: frames, marks, appending, tracks.

The rows are those of the collection of measured behaviours; what the client makes of them is tested with its parts.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sonique_resolve.fake import World

Room = Callable[..., World]
Wav = Callable[..., Path]
LiveOf = Callable[[World], Any]


@pytest.mark.parametrize(
    ("rate", "start"), [("24", 86400), ("25", 90000), ("29.97", 108000), ("30", 108000), ("50", 180000)]
)
def test_trap_01_record_frames_are_absolute(cutting_room: Room, live: LiveOf, wav: Wav, rate: str, start: int) -> None:
    """Row 1: a record frame counted from the timeline's start lands before it; it reads back and is never heard."""
    world = cutting_room(project_rate=rate)
    desk = live(world)
    track, media = desk.add_track(), desk.brought(wav(4))
    assert desk.append(media, track, 48, 24)
    assert desk.on_track(track) == [(48, 24)]
    assert world.track("audio", track).items[0] not in world.heard()
    assert desk.append(media, track, start + 48, 24)
    assert world.track("audio", track).items[1] in world.heard()


def test_trap_02_start_and_end_are_absolute_and_the_end_is_exclusive(cutting_room: Room, live: LiveOf) -> None:
    """Row 2."""
    item = live(cutting_room()).timeline.GetItemListInTrack("video", 1)[0]
    assert (item.GetStart(), item.GetEnd(), item.GetDuration()) == (86400, 86640, 240)


def test_trap_03_marks_are_relative_and_may_be_missing_or_half(cutting_room: Room, live: LiveOf) -> None:
    """Row 3."""
    world = cutting_room()
    timeline = live(world).timeline
    assert timeline.GetMarkInOut() == {}
    world.mark(24, None)
    assert timeline.GetMarkInOut() == {"video": {"in": 24}, "audio": {"in": 24}}
    world.mark(None, 47, "audio")
    assert timeline.GetMarkInOut() == {"video": {"in": 24}, "audio": {"out": 47}}


def test_trap_03_marks_cannot_be_read_before_19_1(cutting_room: Room, live: LiveOf) -> None:
    """Row 3, and the listings of 19.0 and 19.1."""
    assert live(cutting_room(version="19.0")).timeline.GetMarkInOut is None
    assert callable(live(cutting_room(version="19.1")).timeline.GetMarkInOut)


def test_trap_04_the_out_mark_belongs_to_the_range(cutting_room: Room, live: LiveOf) -> None:
    """Row 4: a clip of 135 frames marked whole is 0 to 134; whether Resolve means that is inferred, not measured."""
    timeline = live(cutting_room()).timeline
    assert timeline.SetMarkInOut(0, 134)
    assert timeline.GetMarkInOut()["video"] == {"in": 0, "out": 134}
    assert timeline.SetMarkInOut(12, 12)
    assert not timeline.SetMarkInOut(12, 11)


def test_trap_05_markers_are_relative_with_fractional_keys_and_a_frame_holds_one(
    cutting_room: Room, live: LiveOf
) -> None:
    """Row 5."""
    timeline = live(cutting_room()).timeline
    assert timeline.AddMarker(96, "Teal", "wrong colour", "", 1) is False
    assert timeline.AddMarker(96, "Sky", "hit", "the door", 1, "own")
    assert timeline.AddMarker(96, "Red", "second", "", 1, "other") is False
    markers = timeline.GetMarkers()
    assert [(type(frame), frame, marker["name"]) for frame, marker in markers.items()] == [(float, 96.0, "hit")]


@pytest.mark.parametrize(("base", "expected"), [("absolute", 86424), ("relative", 172824)])
def test_trap_06_what_render_marks_count_from_is_told_by_the_job(
    cutting_room: Room, live: LiveOf, base: str, expected: int
) -> None:
    """Row 6: both have been said; the list of jobs tells which it was."""
    project = live(cutting_room(render_marks=base)).project
    project.SetRenderSettings({"SelectAllFrames": False, "MarkIn": 86424, "MarkOut": 86447})
    project.AddRenderJob()
    assert project.GetRenderJobList()[0]["MarkIn"] == expected


@pytest.mark.parametrize(
    ("version", "frames"), [("18.6", 25), ("19.0", 24), ("19.1", 24), ("20.2.2", 24), ("21.0.4", 24), ("21.1", 24)]
)
def test_trap_07_the_end_frame_is_exclusive_from_19_on(
    cutting_room: Room, live: LiveOf, wav: Wav, version: str, frames: int
) -> None:
    """Row 7."""
    desk = live(cutting_room(version=version))
    desk.append(desk.brought(wav(4)), track := desk.add_track(), 86400, 24)
    assert desk.on_track(track) == [(86400, frames)]


@pytest.mark.parametrize(("side", "frames"), [("inclusive", 25), ("exclusive", 24)])
def test_trap_07_either_rule_may_hold_in_any_release(
    cutting_room: Room, live: LiveOf, wav: Wav, side: str, frames: int
) -> None:
    """Row 7: which of two things moved between 18 and 19 is not sure."""
    desk = live(cutting_room(version="20.2.2", end_frame=side))
    desk.append(desk.brought(wav(4)), track := desk.add_track(), 86400, 24)
    assert desk.on_track(track) == [(86400, frames)]


def test_trap_08_sound_takes_the_projects_rate_at_its_import_and_keeps_it(
    cutting_room: Room, live: LiveOf, wav: Wav
) -> None:
    """Row 8."""
    world = cutting_room(project_rate="25", timeline_rate="50")
    desk = live(world)
    media = desk.brought(wav(4))
    assert (media.GetClipProperty("FPS"), media.GetClipProperty("Frames")) == (25.0, "100")
    world.opened.clock = replace(world.opened.clock, fps=Fraction(24))
    assert media.GetClipProperty("FPS") == 25.0
    assert desk.brought(wav(4, name="later.wav")).GetClipProperty("FPS") == 24.0
    assert media.SetClipProperty("FPS", "50") is False


@pytest.mark.parametrize(("source", "placed"), [(78, 97), (79, 98), (80, 100), (81, 101)])
def test_trap_09_between_rates_the_length_is_floored(
    cutting_room: Room, live: LiveOf, wav: Wav, source: int, placed: int
) -> None:
    """Row 9: 24 in the pool, 30 on the timeline; a slot of 99 frames cannot be filled by its own length of sound."""
    desk = live(cutting_room(project_rate="24", timeline_rate="30"))
    desk.append(desk.brought(wav(10)), track := desk.add_track(), 108000, source)
    assert desk.on_track(track) == [(108000, placed)]


def test_trap_10_a_fraction_of_a_frame_refuses_the_whole_batch(cutting_room: Room, live: LiveOf, wav: Wav) -> None:
    """Row 10."""
    desk = live(cutting_room(version="21.0.4"))
    media, track = desk.brought(wav(4)), desk.add_track()
    good = {"mediaPoolItem": media, "startFrame": 0, "endFrame": 24, "mediaType": 2, "trackIndex": track}
    batch = [good | {"recordFrame": 86400}, good | {"recordFrame": 86424.5}]
    assert desk.pool.AppendToTimeline(batch) is None
    assert desk.on_track(track) == []
    assert len(desk.append(media, track, 86400.0, 24.0)) == 1


@pytest.mark.parametrize(("answer", "length"), [("empty", 0), ("ghost", 1)])
def test_trap_11_on_an_occupied_range_the_earlier_item_wins_in_silence(
    cutting_room: Room, live: LiveOf, wav: Wav, answer: str, length: int
) -> None:
    """Row 11."""
    desk = live(cutting_room(occupied=answer))
    media, track = desk.brought(wav(4)), desk.add_track()
    desk.append(media, track, 86400, 24)
    again = desk.append(media, track, 86423, 24)
    assert [item.GetUniqueId() for item in again] == [""] * length
    assert desk.on_track(track) == [(86400, 24)]
    assert desk.append(media, track, 86424, 24)[0].GetUniqueId()


def test_trap_12_a_locked_track_takes_nothing(cutting_room: Room, live: LiveOf, wav: Wav) -> None:
    """Row 12."""
    desk = live(cutting_room())
    media, track = desk.brought(wav(4)), desk.add_track()
    desk.world.track("audio", track).locked = True
    assert desk.timeline.GetIsTrackLocked("audio", track)
    assert desk.append(media, track, 86400, 24) == []
    assert desk.on_track(track) == []


@pytest.mark.parametrize(
    ("mode", "answer", "before", "after"),
    [
        ("ok", ["id"], 1, 1),
        ("none", None, 0, 0),
        ("empty", [], 0, 0),
        ("holes", [None], 0, 0),
        ("ghost", [""], 0, 0),
        ("vanishes", ["id"], 1, 0),
        ("unsaid", [], 1, 1),
    ],
)
def test_trap_13_what_an_append_answers_proves_nothing(  # noqa: PLR0917 fixtures and cases
    cutting_room: Room, live: LiveOf, wav: Wav, mode: str, answer: list[Any] | None, before: int, after: int
) -> None:
    """Row 13: only the track tells, and tells it once more after saving."""
    desk = live(cutting_room(append=mode))
    track = desk.add_track()
    said = desk.append(desk.brought(wav(4)), track, 86400, 24)
    told = None if said is None else [item and ("id" if item.GetUniqueId() else "") for item in said]
    assert told == answer
    assert len(desk.on_track(track)) == before
    assert desk.projects.SaveProject()
    assert len(desk.on_track(track)) == after


def test_trap_14_appends_go_to_the_current_timeline_and_imports_to_the_current_bin(
    cutting_room: Room, live: LiveOf, wav: Wav
) -> None:
    """Row 14."""
    world = cutting_room()
    desk = live(world)
    first, track = desk.timeline, desk.add_track()
    world.new_bin("Elsewhere", current=True)
    media = desk.brought(wav(4))
    assert [each.name for each in world.opened.bin.media] == ["music.wav"]
    other = desk.timeline.DuplicateTimeline("Other")
    assert desk.timeline.GetUniqueId() == other.GetUniqueId() != first.GetUniqueId()
    desk.append(media, track, 86400, 24)
    assert first.GetItemListInTrack("audio", track) == []
    assert len(other.GetItemListInTrack("audio", track)) == 1


def test_trap_15_tracks_are_mono_unless_told_and_sound_without_a_track_takes_the_next_free_one(
    cutting_room: Room, live: LiveOf, wav: Wav
) -> None:
    """Row 15."""
    desk = live(cutting_room())
    timeline = desk.timeline
    assert timeline.AddTrack("audio")
    assert timeline.AddTrack("audio", {"audioType": "stereo", "index": 99})
    kinds = [timeline.GetTrackSubType("audio", number) for number in range(1, timeline.GetTrackCount("audio") + 1)]
    assert kinds == ["mono", "mono", "mono", "stereo"]
    media = desk.brought(wav(4))
    desk.pool.AppendToTimeline([{"mediaPoolItem": media, "startFrame": 0, "endFrame": 24, "recordFrame": 86400}])
    assert desk.on_track(2) == [(86400, 24)]


def test_trap_16_nothing_moves_and_deleting_needs_the_edit_page(cutting_room: Room, live: LiveOf) -> None:
    """Row 16: there is no call to move, trim or split; what is linked stays."""
    desk = live(cutting_room(delete_fails_first=False))
    timeline = desk.timeline
    (film,) = timeline.GetItemListInTrack("video", 1)
    assert film.SetStart is film.Move is film.Split is film.SetDuration is None
    desk.resolve.OpenPage("fairlight")
    assert timeline.DeleteClips([film]) is False
    desk.resolve.OpenPage("edit")
    assert timeline.DeleteClips([film]) is True
    assert timeline.GetItemListInTrack("video", 1) == []
    assert len(timeline.GetItemListInTrack("audio", 1)) == 1


def test_trap_16_the_first_delete_of_a_session_fails(cutting_room: Room, live: LiveOf) -> None:
    """Row 16."""
    timeline = live(cutting_room()).timeline
    items = timeline.GetItemListInTrack("video", 1)
    assert [timeline.DeleteClips(items), timeline.DeleteClips(items)] == [False, True]


def test_trap_16_fades_and_levels_cannot_be_set_before_21_1(cutting_room: Room, live: LiveOf) -> None:
    """Row 16."""
    (sound,) = live(cutting_room(version="21.0.4")).timeline.GetItemListInTrack("audio", 1)
    assert sound.SetFades is sound.SetProperties is None
    assert sound.SetProperty("AudioVolume", -6.0) is False
    (sound,) = live(cutting_room(version="21.1")).timeline.GetItemListInTrack("audio", 1)
    assert sound.SetFades({"FadeIn": 12, "FadeOut": 24})
    assert sound.SetProperties({"AudioVolume": -6.0})
    assert sound.SetProperties({"AudioVolume": -101.0}) is False
    assert sound.GetFades() == {"FadeIn": 12, "FadeOut": 24}
    assert sound.GetProperties()["AudioVolume"] == -6.0
