"""Players of a SoundFont: the notes of an instrument as FluidSynth plays them, one by one, into the same mix.

Each note is made alone and kept like any made sound, so that nothing depends on what was played before. FluidSynth's
own reverberation and chorus are off: the hall is the style's.
"""

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.composition import Instrument, Note
from sonique_daemon.engines.composer.midi import PROGRAMS
from sonique_daemon.engines.composer.playing.cache import SOUNDS
from sonique_daemon.engines.composer.playing.levels import KITS
from sonique_daemon.engines.composer.playing.orchestra import ORCHESTRA
from sonique_daemon.engines.composer.playing.strike import Player, loudness_of
from sonique_daemon.engines.composer.playing.tone import Samples, Tone
from sonique_daemon.engines.composer.playing.voice import Recorded, Voice
from sonique_daemon.errors import EngineUnavailable, MediaUnreadable

_SYNTHESISED = frozenset(
    {
        Instrument.DRONE,
        Instrument.RISER,
        Instrument.IMPACT,
        Instrument.SWELL,
        Instrument.REVERSE,
        Instrument.AIR,
        Instrument.VINYL,
    }
)
"""What no SoundFont holds as General MIDI names it."""

_DRUM_CHANNEL, _DRUM_BANK = 9, 128
_LONGEST = 20 * SAMPLE_RATE
_RELEASE = 6 * SAMPLE_RATE
_BLOCK = 64
_PIECE = 188 * _BLOCK
_WRITE = (
    ("synth", ctypes.c_void_p, 1),
    ("len", ctypes.c_int, 1),
    ("lout", ctypes.c_void_p, 1),
    ("loff", ctypes.c_int, 1),
    ("lincr", ctypes.c_int, 1),
    ("rout", ctypes.c_void_p, 1),
    ("roff", ctypes.c_int, 1),
    ("rincr", ctypes.c_int, 1),
)
"""What ``fluid_synth_write_float`` takes, as the binding wants it told."""
_SILENCE = 1e-4
_REFERENCE = Note(0, 0.0, 1.0, 60, 0.7)


def orchestra(path: Path) -> Mapping[Instrument, Player]:
    """Who plays each instrument with the SoundFont at ``path``: its own presets, and the synthesised effects.

    Raises:
        EngineUnavailable: FluidSynth is not installed.
        MediaUnreadable: the file is no SoundFont.
    """
    bank = _opened(path)
    players: dict[Instrument, Player] = dict(ORCHESTRA)
    for instrument in Instrument:
        preset = bank.preset(PROGRAMS[instrument], drums=instrument in KITS)
        if instrument not in _SYNTHESISED and preset is not None:
            plain = FontPlayer(bank, preset)
            players[instrument] = replace(plain, gain=_balanced(plain, instrument))
    return players


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """An open SoundFont.

    Attributes:
        synth: FluidSynth's, which holds it.
        font: its number there.
        mark: tells this file from others, and from itself before a change.
        presets: its banks and programs, in order.
    """

    synth: Any
    font: int
    mark: tuple[str, int]
    presets: tuple[tuple[int, int], ...]

    def preset(self, program: int, *, drums: bool) -> tuple[int, int] | None:
        """Bank and program for a General MIDI program: the first of its kind where it lacks that; None without any."""
        bank = _DRUM_BANK if drums else 0
        if (bank, program) in self.presets:
            return (bank, program)
        return next((preset for preset in self.presets if preset[0] == bank), None)

    def play(self, preset: tuple[int, int], pitch: int, velocity: int, held: int) -> Samples:
        """Middle and side of one note, held for ``held`` samples and rung out."""
        channel = _DRUM_CHANNEL if preset[0] == _DRUM_BANK else 0
        self.synth.system_reset()
        self.synth.program_select(channel, self.font, *preset)
        self.synth.noteon(channel, pitch, velocity)
        pieces = [self._samples(held)]
        self.synth.noteoff(channel, pitch)
        for _ in range(_RELEASE // _PIECE):
            pieces.append(self._samples(_PIECE))
            if float(np.abs(pieces[-1]).max()) < _SILENCE:
                break
        both = np.concatenate(pieces, axis=1)
        return np.ascontiguousarray([(both[0] + both[1]) / 2, (both[0] - both[1]) / 2], np.float32)

    def _samples(self, count: int) -> Samples:
        """The next samples ``[2, count]``; whole blocks of FluidSynth's, or the next note would begin with the rest."""
        import fluidsynth

        both = np.zeros((2, -(-count // _BLOCK) * _BLOCK), np.float32)
        left, right = (channel.ctypes.data_as(ctypes.c_void_p) for channel in both)
        write = fluidsynth.cfunc("fluid_synth_write_float", ctypes.c_int, *_WRITE)  # of whole numbers it makes dither
        write(self.synth.synth, both.shape[1], left, 0, 1, right, 0, 1)
        return both


@dataclass(frozen=True, slots=True, eq=False)
class FontPlayer:
    """One who plays a preset.

    Attributes:
        bank: the SoundFont.
        preset: bank and program in it.
        gain: brings it to the level of the synthesised instrument, for which the mix is made.
    """

    bank: Bank
    preset: tuple[int, int]
    gain: float = 1.0

    def voice(self, note: Note, tone: Tone, seed: int) -> Voice:  # noqa: ARG002 - a SoundFont has its own tone
        """The note as the preset plays it."""
        held = min(max(round(note.duration * SAMPLE_RATE), _BLOCK), _LONGEST) // _BLOCK * _BLOCK
        velocity = min(max(round(note.velocity * 127), 1), 127)
        key = ("soundfont", *self.bank.mark, *self.preset, note.pitch, velocity, held)
        sound = SOUNDS.get(key, lambda: self.bank.play(self.preset, note.pitch, velocity, held))
        return Recorded(sound, self.gain, 0.0, int(sound.shape[-1]), np.zeros(0, np.float32))


def _balanced(player: FontPlayer, instrument: Instrument) -> float:
    """The gain at which a plain note is as loud as the synthesised instrument's; 1 where the font has none."""
    note = replace(_REFERENCE, pitch=38 if player.preset[0] == _DRUM_BANK else _REFERENCE.pitch)
    loud = [_rms(each.voice(note, Tone(1.0), 0)) for each in (ORCHESTRA[instrument], player)]
    return min(loud[0] / loud[1], 100.0) / loudness_of(_REFERENCE.velocity) if loud[1] > _SILENCE else 1.0


def _rms(voice: Voice) -> float:
    bus = np.zeros((2, SAMPLE_RATE // 2), np.float32)
    voice.add(bus, 0)
    return float(np.sqrt(np.square(bus[0]).mean()))


def _opened(path: Path) -> Bank:
    try:
        import fluidsynth
    except (ImportError, OSError, AttributeError):
        raise EngineUnavailable(
            "A SoundFont is played by FluidSynth, which is not here: install the extra “soundfont” "
            "(pip install 'sonique[soundfont]') and the library fluidsynth."
        ) from None
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise MediaUnreadable(f"The SoundFont “{path.name}” cannot be read: {error.strerror}.") from error
    synth = fluidsynth.Synth(gain=0.5, samplerate=float(SAMPLE_RATE))
    for setting in ("synth.reverb.active", "synth.chorus.active"):
        synth.setting(setting, 0)
    font = synth.sfload(str(path)) if head[:4] == b"RIFF" and head[8:] == b"sfbk" else -1
    if font < 0:
        raise MediaUnreadable(f"“{path.name}” is no SoundFont that can be played; name an .sf2 file.")
    presets = [(bank, each) for bank in (0, _DRUM_BANK) for each in range(128) if synth.sfpreset_name(font, bank, each)]
    return Bank(synth, font, (str(path), path.stat().st_mtime_ns), tuple(presets))
