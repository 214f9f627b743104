"""Scoring what Resolve renders: titles and nested timelines are seen, cuts stay where they are."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sonique_client.connection import Connection
from sonique_client.errors import JobCancelled
from sonique_daemon.domain.request import CutSource
from sonique_daemon.timeline.reader import TimelineReader
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.fake.state import Media
from sonique_resolve.items import MOST_CALLS, PER_ITEM
from sonique_resolve.session import Wishes, score

from tests.resolve.reading import shots
from tests.resolve.serving import Served, Watching, standing

Room = Callable[..., World]
Shoot = Callable[..., Path]
MANY = MOST_CALLS // PER_ITEM


@pytest.fixture
def edit(cutting_room: Room, shoot: Shoot) -> Callable[..., World]:
    """A film, a nested timeline over its middle, and a title; renders are real films."""

    def make(**settings: Any) -> World:
        world = World(cutting_room(project_rate="25", **settings).settings)
        film = world.film(str(shoot("below.mov", 250, 25)), frames=250)
        nested = Media(world.new_identity(), "Scene 2", "", "Timeline", world.timeline.clock, 200)
        for at, source in ((0, 0), (100, 150)):
            world.put(film, at=at, frames=100, source=source)
        world.put(nested, at=50, frames=80, track=2)
        world.title("Lower third", at=140, frames=20, track=3)

        def render(job: dict[str, Any]) -> None:
            frames = job["MarkOut"] - job["MarkIn"] + 1
            made = shoot("render.mov", frames, 25, sound=True)
            shutil.move(made, Path(job["TargetDir"]) / "sonique.mov")

        world.render = render
        world.mark(25, 174)
        return world

    return make


def test_the_film_is_scored_cut_where_the_timeline_is_and_titles_make_no_cut(
    edit: Room, served: Served, connection: Connection, tmp_path: Path
) -> None:
    world = edit()
    before = world.users_things()
    watching = Watching()
    seen: list[Any] = []

    def conform(job: Any) -> tuple[()]:
        seen.append(TimelineReader(tmp_path / "uploads", (tmp_path,)).read(job.timeline))
        return ()

    served.before = conform
    placed = score(FakeDesk(world), connection, Wishes(folder=tmp_path / "out", proxy_render=True), watching.display())
    (job,), (picture,) = served.jobs, seen
    assert job.timeline.cuts is CutSource.DETECT
    assert [(start, length) for _, start, length in shots(picture)] == [(0, 25), (25, 50), (75, 30), (105, 45)]
    assert {name for name, _, _ in shots(picture)} == {"sonique.mov"}
    frames = [shot.source.start * 25 for shot in picture.shots if shot.source]
    assert [frame // 1 for frame in frames] == [0, 25, 75, 105]
    assert not picture.warnings
    assert [(float(clip.record.start), float(clip.record.duration)) for clip in picture.sound] == [(0, 6)]
    assert not watching.said
    assert standing(world) == {"Sonique": [(25, 150)]}
    assert placed.exact
    assert {**world.users_things(), "locks": before["locks"]} == before


def test_without_it_what_cannot_be_seen_is_told_and_the_page_is_not_touched(
    edit: Room, served: Served, connection: Connection, tmp_path: Path
) -> None:
    world = edit()
    watching = Watching()
    score(FakeDesk(world), connection, Wishes(folder=tmp_path / "out"), watching.display())
    assert served.jobs[0].timeline.cuts is CutSource.AUTO
    assert [note for note in watching.said if "Scene 2" in note and "proxy render" in note]
    assert not {"SetRenderSettings", "AddRenderJob", "SaveAsNewRenderPreset"} & set(world.log.methods())


def test_a_range_that_resolve_wrote_as_a_file_is_cut_in_the_same_places(
    edit: Room, served: Served, connection: Connection, shoot: Shoot, tmp_path: Path
) -> None:
    world = edit()
    film = world.film(str(shoot("more.mov", 400, 25)), frames=400)
    for index in range(3 * MANY):
        world.put(film, at=10 + index, frames=1, source=index, track=4)
    score(FakeDesk(world), connection, Wishes(folder=tmp_path / "out", proxy_render=True), Watching().display())
    document = served.jobs[0].timeline.otio
    assert document.count('"Clip.2"') + document.count('"Clip.1"') == 150 + 1  # a shot for every frame, and the sound


def test_cancelling_the_render_ends_it_before_the_job(
    edit: Room, served: Served, connection: Connection, tmp_path: Path
) -> None:
    world = edit(render_looks=1000)
    before = world.users_things()
    watching = Watching()
    watching.stop.set()
    with pytest.raises(JobCancelled):
        score(FakeDesk(world), connection, Wishes(folder=tmp_path / "out", proxy_render=True), watching.display())
    assert not served.jobs
    assert world.users_things() == before
