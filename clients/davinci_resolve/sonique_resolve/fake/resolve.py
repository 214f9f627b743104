"""The objects above a project: Resolve itself, its project manager, its media storage."""
# ruff: noqa: D102, N802, N803 the names are Resolve's, and what they mean stands in its own documents

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sonique_resolve.fake import library
from sonique_resolve.fake.fusion import Fusion
from sonique_resolve.fake.live import Live, state_of
from sonique_resolve.fake.media import MediaPoolItem
from sonique_resolve.fake.pool import MediaPool
from sonique_resolve.fake.project import Project
from sonique_resolve.fake.state import PAGES, ProjectState
from sonique_resolve.fake.timeline import Timeline

_BUILD = 12
EXPORTS = (
    "EXPORT_AAF",
    "EXPORT_DRT",
    "EXPORT_EDL",
    "EXPORT_FCP_7_XML",
    "EXPORT_FCPXML_1_8",
    "EXPORT_FCPXML_1_9",
    "EXPORT_FCPXML_1_10",
    "EXPORT_TEXT_CSV",
    "EXPORT_TEXT_TAB",
    "EXPORT_OTIO",
    "EXPORT_NONE",
)


@dataclass(frozen=True, slots=True)
class LiveConstant:
    """A constant of the live object; it is no text, and no text is taken for it."""

    name: str


class Resolve(Live):
    """The object that every script begins with."""

    def _constant(self, name: str) -> LiveConstant | None:
        return LiveConstant(name) if name in EXPORTS else None

    def Fusion(self) -> Fusion:
        return Fusion(self._host, None)

    def GetMediaStorage(self) -> "MediaStorage":
        return MediaStorage(self._host, None)

    def GetProjectManager(self) -> "ProjectManager":
        return ProjectManager(self._host, None)

    def OpenPage(self, pageName: str) -> bool:
        if pageName not in PAGES:
            return False
        self._host.turn_to(pageName)
        return True

    def GetCurrentPage(self) -> str | None:
        return self._host.page or None

    def GetProductName(self) -> str:
        return "DaVinci Resolve" + (" Studio" if self._host.settings.edition == "studio" else "")

    def GetVersion(self) -> list[Any]:
        return [*self._host.settings.release, _BUILD, ""]

    def GetVersionString(self) -> str:
        return ".".join(str(part) for part in (*self._host.settings.release, _BUILD))

    def Quit(self) -> None:
        self._host.end()

    def IsStudio(self) -> bool:
        return self._host.settings.edition == "studio"

    def GetCurrentProject(self) -> Project | None:
        return _current_project(self)

    def GetCurrentTimeline(self) -> Timeline | None:
        project = self._host.project
        timeline = project.current if project is not None else None
        return Timeline(self._host, timeline) if timeline is not None else None

    def GetMediaPool(self) -> MediaPool | None:
        project = self._host.project
        return MediaPool(self._host, project) if project is not None else None


def _current_project(live: Live) -> Project | None:
    host = live._host  # noqa: SLF001 a live object's own
    if host.project is None or host.settings.wedged:
        return None
    return Project(host, host.project)


class ProjectManager(Live):
    """The projects of the open database."""

    def ArchiveProject(
        self,
        projectName: str,
        filePath: str,
        isArchiveSrcMedia: bool = True,
        isArchiveRenderCache: bool = True,
        isArchiveProxyMedia: bool = False,
    ) -> bool:
        """From 21.1 on this takes Resolve down with it."""
        del isArchiveSrcMedia, isArchiveRenderCache, isArchiveProxyMedia
        if self._host.settings.release >= (21, 1, 0):
            self._host.end()
            raise ConnectionError("DaVinci Resolve crashed.")
        Path(filePath).mkdir(parents=True, exist_ok=True)
        return self._named(projectName) is not None

    def CreateProject(self, projectName: str) -> Project | None:
        """It is open then, and there for good once it is saved."""
        if not projectName or self._named(projectName) is not None:
            return None
        clock = self._host.opened.clock if self._host.project is not None else self._host.projects[0].clock
        self._host.leave()
        made = library.new_project(self._host, projectName, clock)
        self._host.projects.append(made)
        return self._open(made)

    def DeleteProject(self, projectName: str) -> bool:
        """The open project is not deleted, nor one that was open and was not closed by that word."""
        project = self._named(projectName)
        if project is None or project is self._host.project or project.held:
            return False
        self._host.projects.remove(project)
        project.gone = True
        return True

    def LoadProject(self, projectName: str) -> Project | None:
        if self._named(projectName) is None:
            return None
        self._host.leave()
        project = self._named(projectName)
        return self._open(project) if project is not None else None

    def _open(self, project: ProjectState) -> Project:
        project.held = True
        self._host.project = project
        return Project(self._host, project)

    def CloseProject(self, project: Project) -> bool:
        """Without saving it."""
        closed = self._host.project
        if closed is None or state_of(project) is not closed:
            return False
        self._host.leave()
        for each in self._host.projects:
            each.held = each.held and each.identity != closed.identity
        return True

    def GetCurrentProject(self) -> Project | None:
        return _current_project(self)

    def SaveProject(self) -> bool:
        """Without a window, an unnamed project asks for its name where nobody sees it, for ever."""
        project = self._host.project
        if self._host.settings.headless and project is not None and project.name == "Untitled Project":
            self._host.hang()
        return self._host.save()

    def GetProjectListInCurrentFolder(self) -> list[str]:
        return [project.name for project in self._host.projects]

    def GetCurrentDatabase(self) -> dict[str, str] | None:
        return None if self._host.settings.wedged else {"DbType": "Disk", "DbName": "Local Database"}

    def _named(self, name: str) -> ProjectState | None:
        return next((project for project in self._host.projects if project.name == name), None)


class MediaStorage(Live):
    """The disks; on Windows it takes no path with forward slashes."""

    def GetFileList(self, folderPath: str) -> list[str]:
        if not self._takes(folderPath) or not Path(folderPath).is_dir():
            return []
        return sorted(str(path) for path in Path(folderPath).iterdir() if path.is_file())

    def AddItemListToMediaPool(self, items: str | list[str], *more: str) -> list[MediaPoolItem]:
        paths = [*([items] if isinstance(items, str) else items), *more]
        found = library.bring(self._host, [path for path in paths if self._takes(path)])
        return [MediaPoolItem(self._host, media) for media in found]

    def _takes(self, path: str) -> bool:
        return self._host.settings.system != "windows" or "/" not in path
