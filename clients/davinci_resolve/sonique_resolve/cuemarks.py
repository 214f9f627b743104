"""The marker of a cue: where it begins, and by which a re-run finds it again."""

from dataclasses import dataclass, field

from sonique_resolve.batch import Batch, as_number, as_text
from sonique_resolve.calls import Desk, Value
from sonique_resolve.exporting import OWN_MARKER
from sonique_resolve.ground import Ground
from sonique_resolve.placement import Placement
from sonique_resolve.reader import absolute_markers
from sonique_resolve.timeline import Marker

_TRIES = 3


@dataclass(slots=True)
class CueMark:
    """What became of a cue's marker.

    Attributes:
        frame: its absolute frame; None where none could be set.
        note: a sentence where it is not at the cue's beginning; else empty.
        added: the custom data of one that was perhaps added, to be taken back on failure.
        removed: the frames from the timeline's start and the tables of those that were removed.
    """

    frame: int | None = None
    note: str = ""
    added: str = ""
    removed: list[tuple[int, dict[str, Value]]] = field(default_factory=list)


def mark(desk: Desk, ground: Ground, placement: Placement, replaced: set[str], done: CueMark) -> None:
    """Sets the marker of a cue and removes those of the jobs that it replaces; ``done`` is told step by step."""
    start = ground.read.start_frame
    table = _markers(desk, ground)
    markers = absolute_markers(table, start)
    own = f"{OWN_MARKER}{placement.job}"
    for marker in markers:
        if marker.custom_data in {f"{OWN_MARKER}{job}" for job in replaced if job != placement.job}:
            _remove(desk, ground, marker, table, done)
    standing = next((each for each in markers if each.custom_data == own), None)
    if standing is not None:
        done.frame = standing.frame
        return
    gone = {frame + start for frame, _ in done.removed}
    taken = {marker.frame for marker in markers} - gone
    _add(desk, ground, placement, taken, done)


def take_back(desk: Desk, ground: Ground, done: CueMark) -> None:
    """Removes what was added, and sets again what was removed."""
    batch = Batch()
    if done.added:
        batch.call(ground.timeline, "DeleteMarkerByCustomData", done.added)
    for frame, table in done.removed:
        texts = [as_text(table.get(word)) for word in ("color", "name", "note", "customData")]
        length = as_number(table.get("duration")) or 1.0
        batch.call(ground.timeline, "AddMarker", frame, *texts[:3], length, texts[3])
    if batch.steps:
        batch.surely(desk)


def _markers(desk: Desk, ground: Ground) -> dict[str, Value]:
    batch = Batch()
    ref = batch.call(ground.timeline, "GetMarkers")
    return batch.surely(desk).table(ref)


def _remove(desk: Desk, ground: Ground, marker: Marker, table: dict[str, Value], done: CueMark) -> None:
    frame = marker.frame - ground.read.start_frame
    held = next((value for key, value in table.items() if round(float(key)) == frame), None)
    if isinstance(held, dict):
        done.removed.append((frame, held))
    batch = Batch()
    batch.call(ground.timeline, "DeleteMarkerByCustomData", marker.custom_data)
    batch.surely(desk)


def _add(desk: Desk, ground: Ground, placement: Placement, taken: set[int], done: CueMark) -> None:
    """On the first free frame of the range: a frame holds one marker."""
    span, start = placement.range, ground.read.start_frame
    free = (frame for frame in range(span.start_frame, span.end_frame) if frame not in taken)
    custom = done.added = f"{OWN_MARKER}{placement.job}"
    for frame in (frame for _, frame in zip(range(_TRIES), free, strict=False)):
        batch = Batch()
        words = (placement.marker_color, placement.title, placement.note, 1, custom)
        batch.call(ground.timeline, "AddMarker", frame - start, *words)
        told = batch.call(ground.timeline, "GetMarkers")
        markers = absolute_markers(batch.surely(desk).table(told), start)
        if any(each.frame == frame and each.custom_data == custom for each in markers):
            done.frame = frame
            if frame != span.start_frame:
                where = ground.read.timecode(frame)
                done.note = f"The first frame holds a marker already; the cue's is at {where}."
            return
    done.note = "No marker could be set in the range; a re-run knows the cue by its clip alone."
