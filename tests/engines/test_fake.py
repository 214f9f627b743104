"""What the fake that can do all promises, as a model engine does that says the same of itself."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from sonique_daemon.domain.audio import RawAudio, RawAudioWriter
from sonique_daemon.domain.options import EngineOptions
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.engines.engine import Batching, GenerateRequest, InitAudio, RecordedReport
from sonique_daemon.engines.fake import MimicGenerator

SECONDS = 4
ENGINE = MimicGenerator()
Ask = Callable[..., GenerateRequest]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    tempo_map = TempoMap(Fraction(SECONDS), (0.0, 1.0, 2.0, 3.0, 4.0), (0, 4), 60.0, (Section(0, 1, 0.5),))
    tags = Tags("ambient", (), Tempo(60.0, 60.0, 60.0), Key(0, "ionian"))

    def make(name: str, **changes: object) -> GenerateRequest:
        (tmp_path / name).mkdir()
        request = GenerateRequest(tags, tempo_map, SECONDS * 48_000, 7, tmp_path / name)
        return replace(request, **changes)  # type: ignore[arg-type]

    return make


@pytest.fixture
def noise(tmp_path: Path) -> RawAudio:
    block = np.random.default_rng(1).normal(0, 0.1, (2, SECONDS * 48_000)).astype(np.float32)
    with RawAudioWriter(tmp_path / "init.raw", 2) as writer:
        writer.write(block)
    return writer.result


def test_a_batch_is_each_take_by_itself(ask: Ask) -> None:
    assert isinstance(ENGINE, Batching)
    together = ENGINE.run_batch([ask(f"b{seed}", seed=seed) for seed in range(3)], RecordedReport())
    apart = [ENGINE.run(ask(f"s{seed}", seed=seed), RecordedReport()) for seed in range(3)]
    for one, other in zip(together, apart, strict=True):
        np.testing.assert_array_equal(one.mix.whole(), other.mix.whole())


def test_audio_to_start_from_stays_as_far_as_its_noise_lets_it(ask: Ask, noise: RawAudio) -> None:
    kept = ENGINE.run(ask("kept", init=InitAudio(noise, 0.0)), RecordedReport())
    np.testing.assert_array_equal(kept.mix.whole(), noise.whole())
    anew = ENGINE.run(ask("anew", init=InitAudio(noise, 1.0)), RecordedReport())
    np.testing.assert_array_equal(anew.mix.whole(), ENGINE.run(ask("none"), RecordedReport()).mix.whole())


def test_what_is_made_anew_changes_and_the_rest_stays(ask: Ask, noise: RawAudio) -> None:
    request = ask("spans", init=InitAudio(noise, 1.0), inpaint=((1.0, 1.5), (3.0, 4.0)))
    made, before = ENGINE.run(request, RecordedReport()).mix.whole(), noise.whole()
    changed = np.any(made != before, axis=0)
    seconds = np.flatnonzero(changed) / 48_000
    assert set(np.floor(seconds * 2).astype(int)) == {2, 6, 7}


def test_options_are_heeded(ask: Ask) -> None:
    report = RecordedReport()
    loud = ENGINE.run(ask("loud", options=EngineOptions(steps=3, guidance=2.0)), report)
    plain = ENGINE.run(ask("plain"), RecordedReport())
    assert [done for done, _, _ in report.steps] == [1, 2, 3]
    np.testing.assert_allclose(loud.mix.whole(), 2 * plain.mix.whole(), rtol=1e-6)
