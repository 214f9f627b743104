"""Proxy renders: a film of the range, and a Deliver page that is as it was in every ending."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sonique_client.errors import JobCancelled
from sonique_resolve.calls import Desk
from sonique_resolve.errors import NotRendered, ResolveError, ResolveGone
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.fake.log import Seen
from sonique_resolve.reader import read
from sonique_resolve.rendering import Watch, rendered
from sonique_resolve.timeline import Film, TimelineRange

Room = Callable[..., World]
Shoot = Callable[..., Path]


@pytest.fixture
def theatre(cutting_room: Room, shoot: Shoot) -> Callable[..., World]:
    """A fake whose renders are real films of the job's range."""

    def make(**settings: Any) -> World:
        world = cutting_room(**settings)
        world.mark(24, 119)
        world.page = "color"

        def render(job: dict[str, Any]) -> None:
            frames = job["MarkOut"] - job["MarkIn"] + 1
            film = shoot("render.mov", frames, world.timeline.clock.fps, sound=True)
            film.rename(Path(job["TargetDir"]) / job["OutputFilename"].replace(".mp4", ".mov"))

        world.render = render
        return world

    return make


def run(world: World, desk: Desk | None = None, frames: int = 96, **watch: Any) -> tuple[Film, bool]:
    """The film of so many frames, and whether its file was there while it was needed."""
    desk = desk or FakeDesk(world)
    timeline = read(desk)
    span = TimelineRange(timeline.start_frame + 24, frames)
    with rendered(desk, timeline, span, Watch(pause=lambda _: None, **watch)) as film:
        there = film.path.is_file()
    assert not film.path.exists()
    return film, there


def state(world: World) -> dict[str, Any]:
    """Everything that is the user's."""
    tracks = [(track.name, track.enabled, track.locked) for track in world.timeline.every_track()]
    return {**world.users_things(), "tracks": tracks}


@pytest.mark.parametrize("presets", ["all", "without_place"])
@pytest.mark.parametrize("marks", ["absolute", "relative"])
@pytest.mark.parametrize("rate", ["24", "29.97 DF", "50"])
def test_the_range_is_rendered_to_the_frame_and_the_page_is_as_it_was(
    theatre: Room, presets: str, marks: str, rate: str
) -> None:
    world = theatre(presets=presets, render_marks=marks, project_rate=rate)
    before = state(world)
    film, there = run(world)
    assert there
    assert film.heard
    assert film.duration * world.timeline.clock.fps == pytest.approx(96)
    assert film.notes == ()
    assert state(world) == before


@pytest.mark.parametrize("presets", ["all", "without_place"])
def test_a_page_that_names_no_file_names_none_afterwards(theatre: Room, presets: str) -> None:
    world = theatre(presets=presets)
    del world.opened.deliver.settings["CustomName"]
    before = state(world)
    film, _ = run(world)
    assert film.notes == ()
    assert state(world) == before


def test_every_bridge_carries_it(theatre: Room, desk_of: Callable[[World], Desk]) -> None:
    world = theatre()
    before = state(world)
    film, there = run(world, desk_of(world))
    assert there
    assert film.notes == ()
    assert state(world) == before


def test_a_range_that_was_set_on_the_page_is_set_again(theatre: Room) -> None:
    world = theatre()
    world.opened.deliver.settings |= {"SelectAllFrames": False, "MarkIn": 86_410, "MarkOut": 86_500}
    world.opened.deliver.mode = 0
    before = state(world)
    run(world)
    assert state(world) == before


def test_a_page_without_a_folder_gets_none_of_ours(theatre: Room) -> None:
    world = theatre(presets="all")
    world.opened.deliver.settings["TargetDir"] = ""
    run(world)
    assert world.opened.deliver.settings["TargetDir"] == ""
    assert not world.opened.deliver.jobs


def test_a_range_that_reaches_past_the_last_clip_is_rendered_up_to_it(theatre: Room) -> None:
    world = theatre()
    film, _ = run(world, frames=300)
    assert film.duration * 24 == 240 - 24


def test_the_picture_is_small_and_of_the_timelines_shape(theatre: Room) -> None:
    world = theatre()
    run(world)
    settings = next(seen.args[0] for seen in world.log if seen.method == "SetRenderSettings")
    assert (settings["FormatWidth"], settings["FormatHeight"]) == (640, 360)
    assert ("SetCurrentRenderFormatAndCodec", ("mp4", "H264")) in [(seen.method, seen.args) for seen in world.log]


def test_our_own_music_is_muted_meanwhile_and_heard_again(theatre: Room) -> None:
    world = theatre()
    ours, muted = world.add_track(name="Sonique"), world.add_track(name="Sonique 2")
    muted.enabled = False
    heard: list[bool] = []
    film = world.render
    assert film is not None

    def listen(job: dict[str, Any]) -> None:
        heard.extend((ours.enabled, muted.enabled))
        film(job)

    world.render = listen
    run(world)
    assert heard == [False, False]
    assert (ours.enabled, muted.enabled) == (True, False)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"render": "fails"}, "The codec is not available"),
        ({"render": "only_says"}, "The codec is not available"),
        ({"render": "stalls"}, "stopped rendering"),
        ({"render": "unwritten"}, "wrote no film"),
        ({"render": "refused"}, "did not begin"),
        ({"presets": "none"}, "cannot be kept"),
    ],
)
def test_what_goes_wrong_is_told_and_everything_is_as_it_was(
    theatre: Room, settings: dict[str, Any], sentence: str
) -> None:
    world = theatre(**settings)
    before = state(world)
    with pytest.raises(NotRendered, match=sentence):
        run(world)
    assert state(world) == before


def test_while_something_else_is_rendered_nothing_is_begun(theatre: Room) -> None:
    world = theatre()
    world.opened.deliver.rendering.append("another")
    with pytest.raises(NotRendered, match="wait for its end"):
        run(world)
    assert world.opened.deliver.rendering == ["another"]
    assert not world.opened.deliver.presets


def test_cancelling_stops_the_render_and_gives_everything_back(theatre: Room) -> None:
    world = theatre(render_looks=1000)
    before = state(world)
    told: list[float] = []
    with pytest.raises(JobCancelled, match="as it was"):
        run(world, working=lambda _, share: told.append(share), cancelled=lambda: len(told) > 3)
    assert told == sorted(told)
    assert state(world) == before


def test_where_resolve_dies_meanwhile_that_is_told(theatre: Room) -> None:
    world = theatre(render_looks=1000)

    def die(call: Seen) -> None:
        if call.method == "GetRenderJobStatus":
            world.end()

    world.hook = die
    with pytest.raises(ResolveGone):
        run(world)


def test_no_call_is_made_that_another_render_would_feel(theatre: Room) -> None:
    world = theatre()
    own = {"JobId": "own", "TargetDir": "/renders", "Looks": -1, "Error": ""}
    world.opened.deliver.jobs.append(dict(own))
    run(world)
    assert world.opened.deliver.jobs == [own]
    (started,) = (seen.args for seen in world.log if seen.method == "StartRendering")
    assert len(started[0]) == 1
    assert "own" not in started[0]


@pytest.mark.parametrize("how", [TimeoutError, TypeError])
def test_one_call_that_fails_at_any_moment_leaves_everything_as_it_was(theatre: Room, how: type[Exception]) -> None:
    left: list[str] = []
    for moment in range(1000):
        world = theatre(render_looks=2)
        world.add_track(name="Sonique")
        before = state(world)
        calls: list[str] = []

        def fail(call: Seen, calls: list[str] = calls, moment: int = moment) -> None:
            calls.append(call.method)
            if len(calls) == moment + 1:
                raise how("no")

        world.hook = fail
        with suppress(ResolveError, JobCancelled):
            run(world)
        world.hook = None
        if len(calls) <= moment:
            break
        if state(world) != before:
            left.append(f"{moment}: {calls[moment]}")
    assert moment > 50
    assert left == []


def test_what_cannot_be_given_back_keeps_nothing_else_from_it_and_is_told(theatre: Room) -> None:
    world = theatre()
    ours = world.add_track(name="Sonique")

    def fail(call: Seen) -> None:
        if call.method == "StopRendering":
            raise TypeError("no")

    world.hook = fail
    before = world.opened.deliver.settings.copy()
    with pytest.raises(JobCancelled, match=r"The render was not stopped: .*StopRendering"):
        run(world, cancelled=lambda: True)
    assert ours.enabled
    assert world.opened.deliver.settings == before
    assert not world.opened.deliver.jobs


@pytest.mark.parametrize("first_job", ["refused", "untold"])
def test_a_first_job_that_is_not_told_is_asked_for_again_and_none_is_left(theatre: Room, first_job: str) -> None:
    world = theatre(first_job=first_job)
    before = state(world)
    film, there = run(world)
    assert (there, film.notes) == (True, ())
    assert state(world) == before
