"""Hits: what the music does where the picture asks for it: accents, silence before them, risers into them."""

from collections.abc import Sequence
from dataclasses import replace

from sonique_daemon.domain.tempo import HitKind, MetHit
from sonique_daemon.engines.composer.composition import Instrument
from sonique_daemon.engines.composer.style import Layer, Style
from sonique_daemon.engines.composer.writing.arrangement import Measure
from sonique_daemon.engines.composer.writing.cast import Player, Refusal
from sonique_daemon.engines.composer.writing.drums import GENERAL_MIDI
from sonique_daemon.engines.composer.writing.figures import chord_voices, ladder
from sonique_daemon.engines.composer.writing.instruments import NATURES
from sonique_daemon.engines.composer.writing.score import Event, Score, nearest

_BUILDS = (Instrument.RISER, Instrument.SWELL, Instrument.REVERSE)
ANSWERED = 0.4
"""Weight from which a cut that bounds a phrase is answered: none at hit strength 0.5, all at 1."""

STRICT = 0.85
"""Hit strength from which hard hits and turns that the grid cannot meet are answered like cuts between the beats."""

APART = 0.25
"""Seconds between two cuts that are answered."""

FORGIVEN = 0.030
"""Seconds by which an answer between the beats may miss its cut."""

_KITS = (Instrument.DRUM_KIT, Instrument.MACHINE_KIT, Instrument.BRUSH_KIT)


def effects(style: Style, refused: Refusal, asked: Sequence[Instrument]) -> tuple[Player, ...]:
    """Players for the style's effects and for those that somebody asked for."""
    wanted = [*style.effects, *(one for one in asked if NATURES[one].roles[0] == "effect")]
    return tuple(
        Player(Layer("effect", (one,), gain_db=-4.0, send_db=-10.0), one, 24, 96, one in asked)
        for one in dict.fromkeys(wanted)
        if one not in refused.instruments
    )


def answered(score: Score, events: Sequence[Event]) -> list[Event]:
    """The events with stops, accents and effects at every hit point that the grid meets, and at the peak."""
    found = list(events)
    hits = _met(score)
    quiet = _stops(score, hits)
    for beat, gap in quiet:
        found = _stopped(found, beat, gap)
    for met in hits:
        found = _accented(score, found, met)
    for beat, weight in answers(score):
        found = _answered_lightly(score, found, beat, weight)
    return found + _effects(score, hits)


def _met(score: Score) -> list[MetHit]:
    end = score.ending.beat - 0.9
    return sorted(
        (
            met
            for met in score.tempo_map.hits
            if met.beat is not None
            and met.hit.kind is not HitKind.PHRASE
            and met.beat < end
            and score.tempo_map.time_at(met.beat) >= -0.02
        ),
        key=lambda met: met.beat or 0.0,
    )


def answers(score: Score) -> list[tuple[float, float]]:
    """Positions and weights of the cuts that merely bound phrases and yet weigh enough to be answered.

    That is so at a high hit strength alone, where hard hits and turns that the grid cannot meet are answered too.
    Between the beats a cut is answered on the nearest sixteenth or triplet, as a drummer meets fast cutting, or where
    none is near on its very frame.
    """
    end, last = score.ending.beat - 0.9, -1.0
    found: list[tuple[float, float]] = []
    for met in sorted(score.tempo_map.hits, key=lambda met: met.hit.time):
        time = float(met.hit.time)
        strict = score.tags.hit_strength >= STRICT and met.beat is None
        light = (met.hit.kind is HitKind.PHRASE or strict) and met.hit.weight >= ANSWERED
        if not light or time - last < APART or time < 0.1:
            continue
        beat = met.beat if met.beat is not None else _place(score, time)
        if beat < end and not score.measure_at(beat).speech:
            found.append((beat, met.hit.weight))
            last = time
    return found


def _place(score: Score, time: float) -> float:
    """The sixteenth or triplet nearest to a time, or the time itself where a listener would hear them apart."""
    beat = score.tempo_map.beat_at(time)
    places = [round(beat * parts) / parts for parts in ((3, 6) if score.threes else (2, 4, 3))]
    near = min(places, key=lambda place: abs(score.tempo_map.time_at(place) - time))
    return near if abs(score.tempo_map.time_at(near) - time) <= FORGIVEN else beat


def _answered_lightly(score: Score, events: Sequence[Event], beat: float, weight: float) -> list[Event]:
    """What sounds there is stressed; where nothing that begins at once does, somebody strikes."""
    measure, found, struck = score.measure_at(beat), [], False
    strength = 0.62 + 0.45 * weight
    for event in events:
        if abs(event.beat - beat) < 0.07:
            struck = struck or _sharp(score.players[event.player])
            found.append(replace(event, beat=beat, strength=max(event.strength, strength), pinned=True))
        else:
            found.append(event)
    whole = abs(beat - round(beat)) < 0.01
    if not (struck and whole):
        found += _light_stroke(score, measure, beat, strength)
    return _once(found)


def _light_stroke(score: Score, measure: Measure, beat: float, strength: float) -> list[Event]:
    """A stroke of the drums and of the first other player who can begin at once, of those who play there if any do."""
    players = sorted(measure.players, key=lambda index: (score.players[index].role != "drums", index))
    rest = [index for index in range(len(score.players)) if index not in measure.players]
    rest = [index for index in rest if score.players[index].role != "drums"]
    found: list[Event] = []
    for player in (*players, *rest):
        if _sharp(score.players[player]):
            found += _stroke(score, player, measure, beat, strength)
            if found and score.players[player].role != "drums":
                break
    return found


def _stops(score: Score, hits: Sequence[MetHit]) -> list[tuple[float, float]]:
    """Positions of the strongest hits and how many beats of silence come before each."""
    found: list[tuple[float, float]] = []
    last = 0.0
    for met in hits:
        beat = met.beat or 0.0
        strong = met.hit.kind is HitKind.HARD and met.hit.weight >= 0.7 and beat - last >= 6
        if strong and score.dice.at("stop", round(beat * 2)).chance(score.style.stops):
            gap = 1.0 if met.hit.weight >= 0.9 and score.style.stops > 0.6 else 0.5
            found.append((beat, gap))
        if met.hit.kind is HitKind.HARD:
            last = beat
    return found


def _stopped(events: Sequence[Event], beat: float, gap: float) -> list[Event]:
    """Silence from ``beat - gap`` to ``beat``; held notes are taken up again after it."""
    begin = beat - gap
    found: list[Event] = []
    for event in events:
        end = event.beat + event.length
        if event.beat >= beat - 1e-6 or end <= begin + 1e-6:
            found.append(event)
            continue
        if event.beat < begin - 1e-6:
            found.append(replace(event, length=begin - event.beat))
        if event.sustained and end > beat + 0.25:
            found.append(replace(event, beat=beat, length=end - beat, pinned=True))
    return found


def _accented(score: Score, events: Sequence[Event], met: MetHit) -> list[Event]:
    """Stresses what sounds at the hit and adds the strokes that are missing there."""
    beat = met.beat or 0.0
    measure = score.measure_at(beat)
    hard = met.hit.kind is HitKind.HARD
    more = (0.2 + 0.28 * met.hit.weight) if hard else 0.1
    more *= 0.5 if measure.speech else 1.0
    found: list[Event] = []
    struck: set[int] = set()
    for event in events:
        if abs(event.beat - beat) < 0.13:
            struck.add(event.player)
            strength = min(max(event.strength, 0.6) + more, 1.1)
            found.append(replace(event, beat=beat, strength=strength, pinned=True))
        else:
            found.append(event)
    if hard:
        found = _once(found) + _strokes(score, measure, beat, struck, min(0.62 + more, 1.1))
    return _once(found)


def _once(events: Sequence[Event]) -> list[Event]:
    """No two events of a player on one pitch at one place."""
    best: dict[tuple[int, float, int], Event] = {}
    for event in events:
        key = (event.player, round(event.beat, 3), event.pitch)
        if key not in best or best[key].strength < event.strength:
            best[key] = event
    return list(best.values())


def _strokes(score: Score, measure: Measure, beat: float, struck: set[int], strength: float) -> list[Event]:
    """Strokes of the players who would be silent at a hard hit; somebody always answers."""
    found: list[Event] = []
    for player in sorted(measure.players - struck):
        found += _stroke(score, player, measure, beat, strength)
    if found or any(_sharp(score.players[player]) for player in struck):
        return found
    rest = [index for index, player in enumerate(score.players) if _sharp(player) and player.role != "drums"]
    return _stroke(score, rest[0], measure, beat, strength) if rest else found


def _sharp(player: Player) -> bool:
    """Whether a player's sound begins at once."""
    return NATURES[player.instrument].early_ms < 10 and player.role not in ("noise", "drone", "effect")


def _stroke(score: Score, player: int, measure: Measure, beat: float, strength: float) -> list[Event]:
    who, span = score.players[player], score.changes.at(beat)
    if who.role == "drums":
        return [] if measure.speech else _drum(score, player, beat, strength)
    if who.role in ("bass", "pulse"):
        pitch = nearest(span.chord.bass, (who.low + who.high) / 2 - 3, who.low, who.high)
        return [Event(player, beat, 0.5, pitch, strength, pinned=True)]
    if who.role == "chords":
        voices = chord_voices(score, player, beat, measure)
        return [Event(player, beat, 0.75, pitch, strength, pinned=True) for pitch in voices]
    if who.role in ("figure", "drops"):
        steps = ladder(score, player, beat)
        count = 1 if NATURES[who.instrument].voices < 2 else 2
        pitches = sorted(set(steps))[:count]
        return [Event(player, beat, 1.0, pitch, strength, pinned=True) for pitch in pitches]
    return []


def _drum(score: Score, player: int, beat: float, strength: float) -> list[Event]:
    who, span = score.players[player], score.changes.at(beat)
    if who.instrument is Instrument.TIMPANI:
        return [Event(player, beat, 1.0, nearest(span.chord.root, 45, who.low, who.high), strength, pinned=True)]
    names = {Instrument.PERCUSSION: "D", Instrument.TAIKO: "L"}.get(who.instrument, "K")
    if who.instrument in _KITS and strength > 0.8 and who.instrument is not Instrument.BRUSH_KIT:
        names += "Y"
    return [Event(player, beat, 0.5, GENERAL_MIDI[name], strength, pinned=True) for name in names]


def _effects(score: Score, hits: Sequence[MetHit]) -> list[Event]:
    """Risers and swells into strong hits and into the peak, impacts on the strongest."""
    points = [
        (met.beat or 0.0, met.hit.weight, met.hit.kind is HitKind.HARD)
        for met in hits
        if met.hit.weight >= 0.5 or met.hit.kind is HitKind.TURN
    ]
    taken = [point[0] for point in points]
    points += [(beat, 0.9, False) for beat in _arrivals(score) if all(abs(beat - other) > 12 for other in taken)]
    found: list[Event] = []
    free = score.tempo_map.time_at(score.measures[0].bar.start)
    for beat, weight, hard in sorted(points):
        time = score.tempo_map.time_at(beat)
        if time - free >= 2.5 and not score.measure_at(beat - 0.01).speech:
            found += _build(score, beat, time, min(time - free - 0.3, 4.0), weight)
            free = time + 6.0 * (1.2 - weight)
        if hard and weight >= 0.6 and not score.measure_at(beat).speech:
            found += _impact(score, beat, weight)
    asked = [player for player in score.players if player.asked and player.instrument is Instrument.IMPACT]
    if asked and not any(score.players[event.player].instrument is Instrument.IMPACT for event in found):
        found += [event for beat in _arrivals(score) for event in _impact(score, beat, 0.7)]
    return found


def _arrivals(score: Score) -> list[float]:
    """Where the peak begins, and every new passage where somebody asked for an effect."""
    asked = any(player.asked and player.role == "effect" for player in score.players)
    found = []
    for measure in score.measures:
        first = measure.bar is measure.passage.bars[0] and measure.passage.index > 0
        if first and (measure.passage.letter == "peak" or (asked and measure.passage.letter in ("b", "a"))):
            found.append(measure.bar.start)
    if asked and not found:
        found.append(score.ending.beat)
    return found


def _build(score: Score, beat: float, time: float, seconds: float, weight: float) -> list[Event]:
    """A sound that grows and peaks at ``beat``."""
    shelf = [index for index, player in enumerate(score.players) if player.instrument in _BUILDS]
    if not shelf or seconds < 1.2:
        return []
    wanted = [index for index in shelf if score.players[index].asked] or shelf
    roll = score.dice.at("build", round(beat * 2))
    if not roll.chance(0.35 + 0.6 * weight):
        return []
    player = roll.pick(wanted)
    start = score.tempo_map.beat_at(time - seconds)
    strength = 0.4 + 0.3 * weight
    return [Event(player, start, beat - start, 60, strength, pinned=True)]


def _impact(score: Score, beat: float, weight: float) -> list[Event]:
    players = [index for index, player in enumerate(score.players) if player.instrument is Instrument.IMPACT]
    span = score.changes.at(beat)
    pitch = nearest(span.tonic, 38, 30, 48)
    return [Event(player, beat, 2.0, pitch, 0.4 + 0.5 * weight, pinned=True) for player in players[:1]]
