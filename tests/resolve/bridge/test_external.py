"""The desk of Resolve Studio: its child process."""

import dataclasses
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from sonique_resolve import panel_resolve
from sonique_resolve.bridge import external, presence
from sonique_resolve.bridge.limits import Limits
from sonique_resolve.calls import RESOLVE, Call, Handle
from sonique_resolve.desk_external import ExternalDesk, Python
from sonique_resolve.errors import ResolveBusy, ResolveError, ResolveGone, ResolveRefused
from sonique_resolve.fake.settings import Settings
from sonique_resolve.fake.world import World
from sonique_resolve.panel_resolve import BridgedWindow

VERSION = Call(RESOLVE, "GetVersionString")
PATIENT = Limits(start=60, batch=60, slow=60)


@pytest.fixture
def children() -> Callable[[], set[int]]:
    before = {each.pid for each in psutil.Process().children(recursive=True)}

    def found() -> set[int]:
        now = psutil.Process().children(recursive=True)
        return {each.pid for each in now if each.status() != psutil.STATUS_ZOMBIE} - before

    return found


def opened(environment: dict[str, str]) -> ExternalDesk:
    return ExternalDesk(Python(environment=environment), PATIENT)


def test_it_says_which_resolve_it_found(sit_down: Callable[..., Any]) -> None:
    desk = sit_down("external", World(Settings(version="20.2.2")))
    assert (desk.desk.product, desk.desk.version) == ("DaVinci Resolve Studio", "20.2.2.12")


def test_what_a_library_prints_is_no_answer(bridges: Any) -> None:
    remote = bridges.Remote(World())
    desk = opened(bridges.child_environment(remote, FAKE_RESOLVE_PRINTS="1"))
    try:
        assert desk.version == "21.0.4.12"
        assert desk.do([VERSION]) == ["21.0.4.12"]
    finally:
        desk.close()
        remote.close()


def test_closing_leaves_no_child(sit_down: Callable[..., Any], children: Callable[[], set[int]]) -> None:
    desk = sit_down("external", World())
    assert len(children()) == 1
    desk.close()
    assert children() == set()


def test_cancelling_in_a_terminal_leaves_the_child_to_put_things_back(
    sit_down: Callable[..., Any], children: Callable[[], set[int]]
) -> None:
    desk = sit_down("external", World())
    (child,) = children()
    assert os.getsid(child) != os.getsid(0)
    os.kill(child, signal.SIGINT)
    assert desk.do([VERSION]) == ["21.0.4.12"]


def test_a_child_that_hangs_is_ended(sit_down: Callable[..., Any], children: Callable[[], set[int]]) -> None:
    world = World()
    desk = sit_down("external", world)
    desk.desk.limits = dataclasses.replace(PATIENT, batch=0.1)
    world.open_dialog("blocks")
    with pytest.raises(ResolveBusy):
        desk.do([VERSION])
    assert children() == set()


def test_a_child_that_crashes_is_told_and_replaced(
    sit_down: Callable[..., Any], children: Callable[[], set[int]]
) -> None:
    desk = sit_down("external", World())
    (timeline,) = desk.do([Call(RESOLVE, "GetProjectManager")])
    (child,) = children()
    os.kill(child, signal.SIGKILL)
    with pytest.raises(ResolveGone, match="crashed"):
        desk.do([VERSION])
    assert desk.do([VERSION]) == ["21.0.4.12"]
    assert isinstance(timeline, Handle)
    with pytest.raises(ResolveError, match="was let go"):
        desk.do([Call(timeline, "GetCurrentProject")])
    (again,) = desk.do([Call(RESOLVE, "GetProjectManager")])
    assert again != timeline


def test_a_library_that_crashes_python_is_told_with_the_way_out(bridges: Any, children: Callable[[], set[int]]) -> None:
    with pytest.raises(ResolveGone, match=r"crashed while it loaded.*SONIQUE_RESOLVE_PYTHON"):
        opened(bridges.child_environment(FAKE_RESOLVE_CRASHES="1"))
    assert children() == set()


def test_a_resolve_that_is_closed_is_told_as_such(bridges: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "is_running", lambda: False)
    with pytest.raises(ResolveRefused, match=r"is not running\. Start it"):
        opened(bridges.child_environment())


def test_a_resolve_that_was_closed_meanwhile_is_told_as_such_and_found_again(
    sit_down: Callable[..., Any], children: Callable[[], set[int]]
) -> None:
    world = World(Settings(end="answers_nothing"))
    desk = sit_down("external", world)
    (before,) = children()
    world.end()
    with pytest.raises(ResolveGone, match="Start it again"):
        desk.do([Call(RESOLVE, "GetCurrentPage")])
    assert before not in children()
    world.restart()
    assert desk.do([VERSION]) == ["21.0.4.12"]


def test_one_that_was_started_anew_meanwhile_is_found_by_another_child(
    sit_down: Callable[..., Any], children: Callable[[], set[int]]
) -> None:
    world = World()
    desk = sit_down("external", world)
    (before,) = children()
    world.open_dialog("fails")  # as what belongs to the Resolve that ended answers nothing, for ever
    with pytest.raises(ResolveBusy):
        desk.do([Call(RESOLVE, "GetCurrentPage")])
    assert before not in children()
    world.close_dialog()
    assert desk.do([VERSION]) == ["21.0.4.12"]


@pytest.mark.parametrize("settings", [Settings(edition="free"), Settings(scripting=False)])
def test_a_resolve_that_lets_nobody_in_is_told_with_what_to_change(
    bridges: Any, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(presence, "is_running", lambda: True)
    remote = bridges.Remote(World(settings))
    with pytest.raises(ResolveRefused, match=r"External scripting using ▸ Local.*Workspace ▸ Scripts ▸ Sonique"):
        opened(bridges.child_environment(remote))
    remote.close()


def test_a_library_that_does_not_load_is_told(tmp_path: Path, children: Callable[[], set[int]]) -> None:
    (tmp_path / "Modules").mkdir()
    (tmp_path / "Modules" / "DaVinciResolveScript.py").write_text("raise ImportError('wrong architecture')\n")
    with pytest.raises(ResolveRefused, match="does not load: ImportError: wrong architecture"):
        opened({"RESOLVE_SCRIPT_API": str(tmp_path), "RESOLVE_SCRIPT_LIB": ""})
    assert children() == set()


@pytest.mark.skipif(presence.is_installed(), reason="DaVinci Resolve is installed here")
def test_a_machine_without_resolve_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResolveRefused, match="not installed here"):
        opened({"RESOLVE_SCRIPT_API": str(tmp_path), "RESOLVE_SCRIPT_LIB": ""})


def test_the_app_stores_resolve_is_looked_for_after_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RESOLVE_SCRIPT_API", "RESOLVE_SCRIPT_LIB"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "darwin")
    apps = ["/Applications/DaVinci Resolve Studio.app", "/Applications/DaVinci Resolve.app"]
    libraries, folders = external.script_libraries(), external.script_folders()
    assert libraries[0].startswith("/Applications/DaVinci Resolve/DaVinci Resolve.app/Contents/")
    assert libraries[1:] == [f"{app}/Contents/Libraries/Fusion/fusionscript.so" for app in apps]
    assert folders[0].startswith("/Library/Application Support/Blackmagic Design/")
    assert folders[1:] == [f"{app}/Contents/Resources/Developer/Scripting" for app in apps]


def test_a_python_that_is_not_there_is_told() -> None:
    with pytest.raises(ResolveRefused, match="“/no/such/python” cannot be started"):
        ExternalDesk(Python("/no/such/python"), PATIENT)


def test_a_python_that_is_none_is_told(tmp_path: Path) -> None:
    wrong = tmp_path / "python"
    wrong.write_text("#!/bin/sh\necho not today >&2\nexit 3\n")
    wrong.chmod(0o755)
    with pytest.raises(ResolveGone, match=r"exit code 3: not today"):
        ExternalDesk(Python(str(wrong)), PATIENT)


@pytest.mark.parametrize("name", ["PYTHONHOME", "PYTHON3HOME", "FUSION_PYTHON3_HOME"])
@pytest.mark.parametrize(("path", "home"), [(sys.executable, sys.base_prefix), ("/opt/python/bin/python3", None)])
def test_windows_is_told_which_python_it_is(
    path: str, home: str | None, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delenv(name, raising=False)
    assert Python(path).surroundings().get(name) == home
    monkeypatch.setenv(name, "C:\\mine")
    assert Python(path).surroundings()[name] == "C:\\mine"


def test_a_desk_that_was_forgotten_leaves_no_child(bridges: Any, children: Callable[[], set[int]]) -> None:
    remote = bridges.Remote(World())
    desk = opened(bridges.child_environment(remote))
    assert len(children()) == 1
    del desk
    assert children() == set()
    remote.close()


@pytest.fixture
def windowed() -> Iterator[Callable[..., ExternalDesk]]:
    """Opens a desk whose Resolve plays windows, with a user who clicks."""
    desks = []

    def open_desk(**more: str) -> ExternalDesk:
        folder = str(Path(__file__).parent / "outside_windows")
        desks.append(opened({"RESOLVE_SCRIPT_API": folder, "RESOLVE_SCRIPT_LIB": "", **more}))
        return desks[-1]

    yield open_desk
    for desk in desks:
        desk.close()


def test_a_window_of_resolves_own_is_open_beside_the_calls(windowed: Callable[..., ExternalDesk]) -> None:
    desk = windowed(FAKE_RESOLVE_CLICKS="Leave Again")
    window = BridgedWindow(desk)
    assert window.open()
    assert desk.do([VERSION]) == ["21.0.4.12"]
    told = window.ask(set={"Host": {"Text": "here"}}, get=[["Host", "Text"]])
    assert told["values"] == ["here"]
    heard = told["events"]
    deadline = time.monotonic() + 60
    while len(heard) < 2 and time.monotonic() < deadline:
        heard += window.ask()["events"]
    assert heard == [["Leave", "Clicked"], ["Again", "Clicked"]]
    assert window.ask(close=True)["open"] is False
    assert desk.do([VERSION]) == ["21.0.4.12"]


def test_with_a_window_open_the_child_ends_with_its_desk(
    windowed: Callable[..., ExternalDesk], children: Callable[[], set[int]]
) -> None:
    desk = windowed()
    assert BridgedWindow(desk).open()
    desk.close()
    assert children() == set()


def test_a_window_that_does_not_answer_goes_with_its_child_and_the_calls_go_on(
    windowed: Callable[..., ExternalDesk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel_resolve, "_ANSWER_SECONDS", 0.5)
    desk = windowed(FAKE_RESOLVE_SILENT="1")
    assert not BridgedWindow(desk).open()
    assert desk.do([VERSION]) == ["21.0.4.12"]
