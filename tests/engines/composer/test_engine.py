from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.composer.engine import ComposerEngine
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.engine import RecordedReport


def test_the_engine_returns_a_mix_its_stems_and_the_notes(studio: Any, tmp_path: Path) -> None:
    request = replace(studio.request("acoustic", 6.0), workspace=tmp_path)
    rendering = ComposerEngine().run(request, RecordedReport())
    mix = rendering.mix.whole()
    assert mix.shape == (2, request.samples)
    assert np.abs(mix).max() > 0.01
    assert {name for name, _ in rendering.stems} <= set(ComposerEngine.descriptor.stems)
    whole = sum(audio.whole() for _, audio in rendering.stems)
    assert np.abs(mix - whole).max() < 1e-4
    assert rendering.midi is not None
    assert rendering.midi.startswith(b"MThd")


@pytest.mark.parametrize("style", sorted(styles()))
def test_a_short_cue_is_heard_until_close_to_its_end(studio: Any, tmp_path: Path, style: str) -> None:
    for seed, seconds in enumerate((2.5, 5.5, 8.5, 8.5, 11.0)):
        hits = [studio.met(beat, 96.0) for beat in (3, 6)]
        request = studio.request(style, seconds, seed, bpm=96.0, hits=hits)
        (tmp_path / str(seed)).mkdir()
        mix = ComposerEngine().run(replace(request, workspace=tmp_path / str(seed)), RecordedReport()).mix.whole()
        hundredths = np.sqrt((mix.mean(axis=0)[: mix.shape[1] // 480 * 480].reshape(-1, 480) ** 2).mean(axis=1))
        heard = np.flatnonzero(hundredths > 10 ** (-30 / 20) * np.sqrt((mix**2).mean()))
        assert seconds - (heard[-1] + 1) / 100 <= 0.75, seed


def test_the_descriptor_says_what_it_can() -> None:
    descriptor = ComposerEngine.descriptor
    assert descriptor.stage is Stage.GENERATE
    assert (descriptor.shortest, descriptor.longest) == (2.0, 1800.0)
    assert descriptor.stems == ("drums", "bass", "harmony", "lead", "texture")
    assert descriptor.midi
    assert descriptor.tempo_control
    assert descriptor.negatives
    assert descriptor.weights_present
