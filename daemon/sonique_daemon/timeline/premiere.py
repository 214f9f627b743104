"""Premiere Pro's OTIO: a clip whose speed was changed counts its source, where others count what it lasts."""

from collections.abc import Iterator
from typing import Any

import opentimelineio as otio

from sonique_daemon.domain.time import exact_rate
from sonique_daemon.timeline.document import MAX_SPEED

_PREMIERE = "PremierePro_OTIO"
_SLACK = 2
"""Frames past the end of its media that a clip may reach by rounding."""

_FASTEST_FRAMES = 240
"""The highest rate of frames; what counts faster counts samples, and need not last whole frames."""


def as_it_lasts(timeline: otio.schema.Timeline) -> otio.schema.Timeline:
    """``timeline`` with the ranges of such clips as long as they last on their track; changed in place.

    At twice the speed, 48 frames of source last 24. Where a clip of the document would reach past its media by that, it
    is not Premiere Pro's way of counting, and nothing is changed.
    """
    changed = list(_changed(timeline)) if _is_premieres(timeline) else []
    if any(_reaches_past(clip) for clip, _ in changed):
        return timeline
    start = timeline.global_start_time
    for clip, speed in changed:
        span = clip.source_range
        clip.source_range = otio.opentime.TimeRange(span.start_time, _lasting(span.duration, speed, start))
    return timeline


def _is_premieres(timeline: otio.schema.Timeline) -> bool:
    held = (timeline.metadata, timeline.tracks.metadata if timeline.tracks is not None else {})
    return any(_PREMIERE in metadata for metadata in held)


def _changed(timeline: otio.schema.Timeline) -> Iterator[tuple[Any, float]]:
    """The clips with a range of their own whose speed was changed, and how far, both ways alike; none that stand."""
    waiting: list[Any] = [timeline.tracks] if timeline.tracks is not None else []
    while waiting:
        for child in waiting.pop():
            if isinstance(child, otio.core.Composition):
                waiting.append(child)
            elif isinstance(child, otio.schema.Clip) and child.source_range is not None:
                speed = _speed(child)
                if speed != 1 and 1 / MAX_SPEED <= speed <= MAX_SPEED:
                    yield child, speed


def _speed(clip: otio.schema.Clip) -> float:
    speed = 1.0
    for effect in clip.effects:
        if isinstance(effect, otio.schema.LinearTimeWarp) and getattr(effect, "enabled", True):
            speed *= abs(effect.time_scalar)
    return speed


def _reaches_past(clip: otio.schema.Clip) -> bool:
    available = getattr(clip.media_reference, "available_range", None)
    if available is None or available.duration.value <= 0:
        return False
    past = clip.source_range.end_time_exclusive() - available.end_time_exclusive()
    return bool(past.value > _SLACK)


def _lasting(
    source: otio.opentime.RationalTime, speed: float, start: otio.opentime.RationalTime | None
) -> otio.opentime.RationalTime:
    """What that much source lasts, in whole frames of the timeline."""
    rate = source.rate if start is None else start.rate
    if source.rate > _FASTEST_FRAMES or not 1 < rate <= _FASTEST_FRAMES:
        return otio.opentime.RationalTime(source.value / speed, source.rate)
    frames = source.value / speed * float(exact_rate(rate) / exact_rate(source.rate))
    return otio.opentime.RationalTime(max(1, round(frames)), rate)
