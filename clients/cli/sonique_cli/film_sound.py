"""The sound of a film and of a cue: read from files at 48 kHz, measured, and kept from clipping."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from sonique_sending.media import HELD, order_channels, sound_stream

Block = NDArray[np.float32]
"""Sound as float32 ``[samples, channels]``, full scale ±1."""

RATE = 48_000
"""Samples per second of everything here."""

_SILENCE_LUFS = -70.0
_HOP = RATE // 1000
_REACH = 10
_CEILING = 0.97
_JUMP = RATE // 20
_ASIDE = {"BL": "SL", "BR": "SR"}
"""How surround that stands behind in the usual order is called where it stands at the side."""

_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}


class FilmError(Exception):
    """The scored film could not be written; ``sentence`` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Loudness:
    """What was measured: length in samples, and integrated loudness in LUFS (-70 for silence)."""

    samples: int
    lufs: float


@dataclass(frozen=True, slots=True)
class Sound:
    """The main sound track of a file.

    Attributes:
        path: the file.
        origin: the time in that file, in seconds, which counts as 0.
        channels: 1, 2, 6 (5.1) or 8 (7.1), to which it is brought.
    """

    path: Path
    origin: Fraction
    channels: int

    def blocks(self) -> Iterator[Block]:
        """The sound from time 0 on; where the file has a hole or begins late, silence stands."""
        with _opened(self.path) as (container, orders):
            stream = sound_stream(container)
            if stream is None:
                raise FilmError(f"“{self.path.name}” holds no sound.")
            order = _order(stream, orders.get(stream.index, ()), self.channels)
            for block in _aligned(container, stream, self):
                yield block if order is None else block[:, order]


@contextlib.contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """The media file at ``path``; raises ``FilmError`` where there is none that can be read."""
    with _opened(path) as (container, _):
        yield container


def _order(stream: AudioStream, names: tuple[str, ...], channels: int) -> list[int] | None:
    """Where each channel of the usual order comes from, where a file has an order of its own; else None."""
    if not names or len(names) != channels or not stream.codec_context.name.startswith("pcm_"):
        return None  # other codecs bring their channels into the usual order themselves
    place = {name: index for index, name in enumerate(names)}
    usual = [channel.name for channel in av.AudioLayout(_LAYOUTS[channels]).channels]
    order = [place.get(name, place.get(_ASIDE.get(name, ""), -1)) for name in usual]
    return None if -1 in order else order


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, dict[int, tuple[str, ...]]]]:
    """The same, and the orders of channels of the file's own."""
    try:
        container = av.open(str(path.absolute()), options=dict(HELD), metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        raise FilmError(f"“{path}” cannot be read: {error.strerror or error}.") from error
    with container:
        yield container, order_channels(container)


def in_channels(block: Block, channels: int) -> Block:
    """A mono block on all of ``channels`` channels at its own level; any other as it is."""
    return np.repeat(block, channels, axis=1) if block.shape[1] == 1 else block


def loudness(blocks: Iterator[Block], begin: int, end: int | None, check: Callable[[], None]) -> Loudness:
    """Length of ``blocks``, and the loudness of their samples ``begin`` to ``end`` (BS.1770-4, gated).

    The K-weighting is put on the spectrum of each 100 ms instead of filtering in time, which agrees within 0.3 LU, the
    deepest notes the least.
    """
    tape, position, powers = Tape(blocks, 0, 0), 0, []
    while len(chunk := tape.take(RATE)):
        check()
        wanted = chunk[max(0, begin - position) : None if end is None else max(0, end - position)]
        powers.append(_powers(wanted))
        position += len(chunk)
    return Loudness(position, _gated(np.concatenate([*powers, np.zeros(0)])))


def _powers(chunk: Block) -> NDArray[np.float64]:
    """K-weighted power of each whole 100 ms of ``chunk``, all channels together."""
    size = RATE // 10
    whole = chunk[: len(chunk) // size * size]
    if not len(whole):
        return np.zeros(0)
    spectrum = np.fft.rfft(whole.reshape(-1, size, whole.shape[1]), axis=1)
    energy = np.square(np.abs(spectrum)).sum(axis=2) @ _k_weighting(size)
    return np.asarray(energy * 2 / size**2, np.float64)


def _k_weighting(size: int) -> NDArray[np.float64]:
    """The squared gain of BS.1770's two filters at each frequency of a transform of ``size`` samples."""
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    head = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    low_cut = (1 - z) ** 2 / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    return np.asarray(np.square(np.abs(head * low_cut)), np.float64)


def _gated(powers: NDArray[np.float64]) -> float:
    """Integrated loudness of powers a tenth of a second each."""
    if not len(powers):
        return _SILENCE_LUFS
    blocks = sliding_window_view(powers, min(4, len(powers))).mean(axis=1)
    for gate in (10 ** ((_SILENCE_LUFS + 0.691) / 10), None):
        blocks = blocks[blocks > (blocks.mean() / 10 if gate is None else gate)]
        if not len(blocks):
            return _SILENCE_LUFS
    return float(-0.691 + 10 * np.log10(blocks.mean()))


def _aligned(container: InputContainer, stream: AudioStream, sound: Sound) -> Iterator[Block]:
    """Decodes ``stream`` and puts every frame where its time says; small jitter of the times is let go."""
    resampler = av.AudioResampler(format="flt", layout=_LAYOUTS[sound.channels], rate=RATE)
    scale, origin = (stream.time_base or Fraction(1, RATE)) * RATE, round(sound.origin * RATE)
    position, skip = None, 0
    for frame in _decoded(container, stream):
        due = position if frame.pts is None else frame.pts * scale.numerator // scale.denominator - origin
        if due is not None and (position is None or abs(due - position) > _JUMP):
            gap = due - (position or 0)
            skip = max(0, -gap)
            if gap > 0:
                yield np.zeros((gap, sound.channels), np.float32)
            position = due
        position = (position or 0) + frame.samples * RATE // frame.sample_rate
        for part in resampler.resample(frame):
            block = _packed(part, sound.channels)
            yield block[skip:]
            skip = max(0, skip - len(block))
    for part in resampler.resample(None):
        yield _packed(part, sound.channels)[skip:]


def _decoded(container: InputContainer, stream: AudioStream) -> Iterator[av.AudioFrame]:
    """The frames of ``stream``; a damaged packet is left out, and a file that breaks off ends there."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            return
        if packet is None:
            return
        with contextlib.suppress(av.InvalidDataError):
            yield from stream.decode(packet)


def _packed(frame: av.AudioFrame, channels: int) -> Block:
    return np.asarray(frame.to_ndarray().reshape(-1, channels), np.float32)


class Tape:
    """Blocks of sound that begin ``lead`` samples late (or early, where negative), read in pieces of any size."""

    def __init__(self, blocks: Iterator[Block], lead: int, channels: int) -> None:
        self._blocks = blocks
        self._silence, self._skip = max(lead, 0), max(-lead, 0)
        self._held: Block | None = None
        self._channels = channels

    def take(self, size: int) -> Block:
        """The next ``size`` samples, fewer at the end, none after it."""
        parts = []
        if self._silence:
            parts.append(np.zeros((min(self._silence, size), self._channels), np.float32))
            self._silence -= len(parts[0])
        missing = size - sum(len(part) for part in parts)
        while missing and (part := self._piece(missing)) is not None:
            parts.append(part)
            missing -= len(part)
        return np.concatenate(parts) if parts else np.zeros((0, self._channels), np.float32)

    def read(self, size: int) -> Block:
        """The next ``size`` samples; silence after the end."""
        result = np.zeros((size, self._channels), np.float32)
        taken = self.take(size)
        result[: len(taken)] = taken
        return result

    def _piece(self, size: int) -> Block | None:
        """At most ``size`` samples, or None at the end."""
        while self._held is None or not len(self._held):
            block = next(self._blocks, None)
            if block is None:
                return None
            self._held, self._skip = block[self._skip :], max(0, self._skip - len(block))
        piece, self._held = self._held[:size], self._held[size:]
        return piece


def limited(blocks: Iterator[Block]) -> Iterator[Block]:
    """``blocks`` (each at least 40 ms, but for the last) with no sample above the ceiling.

    The gain falls within the 20 ms ahead of a peak and returns within 20 ms after it.
    """
    before = np.ones(2 * _REACH)
    current = next(blocks, None)
    while current is not None:
        following = next(blocks, None)
        wanted = _wanted_gain(current)
        ahead = np.ones(2 * _REACH)
        if following is not None:
            coming = _wanted_gain(following[: 2 * _REACH * _HOP])
            ahead[: len(coming)] = coming
        gains = np.concatenate([before, wanted, ahead])
        yield current if gains.min() >= 1.0 else _under(current, gains)
        before, current = gains[: -2 * _REACH][-2 * _REACH :], following


def _wanted_gain(block: Block) -> NDArray[np.float64]:
    """For each millisecond of ``block`` the gain that keeps it at the ceiling, at most 1."""
    if max(block.max(initial=0.0), -block.min(initial=0.0)) <= _CEILING:
        return np.ones(-(-len(block) // _HOP))
    peaks = np.pad(np.abs(block).max(axis=1), (0, -len(block) % _HOP)).reshape(-1, _HOP).max(axis=1)
    return np.asarray(np.minimum(1.0, _CEILING / np.maximum(peaks, 1e-9)), np.float64)


def _under(block: Block, gains: NDArray[np.float64]) -> Block:
    """``block`` under a smooth gain that is nowhere above ``gains``, which reach 20 ms past it on both sides."""
    lowest = sliding_window_view(gains, 2 * _REACH + 1).min(axis=1)
    window = np.hanning(2 * _REACH + 1)[1:-1]
    smooth = np.convolve(lowest, window / window.sum(), "valid")
    middles = (np.arange(len(smooth)) - 0.5) * _HOP
    curve = np.interp(np.arange(len(block)), middles, smooth)
    return np.asarray(block * curve[:, None], np.float32)
