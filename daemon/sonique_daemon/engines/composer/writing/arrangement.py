"""The arrangement: phrases inside the passages, and who plays in which bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.tempo import HitKind, TempoMap
from sonique_daemon.engines.composer.style import Style
from sonique_daemon.engines.composer.writing.cast import Player
from sonique_daemon.engines.composer.writing.dice import Dice
from sonique_daemon.engines.composer.writing.form import Passage
from sonique_daemon.engines.composer.writing.grid import Bar

_PARTS = ((0.0, 1.6), (0.1, 2.0), (0.3, 3.2), (0.5, 5.0), (0.7, 6.2), (0.9, 8.0), (1.0, 9.0))
"""How many parts play at an energy."""

_WEIGHT = {"drone": 0, "noise": 1, "bass": 2, "drums": 3, "pulse": 4, "figure": 5, "chords": 6, "pad": 7, "drops": 8}
"""The order in which layers enter: low and rhythm first, then the middle, then high and melody."""

_HELD = ("drone",)
"""Roles in which nothing happens: alone they are no music, unless next to nothing is to play."""

_THIN = 0.1
"""Density below which a single sound is what was asked for."""

_GROUND = ("bass", "drums", "pulse", "lead")
"""Roles that do not fall silent for variety's sake: the beat goes on."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One bar with all that was planned for it.

    Attributes:
        bar: where it stands.
        passage: what it belongs to.
        phrase: number of its phrase in the piece.
        place: its place in the phrase, from 0.
        length: bars of the phrase.
        energy: 0..1.
        speech: whether somebody speaks over it.
        fill: whether drums lead over its end into something new.
        players: indices of who plays.
        tune: whether its phrase carries the melody.
        turn: counts the turns inside the passage up to here; figures change with it.
    """

    bar: Bar
    passage: Passage
    phrase: int
    place: int
    length: int
    energy: float
    speech: bool
    fill: bool
    players: frozenset[int]
    tune: bool
    turn: int = 0


def measures(
    found: Sequence[Passage],
    players: Sequence[Player],
    *,
    speech: Sequence[tuple[float, float]],
    style: Style,
    tags: Tags,
    tempo_map: TempoMap,
    dice: Dice,
) -> tuple[Measure, ...]:
    """Every bar's plan."""
    states = _states(found, players, tags.density)
    turns = [met.beat for met in tempo_map.hits if met.hit.kind is HitKind.TURN and met.beat is not None]
    planned: list[Measure] = []
    phrase = -1
    for passage in found:
        following = found[passage.index + 1] if passage.index + 1 < len(found) else None
        for size, start in _phrases(len(passage.bars)):
            phrase += 1
            tune = _tuneful(passage, phrase, style, players, dice)
            for place in range(size):
                bar = passage.bars[start + place]
                spoken = _spoken(bar, speech)
                energy = _energy(passage, following, start + place, style, spoken=spoken)
                turn = sum(1 for beat in turns if passage.bars[0].start + 0.5 < beat <= bar.start + 0.5)
                fill = place == size - 1 and (start + size == len(passage.bars) or size >= 4)
                state = _thinned(states[passage.index], players, energy, passage.energy, spoken=spoken)
                tuned = tune and not spoken
                planned.append(Measure(bar, passage, phrase, place, size, energy, spoken, fill, state, tuned, turn))
    return tuple(planned)


def _phrases(count: int) -> list[tuple[int, int]]:
    """Lengths and first bars of the phrases in ``count`` bars: fours, with threes and fives for the rest."""
    sizes: list[int] = []
    left = count
    while left > 0:
        size = left if left <= 5 else 3 if left in (6, 7) and left != 7 else 4
        sizes.append(size)
        left -= size
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    return list(zip(sizes, starts, strict=True))


def _spoken(bar: Bar, speech: Sequence[tuple[float, float]]) -> bool:
    end = bar.time + bar.seconds
    shared = sum(max(0.0, min(end, stop) - max(bar.time, start)) for start, stop in speech)
    return shared > 0.2 * bar.seconds


def _tuneful(passage: Passage, phrase: int, style: Style, players: Sequence[Player], dice: Dice) -> bool:
    """Whether a phrase carries the melody: spread evenly, as often as the style's share and the energy say."""
    if passage.letter in ("intro", "break"):
        return False
    share = style.tune.share + 0.4 * (passage.energy - 0.5)
    if any(player.asked and player.role == "lead" for player in players):
        share = max(share, 0.6)
    share = min(max(share, 0.12), 0.92)
    offset = dice.at("tune").between(0.0, 0.4) + 0.6
    return int((phrase + 1) * share + offset) > int(phrase * share + offset) or (share > 0.45 and phrase <= 1)


def _energy(passage: Passage, following: Passage | None, place: int, style: Style, *, spoken: bool) -> float:
    """A bar's energy: the passage's, thinned before the peak, held down under speech, rising a little."""
    energy = passage.energy + 0.04 * place / max(len(passage.bars), 1)
    count = len(passage.bars)
    if following is not None and following.letter == "peak" and count >= 4 and style.stops >= 0.3:
        width = 2 if count >= 8 else 1
        if place >= count - width:
            energy -= 0.35
    if spoken:
        energy = min(energy, 0.35)
    return min(max(energy, 0.05), 1.0)


def _states(found: Sequence[Passage], players: Sequence[Player], density: float) -> list[frozenset[int]]:
    """Who plays in each passage; at most two changes at a quiet boundary."""
    states: list[frozenset[int]] = []
    for passage in found:
        wanted = _wanted(passage, found, players, density)
        if states:
            before = found[passage.index - 1]
            peak = passage.letter == "peak"
            jump = abs(passage.energy - before.energy) >= 0.25 or passage.bars[0].opens or peak
            wanted = wanted | states[-1] if peak and passage.energy >= before.energy else wanted
            if wanted == states[-1] and passage.letter != "outro":
                wanted = _refreshed(wanted, players, passage)
            wanted = wanted if jump else _gradual(states[-1], wanted, players)
        states.append(wanted)
    return _heard(states, found, players)


def _wanted(passage: Passage, found: Sequence[Passage], players: Sequence[Player], density: float) -> frozenset[int]:
    """As many as the energy has room for: who keeps the pulse, and at least one other; not a drone alone.

    Noise lies under everything and takes nobody's place.
    """
    energy = passage.energy
    room = _interpolated(energy) + 2.0 * (density - 0.5) + (passage.letter == "peak")
    open_to = [
        index
        for index, player in enumerate(players)
        if (player.layer.enters <= energy <= player.layer.leaves or (player.asked and energy > 0.15))
        and not (passage.letter == "intro" and len(found) > 2 and player.role in ("lead", "counter"))
    ]
    open_to = open_to or [min(range(len(players)), key=lambda index: players[index].layer.enters)]
    ranked = sorted(open_to, key=lambda index: (not players[index].asked, _turn_of(players[index]), index))
    pulses = [index for index in open_to if players[index].role == "pulse"]
    noises = [index for index in open_to if players[index].role == "noise"]
    others = [index for index in ranked if index not in (*pulses, *noises)]
    count = max(1, round(room) - len(pulses))
    begun = next((place for place, index in enumerate(others) if players[index].role not in _HELD), 0)
    count = max(count, begun + 1) if not pulses and density >= _THIN else count
    return frozenset((*pulses, *noises, *others[:count]))


def _turn_of(player: Player) -> float:
    """When a player is chosen among those who could play: by its energy, the melody a little earlier."""
    return player.layer.enters - (0.2 if player.role == "lead" else 0.0)


def _interpolated(energy: float) -> float:
    for (low, first), (high, second) in pairwise(_PARTS):
        if energy <= high:
            return first + (second - first) * (energy - low) / (high - low)
    return _PARTS[-1][1]


def _refreshed(state: frozenset[int], players: Sequence[Player], passage: Passage) -> frozenset[int]:
    """The same energy again: one layer that is neither asked for nor the ground falls silent, or one joins."""
    others = [index for index, player in enumerate(players) if index not in state and player.role != "noise"]
    near = [index for index in others if players[index].layer.enters <= passage.energy + 0.15]
    if passage.letter == "peak":
        return state | set(near[:1])
    if near and passage.index % 2:
        return state | {near[passage.index // 2 % len(near)]}
    loose = sorted(index for index in state if not players[index].asked and players[index].role not in _GROUND)
    if len(loose) < 2:
        return state
    return state - {loose[passage.index // 2 % len(loose)]}


def _gradual(before: frozenset[int], wanted: frozenset[int], players: Sequence[Player]) -> frozenset[int]:
    """Moves from one state towards another by at most two changes, low and rhythm entering first, leaving last."""

    def weight(index: int) -> int:
        return _WEIGHT.get(players[index].role, 9)

    entering = sorted(wanted - before, key=lambda index: (not players[index].asked, weight(index), index))
    leaving = sorted(before - wanted, key=lambda index: (-weight(index), index))
    changed = (entering[:2], leaving[:1]) if len(entering) > len(leaving) else (entering[:1], leaving[:2])
    return (before | frozenset(changed[0])) - frozenset(changed[1])


def _heard(states: list[frozenset[int]], found: Sequence[Passage], players: Sequence[Player]) -> list[frozenset[int]]:
    """Makes sure that everybody who was asked for plays in half of the piece, its loudest passages first."""
    loudest = sorted(range(len(found)), key=lambda index: -found[index].energy)
    for index, player in enumerate(players):
        if player.asked:
            for place in loudest[: max(1, (len(loudest) + 1) // 2)]:
                states[place] |= {index}
    return states


def _thinned(
    state: frozenset[int], players: Sequence[Player], energy: float, usual: float, *, spoken: bool
) -> frozenset[int]:
    """Who stays when a bar is quieter than its passage."""
    if energy >= usual - 0.2 and not spoken:
        return state
    kept = {
        index
        for index in state
        if (players[index].layer.enters <= energy and players[index].role != "drums")
        or (players[index].asked and players[index].role not in ("drums", "lead", "counter"))
        or (spoken and players[index].role == "drums" and players[index].layer.enters <= energy)
    }
    if spoken:
        kept -= {index for index in kept if players[index].role in ("lead", "counter", "drops")}
    lowest = min(state, key=lambda index: (players[index].layer.enters, index))
    return frozenset(kept) or frozenset({lowest})
