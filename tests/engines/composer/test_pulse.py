"""Quiet styles keep a pulse that can be heard in the finished sound, as a film composer would."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.engine import ComposerEngine
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing.arrangement import Measure
from sonique_daemon.engines.composer.writing.piece import sketch
from sonique_daemon.engines.composer.writing.score import Score
from sonique_daemon.engines.engine import RecordedReport
from sonique_daemon.sync.onsets import band_magnitudes, strength_of, strong_onsets
from sonique_daemon.sync.rhythm import rhythm_of

STEADY = [
    name
    for name, style in styles().items()
    if any(layer.role == "pulse" and layer.enters == 0.0 for layer in style.layers)
]


@pytest.mark.parametrize(("style", "bpm"), [("ambient", 60.0), ("horror", 56.0), ("lofi", 80.0)])
def test_the_tempo_of_a_quiet_style_is_heard(studio: Any, tmp_path: Path, style: str, bpm: float) -> None:
    request = replace(studio.request(style, 40.0, bpm=bpm, energies=(0.3, 0.5, 0.3)), workspace=tmp_path)
    audio = ComposerEngine().run(request, RecordedReport()).mix.whole()
    magnitudes = band_magnitudes(np.asarray(audio.mean(axis=0), np.float32), SAMPLE_RATE)
    rhythm = rhythm_of(strength_of(magnitudes), strong_onsets(magnitudes))
    octaves = np.log2(rhythm.bpm / bpm)
    assert abs(octaves - round(octaves)) < np.log2(1.005)


def test_ambient_tension_and_orchestral_music_have_a_pulse_from_the_start() -> None:
    assert {"ambient", "orchestral", "tension"} <= set(STEADY)


@pytest.mark.parametrize("style", STEADY)
@pytest.mark.parametrize("density", [0.1, 0.5])
def test_a_pulse_goes_on_from_bar_to_bar(studio: Any, style: str, density: float) -> None:
    score = sketch(studio.request(style, 90, density=density, energies=(0.1, 0.3, 0.5, 0.3)))
    assert all("pulse" in _roles(score, measure) for measure in score.measures)


def test_sparse_ambient_music_keeps_its_pad_under_the_pulse(studio: Any) -> None:
    score = sketch(studio.request("ambient", 90, density=0.1, energies=(0.1, 0.3, 0.2)))
    assert all({"pad", "pulse"} <= set(_roles(score, measure)) for measure in score.measures)


def _roles(score: Score, measure: Measure) -> list[str]:
    return [score.players[player].role for player in measure.players]
