"""The marker of a cue: where it may stand, and by which it is found again."""

from collections.abc import Callable
from pathlib import Path

from sonique_resolve.fake import World
from sonique_resolve.placement import Placed

Room = Callable[..., World]
Wav = Callable[..., Path]
Score = Callable[..., Placed]


def test_a_frame_that_holds_a_marker_leaves_ours_to_the_next(cutting_room: Room, score: Score) -> None:
    world = cutting_room()
    for frame in (48, 49):
        world.marker(frame, "Mine")
    placed = score(world)
    assert placed.marker_frame == 86_450
    assert world.timeline.markers[50].custom_data == "sonique:job1"
    assert any("01:00:02:02" in note for note in placed.notes)


def test_where_every_frame_holds_a_marker_none_is_set_and_that_is_told(cutting_room: Room, score: Score) -> None:
    world = cutting_room()
    for frame in range(48, 144):
        world.marker(frame)
    placed = score(world)
    assert placed.marker_frame is None
    assert any("No marker" in note for note in placed.notes)
    again = score(world, job="job2")
    assert again.replaced
    track = world.named_track("Sonique")
    assert track is not None
    assert [item.start - world.timeline.start_frame for item in track.items] == [48]


def test_a_marker_whose_clip_the_user_deleted_does_not_double(cutting_room: Room, score: Score) -> None:
    world = cutting_room()
    score(world)
    score(world)
    assert [marker.custom_data for marker in world.timeline.markers.values()] == ["sonique:job1"]
