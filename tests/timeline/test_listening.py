"""Clips of the same medium are listened to as each would be alone, and nothing but sound is read."""

import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sonique_daemon.domain.picture import SoundClip, Source
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.timeline.listening import Hearing, listen_each

from tests.conftest import of_two_sounds, with_surround

RATE = 48_000
Film = Callable[..., Path]

SPANS = ((3, 2), (0, 1), (7, 3), (1, 4), (0, 5), (9, 2))
"""Starts and lengths in seconds, some of which lie over each other, begin at the start or go on beyond the end."""


@pytest.fixture
def films(film: Film, scene: Any) -> list[Path]:
    """Two films of ten seconds whose sound swells and ebbs."""
    rise = np.linspace(0, 1, 10 * RATE)
    images = [scene(1)] * 240
    noise = np.random.default_rng(4).normal(0, 0.2, 10 * RATE)
    return [
        film(f"{name}.mp4", images, sound=np.float32(noise * swell)) for name, swell in (("a", rise), ("b", 1 - rise))
    ]


def clip(path: Path, start: int, seconds: int) -> SoundClip:
    return SoundClip(TimeRange(Fraction(0), Fraction(seconds)), Source(str(path), Fraction(start), Fraction(1)))


def listen(each: SoundClip) -> Hearing:
    """What a clip sounds like alone."""
    [(_, heard)] = listen_each([(0, each)])
    assert heard is not None
    return heard


def same(one: Hearing, other: Hearing) -> bool:
    return np.array_equal(one.energy, other.energy) and one.speech == other.speech


def test_clips_sound_together_as_each_sounds_alone(films: list[Path]) -> None:
    clips = [clip(path, *span) for span in SPANS for path in films]
    together = dict(listen_each(enumerate(clips)))
    assert sorted(together) == list(range(len(clips)))
    for index, each in enumerate(clips):
        heard = together[index]
        assert heard is not None
        assert same(heard, listen(each))
        assert heard.energy.max() > 0


def test_a_medium_that_cannot_be_read_silences_no_other(films: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "aa.mp4"
    broken.write_text("no sound at all")
    clips = [clip(films[0], 2, 2), clip(broken, 0, 1), clip(films[1], 2, 2), clip(broken, 2, 1), clip(films[0], 4, 2)]
    together = dict(listen_each(enumerate(clips)))
    assert [index for index, heard in together.items() if heard is None] == [1, 3]
    assert all(same(heard, listen(clips[index])) for index, heard in together.items() if heard is not None)


@pytest.mark.parametrize(("default", "level"), [(None, 0.0), (0, 0.0), (1, 0.5)])
def test_of_several_sounds_the_default_one_is_heard_else_the_first(
    film: Film, scene: Any, default: int | None, level: float
) -> None:
    wave = (0.5 * np.sin(2 * np.pi * 1000 * np.arange(2 * RATE) / RATE)).astype(np.float32)
    loud = film("cut.mp4", [scene(1)] * 48, sound=wave)
    heard = listen(clip(of_two_sounds(loud, default), 0, 2))
    assert np.sqrt(2 * heard.energy[2:-2].mean()) == pytest.approx(level, abs=0.05)


@pytest.mark.parametrize("own_order", [False, True])
def test_surround_is_heard_in_whatever_order_its_channels_come(film: Film, scene: Any, own_order: bool) -> None:
    heard = listen(clip(with_surround(film("a.mp4", [scene(1)] * 24), [0.1] * 6, own_order=own_order), 0, 1))
    assert heard.energy[1:-1].min() > 1e-4


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells how much a process read")
def test_the_picture_is_not_read_with_the_sound(film: Film) -> None:
    chance = np.random.default_rng(1)
    images = [chance.integers(0, 256, (360, 640, 3)).astype(np.uint8) for _ in range(96)]
    path = film("grain.mp4", images, sound=np.zeros(4 * RATE, np.float32), options={"crf": "10"})
    before = read_so_far()
    listen(clip(path, 0, 4))
    assert read_so_far() - before < path.stat().st_size / 2


def read_so_far() -> int:
    """Bytes that this process has read from files."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("rchar")).split()[1])
