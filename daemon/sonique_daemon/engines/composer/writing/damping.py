"""Damping: nobody holds a note into a chord that it clashes with."""

from collections.abc import Sequence
from dataclasses import replace

from sonique_daemon.engines.composer.writing.chords import Chord
from sonique_daemon.engines.composer.writing.score import Event, Score

_UNPITCHED = ("drums", "noise", "drone", "effect")

_SHORTEST = 0.2
"""Beats before a chord from which on a note belongs to that chord and not to the one before."""


def damped(score: Score, events: Sequence[Event]) -> list[Event]:
    """Each note let go at the first chord of which a tone lies a semitone from it, unless it is part of that chord."""
    return [event if score.players[event.player].role in _UNPITCHED else _let_go(score, event) for event in events]


def _let_go(score: Score, event: Event) -> Event:
    for span in score.changes.within(event.beat, event.beat + event.length):
        if span.start >= event.beat + _SHORTEST and _clashes(event.pitch, span.chord):
            return replace(event, length=span.start - event.beat)
    return event


def _clashes(pitch: int, chord: Chord) -> bool:
    near = {(pitch + side) % 12 for side in (1, 11)}
    return pitch % 12 not in chord.classes and not near.isdisjoint(chord.classes)
