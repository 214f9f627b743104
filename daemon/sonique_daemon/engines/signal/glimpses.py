"""Glimpses: a few pictures of each shot, found by seeking, for shots whose cuts are known."""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from fractions import Fraction

import numpy as np

from sonique_daemon.domain.picture import Shot, Source
from sonique_daemon.engines.signal.motion import Move, measure_moves
from sonique_daemon.engines.signal.views import Impression, Measures, damaged, source_span, unreadable
from sonique_daemon.errors import MediaNotFound, MediaUnreadable
from sonique_daemon.timeline.frame import Frame
from sonique_daemon.timeline.frames import Reel, glimpse_times, open_reel
from sonique_daemon.timeline.media import READ_ERRORS
from sonique_daemon.timeline.scan import LONGEST

PAIR = Fraction(1, 6)
"""Seconds between the two pictures that a motion is measured on."""

_EVERY = Fraction(4)
_LONG = Fraction(120)
_HELD = Fraction(1)  # seconds past its end that a file's last frame may stand for what should follow


def glimpse_count(duration: Fraction) -> int:
    """How many glimpses ``duration`` seconds of source get: one each 4 s, and past two minutes one each 60 s."""
    return max(1, math.ceil(min(duration, _LONG) / _EVERY + max(Fraction(0), duration - _LONG) / 60))


def glimpse_shots(shots: Iterable[tuple[int, Shot]], check: Callable[[], None]) -> Iterator[tuple[int, Impression]]:
    """Looks into each of ``shots`` and gives their numbers back; cheapest where they are in the order of their media.

    Media that cannot be read makes no impression but a complaint.
    """
    with ExitStack() as stack:
        held: dict[tuple[object, ...], Reel] = {}
        for index, shot in shots:
            check()
            if shot.source is None:
                yield index, Impression.none()
                continue
            try:
                reel = _reel(shot.source, held, stack, check)
                yield index, _glimpse(shot, reel, shot.source)
            except (MediaNotFound, MediaUnreadable, *READ_ERRORS):
                held.clear()
                yield index, Impression.none(unreadable(shot.source))


def _reel(source: Source, held: dict[tuple[object, ...], Reel], stack: ExitStack, check: Callable[[], None]) -> Reel:
    key = (source.path, source.first_frame, source.rate)
    if key not in held:
        stack.close()
        held.clear()
        held[key] = stack.enter_context(open_reel(source, LONGEST, check))
    return held[key]


def _glimpse(shot: Shot, reel: Reel, source: Source) -> Impression:
    start, end = source_span(shot)
    # A dissolve shows two shots at once, so it is not looked at.
    margin = shot.join_duration / 2 * Fraction(abs(source.speed))
    if end - start > 4 * margin:
        start += margin
    broken = reel.broken
    times = glimpse_times(reel.keyframes, start, end, glimpse_count(end - start))
    pairs = [pair for time in times if (pair := _pair(reel, time, end)) is not None]
    if not pairs:
        return Impression.none(unreadable(source))
    complaint = damaged(source) if reel.broken > broken or len(pairs) < len(times) else ""
    return Impression.of(_measured(pairs), complaint=complaint)


def _pair(reel: Reel, time: Fraction, end: Fraction) -> tuple[Frame, Frame | None] | None:
    first = reel.at(time)
    if first is None or (reel.end is not None and time > reel.end + _HELD):
        return None
    second = reel.at(time + PAIR) if time + PAIR < end else None
    return first, second if second is not None and second.time > first.time else None


def _measured(pairs: list[tuple[Frame, Frame | None]]) -> Measures:
    moving = [(first, second) for first, second in pairs if second is not None]
    moves: list[Move] = []
    if moving:
        starts, ends = (np.array([float(pair[side].time) for pair in moving]) for side in (0, 1))
        before, after = (np.stack([pair[side].image for pair in moving]) for side in (0, 1))
        moves = measure_moves(before, after, starts, ends)
    images = np.stack([first.image for first, _ in pairs])
    return Measures.of(images, np.array([float(first.time) for first, _ in pairs]), moves)
