"""What holds for every piece, in every style, at every length."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from sonique_daemon.domain.tags import Affect, Key
from sonique_daemon.engines.composer.composition import Composition, Instrument, Stem
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing import compose
from sonique_daemon.engines.composer.writing.endings import BRIEF, tail
from sonique_daemon.engines.composer.writing.instruments import NATURES
from sonique_daemon.engines.composer.writing.piece import sketch
from sonique_daemon.errors import InvalidBrief

EVERY = sorted(styles())
LENGTHS = (2.0, 5.0, 15.0, 60.0, 180.0)
FREE = ("ambient", "horror", "piano")
STILL = (Instrument.DRONE, Instrument.AIR, Instrument.VINYL)


CASES = [(length, seed) for length in LENGTHS for seed in (1, 2) if length < 60 or seed == 1]


@pytest.fixture(params=EVERY)
def pieces(request: pytest.FixtureRequest, studio: Any) -> list[Composition]:
    return [studio.piece(request.param, length, seed) for length, seed in CASES]


def test_notes_are_sorted_and_sane(pieces: list[Composition]) -> None:
    for piece in pieces:
        notes = piece.notes
        assert notes
        assert list(notes) == sorted(notes, key=lambda note: (note.start, note.part, note.pitch))
        assert {note.part for note in notes} == set(range(len(piece.parts)))
        for note in notes:
            assert -0.13 <= note.start < piece.duration
            assert 0 < note.duration <= piece.duration - note.start + 1e-6
            assert 0 < note.velocity <= 1
            assert note.variant in (0, 1)


def test_every_note_lies_in_its_instruments_range(pieces: list[Composition]) -> None:
    for piece in pieces:
        for note in piece.notes:
            nature = NATURES[piece.parts[note.part].instrument]
            assert nature.low <= note.pitch <= nature.high


def test_the_last_onset_leaves_the_final_chord_its_tail(pieces: list[Composition]) -> None:
    rolled, short = 0.25, 0.5
    for piece in pieces:
        room = tail(piece.duration, piece.room.decay)
        latest = piece.duration - (room if piece.duration >= BRIEF and piece.stop is None else min(room, short))
        assert max(note.start for note in piece.notes) <= latest + rolled
        assert min(note.start for note in piece.notes) <= 0.35 * piece.duration


def test_the_final_chord_is_struck_together_by_several_voices(pieces: list[Composition]) -> None:
    for piece in pieces:
        pitched = [note for note in piece.notes if piece.parts[note.part].stem is not Stem.DRUMS]
        last = max(note.start for note in pitched)
        assert len([note for note in pitched if note.start >= last - 0.6]) >= 2


def test_nobody_strikes_a_key_that_is_held(pieces: list[Composition]) -> None:
    for piece in pieces:
        held: dict[tuple[int, int], float] = {}
        for note in piece.notes:
            if piece.parts[note.part].instrument not in STILL:
                key = (note.part, note.pitch)
                assert held.get(key, -1.0) <= note.start + 0.021
                held[key] = note.start + note.duration


def test_part_names_are_unique(pieces: list[Composition]) -> None:
    for piece in pieces:
        assert len({part.name for part in piece.parts}) == len(piece.parts)


@pytest.mark.parametrize("style", EVERY)
def test_the_same_seed_gives_the_same_piece_and_another_seed_another(studio: Any, style: str) -> None:
    first = compose(studio.request(style, 30, seed=4, key=Key(2, "aeolian")))
    assert compose(studio.request(style, 30, seed=4, key=Key(2, "aeolian"))) == first
    assert compose(studio.request(style, 30, seed=6, key=Key(2, "aeolian"))).notes != first.notes


@pytest.mark.parametrize("style", EVERY)
def test_dynamics_move_as_players_move_them(studio: Any, style: str) -> None:
    spreads = []
    for seed in (1, 2, 3):
        piece = studio.piece(style, 60.0, seed)
        for index, part in enumerate(piece.parts):
            values = [127 * note.velocity for note in piece.notes if note.part == index]
            if len(values) >= 40 and part.stem is not Stem.DRUMS:
                spreads.append(float(np.std(values)))
    assert not spreads or 6 <= np.median(spreads) <= 14


@pytest.mark.parametrize("style", EVERY)
def test_louder_sections_are_played_louder_and_by_more_players(studio: Any, style: str) -> None:
    piece = compose(studio.request(style, 80, energies=(0.2, 0.2, 0.85, 0.85)))
    soft = [note for note in piece.notes if note.start < 36]
    loud = [note for note in piece.notes if 44 < note.start < 72]
    assert len({note.part for note in loud}) > len({note.part for note in soft})
    assert np.mean([note.velocity for note in loud]) > np.mean([note.velocity for note in soft]) + 0.05


@pytest.mark.parametrize("style", [style for style in EVERY if style not in FREE])
def test_rhythmic_styles_strike_most_beats(studio: Any, style: str) -> None:
    request = studio.request(style, 60, seed=3)
    piece = compose(request)
    beats = [time for time in request.tempo_map.beats if 4 < time < 52]
    sharp = [
        note.start
        for note in piece.notes
        if NATURES[piece.parts[note.part].instrument].early_ms < 10 and piece.parts[note.part].instrument not in STILL
    ]
    times = np.array(sharp)
    struck = sum(1 for beat in beats if np.min(np.abs(times - beat)) < 0.045)
    assert struck / len(beats) >= 0.75


def test_ambient_changes_on_downbeats(studio: Any) -> None:
    request = studio.request("ambient", 120)
    piece = compose(request)
    downbeats = [request.tempo_map.beats[index] for index in request.tempo_map.downbeats]
    times = np.array([note.start for note in piece.notes])
    near = [downbeat for downbeat in downbeats if downbeat < 105 and np.min(np.abs(times - downbeat)) < 0.1]
    assert len(near) / len([one for one in downbeats if one < 105]) > 0.6


def test_styles_can_be_told_apart_by_band_density_rhythm_and_harmony(studio: Any) -> None:
    traits = {style: _traits(studio, style) for style in EVERY}
    for one in EVERY:
        for two in EVERY:
            if one < two:
                assert _distance(traits[one], traits[two]) > 0.35, (one, two)


def _traits(studio: Any, style: str) -> dict[str, Any]:
    piece = compose(studio.request(style, 60, seed=2, key=Key(0, "aeolian"), bpm=100))
    bands = Counter(part.instrument for part in piece.parts)
    onsets = np.array([note.start for note in piece.notes])
    places, _ = np.histogram(onsets / 0.6 % 4, bins=16, range=(0, 4))
    chroma = np.zeros(12)
    for note in piece.notes:
        if piece.parts[note.part].stem is not Stem.DRUMS:
            chroma[note.pitch % 12] += note.duration
    return {
        "band": set(bands),
        "density": len(onsets) / 60,
        "rhythm": places / places.sum(),
        "chroma": chroma / chroma.sum(),
    }


def _distance(one: dict[str, Any], two: dict[str, Any]) -> float:
    band = 1 - len(one["band"] & two["band"]) / len(one["band"] | two["band"])
    density = abs(np.log2(one["density"] / two["density"])) / 4
    rhythm = float(np.abs(one["rhythm"] - two["rhythm"]).sum()) / 2
    chroma = float(np.abs(one["chroma"] - two["chroma"]).sum()) / 2
    return float(band * 0.6 + density + rhythm + chroma)


KRUMHANSL = {
    "ionian": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "aeolian": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}


@pytest.mark.parametrize("style", [style for style in EVERY if style not in ("tension", "horror")])
@pytest.mark.parametrize("mode", ["ionian", "aeolian"])
def test_the_notes_are_those_of_the_declared_key(studio: Any, style: str, mode: str) -> None:
    fits = []
    for seed in (1, 2, 3, 4):
        piece = compose(studio.request(style, 60, seed, key=Key(5, mode)))
        chroma = np.zeros(12)
        for note in piece.notes:
            if piece.parts[note.part].stem not in (Stem.DRUMS, Stem.TEXTURE):
                chroma[(note.pitch - 5) % 12] += note.velocity * note.duration**0.5
        fits.append(float(np.corrcoef(chroma, KRUMHANSL[mode])[0, 1]))
    assert np.mean(fits) >= 0.65
    assert min(fits) >= 0.4


def test_a_calm_mood_is_sparser_lower_and_longer_than_an_excited_one(studio: Any) -> None:
    calm = compose(studio.request("cinematic", 60, affect=Affect(-0.4, -0.8, -0.3)))
    wild = compose(studio.request("cinematic", 60, affect=Affect(0.4, 0.8, 0.2)))
    assert len(calm.notes) < len(wild.notes)
    assert np.mean([note.velocity for note in calm.notes]) < np.mean([note.velocity for note in wild.notes])
    assert calm.room.decay > wild.room.decay
    assert calm.room.brightness < wild.room.brightness


def test_density_decides_how_much_plays(studio: Any) -> None:
    thin = compose(studio.request("uplifting", 60, density=0.1))
    full = compose(studio.request("uplifting", 60, density=0.95))
    assert len(thin.parts) < len(full.parts)
    assert len(thin.notes) < 0.8 * len(full.notes)


def test_half_an_hour_is_written_whole(studio: Any) -> None:
    piece = compose(studio.request("lofi", 1800, energies=(0.4, 0.6, 0.5, 0.8, 0.4)))
    per_minute = Counter(int(note.start // 60) for note in piece.notes)
    assert all(per_minute[minute] > 60 for minute in range(30))


def test_odd_bars_are_filled_to_their_ends(studio: Any) -> None:
    request = studio.request("rock", 40, bpm=120, metres=(4, 5, 3, 2), energies=(0.7,))
    score, piece = sketch(request), compose(request)
    drums = np.array([note.start for note in piece.notes if piece.parts[note.part].stem is Stem.DRUMS])
    player = next(index for index, player in enumerate(score.players) if player.role == "drums")
    assert {measure.bar.beats for measure in score.playing(player)} == {2, 3, 4, 5}
    for measure in score.playing(player):
        bar = measure.bar
        inside = drums[(drums > bar.time - 0.03) & (drums < bar.time + bar.seconds - 0.03)]
        assert bar.time + bar.seconds - inside.max() < 0.8


def test_an_unknown_style_is_refused_with_the_styles_that_there_are(studio: Any) -> None:
    request = studio.request("jazz", 10)
    broken = type(request)(
        tags=type(request.tags)(style="polka", tags=(), tempo=request.tags.tempo, key=request.tags.key),
        tempo_map=request.tempo_map,
        samples=request.samples,
        seed=1,
        workspace=request.workspace,
    )
    with pytest.raises(InvalidBrief, match=r"polka.*ambient"):
        compose(broken)
