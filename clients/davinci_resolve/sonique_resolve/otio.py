"""A scored timeline: an OTIO document with one more audio track that holds the music, and nothing else changed.

The document stays plain JSON from end to end, so that whatever an editor wrote into it, known to OpenTimelineIO or not,
is there afterwards as it was. Where it is DaVinci Resolve's, the new track has Resolve's shape: bare paths, its own
metadata, and the gain under speech as keyframes of the clip's volume. The music's file begins at time 0, and so do the
ranges of its clip: Resolve imports nothing at all where a clip's range and its file's own start do not agree.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from sonique_resolve.errors import OtioRefused
from sonique_resolve.otio_ducking import Key
from sonique_resolve.timeline import OWN_NAME, exact_fps, is_own_name

Json = dict[str, Any]

RESOLVE = "Resolve_OTIO"
"""Name of the block in which Resolve keeps what OTIO has no word for."""

OURS = "sonique"
"""Name of the block in which a cue says where it comes from."""

_QUIETEST_DB, _LOUDEST_DB = -100.0, 30.0
_VOLUME_TYPE = 62
_WRAPPED = ("Stack", "Track", "Clip")


@dataclass(frozen=True, slots=True)
class Cue:
    """Music that belongs on a timeline; all frames are the timeline's.

    Attributes:
        media: its WAV file.
        start_frame: where it begins, counted from the timeline's beginning.
        frames: how long it plays.
        media_frames: how many whole frames the file holds.
        rate: the timeline's frames per second.
        gain: how it makes room for speech.
        provenance: where it comes from: anything that JSON can hold.
    """

    media: Path
    start_frame: int
    frames: int
    media_frames: int
    rate: Fraction
    gain: tuple[Key, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)


def read_document(text: str) -> Json:
    """The document: a Timeline, or a Stack, Track or Clip, which is wrapped into one.

    Raises:
        OtioRefused: it is no OTIO document, or holds no timeline or several.
    """
    try:
        found = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise OtioRefused(f"The timeline is no JSON that can be read ({error}); export it again.") from None
    document = found if schema(found) not in _WRAPPED else _timeline_of(found)
    stack_of(document)
    return document


def write_document(document: Json) -> str:
    """The document as text."""
    return json.dumps(document, ensure_ascii=False, indent=4) + "\n"


def schema(thing: object) -> str:
    """The name of an object's OTIO schema without its version, or ""."""
    return str(thing.get("OTIO_SCHEMA", "")).partition(".")[0] if isinstance(thing, dict) else ""


def timeline_in(document: Json) -> Json:
    """The timeline itself: the document, or the only timeline of a collection.

    Raises:
        OtioRefused: there is none, or several.
    """
    if schema(document) == "Timeline":
        return document
    children = document.get("children") if "Collection" in schema(document) else None
    timelines = [child for child in children or () if schema(child) == "Timeline"]
    if len(timelines) != 1:
        raise OtioRefused(f"The document holds {len(timelines)} timelines; export the one that is to be scored.")
    only: Json = timelines[0]
    return only


def stack_of(document: Json) -> Json:
    """The stack of the timeline's tracks; raises ``OtioRefused`` where there is none."""
    stack = timeline_in(document).get("tracks")
    if not isinstance(stack, dict) or not isinstance(stack.get("children"), list):
        raise OtioRefused("The timeline has no tracks; export it again.")
    return stack


def begins(document: Json) -> Fraction:
    """Where the timeline begins on its record clock, in seconds."""
    start = timeline_in(document).get("global_start_time")
    return seconds(start) if isinstance(start, dict) else Fraction(0)


def seconds(time: object) -> Fraction:
    """A ``RationalTime`` in seconds; whole frames of the broadcast rates are exact.

    Raises:
        OtioRefused: it is none.
    """
    try:
        held = time if isinstance(time, dict) else {}
        value, spelt = float(held["value"]), float(held["rate"])
        rate = exact_fps(spelt) or Fraction(spelt).limit_denominator(1_000_000)
        return (Fraction(round(value)) if abs(value - round(value)) < 1e-6 else Fraction(value)) / rate
    except (KeyError, TypeError, ValueError, OverflowError, ZeroDivisionError):
        raise OtioRefused(f"The timeline holds {time!r}, which is no time; export it again.") from None


def is_resolves(document: Json) -> bool:
    """Whether DaVinci Resolve wrote the document."""
    timeline = timeline_in(document)
    return any(
        isinstance(item, dict) and isinstance(metadata := item.get("metadata"), dict) and RESOLVE in metadata
        for item in (timeline, *stack_of(document)["children"])
    )


def unheard(document: Json) -> Json:
    """A copy in which the tracks with earlier music are off, so that it is not taken for the production's sound."""
    fresh = copy.deepcopy(document)
    for track in _own_tracks(stack_of(fresh)):
        track["enabled"] = False
    return fresh


def with_cue(document: Json, cue: Cue) -> Json:
    """A copy of the document with the cue on a track of its own.

    Nothing else of it differs, but that earlier music over the same frames is off.

    Raises:
        OtioRefused: the cue begins before the timeline, or the timeline's tracks are trimmed in a way that is no time.
    """
    scored = copy.deepcopy(document)
    stack = stack_of(scored)
    start = cue.start_frame + _trim(stack, cue.rate)
    if start < 0:
        raise OtioRefused("The music would begin before the timeline; score a range inside it.")
    resolves, fps = is_resolves(scored), _spelling(scored, cue.rate)
    for track in _own_tracks(stack):
        _switch_off(track, start / cue.rate, (start + cue.frames) / cue.rate)
    children: list[Json] = [_gap(start, fps)] if start else []
    children.append(_clip(cue, fps, resolves=resolves))
    stack["children"].append(_track(_free_name(stack), children, resolves=resolves))
    return scored


def media_paths(document: Json) -> Iterator[str]:
    """Where the document says that its media are, in order and each once; URLs as they stand there."""
    found: dict[str, None] = {}
    for reference in _references(document):
        url = reference.get("target_url")
        if isinstance(url, str) and url:
            found[url] = None
    yield from found


def moved(document: Json, origin: Path, target: Path) -> Json:
    """The document for a file in the folder ``target``, where it was in ``origin``: relative media become absolute."""
    fresh = copy.deepcopy(document)
    if origin.resolve() == target.resolve():
        return fresh
    for reference in _references(fresh):
        for key in ("target_url", "target_url_base"):
            url = reference.get(key)
            if isinstance(url, str) and url and _is_relative(url):
                reference[key] = str(origin.resolve() / url)
    return fresh


def _is_relative(url: str) -> bool:
    windows = url[1:3] in (":\\", ":/") or url.startswith("\\\\")
    return "://" not in url and not url.startswith(("/", "file:")) and not windows


def _references(thing: object) -> Iterator[Json]:
    """All media references in the document, in its order."""
    waiting = [thing]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if schema(item).endswith("Reference"):
                yield item
            waiting.extend(reversed(list(item.values())))
        elif isinstance(item, list):
            waiting.extend(reversed(item))


def _own_tracks(stack: Json) -> list[Json]:
    """The audio tracks that hold music of Sonique's, by their names, which is all that Resolve keeps of them."""
    tracks = [child for child in stack["children"] if schema(child) == "Track"]
    return [track for track in tracks if track.get("kind") == "Audio" and is_own_name(str(track.get("name")))]


def _switch_off(track: Json, start: Fraction, end: Fraction) -> None:
    """Switches off the clips between ``start`` and ``end``, in seconds; the rest of a track is not reckoned further
    than its items say how long they are.
    """
    at = Fraction(0)
    children = track.get("children")
    for child in children if isinstance(children, list) else ():
        if schema(child) == "Transition":
            continue
        span = child.get("source_range") if isinstance(child, dict) else None
        if not isinstance(span, dict) or "duration" not in span:
            return
        length = seconds(span["duration"])
        if schema(child) == "Clip" and at < end and start < at + length:
            child["enabled"] = False
        at += length


def _timeline_of(item: Json) -> Json:
    track = _plain_track(item) if schema(item) == "Clip" else item
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {},
        "name": item.get("name", ""),
        "global_start_time": None,
        "tracks": item if schema(item) == "Stack" else _stack([track]),
    }


def _stack(tracks: list[Json]) -> Json:
    return {"OTIO_SCHEMA": "Stack.1", **_item("tracks"), "children": tracks}


def _plain_track(clip: Json) -> Json:
    return {"OTIO_SCHEMA": "Track.1", **_item(""), "children": [clip], "kind": "Video"}


def _item(name: str, span: Json | None = None) -> Json:
    """What every item of OTIO has."""
    return {"metadata": {}, "name": name, "source_range": span, "effects": [], "markers": [], "enabled": True}


def _trim(stack: Json, rate: Fraction) -> int:
    """The frame of the tracks at which the timeline begins: 0 but where the stack itself is trimmed."""
    span = stack.get("source_range")
    return round(seconds(span["start_time"]) * rate) if isinstance(span, dict) and "start_time" in span else 0


def _spelling(document: Json, rate: Fraction) -> float:
    """The rate as the document itself writes it: 23.976 where others write 23.976023976023978."""
    start = timeline_in(document).get("global_start_time")
    spelt = start.get("rate") if isinstance(start, dict) else None
    if isinstance(spelt, int | float) and exact_fps(float(spelt)) == rate:
        return float(spelt)
    return float(rate)


def _free_name(stack: Json) -> str:
    names = {str(child.get("name")) for child in stack["children"] if isinstance(child, dict)}
    candidates = (OWN_NAME, *(f"{OWN_NAME} {number}" for number in range(2, len(names) + 3)))
    return next(name for name in candidates if name not in names)


def _span(start: int, frames: int, fps: float) -> Json:
    def time(value: int) -> Json:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": fps, "value": float(value)}

    return {"OTIO_SCHEMA": "TimeRange.1", "duration": time(frames), "start_time": time(start)}


def _gap(frames: int, fps: float) -> Json:
    return {"OTIO_SCHEMA": "Gap.1", **_item("", _span(0, frames, fps))}


def _track(name: str, children: list[Json], *, resolves: bool) -> Json:
    track: Json = {"OTIO_SCHEMA": "Track.1", **_item(name), "children": children, "kind": "Audio"}
    if resolves:
        track["metadata"] = {RESOLVE: {"Audio Type": "Stereo", "Locked": False, "SoloOn": False}}
    return track


def _clip(cue: Cue, fps: float, *, resolves: bool) -> Json:
    gain = [{"frame": key.frame, "db": key.db} for key in cue.gain]
    metadata: Json = {OURS: {**cue.provenance, "gain": gain}}
    if resolves:
        channels = [{"Source Channel ID": channel, "Source Track ID": 0} for channel in (0, 1)]
        metadata = {RESOLVE: {"Channels": channels}, **metadata}
    return {
        "OTIO_SCHEMA": "Clip.2",
        **_item(cue.media.name, _span(0, cue.frames, fps)),
        "metadata": metadata,
        "effects": [_volume(cue.gain)] if resolves and cue.gain else [],
        "media_references": {"DEFAULT_MEDIA": _reference(cue, fps, resolves=resolves)},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def _reference(cue: Cue, fps: float, *, resolves: bool) -> Json:
    path = cue.media.absolute()
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {},
        "name": cue.media.name,
        "available_range": _span(0, cue.media_frames, fps),
        "available_image_bounds": None,
        "target_url": str(path) if resolves else path.as_uri(),
    }


def _volume(gain: tuple[Key, ...]) -> Json:
    """Resolve's volume of a clip: decibels at frames from the clip's start on the timeline, straight lines between."""
    values = [(key.frame, min(_LOUDEST_DB, max(_QUIETEST_DB, key.db))) for key in gain]
    parameter = {
        "Default Parameter Value": 0.0,
        "Key Frames": {str(frame): {"Value": db, "Variant Type": "Double"} for frame, db in values},
        "Parameter ID": "volume",
        "Parameter Value": values[0][1],
        "Variant Type": "Double",
        "maxValue": _LOUDEST_DB,
        "minValue": _QUIETEST_DB,
    }
    effect = {
        "Display Type": 1,
        "Effect Name": "Fairlight Clip Volume and Fades",
        "Enabled": True,
        "Name": "Volume",
        "Parameters": [parameter],
        "Type": _VOLUME_TYPE,
    }
    return {"OTIO_SCHEMA": "Effect.1", "metadata": {RESOLVE: effect}, "name": "", "effect_name": "Resolve Effect"}
