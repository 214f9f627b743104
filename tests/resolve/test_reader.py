"""The reader: what the timeline is, which clips stand in a range, and that the daemon sees the same picture."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from sonique_resolve.choosing import Which
from sonique_resolve.errors import NothingMarked, ResolveBusy, ResolveGone
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.fake.state import Media
from sonique_resolve.reader import read
from sonique_resolve.timeline import Marks, Rate

from tests.resolve.reading import FILM, NTSC, conformed, found_in, shots

Room = Callable[..., World]


Shoot = Callable[..., Path]


@pytest.mark.parametrize(
    ("name", "form", "rate"),
    [
        ("23.976", "text", Rate(FILM)),
        ("24", "number", Rate(Fraction(24))),
        ("25", "text", Rate(Fraction(25))),
        ("29.97", "number", Rate(NTSC)),
        ("29.97", "text", Rate(NTSC)),
        ("29.97 DF", "text", Rate(NTSC, drop_frame=True)),
        ("29.97 DF", "number", Rate(NTSC, drop_frame=True)),
        ("50", "text", Rate(Fraction(50))),
        ("59.94 DF", "plain", Rate(2 * NTSC, drop_frame=True)),
    ],
)
def test_the_rate_is_exact_in_whatever_form_it_is_told(cutting_room: Room, name: str, form: str, rate: Rate) -> None:
    world = cutting_room(project_rate="24", timeline_rate=name, rate_form=form)
    found = read(FakeDesk(world))
    assert found.rate == rate
    assert found.project_rate == Rate(Fraction(24))
    assert found.mixed_rates == (rate.fps != 24)
    assert found.start_frame == world.timeline.start_frame
    assert found.timecode(found.start_frame) == ("01:00:00;00" if rate.drop_frame else "01:00:00:00")


@pytest.mark.parametrize("rate", ["23.976", "25", "29.97", "29.97 DF", "59.94 DF"])
def test_timecode_and_frames_turn_into_each_other(cutting_room: Room, rate: str) -> None:
    found = read(FakeDesk(cutting_room(project_rate=rate)))
    for frame in (0, 1, 1799, 1800, 1801, 17_981, 17_982, 107_891, 107_892, 215_784):
        assert found.rate.frame(found.rate.timecode(frame)) == frame


@pytest.mark.parametrize("start", ["01:00:00:00", "00:00:00:00"])
def test_marks_that_a_script_set_in_absolute_frames_are_read_as_such(cutting_room: Room, start: str) -> None:
    world = cutting_room(project_rate="25", start=start)
    first = world.timeline.start_frame
    world.mark(first + 10, first + 99)
    assert read(FakeDesk(world)).marks == Marks(first + 10, first + 99)
    world.mark(None, 400)  # past the last clip
    assert read(FakeDesk(world)).marks == Marks(None, first + 400)


def test_marks_markers_and_playhead_become_absolute(cutting_room: Room) -> None:
    world = cutting_room(project_rate="25")
    world.mark(None, 99)
    world.marker(12, "Door", "Red")
    world.marker(200, custom_data="sonique:abc")
    world.playhead(77)
    found = read(FakeDesk(world))
    assert found.marks == Marks(None, 90_099)
    assert [(m.frame, m.name, m.color, m.custom_data) for m in found.markers] == [
        (90_012, "Door", "Red", ""),
        (90_200, "", "Blue", "sonique:abc"),
    ]
    assert found.playhead == 90_077


def test_the_host_the_project_and_the_tracks_are_told(cutting_room: Room) -> None:
    world = cutting_room(edition="free", version="20.2.2", audio_tracks=("mono", "5.1"))
    world.add_track(name="Sonique", locked=True)
    world.track("audio", 2).enabled = False
    found = read(FakeDesk(world))
    assert (found.host.title, found.host.studio, found.host.page) == ("DaVinci Resolve 20.2.2", False, "edit")
    assert (found.project, found.name) == ("Picture", "Edit")
    told = [(track.kind, track.index, track.subtype, track.enabled, track.locked, track.own) for track in found.tracks]
    assert told == [
        ("video", 1, "", True, False, False),
        ("audio", 1, "mono", True, False, False),
        ("audio", 2, "5.1", False, False, False),
        ("audio", 3, "stereo", True, True, True),
    ]


def test_no_project_no_timeline_a_dialog_and_the_end_are_told(cutting_room: Room) -> None:
    world = cutting_room()
    world.opened.current = None
    with pytest.raises(NothingMarked, match="no timeline open"):
        read(FakeDesk(world))
    world.project = None
    with pytest.raises(NothingMarked, match="No project is open"):
        read(FakeDesk(world))
    world.open_dialog("fails")
    with pytest.raises(ResolveBusy, match="dialog"):
        read(FakeDesk(world))
    world.end()
    with pytest.raises(ResolveGone):
        read(FakeDesk(world))


def test_the_project_manager_before_the_pages_is_told(cutting_room: Room) -> None:
    world = cutting_room()
    world.page = ""
    with pytest.raises(ResolveBusy, match="project manager"):
        read(FakeDesk(world))
    world.opened.current = None
    with pytest.raises(ResolveBusy, match="project manager"):
        read(FakeDesk(world))


def test_a_resolve_without_a_window_shows_no_page_and_is_read(cutting_room: Room) -> None:
    world = cutting_room(headless=True)
    world.page = ""
    assert read(FakeDesk(world)).host.page == ""


def test_a_cut_over_mixed_rates_conforms_to_the_same_picture(cutting_room: Room, shoot: Shoot, tmp_path: Path) -> None:
    world = World(cutting_room(project_rate="25").settings)
    a = world.film(str(shoot("a.mov", 100, FILM)), frames=100, rate="23.976")
    b = world.film(str(shoot("b.mov", 120, 30)), frames=120, rate="30")
    c = world.film(str(shoot("c.mov", 100, 25)), frames=100)
    world.put(a, at=0, frames=50, source=24)
    world.put(b, at=50, frames=40, source=30)
    world.put(c, at=100, frames=50, source=10)
    picture = conformed(found_in(world), tmp_path)
    assert shots(picture) == [("a.mov", 0, 50), ("b.mov", 50, 40), ("", 90, 10), ("c.mov", 100, 50)]
    assert [float(each) for each in (picture.rate, picture.start, picture.duration)] == [25, 3600, 6]
    starts = [shot.source.start for shot in picture.shots if shot.source]
    assert starts == [24 / FILM, Fraction(1), Fraction(10, 25)]
    assert not picture.warnings


@pytest.mark.parametrize("version", ["20.2.2", "21.1"])
@pytest.mark.parametrize(
    ("speed", "source", "start"),
    [
        (Fraction(1, 2), 12, Fraction(1, 2)),
        (2, 12, Fraction(1, 2)),
        (-1, 72, Fraction(3)),
        (Fraction(3, 4), 0, 0),
        (0, 30, Fraction(5, 4)),
    ],
)
def test_speed_is_read_and_shows_the_same_frames(  # noqa: PLR0917 fixtures and cases
    cutting_room: Room, shoot: Shoot, tmp_path: Path, version: str, speed: Fraction, source: int, start: Fraction
) -> None:
    world = World(cutting_room(project_rate="24", version=version).settings)
    film = world.film(str(shoot("fast.mov", 120)), frames=120)
    world.put(film, at=0, frames=48, source=source, speed=speed)
    (shot,) = conformed(found_in(world), tmp_path).shots
    assert shot.source is not None
    assert shot.source.speed == speed
    # What is shown at the first instant of a reversed clip is the frame that it begins with, or the one before.
    assert abs(shot.source.start - start) <= (Fraction(1, 24) if speed < 0 else 0)


def test_disabled_clips_and_the_tracks_above_show_as_in_resolve(
    cutting_room: Room, shoot: Shoot, tmp_path: Path
) -> None:
    world = World(cutting_room(project_rate="24").settings)
    low = world.film(str(shoot("low.mov", 120)), frames=120)
    high = world.film(str(shoot("high.mov", 120)), frames=120)
    world.put(low, at=0, frames=120)
    world.put(high, at=24, frames=24, track=2)
    world.put(high, at=72, frames=24, track=2, enabled=False)
    assert shots(conformed(found_in(world), tmp_path)) == [
        ("low.mov", 0, 24),
        ("high.mov", 24, 24),
        ("low.mov", 48, 72),
    ]
    world.track("video", 2).enabled = False
    assert shots(conformed(found_in(world), tmp_path)) == [("low.mov", 0, 120)]


def test_only_the_range_is_handed_over_and_may_reach_past_the_last_clip(
    cutting_room: Room, shoot: Shoot, tmp_path: Path
) -> None:
    world = World(cutting_room(project_rate="24").settings)
    film = world.film(str(shoot("one.mov", 240)), frames=240)
    for index in range(8):
        world.put(film, at=24 * index, frames=24, source=24 * index + 3 * (index % 2))
    world.mark(60, 215)
    found = found_in(world, Which.MARKS)
    assert [item.start_frame - 86_400 for item in found.items["video", 1]] == [48, 72, 96, 120, 144, 168]
    picture = conformed(found, tmp_path)
    assert shots(picture)[0] == ("one.mov", 0, 12)
    assert shots(picture)[-1] == ("", 132, 24)
    assert picture.start == Fraction(3600 * 24 + 60, 24)


@pytest.mark.parametrize(
    ("rate", "timecode"), [("24", "01:00:00:00"), ("23.976", "10:11:12:13"), ("29.97 DF", "01:00:00;00")]
)
def test_media_with_a_timecode_of_its_own_is_found_at_the_right_frame(
    cutting_room: Room, shoot: Shoot, tmp_path: Path, rate: str, timecode: str
) -> None:
    world = World(cutting_room(project_rate=rate).settings)
    fps = world.timeline.clock.fps
    film = world.film(str(shoot("tc.mov", 100, fps, timecode=timecode)), frames=100, start=timecode)
    world.put(film, at=0, frames=60, source=30)
    (shot,) = conformed(found_in(world), tmp_path).shots
    assert shot.source is not None
    assert shot.source.start == 30 / fps


@pytest.mark.parametrize("words", [{}, {"Timeline": "时间线", "Video": "视频"}])
def test_a_nested_timeline_is_told_and_is_black_in_every_language(
    cutting_room: Room, shoot: Shoot, tmp_path: Path, words: dict[str, str]
) -> None:
    world = World(cutting_room(project_rate="24", clip_words=words).settings)
    film = world.film(str(shoot("below.mov", 120)), frames=120)
    nested = Media(world.new_identity(), "Scene 2", "", "Timeline", world.timeline.clock, 200)
    world.put(film, at=0, frames=96)
    world.put(nested, at=24, frames=48, track=2)
    world.title("Lower third", at=80, frames=10, track=3)
    found = found_in(world)
    assert any("Scene 2" in note and "black" in note for note in found.unseen)
    assert any("Lower third" in note for note in found.unseen)
    assert not found.notes
    assert shots(conformed(found, tmp_path)) == [("below.mov", 0, 24), ("", 24, 48), ("below.mov", 72, 24)]


def test_a_transition_is_no_title_but_a_title_that_is_faded_in_is_one(cutting_room: Room) -> None:
    world = cutting_room(project_rate="24")
    film = world.film("/films/next.mov", frames=500)
    world.put(film, at=240, frames=96)
    for start in (234, 330):  # between two clips, and at the end of one alone
        world.title("Cross Dissolve", at=start, frames=12 if start == 234 else 6, track=1, kind="transition")
    assert not found_in(world).unseen
    world.title("Lower third", at=80, frames=40)
    world.title("Cross Dissolve", at=80, frames=10, kind="transition")
    (told,) = found_in(world).unseen
    assert told.startswith("1 title or generator (“Lower third”)")


def test_offline_media_is_told(cutting_room: Room) -> None:
    world = cutting_room()
    world.put(world.film("/gone/lost.mov", frames=100, online=False), at=0, frames=48, track=2)
    assert any("“lost.mov”" in note and "offline" in note for note in found_in(world).notes)


def test_an_image_sequence_is_named_by_its_images(cutting_room: Room, tmp_path: Path) -> None:
    world = World(cutting_room(project_rate="24").settings)
    for number in range(1001, 1061):
        with av.open(str(tmp_path / f"plate.{number}.png"), "w", format="image2") as container:
            video = container.add_stream("png", rate=24)
            video.width, video.height, video.pix_fmt = 160, 90, "rgb24"
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((90, 160, 3), np.uint8), format="rgb24")))
            container.mux(video.encode(None))
    plate = world.film(str(tmp_path / "plate.[1001-1060].png"), frames=60, kind="Video")
    world.put(plate, at=0, frames=48, source=6)
    (shot,) = conformed(found_in(world), tmp_path).shots
    assert shot.source is not None
    assert shot.source.path == str(tmp_path / "plate.%04d.png")
    assert (shot.source.first_frame, shot.source.start) == (1001, Fraction(6, 24))
    assert shot.source.rate == 24


def test_markers_come_along_and_ours_do_not(cutting_room: Room, shoot: Shoot, tmp_path: Path) -> None:
    world = World(cutting_room(project_rate="29.97 DF").settings)
    world.put(world.film(str(shoot("a.mov", 120, NTSC)), frames=120), at=0, frames=120)
    world.marker(45, "Slap", "Rose")
    world.marker(50, "Sonique", custom_data="sonique:job")
    picture = conformed(found_in(world), tmp_path)
    assert [(marker.time, marker.name, marker.color) for marker in picture.markers] == [(45 / NTSC, "Slap", "ROSE")]
    assert picture.drop_frame


def test_production_sound_plays_where_it_stands_and_our_music_is_none(
    cutting_room: Room, shoot: Shoot, wav: Callable[..., Path], tmp_path: Path
) -> None:
    world = World(cutting_room(project_rate="25", timeline_rate="50").settings)
    film = world.film(str(shoot("talk.mov", 100, 25, sound=True)), frames=100, rate="25")
    world.put(film, at=0, frames=150, source=5, kind="both")
    world.put(world.sound(wav(4, name="room.wav")), at=50, frames=100, source=25, track=2, kind="audio")
    world.add_track(name="Sonique")
    world.put(world.sound(wav(4, name="ours.wav")), at=0, frames=150, track=3, kind="audio")
    picture = conformed(found_in(world), tmp_path)
    heard = [
        (Path(clip.source.path).name, *map(float, (clip.record.start, clip.record.duration, clip.source.start)))
        for clip in picture.sound
    ]
    assert heard == [
        ("talk.mov", 0, 3, 0.2),
        ("room.wav", 1, 2, 1),
    ]


def test_older_releases_tell_offsets_alone(cutting_room: Room, shoot: Shoot, tmp_path: Path) -> None:
    world = World(cutting_room(project_rate="25", version="18.6").settings)
    world.put(world.film(str(shoot("a.mov", 100, 25)), frames=100), at=0, frames=60, source=20)
    found = found_in(world)
    (shot,) = conformed(found, tmp_path).shots
    assert shot.source is not None
    assert shot.source.start == Fraction(20, 25)
    assert any("speed" in note for note in found.notes)
