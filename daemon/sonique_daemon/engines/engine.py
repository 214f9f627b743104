"""The engine protocol: one method for each stage, a descriptor that answers every question, and a report to speak to.

Code asks the descriptor; there is no test for an engine's name anywhere.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description, ShotDescription
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.take import Rendering
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.errors import Cancelled


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What an engine is and can do.

    Attributes:
        name: unique within its stage; lower case.
        stage: describe, tag or generate.
        summary: one sentence for a list of engines.
        licence: SPDX id of code and weights together, the stricter one.
        version: changes whenever the same request may give another result.
        shortest: seconds; the shortest audio that it makes (generate).
        longest: seconds; the longest (generate).
        sample_rate: of its audio (generate), else 0.
        channels: of its audio (generate), else 0.
        stems: names of the stems that it returns, or empty.
        midi: whether it returns notes.
        tempo_control: whether it plays the tempo map beat by beat.
        negatives: whether it heeds negative tags.
        memory_bytes: resident memory that it needs.
        weights_present: True where it needs none.
    """

    name: str
    stage: Stage
    summary: str
    licence: str
    version: str
    shortest: float = 0.0
    longest: float = 0.0
    sample_rate: int = 0
    channels: int = 0
    stems: tuple[str, ...] = ()
    midi: bool = False
    tempo_control: bool = False
    negatives: bool = False
    memory_bytes: int = 0
    weights_present: bool = True


class Report(Protocol):
    """What an engine speaks to while it works; safe to call from the engine's own thread."""

    def progress(self, done: float, total: float, unit: str) -> None:
        """Says how far it is; call it often, the receiver thins it out. Raises ``Cancelled`` like ``check``."""

    def shot(self, index: int, shot: ShotDescription) -> None:
        """Hands over shot ``index`` as soon as it is described."""

    def warn(self, sentence: str) -> None:
        """Tells the user something that stops nothing."""

    def check(self) -> None:
        """Raises ``Cancelled`` where the job was cancelled; call it at least every 0.2 s of work."""


@dataclass(frozen=True, slots=True)
class DescribeRequest:
    """What a describe engine is asked: the picture, and whether to look for cuts inside its shots."""

    picture: Picture
    detect_cuts: bool


@dataclass(frozen=True, slots=True)
class TagRequest:
    """What a tag engine is asked."""

    brief: Brief
    description: Description | None


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """What a generate engine is asked.

    Attributes:
        tags: what to play.
        tempo_map: the grid to play to; its ``duration`` is the cue's length.
        samples: exact length of the audio at 48 kHz.
        seed: decides every choice that is left.
        workspace: an empty folder of its own for audio files; the caller removes it.
        description: the picture's curves and speech, or None.
    """

    tags: Tags
    tempo_map: TempoMap
    samples: int
    seed: int
    workspace: Path
    description: Description | None = None


class DescribeEngine(Protocol):
    """Turns a picture into a description."""

    @property
    def descriptor(self) -> Descriptor:
        """What it is and can do."""

    def run(self, request: DescribeRequest, report: Report) -> Description:
        """Describes; raises ``NothingToSee`` where nothing at all could be read."""


class TagEngine(Protocol):
    """Turns a description and a brief into tags."""

    @property
    def descriptor(self) -> Descriptor:
        """What it is and can do."""

    def run(self, request: TagRequest, report: Report) -> Tags:
        """Tags; raises ``InvalidBrief`` for a style, instrument, key or tempo that does not exist."""


class GenerateEngine(Protocol):
    """Turns tags and a tempo map into audio."""

    @property
    def descriptor(self) -> Descriptor:
        """What it is and can do."""

    def run(self, request: GenerateRequest, report: Report) -> Rendering:
        """Generates ``request.samples`` samples."""


@dataclass(slots=True)
class RecordedReport:
    """A report that keeps what it is told; stands in for a job's report wherever an engine runs alone."""

    steps: list[tuple[float, float, str]] = field(default_factory=list)
    shots: list[tuple[int, ShotDescription]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    cancelled: bool = False

    def progress(self, done: float, total: float, unit: str) -> None:
        """Keeps the step."""
        self.steps.append((done, total, unit))
        self.check()

    def shot(self, index: int, shot: ShotDescription) -> None:
        """Keeps the shot."""
        self.shots.append((index, shot))

    def warn(self, sentence: str) -> None:
        """Keeps the sentence."""
        self.warnings.append(sentence)

    def check(self) -> None:
        """Raises ``Cancelled`` once ``cancelled`` is set."""
        if self.cancelled:
            raise Cancelled
