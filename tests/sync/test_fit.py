"""The fit keeps to its musical constraints, whatever is asked, and meets cuts far above chance."""

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sonique_daemon.domain.form import Metre
from sonique_daemon.domain.tags import Tempo
from sonique_daemon.domain.tempo import Hit, HitKind, TempoMap
from sonique_daemon.errors import InvalidBrief, InvalidRange
from sonique_daemon.sync.anchors import bend_limit
from sonique_daemon.sync.bars import ring_time
from sonique_daemon.sync.fit import TOLERANCE, fit
from sonique_daemon.sync.measure import measure

from bench.timelines import random_timelines

KINDS = st.sampled_from(HitKind)
TEMPI = st.tuples(st.floats(40, 200), st.floats(0.0, 0.4), st.floats(0.0, 0.4)).map(
    lambda t: Tempo(t[0], t[0] * (1 - t[1]), t[0] * (1 + t[2]))
)
HITS = st.lists(
    st.builds(Hit, st.integers(-24, 100 * 24).map(lambda n: Fraction(n, 24)), KINDS, st.floats(0, 1)), max_size=60
)
DURATIONS = st.integers(2 * 24, 100 * 24).map(lambda n: Fraction(n, 24))


def weighed(cuts: Sequence[Fraction], seed: int) -> list[Hit]:
    random = np.random.Generator(np.random.PCG64(seed))
    weights = random.uniform(0.5, 0.9, len(cuts))
    kinds = random.choice(list(HitKind), len(cuts), p=[0.15, 0.15, 0.7])
    return [Hit(cut, HitKind(kind), float(w)) for cut, kind, w in zip(cuts, kinds, weights, strict=True)]


def fitted(seed: int, strength: float, count: int = 12) -> list[TempoMap]:
    tempo = Tempo(100, 75, 125)
    timelines = enumerate(random_timelines(count, seed))
    return [fit(weighed(cuts, index), duration, tempo, strength) for index, (duration, cuts) in timelines]


def excess(tempo_map: TempoMap) -> float:
    hits = [(float(met.hit.time), met.hit.weight) for met in tempo_map.hits]
    return measure(tempo_map.beats, hits, float(tempo_map.duration)).excess


def met_weight(tempo_map: TempoMap) -> float:
    met = sum(hit.hit.weight for hit in tempo_map.hits if hit.beat is not None and hit.beat % 1 == 0)
    return met / sum(hit.hit.weight for hit in tempo_map.hits)


@settings(max_examples=120)
@given(
    hits=HITS,
    duration=DURATIONS,
    tempo=TEMPI,
    strength=st.floats(0, 1),
    metre=st.builds(Metre, st.sampled_from([2, 3, 4, 6]), st.sampled_from([2, 3])),
)
def test_every_map_keeps_to_the_musical_constraints(
    hits: list[Hit], duration: Fraction, tempo: Tempo, strength: float, metre: Metre
) -> None:
    fitted_map = fit(hits, duration, tempo, strength, metre=metre)
    assert_beats(fitted_map, tempo, strength)
    assert_bars(fitted_map, metre.beats)
    assert_sections(fitted_map)
    assert_hits(fitted_map, hits, metre.parts)


def assert_beats(fitted_map: TempoMap, tempo: Tempo, strength: float) -> None:
    beats = np.array(fitted_map.beats)
    assert beats.size >= 2
    assert beats[0] <= 0 < beats[-1]
    assert Fraction(fitted_map.beats[-1]) >= fitted_map.duration or math.isclose(beats[-1], fitted_map.duration)
    assert float(beats[-2]) < fitted_map.duration
    assert tempo.low * (1 - 1e-9) <= fitted_map.bpm <= tempo.high * (1 + 1e-9)
    bends = np.abs(np.log(np.diff(beats)[:-1] * fitted_map.bpm / 60))
    assert (np.diff(beats) > 0).all()
    assert bends.max(initial=0) <= bend_limit(strength) + 1e-3


def assert_bars(fitted_map: TempoMap, beats_per_bar: int) -> None:
    assert fitted_map.downbeats[0] == 0
    lengths = np.diff(fitted_map.downbeats)
    assert set(lengths.tolist()) <= {beats_per_bar, *range(max(2, beats_per_bar - 2), beats_per_bar + 2)}
    odd = lengths != beats_per_bar
    assert not (odd[:-1] & odd[1:]).any()
    strong = {met.beat for met in fitted_map.hits if met.hit.kind is not HitKind.PHRASE}
    assert all(fitted_map.downbeats[bar + 1] in strong for bar in np.flatnonzero(odd))
    last = fitted_map.beats[fitted_map.downbeats[-1]]
    assert last <= 0 or float(fitted_map.duration) - last >= ring_time(float(fitted_map.duration)) - 1e-6


def assert_sections(fitted_map: TempoMap) -> None:
    sections = fitted_map.sections
    starts = [section.bar for section in sections]
    assert starts[0] == 0
    assert starts[1:] == [section.bar + section.bars for section in sections[:-1]]
    assert sections[-1].bar + sections[-1].bars == len(fitted_map.downbeats)
    assert all(0 <= section.energy <= 1 for section in sections)
    if len(sections) > 1:
        edges = [max(0.0, fitted_map.beats[fitted_map.downbeats[bar]]) for bar in starts]
        assert min(section.bars for section in sections) >= 4
        assert np.diff([*edges, float(fitted_map.duration)]).min() >= 6.0 - 1e-6
    for section in sections:
        if section.hit is not None:
            assert fitted_map.hits[section.hit].beat == fitted_map.downbeats[section.bar]


def assert_hits(fitted_map: TempoMap, hits: list[Hit], parts: int) -> None:
    assert sorted(met.hit.time for met in fitted_map.hits) == sorted(hit.time for hit in hits)
    for met in fitted_map.hits:
        if met.beat is None:
            assert met.error == 0
        else:
            assert met.beat * parts == pytest.approx(round(met.beat * parts))
            assert abs(met.error) <= TOLERANCE
            assert fitted_map.time_at(met.beat) - float(met.hit.time) == pytest.approx(met.error, abs=1e-9)


def test_twelve_timelines_are_met_far_above_chance() -> None:
    assert np.mean([excess(tempo_map) for tempo_map in fitted(seed=7, strength=1.0)]) >= 0.55


def test_a_narrow_tempo_still_meets_most_cuts() -> None:
    tempo = Tempo(108, 100, 116)
    maps = [fit(weighed(cuts, 1), duration, tempo, 1.0) for duration, cuts in random_timelines(9, 3)]
    assert np.mean([excess(tempo_map) for tempo_map in maps]) >= 0.45


def test_more_strength_meets_more() -> None:
    shares = [np.mean([met_weight(m) for m in fitted(seed=11, strength=s)]) for s in (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0] + 0.4


def test_no_strength_means_one_tempo_that_heeds_no_cut() -> None:
    duration, cuts = random_timelines(1, 5)[0]
    hits = weighed(cuts, 2)
    deaf, empty = fit(hits, duration, Tempo(90, 80, 100), 0.0), fit([], duration, Tempo(90, 80, 100), 1.0)
    assert deaf.beats == empty.beats
    assert deaf.downbeats == empty.downbeats
    assert deaf.sections == empty.sections
    assert np.ptp(np.diff(deaf.beats[:-1])) < 1e-9
    assert len(deaf.hits) == len(hits)


@pytest.mark.parametrize("seconds", [16, 30, 61, 90, 125, 600])
def test_without_hits_the_cue_is_a_whole_number_of_bars(seconds: int) -> None:
    tempo_map = fit([], Fraction(seconds), Tempo(92, 70, 110), 0.5)
    bars = seconds * tempo_map.bpm / 60 / 4
    assert abs(tempo_map.bpm / 92 - 1) <= 0.02 + 1e-9
    assert seconds < 40 or bars == pytest.approx(round(bars), abs=1e-6)
    assert len(tempo_map.downbeats) >= round(bars) - 1


def test_the_cue_begins_on_a_downbeat_where_nothing_speaks_against_it() -> None:
    tempo_map = fit([Hit(Fraction(8), HitKind.HARD, 1.0)], Fraction(30), Tempo(120, 90, 150), 0.5)
    assert tempo_map.beats[0] == 0


@pytest.mark.parametrize("strength", [0.5, 0.7, 1.0])
def test_few_hard_hits_fall_on_downbeats(strength: float) -> None:
    hits = [Hit(Fraction(seconds), HitKind.HARD, 0.95) for seconds in (9, 20, 34, 47)]
    tempo_map = fit(hits, Fraction(60), Tempo(96, 80, 110), strength)
    assert all(met.beat in tempo_map.downbeats for met in tempo_map.hits)


def test_a_turn_begins_a_section() -> None:
    hits = [Hit(Fraction(22), HitKind.TURN, 0.9)]
    tempo_map = fit(hits, Fraction(60), Tempo(100, 85, 115), 0.5)
    assert [section.hit for section in tempo_map.sections if section.hit is not None] == [0]


def test_the_last_downbeat_prefers_a_late_hit() -> None:
    hits = [Hit(Fraction(577, 24), HitKind.HARD, 0.9)]
    tempo_map = fit(hits, Fraction(26), Tempo(100, 80, 120), 0.8)
    assert tempo_map.hits[0].beat == tempo_map.downbeats[-1]


def test_section_energy_follows_the_curve() -> None:
    curve = [0.1] * 50 + [0.9] * 50
    tempo_map = fit([], Fraction(80), Tempo(100, 90, 110), 0.5, curve)
    energies = [section.energy for section in tempo_map.sections]
    assert energies[0] == pytest.approx(0.1)
    assert energies[-1] == pytest.approx(0.9)
    step = next(s for s in tempo_map.sections if s.energy > 0.5)
    assert tempo_map.beats[tempo_map.downbeats[step.bar]] == pytest.approx(40, abs=2.5)


def test_cuts_faster_than_beats_find_eighths() -> None:
    hits = [Hit(Fraction(3 * n, 10), HitKind.PHRASE, 0.7) for n in range(1, 60)]
    tempo_map = fit(hits, Fraction(19), Tempo(100, 95, 105), 1.0)
    places = [met.beat for met in tempo_map.hits]
    assert sum(place is not None and place % 1 == 0.5 for place in places) >= 25
    assert sum(place is not None and place % 1 == 0 for place in places) >= 25


def test_where_beats_have_three_parts_cuts_between_them_find_thirds() -> None:
    hits = [Hit(Fraction(3 * n, 10), HitKind.PHRASE, 0.7) for n in range(1, 60)]
    tempo_map = fit(hits, Fraction(19), Tempo(66, 63, 70), 1.0, metre=Metre(2, 3))
    thirds = [round(met.beat * 3) % 3 for met in tempo_map.hits if met.beat is not None]
    assert [thirds.count(third) >= 15 for third in range(3)] == [True, True, True]


@pytest.mark.parametrize(("seconds", "count"), [(2, 0), (2, 5), (3, 40), (1800, 300), (90, 800)])
def test_extreme_lengths_and_counts_give_a_map(seconds: int, count: int) -> None:
    random = np.random.Generator(np.random.PCG64(count))
    frames = random.integers(1, seconds * 24, count)
    hits = [Hit(Fraction(int(frame), 24), HitKind.PHRASE, 0.6) for frame in frames]
    tempo = Tempo(100, 75, 125)
    tempo_map = fit(hits, Fraction(seconds), tempo, 1.0)
    assert_beats(tempo_map, tempo, 1.0)
    assert_bars(tempo_map, 4)
    assert_sections(tempo_map)


def test_the_same_request_gives_the_same_map_in_any_order() -> None:
    duration, cuts = random_timelines(2, 1)[1]
    hits = weighed(cuts, 4)
    first = fit(hits, duration, Tempo(100, 75, 125), 0.8, seed=3)
    assert fit(hits[::-1], duration, Tempo(100, 75, 125), 0.8, seed=3) == first


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(InvalidRange, match="longer than 0"):
        fit([], Fraction(0), Tempo(100, 75, 125), 0.5)


@pytest.mark.parametrize(
    "tempo", [Tempo(100, 110, 120), Tempo(0, 0, 0), Tempo(100, 90, math.inf), Tempo(math.nan, 1, 2)]
)
def test_a_tempo_outside_its_bounds_is_refused(tempo: Tempo) -> None:
    with pytest.raises(InvalidBrief, match="bounds"):
        fit([], Fraction(10), tempo, 0.5)
