"""The fake keeps its state as Resolve would, counts its calls, and answers through the bridge's interpreter."""

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sonique_resolve.calls import RESOLVE, Call, Constant, Handle, Has, Ref
from sonique_resolve.errors import ResolveBusy, ResolveError, ResolveGone
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.fake.clock import clock_named, frame_of, timecode_of
from sonique_resolve.fake.riff import read_sound
from sonique_resolve.fake.settings import RATES, RELEASES

Room = Callable[..., World]
Wav = Callable[..., Path]
LiveOf = Callable[[World], Any]


# Clocks


@pytest.mark.parametrize("rate", RATES)
def test_timecode_and_frames_are_one_thing_at_every_rate(rate: str) -> None:
    clock = clock_named(rate)
    assert clock is not None
    for frame in (0, 1, 1799, 1800, 1801, 17981, 17982, 107_892, 215_784, 1_000_000):
        assert frame_of(timecode_of(frame, clock), clock) == frame


@pytest.mark.parametrize(
    ("rate", "frame", "timecode"),
    [
        ("29.97 DF", 1799, "00:00:59;29"),
        ("29.97 DF", 1800, "00:01:00;02"),
        ("29.97 DF", 17982, "00:10:00;00"),
        ("59.94 DF", 3600, "00:01:00;04"),
        ("23.976", 86400, "01:00:00:00"),
    ],
)
def test_drop_frame_leaves_out_what_the_standard_says(rate: str, frame: int, timecode: str) -> None:
    clock = clock_named(rate)
    assert clock is not None
    assert timecode_of(frame, clock) == timecode


@pytest.mark.parametrize("rate", ["", "fast", "0", "-25", "25 XY"])
def test_what_is_no_rate_is_none(rate: str) -> None:
    assert clock_named(rate) is None


@pytest.mark.parametrize(("rate", "exact"), [("23.976", Fraction(24000, 1001)), ("59.94", Fraction(60000, 1001))])
def test_rounded_names_of_rates_are_exact_inside(rate: str, exact: Fraction) -> None:
    clock = clock_named(rate)
    assert clock is not None
    assert clock.fps == exact


# Sound


def test_sound_is_as_long_as_its_file(wav: Wav) -> None:
    sound = read_sound(wav(Fraction(5, 2), channels=1, sample_rate=44_100))
    assert sound is not None
    assert (sound.samples, sound.channels, sound.sample_rate) == (110_250, 1, 44_100)


def test_sound_of_floating_point_and_of_long_files_is_read(tmp_path: Path) -> None:
    path = tmp_path / "float.wav"
    form = struct.pack("<HHIIHH", 3, 2, 48_000, 48_000 * 8, 8, 32)
    long = struct.pack("<QQQI", 100, 8000, 1000, 0)
    chunks = [(b"ds64", long), (b"LIST", b"odd"), (b"fmt ", form)]
    body = b"".join(name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in chunks)
    path.write_bytes(b"RF64\xff\xff\xff\xffWAVE" + body + b"data\xff\xff\xff\xff" + bytes(8000))
    sound = read_sound(path)
    assert sound is not None
    assert sound.samples == 1000


def test_what_is_no_sound_is_not_imported(cutting_room: Room, live: LiveOf, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"no sound")
    paths = [str(tmp_path / "a.wav"), str(tmp_path / "missing.wav")]
    assert live(cutting_room()).pool.ImportMedia(paths) == []


@pytest.mark.parametrize(("rounding", "frames"), [("floor", "100"), ("nearest", "101"), ("ceil", "101")])
def test_how_sound_becomes_whole_frames_can_be_chosen(
    cutting_room: Room, live: LiveOf, wav: Wav, rounding: str, frames: str
) -> None:
    media = live(cutting_room(project_rate="25", wav_frames=rounding)).brought(wav(4.03))
    assert media.GetClipProperty("Frames") == frames


def test_the_app_stores_build_reads_films_folder_alone(cutting_room: Room, live: LiveOf, wav: Wav) -> None:
    assert live(cutting_room(app_store=True)).pool.ImportMedia([str(wav(1))]) == []


# State


def test_picture_and_sound_of_a_film_are_appended_linked(cutting_room: Room, live: LiveOf) -> None:
    world = cutting_room()
    desk = live(world)
    media = desk.pool.GetRootFolder().GetClipList()[-1]
    entry = {"mediaPoolItem": media, "startFrame": 0, "endFrame": 48, "recordFrame": 86700}
    picture, sound = desk.pool.AppendToTimeline([entry])
    assert picture.GetTrackTypeAndIndex() == ["video", 1]
    assert sound.GetTrackTypeAndIndex() == ["audio", 1]
    assert [item.GetUniqueId() for item in picture.GetLinkedItems()] == [sound.GetUniqueId()]
    assert media.GetClipProperty("Usage") == "4"


def test_an_append_without_a_place_goes_to_the_end(cutting_room: Room, live: LiveOf, wav: Wav) -> None:
    desk = live(cutting_room())
    (item,) = desk.pool.AppendToTimeline(desk.brought(wav(2)))
    assert (item.GetStart(), item.GetDuration()) == (86640, 48)


def test_more_than_there_is_cannot_be_placed(cutting_room: Room, live: LiveOf, wav: Wav) -> None:
    desk = live(cutting_room())
    desk.append(desk.brought(wav(2)), track := desk.add_track(), 86400, 96)
    assert desk.on_track(track) == [(86400, 48)]


@pytest.mark.parametrize(("mode", "placed"), [("short", (86400, 23)), ("late", (86401, 24))])
def test_an_append_can_miss_by_a_frame(
    cutting_room: Room, live: LiveOf, wav: Wav, mode: str, placed: tuple[int, int]
) -> None:
    desk = live(cutting_room(append=mode, append_faults=1))
    media, first, second = desk.brought(wav(4)), desk.add_track(), desk.add_track()
    desk.append(media, first, 86400, 24)
    desk.append(media, second, 86400, 24)
    assert (desk.on_track(first), desk.on_track(second)) == ([placed], [(86400, 24)])


def test_older_releases_lack_what_came_later(cutting_room: Room, live: LiveOf) -> None:
    counts = [len(dir(live(cutting_room(version=each)).timeline)) for each in RELEASES]
    assert counts == sorted(counts)
    assert len(set(counts)) == 5
    assert live(cutting_room(version="18.6")).timeline.AddTrack("audio", {"audioType": "stereo"}) is False


@pytest.mark.parametrize(
    ("edition", "version", "outside", "found"),
    [
        ("studio", "21.1", True, True),
        ("free", "20.2.2", True, False),
        ("free", "20.2.2", False, True),
        ("free", "21.1", False, False),
    ],
)
def test_who_may_script_depends_on_edition_and_release(
    cutting_room: Room, edition: str, version: str, outside: bool, found: bool
) -> None:
    world = cutting_room(edition=edition, version=version)
    assert (world.scriptapp("Resolve", outside=outside) is not None) is found


@pytest.mark.parametrize(
    ("edition", "version", "windows", "upsold"),
    [("studio", "21.1", True, 0), ("free", "19.0", True, 0), ("free", "19.1", False, 1), ("free", "21.1", False, 0)],
)
def test_windows_are_for_studio_and_asking_elsewhere_opens_an_offer(
    cutting_room: Room, edition: str, version: str, windows: bool, upsold: int
) -> None:
    world = cutting_room(edition=edition, version=version)
    assert (world.resolve.Fusion().UIManager() is not None) is windows
    assert world.upsold == upsold


def test_what_was_not_saved_is_lost_when_resolve_dies(cutting_room: Room, live: LiveOf, wav: Wav) -> None:
    world = cutting_room()
    desk = live(world)
    desk.projects.SaveProject()
    desk.append(desk.brought(wav(4)), desk.add_track(), 86400, 24)
    world.end()
    with pytest.raises(ConnectionError):
        desk.resolve.GetVersion()
    world.restart()
    assert desk.timeline.GetTrackCount("audio") == 2


def test_a_deleted_item_answers_nothing(cutting_room: Room, live: LiveOf) -> None:
    timeline = live(cutting_room(delete_fails_first=False)).timeline
    (film,) = timeline.GetItemListInTrack("video", 1)
    assert timeline.DeleteClips([film])
    assert film.GetName() is None


def test_deleting_with_ripple_moves_what_follows(cutting_room: Room, live: LiveOf) -> None:
    world = cutting_room(delete_fails_first=False)
    world.put(world.film("/films/b.mov", frames=100), at=240, frames=48)
    timeline = live(world).timeline
    assert timeline.DeleteClips(timeline.GetItemListInTrack("video", 1)[:1], True)  # noqa: FBT003 as Resolve has it
    assert timeline.GetItemListInTrack("video", 1)[0].GetStart() == 86400


def test_a_scratch_project_is_made_and_thrown_away(cutting_room: Room, live: LiveOf) -> None:
    world = cutting_room()
    desk = live(world)
    scratch = desk.projects.CreateProject("Sonique selftest")
    assert scratch.SetSetting("timelineFrameRate", "25")
    timeline = scratch.GetMediaPool().CreateEmptyTimeline("Test")
    assert (timeline.GetStartFrame(), timeline.GetSetting("timelineFrameRate")) == (90000, "25")
    assert scratch.SetSetting("timelineFrameRate", "24") is False
    assert desk.projects.SaveProject()
    assert desk.projects.DeleteProject("Sonique selftest") is False
    assert desk.projects.LoadProject("Picture").GetName() == "Picture"
    assert desk.projects.DeleteProject("Sonique selftest") is False
    assert desk.projects.CloseProject(desk.projects.LoadProject("Sonique selftest"))
    assert desk.projects.LoadProject("Picture").GetName() == "Picture"
    assert desk.projects.DeleteProject("Sonique selftest")
    assert desk.projects.GetProjectListInCurrentFolder() == ["Picture"]


def test_what_is_not_saved_is_lost_as_another_project_is_made(cutting_room: Room, live: LiveOf) -> None:
    world = cutting_room()
    desk = live(world)
    assert desk.projects.SaveProject()
    world.marker(3, "Door")
    desk.projects.CreateProject("Never saved")
    assert desk.projects.LoadProject("Picture") is not None
    assert desk.timeline.GetMarkers() == {}
    assert desk.projects.GetProjectListInCurrentFolder() == ["Picture"]


def test_setting_up_a_render_and_asking_for_its_mode_open_the_deliver_page(cutting_room: Room, live: LiveOf) -> None:
    world = cutting_room()
    project = live(world).project
    readers = (project.GetRenderFormats, project.GetRenderJobList, project.IsRenderingInProgress)
    for reader in readers:
        reader()
        assert world.page == "edit"
    for call in (project.GetCurrentRenderMode, project.AddRenderJob, lambda: project.SetRenderSettings({})):
        world.page = "edit"
        call()
        assert world.page == "deliver"


def test_before_the_project_manager_nothing_can_be_changed(cutting_room: Room, live: LiveOf) -> None:
    world = cutting_room()
    desk = live(world)
    world.page = ""
    assert desk.timeline.GetName()
    assert desk.timeline.AddTrack("audio", "stereo") is None
    assert desk.timeline.AddMarker(1, "Blue", "", "", 1) is None
    assert world.timeline.markers == {}
    assert desk.projects.SaveProject()


def test_a_name_of_rendered_files_cannot_be_taken_away(cutting_room: Room, live: LiveOf) -> None:
    world = cutting_room()
    assert live(world).project.SetRenderSettings({"CustomName": "", "TargetDir": "/elsewhere"}) is False
    assert world.opened.deliver.settings["TargetDir"] == "/renders"


def test_a_timeline_has_a_rate_of_its_own_only_with_custom_settings(cutting_room: Room, live: LiveOf) -> None:
    timeline = live(cutting_room()).pool.CreateEmptyTimeline("Fifty")
    assert timeline.SetSetting("timelineFrameRate", "50") is False
    assert timeline.SetSetting("useCustomSettings", "1")
    assert timeline.SetSetting("timelineFrameRate", "50")
    assert timeline.GetStartFrame() == 180_000


def test_what_belongs_to_the_user_can_be_compared(cutting_room: Room, live: LiveOf) -> None:
    world = cutting_room(page_clears_marks="any")
    world.mark(24, 47)
    desk = live(world)
    before = world.users_things()
    assert world.users_things() == before
    desk.resolve.OpenPage("fairlight")
    after = world.users_things()
    assert {name for name in before if before[name] != after[name]} == {"page", "marks"}


def test_a_wedged_or_headless_resolve_can_be_told(cutting_room: Room, live: LiveOf) -> None:
    wedged = live(cutting_room(wedged=True)).projects
    assert (wedged.GetCurrentDatabase(), wedged.GetCurrentProject()) == (None, None)
    headless = live(cutting_room(headless=True, project="Untitled Project")).projects
    with pytest.raises(TimeoutError):
        headless.SaveProject()


# Preferences


def test_preferences_are_saved_as_a_lua_table(cutting_room: Room, tmp_path: Path) -> None:
    fusion = cutting_room().resolve.Fusion()
    fusion.SetPrefs("Global.Sonique.Answer", "7:6f6b")
    assert fusion.GetPrefs("Global.Sonique.Answer") == "7:6f6b"
    assert fusion.GetPrefs("Global.Other.Answer") is None
    assert fusion.SavePrefs(str(tmp_path / "Fusion.prefs"))
    text = (tmp_path / "Fusion.prefs").read_text(encoding="utf-8")
    assert 'Answer = "7:6f6b"' in text
    assert text.count("{") == text.count("}") == 3


# The desk and the log


def test_a_desk_runs_batches_through_the_interpreter(cutting_room: Room) -> None:
    world = cutting_room()
    world.marker(96, "hit")
    desk = FakeDesk(world)
    answers = desk.do(
        [
            Call(RESOLVE, "GetProjectManager"),
            Call(Ref(0), "GetCurrentProject"),
            Call(Ref(1), "GetCurrentTimeline"),
            Call(Ref(2), "GetMarkers"),
            Call(Ref(2), "GetItemListInTrack", ("video", 1)),
            Call(Ref(4, 0), "GetStart"),
            Has(Ref(2), "GetMarkInOut"),
            Has(Ref(2), "GetSettings"),
            Call(Ref(4, 9), "GetStart"),
        ]
    )
    assert isinstance(answers[2], Handle)
    assert isinstance(answers[3], dict)
    assert list(answers[3]) == ["96.0"]
    assert answers[5:] == [86400, True, False, None]
    assert desk.batches == 1


def test_a_constant_reaches_the_live_object(cutting_room: Room, tmp_path: Path) -> None:
    desk = FakeDesk(cutting_room())
    answers = desk.do(
        [
            Call(RESOLVE, "GetProjectManager"),
            Call(Ref(0), "GetCurrentProject"),
            Call(Ref(1), "GetCurrentTimeline"),
            Call(Ref(2), "Export", (str(tmp_path / "a.otio"), Constant("EXPORT_OTIO"), Constant("EXPORT_NONE"))),
        ]
    )
    assert answers[3] is True


@pytest.mark.parametrize("how", ["raises", "blocks", "fails"])
def test_a_desk_says_that_a_dialog_is_open(cutting_room: Room, how: Any) -> None:
    world = cutting_room()
    desk = FakeDesk(world)
    world.open_dialog(how)
    with pytest.raises(ResolveBusy):
        desk.do([Call(RESOLVE, "GetProductName")])
    world.close_dialog()
    assert desk.do([Call(RESOLVE, "GetProductName")]) == ["DaVinci Resolve Studio"]


def test_a_desk_says_that_resolve_ended(cutting_room: Room) -> None:
    world = cutting_room()
    desk = FakeDesk(world)
    world.end()
    with pytest.raises(ResolveGone):
        desk.do([Call(RESOLVE, "GetProductName")])


def test_a_hook_can_end_resolve_at_any_call(cutting_room: Room) -> None:
    world = cutting_room()
    world.hook = lambda seen: world.end() if seen.method == "GetCurrentProject" else None
    with pytest.raises(ResolveGone):
        FakeDesk(world).do([Call(RESOLVE, "GetProjectManager"), Call(Ref(0), "GetCurrentProject")])


def test_a_wrong_number_of_arguments_fails(cutting_room: Room) -> None:
    with pytest.raises(ResolveError, match="GetProductName"):
        FakeDesk(cutting_room()).do([Call(RESOLVE, "GetProductName", (1,))])


def test_calls_are_counted_and_repeats_named(cutting_room: Room, live: LiveOf) -> None:
    world = cutting_room(latency_ms=2)
    timeline = live(world).timeline
    world.log.clear()
    world.elapsed = 0.0
    timeline.GetTrackName("audio", 1)
    timeline.GetTrackName("audio", 2)
    assert world.log.repeated() == []
    timeline.GetTrackName("audio", 2)
    assert world.log.repeated() == ["Timeline.GetTrackName ×2"]
    assert (len(world.log), world.log.count("GetTrackName")) == (3, 3)
    assert world.elapsed == pytest.approx(0.006)


@pytest.mark.parametrize("settings", [{"version": "17.0"}, {"project_rate": "29"}, {"timeline_rate": "25.0"}])
def test_settings_that_no_resolve_has_are_refused(cutting_room: Room, settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="none of"):
        cutting_room(**settings)
