"""The host: one Resolve as its objects see it, which release it is, what is open, and what befalls a call."""

import copy
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sonique_resolve.fake.log import CallLog, Seen
from sonique_resolve.fake.settings import Settings
from sonique_resolve.fake.state import Marks, Media, ProjectState, TimelineState
from sonique_resolve.fake.windows import UIManager

_Saved: TypeAlias = tuple[list[ProjectState], ProjectState | None]
DialogMode: TypeAlias = Literal["", "fails", "raises", "blocks"]


class ResolveEndedError(ConnectionError):
    """Resolve is no longer there."""


class DialogOpenError(TimeoutError):
    """A dialog is open, and the call would wait for its end."""


class Host:
    """One Resolve.

    Args:
        settings: which Resolve it is.
        kinds: by name, the kinds of live objects that others make which come before them: ``Resolve``, ``Timeline``.

    Attributes:
        settings: may be replaced between calls.
        log: the calls so far.
        elapsed: seconds that the calls so far would have taken.
        project: the open project; None in a headless Resolve with none.
        projects: all projects of the database.
        page: the page that is open; empty while the project manager stands before all of them, and nothing can be
            changed.
        dialog: what calls meet while a dialog is open: ``fails`` answers None, ``raises`` raises DialogOpenError,
            ``blocks`` waits for ``close_dialog``; empty while none is.
        ended: Resolve was closed or died.
        hook: called before every call with what is called; may raise, block, or change this Resolve.
        ui: what ``Fusion.UIManager`` answers where the edition has it; the user acts through it.
        render: called with each job that is rendered.
        upsold: how many of the dialogs that ask a user of Free to buy Studio were opened.
        appends: how many clips were put on timelines.
        deletions: how often clips were deleted.
        job_requests: how often a job of rendering was asked for.
        prefs: what scripts left in Fusion's preferences.
        prefs_file: where those are kept, or None.
        declared: media that a test told of, by path.
    """

    def __init__(self, settings: Settings, kinds: Mapping[str, Callable[["Host", Any], Any]]) -> None:
        self.settings = settings
        self.kinds = kinds
        self.log = CallLog()
        self.elapsed = 0.0
        self.page = "edit"
        self.dialog: DialogMode = ""
        self.ended = False
        self.hook: Callable[[Seen], None] | None = None
        self.ui: UIManager | None = UIManager()
        self.render: Callable[[dict[str, Any]], None] | None = None
        self.upsold = 0
        self.appends = 0
        self.deletions = 0
        self.job_requests = 0
        self.prefs: dict[str, Any] = {}
        self.prefs_file: Path | None = None
        self.declared: dict[str, Media] = {}
        self.projects: list[ProjectState] = []
        self.project: ProjectState | None = None
        self._saved: _Saved = ([], None)
        self._numbers = 0
        self._dialog_closed = threading.Event()

    # What a script gets

    @property
    def resolve(self) -> Any:
        """The object that every script begins with."""
        return self.kinds["Resolve"](self, None)

    def scriptapp(self, name: str = "Resolve", *, outside: bool = True) -> Any:
        """What ``scriptapp`` answers to a program outside Resolve, or to a Python script of its menu.

        None where Resolve is closed, is Free and asked from outside, has scripting off, or is Free from 21.1 on, which
        has no Python at all.
        """
        free = self.settings.edition == "free"
        fenced = free and self.settings.release >= (21, 1, 0)
        shut = outside and (free or not self.settings.scripting)
        if self.ended or fenced or shut:
            return None
        return self.resolve if name == "Resolve" else self.resolve.Fusion()

    def meets(self, seen: Seen) -> bool:
        """Whether a call goes on, after all that may befall it."""
        self.log.calls.append(seen)
        self.elapsed += self.settings.latency_ms / 1000
        if self.hook is not None:
            self.hook(seen)
        self._meet_the_end()
        return not self.ended and (not self.dialog or self._wait_for_dialog())

    def _meet_the_end(self) -> None:
        if self.ended and self.settings.end == "raises":
            raise ResolveEndedError("DaVinci Resolve is not running.")

    def _wait_for_dialog(self) -> bool:
        """Whether the call goes on after the dialog."""
        if self.dialog == "raises":
            raise DialogOpenError("A dialog is open in DaVinci Resolve.")
        if self.dialog == "fails":
            return False
        self._dialog_closed.wait()
        self._meet_the_end()
        return True

    # What befalls it

    def open_dialog(self, how: DialogMode = "raises") -> None:
        """Opens a modal dialog."""
        self._dialog_closed.clear()
        self.dialog = how

    def hang(self) -> None:
        """A question that nobody sees, and that every call waits for from now on."""
        self.open_dialog("blocks" if self.dialog == "blocks" else "raises")
        self._wait_for_dialog()

    def close_dialog(self) -> None:
        """The user closed the dialog."""
        self.dialog = ""
        self._dialog_closed.set()

    def end(self) -> None:
        """Resolve dies or is closed without saving."""
        self.ended = True
        self._dialog_closed.set()

    def restart(self) -> None:
        """Resolve is opened again, with what was saved last."""
        self.projects, self.project = copy.deepcopy(self._saved)
        self.ended = False
        self.dialog = ""
        self.page = "edit"
        self.deletions = 0

    def turn_to(self, page: str) -> None:
        """Opens a page; on the way there the marks may be lost."""
        loses = self.settings.page_clears_marks
        timeline = self.project.current if self.project is not None else None
        if page != self.page and timeline is not None and (loses == "any" or loses == page == "deliver"):
            timeline.marks = {kind: Marks() for kind in timeline.marks}
        self.page = page

    def save(self) -> bool:
        """Saves the project; appends that failed inside vanish with it."""
        for timeline in self.project.timelines if self.project is not None else ():
            for track in timeline.every_track():
                track.drop_failed()
        self._saved = copy.deepcopy((self.projects, self.project))
        return self.project is not None

    def leave(self) -> None:
        """The open project is left: what of it was not saved is lost, and one that never was is gone."""
        project = self.project
        if project is None:
            return
        kept = next((each for each in self._saved[0] if each.identity == project.identity), None)
        place = self.projects.index(project)
        if kept is None:
            del self.projects[place]
            project.gone = True
        elif repr(kept) != repr(project):
            self.projects[place] = copy.deepcopy(kept)
        self.project = None

    def new_identity(self) -> str:
        """A unique id, the same in every run."""
        self._numbers += 1
        return f"{self._numbers:08x}-5e11-4a7e-9b1d-{self._numbers:012x}"

    # What is there

    @property
    def opened(self) -> ProjectState:
        """The open project."""
        assert self.project is not None, "No project is open."
        return self.project

    @property
    def timeline(self) -> TimelineState:
        """The current timeline."""
        current = self.opened.current
        assert current is not None, "No timeline is current."
        return current
