"""``.ci/run`` waits for all suites and tells what each found. What takes long is played by a stand-in here."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a script of bash")

SCRIPT = Path(__file__).parents[2] / ".ci" / "run"

STAND_IN = """#!/bin/sh
# Any command of any environment. ``-m venv FOLDER`` makes one; pytest says what it was told to.
case "$*" in
    "-m venv "*)
        mkdir -p "$3/bin"
        for name in python pip pytest sonique buf ruff mypy lint-imports; do ln -s "$STAND_IN" "$3/bin/$name"; done ;;
    *"import torch"*) exit 1 ;;
esac
case "$0 $*" in
    *"/pytest "*tests/models*) suite=models ;;
    *"/pytest "*tests/blender*) suite=blender ;;
    *"/pytest "*) suite=light ;;
    *"/ruff "*) case " $FAILING " in *" ruff "*) exit 1;; esac; exit 0 ;;
    *) exit 0 ;;
esac
[ $suite = light ] || sleep "$WAIT"
echo "$suite: all that pytest says"
case " $FAILING " in
    *" $suite "*) echo "FAILED tests/$suite.py::test_one - assert False"; echo "1 failed, 3 passed in 0.10s"; exit 1 ;;
esac
echo "4 passed, 1 skipped in 61.20s (0:01:01)"
"""


def run(folder: Path, failing: str, **more: str) -> "subprocess.CompletedProcess[str]":
    stand_in = folder / "python"
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    (folder / "apt-get").symlink_to(stand_in)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    environment = {
        "STAND_IN": str(stand_in),
        "PYTHON": str(stand_in),
        "FAILING": failing,
        "WAIT": "0.3",
        "TMPDIR": str(folder),
        "LC_ALL": "C",  # or bash may complain of a language that is not installed here
    }
    command = ["bash", str(SCRIPT)]
    return subprocess.run(
        command,
        env={**os.environ, **environment, "PATH": path, **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_where_all_pass_the_last_lines_are_the_summaries(tmp_path: Path) -> None:
    done = run(tmp_path, "")
    assert {path.name for path in tmp_path.iterdir()} == {"python", "apt-get"}
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-4:] == ["== all of it", *["4 passed, 1 skipped in 61.20s (0:01:01)"] * 3]
    assert "models: all" not in done.stdout


@pytest.mark.parametrize("failing", ["light", "models", "blender", "light models", "light models blender"])
def test_every_suite_ends_and_every_failure_is_told(tmp_path: Path, failing: str) -> None:
    done = run(tmp_path, failing)
    assert done.returncode == 1
    end = done.stdout.partition("== all of it\n")[2].splitlines()
    suites = failing.split()
    told = {line for line in end if line.startswith("FAILED")}
    assert told == {f"FAILED tests/{suite}.py::test_one - assert False" for suite in suites}
    summaries = end[-3:]
    assert sum(line.startswith("1 failed, 3 passed in") for line in summaries) == len(suites)
    assert sum(line.startswith("4 passed, 1 skipped in") for line in summaries) == 3 - len(suites)
    beside = failing != "light"
    for suite in ("models", "blender"):
        assert (f"{suite}: all that pytest says" in done.stdout) is beside


def test_where_an_early_step_fails_nothing_is_left_running_or_lying_about(tmp_path: Path) -> None:
    done = run(tmp_path, "ruff", WAIT="600")
    assert done.returncode == 1
    assert {path.name for path in tmp_path.iterdir()} == {"python", "apt-get"}
    deadline = time.monotonic() + 60  # what was told to end may take a moment
    while time.monotonic() < deadline and _working_in(tmp_path):
        time.sleep(0.05)
    assert _working_in(tmp_path) == []


def _working_in(folder: Path) -> list[psutil.Process]:
    """The processes that run there; of one that has ended nobody sees the environment."""
    running = psutil.process_iter(["environ"])
    return [process for process in running if (process.info["environ"] or {}).get("TMPDIR") == str(folder)]
