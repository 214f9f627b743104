"""Timelines in the shape that Resolve writes them in, and cues for them."""

from fractions import Fraction
from pathlib import Path
from typing import Any

from sonique_resolve.otio import (
    Cue,
)

Json = dict[str, Any]

RATES = {
    "23.976": (Fraction(24_000, 1001), 23.976),
    "24": (Fraction(24), 24.0),
    "25": (Fraction(25), 25.0),
    "29.97 NDF": (Fraction(30_000, 1001), 29.97),
    "29.97 DF": (Fraction(30_000, 1001), 29.97002997002997),
    "50": (Fraction(50), 50.0),
    "59.94": (Fraction(60_000, 1001), 59.94),
}
STARTS = {"24": 86_400, "25": 90_000, "23.976": 86_400, "29.97 NDF": 108_000, "29.97 DF": 107_892}
STARTS |= {"50": 180_000, "59.94": 216_000}


def time(value: float, rate: float) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}


def span(start: float, frames: float, rate: float) -> Json:
    return {"OTIO_SCHEMA": "TimeRange.1", "duration": time(frames, rate), "start_time": time(start, rate)}


def resolves_block(name: str, kind: int, *parameters: Json) -> Json:
    block = {"Effect Name": name, "Enabled": True, "Name": name, "Parameters": list(parameters), "Type": kind}
    return {"OTIO_SCHEMA": "Effect.1", "metadata": {"Resolve_OTIO": block}, "name": "", "effect_name": "Resolve Effect"}


def clip(name: str, path: str, source: Json, available: Json | None, **more: Any) -> Json:
    reference = {
        "OTIO_SCHEMA": "ExternalReference.1" if path else "MissingReference.1",
        "metadata": {},
        "name": name,
        "available_range": available,
        "available_image_bounds": None,
        **({"target_url": path} if path else {}),
    }
    return {
        "OTIO_SCHEMA": "Clip.2",
        "metadata": {"Resolve_OTIO": {"Link Group ID": 1}},
        "name": name,
        "source_range": source,
        "effects": [],
        "markers": [],
        "enabled": True,
        "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
        **more,
    }


def track(name: str, kind: str, children: list[Json], notes: Json) -> Json:
    item = {"source_range": None, "effects": [], "markers": [], "enabled": True, "children": children, "kind": kind}
    return {"OTIO_SCHEMA": "Track.1", "metadata": {"Resolve_OTIO": notes}, "name": name, **item}


def resolves(
    rate: float = 24.0, start: float = 86_400, film: str = "/films/a.mov", sound: str = "/films/a.wav", first: float = 0
) -> Json:
    """A timeline of ten seconds in Resolve's shape, with all that its files are known to hold."""
    frames = 10 * round(rate)
    volume = {
        "Default Parameter Value": 0.0,
        "Key Frames": {
            "0": {"Value": -3.0, "Variant Type": "Double"},
            "48": {"Value": -20.0, "Variant Type": "Double"},
        },
        "Parameter ID": "volume",
        "Parameter Value": -3.0,
        "Variant Type": "Double",
        "maxValue": 30.0,
        "minValue": -100.0,
    }
    retime = {"OTIO_SCHEMA": "LinearTimeWarp.1", "metadata": {}, "name": "", "effect_name": "", "time_scalar": 0.5}
    marker = {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {"Resolve_OTIO": {"Keywords": [], "Note": "die Tür – « fällt »"}},
        "name": "Marker 1",
        "color": "RED",
        "marked_range": span(36, 1, rate),
    }
    half = frames // 2
    picture = [
        clip(
            "a.mov", film, span(first, half, rate), span(first, frames, rate), effects=[resolves_block("Transform", 2)]
        ),
        clip("Title", "", span(0, 12, rate), None),
        {"OTIO_SCHEMA": "Gap.1", "metadata": {}, "name": "", "source_range": span(0, 12, rate), "enabled": True},
        clip(
            "a.mov", film, span(first + 8.0999, frames - half - 24, rate), span(first, frames, rate), effects=[retime]
        ),
    ]
    heard = clip("a.wav", sound, span(first, frames, rate), span(first, frames, rate), enabled=False)
    heard["effects"] = [resolves_block("Fairlight Clip Volume and Fades", 62, volume)]
    notes = {"Audio Type": "Stereo", "Locked": False, "SoloOn": False}
    stack: Json = {
        "OTIO_SCHEMA": "Stack.1",
        "metadata": {},
        "name": "",
        "source_range": None,
        "effects": [],
        "markers": [marker],
        "enabled": True,
        "children": [track("Video 1", "Video", picture, {"Locked": False}), track("Audio 1", "Audio", [heard], notes)],
    }
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"}, "unknown": {"kept": [1, 2.5, None, "ü"]}},
        "name": "Edit",
        "global_start_time": time(start, rate),
        "tracks": stack,
    }


def cue(rate: Fraction = Fraction(24), **more: Any) -> Cue:
    facts: Json = {"media": Path("/music/scored.wav"), "start_frame": 36, "frames": 96, "media_frames": 97}
    return Cue(**{**facts, "rate": rate, "provenance": {"job": "j1", "seed": 7}, **more})


def added(scored: Json) -> Json:
    music: Json = scored["tracks"]["children"][-1]
    return music
