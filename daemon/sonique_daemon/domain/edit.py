"""Edits: changes of a take that was made before."""

from dataclasses import dataclass
from fractions import Fraction

from sonique_daemon.domain.take import TakeFile


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars ``first`` to ``last``, both included, counted from 0 on the take's grid."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Swap:
    """An instrument, or a group of them, that gives its place to another; names as a brief has them."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a take; whatever is left out stays.

    Attributes:
        keep: bars that stay as they are, sample for sample; all others are made anew.
        seed: what is made anew is made from it; None for the take's own.
        duration: new length in seconds.
        swaps: instruments that change.
        calm_from: seconds from the cue's start at which it becomes calmer, or None.
        calm: how much calmer, 0 to 1.
    """

    keep: tuple[Bars, ...] = ()
    seed: int | None = None
    duration: Fraction | None = None
    swaps: tuple[Swap, ...] = ()
    calm_from: Fraction | None = None
    calm: float = 0.5


@dataclass(frozen=True, slots=True)
class Kept:
    """What of an earlier take stands in a new one.

    Attributes:
        files: of the earlier take.
        spans: first sample and the one after the last of each span that stays, in order, apart from each other.
    """

    files: tuple[TakeFile, ...]
    spans: tuple[tuple[int, int], ...]
