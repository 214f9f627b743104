"""Anchors: which hit points fall on beats, and at what base tempo, by dynamic programming.

Between two chosen hits lies a whole number of eighths whose length differs from the base tempo's by a bounded share,
the bend. The state is (hit, on the beat or between two, bend of the span that arrives), so that both the bend and its
change from span to span have their price. All base tempi are searched at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.tags import Tempo
from sonique_daemon.domain.tempo import Hit, HitKind

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BENDS = 9
"""Steps in which the bend of the span before is remembered."""

NEAR, STRONG = 14, 6
"""A span may begin at any of so many hits before, and at so many strong ones before those."""

ON_BEAT = {HitKind.HARD: 1.3, HitKind.TURN: 1.1, HitKind.PHRASE: 1.0}
ON_EIGHTH = {HitKind.HARD: 0.15, HitKind.TURN: 0.2, HitKind.PHRASE: 0.3}
"""What a met hit is worth, times its weight: accents between beats are the second choice."""

BEND_PRICE = 0.20
"""Price of a span at full bend."""

CHANGE_PRICE = 0.10
"""Price of a change by one full bend between two spans; at a strong hit, where the music turns, a third of it."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A time in seconds that the grid meets, at a position in eighths (even: a beat)."""

    time: float
    eighth: int


@dataclass(frozen=True, slots=True)
class Anchoring:
    """The base tempo as seconds per beat, the bend that was allowed (a share), and the anchors in order."""

    period: float
    bend: float
    anchors: tuple[Anchor, ...]


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Candidates for anchors in order of time: the cue's start, then the hits."""

    times: Floats
    on_beat: Floats
    on_eighth: Floats
    strong: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Search:
    """Tables of the dynamic programme: [node, tempo, parity, bend].

    ``value`` is the best sum up to a node; ``onward`` the same with the price of going on with another bend, and
    ``turned`` the bend that it came with; ``source`` is the span that arrives: 4 × place among predecessors + option.
    """

    value: Floats
    onward: Floats
    turned: NDArray[np.int8]
    source: NDArray[np.int16]


def bend_limit(hit_strength: float) -> float:
    """The most by which a beat's length may differ from the base tempo's: 2.5 % at strength 0.5, 6 % at 1."""
    return 0.05 * hit_strength if hit_strength <= 0.5 else 0.025 + 0.07 * (hit_strength - 0.5)


def anchored(hits: Sequence[Hit], tempo: Tempo, hit_strength: float, seed: int) -> Anchoring:
    """The base tempo and the hits that fall on its beats or eighths, for hits in order of time and strength above 0."""
    nodes, bend = _nodes(hits, hit_strength), bend_limit(hit_strength)
    periods = _periods(tempo, hit_strength, bend)
    search = _searched(nodes, periods, bend)
    best = search.value.max(axis=(0, 2, 3)) - _tempo_prices(periods, tempo, nodes, hit_strength, seed)
    choice = int(best.argmax())
    return Anchoring(float(periods[choice]), bend, _backtracked(search, nodes, periods, bend, choice))


def _nodes(hits: Sequence[Hit], hit_strength: float) -> _Nodes:
    """The start weighs as a strong hit among many: music that begins between two beats sounds cut."""
    times, beat, eighth, strong = [0.0], [0.3 + 0.5 * hit_strength], [0.0], [True]
    for hit in hits:
        worth = hit.weight * hit_strength
        if float(hit.time) - times[-1] < 1e-3:
            beat[-1], eighth[-1] = beat[-1] + worth, eighth[-1]
            continue
        times.append(float(hit.time))
        beat.append(worth * ON_BEAT[hit.kind])
        eighth.append(worth * ON_EIGHTH[hit.kind])
        strong.append(hit.kind is not HitKind.PHRASE)
    return _Nodes(np.array(times), np.array(beat), np.array(eighth), np.array(strong))


def _periods(tempo: Tempo, hit_strength: float, bend: float) -> Floats:
    """Base tempi to try, evenly spaced in their logarithm, the one asked for among them."""
    reach = 0.05 + 0.35 * hit_strength
    low = max(np.log(tempo.low), np.log(tempo.bpm) - reach)
    high = min(np.log(tempo.high), np.log(tempo.bpm) + reach)
    count = int(np.clip((high - low) / np.clip(bend / 5, 0.002, 0.01), 0, 95)) + 1
    return 60.0 / np.exp(np.append(np.linspace(low, high, count), np.log(tempo.bpm)).clip(low, high))


def _tempo_prices(periods: Floats, tempo: Tempo, nodes: _Nodes, hit_strength: float, seed: int) -> Floats:
    """The price of leaving the tempo asked for, against all that could be met; the seed decides between equals."""
    worth = float(nodes.on_beat.sum())
    away = np.log(60.0 / periods / tempo.bpm) / 0.22
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 0x7E])))
    noise = 0.004 * random.random(periods.size)
    prices: Floats = worth * ((0.05 + 0.35 * (1.0 - hit_strength)) * away**2 + noise)
    return prices


def _searched(nodes: _Nodes, periods: Floats, bend: float) -> _Search:
    shape = (nodes.times.size, periods.size, 2, BENDS)
    search = _Search(
        np.full(shape, -np.inf), np.full(shape, -np.inf), np.zeros(shape, np.int8), np.full(shape, -1, np.int16)
    )
    levels = np.linspace(-1.0, 1.0, BENDS)
    prices = CHANGE_PRICE * (levels[:, None] - levels[None, :]) ** 2
    for node in range(nodes.times.size):
        if node:
            _arrive(search, nodes, periods, bend, node)
        _begin(search, nodes, node)
        _leave(search, prices * (0.33 if nodes.strong[node] else 1.0), node)
    return search


def _begin(search: _Search, nodes: _Nodes, node: int) -> None:
    """A node may be the first anchor, on a beat, at the base tempo."""
    value = search.value[node, :, 0, BENDS // 2]
    first = value < nodes.on_beat[node]
    value[first] = nodes.on_beat[node]
    search.source[node, :, 0, BENDS // 2][first] = -1


def _leave(search: _Search, prices: Floats, node: int) -> None:
    turned = search.value[node][:, :, :, None] - prices
    search.turned[node] = turned.argmax(axis=2)
    search.onward[node] = turned.max(axis=2)


def _arrive(search: _Search, nodes: _Nodes, periods: Floats, bend: float, node: int) -> None:
    """Fills a node from all spans that end at it."""
    before = _before(nodes, node)
    _, bends = _spans(nodes, periods, before, node)
    levels = _levels(bends, bend)
    price = BEND_PRICE * (bends / bend) ** 2
    price[np.abs(bends) > bend + 1e-12] = np.inf
    tempi = np.arange(periods.size)[None, :, None]
    for parity, worth in enumerate((nodes.on_beat[node], nodes.on_eighth[node])):
        departing = np.array([parity, parity, 1 - parity, 1 - parity])[None, None, :]
        sums = search.onward[before[:, None, None], tempi, departing, levels] - price + worth
        _keep_best(search, node, parity, sums, levels)


def _keep_best(search: _Search, node: int, parity: int, sums: Floats, levels: Integers) -> None:
    count = sums.shape[1]
    flat = sums.transpose(1, 0, 2).reshape(count, -1)
    level = levels.transpose(1, 0, 2).reshape(count, -1)
    sorted_out = np.where(level[:, None, :] == np.arange(BENDS)[None, :, None], flat[:, None, :], -np.inf)
    source = sorted_out.argmax(axis=2)
    search.value[node, :, parity] = np.take_along_axis(sorted_out, source[:, :, None], axis=2)[:, :, 0]
    search.source[node, :, parity] = source


def _before(nodes: _Nodes, node: int) -> Integers:
    """The nodes at which a span to ``node`` may begin."""
    near = max(0, node - NEAR)
    strong = np.flatnonzero(nodes.strong[:near])[-STRONG:]
    return np.concatenate([strong, np.arange(near, node)])


def _spans(nodes: _Nodes, periods: Floats, before: Integers, node: int) -> tuple[Integers, Floats]:
    """Lengths in eighths ``[from, tempo, option]`` (two even, two odd ones) and the bends that they need."""
    eighths = 2.0 * (nodes.times[node] - nodes.times[before])[:, None] / periods[None, :]
    even = 2 * np.floor(eighths / 2).astype(np.int64)
    odd = 2 * np.floor((eighths - 1) / 2).astype(np.int64) + 1
    lengths = np.stack([even, even + 2, odd, odd + 2], axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        bends = np.where(lengths > 0, np.log(eighths[:, :, None] / lengths), 9.0)
    return lengths, bends


def _levels(bends: Floats, bend: float) -> Integers:
    return np.rint((bends / bend).clip(-1, 1) * (BENDS // 2)).astype(np.int64) + BENDS // 2


def _backtracked(search: _Search, nodes: _Nodes, periods: Floats, bend: float, tempo: int) -> tuple[Anchor, ...]:
    """The best path at one tempo, from its end to its start, then counted from the first anchor."""
    ends = search.value[:, tempo]
    node, parity, level = (int(part) for part in np.unravel_index(int(ends.argmax()), ends.shape))
    passed, lengths = [node], []
    while (source := int(search.source[node, tempo, parity, level])) >= 0:
        before = _before(nodes, node)
        spans, bends = _spans(nodes, periods[tempo : tempo + 1], before, node)
        place, option = divmod(source, 4)
        lengths.append(int(spans[place, 0, option]))
        arrived = int(_levels(bends, bend)[place, 0, option])
        node, parity = int(before[place]), parity ^ (option >> 1)
        level = int(search.turned[node, tempo, parity, arrived])
        passed.append(node)
    eighths = np.concatenate([[0], np.cumsum(lengths[::-1])]).astype(int)
    return tuple(Anchor(float(nodes.times[n]), int(e)) for n, e in zip(passed[::-1], eighths, strict=True))
