"""The character of rendered audio: silence, noise, ending, repetition, and whether its energy follows the picture's."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.description import Description
from sonique_daemon.domain.measures import Correlation, Ending, EndingKind, Repetition, Rhythm
from sonique_daemon.sync.energy import picture_curve
from sonique_daemon.sync.measure import GOLDEN
from sonique_daemon.sync.meter import CHROMA_RATE
from sonique_daemon.sync.onsets import FRAME_RATE, centres, noise_powers
from sonique_daemon.sync.sound import RATE, Prints, Singles

Floats = NDArray[np.float64]

SILENT_DBFS = -60.0
FLOOR_DBFS = -120.0
STEP = RATE // 20
"""Samples of one level: 50 ms."""

NOISE_FROM_HZ = 2_000.0
CLOSING_FADE = 0.06
"""Seconds at the end that delivery fades out and that say nothing about the ending."""


def levels_of(mono: Singles) -> Floats:
    """RMS levels in dBFS, one for each 50 ms."""
    padded = np.pad(mono, (0, -mono.size % STEP))
    power = np.einsum("ij,ij->i", padded.reshape(-1, STEP), padded.reshape(-1, STEP)) / STEP
    levels: Floats = np.maximum(10 * np.log10(np.maximum(power.astype(np.float64), 1e-13)), FLOOR_DBFS)
    return levels


def silence_share(levels: Floats) -> float:
    """Share of the levels that nobody hears."""
    return float(np.mean(levels < SILENT_DBFS)) if levels.size else 1.0


def noise_dbfs(magnitudes: Singles, levels: Floats) -> float:
    """Level of what sounds from 2 to 8 kHz even in the quietest twentieth of the audible time (minimum statistics).

    Args:
        magnitudes: see ``onsets.band_magnitudes``.
        levels: see ``levels_of``.
    """
    frames = np.minimum(np.arange(levels.size) * FRAME_RATE // 20, magnitudes.shape[0] - 1)
    audible = magnitudes[frames][levels >= SILENT_DBFS]
    if not audible.size:
        return FLOOR_DBFS
    powers = noise_powers(np.quantile(audible, 0.05, axis=0).astype(np.float32), RATE)
    total = float(powers[centres() >= NOISE_FROM_HZ].sum())
    return float(max(FLOOR_DBFS, 10 * np.log10(max(total, 1e-13))))


def ending_of(levels: Floats, seconds: float) -> Ending:
    """How the last seconds go, by the line through their levels and by what is left at the very end."""
    usable = levels[: max(1, int((seconds - CLOSING_FADE) * 20))]
    whole = 10 * np.log10(np.mean(10 ** (usable / 10)))
    left = float(usable[-2:].mean() - whole)
    return Ending(_kind(usable - whole, left), left)


def _kind(levels: Floats, left: float) -> EndingKind:
    silent = np.argmax(levels[::-1] > SILENT_DBFS + 20)  # 50 ms steps of silence at the end
    if left > -12.0:
        return EndingKind.CUT
    before = levels[: levels.size - int(silent)]
    fall = before[-20:-10].mean() - before[-4:].mean() if before.size >= 20 else 0.0
    if silent >= 4 and fall < 30.0 and before[-8:].mean() > -25.0:
        return EndingKind.BUTTON
    return EndingKind.FADE if _steady_fall(before) else EndingKind.RING_OUT


def _steady_fall(levels: Floats) -> bool:
    """Whether the level falls for three seconds or more while things still begin: a fade, not one last sound."""
    tail = levels[-80:]
    if tail.size < 60:
        return False
    rises = int((np.diff(tail[:-10]) > 1.5).sum())
    return rises >= 4 and tail[:20].mean() - tail[-20:].mean() > 10.0


def repetition_of(chroma: Singles, prints: Prints, rhythm: Rhythm) -> Repetition:
    """How alike its bars are, and the longest copy in it."""
    bars = _bar_times(rhythm)
    seconds = identical_seconds(prints)
    bar = float(np.median(np.diff(bars))) if bars.size > 1 else 0.0
    return Repetition(_self_similarity(chroma, bars), seconds, seconds / bar if bar else 0.0)


def _bar_times(rhythm: Rhythm) -> Floats:
    return np.array([rhythm.beats[index] for index in rhythm.downbeats])


def _self_similarity(chroma: Singles, bars: Floats) -> float:
    """Cosine likeness of the bars' chroma in eighths, each against the most alike other one."""
    if bars.size < 3:
        return 0.0
    places = (bars[:-1, None] + np.diff(bars)[:, None] * (np.arange(8) + 0.5) / 8) * CHROMA_RATE
    shapes = chroma[np.rint(places).astype(int).clip(0, chroma.shape[0] - 1)].reshape(bars.size - 1, -1)
    shapes = shapes - shapes.mean(axis=1, keepdims=True)
    shapes /= np.linalg.norm(shapes, axis=1, keepdims=True) + 1e-9
    likeness = shapes @ shapes.T
    np.fill_diagonal(likeness, -1.0)
    return float(np.clip(likeness.max(axis=1), 0, 1).mean())


def identical_seconds(prints: Prints) -> float:
    """The longest run of fingerprints that comes again in the same order at one distance, in seconds."""
    if prints.values.size < 2:
        return 0.0
    order = np.lexsort((prints.places, prints.values))
    same = np.flatnonzero(prints.values[order[:-1]] == prints.values[order[1:]])
    first, second = order[same], order[same + 1]
    if not first.size:
        return 0.0
    lags = prints.places[second] - prints.places[first]
    along = np.lexsort((first, lags))
    first, lags = first[along], lags[along]
    fresh = np.flatnonzero(np.concatenate([[True], (np.diff(first) != 1) | (np.diff(lags) != 0)]))
    ends = np.concatenate([fresh[1:], [first.size]]) - 1
    lengths = prints.places[first[ends]] - prints.places[first[fresh]]
    return float(lengths.max()) / 48_000


def energy_of(levels: Floats, description: Description | None, duration: Fraction) -> Correlation | None:
    """Loudness in windows of 1 s against the picture's curve; None where the curve or the loudness is even."""
    count = levels.size // 20
    curve = picture_curve(duration, description, count) if description is not None and count >= 4 else None
    if curve is None or float(np.ptp(curve)) < 1e-6:
        return None
    power = (10 ** (levels[: count * 20] / 10)).reshape(count, 20).mean(axis=1)
    loudness, wanted = _ranked(power), _ranked(curve)
    if not loudness.any():
        return None
    shifts = 1 + np.floor((count - 1) * np.mod((np.arange(200) + 0.5) * GOLDEN, 1.0)).astype(int)
    null = np.array([float(np.roll(loudness, shift) @ wanted) for shift in shifts])
    return Correlation(float(loudness @ wanted), float(null.mean()), float(null.std()))


def _ranked(values: Floats) -> Floats:
    """Ranks without their mean, of unit length; zeros where all are equal."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]  # equal values share the mean of their ranks
    ranks -= ranks.mean()
    length = float(np.linalg.norm(ranks))
    return ranks / length if length > 0 else ranks
