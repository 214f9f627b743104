"""The judge: whether what a model made is music at all, told from the audio alone.

A model whose kernels are missing, whose weights are broken or whose numbers ran over makes no error: it makes noise,
silence, or a square. None of these is delivered.

Noise has no tones. In each frame the spectral flatness (geometric over arithmetic mean of the power spectrum; Johnston,
1988) is taken within third-octave bands, so that the colour of the noise does not matter. Gaussian noise of any colour
has about 0.56 there in every frame. In music some frames have tones: over the composer's fourteen styles the lowest
twentieth of the frames lies at 0.01 to 0.19, against 0.41 and more for white, pink, brown and filtered noise. Drums
alone come to 0.48, but their level jumps by 2.8 dB and more from frame to frame, and that of noise by less than 2.4
(``tests/engines/music/test_judge.py`` holds these).
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.audio import Block
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.errors import EngineFailed

SILENT_PEAK_DBFS = -60.0
"""A take whose peak stays below this is silence."""
NOISY_FLATNESS = 0.35
"""Where the lowest twentieth of the frames is flatter than this, there are no tones."""
STEADY_DB = 2.6
"""Where the level changes by less than this from frame to frame, there is no beat either."""
CLIPPED_SHARE = 0.01
"""So much of a take at full scale is a broken take."""
_FULL_SCALE = 0.9999
_FRAME = 4096
_QUIETEST = 1e-4
"""Frames of less power than this share of the loudest are not heard."""
_FAINTEST = 1e-6
"""Bands of less power than this share of their frame's hold nothing but rounding."""
_FIRST_BAND_HZ, _LAST_BAND_HZ = 200.0, 10_000.0
_LEAST_BINS = 6
_FEW_FRAMES = 8


@dataclass(slots=True)
class Judge:
    """Hears a take block by block, as it is made and at 48 kHz, and says what is wrong with it.

    Attributes:
        engine: whose take it is, for the sentence.
    """

    engine: str
    _flatness: list[NDArray[np.float64]] = field(default_factory=list)
    _power: list[NDArray[np.float64]] = field(default_factory=list)
    _left: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    _peak: float = 0.0
    _full: int = 0
    _samples: int = 0

    def meter(self, block: Block) -> None:
        """Takes the next block ``[channels, n]`` as the model made it, at its own rate: clipping is looked for here.

        What joins windows changes their level, by which what was whole may exceed full scale, and what is clipped may
        no longer reach it.
        """
        self._full += int((np.abs(block) >= _FULL_SCALE).any(axis=0).sum())
        self._samples += block.shape[1]

    def hear(self, block: Block) -> None:
        """Takes the next block ``[channels, n]`` of the take at 48 kHz.

        Raises:
            EngineFailed: it holds what is no number.
        """
        if not np.isfinite(block).all():
            raise self._broken("numbers that are none (NaN)", "hold its weights as fp32, or choose another model")
        if not block.size:
            return
        self._peak = max(self._peak, float(np.abs(block).max()))
        mono = np.concatenate((self._left, block.mean(axis=0)))
        frames = len(mono) // _FRAME
        self._left = mono[frames * _FRAME :]
        if frames:
            self._look(mono[: frames * _FRAME].reshape(frames, _FRAME))

    def verdict(self) -> None:
        """Says how the whole is.

        Raises:
            EngineFailed: it is silence, noise, or clipped for long.
        """
        if self._peak < 10 ** (SILENT_PEAK_DBFS / 20):
            raise self._broken("silence", "take another seed or other tags")
        if self._full > CLIPPED_SHARE * max(1, self._samples):
            share = 100 * self._full / self._samples
            raise self._broken(f"a signal that is clipped for {share:.0f} % of its length", "lower its guidance")
        if self._is_noise():
            raise self._broken(
                "noise", "its weights may be damaged (`sonique models verify`), or a library that it needs be missing"
            )

    def _look(self, frames: NDArray[np.float32]) -> None:
        spectrum = np.abs(np.fft.rfft(frames * np.hanning(_FRAME), axis=1)) ** 2
        bands = [spectrum[:, low:high] + 1e-14 for low, high in _BANDS]
        flat = np.array([np.exp(np.log(band).mean(axis=1)) / band.mean(axis=1) for band in bands])
        heard = np.array([band.sum(axis=1) for band in bands]) > _FAINTEST * spectrum.sum(axis=1)
        flat[:, ~heard.any(axis=0)] = 0.0
        self._flatness.append(np.nanmedian(np.where(heard | ~heard.any(axis=0), flat, np.nan), axis=0))
        self._power.append(np.square(frames.astype(np.float64)).mean(axis=1))

    def _is_noise(self) -> bool:
        if sum(map(len, self._power)) < _FEW_FRAMES:
            return False
        power, flatness = np.concatenate(self._power), np.concatenate(self._flatness)
        loud = power > power.max() * _QUIETEST
        levels = 10 * np.log10(power[loud])
        jump = float(np.abs(np.diff(levels)).mean()) if len(levels) > 1 else 0.0
        return float(np.percentile(flatness[loud], 5)) > NOISY_FLATNESS and jump < STEADY_DB

    def _broken(self, what: str, way: str) -> EngineFailed:
        return EngineFailed(f"The engine “{self.engine}” made {what}, which is not delivered; {way}.")


def _bands() -> tuple[tuple[int, int], ...]:
    """Bins of the third-octave bands that are wide enough to be told flat or not."""
    count = int(3 * np.log2(_LAST_BAND_HZ / _FIRST_BAND_HZ)) + 1
    edges = [round(_FIRST_BAND_HZ * 2 ** (step / 3) / SAMPLE_RATE * _FRAME) for step in range(count + 1)]
    return tuple((low, high) for low, high in pairwise(edges) if high - low >= _LEAST_BINS)


_BANDS = _bands()
