from itertools import islice
from pathlib import Path

import pytest
from sonique_cli import places
from sonique_cli.exits import CommandError
from sonique_cli.logs import additions, logs, tail


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the logs, where no daemon runs."""
    for name in ("SONIQUE_RUNTIME_DIR", "SONIQUE_LOG_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("SONIQUE_DAEMON", raising=False)
    return tmp_path


def write(path: Path, *lines: str) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def test_the_last_lines_are_printed_though_no_daemon_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder / places.LOG, "one", "two", "three")
    logs(follow=False, lines=2, previous=False, crash=False)
    assert capsys.readouterr().out == "two\nthree\n"


def test_a_log_that_was_turned_over_is_read_with_its_older_pieces(folder: Path) -> None:
    write(folder / "soniqued.log.2", "a", "b")
    write(folder / "soniqued.log.1", "c")
    write(folder / places.LOG, "d")
    assert tail(folder / places.LOG, 3) == (["b", "c", "d"], 2)
    assert tail(folder / places.LOG, 0) == ([], 2)


def test_a_line_cannot_steer_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder / places.LOG, "a \x1b[2J b")
    logs(follow=False, lines=2, previous=False, crash=False)
    assert capsys.readouterr().out == "a \ufffd[2J b\n"


def test_the_log_before_and_the_crash_are_other_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder / places.PREVIOUS, "before")
    write(folder / places.CRASH, "broke")
    logs(follow=False, lines=9, previous=True, crash=False)
    logs(follow=False, lines=9, previous=False, crash=True)
    assert capsys.readouterr().out == "before\nbroke\n"


def test_a_crash_that_never_was_is_told(folder: Path) -> None:
    with pytest.raises(CommandError, match="Nothing broke"):
        logs(follow=False, lines=9, previous=False, crash=True)
    (folder / places.CRASH).touch()  # as a running daemon keeps ready
    with pytest.raises(CommandError, match="Nothing broke"):
        logs(follow=False, lines=9, previous=False, crash=True)


def test_where_no_daemon_ever_ran_there_is_no_log() -> None:
    with pytest.raises(CommandError, match="No daemon has written"):
        logs(follow=False, lines=9, previous=False, crash=False)


def test_what_is_added_comes_in_whole_lines(folder: Path) -> None:
    log = folder / places.LOG
    write(log, "one")
    new = additions(log, log.stat().st_size)
    assert next(new) == ""
    with log.open("a", encoding="utf-8") as file:
        file.write("two\nthr")
    assert list(islice(new, 2)) == ["two\n", ""]
    with log.open("a", encoding="utf-8") as file:
        file.write("ee\n")
    assert next(new) == "three\n"


def test_a_new_run_is_followed_from_its_beginning(folder: Path) -> None:
    log = folder / places.LOG
    write(log, "old " * 100)
    new = additions(log, log.stat().st_size)
    assert next(new) == ""
    log.replace(folder / places.PREVIOUS)
    assert next(new) == ""
    write(log, "new")
    assert "new\n" in islice(new, 2)
