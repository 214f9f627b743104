"""The rhythm of rendered audio, by ear alone: tempo without a hint, beats, bars and strong onsets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.ndimage import maximum_filter1d

from sonique_daemon.domain.measures import Rhythm
from sonique_daemon.sync.beats import PEAK, beats_of
from sonique_daemon.sync.measure import distances
from sonique_daemon.sync.onsets import FRAME_RATE, OnsetStrength

Floats = NDArray[np.float64]

SLOWEST, FASTEST = 38.0, 200.0
"""Beats per minute between which a pulse is looked for."""

HOME = 95.0
"""Tempo that people tap to soonest (after Parncutt 1994)."""

SPAN = 8.0
"""Seconds that one look at the periodicity takes in; longer looks blur where the tempo bends."""

MULTIPLES = ((1, 1.0), (2, 0.7), (3, 0.4), (4, 0.5))
"""Beats after which a pulse comes again, and what that counts."""

BLUR = 0.015
"""Share by which a period may differ from look to look."""

CANDIDATES, DISTINCT = 4, 0.04
"""How many tempi are followed beat by beat, beside the double and half of the first, and how far apart they are."""

UNEVEN, UNEVEN_PAIRS = 0.048, 0.030
"""Above these deviations from beat to beat, and from pair to pair, of logarithms of their lengths nobody would call it
a pulse. Pairs are told apart because a snare that drags, or swing, makes even pairs of uneven beats."""

AGAIN = 0.2
"""Salience below which what sounds is not heard as coming again and again."""

SUPPORT = 0.35
"""Share of beats that must be heard as onsets for there to be a pulse at all."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """Beats that were followed at one tempo, and how well they explain what is heard.

    Attributes:
        beats: times in seconds.
        salience: how much the sound comes again after one to four of its beats, see ``tempi_of``.
        support: share of beats at which something begins.
        score: what the choice between tempi goes by.
    """

    beats: Floats
    salience: float
    support: float
    score: float

    @property
    def clear(self) -> bool:
        """Whether it would be called a pulse at all."""
        return self.support >= SUPPORT and self.salience >= AGAIN and self.even

    @property
    def even(self) -> bool:
        """Whether its beats, or its pairs of beats, follow one another evenly."""
        return _unevenness(self.beats, 1) <= UNEVEN or _unevenness(self.beats, 2) <= UNEVEN_PAIRS


def rhythm_of(strength: OnsetStrength, onsets: tuple[float, ...]) -> Rhythm:
    """The pulse that is heard, beside strong ``onsets``; without beats where there is none."""
    values = np.minimum(strength.values, PEAK)
    if values.size < 2 * FRAME_RATE or not values.any():
        return Rhythm(onsets=onsets)
    strong = np.array(onsets)
    pulses = [_followed(values, strength, strong, tempo, salience) for tempo, salience in tempi_of(values)]
    clear = [pulse for pulse in pulses if pulse.clear]
    if not clear:
        return Rhythm(onsets=onsets)
    best = max(clear, key=lambda pulse: pulse.score)
    bpm = 60.0 / typical_step(best.beats)
    return Rhythm(bpm, tuple(best.beats.tolist()), (), onsets)


def typical_step(places: Floats) -> float:
    """The median step between two or more places, taken over four steps: some drums lead and others lag."""
    span = min(4, places.size - 1)
    return float(np.median(places[span:] - places[:-span])) / span


def tempi_of(values: Floats) -> list[tuple[float, float]]:
    """Tempi in beats per minute that may be the one, with their salience, the likeliest first."""
    likeness = periodicity(values)
    tempi = np.geomspace(SLOWEST, FASTEST, 240)
    salience = np.sum([worth * _peaks(likeness, many * 60 / tempi) for many, worth in MULTIPLES], axis=0)
    likely = np.maximum(salience, 1e-6) * np.exp(-0.5 * np.log2(tempi / HOME) ** 2)
    tops = [i for i in range(1, tempi.size - 1) if likely[i - 1] <= likely[i] > likely[i + 1]] or [int(likely.argmax())]
    ranked = [float(tempi[i]) for i in sorted(tops, key=lambda i: -likely[i])]
    found: list[float] = []
    for tempo in (*ranked[:1], 2 * ranked[0], ranked[0] / 2, *ranked[1:]):
        apart = all(abs(np.log(tempo / other)) > DISTINCT for other in found)
        if SLOWEST <= tempo <= FASTEST and apart and len(found) < CANDIDATES + 2:
            found.append(tempo)
    return [(tempo, float(np.interp(tempo, tempi, salience))) for tempo in found]


def periodicity(values: Floats) -> Floats:
    """Autocorrelation in short looks, averaged: 1 at lag 0, ``[frames]`` up to ``SPAN`` seconds."""
    size = int(SPAN * FRAME_RATE)
    padded = np.pad(values, (0, max(0, size - values.size)))
    window = np.hanning(size)
    looks = np.lib.stride_tricks.sliding_window_view(padded, size)[:: size // 4] * window
    looks = looks - window * (looks.sum(axis=1, keepdims=True) / window.sum())
    total = irfft((np.abs(rfft(looks, 2 * size, axis=1)) ** 2).sum(axis=0))[:size]
    fading = irfft(np.abs(rfft(window, 2 * size)) ** 2)[:size]
    likeness: Floats = total / max(float(total[0]), 1e-9) / np.maximum(fading / fading[0], 0.1)
    return likeness


def _peaks(likeness: Floats, periods: Floats) -> Floats:
    """The highest likeness within ``BLUR`` of each period in seconds."""
    lags = periods * FRAME_RATE
    near = np.rint(lags[:, None] * (1 + np.linspace(-BLUR, BLUR, 7))).astype(int)
    peaks: Floats = np.where(near < likeness.size, likeness[near.clip(0, likeness.size - 1)], 0.0).max(axis=1)
    return peaks


def _followed(values: Floats, strength: OnsetStrength, strong: Floats, tempo: float, salience: float) -> Pulse:
    """The beats at one tempo. A true pulse gathers most of what begins, spares its thirds and quarters, and is even.

    The weights were found by comparing candidates on the composer's takes, and are as round as they could be made.
    """
    beats = np.array(beats_of(strength, tempo))
    if beats.size < 4:
        return Pulse(beats, 0.0, 0.0, -np.inf)
    near = maximum_filter1d(values, 1 + 2 * round(0.02 * FRAME_RATE))
    on = _at(near, strength, beats, 0.0)
    thirds, quarters = (
        float(np.mean([_at(near, strength, beats, share).mean() for share in shares])) / max(float(on.mean()), 1e-9)
        for shares in ((1 / 3, 2 / 3), (1 / 4, 3 / 4))
    )
    away = np.log2(60.0 / typical_step(beats) / HOME) ** 2
    score = 3 * _gathered(values, strength, beats) - 3 * quarters - 3.5 * thirds - 50 * _unevenness(beats, 1) - 4 * away
    score -= _lopsided(beats, strong)
    return Pulse(beats, salience, float(np.mean(on > 1.0)), float(score + 4.5 * salience))


def _unevenness(beats: Floats, many: int) -> float:
    """Standard deviation of the change between neighbouring spans of so many beats (of logarithms); 0 is a machine."""
    lengths = np.log(beats[many:] - beats[:-many])
    return float((lengths[many:] - lengths[:-many]).std()) if lengths.size > many else np.inf


def _lopsided(beats: Floats, strong: Floats) -> float:
    """How unevenly strong onsets share out among every other beat: 1 where the pulse may be half as fast."""
    if not strong.size:
        return 0.0
    on = distances(np.sort(strong), beats) <= 0.05
    even, odd = float(on[::2].mean()), float(on[1::2].mean())
    return abs(even - odd) / max(even + odd, 1e-9)


def _at(values: Floats, strength: OnsetStrength, beats: Floats, share: float) -> Floats:
    """Values at each beat, or that share of the way to the next."""
    times = beats if share == 0 else beats[:-1] + share * np.diff(beats)
    frames = np.rint((times - strength.start) * FRAME_RATE).astype(int)
    found: Floats = values[frames.clip(0, values.size - 1)]
    return found


def _gathered(values: Floats, strength: OnsetStrength, beats: Floats) -> float:
    """Share of all onset strength that lies within 25 ms of a beat."""
    frames = np.rint((beats - strength.start) * FRAME_RATE).astype(int)
    near = np.zeros(values.size, dtype=bool)
    for step in range(-5, 6):
        near[(frames + step).clip(0, values.size - 1)] = True
    return float(values[near].sum() / values.sum())
