"""A project."""
# ruff: noqa: D102, N802, N803 the names are Resolve's, and what they mean stands in its own documents

from typing import Any

from sonique_resolve.fake import library
from sonique_resolve.fake.clock import clock_named
from sonique_resolve.fake.deliver import DeliverPage
from sonique_resolve.fake.live import is_whole, state_of
from sonique_resolve.fake.pool import MediaPool
from sonique_resolve.fake.state import ProjectState, TimelineState
from sonique_resolve.fake.timeline import Timeline


class Project(DeliverPage):
    """A project."""

    _state: ProjectState

    def GetMediaPool(self) -> MediaPool:
        return MediaPool(self._host, self._state)

    def GetTimelineCount(self) -> int:
        return len(self._state.timelines)

    def GetTimelineByIndex(self, idx: int) -> Timeline | None:
        inside = is_whole(idx) and 1 <= idx <= len(self._state.timelines)
        return Timeline(self._host, self._state.timelines[int(idx) - 1]) if inside else None

    def GetCurrentTimeline(self) -> Timeline | None:
        return Timeline(self._host, self._state.current) if self._state.current is not None else None

    def SetCurrentTimeline(self, timeline: Timeline) -> bool:
        state = state_of(timeline)
        if not isinstance(state, TimelineState) or state not in self._state.timelines:
            return False
        self._state.current = state
        return True

    def GetName(self) -> str:
        return self._state.name

    def GetUniqueId(self) -> str:
        return self._state.identity

    def GetSetting(self, settingName: str = "") -> Any:
        return library.setting(library.project_settings(self._host, self._state), settingName)

    def SetSetting(self, settingName: str, settingValue: str) -> bool:
        """Only text is taken; the frame rate is fixed once there is a timeline."""
        if not isinstance(settingValue, str):
            return False
        if settingName != "timelineFrameRate":
            self._state.settings[settingName] = settingValue
            return True
        clock = clock_named(settingValue)
        if clock is None or self._state.timelines:
            return False
        self._state.clock = clock
        return True

    def InsertAudioToCurrentTrackAtPlayhead(
        self, mediaPath: str, startOffsetInSamples: int, durationInSamples: int
    ) -> bool:
        """Never worked where people tried it."""
        del mediaPath, startOffsetInSamples, durationInSamples
        return False
