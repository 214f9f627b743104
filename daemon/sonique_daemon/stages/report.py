"""The report of one stage of one job: what an engine says becomes the job's events."""

from collections.abc import Callable
from dataclasses import dataclass

from sonique_daemon.domain.description import ShotDescription
from sonique_daemon.domain.events import Event, Progress, ShotDescribed, Stage, Warned

Emit = Callable[[Event], None]
"""Takes an event into the job's log; may be called from any thread."""

Check = Callable[[], None]
"""Raises ``Cancelled`` where the job was cancelled."""


@dataclass(frozen=True, slots=True)
class StageReport:
    """Passes an engine's words on as events of its stage."""

    stage: Stage
    emit: Emit
    check_job: Check

    def progress(self, done: float, total: float, unit: str) -> None:
        """Emits ``Progress``, after a look at whether the job was cancelled."""
        self.check_job()
        self.emit(Progress(self.stage, done, total, unit))

    def shot(self, index: int, shot: ShotDescription) -> None:
        """Emits ``ShotDescribed``."""
        self.emit(ShotDescribed(index, shot))

    def warn(self, sentence: str) -> None:
        """Emits ``Warned``."""
        self.emit(Warned(sentence))

    def check(self) -> None:
        """Raises ``Cancelled`` where the job was cancelled."""
        self.check_job()
