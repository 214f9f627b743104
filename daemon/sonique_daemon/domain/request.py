"""Requests: what a job is asked to do, already checked for shape."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from fractions import Fraction

from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.ducking import Ducking
from sonique_daemon.domain.edit import Change
from sonique_daemon.domain.options import NO_OPTIONS, EngineOptions, Melody
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
        ducking: how the music makes room for speech, or None where it keeps its level.
    """

    loudness_lufs: float = -20.0
    pad_to_frames: Fraction | None = None
    stems: bool = False
    record_start: Fraction | None = None
    ducking: Ducking | None = None


@dataclass(frozen=True, slots=True)
class Choosing:
    """How the engines that a job leaves open are chosen, and what may take their place.

    Attributes:
        profile: names them; "" is the daemon's own.
        fallback: whether the embedded engine of a stage goes on where another cannot be had or fails.
        commercial_only: whether engines are refused whose music may not be used to earn money.
    """

    profile: str = ""
    fallback: bool = False
    commercial_only: bool = False


USUAL = Choosing()
"""The daemon's profile, as it is."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A sound file that is to be measured against the picture; it begins where the range does.

    Attributes:
        path: absolute, as the daemon sees it.
        hit_strength: 0 to 1; weighs the hit points, see ``sync.spotting``.
    """

    path: str
    hit_strength: float = 0.5


@dataclass(frozen=True, slots=True)
class DescribeJob:
    """Describe a range, and where there is a cue, measure it against that.

    Attributes:
        timeline: the range.
        engine: describes it; "" is the profile's.
        choosing: how an engine that is left open is chosen.
        cue: what is measured.
        media_roots: absolute folders under which the cue may be read besides the daemon's own and the timeline's.
    """

    timeline: Timeline
    engine: str = ""
    choosing: Choosing = USUAL
    cue: Cue | None = None
    media_roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TagJob:
    """Turn a description (or nothing) and a brief into tags."""

    brief: Brief
    description: Description | None = None
    engine: str = ""
    choosing: Choosing = USUAL


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
        options: how a model makes it.
        melody: a recording to start from, or None.
        guide: noise, 0 to 1, over a draft of the composer that lies on the cuts and that a model starts from; None for
            no draft.
        candidates: how many a model makes to choose the best of, 1 to 8; 0 leaves it to the engine.
        choosing: how an engine that is left open is chosen.
        changes: edits of the take that all before them makes, in order.
        soundfont: absolute path of a SoundFont that the parts are played through, or "".
        media_roots: absolute folders under which melody and SoundFont may be read besides the daemon's own.
    """

    tags: Tags
    duration: Fraction
    description: Description | None = None
    seed: int = 0
    takes: int = 1
    delivery: Delivery = Delivery()
    engine: str = ""
    options: EngineOptions = NO_OPTIONS
    melody: Melody | None = None
    guide: float | None = None
    candidates: int = 0
    choosing: Choosing = USUAL
    changes: tuple[Change, ...] = ()
    soundfont: str = ""
    media_roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreJob:
    """The whole chain: describe, tag, generate. Engines "" are the profile's; the rest is as in ``GenerateJob``."""

    timeline: Timeline
    brief: Brief
    seed: int = 0
    takes: int = 1
    delivery: Delivery = Delivery()
    describe_engine: str = ""
    tag_engine: str = ""
    generate_engine: str = ""
    options: EngineOptions = NO_OPTIONS
    melody: Melody | None = None
    guide: float | None = None
    candidates: int = 0
    soundfont: str = ""
    choosing: Choosing = USUAL
    media_roots: tuple[str, ...] = ()


Job = DescribeJob | TagJob | GenerateJob | ScoreJob

JOBS: dict[str, type[Job]] = {kind.__name__: kind for kind in (DescribeJob, TagJob, GenerateJob, ScoreJob)}
"""Every kind of job by its name."""


class Priority(IntEnum):
    """How soon a job is wanted; a higher one runs first, however many wait before it."""

    LOW = -1
    NORMAL = 0
    HIGH = 1


@dataclass(frozen=True, slots=True)
class Ticket:
    """A job's place in the queue; no part of what is asked.

    Attributes:
        client: who asks; within one priority, clients take turns. "" is a client like any other.
        priority: how soon it is wanted.
    """

    client: str = ""
    priority: Priority = Priority.NORMAL
