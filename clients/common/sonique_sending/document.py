"""The document: a timeline's OTIO opened to put other media in, and the clock on which the daemon will count it."""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

import opentimelineio as otio

from sonique_sending.times import exact_rate

_DEEPEST = 200
"""Nesting over which the daemon refuses a document, and OTIO's own parser may end the process."""
_VALUES = ("RationalTime", "TimeRange", "TimeTransform", "Color", "V2d", "Box2d")
"""Schemas that OTIO holds as plain values."""
_NOWHERE = ("UnknownSchema", "SerializableObjectRef")
"""Schemas that OTIO writes into no file; by the second an item can hold itself."""

_LONGEST = 4096
"""Characters of a path that are looked at."""

_NUMBERED = re.compile(
    r"(?P<folder>(?:.*[/\\])?)(?P<prefix>[^/\\]*)\[(?P<first>\d{1,12})-\d{1,12}\]"
    r"(?P<suffix>[^/\\\[\]]*\.(?:bmp|cin|dpx|exr|jpe?g|png|tga|tiff?|webp))",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)

_SLACK = 2
"""Frames past the end of its media that a clip may reach by rounding."""


def read_document(text: str) -> Any | None:
    """The timeline in ``text``; None where that is no timeline that can be changed, so that the daemon says why."""
    try:
        if not _bearable(json.loads(text.removeprefix("\ufeff"))):
            return None
        found = otio.core.deserialize_json_from_string(text.removeprefix("\ufeff"))
    except (ValueError, KeyError, TypeError, RecursionError, otio.exceptions.OTIOError):
        return None
    if isinstance(found, otio.schema.SerializableCollection):
        timelines = [child for child in found if isinstance(child, otio.schema.Timeline)]
        found = timelines[0] if len(timelines) == 1 else None
    return found if isinstance(found, otio.schema.Timeline) and found.tracks is not None else None


def clips(document: Any) -> Iterator[Any]:
    """The clips at any depth."""
    yield from document.find_clips()


def reference_of(clip: Any) -> Any:
    """The clip's active media reference; a missing one where it has none.

    A path as DaVinci Resolve names numbered images, ``shot.[1001-1100].exr``, is one to an image sequence, as it is to
    the daemon.
    """
    reference = clip.media_reference or otio.schema.MissingReference()
    return _images_meant(reference, clip) if isinstance(reference, otio.schema.ExternalReference) else reference


def _images_meant(reference: Any, clip: Any) -> Any:
    url = reference.target_url[:_LONGEST]
    match = _NUMBERED.fullmatch(unquote(url) if "%5b" in url.casefold() else url)
    if match is None:
        return reference
    spans = (reference.available_range, clip.source_range)
    return otio.schema.ImageSequenceReference(
        target_url_base=match["folder"],
        name_prefix=match["prefix"],
        name_suffix=match["suffix"],
        start_frame=int(match["first"]),
        frame_step=1,
        rate=next((span.duration.rate for span in spans if span is not None), 24.0),
        frame_zero_padding=len(match["first"]),
        available_range=reference.available_range,
    )


def counts_source(document: Any) -> bool:
    """Whether clips whose speed was changed count their source and not what they last, as Premiere Pro's do.

    Where one of them would reach past its media by that, they do not, as the daemon has it.
    """
    if not any("PremierePro_OTIO" in metadata for metadata in (document.metadata, document.tracks.metadata)):
        return False
    return not any(_reaches_past(clip) for clip in clips(document) if clip.source_range is not None)


def _reaches_past(clip: Any) -> bool:
    """Whether a clip whose speed was changed plays on past its media, if its range counts its source."""
    available = reference_of(clip).available_range
    speeds = [
        effect.time_scalar
        for effect in clip.effects
        if isinstance(effect, otio.schema.LinearTimeWarp) and getattr(effect, "enabled", True)
    ]
    if available is None or available.duration.value <= 0 or abs(math.prod(speeds)) in (0, 1):
        return False
    return bool((clip.source_range.end_time_exclusive() - available.end_time_exclusive()).value > _SLACK)


def clock_rate(document: Any, rate_of: Callable[[Any], Fraction | None]) -> Fraction:
    """Frames per second of the record clock: the start's, or what most items count in, or the first clip's file's.

    Args:
        document: the timeline.
        rate_of: the frame rate of a clip's file, or None where it is not known.
    """
    start = document.global_start_time
    stated = None if start is None else plausible(start.rate)
    if stated is not None:
        return stated
    items = list(_video_items(document))
    counted = Counter(rate for item in items if (rate := plausible(_own_rate(item))) is not None)
    if counted:
        return counted.most_common(1)[0][0]
    held = (item for item in items if isinstance(item, otio.schema.Clip))
    return next((rate for clip in held if (rate := rate_of(clip))), Fraction(24))


def pin_clock(document: Any, rate: Fraction) -> None:
    """Writes down what the clock counts in, so that it does not change with what clips say of their media.

    A track whose trim begins before its content says by that where it stands on the record clock, as an EDL's does;
    then every item counts for itself, and nothing needs to be written.
    """
    tracks = [track for track in document.tracks if isinstance(track, otio.schema.Track)]
    placed = any(track.source_range is not None and track.source_range.start_time.value < 0 for track in tracks)
    if document.global_start_time is None and not placed and plausible(float(rate)) == rate:
        document.global_start_time = otio.opentime.RationalTime(0, float(rate))


def plausible(rate: float) -> Fraction | None:
    """The rate where picture can have it, else None."""
    return exact_rate(rate) if 1 < rate <= 240 else None


def _own_rate(item: Any) -> float:
    if item.source_range is not None:
        return float(item.source_range.duration.rate)
    available = reference_of(item).available_range if isinstance(item, otio.schema.Clip) else None
    return float(available.duration.rate) if available is not None else 0.0


def _video_items(document: Any) -> Iterator[Any]:
    """The items on the video tracks, those of nested stacks after their stack."""
    waiting = [document.tracks]
    while waiting:
        parent = waiting.pop()
        if isinstance(parent, otio.schema.Track) and parent.kind.casefold() == "audio":
            continue
        for child in parent:
            if isinstance(child, otio.core.Composition):
                waiting.append(child)
            if isinstance(child, otio.core.Item):
                yield child


def _is_flat(value: object) -> bool:
    """Whether a time, range or colour may hold it: text, a number, or another of them in its only version."""
    if isinstance(value, dict):
        name, _, version = str(value.get("OTIO_SCHEMA", "")).partition(".")
        return name in _VALUES and version == "1"
    return not isinstance(value, list)


def _is_deadly(thing: dict[str, Any]) -> bool:
    """Whether OTIO's own parser ends the process at the object, as it does at several that no program writes."""
    name, _, version = str(thing.get("OTIO_SCHEMA", "")).partition(".")
    if name == "Clip":
        return version in ("0", "1") and "media_references" in thing
    if name in _VALUES:
        return not all(map(_is_flat, thing.values()))
    return name in _NOWHERE


def _bearable(data: object) -> bool:
    """Whether OTIO's own parser survives it: no deep nesting, and none of the shapes that are known to end it."""
    waiting = [(data, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEEPEST:
            return False
        if isinstance(value, dict) and _is_deadly(value):
            return False
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting += [(child, depth + 1) for child in inner if isinstance(child, (dict, list))]
    return True
