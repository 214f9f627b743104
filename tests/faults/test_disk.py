"""A disk that is full."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from bench.faults import disk
from bench.table import Row

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a small disk is mounted as Linux does it")

Facts = Callable[[Iterable[Row]], list[Row]]


def test_a_full_disk_is_told_in_words_and_when_there_is_room_again_all_goes_on(tmp_path: Path, facts: Facts) -> None:
    reason = disk.reason_not_to()
    if reason:
        pytest.skip(reason)
    facts(disk.rows(tmp_path, times=2))
