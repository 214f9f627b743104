"""What is no music is caught, and what is music passes: the composer in every style, its drums alone too."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.engines.composer.engine import ComposerEngine
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.engine import GenerateRequest, RecordedReport
from sonique_daemon.engines.music.judge import Judge
from sonique_daemon.errors import EngineFailed
from sonique_daemon.sync.plan import plan

SECONDS = 8
Block = NDArray[np.float32]


def judged(block: Block) -> None:
    judge = Judge("x")
    for part in np.array_split(block, 7, axis=1):
        judge.meter(part)
        judge.hear(part)
    judge.verdict()


def noise(colour: str) -> Block:
    chance = np.random.default_rng(0)
    white = chance.normal(0.0, 0.1, (2, SECONDS * 48_000))
    shaped = {
        "white": white,
        "brown": np.cumsum(white, axis=1) / 300,
        "pink": np.fft.irfft(np.fft.rfft(white) / np.sqrt(np.arange(1, white.shape[1] // 2 + 2))) * 50,
        "dull": sosfilt(butter(4, 2000, fs=48_000, output="sos"), white),
        "mono": np.repeat(white[:1], 2, axis=0),
    }
    return np.asarray(shaped[colour], np.float32)


@pytest.mark.parametrize("colour", ["white", "brown", "pink", "dull", "mono"])
def test_noise_of_any_colour_is_caught(colour: str) -> None:
    with pytest.raises(EngineFailed, match="“x” made noise, which is not delivered"):
        judged(noise(colour))


@pytest.mark.parametrize("style", sorted(styles()))
def test_the_composer_passes_in_every_style(style: str, tmp_path: Path) -> None:
    tags = Tags(style, (), Tempo(100.0, 90.0, 110.0), Key(2, "aeolian"), density=0.9)
    grid = plan(tags, Fraction(SECONDS), None, 3)
    rendering = ComposerEngine().run(GenerateRequest(tags, grid, SECONDS * 48_000, 3, tmp_path), RecordedReport())
    judged(rendering.mix.whole())
    for name, stem in rendering.stems:
        if name == "drums" and np.abs(stem.whole()).max() > 1e-3:
            judged(stem.whole())


def test_silence_is_caught() -> None:
    with pytest.raises(EngineFailed, match="made silence"):
        judged(np.full((2, 48_000), 1e-4, np.float32))


def test_what_is_no_number_is_caught() -> None:
    block = np.zeros((2, 48_000), np.float32)
    block[1, 77] = np.nan
    with pytest.raises(EngineFailed, match="NaN"):
        judged(block)


def test_a_square_is_caught_and_a_single_peak_is_not() -> None:
    times = np.arange(SECONDS * 48_000) / 48_000
    tone = np.stack([np.sin(2 * np.pi * 220 * times)] * 2).astype(np.float32)
    with pytest.raises(EngineFailed, match="clipped for"):
        judged(np.clip(tone * 3, -1.0, 1.0))
    judged(tone)


def test_a_short_sound_is_not_called_noise() -> None:
    judged(noise("white")[:, :9000])
