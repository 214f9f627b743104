"""The link: which daemon is there, how one is started, and that none is ever started beside one that lives."""

from pathlib import Path

import pytest
from sonique_blender.core.doors import OwnDoors
from sonique_blender.core.fakes import FakeDaemon, FakeDoors
from sonique_blender.core.link import Link, State
from sonique_blender.core.rehearsal import Clock


@pytest.fixture
def doors(tmp_path: Path) -> FakeDoors:
    return FakeDoors(FakeDaemon(tmp_path), running=False)


def stepped(link: Link, clock: Clock, steps: int = 5, *, wanted: bool = True) -> State:
    for _ in range(steps):
        clock.now += 1.1
        link.step(wanted=wanted)
    return link.view.state


def test_without_a_daemon_none_is_started_unasked(doors: FakeDoors) -> None:
    clock = Clock()
    assert stepped(Link(doors, clock), clock) is State.ABSENT
    assert doors.starts == 0


def test_a_daemon_is_started_once_however_often_it_is_asked_for(doors: FakeDoors) -> None:
    clock = Clock()
    link = Link(doors, clock)
    for _ in range(3):
        link.start()
    assert link.view.state is State.STARTING
    assert stepped(link, clock) is State.READY
    link.start()
    assert doors.starts == 1


def test_where_one_lives_it_is_taken(doors: FakeDoors) -> None:
    clock = Clock()
    doors.running = True
    link = Link(doors, clock)
    link.start()
    assert stepped(link, clock) is State.READY
    assert doors.starts == 0
    assert link.view.release == "1.0"


def test_a_daemon_is_called_only_where_there_is_something_to_ask(doors: FakeDoors) -> None:
    clock = Clock()
    doors.running = True
    assert stepped(Link(doors, clock), clock, wanted=False) is not State.READY


def test_a_daemon_that_is_not_installed_is_said_to_be(doors: FakeDoors) -> None:
    doors.startable = "The Sonique daemon is not installed here; install the package “sonique”."
    link = Link(doors, Clock())
    link.start()
    assert (link.view.state, link.view.sentence) == (State.REFUSED, doors.startable)


def test_a_daemon_of_another_version_is_not_called_again_and_again(doors: FakeDoors) -> None:
    clock = Clock()
    doors.running, doors.refuses = True, "The running Sonique daemon is older; stop it and start the installed one."
    link = Link(doors, clock)
    assert stepped(link, clock) is State.REFUSED
    doors.refuses = ""
    assert stepped(link, clock) is State.REFUSED
    doors.generation += 1
    assert stepped(link, clock) is State.READY


def test_a_daemon_elsewhere_is_not_spoken_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SONIQUE_DAEMON", "studio.lan:7543")
    monkeypatch.setenv("SONIQUE_RUNTIME_DIR", str(tmp_path))
    link = Link(OwnDoors(tuple))
    link.start()
    assert link.view.state is State.REFUSED
    assert "names a daemon elsewhere" in link.view.sentence


def test_one_that_never_answers_is_left_alone_for_a_while(doors: FakeDoors) -> None:
    clock = Clock()
    doors.running, doors.daemon.deaf = True, 1000
    link = Link(doors, clock)
    link.seek(start=False)
    for _ in range(10):
        clock.now += 0.05
        link.step(wanted=True)
    assert link.view.state is State.SILENT
    left = doors.daemon.deaf
    clock.now += 1
    link.step(wanted=True)
    assert doors.daemon.deaf == left
    doors.daemon.deaf = 0
    assert stepped(link, clock, 8) is State.READY


def test_a_start_that_was_asked_for_outlasts_the_traces_of_a_daemon_that_has_just_ended(doors: FakeDoors) -> None:
    clock = Clock()
    doors.running, doors.daemon.alive = True, False
    link = Link(doors, clock)
    link.start()
    link.step(wanted=True)
    assert link.view.state is State.ABSENT
    doors.running = False
    assert stepped(link, clock) is State.READY
    assert doors.starts == 1


def test_where_the_address_of_another_daemon_is_set_that_one_is_called(doors: FakeDoors) -> None:
    clock = Clock()
    doors.running = True
    link = Link(doors, clock)
    link.seek(start=False)
    assert stepped(link, clock) is State.READY
    link.seek(start=False)
    assert link.view.state is State.READY
    doors.generation += 1
    link.seek(start=False)
    assert link.calling
    assert stepped(link, clock) is State.READY


def test_why_a_daemon_that_was_started_ended_can_be_read_until_something_else_happens(doors: FakeDoors) -> None:
    clock = Clock()
    doors.stillborn = "The daemon ended while it started (no such option: --colour); see its log."
    link = Link(doors, clock)
    link.start()
    assert stepped(link, clock) is State.REFUSED
    assert link.view.sentence == doors.stillborn
    doors.running = True
    assert stepped(link, clock) is State.READY
    doors.running = False
    link.lose()
    assert stepped(link, clock) is State.ABSENT
