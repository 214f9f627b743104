"""What a film holds beside its picture and its main sound, copied as it is.

Further sound tracks, subtitles, a cover image, chapters, and the fonts that its subtitles are set in.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

_KINDS = {"audio": "sound", "subtitle": "subtitles", "video": "picture", "attachment": "attachment"}
"""What is copied, by its kind, and what it is called. Data is not among them: timecode is carried with the picture, and
a camera's telemetry is held by the camera's own format alone."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The other tracks of a film.

    Attributes:
        kept: those that the new film holds too, in the film's order.
        left: what the others are, for the user to read: “subtitles (ass)”.
    """

    kept: tuple[Stream, ...]
    left: tuple[str, ...]


def rest_of(source: InputContainer, mixed: Iterable[Stream | None], picture: VideoStream, kind: str) -> Rest:
    """What of ``source``, but for the tracks in ``mixed``, a film of the kind ``kind`` can begin with.

    Args:
        source: the film.
        mixed: the tracks that are written anyhow.
        picture: its main picture, without which many a kind of film cannot begin.
        kind: FFmpeg's name of the container that is written.
    """
    others = _others(source, mixed)
    kept = tuple(stream for stream in others if _held(picture, stream, kind))
    return Rest(kept, tuple(_called(stream) for stream in others if stream not in kept))


def left_out(source: InputContainer, mixed: Iterable[Stream | None], _picture: VideoStream, _kind: str) -> Rest:
    """The same where nothing is copied, for a track with which a film began and could not go on."""
    return Rest((), tuple(map(_called, _others(source, mixed))))


def _others(source: InputContainer, mixed: Iterable[Stream | None]) -> list[Stream]:
    taken = {stream.index for stream in mixed if stream is not None}
    return [stream for stream in source.streams if stream.index not in taken and stream.type in _KINDS]


def _held(picture: VideoStream, other: Stream, kind: str) -> bool:
    """Whether a film of that kind can begin with both tracks, which FFmpeg says for certain only when it writes one."""
    try:
        with av.open(io.BytesIO(), "w", format=kind) as trial:
            trial.add_stream_from_template(picture, opaque=True)
            trial.add_stream_from_template(other, opaque=True)
            trial.start_encoding()
    except (av.FFmpegError, ValueError):
        return False
    return True


def _called(stream: Stream) -> str:
    codec = getattr(stream.codec_context, "name", None) or getattr(stream, "name", None) or "unknown"
    return f"{_KINDS[stream.type]} ({codec})"


def added(target: OutputContainer, kept: Sequence[Stream]) -> dict[int, Stream]:
    """New tracks of ``target`` for ``kept``, by the index that each has in the film."""
    return {stream.index: _added(target, stream) for stream in kept}


def _added(target: OutputContainer, stream: Stream) -> Stream:
    new = target.add_stream_from_template(stream, opaque=True)
    name_alike(new, stream)
    new.disposition = stream.disposition & ~Disposition.default if stream.type == "audio" else stream.disposition
    return new


def name_alike(new: Stream, old: Stream) -> None:
    """Gives ``new`` the language and the title of ``old``; QuickTime reads as “name” what it writes as “title”."""
    tags = old.metadata
    title = tags.get("title") or tags.get("name")
    new.metadata.update({"title": title} if title else {})
    new.metadata.update({key: tags[key] for key in ("language", "handler_name") if key in tags})


def copy_chapters(source: InputContainer, target: OutputContainer, origin: Fraction) -> None:
    """The chapters of ``source``, on a clock that is 0 at ``origin`` (seconds); what lies before goes."""
    moved: list[Any] = []
    for chapter in source.chapters():
        shift = round(origin / (chapter["time_base"] or 1))
        start, end = max(0, chapter["start"] - shift), chapter["end"] - shift
        if end > start:
            moved.append({**chapter, "start": start, "end": end})
    target.set_chapters(moved)


def dated(packet: "Packet[Any]") -> "Packet[Any]":
    """The packet with both times: a cover image has none, and shows from the beginning."""
    packet.pts = packet.pts or 0
    packet.dts = packet.pts if packet.dts is None else packet.dts
    return packet


def is_over(packet: "Packet[Any]", origin: Fraction) -> bool:
    """Whether a packet, on a clock that is 0 at ``origin`` (seconds), ends before.

    What a file itself puts before its beginning is an encoder's lead-in, and is of use.
    """
    return origin > 0 and (packet.pts or 0) + (packet.duration or 0) < 0
