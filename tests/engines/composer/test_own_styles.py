"""A musician's own style: a file in a folder, checked in one sentence for each fault."""

from importlib.resources import files
from pathlib import Path

import pytest
from sonique_daemon.engines.composer.style import own_styles, shipped, styles, user_folder
from sonique_daemon.engines.composer.style_check import faults

PIANO = (files("sonique_daemon.engines.composer") / "styles" / "piano.toml").read_text(encoding="utf-8")


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_every_style_that_sonique_brings_is_free_of_faults() -> None:
    import tomllib

    folder = files("sonique_daemon.engines.composer") / "styles"
    for entry in folder.iterdir():
        if entry.name.endswith(".toml"):
            assert list(faults(tomllib.loads(entry.read_text(encoding="utf-8")))) == [], entry.name
    assert len(shipped()) == 14


def test_a_file_in_the_users_folder_is_a_style(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", "night-drive.toml", PIANO.replace("Solo piano", "Night Drive"))
    found = own_styles(folder)
    assert (list(found.styles), found.faults) == (["night-drive"], ())
    assert found.styles["night-drive"].layers == shipped()["piano"].layers
    changed = own_styles(write(tmp_path / "b", "night-drive.toml", PIANO))
    assert changed.mark != found.mark
    assert own_styles(tmp_path / "nowhere").mark == ""


def test_it_stands_beside_the_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SONIQUE_CONFIG", str(tmp_path / "config.toml"))
    assert user_folder() == tmp_path / "styles"
    write(tmp_path / "styles", "night-drive.toml", PIANO)
    assert "night-drive" in styles()
    assert "piano" in styles()


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        ("x.toml", 'name = "', "name = ", "cannot be read"),
        ("x.toml", "[room]", "[roomy]", "lacks “room”"),
        ("x.toml", "decay = ", "decay = 1", "must be a number from 0.4 to 7"),
        ("x.toml", 'role = "', 'role = "x', "needs a “role”"),
        ("x.toml", "tempo = [", "tempo = [900, ", "three tempi"),
        ("x.toml", '"piano"', '"kazoo"', "“kazoo” in the instruments of layer"),
        ("piano.toml", "", "", "Sonique brings a style “piano”"),
        ("Night Drive.toml", "", "", "lower-case letters"),
    ],
)
def test_each_fault_is_told_in_a_sentence_that_names_the_file(
    tmp_path: Path, name: str, old: str, new: str, sentence: str
) -> None:
    folder = write(tmp_path / "s", name, PIANO.replace(old, new) if old else PIANO)
    found = own_styles(folder)
    assert found.styles == {}
    assert any(sentence in fault for fault in found.faults), found.faults
    assert all(fault.endswith(".") and name in fault for fault in found.faults)


DEEP = f"layers = {'[' * 5000}{']' * 5000}"


@pytest.mark.parametrize(
    "text", ["", "layers = 3", "layers = [1]", "room = 2\nharmony = []\ntune = 'x'", "words = [1]", "endings = 4", DEEP]
)
def test_nothing_that_is_written_breaks_the_check(tmp_path: Path, text: str) -> None:
    found = own_styles(write(tmp_path / "s", "odd.toml", text))
    assert found.styles == {}
    assert found.faults
