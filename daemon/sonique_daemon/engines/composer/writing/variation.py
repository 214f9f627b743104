"""Variation: no bar stands three times in a row, nor does any group of two or four; and room for speech."""

from collections.abc import Sequence
from dataclasses import replace

from sonique_daemon.engines.composer.writing.score import Event, Score

_STILL = ("noise", "drone", "effect")
_LOOSE = ("drums", "figure", "chords", "pulse", "bass")

Texture = frozenset[tuple[int, int, int]]
"""A bar as it is written: player, place in 24ths of a beat, pitch."""


def texture(events: Sequence[Event], start: float) -> Texture:
    """What stands in a bar that begins at ``start``."""
    return frozenset((event.player, round((event.beat - start) * 24), event.pitch) for event in events)


def unrepeated(score: Score, events: Sequence[Event]) -> list[Event]:
    """Changes one thing in each bar that would be the third statement of itself; what is merely held makes no other."""
    lanes: list[list[Event]] = [[] for _ in score.measures]
    others: list[Event] = []
    for event in events:
        measure = score.measure_at(event.beat)
        still = score.players[event.player].role in _STILL or event.beat >= score.ending.beat
        (others if still else lanes[measure.bar.index]).append(event)
    seen: list[Texture] = []
    for index, measure in enumerate(score.measures):
        start = measure.bar.start
        for attempt in range(4):
            now = _struck(lanes[index], start)
            if len(now) < 2 or not _third(seen, now):
                break
            lanes[index] = _changed(score, lanes[index], start, index, attempt)
        seen.append(_struck(lanes[index], start))
    return [event for lane in lanes for event in lane] + others


def _struck(events: Sequence[Event], start: float) -> Texture:
    return texture([event for event in events if not event.sustained], start)


def _third(seen: Sequence[Texture], now: Texture) -> bool:
    """Whether ``now`` was heard twice already at a distance of one, two or four bars."""
    return any(len(seen) >= 2 * period and seen[-period] == now and seen[-2 * period] == now for period in (1, 2, 4))


def _changed(score: Score, lane: Sequence[Event], start: float, index: int, attempt: int) -> list[Event]:
    """One event off the first beat is left out, or moved by an octave where there are few."""
    roll = score.dice.at("variation", index, attempt)
    places = [
        place
        for place, event in enumerate(lane)
        if score.players[event.player].role in _LOOSE and not event.pinned and event.beat - start > 0.2
    ]
    if not places:
        places = [place for place, event in enumerate(lane) if score.players[event.player].role != "drums"]
    if not places:
        return list(lane)
    place = roll.pick(places)
    event = lane[place]
    who = score.players[event.player]
    moved = next((pitch for pitch in (event.pitch + 12, event.pitch - 12) if who.low <= pitch <= who.high), None)
    taken = {(other.player, other.pitch) for other in lane if abs(other.beat - event.beat) < 0.1}
    if who.role != "drums" and moved is not None and (event.player, moved) not in taken:
        return [*lane[:place], replace(event, pitch=moved), *lane[place + 1 :]]
    return [*lane[:place], *lane[place + 1 :]] if len(lane) > 2 else list(lane)


def quietened(score: Score, events: Sequence[Event]) -> list[Event]:
    """Under speech: attacks on beats alone (at most about two a second), softer, and nothing high."""
    if not score.speech:
        return list(events)
    found = []
    for event in events:
        time = score.tempo_map.time_at(event.beat)
        if not any(begin - 0.15 <= time < end for begin, end in score.speech):
            found.append(event)
        elif _welcome(score, event):
            found.append(_lowered(score, event))
    return found


def _welcome(score: Score, event: Event) -> bool:
    role = score.players[event.player].role
    if role in ("noise", "drone") or event.pinned:
        return True
    if role in ("lead", "counter", "drops"):
        return False
    place = event.beat - score.measure_at(event.beat).bar.start
    every = 1 if score.tempo_map.bpm <= 112 else 2
    return abs(place - round(place)) < 0.01 and round(place) % every == 0


def _lowered(score: Score, event: Event) -> Event:
    who = score.players[event.player]
    pitch = event.pitch
    if who.role not in ("drums", "noise", "effect"):
        while pitch > 67 and pitch - 12 >= who.low:
            pitch -= 12
    return replace(event, pitch=pitch, strength=max(event.strength - 0.12, 0.2))
