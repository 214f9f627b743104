"""A daemon that sees nothing of this disk, films whose frames say their numbers, and what a picture shows of them."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import opentimelineio as otio
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray
from sonique.v1 import media_pb2, timeline_pb2
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.picture import Picture, Shot
from sonique_daemon.domain.request import Timeline
from sonique_daemon.engines.engine import DescribeRequest
from sonique_daemon.engines.signal.engine import SignalEngine
from sonique_daemon.timeline.frames import open_reel
from sonique_daemon.timeline.reader import TimelineReader
from sonique_daemon.timeline.soundtrack import hear


@dataclass
class Far:
    """A daemon on another machine: it sees nothing but what is in ``seen``, and keeps what it is sent."""

    uploads: Path
    seen: set[str] = field(default_factory=set)
    local: bool = False
    asked: list[str] = field(default_factory=list)

    @property
    def media(self) -> Any:
        return SimpleNamespace(Find=self.find, Status=self.status, Upload=SimpleNamespace(future=self.take))

    def find(self, request: media_pb2.FindRequest, timeout: float) -> media_pb2.FindResponse:
        assert timeout > 0
        self.asked.append(request.path)
        return media_pb2.FindResponse(found=request.path in self.seen)

    def status(self, request: media_pb2.StatusRequest, timeout: float) -> media_pb2.StatusResponse:
        assert timeout > 0
        path = self.uploads / request.sha256
        return media_pb2.StatusResponse(received=path.stat().st_size if path.exists() else 0, complete=path.exists())

    def take(self, pieces: Iterator[media_pb2.UploadRequest]) -> Any:
        data = b"".join(piece.data for piece in pieces)
        (self.uploads / hashlib.sha256(data).hexdigest()).write_bytes(data)
        return SimpleNamespace(result=lambda timeout: timeout, cancel=lambda: None)


@dataclass
class Shown:
    """A display that remembers."""

    said: list[str] = field(default_factory=list)
    worked: dict[str, float] = field(default_factory=dict)

    def show(self, event: object) -> None:
        raise AssertionError(event)

    def say(self, sentence: str) -> None:
        self.said.append(sentence)

    def working(self, title: str, share: float) -> None:
        assert self.worked.get(title, 0) <= share <= 1
        self.worked[title] = share


Send = Callable[..., tuple[Picture, Picture]]


def read(message: timeline_pb2.Timeline, uploads: Path) -> Picture:
    asked = Timeline(message.otio_json, range_text=message.range_text, folder=message.folder)
    return TimelineReader(uploads, (uploads.parents[1],)).read(asked)


def span(start: float, count: float, rate: float = 25) -> otio.opentime.TimeRange:
    """In frames."""
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(count, rate))


def clip(path: Path, source: Any = None, available: Any = None, name: str = "A") -> otio.schema.Clip:
    reference = otio.schema.ExternalReference(path.as_uri(), available)
    return otio.schema.Clip(name=name, media_reference=reference, source_range=source)


def timeline(*children: Any, start: Any = None) -> otio.schema.Timeline:
    document = otio.schema.Timeline("edit", global_start_time=start)
    document.tracks.append(otio.schema.Track(kind=otio.schema.TrackKind.Video, children=list(children)))
    return document


def numbered(number: int, width: int = 640, height: int = 360) -> NDArray[np.uint8]:
    """A frame that says its number in twelve bright or dark columns, over colours that change every second."""
    random = np.random.Generator(np.random.PCG64([number // 25]))
    image = np.empty((height, width, 3), np.uint8)
    image[:] = random.integers(0, 255, 3)
    for bit in range(12):
        image[: height // 2, bit * width // 12 : (bit + 1) * width // 12] = 220 if number >> bit & 1 else 30
    return image


def number_in(image: NDArray[np.uint8]) -> int:
    height, width, _ = image.shape
    row = image[height // 4].mean(axis=1)
    return sum(int(row[(2 * bit + 1) * width // 24] > 125) << bit for bit in range(12))


def write_film(
    path: Path, frames: int, rate: Fraction = Fraction(25), *, timecode: str = "", stamps: Sequence[int] = ()
) -> Path:
    """A film of numbered frames, with a burst of tone at the beginning of each second; ``stamps`` are milliseconds."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "qp": "8"})
        video.width, video.height, video.pix_fmt = 640, 360, "yuv420p"
        if timecode:
            video.metadata["timecode"] = timecode
        video.codec_context.time_base = Fraction(1, 1000) if stamps else 1 / rate
        audio = out.add_stream("aac", rate=48_000, layout="mono")
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
            frame.pts, frame.time_base = stamps[number] if stamps else number, video.codec_context.time_base
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        out.mux(audio.encode(tone(float(frames / rate))))
        out.mux(audio.encode(None))
    return path


def tone(seconds: float) -> av.AudioFrame:
    samples = np.zeros((1, round(seconds * 48_000)), np.float32)
    for second in range(int(seconds)):
        samples[0, second * 48_000 : second * 48_000 + 9_600] = 0.5 * np.sin(np.arange(9_600) / 5)
    block = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
    block.sample_rate = 48_000
    return block


def edit(picture: Picture) -> tuple[Any, ...]:
    """What a viewer sees and hears of the edit, but for where its media are."""
    return (
        (picture.rate, picture.start, picture.duration, picture.drop_frame, picture.name),
        (picture.markers, picture.warnings),
        [(s.record, s.name, s.join, s.join_duration, s.source and s.source.speed) for s in picture.shots],
        [(clip.record, clip.source.speed) for clip in picture.sound],
    )


def frames_shown(picture: Picture, step: Fraction) -> list[list[int]]:
    """For each shot the numbers of the frames that it shows, ``step`` seconds apart, the first and last included."""
    return [list(_numbers(shot, step)) for shot in picture.shots]


def _numbers(shot: Shot, step: Fraction) -> Iterator[int]:
    assert shot.source is not None
    times = [step * number for number in range(int(shot.record.duration / step))]
    wanted = [shot.source.start + time * shot.source.speed for time in (*times, shot.record.duration - step / 1000)]
    with open_reel(shot.source, 240) as reel:
        for time in wanted:
            frame = reel.at(time)
            yield -1 if frame is None else number_in(frame.image)


def assert_alike(pictures: tuple[Picture, Picture], step: Fraction = Fraction(1, 25)) -> None:
    """That both pictures are the same edit, show the same frames at all times, and sound alike."""
    here, there = pictures
    assert edit(here) == edit(there)
    assert frames_shown(here, step) == frames_shown(there, step)
    loud, quiet = (np.array(hear(picture).energy) for picture in pictures)
    assert np.allclose(10 * np.log10(loud + 1e-4), 10 * np.log10(quiet + 1e-4), atol=1.5)


def described(picture: Picture) -> Description:
    report: Any = SimpleNamespace(**dict.fromkeys(("progress", "shot", "note", "warn", "check"), lambda *_: None))
    return SignalEngine().run(DescribeRequest(picture, detect_cuts=True), report)


def write_image(path: Path, number: int) -> None:
    write_pixels(path, numbered(number), "rgb24")


def write_pixels(path: Path, pixels: NDArray[np.uint8], form: str) -> None:
    frame = av.VideoFrame.from_ndarray(pixels, format=form)
    encoder = av.CodecContext.create("png", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 640, 360, form, Fraction(1, 25)
    frame.pts, frame.time_base = 0, encoder.time_base
    path.write_bytes(b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None))))
