"""Textures: drones, noises, and single drops of sound."""

from sonique_daemon.engines.composer.writing.chords import pentatonic
from sonique_daemon.engines.composer.writing.score import Event, Score, nearest

_DRONE_BEATS = 16.0
_NOISE_SECONDS = 12.0
_OVERLAP_SECONDS = 2.0
"""A breath begins before the one before it has ended, for these sounds rise and fall slowly."""


def drone(score: Score, player: int) -> list[Event]:
    """The tonic, with the fifth above it where the energy allows, held and renewed every sixteen beats."""
    who, events = score.players[player], []
    for start, end in _stretches(score, player):
        beat = start
        while beat < end - 0.5:
            span, measure = score.changes.at(beat), score.measure_at(beat)
            stop = min(beat + _DRONE_BEATS, end)
            stop = end if end - stop < 4 else stop
            root = nearest(span.tonic, min(who.low + 12, 38), who.low, who.high)
            length = _overlapping(score, stop, end) - beat
            events.append(Event(player, beat, length, root, 0.5, sustained=True))
            if measure.energy > 0.3 and score.manner.cadence > 0 and root + 7 <= who.high:
                events.append(Event(player, beat, length, root + 7, 0.36, sustained=True))
            beat = stop
    return events


def noise(score: Score, player: int) -> list[Event]:
    """Air or vinyl noise under everything, in overlapping breaths of about twelve seconds."""
    events = []
    for start, end in _stretches(score, player):
        beat = start
        while beat < end - 1e-3:
            begin = score.tempo_map.time_at(beat)
            stop = min(score.tempo_map.beat_at(begin + _NOISE_SECONDS), end)
            stop = end if end - stop < 2 else stop
            events.append(Event(player, beat, _overlapping(score, stop, end) - beat, 60, 0.5, sustained=True))
            beat = stop
    return events


def _overlapping(score: Score, stop: float, end: float) -> float:
    """The position where a breath that is followed by another at ``stop`` lets go."""
    return min(score.tempo_map.beat_at(score.tempo_map.time_at(stop) + _OVERLAP_SECONDS), end)


def _stretches(score: Score, player: int) -> list[tuple[float, float]]:
    """Positions between which a player plays without a break."""
    found: list[tuple[float, float]] = []
    for measure in score.playing(player):
        if found and abs(found[-1][1] - measure.bar.start) < 1e-6:
            found[-1] = (found[-1][0], measure.bar.end)
        else:
            found.append((measure.bar.start, measure.bar.end))
    return found


def drops(score: Score, player: int) -> list[Event]:
    """Single notes at long, irregular distances (a gamma law), on half beats, from the five-note scale or the chord."""
    who, events = score.players[player], []
    for measure in score.playing(player):
        roll = score.dice.at("drops", player, measure.bar.index)
        wait = roll.gamma(3.0, 5.5 / (0.5 + measure.energy))
        at = wait
        while at < measure.bar.seconds:
            share = at / max(measure.bar.seconds, 1e-6)
            beat = measure.bar.start + round(share * (measure.bar.end - measure.bar.start) * 2) / 2
            if beat < measure.bar.end - 1e-6:
                pitch = _drop(score, player, beat, roll.between(who.low, who.high), calm=roll.chance(0.5))
                events.append(Event(player, beat, 2.0, pitch, 0.45 + 0.15 * roll.between(0, 1)))
            at += max(roll.gamma(3.0, 5.0 / (0.5 + measure.energy)), 0.8)
        if wait >= measure.bar.seconds and measure.place == 0:
            pitch = _drop(score, player, measure.bar.start, roll.between(who.low, who.high), calm=False)
            events.append(Event(player, measure.bar.start, 2.0, pitch, 0.5))
    return events


def _drop(score: Score, player: int, beat: float, around: float, *, calm: bool) -> int:
    who, span = score.players[player], score.changes.at(beat)
    dissonant = score.style.tune.scale == "semitone"
    classes = pentatonic(span.tonic, span.mode) if calm and not dissonant else span.chord.classes
    pitches = [nearest(tone, around, who.low, who.high) for tone in classes]
    pitch = min(pitches, key=lambda pitch: (abs(pitch - around), pitch))
    return pitch + 1 if dissonant and calm and pitch < who.high else pitch
