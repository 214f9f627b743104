"""Tasks: the pieces of work that run in workers, each with what it is asked and what it gives back."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Generic, TypeVar

from sonique_daemon.delivery.order import Order
from sonique_daemon.domain.alignment import Alignment
from sonique_daemon.domain.audio import RawAudio
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.edit import Kept
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.note import Fingerprint
from sonique_daemon.domain.options import Melody
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.request import Cue, Timeline
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.take import Measures, Rendering, TakeFile
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.engines.engine import DescribeRequest, GenerateRequest, TagRequest

Request = TypeVar("Request")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ConformRequest:
    """A timeline, and the rules about media.

    Attributes:
        timeline: what is wanted.
        uploads: folder that holds uploaded media, each file named by its SHA-256.
        media_roots: folders under which media may be opened besides the defaults.
    """

    timeline: Timeline
    uploads: Path
    media_roots: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A timeline, read.

    Attributes:
        picture: what the range shows.
        fingerprints: one for each path that the picture's shots and sound name.
    """

    picture: Picture
    fingerprints: tuple[Fingerprint, ...]


@dataclass(frozen=True, slots=True)
class FitRequest:
    """What a tempo map is fitted to; see ``sync.plan``."""

    tags: Tags
    duration: Fraction
    description: Description | None
    seed: int


@dataclass(frozen=True, slots=True)
class HearRequest:
    """A recording to start from, and the rules about media.

    Attributes:
        melody: names the recording.
        uploads: as in ``ConformRequest``.
        media_roots: as in ``ConformRequest``.
        samples: the most that is wanted of it, at 48 kHz.
        target: where its audio goes; nothing stands there.
    """

    melody: Melody
    uploads: Path
    media_roots: tuple[Path, ...]
    samples: int
    target: Path


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording, decoded: its audio, stereo at 48 kHz, and the SHA-256 of its file in lower-case hexadecimal."""

    audio: RawAudio
    sha256: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Takes to be made at once, by one engine."""

    requests: tuple[GenerateRequest, ...]


@dataclass(frozen=True, slots=True)
class Renderings:
    """What became of a batch, in order."""

    items: tuple[Rendering, ...]


@dataclass(frozen=True, slots=True)
class AlignRequest:
    """Renderings of one request, and the hit points that one of them is to meet; see ``sync.align``.

    Attributes:
        renderings: to choose from, at least one.
        tempo_map: its hit points, sections and bars.
        samples: length of the result at 48 kHz.
        folder: an existing empty folder for its files.
    """

    renderings: tuple[Rendering, ...]
    tempo_map: TempoMap
    samples: int
    folder: Path


@dataclass(frozen=True, slots=True)
class MeasureRequest:
    """A sound file of the user's, and the picture that it is measured against.

    Attributes:
        cue: names the file.
        description: the picture.
        media_roots: folders under which media may be opened besides the defaults.
    """

    cue: Cue
    description: Description
    media_roots: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Aligned:
    """The rendering that was chosen, stereo at 48 kHz, and what was done to it."""

    rendering: Rendering
    alignment: Alignment


@dataclass(frozen=True, slots=True)
class DeliverRequest:
    """A rendering and how its files are wanted.

    Attributes:
        rendering: what the engine made.
        order: how it is wanted.
        tempo_map: whose hits and tempo the mix is measured against.
        duration: length of the cue in seconds.
        folder: an existing empty folder for the files.
        description: the picture that the mix is measured against, or None.
        kept: what of an earlier take takes the place of what was made, or None.
    """

    rendering: Rendering
    order: Order
    tempo_map: TempoMap
    duration: Fraction
    folder: Path
    description: Description | None = None
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """The finished files (the mix first), on the disk, and what the mix measures."""

    files: tuple[TakeFile, ...]
    measures: Measures


@dataclass(frozen=True, slots=True)
class ConvertRequest:
    """Weights as they were published, and what they are to become: a file of safetensors, or a folder."""

    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class Converted:
    """How many tensors were written."""

    tensors: int


@dataclass(frozen=True, slots=True)
class Task(Generic[Request, Result]):
    """A kind of work.

    Attributes:
        name: unique.
        request: type of what is asked.
        result: type of what comes back.
        stage: whose engine does it; None where it needs none.
        divisible: whether whoever asks for it asks for half of it where memory runs out, which costs less than savings.
    """

    name: str
    request: type[Request]
    result: type[Result]
    stage: Stage | None = None
    divisible: bool = False


CONFORM = Task("conform", ConformRequest, Reading)
DESCRIBE = Task("describe", DescribeRequest, Description, Stage.DESCRIBE)
TAG = Task("tag", TagRequest, Tags, Stage.TAG)
FIT = Task("fit", FitRequest, TempoMap)
HEAR = Task("hear", HearRequest, Heard)
GENERATE = Task("generate", GenerateRequest, Rendering, Stage.GENERATE)
GENERATE_BATCH = Task("generate_batch", Batch, Renderings, Stage.GENERATE, divisible=True)
MEASURE = Task("measure", MeasureRequest, Measures)
ALIGN = Task("align", AlignRequest, Aligned)
DELIVER = Task("deliver", DeliverRequest, Delivered)
CONVERT = Task("convert", ConvertRequest, Converted)
CONVERT_PIPELINE = Task("convert_pipeline", ConvertRequest, Converted)

TASKS: dict[str, "Task[object, object]"] = {
    task.name: task  # type: ignore[misc]
    for task in (
        *(CONFORM, DESCRIBE, TAG, FIT, HEAR, GENERATE, GENERATE_BATCH, MEASURE, ALIGN, DELIVER),
        *(CONVERT, CONVERT_PIPELINE),
    )
}
"""By name."""
