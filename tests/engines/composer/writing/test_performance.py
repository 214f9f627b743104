from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from sonique_daemon.engines.composer.composition import Composition, Instrument, Note, Stem
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing import compose
from sonique_daemon.engines.composer.writing.instruments import NATURES
from sonique_daemon.engines.composer.writing.performance import swing_ratio, swung
from sonique_daemon.engines.composer.writing.piece import sketch

EVERY = sorted(styles())
_NOISES = (Instrument.AIR, Instrument.VINYL)


def _strays(piece: Composition, request: Any, stem: Stem) -> np.ndarray[Any, Any]:
    """Seconds between the first note of each chord on a beat and that beat, for sharp sounds of a stem."""
    beats = np.array(request.tempo_map.beats)
    firsts: dict[tuple[int, int], float] = {}
    for note in piece.notes:
        part = piece.parts[note.part]
        if part.stem is stem and NATURES[part.instrument].early_ms == 0:
            place = int(np.argmin(np.abs(beats - note.start)))
            if abs(beats[place] - note.start) < 0.07:
                firsts.setdefault((note.part, place), note.start - float(beats[place]))
    return np.array(list(firsts.values()))


@pytest.mark.parametrize("style", EVERY)
def test_players_stray_as_much_as_their_style_allows_and_do_not_drift(studio: Any, style: str) -> None:
    strays: defaultdict[Stem, list[float]] = defaultdict(list)
    for seed in (1, 2):
        request = studio.request(style, 100, seed, energies=(0.6,))
        piece = compose(request)
        for stem in (Stem.BASS, Stem.HARMONY):
            strays[stem].extend(_strays(piece, request, stem))
    for stem, values in strays.items():
        if len(values) >= 60:
            wanted = styles()[style].timing.spread_ms[stem.value] / 1000
            lag = styles()[style].timing.lag_ms.get(stem.value, 0.0) / 1000
            assert 0.5 * wanted <= np.std(values) <= 1.5 * wanted + 0.001
            assert abs(np.mean(values) - lag) <= 0.004


def test_strays_are_correlated_from_note_to_note(studio: Any) -> None:
    correlations = []
    for seed in range(1, 5):
        request = studio.request("rock", 180, seed, energies=(0.6,))
        values = _strays(compose(request), request, Stem.BASS)
        correlations.append(np.corrcoef(values[:-1], values[1:])[0, 1])
    assert np.mean(correlations) > 0.2


@pytest.mark.parametrize("style", EVERY)
def test_beats_that_meet_hits_are_met_within_fifteen_milliseconds(studio: Any, style: str) -> None:
    beats = [12, 20, 28, 36]
    request = studio.request(style, 40, bpm=80, hits=[studio.met(beat, 80) for beat in beats], energies=(0.6,))
    piece = compose(request)
    for beat in beats:
        time = beat * 0.75
        sharp = [
            note.start - time
            for note in piece.notes
            if abs(note.start - time) < 0.06 and NATURES[piece.parts[note.part].instrument].early_ms == 0
        ]
        assert min(map(abs, sharp)) <= 0.015


def test_soft_attacks_start_early(studio: Any) -> None:
    request = studio.request("cinematic", 60)
    piece = compose(request)
    pads = [note for note in piece.notes if NATURES[piece.parts[note.part].instrument].early_ms >= 40]
    beats = np.array(request.tempo_map.beats)
    offsets = [note.start - beats[np.argmin(np.abs(beats - note.start))] for note in pads]
    assert np.median(offsets) < -0.02


def test_the_same_drum_is_never_the_same_sound_twice_running(studio: Any) -> None:
    piece = compose(studio.request("rock", 30))
    last: dict[tuple[int, int], int] = {}
    for note in piece.notes:
        if piece.parts[note.part].stem is Stem.DRUMS:
            key = (note.part, note.pitch)
            assert last.get(key) != note.variant
            last[key] = note.variant


def test_swing_delays_the_off_beat_and_leaves_the_beat() -> None:
    assert swung(3.0, 8, 0.6) == 3.0
    assert swung(3.5, 8, 0.6) == pytest.approx(3.6)
    assert swung(3.25, 16, 0.58) == pytest.approx(3.29)
    assert swung(3.5, 16, 0.58) == 3.5
    assert swung(2 + 2 / 3, 8, 0.62) == pytest.approx(2.62)
    assert swung(2.5, 0, 0.62) == 2.5


def test_swing_gets_straighter_with_tempo() -> None:
    timing = styles()["jazz"].timing
    assert swing_ratio(timing, 100) > swing_ratio(timing, 180) > swing_ratio(timing, 260) > 0.5


def test_chords_of_plucked_instruments_are_rolled(studio: Any) -> None:
    piece = compose(studio.request("acoustic", 60, energies=(0.7,)))
    guitars = [part for part in range(len(piece.parts)) if piece.parts[part].name.startswith("chords")]
    starts = sorted(note.start for note in piece.notes if note.part == guitars[0])
    gaps = np.diff(starts)
    assert np.median(gaps[gaps < 0.05]) > 0.004


@pytest.mark.parametrize("style", [style for style in EVERY if style != "horror"])
def test_a_cue_that_begins_inside_a_bar_begins_at_once(studio: Any, style: str) -> None:
    for energy in (0.1, 0.6):
        piece = compose(studio.request(style, 30, bpm=84, first=-0.7, energies=(energy,)))
        starts = [note.start for note in piece.notes if piece.parts[note.part].instrument not in _NOISES]
        assert min(starts) <= 0.05


def test_what_is_held_is_let_go_at_the_next_chord(studio: Any) -> None:
    for seed in range(4):
        request = studio.request("cinematic", 60, seed, energies=(0.6,))
        score, piece = sketch(request), compose(request)
        changes = [request.tempo_map.time_at(span.start) for span in score.changes.spans[1:-1]]
        pads = [note for note in piece.notes if piece.parts[note.part].name.startswith("pad")]
        for change in changes:
            late = [note for note in pads if note.start < change - 0.2 and change < note.start + note.duration]
            gone = [note for note in late if note.pitch not in _anew(pads, change)]
            assert all(note.start + note.duration <= change + 0.16 for note in gone)


def _anew(pads: list[Note], change: float) -> set[int]:
    """Pitches that are held on over a change because they are part of both chords."""
    return {note.pitch for note in pads if abs(note.start - change) < 0.12}
