"""The file in Resolve's menu, run by a Python of its own that plays Resolve's."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sonique_resolve.bridge import menu
from sonique_resolve.bridge.scripts import menu_text, panel_command

HOST = """
import runpy, sys
from sonique_resolve.fake.fusion import Bmd
from sonique_resolve.fake.settings import Settings
from sonique_resolve.fake.world import World

world = World(Settings(edition="free", version="20.2.2"))
world.timeline.name = "Schnitt — 第1話"
given = {"resolve": world.resolve} if sys.argv[2] == "resolve" else {"bmd": Bmd(world)} if sys.argv[2] == "bmd" else {}
runpy.run_path(sys.argv[1], init_globals=given, run_name="__main__")
print("Resolve lives on")
"""

PANEL = """
import json, os, sys
from pathlib import Path
from sonique_resolve.calls import RESOLVE, Call, Ref
from sonique_resolve.transports import open_desk

desk = open_desk()
print("noise that breaks nothing")
os.write(1, b"more of it\\n")
answers = desk.do([
    Call(RESOLVE, "GetProductName"), Call(RESOLVE, "GetProjectManager"), Call(Ref(1), "GetCurrentProject"),
    Call(Ref(2), "GetCurrentTimeline"), Call(Ref(3), "GetName"),
])
names = [name for name in os.environ if name.startswith(("PYTHON", "LD_LIBRARY_PATH", "DYLD_"))]
told = {"answers": [answers[0], answers[4]], "names": names, "read": sys.stdin.read()}
Path(sys.argv[1]).write_text(json.dumps(told))
desk.close()
"""


def play(tmp_path: Path, text: str, given: str = "resolve") -> str:
    """What the console shows after the menu's file, with ``text``, was run."""
    script, host = tmp_path / "Sonique.py", tmp_path / "host.py"
    script.write_text(text, encoding="utf-8")
    host.write_text(HOST, encoding="utf-8")
    environment = {
        **os.environ,
        "SONIQUE_NO_WINDOW": "1",
        "LD_LIBRARY_PATH": "/opt/resolve/libs",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    command = [sys.executable, str(host), str(script), given]
    played = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
    assert played.returncode == 0, played.stderr.decode()
    return played.stdout.decode()


def panel(tmp_path: Path, text: str = PANEL) -> Sequence[str]:
    """The command of a panel made of ``text``."""
    file = tmp_path / "panel.py"
    file.write_text(text, encoding="utf-8")
    return (sys.executable, str(file), str(tmp_path / "told.json"))


@pytest.mark.parametrize("given", ["resolve", "bmd"])
def test_it_starts_the_panel_and_makes_its_calls(tmp_path: Path, given: str) -> None:
    console = play(tmp_path, menu_text(panel(tmp_path)), given)
    told = json.loads((tmp_path / "told.json").read_text())
    assert told["answers"] == ["DaVinci Resolve", "Schnitt — 第1話"]
    assert "opening its panel in DaVinci Resolve 20.2.2.12" in console
    assert "the panel was closed" in console
    assert console.rstrip().endswith("Resolve lives on")


def test_the_panel_gets_a_clean_environment_and_nothing_to_read(tmp_path: Path) -> None:
    play(tmp_path, menu_text(panel(tmp_path)))
    told = json.loads((tmp_path / "told.json").read_text())
    assert (told["names"], told["read"]) == ([], "")


def test_a_panel_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    console = play(tmp_path, menu_text(panel(tmp_path, "raise SystemExit('no daemon can be reached')")))
    assert "ended with an error (1)" in console
    assert "no daemon can be reached" in console


def test_a_python_that_is_gone_is_told_with_the_way_out(tmp_path: Path) -> None:
    console = play(tmp_path, menu_text(["/no/such/python", "-m", "sonique_resolve.panel"]))
    assert "its Python is gone from “/no/such/python”" in console
    assert "sonique resolve install" in console


def test_files_that_are_gone_are_told(tmp_path: Path) -> None:
    console = play(tmp_path, menu_text(panel(tmp_path), tmp_path / "gone"))
    assert f"its files are gone from “{tmp_path / 'gone'}”" in console


def test_a_copy_that_nobody_installed_is_told(tmp_path: Path) -> None:
    console = play(tmp_path, Path(menu.__file__).read_text(encoding="utf-8"))
    assert "copied by hand" in console


def test_without_resolve_nothing_is_started(tmp_path: Path) -> None:
    console = play(tmp_path, menu_text(panel(tmp_path)), "nothing")
    assert "found no DaVinci Resolve" in console
    assert not (tmp_path / "told.json").exists()


def test_any_path_is_written_safely() -> None:
    command = ["C:\\Program Files\\“x”\\python.exe", "a'b\"c\n", "第"]
    text = menu_text(command, Path("/odd'\\path"))
    names: dict[str, Any] = {"__name__": "looked at"}
    exec(compile(text, "Sonique.py", "exec"), names)  # noqa: S102 the file as Resolve would run it
    assert (names["COMMAND"], names["BRIDGE"]) == (command, "/odd'\\path")


def test_it_starts_our_own_python_unless_told_otherwise() -> None:
    assert panel_command() == (sys.executable, "-m", "sonique_resolve.panel", "--bridge")
    assert ascii(list(panel_command())) in menu_text()


def test_a_headless_fusion_is_never_started() -> None:
    class Trap:
        def __call__(self) -> None:
            raise AssertionError("Fusion() was called.")

    class App:
        def GetResolve(self) -> str:  # noqa: N802 Resolve's name
            return "resolve"

    assert menu.find_resolve({"Fusion": Trap(), "bmd": None}) is None
    assert menu.find_resolve({"Fusion": Trap(), "app": App()}) == "resolve"
