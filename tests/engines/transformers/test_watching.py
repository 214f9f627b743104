"""The frames that a model is shown of a span."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sonique_daemon.domain.picture import Picture, Shot, Source
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.transformers.watching import Watcher, frames_for, moments


def picture(path: Path, speed: Fraction = Fraction(1), start: Fraction = Fraction(4)) -> Picture:
    shot = Shot(TimeRange(Fraction(0), Fraction(4)), "clip", Source(str(path), start, speed))
    return Picture(Fraction(24), Fraction(0), Fraction(4), (shot,))


def watcher(of: Picture, pixels: int = 10_000) -> Watcher:
    return Watcher(of, 16, pixels, lambda: None)


@pytest.mark.parametrize(("seconds", "count"), [(1, 4), (4, 4), (13, 6), (20, 10), (500, 16)])
def test_longer_spans_have_more_frames_up_to_a_limit_and_always_an_even_number(seconds: int, count: int) -> None:
    assert frames_for(TimeRange(Fraction(0), Fraction(seconds)), 16) == count


def test_moments_keep_clear_of_the_joins() -> None:
    span = TimeRange(Fraction(10), Fraction(4))
    assert moments(span, 4) == (Fraction(21, 2), Fraction(23, 2), Fraction(25, 2), Fraction(27, 2))


def test_frames_are_told_with_their_true_times_and_are_small(demo_clip: Path) -> None:
    view = watcher(picture(demo_clip)).view(TimeRange(Fraction(0), Fraction(4)))
    assert view is not None
    assert view.seconds == pytest.approx((0.5, 1.5, 2.5, 3.5), abs=1 / 24)
    assert len({image.shape for image in view.images}) == 1
    height, width, _ = view.images[0].shape
    assert height * width <= 10_000
    assert width / height == pytest.approx(16 / 9, rel=0.05)


def test_an_upright_film_has_no_more_pixels(film: Callable[..., Path], scene: Callable[[int], Any]) -> None:
    tall = [np.ascontiguousarray(np.rot90(scene(seed))) for seed in range(4) for _ in range(24)]
    path = film("tall.mp4", tall)
    view = watcher(picture(path, start=Fraction(0)), 2500).view(TimeRange(Fraction(0), Fraction(4)))
    assert view is not None
    height, width, _ = view.images[0].shape
    assert height > width
    assert height * width <= 2500


def test_a_reversed_shot_is_shown_as_it_runs(demo_clip: Path) -> None:
    span = TimeRange(Fraction(0), Fraction(4))
    forward = watcher(picture(demo_clip)).view(span)
    back = watcher(picture(demo_clip, Fraction(-1), Fraction(8))).view(span)
    assert forward is not None
    assert back is not None
    assert list(back.seconds) == sorted(back.seconds)
    likeness = [
        np.abs(mine.astype(int) - its).mean() for mine, its in zip(back.images, forward.images[::-1], strict=True)
    ]
    assert max(likeness) < 20


def test_a_freeze_shows_one_frame_again_and_again(demo_clip: Path) -> None:
    view = watcher(picture(demo_clip, Fraction(0))).view(TimeRange(Fraction(0), Fraction(4)))
    assert view is not None
    assert all((image == view.images[0]).all() for image in view.images)


def test_black_and_what_cannot_be_read_show_nothing(demo_clip: Path, tmp_path: Path) -> None:
    span = TimeRange(Fraction(0), Fraction(4))
    (shot,) = picture(demo_clip).shots
    assert watcher(replace(picture(demo_clip), shots=(replace(shot, source=None),))).view(span) is None
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film")
    assert watcher(picture(broken)).view(span) is None
