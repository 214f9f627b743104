"""Environments are made from their lock files, whole or not at all, and known by them."""

import subprocess
from pathlib import Path

import pytest
from sonique_daemon.engines import environments
from sonique_daemon.engines.environments import ENGINES, RECIPES, Recipe, environments_folder, interpreter_of, make
from sonique_daemon.errors import Cancelled, EngineNotFound, EngineUnavailable

NAME = "stable-audio-tools"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(ENGINES, str(tmp_path / "engines"))
    return tmp_path / "engines"


def recipe(tmp_path: Path, lock: str = "", alone: str = "") -> Recipe:
    (tmp_path / "lock").write_text(lock)
    (tmp_path / "alone").write_text(alone)
    return Recipe(NAME, tmp_path / "lock", tmp_path / "alone")


def test_an_environment_is_made_and_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty, said = recipe(tmp_path), list[str]()
    assert interpreter_of(NAME) == ""
    python = make(NAME, said.append, empty)
    version = subprocess.run([python, "-c", "print(6 * 7)"], capture_output=True, text=True, check=True)
    assert version.stdout == "42\n"
    assert interpreter_of(NAME) == ""  # it was not made from the lock files that ship
    monkeypatch.setattr(environments, "RECIPES", {NAME: empty})
    assert interpreter_of(NAME) == str(python)
    (tmp_path / "lock").write_text("# another\n")
    assert interpreter_of(NAME) == ""


def test_what_cannot_be_installed_is_told_and_nothing_is_left_behind(tmp_path: Path, elsewhere: Path) -> None:
    broken = recipe(tmp_path, lock="not a requirement at all!\n")
    with pytest.raises(EngineUnavailable, match="ERROR: Invalid requirement"):
        make(NAME, lambda _: None, broken)
    assert not list(elsewhere.iterdir())


def test_making_one_can_be_stopped(tmp_path: Path, elsewhere: Path) -> None:
    def stop(_: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        make(NAME, stop, recipe(tmp_path, lock="not a requirement at all!\n"))
    assert not list(elsewhere.iterdir())


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(EngineNotFound, match=f"there is {NAME}"):
        make("magic", lambda _: None)


def test_every_lock_file_ships_and_says_every_version() -> None:
    for each in RECIPES.values():
        lines = (each.lock.read_text() + each.alone.read_text()).splitlines()
        wanted = [line for line in lines if line and not line.startswith("#")]
        assert wanted
        assert all("==" in line for line in wanted)


def test_they_stand_in_the_users_data_folder_unless_the_environment_names_another(
    monkeypatch: pytest.MonkeyPatch, elsewhere: Path
) -> None:
    assert environments_folder() == elsewhere
    monkeypatch.delenv(ENGINES)
    assert environments_folder().name == "engines"
