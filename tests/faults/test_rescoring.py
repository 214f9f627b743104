"""What is done again when one thing changes, and what an event costs."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from bench.faults import cancelling, overhead, rescoring
from bench.table import Row

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what a process holds, as Linux tells")

Facts = Callable[[Iterable[Row]], list[Row]]


def test_only_what_a_change_touches_is_computed_again(tmp_path: Path, facts: Facts) -> None:
    facts(rescoring.rows(tmp_path, clips=6, seconds=12, runs=1))


def test_a_cancelled_job_ends_as_cancelled_and_its_memory_comes_back(tmp_path: Path, facts: Facts) -> None:
    facts(cancelling.rows(tmp_path, times=1, seconds=10))


def test_what_is_measured_of_events_and_streams_is_all_there(tmp_path: Path) -> None:
    events, stream = overhead.rows(tmp_path, shots=60, cue_seconds=4)
    assert events.figure.endswith("ms")
    assert stream.figure.endswith("MB/s")
