"""The sound file of a cue on a timeline: long enough in whole frames for any editor to trim it."""

import math
from fractions import Fraction
from pathlib import Path

from sonique_resolve.errors import OtioRefused
from sonique_resolve.sound import NoSound, Shape, read_sound, reshape


def hold_frames(path: Path, frames: int, rate: Fraction) -> int:
    """Appends silence to the WAV file at ``path`` until it holds ``frames`` whole frames; returns how many it holds.

    Args:
        path: the file; whatever happens on the way, it is either as it was or as it shall be.
        frames: how many it has to hold at least.
        rate: frames per second.

    Raises:
        OtioRefused: it is no WAV file.
        OSError: it cannot be written.
    """
    try:
        sound = read_sound(path)
        wanted = math.ceil(frames * sound.rate / rate)
        if sound.samples < wanted:
            reshape(path, Shape(samples=wanted))
    except NoSound as error:
        raise OtioRefused(f"{error} Fetch the take again.") from error
    return math.floor(max(sound.samples, wanted) * rate / sound.rate)
