"""An engine's audio on its way to a file: stereo at 48 kHz, cut or padded to length, without DC, faded at both ends.

Everything here is linear and the same for the mix and its stems, so that stems still add up to the mix.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.audio import RawAudio
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.errors import EngineFailed

Frames = NDArray[np.float32]
"""Audio as float32 ``[samples, 2]``, as it lies in a file."""

BLOCK = SAMPLE_RATE
"""Samples of a block: small enough for the processor's cache."""

_CHANNELS = (1, 2)
_RISE = np.arange(BLOCK // 2, dtype=np.float32) / np.float32(BLOCK // 2)


Offsets = NDArray[np.float64]
"""The mean of each second of a file's content, ``[seconds, 2]``: its DC offset, which may wander."""

NO_OFFSETS: Offsets = np.zeros((0, 2))


@dataclass(frozen=True, slots=True)
class Shape:
    """What is done to the mix and every stem alike, all in samples.

    Attributes:
        samples: length that comes out.
        content: how much of it the engine's audio fills; silence follows.
        fade_in: length of the fade from silence at the start.
        fade_out: length of the fade to silence at the end of the content.
    """

    samples: int
    content: int
    fade_in: int
    fade_out: int


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a rendering and what is done to it.

    Attributes:
        audio: what the engine made.
        shape: length and fades.
        offsets: what is to be taken out as DC, or ``NO_OFFSETS``.
    """

    audio: RawAudio
    shape: Shape
    offsets: Offsets = field(default_factory=lambda: NO_OFFSETS)

    def without(self, offsets: Offsets) -> "Source":
        """The same with ``offsets`` taken out."""
        return replace(self, offsets=offsets)

    def unfaded(self) -> "Source":
        """The same with bare ends."""
        return replace(self, shape=replace(self.shape, fade_in=0, fade_out=0))

    def blocks(self) -> Iterator[Frames]:
        """The audio in blocks of one second (the last may be shorter), ``shape.samples`` in all.

        Raises:
            EngineFailed: the file is shorter than it says, cannot be read, or has not one or two channels.
        """
        for second, block in enumerate(_fitted(self.audio, self.shape)):
            if len(self.offsets):
                _take_out(self.offsets, second, block)
            _fade(block, second * BLOCK, self.shape)
            yield block


def delivered_length(audio: RawAudio) -> int:
    """Length of ``audio`` in samples at 48 kHz."""
    return math.floor(Fraction(audio.samples * SAMPLE_RATE, audio.sample_rate) + Fraction(1, 2))


def _take_out(offsets: Offsets, second: int, block: Frames) -> None:
    """Takes the DC offset out of one block in place: straight lines between the means at the middle of each second.

    That is a high-pass with linear phase far below hearing, and it is linear, so that stems still add up.
    """
    before, here, after = (offsets[min(max(second + step, 0), len(offsets) - 1)] for step in (-1, 0, 1))
    half, both = BLOCK // 2, block.view(np.complex64)[:, 0]  # one number for both channels: twice as fast
    start, middle, end = (np.complex64(complex(*mean)) for mean in ((before + here) / 2, here, (here + after) / 2))
    for part, low, high in ((both[:half], start, middle), (both[half:], middle, end)):
        part -= (high - low) * _RISE[: len(part)] + low  # noqa: PLW2901 - a view of block


def _fade(block: Frames, position: int, shape: Shape) -> None:
    """Fades ``block``, which begins at sample ``position``, in place, where a fade touches it."""
    if position < shape.fade_in:
        count = min(shape.fade_in - position, len(block))
        block[:count] *= _ramp(shape.fade_in)[position : position + count, None]
    begin = shape.content - shape.fade_out - position
    if begin < len(block):
        end = shape.content - position
        ramp = _ramp(shape.fade_out)[::-1][max(0, -begin) :, None]
        part = block[max(0, begin) : max(0, end)]
        part *= ramp[: len(part)]
        block[max(0, end) :] = 0.0


def _ramp(samples: int) -> NDArray[np.float32]:
    """A raised cosine from 0 towards 1."""
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(samples) / max(samples, 1))).astype(np.float32)


def _fitted(audio: RawAudio, shape: Shape) -> Iterator[Frames]:
    """Cut to the content, then silence, in blocks of one second."""
    left, wanted = shape.samples, shape.content
    source = _at_delivery_rate(audio)
    held: Frames = np.zeros((0, 2), np.float32)
    while left:
        size = min(BLOCK, left)
        while len(held) < size and (more := next(source, None)) is not None:
            held = np.concatenate([held, more]) if len(held) else more
        block, held = held[:size], held[size:]
        block = block[:wanted]
        wanted -= len(block)
        yield _padded(block, size)
        left -= size


def _padded(block: Frames, size: int) -> Frames:
    """``block`` followed by silence."""
    if len(block) == size:
        return block
    result = np.zeros((size, 2), np.float32)
    result[: len(block)] = block
    return result


def _at_delivery_rate(audio: RawAudio) -> Iterator[Frames]:
    if audio.sample_rate == SAMPLE_RATE:
        yield from _stereo(audio)
        return
    resampler = av.AudioResampler(format="flt", layout="stereo", rate=SAMPLE_RATE)
    for block in _stereo(audio):
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="flt", layout="stereo")
        frame.sample_rate = audio.sample_rate
        yield from (_packed(part) for part in resampler.resample(frame))
    yield from (_packed(part) for part in resampler.resample(None))


def _packed(frame: av.AudioFrame) -> Frames:
    return np.asarray(frame.to_ndarray().reshape(-1, 2), np.float32)


def _stereo(audio: RawAudio) -> Iterator[Frames]:
    if audio.channels not in _CHANNELS:
        raise EngineFailed(f"The engine returned {audio.channels} channels of audio; one or two can be delivered.")
    try:
        with audio.path.open("rb") as file:
            for start in range(0, audio.samples, BLOCK):
                yield _read(file, min(BLOCK, audio.samples - start), audio)
    except OSError as error:
        raise EngineFailed(f"The engine’s audio “{audio.path.name}” cannot be read: {error.strerror}.") from error


def _read(file: BinaryIO, samples: int, audio: RawAudio) -> Frames:
    frames = np.empty((samples, audio.channels), np.float32)
    if file.readinto(frames.data.cast("B")) != frames.nbytes:  # type: ignore[attr-defined]
        raise EngineFailed(f"The engine’s audio “{audio.path.name}” ends before its {audio.samples} samples.")
    return frames if audio.channels == 2 else np.repeat(frames, 2, axis=1)
