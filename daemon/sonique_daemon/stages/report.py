"""The report of one stage of one job: what an engine says becomes the job's events."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sonique_daemon.domain.description import ShotDescription
from sonique_daemon.domain.events import Event, Progress, ShotDescribed, Stage, StageStarted, Warned, Wording
from sonique_daemon.domain.note import Note

Emit = Callable[[Event], None]
"""Takes an event into the job's log; may be called from any thread."""

Check = Callable[[], None]
"""Raises ``Cancelled`` where the job was cancelled."""


def forget(_: Note) -> None:
    """Keeps no note."""


def nothing_known(_: ShotDescription) -> bool:
    """Says of every shot that its media was looked at."""
    return False


@dataclass(frozen=True, slots=True)
class StageReport:
    """Passes an engine's words on as events of its stage.

    Attributes:
        stage: whose words they are.
        emit: takes the events.
        check_job: says whether the job was cancelled.
        keep: takes the engine's notes.
        known: whether a shot's media was known and not looked at again.
        warnings: what the engine warned of so far.
        take: which take of the job the stage is about, counted from 0; None where it is about none.
        job_takes: how many takes the job makes; 0 for a stage that is about none.
    """

    stage: Stage
    emit: Emit
    check_job: Check
    keep: Callable[[Note], None] = forget
    known: Callable[[ShotDescription], bool] = nothing_known
    warnings: list[str] = field(default_factory=list)
    take: int | None = None
    job_takes: int = 0

    def begin(self, engine: str = "", *, cached: bool = False, takes: int = 1) -> None:
        """Emits ``StageStarted``, which names a take where it is about one alone."""
        take = self.take if takes == 1 else None
        self.emit(StageStarted(self.stage, engine, cached, takes, take, self.job_takes))

    def progress(self, done: float, total: float, unit: str) -> None:
        """Emits ``Progress``, after a look at whether the job was cancelled."""
        self.check_job()
        self.emit(Progress(self.stage, done, total, unit))

    def shot(self, index: int, shot: ShotDescription) -> None:
        """Emits ``ShotDescribed``."""
        self.emit(ShotDescribed(index, shot, self.known(shot)))

    def wording(self, shot: int | None, text: str) -> None:
        """Emits ``Wording``."""
        self.emit(Wording(self.stage, shot, text))

    def note(self, note: Note) -> None:
        """Has the note kept."""
        self.keep(note)

    def warn(self, sentence: str) -> None:
        """Emits ``Warned``, once for each sentence."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)
            self.emit(Warned(sentence))

    def check(self) -> None:
        """Raises ``Cancelled`` where the job was cancelled."""
        self.check_job()
