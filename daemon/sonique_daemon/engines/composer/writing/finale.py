"""The finale: the final chord, as the ending's kind wants it."""

from collections.abc import Sequence
from dataclasses import replace

from sonique_daemon.engines.composer.composition import Instrument
from sonique_daemon.engines.composer.writing import affect, entries
from sonique_daemon.engines.composer.writing.cast import Player
from sonique_daemon.engines.composer.writing.drums import GENERAL_MIDI
from sonique_daemon.engines.composer.writing.endings import tail
from sonique_daemon.engines.composer.writing.figures import chord_voices, ladder, pad_voices
from sonique_daemon.engines.composer.writing.instruments import NATURES
from sonique_daemon.engines.composer.writing.score import Event, Score, nearest
from sonique_daemon.engines.composer.writing.threes import PARTS
from sonique_daemon.engines.composer.writing.voicing import fitted

_SHORT = ("button", "sting", "stop")
_SINGERS = ("lead", "counter", "drops")

_THIRD = 2
"""Semitones by which the third must lie nearer than the root for a melody to end on it."""


def finished(score: Score, events: Sequence[Event]) -> list[Event]:
    """The events up to the final chord, and that chord."""
    end = score.ending.beat
    body = [replace(event, length=min(event.length, end - event.beat)) for event in events if event.beat < end - 0.02]
    chosen = _players(score)
    chord = [event for player in chosen for event in _final(score, player, body)]
    if not chord:
        chord = [event for player in chosen for event in _drums(score, player, 0.7, forced=True)]
    return body + chord + [event for player in chosen for event in _gesture(score, player)]


def _players(score: Score) -> list[int]:
    """Who plays the final chord: those of the last bar, at least a bass and somebody with harmony; few in quiet."""
    last = score.measures[-1]
    every = {index for index, player in enumerate(score.players) if player.role != "effect"}
    band = sorted(every - entries.gone(score) or every)
    chosen = {index for index in last.players if score.players[index].role not in ("drops", "counter")} & set(band)
    if last.speech:
        chosen -= {index for index in chosen if score.players[index].role == "lead"}
    loud = last.passage.energy >= 0.3 or score.ending.kind in _SHORT
    needs = (("pad", "chords", "figure"), ("chords", "figure", "drops"), ("bass", "drone"))
    for roles in needs if loud else needs[:1]:
        if not any(score.players[index].role in roles for index in chosen):
            chosen |= set([index for index in band if score.players[index].role in roles][:1])
    chosen |= {index for index in band if score.players[index].asked and _short_cue(score)}
    return sorted(chosen or set(band[:1]))


def _short_cue(score: Score) -> bool:
    return float(score.tempo_map.duration) < 12 and not score.measures[-1].speech


def _final(score: Score, player: int, body: Sequence[Event]) -> list[Event]:
    who, ending = score.players[player], score.ending
    beat = ending.beat
    held = score.tempo_map.beat_at(ending.time + ending.held) - beat
    strength = {"button": 0.85, "sting": 0.9, "stop": 0.95, "ring": 0.68, "open": 0.62, "fade": 0.55}[ending.kind]
    if who.role == "drums":
        return _drums(score, player, strength)
    pitches = _pitches(score, player, who) if who.role not in _SINGERS else [_resolved(score, player, body)]
    if who.role == "noise":
        left = float(score.tempo_map.duration) - ending.time
        held = score.tempo_map.beat_at(ending.time + left) - beat
    return [Event(player, beat, held, pitch, strength, pinned=True, sustained=True) for pitch in pitches]


def _gesture(score: Score, player: int) -> list[Event]:
    """A run up the chord where the cue is so short that its final chord is all there is."""
    who, ending = score.players[player], score.ending
    bar = score.measures[0].bar
    if bar.end - bar.start > 1 or who.role not in ("figure", "chords", "drops"):
        return []
    duration, decay = float(score.tempo_map.duration), affect.room(score.tags.affect, score.style).decay
    latest = duration - tail(duration, decay)
    steps = ladder(score, player, ending.beat)
    events = [
        Event(player, ending.beat + place / (PARTS if score.threes else 4), 1.0, pitch, 0.5 + 0.04 * place)
        for place, pitch in enumerate(sorted(set(steps))[1:6], start=1)
    ]
    return [event for event in events if score.tempo_map.time_at(event.beat) <= latest - 0.05]


def _resolved(score: Score, player: int, body: Sequence[Event]) -> int:
    """Where a melody comes to rest: on the root or the third of the final chord, whichever lies near its last note."""
    who, chord = score.players[player], score.changes.at(score.ending.beat).chord
    own = [event for event in body if event.player == player]
    home = min(max(score.manner.pitch, who.low + 4), who.high - 4)
    last = max(own, key=lambda event: (event.beat, event.pitch)).pitch if own else home
    root = nearest(chord.root, last, who.low, who.high)
    third = nearest(chord.classes[1], last, who.low, who.high) if chord.tones[1] in (3, 4) else root
    return third if abs(third - last) + _THIRD < abs(root - last) else root


def _pitches(score: Score, player: int, who: Player) -> list[int]:
    """The final chord's notes for a player."""
    beat, last = score.ending.beat, score.measures[-1]
    span = score.changes.at(beat)
    chord = span.chord
    if who.role == "noise":
        return [60]
    if who.role in ("bass", "drone", "pulse"):
        home = 38.0 if who.role != "pulse" else (who.low + who.high) / 2
        return [nearest(chord.bass, home, who.low, who.high)]
    if who.role == "pad":
        return list(pad_voices(score, player, beat, last))
    voices = chord_voices(score, player, beat, last)
    count = NATURES[who.instrument].voices
    wide = [*voices[-min(4, count) :]]
    low = nearest(chord.bass, who.low + 6, who.low, who.high)
    whole = sorted({*([low] if count >= 4 else []), *wide})
    return whole or list(fitted(score.voices_at(beat), who.low, who.high))[:1]


def _drums(score: Score, player: int, strength: float, *, forced: bool = False) -> list[Event]:
    who, beat, last = score.players[player], score.ending.beat, score.measures[-1]
    if who.role != "drums":
        return []
    if not forced and (last.speech or (last.energy < 0.45 and score.ending.kind not in _SHORT)):
        return []
    if who.instrument is Instrument.TIMPANI:
        pitch = nearest(score.changes.at(beat).chord.root, 45, who.low, who.high)
        return [Event(player, beat, 2.0, pitch, strength, pinned=True)]
    names = {Instrument.PERCUSSION: "D", Instrument.TAIKO: "L", Instrument.BRUSH_KIT: "KR"}.get(who.instrument, "KY")
    return [Event(player, beat, 1.0, GENERAL_MIDI[name], strength, pinned=True) for name in names]
