"""Timelines for a daemon that does not see this disk: what is sent shows and sounds as the original does."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio as otio
import pytest
from sonique_client.otio import one_clip_timeline
from sonique_daemon.domain.description import CurveKind

from tests import conftest
from tests.sending.showing import (
    Far,
    Send,
    assert_alike,
    clip,
    described,
    edit,
    frames_shown,
    numbered,
    span,
    timeline,
    tone,
    write_film,
    write_image,
    write_pixels,
)


def test_a_film_on_a_daemon_that_does_not_see_it_is_the_same_picture(send: Send, trip: Path, far: Far) -> None:
    pictures = send(one_clip_timeline(trip))
    assert_alike(pictures)
    (sent,) = far.uploads.iterdir()
    assert sent.stat().st_size < trip.stat().st_size
    with av.open(str(sent)) as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (384, 216)


def test_a_recording_that_says_no_length_is_the_same_picture(send: Send, tmp_path: Path) -> None:
    images = [numbered(number) for number in range(100)]
    plain = conftest.write_film(tmp_path / "trip.mkv", images, Fraction(25), codec="libvpx", options={"crf": "4"})
    assert_alike(send(one_clip_timeline(conftest.recorded(plain))), Fraction(1, 25))


def test_all_frames_of_a_clip_cut_by_timecode_are_the_same_though_only_its_part_is_sent(
    send: Send, long_trip: Path, far: Far
) -> None:
    rate = 24_000 / 1001
    hour = 3600 * 24
    pictures = send(timeline(clip(long_trip, span(hour + 400, 48, rate)), clip(long_trip, span(hour + 301, 30, rate))))
    assert_alike(pictures, Fraction(1001, 24_000))
    (sent,) = far.uploads.iterdir()
    with av.open(str(sent)) as film:
        assert film.duration is not None
        assert 5 < film.duration / 1e6 < 9


@pytest.mark.parametrize("available", [None, span(7200, 960, 24), span(0, 200, 30)])
def test_the_clocks_of_references_are_understood_as_the_daemon_does(
    send: Send, long_trip: Path, available: Any
) -> None:
    start = 7200 + 240 if available == span(7200, 960, 24) else 240
    assert_alike(send(timeline(clip(long_trip, span(start, 60, 24), available))), Fraction(1, 24))


def test_a_clip_without_a_range_of_its_own_plays_what_its_reference_has(send: Send, long_trip: Path) -> None:
    assert_alike(send(timeline(clip(long_trip, None, span(0, 120, 24)))), Fraction(1, 24))


def test_time_stamps_that_vary_stay_what_they_were(send: Send, tmp_path: Path) -> None:
    random = np.random.Generator(np.random.PCG64(5))
    stamps = [0, *np.cumsum(random.integers(11, 90, 149)).tolist()]
    film = write_film(tmp_path / "phone.mp4", 150, Fraction(30), stamps=stamps)
    pictures = send(one_clip_timeline(film))
    assert_alike(pictures, Fraction(1, 100))


@pytest.mark.parametrize("speed", [2.0, 0.5, -1.0, 0.0])
def test_changed_speeds_show_the_same_frames(send: Send, long_trip: Path, speed: float) -> None:
    changed = clip(long_trip, span(480, 48, 24))
    warp = otio.schema.LinearTimeWarp(time_scalar=speed) if speed else otio.schema.FreezeFrame()
    changed.effects.append(warp)
    pictures = send(timeline(changed, clip(long_trip, span(500, 24, 24))))
    assert edit(pictures[0]) == edit(pictures[1])
    assert frames_shown(pictures[0], Fraction(1, 24)) == frames_shown(pictures[1], Fraction(1, 24))


def test_a_speed_that_varies_shows_the_same_frames(send: Send, long_trip: Path) -> None:
    reference = otio.schema.ExternalReference(str(long_trip))
    curve = otio.schema.TimeEffect(metadata={"Resolve_OTIO": {"Speed Ratio": 3.0}})
    assert_alike(send(timeline(otio.schema.Clip("trip", reference, span(100, 50), effects=[curve]))))


@pytest.mark.parametrize("speed", [2.0, 0.5, -2.0])
def test_a_changed_speed_of_premiere_shows_the_same_frames(send: Send, long_trip: Path, speed: float) -> None:
    changed = clip(long_trip, span(480, 48, 24))
    changed.effects.append(otio.schema.LinearTimeWarp(time_scalar=speed))
    document = timeline(changed, clip(long_trip, span(500, 24, 24)))
    document.tracks.metadata["PremierePro_OTIO"] = {}
    pictures = send(document)
    assert edit(pictures[0]) == edit(pictures[1])
    assert frames_shown(pictures[0], Fraction(1, 24)) == frames_shown(pictures[1], Fraction(1, 24))


def test_an_edit_with_transitions_gaps_and_markers_stays_what_it_is(send: Send, trip: Path, long_trip: Path) -> None:
    first, second = clip(trip, span(25, 50)), clip(long_trip, span(240, 48, 24), name="")
    first.markers.append(otio.schema.Marker("hit", span(40, 0)))
    dissolve = otio.schema.Transition(in_offset=second.source_range.duration, out_offset=span(0, 5).duration)
    dissolve.in_offset = span(0, 5).duration
    gap = otio.schema.Gap(source_range=span(0, 30))
    document = timeline(first, dissolve, second, gap, clip(trip, span(100, 25)), start=span(90_000, 0).start_time)
    pictures = send(document, "01:00:00:10-01:00:06:00")
    assert edit(pictures[0]) == edit(pictures[1])
    assert pictures[0].markers
    assert [shot.name for shot in pictures[1].shots][1] == "long.mov"


def test_sound_on_tracks_of_its_own_is_heard_where_it_was(send: Send, trip: Path, tmp_path: Path) -> None:
    with av.open(str(tmp_path / "talk.wav"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=48_000, layout="mono")
        out.mux(stream.encode(tone(30)))
        out.mux(stream.encode(None))
    document = timeline(clip(trip, span(0, 100)))
    heard = clip(tmp_path / "talk.wav", span(12 * 48_000 + 7_000, 4 * 48_000, 48_000))
    document.tracks.append(otio.schema.Track(kind=otio.schema.TrackKind.Audio, children=[heard]))
    pictures = send(document)
    assert len(pictures[0].sound) == 1
    assert_alike(pictures)


def test_of_several_sounds_the_one_is_sent_that_is_heard_here(send: Send, tmp_path: Path) -> None:
    wave = (0.5 * np.sin(2 * np.pi * 1000 * np.arange(96_000) / 48_000)).astype(np.float32)
    images = [numbered(number) for number in range(50)]
    loud = conftest.write_film(tmp_path / "cut.mp4", images, Fraction(25), sound=wave)
    here, there = send(one_clip_timeline(conftest.of_two_sounds(loud, 1)))
    assert described(here).loudness_lufs == pytest.approx(-9, abs=1)
    assert described(there).loudness_lufs == pytest.approx(-9, abs=1)


def test_pixels_that_are_not_square_keep_their_shape(send: Send, far: Far, tmp_path: Path) -> None:
    path = tmp_path / "dv.mp4"
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25, options={"preset": "ultrafast", "qp": "8"})
        video.width, video.height, video.pix_fmt = 720, 576, "yuv420p"
        video.codec_context.sample_aspect_ratio = Fraction(64, 45)
        for number in range(30):
            out.mux(video.encode(av.VideoFrame.from_ndarray(numbered(number, 720, 576), format="rgb24")))
        out.mux(video.encode(None))
    assert_alike(send(one_clip_timeline(path)))
    (sent,) = far.uploads.iterdir()
    with av.open(str(sent)) as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (384, 216)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_film_that_is_turned_for_showing_is_sent_upright(send: Send, far: Far, tmp_path: Path, rotation: int) -> None:
    path = tmp_path / "phone.mp4"
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25, options={"preset": "ultrafast", "qp": "8"})
        video.set_display_rotation(rotation)
        video.width, video.height = (640, 360) if rotation == 180 else (360, 640)
        video.pix_fmt = "yuv420p"
        for number in range(30):
            stored = np.ascontiguousarray(np.rot90(numbered(number), -rotation // 90))
            out.mux(video.encode(av.VideoFrame.from_ndarray(stored, format="rgb24")))
        out.mux(video.encode(None))
    pictures = send(one_clip_timeline(path))
    assert_alike(pictures)
    assert frames_shown(pictures[1], Fraction(1, 25))[0][:30] == list(range(30))
    (sent,) = far.uploads.iterdir()
    with av.open(str(sent)) as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (384, 216)


def test_a_still_stays_a_still(send: Send, tmp_path: Path) -> None:
    write_image(tmp_path / "title.png", 7)
    pictures = send(timeline(clip(tmp_path / "title.png", span(0, 75))))
    assert_alike(pictures)
    assert [shot.source and shot.source.speed for shot in pictures[1].shots] == [0]


@pytest.mark.parametrize("most", [0, 65_536])
def test_what_lies_below_a_logo_shows_from_afar_as_well(
    send: Send, trip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("sonique_sending.sending._SMALL_BYTES", most)
    pixels = np.full((360, 640, 4), 255, np.uint8)
    pixels[40:, :, 3] = 0
    write_pixels(tmp_path / "logo.png", pixels, "rgba")
    document = timeline(clip(trip, span(0, 50)), clip(trip, span(150, 25)))
    over = clip(tmp_path / "logo.png", span(0, 100), name="logo")
    document.tracks.append(otio.schema.Track(kind=otio.schema.TrackKind.Video, children=[over]))
    pictures = send(document)
    assert_alike(pictures)
    assert [shot.name for shot in pictures[1].shots] == ["A", "A", "logo"]


def test_an_image_sequence_becomes_a_video_of_the_same_frames(send: Send, tmp_path: Path) -> None:
    (tmp_path / "shots").mkdir()
    for number in (1001, 1002, 1003, 1005, 1006, *range(1007, 1031)):
        write_image(tmp_path / "shots" / f"s.{number}.png", number - 1000)
    reference = otio.schema.ImageSequenceReference(
        f"{(tmp_path / 'shots').as_uri()}/", "s.", ".png", start_frame=1001, frame_step=1, rate=24, frame_zero_padding=4
    )
    first = otio.schema.Clip("S", reference, span(1002, 20, 24))
    here, there = send(timeline(first, otio.schema.Clip("all", reference.deepcopy(), None)))
    assert frames_shown(here, Fraction(1, 24)) == frames_shown(there, Fraction(1, 24))
    assert edit(here)[2:] == edit(there)[2:]


@pytest.mark.usefixtures("trip")
@pytest.mark.parametrize("name", ["trip.mp4", "TRIP.MP4", "Trip"])
def test_media_that_an_edit_list_names_only_by_name_is_found_beside_it(send: Send, name: str) -> None:
    unnamed = otio.schema.Clip(name, otio.schema.MissingReference(), span(50, 50))
    assert_alike(send(timeline(unnamed)))


def test_numbered_images_as_resolve_names_them_become_a_video_of_the_same_frames(send: Send, tmp_path: Path) -> None:
    (tmp_path / "shots").mkdir()
    for number in range(1001, 1031):
        write_image(tmp_path / "shots" / f"s.{number}.png", number - 1000)
    reference = otio.schema.ExternalReference(f"{(tmp_path / 'shots').as_uri()}/s.[1001-1030].png", span(1001, 30, 24))
    here, there = send(timeline(otio.schema.Clip("S", reference, span(1002, 20, 24))))
    assert frames_shown(here, Fraction(1, 24)) == frames_shown(there, Fraction(1, 24))


def test_both_are_described_alike(send: Send, tmp_path: Path) -> None:
    with av.open(str(tmp_path / "cut.mp4"), "w") as out:
        video = out.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 640, 360, "yuv420p"
        number = 0
        for shot, length in enumerate((50, 31, 74, 45)):
            random = np.random.Generator(np.random.PCG64(shot))
            pattern = random.integers(0, 255, (9, 16, 3)).astype(np.uint8).repeat(40, 0).repeat(40, 1)
            for _ in range(length):
                frame = av.VideoFrame.from_ndarray(np.roll(pattern, number * (shot + 1), 1), format="rgb24")
                out.mux(video.encode(frame))
                number += 1
        out.mux(video.encode(None))
    told = [described(picture) for picture in send(one_clip_timeline(tmp_path / "cut.mp4"))]
    cuts = [[shot.record.start for shot in description.shots] for description in told]
    assert len(cuts[0]) == len(cuts[1]) == 4
    assert all(abs(one - other) <= Fraction(1, 25) for one, other in zip(*cuts, strict=True))
    for one, other in zip(*(description.curves for description in told), strict=True):
        assert one.kind == other.kind
        if one.kind is not CurveKind.LOUDNESS:
            assert np.abs(np.array(one.values) - np.array(other.values)).mean() < 0.05, one.kind
