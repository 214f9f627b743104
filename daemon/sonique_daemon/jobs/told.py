"""What a job's log says already, so that a job which goes on in a new daemon tells nothing twice."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from sonique_daemon.domain.events import (
    Conformed,
    Described,
    Event,
    Fitted,
    Measured,
    Planned,
    ShotDescribed,
    StageStarted,
    Tagged,
    TakeReady,
    Warned,
)


@dataclass(slots=True)
class Told:
    """Results, shots and warnings that stand in the log.

    Attributes:
        begun: whether any stage had begun.
    """

    begun: bool = False
    _results: set[type[Event]] = field(default_factory=set)
    _warnings: set[str] = field(default_factory=set)
    _shots: set[int] = field(default_factory=set)
    _takes: set[int] = field(default_factory=set)
    _fitted: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """What ``events`` say, in their order."""
        told = cls()
        for event in events:
            told.note(event)
        return told

    def note(self, event: Event) -> None:
        """Takes ``event`` as told."""
        match event:
            case StageStarted():
                self.begun = True
            case Warned(sentence):
                self._warnings.add(sentence)
            case ShotDescribed(index=index):
                self._shots.add(index)
            case Conformed() | Described() | Tagged() | Planned() | Measured():
                self._results.add(type(event))
            case Fitted(take=index):  # each take has a tempo map of its own, told before it
                self._fitted.add(index)
            case TakeReady(index=index):
                self._takes.add(index)
            case _:
                pass

    def repeats(self, event: Event) -> bool:
        """Whether the log says ``event`` already."""
        match event:
            case Warned(sentence):
                return sentence in self._warnings
            case ShotDescribed(index=index):
                return index in self._shots
            case Fitted(take=index):
                return index in self._fitted
            case TakeReady(index=index):
                return index in self._takes
            case _:
                return type(event) in self._results
