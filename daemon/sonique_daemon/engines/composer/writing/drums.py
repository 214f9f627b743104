"""Drums: patterns of the style, never quite the same bar again, with fills that lead over phrase ends.

Rows: ``K`` kick, ``S`` snare, ``X`` side stick, ``C`` clap, ``H O P`` hi-hat closed, open, foot, ``R`` ride, ``Y``
crash, ``L M U`` low, middle, high tom (or big drum), ``A`` shaker, ``Q`` tambourine, ``D E F`` low, high, muted hand
drum, ``N`` bell, ``W V`` high, low wood block, ``G`` triangle; ``1 5`` root and fifth of a tuned drum. A step is a
velocity 0-9.
"""

from collections.abc import Mapping
from types import MappingProxyType

from sonique_daemon.engines.composer.composition import Instrument
from sonique_daemon.engines.composer.writing.arrangement import Measure
from sonique_daemon.engines.composer.writing.dice import Roll
from sonique_daemon.engines.composer.writing.score import Event, Score, fitted_pattern, nearest, rows_at
from sonique_daemon.engines.composer.writing.threes import PARTS, in_threes

GENERAL_MIDI = MappingProxyType(
    dict(
        zip(
            "KSXCHOPRYLMUAQDEFNWVG",
            (36, 38, 37, 39, 42, 46, 44, 51, 49, 41, 45, 48, 70, 54, 64, 63, 62, 67, 76, 77, 81),
            strict=True,
        )
    )
)
"""General MIDI drum numbers of the rows."""

_HAND = MappingProxyType(dict(zip("KSXCHOPRYLMU", "DEFQAAAAGDEE", strict=True)))
_BIG = MappingProxyType(dict(zip("KSDEFYCXWV", "LMLMULMUUM", strict=True)))
_KIT = MappingProxyType(dict(zip("DEFAQNWVG", "LMXHHRXXR", strict=True)))
_BRUSH = MappingProxyType({**_KIT, "C": "S", "O": "H"})
_TUNED = MappingProxyType(dict(zip("LMUKDES", "1551155", strict=True)))
_OWN: Mapping[Instrument, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        Instrument.PERCUSSION: ("LMUAQDEFNWVGX", _HAND),
        Instrument.TAIKO: ("LMU", _BIG),
        Instrument.TIMPANI: ("15", _TUNED),
        Instrument.DRUM_KIT: ("KSXCHOPRYLMUQ", _KIT),
        Instrument.MACHINE_KIT: ("KSXCHOPRYLMUAQ", _KIT),
        Instrument.BRUSH_KIT: ("KSXHPRYLMU", _BRUSH),
    }
)
"""Rows that each kit has, and what it plays for those that it has not."""

_FILLS = (
    "S:55005577",
    "S:90909999",
    "M:00550000 L:00005599",
    "U:55000000 M:00660000 L:00007799",
    "S:50550000 L:00005070",
    "S:00550099",
    "U:60606000 L:00000909",
    "K:90009000 S:00900099",
    "M:60060060 L:00000009",
    "S:00000055",
)
_SMALL_FILLS = (
    "E:00505055",
    "D:00005055 E:05500000",
    "L:00005077",
    "M:00505070 L:00000007",
    "E:50055050",
    "D:50550505",
)


def drums(score: Score, player: int) -> list[Event]:
    """The drum part of a player."""
    events: list[Event] = []
    last_fill = -1
    for measure in score.playing(player):
        roll = score.dice.at("drums", player, measure.bar.index)
        rows = _bar(score, player, measure, roll)
        if measure.fill and measure.energy >= 0.3 and not measure.speech and measure.bar.beats >= 2:
            last_fill = _fill(rows, score, player, measure, last_fill)
        events += _events(rows, score, player, measure)
        events += _crash(score, player, measure)
    return events


def _bar(score: Score, player: int, measure: Measure, roll: Roll) -> dict[str, list[int]]:
    """The bar's rows: the pattern of its energy, varied."""
    layer = score.players[player].layer
    choice = score.dice.at("beat", player, measure.passage.letter, measure.passage.statement, measure.turn).below(60)
    choice += (measure.place // 2) % 2 if measure.length >= 4 else 0
    rows = rows_at(layer, measure.energy, choice)
    kit = {row: [int(step) for step in fitted_pattern(text, measure.bar.beats)] for row, text in rows}
    if layer.figure == "scattered":
        return kit if roll.chance(0.4) else {}
    if measure.speech:
        return {row: steps for row, steps in kit.items() if row not in "SCOEF"}
    return _varied(kit, measure, roll, PARTS if score.threes else 4)


def _varied(kit: dict[str, list[int]], measure: Measure, roll: Roll, parts: int) -> dict[str, list[int]]:
    """One small change in most bars: a ghost note more, between the ``parts`` of a beat, or a soft stroke less."""
    for row, steps in kit.items():
        if row in "15" or measure.place == 0 or not roll.chance(0.5):
            continue
        soft = [step for step, hit in enumerate(steps) if 0 < hit <= 4]
        free = [step for step, hit in enumerate(steps) if hit == 0 and step % parts in (1, 3)]
        if soft and roll.chance(0.5):
            steps[roll.pick(soft)] = 0
        elif free and row in "SEDAMKH" and len(steps) % parts == 0 and measure.energy > 0.25:
            steps[roll.pick(free)] = 2 if row != "K" else 4
    return kit


def _fill(rows: dict[str, list[int]], score: Score, player: int, measure: Measure, last: int) -> int:
    """Replaces the end of the bar by a fill; returns its number, which is never the one before."""
    instrument = score.players[player].instrument
    kits = (Instrument.DRUM_KIT, Instrument.MACHINE_KIT)
    shelf = _FILLS if instrument in kits else _SMALL_FILLS
    number = score.dice.at("fill", player, measure.bar.index).below(len(shelf))
    number = (number + 1) % len(shelf) if number == last else number
    if instrument is Instrument.TIMPANI or instrument is Instrument.BRUSH_KIT or "W" in rows or "A" in rows:
        return number
    parts = PARTS if score.threes else 4
    size = max((len(steps) for steps in rows.values()), default=measure.bar.beats * parts)
    if size != measure.bar.beats * parts:
        return number
    width = parts * (2 if measure.energy > 0.5 and measure.bar.beats > 2 else 1)
    for row, steps in rows.items():
        if row not in "KA":
            steps[-width:] = [0] * width
    for part in shelf[number].split():
        row, _, text = part.partition(":")
        text = in_threes(text, rest="0", light="", beats=2) if score.threes else text
        steps = rows.setdefault(row, [0] * size)
        new = [int(step) for step in text[-width:]]
        steps[-width:] = [max(one, two) for one, two in zip(steps[-width:], new, strict=True)]
    return number


def _events(rows: dict[str, list[int]], score: Score, player: int, measure: Measure) -> list[Event]:
    bar, found = measure.bar, []
    instrument = score.players[player].instrument
    own, others = _OWN[instrument]
    for row, steps in rows.items():
        name = row if row in own else others.get(row, "")
        if not name:
            continue
        for step, hit in enumerate(steps):
            beat = bar.start + step * bar.beats / len(steps)
            if hit and beat < bar.end - 1e-6:
                pitch = _pitch(name, score, player, beat)
                found.append(Event(player, beat, 0.25 if name not in "15" else 1.0, pitch, 0.2 + 0.08 * hit))
    return _merged(found)


def _merged(events: list[Event]) -> list[Event]:
    """One stroke where two rows fell on one drum."""
    best: dict[tuple[float, int], Event] = {}
    for event in events:
        key = (round(event.beat, 4), event.pitch)
        if key not in best or best[key].strength < event.strength:
            best[key] = event
    return list(best.values())


def _pitch(name: str, score: Score, player: int, beat: float) -> int:
    if name not in "15":
        return GENERAL_MIDI[name]
    span, who = score.changes.at(beat), score.players[player]
    tones = span.chord.tones
    tone = 0 if name == "1" else next((tone for tone in tones if tone in (6, 7, 8)), 0)
    return nearest((span.chord.root + tone) % 12, 45, who.low, who.high)


def _crash(score: Score, player: int, measure: Measure) -> list[Event]:
    """A crash where a loud passage begins."""
    kit = score.players[player].instrument in (Instrument.DRUM_KIT, Instrument.MACHINE_KIT)
    begins = measure.bar is measure.passage.bars[0] and measure.passage.index > 0
    if kit and begins and measure.energy >= 0.55 and not measure.speech:
        return [Event(player, measure.bar.start, 1.0, GENERAL_MIDI["Y"], 0.8)]
    return []
