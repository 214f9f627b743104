from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import pytest
from sonique_daemon.engines.composer.composition import Instrument
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing import compose
from sonique_daemon.engines.composer.writing.piece import sketch
from sonique_daemon.engines.composer.writing.score import Event
from sonique_daemon.engines.composer.writing.variation import texture, unrepeated

EVERY = sorted(styles())
STILL = (Instrument.DRONE, Instrument.AIR, Instrument.VINYL)


def _textures(request: Any) -> list[frozenset[tuple[int, int, int]]]:
    """What is struck in each bar: part, nearest sixth of a beat, pitch."""
    piece, tempo_map = compose(request), request.tempo_map
    bars: dict[int, set[tuple[int, int, int]]] = defaultdict(set)
    for note in piece.notes:
        if piece.parts[note.part].instrument in STILL:
            continue
        beat = tempo_map.beat_at(note.start + 0.02)
        bar = int(beat // 4)
        bars[bar].add((note.part, round((beat - 4 * bar) * 6), note.pitch))
    return [frozenset(bars[bar]) for bar in range(max(bars) + 1)]


@pytest.mark.parametrize("style", EVERY)
@pytest.mark.parametrize("seed", [1, 2])
def test_no_bar_stands_more_than_twice_in_a_row(studio: Any, style: str, seed: int) -> None:
    bars = _textures(studio.request(style, 90, seed, energies=(0.6,)))
    run = 1
    for before, after in pairwise(bars):
        run = run + 1 if before == after and len(after) >= 3 else 1
        assert run <= 2


@pytest.mark.parametrize("style", EVERY)
def test_no_four_bars_are_copied_twice_on_end(studio: Any, style: str) -> None:
    bars = _textures(studio.request(style, 150, energies=(0.6,)))
    blocks = [tuple(bars[start : start + 4]) for start in range(0, len(bars) - 4, 4)]
    for one, two, three in zip(blocks, blocks[1:], blocks[2:], strict=False):
        assert not (one == two == three and sum(map(len, one)) > 6)


@pytest.mark.parametrize("style", ["lofi", "world", "piano", "tension"])
def test_few_bars_of_a_long_cue_are_the_same(studio: Any, style: str) -> None:
    bars = _textures(studio.request(style, 400, energies=(0.5, 0.7, 0.6)))
    counts = Counter(bar for bar in bars if len(bar) >= 3)
    assert max(counts.values()) <= 0.1 * len(bars)


@pytest.mark.parametrize("style", ["rock", "electronic", "uplifting"])
def test_fills_differ_from_the_fill_before(studio: Any, style: str) -> None:
    bars = _textures(studio.request(style, 120, energies=(0.7,)))
    ends = [frozenset(item for item in bar if item[1] >= 12) for bar in bars[3:-2:4]]
    assert len(set(ends)) > 0.6 * len(ends)


def test_a_bar_that_would_be_its_third_statement_is_changed(studio: Any) -> None:
    score = sketch(studio.request("rock", 60, metres=(4,)))
    player = next(index for index, player in enumerate(score.players) if player.role == "figure")
    copied = [
        Event(player, measure.bar.start + beat, 0.5, pitch)
        for measure in score.measures
        for beat, pitch in ((0.0, 52), (1.0, 55), (1.5, 59), (2.5, 55))
        if measure.bar.start + beat < measure.bar.end
    ]
    bars: dict[int, list[Event]] = defaultdict(list)
    for event in unrepeated(score, copied):
        bars[score.measure_at(event.beat).bar.index].append(event)
    seen = [texture(bars[index], measure.bar.start) for index, measure in enumerate(score.measures)]
    assert not any(one == two == three for one, two, three in zip(seen, seen[1:], seen[2:], strict=False))
