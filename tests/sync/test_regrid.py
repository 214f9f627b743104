"""The grid of an edited take: what both have in common does not move, and the length is exact."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique_daemon.domain.edit import Bars, Change
from sonique_daemon.domain.tempo import Hit, HitKind, MetHit, Section, TempoMap
from sonique_daemon.sync.regrid import calmed, kept_spans, regridded, relengthened

BEAT = 0.5
GRID = TempoMap(
    Fraction(40),
    tuple(-0.5 + BEAT * index for index in range(83)),
    tuple(range(1, 82, 4)),
    120.0,
    (Section(0, 8, 0.3), Section(8, 8, 0.7, 1), Section(16, 5, 0.5)),
    (
        MetHit(Hit(Fraction(4), HitKind.HARD, 1.0), 9.0),
        MetHit(Hit(Fraction(16), HitKind.TURN, 0.8), 33.0),
        MetHit(Hit(Fraction(33), HitKind.HARD, 0.9), 67.0),
    ),
)


def whole(grid: TempoMap) -> None:
    """Checks what every tempo map promises."""
    assert list(grid.beats) == sorted(set(grid.beats))
    assert grid.beats[-1] >= float(grid.duration)
    assert grid.beats[-2] < float(grid.duration) + 1e-9
    assert grid.sections[0].bar == 0
    for before, after in zip(grid.sections, grid.sections[1:], strict=False):
        assert before.bar + before.bars == after.bar
    assert grid.sections[-1].bar + grid.sections[-1].bars == len(grid.downbeats)
    assert all(section.bars >= 1 for section in grid.sections)


@given(st.fractions(2, 300))
def test_a_new_length_moves_no_beat_of_the_shared_time_and_keeps_its_hits(duration: Fraction) -> None:
    grid = relengthened(GRID, duration)
    whole(grid)
    assert grid.duration == duration
    shared = min(len(grid.beats), len(GRID.beats)) - 1
    assert grid.beats[:shared] == GRID.beats[:shared]
    assert grid.hits == tuple(met for met in GRID.hits if met.hit.time < duration)


def test_a_longer_cue_has_sections_of_its_own_after_the_old_ones() -> None:
    grid = relengthened(GRID, Fraction(80))
    assert grid.sections[:3] == GRID.sections
    assert [section.energy for section in grid.sections[3:]] == [0.3, 0.7]


def test_a_new_end_is_led_to_from_the_last_border_of_a_section() -> None:
    longer = Change(duration=Fraction(60))
    assert kept_spans(longer, GRID, regridded(longer, GRID)) == ((0, 32 * 48_000),)
    shorter = Change(duration=Fraction(30))
    assert kept_spans(shorter, GRID, regridded(shorter, GRID)) == ((0, 16 * 48_000),)
    tiny = Change(duration=Fraction(3))
    assert kept_spans(tiny, GRID, regridded(tiny, GRID)) == ()


def test_bars_that_are_named_stay_from_downbeat_to_downbeat() -> None:
    change = Change(keep=(Bars(0, 1), Bars(4, 7), Bars(6, 8), Bars(20, 20)), seed=2)
    assert regridded(change, GRID) == GRID
    seconds = [(start / 48_000, end / 48_000) for start, end in kept_spans(change, GRID, GRID)]
    assert seconds == [(0, 4), (8, 18), (40, 40)][:2]


@pytest.mark.parametrize(("start", "bar"), [(0.0, 0), (9.1, 5), (16.0, 8), (39.9, 20)])
def test_it_is_calmer_from_the_nearest_bar_on(start: float, bar: int) -> None:
    grid = calmed(GRID, start, 0.5)
    whole(grid)
    for section in grid.sections:
        before = next(old for old in GRID.sections if old.bar <= section.bar < old.bar + old.bars)
        assert section.energy == pytest.approx(before.energy * (0.5 if section.bar >= bar else 1.0))


def test_a_change_of_the_whole_keeps_nothing() -> None:
    assert kept_spans(Change(seed=4), GRID, GRID) == ()
