"""The alignment of a take: which rungs of the ladder brought a model's music to the cuts."""

from dataclasses import dataclass
from enum import StrEnum


class Rung(StrEnum):
    """One way of bringing music to the cuts, the gentlest first."""

    TEMPO = "tempo"
    """The fitted tempo was asked for."""
    GUIDE = "guide"
    """It was made over a draft that lies on the cuts."""
    CANDIDATES = "candidates"
    """It is the best of several."""
    SHIFT = "shift"
    """The whole was moved by at most half a beat."""
    STRETCH = "stretch"
    """Spans of it were stretched or pressed by at most 3 %, at their pitch."""
    INPAINT = "inpaint"
    """The music round some cuts was made anew."""


TARGET = 0.6
"""Share of the hit points' weight, above chance and within ±40 ms, at which no further rung is climbed."""

LARGEST_STRETCH = 0.03


@dataclass(frozen=True, slots=True)
class Alignment:
    """What was done, and what it brought.

    Attributes:
        rungs: those that stand in the take, in order.
        candidates: how many were made.
        shift: seconds by which its beginning was moved; positive is later.
        stretch: largest share by which a span was stretched (positive: longer) or pressed.
        before: hits met above chance by the first candidate as it was made, -1 to 1.
        after: by the take.
    """

    rungs: tuple[Rung, ...] = ()
    candidates: int = 1
    shift: float = 0.0
    stretch: float = 0.0
    before: float = 0.0
    after: float = 0.0

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.after >= TARGET
