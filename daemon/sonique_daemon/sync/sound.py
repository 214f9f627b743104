"""Sound: an audio file as the measures hear it, mono and coarse, with the fingerprints that tell exact copies."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.errors import MediaUnreadable

Singles = NDArray[np.float32]
Samples = NDArray[np.int32]

RATE = 16_000
"""Samples per second of what is heard; a beat needs no more."""

_FACTOR = SAMPLE_RATE // RATE
_BLOCK = 10 * SAMPLE_RATE
_PRINT = 16
"""Samples that a fingerprint covers."""

_ONE_IN = 128
"""One sample in so many begins a fingerprint."""


@dataclass(frozen=True, slots=True)
class Prints:
    """Fingerprints at places that the samples themselves choose, so that a copy has the same ones at any distance.

    Attributes:
        places: samples at 48 kHz, increasing.
        values: a hash of the samples there, both channels, bit for bit.
    """

    places: NDArray[np.int64]
    values: NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Sound:
    """Audio to be measured.

    Attributes:
        mono: at ``RATE``, full scale ±1.
        seconds: its length.
        prints: of its samples.
    """

    mono: Singles
    seconds: float
    prints: Prints


Open = Callable[[Path], InputContainer]
"""Opens a media file; may raise ``MediaUnreadable``."""

_PACKET = str(2**18)
"""Bytes that FFmpeg reads of a WAV file at once, 64 times what it does unasked: each packet costs some time."""


def open_own(path: Path) -> InputContainer:
    """Opens a WAV file that this program wrote itself; others go through the door for media."""
    return av.open(str(path), options={"protocol_whitelist": "file", "max_size": _PACKET})


def sound_of(path: Path, check: Callable[[], None], opened: Open = open_own) -> Sound:
    """Reads an audio file of any kind.

    Raises:
        MediaUnreadable: it holds no audio that can be decoded.
    """
    mono = bytearray()  # grows where it stands: joining blocks at the end would hold a long piece twice
    places, values, position = [], [], 0
    tail = np.zeros((2, 0), np.int32)
    for block in blocks(path, opened):
        check()
        mono += coarse(block.sum(axis=0, dtype=np.float32) * np.float32(2.0**-32)).tobytes()
        found, hashes = _prints(joined := np.concatenate([tail, block], axis=1))
        places.append(found + position - tail.shape[1])
        values.append(hashes)
        position += block.shape[1]
        tail = joined[:, -_PRINT:]
    if not mono:  # nothing, or less than one sample of what is heard
        raise MediaUnreadable(f"“{path.name}” holds no sound; give an audio file.")
    prints = Prints(np.concatenate(places), np.concatenate(values))
    return Sound(np.frombuffer(mono, np.float32), position / SAMPLE_RATE, prints)


def blocks(path: Path, opened: Open = open_own) -> Iterator[Samples]:
    """Stereo at 48 kHz in blocks ``[2, samples]``, full scale ±2³¹."""
    held: list[Samples] = []
    size = 0
    for frame in _frames(path, opened):
        held.append(frame)
        size += frame.shape[1]
        if size >= _BLOCK:
            whole = np.concatenate(held, axis=1)
            yield whole[:, :_BLOCK]
            held, size = [whole[:, _BLOCK:]], size - _BLOCK
    if size:
        yield np.concatenate(held, axis=1)


def frames_of(path: Path, check: Callable[[], None], opened: Open = open_own) -> Iterator[Singles]:
    """Stereo at 48 kHz in blocks ``[samples, 2]``, full scale ±1."""
    for block in blocks(path, opened):
        check()
        yield np.ascontiguousarray(block.T, np.float32) * np.float32(2.0**-31)


def _frames(path: Path, opened: Open) -> Iterator[Samples]:
    resampler = av.AudioResampler(format="s32p", layout="stereo", rate=SAMPLE_RATE)
    try:
        with opened(path) as container:
            if not container.streams.audio:
                raise MediaUnreadable(f"“{path.name}” holds no sound; give an audio file.")
            for frame in container.decode(audio=0):
                yield from map(_samples, resampler.resample(frame))
            yield from map(_samples, resampler.resample(None))
    except av.FFmpegError as error:
        raise MediaUnreadable(
            f"“{path.name}” cannot be read as audio ({error.strerror}); give an audio file."
        ) from error


def _samples(frame: av.AudioFrame) -> Samples:
    return np.asarray(frame.to_ndarray(), np.int32)


def coarse(mono: Singles) -> Singles:
    """Audio at 48 kHz brought to ``RATE`` by means of three; what folds over at the edge of hearing blurs no onset."""
    mono = mono[: mono.size // _FACTOR * _FACTOR]
    means: Singles = mono[0::_FACTOR] + mono[1::_FACTOR] + mono[2::_FACTOR]
    means *= np.float32(1.0 / _FACTOR)
    return means


def _prints(block: Samples) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Fingerprints inside one block, none where nothing moves."""
    if block.shape[1] <= _PRINT:
        return np.zeros(0, np.int64), np.zeros(0, np.uint64)
    left = np.ascontiguousarray(block[0]).view(np.uint32)
    chosen = left[: left.size - _PRINT] * np.uint32(2_654_435_761) < np.uint32(2**32 // _ONE_IN)
    places = np.flatnonzero(chosen)
    windows = np.lib.stride_tricks.sliding_window_view(block, _PRINT, axis=1)[:, places]
    moving = np.ptp(windows[0], axis=1) > 0
    places, windows = places[moving], windows[:, moving]
    weights = np.cumprod(np.full(2 * _PRINT, 6_364_136_223_846_793_005, np.uint64))
    flat = windows.transpose(1, 0, 2).reshape(-1, 2 * _PRINT).astype(np.uint64)
    return places.astype(np.int64), (flat * weights).sum(axis=1, dtype=np.uint64)
