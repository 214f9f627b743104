"""A proxy's picture: small upright frames with the very time stamps that they had."""

from fractions import Fraction

import av
import numpy as np
from av.container import OutputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from sonique_sending.media import Media

LONGER_SIDE = 384
"""Pixels of the longer side at most; what describes the picture looks at no more."""

_LOOK, _HALF = 64, 127.5
_UNSAID = 2
_OPTIONS = {"preset": "veryfast", "crf": "30", "bf": "0", "threads": "2"}


def proxy_size(media: Media) -> tuple[int, int]:
    """Width and height of the proxy: even, and nothing is enlarged."""
    scale = min(Fraction(1), Fraction(LONGER_SIDE, max(media.width, media.height)))
    width, height = (max(2, 2 * round(side * scale / 2)) for side in (media.width, media.height))
    return width, height


def small_image(frame: VideoFrame, size: tuple[int, int]) -> bytes:
    """``frame`` at that size, upright, as a PNG file."""
    encoder = av.CodecContext.create("png", "w")
    assert isinstance(encoder, VideoCodecContext)
    encoder.width, encoder.height = size
    encoder.pix_fmt, encoder.time_base = "rgb24", Fraction(1, 25)
    small = _Painter(*size).upright(frame)
    small.pts, small.time_base = 0, encoder.time_base
    return b"".join(bytes(packet) for packet in (*encoder.encode(small), *encoder.encode(None)))


def is_clear(frame: VideoFrame) -> bool:
    """Whether half or more of ``frame`` is clear, so that what lies below it shows, as the daemon sees it."""
    if frame.format.name != "pal8" and not any(part.is_alpha for part in frame.format.components):
        return False
    opacity = frame.reformat(width=_LOOK, height=_LOOK, format="rgba").to_ndarray()[..., 3]
    return float(opacity.mean()) <= _HALF


class PictureLane:
    """Frames on their way into a proxy.

    Args:
        out: where to.
        media: what they come from.
        tick: seconds of one step of the source's clock, in which all times stay whole.
        start: seconds after the source's first frame at which the proxy begins; whole in ``tick``.
        end: where it ends.
    """

    def __init__(self, out: OutputContainer, media: Media, tick: Fraction, start: Fraction, end: Fraction) -> None:
        self._out, self._tick, self._start, self._end = out, tick, start, end
        stream = out.add_stream("libx264", rate=media.rate.limit_denominator(2**30), options=dict(_OPTIONS))
        stream.width, stream.height = proxy_size(media)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = tick
        self._stream, self._context = stream, stream.codec_context
        self._painter = _Painter(stream.width, stream.height)
        self._held: VideoFrame | None = None
        self._held_at = -1
        self._lengths: dict[int, int] = {}
        self._next_key = Fraction(0)
        self.full = False

    @property
    def begun(self) -> bool:
        """Whether a frame was taken."""
        return self._held_at >= 0

    @property
    def reached(self) -> Fraction:
        """Seconds of the proxy that are made."""
        return max(Fraction(0), self._held_at * self._tick)

    def take(self, frame: VideoFrame, at: Fraction) -> None:
        """Takes the frame that begins to show ``at`` seconds after the first; in order."""
        if at >= self._end:
            self.full = True
            return
        place = max(0, int((at - self._start) // self._tick))
        if self._held is not None and place > self._held_at:
            self._give(place)
        if self._held is None or place >= self._held_at:
            self._held, self._held_at = frame, place

    def finish(self) -> None:
        """Gives the last frame, which shows to the end, and what the encoder holds back."""
        if self._held is not None:
            self._give(max(self._held_at + 1, int((self._end - self._start) // self._tick)))
        self._mux(None)

    def _give(self, until: int) -> None:
        assert self._held is not None
        small = self._painter.paint(self._held, self._context)
        small.pts, small.time_base = self._held_at, self._tick
        self._lengths[self._held_at] = until - self._held_at
        small.pict_type = self._type(self._held_at * self._tick)
        self._mux(small)
        self._held = None

    def _mux(self, frame: VideoFrame | None) -> None:
        """Encodes ``frame``, or what is held back, and says how long each shows: the last one's end is the film's."""
        for packet in self._stream.encode(frame):
            packet.duration = self._lengths.pop(packet.pts or 0, packet.duration)
            self._out.mux(packet)

    def _type(self, at: Fraction) -> PictureType:
        """A keyframe every second, so that any time is quickly reached."""
        if at < self._next_key:
            return PictureType.NONE
        self._next_key = Fraction(at // 1 + 1)
        return PictureType.I


class _Painter:
    """Makes frames small and upright, and keeps their colours' meaning."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._reformatter = VideoReformatter()
        self._matrix = 0

    def paint(self, frame: VideoFrame, context: VideoCodecContext) -> VideoFrame:
        """``frame`` at the proxy's size; the first one says what the encoder is told of colours."""
        if not self._matrix:
            self._matrix = _matrix(frame)
            context.colorspace, context.color_range = self._matrix, ColorRange.MPEG
        if round(frame.rotation / 90) % 4 == 0:
            return self._scaled(frame, self._size, "yuv420p", _matrix(frame))
        return self._scaled(self.upright(frame), self._size, "yuv420p", self._matrix)

    def upright(self, frame: VideoFrame) -> VideoFrame:
        """``frame`` at the proxy's size as RGB, turned as it is shown."""
        turns = round(frame.rotation / 90) % 4
        size = self._size[::-1] if turns % 2 else self._size
        small = self._scaled(frame, size, "rgb24", _matrix(frame)).to_ndarray()
        turned = np.ascontiguousarray(np.rot90(small, turns), np.uint8)
        return VideoFrame.from_ndarray(turned, format="rgb24")

    def _scaled(self, frame: VideoFrame, size: tuple[int, int], form: str, matrix: int) -> VideoFrame:
        return self._reformatter.reformat(
            frame,
            width=size[0],
            height=size[1],
            format=form,
            src_colorspace=Colorspace(matrix),
            dst_colorspace=Colorspace(self._matrix or matrix),
            dst_color_range=ColorRange.JPEG if form == "rgb24" else ColorRange.MPEG,
            interpolation=Interpolation.AREA,
            threads=1,
        )


def _matrix(frame: VideoFrame) -> int:
    """FFmpeg's number for how the frame's colours are coded. Files that do not say mean BT.709 where they are HD."""
    if frame.colorspace == _UNSAID:
        return int(Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601)
    known = {int(matrix) for matrix in Colorspace}
    return int(frame.colorspace) if int(frame.colorspace) in known else int(Colorspace.ITU601)
