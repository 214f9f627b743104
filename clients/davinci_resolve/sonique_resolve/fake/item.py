"""Items of a timeline."""
# ruff: noqa: D102, N802, N803 the names are Resolve's, and what they mean stands in its own documents

import json
from fractions import Fraction
from math import floor
from typing import Any

from sonique_resolve.fake.clock import Clock
from sonique_resolve.fake.live import Live
from sonique_resolve.fake.marking import Markers
from sonique_resolve.fake.media import Colored, MediaPoolItem
from sonique_resolve.fake.state import Item, TimelineState, Track

_LEVELS = {"AudioVolume": (-100.0, 30.0), "AudioPan": (-100.0, 100.0)}
_TYPES = {"title": "generator"}


class TimelineItem(Markers, Colored, Live):
    """A clip, title, generator or transition on a track."""

    _state: Item

    def GetName(self) -> str:
        return self._state.name

    def SetName(self, name: str) -> bool:
        self._state.name = name
        return bool(name)

    def GetUniqueId(self) -> str:
        return self._state.identity

    def GetStart(self, subframe_precision: bool = False) -> int | float:
        """Absolute, in record frames."""
        return float(self._state.start) if subframe_precision else self._state.start

    def GetEnd(self, subframe_precision: bool = False) -> int | float:
        """The record frame after the last."""
        return float(self._state.end) if subframe_precision else self._state.end

    def GetDuration(self, subframe_precision: bool = False) -> int | float:
        return float(self._state.frames) if subframe_precision else self._state.frames

    def GetLeftOffset(self, subframe_precision: bool = False) -> int | float:
        """Sound counts it in the timeline's frames, picture in the media's; meant for normal speed."""
        offset = self._counted(self._state.source)
        return float(offset) if subframe_precision else floor(offset)

    def GetRightOffset(self, subframe_precision: bool = False) -> int | float:
        media = self._state.media
        left = Fraction(media.frames) - self._source_end() if media is not None else Fraction(0)
        offset = self._counted(left)
        return float(offset) if subframe_precision else floor(offset)

    def GetSourceStartFrame(self) -> int:
        """In the media's frames; some builds are off by one."""
        return floor(self._state.source) + self._host.settings.source_start_error

    def GetSourceEndFrame(self) -> int:
        return floor(self._source_end()) + self._host.settings.source_start_error

    def GetSourceStartTime(self) -> float:
        """Seconds, counted from the zero of the media's own timecode."""
        return self._source_time(self._state.source)

    def GetSourceEndTime(self) -> float:
        return self._source_time(self._source_end())

    def GetMediaPoolItem(self) -> MediaPoolItem | None:
        media = self._state.media
        return MediaPoolItem(self._host, media) if media is not None and not media.gone else None

    def GetLinkedItems(self) -> "list[TimelineItem]":
        return [TimelineItem(self._host, item) for item in self._state.linked]

    def GetTrackTypeAndIndex(self) -> list[Any] | None:
        place = self._place()
        if place is None:
            return None
        timeline, track = place
        return [track.kind, timeline.tracks[track.kind].index(track) + 1]

    def GetClipEnabled(self) -> bool:
        return self._state.enabled

    def SetClipEnabled(self, enabled: bool) -> bool:
        self._state.enabled = bool(enabled)
        return True

    def GetSourceAudioChannelMapping(self) -> str:
        channels = self._state.media.channels if self._state.media is not None else 0
        return json.dumps({"embedded_audio_channels": channels, "linked_audio": {}, "track_mapping": {}})

    def GetProperty(self, propertyKey: str = "") -> Any:
        """Of the picture; the level of sound is none of these."""
        shown = {key: value for key, value in self._state.properties.items() if not key.startswith("Audio")}
        return shown.get(propertyKey) if propertyKey else shown

    def SetProperty(self, propertyKey: str, propertyValue: Any) -> bool:
        if propertyKey.startswith("Audio") or self._state.kind == "audio":
            return False
        self._state.properties[propertyKey] = propertyValue
        return True

    # From 21.1 on

    def GetType(self) -> str:
        return _TYPES.get(self._state.kind, self._state.kind)

    def GetSpeed(self) -> dict[str, Any]:
        return {"Percentage": float(self._state.speed * 100)}

    def GetFades(self) -> dict[str, float]:
        return {name: float(frames) for name, frames in self._state.fades.items()}

    def SetFades(self, fades: dict[str, int]) -> bool:
        """In whole frames, and written as such, both within the item."""
        values = list(fades.values())
        if not set(fades) <= {"FadeIn", "FadeOut"} or not all(type(value) is int and value >= 0 for value in values):
            return False
        if sum(values) > self._state.frames:
            return False
        if not self._host.settings.ignores_fades:
            self._state.fades.update({name: int(value) for name, value in fades.items()})
        return True

    def GetProperties(self) -> dict[str, Any]:
        sound = {"AudioVolume": 0.0, "AudioPan": 0.0, "AudioVolumeEnabled": True}
        return {**(sound if self._state.kind == "audio" else {}), **self._state.properties}

    def SetProperties(self, properties: dict[str, Any]) -> bool:
        """Levels in dB from -100 to 30, panorama from -100 to 100."""
        for name, value in properties.items():
            low, high = _LEVELS.get(name, (float("-inf"), float("inf")))
            if name in _LEVELS and not (isinstance(value, int | float) and low <= value <= high):
                return False
        if not self._host.settings.ignores_fades:
            self._state.properties.update(properties)
        return True

    # Below the names

    def _place(self) -> tuple[TimelineState, Track] | None:
        for timeline in self._host.opened.timelines:
            for track in timeline.every_track():
                if self._state in track.items:
                    return timeline, track
        return None

    def _record_clock(self) -> Clock:
        place = self._place()
        return place[0].clock if place is not None else self._host.timeline.clock

    def _counted(self, frames: Fraction) -> Fraction:
        media = self._state.media
        if media is None or self._state.kind != "audio":
            return frames
        return frames / media.clock.fps * self._record_clock().fps

    def _source_end(self) -> Fraction:
        media = self._state.media
        rate = media.clock.fps if media is not None else self._record_clock().fps
        seconds = self._state.frames / self._record_clock().fps * self._state.speed
        return self._state.source + seconds * rate

    def _source_time(self, frame: Fraction) -> float:
        media = self._state.media
        if media is None:
            return float(frame / self._record_clock().fps)
        return float((media.start_frame + frame) / media.clock.fps)
