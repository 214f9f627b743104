"""Production sound: how loud what is already on the timeline is, and where somebody seems to speak."""

from collections.abc import Callable, Iterable, Iterator, Sequence
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
from sonique_daemon.domain.picture import Picture, SoundClip
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.errors import MediaNotFound, MediaUnreadable
from sonique_daemon.timeline.media import READ_ERRORS, no_check, open_media, picture_stream
from sonique_daemon.timeline.speech import SPEECH_RATE
from sonique_daemon.timeline.voice import listener

SILENCE_LUFS = -70.0
"""What stands for silence; BS.1770's absolute gate."""

UNHEARD = (MediaNotFound, MediaUnreadable, *READ_ERRORS)
"""What ``listen`` raises where a clip cannot be read."""

_RATE = 48_000
_HOP = _RATE // 10
_BLOCK_SECONDS = 4
_SHORT_TERM_HOPS = 30
_GATING_HOPS = 4
_OFFSET = -0.691


@dataclass(frozen=True, slots=True)
class Soundtrack:
    """What the production sound of a picture is like.

    Attributes:
        loudness_lufs: integrated loudness (ITU-R BS.1770-4), or None where there is no sound or only silence.
        energy: K-weighted mean square of each tenth of a second of the picture, all channels together.
        speech: spans that seem to hold speech, in seconds from the picture's start, in order.
    """

    loudness_lufs: float | None
    energy: tuple[float, ...]
    speech: tuple[TimeRange, ...]

    def loudness_at(self, seconds: float) -> float:
        """Short-term loudness in LUFS: of the three seconds round ``seconds``; -70 for silence."""
        middle = round(seconds * 10)
        half = _SHORT_TERM_HOPS // 2
        window = self.energy[max(0, middle - half) : middle + half]
        return _lufs(float(np.mean(window))) if window else SILENCE_LUFS


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


def hear(
    picture: Picture, warn: Callable[[str], None] = lambda _: None, check: Callable[[], None] = no_check
) -> Soundtrack:
    """Listens to the production sound of ``picture``.

    Args:
        picture: whose ``sound`` clips are heard; clips at the same time add up.
        warn: is told what could not be heard.
        check: called often; what it raises ends the listening.
    """
    heard: list[tuple[SoundClip, Hearing]] = []
    for clip in picture.sound:
        try:
            heard.append((clip, listen(clip, check)))
        except UNHEARD:
            warn(unheard(clip))
    return mixed(picture.duration, heard)


def listen(clip: SoundClip, check: Callable[[], None] = no_check) -> Hearing:
    """Listens to the span that one clip plays; raises one of ``UNHEARD`` where it cannot be read."""
    ear = _Ear()
    start, end = _span(clip)
    if start < end:
        with open_media(Path(clip.source.path)) as container:
            for full, small in _sound(container, start, end):
                check()
                ear.hear(full, small)
    return ear.hearing()


def unheard(clip: SoundClip) -> str:
    """The sentence for a clip that cannot be read."""
    return f"The sound of “{Path(clip.source.path).name}” could not be read; it is taken as silence."


def mixed(duration: Fraction, heard: Sequence[tuple[SoundClip, Hearing]]) -> Soundtrack:
    """The soundtrack of a picture of ``duration`` seconds in which all of ``heard`` plays."""
    energy = np.zeros(max(1, -int(-duration * 10 // 1)))
    speech: list[TimeRange] = []
    for clip, hearing in heard:
        _add_energy(energy, clip, hearing)
        speech += _speech(clip, hearing, duration)
    loudness = integrated_lufs(energy) if heard else None
    return Soundtrack(loudness, tuple(energy.tolist()), _merged(speech))


def integrated_lufs(energy: NDArray[np.float64]) -> float | None:
    """Gated loudness (ITU-R BS.1770-4) of K-weighted mean squares a tenth of a second apart; None for silence."""
    if len(energy) < _GATING_HOPS:
        return None
    blocks = np.convolve(energy, np.full(_GATING_HOPS, 1 / _GATING_HOPS), mode="valid")
    loud = blocks[blocks > 10 ** ((SILENCE_LUFS - _OFFSET) / 10)]
    if not len(loud):
        return None
    gated = loud[loud > loud.mean() / 10]
    return _lufs(float(gated.mean()))


def _lufs(mean_square: float) -> float:
    return max(SILENCE_LUFS, _OFFSET + 10 * float(np.log10(max(mean_square, 1e-12))))


def _merged(spans: Iterable[TimeRange]) -> tuple[TimeRange, ...]:
    """The union of ``spans``, in order."""
    merged: list[TimeRange] = []
    for span in sorted(spans, key=lambda span: span.start):
        if merged and span.start <= merged[-1].end:
            merged[-1] = TimeRange(merged[-1].start, max(merged[-1].end, span.end) - merged[-1].start)
        else:
            merged.append(span)
    return tuple(merged)


def _span(clip: SoundClip) -> tuple[Fraction, Fraction]:
    """The earliest and latest source time that ``clip`` plays."""
    ends = (clip.source.start, clip.source.start + clip.record.duration * clip.source.speed)
    return max(Fraction(0), min(ends)), max(ends)


def _add_energy(energy: NDArray[np.float64], clip: SoundClip, hearing: Hearing) -> None:
    """Adds the clip's loudness to that of the picture."""
    own = hearing.energy
    first = max(0, round(clip.record.start * 10))
    last = min(len(energy), -int(-clip.record.end * 10 // 1))
    if not len(own) or last <= first:
        return
    start, _ = _span(clip)
    record = (np.arange(first, last) + 0.5) / 10 - float(clip.record.start)
    speed = float(clip.source.speed)
    places = np.floor((record * speed + float(clip.source.start - start)) * 10 + 1e-6).astype(np.int64)
    inside = (places >= 0) & (places < len(own))
    energy[first:last][inside] += own[places[inside]]


def _speech(clip: SoundClip, hearing: Hearing, duration: Fraction) -> Iterator[TimeRange]:
    """Spans of speech on the picture's clock, within its ``duration``."""
    source, record = clip.source, clip.record
    whole = record.intersect(TimeRange(Fraction(0), duration))
    if whole is None or not Fraction(1, 2) <= abs(source.speed) <= 2:
        return
    earliest, _ = _span(clip)
    for start, end in hearing.speech:
        ends = [record.start + (earliest + time - source.start) / source.speed for time in (start, end)]
        span = TimeRange(min(ends), abs(ends[1] - ends[0])).intersect(whole)
        if span is not None:
            yield span


class _Ear:
    """Gathers what sound is like as it comes."""

    def __init__(self) -> None:
        self._energies: list[NDArray[np.float64]] = []
        self._weighted = Stream(K_WEIGHTING, 1)
        self._left = np.zeros((1, 0), np.float32)
        self._listener = listener()

    def hear(self, full: NDArray[np.float32], small: NDArray[np.float32]) -> None:
        """Takes the next block: ``[channels, samples]`` at 48 kHz, and the same as one voice at 16 kHz."""
        self._weigh(full)
        self._listener.hear(small)

    def hearing(self) -> Hearing:
        """All of it."""
        return Hearing(np.concatenate([np.zeros(0), *self._energies]), tuple(self._listener.spans()))

    def _weigh(self, block: NDArray[np.float32]) -> None:
        """Takes the K-weighted energy of a block ``[channels, samples]`` of sound at 48 kHz."""
        if len(self._left) != len(block):
            self._weighted = Stream(K_WEIGHTING, len(block))
            self._left = np.zeros((len(block), 0), np.float32)
        weighted = np.concatenate([self._left, self._weighted.feed(block)], axis=1)
        hops = weighted.shape[1] // _HOP
        self._left = weighted[:, hops * _HOP :]
        whole = weighted[:, : hops * _HOP].reshape(len(block), hops, _HOP)
        self._energies.append(np.square(whole).mean(axis=2).sum(axis=0))


def _sound(
    container: InputContainer, start: Fraction, end: Fraction
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """The sound between two times after the file's first frame, by blocks: as mixed ``[channels, samples]`` at 48 kHz,
    and as one voice ``[samples]`` at 16 kHz.
    """
    stream = next(iter(container.streams.audio), None)
    if stream is None:
        return
    picture = picture_stream(container)
    begin = picture or stream
    zero = Fraction(begin.start_time or 0) * Fraction(begin.time_base or 1)
    tick = Fraction(stream.time_base or Fraction(1, _RATE))
    if start > 0:
        container.seek(int((zero + start) / tick), stream=stream, backward=True)
    layout = "mono" if stream.channels == 1 else "stereo"
    wide = _Lane(AudioResampler("fltp", layout, _RATE), _RATE, start, end)
    narrow = _Lane(AudioResampler("fltp", "mono", SPEECH_RATE), SPEECH_RATE, start, end)
    for frame in _frames(container, stream):
        at = frame.pts * Fraction(frame.time_base) - zero if frame.pts is not None and frame.time_base else start
        wide.take(frame, at)
        narrow.take(frame, at)
        if wide.length >= _BLOCK_SECONDS * _RATE:
            yield wide.give(), narrow.give()[0]
        if wide.full:
            break
    if wide.length:
        yield wide.give(), narrow.give()[0]


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
    """Sound on its way through a resampler, trimmed to a span."""

    def __init__(self, resampler: AudioResampler, rate: int, start: Fraction, end: Fraction) -> None:
        self._resampler, self._rate, self._start = resampler, rate, start
        self._room = round((end - start) * rate)
        self._skip: int | None = None
        self._parts: list[NDArray[np.float32]] = []
        self._channels = 1 if resampler.layout.nb_channels == 1 else 2
        self.length = 0

    @property
    def full(self) -> bool:
        """Whether the end of the span is reached."""
        return self._room <= 0

    def take(self, frame: AudioFrame, at: Fraction) -> None:
        """Takes a frame that begins ``at`` seconds after the file's first picture; the first one sets the place."""
        if self._skip is None:
            offset = round((at - self._start) * self._rate)
            self._skip = max(0, -offset)
            if offset > 0:
                self._add(np.zeros((self._channels, min(offset, self._room)), np.float32))
        for part in self._resampler.resample(frame):
            # One sample of a float file that is no number would stay in the filters and silence all that follows.
            samples = np.nan_to_num(np.asarray(part.to_ndarray(), np.float32), posinf=0.0, neginf=0.0)
            kept = samples[:, self._skip :]
            self._skip -= samples.shape[1] - kept.shape[1]
            self._add(kept)

    def give(self) -> NDArray[np.float32]:
        """What is gathered, ``[channels, samples]``; it is gathered no longer."""
        parts, self._parts, self.length = self._parts, [], 0
        return np.concatenate([np.zeros((self._channels, 0), np.float32), *parts], axis=1)

    def _add(self, samples: NDArray[np.float32]) -> None:
        kept = samples[:, : max(self._room, 0)]
        self._room -= kept.shape[1]
        self.length += kept.shape[1]
        self._parts.append(kept)
