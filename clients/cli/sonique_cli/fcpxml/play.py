"""Times of a document, and what plays when: a stretch of the timeline on some clip's own clock."""

import re
from dataclasses import dataclass
from fractions import Fraction
from xml.etree import ElementTree as ET

_TIME = re.compile(r"(-?\d{1,18}(?:\.\d{1,12})?)(?:/(\d{1,18}))?s?")


def seconds(text: str | None) -> Fraction | None:
    """A time as the document writes it (``1001/30000s``); None where it is none."""
    match = _TIME.fullmatch((text or "").strip())
    if match is None or (match[2] is not None and int(match[2]) == 0):
        return None
    return Fraction(match[1]) / int(match[2] or 1)


def time_of(element: ET.Element, name: str, otherwise: Fraction) -> Fraction:
    """The time in an attribute of ``element``; ``otherwise`` where there is none."""
    found = seconds(element.get(name))
    return otherwise if found is None else found


@dataclass(frozen=True, slots=True)
class Play:
    """A stretch of the timeline, and the time that a clip's own clock shows over it.

    Attributes:
        start: where it begins, in seconds from the timeline's beginning.
        end: where it ends.
        local: the clip's own time at ``start``.
        speed: seconds of the clip's own time in one of the timeline's: 0 stands still, below 0 runs backwards.
    """

    start: Fraction
    end: Fraction
    local: Fraction
    speed: Fraction = Fraction(1)

    @property
    def last(self) -> Fraction:
        """The clip's own time at ``end``."""
        return self.local + (self.end - self.start) * self.speed

    def within(self, low: Fraction, high: Fraction | None) -> "Play | None":
        """The part over which the clip's own clock shows ``low`` to ``high``; None where it never does."""
        if self.speed == 0:
            return self if low <= self.local and (high is None or self.local < high) else None
        edges = sorted(self._when(edge) for edge in (low, high) if edge is not None)
        first, last = edges[0], edges[-1]
        if high is None:
            first, last = (first, self.end) if self.speed > 0 else (self.start, first)
        return self.cut(first, last)

    def cut(self, start: Fraction, end: Fraction) -> "Play | None":
        """The part from ``start`` to ``end`` of the timeline; None where there is none."""
        start, end = max(start, self.start), min(end, self.end)
        if start >= end:
            return None
        return Play(start, end, self.local + (start - self.start) * self.speed, self.speed)

    def on(self, here: Fraction, there: Fraction, factor: Fraction = Fraction(1)) -> "Play":
        """The same on another clock, which shows ``there`` when this one shows ``here`` and runs ``factor`` as fast."""
        return Play(self.start, self.end, there + (self.local - here) * factor, self.speed * factor)

    def _when(self, local: Fraction) -> Fraction:
        return self.start + (local - self.local) / self.speed
