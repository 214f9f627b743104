"""Voicing: four voices led from chord to chord by dynamic programming.

The cost of a change is the movement of its voices; parallel and hidden perfect intervals, overlaps and leaps cost more,
common tones less (rules that Huron, 2001, derives from perception).
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.engines.composer.writing.chords import Chord

Voices = tuple[int, ...]
"""Pitches from low to high."""

LOW, HIGH = 48, 77
_MOST = 90
_PAIRS = tuple(combinations(range(4), 2))
_LOW_LIMITS = ((1, 52), (2, 51), (3, 48), (4, 46), (5, 39), (7, 34))
"""Intervals in semitones and the lowest note over which each stays clear."""


def voicings(chords: Sequence[Chord], targets: Sequence[float]) -> tuple[Voices, ...]:
    """Four voices for each chord, between MIDI 48 and 76.

    Args:
        chords: the chords in order.
        targets: for each the mean pitch that the voices should have.
    """
    if not chords:
        return ()
    keys = [essential(chord) for chord in chords]
    total = _standing(keys[0], targets[0])
    choices: list[NDArray[np.int64]] = []
    for before, key, target in zip(keys, keys[1:], targets[1:], strict=False):
        table = total[:, None] + _change(before, key)
        best = np.argmin(table, axis=0)
        choices.append(best)
        total = table[best, np.arange(table.shape[1])] + _standing(key, target)
    place = int(np.argmin(total))
    path = [place]
    for best in reversed(choices):
        place = int(best[place])
        path.append(place)
    return tuple(
        tuple(int(pitch) for pitch in _candidates(key)[place]) for key, place in zip(keys, reversed(path), strict=True)
    )


def essential(chord: Chord) -> tuple[int, ...]:
    """The chord's pitch classes that four voices need, the root first: the fifth goes first, then the root."""
    classes = list(dict.fromkeys(chord.classes))
    if len(classes) > 4:
        classes.pop(2)
    return tuple(classes[:4]) if len(classes) <= 4 else tuple(classes[1:5])


@lru_cache(maxsize=4096)
def _candidates(classes: tuple[int, ...]) -> NDArray[np.int64]:
    """The best voicings of those pitch classes, as rows of four pitches."""
    notes = [pitch for pitch in range(LOW, HIGH) if pitch % 12 in classes]
    found: list[Voices] = [row for row in combinations(notes, 4) if _allowed(row, classes)]
    found.sort(key=lambda row: (_spacing(row, classes), row))
    return np.array(_spread(found), dtype=np.int64)


def _spread(rows: list[Voices]) -> list[Voices]:
    """The cheapest rows at every register, so that no target is out of reach."""
    shelves: dict[int, list[Voices]] = {}
    for row in rows:
        shelves.setdefault(sum(row) // 12, []).append(row)
    share = max(4, _MOST // max(len(shelves), 1))
    return [row for shelf in sorted(shelves) for row in shelves[shelf][:share]]


def _allowed(row: Voices, classes: tuple[int, ...]) -> bool:
    gaps = [high - low for low, high in pairwise(row)]
    return row[3] - row[0] <= 24 and max(gaps) <= 12 and {pitch % 12 for pitch in row} >= set(classes)


@lru_cache(maxsize=65536)
def _spacing(row: Voices, classes: tuple[int, ...]) -> float:
    cost = 0.5 * max(row[3] - row[0] - 19, 0)
    for low, high in pairwise(row):
        cost += sum(3.0 for interval, limit in _LOW_LIMITS if high - low == interval and low < limit)
        cost += 2.0 if high - low == 1 else 0.0
    counts = [sum(1 for pitch in row if pitch % 12 == tone) for tone in classes]
    doubled = (0.0, 2.5, 0.6, 6.0)
    return cost + sum((count - 1) * doubled[min(place, 3)] for place, count in enumerate(counts) if count > 1)


@lru_cache(maxsize=4096)
def _static(classes: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows = _candidates(classes)
    cost = np.array([_spacing(tuple(int(pitch) for pitch in row), classes) for row in rows])
    return cost, rows.mean(axis=1)


def _standing(classes: tuple[int, ...], target: float) -> NDArray[np.float64]:
    cost, centre = _static(classes)
    standing: NDArray[np.float64] = cost + 0.35 * np.abs(centre - target)
    return standing


@lru_cache(maxsize=2048)
def _change(before: tuple[int, ...], after: tuple[int, ...]) -> NDArray[np.float64]:
    """Cost of every change between two chords' candidates ``[before, after]``."""
    old, new = _candidates(before)[:, None, :], _candidates(after)[None, :, :]
    step = (new - old).astype(np.float64)
    size = np.abs(step)
    cost = size.sum(axis=2) + 0.125 * (size**2).sum(axis=2)
    cost -= (size == 0).sum(axis=2)
    cost += 3.0 * (size > 5).sum(axis=2)
    moved = np.sign(step)
    cost += 2.0 * (np.abs(moved.sum(axis=2)) == 4)
    for low, high in _PAIRS:
        cost += _perfect(old, new, moved, low, high)
    for voice in range(3):
        cost += 5.0 * (new[:, :, voice] > old[:, :, voice + 1]) + 5.0 * (new[:, :, voice + 1] < old[:, :, voice])
    result: NDArray[np.float64] = cost
    return result


def _perfect(
    old: NDArray[np.int64], new: NDArray[np.int64], moved: NDArray[np.float64], low: int, high: int
) -> NDArray[np.float64]:
    """Parallel fifths, octaves and unisons of two voices; hidden ones between the outer voices."""
    wide_old, wide_new = (old[:, :, high] - old[:, :, low]) % 12, (new[:, :, high] - new[:, :, low]) % 12
    same = (moved[:, :, low] == moved[:, :, high]) & (moved[:, :, low] != 0)
    perfect = (wide_new == 0) | (wide_new == 7)
    cost = 60.0 * (same & perfect & (wide_old == wide_new))
    if (low, high) == (0, 3):
        leap = np.abs(new[:, :, high] - old[:, :, high]) > 2
        cost = cost + 6.0 * (same & perfect & leap)
    result: NDArray[np.float64] = cost
    return result


def fitted(voices: Voices, low: int, high: int) -> Voices:
    """The voices moved by octaves into a range, as a block where it fits, else note by note."""
    if not voices:
        return ()
    middle = (low + high) / 2
    shift = 12 * round((middle - sum(voices) / len(voices)) / 12)
    moved = [pitch + shift for pitch in voices]
    placed = []
    for pitch in moved:
        note = pitch
        while note > high:
            note -= 12
        while note < low:
            note += 12
        if note <= high:
            placed.append(note)
    return tuple(sorted(set(placed)))
