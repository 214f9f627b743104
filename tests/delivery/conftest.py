"""Renderings as an engine would hand them over, and the samples of finished files."""

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sonique_daemon.delivery.provenance import Provenance
from sonique_daemon.domain.audio import RawAudio, RawAudioWriter
from sonique_daemon.domain.take import Rendering

Sound = NDArray[np.float32]


@pytest.fixture
def raw(tmp_path: Path) -> Callable[..., RawAudio]:
    """Writes ``[channels, samples]`` as an engine does."""

    def write(name: str, sound: Sound, rate: int = 48_000) -> RawAudio:
        with RawAudioWriter(tmp_path / f"{name}.raw", sound.shape[0], rate) as writer:
            writer.write(sound)
        return writer.result

    return write


@pytest.fixture
def piece() -> Callable[..., Sound]:
    """A piece of plucked notes over noise, ``[2, samples]``; the same every time."""

    def play(samples: int, seed: int = 0, level: float = 0.2) -> Sound:
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([7, seed])))
        time = np.arange(samples) / 48_000
        sound = np.zeros((2, samples))
        for pitch in 110 * 2 ** (np.array([0, 7, 12, 16]) / 12 + seed % 3):
            decay = np.exp(-5 * ((time * (1 + random.random())) % 1))
            sound += decay * np.sin(2 * np.pi * pitch * time) * (0.5 + random.random((2, 1)))
        sound += 0.02 * random.standard_normal((2, samples))
        return np.asarray(level * sound / np.abs(sound).max(initial=1e-9), np.float32)

    return play


@pytest.fixture
def rendering(raw: Callable[..., RawAudio], piece: Callable[..., Sound]) -> Callable[..., Rendering]:
    """A rendering of three stems that add up to its mix, with a score."""

    def render(samples: int, offset: float = 0.0, level: float = 0.2) -> Rendering:
        stems = {
            name: piece(samples, seed, level) + np.float32(offset)
            for seed, name in enumerate(("bass", "lead", "drums"))
        }
        mix = np.sum(list(stems.values()), axis=0, dtype=np.float32)
        return Rendering(
            raw("mix", mix), tuple((name, raw(name, sound)) for name, sound in stems.items()), b"MThd score"
        )

    return render


@pytest.fixture
def provenance() -> Provenance:
    """Provenance with letters beyond ASCII and with what XML must escape."""
    return Provenance(
        title="Reise <nach> Süden",
        engine="composer",
        engine_version="1.2",
        licence="GPL-3.0-or-later",
        seed=42,
        tags=("cinematic", "tense & sparse"),
        prompt="küste, “no drums”\x00",
        software_version="0.1.0",
    )


@pytest.fixture
def samples_of() -> Callable[[Path], NDArray[np.float64]]:
    """The samples ``[samples, 2]`` of a 24-bit WAV file, full scale ±1, read with the standard library alone."""

    def read(path: Path) -> NDArray[np.float64]:
        with wave.open(str(path)) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 3, 48_000)
            data = np.frombuffer(file.readframes(file.getnframes()), np.uint8).reshape(-1, 3)
        whole = np.zeros((len(data), 4), np.uint8)
        whole[:, 1:] = data
        return np.asarray((whole.view("<i4") >> 8).reshape(-1, 2) / 2**23, np.float64)

    return read
