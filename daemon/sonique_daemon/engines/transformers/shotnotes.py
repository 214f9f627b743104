"""Notes: what was measured of a shot and what a model wrote of its parts, so that neither is done again."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sonique_daemon.domain.codec import Undecodable, decode, encode
from sonique_daemon.domain.note import Note, NoteKind


@dataclass(frozen=True, slots=True)
class _ShotNote:
    """What a note of a shot holds.

    Attributes:
        measures: the data of the measuring engine's own note.
        sentences: one for each part of the shot, in order.
    """

    measures: bytes
    sentences: tuple[str, ...]


def shot_note(measured: Note, sentences: Iterable[str]) -> Note:
    """The note of a shot of which ``measured`` is the measuring engine's own."""
    return replace(measured, data=encode(_ShotNote(measured.data, tuple(sentences))))


def taken_apart(notes: Iterable[Note]) -> tuple[tuple[Note, ...], dict[int, tuple[str, ...]]]:
    """The measuring engine's own notes, and the sentences by the number of their shot; no other notes."""
    measured: list[Note] = []
    sentences: dict[int, tuple[str, ...]] = {}
    for note in notes:
        if note.kind is NoteKind.SOUND:
            measured.append(note)
            continue
        try:
            held = decode(_ShotNote, note.data)
        except Undecodable:
            continue
        measured.append(replace(note, data=held.measures))
        sentences[note.index] = held.sentences
    return tuple(measured), sentences
