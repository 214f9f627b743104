"""Mishaps of placing: what an editor does meanwhile, what breaks inside, and what only looks like ours."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sonique_resolve.errors import NotPlaced, ResolveError
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.fake.log import Seen
from sonique_resolve.placement import Placed, Placement, Take
from sonique_resolve.placer import place, swap
from sonique_resolve.reader import read
from sonique_resolve.timeline import TimelineRange

from tests.resolve.test_placer import state, tracks

Room = Callable[..., World]
Wav = Callable[..., Path]
Score = Callable[..., Placed]

_OWN = ("page", "bin", "marks", "deliver")
"""What is the user's, by ``World.users_things``."""


def test_an_editors_file_with_brackets_is_not_ours_where_names_are_all_that_is_known(
    cutting_room: Room, score: Score, wav: Wav
) -> None:
    world = cutting_room(version="18.6")
    world.add_track(name="Sonique")
    world.put(world.sound(wav(5, name="theme v2 [final].wav")), at=48, frames=96, track=3, kind="audio")
    placed = score(world)
    assert not placed.replaced
    assert tracks(world)[2:] == [("Sonique", "stereo", [(48, 96)]), ("Sonique 2", "stereo", [(48, 96)])]


def test_a_project_that_got_its_name_meanwhile_is_still_the_same(cutting_room: Room, wav: Wav) -> None:
    world = cutting_room(project="Untitled Project")
    desk = FakeDesk(world)
    timeline = read(desk)
    world.opened.name = "My film"
    placed = place(desk, timeline, Placement(TimelineRange(timeline.start_frame, 72), (Take(wav(3.2)),), "job1"))
    assert placed.exact
    assert world.log.count("SaveProject")


def test_a_call_that_breaks_inside_is_undone_and_the_sentence_says_where_the_music_lies(
    cutting_room: Room, score: Score
) -> None:
    world = cutting_room()
    before = state(world)

    def breaks(call: Seen) -> None:
        if call.method == "AppendToTimeline":
            raise TypeError("no such overload")

    world.hook = breaks
    with pytest.raises(ResolveError, match=r"AppendToTimeline.*cue \[job1\]\.wav"):
        score(world)
    world.hook = None
    assert state(world) == before


def test_a_take_never_lands_on_another_timeline_or_before_its_start(cutting_room: Room, score: Score) -> None:
    world = cutting_room()
    placed = score(world)
    desk = FakeDesk(world)
    first = world.timeline
    world.new_timeline("Trailer")
    before = state(world)
    with pytest.raises(NotPlaced, match=r"another timeline than “Trailer”"):
        swap(desk, read(desk), placed, 0)
    assert state(world) == before
    world.opened.current = first
    first.start_frame += 86_400
    with pytest.raises(NotPlaced, match="another start timecode"):
        swap(desk, read(desk), placed, 0)


def test_what_could_not_be_given_back_is_told_though_placing_failed(cutting_room: Room, score: Score) -> None:
    world = cutting_room(page_clears_marks="any")
    score(world)
    world.page = "fairlight"
    world.mark(20, None)
    world.appends = 0
    world.settings = cutting_room(page_clears_marks="any", append="none", append_faults=3).settings
    with pytest.raises(NotPlaced, match=r"The in mark was lost, .* set it again"):
        score(world, job="job2")


@pytest.mark.parametrize("how", [TimeoutError, TypeError, KeyboardInterrupt])
def test_one_call_that_fails_at_any_moment_leaves_page_bin_and_marks_as_they_were(
    cutting_room: Room, score: Score, how: type[BaseException]
) -> None:
    left: list[str] = []
    for moment in range(1000):
        world = cutting_room(page_clears_marks="any")
        world.new_bin("Dailies", current=True)
        score(world, job="first")
        world.page = "fairlight"
        world.mark(20, 90)
        before = world.users_things()
        calls: list[str] = []

        def fail(call: Seen, calls: list[str] = calls, moment: int = moment) -> None:
            calls.append(call.method)
            if len(calls) == moment + 1:
                raise how("no")

        world.hook = fail
        with suppress(ResolveError, KeyboardInterrupt):
            score(world)
        world.hook = None
        if len(calls) <= moment:
            break
        after = world.users_things()
        if [before[key] for key in _OWN] != [after[key] for key in _OWN]:
            left.append(f"{moment}: {calls[moment]}")
    assert moment > 50
    assert left == []


@pytest.mark.parametrize("version", ["18.6", "19.1", "21.0.4", "21.1"])
@pytest.mark.parametrize(("project", "rate"), [("25", "25"), ("24", "29.97 DF"), ("25", "50")])
def test_an_earlier_cue_that_is_put_back_is_as_the_editor_had_it(
    cutting_room: Room, score: Score, version: str, project: str, rate: str
) -> None:
    settings = {"version": version, "project_rate": project, "timeline_rate": rate}
    world = cutting_room(**settings)
    score(world, job="1" * 24)
    item = world.track("audio", 3).items[0]
    assert item.media is not None
    item.enabled, item.color, item.name = False, "Pink", "Theme, quiet"
    item.source = 2 * item.media.clock.fps / world.timeline.clock.fps
    item.fades |= {"FadeIn": 12}
    item.properties["AudioVolume"] = -6.0
    world.appends = 0
    world.settings = cutting_room(**settings, append="none", append_faults=3).settings
    with pytest.raises(NotPlaced):
        score(world, job="2" * 24)
    (again,) = world.track("audio", 3).items
    assert again is not item
    assert (again.start, again.frames, again.media) == (item.start, item.frames, item.media)
    assert (again.enabled, again.color) == (False, "Pink")
    if version == "21.1":
        assert (again.fades, again.properties["AudioVolume"]) == (item.fades, -6.0)
    if version.startswith("21"):
        assert again.name == "Theme, quiet"
    if project == rate:
        assert again.source == item.source


def test_an_earlier_cue_of_another_range_stays_and_that_both_are_heard_is_told(
    cutting_room: Room, score: Score
) -> None:
    world = cutting_room()
    score(world, at=48, frames=96)
    placed = score(world, at=60, frames=96, job="job2")
    assert tracks(world)[2:] == [("Sonique", "stereo", [(48, 96)]), ("Sonique 2", "stereo", [(60, 96)])]
    (note,) = placed.notes
    assert "“Sonique” has sound in that range already, 01:00:02:00-01:00:06:00, and both are heard" in note
    assert not score(world, at=160, frames=60, job="job3").notes


@pytest.mark.parametrize("fails", [False, True])
def test_a_file_is_ours_however_its_accents_are_spelt(cutting_room: Room, wav: Wav, fails: bool) -> None:
    world = cutting_room(paths="decomposed")
    before = state(world)
    desk = FakeDesk(world)
    timeline = read(desk)
    take = Take(wav(3.2, name="Größe é [job1].wav"))
    placement = Placement(TimelineRange(timeline.start_frame, 72), (take,), "job1")
    if not fails:
        assert place(desk, timeline, placement).exact
        return

    def breaks(call: Seen) -> None:
        if call.method == "SaveProject":
            raise TypeError("no such overload")

    world.hook = breaks
    with pytest.raises(ResolveError, match="SaveProject"):
        place(desk, timeline, placement)
    world.hook = None
    assert state(world) == before
