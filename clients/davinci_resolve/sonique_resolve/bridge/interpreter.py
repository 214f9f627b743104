"""Runs batches of calls on live objects, given and answered as JSON-like values.

Standard library only, and Python 3.6: whatever Python Resolve finds runs this file, from its path.

A request is ``{"id": k, "steps": [...]}`` or ``{"id": k, "release": "all" or [numbers]}``; its answer is
``{"id": k, "ok": [values]}`` or ``{"id": k, "error": kind, "text": "...", "step": i}`` with the kinds gone, busy,
refused and broken.

A step is ``{"on": object, "do": "Method", "args": [...]}`` or ``{"on": object, "has": "Method"}``, where an object is a
number of the table or ``{"ref": i, "entry": j}``. Within arguments ``{"h": n}`` is an object, a ``ref`` an earlier
answer, and ``{"const": "EXPORT_OTIO"}`` a constant of the root; ``{"table": {...}}`` is a plain table whose keys would
be mistaken for one of these. Answers use ``{"h": n}`` and ``{"table": {...}}`` alike.

A step on nothing answers null, and so does a call of a method that this Resolve lacks: ask with ``has``.
"""
# ruff: noqa: UP006, UP035 - Python 3.6 runs this file

import json
import math
import re
from typing import Any, Dict, FrozenSet, Iterable, List

MOST_STEPS = 10000
MOST_BYTES = 8 * 1024 * 1024
DEEPEST = 32

METHODS: FrozenSet[str] = frozenset(
    """
    GetProjectManager OpenPage GetCurrentPage GetProductName GetVersion GetVersionString
    GetCurrentProject SaveProject GetCurrentDatabase CreateProject LoadProject CloseProject DeleteProject
    GetMediaPool GetCurrentTimeline SetCurrentTimeline GetTimelineCount GetTimelineByIndex GetName GetUniqueId
    GetSetting SetSetting
    LoadRenderPreset SaveAsNewRenderPreset DeleteRenderPreset GetRenderCodecs GetCurrentRenderFormatAndCodec
    SetCurrentRenderFormatAndCodec GetCurrentRenderMode SetCurrentRenderMode SetRenderSettings AddRenderJob
    StartRendering StopRendering IsRenderingInProgress GetRenderJobStatus DeleteRenderJob GetRenderJobList
    GetRootFolder AddSubFolder GetCurrentFolder SetCurrentFolder ImportMedia AppendToTimeline CreateEmptyTimeline
    ImportTimelineFromFile DeleteClips DeleteTimelines DeleteFolders MoveClips
    GetClipList GetSubFolderList
    GetMediaId GetClipProperty SetClipProperty GetMetadata SetMetadata SetThirdPartyMetadata GetThirdPartyMetadata
    SetClipColor GetClipColor GetAudioMapping GetMarkInOut SetMarkInOut ClearMarkInOut
    GetStartFrame GetEndFrame GetStartTimecode SetStartTimecode GetCurrentTimecode SetCurrentTimecode
    GetCurrentVideoItem GetTrackCount AddTrack DeleteTrack GetTrackSubType GetTrackName SetTrackName
    GetIsTrackLocked SetTrackLock GetIsTrackEnabled SetTrackEnable GetItemListInTrack
    AddMarker GetMarkers GetMarkerByCustomData DeleteMarkerByCustomData DeleteMarkerAtFrame
    GetSelectedClips SetClipsLinked Export GetMediaPoolItem DuplicateTimeline SetName
    GetStart GetEnd GetDuration GetLeftOffset GetRightOffset GetSourceStartFrame GetSourceEndFrame
    GetSourceStartTime GetSourceEndTime GetLinkedItems GetTrackTypeAndIndex GetClipEnabled SetClipEnabled
    GetSourceAudioChannelMapping GetProperty
    """.split()  # noqa: SIM905 - a list of words reads as one
)
"""Every method that may be called: known to the independent listing of release 21.0.0."""

NEWER: FrozenSet[str] = frozenset(
    """
    IsStudio GetTimeline GetSettings SetSettings GetType GetFades SetFades GetProperties SetProperties
    GetSpeed GetNormalizeAudioModes NormalizeAudioLevel
    """.split()  # noqa: SIM905 - a list of words reads as one
)
"""Methods that some object of that listing lacks; asked for with "has" before they are called."""

_CONSTANT = re.compile("EXPORT_[A-Z0-9_]+$")
_HANDLE, _REF, _ENTRY = frozenset(["h"]), frozenset(["ref"]), frozenset(["ref", "entry"])
_CONST, _TABLE = frozenset(["const"]), frozenset(["table"])
_MARKED = (_HANDLE, _REF, _ENTRY, _CONST, _TABLE)


class Refused(Exception):
    """A request that is not carried out; its text says why."""


class Interpreter:
    """Holds live objects by number and runs batches on them.

    Numbers are never given twice. An object that is the very same keeps its number; others cannot be told to be equal
    without asking Resolve, so they are not.

    Args:
        root: the object with number 0.
        names: the methods that may be called, or asked for.
        first: the first number to give out.
    """

    def __init__(self, root: Any, names: Iterable[str] = METHODS | NEWER, first: int = 1) -> None:
        self._root = root
        self._names = frozenset(names)
        self._next = first
        self._objects: Dict[int, Any] = {}
        self._numbers: Dict[int, int] = {}
        self._forget("all")

    def answer(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """Carries out one request; whatever happens inside becomes an answer."""
        answered = self._answered(request)
        if isinstance(request, dict) and "id" in request:
            answered["id"] = request["id"]
        return answered

    def answer_line(self, line: str) -> str:
        """The same for a request and an answer that are one line of JSON."""
        if len(line) > MOST_BYTES:
            return json.dumps(_error("broken", "The request is longer than 8 MB."))
        try:
            request = json.loads(line)
        except ValueError as problem:
            return json.dumps(_error("broken", f"The request is no JSON: {problem}"))
        written = json.dumps(self.answer(request))
        if len(written) <= MOST_BYTES:
            return written
        short = _error("broken", "The answer is longer than 8 MB; ask for less at once.")
        short["id"] = request["id"] if isinstance(request, dict) and "id" in request else None
        return json.dumps(short)

    def _answered(self, request: Any) -> Dict[str, Any]:
        try:
            if isinstance(request, dict) and "release" in request:
                self._forget(request["release"])
                return {"ok": []}
            steps = request["steps"]
            if len(steps) > MOST_STEPS:
                return _error("broken", f"A batch holds {MOST_STEPS} calls at most.")
        except (KeyError, TypeError, ValueError) as problem:
            return _error("broken", f"The request cannot be read: {_named(problem)}")
        return self._run(steps)

    def _run(self, steps: List[Dict[str, Any]]) -> Dict[str, Any]:
        live: List[Any] = []
        values = []
        for index, step in enumerate(steps):
            try:
                found = self._step(step, live)
                values.append(self._value(found, 0))
            except Exception as problem:  # noqa: BLE001 - nothing that happens inside Resolve ends the bridge
                failed = _error(_kind(problem), _named(problem))
                failed["step"] = index
                return failed
            live.append(found)
        return {"ok": values}

    def _step(self, step: Dict[str, Any], live: List[Any]) -> Any:
        target = self._target(step["on"], live)
        name = step["has"] if "has" in step else step["do"]
        if name not in self._names:
            raise Refused(f"“{name}” is not among the calls that this bridge makes.")
        if target is None:
            return None
        _must_be_live(target, name)
        # Unknown names are there on live objects, and are None.
        method = getattr(target, name, None)
        if "has" in step:
            return callable(method)
        if not callable(method):
            return None
        return method(*[self._argument(each, live, 0) for each in step.get("args", ())])

    def _target(self, on: Any, live: List[Any]) -> Any:
        return self._referred(on, live) if isinstance(on, dict) else self._held(on)

    def _argument(self, given: Any, live: List[Any], depth: int) -> Any:
        if depth > DEEPEST:
            raise Refused("An argument is nested too deeply.")
        if isinstance(given, list):
            return [self._argument(each, live, depth + 1) for each in given]
        if not isinstance(given, dict):
            return given
        keys = frozenset(given)
        if keys == _HANDLE:
            return self._held(given["h"])
        if keys in {_REF, _ENTRY}:
            return self._referred(given, live)
        if keys == _CONST:
            return self._constant(given["const"])
        table = given["table"] if keys == _TABLE else given
        return {key: self._argument(each, live, depth + 1) for key, each in table.items()}

    def _held(self, number: Any) -> Any:
        if number not in self._objects:
            raise Refused(f"Object {number} was let go.")
        return self._objects[number]

    def _referred(self, given: Dict[str, Any], live: List[Any]) -> Any:
        call, entry = given["ref"], given.get("entry")
        if not 0 <= call < len(live):
            raise Refused(f"Call {call} comes later or not at all.")
        found = live[call]
        if entry is None or found is None:
            return found
        if not isinstance(found, (list, tuple)):
            raise Refused(f"Call {call} answered no list.")
        return found[entry] if 0 <= entry < len(found) else None

    def _constant(self, name: str) -> Any:
        found = getattr(self._root, name, None) if _CONSTANT.match(name) else None
        if found is None:
            raise Refused(f"This Resolve has no constant “{name}”.")
        return found

    def _value(self, found: Any, depth: int) -> Any:
        if depth > DEEPEST:
            raise Refused("An answer is nested too deeply.")
        if found is None or isinstance(found, (bool, str)):
            return found
        if isinstance(found, (int, float)):
            return _number(found)
        if isinstance(found, bytes):
            return found.decode("utf-8", "replace")
        if isinstance(found, (list, tuple)):
            return [self._value(each, depth + 1) for each in found]
        if isinstance(found, dict):
            table = {_key(key): self._value(each, depth + 1) for key, each in found.items()}
            return {"table": table} if frozenset(table) in _MARKED else table
        return {"h": self._numbered(found)}

    def _numbered(self, found: Any) -> int:
        # The table keeps the object alive, so that its address stays its own.
        number = self._numbers.get(id(found))
        if number is None:
            number = self._next
            self._next += 1
            self._objects[number] = found
            self._numbers[id(found)] = number
        return number

    def _forget(self, which: Any) -> None:
        if which == "all":
            self._objects = {0: self._root}
            self._numbers = {id(self._root): 0}
            return
        for number in which:
            if number != 0 and number in self._objects:
                del self._numbers[id(self._objects.pop(number))]


def _must_be_live(target: Any, name: str) -> None:
    if isinstance(target, (bool, int, float, str, bytes, list, tuple, dict)):
        raise Refused(f"“{name}” was asked of a value, not of an object.")


def _number(found: Any) -> Any:
    if isinstance(found, float):
        return float(found) if math.isfinite(found) else None
    return int(found)


def _key(key: Any) -> str:
    return key if isinstance(key, str) else repr(key) if isinstance(key, float) else str(key)


def _kind(problem: Exception) -> str:
    if isinstance(problem, (ConnectionError, EOFError)):
        return "gone"
    return "busy" if isinstance(problem, TimeoutError) else "broken"


def _named(problem: Exception) -> str:
    text = str(problem)
    return text if isinstance(problem, Refused) else f"{type(problem).__name__}: {text[:2000]}"


def _error(kind: str, text: str) -> Dict[str, Any]:
    return {"error": kind, "text": text}
