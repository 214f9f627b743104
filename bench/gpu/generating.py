"""What is measured of a music model: cold and warm, beside the bare call, four takes at once, compiled."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.tags import Key, Tag, TagKind, Tags, Tempo
from sonique_daemon.engines.diffusion.base import COMPILE
from sonique_daemon.engines.engine import GenerateRequest, RecordedReport
from sonique_daemon.sync.plan import plan

from bench.gpu import gauges
from bench.gpu.bare import bare_music, music_call
from bench.gpu.gauges import Spent, repeated, timed
from bench.gpu.overhearing import overheard
from bench.gpu.rows import Row
from bench.gpu.subjects import Subject

_TAGS = Tags(
    "cinematic", (Tag(TagKind.MOOD, "calm"), Tag(TagKind.INSTRUMENT, "piano")), Tempo(90, 85, 95), Key(2, "aeolian")
)
_TAKES = 4


def generate_rows(subject: Subject, seconds: Sequence[int]) -> Iterator[Row]:
    """Load, each length cold and warm, peak memory, and the bare call of the first."""
    row, device = partial(Row, "generate", subject.name), subject.device
    engine = subject.engine(Stage.GENERATE)
    yield row("load, from files just written", timed(engine.rehearse, device), "s")
    with TemporaryDirectory() as folder:
        work = Work(engine, Path(folder))
        for number, length in enumerate(seconds):
            gauges.forget_peak(device)
            once = partial(work.run, length, 1)
            yield row(f"{length} s, {'warm lengths before' if number else 'cold'}", timed(once, device), "s")
            if number == 0:
                yield from _beside_bare(subject, work, length)
            else:
                yield row(f"{length} s, warm", timed(once, device), "s")
            yield row(f"{length} s, peak memory", gauges.peak(device), "GB")


def _beside_bare(subject: Subject, work: "Work", length: int) -> Iterator[Row]:
    """The warm time of the whole stage, of our calls of the model in it, and of the library's own call."""
    row, device, player = partial(Row, "generate", subject.name), subject.device, work.engine._player  # noqa: SLF001
    ours = Spent()
    owner, name = music_call(player)
    with overheard(owner, name) as calls:
        work.run(length, 1)
    bare = partial(bare_music, player, list(calls))
    bare()
    before = work.runs
    with ours.inside(player, "play", device):
        whole = repeated(partial(work.run, length, 1), device)
    yield row(f"{length} s, warm", whole, "s")
    spent = ours.seconds / (work.runs - before)
    yield row(f"{length} s, of it in the model", spent, "s")
    alone = repeated(bare, device)
    yield row(f"{length} s, the bare call of the library", alone, "s")
    yield row("our call ÷ the bare library call, same work", spent / alone, most=1.03)


def batch_rows(subject: Subject, seconds: Sequence[int]) -> Iterator[Row]:
    """Four takes in one call beside four calls of one."""
    row, device = partial(Row, "batch", subject.name), subject.device
    engine = subject.engine(Stage.GENERATE)
    engine.rehearse()
    with TemporaryDirectory() as folder:
        work = Work(engine, Path(folder))
        work.run(seconds[0], 1)
        work.run(seconds[0], _TAKES)
        gauges.forget_peak(device)
        together = timed(partial(work.run, seconds[0], _TAKES), device)
        yield row(f"four takes of {seconds[0]} s at once", together, "s")
        yield row("four takes at once, peak memory", gauges.peak(device), "GB")
        apart = _TAKES * repeated(partial(work.run, seconds[0], 1), device)
        yield row("four takes in one batch ÷ four runs", together / apart, most=0.5)


def compile_rows(subject: Subject, seconds: Sequence[int]) -> Iterator[Row]:
    """The same take with compiled networks and without."""
    row, device, length = partial(Row, "compile", subject.name), subject.device, seconds[0]
    with TemporaryDirectory() as folder, TemporaryDirectory() as other:
        plainly = _warm(Work(subject.engine(Stage.GENERATE), Path(folder)), length, device)
        yield row(f"{length} s, not compiled, warm", plainly, "s")
        os.environ[COMPILE] = "1"
        try:
            work = Work(subject.engine(Stage.GENERATE), Path(other))
            yield row(f"{length} s, compiled, the first run", timed(partial(work.run, length, 1), device), "s")
            yield from _compiled(row, work, plainly, length, device)
        finally:
            del os.environ[COMPILE]


def _compiled(row: Callable[..., Row], work: "Work", plainly: float, length: int, device: str) -> Iterator[Row]:
    what = "generate with compilation or CUDA graphs ÷ without"
    told = [warning for warning in work.report.warnings if "compile" in warning]
    if told:
        yield row(what, most=0.6, why=told[0])
        return
    warm = _warm(work, length, device)
    yield row(f"{length} s, compiled, warm", warm, "s")
    yield row(what, warm / plainly, most=0.6)


def _warm(work: "Work", length: int, device: str) -> float:
    for _ in range(2):
        work.run(length, 1)
    return repeated(partial(work.run, length, 1), device)


@dataclass(slots=True)
class Work:
    """Asks an engine for takes, each in a folder of its own."""

    engine: Any
    folder: Path
    runs: int = 0
    report: RecordedReport = field(default_factory=RecordedReport)

    def run(self, seconds: int, takes: int) -> None:
        """So many takes at once."""
        grid = plan(_TAGS, Fraction(seconds), None, 3)
        request = GenerateRequest(_TAGS, grid, seconds * 48_000, 1, self.folder)
        requests = [replace(request, seed=seed, workspace=self._own(seed)) for seed in range(takes)]
        self.engine.run_batch(requests, self.report)

    def _own(self, seed: int) -> Path:
        self.runs += 1
        folder = self.folder / f"{self.runs}-{seed}"
        folder.mkdir()
        return folder
