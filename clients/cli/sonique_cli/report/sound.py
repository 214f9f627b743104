"""The sound of a report: its outline for the eye, and itself made small for the page."""

import io
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48_000
_BLOCK = 10 * RATE
_BITS = 80_000
_LARGEST_BYTES = 3_300_000
"""What the sound of a page may weigh; a page of three minutes stays below 5 MB with its pictures."""
_FEWEST_BITS = 24_000
_UNREADABLE = (wave.Error, OSError, EOFError, RuntimeError)
"""What ``wave`` raises; the last where a chunk goes on past the file's end."""


class UnreadableCue(Exception):
    """The file is no WAV file that can be drawn; the message says why."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The sound at a glance, one value for each of equally long spans.

    Attributes:
        low: lowest sample.
        high: highest sample.
        level: root of the mean square.
    """

    low: NDArray[np.float32]
    high: NDArray[np.float32]
    level: NDArray[np.float32]


def outline(wav: Path, columns: int) -> Outline:
    """The outline of the sound in ``wav`` in ``columns`` spans.

    Raises:
        UnreadableCue: it is no WAV file of 24 or 16 bits.
    """
    total = _length(wav)
    edges = np.linspace(0, total, columns + 1).astype(np.int64)
    low, high, power = (np.zeros(columns, np.float32) for _ in range(3))
    at = 0
    for block in blocks(wav):
        mono = block.mean(axis=1)
        first, last = np.searchsorted(edges, (at, at + len(mono)), "right")
        for column in range(max(first - 1, 0), min(last, columns)):
            part = mono[max(edges[column] - at, 0) : max(edges[column + 1] - at, 0)]
            if len(part):
                low[column], high[column] = min(low[column], part.min()), max(high[column], part.max())
                power[column] += float(np.square(part).sum()) / max(int(edges[column + 1] - edges[column]), 1)
        at += len(mono)
    return Outline(low, high, np.sqrt(power))


def compressed(wav: Path) -> bytes:
    """The sound of ``wav`` as Opus in WebM, which every browser plays; long cues at fewer bits per second.

    Raises:
        UnreadableCue: as ``outline``.
    """
    seconds = max(_length(wav) / RATE, 1)
    target = io.BytesIO()
    with av.open(target, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="stereo")
        stream.bit_rate = round(max(min(_BITS, _LARGEST_BYTES * 8 / seconds), _FEWEST_BITS))
        stream.codec_context.options = {"compression_level": "2", "frame_duration": "60"}
        at = 0
        for block in blocks(wav):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = RATE, at
            at += len(block)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target.getvalue()


def blocks(wav: Path) -> Iterator[NDArray[np.float32]]:
    """The sound as float32 ``[samples, 2]``, ten seconds at a time; raises ``UnreadableCue``."""
    try:
        with wave.open(str(wav), "rb") as file:
            width, channels = file.getsampwidth(), file.getnchannels()
            if width not in (2, 3) or channels not in (1, 2) or file.getframerate() != RATE:
                raise UnreadableCue("it is not 16 or 24 bits at 48 kHz, mono or stereo")
            while data := file.readframes(_BLOCK):
                samples = _samples(data, width).reshape(-1, channels)
                yield samples if channels == 2 else np.repeat(samples, 2, axis=1)
    except _UNREADABLE as error:
        raise UnreadableCue(str(error)) from error


def _samples(data: bytes, width: int) -> NDArray[np.float32]:
    if width == 2:
        return np.frombuffer(data, "<i2").astype(np.float32) / np.float32(32768)
    raw = np.frombuffer(data[: len(data) // 3 * 3], np.uint8).reshape(-1, 3)
    whole = np.zeros((len(raw), 4), np.uint8)
    whole[:, 1:] = raw
    return whole.view("<i4")[:, 0].astype(np.float32) / np.float32(2**31)


def _length(wav: Path) -> int:
    try:
        with wave.open(str(wav), "rb") as file:
            return file.getnframes()
    except _UNREADABLE as error:
        raise UnreadableCue(str(error)) from error
