"""Requests: what a job is asked to do, already checked for shape."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.time import TimeRange


class CutSource(StrEnum):
    """Where cuts come from."""

    AUTO = "auto"
    """From the timeline, and where that shows one single shot, detected in the media."""
    TIMELINE = "timeline"
    """From the timeline alone."""
    DETECT = "detect"
    """From the timeline, and detected inside every shot too."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A timeline and the range of it that is wanted.

    Attributes:
        otio: the OTIO document as JSON text.
        range: the wanted range on the record clock, or None for what ``range_text`` says.
        range_text: what an editor types, ``01:00:10:00-01:00:42:12`` (also seconds ``10-42.5``, or ``1:10-1:42``), read
            at the timeline's rate; "" with no ``range`` is the whole timeline.
        folder: absolute folder that relative media paths start from, or "".
        media_roots: absolute folders to look for media in by file name when it is not where the timeline says.
        cuts: where cuts come from.
    """

    otio: str
    range: TimeRange | None = None
    range_text: str = ""
    folder: str = ""
    media_roots: tuple[str, ...] = ()
    cuts: CutSource = CutSource.AUTO


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the audio is to be delivered.

    Attributes:
        loudness_lufs: integrated loudness of the mix, -50 to -8.
        pad_to_frames: frame rate to pad the file to whole frames of, or None for the exact length.
        stems: whether stems are wanted as files too.
        record_start: where the cue begins on the record clock in seconds, for the Broadcast Wave time reference; None
            for the range's start where a timeline is scored, else 0.
    """

    loudness_lufs: float = -20.0
    pad_to_frames: Fraction | None = None
    stems: bool = False
    record_start: Fraction | None = None


@dataclass(frozen=True, slots=True)
class DescribeJob:
    """Describe a range."""

    timeline: Timeline
    engine: str = ""


@dataclass(frozen=True, slots=True)
class TagJob:
    """Turn a description (or nothing) and a brief into tags."""

    brief: Brief
    description: Description | None = None
    engine: str = ""


@dataclass(frozen=True, slots=True)
class GenerateJob:
    """Make audio from tags.

    Attributes:
        tags: what to play.
        duration: exact length in seconds, 2 to 1800.
        description: gives cuts, markers and curves to play to, or None for music alone.
        seed: 0 to 2^63-1; the same seed gives the same audio.
        takes: how many takes, 1 to 8; take n has seed + n.
        delivery: how to deliver.
        engine: the generate engine's name, or "" for the profile's.
    """

    tags: Tags
    duration: Fraction
    description: Description | None = None
    seed: int = 0
    takes: int = 1
    delivery: Delivery = Delivery()
    engine: str = ""


@dataclass(frozen=True, slots=True)
class ScoreJob:
    """The whole chain: describe, tag, generate. Engines "" are the profile's."""

    timeline: Timeline
    brief: Brief
    seed: int = 0
    takes: int = 1
    delivery: Delivery = Delivery()
    describe_engine: str = ""
    tag_engine: str = ""
    generate_engine: str = ""


Job = DescribeJob | TagJob | GenerateJob | ScoreJob
