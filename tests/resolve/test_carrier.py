"""Carriers: the same samples in a film of another rate, whole or not there at all."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest
from sonique_resolve.carrier import carried


@pytest.mark.parametrize("fps", [Fraction(50), Fraction(30_000, 1001), Fraction(60_000, 1001)])
def test_it_has_that_rate_holds_all_of_the_sound_and_shows_black(fps: Fraction, wav: Callable[..., Path]) -> None:
    film = carried(wav(Fraction(201, 50)), fps)
    with av.open(str(film)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert picture.average_rate == fps
        assert picture.frames == -(-Fraction(201, 50) * fps // 1)
        assert sound.duration is not None
        assert sound.time_base is not None
        assert sound.duration * sound.time_base == Fraction(201, 50)
        shown = [frame.to_ndarray(format="gray") for frame in container.decode(picture)]
    assert len(shown) == picture.frames
    assert max(int(image.max()) for image in shown) <= 1


def test_the_samples_are_those_of_the_file(wav: Callable[..., Path]) -> None:
    path = wav(1)
    body = bytes(number % 251 for number in range(4 * 48_000))
    path.write_bytes(path.read_bytes()[:44] + body)
    with av.open(str(carried(path, Fraction(50)))) as container:
        assert b"".join(bytes(packet) for packet in container.demux(container.streams.audio[0])) == body


def test_one_that_is_there_already_is_taken(wav: Callable[..., Path]) -> None:
    path = wav(1)
    made = carried(path, Fraction(50))
    made.write_bytes(b"as it was")
    assert carried(path, Fraction(50)).read_bytes() == b"as it was"


def test_what_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "no.wav"
    path.write_bytes(b"no sound")
    with pytest.raises(av.FFmpegError):
        carried(path, Fraction(50))
    assert [each.name for each in tmp_path.iterdir()] == ["no.wav"]
