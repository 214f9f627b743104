"""Wrecks: damaged and hostile media, each described by the daemon, with witnesses of what was read meanwhile."""

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sonique.v1 import scoring_pb2, timeline_pb2

from bench.faults import asks
from bench.faults.calls import Caller, kind
from bench.faults.damage import Case, bombs, damaged
from bench.faults.home import Home, end
from bench.faults.hostile import Bait, hostile
from bench.faults.witness import Listener, Watch, connections, opened, strace
from bench.table import Row

WRECKS, BATCH = 300, 50
CASE_SECONDS = 60.0
"""Longest that one file may hold up its job."""

ALLOWED = {"MEDIA_UNREADABLE", "NOTHING_TO_SEE", "LIMIT_EXCEEDED", "OUT_OF_MEMORY", "WORKER_HUNG", "WORKER_CRASHED"}
"""Ends with a sentence. The last three say that a limit was met; they are counted."""


@dataclass
class Salvage:
    """What came of the wrecks.

    Attributes:
        ends: how often each end came.
        faults: what should not have happened.
        slowest: seconds of the slowest file, with its name.
        strays: files that were read and never named, and addresses that were called.
    """

    ends: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    strays: set[str] = field(default_factory=set)


def rows(folder: Path, count: int = WRECKS, *, lures: bool = True, unfolding: bool = True) -> Iterator[Row]:
    """``count`` damaged files, small files that unfold into much, and files that name others.

    Args:
        folder: where to put them.
        count: how many damaged ones.
        lures: whether those that name others are tried.
        unfolding: whether those that unfold are tried.
    """
    folder = folder.resolve()
    bait_folder = folder / "bait"
    bait_folder.mkdir(parents=True)
    film = asks.make_film(bait_folder / "film.mp4", [1])
    (bait_folder / "secret.txt").write_text("secret")
    os.mkfifo(bait_folder / "pipe")
    with Listener() as listener:
        bait = Bait(film, bait_folder / "secret.txt", bait_folder / "pipe", listener.address)
        cases = list(damaged(folder / "damaged", count, seed=3))
        cases += list(bombs(folder / "bombs")) if unfolding else []
        cases += list(hostile(folder / "lures", bait)) if lures else []
        salvage = Salvage()
        for number, batch in enumerate(_batches(cases)):
            _describe_all(folder / f"batch{number}", batch, bait_folder, salvage)
        salvage.strays |= {f"{listener.visits} visits"} if listener.visits else set()
    yield from _told(salvage, len(cases))


def _batches(cases: Sequence[Case]) -> Iterator[tuple[Case, ...]]:
    yield from (tuple(cases[start : start + BATCH]) for start in range(0, len(cases), BATCH))


def _told(salvage: Salvage, count: int) -> Iterator[Row]:
    ends = ", ".join(f"{times} {name}" for name, times in salvage.ends.most_common())
    seconds, name = salvage.slowest
    yield Row(
        f"{count} damaged and hostile files, each described",
        ends,
        "seen, or refused in a sentence",
        not salvage.faults,
        "; ".join(salvage.faults[:3]),
    )
    yield Row("the slowest of them", f"{seconds:.1f} s", "≤ 60 s", seconds <= CASE_SECONDS, name)
    met = not salvage.strays
    yield Row(
        "read besides them",
        f"{len(salvage.strays)} files or addresses",
        "none",
        met,
        "; ".join(list(salvage.strays)[:3]),
    )


def _describe_all(folder: Path, batch: Sequence[Case], bait: Path, salvage: Salvage) -> None:
    """One daemon for a batch, under strace where that is there."""
    folder.mkdir(parents=True)
    trace = strace(folder / "trace")
    here = Home(folder, ("--log-level", "info"), before=trace)  # with its own engines: they open media
    try:
        with Watch([bait]) as watch, Caller(here.start()) as caller:
            for number, case in enumerate(batch):
                _describe(caller, case, f"wreck-{number}", salvage)
            salvage.strays |= watch.touched()
    finally:
        end(here)
    named = {str(case.path) for case in batch}
    media = str(bait.parent)
    found = {path for path in opened(folder / "trace") if path.startswith(media) and not path.startswith(str(folder))}
    salvage.strays |= found - named
    salvage.strays |= connections(folder / "trace")


def _describe(caller: Caller, case: Case, job_id: str, salvage: Salvage) -> None:
    request = scoring_pb2.DescribeRequest(
        job_id=job_id,
        timeline=timeline_pb2.Timeline(
            otio_json=asks.otio([asks.clip(case.path.as_uri(), 0, 24)]), folder=str(case.path.parent)
        ),
    )
    started = time.monotonic()
    last = caller.run(request, CASE_SECONDS * 3)[-1]
    salvage.slowest = max(salvage.slowest, (time.monotonic() - started, case.name))
    outcome = last.failed.code if kind(last) == "failed" else kind(last)
    salvage.ends[outcome] += 1
    if outcome != "done" and outcome not in ALLOWED:
        salvage.faults.append(f"{case.name}: {outcome} {last.failed.sentence}")
