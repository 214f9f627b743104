"""How far a rendering may be bent to meet the cuts."""

from fractions import Fraction

from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.sync.align import LONGEST_STRETCHED, manners


def grid(seconds: int) -> TempoMap:
    bars = seconds // 2
    return TempoMap(
        Fraction(seconds),
        tuple(index / 2 for index in range(2 * seconds + 1)),
        tuple(range(0, 4 * bars, 4)),
        120.0,
        (Section(0, bars, 0.5),),
    )


def test_a_cue_is_shifted_first_then_stretched_at_sections_then_at_bars() -> None:
    assert [borders is None for borders in manners(grid(60), 60.0)] == [True, False, False]


def test_a_cue_that_would_not_fit_into_memory_is_only_shifted() -> None:
    assert len(manners(grid(900), LONGEST_STRETCHED)) == 3
    assert manners(grid(1800), 1800.0) == (None,)
