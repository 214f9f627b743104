from collections import Counter
from itertools import groupby, pairwise
from typing import Any

import pytest
from sonique_daemon.domain.tags import TagKind
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing import melody
from sonique_daemon.engines.composer.writing.piece import sketch

EVERY = sorted(styles())
CREEPING = ("tension", "horror")
SEEDS = (1, 2, 3, 4)


def _lines(studio: Any, style: str, **more: Any) -> list[tuple[Any, list[Any], list[Any]]]:
    """Sketch, melody and melodic bars of several seeds."""
    found = []
    for seed in SEEDS:
        score = sketch(studio.request(style, 90, seed, **more))
        for index, player in enumerate(score.players):
            if player.role == "lead":
                bars = [measure for measure in score.playing(index) if measure.tune]
                found.append((score, melody.lead(score, index), bars))
    return found


@pytest.mark.parametrize("style", [style for style in EVERY if style not in CREEPING])
def test_strong_beats_carry_chord_tones(studio: Any, style: str) -> None:
    members = []
    for score, line, _ in _lines(studio, style):
        for event in line:
            place = event.beat - score.measure_at(event.beat).bar.start
            if abs(place - round(place)) < 1e-6 and round(place) % 2 == 0:
                members.append(event.pitch % 12 in score.changes.at(event.beat).chord.classes)
    assert sum(members) / len(members) >= 0.8


def test_intervals_are_shared_out_as_in_melodies_that_people_sing(studio: Any) -> None:
    counts: Counter[str] = Counter()
    for style in EVERY:
        if style in CREEPING:
            continue
        for _, line, _ in _lines(studio, style):
            for one, two in pairwise(line):
                if two.beat - one.beat <= 4:
                    counts[_kind(abs(two.pitch - one.pitch))] += 1
    shares = {kind: count / counts.total() for kind, count in counts.items()}
    assert 0.07 <= shares["repeat"] <= 0.28
    assert 0.37 <= shares["step"] <= 0.63
    assert 0.07 <= shares["third"] <= 0.28
    assert 0.0 < shares["fourth or fifth"] <= 0.20
    assert shares.get("larger", 0.0) <= 0.12


@pytest.mark.parametrize("style", EVERY)
def test_a_melody_breathes_as_its_style_does(studio: Any, style: str) -> None:
    silent = []
    for _, line, bars in _lines(studio, style):
        if line:
            whole = sum(measure.bar.end - measure.bar.start for measure in bars)
            silent.append(1 - sum(event.length for event in line) / whole)
    wanted = styles()[style].tune.rest
    assert abs(sum(silent) / len(silent) - wanted) <= 0.13


@pytest.mark.parametrize("style", ["cinematic", "acoustic", "orchestral", "jazz"])
def test_the_motif_is_heard_in_most_units(studio: Any, style: str) -> None:
    alike = total = 0
    for score, line, bars in _lines(studio, style):
        rhythms = [
            tuple(round(event.beat - measure.bar.start, 2) for event in line if score.measure_at(event.beat) is measure)
            for measure in bars
        ]
        common = {rhythm for rhythm, count in Counter(rhythms).items() if count >= 2}
        alike += sum(1 for rhythm in rhythms if rhythm in common)
        total += len(rhythms)
    assert alike / total >= 0.6


def test_a_melody_stays_in_one_register_and_moves_in_it(studio: Any) -> None:
    for _, line, _ in _lines(studio, "cinematic"):
        pitches = [event.pitch for event in line]
        assert 4 <= max(pitches) - min(pitches) <= 19
        assert all(abs(one - two) <= 12 for one, two in pairwise(pitches))


def test_the_second_voice_mostly_moves_while_the_melody_rests(studio: Any) -> None:
    together = total = 0
    for score, line, _ in _lines(studio, "orchestral"):
        voice = next(index for index, player in enumerate(score.players) if player.role == "counter")
        starts = {round(event.beat, 2) for event in line}
        second = melody.counter(score, voice, line)
        together += sum(1 for event in second if round(event.beat, 2) in starts)
        total += len(second)
    assert total
    assert together / total < 0.4


def test_no_melody_without_one(studio: Any) -> None:
    assert not _lines(studio, "cinematic", words=[(TagKind.NEGATIVE, "melody")])


def _kind(size: int) -> str:
    if size == 0:
        return "repeat"
    return "step" if size <= 2 else "third" if size <= 4 else "fourth or fifth" if size <= 7 else "larger"


def test_a_melody_does_not_stick_to_a_pitch(studio: Any) -> None:
    runs = [
        len(list(group))
        for style in EVERY
        for _, line, _ in _lines(studio, style)
        for _, group in groupby(line, key=lambda event: event.pitch)
    ]
    assert max(runs) <= 6
    assert sum(run >= 4 for run in runs) / len(runs) <= 0.02
