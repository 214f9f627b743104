"""Whole commands as a user runs them, timed from outside, with a daemon of the benchmark's own."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SONIQUE = str(Path(sys.executable).parent / "sonique")
RUNS = 5


def median_of(work: Callable[[], float], runs: int = RUNS) -> float:
    """The median of what ``work`` returns, over ``runs`` runs after one that is not counted."""
    work()
    return statistics.median(work() for _ in range(runs))


def timed(command: list[str], environment: Mapping[str, str] | None = None) -> float:
    """Seconds that a command takes, its process start included.

    Raises:
        RuntimeError: it failed; carries what it wrote.
    """
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
    return seconds


@contextmanager
def own_daemon(folder: Path) -> Iterator[dict[str, str]]:
    """The environment in which commands use a daemon of their own, its files in ``folder``; stopped at the end."""
    environment = {
        **os.environ,
        "SONIQUE_RUNTIME_DIR": str(folder / "run"),
        "SONIQUE_STORE": str(folder / "store"),
    }
    try:
        yield environment
    finally:
        subprocess.run([SONIQUE, "daemon", "stop"], env=environment, capture_output=True, check=False)
