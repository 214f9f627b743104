"""Frames at given times."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sonique_daemon.domain.picture import Source
from sonique_daemon.errors import MediaNotFound
from sonique_daemon.timeline.frames import glimpse_times, open_reel, sample

from tests.conftest import held_at_its_end, recorded

Film = Callable[..., Path]
Scene = Callable[[int], Any]


def numbered(number: int) -> NDArray[np.uint8]:
    """A picture that carries ``number`` as eight black or white fields."""
    image = np.full((90, 160, 3), 60, np.uint8)
    for bit in range(8):
        image[30:70, bit * 20 : bit * 20 + 20] = 255 if number >> bit & 1 else 0
    return image


def number_of(image: NDArray[np.uint8]) -> int:
    height, width = image.shape[:2]
    row = image[height // 2, :, 1]
    return sum(1 << bit for bit in range(8) if row[int((bit + 0.5) * width / 8)] > 128)


def source(path: Path) -> Source:
    return Source(str(path), Fraction(0))


def shown(path: Path, times: list[Fraction], width: int = 160) -> list[tuple[Fraction, int]]:
    return [(frame.time, number_of(frame.image)) for frame in sample(source(path), times, width)]


@pytest.mark.parametrize("gop", ["250", "12", "1"])
@pytest.mark.parametrize("rate", ["24000/1001", "50"])
def test_the_frame_that_shows_at_a_time_is_found(film: Film, gop: str, rate: str) -> None:
    options = {"g": gop, "bf": "3", "preset": "veryfast"}
    path = film("a.mp4", (numbered(i) for i in range(100)), Fraction(rate), options=options)
    frame = 1 / Fraction(rate)
    wanted = [97, 3, 4, 40, 41, 41, 60, 0, 99]
    found = shown(path, [number * frame + frame / 3 for number in wanted])
    assert found == [(number * frame, number) for number in wanted]


def test_frames_of_a_recording_without_an_index_are_found(film: Film) -> None:
    path = recorded(film("a.mkv", (numbered(i) for i in range(100)), Fraction(25), codec="libvpx"))
    wanted = [97, 3, 40, 41, 60, 0, 99]
    found = shown(path, [(number + Fraction(1, 3)) / 25 for number in wanted])
    assert [number for _, number in found] == wanted


def test_times_outside_the_file_show_its_first_and_last_frame(film: Film) -> None:
    path = film("a.mp4", (numbered(i) for i in range(30)), Fraction(25))
    assert [number for _, number in shown(path, [Fraction(-1), Fraction(0), Fraction(500)])] == [0, 0, 29]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.integers(0, 6000), min_size=1, max_size=6))
def test_unevenly_held_frames_show_until_the_next(film: Film, tmp_path: Path, wanted: list[int]) -> None:
    ticks = [0, 40, 80, 300, 340, 345, 1200, 1240, 1280, 3000, 3040, 3080, 3120, 5000, 5040]
    path = tmp_path / "uneven.mp4"
    if not path.exists():
        film("uneven.mp4", (numbered(i) for i in range(len(ticks))), ticks=ticks, tick=Fraction(1, 1000))
    for milliseconds, (time, number) in zip(wanted, shown(path, [Fraction(w, 1000) for w in wanted]), strict=True):
        held = max(index for index, tick in enumerate(ticks) if tick <= milliseconds)
        assert (number, time) == (held, Fraction(ticks[held], 1000))


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.avi"])
def test_containers_without_a_full_index_are_sought_as_exactly(film: Film, name: str) -> None:
    path = film(name, (numbered(i) for i in range(120)), Fraction(25), codec="mpeg4", options={"g": "12", "q:v": "2"})
    wanted = [100, 5, 50, 51, 77]
    found = shown(path, [Fraction(number, 25) + Fraction(1, 60) for number in wanted])
    assert [number for _, number in found] == wanted


def test_time_counts_from_the_first_frame_whatever_its_stamp(film: Film) -> None:
    ticks = [90_000 + 40 * index for index in range(60)]
    path = film("a.mkv", (numbered(i) for i in range(60)), Fraction(25), ticks=ticks, tick=Fraction(1, 1000))
    assert shown(path, [Fraction(0), Fraction(1)]) == [(Fraction(0), 0), (Fraction(1), 25)]


def test_a_turned_picture_is_shown_upright(film: Film) -> None:
    image = np.zeros((90, 160, 3), np.uint8)
    image[:45, :80] = (255, 0, 0)  # red in the upper left
    path = film("a.mp4", [image] * 3, rotation=90)  # a quarter turn counter-clockwise brings it to the lower left
    [frame] = sample(source(path), [Fraction(0)], 90)
    assert frame.image.shape == (160, 90, 3)
    assert frame.image[140, 10, 0] > 180
    assert frame.image[20, 10, 0] < 80


def test_wide_pixels_are_stretched_and_large_pictures_shrunk(film: Film, scene: Scene) -> None:
    path = film("a.mp4", [scene(1)] * 3, aspect=Fraction(2))
    [frame] = sample(source(path), [Fraction(0)], 80)
    assert frame.image.shape == (22, 80, 3)
    [whole] = sample(source(path), [Fraction(0)], 4000)
    assert whole.image.shape == (90, 320, 3)


def test_colours_come_through(film: Film) -> None:
    image = np.full((720, 1280, 3), (200, 60, 30), np.uint8)
    [frame] = sample(source(film("a.mkv", [image], codec="ffv1", pixels="bgr0")), [Fraction(0)], 64)
    assert np.abs(frame.image.astype(int) - (200, 60, 30)).max() <= 3


def test_a_truncated_file_gives_what_is_left_of_it(film: Film) -> None:
    path = film("a.ts", (numbered(i) for i in range(100)), Fraction(25), codec="mpeg4", options={"g": "12"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = shown(path, [Fraction(1, 5), Fraction(39, 10)])
    assert found[0][1] == 5
    assert 30 < found[1][1] < 99


def test_an_image_sequence_is_read_by_number_and_holds_over_gaps(film: Film, tmp_path: Path) -> None:
    for number in (7, 8, 10):
        film(f"s.{number:04d}.png", [numbered(number)], codec="png", pixels="rgb24")
    images = Source(str(tmp_path / "s.%04d.png"), Fraction(0), rate=Fraction(10), first_frame=7)
    frames = list(sample(images, [Fraction(0), Fraction(1, 10), Fraction(2, 10), Fraction(3, 10), Fraction(9)], 160))
    assert [number_of(frame.image) for frame in frames] == [7, 8, 8, 10, 10]
    with pytest.raises(MediaNotFound):
        list(sample(Source(str(tmp_path / "t.%04d.png"), Fraction(0), first_frame=1), [Fraction(0)], 160))


def test_the_check_stops_the_sampling(film: Film, scene: Scene) -> None:
    def stop() -> None:
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        list(sample(source(film("a.mp4", [scene(1)] * 9)), [Fraction(0)], 90, stop))


def test_glimpses_prefer_keyframes_and_stay_inside_the_span() -> None:
    keyframes = tuple(Fraction(n) for n in (0, 10, 20, 30))
    assert glimpse_times(keyframes, Fraction(6), Fraction(14), 1) == (Fraction(10),)
    assert glimpse_times(keyframes, Fraction(10), Fraction(18), 1) == (Fraction(10),)
    for time in glimpse_times(keyframes, Fraction(11), Fraction(19), 3):
        assert 11 <= time < 19


def test_a_film_ends_where_its_last_frame_does_however_long_that_is_held(film: Film) -> None:
    path = held_at_its_end(film("a.mp4", [numbered(number) for number in range(25)], Fraction(25)), 60)
    with open_reel(Source(str(path), Fraction(0)), 160) as reel:
        reel.at(Fraction(50))
        assert reel.end == Fraction(24, 25) + 60
