"""What a job demands of its generate engine: a melody, and options."""

import wave
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sonique_client.recipe import read_recipe
from sonique_daemon.domain.edit import Change
from sonique_daemon.domain.events import Event, TakeReady, Warned
from sonique_daemon.domain.options import EngineOptions, Melody
from sonique_daemon.domain.request import GenerateJob
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.engines.engine import GenerateRequest, InitAudio
from sonique_daemon.engines.registry import Registry
from sonique_daemon.errors import InvalidRequest, MediaNotFound, PathRefused
from sonique_daemon.stages.assembly import assemble
from sonique_daemon.stages.cache import FolderLibrary, MemoryCache
from sonique_daemon.stages.chain import Chain
from sonique_daemon.workers.task import Batch

TAGS = Tags("ambient", (), Tempo(60.0, 55.0, 70.0), Key(0, "ionian"))
JOB = GenerateJob(TAGS, Fraction(3), engine="mimic")


def never() -> None:
    return None


def sentences(events: list[Event]) -> list[str]:
    return [event.sentence for event in events if isinstance(event, Warned)]


def tmp_recording(chain: Chain, seconds: int) -> Path:
    """A sound file of that length where the chain may read."""
    path = chain.media_roots[0] / f"{seconds} seconds.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(bytes(2 * 48_000 * seconds))
    return path


@pytest.fixture
def chain(executor: Any, registry: Registry, cache: MemoryCache, library: FolderLibrary, recording: Path) -> Chain:
    roots = (recording.parent,)
    return assemble(executor, registry, cache, library, library.folder, roots, lambda job: repr(job).encode())


def test_a_melody_reaches_the_engine_decoded(chain: Chain, executor: Any, events: list[Event], recording: Path) -> None:
    chain.run(replace(JOB, melody=Melody(str(recording), 0.25), takes=2), events.append, never)
    asked = [each for batch in executor.requests if isinstance(batch, Batch) for each in batch.requests]
    assert [type(request.init) for request in asked] == [InitAudio, InitAudio]
    assert all(request.init is not None and request.init.noise == 0.25 for request in asked)
    assert [name for name, _ in executor.asked].count("hear") == 1


def test_the_recipe_says_which_file_was_meant(chain: Chain, events: list[Event], recording: Path) -> None:
    chain.run(replace(JOB, melody=Melody(str(recording))), events.append, never)
    (ready,) = [event for event in events if isinstance(event, TakeReady)]
    digest = sha256(recording.read_bytes()).hexdigest()
    recipe = repr(replace(JOB, melody=Melody(str(recording), sha256=digest)))
    assert read_recipe(ready.take.files[0].path) == recipe.encode()
    with pytest.raises(MediaNotFound, match="has changed"):
        chain.run(replace(JOB, melody=Melody(str(recording), sha256="0" * 64)), events.append, never)


def test_a_melody_outside_of_the_daemons_folders_is_read_where_the_job_allows_its_own(
    chain: Chain, events: list[Event], recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    narrow, job = replace(chain, media_roots=()), replace(JOB, melody=Melody(str(recording)))
    with pytest.raises(PathRefused, match="--media-root"):
        narrow.run(job, events.append, never)
    narrow.run(replace(job, media_roots=(str(recording.parent),)), events.append, never)
    assert any(isinstance(event, TakeReady) for event in events)


def test_no_melody_is_left_behind(chain: Chain, library: FolderLibrary, events: list[Event], recording: Path) -> None:
    chain.run(replace(JOB, melody=Melody(str(recording))), events.append, never)
    assert not list(library.scratch.iterdir())


def test_an_engine_that_takes_no_melody_refuses_it_before_any_work(
    chain: Chain, executor: Any, events: list[Event], recording: Path
) -> None:
    with pytest.raises(
        InvalidRequest, match="“tone” cannot start from a melody; choose one that can \\(drummer, mimic\\)"
    ):
        chain.run(replace(JOB, engine="tone", melody=Melody(str(recording))), events.append, never)
    assert not executor.asked


def test_options_reach_the_engine(chain: Chain, executor: Any, events: list[Event]) -> None:
    options = EngineOptions(steps=5, guidance=2.0)
    chain.run(replace(JOB, options=options), events.append, never)
    (asked,) = [request for request in executor.requests if isinstance(request, GenerateRequest)]
    assert asked.options == options
    assert not sentences(events)


def test_an_option_that_the_engine_has_not_is_told(chain: Chain, events: list[Event]) -> None:
    chain.run(replace(JOB, options=EngineOptions(steps=5, guidance_rescale=0.1, sigma_max=9.0)), events.append, never)
    assert sentences(events) == ["The engine “mimic” has no guidance rescale, sigma max, so that plays no part."]


def test_a_melody_goes_on_in_a_take_that_is_led_on(chain: Chain, executor: Any, events: list[Event]) -> None:
    tune = tmp_recording(chain, seconds=6)
    longer = Change(duration=Fraction(5))
    chain.run(replace(JOB, melody=Melody(str(tune)), changes=(longer,)), events.append, never)
    asked = [request for request in executor.requests if isinstance(request, GenerateRequest)]
    assert [each.init.audio.samples / 48_000 for each in asked if each.init is not None] == [3.0, 5.0]
