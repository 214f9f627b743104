"""Media: the one door through which files are opened, with what FFmpeg may do there held to local media files."""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
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
_SOUND = "wav,w64,aiff,caf,flac,mp3,aac,loas,ac3,eac3,dts,dtshd,truehd,amr,ape,wv,tta,tak,au,voc,mp2,mlp,dsf,mpc,mpc8"
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

READ_ERRORS = (av.FFmpegError, OSError, ValueError, MemoryError)
"""What PyAV raises where a file is broken."""


def open_media(path: Path) -> InputContainer:
    """The file opened for reading: a context manager.

    Raises:
        MediaNotFound: there is no such file.
        MediaUnreadable: it is no regular file, or none of the formats that are read.
    """
    if not path.exists():
        raise MediaNotFound(f"“{path}” is not there; relink the clip or give the folder that holds it.")
    if not path.is_file():
        raise MediaUnreadable(f"“{path.name}” is not a video that can be read: it is no regular file.")
    try:
        return av.open(str(path.absolute()), options=dict(_OPTIONS), metadata_errors="replace")
    except READ_ERRORS as error:
        raise MediaUnreadable(
            f"“{path.name}” is not a video that can be read ({plain(error)}); play it once, or export it again."
        ) from error


def picture_stream(container: InputContainer) -> VideoStream | None:
    """The stream that holds the moving picture, or None; a cover image in a sound file is none."""
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    return max(streams, key=lambda s: (bool(s.disposition & Disposition.default), s.width * s.height), default=None)


def plain(error: BaseException) -> str:
    """FFmpeg's reason in a few words, without numbers and paths."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return re.sub(r"\s*[:;].*$", "", str(reason)).strip().lower()


def upright(width: int, height: int, rotation: int, aspect: Fraction | None) -> tuple[int, int]:
    """``width`` × ``height`` stored pixels as they are shown: square pixels, then turned by ``rotation`` degrees."""
    shown = max(1, round(width * aspect)) if aspect else width
    return (height, shown) if rotation % 180 else (shown, height)


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
        if frame is not None or index > 500:
            return frame
    return None


def decoded(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame | None]:
    """Frames from where ``container`` stands, to its end; a None for each packet that is broken."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except READ_ERRORS:
            yield None
            return
        if packet is None:
            return
        try:
            frames = packet.decode()
        except av.EOFError:
            return
        except READ_ERRORS:
            yield None
            continue
        yield from (frame for frame in frames if isinstance(frame, VideoFrame))
