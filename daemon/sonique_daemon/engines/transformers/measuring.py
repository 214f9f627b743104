"""Measuring: all that the signal engine finds out, as the ground on which a model writes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sonique_daemon.domain.description import Description, ShotDescription
from sonique_daemon.domain.note import Note, NoteKind
from sonique_daemon.domain.picture import Picture
from sonique_daemon.engines.engine import DescribeRequest, Report
from sonique_daemon.engines.signal.engine import SignalEngine


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured.

    Attributes:
        description: with the signal engine's own sentences.
        parts: for each shot of the picture, the numbers of the described shots that it is made of.
        notes: what was found out of shots, by the number of the picture's shot; there is none of one that was not read
            in full, or is black.
    """

    description: Description
    parts: tuple[tuple[int, ...], ...]
    notes: dict[int, Note]


def measure(request: DescribeRequest, report: Report, step: Callable[[float], None]) -> Measured:
    """Measures the picture. ``request.known`` holds the signal engine's own notes; ``step`` takes the share done.

    What was found out of sounds is noted at once; shots are neither told nor noted yet.

    Raises:
        NothingToSee: nothing at all could be read.
    """
    ear = _Ear(report, step)
    description = SignalEngine().run(request, ear)
    known = {note.index: note for note in request.known if note.kind is NoteKind.SHOT}
    return Measured(description, _parts(request.picture, description.shots), {**known, **ear.notes})


def _parts(picture: Picture, shots: Sequence[ShotDescription]) -> tuple[tuple[int, ...], ...]:
    return tuple(
        tuple(index for index, part in enumerate(shots) if shot.record.start <= part.record.start < shot.record.end)
        for shot in picture.shots
    )


@dataclass(slots=True)
class _Ear:
    """A report that keeps what is said of shots, for it is not complete yet, and passes the rest on."""

    report: Report
    step: Callable[[float], None]
    notes: dict[int, Note] = field(default_factory=dict)

    def progress(self, done: float, total: float, unit: str) -> None:  # noqa: ARG002 - the share is told
        """Passes the share on."""
        self.step(done / total if total > 0 else 0.0)

    def shot(self, index: int, shot: ShotDescription) -> None:
        """Waits for its sentence."""

    def wording(self, shot: int | None, text: str) -> None:
        """Passes it on."""
        self.report.wording(shot, text)

    def note(self, note: Note) -> None:
        """Keeps a note of a shot; passes on one of a sound."""
        if note.kind is NoteKind.SHOT:
            self.notes[note.index] = note
        else:
            self.report.note(note)

    def warn(self, sentence: str) -> None:
        """Passes it on."""
        self.report.warn(sentence)

    def check(self) -> None:
        """Passes it on."""
        self.report.check()
