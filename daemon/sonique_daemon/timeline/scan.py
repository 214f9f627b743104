"""Scanning: one pass through a span of a source, frame by frame, as small images with FFmpeg's scene-change scores."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np
from av import filter as av_filter
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from sonique_daemon.domain.picture import Source
from sonique_daemon.errors import MediaNotFound, MediaUnreadable
from sonique_daemon.timeline.media import (
    READ_ERRORS,
    STEP_BACKS,
    decoded,
    end_of,
    no_check,
    open_media,
    require_picture,
    upright,
)
from sonique_daemon.timeline.probe import frame_rate
from sonique_daemon.timeline.sequence import read_image, sequence_file, sequence_numbers

LONGEST = 192
"""Length in pixels of the longer side of a scanned image."""

CHUNK = 192
"""Frames of one roll chunk."""


@dataclass(frozen=True, slots=True, eq=False)
class Roll:
    """A roll of film: consecutive frames of a source, upright and in true proportion.

    Attributes:
        ticks: int64 ``[n]``; when each frame begins to show, in units of ``tick`` after the file's first frame.
        tick: seconds.
        images: RGB uint8 ``[n, height, width, 3]``; both sides even, the longer one ``LONGEST``.
        scores: float32 ``[n]``; FFmpeg's scene-change score of each frame against the one before, 0..100.
    """

    ticks: NDArray[np.int64]
    tick: Fraction
    images: NDArray[np.uint8]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.ticks)

    def time(self, index: int) -> Fraction:
        """Seconds after the file's first frame at which frame ``index`` begins to show."""
        return int(self.ticks[index]) * self.tick


@dataclass(slots=True)
class Damage:
    """What a scan met that could not be read.

    Attributes:
        broken: packets, or images of a sequence, that did not decode.
        end: where the picture ended before the span did, in seconds after the file's first frame, or None.
    """

    broken: int = 0
    end: Fraction | None = None


def scan(
    source: Source, start: Fraction, end: Fraction, damage: Damage, check: Callable[[], None] = no_check
) -> Iterator[Roll]:
    """Every frame that shows from ``start`` to ``end``, in showing order, a chunk of up to ``CHUNK`` at a time.

    Args:
        source: which file, or image sequence; its ``start`` and ``speed`` play no part.
        start: seconds after the file's first frame.
        end: the same; exclusive.
        damage: is told what could not be read.
        check: called for each packet; what it raises ends the scan.

    Raises:
        MediaNotFound, MediaUnreadable: nothing of the source can be opened.
    """
    if source.first_frame is not None:
        return _scan_images(source, start, end, damage, check)
    return _scan_file(Path(source.path), start, end, damage, check)


def _scan_file(path: Path, start: Fraction, end: Fraction, damage: Damage, check: Callable[[], None]) -> Iterator[Roll]:
    with open_media(path) as container:
        stream = require_picture(path, container)
        tick = Fraction(stream.time_base or Fraction(1, 1_000_000))
        first = stream.start_time or 0
        _prepare(path, stream)
        collector = _Collector(tick, stream.sample_aspect_ratio)
        low, high = first + int(start // tick), first - int(-end // tick)
        for frame in _between(container, stream, range(low, high), damage, check):
            yield from collector.add(frame, _stamp(frame) - first)
        yield from collector.rest()


def _prepare(path: Path, stream: VideoStream) -> None:
    """Decoder settings that are fastest for small images."""
    context = stream.codec_context
    # Deblocking costs a third of the decoding and cannot be seen at this size.
    context.options = {"skip_loop_filter": "all"}
    # Several slices to a frame decode faster side by side than several frames do, and without their delay.
    context.thread_type = "SLICE" if slice_count(path, stream) > 1 else "AUTO"


def slice_count(path: Path, stream: VideoStream) -> int:
    """How many slices the first frame of an H.264 stream has; 1 where that is unknown."""
    if stream.codec_context.name != "h264":
        return 1
    with open_media(path) as container:
        try:
            data = next((bytes(packet) for packet in container.demux(container.streams[stream.index])), b"")
        except READ_ERRORS:
            return 1
    kinds = [data[m.end()] & 31 for m in re.finditer(b"\x00\x00\x01(?=.)", data, re.DOTALL)]
    if not data.startswith((b"\x00\x00\x01", b"\x00\x00\x00\x01")):
        kinds = list(_length_prefixed(data))
    return sum(kind in {1, 5} for kind in kinds)


def _length_prefixed(data: bytes) -> Iterator[int]:
    """Kinds of the units of a packet as MP4 and Matroska store them, each after its length in four bytes."""
    place = 0
    while place + 4 < len(data):
        yield data[place + 4] & 31
        place += 4 + int.from_bytes(data[place : place + 4], "big")


def _between(
    container: InputContainer, stream: VideoStream, span: range, damage: Damage, check: Callable[[], None]
) -> Iterator[VideoFrame]:
    """Frames that show in a ``span`` of stamps, that which shows at its start included."""
    low, high = span.start, span.stop
    tick = Fraction(stream.time_base or Fraction(1, 25))
    step, near = (int(frames / frame_rate(stream) / tick) for frames in (1, 4))
    last = 0

    def prepare(packet: "Packet[VideoStream]") -> None:
        nonlocal last
        check()
        last = max(last, end_of(packet, step))
        far = packet.pts is not None and packet.pts < low - near
        stream.codec_context.skip_frame = "NONREF" if far else "DEFAULT"

    held: VideoFrame | None = None
    for frame in _entered(container, stream, low, prepare):
        if frame is None:
            damage.broken += 1
            continue
        if _stamp(frame) >= high:
            break
        if _stamp(frame) <= low:
            held = frame
        else:
            if held is not None:
                yield held
                held = None
            yield frame
    else:
        begin = stream.start_time or 0
        if begin + step < last < high - 2 * step:  # a still has no end
            damage.end = (last - begin) * tick
    if held is not None:
        yield held


def _entered(
    container: InputContainer, stream: VideoStream, low: int, prepare: "Callable[[Packet[VideoStream]], None]"
) -> Iterator[VideoFrame | None]:
    """Frames from that which shows at the stamp ``low`` on, or from a little before it."""
    begin = stream.start_time or 0
    tick = Fraction(stream.time_base or Fraction(1, 25))
    for back in STEP_BACKS if low > begin else ():
        try:
            container.seek(max(begin, low - int(back / tick)), stream=stream, backward=True)
        except READ_ERRORS:
            break
        frames = decoded(container, stream, prepare)
        first = next((frame for frame in frames if frame is not None), None)
        if first is not None and _stamp(first) <= low:
            return chain((first,), frames)
    if low > begin:
        container.seek(0)
    return decoded(container, stream, prepare)


def _stamp(frame: VideoFrame) -> int:
    stamp = frame.pts if frame.pts is not None else frame.dts
    return 0 if stamp is None else stamp


def _scan_images(
    source: Source, start: Fraction, end: Fraction, damage: Damage, check: Callable[[], None]
) -> Iterator[Roll]:
    rate, first = source.rate or Fraction(24), source.first_frame or 0
    numbers = sequence_numbers(source)
    if not numbers:
        raise MediaNotFound(f"No image of “{source.path}” is there; relink the clip or give the folder that holds it.")
    low, high = first + start * rate // 1, first + end * rate
    collector: _Collector | None = None
    shown = max((number for number in numbers if number <= low), default=numbers[0])
    for number in (number for number in numbers if shown <= number < high):
        check()
        try:
            frame, aspect = read_image(sequence_file(source.path, number))
        except (MediaNotFound, MediaUnreadable):
            damage.broken += 1
            continue
        collector = collector or _Collector(1 / rate, aspect)
        yield from collector.add(frame, number - first)
    if collector is not None:
        yield from collector.rest()


class _Collector:
    """Shrinks frames and gathers them into roll."""

    def __init__(self, tick: Fraction, aspect: Fraction | None) -> None:
        self._tick, self._aspect = tick, aspect
        self._shrinker: _Shrinker | None = None
        self._shape: tuple[object, ...] = ()
        self._ticks: list[int] = []
        self._scores: list[float] = []
        self._images: list[NDArray[np.uint8]] = []

    def add(self, frame: VideoFrame, ticks: int) -> Iterator[Roll]:
        """Takes one frame; gives a chunk where one is full."""
        shape = (frame.width, frame.height, frame.format.name, round(frame.rotation / 90) % 4)
        if self._shrinker is None or shape != self._shape:
            yield from self.rest()
            self._shrinker, self._shape = _Shrinker(frame, self._aspect), shape
        if self._ticks and ticks <= self._ticks[-1]:
            return  # a stamp that runs backwards is a fault of the file
        image, score = self._shrinker.shrink(frame)
        self._ticks.append(ticks)
        self._scores.append(score)
        self._images.append(image)
        if len(self._ticks) >= CHUNK:
            yield from self.rest()

    def rest(self) -> Iterator[Roll]:
        """Gives what is gathered."""
        if self._ticks and self._shrinker is not None:
            images = np.rot90(np.stack(self._images), self._shrinker.turns, axes=(1, 2))
            scores = np.array(self._scores, np.float32)
            yield Roll(np.array(self._ticks, np.int64), self._tick, images, scores)
        self._ticks, self._scores, self._images = [], [], []


class _Shrinker:
    """An FFmpeg filter graph: scale, then scene-change detection, for frames of one size and format."""

    def __init__(self, frame: VideoFrame, aspect: Fraction | None) -> None:
        self.turns = round(frame.rotation / 90) % 4
        shown = upright(frame.width, frame.height, 90 * self.turns, aspect)
        scale = Fraction(LONGEST, max(shown))
        across, down = (max(2, 2 * round(side * scale / 2)) for side in shown)
        self._width, self._height = (down, across) if self.turns % 2 else (across, down)
        self._graph = av_filter.Graph()
        chain = [
            self._graph.add_buffer(
                width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 1000)
            ),
            # The quick filter picks pixels; averaging what it picked keeps regular patterns that move from flickering.
            self._graph.add("scale", f"{2 * self._width}:{2 * self._height}:flags=fast_bilinear"),
            self._graph.add("scale", f"{self._width}:{self._height}:flags=area"),
            self._graph.add("format", "rgb24"),
            self._graph.add("scdet", "threshold=100"),  # only the score is wanted, not its verdict
            self._graph.add("buffersink"),
        ]
        self._graph.link_nodes(*chain).configure()

    def shrink(self, frame: VideoFrame) -> tuple[NDArray[np.uint8], float]:
        """``frame`` as RGB ``[height, width, 3]``, and how much of a scene change it is, 0..100."""
        self._graph.push(frame)
        small = self._graph.pull()
        assert isinstance(small, VideoFrame)
        plane = small.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(self._height, plane.line_size)
        image = rows[:, : self._width * 3].reshape(self._height, self._width, 3)
        return image.copy(), float(small.metadata.get("lavfi.scd.score", 0.0))
