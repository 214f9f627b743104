"""Which way leads into the Resolve that is there, and what is to be changed where none does."""

import dataclasses
import sys
from pathlib import Path
from typing import Any

import pytest
from sonique_resolve.bridge import presence
from sonique_resolve.bridge.limits import Limits
from sonique_resolve.bridge.scripts import mailbox_text
from sonique_resolve.calls import RESOLVE, Call
from sonique_resolve.errors import ResolveRefused
from sonique_resolve.fake.settings import Settings
from sonique_resolve.fake.world import World
from sonique_resolve.transports import TransportSettings, open_desk, survey


class Machine:
    """A machine with a fake Resolve, seen through the settings of the transports."""

    def __init__(self, bridges: Any, folder: Path, world: World) -> None:
        self.remote = bridges.Remote(world)
        requests, _ = bridges.mailbox_places(world, folder)
        requests.mkdir(mode=0o700)
        self.host = bridges.LuaHost(world, mailbox_text(requests))
        self.settings = TransportSettings(
            python_environment=bridges.child_environment(self.remote),
            mailbox=requests,
            profiles=((folder / "Profiles", "*/Fusion.prefs"),),
            limits=Limits(answering=10),
            from_menu=False,
        )

    def hurried(self) -> TransportSettings:
        """Settings that do not wait long for nobody."""
        return dataclasses.replace(self.settings, limits=Limits(answering=0.2))

    def close(self) -> None:
        self.remote.close()
        if self.host.runs:
            self.host.end()


@pytest.fixture
def machine(bridges: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(presence, "is_running", lambda: True)
    monkeypatch.setattr(presence, "is_installed", lambda: True)
    machines: list[Machine] = []

    def make(**settings: Any) -> Machine:
        machines.append(Machine(bridges, tmp_path, World(Settings(**settings))))
        return machines[-1]

    yield make
    for each in machines:
        each.close()


def test_studio_is_reached_from_outside(machine: Any) -> None:
    found = survey(machine(edition="studio", version="20.2.2").settings)
    assert (found.edition, found.version, found.transport, found.change) == ("studio", "20.2.2.12", "external", "")


def test_free_with_its_script_started_is_reached_through_the_mailbox(machine: Any) -> None:
    free = machine(edition="free", version="21.1")
    free.host.start()
    found = survey(free.settings)
    assert (found.edition, found.version, found.transport, found.change) == ("free", "21.1.0.12", "mailbox", "")
    assert [kind for kind, _ in found.tried] == ["external", "mailbox"]
    desk = open_desk("auto", free.settings)
    assert desk.do([Call(RESOLVE, "GetProductName")]) == ["DaVinci Resolve"]
    desk.close()


def test_where_no_way_leads_in_one_thing_to_change_is_told(machine: Any) -> None:
    shut = machine(edition="free", version="21.1").hurried()
    found = survey(shut)
    assert found.transport is None
    assert "Workspace ▸ Scripts ▸ Sonique" in found.change
    assert all(sentence for _, sentence in found.tried)
    with pytest.raises(ResolveRefused) as refusal:
        open_desk("auto", shut)
    assert refusal.value.sentence == found.change


def test_a_mailbox_that_is_in_use_or_open_to_others_is_what_is_told(machine: Any) -> None:
    free = machine(edition="free", version="21.1")
    free.host.start()
    desk = open_desk("mailbox", free.settings)
    with pytest.raises(ResolveRefused, match="Another Sonique talks"):
        open_desk("auto", free.settings)
    desk.close()
    if sys.platform != "win32":
        free.settings.mailbox.chmod(0o777)
        assert "chmod 700" in survey(free.settings).change


def test_a_closed_resolve_is_to_be_started(machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "is_running", lambda: False)
    found = survey(machine(scripting=False).hurried())
    assert (found.running, found.transport) == (False, None)
    assert "is not running. Start it" in found.change


def test_a_resolve_in_an_unusual_place_may_still_answer_from_inside(
    machine: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(presence, "is_installed", lambda: False)
    elsewhere = dataclasses.replace(
        machine(edition="free").hurried(), python_environment={"RESOLVE_SCRIPT_API": str(tmp_path / "nowhere")}
    )
    assert "Nobody answers" in survey(elsewhere).change


def test_the_menu_is_a_way_for_what_it_started_alone(machine: Any) -> None:
    with pytest.raises(ResolveRefused, match="was not started from DaVinci Resolve"):
        open_desk("menu", machine().settings)


def test_a_survey_leaves_no_request_behind(machine: Any) -> None:
    shut = machine(edition="free", version="21.1").hurried()
    survey(shut)
    assert sorted(path.name for path in shut.mailbox.iterdir()) == ["lock"]
