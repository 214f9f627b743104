"""The seam to the daemon: what is asked of it, and what it tells, as plain values.

No call waits unless it is told to: it raises ``Pending`` as long as its answer is on the way, and the same call made
again finds the answer. Otherwise it may raise ``Unanswered``, ``Gone`` and ``Refused``. The real gateway is
``courier_gateway``, which has a child process speak to the daemon (there, by ``grpc_gateway``); ``fakes`` has one that
stands for it.
"""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Protocol, TypeAlias

from .orders import Order


class Unanswered(Exception):
    """The call did not end within its deadline; it can be made again, and the daemon may have heard it."""


class Pending(Unanswered):
    """The call is on its way; make the same one again to find its answer."""


class Gone(Exception):
    """Nobody answers any more: the daemon stopped, or was stopped, or whoever speaks to it did.

    Attributes:
        sentence: which of them and what to do, where it was not the daemon itself.
    """

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Unusable(Exception):
    """There is a daemon that cannot be used, or none can be started; carries a sentence that says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Refused(Exception):
    """The daemon answered, and said no.

    Attributes:
        sentence: why, and the way out.
        code: the error's stable code.
        retry_seconds: after how long the same may be asked again; None where it is of no use.
    """

    def __init__(self, sentence: str, code: str = "", retry_seconds: float | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.code, self.retry_seconds = sentence, code, retry_seconds


class Stage(Enum):
    """What the daemon works on, as an editor reads it."""

    CONFORM = "Reading the timeline"
    DESCRIBE = "Looking at the picture"
    TAG = "Choosing the music"
    FIT = "Fitting the beats"
    GENERATE = "Making the music"
    DELIVER = "Finishing the sound"
    OTHER = "Working"


@dataclass(frozen=True, slots=True)
class Waits:
    """The job waits: its place in the queue, 0 runs next."""

    position: int


@dataclass(frozen=True, slots=True)
class Begins:
    """A stage begins; ``cached`` where its result was known already.

    ``which`` goes behind its name: ", take 2 of 3" where it is about one of several, else "".
    """

    stage: Stage
    cached: bool = False
    which: str = ""


@dataclass(frozen=True, slots=True)
class Moves:
    """How far a stage is: its share from 0 to 1, and seconds left; None where that cannot be told."""

    stage: Stage
    share: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Tagged:
    """The musical tags are decided: as JSON, ready to be edited and sent again."""

    tags: str


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A finished file of a take: its name ("mix", "drums"), bytes and SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class MadeTake:
    """A finished take in the daemon's store.

    Attributes:
        id: unique there.
        seed: what it was made from.
        engine: the generate engine's name.
        files: its WAV files, the mix first.
        ducking: the gain under speech, as points of seconds after the start and decibels; empty for none.
    """

    id: str
    seed: int
    engine: str
    files: tuple[MadeFile, ...]
    ducking: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Warns:
    """Something that the editor should know."""

    sentence: str


class End(Enum):
    """How a job ended."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Ends:
    """The job ended; ``sentence`` says why where it failed."""

    how: End
    sentence: str = ""
    code: str = ""


Word: TypeAlias = Waits | Begins | Moves | Tagged | MadeTake | Warns | Ends
"""One thing that a job says."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a job said since it was last asked.

    Attributes:
        words: in order; what means nothing here is left out.
        seq: sequence number of the last event, those left out included; ask for what comes after it.
    """

    words: tuple[Word, ...] = field(default=())
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """What the daemon and its workers hold, in bytes."""

    in_use: int
    workers: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that a brief may use: styles, moods and instruments."""

    styles: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()


class Gateway(Protocol):
    """A daemon that has answered.

    Every method raises ``Pending``, ``Unanswered``, ``Gone`` or ``Refused``. The last argument is for how many seconds
    it may wait for the answer: none, while Blender stands still meanwhile.
    """

    @property
    def release(self) -> str:
        """The daemon's release."""

    @property
    def local(self) -> bool:
        """Whether its store lies on this machine."""

    def submit(self, job_id: str, order: Order, seconds: float = 0.0) -> None:
        """Takes a job in; the same one again is welcome and changes nothing."""

    def poll(self, job_id: str, after_seq: int, seconds: float = 0.0) -> Told:
        """What the job said after ``after_seq``; where that is much, the first part of it."""

    def cancel(self, job_id: str, seconds: float = 0.0) -> None:
        """Tells the job to stop; one that has ended stays as it is."""

    def fetch(self, take_id: str, file: MadeFile, target: Path, seconds: float = 0.0) -> Path:
        """Copies a finished file from the daemon's store, whole or not at all; returns where it stands.

        That is ``target``, or where something stands there already, a name beside it. Raises ``BlenderError`` too,
        where it arrived damaged or cannot be written.
        """

    def memory(self, seconds: float = 0.0) -> Memory:
        """What is held now."""

    def vocabulary(self, seconds: float = 0.0) -> Vocabulary:
        """The words that a brief may use."""

    def free_memory(self, seconds: float = 0.0) -> None:
        """Lets all idle engines go, so that their memory comes back."""

    def close(self) -> None:
        """Lets the connection go; jobs go on."""
