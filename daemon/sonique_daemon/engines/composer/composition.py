"""A composition: what writing hands to playing. Notes in seconds, parts with their instrument and place in the mix."""

from dataclasses import dataclass
from enum import StrEnum


class Stem(StrEnum):
    """The layers of a take; they add up to its mix."""

    DRUMS = "drums"
    BASS = "bass"
    HARMONY = "harmony"
    LEAD = "lead"
    TEXTURE = "texture"


class Instrument(StrEnum):
    """Every instrument that can be asked for, by the name that tags use."""

    FELT_PIANO = "felt piano"
    PIANO = "piano"
    ELECTRIC_PIANO = "electric piano"
    NYLON_GUITAR = "nylon guitar"
    STEEL_GUITAR = "steel guitar"
    MUTED_GUITAR = "muted guitar"
    POWER_GUITAR = "distorted guitar"
    HARP = "harp"
    PIZZICATO = "pizzicato strings"
    STRINGS = "strings"
    SPICCATO = "spiccato strings"
    CHOIR = "choir"
    BRASS = "brass"
    FLUTE = "flute"
    WHISTLE = "whistle"
    MARIMBA = "marimba"
    VIBRAPHONE = "vibraphone"
    KALIMBA = "kalimba"
    CELESTA = "celesta"
    GLOCKENSPIEL = "glockenspiel"
    BELLS = "bells"
    MUSIC_BOX = "music box"
    WARM_PAD = "pad"
    GLASS_PAD = "glass pad"
    LEAD_SYNTH = "lead synth"
    PLUCK_SYNTH = "synth pluck"
    UPRIGHT_BASS = "upright bass"
    ELECTRIC_BASS = "electric bass"
    SYNTH_BASS = "synth bass"
    SUB_BASS = "sub bass"
    DRUM_KIT = "drums"
    BRUSH_KIT = "brushes"
    MACHINE_KIT = "drum machine"
    PERCUSSION = "percussion"
    TAIKO = "taiko"
    TIMPANI = "timpani"
    DRONE = "drone"
    RISER = "riser"
    IMPACT = "impact"
    SWELL = "cymbal swell"
    REVERSE = "reverse cymbal"
    AIR = "air"
    VINYL = "vinyl noise"


@dataclass(frozen=True, slots=True)
class Part:
    """One player.

    Attributes:
        name: unique in the composition ("left hand").
        stem: the layer that it belongs to.
        instrument: what it plays.
        gain_db: level against the other parts, 0 is the style's own balance for that role.
        pan: -1 (left) to 1 (right).
        send_db: level into the hall, -60 for none.
        low_cut_hz: high-pass of the part, 20 for none.
        high_cut_hz: low-pass of the part, 20000 for none.
    """

    name: str
    stem: Stem
    instrument: Instrument
    gain_db: float = 0.0
    pan: float = 0.0
    send_db: float = -12.0
    low_cut_hz: float = 20.0
    high_cut_hz: float = 20_000.0


@dataclass(frozen=True, slots=True)
class Note:
    """One note as it sounds.

    Attributes:
        part: index into the composition's parts.
        start: seconds from the cue's start, human timing included; may be slightly below 0 for a soft attack.
        duration: seconds that the key is held.
        pitch: MIDI note number; for kits the General MIDI drum number; for riser, swell and reverse ``duration`` is the
            time until its peak, and pitch colours it (60 neutral).
        velocity: 0 to 1.
        variant: chooses among the seeded renditions of a sound, 0 or 1.
    """

    part: int
    start: float
    duration: float
    pitch: int
    velocity: float
    variant: int = 0


@dataclass(frozen=True, slots=True)
class Room:
    """The style's mix.

    Attributes:
        decay: reverberation time of the hall in seconds, 0.4 to 7.
        brightness: multiplies the instruments' brightness, 0.4 to 2.5; 1 is neutral.
        width: scale of the side signal, 0 to 1.
        pump_db: how far pad and bass duck under the kick, 0 to 8 dB.
        glue: amount of slow common gain movement, 0 to 1.
    """

    decay: float
    brightness: float = 1.0
    width: float = 0.8
    pump_db: float = 0.0
    glue: float = 0.5


@dataclass(frozen=True, slots=True)
class Composition:
    """A piece, written out.

    Attributes:
        duration: seconds.
        parts: the players.
        notes: sorted by start, then part, then pitch.
        room: the mix.
        fade: seconds of fade-out at the end, 0 where the ending is played.
        stop: seconds at which all sound, reverberation included, is cut short (a dead stop), or None.
        ride: level of the whole over time as (seconds, decibels) by time; empty for none.
    """

    duration: float
    parts: tuple[Part, ...]
    notes: tuple[Note, ...]
    room: Room
    fade: float = 0.0
    stop: float | None = None
    ride: tuple[tuple[float, float], ...] = ()
