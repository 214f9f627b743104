"""Media as the daemon will see it: a file's length, rate and timecode, and which of its streams count."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from shlex import quote

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sonique_sending.times import timecode

READ_ERRORS = (av.FFmpegError, OSError, ValueError, MemoryError)
"""What PyAV raises where a file is broken."""

_USUAL = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""By their number, how channels usually stand."""

_TAIL = Fraction(5)
"""Seconds before its stated end from which a film is read to find its end."""

_BROADCAST = tuple(Fraction(whole * 1000, 1001) for whole in (24, 30, 48, 60, 120))
_FIRST_PACKETS = 500
_CONTAINERS = (
    "mov,matroska,avi,mpegts,mpegtsraw,mpeg,mpegvideo,mxf,flv,live_flv,ogg,asf,nut,rm,gxf,lxf,ivf,obu,dv,wtv,swf,nuv,"
    "h261,h263,h264,hevc,vvc,av1,m4v,vc1,dirac,dnxhd,cavsvideo,avs2,avs3,apv,evc,mjpeg,mjpeg_2000,yuv4mpegpipe,r3d,cine"
)
_SOUND = "wav,w64,aiff,caf,flac,mp3,aac,loas,ac3,eac3,dts,dtshd,truehd,amr,ape,wv,tta,tak,au,voc,mlp,dsf,mpc,mpc8"
_IMAGES = (
    "image2,gif,apng,ico,fits,bmp_pipe,dds_pipe,dpx_pipe,exr_pipe,gif_pipe,hdr_pipe,j2k_pipe,jpeg_pipe,jpegls_pipe,"
    "jpegxl_pipe,jpegxl_anim,pam_pipe,pbm_pipe,pcx_pipe,pfm_pipe,pgm_pipe,phm_pipe,png_pipe,ppm_pipe,psd_pipe,"
    "qoi_pipe,sgi_pipe,sunrast_pipe,tiff_pipe,webp_pipe,xbm_pipe,xpm_pipe,xwd_pipe"
)
HELD: Mapping[str, str] = {
    "protocol_whitelist": "file",
    "format_whitelist": f"{_CONTAINERS},{_SOUND},{_IMAGES}",  # playlists would name further files
    "pattern_type": "none",
}
"""What holds FFmpeg to the file that is opened, where its whole path is given: a short one may read like a protocol."""


class Unreadable(Exception):
    """A media file that cannot be read; its text is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Media:
    """What a media file is.

    Attributes:
        path: the file.
        duration: seconds of picture; 0 where there is none.
        rate: frames per second, the average where it varies; 0 where there is no picture.
        timecode: seconds that the file's own timecode gives its first frame, or None.
        has_sound: whether there is a sound stream.
        sound_duration: seconds of sound; 0 where that is not known.
        width: pixels across as shown: turned upright, its pixels square; 0 where there is no picture.
        height: pixels down as shown.
        tick: seconds of one step of the clock of the picture, or of the sound where there is none.
    """

    path: Path
    duration: Fraction
    rate: Fraction
    timecode: Fraction | None
    has_sound: bool
    sound_duration: Fraction = Fraction(0)
    width: int = 0
    height: int = 0
    tick: Fraction = Fraction(1, 1000)

    @property
    def has_picture(self) -> bool:
        """Whether a moving or still picture can be decoded."""
        return self.rate > 0

    @property
    def still(self) -> bool:
        """Whether it is one single image."""
        return self.has_picture and self.duration * self.rate <= 1

    @property
    def length(self) -> Fraction:
        """Seconds of picture, or of sound where there is no picture."""
        return self.duration if self.has_picture else self.sound_duration


def open_media(path: Path) -> InputContainer:
    """The file opened for reading, held to itself: no playlist that names other files, no protocol but ``file``.

    Raises:
        Unreadable: it is no media file that can be read.
    """
    try:
        if not path.is_file():
            raise Unreadable(f"“{path.name}” is no regular file; name a media file.")
        container = av.open(str(path.absolute()), options=dict(HELD), metadata_errors="replace")
    except READ_ERRORS as error:
        reason = re.sub(r"\s*[:;].*$", "", str(getattr(error, "strerror", None) or error)).strip().lower()
        raise Unreadable(f"“{path.name}” is not a video that can be read ({reason}); export it again.") from None
    order_channels(container)
    return container


def order_channels(container: InputContainer) -> dict[int, tuple[str, ...]]:
    """Has PyAV take sound whose channels stand in an order of the file's own, as QuickTime's 7.1, for the usual order.

    PyAV frees such an order while FFmpeg still needs it, which ends the process. So it is read once here, and replaced.

    Returns:
        For each such stream, by its index, the names of its channels as they come.
    """
    found: dict[int, tuple[str, ...]] = {}
    for stream in container.streams.audio:
        context = getattr(stream, "codec_context", None)
        layout = context.layout if context is not None else None  # a second reading would free the order twice
        if context is not None and layout is not None and "+" in layout.name:
            found[stream.index] = tuple(channel.name for channel in layout.channels)
            context.layout = _USUAL.get(layout.nb_channels, f"{layout.nb_channels} channels")
    return found


def look(path: Path) -> Media:
    """What the file at ``path`` is; decodes its first frame only.

    Raises:
        Unreadable: it holds neither picture nor sound that can be read.
    """
    with open_media(path) as container:
        picture, sound = picture_stream(container), sound_stream(container)
        heard = _stated_duration(container, sound) if sound is not None else Fraction(0)
        frame = None if picture is None else _first_frame(container, picture)
        if picture is not None and frame is not None:
            return _film(path, container, picture, frame, heard)
        if sound is None:
            raise Unreadable(f"“{path.name}” is not a video that can be read: it holds no picture; export it again.")
        return Media(path, Fraction(0), Fraction(0), None, has_sound=True, sound_duration=heard, tick=_tick(sound))


def _film(path: Path, container: InputContainer, picture: VideoStream, frame: VideoFrame, heard: Fraction) -> Media:
    rate = frame_rate(picture)
    width, height = shown_size(frame, picture.sample_aspect_ratio)
    return Media(
        path=path,
        duration=picture_duration(path, container, picture),
        rate=rate,
        timecode=_timecode(container, picture, rate),
        has_sound=bool(container.streams.audio),
        sound_duration=heard,
        width=width,
        height=height,
        tick=_tick(picture),
    )


def _tick(stream: "VideoStream | AudioStream") -> Fraction:
    return Fraction(stream.time_base or Fraction(1, 1000))


def shown_size(frame: VideoFrame, aspect: Fraction | None) -> tuple[int, int]:
    """Width and height in square pixels, turned upright."""
    stretched = max(1, round(frame.width * aspect)) if aspect else frame.width
    return (frame.height, stretched) if round(frame.rotation / 90) % 2 else (stretched, frame.height)


def picture_stream(container: InputContainer) -> VideoStream | None:
    """The stream that holds the moving picture, or None; a cover image in a sound file is none."""
    known = [s for s in container.streams.video if getattr(s, "codec_context", None) is not None]
    moving = [s for s in known if not s.disposition & Disposition.attached_pic]
    return max(moving, key=lambda s: (bool(s.disposition & Disposition.default), s.width * s.height), default=None)


def sound_stream(container: InputContainer) -> AudioStream | None:
    """The sound that players choose of what can be decoded: the one marked as default, else the first; or None."""
    known = [s for s in container.streams.audio if getattr(s, "codec_context", None) is not None and s.channels]
    return max(known, key=lambda s: bool(s.disposition & Disposition.default), default=None)


def frame_rate(stream: VideoStream) -> Fraction:
    """Frames per second, the average where it varies; the broadcast rates exact; 25 where unknown."""
    rate = stream.average_rate or stream.guessed_rate or stream.base_rate
    if not rate or rate <= 0:
        return Fraction(25)
    exact = (*_BROADCAST, Fraction(round(rate)))
    near = [other for other in exact if other and abs(rate / other - 1) < Fraction(1, 9000)]
    return min(near, key=lambda other: abs(other - rate), default=Fraction(rate))


def picture_duration(path: Path, container: InputContainer, stream: VideoStream) -> Fraction:
    """Seconds of picture, as the file says or as it has; drawn to whole frames where that is within 2 ms of them."""
    seconds, rate = _stated_duration(container, stream), frame_rate(stream)
    if not seconds:
        seconds = _counted_duration(path, stream)
    elif not stream.duration and (stream.start_time or 0) > 0:  # what Matroska says may count from zero, or from there
        seconds = _counted_duration(path, stream, seconds) or seconds
    frames = Fraction(round(seconds * rate)) / rate
    return frames if abs(frames - seconds) < Fraction(1, 500) else seconds


def _counted_duration(path: Path, stream: VideoStream, stated: Fraction = Fraction(0)) -> Fraction:
    """Seconds of picture by reading through, for recordings that say no length; 0 for a still.

    Where the film is ``stated`` to last some seconds, about, its end alone is read.

    Raises:
        Unreadable: it is several frames without times.
    """
    tick = _tick(stream)
    frames, start, end, timeless = 0, stream.start_time, 0, 0
    with open_media(path) as container, suppress(*READ_ERRORS):
        if stated > _TAIL:
            container.seek(int((stated - _TAIL) / tick), stream=container.streams[stream.index], backward=True)
        for packet in container.demux(container.streams[stream.index]):
            if packet.pts is not None:
                start = packet.pts if start is None else min(packet.pts, start)
                end = max(packet.pts + (packet.duration or round(1 / frame_rate(stream) / tick)), end)
                frames += 1
            elif packet.size and packet.dts is None:
                timeless += 1
    if timeless > 1 and not frames:
        way = f"make a film of it: ffmpeg -i {quote(path.name)} film.mp4"
        raise Unreadable(f"“{path.name}” is a bare stream, whose frames have no times; {way}.")
    return (end - (start or 0)) * tick if frames > 1 else Fraction(0)


def _stated_duration(container: InputContainer, stream: "VideoStream | AudioStream") -> Fraction:
    if stream.duration and stream.duration > 0 and stream.time_base:
        return stream.duration * stream.time_base
    tagged = _clock(stream.metadata.get("DURATION", ""))
    if tagged:
        return tagged
    if container.duration and container.duration > 0:
        return Fraction(container.duration, 1_000_000)
    return Fraction(stream.frames) / frame_rate(stream) if isinstance(stream, VideoStream) else Fraction(0)


def _clock(text: str) -> Fraction | None:
    """Seconds that Matroska's ``HH:MM:SS.nnnnnnnnn`` says, or None."""
    try:
        hours, minutes, rest = text.strip().split(":")
        return int(hours) * 3600 + int(minutes) * 60 + Fraction(rest)
    except ValueError:
        return None


def _timecode(container: InputContainer, stream: VideoStream, rate: Fraction) -> Fraction | None:
    held = [stream.metadata, container.metadata, *(other.metadata for other in container.streams)]
    text = next((data["timecode"] for data in held if data.get("timecode")), None)
    return None if text is None else timecode(text, rate)


def _first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    for number, frame in enumerate(_frames(container, stream)):
        if frame is not None or number > _FIRST_PACKETS:
            return frame
    return None


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame | None]:
    """Frames from where ``container`` stands; a None for each packet that cannot be decoded."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            yield from packet.decode()
        except av.EOFError:
            return
        except READ_ERRORS:
            yield None
