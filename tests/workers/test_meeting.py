"""Aligning and measuring are the same in this process and in a worker's."""

import wave
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sonique_daemon.domain.description import Description, Look, ShotDescription
from sonique_daemon.domain.request import Cue
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.time import SAMPLE_RATE, TimeRange
from sonique_daemon.engines.engine import GenerateRequest, RecordedReport
from sonique_daemon.engines.hazards import HAZARDS, hazards
from sonique_daemon.sync.plan import plan
from sonique_daemon.workers.executor import Executor, ThreadExecutor
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.pool import Pool
from sonique_daemon.workers.processes import ProcessExecutor
from sonique_daemon.workers.task import (
    ALIGN,
    GENERATE_BATCH,
    MEASURE,
    Aligned,
    AlignRequest,
    Batch,
    MeasureRequest,
)
from sonique_daemon.workers.workbench import Workbench

from tests.sync.conftest import drums

SECONDS = Fraction(20)
TAGS = Tags("rock", (), Tempo(110.0, 100.0, 125.0), Key(0, "ionian"), hit_strength=1.0)
CUTS = (Fraction(0), Fraction(3), Fraction(15, 2), Fraction(11), Fraction(16), SECONDS)
SHOTS = tuple(
    ShotDescription(TimeRange(start, end - start), "A shot.", Look(), change=0.5) for start, end in pairwise(CUTS)
)
PICTURE = Description(SECONDS, "Shots.", SHOTS)


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(PoolLimits(worker_bytes=600_000_000), HAZARDS)
    yield made
    made.close()


def aligned(executor: Executor, folder: Path) -> tuple[Aligned, bytes]:
    tempo_map, samples = plan(TAGS, SECONDS, PICTURE, 0), int(SECONDS * SAMPLE_RATE)
    requests = []
    for seed in (1, 2):
        (folder / str(seed)).mkdir(parents=True)
        requests.append(GenerateRequest(TAGS, tempo_map, samples, seed, folder / str(seed), PICTURE))
    (folder / "aligned").mkdir()
    made = executor.run(GENERATE_BATCH, "drummer", Batch(tuple(requests)), RecordedReport())
    asked = AlignRequest(made.items, tempo_map, samples, folder / "aligned")
    done = executor.run(ALIGN, "", asked, RecordedReport())
    return done, done.rendering.mix.path.read_bytes()


def test_a_worker_aligns_as_this_process_does(pool: Pool, tmp_path: Path) -> None:
    here, audio = aligned(ThreadExecutor(Workbench(hazards())), tmp_path / "here")
    there, same = aligned(ProcessExecutor(pool, hazards()), tmp_path / "there")
    assert here.alignment == there.alignment
    assert here.alignment.candidates == 2
    assert audio == same


def test_a_worker_measures_as_this_process_does(pool: Pool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    music = (9000 * drums(np.arange(0.2, 19.0, 0.5), 20.0).clip(-3, 3)).astype("<i2")
    with wave.open(str(tmp_path / "music.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(music.tobytes())
    asked = MeasureRequest(Cue(str(tmp_path / "music.wav"), 1.0), PICTURE, (tmp_path,))
    here = ThreadExecutor(Workbench(hazards())).run(MEASURE, "", asked, RecordedReport())
    there = ProcessExecutor(pool, hazards()).run(MEASURE, "", asked, RecordedReport())
    assert here == there
    assert here.heard is not None
    assert len(here.heard.hits) == len(SHOTS) - 1
