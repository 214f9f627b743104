"""Spotting: which cuts and markers the music should meet, and as what.

A composer accents few cuts, turns at some, and leaves the rest alone. Each cut is weighed by how much the picture
changes there, how motion and light jump, and by its place in the structure; hard hits and turns are then taken
greedily, the weightiest first, within a budget and with room between them.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.description import Description, ShotDescription
from sonique_daemon.domain.picture import JoinKind
from sonique_daemon.domain.tempo import Hit, HitKind
from sonique_daemon.domain.time import TimeRange

Floats = NDArray[np.float64]

CHANGE, MOTION, LIGHT, STRUCTURE = 0.35, 0.25, 0.20, 0.20
"""Shares of a cut's importance."""

LAST = 0.5
"""Structure of the last cut, at least: what follows it is the ending."""

TOGETHER = Fraction(1, 20)
"""Seconds within which a marker and a cut are one hit, at the cut."""

EDGE = Fraction(1, 4)
"""Seconds after the start in which a cut is never more than a phrase boundary: the start itself is the event."""

ONE_TURN = 6.0
"""Seconds from which a cue with cuts turns at least once."""

SPOKEN = 0.7
"""Factor for a cut inside speech: a change of speaker is no event of the story."""

SOFT = 0.8
"""Factor for the weight of a dissolve or fade, whose middle is no exact time."""

_MIDDLE = {HitKind.HARD: (0.80, 0.20), HitKind.TURN: (0.60, 0.30), HitKind.PHRASE: (0.08, 0.17)}
_WHOLE = {HitKind.HARD: (0.85, 0.15), HitKind.TURN: (0.70, 0.25), HitKind.PHRASE: (0.50, 0.25)}
"""Weights at hit strength 0.5 and 1: least, and what importance adds."""


@dataclass(frozen=True, slots=True)
class Spotting:
    """How eagerly the music meets the picture.

    Attributes:
        drive: 0 (ambient: no hard hits at all) over 0.5 (drama, documentary) to 1 (trailer, sport, comedy).
    """

    drive: float = 0.5

    @property
    def hard_gap(self) -> float:
        """Seconds for each hard hit of the budget: 25 in drama, 5 at full drive, none (infinite) in ambient music."""
        if self.drive <= 0.1:
            return math.inf
        return float(np.interp(self.drive, [0.1, 0.5, 1.0], [60.0, 25.0, 5.0]))

    @property
    def turn_gap(self) -> float:
        """Seconds for each turn of the budget."""
        return float(np.interp(self.drive, [0.0, 0.5, 1.0], [30.0, 20.0, 12.0]))

    @property
    def least_gap(self) -> float:
        """Seconds between two hits that are more than phrase boundaries, at least."""
        return float(np.interp(self.drive, [0.0, 0.5, 1.0], [6.0, 4.0, 2.0]))


@dataclass(frozen=True, slots=True)
class _Cut:
    """A candidate: its time in seconds, importance 0..1, whether it is soft (a dissolve) and whether it is spoken."""

    time: Fraction
    importance: float
    soft: bool
    spoken: bool


def spot(
    description: Description | None, duration: Fraction, hit_strength: float, spotting: Spotting | None = None
) -> tuple[Hit, ...]:
    """The hit points of a cue in order of time, no two at the same time.

    At ``hit_strength`` 0 there are none. At 0.5 a few cuts are hard hits or turns, and the others are phrase
    boundaries that hardly weigh. At 1 every cut weighs at least 0.4 (kinds still follow importance). Markers are hard
    hits (turns in ambient music) and weigh more than any cut.

    Args:
        description: what the range shows, or None for music alone.
        duration: length of the cue in seconds; cuts and markers outside it are left out.
        hit_strength: 0 to 1.
        spotting: the budget; drama's where it is None.
    """
    if description is None or hit_strength <= 0:
        return ()
    style, strength = spotting or Spotting(), min(hit_strength, 1.0)
    cuts = _cuts(description, duration)
    marked = _marked(description, cuts, duration, style, strength)
    kinds = _kinds(cuts, [hit.time for hit in marked], float(duration), style, strength)
    times = {hit.time for hit in marked}
    spotted = [_hit(cut, kind, strength) for cut, kind in zip(cuts, kinds, strict=True) if cut.time not in times]
    return tuple(sorted((*marked, *spotted), key=lambda hit: hit.time))


def _cuts(description: Description, duration: Fraction) -> list[_Cut]:
    """Every join inside the cue, with its importance."""
    pairs = [
        (before, after)
        for before, after in zip(description.shots, description.shots[1:], strict=False)
        if 0 < after.record.start < duration
    ]
    weights = _importances(pairs)
    cuts: dict[Fraction, _Cut] = {}
    is_spoken = _speaking(description.speech)
    for (_, after), weight in zip(pairs, weights, strict=True):
        time = after.record.start
        spoken = is_spoken(time)
        cuts[time] = _Cut(time, weight * (SPOKEN if spoken else 1.0), after.join is not JoinKind.CUT, spoken)
    return sorted(cuts.values(), key=lambda cut: cut.time)


def _importances(pairs: Sequence[tuple[ShotDescription, ShotDescription]]) -> list[float]:
    """0..1 for each cut, relative to the other cuts of the cue."""
    if not pairs:
        return []
    change = np.array([after.change for _, after in pairs])
    motion = np.array([abs(after.look.motion - before.look.motion) for before, after in pairs])
    light = np.array([abs(after.look.light - before.look.light) for before, after in pairs])
    structure = np.array([_structure(before, after) for before, after in pairs])
    structure[-1] = max(structure[-1], LAST)
    parts = ((CHANGE, change), (MOTION, motion), (LIGHT, light))
    ranked = sum((share * _standing(values) for share, values in parts), STRUCTURE * structure)
    return [float(value) for value in np.clip(ranked, 0.0, 1.0)]


def _structure(before: ShotDescription, after: ShotDescription) -> float:
    """1 where a new scene is likely: a dissolve or fade, else by how far the colours' warmth and strength move."""
    if after.join is not JoinKind.CUT:
        return 1.0
    warmth = abs(after.look.warmth - before.look.warmth) / 2
    return min(1.0, warmth + abs(after.look.saturation - before.look.saturation))


def _standing(values: Floats) -> Floats:
    """Standard scores moved to 0..1: the mean is 0.5, two deviations reach the ends; all 0.5 where nothing differs."""
    spread = float(values.std())
    if spread < 1e-6:
        return np.full(values.size, 0.5)
    standing: Floats = np.clip(0.5 + 0.25 * (values - values.mean()) / spread, 0.0, 1.0)
    return standing


def _speaking(speech: Sequence[TimeRange]) -> Callable[[Fraction], bool]:
    """Tells whether a time lies inside of any of ``speech``, whose very ends do not count, without asking them all."""
    spans = sorted((span.start, span.end) for span in speech)
    starts, latest = [start for start, _ in spans], list(accumulate((end for _, end in spans), max))

    def inside(time: Fraction) -> bool:
        begun = bisect_left(starts, time)
        return begun > 0 and latest[begun - 1] > time

    return inside


def _marked(
    description: Description, cuts: Sequence[_Cut], duration: Fraction, style: Spotting, strength: float
) -> list[Hit]:
    """A hit for each marker, moved to a cut that it names; markers at one time are one hit with all their names."""
    times = [cut.time for cut in cuts]
    names: dict[Fraction, list[str]] = {}
    for marker in description.markers:
        if 0 < marker.time < duration:
            names.setdefault(_joined(marker.time, times), []).append(marker.name)
    kind = HitKind.HARD if math.isfinite(style.hard_gap) else HitKind.TURN
    weight = min(1.0, 2.0 * strength)
    return [Hit(time, kind, weight, ", ".join(filter(None, labels))) for time, labels in sorted(names.items())]


def _joined(time: Fraction, cuts: Sequence[Fraction]) -> Fraction:
    """The time of the nearest cut where that is near enough to be what the marker means, else the marker's own."""
    after = bisect_left(cuts, time)
    near = min(cuts[max(0, after - 1) : after + 1], key=lambda cut: abs(cut - time), default=time)
    return near if abs(near - time) <= TOGETHER else time


def _kinds(
    cuts: Sequence[_Cut], marked: Sequence[Fraction], duration: float, style: Spotting, strength: float
) -> list[HitKind]:
    """A kind for each cut: hard hits first, then turns, each within its budget and away from those that stand."""
    eager = min(1.0, 2.0 * strength) * max(1.0, 0.5 + strength)
    times = [float(cut.time) for cut in cuts]
    standing = [float(time) for time in marked]
    order = [index for index in _in_order(cuts) if cuts[index].time >= EDGE]
    sharp = [index for index in order if not (cuts[index].soft or cuts[index].spoken)]
    hard = _taken(sharp, times, _budget(duration, style.hard_gap, eager) - len(standing), standing, style.least_gap)
    standing.extend(times[index] for index in hard)
    opening = dict.fromkeys([*order[:2], *sorted(order)[:1], *order])
    budget = _budget(duration, style.turn_gap, eager)
    if eager >= 1 and duration >= ONE_TURN and not standing:
        budget = max(1, budget)  # a short cue has its one moment too
    turns = _taken(list(opening), times, budget, standing, style.least_gap)
    kinds = dict.fromkeys(range(len(cuts)), HitKind.PHRASE)
    kinds |= dict.fromkeys(turns, HitKind.TURN) | dict.fromkeys(hard, HitKind.HARD)
    return list(kinds.values())


def _budget(duration: float, gap: float, eager: float) -> int:
    """How many fit; a cue that is not much shorter than the gap has one."""
    return math.floor(duration / gap * eager + 0.5)


def _in_order(cuts: Sequence[_Cut]) -> list[int]:
    """The weightiest cut and the last come first, then the others by importance."""
    ranked = sorted(range(len(cuts)), key=lambda index: (-cuts[index].importance, index))
    return list(dict.fromkeys([*ranked[:1], len(cuts) - 1, *ranked])) if cuts else []


def _taken(
    order: Sequence[int], times: Sequence[float], budget: int, standing: Sequence[float], gap: float
) -> list[int]:
    """Up to ``budget`` cuts in that order, at least ``gap`` seconds from each other and from what stands."""
    taken: list[int] = []
    occupied = list(standing)
    for index in order:
        if len(taken) >= budget:
            break
        if all(abs(times[index] - other) >= gap for other in occupied):
            taken.append(index)
            occupied.append(times[index])
    return taken


def _hit(cut: _Cut, kind: HitKind, strength: float) -> Hit:
    least, more = _MIDDLE[kind]
    middle = least + more * cut.importance
    least, more = _WHOLE[kind]
    whole = least + more * cut.importance
    weight = 2 * strength * middle if strength <= 0.5 else middle + (2 * strength - 1) * (whole - middle)
    return Hit(cut.time, kind, weight * (SOFT if cut.soft else 1.0))
