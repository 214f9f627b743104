"""Bases: small sound files of many formats, to be damaged."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

CODECS = {
    "mp4": ("libx264", "yuv420p", "aac"),
    "mov": ("mjpeg", "yuvj420p", "pcm_s16le"),
    "mkv": ("libx264", "yuv420p", "flac"),
    "webm": ("libvpx", "yuv420p", ""),
    "avi": ("mpeg4", "yuv420p", "pcm_s16le"),
    "ts": ("mpeg2video", "yuv420p", "mp2"),
    "mpg": ("mpeg1video", "yuv420p", "mp2"),
    "flv": ("flv1", "yuv420p", ""),
    "mxf": ("mpeg2video", "yuv422p", ""),
    "nut": ("ffv1", "yuv420p", "pcm_s16le"),
    "gif": ("gif", "rgb8", ""),
    "wav": ("", "", "pcm_s16le"),
}
"""File name extensions with their codecs of picture and sound and the picture's pixel format; "" is none."""

STILLS = {"png": ("png", "rgb24"), "jpg": ("mjpeg", "yuvj420p"), "tiff": ("tiff", "rgb24"), "bmp": ("bmp", "bgr24")}
"""Image formats with their codec and pixel format."""

WIDTH, HEIGHT, RATE, FRAMES = 160, 90, 25, 25


def write_bases(folder: Path) -> Iterator[Path]:
    """One second of moving picture in every format of ``CODECS``, and one image in each of ``STILLS``."""
    for extension, (picture, pixels, sound) in CODECS.items():
        path = folder / f"base.{extension}"
        _write(path, picture, pixels, sound)
        yield path
    for extension, (codec, pixels) in STILLS.items():
        path = folder / f"base.{extension}"
        _write_still(path, codec, pixels)
        yield path


def _write(path: Path, picture: str, pixels: str, sound: str) -> None:
    with av.open(str(path), "w") as container:
        height = HEIGHT + HEIGHT % 16 if picture.startswith("mpeg") else HEIGHT
        video: Any = container.add_stream(picture, rate=RATE) if picture else None
        audio: Any = container.add_stream(sound, rate=48_000, layout="stereo") if sound else None
        if picture:
            video.width, video.height, video.pix_fmt = WIDTH, height, pixels
            for number in range(FRAMES):
                container.mux(video.encode(_image(number, height).reformat(format=pixels)))
            container.mux(video.encode(None))
        if sound:
            container.mux(audio.encode(_tone()))
            container.mux(audio.encode(None))


def _write_still(path: Path, codec: str, pixels: str) -> None:
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
        stream: Any = container.add_stream(codec, rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixels
        container.mux(stream.encode(_image(0, HEIGHT).reformat(format=pixels)))
        container.mux(stream.encode(None))


def _image(number: int, height: int) -> av.VideoFrame:
    random = np.random.Generator(np.random.PCG64([9]))
    base = random.integers(0, 255, (height // 10 + 1, WIDTH // 10, 3)).astype(np.uint8).repeat(10, 0).repeat(10, 1)
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(np.roll(base[:height], number * 2, 1)), format="rgb24")


def _tone() -> av.AudioFrame:
    times = np.arange(48_000) / 48_000
    mono = (8000 * np.sin(2 * np.pi * 220 * times)).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(np.stack((mono, mono), axis=1).reshape(1, -1), format="s16", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
    return frame
