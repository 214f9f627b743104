"""Accompaniment: held chords, rhythmic chords and broken chords.

Symbols of rhythmic chords: ``x`` the chord, ``o`` its upper notes, lighter. Symbols of broken chords: ``1`` to ``9``
climb the chord's triad from its lowest note. Both: ``-`` held, ``.`` a rest.
"""

from sonique_daemon.engines.composer.writing.arrangement import Measure
from sonique_daemon.engines.composer.writing.chords import Chord
from sonique_daemon.engines.composer.writing.dice import Roll
from sonique_daemon.engines.composer.writing.harmony import Span
from sonique_daemon.engines.composer.writing.instruments import NATURES
from sonique_daemon.engines.composer.writing.score import (
    Event,
    Score,
    fitted_pattern,
    nearest,
    onsets,
    pattern_at,
    sequence_pitch,
)
from sonique_daemon.engines.composer.writing.voicing import Voices, fitted

_ORDER = {1: (0,), 2: (0, 1), 3: (0, 1, 2), 4: (0, 1, 2, 3), 5: (0, 1, 2, 3, 2)}
_LONGEST = 16.0
"""Beats after which a held chord is taken up again."""


def pad(score: Score, player: int) -> list[Event]:
    """Held chords; the manner may be "", "high", "harmonic" (one high note), "tremolo" or "cluster"."""
    events: list[Event] = []
    sounding = score.playing(player)
    played = {measure.bar.index for measure in sounding}
    for measure in sounding:
        bar = measure.bar
        for span in score.changes.within(bar.start, bar.end):
            fresh = span.start >= bar.start - 1e-6
            entered = bar.index - 1 not in played and span.start < bar.start
            renewed = (bar.start - span.start) >= _LONGEST and (bar.start - span.start) % _LONGEST < bar.beats
            if fresh or entered or renewed:
                beat = max(span.start, bar.start)
                events += _held(score, player, measure, beat, _until(score, span, beat, played, measure))
    return events


def _until(score: Score, span: Span, beat: float, played: set[int], measure: Measure) -> float:
    """Where a chord taken up at ``beat`` is let go: at the next chord, or where the player falls silent."""
    end = min(span.end, beat + _LONGEST, score.ending.beat)
    for later in score.measures[measure.bar.index :]:
        if later.bar.index not in played or later.bar.start >= end:
            return min(end, max(later.bar.start, beat + 0.5))
    return end


def _held(score: Score, player: int, measure: Measure, beat: float, until: float) -> list[Event]:
    who, length = score.players[player], until - beat
    figure = who.layer.figure
    pitches = pad_voices(score, player, beat, measure)
    if figure == "tremolo" and measure.energy > 0.3 and not measure.speech:
        return _tremolo(score, player, pitches, beat, until)
    span = score.changes.at(beat)
    strength = 0.5 + 0.06 * (span.opens and beat == span.start)
    return [Event(player, beat, length, pitch, strength, sustained=True) for pitch in pitches]


def _tremolo(score: Score, player: int, pitches: Voices, beat: float, until: float) -> list[Event]:
    """Repeated strokes that swell towards the end of the chord, two or four a beat."""
    rate = 4 if score.tempo_map.bpm < 100 and not score.threes else 3
    count = max(1, int((until - beat) * rate))
    shares = [index / count for index in range(count)]
    return [
        Event(player, beat + index / rate, 1 / rate, pitch, 0.34 + 0.22 * share + (0.08 if index % rate == 0 else 0))
        for index, share in enumerate(shares)
        for pitch in pitches[-2:]
    ]


def pad_voices(score: Score, player: int, beat: float, measure: Measure) -> Voices:
    """The notes that a pad holds at a position."""
    who, voices = score.players[player], score.voices_at(beat)
    figure = who.layer.figure
    span = score.changes.at(beat)
    if figure == "cluster":
        return _cluster(score, player, span, measure)
    if figure == "harmonic":
        return (nearest(span.chord.classes[min(2, len(span.chord.tones) - 1)], who.high - 5, who.low, who.high),)
    if figure == "high":
        return fitted(voices[-3:] if measure.energy > 0.6 else voices[-2:], who.low, who.high)
    inside = who.low <= min(voices) and max(voices) <= who.high
    chosen = voices if inside else fitted(voices, who.low, who.high)
    return chosen[: NATURES[who.instrument].voices] if measure.energy > 0.2 or len(chosen) < 4 else chosen[:3]


def _cluster(score: Score, player: int, span: Span, measure: Measure) -> Voices:
    """Four to six neighbouring semitones (or a minor second at low energy), sliding by a step from chord to chord."""
    who = score.players[player]
    roll = score.dice.at("cluster", player, score.changes.index(span.start))
    base = nearest(span.chord.root, (who.low + who.high) / 2 + roll.between(-5, 5), who.low, who.high - 8)
    shapes = ((0, 1), (0, 1, 6)) if measure.energy < 0.35 else ((0, 1, 2, 6), (0, 1, 3, 4), (0, 1, 2, 3, 7))
    return tuple(pitch for pitch in (base + step for step in roll.pick(shapes)) if pitch <= who.high)


def chords(score: Score, player: int) -> list[Event]:
    """Rhythmic chords; the manner may be "", "shell" (third and seventh below colours) or "power" (root and fifth)."""
    events: list[Event] = []
    for measure in score.playing(player):
        roll = score.dice.at("chords", player, measure.bar.index)
        text = _text(score, player, measure, "x-------", roll)
        bar = measure.bar
        steps = len(text) / bar.beats
        for step, length, symbol in onsets(text):
            beat = bar.start + step / steps
            if beat < bar.end - 1e-6:
                events += _struck(score, player, beat, min(length / steps, bar.end - beat), symbol)
    return events


def _struck(score: Score, player: int, beat: float, length: float, symbol: str) -> list[Event]:
    measure = score.measure_at(beat)
    pitches = chord_voices(score, player, beat, measure)
    strength = 0.6
    if symbol == "o":
        pitches, strength = pitches[-2:], 0.48
    found = []
    for span in score.changes.within(beat, beat + length):
        start = max(beat, span.start)
        if span.start > beat + 1e-6:
            pitches = chord_voices(score, player, start, measure)
        stop = min(span.end, beat + length)
        found += [Event(player, start, stop - start, pitch, strength) for pitch in pitches]
    return found


def chord_voices(score: Score, player: int, beat: float, measure: Measure) -> Voices:
    """The notes that a rhythmic chord strikes at a position."""
    who, span = score.players[player], score.changes.at(beat)
    if who.layer.figure == "power" and NATURES[who.instrument].voices <= 4:
        return _power(span.chord, who.low, who.high)
    voices = fitted(score.voices_at(beat), who.low, who.high)
    if who.layer.figure == "shell" or (len(span.chord.tones) > 3 and measure.energy < 0.5):
        voices = tuple(pitch for pitch in voices if pitch % 12 != span.chord.root) or voices
    return voices[-NATURES[who.instrument].voices :]


def _power(chord: Chord, low: int, high: int) -> Voices:
    root = nearest(chord.root, low + 5, low, high)
    return tuple(pitch for pitch in (root, root + 7, root + 12) if pitch <= high + 2)


def figure(score: Score, player: int) -> list[Event]:
    """Broken chords; the manner is "rooted" (from the root up) or "close" (from the nearest chord tone up)."""
    events: list[Event] = []
    for measure in score.playing(player):
        roll = score.dice.at("figure", player, measure.bar.index)
        text = _text(score, player, measure, "1.3.2.3.", roll)
        bar = measure.bar
        steps = len(text) / bar.beats
        pattern = onsets(text)
        for place, (step, _, symbol) in enumerate(pattern):
            beat = bar.start + step / steps
            if beat >= bar.end - 1e-6:
                break
            following = pattern[place + 1][0] if place + 1 < len(pattern) else len(text)
            length = min((following - step) / steps, bar.end - beat, 2.0)
            pitch = ladder(score, player, beat)[min(int(symbol), 9) - 1]
            events.append(Event(player, beat, length, pitch, 0.62 if step == 0 else 0.54))
    return events


def ladder(score: Score, player: int, beat: float) -> list[int]:
    """Nine notes to climb: the chord's triad from its lowest note in the player's range."""
    who, span = score.players[player], score.changes.at(beat)
    classes = span.chord.classes[:3]
    if len(span.chord.tones) > 3 and who.layer.figure != "rooted":
        classes = (*classes[:2], span.chord.classes[3]) if span.chord.tones[3] < 12 else classes
    low = who.low
    if who.layer.figure == "rooted":
        low = nearest(span.chord.bass if span.chord.bass in classes else classes[0], low + 5, low, who.high)
    steps = sequence_pitch(classes, low, 9)
    return [pitch if pitch <= who.high else pitch - 12 * -(-(pitch - who.high) // 12) for pitch in steps]


def _text(score: Score, player: int, measure: Measure, default: str, roll: Roll) -> str:
    """A bar's pattern: the passage's own, answered by another in its second half, changed at a phrase's end."""
    layer = score.players[player].layer
    passage = measure.passage
    choice = score.dice.at("pattern", player, passage.letter, passage.block, passage.statement // 2).below(60)
    choice += measure.turn + (measure.phrase % 2 if passage.statement else 0)
    text = fitted_pattern(pattern_at(layer, measure.energy, choice, default), measure.bar.beats, _ORDER)
    if (measure.place == measure.length - 1 and measure.length >= 3 and roll.chance(0.6)) or (
        passage.statement >= 2 and measure.place % 2
    ):
        text = varied(text, roll)
    return text


def varied(text: str, roll: Roll) -> str:
    """A pattern with one thing changed, away from its first step: two symbols exchanged, or one note left out."""
    notes = [step for step, symbol in enumerate(text) if symbol not in ".-" and step > 0]
    if len(notes) < 2:
        return text
    one, two = sorted((roll.pick(notes), roll.pick(notes)))
    symbols = list(text)
    if text[one] != text[two] and roll.chance(0.65):
        symbols[one], symbols[two] = symbols[two], symbols[one]
    else:
        symbols[one] = "-" if "-" in text else "."
    return "".join(symbols)
