"""The output folder, found and tried before anything is made."""

from pathlib import Path

import pytest
from sonique_blender.core.copying import OutputUnwritable
from sonique_blender.core.folder import file_name, music_folder, output_folder


def test_unless_named_it_lies_beside_the_blend_file(tmp_path: Path) -> None:
    assert output_folder("", str(tmp_path / "trip.blend")) == tmp_path / "Sonique"
    assert (tmp_path / "Sonique").is_dir()
    assert not list((tmp_path / "Sonique").iterdir())


def test_for_a_file_that_was_never_saved_it_is_the_users_music(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_MUSIC_DIR", str(tmp_path))
    assert output_folder("", "") == tmp_path / "Sonique"
    monkeypatch.setenv("XDG_MUSIC_DIR", "relative")
    assert music_folder() == Path.home() / "Music" / "Sonique"


def test_a_path_from_the_blend_file_needs_one_that_was_saved(tmp_path: Path) -> None:
    assert output_folder("//music/../cues", str(tmp_path / "trip.blend")) == tmp_path / "cues"
    with pytest.raises(OutputUnwritable, match="was never saved; save it"):
        output_folder("//music", "")


def test_a_path_that_starts_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputUnwritable, match="no whole path"):
        output_folder("music", str(tmp_path / "trip.blend"))


def test_a_folder_that_cannot_be_written_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputUnwritable, match="choose another one in the preferences"):
        output_folder(str(tmp_path / "file" / "music"), "")
    with pytest.raises(OutputUnwritable):
        output_folder("/proc/sonique", "")


def test_file_names_fit_every_system() -> None:
    assert file_name("Scene", 'warm: "a/b"?', 2, "0123456789abcdef") == "Scene warm a b take 2 [01234567].wav"
    assert file_name("../..", "", 1, "0123456789", "dr/ums") == "Sonique take 1 [01234567] drums.wav"
    assert len(file_name("x" * 300, "y" * 300, 1, "0" * 24)) < 100


def test_the_home_of_a_user_that_is_not_there_is_no_whole_path() -> None:
    with pytest.raises(OutputUnwritable, match="“~nobody-of-that-name/music” is no whole path"):
        output_folder("~nobody-of-that-name/music", "")
