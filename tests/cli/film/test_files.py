"""Files of a scored film: what is read, what is written, and what is left as it was."""

import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from sonique_cli.film import FilmError, write_scored_film
from sonique_cli.score import scored_name

from tests.cli.film.footage import (
    FRAMES,
    RATE,
    Film,
    Sound,
    chord,
    noise,
    packets_of,
    sound_of,
)


def test_a_film_that_is_there_is_kept(film: Film, music: Callable[[Sound], Path], tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    out.write_bytes(b"mine")
    with pytest.raises(FilmError, match="there already"):
        write_scored_film(film(), music(noise(3, 0.1)), out)
    assert out.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("name", "message"),
    [("out.gif", "cannot be written as"), ("out.webm", "cannot hold"), ("gone/out.mp4", "cannot be")],
)
def test_what_cannot_be_written_is_told_and_leaves_nothing(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path, name: str, message: str
) -> None:
    picture, score = film(), music(noise(3, 0.1))
    before = sorted(tmp_path.iterdir())
    with pytest.raises(FilmError, match=message):
        write_scored_film(picture, score, tmp_path / name)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "beside", "scored"),
    [("a.MP4", "b.wav", "b.scored.MP4"), ("a.wmv", "a.wmv", "a.scored.mkv"), ("a.gif", "a.gif", "a.scored.mov")],
)
def test_a_film_keeps_its_kind_where_that_can_be_written(name: str, beside: str, scored: str) -> None:
    assert scored_name(Path(name), Path("x", beside)) == Path("x", scored)


@pytest.mark.parametrize(
    ("source", "target"), [("phone.mov", "out.mov"), ("phone.mov", "out.mp4"), ("trip.mkv", "out.mp4")]
)
def test_hevc_keeps_the_name_that_quicktime_plays(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path, source: str, target: str
) -> None:
    def as_phones_do(stream: VideoStream) -> None:
        stream.options = {"x265-params": "log-level=error"}
        if source.endswith(".mov"):
            stream.codec_context.codec_tag = "hvc1"

    picture, out = film(source, codecs=("libx265", "aac"), prepare=as_phones_do), tmp_path / target
    write_scored_film(picture, music(noise(3, 0.1)), out)
    with av.open(out) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"
    assert [data for data, _ in packets_of(out)] == [data for data, _ in packets_of(picture)]


@pytest.mark.parametrize(
    ("source", "sound", "target", "written"),
    [
        ("master.mov", "pcm_s24le", "out.mov", "pcm_s24le"),
        ("master.mkv", "pcm_s16le", "out.mov", "pcm_s24le"),
        ("master.mov", "pcm_s24le", "out.mp4", "aac"),
        ("phone.mov", "aac", "out.mov", "aac"),
    ],
)
def test_uncompressed_sound_stays_so_where_masters_are_kept(  # noqa: PLR0917 - a film, and all that it becomes
    film: Film, music: Callable[[Sound], Path], tmp_path: Path, source: str, sound: str, target: str, written: str
) -> None:
    picture, out = film(source, sound=noise(3, 0.1), codecs=("libx264", sound)), tmp_path / target
    write_scored_film(picture, music(np.zeros((2, 3 * RATE), np.float32)), out)
    with av.open(out) as container:
        assert container.streams.audio[0].codec_context.name == written
    if written.startswith("pcm_"):
        assert np.abs(sound_of(out) - noise(3, 0.1)).max() < 4e-5


def test_an_animated_gif_gets_music_in_the_container_that_is_named_for_it(
    music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    picture, score = tmp_path / "trip.gif", music(noise(3, 0.1))
    with av.open(picture, "w") as container:
        stream = container.add_stream("gif", rate=10)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "rgb8"
        for index in range(30):
            frame = av.VideoFrame.from_ndarray(np.full((90, 160, 3), index * 8, np.uint8), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(frame.reformat(format="rgb8")))
        container.mux(stream.encode(None))
    with pytest.raises(FilmError, match=r"ends in \.mov"):
        write_scored_film(picture, score, tmp_path / "out.mkv")
    out = scored_name(picture, picture)
    write_scored_film(picture, score, out)
    assert [data for data, _ in packets_of(out)] == [data for data, _ in packets_of(picture)]
    assert sound_of(out).shape[1] / RATE == pytest.approx(3, abs=0.1)


def test_files_that_cannot_be_read_are_named(film: Film, music: Callable[[Sound], Path], tmp_path: Path) -> None:
    score, out = music(noise(3, 0.1)), tmp_path / "out.mp4"
    (tmp_path / "text.mp4").write_text("no film")
    for picture in (tmp_path / "gone.mp4", tmp_path / "text.mp4", score):
        with pytest.raises(FilmError, match=picture.name):
            write_scored_film(picture, score, out)
    with pytest.raises(FilmError, match="holds no sound"):
        write_scored_film(film(), film("silent.mp4"), out)
    assert not out.exists()


def test_stopping_half_way_leaves_nothing(film: Film, music: Callable[[Sound], Path], tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    picture, score = film(sound=noise(3, 0.1)), music(noise(3, 0.1))
    before, calls = sorted(tmp_path.iterdir()), 0

    def check(stop: int) -> None:
        nonlocal calls
        calls += 1
        if calls == stop:
            raise Stopped

    for stop in (1, 60, 120):
        calls = 0
        with pytest.raises(Stopped):
            write_scored_film(picture, score, tmp_path / "out.mp4", told=lambda _, stop=stop: check(stop))  # type: ignore[misc]
        assert sorted(tmp_path.iterdir()) == before


def test_the_share_that_is_written_is_told_to_its_end(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    shares: list[float] = []
    write_scored_film(film(sound=noise(3, 0.1)), music(noise(3, 0.1)), tmp_path / "out.mp4", told=shares.append)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)


def test_a_film_that_breaks_off_is_scored_as_far_as_it_goes(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    picture = film("trip.mkv", sound=noise(3, 0.1))
    picture.write_bytes(picture.read_bytes()[: picture.stat().st_size * 2 // 3])
    out = tmp_path / "out.mkv"
    write_scored_film(picture, music(noise(3, 0.1)), out)
    assert 20 < len(packets_of(out)) <= len(packets_of(picture))


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_film_may_be_called_after_the_time_of_day(
    music: Callable[[Sound], Path], film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film("trip.mp4").rename(tmp_path / "2031-05-01T10:20:30.mp4")
    (tmp_path / "a:b").mkdir()
    cue = music(chord(2, 0.1))
    monkeypatch.chdir(tmp_path)
    target = Path("a:b/2031-05-01T10:20:30.scored.mp4")
    write_scored_film(Path("2031-05-01T10:20:30.mp4"), cue, target, Fraction(0))
    assert len(packets_of(target.absolute())) == 3 * FRAMES


def test_a_film_whose_title_is_no_utf8_is_scored(music: Callable[[Sound], Path], film: Film, tmp_path: Path) -> None:
    trip = film("trip.mp4")
    data = trip.read_bytes()
    assert b"Lavf" in data  # who wrote it, which is told like a title
    trip.write_bytes(data.replace(b"Lavf", b"\xdcbun"))
    write_scored_film(trip, music(chord(2, 0.1)), tmp_path / "scored.mp4", Fraction(0))
    assert len(packets_of(tmp_path / "scored.mp4")) == 3 * FRAMES


def test_a_playlist_is_no_film(music: Callable[[Sound], Path], film: Film, tmp_path: Path) -> None:
    film("trip.mp4")
    playlist = tmp_path / "list.mp4"
    playlist.write_text("ffconcat version 1.0\nfile trip.mp4\n")
    with pytest.raises(FilmError, match="cannot be read"):
        write_scored_film(playlist, music(chord(2, 0.1)), tmp_path / "scored.mp4", Fraction(0))
