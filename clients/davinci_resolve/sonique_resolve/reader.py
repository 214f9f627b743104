"""The reader: what the current timeline is, in two batches of calls whatever it holds.

Which clips stand in a range is looked at by ``items.look``; ``document.to_otio`` writes that as OTIO.
"""

from dataclasses import dataclass

from sonique_resolve.batch import Answers, Batch, as_number, as_text, as_whole
from sonique_resolve.calls import RESOLVE, Call, Desk, Handle, Ref, Value
from sonique_resolve.errors import NothingMarked, ResolveBusy
from sonique_resolve.timeline import Host, Marker, Marks, Rate, ReadTimeline, Track, read_rate

_KINDS = ("video", "audio")


def read(desk: Desk) -> ReadTimeline:
    """The current timeline: its rate, marks, markers, playhead and tracks.

    Raises:
        NothingMarked: no project or no timeline is open.
        ResolveBusy: Resolve answers nothing; a dialog is open, most likely.
        ResolveGone: it ended.
        ResolveRefused: it does not let scripts in.
    """
    batch, head = _head()
    answers = batch.run(desk)
    timeline = _timeline(answers, head)
    _require_page(desk, _host(answers, head), answers.handle(head.project), timeline)
    rate = _rate(answers, head)
    start = answers.whole(head.start) or 0
    counts = {kind: answers.whole(ref) or 0 for kind, ref in zip(_KINDS, head.counts, strict=True)}
    end = max(start, answers.whole(head.end) or start)
    can_mark = answers.yes(head.can_mark)
    marks, tracks = _rest(desk, timeline, counts, can_mark=can_mark, typed=answers.yes(head.can_type))
    project_rate = read_rate(answers.value(head.project_rate), _drops(answers.value(head.project_drops)))
    return ReadTimeline(
        host=_host(answers, head),
        project=answers.text(head.project_name),
        project_id=answers.text(head.project_id),
        project_rate=project_rate,
        name=answers.text(head.name),
        timeline_id=answers.text(head.timeline_id),
        timeline=timeline,
        rate=rate,
        start_frame=start,
        end_frame=end,
        marks=absolute_marks(marks, start, end),
        markers=absolute_markers(answers.table(head.markers), start),
        playhead=rate.frame_from(start, answers.text(head.playhead)),
        tracks=tracks,
        can_mark=can_mark,
    )


def absolute_marks(value: Value, start: int, end: int) -> Marks:
    """The marks that ``GetMarkInOut`` answers, which count from the timeline's start and may be half set.

    Those of the picture win over those of the sound. One that would lie past the timeline's ``end``, and does not where
    it counts from zero as all else does, was set so by another script: Resolve keeps whatever number it is given.
    """
    table = value if isinstance(value, dict) else {}
    kinds = [found for kind in _KINDS if isinstance(found := table.get(kind), dict) and found]
    marks = kinds[0] if kinds else {}
    ends = [as_whole(marks.get(word)) for word in ("in", "out")]
    known = [each for each in ends if each is not None]
    base = 0 if known and start <= min(known) and end - start < max(known) else start
    return Marks(*(None if each is None else base + each for each in ends))


def absolute_markers(table: dict[str, Value], start: int) -> tuple[Marker, ...]:
    """The markers that ``GetMarkers`` answers by their frames from the timeline's start, in order."""
    markers = []
    for key, value in table.items():
        frame = as_number(key)
        if frame is not None and isinstance(value, dict):
            words = [as_text(value.get(word)) for word in ("name", "color", "customData")]
            markers.append(Marker(start + round(frame), *words))
    return tuple(sorted(markers, key=lambda marker: (marker.frame, marker.name)))


@dataclass(frozen=True, slots=True)
class _Head:
    """Where each answer of the first batch is."""

    version: Ref
    product: Ref
    page: Ref
    database: Ref
    project: Ref
    project_name: Ref
    project_id: Ref
    project_rate: Ref
    project_drops: Ref
    timeline: Ref
    name: Ref
    timeline_id: Ref
    start: Ref
    end: Ref
    start_timecode: Ref
    playhead: Ref
    rate: Ref
    drops: Ref
    markers: Ref
    counts: tuple[Ref, ...]
    can_mark: Ref
    can_type: Ref


def _head() -> tuple[Batch, _Head]:
    batch = Batch()
    manager = batch.call(RESOLVE, "GetProjectManager")
    project = batch.call(manager, "GetCurrentProject")
    timeline = batch.call(project, "GetCurrentTimeline")
    return batch, _Head(
        version=batch.call(RESOLVE, "GetVersion"),
        product=batch.call(RESOLVE, "GetProductName"),
        page=batch.call(RESOLVE, "GetCurrentPage"),
        database=batch.call(manager, "GetCurrentDatabase"),
        project=project,
        project_name=batch.call(project, "GetName"),
        project_id=batch.call(project, "GetUniqueId"),
        project_rate=batch.call(project, "GetSetting", "timelineFrameRate"),
        project_drops=batch.call(project, "GetSetting", "timelineDropFrameTimecode"),
        timeline=timeline,
        name=batch.call(timeline, "GetName"),
        timeline_id=batch.call(timeline, "GetUniqueId"),
        start=batch.call(timeline, "GetStartFrame"),
        end=batch.call(timeline, "GetEndFrame"),
        start_timecode=batch.call(timeline, "GetStartTimecode"),
        playhead=batch.call(timeline, "GetCurrentTimecode"),
        rate=batch.call(timeline, "GetSetting", "timelineFrameRate"),
        drops=batch.call(timeline, "GetSetting", "timelineDropFrameTimecode"),
        markers=batch.call(timeline, "GetMarkers"),
        counts=tuple(batch.call(timeline, "GetTrackCount", kind) for kind in _KINDS),
        can_mark=batch.has(timeline, "GetMarkInOut"),
        can_type=batch.has(timeline, "GetTrackSubType"),
    )


def _timeline(answers: Answers, head: _Head) -> Handle:
    """The timeline, where there is one and Resolve is well."""
    host = _host(answers, head)
    if not host.version:
        raise ResolveBusy("DaVinci Resolve does not answer; close the dialog that is open in it, and try again.")
    if answers.handle(head.project) is None:
        raise NothingMarked(f"No project is open in {host.title}; open one.")
    if answers.value(head.database) is None:
        raise ResolveBusy(f"{host.title} runs without a database and answers nothing of use; restart it.")
    timeline = answers.handle(head.timeline)
    if timeline is None and not host.page:
        raise _before_pages(host)
    if timeline is None:
        raise NothingMarked(f"The project “{answers.text(head.project_name)}” has no timeline open; open one.")
    return timeline


def _require_page(desk: Desk, host: Host, project: Handle | None, timeline: Handle) -> None:
    """Raises ``ResolveBusy`` where the project manager stands before the pages: then what scripts change is lost.

    A page that is not told is no proof of it, so that is asked for which is so already.
    """
    if not host.page and project is not None and not desk.do([Call(project, "SetCurrentTimeline", (timeline,))])[0]:
        raise _before_pages(host)


def _before_pages(host: Host) -> ResolveBusy:
    return ResolveBusy(
        f"{host.title} shows none of its pages and lets nothing be changed; close its project manager, or open a "
        f"project in it, and try again."
    )


def _host(answers: Answers, head: _Head) -> Host:
    version = answers.value(head.version)
    numbers = [as_whole(part) for part in version[:3]] if isinstance(version, list) else []
    known = tuple(number for number in numbers if number is not None)
    return Host(answers.text(head.product), known, answers.text(head.page))


def _rate(answers: Answers, head: _Head) -> Rate:
    """The timeline's own rate; its project's where it says none."""
    said = _drops(answers.value(head.drops))
    drops = said or ";" in answers.text(head.start_timecode) or ";" in answers.text(head.playhead)
    for ref in (head.rate, head.project_rate):
        found = read_rate(answers.value(ref), drops)
        if found is not None:
            return found
    raise NothingMarked(f"The timeline “{answers.text(head.name)}” tells no frame rate; set one in its settings.")


def _drops(value: Value) -> bool:
    return as_text(value).strip() in {"1", "True", "true"} or value is True


def _rest(
    desk: Desk, timeline: Handle, counts: dict[str, int], *, can_mark: bool, typed: bool
) -> tuple[Value, tuple[Track, ...]]:
    """The marks, and the tracks."""
    batch = Batch()
    marks = batch.call(timeline, "GetMarkInOut") if can_mark else None
    places = [(kind, index) for kind in _KINDS for index in range(1, counts[kind] + 1)]
    refs = [_track_calls(batch, timeline, kind, index, typed=typed) for kind, index in places]
    answers = batch.run(desk)
    tracks = tuple(_track(answers, place, found) for place, found in zip(places, refs, strict=True))
    return (None if marks is None else answers.value(marks)), tracks


def _track_calls(batch: Batch, timeline: Handle, kind: str, index: int, *, typed: bool) -> dict[str, Ref]:
    methods = {
        "name": "GetTrackName",
        "enabled": "GetIsTrackEnabled",
        "locked": "GetIsTrackLocked",
        "items": "GetItemListInTrack",
    }
    if typed and kind == "audio":
        methods["subtype"] = "GetTrackSubType"
    return {word: batch.call(timeline, method, kind, index) for word, method in methods.items()}


def _track(answers: Answers, place: tuple[str, int], refs: dict[str, Ref]) -> Track:
    kind, index = place
    return Track(
        kind=kind,
        index=index,
        name=answers.text(refs["name"]),
        enabled=answers.value(refs["enabled"]) is not False,
        locked=answers.yes(refs["locked"]),
        subtype=answers.text(refs["subtype"]) if "subtype" in refs else "",
        handles=answers.handles(refs["items"]),
    )
