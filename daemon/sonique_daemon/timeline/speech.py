"""Speech: where somebody seems to talk, told by signal measures alone.

No model listens here, so this is an estimate, made to be right about a clear voice over quiet or steady sound. What it
goes by, each taken over about a second: the loudness of the voice band rises and falls with the syllables, 3 to 8 times
a second (Scheirer and Slaney, "Construction and evaluation of a robust multifeature speech/music discriminator", 1997);
part of the time there is one voiced pitch between 70 and 400 Hz, which glides as a sung or played note does not; and
most of the energy lies between 300 and 3400 Hz. A voice under loud music is missed, and a solo instrument with glides
can be taken for one.
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

SPEECH_RATE = 16_000
"""Samples per second of the sound that is listened to."""

_HOP = 320
_WINDOW = 640
_FRAMES_PER_SECOND = SPEECH_RATE // _HOP
_TRANSFORM = 1024  # holds the window and the longest lag without wrapping round
_SHORTEST_LAG, _LONGEST_LAG = SPEECH_RATE // 400, SPEECH_RATE // 70
_FLOOR = 1e-9
_BAND = slice(300 * _TRANSFORM // SPEECH_RATE, 3400 * _TRANSFORM // SPEECH_RATE)
_VOICE = slice(70 * _TRANSFORM // SPEECH_RATE, 4000 * _TRANSFORM // SPEECH_RATE)
_WHOLE = slice(50 * _TRANSFORM // SPEECH_RATE, None)
_SURE, _LIKELY = 0.5, 0.3
_GAP, _SHORTEST = 0.6, 0.4

Measures = NDArray[np.float32]
"""Per frame of 20 ms: energy in the voice band, its share of all, voicing 0..1, pitch in Hz."""


class SpeechListener:
    """Gathers measures of sound as it comes, a few bytes for each 20 ms, and tells the spans of speech at the end."""

    def __init__(self) -> None:
        self._left = np.zeros(0, np.float32)
        self._measures: list[Measures] = []

    def hear(self, samples: NDArray[np.float32]) -> None:
        """Takes the next ``[samples]`` at ``SPEECH_RATE``."""
        sound = np.concatenate([self._left, samples])
        count = (len(sound) - _WINDOW) // _HOP + 1
        if count <= 0:
            self._left = sound
            return
        self._left = sound[count * _HOP :]
        windows = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP][:count]
        self._measures += [_measure(windows[at : at + 512]) for at in range(0, count, 512)]

    def spans(self) -> Iterator[tuple[Fraction, Fraction]]:
        """Starts and ends in seconds of what seems to be speech, in order."""
        if not self._measures:
            return
        likelihood = speech_likelihood(np.concatenate(self._measures))
        for first, last in runs(likelihood, _FRAMES_PER_SECOND, likely=_LIKELY, sure=_SURE):
            yield Fraction(first, _FRAMES_PER_SECOND), Fraction(last, _FRAMES_PER_SECOND)


def _window_echo() -> NDArray[np.float32]:
    window = np.hanning(_WINDOW)
    full = np.correlate(window, window, mode="full")[_WINDOW - 1 :]
    return np.asarray(full[: _LONGEST_LAG + 2] / full[0], np.float32)


_WINDOW_ECHO = _window_echo()


def _measure(windows: NDArray[np.float32]) -> Measures:
    """Measures ``[n, 4]`` of windows ``[n, samples]``."""
    shaped = windows * np.hanning(_WINDOW).astype(np.float32)
    power = np.square(np.abs(fft.rfft(shaped, _TRANSFORM, axis=1))).astype(np.float32)
    band, whole = power[:, _BAND].sum(axis=1), power[:, _WHOLE].sum(axis=1)
    voice = np.zeros_like(power)
    voice[:, _VOICE] = power[:, _VOICE]
    echo = fft.irfft(voice, axis=1)[:, : _LONGEST_LAG + 2]
    # The window's own fading makes long lags look weaker than they are (Boersma 1993).
    echo = echo / _WINDOW_ECHO / np.maximum(echo[:, :1], _FLOOR)
    lags = echo[:, _SHORTEST_LAG:_LONGEST_LAG]
    best = lags.argmax(axis=1) + _SHORTEST_LAG
    row = np.arange(len(echo))
    left, peak, right = echo[row, best - 1], echo[row, best], echo[row, best + 1]
    bend = left - 2 * peak + right
    shift = np.where(bend < -1e-6, 0.5 * (left - right) / np.where(bend < -1e-6, bend, 1), 0)
    pitch = SPEECH_RATE / (best + np.clip(shift, -0.5, 0.5))
    columns = (band / _WINDOW, band / np.maximum(whole, _FLOOR), np.clip(peak, 0, 1), pitch)
    return np.stack(columns, axis=1).astype(np.float32)


def speech_likelihood(measures: Measures) -> NDArray[np.float64]:
    """How likely speech is in each frame of ``measures`` ``[n, 4]``, 0..1."""
    level = 10 * np.log10(measures[:, 0].astype(np.float64) + _FLOOR)
    loud = ndimage.maximum_filter1d(level, _FRAMES_PER_SECOND) > max(-45.0, float(np.percentile(level, 95)) - 30)
    syllables = _ramp(_syllables(level), 2.0, 5.0)
    voiced = (measures[:, 2] > 0.6) & (measures[:, 1] > 0.2)  # a drum's note has no formants
    share = _second(voiced.astype(np.float64))
    voicing = _ramp(share, 0.1, 0.3)
    gliding = _ramp(_glide(measures[:, 3], voiced), 0.03, 0.12)
    energy = measures[:, 0].astype(np.float64)
    band = _ramp(_second(energy * measures[:, 1]) / np.maximum(_second(energy), _FLOOR), 0.25, 0.5)
    return np.asarray(loud * (syllables * voicing * gliding * band) ** 0.25)


def _syllables(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Strength in dB of the level's rise and fall at 3 to 8 Hz."""
    if len(level) < _FRAMES_PER_SECOND:
        return np.full(len(level), float(level.std()))
    wave = _syllabic(np.maximum(level, np.percentile(level, 95) - 35))
    return np.asarray(np.sqrt(np.maximum(_second(np.square(wave)), 0.0)))  # a running sum may end below 0


def _syllabic(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """What of ``level`` moves 3 to 8 times a second: a Butterworth band-pass of second order, forwards and backwards.

    The level goes on beyond both ends as it went before, turned round the end, so that nothing jumps there.
    """
    beyond = min(2 * _FRAMES_PER_SECOND, len(level) - 1)
    turned = np.pad(level, beyond, mode="reflect", reflect_type="odd")
    size = fft.next_fast_len(len(turned), real=True)
    frequency = np.tan(np.pi * np.arange(size // 2 + 1) / size)
    low, high = np.tan(np.pi * np.array([3, 8]) / _FRAMES_PER_SECOND)
    gain = 1 / (1 + ((frequency**2 - low * high) / ((high - low) * np.maximum(frequency, 1e-9))) ** 4)
    return np.asarray(fft.irfft(fft.rfft(turned, size) * gain, size)[beyond : beyond + len(level)])


def _glide(pitch: NDArray[np.float32], voiced: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How far the pitch moves from frame to frame while it sounds, in semitones, jumps left out."""
    step = np.abs(np.diff(12 * np.log2(pitch.astype(np.float64)), prepend=12 * np.log2(float(pitch[0]))))
    counts = voiced & np.roll(voiced, 1) & (step < 2)
    weight = _second(counts.astype(np.float64))
    return np.asarray(_second(np.where(counts, step, 0.0)) / np.maximum(weight, 1e-3))


def _second(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(ndimage.uniform_filter1d(values, _FRAMES_PER_SECOND, mode="nearest"))


def _ramp(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def runs(likelihood: NDArray[np.float64], rate: float, *, likely: float, sure: float) -> Iterator[tuple[int, int]]:
    """Runs of frames that stay likely and are sure somewhere, short gaps closed and short runs left out.

    Args:
        likelihood: of speech, in each frame.
        rate: frames per second.
        likely: what stays above this may be speech.
        sure: and is, where it rises above this.
    """
    above = likelihood > likely
    closed = ndimage.binary_closing(above, np.ones(round(_GAP * rate))) | above
    labels, count = ndimage.label(closed)
    for label, found in enumerate(ndimage.find_objects(labels, count), 1):
        run = found[0]
        heard = likelihood[run][labels[run] == label].max() > sure
        if heard and run.stop - run.start >= _SHORTEST * rate:
            yield int(run.start), int(run.stop)
