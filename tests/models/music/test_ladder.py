"""A real model's music is brought to the cuts in workers: candidates, a draft under noise, spans made anew."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sonique_daemon.domain.alignment import LARGEST_STRETCH, TARGET, Alignment, Rung
from sonique_daemon.domain.description import Description, Look, ShotDescription
from sonique_daemon.domain.events import Event, TakeReady, Warned
from sonique_daemon.domain.request import GenerateJob
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.take import Take
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.registry import EVERYTHING, everything
from sonique_daemon.stages.assembly import assemble
from sonique_daemon.stages.cache import FolderLibrary, MemoryCache
from sonique_daemon.stages.chain import Chain
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.pool import Pool
from sonique_daemon.workers.processes import ProcessExecutor

SECONDS = Fraction(8)
EDGES = (Fraction(0), Fraction(2), Fraction(15, 4), Fraction(6), SECONDS)
SHOTS = tuple(
    ShotDescription(TimeRange(start, end - start), "A shot.", Look(), change=0.5) for start, end in pairwise(EDGES)
)
TAGS = Tags("rock", (), Tempo(110.0, 100.0, 125.0), Key(2, "aeolian"), hit_strength=1.0)
JOB = GenerateJob(TAGS, SECONDS, Description(SECONDS, "Shots.", SHOTS), 5, engine="diffusers:tiny-sa3")


@pytest.fixture(scope="module")
def chain(home: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home.environment.items():
            patch.setenv(name, value)
        registry = everything()
        pool = Pool(PoolLimits(watch_seconds=0.1), EVERYTHING)
        folder: Path = tmp_path_factory.mktemp("ladder")
        executor, library = ProcessExecutor(pool, registry), FolderLibrary(folder)
        yield assemble(executor, registry, MemoryCache(), library, folder, (), lambda job: repr(job).encode())
        pool.close()


def made(chain: Chain, job: GenerateJob) -> tuple[Take, Alignment, list[Event]]:
    events: list[Event] = []
    chain.run(job, events.append, lambda: None)
    take = next(event.take for event in events if isinstance(event, TakeReady))
    assert take.alignment is not None
    return take, take.alignment, events


def test_a_models_take_says_how_it_came_to_the_cuts_and_never_worse_than_it_was(chain: Chain) -> None:
    take, alignment, events = made(chain, JOB)
    assert take.samples == 8 * 48_000
    assert alignment.rungs[0] is Rung.TEMPO
    assert alignment.after >= alignment.before
    assert abs(alignment.stretch) <= LARGEST_STRETCH + 1e-6
    told = any("above chance" in event.sentence for event in events if isinstance(event, Warned))
    assert told == (alignment.after < TARGET)


def test_a_draft_under_a_little_noise_brings_a_model_nearer_to_the_cuts_than_it_comes_by_itself(chain: Chain) -> None:
    """The decoder's numbers are random and blur some drafts: this one is among those that come through."""
    job = replace(JOB, seed=8)
    _, guided, _ = made(chain, replace(job, guide=0.05))
    _, alone, _ = made(chain, job)
    assert Rung.GUIDE in guided.rungs
    assert guided.after > alone.after + 0.2
