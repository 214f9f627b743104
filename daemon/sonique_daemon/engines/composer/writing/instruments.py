"""What a writer must know of each instrument: comfortable range, the roles that suit it, how early it must start."""

from dataclasses import dataclass
from types import MappingProxyType

from sonique_daemon.engines.composer.composition import Instrument, Stem

_I = Instrument


@dataclass(frozen=True, slots=True)
class Nature:
    """An instrument as a writer sees it.

    Attributes:
        low: lowest comfortable note (MIDI).
        high: highest comfortable note.
        roles: the roles that suit it, best first.
        voices: how many notes it can hold at once.
        early_ms: how early it starts for its sound to be heard on the beat (0.35 of its attack).
        roll_ms: time between the notes of a chord, low to high.
    """

    low: int
    high: int
    roles: tuple[str, ...]
    voices: int = 4
    early_ms: float = 0.0
    roll_ms: float = 0.0


_KEYS = ("figure", "chords", "lead", "counter")
_MALLETS = ("lead", "figure", "counter", "drops", "chords")
_DRUMS = ("drums",)

NATURES = MappingProxyType(
    {
        _I.FELT_PIANO: Nature(36, 84, (*_KEYS, "pulse"), 8, roll_ms=8),
        _I.PIANO: Nature(33, 90, (*_KEYS, "pulse"), 8, roll_ms=6),
        _I.ELECTRIC_PIANO: Nature(40, 84, ("chords", "lead", "figure", "counter"), 6, roll_ms=7),
        _I.NYLON_GUITAR: Nature(40, 79, ("figure", "chords", "lead"), 6, roll_ms=14),
        _I.STEEL_GUITAR: Nature(40, 79, ("figure", "chords", "counter", "lead"), 6, roll_ms=16),
        _I.MUTED_GUITAR: Nature(40, 74, ("figure", "pulse"), 4, roll_ms=5),
        _I.POWER_GUITAR: Nature(38, 69, ("chords", "pulse"), 3, roll_ms=6),
        _I.HARP: Nature(40, 88, ("figure", "drops", "chords", "lead"), 6, roll_ms=20),
        _I.PIZZICATO: Nature(43, 86, ("figure", "chords", "lead", "pulse", "counter"), 4, roll_ms=4),
        _I.STRINGS: Nature(40, 88, ("pad", "counter", "lead"), 4, early_ms=45),
        _I.SPICCATO: Nature(43, 86, ("pulse", "figure"), 3, early_ms=4),
        _I.CHOIR: Nature(45, 81, ("pad", "counter"), 4, early_ms=60),
        _I.BRASS: Nature(41, 76, ("lead", "pad", "counter"), 3, early_ms=15),
        _I.FLUTE: Nature(62, 91, ("lead", "counter"), 1, early_ms=14),
        _I.WHISTLE: Nature(72, 93, ("lead", "counter"), 1, early_ms=12),
        _I.MARIMBA: Nature(45, 86, ("figure", "lead", "counter", "pulse", "chords"), 4),
        _I.VIBRAPHONE: Nature(53, 86, _MALLETS, 4),
        _I.KALIMBA: Nature(55, 86, ("figure", "lead", "drops"), 2),
        _I.CELESTA: Nature(65, 98, _MALLETS, 4),
        _I.GLOCKENSPIEL: Nature(77, 103, _MALLETS, 2),
        _I.BELLS: Nature(60, 96, ("drops", "lead", "counter", "figure"), 3),
        _I.MUSIC_BOX: Nature(67, 98, ("lead", "drops", "figure"), 3),
        _I.WARM_PAD: Nature(40, 84, ("pad", "chords"), 5, early_ms=80),
        _I.GLASS_PAD: Nature(52, 93, ("pad",), 5, early_ms=70),
        _I.LEAD_SYNTH: Nature(48, 88, ("lead", "counter", "figure"), 2),
        _I.PLUCK_SYNTH: Nature(45, 91, ("figure", "lead", "counter", "chords"), 4),
        _I.UPRIGHT_BASS: Nature(28, 50, ("bass",), 1),
        _I.ELECTRIC_BASS: Nature(28, 50, ("bass",), 1),
        _I.SYNTH_BASS: Nature(26, 50, ("bass", "pulse"), 1),
        _I.SUB_BASS: Nature(24, 45, ("bass", "drone"), 1),
        _I.DRUM_KIT: Nature(27, 87, _DRUMS, 6),
        _I.BRUSH_KIT: Nature(27, 87, _DRUMS, 6),
        _I.MACHINE_KIT: Nature(27, 87, _DRUMS, 6),
        _I.PERCUSSION: Nature(27, 87, _DRUMS, 6),
        _I.TAIKO: Nature(27, 87, _DRUMS, 3),
        _I.TIMPANI: Nature(38, 57, _DRUMS, 2),
        _I.DRONE: Nature(24, 60, ("drone",), 3, early_ms=0),
        _I.RISER: Nature(48, 72, ("effect",), 1),
        _I.IMPACT: Nature(24, 60, ("effect",), 1),
        _I.SWELL: Nature(48, 72, ("effect",), 1),
        _I.REVERSE: Nature(48, 72, ("effect",), 1),
        _I.AIR: Nature(48, 72, ("noise",), 1),
        _I.VINYL: Nature(48, 72, ("noise",), 1),
    }
)

STEMS = MappingProxyType(
    {
        "drums": Stem.DRUMS,
        "bass": Stem.BASS,
        "pad": Stem.HARMONY,
        "chords": Stem.HARMONY,
        "figure": Stem.HARMONY,
        "pulse": Stem.HARMONY,
        "lead": Stem.LEAD,
        "counter": Stem.LEAD,
        "drops": Stem.TEXTURE,
        "drone": Stem.TEXTURE,
        "noise": Stem.TEXTURE,
        "effect": Stem.TEXTURE,
    }
)

_PERCUSSIVE = (_I.DRUM_KIT, _I.BRUSH_KIT, _I.MACHINE_KIT, _I.PERCUSSION, _I.TAIKO, _I.TIMPANI)
_CYMBALS = (_I.SWELL, _I.REVERSE)
_BASSES = (_I.UPRIGHT_BASS, _I.ELECTRIC_BASS, _I.SYNTH_BASS, _I.SUB_BASS)
_PIANOS = (_I.FELT_PIANO, _I.PIANO, _I.ELECTRIC_PIANO)
_GUITARS = (_I.NYLON_GUITAR, _I.STEEL_GUITAR, _I.MUTED_GUITAR, _I.POWER_GUITAR)
_STRINGS = (_I.STRINGS, _I.SPICCATO, _I.PIZZICATO)
_PADS = (_I.WARM_PAD, _I.GLASS_PAD)
_SYNTHS = (_I.LEAD_SYNTH, _I.PLUCK_SYNTH, *_PADS, _I.SYNTH_BASS, _I.SUB_BASS, _I.MACHINE_KIT, _I.DRONE, _I.RISER)
_MALLET = (_I.MARIMBA, _I.VIBRAPHONE, _I.KALIMBA, _I.CELESTA, _I.GLOCKENSPIEL, _I.BELLS, _I.MUSIC_BOX)
_WINDS = (_I.FLUTE, _I.WHISTLE)

GROUPS = MappingProxyType(
    {
        "drums": (*_PERCUSSIVE, *_CYMBALS, _I.IMPACT),
        "percussion": (*_PERCUSSIVE, *_CYMBALS, _I.IMPACT),
        "beat": _PERCUSSIVE,
        "beats": _PERCUSSIVE,
        "cymbals": _CYMBALS,
        "cymbal": _CYMBALS,
        "bass": _BASSES,
        "piano": _PIANOS,
        "pianos": _PIANOS,
        "keys": (*_PIANOS, _I.CELESTA),
        "guitar": _GUITARS,
        "guitars": _GUITARS,
        "acoustic guitar": (_I.NYLON_GUITAR, _I.STEEL_GUITAR),
        "electric guitar": (_I.MUTED_GUITAR, _I.POWER_GUITAR),
        "distortion": (_I.POWER_GUITAR,),
        "strings": _STRINGS,
        "violin": _STRINGS,
        "violins": _STRINGS,
        "cello": _STRINGS,
        "orchestra": (*_STRINGS, _I.BRASS, _I.TIMPANI, _I.FLUTE, _I.HARP),
        "pad": _PADS,
        "pads": _PADS,
        "synth": _SYNTHS,
        "synths": _SYNTHS,
        "synthesizer": _SYNTHS,
        "electronic": _SYNTHS,
        "bells": _MALLET,
        "mallets": _MALLET,
        "winds": _WINDS,
        "woodwinds": _WINDS,
        "vocals": (_I.CHOIR,),
        "vocal": (_I.CHOIR,),
        "voice": (_I.CHOIR,),
        "voices": (_I.CHOIR,),
        "singing": (_I.CHOIR,),
        "horns": (_I.BRASS,),
        "trumpet": (_I.BRASS,),
        "trumpets": (_I.BRASS,),
        "noise": (_I.AIR, _I.VINYL),
        "drone": (_I.DRONE,),
        "drones": (_I.DRONE,),
        "risers": (_I.RISER, _I.REVERSE, _I.SWELL),
        "riser": (_I.RISER, _I.REVERSE),
        "impacts": (_I.IMPACT,),
        "hits": (_I.IMPACT,),
        "boom": (_I.IMPACT,),
        "booms": (_I.IMPACT,),
        "whoosh": (_I.RISER, _I.REVERSE),
        "scary": (_I.IMPACT, _I.RISER),
        "epic": (_I.TAIKO, _I.CHOIR, _I.BRASS, _I.IMPACT),
        "dark": (_I.DRONE, _I.IMPACT),
    }
)
"""Words for several instruments at once, as people say them when they do not want them."""

ROLE_WORDS = MappingProxyType(
    {
        "melody": ("lead", "counter"),
        "lead": ("lead", "counter"),
        "solo": ("lead",),
        "bassline": ("bass",),
        "arpeggio": ("figure",),
        "arpeggios": ("figure",),
        "chords": ("chords",),
        "drums": ("drums",),
        "percussion": ("drums",),
        "beat": ("drums",),
        "beats": ("drums",),
    }
)
"""Words for a role, as people say them when they do not want it."""
