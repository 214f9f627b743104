"""An engine's audio on its way to a file: stereo at 48 kHz, cut or padded to length, without DC, faded at both ends.

Everything here is linear and the same for the mix and its stems, so that stems still add up to the mix.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import BinaryIO

import av
import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt, sosfilt_zi

from sonique_daemon.domain.audio import RawAudio
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.errors import EngineFailed

Frames = NDArray[np.float32]
"""Audio as float32 ``[samples, 2]``, as it lies in a file."""

BLOCK = SAMPLE_RATE
"""Samples of a block: small enough for the processor's cache."""

_CHANNELS = (1, 2)


@dataclass(frozen=True, slots=True)
class Shape:
    """What is done to the mix and every stem alike.

    Attributes:
        samples: length that comes out.
        content: samples of it that the engine's audio fills; silence follows.
        fade_in: length of the fade from silence at the start, in samples.
        fade_out: length of the fade to silence at the end of the content, in samples.
        high_pass: whether a 10 Hz high-pass takes a wandering DC offset out.
    """

    samples: int
    content: int
    fade_in: int
    fade_out: int
    high_pass: bool = False

    def with_high_pass(self) -> "Shape":
        """The same with the high-pass."""
        return replace(self, high_pass=True)


def delivered_length(audio: RawAudio) -> int:
    """Length of ``audio`` in samples at 48 kHz."""
    return math.floor(Fraction(audio.samples * SAMPLE_RATE, audio.sample_rate) + Fraction(1, 2))


def shaped(audio: RawAudio, shape: Shape) -> Iterator[Frames]:
    """``audio`` under ``shape`` in blocks of one second (the last may be shorter), ``shape.samples`` in all.

    Raises:
        EngineFailed: the file is shorter than it says, cannot be read, or has another number of channels than 1 or 2.
    """
    position = 0
    for block in _filtered(audio, shape):
        _fade(block, position, shape)
        position += len(block)
        yield block


def _filtered(audio: RawAudio, shape: Shape) -> Iterator[Frames]:
    blocks = _fitted(audio, shape)
    if not shape.high_pass:
        yield from blocks
        return
    sections = butter(2, 10.0, "highpass", fs=SAMPLE_RATE, output="sos")
    state: NDArray[np.float64] | None = None
    for block in blocks:
        if state is None:  # begins as if the first sample had always stood there: no thump
            state = sosfilt_zi(sections)[:, :, None] * block[0].astype(np.float64)
        filtered, state = sosfilt(sections, block.astype(np.float64), axis=0, zi=state)
        yield filtered.astype(np.float32)


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
    """``block`` followed by silence; always memory of its own."""
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
