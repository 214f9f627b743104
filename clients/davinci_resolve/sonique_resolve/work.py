"""What the placer has done so far of one cue."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sonique_resolve.appending import Appended, Rule
from sonique_resolve.bins import PoolItem
from sonique_resolve.cuemarks import CueMark
from sonique_resolve.ground import Ground
from sonique_resolve.lanes import Lane, Standing
from sonique_resolve.placement import Placement, Take
from sonique_resolve.timeline import TimelineRange


@dataclass(slots=True)
class Part:
    """One clip of the cue: the mix, or a stem."""

    stem: str
    item: PoolItem
    lane: Lane
    appended: Appended


@dataclass(slots=True)
class Work:
    """What was done so far, to be undone on failure.

    Attributes:
        ground: where.
        placement: what.
        rule: how this Resolve counts, as learnt so far.
        carriers: the films that are placed in place of sound which could not end on the frame.
        parts: the clips that stand.
        lanes: the audio tracks as they were before; None until they are known.
        removed: what an earlier run had placed.
        marked: what became of the marker.
        notes: sentences.
    """

    ground: Ground
    placement: Placement
    rule: Rule
    carriers: dict[Path, PoolItem] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    lanes: list[Lane] | None = None
    removed: list[tuple[Lane, Standing]] = field(default_factory=list)
    marked: CueMark = field(default_factory=CueMark)
    notes: list[str] = field(default_factory=list)

    @property
    def span(self) -> TimelineRange:
        """Where the cue belongs."""
        return self.placement.range


def files_of(placement: Placement, takes: Iterable[Take]) -> list[Path]:
    """The files of takes that are imported: the mix always, the stems where they are placed."""
    found: dict[Path, None] = {}
    for take in takes:
        found[take.mix] = None
        found.update(dict.fromkeys(placement.parts(take).values()))
    return list(found)
