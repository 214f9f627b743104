"""What a film holds beside its picture and its main sound, copied as it is.

Further sound tracks, subtitles, a cover image, chapters, and the fonts that its subtitles are set in.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from sonique_cli.film_sound import opened

_KINDS = {"audio": "sound", "subtitle": "subtitles", "video": "picture", "attachment": "attachment"}
"""What is copied, by its kind, and what it is called. Data is not among them: timecode is carried with the picture, and
a camera's telemetry is held by the camera's own format alone."""


_ATTACHING = ("matroska",)
_COVERED = ("mp4", "ipod")
"""Containers that hold a cover image: as an attachment, and as a track that is marked as one."""

_IMAGES = {
    "mjpeg": ("jpg", "image/jpeg"),
    "png": ("png", "image/png"),
    "bmp": ("bmp", "image/bmp"),
    "gif": ("gif", "image/gif"),
    "webp": ("webp", "image/webp"),
    "tiff": ("tif", "image/tiff"),
}
"""For each codec of a cover image the ending of its file's name, and its media type."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The other tracks of a film.

    Attributes:
        kept: those that the new film holds too, in the film's order.
        left: what the others are, for the user to read: “subtitles (ass)”.
        attached: cover images that become attachments of the new film.
    """

    kept: tuple[Stream, ...]
    left: tuple[str, ...]
    attached: tuple[Stream, ...] = ()


def rest_of(source: InputContainer, mixed: Iterable[Stream | None], picture: VideoStream, kind: str) -> Rest:
    """What of ``source``, but for the tracks in ``mixed``, a film of the kind ``kind`` can begin with.

    Args:
        source: the film.
        mixed: the tracks that are written anyhow.
        picture: its main picture, without which many a kind of film cannot begin.
        kind: FFmpeg's name of the container that is written.
    """
    others = _others(source, mixed)
    attached = tuple(stream for stream in others if kind in _ATTACHING and _is_image(stream))
    tracks = [stream for stream in others if stream not in attached]
    kept = tuple(stream for stream in tracks if _held(picture, stream, kind))
    return Rest(kept, tuple(_called(stream) for stream in tracks if stream not in kept), attached)


def left_out(source: InputContainer, mixed: Iterable[Stream | None], _picture: VideoStream, _kind: str) -> Rest:
    """The same where nothing is copied, for a track with which a film began and could not go on."""
    return Rest((), tuple(map(_called, _others(source, mixed))))


def _others(source: InputContainer, mixed: Iterable[Stream | None]) -> list[Stream]:
    taken = {stream.index for stream in mixed if stream is not None}
    return [stream for stream in source.streams if stream.index not in taken and stream.type in _KINDS]


def _held(picture: VideoStream, other: Stream, kind: str) -> bool:
    """Whether a film of that kind can begin with both tracks, which FFmpeg says for certain only when it writes one.

    It takes a cover image as one more track everywhere, where most kinds have no place for one.
    """
    if is_cover(other) and kind not in _COVERED:
        return False
    try:
        with av.open(io.BytesIO(), "w", format=kind) as trial:
            trial.add_stream_from_template(picture, opaque=True)
            trial.add_stream_from_template(other, opaque=True)
            trial.start_encoding()
    except (av.FFmpegError, ValueError):
        return False
    return True


def _called(stream: Stream) -> str:
    kind = "cover image" if is_cover(stream) else _KINDS[stream.type]
    return f"{kind} ({_codec(stream)})"


def _codec(stream: Stream) -> str:
    return getattr(stream.codec_context, "name", None) or getattr(stream, "name", None) or "unknown"


def is_cover(stream: Stream) -> bool:
    """Whether the track is one cover image; pictures of chapters, which have times, are none."""
    return bool(stream.disposition & Disposition.attached_pic) and not (
        stream.disposition & Disposition.timed_thumbnails
    )


def _is_image(stream: Stream) -> bool:
    """Whether the track is a cover that is an image file as it is."""
    return is_cover(stream) and _codec(stream) in _IMAGES


def added(target: OutputContainer, rest: Rest, film: Path) -> dict[int, Stream]:
    """New tracks of ``target`` for what is kept of ``film``, by the index that each has there; attaches its covers."""
    for cover in rest.attached:
        ending, mimetype = _IMAGES[_codec(cover)]
        target.add_attachment(cover.metadata.get("filename") or f"cover.{ending}", mimetype, _image(film, cover))
    return {stream.index: _added(target, stream) for stream in rest.kept}


def _image(film: Path, cover: Stream) -> bytes:
    """The image file that a cover is; it comes before anything else of a film is read."""
    with opened(film) as container:
        return next((bytes(packet) for packet in container.demux(container.streams[cover.index]) if packet.size), b"")


def _added(target: OutputContainer, stream: Stream) -> Stream:
    new = target.add_stream_from_template(stream, opaque=True)
    name_alike(new, stream)
    new.disposition = _disposition(stream)
    return new


def _disposition(stream: Stream) -> Disposition:
    """What the copy of a track is marked as: the main sound is the default alone, and a cover is a cover alone."""
    if is_cover(stream):
        return Disposition.attached_pic
    return stream.disposition & ~Disposition.default if stream.type == "audio" else stream.disposition


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
    """The packet with both times."""
    packet.pts = packet.pts or 0
    packet.dts = packet.pts if packet.dts is None else packet.dts
    return packet


def is_over(packet: "Packet[Any]", origin: Fraction) -> bool:
    """Whether a packet, on a clock that is 0 at ``origin`` (seconds), ends before.

    What a file itself puts before its beginning is an encoder's lead-in, and is of use.
    """
    return origin > 0 and (packet.pts or 0) + (packet.duration or 0) < 0
