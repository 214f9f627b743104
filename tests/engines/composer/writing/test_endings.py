from typing import Any

import pytest
from sonique_daemon.domain.tags import Affect, Key, TagKind
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing import compose
from sonique_daemon.engines.composer.writing.endings import BRIEF, tail
from sonique_daemon.engines.composer.writing.piece import sketch

EVERY = sorted(styles())


@pytest.mark.parametrize("style", EVERY)
@pytest.mark.parametrize("duration", [2.0, 3.3, 7.0, 15.0, 61.7])
def test_the_final_chord_is_the_planned_close_at_the_planned_place(studio: Any, style: str, duration: float) -> None:
    request = studio.request(style, duration)
    score = sketch(request)
    brief = duration < BRIEF and score.ending.kind in ("button", "sting", "stop")
    room = 0.5 if brief or score.ending.kind == "stop" else tail(duration, compose(request).room.decay)
    assert score.ending.time <= duration - room + 1e-6
    final = score.changes.spans[-1]
    assert final.start == score.ending.beat
    assert score.ending.kind in {*styles()[style].endings, "open", *(["ring"] if duration < BRIEF else [])}
    if styles()[style].harmony.cadence and score.ending.kind != "open":
        assert final.chord.root == final.tonic


@pytest.mark.parametrize("style", ["cinematic", "uplifting", "jazz", "acoustic", "orchestral", "piano", "comedy"])
def test_the_last_two_bars_hold_pre_dominant_and_dominant(studio: Any, style: str) -> None:
    score = sketch(studio.request(style, 60, seed=3))
    closes = [close for family in _families(style) for close in family.close]
    last = [span.chord.symbol for span in score.changes.spans[-3:]]
    assert last[-2] in {close[-2] for close in closes} | {"Vsus4", "IV", "iv"}
    assert last[-1] in {close[-1] for close in closes} | {"Vsus4"}


def test_a_tense_mood_leaves_endings_open(studio: Any) -> None:
    tense = Affect(-0.3, 0.2, 0.9)
    kinds = [sketch(studio.request("cinematic", 40, seed=seed, affect=tense)).ending.kind for seed in range(12)]
    assert kinds.count("open") >= 4


def test_a_fade_has_time_and_begins_with_the_final_chord(studio: Any) -> None:
    fades = [compose(studio.request("ambient", 90, seed=seed)) for seed in range(8)]
    faded = [piece for piece in fades if piece.fade]
    assert faded
    assert all(2 <= piece.fade <= 8 for piece in faded)


def test_a_dead_stop_cuts_after_its_chord(studio: Any) -> None:
    pieces = [compose(studio.request("horror", 40, seed=seed)) for seed in range(16)]
    stops = [(piece, piece.stop) for piece in pieces if piece.stop is not None]
    assert stops
    for piece, stop in stops:
        assert max(note.start for note in piece.notes) < stop <= piece.duration


def test_a_short_cue_in_a_large_hall_plays_on_until_it_must_end() -> None:
    assert tail(6.0, 5.0) == pytest.approx(1.2)
    assert tail(60.0, 5.0) == pytest.approx(2.25)
    assert tail(1.0, 5.0) == pytest.approx(0.65)


def test_the_ending_lands_on_a_late_cut(studio: Any) -> None:
    bpm = 116.0
    hit = studio.met(50, bpm)
    request = studio.request("uplifting", 28.0, bpm=bpm, hits=[hit], seed=4)
    assert sketch(request).ending.beat in (50.0, 52.0)


@pytest.mark.parametrize("style", ["comedy", "horror", "rock", "tension"])
def test_a_brief_cue_closes_on_the_last_hit_near_its_end_where_its_ending_is_short(studio: Any, style: str) -> None:
    hits = [studio.met(beat, 100.0) for beat in (4, 12)]
    endings = [sketch(studio.request(style, 8.0, bpm=100.0, hits=hits, seed=seed)).ending for seed in range(12)]
    short = [ending for ending in endings if ending.kind in ("button", "sting", "stop")]
    assert short
    assert all(ending.time == pytest.approx(7.2) for ending in short)


@pytest.mark.parametrize("seed", range(6))
def test_a_button_is_short(studio: Any, seed: int) -> None:
    request = studio.request("comedy", 30, seed=seed, key=Key(0, "ionian"))
    score, piece = sketch(request), compose(request)
    if score.ending.kind == "button":
        final = [note for note in piece.notes if note.start >= score.ending.time - 0.02]
        assert len(final) >= 3
        assert all(note.duration <= 0.6 for note in final)


@pytest.mark.parametrize("style", ["horror", "comedy", "electronic", "rock", "tension"])
def test_a_short_final_chord_leaves_no_hole_before_the_end_of_a_long_cue(studio: Any, style: str) -> None:
    bpm = styles()[style].slowest
    longest = {"button": 2.4, "sting": 3.2, "stop": 0.8 + 60 / bpm}
    for seed in range(16):
        request = studio.request(style, 47.0, seed, bpm=bpm)
        ending = sketch(request).ending
        assert 47.0 - ending.time <= longest.get(ending.kind, 47.0)


@pytest.mark.parametrize("style", ["acoustic", "comedy", "orchestral", "uplifting"])
def test_a_melody_ends_near_where_it_was(studio: Any, style: str) -> None:
    for seed in range(6):
        request = studio.request(style, 30.0, seed, energies=(0.7,))
        piece, final = compose(request), sketch(request).ending.time
        for index, part in enumerate(piece.parts):
            line = [note for note in piece.notes if note.part == index]
            last = [note.pitch for note in line if note.start >= final - 0.05]
            before = [note.pitch for note in line if note.start < final - 0.05]
            if part.name.startswith("lead") and last and before:
                assert abs(last[0] - before[-1]) <= 7


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("fade-out ending", "fade"),
        ("ring-out ending", "ring"),
        ("button ending", "button"),
        ("dead stop", "stop"),
        ("open ending", "open"),
    ],
)
def test_an_ending_that_was_asked_for_is_played(studio: Any, word: str, kind: str) -> None:
    for style in EVERY:
        request = studio.request(style, 40.0, words=((TagKind.FORM, word),))
        assert sketch(request).ending.kind == kind


@pytest.mark.parametrize("style", ["rock", "acoustic", "electronic"])
def test_a_fade_that_was_asked_for_fades_music_that_plays_on(studio: Any, style: str) -> None:
    piece = compose(studio.request(style, 40.0, words=((TagKind.FORM, "fade-out ending"),), energies=(0.7,)))
    assert 4.0 <= piece.fade <= 10.0
    begins = piece.duration - piece.fade
    struck = [note.start for note in piece.notes if begins <= note.start <= piece.duration - 1.5]
    assert len({round(start * 4) for start in struck}) >= 8


def test_an_ending_that_was_ruled_out_is_not_played(studio: Any) -> None:
    for seed in range(12):
        request = studio.request("ambient", 60.0, seed, words=((TagKind.NEGATIVE, "fade-out ending"),))
        assert sketch(request).ending.kind != "fade"


def test_a_melody_that_was_ruled_out_is_not_played(studio: Any) -> None:
    for style in EVERY:
        piece = compose(studio.request(style, 40.0, words=((TagKind.NEGATIVE, "melody"),), energies=(0.8,)))
        assert not any(part.name.startswith(("lead", "counter")) for part in piece.parts)


def _families(style: str) -> list[Any]:
    harmony = styles()[style].harmony
    return [harmony.major, harmony.minor]
