"""Melody: motifs set over the chords, phrase by phrase, and a second voice that moves while the first one rests."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sonique_daemon.engines.composer.writing.arrangement import Measure
from sonique_daemon.engines.composer.writing.chords import pentatonic, scale
from sonique_daemon.engines.composer.writing.dice import Roll
from sonique_daemon.engines.composer.writing.harmony import Span
from sonique_daemon.engines.composer.writing.motif import OPERATIONS, Motif, changed, closed, derived, motif
from sonique_daemon.engines.composer.writing.score import Event, Score, nearest

_PLANS = (("idea", "vary"), ("idea", "close"), ("vary", "vary"), ("fragment", "close"))
"""What the units of a phrase do: question and answer, then looser with a firm close."""

_STUCK = 1.2
"""Price of a pitch that comes again, for each time that it has done so already."""


def lead(score: Score, player: int) -> list[Event]:
    """The melody."""
    phrases: dict[int, list[Measure]] = {}
    for measure in score.playing(player):
        if measure.tune:
            phrases.setdefault(measure.phrase, []).append(measure)
    singer = _Singer(score, player)
    events: list[Event] = []
    for number, measures in enumerate(phrases.values()):
        events += singer.phrase(measures, _PLANS[number % len(_PLANS)])
    return _without_speech(events, score)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A note's place before it has a pitch."""

    beat: float
    length: float
    step: int
    strong: bool
    last: bool


class _Singer:
    """Sets motifs to pitches and remembers where the voice is."""

    def __init__(self, score: Score, player: int) -> None:
        self.score, self.player = score, player
        self.who = score.players[player]
        centre = score.manner.pitch
        while centre > self.who.high - 4:
            centre -= 12
        while centre < self.who.low + 4:
            centre += 12
        self.centre = min(max(centre, self.who.low + 3), self.who.high - 3)
        half = score.manner.reach / 2 + 2.5
        self.low = max(self.who.low, round(self.centre - half))
        self.high = min(self.who.high, round(self.centre + half))
        self.last = round(self.centre)
        self.foreign = False
        self.again = 0

    def phrase(self, measures: Sequence[Measure], plan: tuple[str, ...]) -> list[Event]:
        """One phrase: units of two bars, each a form of the passage's motif."""
        units = [measures[place : place + 2] for place in range(0, len(measures), 2)]
        events: list[Event] = []
        for number, unit in enumerate(units):
            job = plan[-1] if number == len(units) - 1 else plan[min(number, len(plan) - 1)]
            events += self.unit(unit, job, number)
        return events

    def unit(self, measures: Sequence[Measure], job: str, number: int) -> list[Event]:
        """One unit of a phrase."""
        first = measures[0]
        roll = self.score.dice.at("melody", self.player, first.bar.index)
        idea = self.motif(first)
        operation = {"idea": "repeat", "close": "tail", "fragment": "fragment"}.get(job) or roll.weigh(OPERATIONS)
        if job == "idea" and first.passage.statement >= 2:
            operation = roll.weigh({"tail": 1.0, "ornament": 0.6, "rhythm": 1.0})
        form = changed(idea, operation, roll)
        form = closed(form) if job == "close" else form
        if number == 0 or operation != "sequence":
            self.last = round(0.5 * self.last + 0.5 * self.target(first, 0.0))
        else:
            self.last += roll.pick((2, -2, 4, -3))
        spots = self.spots(form, measures, roll)
        return self.sung(spots, roll, closing=job == "close")

    def motif(self, measure: Measure) -> Motif:
        """The passage's motif: one for the piece, a derived one for contrast, a new tail for each block."""
        tune, dice = self.score.style.tune, self.score.dice
        plain = motif(tune, self.score.manner.busyness, dice.at("motif"))
        passage = measure.passage
        if passage.block:
            plain = changed(plain, "tail", dice.at("motif block", passage.block))
        if passage.letter == "b":
            return derived(plain, tune, dice.at("motif b", passage.block))
        return plain

    def target(self, measure: Measure, share: float) -> float:
        """Where the voice is drawn to: higher at the peak and at two thirds of a passage."""
        inside = measure.bar.index - measure.passage.bars[0].index + share
        position = inside / max(len(measure.passage.bars), 1)
        arch = 3.0 * (1 - abs(position - 0.7) / 0.7)
        return self.centre + arch - 1.5 + 5.0 * (measure.energy - 0.5)

    def spots(self, form: Motif, measures: Sequence[Measure], roll: Roll) -> list[_Spot]:
        """The unit's notes in time, some left out where the style rests more than its cells do."""
        found: list[_Spot] = []
        steps = iter(form.steps)
        tune = self.score.style.tune
        own = sum(cell.count(".") for cell in form.cells) / sum(len(cell) for cell in form.cells)
        silent = max(0.0, (tune.rest - own) / max(1 - own, 0.1)) * 0.8
        for measure, cell in zip(measures, form.cells * 2, strict=False):
            for beat, length in _notes(cell, measure):
                inside = beat - measure.bar.start
                strong = abs(inside - round(inside)) < 1e-6 and (round(inside) % 2 == 0 or length >= 2)
                spot = _Spot(beat, length, next(steps, 0), strong, last=False)
                if not (found and roll.chance(silent)):
                    found.append(spot)
        if not found:
            return []
        end = found[-1]
        found[-1] = _Spot(end.beat, end.length, end.step, strong=True, last=True)
        span = sum(measure.bar.end - measure.bar.start for measure in measures)
        return _breathed(found, span * (1 - tune.rest))

    def sung(self, spots: Sequence[_Spot], roll: Roll, *, closing: bool) -> list[Event]:
        """Pitches for the spots."""
        events = []
        appoggiatura = roll.below(max(len(spots), 1)) if roll.chance(0.25) else -1
        for place, spot in enumerate(spots):
            creeping = self.score.style.tune.scale == "semitone" and not spot.last
            strict = spot.strong and place != appoggiatura and not creeping
            pitch = self.pitch(spot, strict=strict, closing=closing and spot.last)
            if self.score.style.tune.scale == "chromatic" and not spot.strong and spot.length <= 0.5:
                pitch = self.neighbour(pitch, spots, place, roll)
            events.append(Event(self.player, spot.beat, spot.length, pitch, 0.7 if spot.strong else 0.6))
            self.again = self.again + 1 if events[:-1] and pitch == self.last else 0
            self.last = pitch
            span = self.score.changes.at(spot.beat)
            self.foreign = pitch % 12 not in span.chord.classes
        return events

    def neighbour(self, pitch: int, spots: Sequence[_Spot], place: int, roll: Roll) -> int:
        """Now and then the semitone below the note that follows."""
        if place + 1 >= len(spots) or spots[place + 1].step == 0 or not roll.chance(0.12):
            return pitch
        return max(pitch - 1, self.low)

    def pitch(self, spot: _Spot, *, strict: bool, closing: bool) -> int:
        """The best pitch for a spot: near the wanted step, a chord tone on strong beats, drawn to the register."""
        span, measure = self.score.changes.at(spot.beat), self.score.measure_at(spot.beat)
        classes = self.classes(span)
        pitches = [pitch for pitch in range(self.low, self.high + 1) if pitch % 12 in classes]
        if not pitches:
            return nearest(span.chord.root, self.last, self.who.low, self.who.high)
        five = pentatonic(span.tonic, span.mode) if self.score.style.tune.scale == "pentatonic" else classes
        wanted = _stepped(pitches, self.last, spot.step)
        target = self.target(measure, 0.0)
        chord = span.chord.classes
        home = {span.tonic, (span.tonic + 3) % 12, (span.tonic + 4) % 12} if closing else set()

        def cost(pitch: int) -> tuple[float, int]:
            far = abs(pitch - self.last)
            member = pitch % 12 in chord
            value = abs(pitch - wanted) / 2.2 + max(abs(pitch - target) - 4, 0) * 0.14
            value += max(far - 2, 0) * (0.1 if abs(spot.step) >= 3 else 0.55) + (
                0.0 if member or pitch % 12 in five else 0.5
            )
            value += 0.0 if member else 9.0 if strict else 2.5 if spot.length >= 1 else 0.35
            value += 2.5 if self.foreign and far > 2 else 0.0
            value += (far > 7) * 2.5 + (far > 12) * 6.0 + (0.9 if far == 0 and spot.step else 0.0)
            value += _STUCK * self.again * (far == 0)
            value -= 1.5 if pitch % 12 in home else 0.0
            return value, pitch

        return min(pitches, key=cost)

    def classes(self, span: Span) -> tuple[int, ...]:
        """Pitch classes that may be sung over a chord."""
        kind = self.score.style.tune.scale
        if kind == "semitone":
            near = {(tone + side) % 12 for tone in span.chord.classes[:2] for side in (1, 11)}
            return tuple(sorted({*span.chord.classes, *near}))
        return scale(span.tonic, span.mode, span.chord)


def _breathed(spots: Sequence[_Spot], sounding: float) -> list[_Spot]:
    """The notes shortened until they sound for about ``sounding`` beats; short ones stay as they are."""
    whole = sum(spot.length for spot in spots)
    fixed = sum(spot.length for spot in spots if spot.length <= 0.5)
    if whole <= sounding:
        return list(spots)
    share = max((sounding - fixed) / max(whole - fixed, 1e-6), 0.4)
    return [spot if spot.length <= 0.5 else replace(spot, length=spot.length * share) for spot in spots]


def _notes(cell: str, measure: Measure) -> list[tuple[float, float]]:
    """Positions and lengths of a cell's notes in a bar, cut at the bar's end."""
    steps = len(cell) // 4
    bar = measure.bar
    found: list[tuple[float, float]] = []
    for place, symbol in enumerate(cell):
        beat = bar.start + place / steps
        if beat >= bar.end - 1e-6:
            break
        if symbol == "x":
            found.append((beat, 1 / steps))
        elif symbol == "-" and found and abs(found[-1][0] + found[-1][1] - beat) < 1e-6:
            found[-1] = (found[-1][0], found[-1][1] + 1 / steps)
    return found


def _stepped(pitches: Sequence[int], last: int, step: int) -> float:
    """The pitch ``step`` scale steps away from the last one."""
    place = bisect_left(pitches, last)
    if place == len(pitches) or (place and last - pitches[place - 1] <= pitches[place] - last):
        place -= 1
    return float(pitches[min(max(place + step, 0), len(pitches) - 1)])


def counter(score: Score, player: int, melody: Sequence[Event]) -> list[Event]:
    """The second voice: long notes along thirds and sevenths, moving where the melody rests."""
    busy = sorted(event.beat for event in melody)
    who = score.players[player]
    last = (who.low + who.high) / 2
    events: list[Event] = []
    for measure in score.playing(player):
        if measure.speech:
            continue
        for beat, length in _openings(measure, score, busy):
            pitch = _guide(score, player, beat, last, melody)
            last = 0.8 * pitch + 0.2 * (who.low + who.high) / 2
            events.append(Event(player, beat, length, pitch, 0.52, sustained=length >= 2))
    return _without_speech(events, score)


def _openings(measure: Measure, score: Score, busy: Sequence[float]) -> list[tuple[float, float]]:
    """Where the second voice begins a note: at chords, and on the beats that the melody leaves free."""
    bar = measure.bar
    beats = [bar.start + place for place in range(int(bar.end - bar.start + 1e-6))]
    free = [beat for beat in beats if not _near(beat, busy)]
    roll = score.dice.at("counter", measure.bar.index)
    chosen = [beat for beat in free if roll.chance(0.5 if measure.tune else 0.55)][:2]
    first = [] if _near(bar.start, busy) and chosen else [bar.start]
    chosen = sorted({*first, *chosen})
    ends = [*chosen[1:], bar.end]
    return [(beat, end - beat) for beat, end in zip(chosen, ends, strict=True)]


def _near(beat: float, busy: Sequence[float]) -> bool:
    place = bisect_left(busy, beat - 0.26)
    return place < len(busy) and busy[place] <= beat + 0.26


def _guide(score: Score, player: int, beat: float, last: float, melody: Sequence[Event]) -> int:
    measure = score.measure_at(beat)
    who, span = score.players[player], score.changes.at(beat)
    tones = span.chord.classes[1:4] or span.chord.classes
    sung = [event.pitch for event in melody if event.beat <= beat < event.beat + event.length] if measure.tune else []
    choices = [nearest(tone, last, who.low, who.high) for tone in (*tones, span.chord.root)]
    apart = [pitch for pitch in choices if all(abs(pitch - other) >= 3 for other in sung)]
    return min(apart or choices, key=lambda pitch: (abs(pitch - last) + (pitch % 12 == span.chord.root) * 1.5, pitch))


def _without_speech(events: list[Event], score: Score) -> list[Event]:
    """No melody while somebody speaks, nor right before."""
    if not score.speech:
        return events
    kept = []
    for event in events:
        start = score.tempo_map.time_at(event.beat)
        end = score.tempo_map.time_at(event.beat + event.length)
        if not any(start < stop + 0.1 and end > begin - 0.1 for begin, stop in score.speech):
            kept.append(event)
    return kept
