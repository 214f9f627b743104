"""The demo clip is worth scoring."""

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from sonique_cli.demo_clip import RATE, SIZE, make_demo_clip, shots


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.mp4"
    make_demo_clip(path)
    return path


@pytest.fixture(scope="module")
def thumbnails(clip: Path) -> NDArray[np.float64]:
    """Every frame, small, ``[frames, rows, columns, 3]``."""
    with av.open(clip) as container:
        frames = [frame.to_ndarray(width=64, height=36, format="rgb24") for frame in container.decode(video=0)]
    return np.asarray(frames, np.float64)


def test_it_is_eighteen_seconds_of_hd_picture_without_sound(clip: Path) -> None:
    with av.open(clip) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.width, stream.codec_context.height) == SIZE == (1280, 720)
        assert stream.average_rate == RATE
        assert stream.frames == 18 * RATE == sum(shot.frames for shot in shots())
        assert not container.streams.audio
    assert clip.stat().st_size < 8_000_000


def test_every_cut_shows_and_nothing_else_looks_like_one(thumbnails: NDArray[np.float64]) -> None:
    cuts = np.cumsum([shot.frames for shot in shots()])[:-1]
    change = np.abs(np.diff(thumbnails, axis=0)).mean(axis=(1, 2, 3))
    at_cuts = change[cuts - 1]
    elsewhere = np.delete(change, cuts - 1)
    assert at_cuts.min() > 25
    assert elsewhere.max() < 0.8 * at_cuts.min()


def test_the_pace_is_calm_then_fast_then_calm() -> None:
    lengths = [shot.frames for shot in shots()]
    assert 8 <= len(lengths) <= 12
    middle = len(lengths) // 2
    assert min(lengths[:2] + lengths[-2:]) > 2 * max(lengths[middle - 1 : middle + 2])


def test_something_moves_in_every_shot(thumbnails: NDArray[np.float64]) -> None:
    begin = 0
    for shot in shots():
        part = thumbnails[begin : begin + shot.frames]
        assert np.abs(part[-8] - part[len(part) // 2 - 4]).mean() > 0.8
        begin += shot.frames


def test_it_comes_from_black_and_goes_to_black(thumbnails: NDArray[np.float64]) -> None:
    brightness = thumbnails.mean(axis=(1, 2, 3))
    assert brightness[0] < 0.2 * brightness[40]
    assert brightness[-1] < 6


def test_its_pictures_are_the_same_every_time() -> None:
    for first, second in zip(shots(), shots(), strict=True):
        one, other = (shot.draw(0.5).frame(1.0).to_ndarray() for shot in (first, second))
        assert np.array_equal(one, other)
