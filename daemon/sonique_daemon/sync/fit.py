"""The fit: a tempo map whose beats meet the hit points, as far as the hit strength asks and the music allows."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.form import USUAL, Metre
from sonique_daemon.domain.tags import Tempo
from sonique_daemon.domain.tempo import Hit, HitKind, MetHit, TempoMap
from sonique_daemon.errors import InvalidBrief, InvalidRange
from sonique_daemon.sync.anchors import Anchor, Anchoring, anchored
from sonique_daemon.sync.bars import downbeats
from sonique_daemon.sync.grid import beat_times
from sonique_daemon.sync.sections import Downbeat, sections, strongest

Floats = NDArray[np.float64]

TOLERANCE = 0.040
"""Seconds within which a beat or a part of one meets a hit."""

ADJUSTMENT = 0.02
"""Share by which the tempo may differ from the one asked for, where nothing but the cue's end is to be met."""


def fit(
    hits: Sequence[Hit],
    duration: Fraction,
    tempo: Tempo,
    hit_strength: float,
    curve: Sequence[float] | None = None,
    *,
    metre: Metre = USUAL,
    seed: int = 0,
) -> TempoMap:
    """Fits tempo, beats, bars and sections to ``hits``.

    The base tempo lies in the tempo's bounds. Beats bend round it by at most 2.5 % at strength 0.5 and 6 % at 1. At
    strength 0, or without hits, the tempo is constant. The first downbeat is the map's first beat, at or before 0; the
    last downbeat is the place for the final chord: it leaves at least 1.2 s (three tenths of a very short cue) to ring,
    and the last bar is held for as long as the cue lasts.

    Args:
        hits: hit points in seconds from the range's start; those outside the cue are kept as not met.
        duration: length of the cue in seconds, above 0.
        tempo: the tempo asked for and its bounds.
        hit_strength: 0 to 1; see ``Brief``.
        curve: energy 0..1 over the cue at even distances, or None for a plain arch.
        metre: beats of a regular bar, and how they are parted.
        seed: decides between base tempi that are nearly as good.

    Raises:
        InvalidRange: the duration is not above 0.
        InvalidBrief: the tempo and its bounds are not in order.
    """
    _check(duration, tempo)
    ordered = tuple(sorted(hits, key=lambda hit: (hit.time, -hit.weight, hit.kind.value, hit.label)))
    length = float(duration)
    wanted = [hit for hit in ordered if 0 < hit.time < duration and hit.weight > 0]
    if hit_strength > 0 and wanted:
        anchoring, heeded = anchored(wanted, tempo, min(hit_strength, 1.0), metre, seed), ordered
    else:
        anchoring, heeded = _steady(length, tempo, metre.beats), ()
    times = beat_times(anchoring, length, metre.beats + 2)
    times[np.abs(times) < 1e-5] = 0.0
    met = strongest(_meetings(times, heeded))
    bars = downbeats(times, {beat: hit[1:] for beat, hit in met.items()}, length, metre.beats)
    beats = _beats(times, bars[0], length)
    firsts = [Downbeat(float(times[beat]), met.get(beat)) for beat in bars]
    return TempoMap(
        duration=duration,
        beats=beats,
        downbeats=tuple(beat - bars[0] for beat in bars),
        bpm=60.0 / anchoring.period,
        sections=sections(firsts, length, curve),
        hits=tuple(_met(beats, hit, metre.parts) for hit in ordered),
    )


def _check(duration: Fraction, tempo: Tempo) -> None:
    if duration <= 0:
        raise InvalidRange(f"A range of {float(duration):g} s holds no music; choose one that is longer than 0.")
    if not (math.isfinite(tempo.high) and 0 < tempo.low <= tempo.bpm <= tempo.high):
        bounds = f"{tempo.low:g} to {tempo.high:g} bpm"
        raise InvalidBrief(f"A tempo of {tempo.bpm:g} bpm does not lie in its bounds, {bounds}; widen them.")


def _steady(duration: float, tempo: Tempo, beats_per_bar: int) -> Anchoring:
    """One tempo, near the one asked for, at which the cue is a whole number of bars if it can be."""
    low = max(tempo.low, tempo.bpm * (1 - ADJUSTMENT))
    high = min(tempo.high, tempo.bpm * (1 + ADJUSTMENT))
    bars = duration * tempo.bpm / 60 / beats_per_bar
    exact = 60 * beats_per_bar * max(1, round(bars)) / duration
    bpm = min(max(exact, low), high)
    if abs(bpm - exact) > 1e-9 and bars < 1:
        bpm = tempo.bpm
    return Anchoring(60 / bpm, 0.0, (Anchor(0.0, 0),))


def _beats(times: Floats, first: int, duration: float) -> tuple[float, ...]:
    """The beats from the first bar on; the last lies at the end or after it, not a rounding before it."""
    beats = times[first : int(np.searchsorted(times, duration - 1e-9)) + 1].tolist()
    beats[-1] = max(beats[-1], duration)
    return tuple(beats)


def _meetings(times: Floats, hits: Sequence[Hit]) -> dict[int, list[tuple[int, HitKind, float]]]:
    """For each beat, the hits that it meets: (index, kind, weight)."""
    found: dict[int, list[tuple[int, HitKind, float]]] = {}
    for index, hit in enumerate(hits):
        beat = _nearest(times, float(hit.time))
        if abs(float(times[beat]) - float(hit.time)) <= TOLERANCE:
            found.setdefault(beat, []).append((index, hit.kind, hit.weight))
    return found


def _nearest(times: Sequence[float] | Floats, time: float) -> int:
    after = min(max(bisect_left(times, time), 1), len(times) - 1)
    return after if times[after] - time < time - times[after - 1] else after - 1


def _met(beats: tuple[float, ...], hit: Hit, parts: int) -> MetHit:
    """The beat that meets the hit, or else one of the ``parts`` of a beat, or none."""
    time = float(hit.time)
    near = _nearest(beats, time)
    if abs(beats[near] - time) <= TOLERANCE:
        return MetHit(hit, float(near), beats[near] - time)
    before = near if beats[near] < time else near - 1
    if 0 <= before < len(beats) - 1:
        start, length = beats[before], beats[before + 1] - beats[before]
        part = min(range(1, parts), key=lambda part: abs(start + length * part / parts - time))
        place = start + length * part / parts
        if abs(place - time) <= TOLERANCE:
            return MetHit(hit, before + part / parts, place - time)
    return MetHit(hit, None)
