from pathlib import Path

import pytest
from sonique_daemon.app.settings import read_settings


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONIQUE_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("SONIQUE_STORE", str(tmp_path / "store"))
    monkeypatch.delenv("SONIQUE_LOG_DIR", raising=False)


def test_nothing_needs_to_be_said(tmp_path: Path) -> None:
    settings = read_settings([])
    assert (settings.host, settings.port, settings.socket, settings.media_roots) == ("127.0.0.1", 0, True, ())
    assert (settings.store, settings.runtime) == (tmp_path / "store", tmp_path / "run")


def test_a_daemon_with_a_runtime_folder_of_its_own_keeps_its_log_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_settings([]).logs == tmp_path / "run"
    monkeypatch.delenv("SONIQUE_RUNTIME_DIR")
    assert "sonique" in str(read_settings([]).logs).lower()


def test_the_command_line_wins_over_the_environment(tmp_path: Path) -> None:
    settings = read_settings(["--store", str(tmp_path / "mine"), "--media-root", "/a", "--media-root", "/b"])
    assert settings.store == tmp_path / "mine"
    assert settings.media_roots == (Path("/a"), Path("/b"))


@pytest.mark.parametrize(
    "arguments", [["--port", "70000"], ["--port", "x"], ["--host", "10.0.0.1"], ["--log-level", "loud"], ["--what"]]
)
def test_a_command_line_that_makes_no_sense_ends_with_code_two(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        read_settings(arguments)
    assert caught.value.code == 2
