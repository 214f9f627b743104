"""Levels: what makes the instruments equally loud, and the balance of the layers."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from sonique_daemon.engines.composer.composition import Instrument, Note, Part, Stem

REFERENCE_LUFS = -26.0
"""Loudness of any instrument's note of velocity 0.7 in its core range (highest of 400 ms), or of a kit's plain bar."""

TRIM_DB: Mapping[Instrument, float] = MappingProxyType(
    {
        Instrument.FELT_PIANO: -22.0,
        Instrument.PIANO: -21.6,
        Instrument.ELECTRIC_PIANO: -22.4,
        Instrument.NYLON_GUITAR: -18.0,
        Instrument.STEEL_GUITAR: -22.4,
        Instrument.MUTED_GUITAR: -10.4,
        Instrument.POWER_GUITAR: -29.8,
        Instrument.HARP: -20.8,
        Instrument.PIZZICATO: -12.9,
        Instrument.STRINGS: -30.8,
        Instrument.SPICCATO: -21.9,
        Instrument.CHOIR: -29.0,
        Instrument.BRASS: -26.3,
        Instrument.FLUTE: -26.5,
        Instrument.WHISTLE: -26.6,
        Instrument.MARIMBA: -20.6,
        Instrument.VIBRAPHONE: -24.5,
        Instrument.KALIMBA: -19.8,
        Instrument.CELESTA: -21.1,
        Instrument.GLOCKENSPIEL: -21.7,
        Instrument.BELLS: -24.6,
        Instrument.MUSIC_BOX: -20.2,
        Instrument.WARM_PAD: -33.0,
        Instrument.GLASS_PAD: -31.9,
        Instrument.LEAD_SYNTH: -25.7,
        Instrument.PLUCK_SYNTH: -14.6,
        Instrument.UPRIGHT_BASS: -22.0,
        Instrument.ELECTRIC_BASS: -20.7,
        Instrument.SYNTH_BASS: -23.2,
        Instrument.SUB_BASS: -21.1,
        Instrument.DRUM_KIT: -12.0,
        Instrument.BRUSH_KIT: -6.6,
        Instrument.MACHINE_KIT: -14.7,
        Instrument.PERCUSSION: -9.1,
        Instrument.TAIKO: -14.4,
        Instrument.TIMPANI: -20.7,
        Instrument.DRONE: -30.0,
        Instrument.RISER: -15.8,
        Instrument.IMPACT: -14.1,
        Instrument.SWELL: -21.4,
        Instrument.REVERSE: -23.3,
        Instrument.AIR: -33.0,
        Instrument.VINYL: -31.4,
    }
)

_LAYER_DB: Mapping[Stem, float] = MappingProxyType(
    {
        Stem.DRUMS: -3.0,
        Stem.BASS: -2.0,
        Stem.HARMONY: -1.0,
        Stem.LEAD: -0.5,
        Stem.TEXTURE: -2.5,
    }
)

OWN_DB: Mapping[Instrument, float] = MappingProxyType(
    {
        # Short sounds are heard louder than their power over 400 ms tells.
        Instrument.MUTED_GUITAR: -3.0,
        Instrument.PIZZICATO: -3.0,
        Instrument.PLUCK_SYNTH: -3.0,
        Instrument.POWER_GUITAR: 1.5,
        # What is struck in the bass fills it soon, however few the strokes.
        Instrument.DRUM_KIT: -1.5,
        Instrument.BRUSH_KIT: -2.5,
        Instrument.MACHINE_KIT: -1.5,
        Instrument.PERCUSSION: -2.5,
        Instrument.TAIKO: -2.5,
        Instrument.TIMPANI: -2.0,
        Instrument.DRONE: -1.5,
        Instrument.VINYL: -14.0,
        Instrument.AIR: -6.0,
        Instrument.RISER: 2.0,
        Instrument.IMPACT: 4.0,
        Instrument.SWELL: 1.0,
        Instrument.REVERSE: 1.0,
    }
)
"""An instrument's own place in the balance, beside its layer's: what its loudness does not tell."""

KITS = frozenset(
    {
        Instrument.DRUM_KIT,
        Instrument.BRUSH_KIT,
        Instrument.MACHINE_KIT,
        Instrument.PERCUSSION,
        Instrument.TAIKO,
    }
)


def part_gain(part: Part, notes: tuple[Note, ...]) -> float:
    """Amplitude of a part: its instrument's trim, its layer's place in the balance, its own gain, and its density.

    Several notes at once make a part louder than one; the mean number of notes that sound together is taken out again,
    so that a chord and a line of the same velocity are equally loud.
    """
    own = OWN_DB.get(part.instrument, 0.0)
    decibels = TRIM_DB[part.instrument] + _LAYER_DB[part.stem] + own + part.gain_db
    if part.instrument not in KITS:
        decibels -= 10 * np.log10(_density(notes))
    return float(10 ** (decibels / 20))


def _density(notes: tuple[Note, ...]) -> float:
    """Mean number of notes that are held together while any is, 1 to 8."""
    held, busy, end = 0.0, 0.0, -np.inf
    for note in notes:
        held += note.duration
        busy += max(note.start + note.duration - max(end, note.start), 0.0)
        end = max(end, note.start + note.duration)
    return float(np.clip(held / busy, 1, 8)) if busy > 0 else 1.0
