"""The placer: exactly there and proved, or undone; and nothing that is the user's is touched."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sonique_resolve.errors import NotPlaced, ResolveBusy
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.fake.log import Seen
from sonique_resolve.placement import Placed, Placement, Take
from sonique_resolve.placer import place, swap
from sonique_resolve.reader import read
from sonique_resolve.timeline import TimelineRange

Room = Callable[..., World]
Wav = Callable[..., Path]


Score = Callable[..., Placed]


def tracks(world: World) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """The audio tracks: name, kind, and start and length of what stands on each."""
    start = world.timeline.start_frame
    return [
        (track.name, track.subtype, [(item.start - start, item.frames) for item in track.items])
        for track in world.timeline.tracks["audio"]
    ]


def state(world: World) -> dict[str, Any]:
    """Everything that must be as it was after a failure."""
    timeline = world.timeline
    items = [
        (track.name, item.name, item.start, item.frames) for track in timeline.every_track() for item in track.items
    ]
    return {
        **world.users_things(),
        "items": items,
        "tracks": [(track.kind, track.name, track.subtype) for track in timeline.every_track()],
        "playhead": timeline.playhead,
        "markers": {frame: marker.custom_data for frame, marker in timeline.markers.items()},
    }


def test_it_lands_on_a_new_stereo_track_of_our_name(cutting_room: Room, score: Score) -> None:
    world = cutting_room()
    placed = score(world)
    assert tracks(world)[2:] == [("Sonique", "stereo", [(48, 96)])]
    assert placed.items[0].track_index == 3
    item = world.track("audio", 3).items[0]
    assert (item.color, item.name) == ("Teal", "Sonique")
    assert not placed.notes


def test_provenance_is_written_to_the_clip_in_our_bin(cutting_room: Room, score: Score) -> None:
    world = cutting_room()
    score(world, engine="composer")
    held = world.bin("Sonique")
    assert held is not None
    assert held.media[0].third_party == {
        "Sonique Job": "job1",
        "Sonique Engine": "composer",
        "Sonique Timeline": world.timeline.identity,
        "Sonique Range": "01:00:02:00-01:00:06:00",
        "Sonique Take": "1",
        "Sonique Seed": "7",
        "Sonique Stem": "mix",
    }


def test_only_whole_numbers_are_sent(cutting_room: Room, score: Score) -> None:
    world = cutting_room(project_rate="25", timeline_rate="23.976")
    score(world)
    (entry,) = next(seen.args[0] for seen in world.log if seen.method == "AppendToTimeline")
    assert all(type(entry[key]) is int for key in ("startFrame", "endFrame", "recordFrame", "trackIndex", "mediaType"))


def test_the_deliver_page_is_never_touched(cutting_room: Room, score: Score) -> None:
    world = cutting_room()
    world.page = "deliver"
    before = world.users_things()["deliver"]
    score(world)
    score(world, job="job2")
    assert world.users_things()["deliver"] == before
    assert not {"SetRenderSettings", "LoadRenderPreset", "AddRenderJob"} & set(world.log.methods())


def test_an_occupied_track_is_passed_over_for_the_next(cutting_room: Room, score: Score, wav: Wav) -> None:
    world = cutting_room()
    world.add_track(name="Sonique")
    own = world.sound(wav(5, name="own.wav"))
    world.put(own, at=100, frames=24, track=3, kind="audio")
    score(world)
    assert tracks(world)[2:] == [("Sonique", "stereo", [(100, 24)]), ("Sonique 2", "stereo", [(48, 96)])]
    score(world, at=150, frames=60, job="job2")
    assert tracks(world)[2:] == [("Sonique", "stereo", [(100, 24), (150, 60)]), ("Sonique 2", "stereo", [(48, 96)])]


def test_a_locked_track_stays_locked_and_another_is_taken(cutting_room: Room, score: Score) -> None:
    world = cutting_room()
    world.add_track(name="Sonique", locked=True)
    score(world)
    assert tracks(world)[2:] == [("Sonique", "stereo", []), ("Sonique 2", "stereo", [(48, 96)])]
    assert world.track("audio", 3).locked


def test_an_earlier_cue_on_a_locked_track_stays_and_is_told(cutting_room: Room, score: Score) -> None:
    world = cutting_room()
    score(world)
    world.track("audio", 3).locked = True
    placed = score(world, job="job2")
    assert tracks(world)[2:] == [("Sonique", "stereo", [(48, 96)]), ("Sonique 2", "stereo", [(48, 96)])]
    assert any("locked track “Sonique”" in note for note in placed.notes)


def test_a_mono_track_of_our_name_is_left_alone(cutting_room: Room, score: Score) -> None:
    world = cutting_room()
    world.add_track(subtype="mono", name="Sonique")
    score(world)
    assert tracks(world)[2:] == [("Sonique", "mono", []), ("Sonique 2", "stereo", [(48, 96)])]


def test_a_muted_track_is_told(cutting_room: Room, score: Score) -> None:
    world = cutting_room()
    world.add_track(name="Sonique").enabled = False
    assert "The track “Sonique” is muted." in score(world).notes


def test_tracks_are_asked_for_as_stereo_in_the_words_of_the_release(cutting_room: Room, score: Score) -> None:
    for version in ("18.6", "21.1"):
        world = cutting_room(version=version)
        score(world)
        assert world.track("audio", 3).subtype == "stereo"


@pytest.mark.parametrize("append", ["none", "empty", "holes", "ghost", "unsaid", "short", "late", "vanishes"])
@pytest.mark.parametrize("end_frame", ["exclusive", "inclusive"])
def test_an_append_that_fails_once_is_made_again(cutting_room: Room, score: Score, append: str, end_frame: str) -> None:
    world = cutting_room(append=append, append_faults=1, end_frame=end_frame)
    placed = score(world)
    assert tracks(world)[2:] == [("Sonique", "stereo", [(48, 96)])]
    assert placed.exact


@pytest.mark.parametrize("append", ["unsaid", "short", "late"])
def test_an_append_that_is_always_off_is_corrected(cutting_room: Room, score: Score, append: str) -> None:
    world = cutting_room(append=append)
    assert score(world).exact
    assert tracks(world)[2:] == [("Sonique", "stereo", [(48, 96)])]


def test_a_track_that_takes_clips_at_its_end_alone_is_left_for_a_new_one(cutting_room: Room, score: Score) -> None:
    world = cutting_room(record_frame="end_of_track")
    score(world)
    placed = score(world, at=168, frames=48, job="job2")
    assert placed.exact
    assert tracks(world)[2:] == [("Sonique", "stereo", [(48, 96)]), ("Sonique 2", "stereo", [(168, 48)])]


@pytest.mark.parametrize("append", ["none", "empty", "holes", "ghost", "vanishes"])
def test_an_append_that_never_works_leaves_the_timeline_as_it_was(
    cutting_room: Room, score: Score, append: str
) -> None:
    world = cutting_room(append=append)
    world.mark(10, 80)
    before = state(world)
    with pytest.raises(NotPlaced, match=r"cue \[job1\]\.wav"):
        score(world)
    assert state(world) == before


@pytest.mark.parametrize("append", ["none", "ghost", "vanishes"])
def test_a_rerun_that_fails_puts_the_earlier_cue_back(cutting_room: Room, score: Score, append: str) -> None:
    world = cutting_room()
    score(world)
    before = state(world)
    world.appends = 0
    faults = 3 if append != "vanishes" else 2
    world.settings = cutting_room(append=append, append_faults=faults).settings
    with pytest.raises(NotPlaced):
        score(world, job="job2")
    after = state(world)
    assert [(name, start, frames) for name, _, start, frames in after.pop("items")] == [
        (name, start, frames) for name, _, start, frames in before.pop("items")
    ]
    assert after == before
    item = world.track("audio", 3).items[0]
    assert item.media is not None
    assert item.media.name == "cue [job1].wav"


def test_everything_of_the_users_is_given_back(cutting_room: Room, score: Score) -> None:
    world = cutting_room(page_clears_marks="any", project_rate="25")
    other = world.timeline
    world.new_bin("Dailies", current=True)
    world.mark(20, 90)
    world.playhead(33)
    world.page = "fairlight"
    score(world)
    before = state(world)
    score(world, job="job2")
    after = state(world)
    assert before.pop("markers") != after.pop("markers")
    assert [item[2:] for item in before.pop("items")] == [item[2:] for item in after.pop("items")]
    assert after == before
    assert world.timeline is other


def test_half_set_marks_that_a_page_lost_are_told(cutting_room: Room, score: Score) -> None:
    world = cutting_room(page_clears_marks="any")
    world.page = "fairlight"
    score(world)
    world.mark(20, None)
    placed = score(world, job="job2")
    assert any("set it again" in note for note in placed.notes)


def test_the_timeline_that_was_read_takes_it_though_another_is_current(cutting_room: Room, wav: Wav) -> None:
    world = cutting_room()
    desk = FakeDesk(world)
    timeline = read(desk)
    first = world.timeline
    world.new_timeline("Trailer")
    world.mark(5, 25)
    world.playhead(9)
    before = state(world)
    span = TimelineRange(timeline.start_frame + 24, 72)
    place(desk, timeline, Placement(span, (Take(wav(3.2)),), "job1"))
    assert state(world) == before
    assert [(item.start, item.frames) for item in first.tracks["audio"][2].items] == [(86_424, 72)]


def test_a_timeline_that_is_gone_and_a_project_that_was_closed_are_told(cutting_room: Room, wav: Wav) -> None:
    world = cutting_room()
    desk = FakeDesk(world)
    timeline = read(desk)
    path = wav(3.2)
    placement = Placement(TimelineRange(timeline.start_frame, 72), (Take(path),), "job1")
    world.new_timeline("Trailer")
    world.opened.timelines.pop(0)
    with pytest.raises(NotPlaced, match=r"“Edit” is no longer in the project.*music\.wav"):
        place(desk, timeline, placement)
    world.opened.identity = "another"
    with pytest.raises(NotPlaced, match=r"“Picture” is no longer open.*music\.wav"):
        place(desk, timeline, placement)


def test_a_file_that_is_too_short_missing_or_no_sound_is_told_before_anything(
    cutting_room: Room, wav: Wav, tmp_path: Path
) -> None:
    world = cutting_room()
    desk = FakeDesk(world)
    timeline = read(desk)
    span = TimelineRange(timeline.start_frame, 72)
    (tmp_path / "text.wav").write_text("no sound")
    paths = {wav(2.9): "lasts 2.900 s", tmp_path / "none.wav": "cannot be read", tmp_path / "text.wav": "no WAV"}
    world.log.clear()
    for path, words in paths.items():
        with pytest.raises(NotPlaced, match=words):
            place(desk, timeline, Placement(span, (Take(path),), "job1"))
    assert not len(world.log)


@pytest.mark.parametrize("rate", ["23.976", "29.97", "29.97 DF", "59.94"])
@pytest.mark.parametrize(("project", "wav_frames"), [(None, "floor"), (None, "nearest"), ("24", "floor")])
def test_a_file_that_is_exact_to_the_sample_is_never_counted_short(
    cutting_room: Room, wav: Wav, rate: str, project: str | None, wav_frames: str
) -> None:
    for frames in (72, 73, 74, 75, 76):
        world = cutting_room(project_rate=project or rate, timeline_rate=rate, wav_frames=wav_frames)
        desk = FakeDesk(world)
        timeline = read(desk)
        span = TimelineRange(timeline.start_frame + 5, frames)
        path = wav(frames / timeline.rate.fps)
        placed = place(desk, timeline, Placement(span, (Take(path),), "job1"))
        assert placed.start_frame == span.start_frame
        assert placed.exact or (project and 1 <= placed.frames - frames <= 2)


def test_a_folder_that_resolve_may_not_read_is_told(cutting_room: Room, score: Score) -> None:
    world = cutting_room(app_store=True, system="macos")
    before = state(world)
    with pytest.raises(NotPlaced, match="Movies"):
        score(world)
    assert state(world) == before


@pytest.mark.parametrize("version", ["18.6", "19.0"])
def test_a_rerun_is_known_in_releases_that_keep_few_records(cutting_room: Room, score: Score, version: str) -> None:
    world = cutting_room(version=version)
    score(world, job="1" * 24)
    placed = score(world, job="2" * 24)
    assert placed.replaced
    assert tracks(world)[2:] == [("Sonique", "stereo", [(48, 96)])]
    assert [marker.custom_data for marker in world.timeline.markers.values()] == [f"sonique:{'2' * 24}"]


def test_a_clip_that_is_not_ours_is_never_replaced(cutting_room: Room, score: Score, wav: Wav) -> None:
    world = cutting_room()
    world.add_track(name="Sonique")
    world.put(world.sound(wav(5, name="own.wav")), at=48, frames=96, track=3, kind="audio")
    placed = score(world)
    assert not placed.replaced
    assert tracks(world)[2:] == [("Sonique", "stereo", [(48, 96)]), ("Sonique 2", "stereo", [(48, 96)])]


def test_an_unnamed_project_is_not_saved_since_that_opens_a_dialog(cutting_room: Room, score: Score) -> None:
    world = cutting_room(project="Untitled Project", headless=True)
    placed = score(world)
    assert not world.log.count("SaveProject")
    assert any("was not saved" in note for note in placed.notes)


def test_a_take_that_is_not_there_is_told(cutting_room: Room, score: Score) -> None:
    world = cutting_room()
    placed = score(world)
    desk = FakeDesk(world)
    with pytest.raises(NotPlaced, match="There is no take 4; there are 1"):
        swap(desk, read(desk), placed, 3)


@pytest.mark.parametrize("earlier", [False, True])
def test_a_dialog_at_any_moment_leaves_everything_as_it_was_or_is_told(
    cutting_room: Room, score: Score, earlier: bool
) -> None:
    """A dialog that opens for one call, at every call of a placement in turn."""
    broken = 0
    for moment in range(2000):
        world = cutting_room(page_clears_marks="any")
        world.page = "fairlight"
        world.mark(20, 90)
        if earlier:
            score(world, job="first")
        before = state(world)
        left = [moment]

        def blink(_: Seen, world: World = world, left: list[int] = left) -> None:
            left[0] -= 1
            world.dialog = "raises" if left[0] == -1 else ""

        world.hook = blink
        try:
            score(world)
        except ResolveBusy:
            broken += 1
        else:
            if left[0] >= 0:
                break
            continue
        world.hook = None
        after = state(world)
        for each in (before, after):
            each["items"] = [(name, start, frames) for name, _, start, frames in each["items"]]
        assert after == before, moment
    assert broken > 40


def test_a_placement_takes_few_batches(cutting_room: Room, wav: Wav) -> None:
    """Each costs a round trip, which through the mailbox is some 60 ms."""
    world = cutting_room()
    desk = FakeDesk(world)
    timeline = read(desk)
    read_in = desk.batches
    span = TimelineRange(timeline.start_frame, 72)
    place(desk, timeline, Placement(span, (Take(wav(3.2)),), "job1"))
    assert desk.batches - read_in <= 30
    assert read_in == 2
