"""The proxy: a small copy of a media file, or of the part of it that a timeline uses, to be sent in its place.

What a description takes from the original it takes from the proxy: every frame keeps its time stamp, turned upright and
at most 384 pixels long; sound keeps its place. A still stays one, and an image sequence becomes a video of its rate.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias, cast

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sonique_sending.media import READ_ERRORS, Media, Unreadable, open_media, picture_stream, sound_stream
from sonique_sending.picture import PictureLane, is_clear, proxy_size, small_image
from sonique_sending.sound import SoundLane

OnShare = Callable[[float], None]
"""Is told how much is made, 0 to 1; what it raises ends the making."""


def unseen(share: float) -> None:
    """For those who want to know nothing of how far it is."""
    del share


_STEP_BACKS = (Fraction(0), Fraction(1), Fraction(5), Fraction(30))
"""Seconds to seek earlier, one after the other, where a seek lands after the wanted frame."""
_FIRST_PACKETS = 500
_LATE = Fraction(10)
"""Seconds past the end after which a stream that has not filled its lane is waited for no longer."""
_BIG = 8
"""How many times the proxy's pixels a frame has before its deblocking, which cannot be seen then, is left out."""

Unit: TypeAlias = "av.Packet[VideoStream] | av.Packet[AudioStream]"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file: seconds after its first frame, from ``start`` to before ``end``."""

    start: Fraction
    end: Fraction

    @property
    def length(self) -> Fraction:
        """Seconds."""
        return self.end - self.start


def make_proxy(media: Media, part: Part, target: Path, on_share: OnShare = unseen) -> None:
    """Writes the proxy of a part of a film, or of a sound file, to ``target`` (an MP4 whatever its name).

    Args:
        media: the file.
        part: what of it.
        target: where to; on any failure nothing of use is left there.
        on_share: is told how far it is.

    Raises:
        Unreadable: nothing of it can be decoded.
        OSError: ``target`` cannot be written.
    """
    with open_media(media.path) as source:
        _Copy(source, media, part, on_share).write(target)


def make_still(media: Media, target: Path) -> None:
    """Writes a small copy of a single image to ``target``, as PNG.

    Raises:
        Unreadable: it cannot be decoded.
        OSError: ``target`` cannot be written.
    """
    frame = read_image(media.path)
    if frame is None:
        raise Unreadable(f"“{media.path.name}” is no picture that can be read; export it again.")
    target.write_bytes(small_image(frame, proxy_size(media)))


def shows_through(media: Media) -> bool:
    """Whether a single image is half clear or more, which its small copy is not."""
    frame = read_image(media.path)
    return frame is not None and is_clear(frame)


def make_sequence(
    media: Media,
    images: Sequence[tuple[Fraction, Path]],
    part: Part,
    target: Path,
    on_share: OnShare = unseen,
) -> None:
    """Writes a video of numbered images to ``target``, as ``make_proxy`` does; a missing one shows the one before.

    Args:
        media: what they are together: rate, size and length.
        images: each with the seconds after the first at which it shows, in order.
        part: what of it.
        target: where to.
        on_share: is told how far it is.

    Raises:
        Unreadable: none of them can be decoded.
        OSError: ``target`` cannot be written.
    """
    shown = [at for at, _ in images if at <= part.start]
    wanted = [(at, path) for at, path in images if at < part.end and at >= max(shown, default=Fraction(0))]
    with av.open(str(target), "w", format="mp4", options=_muxing(media.tick)) as out:
        lane = PictureLane(out, media, media.tick, part.start, part.end)
        for at, path in wanted:
            frame = read_image(path)
            if frame is not None:
                lane.take(frame, at)
            on_share(min(1.0, float(lane.reached / part.length)))
        if not lane.begun:
            raise Unreadable(f"No image of “{media.path.name}” can be read; export them again.")
        lane.finish()


def read_image(path: Path) -> VideoFrame | None:
    """The picture of one image file; None where it cannot be read."""
    try:
        with open_media(path) as source:
            stream = picture_stream(source)
            return None if stream is None else next(_pictures(source, stream), None)
    except Unreadable:
        return None


def part_of(media: Media, low: Fraction, high: Fraction) -> Part:
    """The part from ``low`` to ``high`` and a second at either end, on the file's own clock; at most the whole file."""
    tick = media.tick
    start = max(Fraction(0), low - 1) // 1 // tick * tick
    end = -(-(high + 1) // tick) * tick
    return Part(start, min(media.length, end))


class _Copy:
    """One making of a proxy."""

    def __init__(self, source: InputContainer, media: Media, part: Part, on_share: OnShare) -> None:
        self._source, self._media, self._part, self._on_share = source, media, part, on_share
        self._picture: VideoStream | None = picture_stream(source) if media.has_picture else None
        self._sound: AudioStream | None = sound_stream(source)
        begin = self._picture or self._sound
        assert begin is not None
        self._tick = media.tick
        self._zero = (begin.start_time or 0) * self._tick

    def write(self, target: Path) -> None:
        """Reads the part once, and writes what comes of it."""
        with av.open(str(target), "w", format="mp4", options=_muxing(self._tick)) as out:
            picture, sound = self._lanes(out)
            for unit in self._units():
                self._feed(unit, picture, sound)
                if self._done(unit, picture, sound):
                    break
            if picture is not None and not picture.begun:
                raise Unreadable(f"“{self._media.path.name}” shows nothing that can be decoded; export it again.")
            for lane in (picture, sound):
                if lane is not None:
                    lane.finish()
        self._on_share(1.0)

    def _lanes(self, out: OutputContainer) -> tuple[PictureLane | None, SoundLane | None]:
        start, end = self._part.start, self._part.end
        picture = None
        if self._picture is not None:
            self._picture.thread_type = "AUTO"
            width, height = proxy_size(self._media)
            if self._picture.width * self._picture.height >= _BIG * width * height:
                self._picture.codec_context.options = {"skip_loop_filter": "all"}
            picture = PictureLane(out, self._media, self._tick, start, end)
        return picture, None if self._sound is None else SoundLane(out, self._sound, start, end)

    def _units(self) -> Iterator[Unit]:
        """Packets of both streams, from a keyframe at or before the part's start on."""
        if self._part.start > 0:
            self._seek()
        wanted = [stream for stream in (self._picture, self._sound) if stream is not None]
        packets = self._source.demux(*wanted)
        broken = 0
        while broken < _FIRST_PACKETS:
            try:
                packet = next(packets, None)
            except READ_ERRORS:
                broken += 1
                packets = self._source.demux(*wanted)
                continue
            if packet is None:
                return
            yield cast("Unit", packet)

    def _seek(self) -> None:
        """To a place from which decoding gives a frame at or before the part's start."""
        stream = self._picture or self._sound
        for back in _STEP_BACKS:
            place = max(Fraction(0), self._part.start - back) + self._zero
            with contextlib.suppress(*READ_ERRORS):
                self._source.seek(int(place / self._tick), stream=stream, backward=True)
                first = self._first_time()
                self._source.seek(int(place / self._tick), stream=stream, backward=True)
                if first is not None and first <= self._part.start:
                    return
        self._source.seek(0)

    def _first_time(self) -> Fraction | None:
        stream = self._picture or self._sound
        assert stream is not None
        for number, packet in enumerate(self._source.demux(stream)):
            if number > _FIRST_PACKETS:
                return None
            for frame in packet.decode():
                return self._time(frame)
        return None

    def _feed(self, unit: Unit, picture: PictureLane | None, sound: SoundLane | None) -> None:
        try:
            frames = unit.decode()
        except READ_ERRORS:
            return
        for frame in frames:
            at = self._time(frame)
            if isinstance(frame, VideoFrame) and picture is not None and at is not None:
                picture.take(frame, at)
            elif isinstance(frame, AudioFrame) and sound is not None and not sound.full:
                sound.take(frame, at)
        lane = picture or sound
        if lane is not None:
            self._on_share(min(1.0, float(lane.reached / self._part.length)))

    def _time(self, frame: "VideoFrame | AudioFrame | object") -> Fraction | None:
        """Seconds after the file's first picture."""
        stamp, base = getattr(frame, "pts", None), getattr(frame, "time_base", None)
        if stamp is None:
            stamp = getattr(frame, "dts", None)
        return None if stamp is None or base is None else stamp * Fraction(base) - self._zero

    def _done(self, unit: Unit, picture: PictureLane | None, sound: SoundLane | None) -> bool:
        if all(lane is None or lane.full for lane in (picture, sound)):
            return True
        if unit.pts is None or not unit.time_base:
            return False
        return unit.pts * Fraction(unit.time_base) - self._zero > self._part.end + _LATE


def _muxing(tick: Fraction) -> dict[str, str]:
    """How an MP4 is written whose picture keeps its own clock."""
    return {"movflags": "+faststart", "use_editlist": "1", "video_track_timescale": str(tick.denominator)}


def _pictures(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    packets = container.demux(stream)
    for _ in range(_FIRST_PACKETS):
        try:
            packet = next(packets, None)
            if packet is None:
                return
            yield from packet.decode()
        except READ_ERRORS:
            continue
