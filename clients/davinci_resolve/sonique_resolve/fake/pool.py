"""The media pool and its bins."""
# ruff: noqa: D102, N802, N803 the names are Resolve's, and what they mean stands in its own documents

from pathlib import Path
from typing import Any

from sonique_resolve.fake import interchange, library, placing
from sonique_resolve.fake.clock import frame_of
from sonique_resolve.fake.item import TimelineItem
from sonique_resolve.fake.live import Live, state_of
from sonique_resolve.fake.media import MediaPoolItem
from sonique_resolve.fake.state import Bin, ProjectState
from sonique_resolve.fake.timeline import Timeline


class Folder(Live):
    """A bin."""

    _state: Bin

    def GetName(self) -> str:
        return self._state.name

    def GetUniqueId(self) -> str:
        return self._state.identity

    def GetClipList(self) -> list[MediaPoolItem]:
        return [MediaPoolItem(self._host, media) for media in self._state.media]

    def GetSubFolderList(self) -> "list[Folder]":
        return [Folder(self._host, each) for each in self._state.bins]


class MediaPool(Live):
    """The media pool of a project."""

    _state: ProjectState

    def GetRootFolder(self) -> Folder:
        return Folder(self._host, self._state.root)

    def GetCurrentFolder(self) -> Folder:
        return Folder(self._host, self._state.bin)

    def SetCurrentFolder(self, folder: Folder) -> bool:
        state = state_of(folder)
        if not isinstance(state, Bin) or all(state is not each for each in self._state.root.all_bins()):
            return False
        self._state.bin = state
        return True

    def AddSubFolder(self, folder: Folder, name: str) -> Folder | None:
        """It becomes the current one; its name may be another's too."""
        parent = state_of(folder)
        if not isinstance(parent, Bin) or not name:
            return None
        made = Bin(self._host.new_identity(), name)
        parent.bins.append(made)
        self._state.bin = made
        return Folder(self._host, made)

    def DeleteFolders(self, subfolders: list[Folder]) -> bool:
        doomed = [state_of(folder) for folder in subfolders]
        if not doomed or any(each is self._state.root for each in doomed):
            return False
        for parent in self._state.root.all_bins():
            parent.bins = [each for each in parent.bins if all(each is not other for other in doomed)]
        if all(self._state.bin is not each for each in self._state.root.all_bins()):
            self._state.bin = self._state.root
        return True

    def ImportMedia(self, items: list[str] | list[dict[str, Any]]) -> list[MediaPoolItem]:
        """Into the current bin."""
        listed: list[Any] = items if isinstance(items, list) else []
        paths = [str(item["FilePath"]) if isinstance(item, dict) else item for item in listed]
        return [MediaPoolItem(self._host, media) for media in library.bring(self._host, paths)]

    def MoveClips(self, clips: list[MediaPoolItem], targetFolder: Folder) -> bool:
        target = state_of(targetFolder)
        moved = [state_of(clip) for clip in clips]
        if not isinstance(target, Bin) or not self._take_out(moved):
            return False
        target.media.extend(moved)
        return True

    def DeleteClips(self, clips: list[MediaPoolItem]) -> bool:
        """What plays them on timelines goes offline."""
        doomed = [state_of(clip) for clip in clips]
        if not self._take_out(doomed):
            return False
        for media in doomed:
            media.gone = True
        return True

    def _take_out(self, media: list[Any]) -> bool:
        everything = self._state.root.everything()
        if not media or any(all(each is not other for other in everything) for each in media):
            return False
        for parent in self._state.root.all_bins():
            parent.media = [each for each in parent.media if all(each is not other for other in media)]
        return True

    def AppendToTimeline(self, clips: Any, *more: Any) -> list[TimelineItem | None] | None:
        """To the current timeline."""
        wanted = [*(clips if isinstance(clips, list) else [clips]), *more]
        placed = placing.append(self._host, wanted)
        if placed is None:
            return None
        return [TimelineItem(self._host, item) if item is not None else None for item in placed]

    def CreateEmptyTimeline(self, name: str) -> Timeline | None:
        """It becomes the current one."""
        if not name or self._named(name):
            return None
        clock = self._state.clock
        start = frame_of(self._state.settings.get("timelineStartTimecode", "01:00:00:00"), clock) or 0
        return Timeline(self._host, library.new_timeline(self._host, name, clock, start, ("stereo",)))

    def ImportTimelineFromFile(self, filePath: str, importOptions: dict[str, Any] | None = None) -> Timeline | None:
        """A new timeline, and the current one; None, without a reason, where anything about it is not liked."""
        options = importOptions or {}
        name = options.get("timelineName", "")
        if name and self._named(name):
            return None
        if self._host.settings.import_source == "cancelled" and options.get("importSourceClips", True):
            return None
        made = interchange.imported(self._host, Path(filePath), name)
        return Timeline(self._host, made) if made is not None else None

    def DeleteTimelines(self, timeline: list[Timeline]) -> bool:
        doomed = [state_of(each) for each in timeline]
        if not doomed or any(each not in self._state.timelines for each in doomed):
            return False
        for state in doomed:
            library.remove_timeline(self._state, state)
        return True

    def GetUniqueId(self) -> str:
        return f"pool-{self._state.identity}"

    def _named(self, name: str) -> bool:
        return any(timeline.name == name for timeline in self._state.timelines)
