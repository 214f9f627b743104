import os
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sonique.runtime_file import CONTRACT, RuntimeFile
from sonique_daemon.app.runtime import AlreadyRunning, FolderRefused, RuntimeFolder

FILE = RuntimeFile("127.0.0.1:5", "", "token", os.getpid(), "1.0", CONTRACT)
posix = pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")


def test_a_folder_is_held_by_one_and_then_by_the_next(tmp_path: Path) -> None:
    with RuntimeFolder(tmp_path / "run") as folder:
        folder.write(FILE)
        with pytest.raises(AlreadyRunning, match=str(os.getpid())), RuntimeFolder(tmp_path / "run"):
            pass
        assert (tmp_path / "run" / "daemon.json").exists()
    with RuntimeFolder(tmp_path / "run"):
        assert not (tmp_path / "run" / "daemon.json").exists()


def test_what_a_killed_daemon_left_is_cleared(tmp_path: Path) -> None:
    for name in ("daemon.json", "daemon.sock"):
        (tmp_path / name).write_text("stale")
    with RuntimeFolder(tmp_path):
        assert not (tmp_path / "daemon.json").exists()
        assert not (tmp_path / "daemon.sock").exists()


@pytest.mark.parametrize("spoil", ["{broken", "", None], ids=["damaged", "empty", "gone"])
def test_a_runtime_file_that_is_spoilt_is_written_again(tmp_path: Path, spoil: str | None) -> None:
    file = tmp_path / "daemon.json"
    with RuntimeFolder(tmp_path) as folder:
        folder.write(FILE)
        if spoil is None:
            file.unlink()
        else:
            file.write_text(spoil)
        folder.keep(FILE)
        assert RuntimeFile.from_json(file.read_text()) == FILE


@posix
def test_what_another_daemon_wrote_after_the_lock_was_taken_away_is_left(tmp_path: Path) -> None:
    with RuntimeFolder(tmp_path) as folder:
        folder.write(FILE)
        (tmp_path / "daemon.lock").unlink()
        with RuntimeFolder(tmp_path) as other:
            other.write(replace(FILE, version="another"))
            folder.keep(FILE)
            assert "another" in (tmp_path / "daemon.json").read_text()


@posix
def test_a_folder_that_others_may_read_is_made_the_users_own(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with RuntimeFolder(tmp_path):
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


@posix
def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(FolderRefused), RuntimeFolder(tmp_path / "link"):
        pass


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(FolderRefused), RuntimeFolder(tmp_path / "run"):
        pass


def test_a_path_too_long_for_a_socket_has_none(tmp_path: Path) -> None:
    assert RuntimeFolder(tmp_path / ("x" * 100)).socket is None


@posix
def test_the_file_is_written_whole_and_for_the_user_alone(tmp_path: Path) -> None:
    with RuntimeFolder(tmp_path) as folder:
        folder.write(FILE)
        path = tmp_path / "daemon.json"
        assert RuntimeFile.from_json(path.read_text(encoding="utf-8")) == FILE
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert sorted(entry.name for entry in tmp_path.iterdir()) == ["daemon.json", "daemon.lock"]
