"""Performance: from beats to seconds, with the timing and dynamics of players.

Deviations from the grid are 1/f noise, as found in drummers (Hennig et al. 2011), clipped at 2.5 standard deviations,
with no drift; what stands on a hit point hardly strays.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.engines.composer.composition import Instrument, Note, Part, Stem
from sonique_daemon.engines.composer.style import Timing
from sonique_daemon.engines.composer.writing.cast import Player
from sonique_daemon.engines.composer.writing.dice import Roll
from sonique_daemon.engines.composer.writing.instruments import NATURES, STEMS
from sonique_daemon.engines.composer.writing.score import Event, Score
from sonique_daemon.engines.composer.writing.threes import PARTS

_PINNED = 0.006
"""Seconds that a note on a hit point may stray."""

_LINGERING = 0.04
"""Seconds that a held note may last longer than it is written."""

_LOW_CUTS = {"drums": 28.0, "bass": 30.0, "pad": 140.0, "chords": 90.0, "figure": 90.0, "pulse": 60.0, "lead": 170.0}
_BREATHS = (Instrument.DRONE, Instrument.AIR, Instrument.VINYL)
"""Sounds that fade slowly into themselves."""

_SNARES = (37, 38, 39, 40)


def performed(score: Score, events: Sequence[Event]) -> tuple[Note, ...]:
    """The notes as they sound, sorted by start, part and pitch; ``Note.part`` is the player's index."""
    ordered = sorted(events, key=lambda event: (event.player, event.beat, event.pitch))
    notes: list[Note] = []
    for player, group in groupby(ordered, key=lambda event: event.player):
        notes += _Hands(score, player).play(list(group))
    return tuple(sorted(notes, key=lambda note: (note.start, note.part, note.pitch)))


def parts(score: Score) -> tuple[Part, ...]:
    """The players as parts of the mix."""
    names: dict[str, int] = defaultdict(int)
    found = []
    for player in score.players:
        name = f"{player.role}: {player.instrument.value}"
        names[name] += 1
        name = name if names[name] == 1 else f"{name} {names[name]}"
        found.append(_part(player, name))
    return tuple(found)


def _part(player: Player, name: str) -> Part:
    layer = player.layer
    return Part(
        name=name,
        stem=STEMS.get(layer.role, Stem.TEXTURE),
        instrument=player.instrument,
        gain_db=layer.gain_db + (1.0 if player.asked and layer.role != "noise" else 0.0),
        pan=layer.pan,
        send_db=layer.send_db,
        low_cut_hz=_LOW_CUTS.get(layer.role, 60.0),
        high_cut_hz=6000.0 if layer.role == "bass" else 20_000.0,
    )


def swung(beat: float, unit: int, ratio: float) -> float:
    """The position that a written position has in swing: the second of two eighths (or sixteenths) comes late."""
    if unit == 0 or ratio == 0.5:
        return beat
    size = 8 / unit
    whole = (beat + 1e-6) // size * size
    inside = (beat - whole) / size
    written = min((0.5, 0.25, 0.75, 2 / 3), key=lambda place: abs(place - inside))
    if abs(written - inside) > 0.01:
        return beat
    late = {0.25: 0.25 * 2 * ratio, 0.75: ratio + 0.5 * (1 - ratio)}.get(written, ratio)
    if written == 2 / 3 and unit != 8:
        return beat
    return whole + size * late


def swing_ratio(timing: Timing, bpm: float) -> float:
    """The style's ratio, or one that falls with tempo (short note about 100 ms; Friberg & Sundström 2002)."""
    if timing.swing:
        return timing.swing
    ratio = min(max((60 / bpm - 0.1) / 0.1 * 0.6, 1.2), 2.2)
    return ratio / (1 + ratio)


class _Hands:
    """One player's hands: where and how strongly each note falls."""

    def __init__(self, score: Score, player: int) -> None:
        self.score, self.player = score, player
        self.who = score.players[player]
        self.nature = NATURES[self.who.instrument]
        self.group = {Stem.DRUMS: "drums", Stem.BASS: "bass", Stem.LEAD: "lead", Stem.HARMONY: "harmony"}.get(
            STEMS.get(self.who.role, Stem.TEXTURE), "texture"
        )
        self.timing = score.style.timing
        self.ratio = swing_ratio(self.timing, score.tempo_map.bpm)
        self.lag = self.timing.lag_ms.get(self.group, 0.0) / 1000
        self.map: TempoMap = score.tempo_map

    def play(self, events: Sequence[Event]) -> list[Note]:
        """All notes of the player."""
        chords = [list(group) for _, group in groupby(events, key=lambda event: round(event.beat, 4))]
        roll = self.score.dice.at("hands", self.player)
        spread = self.timing.spread_ms.get(self.group, 8.0) / 1000 * self.score.manner.looseness
        strays = _pink(len(chords), spread, roll)
        touch = _pink(len(chords), 0.028, roll)
        notes: list[Note] = []
        heard: dict[int, int] = defaultdict(int)
        for chord, stray, force in zip(chords, strays, touch, strict=True):
            notes += self._chord(chord, float(stray), float(force), heard, roll)
        if self.who.instrument in _BREATHS:
            return notes
        return _separate(notes, 1 if self.nature.voices == 1 else 99)

    def _chord(
        self, chord: Sequence[Event], stray: float, force: float, heard: dict[int, int], roll: Roll
    ) -> list[Note]:
        found = []
        for place, event in enumerate(chord):
            start = self._start(event, stray, place)
            length = self._loose(event, self._length(event), force)
            if start < -0.12:
                if not self._taken_up(event, start, length):
                    continue
                start, length = 0.0, start + length
            heard[event.pitch] += 1
            velocity = self._velocity(event, force) + 0.01 * roll.between(-1, 1)
            left = self.score.tempo_map.duration - 0.02
            length = min(length, float(left) - start)
            if length <= 0.01:
                continue
            variant = heard[event.pitch] % 2
            found.append(
                Note(
                    self.player,
                    round(start, 5),
                    round(length, 5),
                    event.pitch,
                    round(min(max(velocity, 0.06), 1.0), 4),
                    variant,
                )
            )
        return found

    def _taken_up(self, event: Event, start: float, length: float) -> bool:
        """Whether a note that began before the cue is struck on its first frame, where the picture begins: most of it
        must be left, or enough of what is merely held.
        """
        left = start + length
        return left >= 0.5 and (event.sustained or (self.group != "drums" and left >= 0.4 * length))

    def _loose(self, event: Event, length: float, force: float) -> float:
        """A length as hands keep it: what is held is let go at the next chord, however long it was."""
        if self.who.role == "effect":
            return length
        loose = 0.04 * min(max(force / 0.028, -2), 2) * length
        return length + (min(loose, _LINGERING) if event.sustained else loose)

    def _start(self, event: Event, stray: float, place: int) -> float:
        """Seconds at which a note starts: swing, stray, lag, early start of soft attacks, and the chord's roll."""
        if self.who.role == "effect":
            return self.map.time_at(event.beat)
        rolled = place * self.nature.roll_ms / 1000 * self._roll_factor(event)
        early = self.nature.early_ms / 1000
        if event.pinned:
            return self.map.time_at(event.beat) + min(max(0.5 * stray, -_PINNED), _PINNED) - early + rolled
        beat = swung(event.beat, self.timing.swing_unit, self.ratio)
        lag = self.lag
        if self.group == "drums" and event.pitch in _SNARES:
            lag += self.timing.lag_ms.get("snare", 0.0) / 1000
        return self.map.time_at(beat) + stray + lag - early + rolled

    def _roll_factor(self, event: Event) -> float:
        final = event.beat >= self.score.ending.beat - 1e-6
        if final and self.score.ending.kind in ("ring", "open", "fade"):
            return 2.5
        return 0.6 if event.pinned else 1.0

    def _length(self, event: Event) -> float:
        seconds = self.map.time_at(event.beat + event.length) - self.map.time_at(event.beat)
        if self.who.role in ("effect", "noise", "drone") or event.beat >= self.score.ending.beat - 1e-6:
            return seconds
        share = self.who.layer.length
        share = share if event.sustained or self.who.role == "drums" else share * self.score.manner.length
        return max(seconds * min(share, 1.05), 0.05)

    def _velocity(self, event: Event, force: float) -> float:
        """Velocity from energy, strength, metre, the phrase's arch, register and touch."""
        measure = self.score.measure_at(event.beat)
        level = 0.34 + 0.34 * measure.energy + self.score.manner.level
        value = level + 0.5 * (event.strength - 0.6)
        if self.who.role in ("pad", "noise", "drone", "effect"):
            return value + 0.5 * force
        inside = event.beat - measure.bar.start
        parts = PARTS if self.score.threes else 2
        metre = _metre(inside, measure.bar.beats, parts) * (0.5 if self.group == "drums" else 1.0)
        metre = max(metre, 0.02) if event.pinned else metre
        arch = 0.05 * (1 - abs((measure.place + inside / measure.bar.beats) / measure.length - 0.6) / 0.6)
        register = 0.016 * (event.pitch - 60) / 12 if self.group != "drums" else 0.0
        return value + metre + arch + min(max(register, -0.03), 0.03) + force


def _metre(inside: float, beats: int, parts: int) -> float:
    """Stress of a place in the bar: first beat, half bar, beats, the ``parts`` of a beat, what is shorter."""
    if abs(inside - round(inside)) > 0.02:
        return -0.05 if abs(inside * parts - round(inside * parts)) < 0.04 else -0.085
    if round(inside) == 0:
        return 0.06
    return 0.03 if beats >= 4 and round(inside) == beats // 2 else 0.0


def _pink(count: int, spread: float, roll: Roll) -> NDArray[np.float64]:
    """``count`` values of 1/f noise without a mean, of that standard deviation, clipped at 2.5 of it."""
    size = max(count, 16)
    spectrum = np.fft.rfft(roll.normal(size))
    spectrum[0] = 0
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    noise = np.fft.irfft(spectrum, size)[:count]
    if count > 1:
        noise = noise - noise.mean()
    deviation = float(noise.std()) if count > 3 else float(np.abs(noise).max() + 1e-9) * 2
    result: NDArray[np.float64] = np.clip(noise / max(deviation, 1e-9), -2.5, 2.5) * spread
    return result


def _separate(notes: list[Note], voices: int) -> list[Note]:
    """Lets go of a key before it is struck again; a player of one voice lets go of every note at the next."""
    found: list[Note] = []
    lanes: dict[int, list[Note]] = defaultdict(list)
    for note in sorted(notes, key=lambda note: (note.start, note.pitch)):
        lanes[note.pitch if voices > 1 else 0].append(note)
    for lane in lanes.values():
        for note, following in pairwise(lane):
            room = following.start - note.start
            if room > 0.02 and note.duration > room - 0.004:
                note = replace(note, duration=round(max(room - 0.004, 0.02), 5))  # noqa: PLW2901 - the same note, let go
            if room > 0.02 or voices > 1:
                found.append(note)
        found.append(lane[-1])
    return found
