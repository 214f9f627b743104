"""Channel strips: the plug-ins that a part or a stem runs through, which go on from block to block."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pedalboard import (
    Chain,
    Chorus,
    Delay,
    Distortion,
    Gain,
    HighpassFilter,
    HighShelfFilter,
    LowpassFilter,
    LowShelfFilter,
    PeakFilter,
    Plugin,
)

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.playing.tone import Samples


@dataclass(frozen=True, slots=True)
class Equaliser:
    """Bands of an equaliser.

    Attributes:
        low: low shelf as (Hz, dB), or None.
        peaks: bells as (Hz, dB, quality).
        high: high shelf as (Hz, dB), or None.
    """

    low: tuple[float, float] | None = None
    peaks: tuple[tuple[float, float, float], ...] = ()
    high: tuple[float, float] | None = None

    def plugins(self) -> list[Plugin]:
        """Its bands, from low to high."""
        result: list[Plugin] = [PeakFilter(*peak) for peak in self.peaks]
        if self.low:
            result.insert(0, LowShelfFilter(*self.low, 0.7))
        if self.high:
            result.append(HighShelfFilter(*self.high, 0.7))
        return result


FLAT = Equaliser()


@dataclass(frozen=True, slots=True)
class Amplifier:
    """A guitar amplifier: a stage that saturates what all strings play together, and a loudspeaker.

    Attributes:
        input_db: gain before the stage.
        drive_db: how far the stage is driven.
        cabinet_hz: where the loudspeaker falls off.
        output_db: gain behind it all.
    """

    input_db: float
    drive_db: float
    cabinet_hz: float
    output_db: float

    def plugins(self) -> list[Plugin]:
        """The stage and the loudspeaker, which falls by 12 dB an octave."""
        speaker: list[Plugin] = [LowpassFilter(self.cabinet_hz), LowpassFilter(self.cabinet_hz)]
        return [Gain(self.input_db), Distortion(self.drive_db), *speaker, Gain(self.output_db)]


@dataclass(frozen=True, slots=True)
class Doubling:
    """A second, moving or late copy that goes to the sides alone, so that mono loses nothing.

    Chorus and Delay do the same to both channels and give no width by themselves.

    Attributes:
        level: amplitude of the copy.
        rate_hz: speed of the chorus, 0 for a copy that stands still.
        late_ms: how late it is.
    """

    level: float
    rate_hz: float
    late_ms: float

    def plugins(self) -> list[Plugin]:
        """What makes the copy."""
        copy: Plugin = (
            Chorus(self.rate_hz, 0.25, self.late_ms, 0.0, 1.0)
            if self.rate_hz
            else Delay(self.late_ms / 1000, feedback=0.0, mix=1.0)
        )
        return [copy, HighpassFilter(250), Gain(_decibels(self.level))]


@dataclass(frozen=True, slots=True)
class Strip:
    """What an instrument is sent through.

    Attributes:
        equaliser: its bands.
        amplifier: before the equaliser, or None.
        doubling: behind it, or None.
    """

    equaliser: Equaliser = FLAT
    amplifier: Amplifier | None = None
    doubling: Doubling | None = None

    def plugins(self, low_cut_hz: float, high_cut_hz: float) -> list[Plugin]:
        """Amplifier, the part's own cuts (20 and 20000 Hz for none), equaliser."""
        result: list[Plugin] = self.amplifier.plugins() if self.amplifier else []
        if low_cut_hz > _LOWEST_HZ:
            result.append(HighpassFilter(low_cut_hz))
        if high_cut_hz < _HIGHEST_HZ:
            result.append(LowpassFilter(high_cut_hz))
        return result + self.equaliser.plugins()


_LOWEST_HZ = 35.0
"""Every sound is made without what lies below 20 Hz; a cut so near to it does nothing more."""

_HIGHEST_HZ = 20_000.0


class Rack:
    """Plug-ins in a row for one channel. They keep their state from block to block; silence is passed over."""

    def __init__(self, plugins: Sequence[Plugin]) -> None:
        self._board = Chain(list(plugins)) if plugins else None
        self._rings = False

    @property
    def rings(self) -> bool:
        """Whether the last block had sound, so that this one may still ring."""
        return self._rings

    def process(self, channel: Samples) -> None:
        """Runs ``channel`` ``[samples]`` through the plug-ins, in place.

        Blocks last seconds and what rings in these plug-ins dies within one, so that a block of silence that follows
        another leaves nothing out. Reverberation is not for racks.
        """
        if self._board is None:
            return
        sounds = bool(channel.any())
        if sounds or self._rings:
            channel[:] = self._board.process(channel, SAMPLE_RATE, reset=False)
        self._rings = sounds


class Channel:
    """One part's strip while it plays: middle and side have racks of their own, the side's idle while it is silent."""

    def __init__(self, strip: Strip, low_cut_hz: float, high_cut_hz: float) -> None:
        self._racks = [Rack(strip.plugins(low_cut_hz, high_cut_hz)) for _ in range(2)]
        self._doubling = Chain(strip.doubling.plugins()) if strip.doubling else None

    @property
    def rings(self) -> bool:
        """Whether it has to be played even where its part is silent: a chorus turns on and on."""
        return self._doubling is not None or any(rack.rings for rack in self._racks)

    def process(self, bus: Samples) -> None:
        """Runs ``bus`` ``[2, samples]`` (middle and side) through the strip, in place."""
        for rack, channel in zip(self._racks, bus, strict=True):
            rack.process(channel)
        if self._doubling:
            bus[1] += self._doubling.process(bus[0], SAMPLE_RATE, reset=False)


def _decibels(level: float) -> float:
    return float(20 * np.log10(level))
