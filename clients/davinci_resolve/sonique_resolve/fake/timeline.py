"""Timelines."""
# ruff: noqa: D102, N802, N803 the names are Resolve's, and what they mean stands in its own documents

from pathlib import Path
from typing import Any

from sonique_resolve.fake import interchange, library
from sonique_resolve.fake.clock import clock_named, frame_of, timecode_of
from sonique_resolve.fake.item import TimelineItem
from sonique_resolve.fake.live import is_whole, state_of
from sonique_resolve.fake.marking import MarkedRange, Markers
from sonique_resolve.fake.media import MediaPoolItem
from sonique_resolve.fake.state import Item, TimelineState, Track

_SUBTYPES = (
    "mono",
    "stereo",
    "lrc",
    "lcr",
    "lrcs",
    "lcrs",
    "quad",
    "5.0",
    "5.0film",
    "5.1",
    "5.1film",
    "7.1",
    "7.1film",
)


class Timeline(Markers, MarkedRange):
    """A timeline."""

    _state: TimelineState

    def GetName(self) -> str:
        return self._state.name

    def SetName(self, timelineName: str) -> bool:
        taken = {timeline.name for timeline in self._host.opened.timelines}
        if not timelineName or timelineName in taken:
            return False
        self._state.name = timelineName
        return True

    def GetUniqueId(self) -> str:
        return self._state.identity

    def GetStartFrame(self) -> int:
        return self._state.start_frame

    def GetEndFrame(self) -> int:
        return self._state.end_frame

    def GetStartTimecode(self) -> str:
        return timecode_of(self._state.start_frame, self._state.clock)

    def SetStartTimecode(self, timecode: str) -> bool:
        """All that is on it moves with its start."""
        frame = frame_of(timecode, self._state.clock)
        if frame is None:
            return False
        moved = frame - self._state.start_frame
        for item in self._state.items():
            item.start += moved
        self._state.playhead += moved
        self._state.start_frame = frame
        return True

    def GetCurrentTimecode(self) -> str:
        return timecode_of(self._state.playhead, self._state.clock)

    def SetCurrentTimecode(self, timecode: str) -> bool:
        frame = frame_of(timecode, self._state.clock)
        if frame is None:
            return False
        self._state.playhead = frame
        return True

    def GetCurrentVideoItem(self) -> TimelineItem | None:
        """The topmost clip under the playhead."""
        at = self._state.playhead
        for track in reversed(self._state.tracks["video"]):
            for item in track.items:
                if item.start <= at < item.end:
                    return TimelineItem(self._host, item)
        return None

    def GetSelectedClips(self) -> list[TimelineItem]:
        return self._items(self._state.selected)

    def GetMediaPoolItem(self) -> MediaPoolItem | None:
        for media in self._host.opened.root.everything():
            if media.timeline is self._state:
                return MediaPoolItem(self._host, media)
        return None

    # Tracks

    def GetTrackCount(self, trackType: str) -> int:
        return len(self._state.tracks.get(trackType, ()))

    def AddTrack(self, trackType: str, subTrackType: str | dict[str, Any] = "") -> bool:
        """Mono where nothing is said; a place out of range means the end. Before 19 a kind of sound is text alone."""
        options = subTrackType if isinstance(subTrackType, dict) else {"audioType": subTrackType}
        subtype = options.get("audioType") or "mono"
        index = options.get("index")
        if isinstance(subTrackType, dict) and self._host.settings.release < (19, 0, 0):
            return False
        known = subtype in _SUBTYPES or str(subtype).startswith("adaptive")
        if trackType not in self._state.tracks or not known or (index is not None and not is_whole(index)):
            return False
        library.add_track(self._state, trackType, subtype, index=None if index is None else int(index))
        return True

    def DeleteTrack(self, trackType: str, trackIndex: int) -> bool:
        track = self._track(trackType, trackIndex)
        if track is None or track.locked:
            return False
        for item in list(track.items):
            library.remove(self._state, item)
        self._state.tracks[trackType].remove(track)
        return True

    def GetTrackSubType(self, trackType: str, trackIndex: int) -> str:
        track = self._track(trackType, trackIndex)
        return track.subtype if track is not None else ""

    def GetTrackName(self, trackType: str, trackIndex: int) -> str:
        track = self._track(trackType, trackIndex)
        return track.name if track is not None else ""

    def SetTrackName(self, trackType: str, trackIndex: int, name: str) -> bool:
        track = self._track(trackType, trackIndex)
        if track is None or not name:
            return False
        track.name = name
        return True

    def GetIsTrackLocked(self, trackType: str, trackIndex: int) -> bool:
        track = self._track(trackType, trackIndex)
        return track is not None and track.locked

    def SetTrackLock(self, trackType: str, trackIndex: int, locked: bool) -> bool:
        track = self._track(trackType, trackIndex)
        if track is None:
            return False
        track.locked = bool(locked)
        return True

    def GetIsTrackEnabled(self, trackType: str, trackIndex: int) -> bool:
        track = self._track(trackType, trackIndex)
        return track is not None and track.enabled

    def SetTrackEnable(self, trackType: str, trackIndex: int, enabled: bool) -> bool:
        track = self._track(trackType, trackIndex)
        if track is None:
            return False
        track.enabled = bool(enabled)
        return True

    def GetItemListInTrack(self, trackType: str, index: int) -> list[TimelineItem]:
        track = self._track(trackType, index)
        return self._items(sorted(track.items, key=lambda item: item.start)) if track is not None else []

    def _track(self, kind: str, number: int) -> Track | None:
        tracks = self._state.tracks.get(kind, [])
        return tracks[int(number) - 1] if is_whole(number) and 1 <= number <= len(tracks) else None

    def _items(self, items: list[Item]) -> list[TimelineItem]:
        return [TimelineItem(self._host, item) for item in items]

    # Items

    def DeleteClips(self, timelineItems: list[TimelineItem], ripple: bool = False) -> bool:
        """Only on the Edit page, not from locked tracks, and often not at the first call; linked items stay."""
        if self._host.page != "edit":
            return False
        self._host.deletions += 1
        flaky = self._host.settings.delete_fails_first and self._host.deletions == 1
        items = [state_of(item) for item in timelineItems]
        if flaky or not items:
            return False
        done = [self._delete(item, ripple=ripple) for item in items]
        return all(done)

    def _delete(self, item: Any, *, ripple: bool) -> bool:
        track = next((track for track in self._state.every_track() if item in track.items), None)
        if track is None or track.locked:
            return False
        library.remove(self._state, item)
        for other in track.items if ripple else ():
            if other.start >= item.end:
                other.start -= item.frames
        return True

    def SetClipsLinked(self, timelineItems: list[TimelineItem], linked: bool) -> bool:
        items = [state_of(item) for item in timelineItems]
        if not items or not set(map(id, items)) <= set(map(id, self._state.items())):
            return False
        if linked:
            library.link(items)
            return True
        for item in items:
            item.linked = [other for other in item.linked if all(other is not each for each in items)]
        return True

    # Settings

    def GetSetting(self, settingName: str = "") -> Any:
        return library.setting(self._settings(), settingName)

    def SetSetting(self, settingName: str, settingValue: str) -> bool:
        """Only text is taken; a rate needs custom settings first, and is fixed once the timeline holds clips."""
        if not isinstance(settingValue, str):
            return False
        if settingName != "timelineFrameRate":
            self._state.settings[settingName] = settingValue
            return True
        clock = clock_named(settingValue)
        custom = self._state.settings.get("useCustomSettings") == "1"
        if clock is None or not custom or self._state.items():
            return False
        start = self._start_text()
        self._state.clock = clock
        self._state.start_frame = self._state.playhead = frame_of(start, clock) or 0
        return True

    def _start_text(self) -> str:
        return timecode_of(self._state.start_frame, self._state.clock)

    def GetSettings(self) -> dict[str, Any]:
        return self._settings()

    def SetSettings(self, settings: dict[str, str]) -> bool:
        done = [Timeline.SetSetting(self, name, value) for name, value in settings.items()]
        return all(done)

    def _settings(self) -> dict[str, Any]:
        return library.timeline_settings(self._host, self._host.opened, self._state)

    # Copies and files

    def DuplicateTimeline(self, timelineName: str = "") -> "Timeline | None":
        """The copy becomes the current timeline."""
        project = self._host.opened
        name = timelineName or f"{self._state.name} copy"
        if any(timeline.name == name for timeline in project.timelines):
            return None
        made = library.duplicated(self._host, self._state, name)
        return Timeline(self._host, made)

    def Export(self, fileName: str, exportType: Any, exportSubtype: Any = None) -> bool:
        """The kind of file must be the live constant; FCPXML 1.10 makes a folder."""
        kind = getattr(exportType, "name", None)
        if not isinstance(kind, str) or isinstance(exportSubtype, str):
            return False
        if self._host.settings.export == "lies":
            return True
        if not library.readable(self._host, fileName):
            return False
        return interchange.export(self._state, Path(fileName), kind)

    def ImportIntoTimeline(self, filePath: str, importOptions: dict[str, Any] | None = None) -> bool:
        """AAF alone, which this fake does not read."""
        del filePath, importOptions
        return False
