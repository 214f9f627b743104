"""Conform: real files, looked at by the real probe."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio as otio
import pytest
from sonique_daemon.domain.picture import Picture, Source
from sonique_daemon.domain.request import Timeline
from sonique_daemon.errors import MediaUnreadable
from sonique_daemon.timeline.conform import conform
from sonique_daemon.timeline.locator import MediaLocator
from sonique_daemon.timeline.probe import probe
from sonique_daemon.timeline.roots import Roots

NTSC = Fraction(30_000, 1001)


def video(path: Path, frames: int, rate: Fraction, *, sound: bool = False, timecode: str = "") -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        if timecode:
            stream.metadata["timecode"] = timecode
        voice = container.add_stream("aac", rate=48_000, layout="mono") if sound else None
        for index in range(frames):
            image = np.full((90, 160, 3), index * 7 % 256, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
        if voice is not None:
            for index in range(int(frames / rate * 48_000) // 1024):
                block = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
                block.sample_rate, block.pts = 48_000, index * 1024
                container.mux(voice.encode(block))
            container.mux(voice.encode())
    return path


def picture_of(document: Any, folder: Path) -> Picture:
    request = Timeline(document.to_json_string(), folder=str(folder))
    return conform(request, MediaLocator.for_request(request, Roots(())), probe)


def alone(path: Path, folder: Path) -> Picture:
    """What ``sonique score`` sends for a bare video file."""
    clip = otio.schema.Clip(path.name, otio.schema.ExternalReference(str(path)))
    track = otio.schema.Track(children=[clip])
    return picture_of(otio.schema.Timeline(path.stem, tracks=[track]), folder)


@pytest.mark.parametrize("rate", [Fraction(24_000, 1001), Fraction(24), Fraction(25), NTSC, Fraction(60_000, 1001)])
def test_a_bare_video_file_is_one_shot_of_all_its_frames(tmp_path: Path, rate: Fraction) -> None:
    path = video(tmp_path / "trip.mp4", 30, rate, sound=True)
    picture = alone(path, tmp_path)
    source = Source(str(path.resolve()), Fraction(0))
    assert (picture.name, picture.rate, picture.start, picture.duration) == ("trip", rate, Fraction(0), 30 / rate)
    assert [(shot.name, shot.source, shot.record.duration) for shot in picture.shots] == [
        ("trip.mp4", source, 30 / rate)
    ]
    assert [(clip.source, clip.record) for clip in picture.sound] == [(source, picture.shots[0].record)]
    assert picture.warnings == ()


def test_a_bare_video_file_without_sound_has_none(tmp_path: Path) -> None:
    assert alone(video(tmp_path / "trip.mp4", 12, Fraction(24)), tmp_path).sound == ()


def test_a_files_own_timecode_is_where_the_clip_counts_from(tmp_path: Path) -> None:
    path = video(tmp_path / "tc.mov", 48, Fraction(24), timecode="01:00:00:00")
    span = otio.opentime.TimeRange(otio.opentime.RationalTime(86_412, 24), otio.opentime.RationalTime(24, 24))
    picture = picture_of(otio.schema.Clip("tc", otio.schema.ExternalReference(str(path)), span), tmp_path)
    assert picture.shots[0].source == Source(str(path.resolve()), Fraction(1, 2))


def test_a_drop_frame_timecode_of_a_file_is_understood(tmp_path: Path) -> None:
    path = video(tmp_path / "tc.mov", 60, NTSC, timecode="01:00:00;00")
    span = otio.opentime.TimeRange(otio.opentime.RationalTime(107_922, 29.97), otio.opentime.RationalTime(15, 29.97))
    picture = picture_of(otio.schema.Clip("tc", otio.schema.ExternalReference(str(path)), span), tmp_path)
    assert picture.shots[0].source == Source(str(path.resolve()), 30 / NTSC)


def test_a_text_file_called_a_video_is_no_video(tmp_path: Path) -> None:
    (tmp_path / "fake.mp4").write_text("this is no video\n" * 100)
    with pytest.raises(MediaUnreadable, match=r"fake\.mp4"):
        alone(tmp_path / "fake.mp4", tmp_path)


def test_a_sound_file_has_no_picture(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "song.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        block = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.int16), "s16", "mono")
        block.sample_rate = 48_000
        container.mux(stream.encode(block))
        container.mux(stream.encode())
    with pytest.raises(MediaUnreadable, match=r"“song\.wav” has no picture"):
        alone(tmp_path / "song.wav", tmp_path)


def test_a_still_picture_is_held(tmp_path: Path) -> None:
    path = tmp_path / "card.png"
    with av.open(str(path), "w", format="image2") as container:
        stream = container.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "rgb24"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((90, 160, 3), np.uint8), format="rgb24")))
        container.mux(stream.encode())
    span = otio.opentime.TimeRange(otio.opentime.RationalTime(100, 24), otio.opentime.RationalTime(72, 24))
    picture = picture_of(otio.schema.Clip("card", otio.schema.ExternalReference(str(path)), span), tmp_path)
    (shot,) = picture.shots
    assert (shot.record.duration, shot.source) == (Fraction(3), Source(str(path.resolve()), Fraction(0), Fraction(0)))
