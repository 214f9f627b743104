"""Lanes: our audio tracks, what stands on them, and which of them takes a new cue."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from sonique_resolve import looks
from sonique_resolve.batch import Answers, Batch
from sonique_resolve.bins import JOB
from sonique_resolve.calls import Argument, Desk, Handle, Ref
from sonique_resolve.errors import NotPlaced
from sonique_resolve.ground import Found, Ground, ask_items, told_items
from sonique_resolve.looks import Looks
from sonique_resolve.timeline import OWN_NAME, TimelineRange, is_own_name

_GUESSED = 12
"""Audio tracks that are asked for before it is known how many there are."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An item on a lane.

    Attributes:
        item_id: its unique id.
        start_frame: its first record frame.
        end_frame: the frame after its last.
        handle: the item.
        media: what it plays; None where it is gone.
        job: the job that made it; empty where it is not ours, or this release keeps no such record.
        path: its file, where it may be ours.
        looks: what was made of it, where it may be ours.
    """

    item_id: str
    start_frame: int
    end_frame: int
    handle: Handle
    media: Handle | None = None
    job: str = ""
    path: Path = field(default_factory=Path)
    looks: Looks = field(default_factory=Looks)

    @property
    def range(self) -> TimelineRange:
        """Where it stands."""
        return TimelineRange(self.start_frame, self.end_frame - self.start_frame)


@dataclass(frozen=True, slots=True)
class Lane:
    """An audio track.

    Attributes:
        index: its number, from 1.
        name: its name.
        locked: whether nothing may change on it.
        subtype: "stereo", "mono" …; empty where this release does not tell.
        enabled: whether it is heard.
        items: what stands on it, where it is one of ours.
    """

    index: int
    name: str
    locked: bool = False
    subtype: str = ""
    enabled: bool = True
    items: tuple[Standing, ...] = field(default=())

    def takes(self, base: str, span: TimelineRange, leaving: set[str]) -> bool:
        """Whether it is one of ``base``'s, and free in ``span`` once the items of the ids ``leaving`` are gone."""
        named = self.name == base or re.fullmatch(rf"{re.escape(base)} \d+", self.name) is not None
        free = all(item.item_id in leaving or not span.touches(item.start_frame, item.end_frame) for item in self.items)
        return named and not self.locked and self.subtype in {"", "stereo"} and free


def base_name(stem: str) -> str:
    """The name of the track for a stem; empty is the mix."""
    return f"{OWN_NAME} {stem}".strip()


def survey(desk: Desk, ground: Ground, span: TimelineRange) -> list[Lane]:
    """All audio tracks; of ours, what stands on them, and which job made what fills ``span``."""
    lanes = tracks(desk, ground)
    batch = Batch()
    own = [(lane, ask_items(batch, ground, lane.index)) for lane in lanes if is_own_name(lane.name)]
    answers = batch.surely(desk)
    found = {lane.index: told_items(desk, answers, listing) for lane, listing in own}
    known = _standing(desk, [item for items in found.values() for item in items], span)
    held = {index: tuple(known[item.handle.number] for item in items) for index, items in found.items()}
    return [replace(lane, items=held.get(lane.index, ())) for lane in lanes]


def tracks(desk: Desk, ground: Ground) -> list[Lane]:
    """All audio tracks, without what stands on them."""
    batch = Batch()
    count = batch.call(ground.timeline, "GetTrackCount", "audio")
    refs = [_ask(batch, ground, number) for number in range(1, _GUESSED + 1)]
    answers = batch.surely(desk)
    told = answers.whole(count) or 0
    lanes = [_lane(answers, number, each) for number, each in enumerate(refs[:told], start=1)]
    if told > _GUESSED:
        batch = Batch()
        rest = {number: _ask(batch, ground, number) for number in range(_GUESSED + 1, told + 1)}
        more = batch.surely(desk)
        lanes += [_lane(more, number, each) for number, each in rest.items()]
    return lanes


def _ask(batch: Batch, ground: Ground, number: int) -> list[Ref]:
    methods = ("GetTrackName", "GetIsTrackLocked", "GetIsTrackEnabled", "GetTrackSubType")
    return [batch.call(ground.timeline, method, "audio", number) for method in methods]


def _lane(answers: Answers, number: int, refs: list[Ref]) -> Lane:
    return Lane(
        number,
        answers.text(refs[0]),
        locked=answers.yes(refs[1]),
        enabled=answers.value(refs[2]) is not False,
        subtype=answers.text(refs[3]),
    )


def _standing(desk: Desk, items: list[Found], span: TimelineRange) -> dict[int, Standing]:
    """The items by the number of their handle, with media and job of those that fill ``span`` exactly or nearly."""
    known = {
        item.handle.number: Standing(item.item_id, item.start_frame, item.end_frame, item.handle) for item in items
    }
    filling = [item for item in known.values() if _fills(item, span)]
    if not filling:
        return known
    batch = Batch()
    medias = [batch.call(item.handle, "GetMediaPoolItem") for item in filling]
    records = batch.has(medias[0], "GetThirdPartyMetadata")
    jobs = [batch.call(media, "GetThirdPartyMetadata", JOB) for media in medias]
    paths = [batch.call(media, "GetClipProperty", "File Path") for media in medias]
    made = [looks.ask(batch, item.handle) for item in filling]
    answers = batch.surely(desk)
    told = jobs if answers.yes(records) else paths
    for item, media, ref, path, seen in zip(filling, medias, told, paths, made, strict=True):
        known[item.handle.number] = replace(
            item,
            media=answers.handle(media),
            job=_job(answers.text(ref)),
            path=Path(answers.text(path)),
            looks=looks.told(answers, seen),
        )
    return known


def _job(text: str) -> str:
    """The job's id, told as it is, or as the last word in brackets of our files' names."""
    match = re.search(r"\[([0-9a-f]{24})\][^\[\]/\\]*$", text)
    return match[1] if match else "" if "/" in text or "\\" in text else text


def _fills(item: Standing, span: TimelineRange) -> bool:
    """Whether it stands where a cue over ``span`` would; sound of another rate may be a few frames longer."""
    return item.start_frame == span.start_frame and 0 <= item.end_frame - span.end_frame <= 3


def add_lane(desk: Desk, ground: Ground, base: str) -> Lane:
    """A new stereo track at the end, named ``base`` or with the next number.

    Raises:
        NotPlaced: none can be added.
    """
    before = tracks(desk, ground)
    old = ground.read.host.version < (19,)
    forms: list[Argument] = ["stereo"] if old else [{"audioType": "stereo"}, "stereo"]
    for form in forms:
        batch = Batch()
        batch.call(ground.timeline, "AddTrack", "audio", form)
        batch.surely(desk)
        after = tracks(desk, ground)
        if len(after) != len(before) + 1:
            continue
        if after[-1].subtype in {"", "stereo"}:
            return _named(desk, ground, after[-1], base, {lane.name for lane in before})
        remove_lane(desk, ground, after[-1].index)
    raise NotPlaced(f"No stereo track can be added to “{ground.read.name}”; add one, name it “{base}” and try again.")


def _named(desk: Desk, ground: Ground, lane: Lane, base: str, taken: set[str]) -> Lane:
    names = [base, *(f"{base} {number}" for number in range(2, len(taken) + 3))]
    name = next(each for each in names if each not in taken)
    batch = Batch()
    batch.call(ground.timeline, "SetTrackName", "audio", lane.index, name)
    told = batch.call(ground.timeline, "GetTrackName", "audio", lane.index)
    return replace(lane, name=batch.surely(desk).text(told) or name)


def remove_lane(desk: Desk, ground: Ground, index: int) -> None:
    """Removes the audio track of that number."""
    batch = Batch()
    batch.call(ground.timeline, "DeleteTrack", "audio", index)
    batch.surely(desk)
