"""Real Blenders: each is a Python interpreter that can ``import bpy``, named by an environment variable.

``python .ci/blenders.py FOLDER`` makes them and prints the variables to set.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from sonique.runtime_file import RuntimeFile

from tests.conftest import write_film

ROOT = Path(__file__).resolve().parent.parent.parent
RELEASES = ("45", "50", "52")
BITS = 10
"""Bars by which a frame's number is painted into it."""


@dataclass(frozen=True)
class Blender:
    """One release, to run the scripts of ``inside`` in.

    Attributes:
        python: the interpreter that imports its ``bpy``.
        folder: where it may write.
    """

    python: Path
    folder: Path

    def command(self, script: str, *words: str) -> list[str]:
        """What runs ``main(folder, *words)`` of ``inside/script.py``."""
        runner = Path(__file__).parent / "inside" / "run.py"
        return [str(self.python), "-W", "error::DeprecationWarning", str(runner), script, str(self.folder), *words]

    def environment(self) -> dict[str, str]:
        """Its own user's folders, and the packages of this repository in place of vendored ones."""
        packages = ("protos", "clients/common", "clients/blender_vse")
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(ROOT / package) for package in packages),
            "BLENDER_USER_RESOURCES": str(self.folder / "user"),
            "OMP_NUM_THREADS": "1",
        }

    def run(self, script: str, *words: str, seconds: float = 240) -> Any:
        """What the script's ``main`` returns."""
        command = self.command(script, *words)
        done = subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, timeout=seconds, check=False
        )
        answer = self.folder / f"{script}.json"
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return json.loads(answer.read_text())


@pytest.fixture(params=RELEASES)
def blender(request: pytest.FixtureRequest, tmp_path: Path) -> Blender:
    """Each release that is there."""
    variable = f"SONIQUE_BPY_{request.param}"
    python = os.environ.get(variable, "")
    if not python:
        pytest.skip(f"{variable} names no interpreter; python .ci/blenders.py makes it")
    return Blender(Path(python), tmp_path)


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A “soniqued” on PATH in folders of the test's own; what was started is ended."""
    programs, run = tmp_path / "bin", tmp_path / "run"
    programs.mkdir()
    program = programs / "soniqued"
    program.write_text(
        f'#!/bin/sh\nunset PYTHONPATH\nexec "{sys.executable}" -m sonique_daemon.app.main --no-warm "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    for name in ("RUNTIME_DIR", "STORE", "LOG_DIR"):
        monkeypatch.setenv(f"SONIQUE_{name}", str(run if name == "RUNTIME_DIR" else tmp_path / name.lower()))
    monkeypatch.setenv("SONIQUE_CONFIG", os.devnull)
    yield
    with suppress(OSError, ValueError):
        os.kill(RuntimeFile.from_json((run / "daemon.json").read_text()).pid, signal.SIGKILL)


def bars(number: int, width: int = 320, height: int = 180) -> NDArray[np.uint8]:
    """A picture with ``number`` painted as bars, the lowest bit left."""
    image = np.zeros((height, width, 3), np.uint8)
    for bit in range(BITS):
        if number >> bit & 1:
            image[:, bit * 32 : bit * 32 + 32] = 255
    return image


def number_in(image: NDArray[np.uint8]) -> int:
    """The number painted into a picture of any size."""
    height, width = image.shape[:2]
    row = image[height // 2].reshape(width, -1).mean(axis=1)
    return sum(1 << bit for bit in range(BITS) if row[int((bit + 0.5) * width / BITS)] > 115)


@pytest.fixture(scope="session")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Fraction, int], Path]:
    """Films of ``count`` frames with their numbers painted in."""
    folder = tmp_path_factory.mktemp("painted")

    def make(name: str, rate: Fraction, count: int) -> Path:
        path = folder / name
        if not path.exists():
            write_film(path, map(bars, range(count)), rate, options={"g": "12"})
        return path

    return make


@pytest.fixture(scope="session")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of sixty images with their numbers painted in, the first of them 1."""
    folder = tmp_path_factory.mktemp("numbered")
    for number in range(1, 61):
        with av.open(str(folder / f"plate.{number:04d}.jpg"), "w", format="image2") as container:
            stream = container.add_stream("mjpeg", width=320, height=180, pix_fmt="yuvj420p")
            container.mux(stream.encode(av.VideoFrame.from_ndarray(bars(number), format="rgb24")))
            container.mux(stream.encode())
    return folder
