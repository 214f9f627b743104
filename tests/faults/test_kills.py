"""Daemons and workers that are killed."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from bench.faults import daemon_kills, worker_kills
from bench.table import Row

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills as Linux does them")

Facts = Callable[[Iterable[Row]], list[Row]]


def test_a_daemon_that_is_killed_again_and_again_loses_doubles_and_alters_nothing(tmp_path: Path, facts: Facts) -> None:
    facts(daemon_kills.rows(tmp_path, kills=8))


def test_a_worker_that_is_killed_fails_one_job_and_leaves_nothing(tmp_path: Path, facts: Facts) -> None:
    facts(worker_kills.rows(tmp_path, kills=5))
