"""Choosing: which range is meant, and what is told where there is none."""

from collections.abc import Callable

import pytest
from sonique_resolve.choosing import Which, choose
from sonique_resolve.errors import NothingMarked
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.fake.timeline import Timeline
from sonique_resolve.reader import read

Room = Callable[..., World]


def chosen(world: World, which: Which | str = Which.AUTO) -> tuple[int, int]:
    """Where the range begins, from the timeline's start, and how long it is."""
    desk = FakeDesk(world)
    found = choose(desk, read(desk), which)
    return found.range.start_frame - world.timeline.start_frame, found.range.frames


def refusal(world: World, which: Which | str = Which.AUTO) -> str:
    with pytest.raises(NothingMarked) as caught:
        chosen(world, which)
    return caught.value.sentence


def test_the_frame_of_the_out_mark_belongs_to_the_range(cutting_room: Room) -> None:
    world = cutting_room(project_rate="25")
    world.mark(10, 134)
    assert chosen(world) == (10, 125)


def test_the_picture_s_marks_win_over_the_sound_s(cutting_room: Room) -> None:
    world = cutting_room(project_rate="25")
    world.mark(0, 99, "audio")
    world.mark(50, 149, "video")
    assert chosen(world, Which.MARKS) == (50, 100)


@pytest.mark.parametrize(("rate", "start"), [("25", "23:59:55:00"), ("29.97 DF", "23:59:55;00")])
def test_a_timeline_that_crosses_midnight_is_spoken_of_in_the_next_days_timecode(
    cutting_room: Room, monkeypatch: pytest.MonkeyPatch, rate: str, start: str
) -> None:
    world = cutting_room(project_rate=rate, start=start)
    nominal = 25 if rate == "25" else 30
    mark = start[-3]
    whole = world.timeline.end_frame - world.timeline.start_frame
    assert chosen(world, f"23:59:57:00-00:00:02{mark}00") == (2 * nominal, 5 * nominal)
    assert chosen(world, "00:00:01:00-") == (6 * nominal, whole - 6 * nominal)
    assert "begins before the timeline" in refusal(world, "10:00:00:00-10:01:00:00")
    monkeypatch.setattr(Timeline, "GetCurrentTimecode", lambda _: f"00:00:01{mark}00")
    assert chosen(world, Which.CLIP) == (0, whole)


def test_without_marks_the_whole_timeline_is_meant_unless_marks_are_asked_for(cutting_room: Room) -> None:
    world = cutting_room(project_rate="25")
    assert chosen(world) == (0, 250)
    assert "set them with I and O" in refusal(world, Which.MARKS)


def test_the_topmost_clip_under_the_playhead_can_be_meant(cutting_room: Room) -> None:
    world = cutting_room(project_rate="25")
    world.put(world.film("/films/over.mov", frames=300), at=60, frames=80, track=2)
    world.playhead(100)
    assert chosen(world, Which.CLIP) == (60, 80)
    world.playhead(20)
    assert chosen(world, Which.CLIP) == (0, 250)
    world.playhead(400)
    assert "under the playhead (01:00:16:00)" in refusal(world, Which.CLIP)


def test_sound_alone_under_the_playhead_can_be_meant_but_not_our_own(cutting_room: Room) -> None:
    world = cutting_room(project_rate="25")
    world.timeline.tracks["video"][0].items.clear()
    world.timeline.tracks["audio"][0].items.clear()
    world.add_track(name="Sonique")
    world.put(world.film("/films/over.mov", frames=300), at=0, frames=250, track=3, kind="audio")
    world.put(world.film("/films/talk.mov", frames=300), at=60, frames=80, track=2, kind="audio")
    world.playhead(100)
    assert chosen(world, Which.CLIP) == (60, 80)
    world.playhead(20)
    assert "under the playhead" in refusal(world, Which.CLIP)


@pytest.mark.parametrize(("version", "expected"), [("21.0.4", (0, 250)), ("20.2.2", (60, 80))])
def test_a_selected_clip_under_the_playhead_wins_where_it_is_told(
    cutting_room: Room, version: str, expected: tuple[int, int]
) -> None:
    world = cutting_room(project_rate="25", version=version)
    world.put(world.film("/films/over.mov", frames=300), at=60, frames=80, track=2)
    world.timeline.selected = [world.track("video", 1).items[0]]
    world.playhead(100)
    assert chosen(world, Which.CLIP) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("01:00:01:00-01:00:05:12", (25, 112)),
        ("1-4.4", (25, 85)),
        ("0:01 – 0:05", (25, 100)),
        ("-4", (0, 100)),
        ("4-", (100, 150)),
        ("8-14", (200, 150)),
    ],
)
def test_a_range_can_be_typed(cutting_room: Room, typed: str, expected: tuple[int, int]) -> None:
    assert chosen(cutting_room(project_rate="25"), typed) == expected


def test_drop_frame_timecode_is_read_as_the_timeline_counts(cutting_room: Room) -> None:
    world = cutting_room(project_rate="29.97 DF", start="00:59:58;00")
    assert chosen(world, "00:59:59;00-01:00:03;00") == (30, 120)
    world = cutting_room(project_rate="29.97 DF", start="00:00:58;00")
    assert chosen(world, "00:00:59;00-00:01:03;02") == (30, 120)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("soon", "is not a range"),
        ("1-later", "“later” is not a time"),
        ("5-2", "empty or reversed"),
        ("00:59:00:00-01:00:05:00", "begins before the timeline"),
        ("20-30", "lies past the timeline"),
        ("1-2.5", "at least 2 seconds"),
        ("0-2000", "at most 30 minutes"),
    ],
)
def test_what_is_no_range_is_told_with_the_way_out(cutting_room: Room, typed: str, words: str) -> None:
    assert words in refusal(cutting_room(project_rate="25"), typed)


def test_an_out_mark_before_the_in_mark_is_told(cutting_room: Room) -> None:
    world = cutting_room(project_rate="25")
    world.mark(100, 50)
    assert "lies before the in mark" in refusal(world)
    world.mark(300, None)
    assert "lies after the last clip" in refusal(world)


def test_an_empty_timeline_is_told() -> None:
    assert "is empty" in refusal(World())


def test_a_release_that_tells_no_marks_says_so(cutting_room: Room) -> None:
    assert "does not tell scripts its marks" in refusal(cutting_room(version="19.0"), Which.MARKS)


def test_the_length_is_told_before_anything_runs(cutting_room: Room) -> None:
    world = cutting_room(project_rate="25")
    world.mark(25, 149)
    desk = FakeDesk(world)
    assert choose(desk, read(desk)).sentence == (
        "01:00:01:00-01:00:06:00: from the in to the out mark, 125 frames at 25, 5.00 s"
    )


@pytest.mark.parametrize("selected", [False, True])
def test_a_transition_under_the_playhead_is_not_the_clip_there(cutting_room: Room, selected: bool) -> None:
    world = cutting_room(project_rate="25")
    first, second = world.film("/films/one.mov", frames=900), world.film("/films/two.mov", frames=900)
    world.put(first, at=0, frames=100, track=2)
    world.put(second, at=100, frames=120, track=2)
    dissolve = world.title("Cross Dissolve", at=94, frames=12, track=2, kind="transition")
    if selected:
        world.timeline.selected = [dissolve, world.track("video", 2).items[1]]
    world.playhead(102)
    assert chosen(world, Which.CLIP) == (100, 120)
    world.playhead(95)
    world.timeline.selected = []
    assert chosen(world, Which.CLIP) == (0, 100)
