"""Markers and marks, which timelines, media and items have alike."""
# ruff: noqa: D102, N802, N803 the names are Resolve's, and what they mean stands in its own documents

from typing import Any

from sonique_resolve.fake.live import Live, is_whole
from sonique_resolve.fake.state import MARKER_COLORS, Marker, Marks


class Markers(Live):
    """Markers by frame from the beginning of what they are on; a frame holds one."""

    def AddMarker(  # noqa: PLR0917 as Resolve has it
        self, frameId: float, color: str, name: str, note: str, duration: float, customData: str = ""
    ) -> bool:
        markers: dict[int, Marker] = self._state.markers
        if not is_whole(frameId) or frameId < 0 or int(frameId) in markers or color not in MARKER_COLORS:
            return False
        markers[int(frameId)] = Marker(color, name, note, max(1.0, float(duration)), customData or "")
        return True

    def GetMarkers(self) -> dict[float, dict[str, Any]]:
        return {float(frame): _told(marker) for frame, marker in sorted(self._state.markers.items())}

    def GetMarkerByCustomData(self, customData: str) -> dict[float, dict[str, Any]]:
        found = [(frame, marker) for frame, marker in self._state.markers.items() if marker.custom_data == customData]
        return {float(frame): _told(marker) for frame, marker in found[:1]}

    def GetMarkerCustomData(self, frameId: float) -> str:
        marker = self._state.markers.get(int(frameId))
        return marker.custom_data if marker is not None else ""

    def UpdateMarkerCustomData(self, frameId: float, customData: str) -> bool:
        marker = self._state.markers.get(int(frameId))
        if marker is None:
            return False
        marker.custom_data = customData
        return True

    def DeleteMarkerAtFrame(self, frameNum: float) -> bool:
        return self._state.markers.pop(int(frameNum), None) is not None

    def DeleteMarkerByCustomData(self, customData: str) -> bool:
        found = [frame for frame, marker in self._state.markers.items() if marker.custom_data == customData]
        return bool(found) and self._state.markers.pop(found[0], None) is not None

    def DeleteMarkersByColor(self, color: str) -> bool:
        markers: dict[int, Marker] = self._state.markers
        found = [frame for frame, marker in markers.items() if color in {"All", marker.color}]
        for frame in found:
            del markers[frame]
        return bool(found)


class MarkedRange(Live):
    """In and out marks of picture and sound, from the beginning; scripts reach them from 19.1 on."""

    def GetMarkInOut(self) -> dict[str, dict[str, int]]:
        told = {kind: _values(marks) for kind, marks in self._state.marks.items()}
        return {kind: values for kind, values in told.items() if values}

    def SetMarkInOut(self, mark_in: int, mark_out: int, type: str = "all") -> bool:  # noqa: A002 Resolve's name
        if not is_whole(mark_in) or not is_whole(mark_out) or not 0 <= mark_in <= mark_out:
            return False
        return self._mark(type, int(mark_in), int(mark_out))

    def ClearMarkInOut(self, type: str = "all") -> bool:  # noqa: A002 Resolve's name
        return self._mark(type, None, None)

    def _mark(self, kind: str, mark_in: int | None, mark_out: int | None) -> bool:
        kinds = ("video", "audio") if kind == "all" else (kind,)
        if not set(kinds) <= {"video", "audio"}:
            return False
        for each in kinds:
            self._state.marks[each] = Marks(mark_in, mark_out)
        return True


def _told(marker: Marker) -> dict[str, Any]:
    return {
        "color": marker.color,
        "duration": marker.duration,
        "note": marker.note,
        "name": marker.name,
        "customData": marker.custom_data,
    }


def _values(marks: Marks) -> dict[str, int]:
    values = {"in": marks.mark_in, "out": marks.mark_out}
    return {name: value for name, value in values.items() if value is not None}
