"""A proxy's sound: mono or stereo at 48 kHz, small, and where it was in time to the sample."""

from fractions import Fraction

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from numpy.typing import NDArray

_RATE = 48_000
_BITS_PER_SECOND = 64_000
_BLOCK = _RATE


class SoundLane:
    """Sound on its way into a proxy.

    Args:
        out: where to.
        source: the stream that it comes from.
        start: seconds after the file's first picture at which the proxy begins.
        end: where it ends.
    """

    def __init__(self, out: OutputContainer, source: AudioStream, start: Fraction, end: Fraction) -> None:
        layout = "mono" if source.channels == 1 else "stereo"
        self._stream = out.add_stream("aac", rate=_RATE, layout=layout)
        self._stream.bit_rate = _BITS_PER_SECOND
        self._out, self._layout, self._start = out, layout, start
        self._resampler = AudioResampler("fltp", layout, _RATE)
        self._room = round((end - start) * _RATE)
        self._skip: int | None = None
        self._waiting: list[NDArray[np.float32]] = []
        self._written = 0

    @property
    def full(self) -> bool:
        """Whether the end is reached."""
        return self._room <= 0

    @property
    def reached(self) -> Fraction:
        """Seconds of the proxy that are made."""
        return Fraction(self._written, _RATE)

    def take(self, frame: AudioFrame, at: Fraction | None) -> None:
        """Takes the frame that begins ``at`` seconds after the first picture; the first one sets the place."""
        if self._skip is None:
            offset = 0 if at is None else round((at - self._start) * _RATE)
            self._skip = max(0, -offset)
            self._add(np.zeros((self._channels, min(max(0, offset), self._room)), np.float32))
        for part in self._resampler.resample(frame):
            samples = np.asarray(part.to_ndarray(), np.float32)
            kept = samples[:, self._skip :]
            self._skip -= samples.shape[1] - kept.shape[1]
            self._add(kept)
        if sum(block.shape[1] for block in self._waiting) >= _BLOCK:
            self._give()

    def finish(self) -> None:
        """Gives what waits, and what the encoder holds back."""
        self._give()
        self._out.mux(self._stream.encode(None))

    @property
    def _channels(self) -> int:
        return 1 if self._layout == "mono" else 2

    def _add(self, samples: NDArray[np.float32]) -> None:
        kept = samples[:, : max(self._room, 0)]
        self._room -= kept.shape[1]
        self._waiting.append(kept)

    def _give(self) -> None:
        block = np.concatenate([np.zeros((self._channels, 0), np.float32), *self._waiting], axis=1)
        self._waiting = []
        if not block.shape[1]:
            return
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=self._layout)
        frame.sample_rate, frame.pts, frame.time_base = _RATE, self._written, Fraction(1, _RATE)
        self._written += block.shape[1]
        self._out.mux(self._stream.encode(frame))
