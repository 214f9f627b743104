"""Stretching: audio is played along a warp, at its pitch, by Rubber Band."""

import numpy as np

from sonique_daemon.domain.audio import Block
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.sync.warp import Warp

LATENESS = 0.002
"""Seconds by which the stretcher lets things begin early, on the average of the warps that are used here."""

_FADE = round(0.010 * SAMPLE_RATE)


def warped(audio: Block, warp: Warp, samples: int) -> Block:
    """``audio`` along ``warp``, cut or filled with silence to ``samples``; both ends are faded over 10 ms where cut.

    The whole is stretched in one pass whose speed changes at the warp's knots, so that there are no joins.

    Args:
        audio: ``[channels, samples]`` at 48 kHz.
        warp: from the audio's time to that of the result.
        samples: length of the result.
    """
    import pedalboard

    if abs(warp.stretch) > 1e-6:
        factors = _factors(warp, audio.shape[1])
        # The one manner of Rubber Band's that keeps both time (its finer engine drifts by 2 ms a second at these
        # factors) and pitch (where it looks for transients, steady tones come out up to 1 % off).
        audio = pedalboard.time_stretch(
            np.ascontiguousarray(audio),
            SAMPLE_RATE,
            stretch_factor=factors,
            high_quality=False,
            transient_mode="smooth",
            use_long_fft_window=False,
        )
        offset = warp.shift + LATENESS
    else:
        offset = warp.shift
    return _placed(audio, round(offset * SAMPLE_RATE), samples)


def _factors(warp: Warp, samples: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Speed at each sample of the audio; above 1 is faster."""
    speeds = np.diff(warp.heard) / np.diff(warp.wanted)
    edges = np.rint(np.array(warp.heard[1:-1]) * SAMPLE_RATE).astype(int)
    counts = np.diff(np.concatenate([[0], edges.clip(0, samples), [samples]]))
    return np.repeat(speeds, counts)


def _placed(audio: Block, offset: int, samples: int) -> Block:
    """The audio moved by ``offset`` samples in a result of ``samples``."""
    whole = np.zeros((audio.shape[0], samples), np.float32)
    cut = audio[:, max(0, -offset) :]
    start = max(0, offset)
    cut = cut[:, : samples - start].copy()
    fade = min(_FADE, cut.shape[1] // 2)
    ramp = np.sin(np.linspace(0, np.pi / 2, fade, dtype=np.float32)) ** 2
    cut[:, :fade] *= ramp
    if start + cut.shape[1] < samples and fade:
        cut[:, -fade:] *= ramp[::-1]
    whole[:, start : start + cut.shape[1]] = cut
    return whole
