"""The hall: one linear reverberation that every stem has its own share of, so that stems still add up to the mix.

It is a convolution of our own, since neither reverberation of pedalboard serves stems. For 60 s of audio at 48 kHz on
one core, five stems and a decay of 2 s this hall takes 0.45 s. In the same run ``pedalboard.Convolution`` takes 0.32 s
for each stem, 1.6 s in all, and scales every response to its own idea of level. ``pedalboard.Reverb`` takes 0.13 s for
each stem, 0.6 s in all, has no early reflections, begins 25 ms late, and its decay can only be had through a table of
room sizes.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.chance import draw
from sonique_daemon.engines.composer.playing.envelope import eased
from sonique_daemon.engines.composer.playing.noise import swept
from sonique_daemon.engines.composer.playing.tone import Numbers, Samples

Spectra = NDArray[np.complex64]

SPAN = 2**15
"""Samples that are convolved at once, 0.68 s; blocks are whole numbers of it.

Twice as many are transformed at once for each of four stems: more would leave the cache of a processor's core, and take
more than twice as long for each sample.
"""

_TOGETHER = 4
"""Spans whose spectra are transformed back together: rows go four at a time, and each left over takes twice as long."""

_PREDELAY = 0.018
_REFLECTIONS = 14
_WIDTH = 0.8


@lru_cache(maxsize=8)
def impulse(decay: float) -> Samples:
    """The hall's response as middle and side ``[2, samples]`` of unit energy in the middle.

    A few reflections, then noise that falls by 60 dB in ``decay`` seconds at middle frequencies and in 45 % of that in
    the high treble; nothing below 180 Hz nor much above 7.5 kHz.
    """
    count = round((_PREDELAY + 0.9 * decay + 0.1) * SAMPLE_RATE)
    chance = draw("hall")

    def tail(times: Numbers, frequency: Numbers) -> Numbers:
        lasts = decay * (0.45 + 0.6 / (1 + (frequency / 4000) ** 1.5))
        gain = 10 ** (-3 * times / np.maximum(lasts, 0.05))
        low = (frequency / 180) ** 2
        return np.asarray(gain * low / (1 + low) / np.sqrt(1 + (frequency / 7500) ** 4))

    both = np.stack([swept(count, tail, chance), swept(count, tail, chance)])
    first = round(_PREDELAY * SAMPLE_RATE)
    both = np.concatenate((np.zeros((2, first), np.float32), both[:, : count - first]), axis=1)
    both[:, first : first + 1200] *= np.linspace(0, 1, 1200, dtype=np.float32)
    both /= np.float32(np.linalg.norm(both[0]))
    _add_reflections(both, decay, chance)
    both /= np.float32(np.linalg.norm(both[0]))
    return eased(both, 0.001, min(0.2 * decay, 0.4))


def _add_reflections(both: Samples, decay: float, chance: np.random.Generator) -> None:
    """Early reflections, each a short smear, nearer together in smaller halls."""
    smear = np.hanning(9)[None, :].astype(np.float32) / 2
    size = min(decay, 3.0) / 3.0
    for delay in np.sort(chance.uniform(0.008, 0.020 + 0.055 * size, _REFLECTIONS)):
        place = round(delay * SAMPLE_RATE)
        level = 0.30 * np.exp(-delay / 0.04)
        pair = np.array([[chance.choice((-1, 1)) * level], [chance.uniform(-0.8, 0.8) * level]], np.float32)
        both[:, place : place + 9] += pair * smear


class Hall:
    """The hall while a piece plays: it takes the stems' sends block by block and adds their reverberation to them.

    Convolution in uniform partitions with a delay line of spectra (Stockham 1966, Kulp 1988): transforms stay small
    enough for a processor's cache however long the hall rings, and all stems are transformed together. A stem that is
    silent is not, and one that has rung out costs nothing.
    """

    def __init__(self, decay: float, width: float, wet: Sequence[int]) -> None:
        response = impulse(round(float(np.clip(decay, 0.3, 8.0)), 2)) * np.array(
            [[1], [_WIDTH * width**0.5]], np.float32
        )
        count = -(-response.shape[1] // SPAN)
        padded = np.pad(response, ((0, 0), (0, count * SPAN - response.shape[1])))
        self._wet = list(wet)
        self._partitions: Spectra = fft.rfft(padded.reshape(2, count, SPAN).swapaxes(0, 1), 2 * SPAN)
        self._past: deque[dict[int, Spectra]] = deque(maxlen=count)
        self._tails: dict[int, Samples] = {}
        self._scratch = np.empty_like(self._partitions[0])

    def reverberate(self, sends: Samples, layers: Samples) -> None:
        """Adds what ``sends`` ``[stems, samples]``, now and before, make ring to ``layers`` ``[stems, 2, samples]``.

        Only the stems that were named wet take part. All blocks but the last must be whole numbers of ``SPAN``.
        """
        for start in range(0, sends.shape[1], _TOGETHER * SPAN):
            taken = self._taken(sends[:, start : start + _TOGETHER * SPAN])
            for index, rung in enumerate(self._rung(taken)):
                here = slice(start + index * SPAN, start + (index + 1) * SPAN)
                for stem, sound in rung:
                    layer = layers[stem, :, here]
                    layer += sound[:, : layer.shape[1]]

    def _taken(self, sends: Samples) -> list[dict[int, Spectra]]:
        """The spectra of the next spans of ``sends``, of those stems alone that are not silent."""
        heard = [stem for stem in self._wet if sends[stem].any()]
        count = -(-sends.shape[1] // SPAN)
        if not heard:
            return [{}] * count
        spans = np.zeros((len(heard), count * SPAN), np.float32)
        spans[:, : sends.shape[1]] = sends[heard]
        spectra = fft.rfft(spans.reshape(len(heard), count, SPAN), 2 * SPAN)
        return [dict(zip(heard, spectra[:, span], strict=True)) for span in range(count)]

    def _rung(self, taken: Sequence[dict[int, Spectra]]) -> Iterator[list[tuple[int, Samples]]]:
        """What rings during the spans that were taken last: of each, the ``[2, SPAN]`` of each stem that does."""
        spectra = np.empty((len(taken) * len(self._wet), *self._partitions[0].shape), np.complex64)
        ringing, row = [], 0
        for sent in taken:
            self._past.appendleft(sent)
            stems = [stem for stem in self._wet if any(stem in past for past in self._past)]
            for stem in stems:
                self._convolve(stem, spectra[row])
                row += 1
            ringing.append(stems)
        sounds = iter(fft.irfft(spectra[:row], 2 * SPAN, overwrite_x=True) if row else ())
        for stems in ringing:
            yield self._with_tails(stems, [next(sounds) for _ in stems])

    def _with_tails(self, stems: Sequence[int], sounds: Sequence[Samples]) -> list[tuple[int, Samples]]:
        """One span of what rings, what is left of the span before on top; it leaves its own tails."""
        tails, self._tails = self._tails, {stem: sound[:, SPAN:] for stem, sound in zip(stems, sounds, strict=True)}
        for stem, sound in zip(stems, sounds, strict=True):
            if stem in tails:
                sound[:, :SPAN] += tails.pop(stem)
        return [*((stem, sound[:, :SPAN]) for stem, sound in zip(stems, sounds, strict=True)), *tails.items()]

    def _convolve(self, stem: int, spectrum: Spectra) -> None:
        """Fills ``spectrum`` ``[2, bins]`` with that of what one stem makes ring."""
        sent = ((past[stem], part) for past, part in zip(self._past, self._partitions, strict=False) if stem in past)
        np.multiply(*next(sent), out=spectrum)
        for past, part in sent:
            spectrum += np.multiply(past, part, out=self._scratch)
