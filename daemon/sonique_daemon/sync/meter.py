"""The meter of rendered audio: which of its beats begin bars, by bass, accent and change of harmony."""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft

from sonique_daemon.sync.onsets import FRAME_RATE, OnsetStrength, centres
from sonique_daemon.sync.sound import RATE, Singles

Floats = NDArray[np.float64]

CHROMA_RATE = 10
_CHROMA_WINDOW = 4096
_CHUNK = 128
"""Looks at once: spectra of a long piece are never held together."""
_BASS_HZ = 160.0
_METERS = (4, 3)
_ODD_BAR = 4.0
"""Price of a bar that is shorter or longer than the others, in deviations of a beat's accent."""

_FOUR = 0.15
"""What four beats have over three a beat, for most music has four."""


def downbeats_of(beats: Floats, strength: OnsetStrength, magnitudes: Singles, chroma: Singles) -> tuple[int, ...]:
    """Indices of the beats that begin bars; empty with fewer than four beats.

    Args:
        beats: times in seconds, increasing.
        strength: onsets of the same audio.
        magnitudes: see ``onsets.band_magnitudes``.
        chroma: see ``chroma_of``.
    """
    if beats.size < 4:
        return ()
    accents = _accents(beats, strength, magnitudes, chroma)
    found = [_bars(accents, meter) for meter in _METERS]
    best = max(found, key=lambda one: one[0])
    return best[1]


def chroma_of(mono: Singles) -> Singles:
    """Strength of the twelve pitch classes ``[frames, 12]``, ten times a second (after Fujishima 1999)."""
    padded = np.pad(mono, (_CHROMA_WINDOW // 2, _CHROMA_WINDOW))
    looks = np.lib.stride_tricks.sliding_window_view(padded, _CHROMA_WINDOW)[: mono.size : RATE // CHROMA_RATE]
    window = np.hanning(_CHROMA_WINDOW).astype(np.float32)
    hertz = np.arange(_CHROMA_WINDOW // 2 + 1) * RATE / _CHROMA_WINDOW
    used = np.flatnonzero((hertz >= 80) & (hertz <= 2_000))
    bank = np.zeros((used.size, 12), np.float32)
    bank[np.arange(used.size), np.rint(12 * np.log2(hertz[used] / 440)).astype(int) % 12] = 1.0
    chunks = (looks[at : at + _CHUNK] for at in range(0, len(looks), _CHUNK))
    return np.concatenate([np.sqrt(np.abs(rfft(chunk * window, axis=1)[:, used])) @ bank for chunk in chunks])


def _accents(beats: Floats, strength: OnsetStrength, magnitudes: Singles, chroma: Singles) -> Floats:
    """How much each beat sounds like a first one, with zero mean and unit deviation."""
    bass = np.log1p(magnitudes[:, centres() < _BASS_HZ]).sum(axis=1)
    rise = _mean(bass, beats, 0.0, 0.12, FRAME_RATE) - _mean(bass, beats, -0.12, 0.0, FRAME_RATE)
    onset = _mean(strength.values, beats - strength.start, -0.02, 0.03, FRAME_RATE)
    span = float(np.median(np.diff(beats)))
    before, after = (
        np.stack([_mean(row, beats, start, stop, CHROMA_RATE) for row in chroma.T], axis=1)
        for start, stop in ((-span, -0.1), (0.1, span))
    )
    norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1) + 1e-9
    change = 1.0 - (before * after).sum(axis=1) / norms
    return np.asarray(0.4 * _standard(rise) + 0.3 * _standard(onset) + 0.6 * _standard(change))


def _mean(values: Floats | Singles, times: Floats, start: float, stop: float, rate: int) -> Floats:
    """Mean of ``values`` from ``start`` to ``stop`` seconds round each time."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    first = np.rint((times + start) * rate).astype(int).clip(0, values.size - 1)
    last = np.maximum(np.rint((times + stop) * rate).astype(int).clip(0, values.size), first + 1)
    means: Floats = (sums[last] - sums[first]) / (last - first)
    return means


def _standard(values: Floats) -> Floats:
    standard: Floats = (values - values.mean()) / max(float(values.std()), 1e-9)
    return standard.clip(-3, 3)


def _bars(accents: Floats, meter: int) -> tuple[float, tuple[int, ...]]:
    """The best sum of first beats' accents per beat, and those beats, by a walk through the places of the bar."""
    count = accents.size
    value, source = np.full((count, meter), -np.inf), np.zeros((count, meter), dtype=int)
    value[0] = 0.0
    value[0, 0] = accents[0]
    for beat in range(1, count):
        value[beat, 1:], source[beat, 1:] = value[beat - 1, :-1], np.arange(meter - 1)
        early = value[beat - 1] - np.where(np.arange(meter) == meter - 1, 0.0, _ODD_BAR)
        source[beat, 0] = int(early.argmax())
        value[beat, 0] = early.max() + accents[beat]
    place = int(value[-1].argmax())
    total, firsts = float(value[-1, place]), []
    for beat in range(count - 1, -1, -1):
        if place == 0:
            firsts.append(beat)
        place = int(source[beat, place])
    return total / count + (_FOUR if meter == 4 else 0.0), tuple(firsts[::-1])
