"""A timeline as Resolve writes it to OTIO, by the published descriptions of such files."""

from fractions import Fraction
from typing import Any

from sonique_resolve.fake.clock import Clock
from sonique_resolve.fake.state import Item, Marker, TimelineState, Track

_KINDS = {"video": "Video", "audio": "Audio"}


def document(timeline: TimelineState) -> dict[str, Any]:
    """The whole file, as JSON's values."""
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"}},
        "name": timeline.name,
        "global_start_time": _time(timeline.start_frame, timeline.clock),
        "tracks": _stack(timeline),
    }


def _stack(timeline: TimelineState, name: str = "") -> dict[str, Any]:
    """All tracks; the timeline's own markers are not among what Resolve writes."""
    groups = _link_groups(timeline)
    tracks = [_track(timeline, track, groups) for kind in _KINDS for track in timeline.tracks[kind]]
    return _thing("Stack.1", name, children=tracks)


def _link_groups(timeline: TimelineState) -> dict[str, int]:
    """A number for each set of items that are linked, by the identity of the item."""
    groups: dict[str, int] = {}
    for item in timeline.items():
        known = [groups[other.identity] for other in item.linked if other.identity in groups]
        if item.linked:
            groups[item.identity] = known[0] if known else len(set(groups.values())) + 1
    return groups


def _track(timeline: TimelineState, track: Track, groups: dict[str, int]) -> dict[str, Any]:
    children: list[dict[str, Any]] = []
    at = timeline.start_frame
    for item in sorted(track.items, key=lambda each: (each.start, each.kind != "transition")):
        if item.start > at:
            children.append(_gap(item.start - at, timeline.clock))
            at = item.start
        if item.kind == "transition":
            children.append(_transition(item, track.kind, at, timeline.clock))
            continue
        children.append(_clip(item, timeline.clock, groups.get(item.identity)))
        at = item.end
    notes: dict[str, Any] = {"Locked": track.locked}
    if track.kind == "audio":
        notes |= {"Audio Type": track.subtype.capitalize(), "SoloOn": False}
    made = _thing("Track.1", track.name, notes=notes, children=children, enabled=track.enabled)
    return made | {"kind": _KINDS[track.kind]}


def _transition(item: Item, kind: str, cut: int, clock: Clock) -> dict[str, Any]:
    """It has no length of its own; one of sound is no kind that OTIO knows."""
    return {
        "OTIO_SCHEMA": "Transition.1",
        "metadata": {},
        "name": item.name,
        "in_offset": _time(cut - item.start, clock),
        "out_offset": _time(item.end - cut, clock),
        "transition_type": "SMPTE_Dissolve" if kind == "video" else "Custom_Transition",
    }


def _clip(item: Item, clock: Clock, group: int | None) -> dict[str, Any]:
    """A nested timeline is written as all that is in it."""
    nested = item.media.timeline if item.media is not None else None
    if nested is not None:
        made = _stack(nested, item.name) | {"enabled": item.enabled}
        return made | {"source_range": _range(item.source, Fraction(item.frames), clock)}
    rate = item.media.clock if item.media is not None else clock
    first = item.source + (item.media.start_frame if item.media is not None else 0)
    notes = {"Link Group ID": group} if group is not None else {}
    made = _thing("Clip.2", item.name, notes=notes, enabled=item.enabled)
    made["source_range"] = _range(first, Fraction(item.frames) / clock.fps * rate.fps, rate)
    made["media_references"] = {"DEFAULT_MEDIA": _reference(item)}
    made["active_media_reference_key"] = "DEFAULT_MEDIA"
    made["effects"] = [*_retime(item), *_level(item)]
    made["markers"] = [_marker(clock, at, marker) for at, marker in sorted(item.markers.items())]
    return made


def _reference(item: Item) -> dict[str, Any]:
    media = item.media
    if media is None or not media.path:
        return {"OTIO_SCHEMA": "MissingReference.1", "metadata": {}, "name": item.name, "available_range": None}
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {},
        "name": media.name,
        "available_range": _range(Fraction(media.start_frame), Fraction(media.frames), media.clock),
        "available_image_bounds": None,
        "target_url": media.path,
    }


def _retime(item: Item) -> list[dict[str, Any]]:
    if item.speed == 1:
        return []
    return [
        {
            "OTIO_SCHEMA": "LinearTimeWarp.1",
            "metadata": {},
            "name": "",
            "effect_name": "LinearTimeWarp",
            "time_scalar": float(item.speed),
        }
    ]


def _level(item: Item) -> list[dict[str, Any]]:
    """Volume and fades of sound; what is at its default is left out."""
    values = {
        "volume": item.properties.get("AudioVolume", 0.0),
        "faderIn": item.fades["FadeIn"],
        "faderOut": item.fades["FadeOut"],
    }
    keys = item.properties.get("Keyframes", {})
    if item.kind != "audio" or not (any(values.values()) or keys):
        return []
    parameters = [
        {"Parameter ID": name, "Parameter Value": value, "Variant Type": "Double" if name == "volume" else "Int"}
        for name, value in values.items()
        if value or (name == "volume" and keys)
    ]
    frames = {str(frame): {"Value": level, "Variant Type": "Double"} for frame, level in keys.items()}
    for parameter in parameters:
        parameter["Key Frames"] = frames if parameter["Parameter ID"] == "volume" else {}
    notes = {"Effect Name": "Fairlight Clip Volume and Fades", "Enabled": True, "Parameters": parameters, "Type": 62}
    return [
        {"OTIO_SCHEMA": "Effect.1", "metadata": {"Resolve_OTIO": notes}, "name": "", "effect_name": "Resolve Effect"}
    ]


def _marker(clock: Clock, at: int, marker: Marker) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {"Resolve_OTIO": {"Keywords": [], "Note": marker.note}},
        "name": marker.name,
        "color": marker.color.upper(),
        "marked_range": _range(Fraction(at), Fraction(marker.duration), clock),
    }


def _gap(frames: int, clock: Clock) -> dict[str, Any]:
    made = _thing("Gap.1", "")
    made["source_range"] = _range(Fraction(0), Fraction(frames), clock)
    return made


def _thing(
    schema: str,
    name: str,
    *,
    notes: dict[str, Any] | None = None,
    children: list[dict[str, Any]] | None = None,
    enabled: bool = True,
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "OTIO_SCHEMA": schema,
        "metadata": {"Resolve_OTIO": notes} if notes is not None else {},
        "name": name,
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": enabled,
    }
    return made if children is None else made | {"children": children}


def _range(start: Fraction, frames: Fraction, clock: Clock) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start, clock), "duration": _time(frames, clock)}


def _time(frame: Fraction | int, clock: Clock) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(clock.number), "value": float(frame)}
