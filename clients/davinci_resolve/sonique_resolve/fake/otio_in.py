"""An OTIO file as Resolve takes it: a new timeline, without drop-frame; refused whole where a clip is not liked."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from sonique_resolve.fake import library
from sonique_resolve.fake.clock import Clock, clock_named
from sonique_resolve.fake.host import Host
from sonique_resolve.fake.state import Item, Marker, Media, TimelineState, Track

_KINDS = {"Video": "video", "Audio": "audio"}
_FADES = {"faderIn": "FadeIn", "faderOut": "FadeOut"}


class _NotLikedError(Exception):
    """Something in the file makes the whole import fail."""


def taken(host: Host, parsed: dict[str, Any], name: str) -> TimelineState | None:
    """The new timeline, current, or None."""
    before = list(host.opened.bin.media)
    try:
        timeline, tracks = _read(host, parsed)
    except (_NotLikedError, AttributeError, KeyError, TypeError, ValueError):
        host.opened.bin.media = before
        return None
    made = library.new_timeline(host, name or str(parsed.get("name", "")), timeline.clock, timeline.start_frame, ())
    made.tracks = {"video": [], "audio": [], "subtitle": []}
    for track in tracks:
        made.tracks[track.kind].append(track)
    made.markers = timeline.markers
    return made


def _read(host: Host, parsed: dict[str, Any]) -> tuple[TimelineState, list[Track]]:
    if parsed.get("OTIO_SCHEMA") != "Timeline.1":
        raise _NotLikedError
    start = parsed.get("global_start_time")
    clock = _clock(start["rate"]) if start else host.opened.clock
    first = round(start["value"]) if start else 0
    timeline = TimelineState("", "", clock, first)
    tracks = [_track(host, timeline, each) for each in parsed["tracks"]["children"]]
    timeline.markers = dict(_marker(each) for each in parsed["tracks"].get("markers", ()))
    return timeline, tracks


def _clock(rate: float) -> Clock:
    clock = clock_named(f"{rate:.3f}")
    if clock is None:
        raise _NotLikedError
    return clock


def _track(host: Host, timeline: TimelineState, parsed: dict[str, Any]) -> Track:
    notes = parsed.get("metadata", {}).get("Resolve_OTIO", {})
    kind = _KINDS[parsed["kind"]]
    subtype = str(notes.get("Audio Type", "mono")).lower() if kind == "audio" else ""
    track = Track(kind, parsed.get("name", ""), subtype, notes.get("Locked") is True)
    track.enabled = parsed.get("enabled") is not False
    at = Fraction(0)
    for child in parsed["children"]:
        at += _child(host, timeline, track, child, at)
    return track


def _child(host: Host, timeline: TimelineState, track: Track, parsed: dict[str, Any], at: Fraction) -> Fraction:
    """Adds a clip where ``at`` seconds from the start are, and answers its length in seconds."""
    schema = parsed["OTIO_SCHEMA"].partition(".")[0]
    if schema == "Transition":
        return Fraction(0)
    span = parsed["source_range"]
    length = _seconds(span["duration"])
    if schema != "Gap":
        start = round(at * timeline.clock.fps)
        frames = round((at + length) * timeline.clock.fps) - start
        track.items.append(_item(host, track.kind, parsed, timeline.start_frame + start, frames))
    return length


def _item(host: Host, kind: str, parsed: dict[str, Any], start: int, frames: int) -> Item:
    key = parsed.get("active_media_reference_key", "DEFAULT_MEDIA")
    media = _media(host, kind, parsed["media_references"][key])
    first = _seconds(parsed["source_range"]["start_time"])
    source = first * media.clock.fps - media.start_frame if media is not None else Fraction(0)
    if source < -Fraction(1, 2):
        raise _NotLikedError
    own = kind if media is not None else "title"
    made = Item(host.new_identity(), parsed.get("name", ""), media, own, start, frames, max(source, Fraction(0)))
    made.enabled = parsed.get("enabled") is not False
    for effect in parsed.get("effects", ()):
        _take_effect(made, effect)
    return made


def _media(host: Host, kind: str, reference: dict[str, Any]) -> Media | None:
    """The media of a reference: that of the pool, else imported, else offline; None for titles."""
    if reference["OTIO_SCHEMA"].startswith("MissingReference"):
        if host.settings.import_titles == "refused":
            raise _NotLikedError
        return None
    path = reference["target_url"]
    known = (media for media in host.opened.root.everything() if media.path == path)
    found = next(known, None) or library.imported(host, path)
    if found is None:
        found = _offline(host, kind, reference)
    if found not in host.opened.root.everything():
        host.opened.bin.media.append(found)
    return found


def _offline(host: Host, kind: str, reference: dict[str, Any]) -> Media:
    span = reference["available_range"]
    clock = _clock(span["duration"]["rate"])
    path = reference["target_url"]
    found = Media(
        host.new_identity(), Path(path).name, path, kind.capitalize(), clock, round(span["duration"]["value"])
    )
    found.start_frame = round(span["start_time"]["value"])
    found.online = False
    return found


def _take_effect(item: Item, effect: dict[str, Any]) -> None:
    if effect["OTIO_SCHEMA"].startswith("LinearTimeWarp"):
        item.speed = Fraction(effect["time_scalar"]).limit_denominator(1000)
    notes = effect.get("metadata", {}).get("Resolve_OTIO", {})
    if notes.get("Type") != 62:
        return
    for parameter in notes.get("Parameters", ()):
        _take_level(item, parameter)


def _take_level(item: Item, parameter: dict[str, Any]) -> None:
    name = parameter["Parameter ID"]
    if name in _FADES:
        item.fades[_FADES[name]] = int(parameter["Parameter Value"])
    elif name == "volume":
        item.properties["AudioVolume"] = float(parameter.get("Parameter Value", 0.0))
        keys = parameter.get("Key Frames") or {}
        if keys:
            item.properties["Keyframes"] = {int(frame): float(key["Value"]) for frame, key in keys.items()}


def _marker(parsed: dict[str, Any]) -> tuple[int, Marker]:
    """The note of a marker is read from Resolve's own field alone."""
    span = parsed["marked_range"]
    note = parsed.get("metadata", {}).get("Resolve_OTIO", {}).get("Note", "")
    color = str(parsed.get("color", "")).capitalize() or "Blue"
    return round(span["start_time"]["value"]), Marker(color, parsed.get("name", ""), note, span["duration"]["value"])


def _seconds(time: dict[str, Any]) -> Fraction:
    return Fraction(time["value"]).limit_denominator(100_000) / _clock(time["rate"]).fps
