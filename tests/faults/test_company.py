"""Many clients at once, some of them unwell."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from bench.faults import crowd, endurance, laggards
from bench.table import Row

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what a process holds, as Linux tells")

Facts = Callable[[Iterable[Row]], list[Row]]


def test_all_watchers_see_the_same_gapless_log(tmp_path: Path, facts: Facts) -> None:
    facts(crowd.rows(tmp_path, watchers=12, submitters=4, jobs_each=1))


def test_slow_and_dead_clients_hold_up_nobody_and_their_jobs_end(tmp_path: Path, facts: Facts) -> None:
    facts(laggards.rows(tmp_path, each=2, seconds=1.0))


def test_job_after_job_the_daemon_does_not_grow(tmp_path: Path, facts: Facts) -> None:
    facts(endurance.rows(tmp_path, jobs=40, warm=20))
