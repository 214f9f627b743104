from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing.chords import read
from sonique_daemon.engines.composer.writing.piece import sketch
from sonique_daemon.engines.composer.writing.voicing import essential, fitted, voicings

TRIADS = ("I", "ii", "iii", "IV", "V", "vi", "bVII", "bVI")


def _parallels(one: tuple[int, ...], two: tuple[int, ...]) -> int:
    found = 0
    for low, high in combinations(range(4), 2):
        moved = (two[low] - one[low]) * (two[high] - one[high]) > 0
        before, after = (one[high] - one[low]) % 12, (two[high] - two[low]) % 12
        found += moved and before == after and before in (0, 7)
    return found


@settings(max_examples=40)
@given(st.lists(st.sampled_from(TRIADS), min_size=2, max_size=12), st.integers(0, 11))
def test_triads_are_led_without_parallel_fifths_or_octaves(numerals: list[str], tonic: int) -> None:
    chords = [read(numeral, tonic, "ionian", 0) for numeral in numerals]
    led = voicings(chords, [62.0] * len(chords))
    assert sum(_parallels(one, two) for one, two in pairwise(led)) == 0


@settings(max_examples=40)
@given(st.lists(st.sampled_from((*TRIADS, "V13", "ii9", "Imaj9", "V7b9")), min_size=1, max_size=8))
def test_every_voicing_holds_its_chord(numerals: list[str]) -> None:
    chords = [read(numeral, 3, "ionian", 1) for numeral in numerals]
    for chord, voices in zip(chords, voicings(chords, [62.0] * len(chords)), strict=True):
        assert len(voices) == 4
        assert list(voices) == sorted(set(voices))
        assert {pitch % 12 for pitch in voices} == set(essential(chord))
        assert max(high - low for low, high in pairwise(voices)) <= 12


@pytest.mark.parametrize("style", sorted(styles()))
def test_voices_move_by_small_steps(studio: Any, style: str) -> None:
    moves = []
    for seed in (1, 2, 3):
        score = sketch(studio.request(style, 90, seed))
        for (one, two), (before, after) in zip(pairwise(score.voices), pairwise(score.changes.spans), strict=True):
            if before.chord.classes != after.chord.classes:
                moves.append(np.mean([abs(a - b) for a, b in zip(one, two, strict=True)]))
                assert _parallels(one, two) == 0
    assert 0.7 <= np.mean(moves) <= 1.8


def test_a_higher_target_gives_higher_voices() -> None:
    chords = [read(numeral, 0, "ionian", 0) for numeral in ("I", "IV", "V", "I")]
    low, high = voicings(chords, [57.0] * 4), voicings(chords, [67.0] * 4)
    assert np.mean(high) > np.mean(low) + 4


def test_fitting_moves_by_octaves_into_the_range() -> None:
    assert fitted((50, 57, 62, 65), 62, 84) == (62, 69, 74, 77)
    assert all(60 <= pitch <= 72 for pitch in fitted((40, 55, 64, 79), 60, 72))
