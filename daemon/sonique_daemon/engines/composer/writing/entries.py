"""Entries: from and until when players play, where the tags say so."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sonique_daemon.domain.form import Stretch, stretches
from sonique_daemon.domain.tags import Tags
from sonique_daemon.engines.composer.composition import Instrument
from sonique_daemon.engines.composer.writing.arrangement import Measure
from sonique_daemon.engines.composer.writing.cast import Player, meant
from sonique_daemon.engines.composer.writing.figures import chord_voices
from sonique_daemon.engines.composer.writing.score import Event, Score, Window, Windows

_RESTING = ("lead", "counter", "drops")
"""Roles that rest for bars, which is silence where nobody else plays."""


def windows(players: Sequence[Player], tags: Tags, duration: float) -> Windows:
    """When who plays. What contradicts itself, so that nothing would be left of it, is not kept to."""
    found: dict[int, Window] = {}
    for stretch in stretches(tags):
        for index in _called(stretch, players):
            window = found.get(index, Window(0.0, duration))
            at = stretch.at(duration)
            found[index] = (
                replace(window, start=max(window.start, at))
                if stretch.begins
                else (replace(window, end=min(window.end, at)))
            )
    return {index: window for index, window in found.items() if window.start < window.end or window.end >= duration}


def entered(measures: Sequence[Measure], players: Sequence[Player], found: Windows) -> tuple[Measure, ...]:
    """The measures with nobody outside his window, and everybody who was asked for inside it, but for speech.

    Windows begin and end at the bar lines nearest to what was asked for. Where nobody would be left to play, somebody
    who has no window does.
    """
    if not found:
        return tuple(measures)
    inside = {index: _inside(window, measures) for index, window in found.items()}
    return tuple(_entered(place, measure, players, inside) for place, measure in enumerate(measures))


def kept(score: Score, events: Sequence[Event]) -> list[Event]:
    """The events without what effects, fills and accents would play outside of windows."""
    if not score.windows:
        return list(events)
    inside = {index: _inside(window, score.measures) for index, window in score.windows.items()}
    place_of = {measure.bar.index: place for place, measure in enumerate(score.measures)}

    def plays(event: Event) -> bool:
        if event.player not in inside:
            return True
        measure = score.measure_at(event.beat)
        return event.player in measure.players or place_of[measure.bar.index] in inside[event.player]

    return [event for event in events if plays(event)]


def held_up(score: Score, events: Sequence[Event]) -> list[Event]:
    """The events, with a chord in every bar in which a single player is left by windows and would rest."""
    if not score.windows:
        return list(events)
    found = list(events)
    for measure in score.measures:
        index = min(measure.players, default=-1)
        if len(measure.players) != 1 or score.players[index].role not in _RESTING or measure.speech:
            continue
        bar = measure.bar
        if any(event.player == index and bar.start - 1e-6 <= event.beat < bar.end - 1e-6 for event in events):
            continue
        pitches = chord_voices(score, index, bar.start, measure)
        found += [Event(index, bar.start, bar.end - bar.start, pitch, 0.5) for pitch in pitches]
    return found


def gone(score: Score) -> frozenset[int]:
    """Those whose window does not reach to the final chord."""
    at = score.ending.time
    return frozenset(index for index, window in score.windows.items() if not window.start <= at < window.end)


def _called(stretch: Stretch, players: Sequence[Player]) -> list[int]:
    named = [meant(name) for name in stretch.names]
    instruments = frozenset[Instrument]().union(*(found for found, _ in named))
    roles = frozenset[str]().union(*(found for _, found in named))
    called = [player.instrument in instruments or player.role in roles for player in players]
    return [index for index, is_named in enumerate(called) if is_named is not stretch.others]


def _inside(window: Window, measures: Sequence[Measure]) -> range:
    """The places of the measures whose middle lies in the window: one at least, where it begins within the cue."""
    middles = [measure.bar.time + measure.bar.seconds / 2 for measure in measures]
    end = max(measure.bar.time + measure.bar.seconds for measure in measures)
    if window.start >= end:
        return range(0)
    first = min(sum(middle < window.start for middle in middles), len(measures) - 1)
    return range(first, max(sum(middle < window.end for middle in middles), first + 1))


def _entered(place: int, measure: Measure, players: Sequence[Player], inside: Mapping[int, range]) -> Measure:
    away = {index for index, places in inside.items() if place not in places}
    due = {index for index, places in inside.items() if place in places and _takes_part(players[index])}
    playing = (measure.players | (frozenset() if measure.speech else due)) - away
    return replace(measure, players=frozenset(playing or _others(players, away) or measure.players))


def _takes_part(player: Player) -> bool:
    """Whether somebody asked for him, and he plays bar by bar, not where the picture is hit."""
    return player.asked and player.role != "effect"


def _others(players: Sequence[Player], away: set[int]) -> set[int]:
    """One who may play: he who enters at the lowest energy."""
    free = [index for index, player in enumerate(players) if index not in away and player.role != "effect"]
    return {min(free, key=lambda index: (players[index].layer.enters, index))} if free else set()
