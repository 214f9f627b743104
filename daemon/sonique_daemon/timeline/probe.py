"""What a media file is: its length, rate, size as shown, timecode, and whether it holds picture and sound."""

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from shlex import quote
from threading import Lock

from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sonique_daemon.domain.time import parse_timecode
from sonique_daemon.errors import MediaUnreadable
from sonique_daemon.timeline.media import (
    MAX_DURATION,
    READ_ERRORS,
    check_size,
    first_frame,
    open_media,
    picture_stream,
    upright,
)

_LOOK, _HALF = 64, 127.5
"""Pixels across at which it is seen what of a picture is clear, and half of the greatest opacity."""

_TAIL = Fraction(5)
"""Seconds before its stated end from which a film is read to find its end."""

_BROADCAST = tuple(Fraction(whole * 1000, 1001) for whole in (24, 30, 48, 60, 120))


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a media file is.

    Attributes:
        path: the file.
        duration: seconds of picture; 0 where there is none.
        rate: frames per second, the average where it varies; 0 where there is no picture.
        width: pixels across as shown: rotation and pixel aspect applied; 0 where there is no picture.
        height: pixels down as shown.
        start_timecode: seconds that the file's own timecode says for its first frame, or None.
        has_picture: whether a moving or still picture can be decoded.
        has_sound: whether there is a sound stream.
        rotation: degrees counter-clockwise that the stored frames are turned for showing: 0, 90, 180 or 270.
        covers: whether it hides what lies below it; a picture of which half or more is clear, a logo say, does not.
    """

    path: Path
    duration: Fraction
    rate: Fraction
    width: int
    height: int
    start_timecode: Fraction | None
    has_picture: bool
    has_sound: bool
    rotation: int
    covers: bool = True


def probe(path: Path) -> MediaInfo:
    """Looks at a media file, decoding its first frame only.

    Raises:
        MediaNotFound: there is no such file.
        MediaUnreadable: it holds neither picture nor sound that can be read, or is larger than the limits.
    """
    with open_media(path) as container:
        stream = picture_stream(container)
        info = None if stream is None else _picture(path, container, stream)
        if info is not None:
            return info
        if not container.streams.audio:
            raise MediaUnreadable(
                f"“{path.name}” is not a video that can be read: it holds no picture that can be decoded; "
                "play it once, or export it again."
            )
        return MediaInfo(path, Fraction(0), Fraction(0), 0, 0, None, has_picture=False, has_sound=True, rotation=0)


@dataclass(slots=True)
class ProbeMemory:
    """``probe`` with a memory: a file is looked at once for as long as it stays the file that it was.

    What tells a changed file is its size, its time of change, and which file it is on its disk. What could not be read
    is looked at again each time. Safe to call from any thread.

    Attributes:
        look: what looks at a file.
        most: how many files are remembered; those that were asked for longest ago are forgotten first.
    """

    look: Callable[[Path], MediaInfo] = probe
    most: int = 4096
    _known: "OrderedDict[tuple[object, ...], MediaInfo]" = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, path: Path) -> MediaInfo:
        """As ``probe``."""
        key = _identity(path)
        with self._lock:
            if key is not None and key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        info = self.look(path)
        if key is not None:
            with self._lock:
                self._known[key] = info
                while len(self._known) > self.most:
                    self._known.popitem(last=False)
        return info


def _identity(path: Path) -> tuple[object, ...] | None:
    """What tells the file at ``path`` from any other and from its own earlier states; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return str(path), found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def frame_rate(stream: VideoStream) -> Fraction:
    """Frames per second of ``stream``, the average where it varies; the broadcast rates exact; 25 where unknown."""
    rate = stream.average_rate or stream.guessed_rate or stream.base_rate
    if not rate or rate <= 0:
        return Fraction(25)
    near = [
        exact for exact in (*_BROADCAST, Fraction(round(rate))) if exact and abs(rate / exact - 1) < Fraction(1, 9000)
    ]
    return min(near, key=lambda exact: abs(exact - rate), default=Fraction(rate))


def picture_duration(path: Path, container: InputContainer, stream: VideoStream) -> Fraction:
    """Seconds of picture that the file says it has, else that it has; snapped to whole frames within 2 ms of them."""
    seconds = _stated_duration(container, stream)
    if not seconds:
        seconds = _counted_duration(path, stream)
    elif not stream.duration and (stream.start_time or 0) > 0:  # what Matroska says may count from zero, or from there
        seconds = _counted_duration(path, stream, seconds) or seconds
    rate = frame_rate(stream)
    frames = Fraction(round(seconds * rate)) / rate
    return frames if abs(frames - seconds) < Fraction(1, 500) else seconds


def _stated_duration(container: InputContainer, stream: VideoStream) -> Fraction:
    if stream.duration and stream.duration > 0 and stream.time_base:
        return stream.duration * stream.time_base
    tagged = _clock(stream.metadata.get("DURATION", ""))
    if tagged:
        return tagged
    if container.duration and container.duration > 0:
        return Fraction(container.duration, 1_000_000)
    return Fraction(stream.frames) / frame_rate(stream)


def _counted_duration(path: Path, stream: VideoStream, stated: Fraction = Fraction(0)) -> Fraction:
    """Seconds from the first frame's start to the last one's end, by reading through; 0 for a still.

    Where the film is ``stated`` to last some seconds, about, its end alone is read.

    What a browser records, and what is written into a pipe or cut off, says no length.

    Raises:
        MediaUnreadable: it is several frames without times, as an encoder's bare stream is.
    """
    tick = stream.time_base or Fraction(1, 25)
    step = round(1 / frame_rate(stream) / tick)
    frames, start, end, timeless = 0, stream.start_time, 0, 0
    with open_media(path) as container, suppress(*READ_ERRORS):
        if stated > _TAIL:
            container.seek(int((stated - _TAIL) / tick), stream=container.streams[stream.index], backward=True)
        for packet in container.demux(container.streams[stream.index]):
            if packet.pts is not None:
                start = packet.pts if start is None else min(packet.pts, start)
                end = max(packet.pts + (packet.duration or step), end)
                frames += 1
            elif packet.size and packet.dts is None:
                timeless += 1
    if timeless > 1 and not frames:
        raise MediaUnreadable(_bare_stream(path.name))
    return (end - (start or 0)) * tick if frames > 1 else Fraction(0)


def _bare_stream(name: str) -> str:
    """The sentence for frames without times."""
    return (
        f"“{name}” is a bare stream, whose frames have no times; make a film of it: ffmpeg -i {quote(name)} film.mp4."
    )


def _clock(text: str) -> Fraction | None:
    """Seconds that Matroska's ``HH:MM:SS.nnnnnnnnn`` says, or None."""
    try:
        hours, minutes, seconds = text.strip().split(":")
        return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)
    except ValueError:
        return None


def _picture(path: Path, container: InputContainer, stream: VideoStream) -> MediaInfo | None:
    check_size(path, stream.width, stream.height)
    duration = picture_duration(path, container, stream)
    if duration > MAX_DURATION:
        raise MediaUnreadable(f"“{path.name}” is not a video that can be read: it claims to last over 100 hours.")
    frame = first_frame(container, stream)
    if frame is None:
        return None
    rotation = frame.rotation % 360
    width, height = upright(frame.width, frame.height, rotation, stream.sample_aspect_ratio)
    return MediaInfo(
        path=path,
        duration=duration,
        rate=frame_rate(stream),
        width=width,
        height=height,
        start_timecode=_timecode(container, stream),
        has_picture=True,
        has_sound=bool(container.streams.audio),
        rotation=rotation,
        covers=_covers(frame),
    )


def _covers(frame: VideoFrame) -> bool:
    """Whether less than half of ``frame`` is clear."""
    if frame.format.name != "pal8" and not any(part.is_alpha for part in frame.format.components):
        return True
    opacity = frame.reformat(width=_LOOK, height=_LOOK, format="rgba").to_ndarray()[..., 3]
    return float(opacity.mean()) > _HALF


def _timecode(container: InputContainer, stream: VideoStream) -> Fraction | None:
    held = [stream.metadata, container.metadata, *(other.metadata for other in container.streams)]
    text = next((data["timecode"] for data in held if data.get("timecode")), None)
    if text is None:
        return None
    try:
        return parse_timecode(text, frame_rate(stream))
    except ValueError:
        return None
