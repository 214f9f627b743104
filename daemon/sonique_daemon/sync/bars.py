"""Bars: where downbeats fall on a beat grid, so that strong hits meet them and the last one leaves time to end.

A dynamic programme over beats. Bars are regular but for one odd bar now and then right before a strong hit, as a
composer writes a 2/4 to arrive in time; two odd bars never follow one another closely.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.tempo import HitKind

Floats = NDArray[np.float64]

ON_DOWNBEAT = {HitKind.HARD: 1.3, HitKind.TURN: 1.1, HitKind.PHRASE: 0.25}
MID_BAR = 0.35
"""Share of a downbeat's worth that a hit keeps in the middle of a bar."""

ODD_PRICE, LOPSIDED_PRICE = 0.45, 0.10
CROWDED_PRICE = 0.65
"""Price of an odd bar, what is added where it is no half bar, and what is added the nearer the odd bar before is."""

CALM = 16
APART = 4
"""Bars after which an odd bar is forgotten, and bars that must lie between two odd ones."""

MID_BAR_START_PRICE = 0.8
"""Price of a cue that begins inside a bar."""

RING = 1.2
"""Seconds that the last downbeat leaves at least, for an ending that can ring; less in very short cues."""


@dataclass(frozen=True, slots=True)
class _Bars:
    """Best sums up to a downbeat and where they came from, [beat, bars since an odd one]."""

    value: Floats
    source: NDArray[np.int32]


def ring_time(duration: float) -> float:
    """Seconds between the last downbeat and the end, at least."""
    return min(RING, 0.3 * duration)


def downbeats(
    times: Floats, hits: Mapping[int, tuple[HitKind, float]], duration: float, beats_per_bar: int
) -> list[int]:
    """Indices into ``times`` of downbeats, the first at or before 0, the last where the ending should begin.

    Args:
        times: beat times in seconds, with more than a bar before 0 and after ``duration``.
        hits: kind and weight of the strongest hit that each beat meets.
        duration: seconds.
        beats_per_bar: length of a regular bar.
    """
    zero = int(np.searchsorted(times, 1e-9, side="right")) - 1
    end = int(np.searchsorted(times, duration))
    bars = _filled(times, hits, zero, end, beats_per_bar)
    bar = float(times[zero + beats_per_bar] - times[zero])
    last = _last_downbeat(bars, times, hits, duration, bar) or (zero, CALM)
    return _backtracked(bars, last)


def _filled(times: Floats, hits: Mapping[int, tuple[HitKind, float]], zero: int, end: int, beats_per_bar: int) -> _Bars:
    shape = (end + beats_per_bar + 2, CALM + 1)
    bars = _Bars(np.full(shape, -np.inf), np.full(shape, -1, np.int32))
    for early in range(beats_per_bar):
        bars.value[zero - early, CALM] = -_start_price(times, zero, early)
    odd = [length for length in (beats_per_bar - 2, beats_per_bar - 1, beats_per_bar + 1) if length >= 2]
    for beat in range(zero - beats_per_bar + 1, end):
        if bars.value[beat].max() > -np.inf:
            _extend(bars, hits, beat, beats_per_bar, odd)
    return bars


def _start_price(times: Floats, zero: int, early: int) -> float:
    """A cue begins best on a downbeat; where its start lies between beats, the next beat may be one as well."""
    late = -float(times[zero]) / float(times[zero + 1] - times[zero])
    if early == 0:
        return MID_BAR_START_PRICE * min(1.0, 2.0 * late)
    return MID_BAR_START_PRICE * (1.0 + 0.05 * early)


def _extend(
    bars: _Bars, hits: Mapping[int, tuple[HitKind, float]], beat: int, beats_per_bar: int, odd: list[int]
) -> None:
    """Appends each bar that may begin at ``beat``."""
    regular = beat + beats_per_bar
    middle = MID_BAR * _worth(hits, beat + beats_per_bar // 2) if beats_per_bar % 2 == 0 else 0.0
    gain = _worth(hits, regular) + middle
    for since in range(CALM + 1):
        _offer(bars, (beat, since), (regular, min(CALM, since + 1)), gain)
    for length in odd:
        kind = hits.get(beat + length, (HitKind.PHRASE, 0.0))[0]
        if kind is not HitKind.PHRASE:
            price = ODD_PRICE + (0.0 if 2 * length == beats_per_bar else LOPSIDED_PRICE)
            for since in range(APART, CALM + 1):
                crowd = CROWDED_PRICE * (CALM - since) / (CALM - APART)
                _offer(bars, (beat, since), (beat + length, 0), _worth(hits, beat + length) - price - crowd)


def _offer(bars: _Bars, before: tuple[int, int], after: tuple[int, int], gain: float) -> None:
    value = bars.value[before] + gain
    if value > bars.value[after]:
        bars.value[after] = value
        bars.source[after] = before[0] * (CALM + 1) + before[1]


def _worth(hits: Mapping[int, tuple[HitKind, float]], beat: int) -> float:
    if beat not in hits:
        return 0.0
    kind, weight = hits[beat]
    return ON_DOWNBEAT[kind] * weight


def _last_downbeat(
    bars: _Bars, times: Floats, hits: Mapping[int, tuple[HitKind, float]], duration: float, bar: float
) -> tuple[int, int] | None:
    """The place for the final chord: about a bar (of ``bar`` seconds) before the end, on a hit if there is one."""
    least = ring_time(duration)
    best, place = -np.inf, None
    for beat in range(bars.value.shape[0]):
        ring = duration - float(times[beat]) if beat < times.size else -1.0
        since = int(bars.value[beat].argmax())
        if ring < least - 1e-9 or bars.value[beat, since] == -np.inf:
            continue
        bonus = 0.6 if beat in hits else 0.0
        value = float(bars.value[beat, since]) + bonus - _ring_price(ring, bar, least)
        if value > best:
            best, place = value, (beat, since)
    return place


def _ring_price(ring: float, bar: float, least: float) -> float:
    """Rises steeply once the last bar would be held for much longer than a bar, so that every bar is played."""
    longest = max(bar, least) * 1.05
    return 3.0 * max(0.0, ring - longest) / longest + 20.0 * max(0.0, ring - 2.0 * longest) / longest


def _backtracked(bars: _Bars, last: tuple[int, int]) -> list[int]:
    found = [last[0]]
    while (source := int(bars.source[last])) >= 0:
        last = divmod(source, CALM + 1)
        found.append(last[0])
    return found[::-1]
