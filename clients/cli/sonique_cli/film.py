"""The scored film: the picture copied packet by packet, and the music mixed under its own sound.

The picture is never re-encoded. The film's sound keeps its level; the music is brought ``UNDER_LU`` below it by one
steady gain, measured from both over the span of the music, and plays at its own level where the film has no sound to
speak of. Where the sum would clip, a limiter takes the peak down.
"""

import errno
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream
from sonique_sending.media import frame_rate, picture_stream, sound_stream

from sonique_cli.film_rest import Rest, added, copy_chapters, dated, is_cover, is_over, left_out, name_alike, rest_of
from sonique_cli.film_sound import (
    RATE,
    Block,
    FilmError,
    Sound,
    Tape,
    in_channels,
    limited,
    loudness,
    opened,
)

__all__ = ["FilmError", "write_scored_film"]

UNDER_LU = 14.0
"""How far below the film's sound the music lies, in LU: a bed that leaves speech clear to most listeners."""

NO_SOUND_LUFS = -60.0
"""Sound quieter than this is no sound to stay under."""

_CHUNK = RATE

_PADDING = RATE // 10
"""Sound that goes on for less than this, in samples, after its track has ended, filled up an encoder's last block."""

_Packet: TypeAlias = "Packet[Any]"
_Codec = tuple[str, dict[str, str], int]
_AAC: _Codec = ("aac", {"aac_coder": "fast", "aac_tns": "0", "aac_is": "0", "aac_pns": "0"}, 128_000)
_OPUS: _Codec = ("libopus", {}, 80_000)
_PCM: _Codec = ("pcm_s16le", {}, 0)
_FINE_PCM: _Codec = ("pcm_s24le", {}, 0)
_SOUND_CODECS: dict[str, _Codec] = {
    **dict.fromkeys((".mp4", ".m4v", ".mov", ".mkv", ".ts", ".mts", ".m2ts", ".flv", ".3gp"), _AAC),
    ".webm": _OPUS,
    **dict.fromkeys((".avi", ".mxf"), _PCM),
}
"""For each container its codec, the codec's options, and bits per second and channel."""

_MASTERS = (".mov", ".mkv")
"""Containers in which uncompressed sound stays uncompressed."""

_QUICKTIME = (".mp4", ".m4v", ".mov")
_HEVC_TAGS = ("hvc1", "hev1")
"""Names of HEVC there: QuickTime plays the first alone, which FFmpeg writes where it is told to alone."""

_SURROUND = {6: "5.1", 8: "7.1"}
_STALE = ("major_brand", "minor_version", "compatible_brands", "encoder")


def write_scored_film(
    picture: Path,
    music: Path,
    out: Path,
    start: Fraction = Fraction(0),
    told: Callable[[float], None] = lambda _: None,
) -> tuple[str, ...]:
    """Writes ``out``: the picture of ``picture``, bit by bit, with ``music`` mixed under its sound.

    Rotation, aspect, colour, timecode and tags are carried over. The main sound track carries the music, with its 5.1
    or 7.1 channels where the container's codec has them, else in stereo, and uncompressed (24 bits) where it is so in a
    container that masters are kept in. Further sound tracks, subtitles, chapters, cover image and fonts are copied as
    they are, where the container can hold them. Memory stays bounded, however long the film is.

    Args:
        picture: the film.
        music: the cue as an audio file.
        out: where to write; its ending decides the container. Nothing may stand there yet.
        start: seconds from the film's first frame at which the music begins.
        told: called at least once a second of film with the share that is written, 0 to 1; may raise to stop, and
            nothing is left behind.

    Returns:
        What the film had and the container cannot hold, each as the user calls it: “subtitles (ass)”.

    Raises:
        FilmError: a file cannot be read or written, or the container cannot hold the picture.
    """
    if out.exists():
        raise FilmError(f"“{out}” is there already; give another name or remove it.")
    if out.suffix.lower() not in _SOUND_CODECS:
        raise FilmError(f"A film cannot be written as “{out.suffix}”; give a name that ends in .mp4, .mov or .mkv.")
    part = out.with_name(f".sonique-{secrets.token_hex(6)}{out.suffix}")
    try:
        plan = _planned(picture, music, start, _kept_channels(out.suffix), partial(told, 0.0))
        left = _written(plan, part, told)
        part.rename(out)
    except FilmError:
        raise
    except (av.FFmpegError, OSError, ValueError) as error:
        raise FilmError(f"“{out.name}” cannot be written: {_reason(error)}.") from error
    finally:
        part.unlink(missing_ok=True)
    return left


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be written: times in samples at 48 kHz from the first frame on."""

    picture: Path
    origin: Fraction
    samples: int
    sound: Sound | None
    music: Sound
    music_start: int
    music_gain: float

    @property
    def channels(self) -> int:
        return 2 if self.sound is None else max(2, self.sound.channels)


def _kept_channels(suffix: str) -> tuple[int, ...]:
    """The numbers of channels that a sound track keeps in that container; any other becomes stereo."""
    return (1,) if _SOUND_CODECS[suffix.lower()] is _OPUS else (1, *_SURROUND)


def _planned(picture: Path, music: Path, start: Fraction, kept: tuple[int, ...], check: Callable[[], None]) -> _Plan:
    """Reads both files through once: lengths and loudness."""
    score, begin = Sound(music, Fraction(0), 2), round(start * RATE)
    heard = loudness(score.blocks(), 0, None, check)
    with opened(picture) as container:
        origin, end = _picture_span(container, picture, check)
        sound = _sound_of(container, picture, origin, kept)
        said = _said_samples(container, origin)
    samples, gain = round((end - origin) * RATE), 1.0
    if sound is not None:
        under = loudness(sound.blocks(), begin, begin + heard.samples, check)
        samples = max(samples, said if 0 < under.samples - said < _PADDING else under.samples)
        if under.lufs > NO_SOUND_LUFS:
            gain = min(1.0, 10 ** ((under.lufs - UNDER_LU - heard.lufs) / 20))
    return _Plan(picture, origin, samples, sound, score, begin, gain)


def _picture_span(container: InputContainer, picture: Path, check: Callable[[], None]) -> tuple[Fraction, Fraction]:
    """Times in the file at which the first frame shows and the last one ends."""
    stream = _main_picture(container, picture)
    first, last = None, 0
    for packet in container.demux(stream):
        check()
        if packet.pts is not None:
            first = packet.pts if first is None else min(first, packet.pts)
            last = max(last, packet.pts + (packet.duration or 0))
    if first is None or stream.time_base is None:
        raise FilmError(f"“{picture.name}” holds no picture that can be copied.")
    return max(first, 0) * stream.time_base, last * stream.time_base


def _sound_of(container: InputContainer, picture: Path, origin: Fraction, kept: tuple[int, ...]) -> Sound | None:
    """The film's main sound track with the channels that will be kept of it, or None for a silent film."""
    stream = sound_stream(container)
    if stream is None:
        return None
    channels = stream.codec_context.channels
    return Sound(picture, origin, channels if channels in kept else 2)


def _said_samples(container: InputContainer, origin: Fraction) -> int:
    """Where the main sound track, or else the film, is said to end, in samples after ``origin``; 0 where nothing is."""
    stream, end = sound_stream(container), Fraction(container.duration or 0, 1_000_000)
    if stream is not None and stream.duration and stream.time_base is not None:
        end = ((stream.start_time or 0) + stream.duration) * stream.time_base
    return max(0, round((end - origin) * RATE))


def _main_picture(container: InputContainer, picture: Path) -> VideoStream:
    """The picture that was looked at."""
    stream = picture_stream(container)
    if stream is None:
        raise FilmError(f"“{picture.name}” holds no picture that can be copied.")
    return stream


def _written(plan: _Plan, part: Path, told: Callable[[float], None]) -> tuple[str, ...]:
    """Writes the film with all that can be copied, or without where that cannot be, and says what was left out."""
    try:
        return _write(plan, part, told, rest_of)
    except (av.FFmpegError, ValueError) as error:
        if getattr(error, "errno", None) == errno.ENOSPC:
            raise
        part.unlink(missing_ok=True)
        return _write(plan, part, told, left_out)


def _write(plan: _Plan, part: Path, told: Callable[[float], None], choose: Callable[..., Rest]) -> tuple[str, ...]:
    """Writes picture and sound side by side, so that neither waits in memory for the other; says what was left out."""
    with opened(plan.picture) as source, av.open(str(part.absolute()), "w") as target:
        video = _main_picture(source, plan.picture)
        target.metadata.update({key: text for key, text in source.metadata.items() if key.lower() not in _STALE})
        copied = _copied_picture(video, target, part.suffix)
        encoded = _sound_packets(plan, _mixed_sound(plan, source, target, part.suffix.lower()))
        rest = choose(source, (video, sound_stream(source)), video, target.format.name)
        others = added(target, rest, plan.picture)
        copy_chapters(source, target, plan.origin)
        moving = [stream for stream in rest.kept if stream.type != "attachment"]
        heard = Fraction(-1)
        for packet in _film_packets(source.demux(video, *moving), video, plan.origin):
            told(_share(heard, plan))
            of_picture = packet.stream.index == video.index
            while of_picture and _decoded_at(packet) > heard and (batch := next(encoded, None)) is not None:
                heard, packets = batch
                target.mux(packets)
            packet.stream = copied if of_picture else others[packet.stream.index]
            target.mux(packet)
        for heard, packets in encoded:
            told(_share(heard, plan))
            target.mux(packets)
    return rest.left


def _share(heard: Fraction, plan: _Plan) -> float:
    """How much of the film is written when its sound is up to ``heard``, in seconds."""
    return min(1.0, max(0.0, float(heard * RATE / max(1, plan.samples))))


def _mixed_sound(plan: _Plan, source: InputContainer, target: OutputContainer, suffix: str) -> AudioStream:
    """The track of ``target`` that takes film sound and music, named as the film's own."""
    codec, options, bit_rate = _sound_codec(source, suffix)
    sound = target.add_stream(codec, rate=RATE, options=options, layout=_layout(plan.channels))
    assert isinstance(sound, AudioStream)
    if bit_rate:
        sound.bit_rate = bit_rate * plan.channels
    sound.disposition = Disposition.default
    if (own := sound_stream(source)) is not None:
        name_alike(sound, own)
    return sound


def _layout(channels: int) -> str:
    return _SURROUND.get(channels, "stereo")


def _sound_codec(source: InputContainer, suffix: str) -> _Codec:
    """How the sound of the film is written into a container of that kind."""
    own = sound_stream(source)
    if suffix in _MASTERS and own is not None and own.codec_context.name.startswith("pcm_"):
        return _FINE_PCM
    return _SOUND_CODECS[suffix]


def _copied_picture(video: VideoStream, target: OutputContainer, suffix: str) -> Stream:
    """The stream of ``target`` that takes the packets of ``video`` as they are."""
    try:
        copied = target.add_stream_from_template(video, opaque=True)
    except ValueError as error:
        codec, other = video.codec_context.name, ".mov" if suffix.lower() == ".mkv" else ".mkv"
        raise FilmError(f"A {suffix} file cannot hold {codec} picture; give a name that ends in {other}.") from error
    copied.metadata.update(video.metadata)
    if suffix.lower() in _QUICKTIME and not video.codec_context.framerate:  # ProRes names none, and timecode needs it
        copied.codec_context.framerate = frame_rate(video)
    if video.codec_context.name == "hevc" and suffix.lower() in _QUICKTIME:
        own = video.codec_context.codec_tag
        copied.codec_context.codec_tag = own if own in _HEVC_TAGS else _HEVC_TAGS[0]
    return copied


def _film_packets(packets: Iterator[_Packet], video: VideoStream, origin: Fraction) -> Iterator[_Packet]:
    """The packets to copy, on a clock that is 0 at the picture's first frame; those of ``video`` with both times each.

    Matroska leaves the decoding time out of the first ones where frames are reordered.
    """
    waiting: list[_Packet] = []
    for packet in packets:
        if not packet.size:
            continue
        if packet.stream.index != video.index:
            begin = Fraction(0) if is_cover(packet.stream) else origin
            yield from (other for other in _shifted([dated(packet)], begin) if not is_over(other, begin))
            continue
        waiting.append(packet)
        if packet.dts is not None:
            yield from _shifted(_dated_back(waiting), origin)
            waiting = []
    for packet in waiting:
        packet.dts = packet.pts
    yield from _shifted(waiting, origin)


def _shifted(packets: list[_Packet], origin: Fraction) -> Iterator[_Packet]:
    for packet in packets:
        shift = round(origin / (packet.time_base or 1))
        packet.dts = (packet.dts or 0) - shift
        if packet.pts is not None:
            packet.pts -= shift
        yield packet


def _dated_back(packets: list[_Packet]) -> list[_Packet]:
    """Counts back by the packets' durations from the last of them, the only one with a decoding time."""
    time = packets[-1].dts or 0
    for packet in reversed(packets[:-1]):
        time -= packet.duration or 1
        packet.dts = time
    return packets


def _mix(plan: _Plan, channels: int) -> Iterator[Block]:
    """The film's sound and the music in chunks of one second."""
    sound = Tape(plan.sound.blocks() if plan.sound else iter(()), 0, plan.sound.channels if plan.sound else 2)
    music = Tape(plan.music.blocks(), plan.music_start, 2)
    gain = np.float32(plan.music_gain)
    for position in range(0, plan.samples, _CHUNK):
        size = min(_CHUNK, plan.samples - position)
        mixed = in_channels(sound.read(size), channels)
        mixed[:, :2] += gain * music.read(size)
        yield mixed


def _ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """``blocks``, each made while the one before it is used: decoding and encoding share two cores."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = pool.submit(next, blocks, None)
            yield block


def _decoded_at(packet: _Packet) -> Fraction:
    """When a player decodes the packet, in seconds."""
    return Fraction(packet.dts or 0) * (packet.time_base or 1)


def _sound_packets(plan: _Plan, stream: AudioStream) -> Iterator[tuple[Fraction, list[_Packet]]]:
    """For each block the time in seconds up to which sound was taken in, and the packets that came of it."""
    position, layout = 0, _layout(plan.channels)
    for block in _ahead(limited(_mix(plan, plan.channels))):
        packed = np.ascontiguousarray(block).reshape(1, -1)  # of planes PyAV counts one too many where there are eight
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = RATE, position, Fraction(1, RATE)
        position += len(block)
        yield Fraction(position, RATE), stream.encode(frame)
    yield Fraction(position, RATE), stream.encode(None)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
