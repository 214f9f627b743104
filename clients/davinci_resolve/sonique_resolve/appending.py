"""Appending: one clip put on one track at one frame, proved by reading the track, and corrected where it is off.

What Resolve answers to an append proves nothing: it may name items that do not exist, and leave out some that do. What
an append does is not certain either: whether its end frame belongs to the clip depends on the release, and sound keeps
the frame rate that the project had at its import, in which its end is counted.
"""

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from sonique_resolve.batch import Batch
from sonique_resolve.bins import PoolItem
from sonique_resolve.calls import Argument, Desk, Handle
from sonique_resolve.errors import NotPlaced
from sonique_resolve.ground import Ground, ask_items, delete_items, told_items
from sonique_resolve.lanes import Lane
from sonique_resolve.timeline import TimelineRange

_AUDIO = 2
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """How this Resolve counts an append, as far as that is known.

    Attributes:
        inclusive: whether the end frame belongs to the clip.
        end_shift: what else is added to the end frame, as learnt from reading back.
        start_shift: the same for the record frame.
    """

    inclusive: bool
    end_shift: int = 0
    start_shift: int = 0

    @classmethod
    def of_release(cls, version: tuple[int, ...]) -> "Rule":
        """What is known of a release: 18 counts the end in, later ones do not."""
        return cls(inclusive=bool(version) and version < (19,))


@dataclass(frozen=True, slots=True)
class Slot:
    """A clip's place.

    Attributes:
        lane: on which track.
        item: what is put there.
        range: where exactly.
        left: record frames of the sound that are left out before its beginning.
    """

    lane: Lane
    item: PoolItem
    range: TimelineRange
    left: int = 0


@dataclass(frozen=True, slots=True)
class Appended:
    """A clip as it was read back.

    Attributes:
        handle: the item.
        item_id: its unique id.
        range: where it stands.
        rule: what was learnt.
    """

    handle: Handle
    item_id: str
    range: TimelineRange
    rule: Rule


def source_end(frames: int, record_fps: Fraction, media_fps: Fraction) -> int:
    """The first source frame after a clip that lasts ``frames`` record frames, at the media's own rate.

    Resolve cuts what is left over when it turns source frames into record frames; so it is the least number of source
    frames that do not come out short. Where a source frame is longer than a record frame, they may come out long.
    """
    return math.ceil(frames * media_fps / record_fps)


def comes_out(frames: int, record_fps: Fraction, media_fps: Fraction) -> int:
    """The record frames that ``source_end`` gives; ``frames`` where that can be had at all."""
    return math.floor(source_end(frames, record_fps, media_fps) * record_fps / media_fps)


def append(desk: Desk, ground: Ground, slot: Slot, rule: Rule) -> Appended:
    """Puts a clip in ``slot`` so that it fills it, and proves it.

    Where the rates allow no such length, the clip is the least longer: its last frame is the silence that the file ends
    with.

    Raises:
        NotPlaced: it does not come to stand there; nothing of it is left on the lane.
        ResolveBusy: Resolve does not answer.
    """
    lane, item, span = slot.lane, slot.item, slot.range
    allowed = comes_out(span.frames, ground.read.rate.fps, item.fps)
    found: Appended | None = None
    seen = "nothing came to stand there"
    for _ in range(_ATTEMPTS):
        found = _attempt(desk, ground, slot, rule)
        if found is None:
            continue
        if found.range.start_frame == span.start_frame and found.range.frames in {span.frames, allowed}:
            return found
        seen = f"it came to stand at {ground.read.span(found.range)}"
        if not delete_items(desk, ground, lane.index, {found.item_id}):
            break
        rule = _corrected(rule, found.range, span, item.fps / ground.read.rate.fps)
    raise NotPlaced(
        f"The music could not be placed at {ground.read.span(span)} on the track “{lane.name}”: {seen}. It lies in the "
        f"bin “Sonique” and at “{item.path}”; drag it there."
    )


def _corrected(rule: Rule, got: TimelineRange, span: TimelineRange, ratio: Fraction) -> Rule:
    """The rule that would have come out right; ``ratio`` is source frames per record frame."""
    missing = span.frames - got.frames
    frames = max(1, math.floor(abs(missing) * ratio)) if missing else 0
    shift = frames if missing > 0 else -frames
    late = got.start_frame - span.start_frame
    return replace(rule, end_shift=rule.end_shift + shift, start_shift=rule.start_shift - late)


def _attempt(desk: Desk, ground: Ground, slot: Slot, rule: Rule) -> Appended | None:
    """One append; what of it is found on the lane, or None."""
    lane, item, span = slot.lane, slot.item, slot.range
    first = round(slot.left * item.fps / ground.read.rate.fps)
    end = first + source_end(span.frames, ground.read.rate.fps, item.fps) + rule.end_shift - rule.inclusive
    clip: dict[str, Argument] = {
        "mediaPoolItem": item.handle,
        "startFrame": int(first),
        "endFrame": int(end),
        "mediaType": _AUDIO,
        "trackIndex": int(lane.index),
        "recordFrame": int(span.start_frame + rule.start_shift),
    }
    batch = Batch()
    standing = ask_items(batch, ground, lane.index)
    batch.call(ground.pool, "AppendToTimeline", [clip])
    now = ask_items(batch, ground, lane.index)
    answers = batch.surely(desk)
    before = {each.item_id for each in told_items(desk, answers, standing)}
    fresh = [each for each in told_items(desk, answers, now) if each.item_id not in before]
    return Appended(fresh[0].handle, fresh[0].item_id, fresh[0].range, rule) if fresh else None
