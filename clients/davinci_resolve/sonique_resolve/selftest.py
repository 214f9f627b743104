"""The self-test: whether this Resolve does what Sonique takes for granted, tried on projects made for it alone.

Nothing of the user's is touched but that another project is open for a while. Whatever goes wrong, there is a report:
plain data, without names or paths of the user's, to be sent back.
"""

import math
import platform
import secrets
import shutil
import struct
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sonique_resolve import deliver, panel_resolve, placer, reader
from sonique_resolve.calls import RESOLVE, Call, Desk, Handle, Has, Value
from sonique_resolve.carrier import carried
from sonique_resolve.errors import ResolveError
from sonique_resolve.placement import Placement, Take
from sonique_resolve.selftest_report import RATES, Report, noted
from sonique_resolve.timeline import TimelineRange, read_rate

UNSAVED = "Untitled Project"

_NAME = "Sonique selftest"
_TONE_SECONDS, _TONE_HZ, _SAMPLE_RATE = 6, 220, 48_000
_NEWER = {
    "timeline": ("GetMarkInOut", "GetTrackSubType", "GetSelectedClips", "GetSettings", "NormalizeAudioLevel"),
    "item": ("GetType", "GetSpeed", "GetFades", "SetFades", "GetProperties", "SetProperties", "GetSourceStartTime"),
}
_OTHER_FPS = Fraction(50)
_JOBS = ("5e1f7e57" * 3, "5e1f7e58" * 3)
_EDITION = "DaVinci Resolve Studio"
_DELETIONS = 3
"""Times that a project is deleted; the first call is often lost."""


def _silent(_: str) -> None:
    """Says nothing."""


def run(desk: Desk, transport: str = "", say: Callable[[str], None] = _silent) -> Report:
    """Tries everything on scratch projects, and puts the user's own back; raises nothing of Resolve's.

    Args:
        desk: Resolve.
        transport: how it is reached, for the report.
        say: is told what is being tried.
    """
    report = Report(_surroundings(transport))
    with noted(report, "asking what this Resolve is"):
        _meet(desk, report)
    with noted(report, "opening a window of Resolve's own"):
        _try_window(desk, report)
    with noted(report, "trying it"), _away_from_home(desk, report), TemporaryDirectory(prefix="sonique-") as folder:
        tone = _tone(Path(folder) / "sonique-selftest.wav")
        for rate, start in RATES:
            say(f"A timeline at {rate} …")
            _try_rate(desk, report, rate, start, tone)
    return report


def _surroundings(transport: str) -> dict[str, Any]:
    try:
        release = version("sonique")
    except PackageNotFoundError:
        release = ""
    return {
        "sonique": release,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "transport": transport,
    }


def _ask(desk: Desk, on: Handle, method: str, *args: Any) -> Value:
    return desk.do([Call(on, method, args)])[0]


def _object(found: Value, what: str) -> Handle:
    if not isinstance(found, Handle):
        raise ResolveError(f"Resolve answered {found!r} where {what} was expected.")
    return found


def _meet(desk: Desk, report: Report) -> None:
    product, numbers, page = desk.do(
        [Call(RESOLVE, "GetProductName"), Call(RESOLVE, "GetVersion"), Call(RESOLVE, "GetCurrentPage")]
    )
    edition = "studio" if product == _EDITION else "free"
    report.facts |= {"product": product, "edition": edition, "version": numbers, "page": page}


@contextmanager
def _away_from_home(desk: Desk, report: Report) -> Iterator[None]:
    """Around all that happens in scratch projects: the user's own is open before and after."""
    manager = _object(_ask(desk, RESOLVE, "GetProjectManager"), "its project manager")
    home = _object(_ask(desk, manager, "GetCurrentProject"), "an open project")
    name, page = desk.do([Call(home, "GetName"), Call(RESOLVE, "GetCurrentPage")])
    if not page:
        raise ResolveError("Resolve shows none of its pages; close its project manager, and run the self-test again.")
    if not isinstance(name, str) or not name or name == UNSAVED:
        raise ResolveError("The open project has no name yet; save it, and run the self-test again.")
    if not _ask(desk, manager, "SaveProject"):  # what is not saved is lost as another project is made
        raise ResolveError("The open project could not be saved; save it, and run the self-test again.")
    try:
        yield
    finally:
        with noted(report, "going back to your project"):
            if _opened(desk, manager) != name and _ask(desk, manager, "LoadProject", name) is None:
                report.notes.append("Your project was not opened again; open it from the project manager.")
            if isinstance(page, str) and page:
                _ask(desk, RESOLVE, "OpenPage", page)


def _opened(desk: Desk, manager: Handle) -> Value:
    """The name of the open project, or None."""
    project = _ask(desk, manager, "GetCurrentProject")
    return _ask(desk, project, "GetName") if isinstance(project, Handle) else None


def _try_rate(desk: Desk, report: Report, rate: str, start: int, tone: Path) -> None:
    """Everything at one rate, in a project of its own, which is deleted afterwards."""
    manager = _object(_ask(desk, RESOLVE, "GetProjectManager"), "its project manager")
    home = _opened(desk, manager)
    name = f"{_NAME} {secrets.token_hex(4)}"
    trial = _Trial(desk, report, rate, start)
    with noted(report, f"trying {rate}"):
        try:
            project = _object(_ask(desk, manager, "CreateProject", name), "a new project")
            _ask(desk, manager, "SaveProject")
            _ask(desk, RESOLVE, "OpenPage", "edit")  # clips are deleted on that page alone
            trial.all(project, tone)
        finally:
            _leave(trial, manager, name, home)


def _leave(trial: "_Trial", manager: Handle, name: str, home: Value) -> None:
    """Out of the scratch project, and away with it; one that was open is deleted only once it was closed."""
    with noted(trial.report, "removing the scratch project"):
        desk = trial.desk
        project = _ask(desk, manager, "GetCurrentProject")
        if _opened(desk, manager) == name:
            _ask(desk, manager, "CloseProject", project)
        if isinstance(home, str):
            _ask(desk, manager, "LoadProject", home)
        if not any(_ask(desk, manager, "DeleteProject", name) for _ in range(_DELETIONS)):
            trial.report.notes.append(f"The project “{name}” is left over; delete it in the project manager.")


@dataclass(slots=True)
class _Trial:
    """One rate's trial."""

    desk: Desk
    report: Report
    rate: str
    start: int

    def check(self, name: str, expected: object, found: object, *, passed: bool | None = None) -> None:
        """Writes down one check; it passes where what was found is what was expected."""
        ok = found == expected if passed is None else passed
        entry = {"rate": self.rate, "name": name, "passed": ok, "expected": expected, "found": found}
        self.report.checks.append(entry)

    def all(self, project: Handle, tone: Path) -> None:
        """Every check, in an order in which one's failing spoils the fewest others."""
        self.check("the rate is taken", expected=True, found=_ask(self.desk, project, "SetSetting", *self._setting()))
        pool = _object(_ask(self.desk, project, "GetMediaPool"), "a media pool")
        timeline = _object(_ask(self.desk, pool, "CreateEmptyTimeline", _NAME), "a new timeline")
        self._timeline(timeline)
        with noted(self.report, f"marking at {self.rate}"):
            self._marks(timeline)
        with noted(self.report, f"appending at {self.rate}"):
            self._append(pool, timeline, tone)
        with noted(self.report, f"placing at {self.rate}"):
            self._place(tone)
        with noted(self.report, f"placing a film at {self.rate}"):
            self._film(pool, tone)
        with noted(self.report, f"keeping the Deliver page at {self.rate}"):
            self._deliver(project)

    def _setting(self) -> tuple[str, str]:
        return "timelineFrameRate", self.rate

    def _timeline(self, timeline: Handle) -> None:
        start, code, named, drop = self.desk.do(
            [
                Call(timeline, "GetStartFrame"),
                Call(timeline, "GetStartTimecode"),
                Call(timeline, "GetSetting", ("timelineFrameRate",)),
                Call(timeline, "GetSetting", ("timelineDropFrameTimecode",)),
            ]
        )
        wanted, found = read_rate(self.rate), read_rate(named, drop_frame=str(drop) == "1")
        same = wanted is not None and found is not None and wanted.fps == found.fps
        self.check("the timeline's rate", self.rate, [named, drop], passed=same)
        self.check("its first frame", [self.start, "01:00:00:00"], [start, code], passed=start == self.start)
        self.start = (
            start if isinstance(start, int) else self.start
        )  # what follows is tried from where it really begins
        methods = [(name, Has(timeline, name)) for name in _NEWER["timeline"]]
        answers = self.desk.do([step for _, step in methods])
        self.report.facts.setdefault(
            "timeline_methods", {name: has for (name, _), has in zip(methods, answers, strict=True)}
        )

    def _marks(self, timeline: Handle) -> None:
        known = self.desk.do([Has(timeline, "SetMarkInOut")])[0]
        if not known:
            return
        _ask(self.desk, timeline, "SetMarkInOut", 24, 71)
        found = _ask(self.desk, timeline, "GetMarkInOut")
        marks = found.get("video", found) if isinstance(found, dict) else found
        as_set = isinstance(marks, dict) and (marks.get("in"), marks.get("out")) == (24, 71)
        self.check("marks count from the timeline's start", {"in": 24, "out": 71}, found, passed=as_set)
        _ask(self.desk, timeline, "AddMarker", 10, "Mint", _NAME, "", 1, "sonique-selftest")
        markers = _ask(self.desk, timeline, "GetMarkers")
        keys = sorted(float(key) for key in markers) if isinstance(markers, dict) else markers
        self.check("markers count from the timeline's start", [10.0], keys)
        removed = _ask(self.desk, timeline, "DeleteMarkerByCustomData", "sonique-selftest")
        self.check("a marker is found by its data", expected=True, found=removed)

    def _append(self, pool: Handle, timeline: Handle, tone: Path) -> None:
        """The bare call: what becomes of 24 frames, on a track made for it."""
        media = _ask(self.desk, pool, "ImportMedia", [str(tone)])
        clip = _object(media[0] if isinstance(media, list) and media else None, "the imported sound")
        fps, length = self.desk.do([Call(clip, "GetClipProperty", (key,)) for key in ("FPS", "Frames")])
        frozen, wanted = read_rate(fps), read_rate(self.rate)
        same = frozen is not None and wanted is not None and frozen.fps == wanted.fps
        self.check("sound takes the project's rate", self.rate, [fps, length], passed=same)
        _ask(self.desk, timeline, "AddTrack", "audio", {"audioType": "stereo"})
        track = _ask(self.desk, timeline, "GetTrackCount", "audio")
        kind = _ask(self.desk, timeline, "GetTrackSubType", "audio", track)
        self.check("a new track is stereo", "stereo", kind, passed=kind in {"stereo", None})
        entry = {"mediaPoolItem": clip, "startFrame": 0, "endFrame": 24, "mediaType": 2, "trackIndex": track}
        self._appended(pool, timeline, track, {**entry, "recordFrame": self.start + 12})

    def _appended(self, pool: Handle, timeline: Handle, track: Value, entry: dict[str, Any]) -> None:
        _ask(self.desk, pool, "AppendToTimeline", [entry])
        items = _ask(self.desk, timeline, "GetItemListInTrack", "audio", track)
        item = _object(items[0] if isinstance(items, list) and items else None, "the appended clip")
        start, frames = self.desk.do([Call(item, "GetStart"), Call(item, "GetDuration")])
        self.check("a clip stands where it is put", self.start + 12, start)
        self.check("endFrame is one past the last, or the last", [24, 25], frames, passed=frames in {24, 25})
        self.report.facts.setdefault("end_frame", "inclusive" if frames == 25 else "exclusive")
        answers = self.desk.do([Has(item, name) for name in _NEWER["item"]])
        self.report.facts.setdefault("item_methods", dict(zip(_NEWER["item"], answers, strict=True)))
        deleted = [_ask(self.desk, timeline, "DeleteClips", [item]) for _ in range(2)]
        left = _ask(self.desk, timeline, "GetItemListInTrack", "audio", track)
        self.check("a clip can be deleted", expected=[], found=left or [], passed=not left)
        self.report.facts.setdefault("delete_answers", deleted)

    def _place(self, tone: Path) -> None:
        """Sonique's own placing, as it would be done for a user; and once more, which replaces it."""
        wanted = TimelineRange(self.start + 48, 96)
        for job in _JOBS:
            sound = tone.with_name(f"{tone.stem} [{job}].wav")  # as a cue's files are named, which older releases go by
            shutil.copyfile(tone, sound)
            began = time.monotonic()
            read = reader.read(self.desk)
            self.check("the timeline is read", self.start, read.start_frame)
            placed = placer.place(self.desk, read, Placement(wanted, (Take(sound),), job))
            seconds = round(time.monotonic() - began, 3)
            found = [[item.start_frame, item.frames] for item in placed.items]
            self.check("music is placed exactly", [[wanted.start_frame, wanted.frames]], found)
            self.report.facts.setdefault("placing_seconds", seconds)
        self.check("a second run replaces the first", expected=True, found=placed.replaced)
        self.check("what placing had to say", [], list(placed.notes), passed=True)

    def _film(self, pool: Handle, tone: Path) -> None:
        """Sound in a film of another rate than the project's, which such places need as sound alone cannot fill."""
        film = carried(tone, _OTHER_FPS)
        media = _ask(self.desk, pool, "ImportMedia", [str(film)])
        clip = _object(media[0] if isinstance(media, list) and media else None, "the imported film")
        fps, kind = self.desk.do([Call(clip, "GetClipProperty", (key,)) for key in ("FPS", "Type")])
        rate = read_rate(fps)
        same = rate is not None and rate.fps == _OTHER_FPS
        self.check("a film keeps its own rate", float(_OTHER_FPS), [fps, kind], passed=same)

    def _deliver(self, project: Handle) -> None:
        """What a proxy render needs: the Deliver page kept, and put back."""
        kept = deliver.keep(self.desk, project)
        self.report.facts.setdefault("render_job_keys", sorted(kept.job))
        read = reader.read(self.desk)
        left = deliver.put_back(self.desk, project, kept, read.whole)
        self.check("the Deliver page is put back", [], left)


def _try_window(desk: Desk, report: Report) -> None:
    """Whether a window of Resolve's own opens, and answers while it is open."""
    began = time.monotonic()
    window = panel_resolve.opened(desk)
    if window is None:
        report.facts["window"] = "none"
        return
    report.facts["window"] = "opened"
    told = window.ask(get=[["Takes", "Value"]])
    answered = told.get("values") == [3]
    report.facts["window"] = "answered" if answered else "opened, and did not answer"
    report.facts["window_seconds"] = round(time.monotonic() - began, 3)
    window.ask(close=True)


def _tone(path: Path) -> Path:
    """A quiet tone."""
    samples = _TONE_SECONDS * _SAMPLE_RATE
    wave_length = _SAMPLE_RATE / _TONE_HZ
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(_SAMPLE_RATE)
        values = (round(1000 * math.sin(2 * math.pi * (number / wave_length))) for number in range(samples))
        file.writeframes(b"".join(struct.pack("<hh", value, value) for value in values))
    return path
