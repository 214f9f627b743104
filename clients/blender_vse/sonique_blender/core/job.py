"""One job as this client sees it: from the range that is rendered, if need be, to the strip that is placed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Protocol

from .gateway import Begins, Ends, MadeFile, MadeTake, Moves, Tagged, Waits, Warns, Word
from .orders import Order, Wishes
from .targets import Target


class Phase(Enum):
    """What a job is at."""

    PREPARING = "Rendering the range"
    SENDING = "Waiting for the daemon"
    RUNNING = "Working"
    FETCHING = "Fetching the music"
    PLACING = "Placing the music"
    PLACED = "Placed"
    KEPT = "Not placed"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


ENDED = frozenset({Phase.PLACED, Phase.KEPT, Phase.FAILED, Phase.CANCELLED})
"""Phases that nothing follows by itself."""


class Leftover(Protocol):
    """What is left of a preparation that is over: a folder that is to be removed, and perhaps a process that ends."""

    @property
    def folder(self) -> Path:
        """The folder."""

    @property
    def gone(self) -> bool:
        """Whether nobody writes into it any more."""

    def remove(self) -> None:
        """Removes it; may wait for two seconds."""


class Preparation(Protocol):
    """What has to be done in a child process before the daemon can be asked; nothing of it waits.

    Every method may raise ``BlenderError``, after which it is over.
    """

    @property
    def share(self) -> float | None:
        """How much of it is done, 0 to 1; None where that cannot be told."""

    def look(self) -> Order | None:
        """The order, once it is ready."""

    def stop(self) -> Leftover:
        """Has it end, and says what is left of it; called once the job has ended too, which needs it until then."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """A file that is to be fetched: of which take, and where to."""

    take: int
    file: MadeFile
    target: Path


@dataclass(slots=True)
class Job:
    """A job on its way.

    Attributes:
        id: chosen here; the daemon knows the job by it.
        target: where its music goes.
        wishes: what was asked for.
        folder: where its files go.
        order: what the daemon is asked; None as long as it is being prepared.
        preparation: what makes the order; None where none is needed.
        strip: the id of the strip into which its takes are swapped; "" for a new strip.
        begins: of its takes, as in ``Take``.
        way: a sentence that says how the daemon gets to see the range.
        phase: what it is at.
        cancelling: whether it was asked to stop.
        sent: whether the daemon may know it.
        told_to_stop: whether the daemon knows that it is to stop.
        seq: the last event that was heard.
        begun: the stage that began last, which says what take it is about; None before.
        text: what goes on, for the panel.
        share: how much of that, or None.
        seconds_left: or None.
        sentence: the last thing that the editor should know.
        tags: the musical tags as JSON.
        takes: the finished takes.
        fetches: files still to be fetched.
        files: the files that are there, by take and name.
        not_before: a moment before which it is left alone.
    """

    id: str
    target: Target
    wishes: Wishes
    folder: Path
    order: Order | None = None
    preparation: Preparation | None = None
    strip: str = ""
    begins: float = 0.0
    way: str = ""
    phase: Phase = Phase.SENDING
    cancelling: bool = False
    sent: bool = False
    told_to_stop: bool = False
    seq: int = 0
    begun: Begins | None = None
    text: str = ""
    share: float | None = None
    seconds_left: float | None = None
    sentence: str = ""
    tags: str = ""
    takes: list[MadeTake] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)
    files: dict[tuple[int, str], Path] = field(default_factory=dict)
    not_before: float = 0.0

    @property
    def ended(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.phase in ENDED

    def move(self, phase: Phase, sentence: str = "") -> None:
        """Goes on to ``phase``; what was said of the one before is forgotten."""
        self.phase, self.text, self.share, self.seconds_left = phase, "", None, None
        self.sentence = sentence or self.sentence

    def end(self, phase: Phase, sentence: str = "") -> None:
        """Ends as ``phase``; what is not fetched yet stays in the daemon's store."""
        self.fetches = []
        self.sentence = ""
        self.move(phase, sentence)

    def hear(self, words: Iterable[Word]) -> Ends | None:
        """Takes in what the daemon says; the last word where it is among them."""
        for word in words:
            if isinstance(word, Ends):
                return word
            self._hear(word)
        return None

    def _hear(self, word: Word) -> None:
        match word:
            case Waits(position):
                self.text = "Next in line" if position == 0 else f"{position} before it"
            case Begins(stage, _, which):
                self.begun = word
                self.text, self.share, self.seconds_left = stage.value + which, None, None
            case Moves(stage, share, seconds_left):
                which = self.begun.which if self.begun and self.begun.stage is stage else ""
                self.text, self.share, self.seconds_left = stage.value + which, share, seconds_left
            case Tagged(tags):
                self.tags = tags
            case Warns(sentence):
                self.sentence = sentence
            case MadeTake():
                self.takes.append(word)
            case Ends():
                raise AssertionError(word)  # taken out before


@dataclass(frozen=True, slots=True)
class JobView:
    """What a list shows of a job.

    Attributes:
        id: of the job.
        title: what it is about.
        phase: what it is at.
        text: the same in words, the daemon's stage among them.
        share: how much of that is done, 0 to 1, or None.
        left: time left in words, or "".
        sentence: what the editor should know, or "".
        way: how the daemon gets to see the range, or "".
        can_cancel: whether there is something to cancel.
    """

    id: str
    title: str
    phase: Phase
    text: str
    share: float | None
    left: str
    sentence: str
    way: str
    can_cancel: bool


def view_of(job: Job) -> JobView:
    """What a list shows of ``job``."""
    text = "Cancelling" if job.cancelling and not job.ended else job.text or job.phase.value
    share = job.preparation.share if job.phase is Phase.PREPARING and job.preparation else job.share
    title = job.wishes.prompt or ", ".join(job.wishes.genres) or f"{job.target.scene} {job.target.span.start}"
    return JobView(
        job.id,
        title[:60],
        job.phase,
        text,
        share,
        left_text(job.seconds_left),
        job.sentence,
        job.way,
        not job.ended and not job.cancelling,
    )


def left_text(seconds: float | None) -> str:
    """Time left, for people: “12 s”, “3 min”; "" where it is not known."""
    if seconds is None:
        return ""
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"
