"""What a film file declares of itself: its rate, its length, its sound."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av


@dataclass(frozen=True, slots=True)
class Footage:
    """A film: frames per second, frames, channels of its sound (0 without), and their rate in Hz."""

    fps: Fraction
    frames: int
    channels: int = 0
    sample_rate: int = 48_000


def read_film(path: Path) -> Footage | None:
    """The film at ``path``; None where it is none."""
    try:
        with av.open(str(path)) as container:
            return _film(container)
    except (OSError, av.FFmpegError):
        return None


def _film(container: av.container.InputContainer) -> Footage | None:
    picture = next(iter(container.streams.video), None)
    if picture is None or not picture.average_rate:
        return None
    fps = Fraction(picture.average_rate)
    sound = next(iter(container.streams.audio), None)
    if sound is None:
        return Footage(fps, picture.frames)
    return Footage(fps, picture.frames, sound.channels, sound.rate)
