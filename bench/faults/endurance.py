"""Endurance: a thousand jobs in a row, and what the daemon has grown by after them."""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from bench.faults import asks
from bench.faults.calls import Caller, kind
from bench.faults.home import Home, home, resident
from bench.table import Row

JOBS, WARM = 1000, 100
GROWTH_BYTES = 20 * 2**20
_AT_ONCE = 2
_SLACK_DESCRIPTORS = 4


def rows(folder: Path, jobs: int = JOBS, warm: int = WARM) -> Iterator[Row]:
    """``jobs`` jobs, of which the first ``warm`` do not count."""
    folder.mkdir(parents=True, exist_ok=True)
    film = asks.make_film(folder / "film.mp4", [4.5])
    with home(folder / "endurance") as here, Caller(here.start()) as caller:
        started = time.monotonic()
        _play(caller, film, range(warm))
        memory, descriptors = _measure(here)
        _play(caller, film, range(warm, jobs))
        seconds = time.monotonic() - started
        grown, more = (now - before for now, before in zip(_measure(here), (memory, descriptors), strict=True))
        yield Row(
            f"the daemon after {jobs} jobs, against after {warm}",
            f"{grown / 2**20:+.1f} MB, {more:+d} descriptors ({seconds / jobs * 1000:.0f} ms a job)",
            "< +20 MB, none",
            grown < GROWTH_BYTES and more <= _SLACK_DESCRIPTORS,
            f"{memory / 2**20:.0f} MB after {warm}",
        )


def _play(caller: Caller, film: Path, numbers: range) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for end in pool.map(lambda number: _play_one(caller, film, number), numbers):
            assert end == "done", end


def _play_one(caller: Caller, film: Path, number: int) -> str:
    """Seven small ones to one look, one cue and one of the whole chain."""
    job_id = f"row-{number}"
    match number % 10:
        case 0:
            return kind(caller.run(asks.score(job_id, film, seed=number))[-1])
        case 1:
            return kind(caller.run(asks.generate(job_id, 2, seed=number))[-1])
        case 2:
            return kind(caller.run(asks.describe(job_id, film))[-1])
        case _:
            return kind(caller.run(asks.tag(job_id, prompt=f"calm {number}"))[-1])


def _measure(here: Home) -> tuple[int, int]:
    """The daemon's own resident memory and descriptors, the medians of a second's worth of looks."""
    told = here.told()
    assert told is not None
    process = psutil.Process(told.pid)
    looks = []
    for _ in range(10):
        time.sleep(0.1)
        looks.append((resident(process), process.num_fds()))
    return round(statistics.median(look[0] for look in looks)), round(statistics.median(look[1] for look in looks))
