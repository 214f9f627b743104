"""The promises, as a model that a daemon is driven against."""

import sys
from pathlib import Path

import pytest

from bench.faults import promises

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills as Linux does them")


def test_whatever_clients_do_and_however_the_daemon_ends_the_promises_hold(tmp_path: Path) -> None:
    promises.drive(tmp_path, examples=3, steps=14)
