"""Media: the one door through which files are opened, with what FFmpeg may do there held to local media files."""

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.codec.codec import UnknownCodecError
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sonique_daemon.errors import MediaNotFound, MediaUnreadable

MAX_PIXELS = 16_384 * 16_384
"""The largest picture that is decoded, in pixels."""

MAX_DURATION = Fraction(100 * 3600)
"""The longest media that is read, in seconds."""

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
# Playlists and scripts (concat, hls, dash, sdp, imf, lavfi, …) name further files or addresses, so none is in here.
_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": f"{_CONTAINERS},{_SOUND},{_IMAGES}",
    "pattern_type": "none",  # a “%04d” in a file's own name is no pattern
}
_USUAL = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""By their number, how channels usually stand."""

_BROKEN_READS = 20
_FIRST_PACKETS = 500

STEP_BACKS = (Fraction(0), Fraction(1), Fraction(5), Fraction(30))
"""Seconds to seek earlier, one after the other, where a seek lands after the wanted frame."""

READ_ERRORS = (av.FFmpegError, OSError, ValueError, MemoryError)
"""What PyAV raises where a file is broken."""


def open_media(path: Path) -> InputContainer:
    """The file opened for reading: a context manager.

    Raises:
        MediaNotFound: there is no such file.
        MediaUnreadable: it is no regular file, or none of the formats that are read.
    """
    return _opened(path, _OPTIONS)


def open_sound(path: Path) -> InputContainer:
    """The file opened for reading its sound alone: a context manager; errors as of ``open_media``.

    No frame of its picture is decoded to find out what it is like, which takes most of the time of opening a film; so
    the picture's format, and in some containers its start, are not known. The picture is not read from the disk either.
    """
    container = _opened(path, {**_OPTIONS, "codec_whitelist": _sound_decoders()})
    for stream in container.streams.video:
        stream.discard = Discard.all
    return container


@lru_cache(maxsize=1)
def _sound_decoders() -> str:
    """Names of all decoders of sound, with commas between them."""
    return ",".join(sorted(filter(_decodes_sound, av.codecs_available)))


def _decodes_sound(name: str) -> bool:
    try:
        return av.Codec(name, "r").type == "audio"
    except UnknownCodecError:  # it can only encode
        return False


def _opened(path: Path, options: Mapping[str, str]) -> InputContainer:
    if not path.exists():
        raise MediaNotFound(f"“{path}” is not there; relink the clip or give the folder that holds it.")
    if not path.is_file():
        raise MediaUnreadable(f"“{path.name}” is not a video that can be read: it is no regular file.")
    try:
        container = av.open(str(path.absolute()), options=dict(options), metadata_errors="replace")
    except READ_ERRORS as error:
        raise MediaUnreadable(
            f"“{path.name}” is not a video that can be read ({plain(error)}); play it once, or export it again."
        ) from error
    _order_channels(container)
    return container


def _order_channels(container: InputContainer) -> None:
    """Has PyAV take sound whose channels stand in an order of the file's own, as QuickTime's 7.1, for the usual order.

    PyAV frees such an order while FFmpeg still needs it, which ends the process. So it is read once here, and replaced.
    """
    for stream in container.streams.audio:
        context = getattr(stream, "codec_context", None)
        layout = context.layout if context is not None else None  # a second reading would free the order twice
        if context is not None and layout is not None and "+" in layout.name:
            context.layout = _USUAL.get(layout.nb_channels, f"{layout.nb_channels} channels")


def picture_stream(container: InputContainer) -> VideoStream | None:
    """The stream that holds the moving picture, or None; a cover image in a sound file is none."""
    # A stream that nothing can decode, as a drawing's, has no size.
    known = [s for s in container.streams.video if getattr(s, "codec_context", None) is not None]
    streams = [s for s in known if not s.disposition & Disposition.attached_pic]
    return max(streams, key=lambda s: (bool(s.disposition & Disposition.default), s.width * s.height), default=None)


def sound_stream(container: InputContainer) -> AudioStream | None:
    """The sound that players choose of what can be decoded: the one marked as default, else the first; or None."""
    known = [s for s in container.streams.audio if getattr(s, "codec_context", None) is not None and s.channels]
    return max(known, key=lambda s: bool(s.disposition & Disposition.default), default=None)


def require_picture(path: Path, container: InputContainer) -> VideoStream:
    """The stream that holds the moving picture, within the limits on size.

    Raises:
        MediaUnreadable: there is none, or its frames are too large.
    """
    stream = picture_stream(container)
    if stream is None:
        raise MediaUnreadable(f"“{path.name}” is not a video that can be read: it holds no picture.")
    check_size(path, stream.width, stream.height)
    return stream


def plain(error: BaseException) -> str:
    """FFmpeg's reason in a few words, without numbers and paths."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return re.sub(r"\s*[:;].*$", "", str(reason)).strip().lower()


def upright(width: int, height: int, rotation: int, aspect: Fraction | None) -> tuple[int, int]:
    """``width`` × ``height`` stored pixels as they are shown: square pixels, then turned by ``rotation`` degrees."""
    shown = max(1, round(width * aspect)) if aspect else width
    return (height, shown) if round(rotation / 90) % 2 else (shown, height)


def check_size(path: Path, width: int, height: int) -> None:
    """Refuses a picture of more than ``MAX_PIXELS``.

    Raises:
        MediaUnreadable: it is larger.
    """
    if width * height > MAX_PIXELS:
        raise MediaUnreadable(
            f"“{path.name}” is not a video that can be read: {width} × {height} pixels are more than 16384 × 16384; "
            "make a smaller copy of it."
        )


def first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    """The first frame that decodes, or None where none of the first few hundred packets gives one."""
    for index, frame in enumerate(decoded(container, stream)):
        if frame is not None or index > _FIRST_PACKETS:
            return frame
    return None


def no_check() -> None:
    """A check for callers that have nothing to be stopped by."""


def end_of(packet: "Packet[VideoStream]", step: int) -> int:
    """The stamp until which what is in ``packet`` shows: ``step`` after its own, or later where the packet says so."""
    stamp = packet.pts if packet.pts is not None else packet.dts
    return 0 if stamp is None else stamp + max(step, packet.duration or 0)


def decoded(
    container: InputContainer, stream: VideoStream, before: "Callable[[Packet[VideoStream]], None] | None" = None
) -> Iterator[VideoFrame | None]:
    """Frames in showing order from where ``container`` stands to its end; a None for each packet that is broken.

    Args:
        container: where to read.
        stream: its picture.
        before: called with each packet before it is decoded; what it raises ends the reading.
    """
    waiting = _FIRST_PACKETS
    for packet in _packets(container, stream):
        if packet is None:
            yield None
            continue
        # Some containers are entered anywhere; what leans on frames that were not read would come out as rubbish.
        waiting = 0 if packet.is_keyframe or packet.size == 0 else waiting - 1
        if waiting > 0:
            continue
        if before is not None:
            before(packet)
        try:
            frames = packet.decode()
        except av.EOFError:
            return
        except READ_ERRORS:
            yield None
            continue
        yield from (frame for frame in frames if isinstance(frame, VideoFrame))


def _packets(container: InputContainer, stream: VideoStream) -> "Iterator[Packet[VideoStream] | None]":
    """Packets to the end; None for each place that cannot be read, and the end where there are too many of them."""
    for _ in range(_BROKEN_READS):
        try:
            yield from container.demux(stream)
        except READ_ERRORS:
            yield None
        else:
            return
