"""Views: what was seen of each shot, whether by scanning it whole or by glimpses into it."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePath
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.picture import Shot, Source
from sonique_daemon.engines.signal.motion import Move
from sonique_daemon.engines.signal.tone import Tones, swatches, tones
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
class Views:
    """What was seen of one shot, on the picture's clock.

    Attributes:
        shot: the shot.
        times: float ``[n]``; seconds from the picture's start of each picture that was measured, ascending.
        tones: ``[n, 4]``; see ``tone``.
        move_times: float ``[m]``; when each motion was measured.
        moves: motions as the record clock shows them: faster, slower or reversed with the shot.
        pixels: ``[p, 3]``; stand for the shot's colours.
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
    pixels: NDArray[np.uint8]
    first: NDArray[np.uint8] | None
    last: NDArray[np.uint8] | None
    change: float | None = None
    complaint: str = ""

    @property
    def seen(self) -> bool:
        """Whether anything could be read."""
        return bool(len(self.times))


def unseen(shot: Shot, complaint: str = "") -> Views:
    """Views of a shot that shows black, or that could not be read."""
    nothing = np.zeros(0)
    empty = np.zeros((0, 4), np.float32)
    return Views(shot, nothing, empty, nothing, (), np.zeros((0, 3), np.uint8), None, None, complaint=complaint)


def views_of(shot: Shot, measures: Measures, change: float | None = None, complaint: str = "") -> Views:
    """``measures`` of what ``shot`` shows, brought to the picture's clock."""
    if not len(measures.seconds) or shot.source is None:
        return unseen(shot, complaint)
    speed = float(shot.source.speed)
    times = _record_seconds(shot, measures.seconds)
    order = np.argsort(times, kind="stable")
    middles = np.array([(move.start + move.end) / 2 for move in measures.moves])
    ends = (0, -1) if speed >= 0 else (-1, 0)
    return Views(
        shot,
        times[order],
        measures.tones[order],
        _record_seconds(shot, middles),
        tuple(_paced(move, speed) for move in measures.moves),
        measures.swatches[:: max(1, len(measures.swatches) // 24)].reshape(-1, 3),
        measures.mosaics[ends[0]],
        measures.mosaics[ends[1]],
        change,
        complaint,
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
