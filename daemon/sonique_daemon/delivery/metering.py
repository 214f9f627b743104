"""Metering: loudness and true peak of audio that is finished, whoever made it."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.delivery.loudness import LoudnessMeter, integrated
from sonique_daemon.delivery.truepeak import HighestTruePeak


def metered(blocks: Iterable[NDArray[np.float32]]) -> tuple[float, float]:
    """Integrated loudness in LUFS and highest true peak in dBTP of 48 kHz stereo in blocks ``[samples, 2]``."""
    loudness, peak = LoudnessMeter(), HighestTruePeak()
    for block in blocks:
        loudness.feed(block)
        peak.feed(block)
    peak.finish()
    return integrated(loudness.powers), 20 * math.log10(max(peak.value, 1e-9))
