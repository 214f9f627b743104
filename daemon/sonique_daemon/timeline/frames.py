"""Frames: single pictures of a source at given times, found by seeking, small, upright and in true proportion."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sonique_daemon.domain.picture import Source
from sonique_daemon.errors import MediaUnreadable
from sonique_daemon.timeline.frame import Frame, Painter
from sonique_daemon.timeline.media import (
    READ_ERRORS,
    STEP_BACKS,
    decoded,
    end_of,
    no_check,
    open_media,
    require_picture,
)
from sonique_daemon.timeline.probe import frame_rate
from sonique_daemon.timeline.sequence import SequenceReel

_NEAR_FRAMES = 4
"""Frames before the wanted one that are decoded whole; earlier ones only where others are built on them."""

_INTO = Fraction(1, 2)
"""Seconds into a span without a keyframe at which it is looked at."""

_FORWARD = Fraction(2)
"""Seconds that are decoded through rather than sought where a file has no index."""


class Reel(Protocol):
    """A source held open to look at its frames; a context manager."""

    broken: int
    """Packets that could not be decoded so far."""

    end: Fraction | None
    """When the last frame ends, or begins where the file does not say how long it lasts, once it was met; None before,
    and for a still, which has no end."""

    @property
    def keyframes(self) -> Sequence[Fraction]:
        """Times that are cheap to look at, ascending; empty where the file does not say."""

    def at(self, time: Fraction) -> Frame | None:
        """The frame that shows ``time`` seconds after the first, cheapest where times ascend.

        Outside the file it is the first or last frame; None where nothing can be decoded there.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def sample(
    source: Source, times: Sequence[Fraction], width: int, check: Callable[[], None] = no_check
) -> Iterator[Frame]:
    """The frames that show at ``times``, in their order; those that cannot be read are left out.

    Args:
        source: which file, or image sequence; its ``start`` and ``speed`` play no part.
        times: seconds after the file's first frame; ascending is cheapest.
        width: largest width in pixels; the height follows, and nothing is enlarged.
        check: called often; what it raises ends the sampling.

    Raises:
        MediaNotFound, MediaUnreadable: nothing of the source can be read.
    """
    with open_reel(source, width, check) as reel:
        for time in times:
            frame = reel.at(time)
            if frame is not None:
                yield frame


def open_reel(source: Source, width: int, check: Callable[[], None] = no_check) -> Reel:
    """``source`` held open; see ``sample`` for the arguments and errors."""
    if source.first_frame is not None:
        return SequenceReel(source, width)
    return FileReel(Path(source.path), width, check)


def glimpse_times(keyframes: Sequence[Fraction], start: Fraction, end: Fraction, count: int) -> tuple[Fraction, ...]:
    """``count`` times spread over the span from ``start`` to ``end``, at keyframes where the span has them.

    The span is cut into equal parts; each part is looked at on the keyframe nearest its middle, and where it holds
    none, a little into it, so that not much has to be decoded to get there.
    """
    part = (end - start) / count
    return tuple(_glimpse(keyframes, start + part * index, part) for index in range(count))


def _glimpse(keyframes: Sequence[Fraction], start: Fraction, length: Fraction) -> Fraction:
    # A keyframe right at the start is welcome: encoders put one on each cut.
    low = bisect_left(keyframes, start)
    high = bisect_right(keyframes, start + length * 9 / 10)
    middle = start + length / 2
    return min(keyframes[low:high], key=lambda time: abs(time - middle), default=start + min(length / 3, _INTO))


class FileReel:
    """A video file held open to look at its frames by time. See ``Reel``."""

    def __init__(self, path: Path, width: int, check: Callable[[], None] = no_check) -> None:
        self._path, self._width, self._check = path, width, check
        self._whole_from: int | None = None
        self._last = 0
        self.broken = 0
        self.end: Fraction | None = None
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

    @property
    def keyframes(self) -> Sequence[Fraction]:
        """See ``Reel``."""
        return self._keyframes

    def at(self, time: Fraction) -> Frame | None:
        """See ``Reel``."""
        target = self._start + int(time // self._tick)
        self._whole_from = target - self._near
        shown = self._find(target)
        if shown is not None and self._skipped and _pts(shown) < self._whole_from:
            # A long-held frame may be one of those that were passed over: look again and pass over none.
            self._whole_from = None
            self._forget()
            shown = self._find(target)
        return None if shown is None else Frame(self._time(shown), self._painter.paint(shown))

    def _open(self) -> None:
        self._container: InputContainer = open_media(self._path)
        try:
            self._stream: VideoStream = require_picture(self._path, self._container)
        except MediaUnreadable:
            self._container.close()
            raise
        stream = self._stream
        self._tick = Fraction(stream.time_base or Fraction(1, 1_000_000))
        rate = frame_rate(stream)
        self._near = int(_NEAR_FRAMES / rate / self._tick)
        self._start = stream.start_time or 0
        self._keyframes = _keyframes(stream, self._tick)
        self._painter = Painter(self._width, stream.sample_aspect_ratio)
        if stream.width * stream.height >= 16 * self._width**2 // 2:
            # Deblocking costs a third of the decoding and cannot be seen at this size.
            stream.codec_context.options = {"skip_loop_filter": "all"}
        self._forget()

    def _forget(self) -> None:
        self._frames: Iterator[VideoFrame | None] | None = None
        self._shown: VideoFrame | None = None
        self._next: VideoFrame | None = None
        self._skipped = False

    def _find(self, target: int) -> VideoFrame | None:
        """The last frame with a time stamp of ``target`` or less, or the first one that there is."""
        if self._reaches(target):
            return self._advance(target)
        for back in STEP_BACKS:
            self._seek(target - int(back / self._tick))
            shown = self._advance(target)
            if shown is not None and _pts(shown) <= target:
                return shown
        self._rewind()
        return self._advance(target)

    def _reaches(self, target: int) -> bool:
        """Whether decoding on from here is the cheapest way to ``target``."""
        if self._shown is None or _pts(self._shown) > target:
            return False
        if self._next is None or _pts(self._next) > target:
            return True
        here, there = self._time(self._next), (target - self._start) * self._tick
        if not self._keyframes:
            return there - here < _FORWARD
        return bisect_right(self._keyframes, here) == bisect_right(self._keyframes, there)

    def _seek(self, target: int) -> None:
        self._forget()
        try:
            self._container.seek(max(target, self._start), stream=self._stream, backward=True)
        except READ_ERRORS:
            self._rewind()
        else:
            self._frames = decoded(self._container, self._stream, self._prepare)

    def _rewind(self) -> None:
        self._container.close()
        self._open()
        self._frames = decoded(self._container, self._stream, self._prepare)

    def _prepare(self, packet: "Packet[VideoStream]") -> None:
        self._check()
        self._last = max(self._last, end_of(packet, 0))
        far = self._whole_from is not None and packet.pts is not None and packet.pts < self._whole_from
        self._skipped = self._skipped or far
        self._stream.codec_context.skip_frame = "NONREF" if far else "DEFAULT"

    def _advance(self, target: int) -> VideoFrame | None:
        """Decodes on until the next frame is later than ``target``; gives the one before it."""
        while self._next is None or _pts(self._next) <= target:
            if self._next is not None:
                self._shown, self._next = self._next, None
            self._next = self._pull()
            if self._next is None:
                moved = self._shown is not None and _pts(self._shown) > self._start
                self.end = (self._last - self._start) * self._tick if moved else None
                break
        return self._shown or self._next

    def _pull(self) -> VideoFrame | None:
        for frame in self._frames or ():
            if frame is not None and (frame.pts is not None or frame.dts is not None):
                return frame
            self.broken += frame is None
        return None

    def _time(self, frame: VideoFrame) -> Fraction:
        return (_pts(frame) - self._start) * self._tick


def _pts(frame: VideoFrame) -> int:
    stamp = frame.pts if frame.pts is not None else frame.dts
    return 0 if stamp is None else stamp


def _keyframes(stream: VideoStream, tick: Fraction) -> tuple[Fraction, ...]:
    """Times of the frames that need no other, as far as the file's index knows them."""
    stamps = [entry.timestamp for entry in stream.index_entries if entry.is_keyframe]
    # The index counts in decoding order, which runs ahead of the showing order by the same steps from the first on.
    return tuple((stamp - stamps[0]) * tick for stamp in stamps)
