"""Tracks of an edit list: put where their record timecode says, so that a track more can stand beside them.

OTIO's adapter for EDLs knows no start of the timeline: it writes the record timecode of a track's first event as a trim
that begins that long before the content. Taken literally such a track shows nothing.
"""

import copy
from fractions import Fraction
from typing import Any

from sonique_resolve.otio import Json, schema, seconds, stack_of, timeline_in

_SAME_SECONDS = Fraction(1, 100)


def on_record_clock(document: Json) -> Json:
    """A copy whose earliest track begins the timeline, and whose later ones begin with a gap; others as they are."""
    fresh = copy.deepcopy(document)
    timeline, tracks = timeline_in(fresh), [child for child in stack_of(fresh)["children"] if schema(child) == "Track"]
    early = [track for track in tracks if _is_record_in(track)]
    if not early or timeline.get("global_start_time") is not None:
        return fresh
    rate = early[0]["source_range"]["start_time"]["rate"]
    starts = [-float(track["source_range"]["start_time"]["value"]) for track in early]
    first = min(starts) if len(early) == len([track for track in tracks if track.get("children")]) else 0.0
    for track, start in zip(early, starts, strict=True):
        track["source_range"] = None
        if start > first:
            track["children"].insert(0, _gap(start - first, rate))
    timeline["global_start_time"] = {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": first}
    return fresh


def _is_record_in(track: Json) -> bool:
    trim = track.get("source_range")
    children = track.get("children")
    if not isinstance(trim, dict) or not isinstance(children, list) or seconds(trim.get("start_time")) >= 0:
        return False
    items = [child for child in children if isinstance(child, dict) and schema(child) != "Transition"]
    spans = [child.get("source_range") for child in items]
    if not spans or not all(isinstance(span, dict) for span in spans):
        return False
    content = sum((seconds(span.get("duration")) for span in spans if isinstance(span, dict)), Fraction(0))
    return abs(content - seconds(trim.get("duration"))) < _SAME_SECONDS


def _gap(frames: float, rate: Any) -> Json:
    def time(value: float) -> Json:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}

    span = {"OTIO_SCHEMA": "TimeRange.1", "duration": time(frames), "start_time": time(0.0)}
    return {
        "OTIO_SCHEMA": "Gap.1",
        "metadata": {},
        "name": "",
        "source_range": span,
        "effects": [],
        "markers": [],
        "enabled": True,
    }
