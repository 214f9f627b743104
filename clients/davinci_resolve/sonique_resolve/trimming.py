"""Trimming: a document that Resolve wrote, without what its range does not touch, so that less is sent."""

import json
from fractions import Fraction
from typing import Any

from sonique_resolve.timeline import ReadRange, exact_fps

_MARGIN = Fraction(2)
"""Seconds on either side that are kept too: a transition reaches over the end of what it joins."""


def trimmed(document: str, found: ReadRange) -> str:
    """``document`` with a gap as long as each clip that lies outside the range; every time in it stays what it was."""
    read, span = found.read, found.range
    first = read.rate.seconds(span.start_frame - read.start_frame) - _MARGIN
    last = read.rate.seconds(span.end_frame - read.start_frame) + _MARGIN
    data: dict[str, Any] = json.loads(document)
    for track in data["tracks"]["children"]:
        track["children"] = _kept(track.get("children") or [], first, last)
    return json.dumps(data, ensure_ascii=False)


def _kept(children: list[dict[str, Any]], first: Fraction, last: Fraction) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    at = Fraction(0)
    for child in children:
        length = length_of(child)
        if length is None:  # a transition has no length of its own
            kept += [child] if first <= at <= last else []
            continue
        outside = at + length < first or at > last
        kept.append(_gap(child) if outside else child)
        at += length
    return kept


def length_of(child: dict[str, Any]) -> Fraction | None:
    """Seconds that a child of a track lasts; None for a transition, which has no length of its own."""
    schema = str(child.get("OTIO_SCHEMA", ""))
    duration = (child.get("source_range") or _available(child) or {}).get("duration")
    if schema.startswith("Transition.") or not isinstance(duration, dict):
        return None
    fps = exact_fps(float(duration["rate"]))
    return None if fps is None else Fraction(duration["value"]).limit_denominator(1_000_000) / fps


def _available(child: dict[str, Any]) -> dict[str, Any] | None:
    references = child.get("media_references") or {}
    active = references.get(child.get("active_media_reference_key", "DEFAULT_MEDIA")) or child.get("media_reference")
    found = (active or {}).get("available_range")
    return found if isinstance(found, dict) else None


def _gap(child: dict[str, Any]) -> dict[str, Any]:
    shown = child.get("source_range") or _available(child)
    empty: dict[str, Any] = {"metadata": {}, "name": "", "effects": [], "markers": [], "enabled": True}
    return {"OTIO_SCHEMA": "Gap.1", **empty, "source_range": shown}
