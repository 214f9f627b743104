"""Onsets: how strongly something begins, over time, in rendered audio."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.ndimage import gaussian_filter1d, maximum_filter1d, uniform_filter1d

from sonique_daemon.domain.time import SAMPLE_RATE

Floats = NDArray[np.float64]

FRAME_RATE = 200
"""Frames of onset strength per second."""

WINDOW = 1024 / SAMPLE_RATE
"""Seconds that a spectrum looks at."""

BANDS = 24
LOWEST_HZ, HIGHEST_HZ = 40.0, 7_500.0
BASS_HZ, BASS_WEIGHT = 200.0, 1.5
"""Bands below ``BASS_HZ`` count more: bass and kick carry the beat, hats and shakers what lies between."""

FLOOR = 1e-3
"""Magnitudes are compressed above this share of the loudest one."""

LAG = 2
"""Frames between the spectra that are compared."""

LATENCY = 0.0055
"""Seconds by which the strongest change comes before the onset, since a window holds it before its middle does."""

STRONG_FLOOR, STRONG_LAG = 0.3, 4
"""As ``FLOOR`` and ``LAG``, for strong onsets."""

STRONG_SHARE, STRONG_GAP = 0.6, 0.1
"""How strong a strong onset is against the strongest near it, and seconds between two."""

_CHUNK = 2048


@dataclass(frozen=True, slots=True)
class OnsetStrength:
    """Onset strength with unit standard deviation; ``values[i]`` holds at ``start + i / FRAME_RATE`` seconds."""

    values: Floats
    start: float

    def time(self, frame: float) -> float:
        """Seconds at a frame."""
        return self.start + frame / FRAME_RATE


def onset_strength(audio: NDArray[np.float32], sample_rate: int = SAMPLE_RATE) -> OnsetStrength:
    """Spectral flux of log magnitudes in bands (Dixon 2006; log compression as in Klapuri 1999).

    Args:
        audio: ``[samples]`` or ``[channels, samples]``, full scale ±1.
        sample_rate: samples per second, at least 16000.
    """
    mono = np.asarray(audio, dtype=np.float32)
    return strength_of(band_magnitudes(mono.mean(axis=0) if mono.ndim == 2 else mono, sample_rate))


def strength_of(magnitudes: NDArray[np.float32]) -> OnsetStrength:
    """Onset strength from ``band_magnitudes``."""
    levels = _compressed(magnitudes)
    if levels.shape[0] <= LAG:
        return OnsetStrength(np.zeros(levels.shape[0]), LATENCY)
    rise = np.maximum(levels[LAG:] - levels[:-LAG], 0.0).sum(axis=1)
    flux = np.concatenate([np.zeros(LAG // 2), rise, np.zeros(LAG - LAG // 2)])
    flux[-math.ceil(WINDOW * FRAME_RATE / 2) - 1 :] = 0.0  # the end of the audio is no sound
    smooth = gaussian_filter1d(flux, 1.5)
    sharp = np.maximum(smooth - uniform_filter1d(smooth, FRAME_RATE), 0.0)
    return OnsetStrength(sharp / max(float(sharp.std()), 1e-9), LATENCY)


def onset_times(strength: OnsetStrength, threshold: float = 1.5, gap: float = 0.05) -> tuple[float, ...]:
    """Times in seconds of peaks above ``threshold`` standard deviations, at least ``gap`` seconds apart."""
    values = strength.values
    if not values.size:
        return ()
    reach = 2 * max(1, round(gap * FRAME_RATE)) + 1
    peaks = np.flatnonzero((values >= maximum_filter1d(values, reach)) & (values > threshold))
    return tuple(strength.time(int(peak)) for peak in peaks)


def strong_onsets(magnitudes: NDArray[np.float32]) -> tuple[float, ...]:
    """Times in seconds of onsets that stand out: nearly as strong as the strongest within two seconds.

    Magnitudes are hardly compressed here, so that a hat beside a snare is a small thing, as it is to a listener.
    """
    if magnitudes.shape[0] <= 2 * STRONG_LAG:
        return ()
    loud = max(float(np.quantile(magnitudes.max(axis=1), 0.99)), 1e-6)
    levels = np.log1p(magnitudes / (STRONG_FLOOR * loud))
    rise = np.pad(np.maximum(levels[STRONG_LAG:] - levels[:-STRONG_LAG], 0.0).sum(axis=1), STRONG_LAG // 2)
    rise[-math.ceil(WINDOW * FRAME_RATE / 2) - 1 :] = 0.0  # the end of the audio is no sound
    flux = gaussian_filter1d(rise, 1.5)
    around = maximum_filter1d(flux, 4 * FRAME_RATE + 1)
    least = np.maximum(STRONG_SHARE * around, 0.15 * float(np.median(around)))
    peaks = (flux >= maximum_filter1d(flux, 2 * round(STRONG_GAP * FRAME_RATE) + 1)) & (flux > least) & (flux > 1e-3)
    return tuple((np.flatnonzero(peaks) / FRAME_RATE + LATENCY).tolist())


def band_magnitudes(mono: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Magnitudes ``[frames, bands]``, frame i centred at i / ``FRAME_RATE`` seconds; unit: ``noise_powers``."""
    size = 2 * round(WINDOW * sample_rate / 2)
    frames = mono.size * FRAME_RATE // sample_rate + 1
    padded = np.pad(mono, (size // 2, size))
    starts = (np.arange(frames) * sample_rate) // FRAME_RATE
    window, bank = np.hanning(size).astype(np.float32), _bank(size, sample_rate)
    views = np.lib.stride_tricks.sliding_window_view(padded, size)
    chunks = (starts[at : at + _CHUNK] for at in range(0, frames, _CHUNK))
    return np.concatenate([np.abs(rfft(views[chunk] * window, axis=1)) @ bank for chunk in chunks])


def _compressed(magnitudes: NDArray[np.float32]) -> NDArray[np.float32]:
    loudest = max(float(magnitudes.max(initial=0.0)), 1e-6)
    compressed: NDArray[np.float32] = np.log1p(magnitudes / (FLOOR * loudest))
    compressed *= np.where(centres() < BASS_HZ, BASS_WEIGHT, 1.0).astype(np.float32)
    return compressed


def noise_powers(magnitudes: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Mean squares of the noise that has these ``magnitudes``, band by band; full scale is 1."""
    size = 2 * round(WINDOW * sample_rate / 2)
    weights = np.sqrt(np.square(np.hanning(size)).sum()) * np.sqrt(np.pi / 4)  # mean magnitude of unit noise in a bin
    wide = _bank(size, sample_rate).sum(axis=0)
    powers: NDArray[np.float32] = np.square(magnitudes / (weights * wide)) * (2 * wide / size)
    return powers


def centres() -> Floats:
    """Middles of the bands in Hz."""
    return np.geomspace(LOWEST_HZ, HIGHEST_HZ, BANDS)


def _bank(size: int, sample_rate: int) -> NDArray[np.float32]:
    """Triangular bands evenly spaced in log frequency, ``[bins, bands]``; each takes its nearest bin at least."""
    octave = np.log2(np.maximum(np.arange(size // 2 + 1) * sample_rate / size, 1.0))
    middles = np.log2(centres())
    step = middles[1] - middles[0]
    bank = np.maximum(0.0, 1.0 - np.abs(octave[:, None] - middles[None, :]) / step)
    bank[np.abs(octave[:, None] - middles[None, :]).argmin(axis=0), np.arange(BANDS)] = 1.0
    narrow: NDArray[np.float32] = bank.astype(np.float32)
    return narrow
