"""The document: an OTIO timeline read from JSON text, bounded and checked before anything else looks at it."""

import json
import math
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from sonique_daemon.domain.time import exact_rate
from sonique_daemon.errors import LimitExceeded, TimelineUnreadable

MAX_BYTES = 16 * 1024 * 1024
"""The largest document that is read, in bytes of UTF-8."""

MAX_NESTING = 200
"""The deepest nesting of JSON objects and arrays; OTIO's own parser has no limit and ends the process."""

MAX_SECONDS = 10**9
"""The largest time, in seconds either way, that a document may name."""

MAX_RATES = 64
"""The most different frame and sample rates in one document."""

MAX_RATE = 10_000_000
"""The highest rate, in units per second."""

MAX_DIGITS = 32
"""The most digits that the numbers of an image sequence are filled up to."""

MAX_SPEED = 10_000
"""The fastest speed of a clip, either way."""

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)
"""Texts, one that never ends too, so that none is looked through twice; and what opens and closes."""
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}
_SCHEMA = re.compile(r'"OTIO_SCHEMA"\s*:\s*"([^"]{1,80})"')
_VALUES = (
    *("RationalTime", "TimeRange", "TimeTransform", "Color", "V2d", "Box2d", "SerializableObjectRef"),
    *("Sequence", "Filler", "SerializeableCollection"),
)
"""Schemas that OTIO reads and does not list: its values, and old names."""

_NAMED_VERSION = re.compile(r"^\w+\.\d+$")


def read_document(text: str) -> otio.schema.Timeline:
    """The timeline that ``text`` holds: a Timeline, a collection with one in it, or a stack, track or clip, wrapped.

    Raises:
        LimitExceeded: the document is larger than ``MAX_BYTES``.
        TimelineUnreadable: broken JSON, an unknown schema, nesting too deep or without end, or a time that is none.
    """
    text = text.removeprefix("\ufeff")
    _check_size(text)
    _check_nesting(text)
    _check_json(text)
    timeline = _timeline(_parsed(text))
    _check_rates([rate for item in _items(timeline) for rate in _checked_rates(item)])
    return timeline


def _check_size(text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise TimelineUnreadable("The timeline is no valid UTF-8 text; export it again.") from None
    if size > MAX_BYTES:
        raise LimitExceeded(
            f"The timeline is {size / 2**20:.0f} MiB; the limit is {MAX_BYTES // 2**20} MiB: "
            "export the range alone, or without metadata."
        )


def _check_nesting(text: str) -> None:
    depth = 0
    for match in _TOKEN.finditer(text):
        depth += _STEPS.get(match[0], 0)
        if depth > MAX_NESTING:
            raise TimelineUnreadable(
                f"The timeline is nested more than {MAX_NESTING} levels deep; "
                "flatten its compound clips and export it again."
            )


def _check_json(text: str) -> None:
    """Refuses broken JSON, of which some, as a time that lacks a brace, ends the process in OTIO's own parser."""
    try:
        json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        place = f"{error.msg} (line {error.lineno}, column {error.colno})"
        raise TimelineUnreadable(f"The timeline is broken JSON: {place}; export it again.") from None
    except ValueError:  # a number of thousands of digits
        raise TimelineUnreadable("The timeline holds a number without end; export it again.") from None


def _parsed(text: str) -> object:
    try:
        return otio.core.deserialize_json_from_string(text)
    except otio.exceptions.UnsupportedSchemaError:
        newer = ", ".join(f"“{name}”" for name in _newer_schemas(text)) or "one of its objects"
        raise TimelineUnreadable(
            f"The timeline uses {newer}, a newer version than OpenTimelineIO {otio.__version__} knows; "
            "export it with an older schema."
        ) from None
    except (ValueError, KeyError, TypeError, otio.exceptions.OTIOError) as error:
        raise TimelineUnreadable(_parse_sentence(text, error)) from None


def _parse_sentence(text: str, error: Exception) -> str:
    known = {*otio.core.type_version_map(), *_VALUES}
    unknown = [name for name in _schemas(text) if name.split(".")[0] not in known]
    detail = str(error).strip("'\"")
    if unknown and "UnknownSchema" in detail:
        return f"The timeline uses the schema “{unknown[0]}”, which OpenTimelineIO does not know; export it without it."
    if "already has a parent" in detail:
        return "The timeline has an item that contains itself or stands in two places; export it again."
    if "JSON parse error" in detail:
        place = detail.rsplit("string: ", 1)[-1]
        return f"The timeline is broken JSON: {place.rstrip('.')}; export it again."
    return f"The timeline is no OTIO document that can be understood: {_readable(detail)}; export it again."


def _readable(detail: str) -> str:
    """OTIO's own words without its compiler's names for types."""
    return re.sub(r"N14opentimelineio\w*?\d+([A-Z][A-Za-z]+?)E\b", r"\1", detail)[:300]


def _schemas(text: str) -> list[str]:
    return [name for name in dict.fromkeys(_SCHEMA.findall(text)) if _NAMED_VERSION.match(name)]


def _newer_schemas(text: str) -> list[str]:
    known = otio.core.type_version_map()
    pairs = [name.split(".") for name in _schemas(text)]
    return [f"{name}.{version}" for name, version in pairs if int(version) > known.get(name, math.inf)]


def _timeline(thing: object) -> otio.schema.Timeline:
    if isinstance(thing, otio.schema.SerializableCollection):
        thing = _only_one(thing)
    if isinstance(thing, otio.schema.Timeline):
        return thing
    if isinstance(thing, otio.schema.Stack | otio.schema.Track | otio.schema.Clip):
        return _wrapped(thing)
    if isinstance(thing, otio.core.SerializableObject) and thing.is_unknown_schema:
        raise TimelineUnreadable(
            f"The document is a “{thing.original_schema_name}.{thing.original_schema_version}”, "
            "which OpenTimelineIO does not know; export a timeline."
        )
    name = thing.schema_name() if isinstance(thing, otio.core.SerializableObject) else "plain JSON value"
    raise TimelineUnreadable(f"The document is a {name} and no timeline; export a timeline as .otio.")


def _only_one(collection: otio.schema.SerializableCollection) -> object:
    children = list(collection)
    timelines = [child for child in children if isinstance(child, otio.schema.Timeline)] or children
    if len(timelines) != 1:
        names = ", ".join(f"“{child.name}”" for child in timelines[:5]) or "none"
        raise TimelineUnreadable(
            f"The collection must hold one timeline, but holds {len(timelines)} ({names}); export one of them alone."
        )
    return timelines[0]


def _wrapped(item: Any) -> otio.schema.Timeline:
    if item.parent() is not None:
        raise TimelineUnreadable(f"“{item.name}” contains itself; export the timeline again.")
    timeline = otio.schema.Timeline(item.name)
    if isinstance(item, otio.schema.Stack):
        timeline.tracks = item
    elif isinstance(item, otio.schema.Track):
        timeline.tracks.append(item)
    else:
        track = otio.schema.Track(kind=otio.schema.TrackKind.Video)
        track.append(item)
        timeline.tracks.append(track)
    return timeline


def _items(timeline: otio.schema.Timeline) -> Iterator[Any]:
    """The timeline and everything in it.

    References inside the JSON can make an item its own ancestor, so depth is bounded here too.
    """
    yield timeline
    waiting: list[tuple[Any, int]] = [(timeline.tracks, 1)] if timeline.tracks is not None else []
    while waiting:
        item, depth = waiting.pop()
        if depth > MAX_NESTING // 2:
            raise TimelineUnreadable(f"“{item.name}” contains itself; export the timeline again.")
        yield item
        if isinstance(item, otio.core.Composition):
            waiting.extend((child, depth + 1) for child in item)


def _checked_rates(item: Any) -> Iterator[float]:
    """The rates that ``item`` counts in, once its times are checked."""
    for time in _times(item):
        _check_time(time, item)
        yield time.rate
    if not isinstance(item, otio.core.Item):
        return
    for span in _ranges(item):
        _check_time(span.start_time, item)
        _check_duration(span.duration, item)
        yield from (span.start_time.rate, span.duration.rate)
    for effect in item.effects:
        _check_speed(effect, item)


def _times(item: Any) -> list[otio.opentime.RationalTime]:
    if isinstance(item, otio.schema.Transition):
        _check_duration(item.in_offset, item)
        _check_duration(item.out_offset, item)
        return [item.in_offset, item.out_offset]
    start = item.global_start_time if isinstance(item, otio.schema.Timeline) else None
    return [start] if start is not None else []


def _ranges(item: Any) -> Iterator[otio.opentime.TimeRange]:
    if item.source_range is not None:
        yield item.source_range
    yield from (marker.marked_range for marker in item.markers)
    if not isinstance(item, otio.schema.Clip):
        return
    for reference in item.media_references().values():
        if reference.available_range is not None:
            yield reference.available_range
        if isinstance(reference, otio.schema.ImageSequenceReference):
            _check_rate(reference.rate, item)
            _check_digits(reference.frame_zero_padding, item)


def _check_digits(count: int, item: Any) -> None:
    if not 0 <= count <= MAX_DIGITS:
        raise TimelineUnreadable(
            f"The image numbers of {_title(item)} are to have {count} digits; set from 0 to {MAX_DIGITS}."
        )


def _check_speed(effect: Any, item: Any) -> None:
    scalar = getattr(effect, "time_scalar", 1.0)
    if not math.isfinite(scalar) or abs(scalar) > MAX_SPEED:
        raise TimelineUnreadable(f"The speed of {_title(item)} is {scalar}; set one from -{MAX_SPEED} to {MAX_SPEED}.")


def _check_duration(time: otio.opentime.RationalTime, item: Any) -> None:
    _check_time(time, item)
    if time.value < 0:
        raise TimelineUnreadable(f"{_title(item)} lasts {time.value:g} frames; a duration cannot be negative.")


def _check_time(time: otio.opentime.RationalTime, item: Any) -> None:
    _check_rate(time.rate, item)
    if not math.isfinite(time.value) or abs(time.value) / time.rate > MAX_SECONDS:
        raise TimelineUnreadable(f"{_title(item)} has a time of {time.value} frames; export the timeline again.")


def _check_rate(rate: float, item: Any) -> None:
    try:
        exact = exact_rate(rate)
    except ValueError:
        exact = Fraction(0)
    if not Fraction(1, 1000) <= exact <= MAX_RATE:
        raise TimelineUnreadable(f"{_title(item)} has a rate of {rate} frames per second; set a rate above zero.")


def _check_rates(rates: list[float]) -> None:
    count = len(set(rates))
    if count > MAX_RATES:
        raise LimitExceeded(f"The timeline counts in {count} different rates; the limit is {MAX_RATES}.")


def _title(item: Any) -> str:
    return f"{item.schema_name()} “{item.name}”"
