"""What must be exact: length at every rate, the same seed the same file, loudness and true peak."""

import wave
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Event, Tagged, TakeReady
from sonique_daemon.domain.request import GenerateJob, TagJob
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.take import Take
from sonique_daemon.domain.time import exact_rate, sample_count
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.stages.chain import Chain

from bench.chains import chain_in
from bench.table import Row

RATES = (23.976, 24.0, 25.0, 29.97, 30.0, 50.0, 59.94, 60.0, Fraction(25_000, 1001), Fraction(15_000, 1001))
RANGES = 100


def rows(folder: Path) -> Iterator[Row]:
    """Lengths of 100 random ranges; every style twice; loudness and true peak of every style."""
    with TemporaryDirectory(dir=folder) as store:
        chain = chain_in(Path(store))
        yield _lengths(chain)
        yield from _styles(chain)


def _lengths(chain: Chain) -> Row:
    """Ranges of 2 to 6 s of whole frames, ten at each rate, in every rate's turn."""
    random = np.random.Generator(np.random.PCG64(1))
    tags = _tags(chain, "ambient")
    right = 0
    for index in range(RANGES):
        rate = exact_rate(RATES[index % len(RATES)])
        duration = Fraction(int(random.integers(int(2 * rate) + 1, int(6 * rate)))) / rate
        take = _take(chain, GenerateJob(tags, duration, seed=index))
        with wave.open(str(take.files[0].path)) as file:
            right += file.getnframes() == sample_count(duration)
    return Row("length exact in samples, 100 random ranges at 10 rates", f"{right} of {RANGES}", "all", right == RANGES)


def _styles(chain: Chain) -> Iterator[Row]:
    takes, same = [], 0
    for style in styles():
        job = GenerateJob(_tags(chain, style), Fraction(20), seed=5)
        first, second = _take(chain, job), _take(chain, job)
        same += first.files[0].sha256 == second.files[0].sha256
        takes.append(first)
    count = len(takes)
    yield Row("the same seed twice, every style", f"{same} of {count} files the same", "all", same == count)
    peak = max(take.measures.true_peak_dbtp for take in takes)
    yield Row("highest true peak, every style", f"{peak:.2f} dBTP", "≤ −1 dBTP", peak <= -1)
    away = max(abs(take.measures.loudness_lufs + 20) for take in takes)
    yield Row("farthest from the loudness asked for", f"{away:.2f} LU", "≤ 0.5 LU", away <= 0.5)


def _tags(chain: Chain, style: str) -> Tags:
    events: list[Event] = []
    chain.run(TagJob(Brief(genres=(style,))), events.append, _never)
    return next(event.tags for event in events if isinstance(event, Tagged))


def _take(chain: Chain, job: GenerateJob) -> Take:
    events: list[Event] = []
    chain.run(job, events.append, _never)
    return next(event.take for event in events if isinstance(event, TakeReady))


def _never() -> None:
    return None
