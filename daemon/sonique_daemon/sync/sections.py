"""Sections: bars grouped into spans of one character, begun at turns and hits first, at multiples of bars second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.tempo import HitKind, Section

Floats = NDArray[np.float64]

LEAST_BARS = 4
LEAST_SECONDS = 6.0
"""No section is shorter, unless the cue is."""

MOST_BARS = 20
"""No section is longer."""

STARTS = {HitKind.TURN: 2.0, HitKind.HARD: 1.6, HitKind.PHRASE: 0.2}
"""What a hit on its first downbeat is worth to a section, times the hit's weight."""


@dataclass(frozen=True, slots=True)
class Downbeat:
    """A bar's first beat: its time in seconds, and the hit that it meets (its index, kind and weight) or None."""

    time: float
    hit: tuple[int, HitKind, float] | None


def sections(bars: Sequence[Downbeat], duration: float, curve: Sequence[float] | None) -> tuple[Section, ...]:
    """Sections that tile ``bars``; energies are means of ``curve`` (evenly spaced over the cue), or an arch without."""
    energies = np.asarray(curve if curve is not None and len(curve) else _arch(), dtype=np.float64)
    levels = _levels(energies, [bar.time for bar in bars], duration)
    starts = _starts(bars, levels, duration)
    ends = [*starts[1:], len(bars)]
    return tuple(_section(bars, levels, start, end) for start, end in zip(starts, ends, strict=True))


def _arch() -> Floats:
    """A cue's usual rise: begins low, peaks at about seven tenths, falls at its end."""
    return np.interp(np.linspace(0, 1, 41), [0.0, 0.25, 0.7, 0.85, 1.0], [0.3, 0.45, 0.8, 0.65, 0.4])


def _levels(energies: Floats, times: Sequence[float], duration: float) -> Floats:
    """The mean of the curve over each bar, at least one sample of it."""
    edges = np.clip(np.array([*times, duration]) / duration, 0, 1) * energies.size
    starts = np.minimum(edges[:-1].astype(int), energies.size - 1)
    stops = np.maximum(np.ceil(edges[1:]).astype(int), starts + 1)
    sums = np.concatenate([[0.0], np.cumsum(energies)])
    means: Floats = ((sums[stops] - sums[starts]) / (stops - starts)).clip(0.0, 1.0)
    return means


def _starts(bars: Sequence[Downbeat], levels: Floats, duration: float) -> list[int]:
    """First bars of sections, by dynamic programming over bars."""
    count = len(bars)
    times = np.array([bar.time for bar in bars] + [duration])
    steps = _steps(levels)
    value, source = np.full(count + 1, -np.inf), np.zeros(count + 1, dtype=int)
    value[0] = 0.0
    for end in range(LEAST_BARS, count + 1):
        gain = steps[end] + _worth(bars[end]) if end < count else 0.0
        for start in range(max(0, end - MOST_BARS), end - LEAST_BARS + 1):
            if times[end] - max(0.0, times[start]) >= LEAST_SECONDS - 1e-9:
                total = value[start] + gain - _length_price(end - start)
                if total > value[end]:
                    value[end], source[end] = total, start
    return _path(source, count) if value[count] > -np.inf else [0]


def _steps(levels: Floats) -> Floats:
    """How much the energy changes at each bar: the four bars before against the four after."""
    sums = np.concatenate([[0.0], np.cumsum(levels)])
    at = np.arange(levels.size)
    low, high = np.maximum(at - 4, 0), np.minimum(at + 4, levels.size)
    before = (sums[at] - sums[low]) / np.maximum(at - low, 1)
    after = (sums[high] - sums[at]) / np.maximum(high - at, 1)
    changes: Floats = np.where(at > 0, 2.0 * np.abs(after - before), 0.0)
    return changes


def _worth(bar: Downbeat) -> float:
    return STARTS[bar.hit[1]] * bar.hit[2] if bar.hit else 0.0


def _length_price(bars: int) -> float:
    """Eight bars are the common length, four and multiples of four are next, odd numbers last."""
    regular = 0.0 if bars % 4 == 0 else 0.25 if bars % 2 == 0 else 0.45
    return 0.25 + regular + 0.01 * (bars - 8) ** 2


def _path(source: NDArray[np.int64], end: int) -> list[int]:
    starts = []
    while end > 0:
        end = int(source[end])
        starts.append(end)
    return starts[::-1]


def _section(bars: Sequence[Downbeat], levels: Floats, start: int, end: int) -> Section:
    hit = bars[start].hit
    met = hit[0] if hit and hit[1] is not HitKind.PHRASE else None
    return Section(start, end - start, float(round(levels[start:end].mean(), 6)), met)


def strongest(hits: Mapping[int, list[tuple[int, HitKind, float]]]) -> dict[int, tuple[int, HitKind, float]]:
    """Of the hits that each beat meets, the one that weighs most."""
    return {beat: max(met, key=lambda hit: (STARTS[hit[1]] * hit[2], -hit[0])) for beat, met in hits.items()}
