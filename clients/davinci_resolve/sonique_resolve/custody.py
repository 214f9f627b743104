"""Custody: what is the user's own (current timeline, bin, page, marks, playhead) and is given back in every ending."""

from dataclasses import dataclass, field

from sonique_resolve.batch import Answers, Batch, as_whole
from sonique_resolve.calls import RESOLVE, Argument, Desk, Handle, Ref, Value
from sonique_resolve.errors import ResolveError, ResolveGone

_KINDS = ("video", "audio")


@dataclass(frozen=True, slots=True)
class View:
    """Where a timeline stands.

    Attributes:
        timeline_id: which.
        marks: what ``GetMarkInOut`` answers; None where this release tells none.
        playhead: its timecode.
    """

    timeline_id: str
    marks: Value
    playhead: str


@dataclass(slots=True)
class Custody:
    """What was taken over.

    Attributes:
        page: the open page.
        bin_id: the current bin.
        current: the timeline that was current.
        others: timelines that were made current since, as they were then.
        notes: what could not be given back.
    """

    page: str
    bin_id: str
    current: View
    others: list[View] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def take_over(desk: Desk) -> Custody:
    """Notes what is the user's."""
    state = _state(desk)
    return Custody(state.page, state.bin_id, state.view)


def take_in(desk: Desk, custody: Custody) -> None:
    """Notes the current timeline too, where it is another one now."""
    view = _state(desk).view
    if view.timeline_id != custody.current.timeline_id:
        custody.others.append(view)


def give_back(desk: Desk, custody: Custody) -> None:
    """Puts everything back; what cannot be is noted, and nothing is raised, so that it can follow any ending.

    Ctrl-C comes too late here: what it would stop is over, and the user's own is put back all the same.
    """
    for last in (False, True):
        custody.notes.clear()
        try:
            _all(desk, custody)
        except KeyboardInterrupt:
            custody.notes.append("Not everything was put back: it was interrupted.")
        except ResolveError as error:
            custody.notes.append(f"Not everything was put back: {error.sentence}")
            if last or isinstance(error, ResolveGone):
                return
        else:
            return


@dataclass(frozen=True, slots=True)
class _State:
    project: Handle | None
    pool: Handle | None
    root: Handle | None
    page: str
    bin_id: str
    timeline: Handle | None
    view: View


def _state(desk: Desk) -> _State:
    batch = Batch()
    project = batch.call(batch.call(RESOLVE, "GetProjectManager"), "GetCurrentProject")
    pool = batch.call(project, "GetMediaPool")
    root = batch.call(pool, "GetRootFolder")
    page = batch.call(RESOLVE, "GetCurrentPage")
    bin_id = batch.call(batch.call(pool, "GetCurrentFolder"), "GetUniqueId")
    timeline = batch.call(project, "GetCurrentTimeline")
    identity = batch.call(timeline, "GetUniqueId")
    playhead = batch.call(timeline, "GetCurrentTimecode")
    can_mark = batch.has(timeline, "GetMarkInOut")
    marks = batch.call(timeline, "GetMarkInOut")  # from 19.1 on
    answers = batch.surely(desk)
    marked = answers.table(marks) if answers.yes(can_mark) else None
    view = View(answers.text(identity), marked, answers.text(playhead))
    return _State(
        answers.handle(project),
        answers.handle(pool),
        answers.handle(root),
        answers.text(page),
        answers.text(bin_id),
        answers.handle(timeline),
        view,
    )


def _all(desk: Desk, custody: Custody) -> None:
    """The page first, since opening one may lose the marks; then other timelines, the current one, and the bin."""
    state = _state(desk)
    if custody.page and state.page != custody.page:
        state = _after(desk, RESOLVE, "OpenPage", custody.page)
    for view in custody.others:
        if view.timeline_id == state.view.timeline_id:
            _view(desk, custody, state, view)
    wanted = custody.current
    if wanted.timeline_id and state.view.timeline_id != wanted.timeline_id:
        found = _find_timeline(desk, state, wanted.timeline_id)
        if found is not None:
            state = _after(desk, found[0], "SetCurrentTimeline", found[1])
    if state.view.timeline_id == wanted.timeline_id:
        _view(desk, custody, state, wanted)
    _bin(desk, custody, state)


def _after(desk: Desk, on: Handle, method: str, *args: Argument) -> _State:
    """What is once a call was made."""
    batch = Batch()
    batch.call(on, method, *args)
    batch.surely(desk)
    return _state(desk)


def _find_timeline(desk: Desk, state: _State, identity: str) -> tuple[Handle, Handle] | None:
    if state.project is None:
        return None
    batch = Batch()
    count = batch.call(state.project, "GetTimelineCount")
    numbers = range(1, (batch.surely(desk).whole(count) or 0) + 1)
    batch = Batch()
    refs = [batch.call(state.project, "GetTimelineByIndex", number) for number in numbers]
    ids = [batch.call(ref, "GetUniqueId") for ref in refs]
    answers = batch.surely(desk)
    found = (answers.handle(ref) for ref, each in zip(refs, ids, strict=True) if answers.text(each) == identity)
    handle = next(found, None)
    return None if handle is None else (state.project, handle)


def _view(desk: Desk, custody: Custody, state: _State, wanted: View) -> None:
    """Marks and playhead of the current timeline."""
    if state.timeline is None:
        return
    batch = Batch()
    if isinstance(wanted.marks, dict) and state.view.marks != wanted.marks:
        _set_marks(batch, state.timeline, wanted.marks, custody)
    if wanted.playhead and state.view.playhead != wanted.playhead:
        batch.call(state.timeline, "SetCurrentTimecode", wanted.playhead)
    if batch.steps:
        batch.surely(desk)


def _set_marks(batch: Batch, timeline: Handle, marks: dict[str, Value], custody: Custody) -> None:
    for kind in _KINDS:
        found = marks.get(kind)
        ends = [as_whole(found.get(end)) for end in ("in", "out")] if isinstance(found, dict) else [None, None]
        if ends == [None, None]:
            batch.call(timeline, "ClearMarkInOut", kind)
        elif None not in ends:
            batch.call(timeline, "SetMarkInOut", ends[0], ends[1], kind)
        elif kind == "video" or "video" not in marks:
            which = "in" if ends[1] is None else "out"
            custody.notes.append(f"The {which} mark was lost, and one alone cannot be set by a script; set it again.")


def _bin(desk: Desk, custody: Custody, state: _State) -> None:
    if state.pool is None or state.root is None or not custody.bin_id or state.bin_id == custody.bin_id:
        return
    found = find_bin(desk, state.root, custody.bin_id)
    if found is not None:
        batch = Batch()
        batch.call(state.pool, "SetCurrentFolder", found)
        batch.surely(desk)


def find_bin(desk: Desk, root: Handle, identity: str) -> Handle | None:
    """The bin of that id, at any depth; one batch for each level."""
    level = [root]
    while level:
        batch = Batch()
        refs: list[tuple[Ref, Ref]] = [
            (batch.call(folder, "GetUniqueId"), batch.call(folder, "GetSubFolderList")) for folder in level
        ]
        answers: Answers = batch.surely(desk)
        for folder, (own, _) in zip(level, refs, strict=True):
            if answers.text(own) == identity:
                return folder
        level = [child for _, below in refs for child in answers.handles(below)]
    return None
