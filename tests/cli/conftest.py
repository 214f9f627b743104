"""The real command against a real daemon on loopback, both with files of their own; and films to score."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

Sonique = Callable[..., "subprocess.CompletedProcess[str]"]

COMMAND = str(Path(sys.executable).parent / "sonique")


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a daemon of the tests' own, which is stopped at the end."""
    environment = own_environment(tmp_path_factory.mktemp("daemon"))
    yield environment
    stop(environment)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a daemon of this one test's own, whichever of them runs at the end is stopped."""
    environment = own_environment(tmp_path / "d")
    yield environment
    stop(environment)


def own_environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SONIQUE_")}
    own = {"SONIQUE_RUNTIME_DIR": "run", "SONIQUE_STORE": "store", "SONIQUE_LOG_DIR": "logs", "SONIQUE_CONFIG": "none"}
    own |= {"SONIQUE_WEIGHTS": "weights", "SONIQUE_MODELS": "models.toml", "SONIQUE_PROFILES": "profiles.toml"}
    own |= {"HOME": "home"}
    (folder / "home").mkdir(parents=True, exist_ok=True)
    (folder / "none").touch()
    return {**kept, **{name: str(folder / part) for name, part in own.items()}, "COLUMNS": "120"}


def stop(environment: dict[str, str]) -> None:
    """Ends the daemon of that environment, in order or not."""
    subprocess.run([COMMAND, "daemon", "stop", "--now"], env=environment, capture_output=True, check=False, timeout=280)


@pytest.fixture
def sonique(environment: dict[str, str], tmp_path: Path) -> Sonique:
    """Runs ``sonique`` with the arguments, in the test's own folder."""

    def run(*arguments: str | Path, **more: str) -> "subprocess.CompletedProcess[str]":
        command = [COMMAND, *map(str, arguments)]
        return subprocess.run(
            command,
            env={**environment, **more},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=280,
            stdin=subprocess.DEVNULL,
        )

    return run


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """8 s at 25 fps with a quiet tone and hard cuts at 2, 3.2 and 6 s."""
    path = tmp_path / "trip.mp4"
    write_film(path, [2.0, 1.2, 2.8, 2.0])
    return path


def write_film(path: Path, lengths: list[float], rate: Fraction = Fraction(25), *, sound: bool = True) -> None:
    """A small film of shots of those lengths in seconds, each with a pattern of its own that drifts."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 160, 90, "yuv420p"
        audio = container.add_stream("aac", rate=48_000) if sound else None
        number = 0
        for shot, length in enumerate(lengths):
            random = np.random.Generator(np.random.PCG64(shot))
            pattern = random.integers(0, 255, (9, 16, 3)).astype(np.uint8).repeat(10, 0).repeat(10, 1)
            for _ in range(round(length * rate)):
                frame = av.VideoFrame.from_ndarray(np.roll(pattern, number, 1), format="rgb24")
                container.mux(video.encode(frame))
                number += 1
        container.mux(video.encode(None))
        if audio is not None:
            times = np.arange(int(number / rate * 48_000)) / 48_000
            tone = (0.05 * np.sin(2 * np.pi * 220 * times)).astype(np.float32)
            block = av.AudioFrame.from_ndarray(np.stack((tone, tone)), format="fltp", layout="stereo")
            block.sample_rate = 48_000
            container.mux(audio.encode(block))
            container.mux(audio.encode(None))
