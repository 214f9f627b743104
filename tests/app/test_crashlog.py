import logging
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sonique_daemon.app.crashlog import CRASH, CrashLog
from sonique_daemon.app.logbook import LOG, PIECES, PREVIOUS, SIZE, open_log

CRASHING = """
import faulthandler, sys
from pathlib import Path
from sonique_daemon.app.crashlog import CrashLog

with CrashLog(Path(sys.argv[1])):
    {deed}
"""


pytestmark = pytest.mark.usefixtures("root_logger")


def crash(folder: Path, deed: str) -> str:
    """What the crash log says after a process did ``deed``."""
    program = CRASHING.format(deed=deed)
    subprocess.run([sys.executable, "-c", program, str(folder)], check=False, timeout=60, capture_output=True)
    return (folder / CRASH).read_text(encoding="utf-8")


def test_an_exception_that_nobody_caught_is_kept_with_its_time(tmp_path: Path) -> None:
    said = crash(tmp_path, "raise RuntimeError('it broke')")
    assert "RuntimeError: it broke" in said
    assert "Sonique" in said.splitlines()[0]


def test_a_fault_of_the_interpreter_is_kept_with_a_trace(tmp_path: Path) -> None:
    said = crash(tmp_path, "faulthandler._sigsegv()")
    assert "Segmentation fault" in said or "fatal" in said.lower()
    assert "most recent call first" in said


def test_a_thread_that_breaks_is_told(tmp_path: Path) -> None:
    deed = "import threading; t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()"
    assert "ZeroDivisionError" in crash(tmp_path, deed)


def test_the_last_crash_survives_good_runs_and_a_good_run_leaves_none(tmp_path: Path) -> None:
    with CrashLog(tmp_path):
        pass
    assert not (tmp_path / CRASH).exists()
    said = crash(tmp_path, "raise RuntimeError('it broke')")
    for _ in range(3):
        with CrashLog(tmp_path):
            pass
    assert (tmp_path / CRASH).read_text(encoding="utf-8") == said


def test_crashes_do_not_grow_for_ever(tmp_path: Path) -> None:
    (tmp_path / CRASH).write_bytes(b"old " * 200_000)
    with CrashLog(tmp_path):
        pass
    assert (tmp_path / CRASH).stat().st_size <= 128 * 1024


def test_the_log_turns_over_by_size_and_keeps_three_pieces(tmp_path: Path) -> None:
    open_log(tmp_path, "info")
    line = "x" * 100_000
    for _ in range(4 * SIZE // len(line)):
        logging.getLogger("test").info(line)
    pieces = sorted(path.name for path in tmp_path.iterdir())
    assert pieces == [LOG, *(f"{LOG}.{number}" for number in range(1, PIECES))]
    assert all(path.stat().st_size <= SIZE for path in tmp_path.iterdir())


def test_all_of_the_run_before_is_kept_and_nothing_of_the_one_before_that(tmp_path: Path) -> None:
    for number in range(3):
        open_log(tmp_path, "info")
        logging.getLogger("test").info("run %d", number)
    assert "run 2" in (tmp_path / LOG).read_text(encoding="utf-8")
    assert "run 1" in (tmp_path / PREVIOUS).read_text(encoding="utf-8")
    (tmp_path / f"{LOG}.1").write_text("run 2, earlier")
    open_log(tmp_path, "info")
    assert (tmp_path / f"{PREVIOUS}.1").read_text(encoding="utf-8") == "run 2, earlier"
    assert not (tmp_path / f"{LOG}.1").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_logs_are_for_the_user_alone(tmp_path: Path) -> None:
    path = open_log(tmp_path, "info")
    crash(tmp_path, "raise RuntimeError('it broke')")
    assert {stat.S_IMODE(found.stat().st_mode) for found in (path, tmp_path / CRASH)} == {0o600}
