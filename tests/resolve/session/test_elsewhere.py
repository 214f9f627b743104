"""A daemon on another machine is given what it does not see of the range, and no more."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sonique_client.connection import Connection
from sonique_client.errors import ClientError, JobCancelled
from sonique_resolve.choosing import Which
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.items import MOST_CALLS, PER_ITEM
from sonique_resolve.session import Wishes, score

from tests.resolve.reading import found_in
from tests.resolve.serving import Served, Watching, standing

Room = Callable[..., World]
Shoot = Callable[..., Path]
MANY = MOST_CALLS // PER_ITEM


@pytest.fixture
def far(
    connection: Connection, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Connection:
    """The connection, taken for one to another machine; copies are made in a cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    return replace(connection, place="render.example:5000")


@pytest.fixture
def card(shoot: Shoot, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a film outside of what the daemon sees."""

    def make(name: str, *args: Any, **more: Any) -> Path:
        return shoot(name, *args, **more).rename(tmp_path_factory.mktemp("card") / name)

    return make


def targets(served: Served) -> Iterator[str]:
    """What the clips of the submitted timeline play."""
    waiting = [json.loads(served.jobs[0].timeline.otio)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from [value["target_url"]] if value.get("target_url") else []
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def test_the_media_of_the_range_are_sent_and_the_music_lands(
    cutting_room: Room, served: Served, far: Connection, card: Shoot, tmp_path: Path
) -> None:
    world = World(cutting_room(project_rate="25").settings)
    world.put(world.film(str(card("a.mov", 150, 25)), frames=150), at=0, frames=100, source=10, kind="both")
    watching = Watching()
    placed = score(FakeDesk(world), far, Wishes(folder=tmp_path / "out"), watching.display())
    assert all(target.startswith("sonique-upload:") for target in targets(served))
    assert not served.jobs[0].timeline.media_roots
    assert standing(world) == {"Sonique": [(0, 100)]}
    assert placed.exact
    assert any("Sending “a.mov”" in title for title in watching.worked)


def test_what_it_sees_is_not_sent(
    cutting_room: Room, served: Served, far: Connection, shoot: Shoot, tmp_path: Path
) -> None:
    world = World(cutting_room(project_rate="25").settings)
    film = shoot("a.mov", 150, 25)
    world.put(world.film(str(film), frames=150), at=0, frames=100, source=10)
    score(FakeDesk(world), far, Wishes(folder=tmp_path / "out"), Watching().display())
    assert set(targets(served)) == {film.as_uri()}


def test_of_a_document_that_resolve_wrote_only_the_range_is_sent(
    cutting_room: Room, served: Served, far: Connection, card: Shoot, tmp_path: Path
) -> None:
    world = World(cutting_room(project_rate="25").settings)
    inside, outside = (world.film(str(card(name, 150, 25)), frames=150) for name in ("in.mov", "out.mov"))
    for index in range(2 * MANY):
        world.put(inside if index < MANY + 40 else outside, at=5 * index, frames=5, source=index % 100)
    world.mark(0, 5 * (MANY + 10) - 1)
    assert found_in(world, Which.MARKS).exported
    watching = Watching()
    score(FakeDesk(world), far, Wishes(folder=tmp_path / "out"), watching.display())
    assert len({target for target in targets(served) if target.startswith("sonique-upload:")}) == 1
    assert [title for title in watching.worked if "out.mov" in title] == []
    assert [title for title in watching.worked if "in.mov" in title]


def test_cancelling_while_media_are_sent_ends_it_before_the_job(
    cutting_room: Room, served: Served, far: Connection, card: Shoot, tmp_path: Path
) -> None:
    world = World(cutting_room(project_rate="25").settings)
    world.put(world.film(str(card("a.mov", 150, 25)), frames=150), at=0, frames=100)
    watching = Watching()
    watching.stop.set()
    with pytest.raises(JobCancelled, match="timeline is as it was"):
        score(FakeDesk(world), far, Wishes(folder=tmp_path / "out"), watching.display())
    assert not served.jobs
    assert standing(world) == {}


def test_media_that_nobody_can_read_are_told(
    cutting_room: Room, served: Served, far: Connection, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    broken = tmp_path_factory.mktemp("card") / "a.mov"
    broken.write_bytes(b"no film")
    world = World(cutting_room(project_rate="25").settings)
    world.put(world.film(str(broken), frames=150), at=0, frames=100)
    with pytest.raises(ClientError, match=r"a\.mov"):
        score(FakeDesk(world), far, Wishes(folder=tmp_path / "out"), Watching().display())
    assert not served.jobs
