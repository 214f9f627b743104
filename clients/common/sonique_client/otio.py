"""Timelines as plain OTIO JSON, for clients that cannot carry OTIO's binary library.

Only what a client inside a host needs: a timeline of tracks with clips, gaps and markers. ``to_json`` writes what
OpenTimelineIO reads.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RationalTime:
    """``value`` units of 1/``rate`` seconds; OTIO holds both as floating-point numbers."""

    value: float
    rate: float

    def to_data(self) -> Json:
        """As OTIO writes it."""
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(self.rate), "value": float(self.value)}


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A span of time."""

    start: RationalTime
    duration: RationalTime

    def to_data(self) -> Json:
        """As OTIO writes it."""
        return {
            "OTIO_SCHEMA": "TimeRange.1",
            "start_time": self.start.to_data(),
            "duration": self.duration.to_data(),
        }


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker on a clip or track: where, its name, and its colour by name ("RED")."""

    marked: TimeRange
    name: str = ""
    color: str = "RED"

    def to_data(self) -> Json:
        """As OTIO writes it."""
        return {
            "OTIO_SCHEMA": "Marker.2",
            "name": self.name,
            "color": self.color,
            "marked_range": self.marked.to_data(),
            "comment": "",
            "metadata": {},
        }


@dataclass(frozen=True, slots=True)
class Images:
    """Numbered images that show one after the other.

    Attributes:
        folder: absolute path of the folder that holds them.
        head: what stands before the number in their names.
        tail: what stands after it.
        first: the first one's number.
        digits: how many digits the number has at least, zeros in front.
        rate: images per second.
    """

    folder: Path
    head: str
    tail: str
    first: int
    digits: int
    rate: float

    def to_data(self) -> Json:
        """As OTIO writes it, without what is common to all references."""
        return {
            "OTIO_SCHEMA": "ImageSequenceReference.1",
            "target_url_base": f"{self.folder.absolute().as_uri().removesuffix('/')}/",
            "name_prefix": self.head,
            "name_suffix": self.tail,
            "start_frame": self.first,
            "frame_step": 1,
            "rate": float(self.rate),
            "frame_zero_padding": self.digits,
            "missing_frame_policy": "hold",
        }


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip.

    Attributes:
        name: for people.
        media: absolute path of its file, or numbered images, or None where its media is missing.
        source: what of the media it shows, in the media's own time; None for all of it.
        available: what the media holds, where that is known.
        speed: media seconds per record second; 1 is normal, 0 a freeze.
        markers: in the media's own time.
        enabled: whether it shows.
    """

    name: str
    media: Path | Images | None
    source: TimeRange | None = None
    available: TimeRange | None = None
    speed: float = 1.0
    markers: Sequence[Marker] = ()
    enabled: bool = True

    def to_data(self) -> Json:
        """As OTIO writes it."""
        return {
            "OTIO_SCHEMA": "Clip.2",
            "name": self.name,
            "source_range": _data(self.source),
            "media_references": {"DEFAULT_MEDIA": self._reference()},
            "active_media_reference_key": "DEFAULT_MEDIA",
            "effects": _speed_effects(self.speed),
            "markers": [marker.to_data() for marker in self.markers],
            "enabled": self.enabled,
            "metadata": {},
        }

    def _reference(self) -> Json:
        common = {"name": "", "available_range": _data(self.available), "metadata": {}}
        if self.media is None:
            return {"OTIO_SCHEMA": "MissingReference.1", **common}
        if isinstance(self.media, Images):
            return {**self.media.to_data(), "available_image_bounds": None, **common}
        return {"OTIO_SCHEMA": "ExternalReference.1", "target_url": self.media.absolute().as_uri(), **common}


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing, for a while."""

    duration: RationalTime

    def to_data(self) -> Json:
        """As OTIO writes it."""
        span = TimeRange(RationalTime(0, self.duration.rate), self.duration)
        return {
            "OTIO_SCHEMA": "Gap.1",
            "name": "",
            "source_range": span.to_data(),
            "effects": [],
            "markers": [],
            "enabled": True,
            "metadata": {},
        }


@dataclass(frozen=True, slots=True)
class Track:
    """A track: clips and gaps one after the other. Its kind is "Video" or "Audio"."""

    children: Sequence[Clip | Gap]
    kind: str = "Video"
    name: str = ""
    markers: Sequence[Marker] = ()
    enabled: bool = True

    def to_data(self) -> Json:
        """As OTIO writes it."""
        return {
            "OTIO_SCHEMA": "Track.1",
            "name": self.name,
            "kind": self.kind,
            "source_range": None,
            "children": [child.to_data() for child in self.children],
            "effects": [],
            "markers": [marker.to_data() for marker in self.markers],
            "enabled": self.enabled,
            "metadata": {},
        }


@dataclass(frozen=True, slots=True)
class Timeline:
    """A timeline: tracks from the bottom up.

    Attributes:
        name: for people.
        tracks: the lowest first.
        start: where its record clock begins, or None for zero.
        markers: on the record clock counted from the beginning.
        metadata: anything that JSON can hold.
    """

    name: str
    tracks: Sequence[Track]
    start: RationalTime | None = None
    markers: Sequence[Marker] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def to_data(self) -> Json:
        """As OTIO writes it."""
        stack: Json = {
            "OTIO_SCHEMA": "Stack.1",
            "name": "tracks",
            "source_range": None,
            "children": [track.to_data() for track in self.tracks],
            "effects": [],
            "markers": [marker.to_data() for marker in self.markers],
            "enabled": True,
            "metadata": {},
        }
        return {
            "OTIO_SCHEMA": "Timeline.1",
            "name": self.name,
            "global_start_time": _data(self.start),
            "tracks": stack,
            "metadata": dict(self.metadata),
        }

    def to_json(self) -> str:
        """The document."""
        return json.dumps(self.to_data(), ensure_ascii=False)


def one_clip_timeline(path: Path) -> str:
    """The document of a timeline that plays the file at ``path`` once, from its first frame to its last."""
    clip = Clip(path.stem, path)
    return Timeline(path.stem, (Track((clip,)),)).to_json()


def _data(value: RationalTime | TimeRange | None) -> Json | None:
    return None if value is None else value.to_data()


def _speed_effects(speed: float) -> list[Json]:
    if speed == 1.0:
        return []
    schema = "LinearTimeWarp.1" if speed else "FreezeFrame.1"
    return [
        {
            "OTIO_SCHEMA": schema,
            "name": "",
            "effect_name": schema.partition(".")[0],
            "time_scalar": float(speed),
            "enabled": True,
            "metadata": {},
        }
    ]
