"""Noise with a shape: in frequency, or in time and frequency."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.tone import Numbers, Samples

_WINDOW = 2048
_HOP = _WINDOW // 2

Response = Callable[[Numbers], Numbers]
"""Gain for each frequency in Hz."""

Sweep = Callable[[Numbers, Numbers], Numbers]
"""Gain for times ``[frames, 1]`` in seconds and frequencies ``[1, bins]`` in Hz."""


def white(samples: int, chance: np.random.Generator) -> Samples:
    """White noise of unit power."""
    return (chance.random(samples, np.float32) - np.float32(0.5)) * np.float32(np.sqrt(12))


def coloured(samples: int, response: Response, chance: np.random.Generator) -> Samples:
    """Noise of unit power whose spectrum is ``response``; its end joins its start."""
    size = fft.next_fast_len(max(samples, 16), real=True)
    spectrum = fft.rfft(white(size, chance))
    spectrum *= response(np.arange(size // 2 + 1) * (SAMPLE_RATE / size)).astype(np.float32)
    result: Samples = fft.irfft(spectrum, size)[:samples]
    power = float(np.sqrt(np.mean(np.square(result))))
    return result / np.float32(max(power, 1e-9))


def band(low: float, high: float, order: float = 4.0) -> Response:
    """A band-pass with slopes of 3 · ``order`` dB an octave."""

    def response(frequency: Numbers) -> Numbers:
        safe = np.maximum(frequency, 1.0)
        result = np.asarray(((1 + (low / safe) ** order) * (1 + (safe / high) ** order)) ** -0.5)
        return np.asarray(np.where(frequency < 1.0, 0.0, result))

    return response


def swept(samples: int, sweep: Sweep, chance: np.random.Generator) -> Samples:
    """Noise whose spectrum moves as ``sweep`` says: short random spectra, overlapped by half with sine windows."""
    frames = samples // _HOP + 2
    shape = (frames, _WINDOW // 2 + 1)
    spectrum = (chance.random(shape, np.float32) - np.float32(0.5)).astype(np.complex64)
    spectrum.imag = chance.random(shape, np.float32) - np.float32(0.5)
    times = (np.arange(frames)[:, None] * _HOP) / SAMPLE_RATE
    frequency = (np.arange(shape[1]) * (SAMPLE_RATE / _WINDOW))[None, :]
    spectrum *= sweep(times, frequency).astype(np.float32)
    return _overlapped(fft.irfft(spectrum, _WINDOW, axis=1))[_HOP : _HOP + samples]


def _overlapped(frames: NDArray[np.float32]) -> Samples:
    window = np.sin((np.arange(_WINDOW) + 0.5) * (np.pi / _WINDOW)).astype(np.float32)
    frames *= window * np.float32(np.sqrt(6 * _WINDOW))
    result = np.zeros((len(frames) + 1, _HOP), np.float32)
    result[:-1] += frames[:, :_HOP]
    result[1:] += frames[:, _HOP:]
    return result.ravel()
