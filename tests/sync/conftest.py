"""Sounds to measure: clicks, drums and silence as files."""

import wave
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

RATE = 48_000
Floats = NDArray[np.float64]
WriteWav = Callable[[Floats], Path]


def burst(seconds: float, decay: float, seed: int = 1) -> Floats:
    """Noise that dies away."""
    time = np.arange(int(seconds * RATE)) / RATE
    noise: Floats = np.random.Generator(np.random.PCG64(seed)).normal(size=time.size) * np.exp(-time * decay)
    return noise


def kick() -> Floats:
    """A low drum."""
    time = np.arange(RATE // 4) / RATE
    sound: Floats = np.sin(2 * np.pi * (50 * time + 8 * (1 - np.exp(-40 * time)))) * np.exp(-14 * time)
    return sound


def struck(times: Sequence[float] | Floats, sound: Floats, seconds: float) -> Floats:
    """``sound`` at every time."""
    audio = np.zeros(int(seconds * RATE))
    for time in times:
        start = round(float(time) * RATE)
        stop = min(audio.size, start + sound.size)
        audio[start:stop] += sound[: max(0, stop - start)]
    return audio


def drums(beats: Floats, seconds: float) -> Floats:
    """Kick and snare in turn on the beats, hats on the eighths."""
    snare = 0.5 * burst(0.2, 22, 2)
    hats = 0.1 * burst(0.05, 80, 3)
    between = (beats[:-1] + beats[1:]) / 2
    return 0.3 * (
        struck(beats[::2], kick(), seconds) + struck(beats[1::2], snare, seconds) + struck(between, hats, seconds)
    )


@pytest.fixture
def wav(tmp_path: Path) -> WriteWav:
    """Writes mono audio as a stereo 16-bit file."""

    def write(audio: Floats) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.wav"
        whole = (np.clip(audio, -1, 1) * 32767).astype("<i2")
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(np.stack([whole, whole], axis=1).tobytes())
        return path

    return write
