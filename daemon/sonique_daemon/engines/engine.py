"""The engine protocol: one method for each stage, a descriptor that answers every question, and a report to speak to.

Code asks the descriptor; there is no test for an engine's name anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from sonique_daemon.domain.audio import RawAudio
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description, ShotDescription
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.note import Note
from sonique_daemon.domain.options import NO_OPTIONS, EngineOptions, Option
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.take import Rendering
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.domain.terms import Terms
from sonique_daemon.errors import Cancelled

OWN_TERMS = Terms("GPL-3.0-or-later", note="Music that you make with the embedded engines is yours.")
"""Of the engines that need no model."""


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
        melody: whether it can start from a recording (``GenerateRequest.init``).
        inpainting: whether it can make spans of that recording anew and keep the rest.
        batch: the most takes that it makes in one call (``Batching``).
        options: the options that it heeds.
        memory_bytes: memory that its worker needs for one take: the card's where it runs on one, else the machine's.
        take_bytes: how much of that a take needs while it is made, and each further one of its call besides.
        take_seconds: how long a take is that needs so much; 0 where they are all of one length.
        piece_seconds: the longest that it makes in one piece: a longer take needs no more than that; 0 as before.
        weights_present: True where it needs none.
        home: name of the worker process that it lives in; engines of one home share a process. "" is one of its own.
        interpreter: path of the Python that runs its worker, or "" for the daemon's own.
        model: name of the model of the catalogue that it runs, or "".
        terms: what may be done with what it makes.
        savings: what it can do with less memory, cheapest first, each as the end of a sentence that begins “It goes on
            with”; see ``Sparing``.
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
    melody: bool = False
    inpainting: bool = False
    batch: int = 1
    options: tuple[Option, ...] = ()
    memory_bytes: int = 0
    take_bytes: int = 0
    take_seconds: float = 0.0
    piece_seconds: float = 0.0
    weights_present: bool = True
    home: str = ""
    interpreter: str = ""
    model: str = ""
    terms: Terms = OWN_TERMS
    savings: tuple[str, ...] = ()

    @property
    def worker(self) -> str:
        """Name of the worker process that it lives in."""
        return self.home or self.name


class Report(Protocol):
    """What an engine speaks to while it works; safe to call from the engine's own thread."""

    def progress(self, done: float, total: float, unit: str) -> None:
        """Says how far it is; call it often, the receiver thins it out. Raises ``Cancelled`` like ``check``."""

    def shot(self, index: int, shot: ShotDescription) -> None:
        """Hands over shot ``index`` as soon as it is described."""

    def wording(self, shot: int | None, text: str) -> None:
        """Shows all that a model wrote so far, about shot ``shot`` or about none; call it often, like ``progress``."""

    def note(self, note: Note) -> None:
        """Hands over what was found out about one shot or sound, so that it is known the next time."""

    def warn(self, sentence: str) -> None:
        """Tells the user something that stops nothing."""

    def check(self) -> None:
        """Raises ``Cancelled`` where the job was cancelled; call it at least every 0.2 s of work."""


@dataclass(frozen=True, slots=True)
class DescribeRequest:
    """What a describe engine is asked.

    Attributes:
        picture: what to describe.
        detect_cuts: whether to look for cuts inside its shots.
        known: what this engine, in this version and with the same ``detect_cuts``, noted earlier of some of the
            picture's shots and sounds; it need not look at their media again.
    """

    picture: Picture
    detect_cuts: bool
    known: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class TagRequest:
    """What a tag engine is asked."""

    brief: Brief
    description: Description | None


@dataclass(frozen=True, slots=True)
class InitAudio:
    """Audio that generation starts from.

    Attributes:
        audio: stereo at 48 kHz, any length; what is missing to the length of the cue is silence.
        noise: 0 keeps it, 1 keeps nothing of it.
    """

    audio: RawAudio
    noise: float


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
        init: audio to start from, or None; an engine whose descriptor says ``melody`` takes it.
        inpaint: spans in seconds ``(start, end)``, in order and apart; where there are any, they alone are made anew
            and the rest of ``init`` stays, whatever its noise. An engine that says ``inpainting`` takes them.
        options: how a model makes it; an engine heeds those that its descriptor names.
        soundfont: a SoundFont that the parts are played through, or None; an engine that returns notes heeds it.
    """

    tags: Tags
    tempo_map: TempoMap
    samples: int
    seed: int
    workspace: Path
    description: Description | None = None
    init: InitAudio | None = None
    inpaint: tuple[tuple[float, float], ...] = ()
    options: EngineOptions = NO_OPTIONS
    soundfont: Path | None = None


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


@runtime_checkable
class Batching(Protocol):
    """A generate engine that makes several takes at once in less time than one after the other."""

    def run_batch(self, requests: Sequence[GenerateRequest], report: Report) -> tuple[Rendering, ...]:
        """A rendering for each of ``requests``, in order; as many as ``descriptor.batch`` at the most.

        The requests differ in seed, tags and tempo map at will, and each has a workspace of its own. Each rendering is
        what ``run`` gives for its request alone, but for rounding. Progress is of all of them together.

        Raises:
            OutOfMemory: they do not fit together; half of them may.
            EngineFailed: it failed at one of them.
        """


@runtime_checkable
class Rehearsing(Protocol):
    """An engine whose first run is slower than the next: one that can be had out of the way before anybody waits."""

    def rehearse(self) -> None:
        """Runs once for nobody; may raise anything, for the first job will tell more."""


@runtime_checkable
class Sparing(Protocol):
    """An engine that can do with less memory than it would like.

    It raises ``OutOfMemory`` where there is too little; then the others are ended that are idle, and it is asked
    again, after that with one more of its descriptor's ``savings`` each time.
    """

    def spare(self, count: int) -> None:
        """Works with the first ``count`` of its descriptor's ``savings`` from the next run on; 0 is none."""


@dataclass(slots=True)
class RecordedReport:
    """A report that keeps what it is told; stands in for a job's report wherever an engine runs alone."""

    steps: list[tuple[float, float, str]] = field(default_factory=list)
    shots: list[tuple[int, ShotDescription]] = field(default_factory=list)
    wordings: list[tuple[int | None, str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    cancelled: bool = False

    def progress(self, done: float, total: float, unit: str) -> None:
        """Keeps the step."""
        self.steps.append((done, total, unit))
        self.check()

    def shot(self, index: int, shot: ShotDescription) -> None:
        """Keeps the shot."""
        self.shots.append((index, shot))

    def wording(self, shot: int | None, text: str) -> None:
        """Keeps the text."""
        self.wordings.append((shot, text))

    def note(self, note: Note) -> None:
        """Keeps the note."""
        self.notes.append(note)

    def warn(self, sentence: str) -> None:
        """Keeps the sentence."""
        self.warnings.append(sentence)

    def check(self) -> None:
        """Raises ``Cancelled`` once ``cancelled`` is set."""
        if self.cancelled:
            raise Cancelled
