"""Filters say of a sound what filtering it sample by sample says, however it comes."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt
from sonique_daemon.domain.filters import K_WEIGHTING, Filter, Stream, high_pass

NOISE = np.random.default_rng(3).standard_normal((2, 100_000)).astype(np.float32)


def _sample_by_sample(through: Filter, sound: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(sosfilt(np.array(through.sections), sound.astype(np.float64), axis=-1))


@pytest.mark.parametrize("sizes", [(100_000,), (48_000, 48_000, 4_000), (1, 0, 479, 30_000, 69_520)], ids=str)
def test_a_stream_is_filtered_as_one_sound_whatever_its_blocks(sizes: tuple[int, ...]) -> None:
    stream = Stream(K_WEIGHTING, 2)
    edges = np.cumsum((0, *sizes))
    parts = [stream.feed(NOISE[:, start:end]) for start, end in pairwise(edges)]
    assert [part.shape[1] for part in parts] == list(sizes)
    assert np.concatenate(parts, axis=1) == pytest.approx(_sample_by_sample(K_WEIGHTING, NOISE), abs=5e-6)


def test_silence_stays_silence() -> None:
    assert not Stream(K_WEIGHTING, 1).feed(np.zeros((1, 50_000), np.float32)).any()


@pytest.mark.parametrize("samples", [1, 4_801, 100_000])
def test_a_sound_is_filtered_whole_without_its_end_in_its_start(samples: int) -> None:
    through = high_pass(20.0, 48_000)
    sound = NOISE[:, :samples]
    assert through.applied(sound) == pytest.approx(_sample_by_sample(through, sound), abs=5e-6)


@pytest.mark.parametrize(("corner", "rate"), [(20.0, 48_000), (1_000.0, 44_100), (9_000.0, 48_000)])
def test_a_high_pass_is_the_butterworth_of_second_order(corner: float, rate: int) -> None:
    expected = butter(2, corner, "highpass", fs=rate, output="sos")
    assert np.array(high_pass(corner, rate).sections) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("through", [K_WEIGHTING, high_pass(20.0, 48_000)], ids=["K", "high-pass"])
def test_nothing_is_left_after_a_filters_memory(through: Filter) -> None:
    click = np.zeros(100_000, np.float32)
    click[0] = 1.0
    assert np.abs(_sample_by_sample(through, click)[through.memory :]).max() < 1e-7


def test_what_scores_a_film_never_imports_scipys_signal() -> None:
    scoring = (
        "engines.composer.engine",
        "engines.signal.motion",
        "delivery.deliver",
        "sync.hearing",
        "sync.plan",
        "timeline.soundtrack",
    )
    modules = ", ".join(f"sonique_daemon.{module}" for module in scoring)
    look = f"import sys, {modules}; sys.exit('scipy.signal' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0
