from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.composer.engine import ComposerEngine
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


def test_the_descriptor_says_what_it_can() -> None:
    descriptor = ComposerEngine.descriptor
    assert descriptor.stage is Stage.GENERATE
    assert (descriptor.shortest, descriptor.longest) == (2.0, 1800.0)
    assert descriptor.stems == ("drums", "bass", "harmony", "lead", "texture")
    assert descriptor.midi
    assert descriptor.tempo_control
    assert descriptor.negatives
    assert descriptor.weights_present
