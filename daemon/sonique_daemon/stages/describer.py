"""The describer: a picture is described by an engine, and no shot is looked at that was looked at before."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from time import monotonic

from sonique_daemon.domain.description import Description, ShotDescription
from sonique_daemon.domain.events import Described, Stage, StageStarted, Warned
from sonique_daemon.domain.note import Note, NoteKind
from sonique_daemon.domain.picture import Picture
from sonique_daemon.engines.engine import DescribeRequest
from sonique_daemon.engines.registry import Registry
from sonique_daemon.stages.cache import Remembered
from sonique_daemon.stages.keys import LookingKeys
from sonique_daemon.stages.report import Check, Emit, StageReport
from sonique_daemon.stages.results import Result, Results, entry
from sonique_daemon.workers.executor import Executor
from sonique_daemon.workers.task import DESCRIBE, Reading

_BATCH = 16
_BATCH_SECONDS = 1.0
_MOST_KNOWN = 32 * 2**20  # bytes of notes that one request carries; a request must fit into one message to a worker


@dataclass(frozen=True, slots=True)
class Describer:
    """Describes pictures.

    Attributes:
        executor: runs the engines.
        registry: tells what they are.
        results: descriptions, and what was seen of single shots, by key.
    """

    executor: Executor
    registry: Registry
    results: Results

    def describe(self, reading: Reading, engine: str, emit: Emit, check: Check, *, detect: bool) -> Description:
        """The description of what was read, by the engine of that name, looking for cuts inside shots or not."""
        descriptor = self.registry.descriptor(Stage.DESCRIBE, engine)
        keys = LookingKeys.of(descriptor, reading, detect=detect)
        whole = keys.whole()
        held = None if whole is None else self.results.recall(whole, Description)
        emit(StageStarted(Stage.DESCRIBE, descriptor.name, cached=held is not None))
        if held is None:
            held = self._look(keys, whole, emit, check)
        else:
            for sentence in held.warnings:
                emit(Warned(sentence))
        emit(Described(held.value))
        return held.value

    def _look(self, keys: LookingKeys, whole: bytes | None, emit: Emit, check: Check) -> Result[Description]:
        begun, picture = monotonic(), keys.picture
        notebook = _Notebook(self.results, keys.notes())
        known = notebook.read()
        seen = _Known.of(picture, known)
        report = StageReport(Stage.DESCRIBE, emit, check, notebook.write, seen.holds)
        try:
            request = DescribeRequest(picture, keys.detect, known)
            description = self.executor.run(DESCRIBE, keys.engine.name, request, report)
            result = Result(description, tuple(report.warnings))
            if whole is not None and not result.warnings:  # what could not be read may be readable the next time
                notebook.add(entry(whole, Stage.DESCRIBE, result, monotonic() - begun))
        finally:
            notebook.close()  # what was looked at stays known, however it ended
        return result


@dataclass(slots=True)
class _Notebook:
    """The notes of one picture, by the keys that they have; written in batches."""

    results: Results
    keys: Mapping[tuple[NoteKind, int], bytes]
    _batch: list[Remembered] = field(default_factory=list)
    _written: float = field(default_factory=monotonic)

    def read(self) -> tuple[Note, ...]:
        """The notes that are there, as many as a request can carry."""
        held = self.results.cache.recall(list(dict.fromkeys(self.keys.values())))
        known = [Note(kind, index, held[key]) for (kind, index), key in self.keys.items() if key in held]
        sizes = accumulate(len(note.data) for note in known)
        return tuple(note for note, size in zip(known, sizes, strict=True) if size <= _MOST_KNOWN)

    def write(self, note: Note) -> None:
        """Adds a note."""
        key = self.keys.get((note.kind, note.index))
        if key is not None:
            self.add(Remembered(key, Stage.DESCRIBE, note.data))

    def add(self, result: Remembered) -> None:
        """Adds a result of any kind."""
        self._batch.append(result)
        if len(self._batch) >= _BATCH or monotonic() - self._written > _BATCH_SECONDS:
            self.close()

    def close(self) -> None:
        """Writes what waits."""
        batch, self._batch, self._written = self._batch, [], monotonic()
        if batch:
            self.results.remember(batch)


@dataclass(frozen=True, slots=True)
class _Known:
    """Which spans of a picture are known: a described shot lies inside one shot of the picture."""

    picture: Picture
    shots: frozenset[int]

    @classmethod
    def of(cls, picture: Picture, notes: tuple[Note, ...]) -> "_Known":
        return cls(picture, frozenset(note.index for note in notes if note.kind is NoteKind.SHOT))

    def holds(self, shot: ShotDescription) -> bool:
        """Whether the media of ``shot`` was known."""
        before = bisect_right(self.picture.shots, shot.record.start, key=lambda each: each.record.start)
        return before - 1 in self.shots
