"""Undoing: a cue that could not be placed leaves the timeline as it was."""

from dataclasses import replace

from sonique_resolve import cuemarks, looks
from sonique_resolve.appending import Slot, append
from sonique_resolve.batch import Batch
from sonique_resolve.bins import bring, plain
from sonique_resolve.calls import Desk
from sonique_resolve.errors import NotPlaced, ResolveError
from sonique_resolve.ground import Found, audio_items, delete_items, stand
from sonique_resolve.lanes import Lane, Standing, remove_lane, tracks
from sonique_resolve.timeline import is_own_name
from sonique_resolve.work import Work, files_of


def undone(desk: Desk, work: Work) -> ResolveError | None:
    """Undoes what was done, nothing else; what kept it from that, or None."""
    try:
        work.ground = stand(desk, work.ground.read)
        cuemarks.take_back(desk, work.ground, work.marked)
        _lanes_as_before(desk, work)
        for lane, item in work.removed:
            _put_back(desk, work, lane, item)
    except ResolveError as error:
        return error
    return None


def _lanes_as_before(desk: Desk, work: Work) -> None:
    """Deletes our files' clips that came to stand since, and removes the tracks that came, by what is found there."""
    if work.lanes is None:
        return
    before = {lane.index: lane for lane in work.lanes}
    own = [*files_of(work.placement, work.placement.takes), *(item.path for item in work.carriers.values())]
    files = {plain(path) for path in own}
    for lane in reversed(tracks(desk, work.ground)):
        known = before.get(lane.index)
        if known is not None and not is_own_name(known.name):
            continue
        held = {item.item_id for item in known.items} if known is not None else set()
        items = audio_items(desk, work.ground, lane.index)
        fresh = {each for each in _playing(desk, items, files) if each not in held}
        if not delete_items(desk, work.ground, lane.index, fresh):
            raise NotPlaced(f"The clip on the track “{lane.name}” cannot be deleted.")
        if known is None and len(fresh) == len(items):
            remove_lane(desk, work.ground, lane.index)


def _playing(desk: Desk, items: list[Found], files: set[str]) -> list[str]:
    """The ids of those items that play one of ``files``."""
    batch = Batch()
    medias = [batch.call(item.handle, "GetMediaPoolItem") for item in items]
    refs = [batch.call(media, "GetClipProperty", "File Path") for media in medias]
    answers = batch.surely(desk)
    return [item.item_id for item, ref in zip(items, refs, strict=True) if plain(answers.text(ref)) in files]


def _put_back(desk: Desk, work: Work, lane: Lane, item: Standing) -> None:
    """Places an earlier run's clip again where it stood, as the editor had it, unless it still does."""
    if any(each.item_id == item.item_id for each in audio_items(desk, work.ground, lane.index)):
        return
    pool = bring(desk, work.ground, [item.path])
    slot = Slot(lane, pool[item.path], item.range, item.looks.left)
    try:
        appended = append(desk, work.ground, slot, work.rule)
    except NotPlaced:  # what a retimed clip tells of its beginning may not be had
        appended = append(desk, work.ground, replace(slot, left=0), work.rule)
    looks.give(desk, appended.handle, item.looks)
