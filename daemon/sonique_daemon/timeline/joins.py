"""Joins: where one shot ends and the next begins, found in the frames of a scan.

Hard cuts are peaks of FFmpeg's scene-change score that change the picture for good; a flash changes it back. Dissolves
are found by what they are: every frame between is a blend of the frame before and the frame after (Hampapur, Jain and
Weymouth, "Production model based digital video segmentation", 1995), while the picture on either side is quiet by
comparison; a pan is no blend. Fades pass through frames of one plain colour.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.picture import JoinKind

Grid = NDArray[np.uint8]
"""Frames of a scan as coarse mosaics ``[n, cells]``, 0..255; each cell is one channel of a part of the picture."""

MOSAIC = (9, 16)
"""Rows and columns of the mosaic."""

_SCORE = 0.8
_FLASH_FRAMES = 3
_PLAIN_SPREAD = 3.0
_SHORTEST = 3
_LONG_PLAIN = 0.8
_DISSOLVE_SECONDS = (0.2, 0.35, 0.6, 1.0, 1.6, 2.5)


@dataclass(frozen=True, slots=True)
class Join:
    """A join between two shots of a scan.

    Attributes:
        index: the first frame of the new shot; of a dissolve or fade, the frame at its middle.
        kind: how the new shot begins.
        first: the first frame that the dissolve or fade touches; ``index`` for a cut.
        last: the first frame after it; ``index`` for a cut.
        change: how different the two shots are at the join, 0..1.
    """

    index: int
    kind: JoinKind
    first: int
    last: int
    change: float


def mosaic(images: NDArray[np.uint8]) -> Grid:
    """``images`` ``[n, height, width, 3]`` as a mosaic ``[n, rows × columns × 3]``.

    Every pixel counts: a regular pattern that moves would make picked pixels jump where nothing does.
    """
    rows, columns = (_parts(side, cells) for side, cells in zip(images.shape[1:3], MOSAIC, strict=True))
    by_row = np.stack([images[:, part].sum(axis=1, dtype=np.uint32) for part in rows], axis=1)
    cells = np.stack([by_row[:, :, part].sum(axis=2, dtype=np.uint32) for part in columns], axis=2)
    sizes = np.outer([part.stop - part.start for part in rows], [part.stop - part.start for part in columns])
    return (cells / sizes[None, :, :, None]).astype(np.uint8).reshape(len(images), -1)


def _parts(length: int, count: int) -> list[slice]:
    """``length`` pixels in ``count`` parts as even as they go; fewer where there are fewer pixels."""
    edges = [index * length // min(count, length) for index in range(min(count, length) + 1)]
    return [slice(first, last) for first, last in pairwise(edges)]


def spreads(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How far the pixels of each of ``images`` ``[n, height, width, 3]`` spread round its mean, 0..128."""
    picked = images[:, ::4, ::4, 1].astype(np.float32).reshape(len(images), -1)
    return np.asarray(picked.std(axis=1), np.float32)


def find_joins(grid: Grid, spread: NDArray[np.float32], scores: NDArray[np.float32], rate: float) -> tuple[Join, ...]:
    """The joins inside a scan, in order, none of them closer than a few frames to another.

    Args:
        grid: the mosaic of every frame.
        spread: the spread of every frame.
        scores: FFmpeg's scene-change score of every frame.
        rate: frames per second, for what is told by its length in seconds.
    """
    if len(grid) < 3:
        return ()
    fades = _fades(grid, spread, rate)
    cuts = [cut for cut in _cuts(grid, scores) if not _touches(cut, fades)]
    dissolves = _dissolves(grid, rate, [*fades, *cuts])
    return tuple(sorted([*fades, *cuts, *dissolves], key=lambda join: join.index))


def difference(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """How different two mosaics ``[cells]`` are, 0..1: their distance against what two unlike shots usually have."""
    return float(min(1.0, np.abs(first.astype(np.float32) - second).mean() / 64))


def _touches(join: Join, others: list[Join]) -> bool:
    return any(other.first - 2 <= join.index <= other.last + 2 for other in others)


def _distances(grid: Grid, apart: int) -> NDArray[np.float32]:
    """Mean absolute difference of each frame to that ``apart`` frames before; 0 where there is none."""
    out = np.zeros(len(grid), np.float32)
    for start in range(apart, len(grid), 4096):
        stop = min(start + 4096, len(grid))
        late, early = grid[start:stop].astype(np.int16), grid[start - apart : stop - apart]
        out[start:stop] = np.abs(late - early).mean(axis=1)
    return out


# --- cuts ---


def _cuts(grid: Grid, scores: NDArray[np.float32]) -> list[Join]:
    steps = _distances(grid, 1)
    found: list[Join] = []
    for index in np.flatnonzero(scores >= _SCORE):
        if index == 0 or not _is_cut(grid, steps, int(index)):
            continue
        join = Join(int(index), JoinKind.CUT, int(index), int(index), difference(grid[index - 1], grid[index]))
        if found and index - found[-1].index <= _FLASH_FRAMES:
            if steps[index] > steps[found[-1].index]:
                found[-1] = join
            continue
        found.append(join)
    return found


def _is_cut(grid: Grid, steps: NDArray[np.float32], index: int) -> bool:
    step = float(steps[index])
    spread = (float(grid[index - 1].std()) + float(grid[index].std())) / 2
    if step < 3 or step < 0.16 * (spread + 6):
        return False
    around = max(_usual(steps[max(1, index - 3) : index]), _usual(steps[index + 1 : index + 4]))
    return step > 1.9 * around + 1 and not _is_flash(grid, index, step)


def _usual(steps: NDArray[np.float32]) -> float:
    return float(np.median(steps)) if len(steps) else 0.0


def _is_flash(grid: Grid, index: int, step: float) -> bool:
    """Whether the picture was the same a few frames before the change as it is a few frames after it."""
    for held in range(1, _FLASH_FRAMES + 1):
        goes = index + held < len(grid) and _gap(grid[index - 1], grid[index + held]) < step / 2
        comes = index - 1 - held >= 0 and _gap(grid[index], grid[index - 1 - held]) < step / 2
        if goes or comes:
            return True
    return False


def _gap(first: NDArray[np.integer], second: NDArray[np.integer]) -> float:
    return float(np.abs(first.astype(np.int16) - second).mean())


# --- fades ---


def _fades(grid: Grid, spread: NDArray[np.float32], rate: float) -> list[Join]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], spread < _PLAIN_SPREAD, [False])).astype(np.int8)))
    found: list[Join] = []
    last = 0
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        joins = [join for join in _fade(grid, spread, start, stop, rate) if join.first >= last]
        found += joins
        last = joins[-1].last if joins else last
    return found


def _fade(grid: Grid, spread: NDArray[np.float32], start: int, stop: int, rate: float) -> list[Join]:
    """The joins that the plain frames from ``start`` to ``stop`` make."""
    out_from = start - _slope(spread[max(0, start - round(5 * rate)) : start][::-1], rate)
    in_to = stop + _slope(spread[stop : stop + round(5 * rate)], rate)
    if stop - start >= _LONG_PLAIN * rate:
        edges = [(out_from, start)] if start > 0 else []
        edges += [(stop, in_to)] if stop < len(grid) else []
        return [_edge(grid, first, last) for first, last in edges]
    if start == 0 or stop == len(grid) or (out_from == start and in_to == stop):
        return []
    change = difference(grid[max(out_from - 1, 0)], grid[min(in_to, len(grid) - 1)])
    return [Join((out_from + in_to) // 2, JoinKind.FADE, out_from, in_to, change)]


def _edge(grid: Grid, first: int, last: int) -> Join:
    """The join between a shot and a long stretch of plain colour."""
    change = difference(grid[max(first - 1, 0)], grid[min(last, len(grid) - 1)])
    kind = JoinKind.CUT if first == last else JoinKind.FADE
    return Join((first + last) // 2, kind, first, last, change)


def _slope(spread: NDArray[np.float32], rate: float) -> int:
    """For how many frames the picture grows out of a plain colour, evenly; 0 where it is there at once.

    Args:
        spread: of the frames, counted away from the plain one.
        rate: frames per second.
    """
    ahead = max(2, round(0.3 * rate))
    for count in range(len(spread)):
        if spread[count] >= 0.93 * spread[count : count + ahead].max():
            steps = np.diff(spread[: count + 1])
            even = count >= _SHORTEST - 1 and steps.max() < 0.5 * spread[count]
            return count + 1 if even else 0
    return 0


# --- dissolves ---


def _dissolves(grid: Grid, rate: float, taken: list[Join]) -> list[Join]:
    spans = sorted((join.first, join.last) for join in taken)
    starts, stops = [0, *(last for _, last in spans)], [*(first for first, _ in spans), len(grid)]
    found: list[Join] = []
    for start, stop in zip(starts, stops, strict=True):
        if stop - start > 8:
            found += _dissolves_within(grid, start, stop, rate)
    return found


def _dissolves_within(grid: Grid, start: int, stop: int, rate: float) -> list[Join]:
    """Dissolves between two other joins, the clearest first."""
    part = grid[start:stop]
    candidates: list[tuple[float, int, int]] = []
    for seconds in _DISSOLVE_SECONDS:
        half = max(2, round(seconds * rate / 2))
        if 2 * half + 2 < len(part):
            candidates += _blends(part, half)
    found: list[Join] = []
    for _, middle, half in sorted(candidates, reverse=True):
        join = _measured(part, middle, half)
        if join is not None and all(join.last <= other.first or join.first >= other.last for other in found):
            found.append(join)
    shift = [(join.index + start, join.first + start, join.last + start, join.change) for join in found]
    return [Join(index, JoinKind.DISSOLVE, first, last, change) for index, first, last, change in shift]


def _blends(part: Grid, half: int) -> list[tuple[float, int, int]]:
    """Local peaks (strength, middle, half) where the middle frame is the mean of those ``half`` before and after."""
    gap = np.zeros(len(part), np.float32)
    middles = np.arange(half, len(part) - half)
    gap[middles] = _distances(part, 2 * half)[middles + half]
    found: list[tuple[float, int, int]] = []
    for middle in middles[gap[middles] > 5]:
        low, high = max(0, middle - half // 2 - 1), middle + half // 2 + 2
        if gap[middle] < gap[low:high].max():
            continue
        strength = _blend_strength(part, int(middle), half, float(gap[middle]))
        if strength > 0:
            found.append((strength, int(middle), half))
    return found


def _blend_strength(part: Grid, middle: int, half: int, gap: float) -> float:
    """How surely the frames round ``middle`` are a blend, above 0 where they are."""
    before, after = part[middle - half].astype(np.float32), part[middle + half].astype(np.float32)
    between = float(np.abs(part[middle] - (before + after) / 2).mean()) / gap
    spread = (float(before.std()) + float(after.std())) / 2
    outside = max(_drift(part, middle - half, -2 * half), _drift(part, middle + half, 2 * half)) / gap
    if gap < 0.2 * (spread + 6) or between > 0.27 or outside > 0.6:
        return 0.0
    return (0.27 - between) + (0.6 - outside)


def _drift(part: Grid, index: int, away: int) -> float:
    """How much the picture changes from ``index`` to ``away`` frames further out.

    Where there are fewer frames, it is reckoned from those; where there are too few to tell, it is endless.
    """
    other = min(max(index + away, 0), len(part) - 1)
    room = abs(other - index)
    if room < max(3, abs(away) // 4):
        return math.inf
    return _gap(part[index], part[other]) * abs(away) / room


def _measured(part: Grid, middle: int, half: int) -> Join | None:
    """The dissolve round ``middle`` with its exact extent; None where the frames are no even blend after all."""
    low, high = max(0, middle - 2 * half), min(len(part) - 1, middle + 2 * half)
    before, after = part[low].astype(np.float32), part[high].astype(np.float32)
    way = after - before
    length = float(way @ way)
    if length == 0:
        return None
    frames = part[low : high + 1].astype(np.float32) - before
    share = frames @ way / length
    astray = np.abs(frames - share[:, None] * way).mean(axis=1) / np.abs(way).mean()
    rising = np.flatnonzero((share > 0.2) & (share < 0.8))
    if len(rising) < 2 or np.ptp(rising) + 1 != len(rising) or np.median(astray[rising]) > 0.3:
        return None
    if np.diff(share[rising]).min() < -0.02 or np.diff(share[rising[0] - 1 : rising[-1] + 2]).max() > 0.45:
        return None
    slope = np.polyfit(rising, share[rising], 1)
    first, last = (round(float((edge - slope[1]) / slope[0])) + low for edge in (0.0, 1.0))
    first, last = max(first + 1, 0), min(last, len(part) - 1)
    if last - first < 2:
        return None
    return Join((first + last) // 2, JoinKind.DISSOLVE, first, last, difference(part[low], part[high]))
