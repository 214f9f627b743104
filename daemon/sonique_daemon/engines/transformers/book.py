"""The book: the sentences of a description as they come, told in order, each shot noted when it has all of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sonique_daemon.domain.description import ShotDescription
from sonique_daemon.engines.engine import Report
from sonique_daemon.engines.transformers.measuring import Measured
from sonique_daemon.engines.transformers.shotnotes import shot_note


@dataclass(slots=True)
class Book:
    """Takes sentences in any order.

    Attributes:
        measured: what was measured of the shots.
        report: is told of them.
    """

    measured: Measured
    report: Report
    _sentences: dict[int, str] = field(default_factory=dict)
    _noted: set[int] = field(default_factory=set)
    _told: int = 0

    def know(self, sentences: Mapping[int, Sequence[str]]) -> None:
        """Takes the sentences that are known, by the number of the picture's shot; nothing is noted again of it."""
        for index, known in sentences.items():
            parts = self.measured.parts[index] if index < len(self.measured.parts) else ()
            if len(known) == len(parts):
                self._noted.add(index)
                self._sentences.update(zip(parts, known, strict=True))
        self._tell()

    def lacking(self) -> list[int]:
        """The numbers of the described shots that have no sentence yet."""
        return [index for index in range(len(self.measured.description.shots)) if index not in self._sentences]

    def write(self, index: int, sentence: str) -> None:
        """Takes the sentence on a described shot."""
        self._sentences[index] = sentence
        for number, parts in enumerate(self.measured.parts):
            if index in parts and number not in self._noted:
                self._note(number, parts)
        self._tell()

    def shots(self) -> tuple[ShotDescription, ...]:
        """The shots with their sentences; there is one for each."""
        return tuple(self._shot(index) for index in range(len(self.measured.description.shots)))

    def _note(self, number: int, parts: Sequence[int]) -> None:
        note = self.measured.notes.get(number)
        if note is not None and all(part in self._sentences for part in parts):
            self._noted.add(number)
            self.report.note(shot_note(note, [self._sentences[part] for part in parts]))

    def _tell(self) -> None:
        while self._told in self._sentences:
            self.report.shot(self._told, self._shot(self._told))
            self._told += 1

    def _shot(self, index: int) -> ShotDescription:
        return replace(self.measured.description.shots[index], sentence=self._sentences[index])
