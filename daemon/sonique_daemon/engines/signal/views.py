"""Views: what was seen of each shot, whether by scanning it whole or by glimpses into it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import PurePath
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.picture import JoinKind, Shot, Source
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.signal.motion import Move
from sonique_daemon.engines.signal.tone import Tones, palette, swatches, tones
from sonique_daemon.timeline.joins import Grid, mosaic


@dataclass(frozen=True, slots=True, eq=False)
class Measures:
    """Measures of some pictures of a source, on the source's own clock.

    Attributes:
        seconds: float ``[n]``; when each picture begins to show, after the file's first frame, ascending.
        tones: ``[n, 4]``; see ``tone``.
        swatches: uint8 ``[n, p, 3]``; pixels that stand for each picture's colours.
        mosaics: uint8 ``[n, cells]``; each picture, coarse.
        moves: motions, ascending.
    """

    seconds: NDArray[np.float64]
    tones: Tones
    swatches: NDArray[np.uint8]
    mosaics: Grid
    moves: tuple[Move, ...]

    @classmethod
    def of(cls, images: NDArray[np.uint8], seconds: NDArray[np.float64], moves: list[Move]) -> Self:
        """The measures of ``images`` ``[n, height, width, 3]``."""
        return cls(seconds, tones(images), swatches(images), mosaic(images), tuple(moves))

    @classmethod
    def joined(cls, parts: "list[Measures]") -> Self:
        """Measures that follow each other; all pictures have one size."""
        return cls(
            np.concatenate([part.seconds for part in parts]),
            np.concatenate([part.tones for part in parts]),
            np.concatenate([part.swatches for part in parts]),
            np.concatenate([part.mosaics for part in parts]),
            tuple(move for part in parts for move in part.moves),
        )

    def between(self, start: float, end: float) -> "Measures":
        """Those that begin at ``start`` or later and are over by ``end``."""
        kept = (self.seconds >= start - 1e-6) & (self.seconds < end - 1e-6)
        moves = tuple(move for move in self.moves if move.start >= start - 1e-6 and move.end < end - 1e-6)
        return Measures(self.seconds[kept], self.tones[kept], self.swatches[kept], self.mosaics[kept], moves)


@dataclass(frozen=True, slots=True, eq=False)
class Impression:
    """What is kept of the measures of one span of a source, on the source's own clock: all that a description needs.

    Nothing in it depends on where a shot of that span stands on the record clock, nor on its neighbours.

    Attributes:
        seconds: float ``[n]``; when each picture that was measured begins to show, ascending; empty for nothing.
        tones: ``[n, 4]``; see ``tone``.
        moves: motions at the source's own pace, ascending.
        palette: up to five main colours as ``#rrggbb``, the largest first.
        first: mosaic of the earliest picture, or None where nothing was seen.
        last: mosaic of the latest picture.
        change: how much the picture changes where the span is entered, 0..1, where a scan measured it.
        complaint: a sentence about what could not be read, or "".
    """

    seconds: NDArray[np.float64]
    tones: Tones
    moves: tuple[Move, ...]
    palette: tuple[str, ...]
    first: NDArray[np.uint8] | None
    last: NDArray[np.uint8] | None
    change: float | None = None
    complaint: str = ""

    @classmethod
    def of(cls, measures: Measures, change: float | None = None, complaint: str = "") -> Self:
        """The impression that ``measures`` make."""
        if not len(measures.seconds):
            return cls.none(complaint)
        pixels = measures.swatches[:: max(1, len(measures.swatches) // 24)].reshape(-1, 3)
        ends = measures.mosaics[0], measures.mosaics[-1]
        return cls(measures.seconds, measures.tones, measures.moves, palette(pixels), *ends, change, complaint)

    @classmethod
    def none(cls, complaint: str = "") -> Self:
        """That of black, or of what could not be read."""
        return cls(np.zeros(0), np.zeros((0, 4), np.float32), (), (), None, None, complaint=complaint)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a shot that no cut divides, and the impression that it made; free of the record clock.

    Attributes:
        offset: record seconds from the shot's start to its own.
        join: how it begins; the first piece of a shot begins as the shot does.
        join_duration: length of the dissolve or fade in record seconds.
        impression: what was seen of it.
    """

    offset: Fraction
    join: JoinKind
    join_duration: Fraction
    impression: Impression


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """What was seen of one shot, on the picture's clock.

    Attributes:
        shot: the shot.
        times: float ``[n]``; seconds from the picture's start of each picture that was measured, ascending.
        tones: ``[n, 4]``; see ``tone``.
        move_times: float ``[m]``; when each motion was measured.
        moves: motions as the record clock shows them: faster, slower or reversed with the shot.
        palette: up to five main colours as ``#rrggbb``, the largest first.
        first: mosaic of its first picture, or None where nothing was seen.
        last: mosaic of its last picture.
        change: how much the picture changes at its start, 0..1, where a scan measured it.
        complaint: a sentence about what could not be read, or "".
    """

    shot: Shot
    times: NDArray[np.float64]
    tones: Tones
    move_times: NDArray[np.float64]
    moves: tuple[Move, ...]
    palette: tuple[str, ...]
    first: NDArray[np.uint8] | None
    last: NDArray[np.uint8] | None
    change: float | None = None
    complaint: str = ""

    @property
    def seen(self) -> bool:
        """Whether anything could be read."""
        return bool(len(self.times))


def pieces_of(shot: Shot, impression: Impression) -> tuple[Piece, ...]:
    """The one piece of a shot that is not divided."""
    return (Piece(Fraction(0), shot.join, shot.join_duration, impression),)


def parts_of(shot: Shot, joins: Sequence[tuple[Fraction, JoinKind, Fraction]]) -> list[Shot]:
    """``shot`` divided at ``joins`` (record seconds from its start, kind, length in record seconds), in record order.

    The first join is the shot's own, at 0, and keeps the shot's own kind and length.
    """
    offsets = [*(offset for offset, _, _ in joins), shot.record.duration]
    parts: list[Shot] = []
    for (start, end), (_, kind, length) in zip(pairwise(offsets), joins, strict=True):
        join = (shot.join, shot.join_duration) if start == 0 else (kind, length)
        source = shot.source
        moved = None if source is None else replace(source, start=source.start + start * source.speed)
        parts.append(Shot(TimeRange(shot.record.start + start, end - start), shot.name, moved, *join))
    return parts


def views_of(shot: Shot, pieces: Sequence[Piece]) -> list[Views]:
    """What was seen of each piece of ``shot``, brought to the picture's clock."""
    parts = parts_of(shot, [(piece.offset, piece.join, piece.join_duration) for piece in pieces])
    return [_seen(part, piece.impression) for part, piece in zip(parts, pieces, strict=True)]


def _seen(shot: Shot, seen: Impression) -> Views:
    if not len(seen.seconds) or shot.source is None:
        nothing = np.zeros(0)
        return Views(shot, nothing, seen.tones[:0], nothing, (), (), None, None, complaint=seen.complaint)
    speed = float(shot.source.speed)
    times = _record_seconds(shot, seen.seconds)
    order = np.argsort(times, kind="stable")
    middles = np.array([(move.start + move.end) / 2 for move in seen.moves])
    return Views(
        shot,
        times[order],
        seen.tones[order],
        _record_seconds(shot, middles),
        tuple(_paced(move, speed) for move in seen.moves),
        seen.palette,
        *((seen.first, seen.last) if speed >= 0 else (seen.last, seen.first)),
        seen.change,
        seen.complaint,
    )


def source_span(shot: Shot) -> tuple[Fraction, Fraction]:
    """The earliest and latest source time that ``shot`` shows, whichever way it runs; equal for a freeze or black."""
    ends = [shot.source_time(shot.record.start), shot.source_time(shot.record.end)]
    known = [max(Fraction(0), end) for end in ends if end is not None]
    return (min(known), max(known)) if known else (Fraction(0), Fraction(0))


def unreadable(source: Source) -> str:
    """The sentence for media of which nothing could be read."""
    return f"“{PurePath(source.path).name}” could not be read, so it counts as black; export it again or relink it."


def damaged(source: Source) -> str:
    """The sentence for media of which a part could not be read."""
    return f"Part of “{PurePath(source.path).name}” is damaged; what could be read of it was used."


def _record_seconds(shot: Shot, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    start, end = float(shot.record.start), float(shot.record.end)
    if shot.source is None or shot.source.speed == 0:
        return np.full(len(seconds), start)
    record = start + (seconds - float(shot.source.start)) / float(shot.source.speed)
    return np.clip(record, start, end)


def _paced(move: Move, speed: float) -> Move:
    pace = abs(speed)
    return Move(move.start, move.end, move.x * speed, move.y * speed, move.zoom * speed, move.local * pace)
