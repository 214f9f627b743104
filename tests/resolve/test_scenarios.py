"""The scenarios that every transport must bear: rates, starts, marks, re-runs, takes, stems, and what may break."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sonique_resolve.calls import Desk, Step, Value
from sonique_resolve.choosing import Which, choose
from sonique_resolve.errors import NotPlaced, ResolveBusy, ResolveGone
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.fake.log import Seen
from sonique_resolve.placement import Placed, Placement, Take
from sonique_resolve.placer import place, swap
from sonique_resolve.reader import read
from sonique_resolve.timeline import TimelineRange

Room = Callable[..., World]
Wav = Callable[..., Path]
Opens = Callable[[World], Desk]

RATES = ("23.976", "24", "25", "29.97 DF", "29.97", "50", "59.94")
STARTS = ("00:00:00:00", "01:00:00:00")


@pytest.fixture
def cue(wav: Wav) -> Callable[..., Placement]:
    """A placement of so many takes, with stems where they are named, for a range at a rate."""

    def make(
        span: TimelineRange, fps: Fraction, *, job: str = "job1", takes: int = 1, stems: tuple[str, ...] = ()
    ) -> Placement:
        seconds = span.frames / fps + Fraction(1, 8)
        made = []
        for number in range(1, takes + 1):
            mix = wav(seconds, name=f"Edit take {number} [{job}].wav")
            parts = {stem: wav(seconds, name=f"Edit take {number} {stem} [{job}].wav") for stem in stems}
            made.append(Take(mix, parts, number))
        return Placement(span, tuple(made), job, stems=bool(stems))

    return make


Cue = Callable[..., Placement]


def scored(desk: Desk, cue: Cue, which: Which | str = Which.AUTO, **asked: Any) -> Placed:
    """Reads, chooses and places."""
    timeline = read(desk)
    chosen = choose(desk, timeline, which)
    return place(desk, timeline, cue(chosen.range, timeline.rate.fps, **asked))


def standing(world: World, name: str = "Sonique") -> list[tuple[int, int]]:
    """Start, from the timeline's start, and length of what stands on a track of that name."""
    track = world.named_track(name)
    assert track is not None
    return [(item.start - world.timeline.start_frame, item.frames) for item in track.items]


def own_files(world: World, name: str = "Sonique") -> list[str]:
    """The files that play on a track of that name."""
    track = world.named_track(name)
    assert track is not None
    return [item.media.name for item in track.items if item.media is not None]


def others(world: World) -> list[tuple[str, str, int, int]]:
    """Everything on tracks that are not ours."""
    tracks = [track for track in world.timeline.every_track() if not track.name.startswith("Sonique")]
    return [(track.kind, item.name, item.start, item.frames) for track in tracks for item in track.items]


def users_things(world: World) -> dict[str, Any]:
    """What must be as it was; a track more is what was asked for."""
    things = world.users_things()
    things["locks"] = [track.locked for track in world.timeline.every_track() if not track.name.startswith("Sonique")]
    return {**things, "playhead": world.timeline.playhead, "others": others(world)}


def exactly_between_the_marks(world: World, desk: Desk, cue: Cue, end_frame: str) -> None:
    world.mark(31, 31 + 148)
    before = users_things(world)
    placed = scored(desk, cue)
    assert standing(world) == [(31, 149)]
    assert placed.exact
    assert placed.start_frame == world.timeline.start_frame + 31
    assert placed.end_inclusive is (end_frame == "inclusive")
    assert users_things(world) == before
    assert [item.start for item in world.heard() if item.name.startswith("Sonique")] == [placed.start_frame]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("end_frame", ["exclusive", "inclusive"])
def test_music_stands_exactly_between_the_marks(
    cutting_room: Room, cue: Cue, rate: str, start: str, end_frame: str
) -> None:
    world = cutting_room(project_rate=rate, start=start, end_frame=end_frame)
    exactly_between_the_marks(world, FakeDesk(world), cue, end_frame)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("start", "end_frame"), list(zip(STARTS, ("inclusive", "exclusive"), strict=True)))
def test_it_does_so_through_every_bridge(  # noqa: PLR0917 fixtures and cases
    cutting_room: Room, desk_of: Opens, cue: Cue, rate: str, start: str, end_frame: str
) -> None:
    world = cutting_room(project_rate=rate, start=start, end_frame=end_frame)
    exactly_between_the_marks(world, desk_of(world), cue, end_frame)


@pytest.mark.parametrize("version", ["18.6", "19.0", "19.1", "20.2.2", "21.0.4", "21.1"])
@pytest.mark.parametrize("edition", ["free", "studio"])
def test_every_release_takes_it(cutting_room: Room, cue: Cue, version: str, edition: str) -> None:
    world = cutting_room(version=version, edition=edition)
    placed = scored(FakeDesk(world), cue, "1-7")
    assert standing(world) == [(24, 144)]
    assert placed.exact


BETWEEN_RATES = (
    ("25", "24", 101),
    ("24", "23.976", 101),
    ("23.976", "24", 101),
    ("30", "29.97 DF", 101),
    ("50", "25", 101),
    ("59.94", "23.976", 101),
    ("25", "50", 202),
    ("29.97", "59.94", 202),
    ("24", "25", 101),
)


@pytest.mark.parametrize(("project", "timeline", "frames"), BETWEEN_RATES)
@pytest.mark.parametrize("end_frame", ["exclusive", "inclusive"])
def test_a_timeline_of_another_rate_than_its_project_gets_it_to_the_frame(  # noqa: PLR0917 fixtures and cases
    cutting_room: Room, cue: Cue, project: str, timeline: str, frames: int, end_frame: str
) -> None:
    world = cutting_room(project_rate=project, timeline_rate=timeline, end_frame=end_frame)
    world.mark(20, 20 + frames - 1)
    assert scored(FakeDesk(world), cue).exact
    assert standing(world) == [(20, frames)]


@pytest.mark.parametrize(
    ("project", "timeline", "end_frame"), [("25", "24", "inclusive"), ("23.976", "24", "exclusive")]
)
def test_that_holds_through_every_bridge(  # noqa: PLR0917 fixtures and cases
    cutting_room: Room, desk_of: Opens, cue: Cue, project: str, timeline: str, end_frame: str
) -> None:
    world = cutting_room(project_rate=project, timeline_rate=timeline, end_frame=end_frame)
    world.mark(20, 120)
    assert scored(desk_of(world), cue).exact
    assert standing(world) == [(20, 101)]


NO_LENGTH_OF_SOUND = (("25", "50", 201), ("29.97", "59.94", 201), ("24", "29.97 DF", 105), ("24", "59.94", 201))
"""Lengths that sound of the project's rate cannot have on the timeline, since what is left over is cut."""


@pytest.mark.parametrize(("project", "timeline", "frames"), NO_LENGTH_OF_SOUND)
@pytest.mark.parametrize("end_frame", ["exclusive", "inclusive"])
def test_where_sound_has_no_such_length_it_is_placed_in_a_film_that_has(  # noqa: PLR0917 fixtures and cases
    cutting_room: Room, cue: Cue, project: str, timeline: str, frames: int, end_frame: str
) -> None:
    world = cutting_room(project_rate=project, timeline_rate=timeline, end_frame=end_frame)
    world.mark(20, 20 + frames - 1)
    before = users_things(world)
    placed = scored(FakeDesk(world), cue)
    assert standing(world) == [(20, frames)]
    assert placed.exact
    assert own_files(world)[0].endswith(".mov")
    assert any("in a film" in note for note in placed.notes)
    assert users_things(world) == before


@pytest.mark.parametrize("project", RATES)
@pytest.mark.parametrize("end_frame", ["exclusive", "inclusive"])
def test_between_any_two_rates_any_length_is_exact(cutting_room: Room, cue: Cue, project: str, end_frame: str) -> None:
    for timeline in RATES:
        for frames in (201, 202):
            world = cutting_room(project_rate=project, timeline_rate=timeline, end_frame=end_frame)
            world.mark(20, 20 + frames - 1)
            assert scored(FakeDesk(world), cue, job=f"{timeline}-{frames}").exact
            assert standing(world) == [(20, frames)], (timeline, frames)


def test_that_film_does_so_through_every_bridge_and_is_replaced_by_a_rerun(
    cutting_room: Room, desk_of: Opens, cue: Cue
) -> None:
    world = cutting_room(project_rate="25", timeline_rate="50")
    world.mark(20, 20 + 201 - 1)
    desk = desk_of(world)
    scored(desk, cue, job="first")
    placed = scored(desk, cue, job="second")
    assert placed.exact
    assert placed.replaced
    assert own_files(world) == ["Edit take 1 [second] at 50.mov"]


def test_where_that_film_is_not_taken_the_clip_is_the_least_longer_and_that_is_told(
    cutting_room: Room, desk_of: Opens, cue: Cue
) -> None:
    world = cutting_room(project_rate="25", timeline_rate="50", imports_films=False)
    world.mark(20, 20 + 201 - 1)
    placed = scored(desk_of(world), cue)
    assert standing(world) == [(20, 202)]
    assert not placed.exact
    assert any("1 frame longer" in note for note in placed.notes)


def test_sources_of_mixed_rates_are_no_matter(cutting_room: Room, desk_of: Opens, cue: Cue) -> None:
    world = cutting_room(project_rate="24")
    for number, rate in enumerate(("23.976", "25", "59.94")):
        world.put(world.film(f"/films/{rate}.mov", frames=900, rate=rate), at=240 + 48 * number, frames=48)
    world.mark(200, 299)
    assert scored(desk_of(world), cue).exact
    assert standing(world) == [(200, 100)]


@pytest.mark.parametrize(
    ("mark_in", "mark_out", "expected"),
    [(None, None, (0, 250)), (50, None, (50, 200)), (None, 99, (0, 100)), (50, 99, (50, 50))],
)
def test_missing_and_half_set_marks_mean_the_ends_of_the_timeline(  # noqa: PLR0917 fixtures and cases
    cutting_room: Room, desk_of: Opens, cue: Cue, mark_in: int | None, mark_out: int | None, expected: tuple[int, int]
) -> None:
    world = cutting_room(project_rate="25")
    world.mark(mark_in, mark_out)
    scored(desk_of(world), cue)
    assert standing(world) == [expected]


def test_a_rerun_replaces_what_stands_there(cutting_room: Room, desk_of: Opens, cue: Cue) -> None:
    world = cutting_room(project_rate="25")
    world.mark(25, 124)
    world.page = "color"
    before = users_things(world)
    desk = desk_of(world)
    scored(desk, cue, job="first")
    placed = scored(desk, cue, job="second")
    assert standing(world) == [(25, 100)]
    assert own_files(world) == ["Edit take 1 [second].wav"]
    assert placed.replaced
    assert [marker.custom_data for marker in world.timeline.markers.values()] == ["sonique:second"]
    assert users_things(world) == before
    held = world.bin("Sonique")
    assert held is not None
    assert len(held.media) == 2


def test_a_rerun_over_another_range_leaves_the_first_cue_alone(cutting_room: Room, desk_of: Opens, cue: Cue) -> None:
    world = cutting_room(project_rate="25")
    desk = desk_of(world)
    scored(desk, cue, "1-5", job="first")
    scored(desk, cue, "3-8", job="second")
    assert standing(world) == [(25, 100)]
    assert standing(world, "Sonique 2") == [(75, 125)]


def test_three_takes_are_imported_one_is_placed_and_another_swapped_in(
    cutting_room: Room, desk_of: Opens, cue: Cue
) -> None:
    world = cutting_room(project_rate="24")
    world.mark(24, 123)
    desk = desk_of(world)
    placed = scored(desk, cue, takes=3)
    assert own_files(world) == ["Edit take 1 [job1].wav"]
    held = world.bin("Sonique")
    assert held is not None
    assert [media.third_party["Sonique Take"] for media in held.media] == ["1", "2", "3"]
    for take in (2, 1):
        placed = swap(desk, read(desk), placed, take)
        assert own_files(world) == [f"Edit take {take + 1} [job1].wav"]
        assert standing(world) == [(24, 100)]
    assert len(held.media) == 3
    assert [marker.custom_data for marker in world.timeline.markers.values()] == ["sonique:job1"]


def test_stems_stand_on_three_tracks_of_their_own(cutting_room: Room, desk_of: Opens, cue: Cue) -> None:
    world = cutting_room(project_rate="29.97", end_frame="inclusive")
    world.mark(30, 129)
    desk = desk_of(world)
    placed = scored(desk, cue, stems=("drums", "bass", "lead"))
    names = ("Sonique drums", "Sonique bass", "Sonique lead")
    assert [item.track for item in placed.items] == list(names)
    assert all(standing(world, name) == [(30, 100)] for name in names)
    assert world.named_track("Sonique") is None
    scored(desk, cue, job="job2", stems=("drums", "bass", "lead"))
    assert all(standing(world, name) == [(30, 100)] for name in names)


def test_a_rerun_without_stems_replaces_those_that_stand_there(cutting_room: Room, desk_of: Opens, cue: Cue) -> None:
    world = cutting_room(project_rate="25")
    desk = desk_of(world)
    scored(desk, cue, "1-5", stems=("drums", "bass"))
    scored(desk, cue, "1-5", job="job2")
    assert standing(world, "Sonique drums") == standing(world, "Sonique bass") == []
    assert standing(world) == [(25, 100)]


class Impatient:
    """A desk whose user presses Ctrl-C at the first call of a method."""

    def __init__(self, desk: Desk, method: str) -> None:
        self.desk = desk
        self.method = method

    def do(self, steps: Sequence[Step]) -> list[Value]:
        if any(step.method == self.method for step in steps):
            self.method = ""
            raise KeyboardInterrupt
        return self.desk.do(steps)

    def close(self) -> None:
        self.desk.close()


@pytest.mark.parametrize("method", ["ImportMedia", "AppendToTimeline", "SaveProject", "SetClipColor"])
def test_cancelling_in_the_middle_of_placing_leaves_everything_as_it_was(
    cutting_room: Room, desk_of: Opens, cue: Cue, method: str
) -> None:
    world = cutting_room(project_rate="25")
    world.mark(25, 124)
    before = (users_things(world), len(world.timeline.every_track()))
    with pytest.raises(KeyboardInterrupt):
        scored(Impatient(desk_of(world), method), cue)
    assert (users_things(world), len(world.timeline.every_track())) == before
    assert not world.timeline.markers


@pytest.mark.parametrize("method", ["ImportMedia", "AddTrack", "AppendToTimeline", "SaveProject", "AddMarker"])
def test_where_resolve_dies_the_sentence_says_where_the_music_lies(
    cutting_room: Room, desk_of: Opens, cue: Cue, method: str
) -> None:
    world = cutting_room()

    def die(call: Seen) -> None:
        if call.method == method:
            world.end()

    world.hook = die
    with pytest.raises(ResolveGone, match=r"Edit take 1 \[job1\]\.wav"):
        scored(desk_of(world), cue)


@pytest.mark.parametrize("method", ["ImportMedia", "AddTrack", "AppendToTimeline", "SaveProject", "AddMarker"])
def test_a_dialog_that_stays_open_is_told_with_the_way_out(
    cutting_room: Room, desk_of: Opens, cue: Cue, method: str
) -> None:
    world = cutting_room()

    def block(call: Seen) -> None:
        if call.method == method:
            world.open_dialog("fails")

    world.hook = block
    with pytest.raises(ResolveBusy, match="dialog"):
        scored(desk_of(world), cue)


def test_what_is_not_ours_is_never_touched_whatever_append_does(cutting_room: Room, desk_of: Opens, cue: Cue) -> None:
    world = cutting_room(append="vanishes")
    world.mark(24, 123)
    world.playhead(17)
    before = (users_things(world), len(world.timeline.every_track()))
    with pytest.raises(NotPlaced, match=r"vanished.*Edit take 1"):
        scored(desk_of(world), cue)
    assert (users_things(world), len(world.timeline.every_track())) == before
