"""The gateway's promises, held by the one in memory and by the one over gRPC to a real daemon in a process."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from sonique_blender.core.doors import OwnDoors
from sonique_blender.core.errors import BlenderError
from sonique_blender.core.fakes import FakeDaemon, FakeDoors
from sonique_blender.core.gateway import (
    Begins,
    End,
    Ends,
    Gateway,
    Gone,
    MadeFile,
    MadeTake,
    Pending,
    Refused,
    Stage,
    Told,
    Unanswered,
)
from sonique_blender.core.link import Link, State
from sonique_blender.core.orders import Again, Order, Score, Wishes
from sonique_client.otio import one_clip_timeline
from sonique_client.recipe import read_recipe

PATIENCE = 60.0
Film = Callable[..., Path]
Scene = Callable[[int], np.ndarray]


class House(Protocol):
    """A daemon that can be ended, how it is reached, and a film that it may read."""

    link: Link
    film: Path

    def end(self) -> None:
        """Kills the daemon."""


class FakeHouse:
    def __init__(self, folder: Path, film: Path) -> None:
        (folder / "store").mkdir()
        self.daemon, self.film = FakeDaemon(folder / "store"), film
        self.doors = FakeDoors(self.daemon, running=False)
        self.link = Link(self.doors)

    def end(self) -> None:
        self.daemon.alive = self.doors.running = False


class RealHouse:
    """The daemon as Blender starts it, with engines that are quick."""

    def __init__(self, folder: Path, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("RUNTIME_DIR", "STORE", "LOG_DIR"):
            monkeypatch.setenv(f"SONIQUE_{name}", str(folder / name.lower()))
        monkeypatch.setenv("SONIQUE_CONFIG", os.devnull)
        self.film = film
        engines = ("--registry", "sonique_daemon.engines.fake:fakes", "--no-warm", "--media-root", str(folder))
        self.link = Link(OwnDoors(lambda: (sys.executable, "-m", "sonique_daemon.app.main", *engines)))
        self.pid = 0

    def end(self) -> None:
        there = OwnDoors(tuple).there()
        if there is not None:
            subprocess.run(["kill", "-9", there.split()[0]], check=True)


@pytest.fixture(params=["fake", "real"])
def house(
    request: pytest.FixtureRequest, tmp_path: Path, film: Film, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    path = film("film.mp4", [scene(number // 24) for number in range(72)])
    here: House = FakeHouse(tmp_path, path) if request.param == "fake" else RealHouse(tmp_path, path, monkeypatch)
    yield here
    here.link.close()
    here.end()


@pytest.fixture
def gateway(house: House) -> Gateway:
    house.link.start()
    return reached(house.link)


def reached(link: Link) -> Gateway:
    deadline = time.monotonic() + PATIENCE
    while link.gateway is None and time.monotonic() < deadline:
        link.step(wanted=True)
        time.sleep(0.01)
    assert link.gateway is not None, link.view
    return link.gateway


def is_lost(gateway: Gateway) -> bool:
    """Whether nobody answers any more, which may take a while to show."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            gateway.memory(0.1)
        except Gone:
            return True
        except Unanswered:
            time.sleep(0.01)
    return False


def score(film: Path, **wishes: object) -> Order:
    asked = Wishes(prompt="calm", **wishes)  # type: ignore[arg-type]
    return Score(one_clip_timeline(film), Fraction(24), 0, 72, (), asked)


def ended(gateway: Gateway, job: str) -> Told:
    """All that the job says."""
    words: list[object] = []
    seq, deadline = 0, time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        told = gateway.poll(job, seq, PATIENCE)
        words, seq = [*words, *told.words], told.seq
        if words and isinstance(words[-1], Ends):
            return Told(tuple(words), seq)  # type: ignore[arg-type]
        time.sleep(0.01)
    raise AssertionError(words)


def mix(gateway: Gateway, take: MadeTake, folder: Path) -> Path:
    """The take's mix, fetched."""
    file = take.files[0]
    assert file.name == "mix"
    return gateway.fetch(take.id, file, folder / f"{take.id}.wav", PATIENCE)


def test_a_job_is_submitted_polled_to_its_end_and_its_takes_are_fetched(
    gateway: Gateway, house: House, tmp_path: Path
) -> None:
    gateway.submit("one", score(house.film, takes=2, seed=5), PATIENCE)
    words = ended(gateway, "one").words
    takes = [word for word in words if isinstance(word, MadeTake)]
    assert words[-1] == Ends(End.DONE)
    assert [take.seed for take in takes] == [5, 6]
    for take in takes:
        assert mix(gateway, take, tmp_path).stat().st_size == take.files[0].size
    assert gateway.local
    assert gateway.release


def test_of_several_takes_it_says_which_one_is_made(gateway: Gateway, house: House) -> None:
    for takes, said in ((1, [""]), (2, [", take 1 of 2", ", take 2 of 2"])):
        gateway.submit(f"{takes}-takes", score(house.film, takes=takes), PATIENCE)
        words = ended(gateway, f"{takes}-takes").words
        assert [word.which for word in words if isinstance(word, Begins) and word.stage is Stage.GENERATE] == said


def test_a_poll_brings_what_came_after_and_nothing_twice(gateway: Gateway, house: House) -> None:
    gateway.submit("one", score(house.film), PATIENCE)
    told = ended(gateway, "one")
    assert gateway.poll("one", told.seq, PATIENCE) == Told((), told.seq)


def test_submitting_the_same_again_changes_nothing_and_another_under_its_name_is_refused(
    gateway: Gateway, house: House
) -> None:
    for _ in range(3):
        gateway.submit("one", score(house.film), PATIENCE)
    with pytest.raises(Refused) as refused:
        gateway.submit("one", score(house.film, seed=9), PATIENCE)
    assert refused.value.code == "JOB_EXISTS"
    assert ended(gateway, "one").words[-1] == Ends(End.DONE)


def test_what_is_not_there_is_refused_with_a_code(gateway: Gateway) -> None:
    missing = MadeFile("mix", 1, "")
    for call, code in (
        (lambda: gateway.poll("nobody", 0, PATIENCE), "JOB_NOT_FOUND"),
        (lambda: gateway.cancel("nobody", PATIENCE), "JOB_NOT_FOUND"),
        (
            lambda: gateway.fetch("nothing", missing, Path("/nowhere/mix.wav"), PATIENCE),
            "TAKE_NOT_FOUND",
        ),
    ):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.code == code
        assert refused.value.sentence


def test_a_job_that_ended_stays_as_it_is_when_it_is_cancelled(gateway: Gateway, house: House) -> None:
    gateway.submit("one", score(house.film), PATIENCE)
    ended(gateway, "one")
    gateway.cancel("one", PATIENCE)
    assert ended(gateway, "one").words[-1] == Ends(End.DONE)


def test_memory_is_told_and_freed(gateway: Gateway) -> None:
    assert gateway.memory(PATIENCE).in_use > 0
    gateway.free_memory(PATIENCE)


def test_without_time_the_answer_is_pending_and_the_same_call_made_again_finds_it(
    gateway: Gateway, house: House
) -> None:
    with pytest.raises(Pending):
        gateway.submit("one", score(house.film), 0.0)
    gateway.submit("one", score(house.film), PATIENCE)
    last = ended(gateway, "one")
    with pytest.raises(Pending):
        gateway.poll("one", last.seq - 1)
    assert gateway.poll("one", last.seq - 1, PATIENCE) == Told((Ends(End.DONE),), last.seq)
    with pytest.raises(Pending):
        gateway.memory()
    assert gateway.memory(PATIENCE).in_use > 0


def test_a_file_is_fetched_whole_or_with_what_is_wrong_and_never_over_another(
    gateway: Gateway, house: House, tmp_path: Path
) -> None:
    gateway.submit("one", score(house.film), PATIENCE)
    (take,) = (word for word in ended(gateway, "one").words if isinstance(word, MadeTake))
    first, second = mix(gateway, take, tmp_path), mix(gateway, take, tmp_path)
    assert second == first.with_name(f"{first.stem} 2.wav")
    for file, target, code in (
        (replace(take.files[0], sha256="0" * 64), first, "DAMAGED"),
        (take.files[0], tmp_path / "gone" / "mix.wav", "OUTPUT_UNWRITABLE"),
    ):
        with pytest.raises(BlenderError) as failed:
            gateway.fetch(take.id, file, target, PATIENCE)
        assert failed.value.code == code
        assert failed.value.sentence
    assert len(list(tmp_path.glob("*.wav"))) == 2


def test_a_fetch_that_is_taken_back_midway_leaves_nothing_and_all_else_stays(
    gateway: Gateway, house: House, tmp_path: Path
) -> None:
    gateway.submit("one", score(house.film), PATIENCE)
    (take,) = (word for word in ended(gateway, "one").words if isinstance(word, MadeTake))
    kept, target = mix(gateway, take, tmp_path), tmp_path / "cue.wav"
    target.write_bytes(b"of the editor's")
    with pytest.raises(Pending):
        gateway.fetch(take.id, take.files[0], target)
    assert house.link.take_back(target)
    assert gateway.memory(PATIENCE).in_use > 0  # asked after it, and so answered after it
    assert set(tmp_path.glob("*.wav")) == {kept, target}
    assert target.read_bytes() == b"of the editor's"


def test_the_folder_of_a_render_is_removed_by_whoever_is_hired_and_else_it_waits(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "range-1"
    folder.mkdir()
    (folder / "order.json").write_text("{}")
    house.link.close()
    assert not house.link.discard(folder)
    house.link.start()
    reached(house.link)
    assert house.link.discard(folder)
    end = time.monotonic() + PATIENCE
    while folder.exists() and time.monotonic() < end:
        house.link.step(wanted=True)
        time.sleep(0.01)
    assert not folder.exists()


def test_a_daemon_that_is_killed_is_gone_and_found_again_once_another_runs(gateway: Gateway, house: House) -> None:
    house.end()
    assert is_lost(gateway)
    house.link.lose()
    assert house.link.view.state is State.ABSENT
    house.link.start()
    assert reached(house.link).memory(PATIENCE).in_use > 0


def test_another_take_is_made_from_the_file_alone(
    tmp_path: Path, film: Film, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = RealHouse(tmp_path, film("film.mp4", [scene(0)] * 72), monkeypatch)
    house.link.start()
    try:
        gateway = reached(house.link)
        gateway.submit("one", score(house.film), PATIENCE)
        (take,) = (word for word in ended(gateway, "one").words if isinstance(word, MadeTake))
        recipe = read_recipe(mix(gateway, take, tmp_path))
        gateway.submit("two", Again(recipe, Wishes(seed=8, takes=2)), PATIENCE)
        again = [word for word in ended(gateway, "two").words if isinstance(word, MadeTake)]
        assert [made.seed for made in again] == [8, 9]
    finally:
        house.end()
