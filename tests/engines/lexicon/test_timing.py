"""Tempi: what is said, what is meant, and what follows from style and mood."""

from collections.abc import Callable

import pytest
from sonique_daemon.domain.tags import Origin, Tags
from sonique_daemon.errors import InvalidBrief

Tag = Callable[..., Tags]


@pytest.mark.parametrize(
    "prompt",
    [
        "90 bpm",
        "90BPM",
        "90 Bpm, tense",
        "calm at 90 bpm please",
        "tempo 90",
        "tempo: 90",
        "BPM=90",
        "90 beats per minute",
        "♩=90",
        "90.0 bpm",
        "at 90-bpm",
    ],
)
def test_a_tempo_in_the_prompt_is_taken_in_any_writing(tag: Tag, prompt: str) -> None:
    tempo = tag(prompt=prompt).tempo
    assert tempo.bpm == 90
    assert tempo.low == pytest.approx(88.2)
    assert tempo.high == pytest.approx(91.8)
    assert tempo.origin is Origin.USER


@pytest.mark.parametrize("prompt", ["(60-80BPM)", "60–80 bpm", "60 to 80 bpm", "between 60 and 80 bpm", "80-60 BPM"])
def test_a_range_sets_both_bounds(tag: Tag, prompt: str) -> None:
    tempo = tag(prompt=prompt).tempo
    assert (tempo.low, tempo.high) == (60, 80)
    assert 60 <= tempo.bpm <= 80
    assert tempo.origin is Origin.USER


def test_around_leaves_more_room_than_an_exact_tempo(tag: Tag) -> None:
    loose, tight = tag(prompt="around 120 bpm").tempo, tag(prompt="120 bpm").tempo
    assert loose.bpm == tight.bpm == 120
    assert loose.low < tight.low < tight.high < loose.high


def test_a_limit_on_one_side_is_kept(tag: Tag) -> None:
    assert tag(prompt="techno under 100 bpm").tempo.high <= 100
    assert tag(prompt="ambient, at least 120 bpm").tempo.low >= 120
    assert tag(prompt="not faster than 65 bpm").tempo.high <= 65


def test_the_briefs_bpm_outranks_the_prompts_and_that_is_told(tag: Tag) -> None:
    tags = tag(bpm=100, prompt="80 bpm")
    assert tags.tempo.bpm == 100
    assert any("80 bpm" in note for note in tags.notes)


def test_nineties_are_no_tempo(tag: Tag) -> None:
    assert tag(prompt="tempo 90s music").tempo.origin is Origin.ENGINE


@pytest.mark.parametrize("bpm", [0, 10_000, 19.9, 300.1, -90, float("nan"), float("inf")])
def test_a_tempo_out_of_bounds_is_refused(tag: Tag, bpm: float) -> None:
    with pytest.raises(InvalidBrief, match="20 to 300"):
        tag(bpm=bpm)


def test_a_tempo_out_of_bounds_in_the_prompt_is_refused(tag: Tag) -> None:
    with pytest.raises(InvalidBrief, match="10000 bpm"):
        tag(prompt="10000 bpm")


def test_a_users_tempo_outside_the_style_is_kept_and_told(tag: Tag) -> None:
    tags = tag(genres=("ambient",), bpm=160)
    assert tags.style == "ambient"
    assert tags.tempo.bpm == 160
    assert any("50 to 70" in note for note in tags.notes)


def test_slow_with_a_fast_tempo_is_told(tag: Tag) -> None:
    tags = tag(prompt="slow", bpm=170)
    assert tags.tempo.bpm == 170
    assert any("“slow” contradicts" in note for note in tags.notes)


def test_fast_next_to_slow_tempo_is_settled_for_the_first_and_told(tag: Tag) -> None:
    tags = tag(genres=("electronic",), prompt="fast, slow tempo")
    assert tags.tempo.bpm > 100
    assert any("“fast” and “slow tempo” contradict" in note for note in tags.notes)


@pytest.mark.parametrize("style", ["ambient", "jazz", "rock", "piano", "electronic"])
def test_slow_and_fast_lie_on_either_side_of_the_styles_tempo(tag: Tag, style: str) -> None:
    slow, plain, fast = (tag(genres=(style,), prompt=prompt).tempo for prompt in ("slow", "", "fast"))
    assert slow.bpm < plain.bpm < fast.bpm
    assert slow.high <= plain.bpm <= fast.low
    assert slow.origin is fast.origin is Origin.USER


@pytest.mark.parametrize(
    ("term", "low", "high"), [("largo", 40, 60), ("andante", 76, 98), ("allegro", 120, 156), ("presto", 168, 200)]
)
def test_italian_terms_mean_their_range(tag: Tag, term: str, low: float, high: float) -> None:
    tempo = tag(prompt=term, genres=("orchestral",)).tempo
    assert (tempo.low, tempo.high) == (low, high)
    assert low <= tempo.bpm <= high


def test_a_tempo_of_the_engine_leaves_the_fit_room_inside_the_style(tag: Tag) -> None:
    tempo = tag(genres=("jazz",)).tempo
    assert tempo.bpm == 124
    assert (tempo.low, tempo.high) == (93, 155)
    assert tempo.origin is Origin.ENGINE


def test_excitement_quickens_and_calm_slows(tag: Tag) -> None:
    calm, plain, wild = (tag(genres=("rock",), prompt=prompt).tempo.bpm for prompt in ("calm", "", "energetic"))
    assert calm < plain < wild


def test_a_tempo_that_was_ruled_out_is_avoided(tag: Tag) -> None:
    tempo = tag(genres=("cinematic",), negatives=("Slow", "(60-80BPM)")).tempo
    assert tempo.low >= 80
    assert tempo.low <= tempo.bpm <= tempo.high


def test_a_tempo_both_asked_for_and_ruled_out_is_kept_and_told(tag: Tag) -> None:
    tags = tag(bpm=70, negatives=("60-80 bpm",))
    assert tags.tempo.bpm == 70
    assert any("ruled out" in note for note in tags.notes)
