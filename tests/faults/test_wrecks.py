"""Media that is damaged."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from bench.faults import wrecks
from bench.table import Row

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watches and traces of Linux")

Facts = Callable[[Iterable[Row]], list[Row]]


def test_damaged_media_is_seen_as_far_as_it_goes_or_refused_and_nothing_else_is_read(
    tmp_path: Path, facts: Facts
) -> None:
    facts(wrecks.rows(tmp_path, count=24, lures=False, unfolding=False))
