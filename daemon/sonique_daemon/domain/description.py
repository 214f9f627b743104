"""The description: what the range shows, as sentences, measures and curves."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from sonique_daemon.domain.picture import JoinKind, Marker
from sonique_daemon.domain.time import TimeRange


@dataclass(frozen=True, slots=True)
class Look:
    """Measures of one shot, each 0..1 unless said otherwise.

    Attributes:
        motion: amount of motion; 0 is a still, 1 is as fast as picture gets.
        motion_x: mean direction, -1 (to the left) to 1 (to the right).
        motion_y: mean direction, -1 (downwards) to 1 (upwards).
        camera: share of the motion that the camera makes (whole frame) rather than something in it.
        light: mean luminance.
        contrast: spread of luminance.
        saturation: mean colourfulness.
        warmth: colour temperature, -1 (blue) to 1 (orange).
        palette: up to five main colours as ``#rrggbb``, the largest first.
    """

    motion: float = 0.0
    motion_x: float = 0.0
    motion_y: float = 0.0
    camera: float = 0.0
    light: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    warmth: float = 0.0
    palette: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShotDescription:
    """What one shot shows.

    Attributes:
        record: where it stands, in seconds from the range's start.
        sentence: what a person would write of it.
        look: its measures.
        join: how it begins.
        change: how much the picture changes at its start, 0..1 (0 for the first shot).
    """

    record: TimeRange
    sentence: str
    look: Look
    join: JoinKind = JoinKind.CUT
    change: float = 0.0


class CurveKind(StrEnum):
    """What a curve follows."""

    MOTION = "motion"
    LIGHT = "light"
    SATURATION = "saturation"
    WARMTH = "warmth"
    CUT_RATE = "cut_rate"
    LOUDNESS = "loudness"


@dataclass(frozen=True, slots=True)
class Curve:
    """A measure over time: ``values[i]`` holds at ``i * step`` seconds from the range's start.

    Values are 0..1 (warmth -1..1; cut rate in cuts per second; loudness in LUFS, -70 for silence).
    """

    kind: CurveKind
    step: Fraction
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """What the range shows.

    Attributes:
        duration: length of the range in seconds.
        summary: one or two sentences.
        shots: every shot in record order; their joins are the cuts, detected ones included.
        curves: at most one of each kind.
        markers: the editor's markers inside the range.
        speech: spans of the production sound that hold speech, in order.
        loudness_lufs: integrated loudness of the production sound, or None where there is none.
        rate: the timeline's frames per second.
        drop_frame: whether its timecode drops frame numbers.
    """

    duration: Fraction
    summary: str
    shots: tuple[ShotDescription, ...]
    curves: tuple[Curve, ...] = ()
    markers: tuple[Marker, ...] = ()
    speech: tuple[TimeRange, ...] = ()
    loudness_lufs: float | None = None
    rate: Fraction = Fraction(24)
    drop_frame: bool = False

    def curve(self, kind: CurveKind) -> Curve | None:
        """The curve of that kind, or None."""
        return next((curve for curve in self.curves if curve.kind is kind), None)
