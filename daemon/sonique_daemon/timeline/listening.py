"""Listening: what the span of a source that a clip plays sounds like, on the source's own clock."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from sonique_daemon.domain.filters import K_WEIGHTING, Stream
from sonique_daemon.domain.picture import SoundClip
from sonique_daemon.errors import MediaNotFound, MediaUnreadable
from sonique_daemon.timeline.media import READ_ERRORS, no_check, open_media, open_sound, picture_stream, sound_stream
from sonique_daemon.timeline.speech import SPEECH_RATE
from sonique_daemon.timeline.voice import listener

_UNHEARD = (MediaNotFound, MediaUnreadable, *READ_ERRORS)
"""What is raised where a clip cannot be read."""

_RATE = 48_000
_HOP = _RATE // 10
_BLOCK_SECONDS = 4

Sound = NDArray[np.float32]
"""``[channels, samples]`` at 48 kHz."""


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """What the span of a source that one clip plays sounds like, on the source's own clock.

    Nothing in it depends on where the clip stands on the record clock, nor on other clips.

    Attributes:
        energy: float64 ``[n]``; K-weighted mean square of each tenth of a second from the earliest time that the clip
            plays, all channels together.
        speech: starts and ends of what seems to be speech, in seconds from that time, in order.
    """

    energy: NDArray[np.float64]
    speech: tuple[tuple[Fraction, Fraction], ...]


def listen_each(
    clips: Iterable[tuple[int, SoundClip]], check: Callable[[], None] = no_check
) -> Iterator[tuple[int, Hearing | None]]:
    """Listens to each of ``clips`` and gives their numbers back, with None where one cannot be read.

    Each sounds as it does alone, and is heard sooner where others are of the same medium.
    """
    listening = _Listening()
    for index, clip in clips:
        try:
            yield index, listening.listen(clip, check)
        except _UNHEARD:
            yield index, None


def played(clip: SoundClip) -> tuple[Fraction, Fraction]:
    """The earliest and latest source time that ``clip`` plays."""
    ends = (clip.source.start, clip.source.start + clip.record.duration * clip.source.speed)
    return max(Fraction(0), min(ends)), max(ends)


class _Listening:
    """Listens to clips, and remembers when the picture of each medium begins: to find out takes long.

    Every clip is read from a medium that was opened for it alone. What decoders keep is not all forgotten by seeking,
    such as the noise that fills what an encoder left out, and what is heard must not hang on what was heard before.
    """

    def __init__(self) -> None:
        self._begins: dict[Path, Fraction] = {}

    def listen(self, clip: SoundClip, check: Callable[[], None]) -> Hearing:
        """Listens to the span that ``clip`` plays; raises one of ``_UNHEARD`` where it cannot be read."""
        ear = _Ear()
        start, end = played(clip)
        path = Path(clip.source.path)
        if start < end:
            begin = self._begin(path)
            with open_sound(path) as container:
                for sound in _sound(container, begin, start, end):
                    check()
                    ear.hear(sound)
        return ear.hearing()

    def _begin(self, path: Path) -> Fraction:
        if path not in self._begins:
            with open_media(path) as container:
                self._begins[path] = _begin(container)
        return self._begins[path]


def _begin(container: InputContainer) -> Fraction:
    """The stamp in seconds of the first picture, or of the first sound where there is no picture."""
    stream = picture_stream(container) or sound_stream(container)
    return Fraction(0) if stream is None else Fraction(stream.start_time or 0) * Fraction(stream.time_base or 1)


class _Ear:
    """Gathers what sound is like as it comes."""

    def __init__(self) -> None:
        self._energies: list[NDArray[np.float64]] = []
        self._weighted = Stream(K_WEIGHTING, 1)
        self._left = np.zeros((1, 0), np.float32)
        self._narrow = AudioResampler("fltp", "mono", SPEECH_RATE)
        self._listener = listener()

    def hear(self, sound: Sound) -> None:
        """Takes the next block."""
        self._weigh(sound)
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(sound), "fltp", _layout(len(sound)))
        frame.sample_rate = _RATE
        for part in self._narrow.resample(frame):
            self._listener.hear(part.to_ndarray()[0])

    def hearing(self) -> Hearing:
        """All of it."""
        return Hearing(np.concatenate([np.zeros(0), *self._energies]), tuple(self._listener.spans()))

    def _weigh(self, block: Sound) -> None:
        """Takes the K-weighted energy of a block."""
        if len(self._left) != len(block):
            self._weighted = Stream(K_WEIGHTING, len(block))
            self._left = np.zeros((len(block), 0), np.float32)
        weighted = np.concatenate([self._left, self._weighted.feed(block)], axis=1)
        hops = weighted.shape[1] // _HOP
        self._left = weighted[:, hops * _HOP :]
        whole = weighted[:, : hops * _HOP].reshape(len(block), hops, _HOP)
        self._energies.append(np.square(whole).mean(axis=2).sum(axis=0))


def _layout(channels: int) -> str:
    return "mono" if channels == 1 else "stereo"


def _sound(container: InputContainer, begin: Fraction, start: Fraction, end: Fraction) -> Iterator[Sound]:
    """The sound between two times after the stamp ``begin``, by blocks, mixed to two channels at most."""
    stream = sound_stream(container)
    if stream is None:
        return
    tick = Fraction(stream.time_base or Fraction(1, _RATE))
    if start > 0:
        container.seek(int((begin + start) / tick), stream=stream, backward=True)
    lane = _Lane(stream.channels, begin + start, end - start)
    for frame in _frames(container, stream):
        lane.take(frame)
        if lane.length >= _BLOCK_SECONDS * _RATE:
            yield lane.give()
        if lane.full:
            break
    if lane.length:
        yield lane.give()


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Sound frames from where ``container`` stands; what is broken is left out."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            frames = packet.decode()
        except READ_ERRORS:
            continue
        yield from (frame for frame in frames if isinstance(frame, AudioFrame))


class _Lane:
    """Sound on its way through a resampler, trimmed to a span of ``duration`` seconds from the stamp ``start``."""

    def __init__(self, channels: int, start: Fraction, duration: Fraction) -> None:
        self._channels = min(channels, 2)
        self._resampler = AudioResampler("fltp", _layout(self._channels), _RATE)
        self._start = start
        self._room = round(duration * _RATE)
        self._skip: int | None = None
        self._parts: list[Sound] = []
        self.length = 0

    @property
    def full(self) -> bool:
        """Whether the end of the span is reached."""
        return self._room <= 0

    def take(self, frame: AudioFrame) -> None:
        """Takes the next frame; the first one sets the place."""
        if self._skip is None:
            self._skip = self._place(frame)
        for part in self._resampler.resample(frame):
            samples = np.asarray(part.to_ndarray(), np.float32)
            kept = samples[:, self._skip :]
            self._skip -= samples.shape[1] - kept.shape[1]
            self._add(kept)

    def give(self) -> Sound:
        """What is gathered; it is gathered no longer."""
        parts, self._parts, self.length = self._parts, [], 0
        sound = np.concatenate(parts, axis=1)
        # One sample of a float file that is no number would stay in the filters and silence all that follows.
        return np.nan_to_num(sound, copy=False, posinf=0.0, neginf=0.0)

    def _place(self, frame: AudioFrame) -> int:
        """How many samples lie before the span; where ``frame`` begins within it, silence goes before."""
        offset = 0
        if frame.pts is not None and frame.time_base:
            offset = round((frame.pts * Fraction(frame.time_base) - self._start) * _RATE)
        if offset > 0:
            self._add(np.zeros((self._channels, min(offset, self._room)), np.float32))
        return max(0, -offset)

    def _add(self, samples: Sound) -> None:
        kept = samples[:, : max(self._room, 0)]
        self._room -= kept.shape[1]
        self.length += kept.shape[1]
        self._parts.append(kept)
