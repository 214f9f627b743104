"""The gain under speech: few straight lines in decibels, that go down ahead of speech and come back after it.

Nothing here needs numpy, so that the daemon's own process can tell the gain that a worker bakes in.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sonique_daemon.domain.ducking import Ducking, DuckingManner, GainPoint, SpeechGain
from sonique_daemon.domain.time import TimeRange


@dataclass(frozen=True, slots=True)
class _Dip:
    """One way down and up, in seconds: leaves 0 dB, is down, leaves the bottom, is back."""

    leaves: float
    down: float
    rises: float
    back: float


def speech_gain(speech: Iterable[TimeRange], duration: float, ducking: Ducking | None) -> SpeechGain | None:
    """What a take of ``duration`` seconds tells of its gain under ``speech``; None where it keeps its level."""
    if ducking is None:
        return None
    return SpeechGain(envelope(speech, duration, ducking), ducking.manner is DuckingManner.BAKED)


def envelope(speech: Iterable[TimeRange], duration: float, ducking: Ducking) -> tuple[GainPoint, ...]:
    """The gain of a cue under what is said over it.

    Args:
        speech: spans of speech, from the cue's start, in any order.
        duration: length of the cue in seconds.
        ducking: how the music makes room. Pauses in which it could not come back, and stay for as long as coming back
            takes, are passed over, so that it never pumps.

    Returns:
        Points in order, inside 0 to ``duration``; none where nothing is said or nothing is turned down.
    """
    if ducking.depth_db <= 0 or duration <= 0:
        return ()
    spans = sorted((float(span.start), float(span.end)) for span in speech)
    heard = [(start, end) for start, end in spans if end > start and end > 0 and start < duration]
    dips = _joined([_dip(start, end, ducking) for start, end in heard], ducking.release)
    return _inside([point for dip in dips for point in _points(dip, -ducking.depth_db)], duration)


def gain_at(points: tuple[GainPoint, ...], seconds: float) -> float:
    """The gain in decibels at a time; 0 where there are no points."""
    if not points:
        return 0.0
    before = points[0]
    for point in points:
        if point.seconds >= seconds:
            width = point.seconds - before.seconds
            share = (seconds - before.seconds) / width if width > 0 else 1.0
            return before.db + max(share, 0.0) * (point.db - before.db)
        before = point
    return before.db


def _dip(start: float, end: float, ducking: Ducking) -> _Dip:
    leaves = start - ducking.look_ahead
    down = leaves + ducking.attack
    rises = max(down, end + ducking.hold)
    return _Dip(leaves, down, rises, rises + ducking.release)


def _joined(dips: list[_Dip], rest: float) -> list[_Dip]:
    """The dips, those between which the music would not rest at its own level for ``rest`` seconds made one."""
    joined: list[_Dip] = []
    for dip in dips:
        if joined and dip.leaves - joined[-1].back < rest:
            before = joined.pop()
            later = dip if dip.rises > before.rises else before
            joined.append(_Dip(before.leaves, before.down, later.rises, later.back))
        else:
            joined.append(dip)
    return joined


def _points(dip: _Dip, depth: float) -> tuple[GainPoint, ...]:
    return (
        GainPoint(dip.leaves, 0.0),
        GainPoint(dip.down, depth),
        GainPoint(dip.rises, depth),
        GainPoint(dip.back, 0.0),
    )


def _inside(points: list[GainPoint], duration: float) -> tuple[GainPoint, ...]:
    """The same line between 0 and ``duration`` alone."""
    if not points:
        return ()
    whole = tuple(points)
    inner = [point for point in whole if 0 <= point.seconds <= duration]
    if whole[0].seconds < 0:
        inner.insert(0, GainPoint(0.0, gain_at(whole, 0.0)))
    if whole[-1].seconds > duration:
        inner.append(GainPoint(duration, gain_at(whole, duration)))
    return tuple(inner)
