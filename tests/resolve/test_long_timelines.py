"""Long timelines: a range of one costs few calls, whatever else stands on it."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sonique_resolve.document import media_folders
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.film_document import joins
from sonique_resolve.items import MOST_CALLS, PER_ITEM, look
from sonique_resolve.reader import read
from sonique_resolve.timeline import TimelineRange

from tests.resolve.reading import NTSC, conformed, found_in, shots

Room = Callable[..., World]
Shoot = Callable[..., Path]
MANY = MOST_CALLS // PER_ITEM
"""So many items are too many to be asked one by one."""


def long_edit(world: World, clips: int, films: int) -> World:
    """So many clips of two seconds at 24, over so many films."""
    media = [world.film(f"/films/{number}.mov", frames=2000) for number in range(films)]
    for index in range(clips):
        world.put(media[index % films], at=48 * index, frames=48, source=index)
    return world


def test_five_hundred_clips_are_read_within_a_second_of_calls(cutting_room: Room) -> None:
    world = long_edit(World(cutting_room(latency_ms=1.0).settings), 500, 40)
    found = found_in(world)
    assert world.elapsed <= 0.2
    assert not world.log.repeated()
    assert found.exported
    assert not found.notes


@pytest.mark.parametrize("first", [0, 137, 440])
def test_any_range_of_five_hundred_clips_on_eight_tracks_is_read_within_a_second_of_calls(
    cutting_room: Room, first: int
) -> None:
    world = World(cutting_room(latency_ms=1.0).settings)
    for track in range(1, 5):
        film = world.film(f"/films/{track}.mov", frames=9000)
        for index in range(500):
            world.put(film, at=48 * index, frames=40 + track, source=index, track=track, kind="both")
    desk = FakeDesk(world)
    timeline = read(desk)
    look(desk, timeline, TimelineRange(86_400 + 48 * first, 48 * 60))
    assert world.elapsed <= 1.0
    assert not world.log.repeated()


def test_a_build_that_may_write_to_the_folder_of_films_alone_writes_there(
    cutting_room: Room, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "Movies").mkdir()
    world = long_edit(World(cutting_room(app_store=True).settings), MANY + 20, 5)
    assert found_in(world).exported
    assert list((tmp_path / "Movies").iterdir()) == []


def test_clips_without_media_are_told_of_a_file_that_resolve_wrote_too(cutting_room: Room) -> None:
    world = long_edit(World(cutting_room().settings), MANY + 20, 5)
    world.title("Lower third", at=80, frames=10, track=2)
    found = found_in(world)
    assert found.exported
    assert [note for note in found.unseen if "Lower third" in note]


def test_a_range_of_a_long_edit_asks_only_what_stands_in_it(cutting_room: Room) -> None:
    world = long_edit(World(cutting_room(latency_ms=1.0).settings), 500, 500)
    desk = FakeDesk(world)
    timeline = read(desk)
    found = look(desk, timeline, TimelineRange(86_400 + 48 * 100 + 10, 48 * 60))
    assert [item.start_frame - 86_400 for item in found.items["video", 1]] == [48 * index for index in range(100, 161)]
    assert not found.exported
    assert world.elapsed <= 0.6
    assert desk.batches <= 8
    assert not world.log.repeated()


def test_a_resolve_that_writes_no_file_is_asked_clip_by_clip(cutting_room: Room) -> None:
    world = long_edit(World(cutting_room(export="lies").settings), MANY + 20, 3)
    found = found_in(world)
    assert not found.exported
    assert len(found.items["video", 1]) == MANY + 20


def test_what_resolve_wrote_conforms_to_the_same_picture(cutting_room: Room, shoot: Shoot, tmp_path: Path) -> None:
    world = World(cutting_room(project_rate="29.97 DF").settings)
    film = world.film(str(shoot("many.mov", 400, NTSC)), frames=400)
    for index in range(MANY + 10):
        world.put(film, at=3 * index, frames=3, source=(7 * index) % 390)
    world.put(film, at=30, frames=15, source=200, track=2, speed=Fraction(1, 2))
    world.marker(45, "Slap")
    world.marker(50, "Sonique", custom_data="sonique:job")
    world.add_track(name="Sonique")
    by_file = found_in(world)
    world.settings = cutting_room(project_rate="29.97 DF", export="lies").settings
    by_clip = found_in(world)
    assert by_file.exported
    assert not by_clip.exported
    one, other = (conformed(found, tmp_path) for found in (by_file, by_clip))
    assert shots(one) == shots(other)
    assert one.shots == other.shots
    assert (one.markers, one.start, one.duration, one.drop_frame) == (
        other.markers,
        other.start,
        other.duration,
        other.drop_frame,
    )


def test_what_stands_in_a_nested_timeline_is_seen_in_what_resolve_wrote(
    cutting_room: Room, shoot: Shoot, tmp_path: Path
) -> None:
    world = long_edit(World(cutting_room(project_rate="24").settings), MANY + 20, 5)
    outer = world.timeline
    inner = world.new_timeline("Scene 2")
    (tmp_path / "far").mkdir()
    world.put(world.film(str(shoot("far/inside.mov", 120)), frames=120), at=0, frames=100)
    world.title("Lower third", at=0, frames=10)
    world.opened.current = outer
    nested = next(media for media in world.opened.root.everything() if media.timeline is inner)
    world.put(nested, at=20, frames=48, source=10, track=2)
    found = found_in(world)
    assert found.exported
    assert str(tmp_path / "far") in media_folders(found)
    assert [note for note in found.unseen if "Lower third" in note]
    assert ("inside.mov", 20, 48) in shots(conformed(found, tmp_path))
    assert {86_420, 86_468} <= set(joins(found))


@pytest.mark.parametrize("export", ["ok", "lies"])
def test_the_folders_of_the_media_are_named_and_are_not_too_many(cutting_room: Room, export: str) -> None:
    world = World(cutting_room(export=export).settings)
    for index in range(MANY + 10):
        world.put(world.film(f"/cards/a/{index}/clip.mov", frames=100), at=10 * index, frames=10)
    world.put(world.film("/archive/old.mov", frames=100), at=0, frames=10, track=2)
    found = found_in(world)
    assert media_folders(found) == ["/archive", "/cards/a"]
    assert len(media_folders(found, 200)) == MANY + 11


def test_items_in_no_order_are_found_all_the_same(cutting_room: Room) -> None:
    world = long_edit(World(cutting_room().settings), 80, 80)
    track = read(FakeDesk(world)).tracks[0]
    desk: Any = Shuffled(FakeDesk(world))
    timeline = read(desk)
    assert timeline.tracks[0].handles != track.handles
    found = look(desk, timeline, TimelineRange(86_400 + 48 * 50, 96))
    assert [item.start_frame - 86_400 for item in found.items["video", 1]] == [48 * 50, 48 * 51]


class Shuffled:
    """A desk that tells a track's items in no order."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk = desk

    def do(self, steps: Any) -> Any:
        return [
            [*value[1::2], *value[::2]] if step.method == "GetItemListInTrack" and isinstance(value, list) else value
            for step, value in zip(steps, self.desk.do(steps), strict=True)
        ]

    def close(self) -> None:
        self.desk.close()
