"""The doctor: what stands in the way, and the one thing to change."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sonique_resolve.doctor import (
    Mark,
    Surroundings,
    examine,
    listens_everywhere,
    pythons_here,
    release_of,
)
from sonique_resolve.folders import System, folders_of, this_system
from sonique_resolve.install import Script, Which, install
from sonique_resolve.transports import Survey

COMMAND = str(Path(sys.executable).parent / "sonique")
SCRIPTS = (Script(Which.MENU, "print(1)\n"), Script(Which.MAILBOX, "print(1)\n"))
STUDIO = Survey(
    installed=True,
    running=True,
    edition="studio",
    version="21.0.4.12",
    transport="external",
    change="",
    tried=(("external", ""),),
)
FREE = replace(STUDIO, edition="free", version="21.1.0.17", transport="mailbox")
SHUT = Survey(
    installed=True,
    running=True,
    edition="",
    version="",
    transport=None,
    change="Set External scripting to Local.",
    tried=(("external", "It lets nobody in."), ("mailbox", "Nobody answers.")),
)
ABSENT = replace(SHUT, installed=False, running=False, change="", tried=())

Around = Callable[..., Surroundings]


@pytest.fixture
def around(tmp_path: Path) -> Around:
    def make(seen: Survey = STUDIO, system: System = System.LINUX, **more: Any) -> Surroundings:
        made: dict[str, Any] = {
            "folders": folders_of(tmp_path, system),
            "survey": lambda: seen,
            "scripts": SCRIPTS,
            "daemon": lambda: ("release 0.1.0 runs", True),
            "listener": lambda _: False,
        }
        return Surroundings(**{**made, **more})

    return make


def text_of(around: Surroundings, name: str) -> tuple[str, Mark]:
    (finding,) = [each for each in examine(around).findings if each.name == name]
    return finding.text, finding.mark


def test_studio_from_outside_needs_nothing(around: Around) -> None:
    diagnosis = examine(around())
    assert (diagnosis.well, diagnosis.change) == (True, "")
    assert text_of(around(), "Resolve") == ("DaVinci Resolve Studio 21.0.4.12", Mark.GOOD)
    assert "external scripting" in text_of(around(), "Way in")[0]


def test_the_way_that_is_shut_names_the_one_thing_to_change(around: Around) -> None:
    diagnosis = examine(around(SHUT))
    assert (diagnosis.well, diagnosis.change) == (False, "Set External scripting to Local.")
    assert text_of(around(SHUT), "Way in") == ("none", Mark.BAD)
    tried = [each.text for each in diagnosis.findings if not each.name]
    assert [text.rpartition(": ")[2] for text in tried] == ["It lets nobody in.", "Nobody answers."]


def test_without_resolve_the_otio_way_is_named(around: Around) -> None:
    diagnosis = examine(around(ABSENT))
    assert not diagnosis.well
    assert "OTIO" in diagnosis.change


def test_a_menu_that_is_current_is_told(around: Around) -> None:
    install(around().folders, SCRIPTS)
    assert text_of(around(), "Menu") == ("“Sonique”, “Sonique (Free 21.1)”, current", Mark.GOOD)


def test_a_script_of_another_release_has_to_be_installed_again(around: Around) -> None:
    install(around().folders, [Script(Which.MENU, "print(0)\n")])
    diagnosis = examine(around())
    assert "sonique resolve install" in diagnosis.change
    assert not diagnosis.well


def test_free_from_21_1_on_needs_the_lua_script(around: Around) -> None:
    install(around().folders, SCRIPTS[:1])
    assert text_of(around(FREE), "Menu") == (
        "this Resolve needs the Lua script, which is not installed",
        Mark.BAD,
    )
    install(around().folders, SCRIPTS[1:])
    assert text_of(around(FREE), "Menu")[1] is Mark.GOOD


def test_anothers_file_in_the_menu_is_named(around: Around) -> None:
    folder = around().folders.utility
    folder.mkdir(parents=True)
    (folder / "Sonique.py").write_text("mine\n")
    assert "is not Sonique's" in text_of(around(), "Menu")[0]
    assert "Rename" in examine(around()).change


def test_a_port_that_is_open_to_every_network_is_told_as_resolves_own(around: Around) -> None:
    text, mark = text_of(around(listener=lambda _: True), "Network")
    assert "port 15000" in text
    assert mark is Mark.NOTE
    assert examine(around(listener=lambda _: True)).well
    assert [each for each in examine(around(listener=lambda _: None)).findings if each.name == "Network"] == []


@pytest.mark.parametrize(
    ("version", "python", "mark"),
    [
        ("20.2.2", "3.13", Mark.BAD),
        ("20.2.2", "3.12", Mark.GOOD),
        ("21.0.4", "3.14", Mark.GOOD),
        ("20.3.1", "3.14-64", Mark.BAD),
    ],
)
def test_a_python_that_crashes_an_older_resolve_on_windows_is_told(
    around: Around, version: str, python: str, mark: Mark
) -> None:
    seen = replace(STUDIO, version=version)
    patient = around(seen, System.WINDOWS, pythons=lambda: (python,))
    assert text_of(patient, "Its Python")[1] is mark
    assert ("3.12" in examine(patient).change) is (mark is Mark.BAD)


def test_where_resolve_is_is_told(around: Around) -> None:
    assert text_of(around(places=lambda: (Path("/opt/resolve"),)), "Its files")[0] == "“/opt/resolve”"


def test_the_python_of_the_system_is_told_and_not_that_of_another() -> None:
    assert pythons_here(next(system for system in System if system is not this_system())) == ()
    assert all(release_of(release) for release in pythons_here(this_system()))


def test_a_python_without_windows_is_told(around: Around) -> None:
    assert "opens no windows" in text_of(around(windows=False), "Panel")[0]
    assert "python3-tk" in examine(around(windows=False)).change


def test_the_app_stores_build_is_told(around: Around, tmp_path: Path) -> None:
    (tmp_path / "Library/Containers/com.blackmagic-design.DaVinciResolveLite").mkdir(parents=True)
    assert text_of(around(STUDIO, System.MACOS), "Build")[1] is Mark.NOTE


def test_a_daemon_that_refuses_stands_in_the_way(around: Around) -> None:
    diagnosis = examine(around(daemon=lambda: ("The daemon is older; restart it.", False)))
    assert (diagnosis.well, diagnosis.change) == (False, "The daemon is older; restart it.")


def test_what_bars_the_way_comes_before_what_is_merely_noted(around: Around) -> None:
    assert examine(around(SHUT, daemon=lambda: ("It is older.", False))).change == SHUT.change


def test_the_diagnosis_can_be_sent(around: Around) -> None:
    data = json.loads(json.dumps(examine(around(SHUT)).to_data()))
    assert data["change"] == SHUT.change
    assert {each["name"] for each in data["findings"]} >= {"System", "Resolve", "Way in", "Menu", "Daemon"}


@pytest.mark.parametrize(("version", "numbers"), [("21.1.0.17", (21, 1)), ("18.6", (18, 6)), ("", ()), ("beta", ())])
def test_a_release_is_read(version: str, numbers: tuple[int, ...]) -> None:
    assert release_of(version) == numbers


@pytest.mark.parametrize(
    ("line", "listens"),
    [
        ("0: 00000000:3A98 00000000:0000 0A", True),
        ("0: 0100007F:3A98 00000000:0000 0A", False),
        ("0: 00000000:3A99 00000000:0000 0A", False),
        ("0: 00000000:3A98 0100007F:1234 01", False),
        ("0: 00000000000000000000000000000000:3A98 00000000:0000 0A", True),
    ],
)
def test_who_listens_is_read_from_the_systems_table(line: str, listens: bool, tmp_path: Path) -> None:
    table = tmp_path / "tcp"
    table.write_text(f"  sl  local_address\n{line} 0 0\n")
    assert listens_everywhere(15_000, (table,)) is listens
    assert listens_everywhere(15_000, (tmp_path / "none",)) is None


@pytest.fixture
def sonique(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """The real command, with no daemon and a home of its own."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        own = {"HOME": str(tmp_path / "h"), "SONIQUE_RUNTIME_DIR": str(tmp_path / "run"), "PATH": "/usr/bin:/bin"}
        (tmp_path / "h").mkdir(exist_ok=True)
        return subprocess.run(
            [COMMAND, "resolve", *arguments], env=own, capture_output=True, text=True, check=False, timeout=60
        )

    return run


def test_the_command_installs_diagnoses_and_uninstalls(
    sonique: Callable[..., "subprocess.CompletedProcess[str]"], tmp_path: Path
) -> None:
    home = tmp_path / "editor"
    home.mkdir()
    done = sonique("install", "--home", str(home))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "In Resolve: Workspace ▸ Scripts ▸ Sonique."
    names = {path.name for path in folders_of(home).utility.iterdir()}
    assert names == {"Sonique.py", "Sonique (Free 21.1).lua"}
    told = sonique("doctor", "--home", str(home))
    assert told.returncode == 1
    assert "“Sonique”, “Sonique (Free 21.1)”, current" in told.stdout
    assert json.loads(sonique("doctor", "--home", str(home), "--json").stdout)["well"] is False
    assert sonique("uninstall", "--home", str(home)).returncode == 0
    assert list(home.iterdir()) == []
    assert "is not in Resolve's menu" in sonique("uninstall", "--home", str(home)).stdout


def test_the_command_installs_the_one_script_that_was_asked_for(
    sonique: Callable[..., "subprocess.CompletedProcess[str]"], tmp_path: Path
) -> None:
    sonique("install", "--home", str(tmp_path), "--edition", "free", "--release", "21.1")
    assert [path.name for path in folders_of(tmp_path).utility.iterdir()] == ["Sonique.lua"]
    wrong = sonique("install", "--home", str(tmp_path), "--release", "new")
    assert (wrong.returncode, wrong.stderr) == (2, "sonique: “new” is no release of Resolve; write 21.1.\n")


def test_without_resolve_scoring_and_the_selftest_say_so_in_one_sentence(
    sonique: Callable[..., "subprocess.CompletedProcess[str]"],
) -> None:
    for arguments in (("score",), ("selftest", "--yes")):
        done = sonique(*arguments)
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
        assert "Resolve" in done.stderr
