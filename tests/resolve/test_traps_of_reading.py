"""The behaviours of Resolve that have cost somebody a day, rows 17 to 28: reading, rates, dialogs, files, rendering.

The rows are those of the collection of measured behaviours; what the client makes of them is tested with its parts.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sonique_resolve.fake import World
from sonique_resolve.fake.fusion import Bmd
from sonique_resolve.fake.host import DialogOpenError

Room = Callable[..., World]
Wav = Callable[..., Path]
LiveOf = Callable[[World], Any]


def test_trap_17_source_frames_are_told_in_three_ways(cutting_room: Room, live: LiveOf) -> None:
    """Row 17: off by one, in two rates, and with the media's own timecode; differences of source times hold."""
    world = cutting_room(project_rate="30", source_start_error=1)
    film = world.film("/films/pal.mov", frames=500, rate="25", start="10:00:00:00")
    world.put(film, at=600, frames=60, source=100, kind="both", track=3)
    timeline = live(world).timeline
    (picture,) = timeline.GetItemListInTrack("video", 3)
    (sound,) = timeline.GetItemListInTrack("audio", 3)
    assert (picture.GetSourceStartFrame(), sound.GetSourceStartFrame()) == (101, 101)
    assert (picture.GetLeftOffset(), sound.GetLeftOffset()) == (100, 120)
    assert picture.GetSourceStartTime() == 36004.0
    assert picture.GetSourceEndTime() - picture.GetSourceStartTime() == pytest.approx(2.0, abs=1e-6)


def test_trap_18_speed_is_only_in_the_source_times_before_21_1(cutting_room: Room, live: LiveOf) -> None:
    """Row 18."""
    world = cutting_room(version="21.0.4")
    world.put(world.film("/films/fast.mov", frames=500), at=600, frames=48, speed=2, track=2)
    (item,) = live(world).timeline.GetItemListInTrack("video", 2)
    assert not callable(item.GetSpeed)
    assert item.GetSourceEndTime() - item.GetSourceStartTime() == pytest.approx(4.0)
    world.settings = replace(world.settings, version="21.1")
    assert item.GetSpeed() == {"Percentage": 200.0}


@pytest.mark.parametrize(
    ("rate", "form", "told", "drop"),
    [
        ("23.976", "number", 23.976, "0"),
        ("23.976", "text", "23.976", "0"),
        ("29.97", "text", "29.97", "0"),
        ("29.97 DF", "text", "29.97 DF", "1"),
        ("29.97 DF", "plain", "29.97", "1"),
        ("29.97 DF", "number", 29.97, "1"),
        ("50", "number", 50, "0"),
        ("59.94 DF", "text", "59.94 DF", "1"),
    ],
)
def test_trap_19_a_rate_is_told_as_a_number_or_as_text(  # noqa: PLR0917 fixtures and cases
    cutting_room: Room, live: LiveOf, rate: str, form: str, told: float | str, drop: str
) -> None:
    """Row 19: rounded in either form, and the project may say another one than the timeline."""
    desk = live(cutting_room(project_rate="25", timeline_rate=rate, rate_form=form))
    assert desk.timeline.GetSetting("timelineFrameRate") == told
    assert desk.timeline.GetSetting("timelineDropFrameTimecode") == drop
    assert desk.project.GetSetting("timelineFrameRate") in {"25", 25}
    assert desk.project.SetSetting("timelineFrameRate", 24) is False


@pytest.mark.parametrize(
    ("rate", "first", "timecode"),
    [
        ("23.976", 86400, "01:00:00:00"),
        ("29.97", 108000, "01:00:00:00"),
        ("29.97 DF", 107892, "01:00:00;00"),
        ("59.94 DF", 215784, "01:00:00;00"),
    ],
)
def test_trap_20_drop_frame_changes_timecode_alone(
    cutting_room: Room, live: LiveOf, rate: str, first: int, timecode: str
) -> None:
    """Row 20: frames go on one by one, whatever their names leave out."""
    timeline = live(cutting_room(project_rate=rate)).timeline
    assert (timeline.GetStartFrame(), timeline.GetStartTimecode()) == (first, timecode)
    (film,) = timeline.GetItemListInTrack("video", 1)
    assert film.GetStart() == first


def test_trap_21_an_unknown_name_is_there_and_is_none(cutting_room: Room, live: LiveOf) -> None:
    """Row 21."""
    timeline = live(cutting_room()).timeline
    assert hasattr(timeline, "GetTimelineByName")
    assert timeline.GetTimelineByName is None
    assert not callable(getattr(timeline, "SetFades", None))
    assert "GetName" in dir(timeline)
    assert "GetTimelineByName" not in dir(timeline)


def test_trap_22_a_dialog_makes_every_call_fail_or_wait(cutting_room: Room, live: LiveOf) -> None:
    """Row 22."""
    world = cutting_room()
    timeline = live(world).timeline
    world.open_dialog("fails")
    assert timeline.GetName() is None
    world.open_dialog("raises")
    with pytest.raises(DialogOpenError):
        timeline.GetName()
    world.open_dialog("blocks")
    names: list[str] = []
    waiting = threading.Thread(target=lambda: names.append(timeline.GetName()), daemon=True)
    waiting.start()
    assert names == []
    world.close_dialog()
    waiting.join(60)
    assert names == ["Edit"]


def test_trap_23_rendering_leaves_the_users_deliver_page_changed(cutting_room: Room, live: LiveOf) -> None:
    """Row 23: settings are merged, the page loses the marks, sound has no codec, words of the state are translated."""
    world = cutting_room(render_looks=1, status_words=("Bereit", "Abgeschlossen"))
    world.mark(24, 47)
    desk = live(world)
    before = world.users_things()
    desk.project.LoadRenderPreset("Audio Only")
    desk.project.SetRenderSettings({"TargetDir": "/elsewhere"})
    assert desk.project.SetCurrentRenderFormatAndCodec("wav", "pcm") is False
    assert world.opened.deliver.settings["CustomName"] == "My film"
    assert world.users_things()["deliver"] != before["deliver"]
    desk.resolve.OpenPage("deliver")
    assert desk.timeline.GetMarkInOut() == {}
    job = desk.project.AddRenderJob()
    desk.project.StartRendering([job])
    assert desk.project.GetRenderJobStatus(job) == {"JobStatus": "Abgeschlossen", "CompletionPercentage": 100}


def test_trap_24_an_export_needs_the_live_constant(cutting_room: Room, live: LiveOf, tmp_path: Path) -> None:
    """Row 24: text fails in silence, FCPXML 1.10 is a folder, and the answer says nothing of the file."""
    world = cutting_room()
    desk, file = live(world), tmp_path / "edit.otio"
    none = desk.resolve.EXPORT_NONE
    assert desk.timeline.Export(str(file), "EXPORT_OTIO", "EXPORT_NONE") is False
    assert not file.exists()
    assert desk.timeline.Export(str(file), desk.resolve.EXPORT_OTIO, none)
    assert file.is_file()
    assert desk.timeline.Export(str(tmp_path / "edit.fcpxmld"), desk.resolve.EXPORT_FCPXML_1_10, none)
    assert (tmp_path / "edit.fcpxmld").is_dir()
    world.settings = replace(world.settings, export="lies")
    assert desk.timeline.Export(str(tmp_path / "lost.otio"), desk.resolve.EXPORT_OTIO, none)
    assert not (tmp_path / "lost.otio").exists()


def test_trap_25_a_timelines_name_is_taken_once(cutting_room: Room, live: LiveOf, tmp_path: Path) -> None:
    """Row 25."""
    desk, file = live(cutting_room()), str(tmp_path / "edit.otio")
    desk.timeline.Export(file, desk.resolve.EXPORT_OTIO, desk.resolve.EXPORT_NONE)
    assert desk.pool.ImportTimelineFromFile(file, {"timelineName": "Edit"}) is None
    assert desk.pool.ImportTimelineFromFile(file, {"timelineName": "Scored"}).GetName() == "Scored"


def test_trap_26_a_generator_says_yes_to_a_colour_and_stays_as_it_is(cutting_room: Room, live: LiveOf) -> None:
    """Row 26."""
    world = cutting_room()
    world.title("Lower third", at=0, frames=48)
    timeline = live(world).timeline
    (title,) = timeline.GetItemListInTrack("video", 2)
    (sound,) = timeline.GetItemListInTrack("audio", 1)
    assert (title.SetClipColor("Teal"), title.GetClipColor()) == (True, "")
    assert (sound.SetClipColor("Teal"), sound.GetClipColor()) == (True, "Teal")
    assert sound.SetClipColor("Sky") is False


def test_trap_27_windows_wants_its_own_slashes_and_its_own_letters(
    cutting_room: Room, live: LiveOf, wav: Wav, tmp_path: Path
) -> None:
    """Row 27."""
    path = str(wav(1))
    for system, found in (("windows", 0), ("macos", 1)):
        storage = live(cutting_room(system=system)).resolve.GetMediaStorage()
        assert len(storage.AddItemListToMediaPool([path])) == found
    (tmp_path / "日本.lua").write_text("return {}", encoding="utf-8")
    spoken = [Bmd(cutting_room(system=each)).fileexists(str(tmp_path / "日本.lua")) for each in ("windows", "linux")]
    assert spoken == [False, True]


def test_trap_28_archiving_from_a_script_takes_21_1_down(cutting_room: Room, live: LiveOf, tmp_path: Path) -> None:
    """Row 28."""
    world = cutting_room(version="21.1")
    desk = live(world)
    projects = desk.projects
    with pytest.raises(ConnectionError):
        projects.ArchiveProject("Picture", str(tmp_path / "archive.dra"))
    assert world.ended
    assert live(cutting_room(version="21.0.4")).projects.ArchiveProject("Picture", str(tmp_path / "archive.dra"))


def test_every_trap_has_its_test() -> None:
    texts = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_traps_of_*.py")]
    numbers = {int(number) for text in texts for number in re.findall(r"^def test_trap_(\d\d)_", text, re.MULTILINE)}
    assert numbers == set(range(1, 29))
