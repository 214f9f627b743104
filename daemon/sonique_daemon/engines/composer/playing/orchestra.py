"""The orchestra: who plays each instrument."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from sonique_daemon.engines.composer.composition import Instrument
from sonique_daemon.engines.composer.playing import (
    ensembles,
    gestures,
    keys,
    kits,
    mallets,
    plucked,
    skins,
    synths,
    winds,
)
from sonique_daemon.engines.composer.playing.ensemble import Ensemble
from sonique_daemon.engines.composer.playing.strike import Player, Struck
from sonique_daemon.engines.composer.playing.surface import Record


def _string(name: str, string: plucked.PluckedString, release: float, lets_ring: bool = False) -> Struck:
    render, ring = partial(plucked.pluck, string=string), partial(plucked.string_ring, string)
    return Struck(name, render, release, ring, lets_ring)


def _bar(name: str, bar: mallets.Bar, release: float = 0.3, lets_ring: bool = True) -> Struck:
    render, ring = partial(mallets.struck_bar, bar=bar), partial(mallets.bar_ring, bar)
    return Struck(name, render, release, ring, lets_ring)


ORCHESTRA: Mapping[Instrument, Player] = MappingProxyType(
    {
        Instrument.FELT_PIANO: Struck("felt piano", partial(keys.piano, hammer=keys.FELT), 0.075, keys.piano_ring),
        Instrument.PIANO: Struck("piano", partial(keys.piano, hammer=keys.HARD), 0.075, keys.piano_ring),
        Instrument.ELECTRIC_PIANO: Struck("electric piano", keys.electric_piano, 0.06, keys.electric_piano_ring),
        Instrument.NYLON_GUITAR: _string("nylon guitar", plucked.NYLON, 0.12),
        Instrument.STEEL_GUITAR: _string("steel guitar", plucked.STEEL, 0.12),
        Instrument.MUTED_GUITAR: _string("muted guitar", plucked.MUTED, 0.05),
        Instrument.POWER_GUITAR: Struck("distorted guitar", plucked.power_guitar, 0.03),
        Instrument.HARP: _string("harp", plucked.HARP, 0.4, lets_ring=True),
        Instrument.PIZZICATO: _string("pizzicato", plucked.PIZZICATO, 0.15, lets_ring=True),
        Instrument.STRINGS: Ensemble(ensembles.STRINGS, ensembles.STRINGS_CONTOUR),
        Instrument.SPICCATO: Ensemble(ensembles.STRINGS, ensembles.SPICCATO_CONTOUR),
        Instrument.CHOIR: Ensemble(ensembles.CHOIR, ensembles.CHOIR_CONTOUR),
        Instrument.BRASS: Struck("brass", winds.brass, 0.05),
        Instrument.FLUTE: Struck("flute", winds.flute, 0.035),
        Instrument.WHISTLE: Struck("whistle", winds.whistle, 0.03),
        Instrument.MARIMBA: _bar("marimba", mallets.MARIMBA),
        Instrument.VIBRAPHONE: _bar("vibraphone", mallets.VIBRAPHONE, 0.35, lets_ring=False),
        Instrument.KALIMBA: _bar("kalimba", mallets.KALIMBA),
        Instrument.CELESTA: _bar("celesta", mallets.CELESTA),
        Instrument.GLOCKENSPIEL: _bar("glockenspiel", mallets.GLOCKENSPIEL),
        Instrument.BELLS: _bar("bells", mallets.BELLS),
        Instrument.MUSIC_BOX: _bar("music box", mallets.MUSIC_BOX),
        Instrument.WARM_PAD: Ensemble(ensembles.WARM_PAD, ensembles.WARM_CONTOUR),
        Instrument.GLASS_PAD: Ensemble(ensembles.GLASS_PAD, ensembles.GLASS_CONTOUR),
        Instrument.LEAD_SYNTH: Struck("lead synth", synths.lead_synth, 0.05),
        Instrument.PLUCK_SYNTH: Struck(
            "synth pluck", plucked.synth_pluck, 0.12, partial(plucked.string_ring, plucked.SYNTHETIC)
        ),
        Instrument.UPRIGHT_BASS: _string("upright bass", plucked.UPRIGHT, 0.07),
        Instrument.ELECTRIC_BASS: _string("electric bass", plucked.FINGERED, 0.05),
        Instrument.SYNTH_BASS: Struck("synth bass", synths.synth_bass, 0.025),
        Instrument.SUB_BASS: Struck("sub bass", synths.sub_bass, 0.04),
        Instrument.DRUM_KIT: kits.Kit("drum kit", kits.ACOUSTIC),
        Instrument.BRUSH_KIT: kits.Kit("brush kit", kits.BRUSHES),
        Instrument.MACHINE_KIT: kits.Kit("machine kit", kits.MACHINE),
        Instrument.PERCUSSION: kits.Kit("percussion", kits.HANDS),
        Instrument.TAIKO: kits.Kit("taiko", kits.TAIKO),
        Instrument.TIMPANI: Struck("timpani", skins.timpani, 0.25, skins.timpani_ring, lets_ring=True),
        Instrument.DRONE: Ensemble(ensembles.DRONE, ensembles.DRONE_CONTOUR),
        Instrument.RISER: gestures.Gesturer("riser", gestures.riser, 0.05),
        Instrument.IMPACT: gestures.Gesturer("impact", gestures.impact, 3.2, leads=0.0),
        Instrument.SWELL: gestures.Gesturer("cymbal swell", gestures.swell, 2.4),
        Instrument.REVERSE: gestures.Gesturer("reverse cymbal", gestures.reverse, 0.03),
        Instrument.AIR: Ensemble(ensembles.AIR, ensembles.AIR_CONTOUR),
        Instrument.VINYL: Record(),
    }
)
