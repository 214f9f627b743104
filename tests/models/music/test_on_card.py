"""Music models on a card: what they make there is what they make on a processor, and memory that runs out is told."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sonique_daemon.domain.audio import RawAudioWriter
from sonique_daemon.engines.engine import GenerateRequest, InitAudio, RecordedReport
from sonique_daemon.engines.families import FAMILIES
from sonique_daemon.engines.music.engine import MusicEngine
from sonique_daemon.errors import Cancelled, OutOfMemory

from bench.card.sitecustomize import FOLDER, library_for, loaded
from tests.models.music.conftest import Ask, Home
from tests.models.music.test_engines import NAMES, Impatient, audio, built

CARD = "cuda:0"
MODELS = [name for name in NAMES if name != "tiny-musicgen"]  # the one with melody is the same and more
ROUNDING = 2e-3


@pytest.fixture(params=MODELS)
def pair(request: pytest.FixtureRequest, home: Home) -> tuple[MusicEngine, MusicEngine]:
    """The engine of a model on the card, and on the processor."""
    return built(home, request.param, CARD), built(home, request.param)


@pytest.fixture
def library() -> Iterator[Any]:
    """What the card is made of; its memory has no limit afterwards."""
    found = loaded(library_for(Path(torch.__file__).parent, Path(os.environ[FOLDER])))
    yield found
    found.limit(0)


def apart(pair: tuple[MusicEngine, MusicEngine], request: GenerateRequest) -> float:
    """How far what is made on the card lies from what the processor makes, full scale 1."""
    torch.cuda.reset_peak_memory_stats()
    there = audio(pair[0], request)
    assert torch.cuda.max_memory_allocated() > 100_000
    return float(np.abs(there - audio(pair[1], request)).max())


def parts_on_card(engine: MusicEngine) -> list[str]:
    """The names of the parts of its pipeline that stand there."""
    parts = engine._ready(RecordedReport()).pipeline.components  # type: ignore[attr-defined]
    networks = {name: part for name, part in parts.items() if isinstance(part, torch.nn.Module)}
    return [name for name, part in networks.items() if any(weights.is_cuda for weights in part.parameters())]


def begun(request: GenerateRequest, noise: float) -> GenerateRequest:
    """The same, to start from a tone."""
    times = np.arange(request.samples) / 48_000
    with RawAudioWriter(request.workspace / "tone.raw", 2) as writer:
        writer.write(np.stack([0.3 * np.sin(2 * np.pi * 440 * times)] * 2).astype(np.float32))
    return replace(request, init=InitAudio(writer.result, noise))


def test_a_take_is_made_alike(pair: tuple[MusicEngine, MusicEngine], ask: Ask) -> None:
    assert apart(pair, ask(2)) < ROUNDING


def test_more_than_a_window_is_made_alike(pair: tuple[MusicEngine, MusicEngine], ask: Ask) -> None:
    assert apart(pair, ask(13)) < ROUNDING


def test_a_melody_is_followed_alike(pair: tuple[MusicEngine, MusicEngine], ask: Ask) -> None:
    if not pair[0].facts.melody:
        pytest.skip("It takes none.")
    assert apart(pair, begun(ask(2), 0.3)) < ROUNDING


def test_spans_are_made_anew_alike(pair: tuple[MusicEngine, MusicEngine], ask: Ask) -> None:
    if not pair[0].facts.inpainting:
        pytest.skip("It makes none.")
    assert apart(pair, replace(begun(ask(4), 1.0), inpaint=((1.0, 1.5), (2.0, 3.0)))) < ROUNDING


def test_takes_of_a_batch_are_made_alike(pair: tuple[MusicEngine, MusicEngine], ask: Ask) -> None:
    requests = (ask(2), ask(2, seed=8))
    there, here = (engine.run_batch(requests, RecordedReport()) for engine in pair)
    for mine, its in zip(there, here, strict=True):
        assert np.abs(mine.mix.whole() - its.mix.whole()).max() < ROUNDING


def test_with_every_saving_a_take_is_made_alike_and_no_part_stays_on_the_card(
    pair: tuple[MusicEngine, MusicEngine], ask: Ask
) -> None:
    engine = pair[0]
    engine.spare(len(FAMILIES[engine.model.family].savings))
    try:
        assert apart(pair, ask(2)) < ROUNDING
        assert engine.model.family != "diffusers" or parts_on_card(engine) == []
        with pytest.raises(Cancelled):
            engine.run(ask(2), Impatient())
        assert engine.model.family != "diffusers" or parts_on_card(engine) == []
    finally:
        engine.spare(0)


def test_memory_that_runs_out_is_told_and_given_back(
    pair: tuple[MusicEngine, MusicEngine], ask: Ask, library: Any
) -> None:
    engine, request = pair[0], ask(2)
    before = audio(engine, request)
    held = torch.cuda.memory_allocated()
    library.limit(held + 2000)
    with pytest.raises(OutOfMemory, match="needs more memory than is free"):
        audio(engine, request)
    library.limit(0)
    assert torch.cuda.memory_allocated() <= held + 2000
    assert np.array_equal(audio(engine, request), before)
