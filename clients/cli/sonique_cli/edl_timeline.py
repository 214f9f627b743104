"""An edit decision list as an OTIO timeline: its events laid on tracks, where the record clock says."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import opentimelineio as otio

from sonique_cli.edl import EditList, Event

_BLACK = {"BL", "BLK", "BLACK"}
_UNNAMED = {"AX", "UNKNOWN", "GEN", "VIDEO", "BARS", *_BLACK}
"""Reels that name no tape and no file."""

_GENERATORS = re.compile(
    r"black video|slug|(?:hd )?bars and tone|universal counting leader|color matte|transparent video|adjustment layer",
    re.IGNORECASE,
)
"""What editing programs call the pictures that they make themselves."""

_IMAGES = re.compile(r"(?P<folder>(?:.*[\\/])?)(?P<prefix>[^\\/]*\.)\[(?P<first>\d+)-(?P<last>\d+)\](?P<suffix>\.\w+)")
_LOCATOR = re.compile(r"(\d\d[:;]\d\d[:;]\d\d[:;]\d\d)\s+(\w*)\s*(.*)")
_ROUNDING = 1
"""Frames by which source and record may differ without being of another speed."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """What a track holds of an event, in frames of the record clock."""

    start: int
    end: int
    event: Event
    fade: bool


def timeline_of(edit: EditList) -> otio.schema.Timeline:
    """The timeline that the list cuts, from its first recorded frame on.

    What lies under a key is on its track; what is keyed over it, as titles are, is left out. Where events overlap, the
    one that begins later shows.
    """
    tracks = {name: _laid(pieces) for name, pieces in _sorted_tracks(edit.events)}
    start = min((pieces[0].start for pieces in tracks.values() if pieces), default=0)
    timeline = otio.schema.Timeline(edit.title, global_start_time=_time(start, edit.rate))
    timeline.metadata["cmx_3600"] = {"dropframe": edit.drop_frame, "assumed_rate": edit.assumed}
    for name, pieces in tracks.items():
        kind = otio.schema.TrackKind.Video if name[0] == "V" else otio.schema.TrackKind.Audio
        track = otio.schema.Track(name, kind=kind)
        track.extend(_items(pieces, start, edit.rate))
        timeline.tracks.append(track)
    timeline.tracks.markers.extend(_markers(edit, start))
    return timeline


def _sorted_tracks(events: Iterable[Event]) -> list[tuple[str, list[_Piece]]]:
    """The events of each track in the order of the record clock; the video tracks first, the lowest before others."""
    tracks: dict[str, list[_Piece]] = {}
    for before, event in pairwise((None, *events)):
        assert event is not None
        if event.recorded <= 0 or event.effect in ("K", "KO"):
            continue
        for name in _names(event.channels):
            tracks.setdefault(name, []).append(_Piece(*event.record, event, _fades(event, before)))
    ordered = sorted(tracks, key=lambda name: (name[0] != "V", int(name[1:])))
    return [(name, sorted(tracks[name], key=lambda piece: piece.start)) for name in ordered]


def _fades(event: Event, before: Event | None) -> bool:
    """Whether the event blends into the picture before it; not where it does so into a black of no length."""
    from_black = before is not None and before.recorded == 0 and before.reel.upper() in _BLACK
    return event.effect in ("D", "W") and event.length > 0 and not from_black


def _names(channels: str) -> Iterator[str]:
    """The tracks that a list means by V, B, AA/V, A2/V, V2, A12 and their like."""
    for part in channels.split("/"):
        if part == "B":
            yield from ("V1", "A1")
        elif set(part) == {"A"}:
            yield from (f"A{index + 1}" for index in range(len(part)))
        elif re.fullmatch(r"(?:[AV]\d*)+", part):
            yield from (f"{kind}{int(number or 1)}" for kind, number in re.findall(r"([AV])(\d*)", part))
        elif part:
            yield "V1"


def _laid(pieces: list[_Piece]) -> list[_Piece]:
    """The pieces without overlaps: each ends where the next begins."""
    after = [piece.start for piece in pieces[1:]]
    cut = [replace(piece, end=min(piece.end, start)) for piece, start in zip(pieces, after, strict=False)]
    return [piece for piece in (*cut, *pieces[-1:]) if piece.end > piece.start]


def _items(pieces: list[_Piece], start: int, rate: Fraction) -> Iterator[Any]:
    """Clips, with gaps where nothing is recorded, and transitions where a picture blends into the one before."""
    if pieces and pieces[0].start > start:
        yield _gap(pieces[0].start - start, rate)
    for before, piece in pairwise((None, *pieces)):
        assert piece is not None
        if before is not None and piece.start > before.end:
            yield _gap(piece.start - before.end, rate)
        elif before is not None and piece.fade:
            yield _transition(piece, rate)
        yield _clip(piece, rate)


def _gap(length: int, rate: Fraction) -> otio.schema.Gap:
    return otio.schema.Gap(source_range=_range(0, length, rate))


def _transition(piece: _Piece, rate: Fraction) -> otio.schema.Transition:
    length = min(piece.event.length, piece.end - piece.start)
    dissolve = otio.schema.TransitionTypes.SMPTE_Dissolve
    kind = "SMPTE_Wipe" if piece.event.effect == "W" else dissolve
    return otio.schema.Transition(kind, kind, in_offset=_time(0, rate), out_offset=_time(length, rate))


def _clip(piece: _Piece, rate: Fraction) -> otio.schema.Clip:
    event = piece.event
    speed = _speed(event, rate)
    span = _range(event.source[0], piece.end - piece.start, rate)
    clip = otio.schema.Clip(_name(event), _reference(event, rate), span)
    clip.metadata["cmx_3600"] = {"reel": event.reel}
    if speed == 0:
        clip.effects.append(otio.schema.FreezeFrame())
    elif speed != 1:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(speed)))
    return clip


def _speed(event: Event, rate: Fraction) -> Fraction:
    """Source frames for each recorded one: as a note says, else as source and record say by their lengths."""
    motion = event.motion()
    if motion is not None:
        nominal = -(-rate // 1)
        exact = Fraction(motion).limit_denominator(1000)
        return Fraction(1 if motion > 0 else -1) if abs(abs(exact) - nominal) < Fraction(1, 10) else exact / nominal
    if any("FREEZE FRAME" in note.upper() for note in event.notes):
        return Fraction(0)
    played = event.source[1] - event.source[0]
    return Fraction(1) if not played or abs(played - event.recorded) <= _ROUNDING else Fraction(played, event.recorded)


def _name(event: Event) -> str:
    """What the clip is called: a dissolve leads to the second of the two clips that are named."""
    names = (*(event.told("TO CLIP NAME") if event.effect in ("D", "W") else ()), *event.told("FROM CLIP NAME"))
    path = _path(event)
    if event.reel.upper() in _BLACK:
        return "black"
    return next(filter(None, names), "") or (_stem(path) if path else event.reel)


def _path(event: Event) -> str:
    """The path of the file, where a note names one."""
    if event.effect in ("D", "W") and event.told("TO CLIP NAME"):
        paths = (*event.told("TO CLIP", "TO FILE"), *event.told("FROM CLIP", "FROM FILE")[1:])
    else:
        paths = event.told("FROM CLIP", "FROM FILE")
    return next(filter(None, paths), "")


def _stem(path: str) -> str:
    pure = PureWindowsPath(path) if "\\" in path else PurePosixPath(path)
    return pure.stem or path


def _reference(event: Event, rate: Fraction) -> otio.core.MediaReference:
    name, path = _name(event), _path(event)
    if event.reel.upper() in _BLACK or event.reel.upper() == "BARS" or _GENERATORS.fullmatch(name):
        return otio.schema.GeneratorReference(name, "SMPTEBars" if event.reel.upper() == "BARS" else name)
    images = _IMAGES.fullmatch(path)
    if images:
        return _image_sequence(images, event, rate)
    if path:
        return otio.schema.ExternalReference(target_url=path)
    source = _source_file(event)
    if "/" in source or "\\" in source:
        return otio.schema.ExternalReference(target_url=source)
    return otio.schema.MissingReference(source or _file_of(event.reel))


def _source_file(event: Event) -> str:
    """The file or tape that a note names; of a dissolve's two, the second is what it leads to."""
    files = event.told("SOURCE FILE")
    if event.effect in ("D", "W") and event.told("TO CLIP NAME"):
        files = files[1:]
    return next((name for name in files if name and name.upper() != "(NULL)"), "")


def _file_of(reel: str) -> str:
    """The reel where it may be a file's name; a number is a tape's."""
    return "" if reel.upper() in _UNNAMED or reel.isdigit() else reel


def _image_sequence(images: re.Match[str], event: Event, rate: Fraction) -> otio.schema.ImageSequenceReference:
    first, last = int(images["first"]), int(images["last"])
    return otio.schema.ImageSequenceReference(
        target_url_base=images["folder"],
        name_prefix=images["prefix"],
        name_suffix=images["suffix"],
        start_frame=first,
        frame_zero_padding=len(images["first"]),
        rate=float(rate),
        available_range=_range(event.source[0], last - first + 1, rate),
    )


def _markers(edit: EditList, start: int) -> Iterator[otio.schema.Marker]:
    """The locators of a list, which stand on its record clock."""
    for text in dict.fromkeys(text for event in edit.events for text in event.told("LOC")):
        match = _LOCATOR.fullmatch(text)
        if match:
            at = edit.frames(match[1]) - start
            yield otio.schema.Marker(match[3], _range(at, 0, edit.rate), _color(match[2]))


def _color(word: str) -> str:
    return word.upper() if hasattr(otio.schema.MarkerColor, word.upper()) else otio.schema.MarkerColor.RED


def _time(frames: int, rate: Fraction) -> otio.opentime.RationalTime:
    return otio.opentime.RationalTime(frames, float(rate))


def _range(start: int, length: int, rate: Fraction) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(_time(start, rate), _time(length, rate))
