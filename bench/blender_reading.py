"""How long Blender's user waits while a sequence is read: in each Blender that ``SONIQUE_BPY_50`` and the like name."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from bench.blender_ticks import BLENDERS
from bench.table import Row

STRIPS, SECONDS = 1000, 0.5
_ROOT = Path(__file__).resolve().parent.parent
_PACKAGES = ("protos", "clients/common", "clients/blender_vse")


def rows(folder: Path) -> Iterator[Row]:
    """Reading a thousand strips, half of them movies of fifty files at another rate than the scene's."""
    film = folder / "film.mp4"
    _make(film)
    for variable in BLENDERS.values():
        python = os.environ.get(variable, "")
        if not python:
            continue
        found = json.loads(_inside(python, film, folder / variable))
        seconds, first = found["seconds"], found["first"]
        what = f"Blender {found['version']}: {found['strips']} strips read and written as OTIO"
        met = max(seconds, first) <= SECONDS and found["strips"] == STRIPS
        yield Row(what, f"{seconds:.2f} s; the first time {first:.2f} s", f"≤ {SECONDS} s", met)


def _make(film: Path) -> None:
    """Four seconds at 24 frames per second, small: what is measured is reading, and Blender opens each of them."""
    with av.open(str(film), "w") as container:
        stream = container.add_stream("libx264", rate=24, width=160, height=90, pix_fmt="yuv420p")
        track = container.add_stream("aac", rate=48_000, layout="stereo")
        for index in range(96):
            image = np.full((90, 160, 3), index * 2, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        for start in range(0, 4 * 48_000, 1024):
            block = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
            block.sample_rate, block.pts = 48_000, start
            container.mux(track.encode(block))
        container.mux([*stream.encode(), *track.encode()])


def _inside(python: str, film: Path, folder: Path) -> str:
    folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(_ROOT / name) for name in _PACKAGES)}
    script = Path(__file__).with_name("blender_crowd.py")
    done = subprocess.run(
        [python, str(script), str(film), str(folder), str(STRIPS)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]
