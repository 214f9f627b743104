import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.registry import embedded
from sonique_daemon.jobs.estimate import EngineVersion, Estimates, Line, resolving
from sonique_daemon.jobs.store.values import MeasuredRun

SIGNAL = EngineVersion("signal", "1")
points = st.lists(st.tuples(st.integers(0, 2000).map(float), st.floats(0.0, 500.0)), min_size=1, max_size=30)


def measured(length: float, seconds: float, engine: EngineVersion = SIGNAL) -> MeasuredRun:
    return MeasuredRun(Stage.DESCRIBE, engine.name, engine.version, length, seconds)


def test_nothing_is_foretold_of_an_engine_that_never_ran() -> None:
    estimates = Estimates([measured(10.0, 5.0)])
    assert estimates.seconds(Stage.DESCRIBE, EngineVersion("vlm", "1"), 10.0) is None
    assert estimates.seconds(Stage.DESCRIBE, EngineVersion("signal", "2"), 10.0) is None
    assert estimates.seconds(Stage.TAG, SIGNAL, 10.0) is None


def test_nothing_is_foretold_of_a_length_that_nobody_knows() -> None:
    assert Estimates([measured(10.0, 5.0)]).seconds(Stage.DESCRIBE, SIGNAL, None) is None


def test_one_run_says_that_twice_the_length_takes_twice_as_long() -> None:
    assert Estimates([measured(10.0, 5.0)]).seconds(Stage.DESCRIBE, SIGNAL, 20.0) == 10.0


def test_runs_of_no_length_say_how_long_it_always_takes() -> None:
    assert Estimates([measured(0.0, 4.0), measured(0.0, 6.0)]).seconds(Stage.DESCRIBE, SIGNAL, 0.0) == 5.0


def test_a_fixed_part_and_a_part_by_length_are_told_apart() -> None:
    estimates = Estimates([measured(length, 3.0 + 0.25 * length) for length in (10.0, 20.0, 60.0)])
    assert estimates.seconds(Stage.DESCRIBE, SIGNAL, 100.0) == pytest.approx(28.0)


def test_what_was_noted_later_counts_too() -> None:
    estimates = Estimates([measured(10.0, 5.0)])
    assert estimates.seconds(Stage.DESCRIBE, SIGNAL, 10.0) == 5.0
    estimates.note(measured(10.0, 9.0))
    assert estimates.seconds(Stage.DESCRIBE, SIGNAL, 10.0) == 7.0


def test_only_the_latest_runs_count() -> None:
    old, new = [measured(10.0, 100.0)] * 50, [measured(10.0, 5.0)] * 200
    assert Estimates([*old, *new]).seconds(Stage.DESCRIBE, SIGNAL, 10.0) == pytest.approx(5.0)


@given(points)
def test_no_line_foretells_a_negative_time_and_none_with_such_parts_fits_better(
    runs: list[tuple[float, float]],
) -> None:
    line = Line.through(runs)
    assert line.fixed >= 0.0
    assert line.slope >= 0.0
    best = line.misses(runs)
    for fixed in (0.0, 0.9 * line.fixed, 1.1 * line.fixed + 0.01):
        for slope in (0.0, 0.9 * line.slope, 1.1 * line.slope + 0.0001):
            assert best <= Line(fixed, slope).misses(runs) * (1 + 1e-6) + 1e-6


def test_engines_are_known_by_the_names_that_requests_give_them() -> None:
    resolve = resolving(embedded().descriptor)
    assert resolve(Stage.DESCRIBE, "") == resolve(Stage.DESCRIBE, "signal")
    assert resolve(Stage.DESCRIBE, "").version
    assert resolve(Stage.FIT, "") == EngineVersion("", "")
    assert resolve(Stage.TAG, "nobody") == EngineVersion("nobody", "")
