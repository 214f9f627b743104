"""Files on their way into the editor's folder: whole or not at all, and never over another."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sonique_blender.core.copying import Damaged, OutputUnwritable, copied

DATA = bytes(range(256)) * 20_000


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "made.wav"
    path.write_bytes(DATA)
    return path


def copy(source: Path, target: Path) -> Path:
    return copied(source, target, len(DATA), hashlib.sha256(DATA).hexdigest())


def test_a_file_arrives_whole_and_nothing_else_does(source: Path, tmp_path: Path) -> None:
    assert copy(source, tmp_path / "cue.wav") == tmp_path / "cue.wav"
    assert (tmp_path / "cue.wav").read_bytes() == DATA
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cue.wav", "made.wav"]


def test_a_file_that_is_there_is_never_replaced(source: Path, tmp_path: Path) -> None:
    (tmp_path / "cue.wav").write_text("mine")
    assert copy(source, tmp_path / "cue.wav") == tmp_path / "cue 2.wav"
    assert (tmp_path / "cue.wav").read_text() == "mine"
    assert (tmp_path / "cue 2.wav").read_bytes() == DATA


def test_what_is_not_as_the_daemon_says_is_refused_and_leaves_nothing(source: Path, tmp_path: Path) -> None:
    with pytest.raises(Damaged):
        copied(source, tmp_path / "cue.wav", len(DATA), "0" * 64)
    with pytest.raises(Damaged):
        copied(source, tmp_path / "cue.wav", len(DATA) + 1, "0" * 64)
    with pytest.raises(Damaged, match="is the daemon on this computer"):
        copied(tmp_path / "nowhere.wav", tmp_path / "cue.wav", 1, "0" * 64)
    assert [path.name for path in tmp_path.iterdir()] == ["made.wav"]


def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Damaged):
        copied(tmp_path / "pipe", tmp_path / "cue.wav", 1, "0" * 64)


def test_a_folder_that_is_gone_is_said_to_be(source: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputUnwritable, match="choose another output folder"):
        copy(source, tmp_path / "gone" / "cue.wav")


def test_a_file_that_the_disk_does_not_take_is_said_to_be_and_leaves_nothing(source: Path) -> None:
    script = f"""
import hashlib, pathlib, resource, signal
from sonique_blender.core.copying import OutputUnwritable, copied
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2**21, 2**21))
source = pathlib.Path({str(source)!r})
try:
    copied(source, source.with_name("cue.wav"), {len(DATA)}, "0" * 64)
except OutputUnwritable as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "File too large" in done.stdout
    assert [path.name for path in source.parent.iterdir()] == ["made.wav"]
