from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from sonique_daemon.engines.composer.composition import Stem
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing import compose

SPOKEN = ((15.0, 35.0),)


@pytest.mark.parametrize("style", sorted(styles()))
def test_under_speech_the_music_is_sparser_and_lower_and_has_no_melody(studio: Any, style: str) -> None:
    piece = compose(studio.request(style, 50, energies=(0.7,), speech=SPOKEN))
    plain = compose(studio.request(style, 50, energies=(0.7,)))
    under, instead = (_within(one, 15.0, 35.0) for one in (piece, plain))
    assert not [note for note in under if piece.parts[note.part].stem is Stem.LEAD]
    assert len(under) < len(instead)
    assert np.mean([note.velocity for note in under]) < np.mean([note.velocity for note in instead])
    high = [note for note in under if piece.parts[note.part].stem is Stem.HARMONY and note.pitch > 79]
    assert len(high) <= 0.1 * len(under)


@pytest.mark.parametrize("style", sorted(styles()))
def test_under_speech_there_are_about_two_attacks_a_second(studio: Any, style: str) -> None:
    piece = compose(studio.request(style, 50, energies=(0.7,), speech=SPOKEN))
    starts = sorted(note.start for note in _within(piece, 15.3, 34.7))
    attacks = 1 + sum(1 for one, two in pairwise(starts) if two - one > 0.09)
    assert attacks / 19.4 <= 2.4


def test_speech_elsewhere_changes_nothing_here(studio: Any) -> None:
    piece = compose(studio.request("acoustic", 60, speech=((50.0, 55.0),)))
    assert [part for part in piece.parts if part.stem is Stem.LEAD]


def _within(piece: Any, start: float, end: float) -> list[Any]:
    return [note for note in piece.notes if start <= note.start < end]
