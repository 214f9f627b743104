"""Bass: one line under everything, from patterns of chord steps.

Symbols: ``1`` the bass note, ``3 5 8`` third, fifth and octave of the chord, ``a`` an approach to the next bass note,
``b`` the semitone above (a creeping neighbour), ``w`` a step of a walking line, ``-`` held, ``.`` a rest.
"""

from sonique_daemon.engines.composer.writing.arrangement import Measure
from sonique_daemon.engines.composer.writing.chords import scale
from sonique_daemon.engines.composer.writing.dice import Roll
from sonique_daemon.engines.composer.writing.harmony import Span
from sonique_daemon.engines.composer.writing.score import (
    Event,
    Score,
    fitted_pattern,
    nearest,
    onsets,
    pattern_at,
)


def bass(score: Score, player: int) -> list[Event]:
    """The bass line of a player (also the repeated notes of a pulse)."""
    line = _Line(score, player)
    events: list[Event] = []
    for measure in score.playing(player):
        events += line.pedal(measure) if line.layer.figure == "pedal" else line.bar(measure)
    return events


class _Line:
    """A line that remembers where it is."""

    def __init__(self, score: Score, player: int) -> None:
        self.score, self.player = score, player
        self.who = score.players[player]
        self.layer = self.who.layer
        self.home = self.who.low + (self.who.high - self.who.low) * 0.4
        self.last = self.home

    def root(self, pitch_class: int) -> int:
        """The bass note nearest to the line, pulled towards its home register."""
        around = 0.4 * self.last + 0.6 * self.home
        pitch = nearest(pitch_class, around, self.who.low, self.who.high)
        self.last = pitch
        return pitch

    def pedal(self, measure: Measure) -> list[Event]:
        """One note for each chord, taken up again every fourth bar."""
        bar, found = measure.bar, []
        for span in self.score.changes.within(bar.start, bar.end):
            fresh = span.start >= bar.start - 1e-6
            if not fresh and (measure.place % 4 or span.start >= bar.start):
                continue
            beat = max(span.start, bar.start)
            length = min(span.end, bar.start + 16.0, self.score.ending.beat) - beat
            pitch = self.root(span.chord.bass)
            found.append(Event(self.player, beat, max(length, 0.5), pitch, 0.6, sustained=True))
        return found

    def bar(self, measure: Measure) -> list[Event]:
        """One bar of the pattern for its energy."""
        roll = self.score.dice.at("bass", self.player, measure.bar.index)
        choice = self.score.dice.at("bass line", self.player, measure.passage.letter, measure.turn).below(60)
        choice += measure.place == measure.length - 1 and measure.length > 2
        text = pattern_at(self.layer, measure.energy, choice, "1-------")
        if "w" in text:
            return self.walk(measure, roll)
        text = fitted_pattern(text, measure.bar.beats)
        bar, found = measure.bar, []
        steps = len(text) // bar.beats
        for step, length, symbol in onsets(text):
            beat = bar.start + step / steps
            if beat >= bar.end - 1e-6:
                break
            span = self.score.changes.at(beat)
            pitch = self.pitch(symbol, span, measure, roll)
            strength = 0.66 if step % steps == 0 else 0.56
            held = min(length / steps, bar.end - beat)
            found.append(Event(self.player, beat, held, pitch, strength, sustained=held >= 2))
        return self.followed(found, measure)

    def pitch(self, symbol: str, span: Span, measure: Measure, roll: Roll) -> int:
        """The pitch of a symbol over a chord."""
        chord, who = span.chord, self.who
        if symbol == "1":
            return self.root(chord.bass)
        if symbol == "a":
            goal = self.score.changes.at(measure.bar.end + 1e-3).chord.bass
            base = nearest(goal, self.last, who.low, who.high)
            step = -1 if roll.chance(0.6) else 2 if roll.chance(0.4) else 1
            return min(max(base + step, who.low), who.high)
        base = nearest(chord.bass, self.home, who.low, who.high)
        if symbol == "b":
            return min(base + 1, who.high)
        if symbol == "8":
            return base + 12 if base + 12 <= who.high else base
        third, fifth = chord.tones[1 % len(chord.tones)], chord.tones[min(2, len(chord.tones) - 1)]
        tone = (chord.root + (third if symbol == "3" else fifth)) % 12
        return nearest(tone, base + 1, who.low, who.high)

    def followed(self, found: list[Event], measure: Measure) -> list[Event]:
        """Adds the bass note of a chord that comes inside the bar where the pattern has none."""
        bar = measure.bar
        for span in self.score.changes.within(bar.start, bar.end):
            if span.start <= bar.start + 1e-6 or any(abs(event.beat - span.start) < 0.26 for event in found):
                continue
            found = [_cut(event, span.start) for event in found]
            pitch = self.root(span.chord.bass)
            found.append(Event(self.player, span.start, bar.end - span.start, pitch, 0.62))
        return sorted(found, key=lambda event: event.beat)

    def walk(self, measure: Measure, roll: Roll) -> list[Event]:
        """Quarter notes: the bass note where a chord begins, chord or scale steps between, an approach at the end."""
        bar, found = measure.bar, []
        count = round(bar.end - bar.start)
        for index in range(count):
            beat = bar.start + index
            span = self.score.changes.at(beat)
            fresh = abs(span.start - beat) < 0.5 or index == 0
            pitch = self.root(span.chord.bass) if fresh else self.step(span, beat, roll)
            self.last = pitch
            found.append(Event(self.player, beat, 1.0, pitch, 0.62 if index % 2 == 0 else 0.58))
            if roll.chance(0.1) and index % 2:
                found[-1] = Event(self.player, beat, 0.6, pitch, 0.58)
                found.append(Event(self.player, beat + 0.5, 0.4, pitch, 0.46))
        return found

    def step(self, span: Span, beat: float, roll: Roll) -> int:
        """A step on the way to the next bass note; a semitone or scale step below or above it right before."""
        goal_span = self.score.changes.at(beat + 1.001)
        who = self.who
        if goal_span.start > beat:
            goal = nearest(goal_span.chord.bass, self.last, who.low, who.high)
            side = -1 if goal > self.last else 1
            return min(max(goal + side * (1 if roll.chance(0.65) else 2), who.low), who.high)
        tones = span.chord.classes if roll.chance(0.55) else scale(span.tonic, span.mode, span.chord)
        near = [
            pitch for pitch in range(who.low, who.high + 1) if pitch % 12 in tones and 0 < abs(pitch - self.last) <= 5
        ]
        pull = [pitch for pitch in near if abs(pitch - self.home) <= abs(self.last - self.home) + 2]
        return roll.pick(pull or near or [round(self.last)])


def _cut(event: Event, beat: float) -> Event:
    if event.beat < beat < event.beat + event.length:
        return Event(event.player, event.beat, beat - event.beat, event.pitch, event.strength)
    return event
