"""Hearing: everything that is measured of a take from its audio alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from sonique_daemon.domain.description import Description
from sonique_daemon.domain.measures import Hearing, Rhythm, TempoError
from sonique_daemon.domain.tempo import Hit, TempoMap
from sonique_daemon.sync.character import (
    ending_of,
    energy_of,
    levels_of,
    noise_dbfs,
    repetition_of,
    silence_share,
)
from sonique_daemon.sync.meeting import heard_hits, windows_of
from sonique_daemon.sync.meter import chroma_of, downbeats_of
from sonique_daemon.sync.onsets import OnsetStrength, band_magnitudes, strength_of, strong_onsets
from sonique_daemon.sync.rhythm import rhythm_of, typical_step
from sonique_daemon.sync.sound import RATE, Open, Singles, Sound, open_own, sound_of


@dataclass(frozen=True, slots=True)
class Against:
    """What a take is measured against.

    Attributes:
        hits: the hit points, weighed.
        description: the picture's curves and frame rate, or None.
        tempo_map: the grid that was asked for, or None where nobody knows one.
    """

    hits: tuple[Hit, ...] = ()
    description: Description | None = None
    tempo_map: TempoMap | None = None


def hear(path: Path, against: Against, check: Callable[[], None], opened: Open = open_own) -> Hearing:
    """Measures an audio file.

    Raises:
        MediaUnreadable: it holds no audio that can be decoded.
    """
    return heard(sound_of(path, check, opened), against)


def heard(sound: Sound, against: Against) -> Hearing:
    """Measures a sound."""
    magnitudes = band_magnitudes(sound.mono, RATE)
    chroma, levels = chroma_of(sound.mono), levels_of(sound.mono)
    strength = strength_of(magnitudes)
    rhythm = barred(rhythm_of(strength, strong_onsets(magnitudes)), strength, magnitudes, chroma)
    picture = against.description
    duration = Fraction(sound.seconds) if picture is None else picture.duration
    return Hearing(
        rhythm=rhythm,
        ending=ending_of(levels, sound.seconds),
        repetition=repetition_of(chroma, sound.prints, rhythm),
        windows=windows_of(rhythm, against.hits, sound.seconds, Fraction(24) if picture is None else picture.rate),
        hits=heard_hits(rhythm, against.hits, sound.seconds),
        tempo=None if against.tempo_map is None else tempo_error(rhythm.beats, against.tempo_map),
        energy=energy_of(levels, picture, duration),
        silence_share=silence_share(levels),
        noise_dbfs=noise_dbfs(magnitudes, levels),
    )


def barred(rhythm: Rhythm, strength: OnsetStrength, magnitudes: Singles, chroma: Singles) -> Rhythm:
    """The rhythm with its bars."""
    return replace(rhythm, downbeats=downbeats_of(np.array(rhythm.beats), strength, magnitudes, chroma))


def tempo_error(beats: Sequence[float], tempo_map: TempoMap) -> TempoError | None:
    """Heard beats against the map's: the median of how many of its beats pass in four; None without a pulse.

    A beat that the tracker skipped or doubled is no error of the tempo, and moves no median.
    """
    if len(beats) < 2:
        return None
    ratio = 1.0 / max(typical_step(np.array([tempo_map.beat_at(beat) for beat in beats])), 1e-9)
    octave = float(2.0 ** np.rint(np.log2(ratio)))
    return TempoError(abs(ratio / octave - 1.0), octave)
