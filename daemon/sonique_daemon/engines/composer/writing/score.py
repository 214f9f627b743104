"""The score: what all writers share, and the notes that they write, still in beats."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.engines.composer.style import Layer, Style
from sonique_daemon.engines.composer.writing.affect import Manner
from sonique_daemon.engines.composer.writing.arrangement import Measure
from sonique_daemon.engines.composer.writing.cast import Player, Refusal
from sonique_daemon.engines.composer.writing.dice import Dice
from sonique_daemon.engines.composer.writing.endings import Ending
from sonique_daemon.engines.composer.writing.harmony import Changes
from sonique_daemon.engines.composer.writing.voicing import Voices


@dataclass(frozen=True, slots=True)
class Window:
    """When a player plays, in seconds after the cue's start."""

    start: float
    end: float


Windows = Mapping[int, Window]
"""Of the players that have one, by their index."""


@dataclass(frozen=True, slots=True)
class Event:
    """A note in beats.

    Attributes:
        player: index of who plays it.
        beat: position.
        length: notated length in beats.
        pitch: MIDI note or drum number.
        strength: 0..1 within its player's dynamics; 0.6 is plain.
        pinned: whether it stands on a hit and must not stray.
        sustained: whether it may be taken up again after a stop.
    """

    player: int
    beat: float
    length: float
    pitch: int
    strength: float = 0.6
    pinned: bool = False
    sustained: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """What is decided before a note is written; ``threes`` says that each beat has three parts, see ``threes``."""

    style: Style
    tags: Tags
    tempo_map: TempoMap
    manner: Manner
    refused: Refusal
    players: tuple[Player, ...]
    measures: tuple[Measure, ...]
    changes: Changes
    voices: tuple[Voices, ...]
    ending: Ending
    speech: tuple[tuple[float, float], ...]
    dice: Dice
    starts: tuple[float, ...]
    windows: Windows
    threes: bool

    def measure_at(self, beat: float) -> Measure:
        """The measure that holds a position; the last one for the final chord."""
        return self.measures[max(bisect_right(self.starts, beat + 1e-6) - 1, 0)]

    def playing(self, player: int) -> list[Measure]:
        """The measures in which a player plays."""
        return [measure for measure in self.measures if player in measure.players]

    def voices_at(self, beat: float) -> Voices:
        """The four voices that sound at a position."""
        return self.voices[self.changes.index(beat)]


def steps_of(text: str) -> int:
    """Steps for each beat of a one-bar pattern string."""
    return max(1, len(text) // 4)


_BEATS = {1: (0,), 2: (0, 1), 3: (0, 1, 1), 4: (0, 1, 2, 3), 5: (0, 1, 1, 2, 3)}


def fitted_pattern(text: str, beats: int, order: dict[int, tuple[int, ...]] | None = None) -> str:
    """A pattern for four beats, cut or grown to a bar of ``beats``: three become a waltz, five three and two."""
    steps = steps_of(text)
    picks = (order or _BEATS).get(beats) or tuple(index % 4 for index in range(beats))
    return "".join(text[pick * steps : (pick + 1) * steps] for pick in picks)


def rows_at(layer: Layer, energy: float, choice: int) -> tuple[tuple[str, str], ...]:
    """The rows of the pattern that a layer plays at an energy; ``choice`` picks among equals."""
    thresholds = sorted({pattern.energy for pattern in layer.patterns if pattern.energy <= energy + 1e-6})
    wanted = thresholds[-1] if thresholds else min((pattern.energy for pattern in layer.patterns), default=0.0)
    equals = [pattern for pattern in layer.patterns if pattern.energy == wanted]
    return equals[choice % len(equals)].rows if equals else ()


def pattern_at(layer: Layer, energy: float, choice: int, default: str) -> str:
    """The one-row form of ``rows_at``."""
    rows = rows_at(layer, energy, choice)
    return rows[0][1] if rows else default


def onsets(text: str, rests: str = ".-") -> list[tuple[int, int, str]]:
    """Step, length in steps and symbol of every note of a pattern; ``-`` holds the note before it."""
    found: list[tuple[int, int, str]] = []
    for step, symbol in enumerate(text):
        if symbol not in rests:
            found.append((step, 1, symbol))
        elif symbol == "-" and found and found[-1][0] + found[-1][1] == step:
            found[-1] = (found[-1][0], found[-1][1] + 1, found[-1][2])
    return found


def nearest(pitch_class: int, around: float, low: int, high: int) -> int:
    """The pitch of that class nearest to ``around`` inside ``low..high`` (or nearest outside where none is inside)."""
    base = round((around - pitch_class) / 12) * 12 + pitch_class
    inside = [pitch for pitch in (base - 24, base - 12, base, base + 12, base + 24) if low <= pitch <= high]
    return min(inside or [base], key=lambda pitch: (abs(pitch - around), pitch))


def sequence_pitch(classes: Sequence[int], low: int, count: int) -> list[int]:
    """``count`` ascending pitches of those classes from ``low`` on."""
    octaves = count // max(len(set(classes)), 1) + 2
    return [pitch for pitch in range(low, low + 12 * octaves) if pitch % 12 in classes][:count]
