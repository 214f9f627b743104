"""The ground that music is placed on: the timeline that was read, found again and made the current one.

Between reading and placing lie minutes in which the user goes on working; and a bridge that was restarted knows none of
the objects that it handed out before. So nothing but names and ids is carried over.
"""

from dataclasses import dataclass

from sonique_resolve.batch import Answers, Batch
from sonique_resolve.calls import RESOLVE, Desk, Handle, Ref
from sonique_resolve.errors import NotPlaced
from sonique_resolve.timeline import ReadTimeline, TimelineRange

_EDIT = "edit"
_GUESSED = 8
"""Items of a track whose details are asked before it is known how many there are."""
_DELETIONS = 3
"""Times that clips are deleted; the first call of a session is often lost."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where music is placed.

    Attributes:
        read: the timeline as it was read.
        manager: the project manager.
        project: the open project.
        pool: its media pool.
        timeline: the timeline, current.
        name: the project's name now; it may have got one since it was read.
    """

    read: ReadTimeline
    manager: Handle
    project: Handle
    pool: Handle
    timeline: Handle
    name: str = ""


def stand(desk: Desk, read: ReadTimeline) -> Ground:
    """Finds the timeline again and makes it the current one.

    Raises:
        NotPlaced: another project is open, the timeline is gone or moved, or cannot be made current.
        ResolveBusy: Resolve answers nothing of use.
    """
    batch = Batch()
    manager = batch.call(RESOLVE, "GetProjectManager")
    project = batch.call(manager, "GetCurrentProject")
    pool = batch.call(project, "GetMediaPool")
    project_id, project_name = batch.call(project, "GetUniqueId"), batch.call(project, "GetName")
    count = batch.call(project, "GetTimelineCount")
    current = batch.call(project, "GetCurrentTimeline")
    current_id, start = batch.call(current, "GetUniqueId"), batch.call(current, "GetStartFrame")
    answers = batch.surely(desk)
    handles = [answers.handle(ref) for ref in (manager, project, pool)]
    if None in handles or not _same(read, answers.text(project_id), answers.text(project_name)):
        raise NotPlaced(f"The project “{read.project}” is no longer open; open it and place the music again.")
    there = [handle for handle in handles if handle is not None]
    if answers.text(current_id) == read.timeline_id and (timeline := answers.handle(current)) is not None:
        _check_start(read, answers.whole(start))
        return Ground(read, there[0], there[1], there[2], timeline, answers.text(project_name))
    timeline = _made_current(desk, read, there[1], answers.whole(count) or 0)
    return Ground(read, there[0], there[1], there[2], timeline, answers.text(project_name))


def _same(read: ReadTimeline, identity: str, name: str) -> bool:
    """Whether it is the project that was read, which may have been saved under another name since."""
    return identity == read.project_id if identity and read.project_id else name == read.project


def _made_current(desk: Desk, read: ReadTimeline, project: Handle, count: int) -> Handle:
    batch = Batch()
    refs = [batch.call(project, "GetTimelineByIndex", index) for index in range(1, count + 1)]
    ids = [batch.call(ref, "GetUniqueId") for ref in refs]
    answers = batch.surely(desk)
    found = [answers.handle(ref) for ref, each in zip(refs, ids, strict=True) if answers.text(each) == read.timeline_id]
    if not found or found[0] is None:
        raise NotPlaced(f"The timeline “{read.name}” is no longer in the project; bring it back, or score another one.")
    batch = Batch()
    batch.call(project, "SetCurrentTimeline", found[0])
    now = batch.call(batch.call(project, "GetCurrentTimeline"), "GetUniqueId")
    start = batch.call(found[0], "GetStartFrame")
    answers = batch.surely(desk)
    if answers.text(now) != read.timeline_id:
        raise NotPlaced(f"The timeline “{read.name}” cannot be made the current one; open it and try again.")
    _check_start(read, answers.whole(start))
    return found[0]


def _check_start(read: ReadTimeline, start: int | None) -> None:
    if start != read.start_frame:
        raise NotPlaced(f"The timeline “{read.name}” has been given another start timecode; score the range again.")


@dataclass(frozen=True, slots=True)
class Found:
    """An item of an audio track that exists.

    Attributes:
        handle: the item.
        item_id: its unique id.
        start_frame: its first record frame.
        end_frame: the frame after its last.
    """

    handle: Handle
    item_id: str
    start_frame: int
    end_frame: int

    @property
    def range(self) -> TimelineRange:
        """Where it stands."""
        return TimelineRange(self.start_frame, self.end_frame - self.start_frame)


@dataclass(frozen=True, slots=True)
class Listing:
    """The items of an audio track, asked for within a batch; details of the first few at once."""

    items: Ref
    details: tuple[tuple[Ref, ...], ...]


def ask_items(batch: Batch, ground: Ground, track: int) -> Listing:
    """Adds to ``batch`` what ``told_items`` needs."""
    items = batch.call(ground.timeline, "GetItemListInTrack", "audio", track)
    return Listing(items, tuple(_ask(batch, Ref(items.call, entry)) for entry in range(_GUESSED)))


def told_items(desk: Desk, answers: Answers, listing: Listing) -> list[Found]:
    """The items that a listing told; where there are more than few, the rest is asked."""
    handles = answers.handles(listing.items)
    found = [_found(answers, *pair) for pair in zip(handles, listing.details, strict=False)]
    rest = handles[len(listing.details) :]
    if rest:
        batch = Batch()
        refs = [_ask(batch, handle) for handle in rest]
        more = batch.surely(desk)
        found += [_found(more, *pair) for pair in zip(rest, refs, strict=True)]
    return [item for item in found if item is not None]


def audio_items(desk: Desk, ground: Ground, track: int) -> list[Found]:
    """The items of an audio track that exist."""
    batch = Batch()
    listing = ask_items(batch, ground, track)
    return told_items(desk, batch.surely(desk), listing)


def delete_items(desk: Desk, ground: Ground, track: int, ids: set[str]) -> bool:
    """Deletes the items of those ids from an audio track; says whether they are gone.

    They can be deleted on the edit page alone, which is left open.
    """
    batch = Batch()
    page, listing = batch.call(RESOLVE, "GetCurrentPage"), ask_items(batch, ground, track)
    answers = batch.surely(desk)
    open_page = answers.text(page) != _EDIT
    for _ in range(_DELETIONS):
        doomed = [item.handle for item in told_items(desk, answers, listing) if item.item_id in ids]
        if not doomed:
            return True
        batch = Batch()
        if open_page:
            batch.call(RESOLVE, "OpenPage", _EDIT)
        batch.call(ground.timeline, "DeleteClips", doomed, False)  # noqa: FBT003 Resolve's own order
        listing = ask_items(batch, ground, track)
        answers = batch.surely(desk)
    return not any(item.item_id in ids for item in told_items(desk, answers, listing))


def _ask(batch: Batch, item: Handle | Ref) -> tuple[Ref, ...]:
    return tuple(batch.call(item, method) for method in ("GetUniqueId", "GetStart", "GetEnd"))


def _found(answers: Answers, handle: Handle, refs: tuple[Ref, ...]) -> Found | None:
    """The item; one without an id does not exist."""
    identity, start, end = answers.text(refs[0]), answers.whole(refs[1]), answers.whole(refs[2])
    return Found(handle, identity, start, end) if identity and start is not None and end is not None else None
