"""MIDI: a composition as a Standard MIDI File of type 1.

The first track holds the tempo map, the metre and markers for sections and hits; then comes one track for each part,
with its General MIDI program. The same composition and tempo map give the same bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from types import MappingProxyType

import mido

from sonique_daemon.domain.tempo import HitKind, TempoMap
from sonique_daemon.engines.composer.composition import Composition, Instrument, Note, Part

TICKS = 480
"""Of a quarter note."""

_I = Instrument
PROGRAMS = MappingProxyType(
    {
        _I.FELT_PIANO: 0,
        _I.PIANO: 0,
        _I.ELECTRIC_PIANO: 4,
        _I.NYLON_GUITAR: 24,
        _I.STEEL_GUITAR: 25,
        _I.MUTED_GUITAR: 28,
        _I.POWER_GUITAR: 30,
        _I.HARP: 46,
        _I.PIZZICATO: 45,
        _I.STRINGS: 48,
        _I.SPICCATO: 48,
        _I.CHOIR: 52,
        _I.BRASS: 61,
        _I.FLUTE: 73,
        _I.WHISTLE: 78,
        _I.MARIMBA: 12,
        _I.VIBRAPHONE: 11,
        _I.KALIMBA: 108,
        _I.CELESTA: 8,
        _I.GLOCKENSPIEL: 9,
        _I.BELLS: 14,
        _I.MUSIC_BOX: 10,
        _I.WARM_PAD: 89,
        _I.GLASS_PAD: 92,
        _I.LEAD_SYNTH: 81,
        _I.PLUCK_SYNTH: 84,
        _I.UPRIGHT_BASS: 32,
        _I.ELECTRIC_BASS: 33,
        _I.SYNTH_BASS: 38,
        _I.SUB_BASS: 39,
        _I.DRUM_KIT: 0,
        _I.BRUSH_KIT: 40,
        _I.MACHINE_KIT: 25,
        _I.PERCUSSION: 0,
        _I.TAIKO: 48,
        _I.TIMPANI: 47,
        _I.DRONE: 95,
        _I.RISER: 97,
        _I.IMPACT: 118,
        _I.SWELL: 119,
        _I.REVERSE: 119,
        _I.AIR: 122,
        _I.VINYL: 122,
    }
)
"""General MIDI programs from 0; for kits the drum set of General MIDI level 2."""

_KITS = (_I.DRUM_KIT, _I.BRUSH_KIT, _I.MACHINE_KIT, _I.PERCUSSION, _I.TAIKO)
_DRUM_CHANNEL = 9
_CHANNELS = tuple(channel for channel in range(16) if channel != _DRUM_CHANNEL)

_Timed = tuple[int, int, mido.Message | mido.MetaMessage]
"""Tick, rank among messages of the same tick, message."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """When things are, in ticks: beats are quarter notes, or dotted ones (``threes``)."""

    tempo_map: TempoMap
    threes: bool

    @property
    def beat(self) -> int:
        """Ticks of a beat."""
        return 3 * TICKS // 2 if self.threes else TICKS

    def tick(self, seconds: float) -> int:
        """The tick at a time; times before the cue are its start."""
        return max(0, round((self.tempo_map.beat_at(seconds) - self.tempo_map.beat_at(0.0)) * self.beat))


def score(composition: Composition, tempo_map: TempoMap, *, threes: bool = False) -> bytes:
    """The composition as a MIDI file, bar lines and tempo as in ``tempo_map``; tick 0 is the cue's start.

    ``threes`` says that each beat has three parts, so that bars are those of 6/8, 9/8 or 12/8.
    """
    clock = _Clock(tempo_map, threes)
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS)
    end = clock.tick(composition.duration)
    file.tracks.append(_track("Sonique", _conductor(clock, composition.duration), end))
    for index, part in enumerate(composition.parts):
        notes = [note for note in composition.notes if note.part == index]
        file.tracks.append(_track(part.name, _messages(part, _channel(composition.parts, index), notes, clock), end))
    buffer = BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def instruments(file: bytes) -> tuple[str, ...]:
    """The instruments that play in a file of ``score``, each once; empty where it is none of those."""
    try:
        tracks = mido.MidiFile(file=BytesIO(file)).tracks
    except (OSError, EOFError, ValueError):
        return ()
    names = [track.name.partition(": ")[2].rstrip(" 0123456789") for track in tracks]
    return tuple(dict.fromkeys(name for name in names if name in {one.value for one in Instrument}))


def _track(name: str, messages: Sequence[_Timed], end: int) -> mido.MidiTrack:
    """Messages at their ticks as a track of differences; they are given their times."""
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name, time=0)])
    last = 0
    for tick, _, message in sorted(messages, key=lambda timed: timed[:2]):
        message.time = tick - last
        track.append(message)
        last = tick
    track.append(mido.MetaMessage("end_of_track", time=max(end - last, 0)))
    return track


def _conductor(clock: _Clock, duration: float) -> list[_Timed]:
    return [*_tempi(clock), *_metres(clock, duration), *_markers(clock, duration)]


def _tempi(clock: _Clock) -> Iterator[_Timed]:
    """A tempo for each beat whose length differs from the one before."""
    last = -1
    for first, second in pairwise(clock.tempo_map.beats):
        tempo = min(max(round((second - first) * 1e6 * TICKS / clock.beat), 1), 0xFFFFFF)
        if tempo != last and second > 0:
            yield clock.tick(first), 0, mido.MetaMessage("set_tempo", tempo=tempo)
            last = tempo


def _metres(clock: _Clock, duration: float) -> Iterator[_Timed]:
    tempo_map, last = clock.tempo_map, 0
    for bar, downbeat in enumerate(tempo_map.downbeats):
        time, beats = tempo_map.beats[downbeat], tempo_map.bar_beats(bar)
        unfinished = bar + 1 == len(tempo_map.downbeats) and last
        if beats != last and not unfinished and time < duration:
            counted = {"numerator": 3 * beats, "denominator": 8} if clock.threes else {"numerator": beats}
            yield clock.tick(time), 1, mido.MetaMessage("time_signature", **counted)
            last = beats


def _markers(clock: _Clock, duration: float) -> Iterator[_Timed]:
    tempo_map = clock.tempo_map
    for number, section in enumerate(tempo_map.sections, start=1):
        time = tempo_map.beats[tempo_map.downbeats[section.bar]]
        if time < duration:
            yield clock.tick(time), 2, mido.MetaMessage("marker", text=f"Section {number}")
    words = {HitKind.HARD: "Hit", HitKind.TURN: "Turn", HitKind.PHRASE: "Phrase"}
    for met in tempo_map.hits:
        label = f": {_latin(met.hit.label)}" if met.hit.label else ""
        text = f"{words[met.hit.kind]}{label}"
        yield clock.tick(float(met.hit.time)), 3, mido.MetaMessage("marker", text=text)


def _latin(text: str) -> str:
    """Text that the file format can hold."""
    return text.encode("latin-1", "replace").decode("latin-1")


def _channel(parts: Sequence[Part], index: int) -> int:
    """Kits share the drum channel; the others take the free ones in turn."""
    if parts[index].instrument in _KITS:
        return _DRUM_CHANNEL
    before = sum(1 for part in parts[:index] if part.instrument not in _KITS)
    return _CHANNELS[before % len(_CHANNELS)]


def _messages(part: Part, channel: int, notes: Sequence[Note], clock: _Clock) -> list[_Timed]:
    """Program, pan and the notes of one part; a note lasts one tick at least."""
    pan = min(max(round(64 + 63 * part.pan), 0), 127)
    found: list[_Timed] = [
        (0, 0, mido.Message("program_change", channel=channel, program=PROGRAMS[part.instrument])),
        (0, 1, mido.Message("control_change", channel=channel, control=10, value=pan)),
    ]
    upcoming: dict[int, int] = {}
    for note in sorted(notes, key=lambda note: note.start, reverse=True):
        start = clock.tick(note.start)
        stop = max(clock.tick(note.start + note.duration), start + 1)
        stop = min(stop, max(upcoming.get(note.pitch, stop), start + 1))
        upcoming[note.pitch] = start
        velocity = min(max(round(note.velocity * 127), 1), 127)
        found.append((start, 3, _key("note_on", channel, note.pitch, velocity)))
        found.append((stop, 2, _key("note_off", channel, note.pitch, 0)))
    return found


def _key(kind: str, channel: int, pitch: int, velocity: int) -> mido.Message:
    """A key that goes down or up; to have thousands of them checked takes longer than to make them."""
    return mido.Message(kind, skip_checks=True, channel=channel, note=min(max(pitch, 0), 127), velocity=velocity)
