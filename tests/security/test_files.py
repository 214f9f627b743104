"""What lies on the disk is this user's alone, and is never overwritten."""

import stat
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest
from sonique.v1 import takes_pb2

from bench.faults import asks
from bench.faults.calls import Caller, kind
from bench.faults.home import Home
from bench.processes import SONIQUE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")


class Secured(Protocol):
    """What these tests use of the fixture."""

    here: Home
    caller: Caller
    film: Path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_file_and_folder_of_the_daemon_is_closed_to_others(secured: Secured) -> None:
    secured.caller.run(asks.score("modes", secured.film))
    folders = [secured.here.runtime, secured.here.store, secured.here.folder / "log"]
    looked = 0
    for folder in folders:
        assert mode(folder) == 0o700, folder
        for path in folder.rglob("*"):
            looked += 1
            assert mode(path) & 0o077 == 0, f"{path} is {mode(path):o}"
    assert looked > 8
    assert mode(secured.here.runtime / "daemon.json") == 0o600
    assert mode(secured.here.runtime / "daemon.sock") == 0o600


def test_a_runtime_folder_that_others_may_enter_is_closed_before_anything_is_written(tmp_path: Path) -> None:
    here = Home(tmp_path)
    here.runtime.mkdir(mode=0o777)
    here.runtime.chmod(0o777)
    try:
        here.start()
        assert mode(here.runtime) == 0o700
    finally:
        here.kill()


def test_a_runtime_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    here = Home(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    here.runtime.symlink_to(tmp_path / "elsewhere")
    assert here.spawn().wait(60) == 1
    assert "no folder" in here.said()


def test_the_same_take_again_leaves_the_finished_file_as_it_is(secured: Secured) -> None:
    def located(job_id: str) -> Path:
        events = secured.caller.run(asks.generate(job_id, 2, seed=77))
        take = next(event.take_ready.take for event in events if kind(event) == "take_ready")
        answer = secured.caller.takes.Locate(takes_pb2.LocateRequest(take_id=take.id), timeout=280)
        return Path(answer.path)

    first = located("take-1")
    before = first.stat()
    assert first.is_relative_to(secured.here.store)
    assert located("take-2") == first
    assert (first.stat().st_ino, first.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("made", ["file", "link"])
def test_a_command_overwrites_nothing_that_is_there(secured: Secured, tmp_path: Path, made: str) -> None:
    precious = tmp_path / "precious.wav"
    precious.write_bytes(b"precious")
    out = precious
    if made == "link":
        out = tmp_path / "out.wav"
        out.symlink_to(precious)
    done = subprocess.run(
        [SONIQUE, "score", str(secured.film), "-o", str(out)],
        env=secured.here.variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode != 0
    assert precious.read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({precious.name, out.name})
