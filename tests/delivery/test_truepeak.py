"""True peaks between samples are found, and nothing that matters is skipped."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import resample_poly
from sonique_daemon.delivery.truepeak import BOUND, HOP, HighestTruePeak, TruePeakMeter, hop_peaks

Frames = NDArray[np.float32]


def _highest(frames: Frames, block: int) -> float:
    peak = HighestTruePeak()
    for start in range(0, len(frames), block):
        peak.feed(frames[start : start + block])
    peak.finish()
    return peak.value


def _noise(seed: int, samples: int) -> Frames:
    return np.random.Generator(np.random.PCG64(seed)).standard_normal((samples, 2)).astype(np.float32) * np.float32(0.2)


@pytest.mark.parametrize("frequency", [997.0, 6000.0, 12_000.0, 16_001.0, 19_000.0])
@pytest.mark.parametrize("phase", [0.0, 0.25, 0.4])
def test_a_sine_peaks_at_its_amplitude_wherever_its_samples_fall(frequency: float, phase: float) -> None:
    time = np.arange(48_000) / 48_000
    sine = 0.5 * np.sin(2 * np.pi * (frequency * time + phase)) * np.hanning(48_000)
    peak = _highest(np.stack([sine, 0 * sine], axis=1).astype(np.float32), 48_000)
    assert 20 * np.log10(peak / 0.5) == pytest.approx(0.0, abs=0.12)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(3, 2000), st.integers(1, 900))
def test_the_size_of_blocks_changes_nothing(seed: int, samples: int, block: int) -> None:
    frames = _noise(seed, samples)
    assert _highest(frames, block) == pytest.approx(_highest(frames, samples), rel=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_skipping_what_cannot_matter_finds_the_same_peak(seed: int) -> None:
    frames = _noise(seed, 9600) * np.linspace(0.1, 1, 9600, dtype=np.float32)[:, None]
    everywhere = TruePeakMeter(lambda _highest: 0.0)
    peaks = np.concatenate([everywhere.feed(frames), everywhere.finish()])
    assert _highest(frames, 4800) == pytest.approx(peaks.max(), rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_no_waveform_rises_above_the_bound(seed: int) -> None:
    frames = np.sign(_noise(seed, 4800))
    assert _highest(frames, 4800) <= BOUND
    assert _highest(frames, 4800) > 1.3


def test_peaks_are_told_for_the_millisecond_they_lie_in() -> None:
    frames = np.zeros((HOP * 20, 2), np.float32)
    frames[HOP * 7 + 20 : HOP * 7 + 22, 1] = 0.5
    meter = TruePeakMeter(lambda _highest: 0.0)
    peaks = np.concatenate([meter.feed(frames), meter.finish()])
    assert int(peaks.argmax()) == 7
    assert peaks[7] == pytest.approx(np.abs(resample_poly(frames[:, 1], 16, 1)).max(), rel=0.02)


def test_sample_peaks_keep_what_is_no_number() -> None:
    frames = np.zeros((HOP * 3, 2), np.float32)
    frames[HOP + 5, 0] = np.nan
    assert np.isnan(hop_peaks(frames)).tolist() == [False, True, False]
