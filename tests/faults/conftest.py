"""Short versions of what ``python -m bench.faults`` measures: the same code, and what holds on a busy machine too."""

from collections.abc import Callable, Iterable

import pytest

from bench.table import Row

Facts = Callable[[Iterable[Row]], list[Row]]


@pytest.fixture(scope="session")
def facts() -> Facts:
    """Runs what measures, and gives the rows that are no times and sizes; none of them may be missed."""

    def run(rows: Iterable[Row]) -> list[Row]:
        found = [row for row in rows if not any(sign in row.wanted for sign in "≤≥")]
        missed = [f"{row.what}: {row.figure}, wanted {row.wanted}; {row.beside}" for row in found if not row.met]
        assert missed == []
        assert found
        return found

    return run
