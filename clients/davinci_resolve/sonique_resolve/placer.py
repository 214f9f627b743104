"""The placer: music onto the timeline, exactly where it belongs, or nothing changed.

Every take is imported into the bin “Sonique”. One is put on a track of that name, read back, saved and read back again;
what an earlier run placed over the same range leaves for it. Where anything fails, what was done is undone. What is the
user's own (current timeline, bin, page, marks, playhead) is given back in every ending.
"""

from dataclasses import replace
from pathlib import Path

from sonique_resolve import cuemarks, levels
from sonique_resolve.appending import Rule, Slot, append, comes_out
from sonique_resolve.batch import Batch
from sonique_resolve.bins import JOB, PoolItem, bring, tag
from sonique_resolve.calls import Desk
from sonique_resolve.carrier import carriers
from sonique_resolve.custody import Custody, give_back, take_in, take_over
from sonique_resolve.errors import NotPlaced, ResolveError, ResolveGone
from sonique_resolve.ground import Found, ask_items, audio_items, delete_items, stand, told_items
from sonique_resolve.lanes import Lane, Standing, add_lane, base_name, survey
from sonique_resolve.placement import Placed, PlacedItem, Placement
from sonique_resolve.sound import NoSound, read_sound
from sonique_resolve.timeline import ReadTimeline, TimelineRange
from sonique_resolve.undoing import undone
from sonique_resolve.work import Part, Work, files_of

_UNNAMED = "Untitled Project"
"""Saving a project of this name opens a dialog, where nobody may see it."""


def place(desk: Desk, read: ReadTimeline, placement: Placement) -> Placed:
    """Places the music; a re-run over the same range replaces what stands there of an earlier one.

    Args:
        desk: Resolve.
        read: the timeline as it was read; it is found again by its id.
        placement: what goes where. Its WAV files must be as long as its range; where this Resolve would count one
            short, silence is added to it.

    Raises:
        NotPlaced: it could not be placed; the timeline is as it was, and the sentence says where the music lies.
        ResolveBusy: Resolve stopped answering; what was done is undone as far as it answered.
        ResolveGone: Resolve ended.
        ResolveError: a call failed inside; what was done is undone.
    """
    _check_files(read, placement)
    notes: list[str] = []
    try:
        custody = take_over(desk)
        notes = custody.notes
        try:
            placed = _placed(desk, read, placement, custody)
        except ResolveGone:
            raise
        except BaseException:
            give_back(desk, custody)
            raise
        give_back(desk, custody)
    except ResolveError as error:
        raise type(error)(" ".join([_with_place(error.sentence, placement.take.mix), *notes])) from error
    return replace(placed, notes=(*placed.notes, *notes))


def _with_place(sentence: str, mix: Path) -> str:
    """The sentence, which says where the music lies."""
    return sentence if str(mix) in sentence else f"{sentence} The finished music lies at “{mix}”."


def swap(desk: Desk, read: ReadTimeline, placed: Placed, take: int) -> Placed:
    """Puts another take of the same placement in its place.

    Args:
        desk: Resolve.
        read: the timeline.
        placed: what stands there.
        take: the index of the take that is to stand there.

    Raises:
        NotPlaced: there is no such take, ``read`` is another timeline or begins elsewhere now, or as for ``place``.
        ResolveBusy: as for ``place``.
        ResolveGone: as for ``place``.
    """
    count = len(placed.placement.takes)
    if not 0 <= take < count:
        raise NotPlaced(f"There is no take {take + 1}; there are {count}.")
    if read.timeline_id != placed.timeline_id:
        raise NotPlaced(f"These takes belong to another timeline than “{read.name}”; open theirs and try again.")
    if placed.timeline_start not in {None, read.start_frame}:
        raise NotPlaced(f"The timeline “{read.name}” has been given another start timecode; score the range again.")
    return place(desk, read, replace(placed.placement, chosen=take))


def _check_files(read: ReadTimeline, placement: Placement) -> None:
    """Every file is there and long enough; else nothing is begun."""
    needed = read.rate.seconds(placement.range.frames)
    if not placement.takes or not 0 <= placement.chosen < len(placement.takes):
        raise NotPlaced("There is no take to place.")
    for path in files_of(placement, placement.takes):
        try:
            sound = read_sound(path)
            if sound.samples + 1 < needed * sound.rate:
                raise NotPlaced(
                    f"“{path.name}” lasts {float(sound.duration):.3f} s and the range {float(needed):.3f} s; make it "
                    "again for this range."
                )
            levels.lengthened(path, read, placement.range)
        except NoSound as error:
            raise NotPlaced(f"{error} Nothing was placed.") from error
        except OSError as error:
            raise NotPlaced(f"“{path}” cannot be read ({error.strerror or error}); nothing was placed.") from error


def _placed(desk: Desk, read: ReadTimeline, asked: Placement, custody: Custody) -> Placed:
    ground = stand(desk, read)
    if custody.current.timeline_id != read.timeline_id:
        take_in(desk, custody)
    wanted = levels.Levels.of(asked)
    settable = wanted.wanted and levels.can_set(desk, ground.timeline)
    placement = levels.baked(read, asked) if wanted.wanted and not settable else asked
    pool = bring(desk, ground, files_of(placement, placement.takes))
    work = Work(ground, placement, Rule.of_release(read.host.version))
    if placement is not asked:
        work.notes.append(f"{read.host.title} sets no levels of clips; {wanted.told} are part of the file.")
    try:
        work.carriers = carriers(desk, ground, work.span, [pool[path] for path in _placed_files(placement)])
        if work.carriers:
            work.notes.append(_in_a_film(read))
        replaced = _build(desk, work, pool)
        _finish(desk, work, wanted if settable else levels.Levels(), replaced)
    except (ResolveError, KeyboardInterrupt) as error:
        failed = None if isinstance(error, ResolveGone) else undone(desk, work)
        if failed is not None and isinstance(error, ResolveError):
            raise _worse(error, failed) from error
        raise
    return _told(work, asked, replaced=bool(work.removed))


def _placed_files(placement: Placement) -> list[Path]:
    """The files that are put on tracks."""
    return list(placement.parts(placement.take).values())


def _tags(work: Work, pool: dict[Path, PoolItem]) -> list[tuple[PoolItem, dict[str, str]]]:
    """Provenance, for a re-run and for the user to read."""
    placement, read = work.placement, work.ground.read
    common = {
        JOB: placement.job,
        "Sonique Engine": placement.engine,
        "Sonique Timeline": read.timeline_id,
        "Sonique Range": read.span(placement.range),
    }
    tags = []
    for number, take in enumerate(placement.takes, start=1):
        facts = {"Sonique Take": str(number), "Sonique Seed": str(take.seed)}
        for stem, path in {"": take.mix, **placement.parts(take)}.items():
            items = [pool[path], *([work.carriers[path]] if path in work.carriers else [])]
            tags += [(item, {**common, **facts, "Sonique Stem": stem or "mix"}) for item in items]
    return tags


def _build(desk: Desk, work: Work, pool: dict[Path, PoolItem]) -> set[str]:
    """Everything on its lane, saved and proved; returns the jobs that it replaced."""
    lanes = work.lanes = survey(desk, work.ground, work.span)
    earlier = [(lane, item) for lane in lanes for item in lane.items if item.job]
    if not tag(desk, _tags(work, pool)):
        work.notes.append(
            f"{work.ground.read.host.title} keeps no records with clips; a re-run knows ours by their file names."
        )
    for lane in {lane.name: lane for lane, _ in earlier if lane.locked}.values():
        work.notes.append(f"An earlier cue on the locked track “{lane.name}” stays; unlock it and delete the cue.")
    work.notes += _heard_too(work, lanes)
    leaving = [(lane, item) for lane, item in earlier if not lane.locked]
    _remove(desk, work, leaving)
    gone = {item.item_id for _, item in leaving}
    for stem, path in work.placement.parts(work.placement.take).items():
        part = _put(desk, work, stem, work.carriers.get(path, pool[path]), gone)
        work.rule = part.appended.rule
        work.parts.append(part)
    _save(desk, work)
    return {item.job for _, item in leaving}


def _put(desk: Desk, work: Work, stem: str, item: PoolItem, gone: set[str]) -> Part:
    """The clip on its track; on a new one where one that holds clips does not take it.

    Users of some builds report that a clip goes to the end of a track that is not empty, wherever it is meant to be.
    """
    lane = _lane(desk, work, stem, item, gone)
    try:
        return Part(stem, item, lane, append(desk, work.ground, Slot(lane, item, work.span), work.rule))
    except NotPlaced:
        before = {each.item_id for each in lane.items} - gone
        now = {each.item_id for each in audio_items(desk, work.ground, lane.index)}
        if not now or now != before:
            raise
    lane = add_lane(desk, work.ground, base_name(stem))
    rule = Rule.of_release(work.ground.read.host.version)
    return Part(stem, item, lane, append(desk, work.ground, Slot(lane, item, work.span), rule))


def _heard_too(work: Work, lanes: list[Lane]) -> list[str]:
    """What stands on our tracks over a part of the range and stays, since a cue of another range made it."""
    read = work.ground.read
    standing = ((lane, item) for lane in lanes if lane.enabled for item in lane.items if not item.job)
    return [
        f"The track “{lane.name}” has sound in that range already, {read.span(item.range)}, and both are heard; "
        "delete the one that is not wanted."
        for lane, item in standing
        if work.span.touches(item.start_frame, item.end_frame)
    ]


def _remove(desk: Desk, work: Work, leaving: list[tuple[Lane, Standing]]) -> None:
    """Takes an earlier run's clips off the timeline; their sound stays in the bin."""
    for lane, item in leaving:
        work.removed.append((lane, item))
        if not delete_items(desk, work.ground, lane.index, {item.item_id}):
            raise NotPlaced(
                f"The earlier cue on the track “{lane.name}” cannot be deleted; delete it yourself and try again."
            )


def _lane(desk: Desk, work: Work, stem: str, item: PoolItem, gone: set[str]) -> Lane:
    """A track that takes the clip: one of ours that is free there, else a new one."""
    read = work.ground.read
    needed = TimelineRange(work.span.start_frame, comes_out(work.span.frames, read.rate.fps, item.fps))
    used = {part.lane.index for part in work.parts}
    base = base_name(stem)
    free = (lane for lane in work.lanes or () if lane.index not in used and lane.takes(base, needed, gone))
    found = next(free, None)
    if found is not None:
        if not found.enabled:
            work.notes.append(f"The track “{found.name}” is muted.")
        return found
    return add_lane(desk, work.ground, base)


def _save(desk: Desk, work: Work) -> None:
    """Saves, since an append that failed inside vanishes then, and proves what stands; once more where it vanished."""
    if work.ground.name == _UNNAMED:
        work.notes.append("The project has no name yet and was not saved; save it, and see that the music stays.")
        return
    for last in (False, True):
        lost = _lost(desk, work)
        if not lost:
            return
        if last:
            break
        for part in lost:
            part.appended = append(desk, work.ground, Slot(part.lane, part.item, work.span), work.rule)
    raise NotPlaced(
        f"The music vanished from the track “{lost[0].lane.name}” when the project was saved. It lies in the bin "
        f"“Sonique” and at “{lost[0].item.path}”; drag it to {work.ground.read.timecode(work.span.start_frame)}."
    )


def _lost(desk: Desk, work: Work) -> list[Part]:
    """Saves; the clips that do not stand where they were put any more."""
    batch = Batch()
    saved = batch.call(work.ground.manager, "SaveProject")
    listings = [ask_items(batch, work.ground, part.lane.index) for part in work.parts]
    answers = batch.surely(desk)
    note = "The project could not be saved; save it, and see that the music stays."
    if not answers.yes(saved) and note not in work.notes:
        work.notes.append(note)
    pairs = zip(work.parts, listings, strict=True)
    return [part for part, listing in pairs if not _stands(part, told_items(desk, answers, listing))]


def _stands(part: Part, items: list[Found]) -> bool:
    """Whether the clip still stands where it was put."""
    return any(each.item_id == part.appended.item_id and each.range == part.appended.range for each in items)


def _finish(desk: Desk, work: Work, wanted: levels.Levels, replaced: set[str]) -> None:
    """Name, colour, levels and marker."""
    for part in work.parts:
        _dress(desk, work, part)
        if wanted.wanted:
            notes = levels.set_levels(desk, part.appended.handle, wanted)
            work.notes += [note for note in notes if note not in work.notes]
    cuemarks.mark(desk, work.ground, work.placement, replaced, work.marked)
    if work.marked.note:
        work.notes.append(work.marked.note)


def _dress(desk: Desk, work: Work, part: Part) -> None:
    handle, color = part.appended.handle, work.placement.color
    batch = Batch()
    batch.call(handle, "SetName", f"{work.placement.title} {part.stem}".strip())  # from 20 on
    batch.call(handle, "SetClipColor", color)
    told = batch.call(handle, "GetClipColor")
    if batch.surely(desk).text(told) != color:
        work.notes.append(f"The clip on “{part.lane.name}” did not take its colour.")


def _worse(error: ResolveError, failed: ResolveError) -> ResolveError:
    """What is told where undoing failed as well: that Resolve is busy or gone, where that is why."""
    why = error if isinstance(failed, NotPlaced) else failed
    return type(why)(f"{why.sentence} Not all that was done could be undone; undo the rest with Ctrl+Z.")


def _told(work: Work, asked: Placement, *, replaced: bool) -> Placed:
    read, rule = work.ground.read, work.rule
    learnt = {(False, 0): False, (True, 0): True, (False, -1): True, (True, 1): False}
    items = tuple(
        PlacedItem(
            part.lane.name,
            part.lane.index,
            part.appended.range.start_frame,
            part.appended.range.frames,
            part.item.path,
            part.appended.item_id,
            part.stem,
        )
        for part in work.parts
    )
    placed = Placed(
        placement=asked,
        timeline_id=read.timeline_id,
        items=items,
        marker_frame=work.marked.frame,
        replaced=replaced,
        end_inclusive=learnt.get((rule.inclusive, rule.end_shift)),
        media_fps=work.parts[0].item.fps,
        timeline_start=read.start_frame,
        notes=tuple(work.notes),
    )
    return placed if placed.exact else replace(placed, notes=(*placed.notes, _longer(read, placed)))


def _in_a_film(read: ReadTimeline) -> str:
    return (
        f"The sound is placed in a film of {read.rate.name} frames per second; alone it has the project's rate, which "
        "cannot end on this frame."
    )


def _longer(read: ReadTimeline, placed: Placed) -> str:
    extra = placed.frames - placed.placement.range.frames
    fps = float(placed.media_fps or 0)
    return (
        f"The clip is {extra} frame{'s' if extra != 1 else ''} longer than the range, in silence: sound has the "
        f"project's {fps:g} frames per second, which cannot end on every frame of {read.rate.name}."
    )
