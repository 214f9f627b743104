from typing import Any

import pytest
from sonique_daemon.engines.composer.composition import Stem
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing import compose
from sonique_daemon.engines.composer.writing.piece import sketch

CALM = sorted(set(styles()) - {"horror", "tension", "ambient"})
RELEASE = 0.3
"""Seconds that hands, swing and legato may add."""


@pytest.mark.parametrize("style", CALM)
def test_nobody_holds_a_note_into_a_chord_that_it_clashes_with(studio: Any, style: str) -> None:
    for seed in (1, 2, 3):
        request = studio.request(style, 60, seed, energies=(0.7,))
        score, piece = sketch(request), compose(request)
        spans = [(request.tempo_map.time_at(span.start), span.chord.classes) for span in score.changes.spans[1:-1]]
        pitched = [note for note in piece.notes if piece.parts[note.part].stem in (Stem.BASS, Stem.HARMONY, Stem.LEAD)]
        for time, classes in spans:
            for note in pitched:
                if note.start < time - 0.2 and note.start + note.duration > time + RELEASE:
                    near = {(note.pitch + side) % 12 for side in (1, 11)}
                    assert note.pitch % 12 in classes or near.isdisjoint(classes)
