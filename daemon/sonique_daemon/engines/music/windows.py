"""Windows: how music that is longer than a model's window is made of several, whose joins lie on the bars of the grid.

A model that can make spans of given audio anew goes on from the end of the window before; of the others, windows
overlap, and are crossfaded from a downbeat on (``joining.py``). Where somebody enters or leaves (``entries.py``),
another window begins, for it is asked for other players.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

LONGEST_MEMORY, SHORTEST_MEMORY = 10.0, 2.0
"""Seconds of the window before that a continuation listens to, at the most and at the least."""
LONGEST_FADE, SHORTEST_FADE = 4.0, 1.0
"""Seconds of a crossfade."""
_MEMORY_SHARE = 0.25
_SHORTEST_STEP = 0.5
"""Of what a window can bring; a join earlier than that costs more than it is worth."""


@dataclass(frozen=True, slots=True)
class Window:
    """A span of the cue that is made in one call, in seconds.

    Attributes:
        start: where it begins.
        end: where it ends.
        overlap: how much of its beginning the window before has made too; 0 for the first.
        part: which of the cue's parts it belongs to, counted from 0.
    """

    start: float
    end: float
    overlap: float = 0.0
    part: int = 0

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Joins:
    """How windows of one model are joined.

    Attributes:
        longest: seconds that one call makes at the most.
        overlap: seconds that two neighbours share; at most a third of ``longest`` is taken.
        continues: whether a window goes on from the end of the one before; else they are crossfaded.
    """

    longest: float
    overlap: float
    continues: bool = False

    @property
    def shared(self) -> float:
        """Seconds that two neighbours do share."""
        return min(self.overlap, self.longest / 3)


def plan(ends: Sequence[float], downbeats: Sequence[float], joins: Joins) -> tuple[Window, ...]:
    """Windows that cover the cue, each begun on a downbeat where one lies there.

    Args:
        ends: where its parts end in seconds, increasing; the last is its length.
        downbeats: times of the bars' first beats, increasing.
        joins: how they are joined.
    """
    windows: list[Window] = []
    start, before = 0.0, 0.0
    for part, end in enumerate(ends):
        last = end if joins.continues else min(end + joins.shared, ends[-1])
        windows += _part(part, (start, last), before - start, downbeats, joins)
        start = max(windows[-1].start, end - joins.shared) if joins.continues else end
        before = last
    return tuple(windows)


def _part(
    part: int, span: tuple[float, float], overlap: float, downbeats: Sequence[float], joins: Joins
) -> Iterator[Window]:
    """The windows of one part, which fill ``span``; ``overlap`` of it is there already."""
    start, end = span
    while end - start > joins.longest + 1e-9:
        following = _next_start(start, end, downbeats, joins.longest, joins.shared)
        yield Window(start, following + joins.shared, overlap, part)
        start, overlap = following, joins.shared
    yield Window(start, end, overlap, part)


def _next_start(start: float, duration: float, downbeats: Sequence[float], longest: float, shared: float) -> float:
    """The downbeat nearest to where even windows would join, or that very place where none is near."""
    room = longest - shared
    left = -int(-(duration - shared - start) // room)
    ideal = start + (duration - shared - start) / left
    first = bisect_left(downbeats, start + room * _SHORTEST_STEP)
    among = downbeats[first : bisect_right(downbeats, start + room + 1e-9)]
    return min(among, key=lambda beat: abs(beat - ideal), default=min(ideal, start + room))


def memory(longest: float) -> float:
    """Seconds of the window before that a continuation listens to, for a model of that window."""
    return min(max(longest * _MEMORY_SHARE, SHORTEST_MEMORY), LONGEST_MEMORY)


def fade(downbeats: Sequence[float]) -> float:
    """Seconds of a crossfade: a bar of the middle length, within bounds."""
    bars = sorted(after - before for before, after in pairwise(downbeats))
    return min(max(bars[len(bars) // 2] if bars else 2.0, SHORTEST_FADE), LONGEST_FADE)
