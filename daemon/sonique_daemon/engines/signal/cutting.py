"""Cutting: shots whose inner cuts are not known are scanned, and cut into what they are made of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.picture import JoinKind, Shot, Source
from sonique_daemon.engines.signal.glimpses import PAIR, glimpse_shots
from sonique_daemon.engines.signal.motion import measure_moves
from sonique_daemon.engines.signal.views import (
    Impression,
    Measures,
    Piece,
    damaged,
    parts_of,
    pieces_of,
    source_span,
    unreadable,
)
from sonique_daemon.errors import MediaNotFound, MediaUnreadable
from sonique_daemon.timeline.frames import open_reel
from sonique_daemon.timeline.joins import Join, find_joins, mosaic, spreads
from sonique_daemon.timeline.media import READ_ERRORS
from sonique_daemon.timeline.scan import LONGEST, Damage, Roll, scan

_STRIDE = 1 / 3
_LONGEST_SCAN = Fraction(30 * 60)
_COARSE_STEP = Fraction(1)
_UNLIKE = 0.12

Division = tuple[Fraction, JoinKind, Fraction]
"""How a piece of a shot begins: record seconds from the shot's start, the join's kind, its length in record seconds."""


class _Scan:
    """A scan of one span of a source, gathered: mosaics of every frame, and full measures three times a second."""

    def __init__(self) -> None:
        self._ticks: list[NDArray[np.int64]] = []
        self._tick = Fraction(1)
        self._mosaics: list[NDArray[np.uint8]] = []
        self._spreads: list[NDArray[np.float32]] = []
        self._scores: list[NDArray[np.float32]] = []
        self._measures: list[Measures] = []

    def add(self, roll: Roll) -> None:
        """Takes the next roll."""
        self._tick = roll.tick
        self._ticks.append(roll.ticks)
        self._mosaics.append(mosaic(roll.images))
        self._spreads.append(spreads(roll.images))
        self._scores.append(roll.scores)
        self._measures.append(_measured(roll))

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self._ticks

    def ends(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """The mosaics of the first and the last frame."""
        return self._mosaics[0][0], self._mosaics[-1][-1]

    def measures(self) -> Measures:
        """The measures of all of it."""
        shapes = {part.swatches.shape[1:] + part.mosaics.shape[1:] for part in self._measures}
        return Measures.joined(self._measures if len(shapes) == 1 else self._measures[:1])

    def joins(self) -> list[tuple[Fraction, Join, Fraction]]:
        """Each join with its source time and its length in source seconds, in order."""
        if len({part.shape[1] for part in self._mosaics}) > 1:
            return []  # pictures that change their shape within a file cannot be compared
        ticks = np.concatenate(self._ticks)
        seconds = float((ticks[-1] - ticks[0]) * self._tick)
        rate = (len(ticks) - 1) / seconds if seconds > 0 else 24.0
        found = find_joins(
            np.concatenate(self._mosaics), np.concatenate(self._spreads), np.concatenate(self._scores), rate
        )
        return [(int(ticks[join.index]) * self._tick, join, self._length(ticks, join)) for join in found]

    def _length(self, ticks: NDArray[np.int64], join: Join) -> Fraction:
        return int(ticks[min(join.last, len(ticks) - 1)] - ticks[join.first]) * self._tick


def cut_shot(shot: Shot, check: Callable[[], None], seen: Callable[[Fraction], None]) -> tuple[Piece, ...]:
    """The pieces that ``shot`` is made of, in record order.

    Args:
        shot: a shot of the picture.
        check: called often; what it raises ends the scan.
        seen: is told how many record seconds of the shot are done so far.
    """
    source = shot.source
    start, end = source_span(shot)
    if source is None or start == end:
        return _looked_into(shot, [_start(shot)], check)
    try:
        if end - start > _LONGEST_SCAN:
            return _cut_coarsely(shot, source, check, seen)
        return _cut(shot, source, check, seen)
    except (MediaNotFound, MediaUnreadable, *READ_ERRORS):
        return pieces_of(shot, Impression.none(unreadable(source)))


def _cut(shot: Shot, source: Source, check: Callable[[], None], seen: Callable[[Fraction], None]) -> tuple[Piece, ...]:
    start, end = source_span(shot)
    damage, found = Damage(), _Scan()
    for roll in scan(source, start, end, damage, check):
        found.add(roll)
        seen(min(roll.time(-1) - start, end - start) / abs(source.speed))
    if found.empty:
        return pieces_of(shot, Impression.none(unreadable(source)))
    complaint = damaged(source) if damage.broken or damage.end is not None else ""
    measures, joins = found.measures(), found.joins()
    changes = {time: join.change for time, join, _ in joins}
    divided = joins_inside(shot, [(time, join.kind, length) for time, join, length in joins])
    impressions: list[Impression] = []
    for part in parts_of(shot, divided):
        low, high = source_span(part)
        inner = measures.between(float(low), float(high))
        inner = inner if len(inner.seconds) else _nearest(measures, float(low))
        impressions.append(Impression.of(inner, changes.get(_joined_at(part)), "" if impressions else complaint))
    return _pieces(divided, _with_ends(impressions, found, source))


def _looked_into(shot: Shot, divided: Sequence[Division], check: Callable[[], None]) -> tuple[Piece, ...]:
    glimpses = glimpse_shots(enumerate(parts_of(shot, divided)), check)
    return _pieces(divided, [impression for _, impression in glimpses])


def _pieces(divided: Sequence[Division], impressions: Sequence[Impression]) -> tuple[Piece, ...]:
    return tuple(Piece(*division, seen) for division, seen in zip(divided, impressions, strict=True))


def _with_ends(seen: list[Impression], found: _Scan, source: Source) -> list[Impression]:
    """``seen``, whose ends are those of the very first and last frame, so that joins to them are judged well."""
    first, last = found.ends()
    early, late = (0, -1) if source.speed > 0 else (-1, 0)
    seen[early] = replace(seen[early], first=first)
    seen[late] = replace(seen[late], last=last)
    return seen


def _joined_at(part: Shot) -> Fraction:
    return part.source.start if part.source is not None else Fraction(-1)


def _nearest(measures: Measures, time: float) -> Measures:
    """The one picture of ``measures`` nearest ``time``, for shots of a few frames."""
    index = int(np.abs(measures.seconds - time).argmin())
    return measures.between(float(measures.seconds[index]), float(measures.seconds[index]) + 1e-3)


def joins_inside(shot: Shot, joins: Sequence[tuple[Fraction, JoinKind, Fraction]]) -> list[Division]:
    """``joins`` (source time, kind, length in source seconds) as the divisions of ``shot``, its own start first.

    The record time of each is exact: where the shot, at its speed, reaches that source time.
    """
    source = shot.source
    if source is None or source.speed == 0:
        return [_start(shot)]
    placed = {(time - source.start) / source.speed: (kind, length / abs(source.speed)) for time, kind, length in joins}
    inside = sorted(offset for offset in placed if 0 < offset < shot.record.duration)
    return [_start(shot), *((offset, *placed[offset]) for offset in inside)]


def _start(shot: Shot) -> Division:
    return Fraction(0), shot.join, shot.join_duration


def _measured(roll: Roll) -> Measures:
    """Full measures of some frames of a roll, a third of a second apart, with the motion from each."""
    seconds = (roll.ticks * float(roll.tick)).astype(np.float64)
    slots = np.floor((seconds - seconds[0]) / _STRIDE).astype(np.int64)
    stills = np.flatnonzero(np.diff(slots, prepend=-1) > 0)
    partners = np.searchsorted(seconds, seconds[stills] + float(PAIR) - 1e-6)
    paired = partners < len(seconds)
    first, second = stills[paired], partners[paired]
    moves = measure_moves(roll.images[first], roll.images[second], seconds[first], seconds[second])
    return Measures.of(roll.images[stills], seconds[stills], moves)


# --- long media ---


def _cut_coarsely(
    shot: Shot, source: Source, check: Callable[[], None], seen: Callable[[Fraction], None]
) -> tuple[Piece, ...]:
    """As ``_cut``, for hours of media: keyframes are compared first, and only where they differ is every frame seen."""
    joins: list[tuple[Fraction, JoinKind, Fraction]] = []
    start, _ = source_span(shot)
    for low, high in _changes(source, *source_span(shot), check):
        found = _Scan()
        for roll in scan(source, low, high, Damage(), check):
            found.add(roll)
        if not found.empty:
            joins += [(time, join.kind, length) for time, join, length in found.joins()]
        seen((high - start) / abs(source.speed))
    return _looked_into(shot, joins_inside(shot, joins), check)


def _changes(
    source: Source, start: Fraction, end: Fraction, check: Callable[[], None]
) -> Iterator[tuple[Fraction, Fraction]]:
    """Spans between keyframes that look unlike each other, those that touch taken together."""
    span: tuple[Fraction, Fraction] | None = None
    with open_reel(source, LONGEST, check) as reel:
        before: tuple[Fraction, NDArray[np.uint8]] | None = None
        for time in _coarse_times(reel.keyframes, start, end):
            frame = reel.at(time)
            if frame is None:
                continue
            now = mosaic(frame.image[None])[0]
            if before is not None and _unlike(before[1], now):
                fresh = (max(start, before[0] - _COARSE_STEP), min(end, time + _COARSE_STEP))
                if span is not None and fresh[0] > span[1]:
                    yield span
                    span = None
                span = (span[0], fresh[1]) if span is not None else fresh
            before = (time, now)
    if span is not None:
        yield span


def _coarse_times(keyframes: Sequence[Fraction], start: Fraction, end: Fraction) -> Iterator[Fraction]:
    """Keyframes at least a second apart; where the file names none, every second."""
    known = [time for time in keyframes if start <= time < end]
    if not known:
        known = [start + step for step in range(int(end - start) + 1)]
    last = start - _COARSE_STEP
    for time in known:
        if time - last >= _COARSE_STEP:
            last = time
            yield time


def _unlike(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> bool:
    spread = (float(first.std()) + float(second.std())) / 2
    gap = float(np.abs(first.astype(np.int16) - second).mean())
    return gap > max(3.0, _UNLIKE * (spread + 6))
