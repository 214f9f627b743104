"""Notes: what was seen of a shot and heard of a clip, as compact bytes, from which all of it comes back exactly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sonique_daemon.domain.codec import Undecodable, decode, encode
from sonique_daemon.domain.note import Note, NoteKind
from sonique_daemon.domain.picture import JoinKind
from sonique_daemon.engines.signal.motion import Move
from sonique_daemon.engines.signal.views import Impression, Piece
from sonique_daemon.timeline.listening import Hearing


@dataclass(frozen=True, slots=True)
class _PieceNote:
    """A ``Piece`` as plain values; arrays are the little-endian bytes of their items in C order."""

    offset: Fraction
    join: JoinKind
    join_duration: Fraction
    seconds: bytes
    tones: bytes
    moves: bytes
    palette: tuple[str, ...]
    first: bytes
    last: bytes
    change: float | None


@dataclass(frozen=True, slots=True)
class _ShotNote:
    pieces: tuple[_PieceNote, ...]


@dataclass(frozen=True, slots=True)
class _SoundNote:
    energy: bytes
    speech: tuple[tuple[Fraction, Fraction], ...]


def shot_note(index: int, pieces: Sequence[Piece]) -> Note:
    """What was seen of shot ``index``; there must have been nothing to complain of."""
    return Note(NoteKind.SHOT, index, encode(_ShotNote(tuple(map(_written, pieces)))))


def sound_note(index: int, hearing: Hearing) -> Note:
    """What was heard of sound clip ``index``."""
    return Note(NoteKind.SOUND, index, encode(_SoundNote(hearing.energy.astype("<f8").tobytes(), hearing.speech)))


def noted_shots(notes: Iterable[Note]) -> dict[int, tuple[Piece, ...]]:
    """What ``notes`` say of shots, by their number; what is no note of this engine is left out."""
    found: dict[int, tuple[Piece, ...]] = {}
    for note in notes:
        if note.kind is NoteKind.SHOT:
            try:
                found[note.index] = tuple(map(_read, decode(_ShotNote, note.data).pieces))
            except (Undecodable, ValueError):
                continue
    return found


def noted_sounds(notes: Iterable[Note]) -> dict[int, Hearing]:
    """What ``notes`` say of clips of sound, by their number; what is no note of this engine is left out."""
    found: dict[int, Hearing] = {}
    for note in notes:
        if note.kind is NoteKind.SOUND:
            try:
                held = decode(_SoundNote, note.data)
                found[note.index] = Hearing(np.frombuffer(held.energy, "<f8"), held.speech)
            except (Undecodable, ValueError):
                continue
    return found


def _written(piece: Piece) -> _PieceNote:
    seen = piece.impression
    moves = [(move.start, move.end, move.x, move.y, move.zoom, move.local) for move in seen.moves]
    return _PieceNote(
        piece.offset,
        piece.join,
        piece.join_duration,
        seen.seconds.astype("<f8").tobytes(),
        seen.tones.astype("<f4").tobytes(),
        np.array(moves, "<f8").tobytes(),
        seen.palette,
        b"" if seen.first is None else seen.first.tobytes(),
        b"" if seen.last is None else seen.last.tobytes(),
        seen.change,
    )


def _read(held: _PieceNote) -> Piece:
    moves = np.frombuffer(held.moves, "<f8").reshape(-1, 6).tolist()
    first, last = (np.frombuffer(data, np.uint8) if data else None for data in (held.first, held.last))
    seen = Impression(
        np.frombuffer(held.seconds, "<f8"),
        np.frombuffer(held.tones, "<f4").reshape(-1, 4),
        tuple(Move(*move) for move in moves),
        held.palette,
        first,
        last,
        held.change,
    )
    return Piece(held.offset, held.join, held.join_duration, seen)
