"""Desks: one part each, from notes to its signal, block by block."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.composition import Instrument, Note, Part, Room
from sonique_daemon.engines.composer.playing.dynamics import Pump
from sonique_daemon.engines.composer.playing.levels import part_gain
from sonique_daemon.engines.composer.playing.orchestra import ORCHESTRA
from sonique_daemon.engines.composer.playing.strike import Player
from sonique_daemon.engines.composer.playing.strip import Channel
from sonique_daemon.engines.composer.playing.strips import PLAIN, STRIPS
from sonique_daemon.engines.composer.playing.tone import Numbers, Samples, Tone
from sonique_daemon.engines.composer.playing.voice import Voice
from sonique_daemon.engines.engine import Report


@dataclass(frozen=True, slots=True)
class Motion:
    """A motor that all notes of a part share.

    Attributes:
        rate_hz: its speed.
        tremolo: depth in level, 0 to 1.
        travel: depth from side to side, 0 to 1.
    """

    rate_hz: float
    tremolo: float
    travel: float


MOTIONS = {
    Instrument.ELECTRIC_PIANO: Motion(4.8, 0.0, 0.28),
    Instrument.VIBRAPHONE: Motion(5.2, 0.16, 0.10),
}


@dataclass(slots=True)
class Desk:
    """One part while it plays.

    Attributes:
        part: what it plays.
        notes: its notes, by start.
        room: the mix.
        seed: of the performance.
        pump: the duck that it obeys, or None.
        players: who plays each instrument.
    """

    part: Part
    notes: tuple[Note, ...]
    room: Room
    seed: int
    pump: Pump | None
    players: Mapping[Instrument, Player] = field(default_factory=lambda: ORCHESTRA)
    _next: int = field(default=0, init=False)
    _sounding: list[tuple[int, Voice]] = field(default_factory=list, init=False)
    _tone: Tone = field(init=False)
    _channel: Channel = field(init=False)
    _matrix: Numbers = field(init=False)

    def __post_init__(self) -> None:
        part = self.part
        self._tone = Tone(self.room.brightness)
        self._channel = Channel(STRIPS.get(part.instrument, PLAIN), part.low_cut_hz, part.high_cut_hz)
        self._matrix = part_gain(part, self.notes) * _placing(part.pan, self.room.width)

    @property
    def sends(self) -> bool:
        """Whether the part is heard in the hall at all."""
        return self.part.send_db > -60

    def play(self, at: int, bus: Samples, report: Report) -> bool:
        """Fills ``bus`` ``[2, samples]`` (middle and side) with the part from sample ``at``; False if it is silent."""
        self._begin(at + bus.shape[1], report)
        if not self._sounding and not self._channel.rings:
            return False
        bus[:] = 0
        for start, voice in self._sounding:
            voice.add(bus, at - start)
        end = at + bus.shape[1]
        self._sounding = [(start, voice) for start, voice in self._sounding if start + voice.samples > end]
        self._channel.process(bus)
        self._move(at, bus)
        return True

    def place(self, bus: Samples, layer: Samples, send: Samples) -> None:
        """Adds what ``bus`` holds to its stem's ``layer``, panned and at its level, and to the hall's ``send``."""
        (straight, across), (lean, wide) = self._matrix.astype(np.float32)
        middle = bus[0] * straight
        sided = bool(bus[1].any())
        if sided and across:
            middle += bus[1] * across
        layer[0] += middle
        if lean:
            layer[1] += bus[0] * lean
        if sided:
            layer[1] += bus[1] * wide
        if self.sends:
            send += middle * np.float32(10 ** (self.part.send_db / 20))

    def _begin(self, end: int, report: Report) -> None:
        player = self.players[self.part.instrument]
        while self._next < len(self.notes):
            note = self.notes[self._next]
            start = round(note.start * SAMPLE_RATE)
            if start >= end:
                return
            report.check()
            self._sounding.append((start, player.voice(note, self._tone, self.seed)))
            self._next += 1

    def _move(self, at: int, bus: Samples) -> None:
        motion = MOTIONS.get(self.part.instrument)
        if motion:
            seconds = np.arange(at, at + bus.shape[1], dtype=np.float64) * (motion.rate_hz / SAMPLE_RATE)
            wave = np.sin((seconds % 1).astype(np.float32) * np.float32(2 * np.pi))
            bus[1] += bus[0] * wave * np.float32(motion.travel)
            bus[0] *= 1 + np.float32(motion.tremolo) * wave
        if self.pump:
            bus *= self.pump.gain(at, bus.shape[1])


def _placing(pan: float, width: float) -> Numbers:
    """The matrix from a part's middle and side to the stem's: constant power, 0 dB in the centre."""
    angle = (float(np.clip(pan, -1, 1)) + 1) * np.pi / 4
    left, right = np.sqrt(2) * np.cos(angle), np.sqrt(2) * np.sin(angle)
    mean, lean = (left + right) / 2, (left - right) / 2
    return np.array(
        [[mean, lean if abs(pan) > 1e-6 else 0.0], [lean * width if abs(pan) > 1e-6 else 0.0, mean * width]]
    )
