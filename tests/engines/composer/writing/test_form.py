from typing import Any

import pytest
from sonique_daemon.domain.tags import Key, Origin
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing.piece import sketch

EVERY = sorted(styles())


@pytest.mark.parametrize("style", EVERY)
def test_bars_follow_one_another_without_holes_up_to_the_final_chord(studio: Any, style: str) -> None:
    score = sketch(studio.request(style, 60, metres=(4, 3)))
    ends = [measure.bar.end for measure in score.measures]
    starts = [measure.bar.start for measure in score.measures]
    assert starts[1:] == ends[:-1]
    assert ends[-1] == score.ending.beat


@pytest.mark.parametrize("style", EVERY)
def test_a_long_cue_begins_thin_and_is_fullest_in_its_later_half(studio: Any, style: str) -> None:
    score = sketch(studio.request(style, 90, energies=(0.6,)))
    counts = [len(measure.players) for measure in score.measures]
    loudest = max(score.measures, key=lambda measure: measure.energy)
    assert counts[0] < max(counts)
    assert len(loudest.players) >= max(counts) - 1
    assert 0.4 <= loudest.passage.bars[0].index / len(counts) <= 0.9


def test_sections_of_the_map_begin_passages(studio: Any) -> None:
    request = studio.request("cinematic", 90)
    score = sketch(request)
    firsts = {measure.passage.bars[0].start for measure in score.measures}
    for section in request.tempo_map.sections:
        assert float(request.tempo_map.downbeats[section.bar]) in firsts


def test_at_most_three_players_change_where_the_energy_hardly_does(studio: Any) -> None:
    score = sketch(studio.request("acoustic", 120, energies=(0.55,)))
    for before, after in zip(score.measures, score.measures[1:], strict=False):
        inner = after.bar is after.passage.bars[0] and abs(after.energy - before.energy) < 0.1
        if inner and not after.bar.opens:
            assert len(before.players ^ after.players) <= 3


def test_the_band_thins_before_the_peak(studio: Any) -> None:
    score = sketch(studio.request("uplifting", 90, energies=(0.6,)))
    peak = next(measure for measure in score.measures if measure.passage.letter == "peak")
    before = score.measures[peak.bar.index - 1]
    assert before.energy < peak.energy - 0.25
    assert len(before.players) < len(peak.players)


def test_a_long_cue_moves_to_other_keys_and_comes_home(studio: Any) -> None:
    score = sketch(studio.request("cinematic", 420, key=Key(2, "aeolian")))
    keys = [(measure.passage.tonic, measure.passage.mode) for measure in score.measures]
    assert len(set(keys)) >= 2
    assert keys[0] == keys[-1] == (2, "aeolian")


def test_a_users_tonic_stays_in_every_block(studio: Any) -> None:
    score = sketch(studio.request("cinematic", 420, key=Key(2, "aeolian", Origin.USER)))
    assert {measure.passage.tonic for measure in score.measures} == {2}


def test_the_band_changes_at_least_every_twenty_four_bars(studio: Any) -> None:
    for style in EVERY:
        score = sketch(studio.request(style, 300, energies=(0.6,)))
        run = longest = 1
        for before, after in zip(score.measures, score.measures[1:], strict=False):
            run = run + 1 if before.players == after.players else 1
            longest = max(longest, run)
        assert longest <= 24, style


def test_a_drone_alone_is_no_music(studio: Any) -> None:
    for seed in range(6):
        score = sketch(studio.request("horror", 45, seed, bpm=48, energies=(0.05,), density=0.3))
        for measure in score.measures:
            assert any(score.players[index].role not in ("drone", "noise") for index in measure.players)
