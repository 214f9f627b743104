"""The command's exit codes."""

import errno
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sonique_daemon.app.main import main
from sonique_daemon.errors import StoreFull
from sonique_daemon.jobs.store.store import Store

pytestmark = pytest.mark.usefixtures("root_logger")


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("RUNTIME_DIR", "LOG_DIR", "STORE"):
        monkeypatch.setenv(f"SONIQUE_{name}", str(tmp_path / name))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("SONIQUE_CONFIG", raising=False)
    umask = os.umask(0)
    os.umask(umask)
    yield
    os.umask(umask)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    return lines[0]


def test_a_full_disk_at_the_start_is_code_four(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_: Path) -> Store:
        raise StoreFull("The disk of the store is full; make room.")

    monkeypatch.setattr(Store, "open", full)
    assert main([]) == 4
    assert said(capsys) == "The disk of the store is full; make room."


def test_a_disk_that_is_full_before_the_store_is_reached_is_code_four_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: Any) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sonique_daemon.app.main.open_log", full)
    assert main([]) == 4
    assert "No space left" in said(capsys)


@pytest.mark.skipif(sys.platform == "win32", reason="a lock of POSIX")
def test_a_store_that_another_process_has_is_code_five(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store.open(tmp_path / "STORE")
    assert main([]) == 5
    assert str(tmp_path / "STORE") in said(capsys)
    store.close()


def test_a_store_of_a_newer_release_is_code_six(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Store.open(tmp_path / "STORE").close()
    database = next((tmp_path / "STORE").glob("*.db"))
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    assert main([]) == 6
    assert "newer" in said(capsys)


def test_a_folder_that_cannot_be_made_is_code_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SONIQUE_RUNTIME_DIR", str(tmp_path / "file" / "run"))
    assert main([]) == 1
    assert "runtime folder" in said(capsys)


def test_a_user_without_a_home_is_code_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as it is for a user whom the system does not know
    monkeypatch.chdir(tmp_path)
    assert main([]) == 2
    assert said(capsys).startswith("Nobody knows the home folder of this user; set HOME")
    assert list(tmp_path.iterdir()) == []


def test_metrics_without_their_library_are_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    assert main(["--metrics-port", "0", "--no-socket"]) == 1
    assert "sonique[metrics]" in said(capsys)


def test_what_workers_were_told_in_the_environment_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    before = dict(os.environ)
    main(["--metrics-port", "0", "--no-socket"])
    assert dict(os.environ) == before
