"""Onsets are found where sounds begin."""

import numpy as np
import pytest
from sonique_daemon.sync.onsets import onset_strength, onset_times

RATE = 48_000


def test_onsets_lie_where_sounds_begin() -> None:
    random = np.random.Generator(np.random.PCG64(1))
    places = np.array([0.5, 0.9, 1.7, 1.95, 2.6])
    audio = 1e-4 * random.normal(size=3 * RATE)
    for place in places:
        start = int(place * RATE)
        audio[start : start + 2000] += random.normal(size=2000) * np.exp(-np.arange(2000) / 400) * 0.3
    found = np.array(onset_times(onset_strength(audio.astype(np.float32)), threshold=2.5))
    assert found.size == places.size
    assert found == pytest.approx(places, abs=0.006)


def test_a_held_tone_has_no_onset_but_its_first() -> None:
    tone = 0.2 * np.sin(2 * np.pi * 330 * np.arange(3 * RATE) / RATE).astype(np.float32)
    tone[: RATE // 2] = 0
    found = onset_times(onset_strength(tone), threshold=2.0)
    assert len(found) == 1
    assert found[0] == pytest.approx(0.5, abs=0.015)


def test_audio_shorter_than_a_window_is_survived() -> None:
    assert onset_times(onset_strength(np.zeros(10, np.float32))) == ()
