from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sonique_daemon.domain.tempo import Hit, HitKind, MetHit
from sonique_daemon.engines.composer.composition import Instrument
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing import compose
from sonique_daemon.engines.composer.writing.instruments import NATURES
from sonique_daemon.engines.composer.writing.piece import sketch

EVERY = sorted(styles())
BPM = 96.0


@pytest.mark.parametrize("style", EVERY)
@pytest.mark.parametrize("energies", [(0.2,), (0.5, 0.8)], ids=str)
def test_every_hard_hit_is_accented_within_forty_milliseconds(studio: Any, style: str, energies: Any) -> None:
    beats = (8, 16, 22.5, 31, 40, 48)
    request = studio.request(style, 40, bpm=BPM, energies=energies, hits=[studio.met(beat, BPM) for beat in beats])
    piece = compose(request)
    for beat in beats:
        time = beat * 60 / BPM
        usual = float(np.mean([note.velocity for note in piece.notes if 0.06 < abs(note.start - time) < 5]))
        near = [
            note.velocity
            for note in piece.notes
            if abs(note.start - time) <= 0.04 and NATURES[piece.parts[note.part].instrument].early_ms < 10
        ]
        assert near, (beat, time)
        assert max(near) >= usual + 0.08


@pytest.mark.parametrize("style", EVERY)
def test_many_hits_on_beats_are_all_met(studio: Any, style: str) -> None:
    beats = [*range(4, 56, 3)]
    hits = [studio.met(beat, BPM, weight=0.5) for beat in beats]
    piece = compose(studio.request(style, 40, bpm=BPM, hits=hits))
    starts = np.array([note.start for note in piece.notes if _sharp(piece, note)])
    assert all(np.min(np.abs(starts - beat * 60 / BPM)) <= 0.02 for beat in beats)


@pytest.mark.parametrize("style", EVERY)
def test_a_turn_changes_the_chord_and_the_texture(studio: Any, style: str) -> None:
    hits = [studio.met(beat, BPM, HitKind.TURN, 0.7) for beat in (18, 32)]
    score = sketch(studio.request(style, 50, bpm=BPM, hits=hits))
    starts = {span.start for span in score.changes.spans}
    assert {18.0, 32.0} <= starts
    plain = sketch(studio.request(style, 50, bpm=BPM))
    after = [measure for measure in score.measures if measure.bar.start >= 32]
    assert any(measure.turn for measure in score.measures) or after[0].bar is after[0].passage.bars[0]
    assert [one.players for one in score.measures] != [one.players for one in plain.measures] or any(
        measure.turn for measure in score.measures
    )


@pytest.mark.parametrize("style", ["tension", "horror", "comedy", "electronic"])
def test_silence_comes_before_the_strongest_hit(studio: Any, style: str) -> None:
    found = 0
    for seed in (1, 2, 3):
        request = studio.request(style, 50, seed, bpm=BPM, energies=(0.7,), hits=[studio.met(36, BPM, weight=1.0)])
        piece = compose(request)
        time, beat = 36 * 60 / BPM, 60 / BPM
        struck = [note for note in piece.notes if piece.parts[note.part].instrument not in _growing()]
        inside = [note for note in struck if time - beat + 0.03 < note.start < time - 0.1]
        held = [note for note in struck if note.start < time - beat < time - 0.1 < note.start + note.duration]
        found += not inside and not held
    assert found >= 2


def test_risers_end_on_their_hit(studio: Any) -> None:
    request = studio.request("tension", 50, bpm=BPM, hits=[studio.met(40, BPM, weight=0.95)])
    piece = compose(request)
    growing = [note for note in piece.notes if piece.parts[note.part].instrument in _growing()]
    assert any(abs(note.start + note.duration - 25.0) < 0.02 for note in growing)
    assert all(1.0 <= note.duration <= 4.1 for note in growing)


def test_phrase_boundaries_that_hardly_weigh_are_left_alone(studio: Any) -> None:
    plain = compose(studio.request("cinematic", 40, bpm=BPM))
    hits = [studio.met(beat, BPM, HitKind.PHRASE, 0.25) for beat in (9, 17, 30)]
    assert compose(studio.request("cinematic", 40, bpm=BPM, hits=hits)).notes == plain.notes


@pytest.mark.parametrize("style", EVERY)
def test_cuts_that_weigh_are_answered_between_the_beats_too(studio: Any, style: str) -> None:
    beats = (9.0, 14.5, 19.25, 24.33, 30.0, 41.75, 46.4)
    hits = [studio.met(beat, BPM, HitKind.PHRASE, 0.6) for beat in beats]
    piece = compose(studio.request(style, 40, bpm=BPM, energies=(0.5, 0.8), hits=hits))
    starts = np.array([note.start for note in piece.notes if _sharp(piece, note)])
    assert all(np.min(np.abs(starts - beat * 60 / BPM)) <= 0.04 for beat in beats)


@pytest.mark.parametrize("kind", [HitKind.HARD, HitKind.TURN])
def test_a_hit_off_the_grid_is_answered_at_full_strength_alone(studio: Any, kind: HitKind) -> None:
    off = MetHit(Hit(Fraction(731, 100), kind, 0.9), None)
    found = []
    for strength in (0.5, 1.0):
        request = studio.request("cinematic", 20, bpm=BPM, energies=(0.5, 0.8), hits=[off])
        piece = compose(replace(request, tags=replace(request.tags, hit_strength=strength)))
        found.append([note for note in piece.notes if _sharp(piece, note) and abs(note.start - 7.31) <= 0.04])
    assert not found[0]
    assert found[1]


def _growing() -> tuple[Instrument, ...]:
    return (Instrument.RISER, Instrument.SWELL, Instrument.REVERSE)


def _sharp(piece: Any, note: Any) -> bool:
    return bool(NATURES[piece.parts[note.part].instrument].early_ms < 20)
