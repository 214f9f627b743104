"""The facts of a report: what is told of one cue, gathered before a line is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
from sonique.v1 import description_pb2, tags_pb2, take_pb2, tempo_pb2, time_pb2

MEANT = 0.4
"""Weight from which the music means to meet a hit point; lighter ones are phrase boundaries that it merely respects."""

MET_SECONDS, NEAR_SECONDS = 0.040, 0.070
"""How far a beat or onset may be from a hit point that is met, and from one that is nearly met."""

_DROPPING = (Fraction(30_000, 1001), Fraction(60_000, 1001))
"""Frames per second of timecode that may drop frame numbers."""

_KEYS = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


class Verdict(StrEnum):
    """Whether the music meets a hit point."""

    MET = "met"
    NEAR = "near"
    MISSED = "missed"
    LEFT = "left"
    """It was not meant to be met."""


@dataclass(frozen=True, slots=True)
class HitPoint:
    """A cut or marker, and what is heard there.

    Attributes:
        seconds: from the cue's start.
        kind: "hard hit", "turn" or "phrase".
        label: a marker's name, or "".
        weight: 0 to 1.
        error: seconds by which the nearest beat or strong onset is late, or early; None where none is near.
        verdict: what comes of it.
    """

    seconds: float
    kind: str
    label: str
    weight: float
    error: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a report tells of one cue.

    Attributes:
        wav: its sound.
        take: what the daemon tells of it.
        tags: what was played, or None.
        description: what the range shows, or None for music without a picture.
        provenance: what the file says of where it comes from, by the names of its iXML.
        start: the cue's start on the record clock, in seconds.
        rate: the timeline's frames per second.
        notes: what the reader should know, as sentences.
    """

    wav: Path
    take: take_pb2.Take
    tags: tags_pb2.Tags | None = None
    description: description_pb2.Description | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)
    start: Fraction = Fraction(0)
    rate: Fraction = Fraction(24)
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Length of the cue."""
        return self.take.samples / 48_000

    @property
    def title(self) -> str:
        """What the cue is called."""
        return self.wav.stem

    @property
    def key(self) -> str:
        """The key ("D minor"), or "" where nothing is known of it."""
        if self.tags is None or not self.tags.HasField("key"):
            return ""
        mode = {"ionian": "major", "aeolian": "minor"}.get(self.tags.key.mode, self.tags.key.mode)
        return f"{_KEYS[self.tags.key.tonic % 12]} {mode}"

    def timecode(self, seconds: float | Fraction) -> str:
        """A time on the record clock, as the timeline's editor shows it."""
        drop_frame = self.description is not None and self.description.drop_frame
        return timecode(seconds, self.rate, drop_frame=drop_frame)

    def hit_points(self) -> tuple[HitPoint, ...]:
        """Every hit point inside the cue, in order: by what is heard where that was measured, else by the grid."""
        planned = [hit for hit in self.take.tempo_map.hits if 0 <= seconds_of(hit.time) <= self.seconds]
        heard = {round(float(seconds_of(hit.time)), 4): hit for hit in self.take.measures.hits}
        points = [_hit_point(hit, heard.get(round(float(seconds_of(hit.time)), 4)), bool(heard)) for hit in planned]
        return tuple(sorted(points, key=lambda point: point.seconds))

    def beats(self) -> tuple[tuple[float, bool], ...]:
        """Times of the beats inside the cue, and whether each is a downbeat: the grid that the music plays to."""
        grid = self.take.tempo_map
        firsts = set(grid.downbeats)
        beats = ((seconds, index in firsts) for index, seconds in enumerate(grid.beat_seconds))
        return tuple((seconds, first) for seconds, first in beats if 0 <= seconds <= self.seconds)


def rate_of(description: description_pb2.Description | None) -> Fraction:
    """The timeline's frames per second; 24 where nothing is told, or nothing that can be."""
    if description is None or description.rate.numerator <= 0 or description.rate.denominator < 0:
        return Fraction(24)
    return Fraction(description.rate.numerator, description.rate.denominator or 1)


def seconds_of(time: time_pb2.RationalTime) -> Fraction:
    """A time on the wire in seconds."""
    return Fraction(time.value * (time.rate_denominator or 1), time.rate_numerator or 1)


def timecode(seconds: float | Fraction, rate: Fraction, *, drop_frame: bool = False) -> str:
    """``HH:MM:SS:FF``, or ``HH:MM:SS;FF`` with dropped frame numbers (SMPTE ST 12-1) where ``rate`` has such; at a rate
    that is no timecode's with true seconds.
    """
    if drop_frame and rate in _DROPPING:
        shown = otio.opentime.RationalTime(round(Fraction(seconds) * rate), float(rate))
        return str(shown.to_timecode(shown.rate, drop_frame=True))
    nominal = -(-rate.numerator // rate.denominator)
    if rate.denominator != 1 and (rate * Fraction(1001, 1000)).denominator != 1:
        whole, frames = int(seconds), int(Fraction(seconds) % 1 * rate)
    else:
        whole, frames = divmod(round(Fraction(seconds) * rate), nominal)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}:{frames:02d}"


_KIND_NAMES = {tempo_pb2.HIT_KIND_HARD: "hard hit", tempo_pb2.HIT_KIND_TURN: "turn"}


def _hit_point(hit: tempo_pb2.Hit, heard: take_pb2.HeardHit | None, measured: bool) -> HitPoint:
    if heard is not None:
        error = heard.error_seconds if heard.HasField("error_seconds") else None
    else:
        error = hit.error_seconds if hit.HasField("beat") and not measured else None
    kind = _KIND_NAMES.get(hit.kind, "phrase")
    return HitPoint(float(seconds_of(hit.time)), kind, hit.label, hit.weight, error, _verdict(hit.weight, error))


def _verdict(weight: float, error: float | None) -> Verdict:
    if error is not None and abs(error) <= MET_SECONDS:
        return Verdict.MET
    if weight < MEANT:
        return Verdict.LEFT
    return Verdict.NEAR if error is not None and abs(error) <= NEAR_SECONDS else Verdict.MISSED
