"""Anchors: which hit points fall on beats, and at what base tempo, by dynamic programming.

Between two chosen hits lies a whole number of a beat's parts (eighths) whose length differs from the base tempo's by a
bounded share, the bend. The state is (hit, place in the bar, bend of the span that arrives), so that downbeats have
their worth, and both the bend and its change from span to span their price. All base tempi are searched at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.form import Metre
from sonique_daemon.domain.tags import Tempo
from sonique_daemon.domain.tempo import Hit, HitKind

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Singles = NDArray[np.float32]

BENDS = 9
"""Steps in which the bend of the span before is remembered."""

OPTIONS = {2: (-2, 0, 2, 4, -1, 1), 3: (-3, 0, 3, 6, -1, 1, -2, 2)}
"""Lengths of a span that are tried, in parts of a beat from the last whole beat below it, by the number of parts:
whole beats, then parts of them."""

NEAR, STRONG = 14, 6
"""A span may begin at any of so many hits before, and at so many strong ones before those."""

ON_BEAT = {HitKind.HARD: 1.3, HitKind.TURN: 1.1, HitKind.PHRASE: 1.0}
ON_PART = {HitKind.HARD: 0.15, HitKind.TURN: 0.2, HitKind.PHRASE: 0.3}
"""What a met hit is worth, times its weight: accents between beats are the second choice."""

START_WORTH = 1.0
"""What a beat on the cue's first frame is worth: music that begins between two beats sounds cut."""

ON_DOWNBEAT = {HitKind.HARD: 0.9, HitKind.TURN: 0.8, HitKind.PHRASE: 0.05}
MID_BAR = 0.3
"""What a downbeat adds to that, and the share of it that the middle of the bar adds."""

ODD_BAR_PRICE = 0.4
"""Price of an odd bar that puts a strong hit on a downbeat; scaled by the hit strength, as all worths are."""

BEND_PRICE = 0.20
"""Price of a span at full bend."""

CHANGE_PRICE = 0.20
"""Price of a change by one full bend between two spans; at a strong hit, where the music turns, a third of it."""


MOST_TEMPI = 96
"""Base tempi that are searched at most; half as many for very many hits."""

LEAST_BEND = 1e-4
"""Share; what rounding to frames needs at any strength."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A time in seconds that the grid meets, at a position in parts of a beat."""

    time: float
    part: int


@dataclass(frozen=True, slots=True)
class Anchoring:
    """The base tempo as seconds per beat, the bend that was allowed (a share), the anchors in order, and the parts of
    a beat that they are counted in.
    """

    period: float
    bend: float
    anchors: tuple[Anchor, ...]
    parts: int = 2


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Candidates for anchors in order of time: the cue's start, then the hits.

    ``worth`` is what each is worth at each place in the bar ``[node, part]``, ``odd`` the price of an odd bar before,
    ``ease`` how much an easy flow counts against meeting hits: 1 at hit strength 0.5, half at 1; ``parts`` those of a
    beat.
    """

    times: Floats
    worth: Floats
    strong: NDArray[np.bool_]
    odd: float
    ease: float
    parts: int

    @property
    def options(self) -> tuple[int, ...]:
        """Lengths of a span that are tried."""
        return OPTIONS[self.parts]


@dataclass(frozen=True, slots=True)
class _Search:
    """Tables of the dynamic programme ``[node, tempo, part of the bar, bend]``.

    ``onward`` is the best sum up to a node, less the price of going on with another bend, ``turned`` the bend that it
    came with, and ``source`` the span that arrives: place among predecessors × options + option. ``late`` is the place
    in the bar at which an odd bar was cut short ``[node, tempo, bend]``, or 0. ``best`` and ``end`` are the best sum up
    to a node and its state ``[node, tempo]``.
    """

    onward: Singles
    turned: NDArray[np.int8]
    source: NDArray[np.int16]
    late: NDArray[np.int8]
    best: Floats
    end: Integers


def bend_limit(hit_strength: float) -> float:
    """The most by which a beat's length may differ from the base tempo's: 2.5 % at strength 0.5, 6 % at 1."""
    return 0.05 * hit_strength if hit_strength <= 0.5 else 0.025 + 0.07 * (hit_strength - 0.5)


def anchored(hits: Sequence[Hit], tempo: Tempo, hit_strength: float, metre: Metre, seed: int) -> Anchoring:
    """The base tempo and the hits on its beats or their parts, for hits in order of time and a strength above 0."""
    bend = max(LEAST_BEND, bend_limit(hit_strength))
    nodes = _nodes(hits, hit_strength, metre)
    periods = _periods(tempo, hit_strength, bend, MOST_TEMPI if len(hits) <= 800 else MOST_TEMPI // 2)
    search = _searched(nodes, periods, bend)
    best = search.best.max(axis=0) - _tempo_prices(periods, tempo, nodes, hit_strength, seed)
    choice = int(best.argmax())
    return Anchoring(float(periods[choice]), bend, _backtracked(search, nodes, periods, choice), metre.parts)


def _nodes(hits: Sequence[Hit], hit_strength: float, metre: Metre) -> _Nodes:
    """The cue's start, and one node for all hits of one time."""
    times, strong = [0.0], [True]
    worths = [_worths(START_WORTH * (0.5 + hit_strength), 0.0, 0.2, metre)]
    ease = 1.5 - hit_strength
    for hit in hits:
        value = hit.weight * hit_strength
        worth = _worths(
            value * ON_BEAT[hit.kind], value * ON_PART[hit.kind], value * ease * ON_DOWNBEAT[hit.kind], metre
        )
        if float(hit.time) - times[-1] < 1e-3:
            worths[-1] += worth
            strong[-1] |= hit.kind is not HitKind.PHRASE
            continue
        times.append(float(hit.time))
        worths.append(worth)
        strong.append(hit.kind is not HitKind.PHRASE)
    return _Nodes(np.array(times), np.array(worths), np.array(strong), ODD_BAR_PRICE * hit_strength, ease, metre.parts)


def _worths(beat: float, part: float, downbeat: float, metre: Metre) -> Floats:
    """Worth at each part of a bar's beats."""
    worths = np.where(np.arange(metre.beats * metre.parts) % metre.parts == 0, beat, part)
    worths[0] += downbeat
    if metre.beats % 2 == 0:
        worths[worths.size // 2] += MID_BAR * downbeat
    return worths


def _periods(tempo: Tempo, hit_strength: float, bend: float, most: int) -> Floats:
    """Base tempi to try, evenly spaced in their logarithm, the one asked for among them."""
    reach = 0.05 + 0.35 * hit_strength
    low = max(np.log(tempo.low), np.log(tempo.bpm) - reach)
    high = min(np.log(tempo.high), np.log(tempo.bpm) + reach)
    count = int(np.clip((high - low) / np.clip(bend / 5, 0.002, 0.01), 0, most - 1)) + 1
    tempi = np.append(np.linspace(low, high, count), np.log(tempo.bpm))
    periods: Floats = 60.0 / np.exp(tempi.clip(low, high))
    return periods


def _tempo_prices(periods: Floats, tempo: Tempo, nodes: _Nodes, hit_strength: float, seed: int) -> Floats:
    """The price of leaving the tempo asked for, against all that could be met; the seed decides between equals."""
    worth = float(nodes.worth[:, nodes.parts].sum())
    away = np.log(60.0 / periods / tempo.bpm) / 0.22
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 0x7E])))
    noise = 0.004 * random.random(periods.size)
    prices: Floats = worth * ((0.05 + 0.35 * (1.0 - hit_strength)) * away**2 + noise)
    return prices


def _searched(nodes: _Nodes, periods: Floats, bend: float) -> _Search:
    count, tempi, places = nodes.times.size, periods.size, nodes.worth.shape[1]
    shape = (count, tempi, places, BENDS)
    search = _Search(
        onward=np.full(shape, -np.inf, np.float32),
        turned=np.zeros(shape, np.int8),
        source=np.full(shape, -1, np.int16),
        late=np.zeros((count, tempi, BENDS), np.int8),
        best=np.zeros((count, tempi)),
        end=np.zeros((count, tempi), np.int64),
    )
    for node in range(count):
        value = _arrived(search, nodes, periods, bend, node)
        _begin(search, nodes, node, value)
        if nodes.strong[node]:
            _cut_short(search, nodes, node, value)
        _leave(search, nodes, node, value)
    return search


def _begin(search: _Search, nodes: _Nodes, node: int, value: Floats) -> None:
    """A node may be the first anchor, on a downbeat, at the base tempo."""
    first = value[:, 0, BENDS // 2] < nodes.worth[node, 0]
    value[first, 0, BENDS // 2] = nodes.worth[node, 0]
    search.source[node, first, 0, BENDS // 2] = -1


def _cut_short(search: _Search, nodes: _Nodes, node: int, value: Floats) -> None:
    """A strong hit inside a bar may begin the next one early."""
    for place in range(nodes.parts, value.shape[1], nodes.parts):
        gain = nodes.worth[node, 0] - nodes.worth[node, place] - nodes.odd
        better = value[:, place] + gain > value[:, 0]
        value[:, 0][better] = value[:, place][better] + gain
        search.late[node][better] = place


def _leave(search: _Search, nodes: _Nodes, node: int, value: Floats) -> None:
    levels = np.linspace(-1.0, 1.0, BENDS)
    prices = (
        nodes.ease * CHANGE_PRICE * (levels[:, None] - levels[None, :]) ** 2 * (0.33 if nodes.strong[node] else 1.0)
    )
    turned = value[:, :, :, None] - prices
    search.turned[node] = turned.argmax(axis=2)
    search.onward[node] = turned.max(axis=2)
    states = value.reshape(value.shape[0], -1)
    search.best[node], search.end[node] = states.max(axis=1), states.argmax(axis=1)


def _arrived(search: _Search, nodes: _Nodes, periods: Floats, bend: float, node: int) -> Floats:
    """Best sums at a node, of all spans that end at it ``[tempo, part of the bar, bend]``."""
    value = np.full(search.onward.shape[1:], -np.inf)
    before = _before(nodes, node)
    lengths, bends = _spans(nodes, periods, before, node)
    place, tempo, option = np.nonzero(np.abs(bends) <= bend + 1e-12)
    if not place.size:
        return value
    level = _levels(bends[place, tempo, option], bend)
    order = np.argsort(tempo * BENDS + level, kind="stable")
    place, tempo, option, level = place[order], tempo[order], option[order], level[order]
    parts = np.arange(nodes.worth.shape[1])
    departing = (parts[None, :] - lengths[place, tempo, option][:, None]) % parts.size
    price = BEND_PRICE * (bends[place, tempo, option] / bend) ** 2
    sums = search.onward[before[place][:, None], tempo[:, None], departing, level[:, None]] - price[:, None]
    group = tempo * BENDS + level
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    best = np.maximum.reduceat(sums, starts, axis=0)
    held = sums == np.repeat(best, np.diff(starts, append=group.size), axis=0)
    source = np.where(held, (place * len(nodes.options) + option)[:, None], np.iinfo(np.int16).max)
    value[tempo[starts], :, level[starts]] = best + nodes.worth[node]
    search.source[node, tempo[starts], :, level[starts]] = np.minimum.reduceat(source, starts, axis=0)
    return value


def _before(nodes: _Nodes, node: int) -> Integers:
    """The nodes at which a span to ``node`` may begin."""
    near = max(0, node - NEAR)
    strong = np.flatnonzero(nodes.strong[:near])[-STRONG:]
    return np.concatenate([strong, np.arange(near, node)])


def _spans(nodes: _Nodes, periods: Floats, before: Integers, node: int) -> tuple[Integers, Floats]:
    """Lengths in parts of a beat ``[from, tempo, option]`` and the bends that they need."""
    parts = float(nodes.parts) * (nodes.times[node] - nodes.times[before])[:, None] / periods[None, :]
    lengths = nodes.parts * np.floor(parts / nodes.parts).astype(np.int64)[:, :, None] + np.array(nodes.options)
    bends = np.where(lengths > 0, np.log(parts[:, :, None] / np.maximum(lengths, 1)), np.inf)
    return lengths, bends


def _levels(bends: Floats, bend: float) -> Integers:
    steps: Integers = np.rint((bends / bend).clip(-1, 1) * (BENDS // 2)).astype(np.int64)
    return steps + BENDS // 2


def _backtracked(search: _Search, nodes: _Nodes, periods: Floats, tempo: int) -> tuple[Anchor, ...]:
    """The best path at one tempo, from its end to its start, then counted from the first anchor."""
    node = int(search.best[:, tempo].argmax())
    part, level = divmod(int(search.end[node, tempo]), BENDS)
    passed, lengths = [node], []
    while True:
        part = part or int(search.late[node, tempo, level])
        source = int(search.source[node, tempo, part, level])
        if source < 0:
            break
        before = _before(nodes, node)
        place, option = divmod(source, len(nodes.options))
        length = int(_spans(nodes, periods[tempo : tempo + 1], before, node)[0][place, 0, option])
        node, part = int(before[place]), (part - length) % nodes.worth.shape[1]
        level = int(search.turned[node, tempo, part, level])
        passed.append(node)
        lengths.append(length)
    places = np.concatenate([[0], np.cumsum(lengths[::-1])]).astype(int)
    return tuple(Anchor(float(nodes.times[n]), int(p)) for n, p in zip(passed[::-1], places, strict=True))
