"""Harmony: the chords in time. Progressions by passage, cadences by phrase, changes at turns, and a planned close."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log2

from sonique_daemon.domain.tempo import HitKind, TempoMap
from sonique_daemon.engines.composer.style import Harmony, Progressions, Style
from sonique_daemon.engines.composer.writing.affect import Manner
from sonique_daemon.engines.composer.writing.arrangement import Measure
from sonique_daemon.engines.composer.writing.chords import MAJOR_MODES, Chord, read
from sonique_daemon.engines.composer.writing.dice import Dice
from sonique_daemon.engines.composer.writing.endings import Ending
from sonique_daemon.engines.composer.writing.form import Passage

_RELATIVES = {"I": "vi", "vi": "IV", "IV": "ii", "V": "iii", "i": "VI", "VI": "iv", "III": "i", "VII": "v", "iv": "VI"}
"""What stands in for a chord when a progression comes back for the third time."""


@dataclass(frozen=True, slots=True)
class Span:
    """A chord in time.

    Attributes:
        start: position in beats.
        end: where the next begins.
        chord: the chord.
        tonic: pitch class of the key that holds.
        mode: its mode.
        opens: whether a phrase begins with it.
    """

    start: float
    end: float
    chord: Chord
    tonic: int
    mode: str
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """All chords of the piece, in order and without holes; the last one is the final chord."""

    spans: tuple[Span, ...]
    starts: tuple[float, ...]

    def index(self, beat: float) -> int:
        """Number of the span that sounds at ``beat``."""
        return max(bisect_right(self.starts, beat + 1e-6) - 1, 0)

    def at(self, beat: float) -> Span:
        """The span that sounds at ``beat``."""
        return self.spans[self.index(beat)]

    def within(self, start: float, end: float) -> tuple[Span, ...]:
        """The spans that sound between two positions."""
        return self.spans[self.index(start) : self.index(end - 1e-3) + 1]


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place for one chord: its start, its measure and its number inside the phrase."""

    start: float
    measure: Measure
    number: int


def changes(
    measures: Sequence[Measure], ending: Ending, *, style: Style, manner: Manner, tempo_map: TempoMap, dice: Dice
) -> Changes:
    """The chords from the first bar to the final chord."""
    slots = _slots(measures, style.harmony, manner)
    numerals = _numerals(slots, style, manner, dice)
    numerals = _closed(numerals, slots, style, ending, dice)
    end = ending.beat
    spans = [_span(slot, numeral, manner.extension) for slot, numeral in zip(slots, numerals, strict=True)]
    spans = _pedalled(spans, slots, style, manner, dice)
    spans = _inverted(spans, style, dice)
    spans = _turned(spans, style, tempo_map, manner, end)
    spans.append(_final(measures, style, ending, manner, dice))
    stops = [*(span.start for span in spans[1:]), float(len(tempo_map.beats) + 8)]
    joined = tuple(replace(span, end=stop) for span, stop in zip(spans, stops, strict=True))
    return Changes(joined, tuple(span.start for span in joined))


def _slots(measures: Sequence[Measure], harmony: Harmony, manner: Manner) -> list[_Slot]:
    """Places for chords: once in four or two bars, once or twice a bar, as the energy says."""
    slots: list[_Slot] = []
    number = 0
    for measure in measures:
        number = 0 if measure.place == 0 else number
        rate = _rate(measure, harmony, manner)
        bar = measure.bar
        if rate >= 1 or measure in measures[-2:] or measure.place % round(1 / rate) == 0:
            slots.append(_Slot(bar.start, measure, number))
            number += 1
        if rate >= 2 and bar.beats >= 3 and bar.end - bar.start > (bar.beats + 1) // 2:
            slots.append(_Slot(bar.start + (bar.beats + 1) // 2, measure, number))
            number += 1
    return slots


def _rate(measure: Measure, harmony: Harmony, manner: Manner) -> float:
    low, high = harmony.rate
    wanted = (low + (high - low) * measure.passage.energy) * manner.rate
    wanted = wanted * 0.6 if measure.passage.letter in ("intro", "break") else wanted
    allowed = [rate for rate in (0.25, 0.5, 1.0, 2.0) if low <= rate <= max(high, low)]
    return min(allowed, key=lambda rate: (abs(log2(rate / wanted)), -rate))


def family(style: Style, mode: str) -> Progressions:
    """The progressions for a mode."""
    return style.harmony.major if mode in MAJOR_MODES else style.harmony.minor


def _numerals(slots: Sequence[_Slot], style: Style, manner: Manner, dice: Dice) -> list[str]:
    found: list[str] = []
    for index, slot in enumerate(slots):
        passage, measure = slot.measure.passage, slot.measure
        progression = _progression(passage, style, dice, measure.phrase)
        size = sum(1 for other in slots[index:] if other.measure.phrase == measure.phrase) + slot.number
        place = slot.number
        if size < len(progression):
            place += size * (measure.bar.index // 4 % 2)
        numeral = progression[place % len(progression)]
        last = index + 1 == len(slots) or slots[index + 1].measure.phrase != measure.phrase
        found.append(_cadence(numeral, slots, index, style=style, manner=manner, dice=dice) if last else numeral)
    return found


def _progression(passage: Passage, style: Style, dice: Dice, phrase: int) -> tuple[str, ...]:
    """A passage's progression: the same for the same letter in a block, one chord exchanged from the third time on."""
    shelf = family(style, passage.mode)
    lines = {"a": shelf.verse, "b": shelf.lift, "peak": shelf.lift}.get(passage.letter, shelf.opening)
    line = lines[dice.at("progression", passage.letter, passage.block).below(len(lines))]
    if passage.statement < 2 or len(line) < 3 or not style.harmony.cadence:
        return line
    place = 1 + dice.at("exchange", passage.index, phrase).below(len(line) - 1)
    return (*line[:place], _RELATIVES.get(line[place], line[place]), *line[place + 1 :])


def _cadence(numeral: str, slots: Sequence[_Slot], index: int, *, style: Style, manner: Manner, dice: Dice) -> str:
    """The last chord of a phrase: a dominant as often as style and mood want one."""
    slot = slots[index]
    if not dice.at("cadence", slot.measure.phrase).chance(manner.cadence):
        return numeral
    closes = family(style, slot.measure.passage.mode).close
    close = closes[slot.measure.passage.block % len(closes)]
    ends = index + 1 == len(slots) or slots[index + 1].measure.passage is not slot.measure.passage
    return close[-2] if ends or slot.measure.length >= 4 else numeral


def _closed(numerals: list[str], slots: Sequence[_Slot], style: Style, ending: Ending, dice: Dice) -> list[str]:
    """Fixes the last two bars (pre-dominant, dominant) and starts the last passage deceptively."""
    if not slots:
        return numerals
    passage = slots[-1].measure.passage
    close = _close(style, passage.mode, ending, dice)
    found = list(numerals)
    last = slots[-1].measure.bar.index
    early = [index for index, slot in enumerate(slots) if slot.measure.bar.index == last - 1]
    late = [index for index, slot in enumerate(slots) if slot.measure.bar.index == last]
    for group, numeral in ((early[-1:], close[-3]), (late, close[-2])):
        for index in group:
            found[index] = numeral
    first = next(index for index, slot in enumerate(slots) if slot.measure.passage is passage)
    if passage.index >= 2 and style.harmony.cadence >= 0.3 and first < len(found) - 4:
        found[first - 1] = close[-2]
        found[first] = "vi" if passage.mode in MAJOR_MODES else "VI"
    return found


def _close(style: Style, mode: str, ending: Ending, dice: Dice) -> tuple[str, ...]:
    closes = family(style, mode).close
    close = closes[dice.at("close").below(len(closes))]
    opened = ending.kind == "open" and style.harmony.cadence > 0
    return (*close[:-2], "IV" if mode in MAJOR_MODES else "iv", "Vsus4") if opened else close


def _span(slot: _Slot, numeral: str, extension: int) -> Span:
    passage = slot.measure.passage
    chord = read(numeral, passage.tonic, passage.mode, extension)
    return Span(slot.start, slot.start, chord, passage.tonic, passage.mode, slot.number == 0)


def _pedalled(spans: list[Span], slots: Sequence[_Slot], style: Style, manner: Manner, dice: Dice) -> list[Span]:
    """Holds the tonic in the bass through some phrases."""
    share = manner.drone if style.harmony.pedal else 0.0
    return [
        replace(span, chord=span.chord.with_bass(span.tonic))
        if dice.at("pedal", slot.measure.phrase).chance(share)
        else span
        for span, slot in zip(spans, slots, strict=True)
    ]


def _inverted(spans: list[Span], style: Style, dice: Dice) -> list[Span]:
    """Puts the third or fifth into the bass where that makes a step from the bass before."""
    found: list[Span] = []
    for index, span in enumerate(spans):
        chord = span.chord
        plain = chord.bass == chord.root and not span.opens and len(chord.tones) >= 3
        if found and plain and dice.at("inversion", index).chance(style.harmony.inversion):
            before = found[-1].chord.bass
            steps = [tone for tone in chord.classes[1:3] if (tone - before) % 12 in (1, 2, 10, 11)]
            chord = chord.with_bass(steps[0]) if steps else chord
        found.append(replace(span, chord=chord))
    return found


def _turned(spans: list[Span], style: Style, tempo_map: TempoMap, manner: Manner, end: float) -> list[Span]:
    """Makes the chord change at every turn and hard hit: the next chord comes early, or a relative stands in."""
    points = sorted(met.beat for met in tempo_map.hits if met.beat is not None and met.hit.kind is not HitKind.PHRASE)
    for beat in points:
        index = max(sum(1 for span in spans if span.start <= beat + 1e-6) - 1, 0)
        if not spans or beat >= end - 0.5 or beat - spans[index].start < 0.4:
            continue
        following = spans[index + 1] if index + 1 < len(spans) else None
        if following is not None and following.start - beat < 0.6:
            continue
        current = spans[index]
        symbol = _RELATIVES.get(current.chord.symbol.split("/")[0], "IV" if current.mode in MAJOR_MODES else "VI")
        if not style.harmony.cadence:
            symbol = following.chord.symbol if following is not None else current.chord.symbol
        chord = read(symbol, current.tonic, current.mode, manner.extension)
        spans.insert(index + 1, Span(beat, beat, chord, current.tonic, current.mode))
    return spans


def _final(measures: Sequence[Measure], style: Style, ending: Ending, manner: Manner, dice: Dice) -> Span:
    passage = measures[-1].passage
    numeral = _close(style, passage.mode, ending, dice)[-1]
    chord = read(numeral, passage.tonic, passage.mode, manner.extension)
    return Span(ending.beat, ending.beat, chord, passage.tonic, passage.mode, opens=True)
