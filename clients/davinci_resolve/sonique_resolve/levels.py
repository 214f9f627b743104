"""Fades, volume and length: set on the clip where this release can, else made part of the file."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from pathlib import Path

from sonique_resolve.batch import Batch, as_number
from sonique_resolve.calls import Desk, Handle
from sonique_resolve.errors import NotPlaced
from sonique_resolve.placement import Placement, Take
from sonique_resolve.sound import NoSound, Shape, read_sound, reshape
from sonique_resolve.timeline import ReadTimeline, TimelineRange


@dataclass(frozen=True, slots=True)
class Levels:
    """What is to be done to a clip: frames of fade, and decibels."""

    fade_in: int = 0
    fade_out: int = 0
    volume_db: float = 0.0

    @classmethod
    def of(cls, placement: Placement) -> "Levels":
        """What a placement asks for, its fades no longer than the clip."""
        frames = placement.range.frames
        fade_in = min(max(0, placement.fade_in), frames)
        return cls(fade_in, min(max(0, placement.fade_out), frames - fade_in), placement.volume_db)

    @property
    def wanted(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.fade_in or self.fade_out or self.volume_db)

    @property
    def told(self) -> str:
        """For sentences: "the fades and the volume"."""
        words = [
            word for word, wanted in (("fades", self.fade_in or self.fade_out), ("volume", self.volume_db)) if wanted
        ]
        return " and ".join(f"the {word}" for word in words)


def can_set(desk: Desk, timeline: Handle) -> bool:
    """Whether this release sets levels of clips: 21.1 and later, known by another method that came with them."""
    batch = Batch()
    ref = batch.has(timeline, "GetSettings")
    return batch.surely(desk).yes(ref)


def set_levels(desk: Desk, item: Handle, levels: Levels) -> list[str]:
    """Sets them on a clip and reads them back; the sentences say what was done and what was not."""
    batch = Batch()
    can = {name: batch.has(item, name) for name in ("SetFades", "GetFades", "SetProperties", "GetProperties")}
    answers = batch.surely(desk)
    has = {name for name, ref in can.items() if answers.yes(ref)}
    notes = []
    if levels.fade_in or levels.fade_out:
        done = {"SetFades", "GetFades"} <= has and _set_fades(desk, item, levels)
        notes.append(_told("The fades", done=done))
    if levels.volume_db:
        done = {"SetProperties", "GetProperties"} <= has and _set_volume(desk, item, levels.volume_db)
        notes.append(_told("The volume", done=done))
    return notes


def _told(what: str, *, done: bool) -> str:
    verb = "were" if what.endswith("s") else "was"
    if done:
        return f"{what} {verb} set on the clip."
    return f"{what} {verb} not taken by the clip; set {'them' if verb == 'were' else 'it'} by hand."


def _set_fades(desk: Desk, item: Handle, levels: Levels) -> bool:
    wanted = {"FadeIn": levels.fade_in, "FadeOut": levels.fade_out}
    batch = Batch()
    batch.call(item, "SetFades", dict(wanted))
    told = batch.call(item, "GetFades")
    table = batch.surely(desk).table(told)
    return all(as_number(table.get(name)) == frames for name, frames in wanted.items())


def _set_volume(desk: Desk, item: Handle, volume_db: float) -> bool:
    batch = Batch()
    batch.call(item, "SetProperties", {"AudioVolume": float(volume_db)})
    told = batch.call(item, "GetProperties")
    volume = as_number(batch.surely(desk).table(told).get("AudioVolume"))
    return volume is not None and abs(volume - volume_db) < 0.051


def lengthened(path: Path, read: ReadTimeline, span: TimelineRange) -> None:
    """Adds silence to a cue's file, so that every end frame that its place needs exists.

    Sound is counted in frames of the rate that the project had at its import, and what is left over of its last frame
    is cut. Where that is the timeline's rate, and the file holds the range to the last sample, it stays as it is.

    Raises:
        NoSound: it is no WAV file.
        OSError: it cannot be read or written.
    """
    sound = read_sound(path)
    slowest = min(read.rate.fps, read.project_rate.fps if read.project_rate is not None else Fraction(24))
    needed = read.rate.seconds(span.frames) + (2 / slowest if read.mixed_rates else 0)
    if sound.duration < needed:
        spare = 0 if read.mixed_rates else 1 / slowest
        reshape(path, Shape(samples=ceil((needed + spare) * sound.rate)))


def baked(read: ReadTimeline, placement: Placement) -> Placement:
    """The placement with its levels made part of copies of its files; those that are there already are taken.

    Raises:
        NotPlaced: a file cannot be read, or the copy not written.
    """
    levels = Levels.of(placement)
    takes = []
    for take in placement.takes:
        stems = {name: _baked(read, placement, path, levels) for name, path in take.stems.items()}
        takes.append(Take(_baked(read, placement, take.mix, levels), stems, take.seed))
    return replace(placement, takes=tuple(takes), fade_in=0, fade_out=0, volume_db=0.0)


def _baked(read: ReadTimeline, placement: Placement, path: Path, levels: Levels) -> Path:
    mark = f"{levels.fade_in}-{levels.fade_out}-{levels.volume_db:g}dB"
    target = path.with_name(f"{path.stem} {mark}{path.suffix}")
    if target.exists():
        return target
    try:
        rate = read_sound(path).rate
        shape = Shape(
            gain_db=levels.volume_db,
            fade_in=round(read.rate.seconds(levels.fade_in) * rate),
            fade_out=round(read.rate.seconds(levels.fade_out) * rate),
            fade_end=round(read.rate.seconds(placement.range.frames) * rate),
        )
        return reshape(path, shape, target)
    except NoSound as error:
        raise NotPlaced(f"{error} Set {levels.told} by hand, and place it without.") from error
    except OSError as error:
        raise NotPlaced(f"“{target}” cannot be written ({error.strerror or error}); choose another folder.") from error
