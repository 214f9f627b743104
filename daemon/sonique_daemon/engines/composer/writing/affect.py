"""Affect: the mood's three numbers as musical parameters.

The directions follow Eerola, Friberg & Bresin (2013) and Ilie & Thompson (2006): cues add up nearly linearly.
"""

from dataclasses import dataclass

from sonique_daemon.domain.tags import Affect
from sonique_daemon.engines.composer.composition import Room
from sonique_daemon.engines.composer.style import Style


@dataclass(frozen=True, slots=True)
class Manner:
    """How the mood moves the style.

    Attributes:
        pitch: mean pitch of the melody (MIDI).
        reach: its range in semitones.
        busyness: factor on the number of melody notes, 0.4 to 2.5.
        length: factor on sounding lengths.
        level: added to every velocity, -0.1 to 0.1.
        extension: 0 triads, 1 sevenths, 2 ninths.
        rate: factor on the harmonic rhythm.
        cadence: probability of a dominant at phrase ends.
        looseness: factor on timing spread.
        drone: probability of a pedal.
    """

    pitch: float
    reach: float
    busyness: float
    length: float
    level: float
    extension: int
    rate: float
    cadence: float
    looseness: float
    drone: float


def manner(affect: Affect, style: Style) -> Manner:
    """The manner of a mood in a style."""
    valence, arousal, tension = affect.valence, affect.arousal, affect.tension
    harmony = style.harmony
    return Manner(
        pitch=min(max(67 + 5 * valence + 4 * arousal - 3 * tension + style.tune.lift, 55), 84),
        reach=min(max(10 + 5 * arousal + 2 * abs(valence), 7), 19),
        busyness=2 ** (1.3 * arousal),
        length=min(max(1.0 - 0.15 * arousal - 0.05 * valence, 0.7), 1.15),
        level=0.07 * arousal,
        extension=min(max(harmony.extension + (1 if arousal < -0.45 and harmony.extension == 1 else 0), 0), 2),
        rate=2 ** (0.5 * arousal),
        cadence=min(max(harmony.cadence * (1 - 0.6 * max(tension, 0) + 0.2 * max(valence, 0)), 0), 0.95),
        looseness=min(max(1.0 - 0.3 * arousal, 0.6), 1.4),
        drone=min(harmony.pedal + 0.3 * max(tension, 0), 0.9),
    )


def room(affect: Affect, style: Style) -> Room:
    """The style's mix, moved by the mood: excitement dries and brightens, tension enlarges."""
    base = style.room
    decay = base.decay * 2 ** (-0.4 * affect.arousal + 0.3 * affect.tension)
    brightness = base.brightness * 2 ** (0.5 * affect.arousal + 0.25 * affect.valence)
    return Room(
        decay=round(min(max(decay, 0.4), 7.0), 3),
        brightness=round(min(max(brightness, 0.4), 2.5), 3),
        width=base.width,
        pump_db=base.pump_db,
        glue=base.glue,
    )
