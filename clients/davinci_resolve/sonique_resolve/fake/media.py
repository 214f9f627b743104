"""Media of the pool."""
# ruff: noqa: D102, N802, N803 the names are Resolve's, and what they mean stands in its own documents

import json
import unicodedata
from typing import Any

from sonique_resolve.fake.clock import timecode_of
from sonique_resolve.fake.live import Live
from sonique_resolve.fake.marking import MarkedRange, Markers
from sonique_resolve.fake.state import CLIP_COLORS, Media


class Colored(Live):
    """Something with a clip colour."""

    def GetClipColor(self) -> str:
        return str(self._state.color)

    def SetClipColor(self, colorName: str) -> bool:
        """One of sixteen; a generator says yes and stays as it is."""
        if colorName not in CLIP_COLORS:
            return False
        if getattr(self._state, "kind", "") not in {"generator", "title", "transition"}:
            self._state.color = colorName
        return True

    def ClearClipColor(self) -> bool:
        self._state.color = ""
        return True


class MediaPoolItem(Markers, MarkedRange, Colored):
    """A film, a sound, or a timeline, in the media pool."""

    _state: Media

    def GetName(self) -> str:
        return self._state.name

    def SetName(self, name: str) -> bool:
        self._state.name = name
        return bool(name)

    def GetMediaId(self) -> str:
        return f"media-{self._state.identity}"

    def GetUniqueId(self) -> str:
        return self._state.identity

    def GetClipProperty(self, propertyName: str = "") -> Any:
        """Text, but for the frame rate; what a clip is, and whether it is there, in the user's language."""
        properties = self._properties()
        return properties.get(propertyName, "") if propertyName else properties

    def SetClipProperty(self, propertyName: str, propertyValue: Any) -> bool:
        """The name can be set here; the rate of sound cannot."""
        if propertyName != "Clip Name" or not isinstance(propertyValue, str):
            return False
        self._state.name = propertyValue
        return True

    def _properties(self) -> dict[str, Any]:
        media = self._state
        last = media.start_frame + media.frames
        silent = "Audio" not in media.kind and media.kind == "Video"
        return {
            "Clip Name": media.name,
            "File Path": self._spelt(media.path),
            "Type": self._said(media.kind),
            "FPS": float(media.clock.number),
            "Frames": str(media.frames),
            "Duration": timecode_of(media.frames, media.clock),
            "Start": str(media.start_frame),
            "End": str(last - 1),
            "Start TC": timecode_of(media.start_frame, media.clock),
            "End TC": timecode_of(last, media.clock),
            "Audio Ch": "0" if silent else str(media.channels),
            "Sample Rate": "" if silent else str(media.sample_rate),
            "Drop frame": "1" if media.clock.drop_frame else "0",
            "Online Status": self._said("Online" if media.online else "Offline"),
            "Usage": str(self._usage()),
        }

    def _said(self, word: str) -> str:
        """In the language of the user's Resolve."""
        return self._host.settings.clip_words.get(word, word)

    def _spelt(self, path: str) -> str:
        return unicodedata.normalize("NFD", path) if self._host.settings.paths == "decomposed" else path

    def _usage(self) -> int:
        timelines = self._host.opened.timelines
        return sum(item.media is self._state for timeline in timelines for item in timeline.items())

    def GetMetadata(self, metadataType: str = "") -> Any:
        return self._state.metadata.get(metadataType, "") if metadataType else dict(self._state.metadata)

    def SetMetadata(self, metadataType: str | dict[str, str], metadataValue: str = "") -> bool:
        return _write(self._state.metadata, metadataType, metadataValue)

    def GetThirdPartyMetadata(self, metadataType: str = "") -> Any:
        return self._state.third_party.get(metadataType, "") if metadataType else dict(self._state.third_party)

    def SetThirdPartyMetadata(self, metadataType: str | dict[str, str], metadataValue: str = "") -> bool:
        return _write(self._state.third_party, metadataType, metadataValue)

    def GetAudioMapping(self) -> str:
        return json.dumps({"embedded_audio_channels": self._state.channels, "linked_audio": {}, "track_mapping": {}})

    def GetTimeline(self) -> Any:
        return self._host.kinds["Timeline"](self._host, self._state.timeline) if self._state.timeline else None


def _write(metadata: dict[str, str], key: str | dict[str, str], value: str) -> bool:
    """Text alone is taken."""
    entries = key if isinstance(key, dict) else {key: value}
    if not entries or not all(isinstance(part, str) for pair in entries.items() for part in pair):
        return False
    metadata.update(entries)
    return True
