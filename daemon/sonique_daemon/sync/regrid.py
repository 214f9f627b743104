"""Regridding: the tempo map of an edited take, from that of the take that it was made of.

The beats that both have in common stay where they are, so that every hit that was met is met again, and the bars that
stay are the same bars.
"""

from bisect import bisect_left, bisect_right
from dataclasses import replace
from fractions import Fraction

from sonique_daemon.domain.edit import Bars, Change
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.domain.time import SAMPLE_RATE

_LEAST_ENDING = 6.0
"""Seconds before its end from which a cue of a new length is made anew, at the least, or else its latter half: an
ending wants to be led to."""

_PHRASE = 8
"""Bars of a section that is added."""


def regridded(change: Change, old: TempoMap) -> TempoMap:
    """The tempo map of the take that ``change`` makes of one on ``old``."""
    grid = old if change.duration is None else relengthened(old, change.duration)
    return grid if change.calm_from is None else calmed(grid, float(change.calm_from), change.calm)


def kept_spans(change: Change, old: TempoMap, new: TempoMap) -> tuple[tuple[int, int], ...]:
    """The samples of a take on ``old`` that stay in the one on ``new``: first and one after the last of each span.

    Bars that are named stay. Where none are, all up to the place from which the music changes does; nothing does where
    the change is one of the whole.
    """
    if change.keep:
        return _merged([_span(old, bars, float(new.duration)) for bars in change.keep])
    if change.seed is not None or change.swaps:
        return ()
    ends = [float(new.duration)]
    if change.duration is not None:
        ends.append(_border(old, min(float(old.duration), float(new.duration))))
    if change.calm_from is not None:
        ends.append(_bar_time(new, _bar_at(new, float(change.calm_from))))
    end = round(min(ends) * SAMPLE_RATE)
    return ((0, end),) if len(ends) > 1 and end > 0 else ()


def relengthened(old: TempoMap, duration: Fraction) -> TempoMap:
    """``old`` cut or led on to ``duration``: no beat of the shared time moves; added bars come in sections."""
    end, bar = float(duration), old.bar_beats(0)
    beats = list(old.beats)
    while beats[-1] < end:
        beats.append(beats[-1] + 60 / old.bpm)
    count = max(bisect_left(beats, end) + 1, 2)
    downbeats = [index for index in old.downbeats if index < count - 1]
    while downbeats[-1] + bar < count - 1:
        downbeats.append(downbeats[-1] + bar)
    hits = tuple(met for met in old.hits if met.hit.time < duration)
    sections = _resectioned(old.sections, len(downbeats))
    return TempoMap(duration, tuple(beats[:count]), tuple(downbeats), old.bpm, sections, hits)


def calmed(grid: TempoMap, start: float, amount: float) -> TempoMap:
    """``grid`` with less energy from the bar at ``start`` seconds on; a section that it falls into is divided there."""
    bar = _bar_at(grid, start)
    sections: list[Section] = []
    for section in grid.sections:
        before = min(max(bar - section.bar, 0), section.bars)
        if before:
            sections.append(replace(section, bars=before))
        if before < section.bars:
            calm = section.energy * (1 - amount)
            hit = section.hit if not before else None
            sections.append(Section(section.bar + before, section.bars - before, calm, hit))
    return replace(grid, sections=tuple(sections))


def _resectioned(old: tuple[Section, ...], bars: int) -> tuple[Section, ...]:
    """The sections over ``bars`` bars: cut, or with others after them that take up the energies from the start."""
    sections = [replace(section, bars=min(section.bars, bars - section.bar)) for section in old if section.bar < bars]
    while (end := sections[-1].bar + sections[-1].bars) < bars:
        left = bars - end
        if left < _PHRASE // 2:
            sections[-1] = replace(sections[-1], bars=sections[-1].bars + left)
        else:
            energy = old[(len(sections) - len(old)) % len(old)].energy
            sections.append(Section(end, min(left, _PHRASE), energy))
    return tuple(sections)


def _border(old: TempoMap, shared: float) -> float:
    """The last border of a section, or else of a bar, that leaves room for an ending in ``shared`` seconds; or 0."""
    ending = max(_LEAST_ENDING, 2 * old.bar_beats(0) * 60 / old.bpm)
    latest = shared - min(ending, shared / 2)
    borders = [time for section in old.sections if 0 < (time := _bar_time(old, section.bar)) <= latest]
    bars = [time for bar in range(len(old.downbeats)) if 0 < (time := _bar_time(old, bar)) <= latest]
    return max(borders, default=0.0) if borders and max(borders) > 0.4 * shared else max(bars, default=0.0)


def _span(grid: TempoMap, bars: Bars, end: float) -> tuple[int, int]:
    first = 0.0 if bars.first == 0 else _bar_time(grid, bars.first)
    last = min(_bar_time(grid, bars.last + 1), end)
    return round(max(first, 0.0) * SAMPLE_RATE), round(max(last, 0.0) * SAMPLE_RATE)


def _merged(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def _bar_at(grid: TempoMap, seconds: float) -> int:
    """The bar that begins nearest to a time."""
    times = [grid.beats[index] for index in grid.downbeats]
    after = min(bisect_right(times, seconds), len(times) - 1)
    return min((max(after - 1, 0), after), key=lambda bar: abs(times[bar] - seconds))


def _bar_time(grid: TempoMap, bar: int) -> float:
    """When a bar begins; the cue's end for one after the last."""
    return grid.beats[grid.downbeats[bar]] if bar < len(grid.downbeats) else float(grid.duration)
