"""The assembly: one take on its way from windows at a model's rate to a judged file at 48 kHz."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sonique_daemon.domain.audio import Block, RawAudio, RawAudioWriter
from sonique_daemon.domain.form import ending
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.engine import GenerateRequest
from sonique_daemon.engines.music.joining import best_shift, crossfaded, level_after, restored
from sonique_daemon.engines.music.judge import Judge
from sonique_daemon.engines.music.rates import RateChanger, changed, fitted_length, with_channels
from sonique_daemon.engines.music.windows import Window

_RAMP_SECONDS = 0.01
"""What is made anew goes over into what stays within this."""
_FADE_SHARE, _FADE_LEAST, _FADE_MOST = 0.15, 2 * SAMPLE_RATE, 8 * SAMPLE_RATE
"""Of the cue, and samples, over which it fades out."""
_GUARD_SECONDS = 0.1
"""So much more is read of the audio to start from than is needed, so that changing its rate finds no edge."""


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """What a window is made from.

    Attributes:
        seconds: how long a piece is wanted; more than the window where its beginning may be moved.
        init: audio to start from, ``[channels, n]`` at the model's rate, or None.
        noise: how much of that is not kept.
        spans: seconds of it that are made anew, alone; () for all of it.
        untouched: whether it stays as it is, and nothing is made.
    """

    seconds: float
    init: "Block | None" = None
    noise: float = 1.0
    spans: tuple[tuple[float, float], ...] = ()
    untouched: bool = False


class Assembly:
    """Joins the windows of one take, in order.

    Args:
        request: what the take is to be.
        engine: its engine's name, for sentences.
        rate: the model's sample rate in Hz.
        channels: the model's.
        continues: whether a window goes on from the end of the one before.
        slack: seconds by which a window may be moved for its beat to fall on that of the one before.
    """

    def __init__(
        self, request: GenerateRequest, engine: str, rate: int, channels: int, *, continues: bool, slack: float
    ) -> None:
        self._request, self._rate, self._channels = request, rate, channels
        self._continues, self.slack = continues, slack
        self._changer, self._judge = RateChanger(rate, SAMPLE_RATE), Judge(engine)
        target = request.workspace / "mix.raw"
        target.unlink(missing_ok=True)  # of a try for which memory did not do
        self._writer = RawAudioWriter(target, 2)
        self._held: Block | None = None
        self._left = request.samples
        self._fade = _fade(request)

    def opening(self, window: Window) -> Opening:
        """What ``window`` is made from, now that all before it is there."""
        if self._request.init is not None:
            return self._given(window)
        if self._continues and window.overlap:
            length = self._count(window.seconds)
            init = fitted_length(self._tail(window), length)
            return Opening(window.seconds, init, spans=((window.overlap, window.seconds),))
        return Opening(window.seconds + (self.slack if window.overlap else 0.0))

    def add(self, window: Window, block: Block) -> None:
        """Joins what was made for ``window`` to what is there."""
        length = self._count(window.seconds)
        self._judge.meter(block[:, :length])
        if not window.overlap:
            self._held = fitted_length(block, length)
            return
        tail = self._tail(window)
        block = self._moved(tail, block)
        shared = tail.shape[1]
        if self._request.init is None:
            block = block * np.float32(level_after(tail, block[:, :shared]))
        assert self._held is not None
        self._emit(self._held[:, : self._held.shape[1] - shared])
        joint = crossfaded(tail, fitted_length(block, length)[:, :shared])
        self._held = np.concatenate((joint, fitted_length(block, length)[:, shared:]), axis=1)

    def finish(self) -> RawAudio:
        """The take, exactly as long as asked, after the judge has heard all of it.

        Raises:
            EngineFailed: it is no music.
        """
        if self._held is not None:
            self._emit(self._held)
        self._write(self._changer.finish())
        if self._left > 0:
            self._write(np.zeros((self._channels, self._left), np.float32))
        self._judge.verdict()
        self.close()
        return self._writer.result

    def close(self) -> None:
        """Closes the file."""
        self._writer.__exit__(None, None, None)

    def _count(self, seconds: float) -> int:
        return round(seconds * self._rate)

    def _tail(self, window: Window) -> Block:
        """The end of what was made, which ``window`` makes too."""
        assert self._held is not None
        return self._held[:, self._held.shape[1] - self._count(window.overlap) :]

    def _moved(self, tail: Block, block: Block) -> Block:
        """``block`` without as much of its beginning as lets its beat fall on that of ``tail``."""
        most = self._count(self.slack)
        if not most:
            return block
        return block[:, best_shift(tail, block[:, : tail.shape[1] + most], self._rate, most) :]

    def _given(self, window: Window) -> Opening:
        """The part of the request's own audio that lies in ``window``, and what of it is to be made anew."""
        init = self._request.init
        assert init is not None
        block = self._slice(init.audio, window)
        if not self._request.inpaint:
            return Opening(window.seconds, block, init.noise)
        clipped = [(max(a, window.start), min(b, window.end)) for a, b in self._request.inpaint]
        spans = tuple((a - window.start, b - window.start) for a, b in clipped if b > a)
        return Opening(window.seconds, block, 1.0, spans, untouched=not spans)

    def _slice(self, audio: RawAudio, window: Window) -> Block:
        first = max(0, round((window.start - _GUARD_SECONDS) * audio.sample_rate))
        last = min(audio.samples, round((window.end + _GUARD_SECONDS) * audio.sample_rate))
        block = with_channels(_read(audio, first, last), self._channels)
        skipped = self._count(window.start) - round(first * self._rate / audio.sample_rate)
        return fitted_length(changed(block, audio.sample_rate, self._rate)[:, skipped:], self._count(window.seconds))

    def _emit(self, block: Block) -> None:
        for part in _parts(block, 10 * self._rate):
            self._write(self._changer.feed(part))

    def _write(self, block: Block) -> None:
        if not block.size:
            return
        kept = with_channels(block[:, : self._left], 2)
        if self._request.inpaint:
            kept = self._restored(kept)
        if self._fade:
            kept = self._faded(kept)
        self._left -= kept.shape[1]
        self._judge.hear(kept)
        self._writer.write(kept)

    def _faded(self, made: Block) -> Block:
        """``made``, the next block, as quiet as it is to be so near to the end."""
        left = self._left - np.arange(made.shape[1])
        gain = np.square(np.clip(left / self._fade, 0.0, 1.0))
        return np.asarray(made * gain.astype(np.float32), np.float32)

    def _restored(self, made: Block) -> Block:
        """``made``, the next block, with what was given where nothing is made anew, sample for sample."""
        init = self._request.init
        assert init is not None
        first = self._request.samples - self._left
        given = fitted_length(with_channels(_read(init.audio, first, first + made.shape[1]), 2), made.shape[1])
        spans = [(round(a * SAMPLE_RATE), round(b * SAMPLE_RATE)) for a, b in self._request.inpaint]
        return restored(made, given, [(a - first, b - first) for a, b in spans], round(_RAMP_SECONDS * SAMPLE_RATE))


def _fade(request: GenerateRequest) -> int:
    """Samples over which the end fades out where that is asked for, since models end as they like; else 0."""
    if request.init is not None or ending(request.tags) != "fade":
        return 0
    return min(request.samples, round(min(max(_FADE_SHARE * request.samples, _FADE_LEAST), _FADE_MOST)))


def _read(audio: RawAudio, first: int, last: int) -> Block:
    """Samples ``first`` to ``last`` of ``audio``; fewer where it ends before."""
    count = max(0, min(last, audio.samples) - first)
    with audio.path.open("rb") as file:
        file.seek(first * audio.channels * 4)
        frames = np.fromfile(file, np.float32, count * audio.channels)
    return np.ascontiguousarray(frames.reshape(-1, audio.channels).T)


def _parts(block: Block, size: int) -> Iterator[Block]:
    for start in range(0, block.shape[1], size):
        yield block[:, start : start + size]
