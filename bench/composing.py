"""The composer with stems, mix and delivery, on one core; and how much memory half an hour takes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.table import Row

_SEEDS = 8
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def rows(folder: Path) -> Iterator[Row]:
    """60 s in a warm process, 30 min in a fresh one."""
    warm = _composed(folder, 60, _SEEDS)
    speed = 60 / warm["seconds"]
    yield Row("composer, stems, mix, delivery: 60 s, one core", f"{speed:.0f} × real time", "≥ 40 ×", speed >= 40)
    long = _composed(folder, 1800, 1)
    memory, speed = long["peak_bytes"] / 1e9, 1800 / long["seconds"]
    figure = f"{memory:.2f} GB, {speed:.0f} × real time"
    yield Row("a 30 min cue, its process's memory", figure, "≤ 1 GB", memory <= 1.0)


def _composed(folder: Path, seconds: int, runs: int) -> dict[str, float]:
    """What ``bench.one_cue`` measures in a process of its own, on one core."""
    import os

    command = [sys.executable, "-m", "bench.one_cue", str(folder), str(seconds), str(runs)]
    done = subprocess.run(command, env={**os.environ, **_ONE_THREAD}, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found
