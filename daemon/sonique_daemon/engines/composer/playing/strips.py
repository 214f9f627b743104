"""The mixing desk's settings: which strip each instrument and each stem runs through."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pedalboard import HighpassFilter, Plugin

from sonique_daemon.engines.composer.composition import Instrument, Stem
from sonique_daemon.engines.composer.playing.press import Press, Squeeze
from sonique_daemon.engines.composer.playing.strip import FLAT, Amplifier, Doubling, Equaliser, Rack, Strip
from sonique_daemon.engines.composer.playing.tone import Samples

MONO_BELOW_HZ = 120.0
"""Below this, stems lose their side, so that the bass is mono."""

PLAIN = Strip()

_CABINET = Amplifier(input_db=-29.8, drive_db=16.0, cabinet_hz=4500.0, output_db=14.0)
_SKINS = Equaliser(low=(130.0, -3.0), high=(4000.0, 2.0))

STRIPS: Mapping[Instrument, Strip] = MappingProxyType(
    {
        Instrument.FELT_PIANO: Strip(Equaliser(high=(4000.0, 1.0))),
        Instrument.PIANO: Strip(Equaliser(high=(2500.0, -3.0))),
        Instrument.ELECTRIC_PIANO: Strip(Equaliser(peaks=((280.0, -2.0, 0.9),)), doubling=Doubling(0.35, 0.7, 9.0)),
        Instrument.STEEL_GUITAR: Strip(Equaliser(high=(5000.0, -1.5))),
        Instrument.MUTED_GUITAR: Strip(doubling=Doubling(0.25, 0.0, 17.0)),
        Instrument.POWER_GUITAR: Strip(
            Equaliser(peaks=((2200.0, 2.0, 0.9),)), amplifier=_CABINET, doubling=Doubling(0.18, 0.0, 14.0)
        ),
        Instrument.STRINGS: Strip(Equaliser(peaks=((350.0, -1.5, 0.8),), high=(4500.0, 5.0))),
        Instrument.WARM_PAD: Strip(Equaliser(peaks=((300.0, -1.5, 0.8),), high=(2500.0, 3.0))),
        Instrument.DRONE: Strip(Equaliser(low=(140.0, -3.0))),
        Instrument.LEAD_SYNTH: Strip(doubling=Doubling(0.25, 0.9, 8.0)),
        Instrument.TIMPANI: Strip(_SKINS),
        Instrument.TAIKO: Strip(_SKINS),
        Instrument.PERCUSSION: Strip(Equaliser(low=(130.0, -2.0), high=(5000.0, 2.0))),
        Instrument.BRUSH_KIT: Strip(Equaliser(low=(100.0, -4.0))),
        Instrument.DRUM_KIT: Strip(Equaliser(peaks=((320.0, -2.0, 1.0),))),
    }
)
"""What is not here runs through its part's cuts alone."""


@dataclass(frozen=True, slots=True)
class StemStrip:
    """What a stem is sent through before the hall.

    Attributes:
        squeeze: its compressor.
        low_cut_hz: high-pass of its middle, which takes out what the compressor shifts off the zero line.
        equaliser: its bands, behind them.
    """

    squeeze: Squeeze
    low_cut_hz: float
    equaliser: Equaliser = FLAT

    def middle(self) -> list[Plugin]:
        """The plug-ins for the middle."""
        return [HighpassFilter(self.low_cut_hz), *self.equaliser.plugins()]

    def side(self) -> list[Plugin]:
        """The plug-ins for the side. One gentle cut: a steeper one turns phases and so smears what stands aside."""
        return [HighpassFilter(MONO_BELOW_HZ), *self.equaliser.plugins()]


STEMS: Mapping[Stem, StemStrip] = MappingProxyType(
    {
        Stem.DRUMS: StemStrip(Squeeze(-22.0, 3.0, 5.0, 110.0, 2.5), 25.0),
        Stem.BASS: StemStrip(Squeeze(-30.0, 2.5, 12.0, 160.0, 4.0), 28.0, Equaliser(peaks=((250.0, -2.0, 0.9),))),
        Stem.HARMONY: StemStrip(Squeeze(-22.0, 1.8, 20.0, 200.0, 1.0), 25.0),
        Stem.LEAD: StemStrip(Squeeze(-27.0, 2.2, 6.0, 160.0, 3.5), 25.0, Equaliser(peaks=((3000.0, 1.0, 0.7),))),
        Stem.TEXTURE: StemStrip(Squeeze(-16.0, 2.5, 1.0, 200.0, 0.0), 25.0),
    }
)


class StemChannel:
    """One stem's strip while it plays."""

    def __init__(self, strip: StemStrip) -> None:
        self._press = Press(strip.squeeze)
        self._racks = (Rack(strip.middle()), Rack(strip.side()))

    def process(self, layer: Samples) -> None:
        """Runs ``layer`` ``[2, samples]`` (middle and side) through the strip, in place."""
        self._press.process(layer)
        for rack, channel in zip(self._racks, layer, strict=True):
            rack.process(channel)
