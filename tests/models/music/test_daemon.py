"""Music models through workers and the chain, as a daemon runs them; stable-audio-tools in a Python of its own."""

import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from sonique_daemon.domain.events import Event, Progress, Stage, StageStarted, TakeReady, Warned
from sonique_daemon.domain.options import EngineOptions, Melody
from sonique_daemon.domain.request import GenerateJob
from sonique_daemon.domain.tags import Key, Tag, TagKind, Tags, Tempo
from sonique_daemon.engines.registry import EVERYTHING, everything
from sonique_daemon.errors import Cancelled, InvalidRequest, WeightsDamaged, WeightsMissing
from sonique_daemon.stages.assembly import assemble
from sonique_daemon.stages.cache import FolderLibrary, MemoryCache
from sonique_daemon.stages.chain import Chain
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.pool import Pool
from sonique_daemon.workers.processes import ProcessExecutor

SA3, MUSICGEN = "diffusers:tiny-sa3", "musicgen:tiny-musicgen"
OPEN_SMALL, SONIQUE = "stable-audio-tools:tiny-open-small", "stable-audio-tools:tiny-sonique"
TAGS = Tags("ambient", (Tag(TagKind.INSTRUMENT, "piano"),), Tempo(90.0, 85.0, 95.0), Key(2, "aeolian"))


@dataclass
class Daemon:
    """A chain over real workers."""

    pool: Pool
    chain: Chain
    models: Any
    events: list[Event] = field(default_factory=list)

    def run(self, job: GenerateJob, check: Callable[[], None] = lambda: None) -> list[TakeReady]:
        self.events.clear()
        self.chain.run(job, self.events.append, check)
        return [event for event in self.events if isinstance(event, TakeReady)]

    def steps(self) -> list[Progress]:
        return [event for event in self.events if isinstance(event, Progress) and event.stage is Stage.GENERATE]


@pytest.fixture(scope="module")
def daemon(home: Any, recording: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home.environment.items():
            patch.setenv(name, value)
        registry = everything()
        pool = Pool(PoolLimits(watch_seconds=0.1), EVERYTHING)
        folder = tmp_path_factory.mktemp("store")
        executor, library = ProcessExecutor(pool, registry), FolderLibrary(folder)
        roots = (recording.parent,)
        chain = assemble(executor, registry, MemoryCache(), library, folder, roots, lambda job: repr(job).encode())
        yield Daemon(pool, chain, home)
        pool.close()


def job(engine: str, **changes: Any) -> GenerateJob:
    return replace(GenerateJob(TAGS, Fraction(2), engine=engine, seed=5), **changes)


def sound(ready: TakeReady) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    """Its samples, 24 bits each."""
    with wave.open(str(ready.take.files[0].path)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 48_000, ready.take.samples)
        low, middle, high = np.frombuffer(file.readframes(file.getnframes()), np.uint8).reshape(-1, 3).T
    return np.asarray(low | middle.astype(np.int32) << 8 | high.astype(np.int8).astype(np.int32) << 16, np.int32)


ROUNDING = 1e-4 * 2**23
"""Of full scale; how far a take of a batch may be from the take of its seed alone."""


def need(daemon: Daemon, engine: str) -> None:
    name = engine.partition(":")[2]
    if daemon.models.weights.record(daemon.models.catalogue.model(name)) is None:
        pytest.skip("The environment is not there: sonique engines install stable-audio-tools.")


@pytest.mark.parametrize("engine", [SA3, MUSICGEN, OPEN_SMALL, SONIQUE])
def test_takes_are_made_delivered_told_step_by_step_and_repeat(daemon: Daemon, engine: str) -> None:
    need(daemon, engine)
    first, second = daemon.run(job(engine, takes=2))
    assert first.take.samples == 2 * 48_000
    assert first.take.engine.startswith(engine)
    assert [daemon.steps()[-1].done, daemon.steps()[0].done] == [daemon.steps()[-1].total, 0.0]
    assert (sound(first) != sound(second)).any()
    with_stems = replace(GenerateJob(TAGS, Fraction(2)).delivery, stems=True)
    again = daemon.run(job(engine, takes=2, delivery=with_stems))
    assert all((sound(one) == sound(same)).all() for one, same in zip((first, second), again, strict=True))


@pytest.mark.parametrize("engine", [SA3, MUSICGEN, OPEN_SMALL, SONIQUE])
def test_several_takes_are_made_at_once_and_each_is_that_seed_alone_but_for_rounding(
    daemon: Daemon, engine: str
) -> None:
    need(daemon, engine)
    takes = daemon.run(job(engine, seed=51, takes=3))
    assert [event.takes for event in daemon.events if isinstance(event, StageStarted) and event.engine] == [3]
    assert len({event.total for event in daemon.steps()}) == 1
    for index, together in enumerate(takes):
        with_stems = replace(GenerateJob(TAGS, Fraction(2)).delivery, stems=True)  # so that nothing is known
        (alone,) = daemon.run(job(engine, seed=51 + index, delivery=with_stems))
        assert np.abs(sound(together) - sound(alone)).max() <= ROUNDING


@pytest.mark.parametrize("engine", [SA3, OPEN_SMALL])
def test_a_cancelled_job_stops_between_steps_and_the_next_runs_on_the_same_worker(daemon: Daemon, engine: str) -> None:
    need(daemon, engine)
    daemon.run(job(engine, seed=11))
    before = {worker.pid for worker in daemon.pool.workers()}

    def stop_after_a_step() -> None:
        if daemon.steps():
            raise Cancelled

    with pytest.raises(Cancelled):
        daemon.run(job(engine, seed=12, options=EngineOptions(steps=200)), stop_after_a_step)
    assert daemon.run(job(engine, seed=13))
    assert before & {worker.pid for worker in daemon.pool.workers()}


@pytest.mark.parametrize("engine", [SA3, OPEN_SMALL])
def test_memory_is_given_back(daemon: Daemon, engine: str) -> None:
    need(daemon, engine)
    daemon.run(job(engine, seed=21))
    descriptor = daemon.chain.registry.descriptor(Stage.GENERATE, engine)
    (worker,) = [worker for worker in daemon.pool.workers() if worker.name == descriptor.worker]
    assert psutil.Process(worker.pid).memory_info().rss > 2e8
    daemon.pool.unload(descriptor)
    assert not psutil.pid_exists(worker.pid)


def test_a_melody_is_read_and_started_from(daemon: Daemon, recording: Path) -> None:
    (ready,) = daemon.run(job(SA3, melody=Melody(str(recording), 0.4)))
    (plain,) = daemon.run(job(SA3))
    assert (sound(ready) != sound(plain)).any()


def test_soniques_tags_prompt_and_negatives_change_what_it_makes(daemon: Daemon) -> None:
    need(daemon, SONIQUE)
    (plain,) = daemon.run(job(SONIQUE))
    banned = replace(TAGS, tags=(*TAGS.tags, Tag(TagKind.NEGATIVE, "drums and loud brass")))
    (without,) = daemon.run(job(SONIQUE, tags=banned))
    (other,) = daemon.run(job(SONIQUE, tags=replace(TAGS, tags=(Tag(TagKind.GENRE, "techno"),))))
    assert (sound(plain) != sound(without)).any()
    assert (sound(plain) != sound(other)).any()
    assert not [event for event in daemon.events if isinstance(event, Warned)]


def test_samplers_are_the_models_own_and_another_is_refused(daemon: Daemon) -> None:
    need(daemon, SONIQUE)
    assert daemon.run(job(SONIQUE, options=EngineOptions(sampler="dpmpp-3m-sde", sigma_min=0.3, sigma_max=80.0)))
    with pytest.raises(InvalidRequest, match="“pingpong” does not suit this model; there is dpmpp-2m-sde"):
        daemon.run(job(SONIQUE, options=EngineOptions(sampler="pingpong")))


def test_weights_that_are_not_there_are_told(daemon: Daemon, home: Any) -> None:
    model = home.catalogue.model("tiny-ace")
    record, hidden = home.weights.record_path(model), home.folder / "hidden.json"
    record.rename(hidden)
    try:
        with pytest.raises(WeightsMissing, match="tiny-ace"):
            daemon.run(job("diffusers:tiny-ace"))
    finally:
        hidden.rename(record)


def test_weights_that_changed_are_refused(daemon: Daemon, home: Any) -> None:
    path = home.folder / "weights" / "tiny-sao" / "transformer" / "diffusion_pytorch_model.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        with pytest.raises(WeightsDamaged, match="not what was pulled"):
            daemon.run(job("diffusers:tiny-sao"))
    finally:
        path.write_bytes(whole)
