"""Spotting underlines a few cuts and leaves the others alone, as far as it is asked."""

import itertools
from fractions import Fraction
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sonique_daemon.domain.description import Description, Look, ShotDescription
from sonique_daemon.domain.picture import JoinKind, Marker
from sonique_daemon.domain.tempo import Hit, HitKind
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.sync.spotting import Spotting, spot


def described(
    cuts: list[Fraction],
    duration: Fraction,
    *,
    changes: dict[int, float] | None = None,
    dissolves: tuple[int, ...] = (),
    markers: tuple[Marker, ...] = (),
    speech: tuple[TimeRange, ...] = (),
) -> Description:
    """A description whose cut ``i`` changes by ``changes[i]``, or by 0.3."""
    edges = [Fraction(0), *cuts, duration]
    shots = []
    for index, (start, end) in enumerate(itertools.pairwise(edges)):
        change = (changes or {}).get(index - 1, 0.3) if index else 0.0
        join = JoinKind.DISSOLVE if index - 1 in dissolves else JoinKind.CUT
        shots.append(ShotDescription(TimeRange(start, end - start), "", Look(motion=0.2), join, change))
    return Description(duration, "", tuple(shots), markers=markers, speech=speech)


MINUTE = Fraction(60)
CUTS = [Fraction(n * 5, 2) for n in range(1, 24)]


def of_kind(hits: tuple[Hit, ...], kind: HitKind) -> list[Hit]:
    return [hit for hit in hits if hit.kind is kind]


def test_no_strength_and_no_picture_mean_no_hits() -> None:
    marked = described(CUTS, MINUTE, markers=(Marker(Fraction(10), "door"),))
    assert spot(marked, MINUTE, 0.0) == ()
    assert spot(None, MINUTE, 1.0) == ()


def test_half_strength_spots_few_hard_hits_and_some_turns() -> None:
    hits = spot(described(CUTS, MINUTE, changes={8: 0.9, 17: 0.8}), MINUTE, 0.5)
    assert 1 <= len(of_kind(hits, HitKind.HARD)) <= 3
    assert 1 <= len(of_kind(hits, HitKind.TURN)) <= 4
    assert all(hit.weight < 0.3 for hit in of_kind(hits, HitKind.PHRASE))
    assert len(hits) == len(CUTS)


def test_full_strength_weighs_every_cut_but_keeps_kinds_apart() -> None:
    hits = spot(described(CUTS, MINUTE, changes={8: 0.9}), MINUTE, 1.0)
    assert min(hit.weight for hit in hits) >= 0.5
    assert of_kind(hits, HitKind.PHRASE)
    assert min(h.weight for h in of_kind(hits, HitKind.HARD)) > max(h.weight for h in of_kind(hits, HitKind.PHRASE))


def test_the_largest_change_is_a_hard_hit() -> None:
    hits = spot(described(CUTS, MINUTE, changes={11: 0.95}), MINUTE, 0.5)
    assert next(hit for hit in hits if hit.time == CUTS[11]).kind is HitKind.HARD


def test_the_last_cut_is_more_than_a_phrase() -> None:
    hits = spot(described(CUTS, MINUTE), MINUTE, 0.5)
    assert hits[-1].kind is not HitKind.PHRASE


def test_ambient_music_has_no_hard_hits() -> None:
    marked = described(CUTS, MINUTE, changes={4: 1.0}, markers=(Marker(Fraction(31), "sun"),))
    assert not of_kind(spot(marked, MINUTE, 1.0, Spotting(drive=0.0)), HitKind.HARD)


def test_drive_raises_the_budget() -> None:
    counts = [len(of_kind(spot(described(CUTS, MINUTE), MINUTE, 0.5, Spotting(d)), HitKind.HARD)) for d in (0, 0.5, 1)]
    assert counts[0] < counts[1] < counts[2]


def test_a_marker_weighs_more_than_any_cut() -> None:
    hits = spot(described(CUTS, MINUTE, changes={3: 1.0}, markers=(Marker(Fraction(31), "door"),)), MINUTE, 0.5)
    marked = next(hit for hit in hits if hit.label == "door")
    assert marked.kind is HitKind.HARD
    assert all(marked.weight > hit.weight for hit in hits if hit is not marked)


def test_a_marker_beside_a_cut_is_that_cut() -> None:
    markers = (Marker(CUTS[4] + Fraction(1, 25), "title"),)
    hits = spot(described(CUTS, MINUTE, markers=markers), MINUTE, 0.5)
    assert len(hits) == len(CUTS)
    assert next(hit for hit in hits if hit.label == "title").time == CUTS[4]


def test_a_dissolve_is_a_turn_and_never_hard() -> None:
    hits = spot(described(CUTS, MINUTE, changes={9: 1.0}, dissolves=(9,)), MINUTE, 1.0, Spotting(drive=1.0))
    assert next(hit for hit in hits if hit.time == CUTS[9]).kind is not HitKind.HARD
    calm = spot(described(CUTS, MINUTE, changes={9: 1.0}, dissolves=(9,)), MINUTE, 0.5)
    assert next(hit for hit in calm if hit.time == CUTS[9]).kind is HitKind.TURN


def test_a_cut_inside_speech_gets_no_accent() -> None:
    speech = (TimeRange(CUTS[11] - 1, Fraction(2)),)
    hits = spot(described(CUTS, MINUTE, changes={11: 0.95}, speech=speech), MINUTE, 0.5)
    assert next(hit for hit in hits if hit.time == CUTS[11]).kind is not HitKind.HARD


@settings(max_examples=80)
@given(
    frames=st.sets(st.integers(1, 2000), max_size=80),
    marks=st.sets(st.integers(-50, 2100), max_size=6),
    strength=st.floats(0.01, 1),
    drive=st.floats(0, 1),
)
def test_hits_are_ordered_inside_the_cue_and_apart(
    frames: set[int], marks: set[int], strength: float, drive: float
) -> None:
    duration = Fraction(1800, 24)
    cuts = [Fraction(frame, 24) for frame in sorted(frames)]
    markers = tuple(Marker(Fraction(mark, 24), "") for mark in sorted(marks))
    shown = described(cuts, Fraction(2001, 24), markers=markers)
    hits = spot(shown, duration, strength, Spotting(drive))
    times = [hit.time for hit in hits]
    assert times == sorted(set(times))
    assert all(0 < time < duration for time in times)
    assert all(0 < hit.weight <= 1 for hit in hits)
    marked = {hit.time for hit in hits if hit.weight == min(1.0, 2 * strength)}
    chosen = [float(hit.time) for hit in hits if hit.kind is not HitKind.PHRASE and hit.time not in marked]
    assert np.diff(chosen).min(initial=9.0) >= Spotting(drive).least_gap - 1e-9


def test_weights_grow_with_strength() -> None:
    shown = described(CUTS, MINUTE)
    sums = [sum(hit.weight for hit in spot(shown, MINUTE, strength)) for strength in (0.1, 0.3, 0.5, 0.75, 1.0)]
    assert sums == sorted(sums)
    assert sums[0] == pytest.approx(sums[2] / 5, rel=0.6)


def test_a_short_calm_cue_turns_once_at_its_largest_change() -> None:
    cuts = [Fraction(2), Fraction(5), Fraction(8)]
    hits = spot(described(cuts, Fraction(10), changes={1: 0.9}), Fraction(10), 0.5, Spotting(drive=0.3))
    assert [hit.time for hit in of_kind(hits, HitKind.TURN)] == [Fraction(5)]


def test_ten_thousand_cuts_in_ten_thousand_spans_of_speech_are_spotted_in_seconds() -> None:
    step, many = Fraction(1800, 10_000), range(10_000)
    shots = tuple(ShotDescription(TimeRange(n * step, step), "", Look(), change=n % 7 / 7) for n in many)
    speech = tuple(TimeRange(n * step, step / 2) for n in many)
    began = process_time()
    assert len(spot(Description(Fraction(1800), "", shots, speech=speech), Fraction(1800), 0.5)) == 9999
    assert process_time() - began < 20  # of this process's own, however busy the machine is
