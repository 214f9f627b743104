"""The tempo map: tempo and beat grid fitted to the hit points."""

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class HitKind(StrEnum):
    """What the music does at a hit point."""

    HARD = "hard"
    """An accent belongs on this frame."""
    TURN = "turn"
    """The feeling changes: new harmony, texture or section."""
    PHRASE = "phrase"
    """A cut that the phrase should merely not contradict."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A cut or marker that the music should meet.

    Attributes:
        time: seconds from the range's start.
        kind: what the music does there.
        weight: 0..1, how much it matters.
        label: a marker's name, or "".
    """

    time: Fraction
    kind: HitKind
    weight: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class MetHit:
    """A hit point and the place of the grid that meets it.

    Attributes:
        hit: the hit point.
        beat: position in beats (a whole number is a beat, a half or a third one of its parts), or None where the grid
            does not meet it.
        error: seconds by which the grid is late (positive) or early (negative); 0 where ``beat`` is None.
    """

    hit: Hit
    beat: float | None
    error: float = 0.0


@dataclass(frozen=True, slots=True)
class Section:
    """A span of bars with one character.

    Attributes:
        bar: index of its first bar.
        bars: how many bars, at least 1.
        energy: 0..1, from the picture's curve and the tags.
        hit: index into the map's ``hits`` of the hit that begins it, or None.
    """

    bar: int
    bars: int
    energy: float
    hit: int | None = None


@dataclass(frozen=True, slots=True)
class TempoMap:
    """Beats in time.

    Attributes:
        duration: length of the cue in seconds.
        beats: times of all beats in seconds from the range's start, strictly increasing; the first may lie before 0 (a
            pickup) and the last lies at or after the end.
        downbeats: indices into ``beats`` of each bar's first beat, increasing; bars may differ in length.
        bpm: the base tempo in beats per minute.
        sections: in order, covering all bars without holes.
        hits: every hit point, with the place that meets it.
    """

    duration: Fraction
    beats: tuple[float, ...]
    downbeats: tuple[int, ...]
    bpm: float
    sections: tuple[Section, ...]
    hits: tuple[MetHit, ...] = ()

    def time_at(self, beat: float) -> float:
        """Seconds from the range's start at ``beat`` (beats, and fractions of them), extended past the ends."""
        index = min(max(int(beat // 1), 0), len(self.beats) - 2)
        first, second = self.beats[index], self.beats[index + 1]
        return first + (beat - index) * (second - first)

    def beat_at(self, time: float) -> float:
        """Position in beats at ``time`` seconds; the inverse of ``time_at``."""
        index = min(max(bisect_right(self.beats, time) - 1, 0), len(self.beats) - 2)
        first, second = self.beats[index], self.beats[index + 1]
        return index + (time - first) / (second - first)

    def bar_beats(self, bar: int) -> int:
        """Number of beats in bar ``bar``; the last bar is as long as the one before it where the grid ends early."""
        start = self.downbeats[bar]
        if bar + 1 < len(self.downbeats):
            return self.downbeats[bar + 1] - start
        return max(1, len(self.beats) - start)
