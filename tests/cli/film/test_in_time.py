"""A scored film: the picture as it was, the music under its sound, both in time."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from sonique_cli.film import UNDER_LU, write_scored_film

from tests.cli.film.footage import (
    FRAMES,
    RATE,
    Film,
    Sound,
    chord,
    clicks,
    loudness_of,
    noise,
    onsets_near,
    packets_of,
    sound_of,
)
from tests.conftest import with_surround


@pytest.mark.parametrize(
    ("name", "codecs"),
    [
        ("trip.mp4", ("libx264", "aac")),
        ("trip.mov", ("libx264", "aac")),
        ("trip.mkv", ("libx264", "aac")),
        ("trip.ts", ("libx264", "aac")),
        ("trip.webm", ("libvpx", "libopus")),
        ("trip.avi", ("mpeg4", "pcm_s16le")),
    ],
)
def test_the_picture_is_copied_bit_by_bit_and_the_sound_stays_in_time(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path, name: str, codecs: tuple[str, str]
) -> None:
    times = (0.5, 1.25, 2.5)
    picture = film(name, sound=clicks(3, times), codecs=codecs)
    out = tmp_path / f"out{picture.suffix}"
    write_scored_film(picture, music(noise(3, 1e-5)), out)
    assert packets_of(out) == packets_of(picture)
    assert onsets_near(sound_of(out), times) == pytest.approx(times, abs=0.005)


def test_a_matroska_film_becomes_an_mp4_film_of_the_same_pictures_in_the_same_order(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    picture, out = film("trip.mkv"), tmp_path / "out.mp4"
    write_scored_film(picture, music(noise(3, 0.1)), out)
    copied, original = packets_of(out), packets_of(picture)
    assert [data for data, _ in copied] == [data for data, _ in original]
    assert [float(time) for _, time in copied] == pytest.approx([float(time) for _, time in original], abs=0.002)
    with av.open(out) as container:
        decoded = [packet.dts for packet in container.demux(video=0) if packet.dts is not None]
    assert (np.diff(decoded) > 0).all()


@pytest.mark.parametrize("start", [Fraction(0), Fraction(1001, 1000), Fraction(-1, 2)])
@pytest.mark.parametrize("name", ["silent.mp4", "silent.mkv"])
def test_music_begins_at_its_start_and_keeps_its_level_in_a_silent_film(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path, start: Fraction, name: str
) -> None:
    picture = film(name, seconds=4)
    out = tmp_path / f"out{picture.suffix}"
    write_scored_film(picture, music(clicks(2.5, (0.75, 2.0))), out, start)
    sound = sound_of(out)
    expected = (0.75 + float(start), 2.0 + float(start))
    assert onsets_near(sound, expected) == pytest.approx(expected, abs=0.005)
    assert np.abs(sound).max() == pytest.approx(0.5, abs=0.05)
    assert sound.shape[1] == pytest.approx(4 * RATE, abs=2048)


def test_music_stays_under_the_sound_and_the_sound_keeps_its_level(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    time = np.arange(6 * RATE) / RATE
    speech = (0.1 * np.sin(2 * np.pi * 440 * time) * np.ones((2, 1))).astype(np.float32)
    score = (0.3 * np.sin(2 * np.pi * 1500 * time) * np.ones((2, 1))).astype(np.float32)
    out = tmp_path / "out.mp4"
    write_scored_film(film(seconds=6, sound=speech), music(score), out)
    sound = sound_of(out)[0, RATE : 5 * RATE]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) / len(sound) * 4
    kept, under = spectrum[4 * 440 - 8 : 4 * 440 + 8].max(), spectrum[4 * 1500 - 8 : 4 * 1500 + 8].max()
    assert 20 * np.log10(kept / 0.1) == pytest.approx(0, abs=0.3)
    expected = loudness_of(speech) - UNDER_LU - loudness_of(score)
    assert 20 * np.log10(under / 0.3) == pytest.approx(expected, abs=0.5)


def test_sound_that_nobody_hears_does_not_push_the_music_down(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    score = chord(3, 0.05)
    write_scored_film(film(sound=chord(3, 1e-4)), music(score), out)
    assert loudness_of(sound_of(out)) == pytest.approx(loudness_of(score), abs=0.5)


def test_a_full_scale_sound_with_music_does_not_clip(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    time = np.arange(4 * RATE) / RATE
    loud = (0.95 * np.sin(2 * np.pi * 100 * time) * np.ones((2, 1))).astype(np.float32)
    out = tmp_path / "out.mp4"
    write_scored_film(film(seconds=4, sound=loud), music(noise(4, 0.2)), out)
    sound = sound_of(out)
    assert np.abs(sound).max() <= 1.0
    assert np.abs(sound).max() > 0.85


def test_mono_keeps_its_level_on_both_sides(film: Film, music: Callable[[Sound], Path], tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    mono = chord(3, 0.1)[:1]
    write_scored_film(film(sound=mono), music(noise(3, 1e-5)), out)
    sound = sound_of(out)
    assert sound.shape[0] == 2
    for side in sound:
        assert np.std(side[: 2 * RATE]) == pytest.approx(0.1, rel=0.05)


def test_surround_stays_surround_with_the_music_in_front(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    surround = np.zeros((6, 3 * RATE), np.float32)
    surround[2] = 0.1 * np.sin(2 * np.pi * 500 * np.arange(3 * RATE) / RATE)
    out = tmp_path / "out.mp4"
    write_scored_film(film(sound=surround), music(noise(3, 0.1)), out)
    sound = sound_of(out)
    assert sound.shape[0] == 6
    levels = np.std(sound, axis=1)
    assert levels[2] == pytest.approx(0.0707, rel=0.1)
    assert levels[0] > 0.002
    assert levels[4] < 0.0005


@pytest.mark.parametrize(
    ("levels", "own_order", "kept"),
    [
        ((1, 2, 3, 4, 5, 6, 7, 8), False, (1, 2, 3, 4, 5, 6, 7, 8)),
        ((1, 2, 3, 4, 5, 6), False, (1, 2, 3, 4, 5, 6)),
        ((3, 1, 2, 5, 6, 4), True, (1, 2, 3, 4, 5, 6)),  # centre, left, right, surrounds, LFE
    ],
)
def test_channels_of_surround_stay_where_they_are_in_whatever_order_they_come(  # noqa: PLR0917 - a film, and what it becomes
    film: Film, music: Callable[[Sound], Path], tmp_path: Path, levels: tuple[int, ...], own_order: bool, kept: object
) -> None:
    picture = with_surround(film(seconds=1), [level / 20 for level in levels], own_order=own_order)
    write_scored_film(picture, music(np.zeros((2, RATE), np.float32)), tmp_path / "out.mov")
    loudest = np.abs(sound_of(tmp_path / "out.mov")).max(axis=1)
    assert tuple(np.round(loudest * 20).astype(int)) == kept


@pytest.mark.parametrize("name", ["trip.mp4", "trip.mov"])
def test_a_scored_film_is_as_long_as_the_film_to_the_sample(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path, name: str
) -> None:
    picture, out = film(name, sound=noise(3, 0.1)), tmp_path / f"out{Path(name).suffix}"
    write_scored_film(picture, music(noise(3, 0.1)), out)
    for path in (picture, out):
        with av.open(path) as container:
            assert (container.streams.audio[0].duration, container.duration) == (3 * RATE, 3_000_000)


def test_in_matroska_it_is_longer_by_one_block_of_sound_at_the_most(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    plain, picture, out = film(sound=noise(3, 0.1)), tmp_path / "trip.mkv", tmp_path / "out.mkv"
    with av.open(plain) as source, av.open(picture, "w") as target:
        copies = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.size:
                packet.stream = copies[packet.stream_index]
                target.mux(packet)
    write_scored_film(picture, music(noise(3, 0.1)), out)
    with av.open(picture) as before, av.open(out) as after:
        assert (after.duration or 0) - (before.duration or 0) < 1_000_000 * 1024 / RATE + 2000


def test_rotation_aspect_colour_timecode_and_tags_are_carried_over(
    film: Film, music: Callable[[Sound], Path], tmp_path: Path
) -> None:
    def prepare(stream: VideoStream) -> None:
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace = 9, 16, 9
        context.sample_aspect_ratio = Fraction(4, 3)
        stream.set_display_rotation(90)
        stream.metadata["timecode"] = "01:00:00:00"

    picture, out = film("trip.mov", prepare=prepare), tmp_path / "out.mov"
    write_scored_film(picture, music(noise(3, 0.1)), out)
    with av.open(out) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace) == (9, 16, 9)
        assert stream.sample_aspect_ratio == Fraction(4, 3)
        assert stream.average_rate == FRAMES
        assert stream.metadata["timecode"] == "01:00:00:00"
        assert next(container.decode(stream)).rotation == 90


def test_a_master_keeps_its_timecode(film: Film, music: Callable[[Sound], Path], tmp_path: Path) -> None:
    def prepare(stream: VideoStream) -> None:
        stream.pix_fmt = "yuv422p10le"
        stream.metadata["timecode"] = "10:00:00:00"

    picture = film("master.mov", sound=noise(3, 0.1), codecs=("prores_ks", "pcm_s24le"), prepare=prepare)
    write_scored_film(picture, music(noise(3, 0.1)), tmp_path / "out.mov")
    with av.open(tmp_path / "out.mov") as container:
        assert container.streams.video[0].metadata["timecode"] == "10:00:00:00"
